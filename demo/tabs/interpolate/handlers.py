"""What happens on the Interpolate tab: plain functions from inputs to what is shown."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from demo.service.examples import Example
from demo.service.frames import Settings
from demo.service.models import Models
from demo.service.sources import Source, guide_of, read_pixels
from demo.service.walk import points
from demo.service.walk.exports import lattice_of, walk_recipe, walk_shapes, write_walk
from demo.service.walk.lattice import MODES, Lattice
from demo.service.walk.log import WalkLog, begin, refine
from demo.service.walk.pairs import Pair, load_pair
from demo.service.walk.report import report_value
from demo.service.walk.trace import FEWEST, Trace, read_places, thinned
from demo.service.zero_gpu import result_folder
from demo.strings import interpolate as words
from demo.tabs.interpolate.outputs import WalkOutputs, turned
from demo.tabs.interpolate.square import SquareHandlers
from demo.tabs.interpolate.walking import Walk, Walking
from demo.widgets.cards import estimate_line, how, left_line
from demo.widgets.downloads import command_of, no_downloads
from demo.widgets.inputs import error_of, errors_told, is_whole, read_json, settings_of, stem_of
from demo.widgets.links import open_link
from demo.widgets.recipe_card import recipe_value
from diffusion.presets import PRESETS

TAB_ID = "interpolate"
FRAMES = (17, 33)  # that the page offers for a path
SIDES = (3, 5, 7)  # and for a grid
SECONDS_BETWEEN_UPDATES = 0.6  # each sends all frames so far and has the browser draw them


class WalkHandlers:
    """The events of the tab."""

    def __init__(self, service: Models, examples: list[Example], pairs: list[Pair]):
        self.service = service
        self.examples = examples
        self.pairs = pairs
        self.square = SquareHandlers(service, examples)

    def show_kinds(self) -> gr.Radio:
        """Offer the square where the models guess."""
        return gr.Radio(choices=words.KINDS + [words.ROAM] * self.service.guesses)

    def show_shelves(self) -> gr.Dropdown:
        """List the shelves; the gallery's come with the models."""
        return gr.Dropdown(choices=points.shelves(self.service.gallery))

    def show_shelf(self, name: str | None) -> dict[str, Any]:
        """Show the items of a shelf; shapes of the gallery are resampled at each call."""
        draw = np.random.default_rng()
        return points.shelf(name or points.EXAMPLES, self.examples, self.service.gallery, draw)

    def take(self, box: dict, shelf: dict, event: gr.SelectData) -> dict[str, Any]:
        """Choose the clicked item of the shelf for the active end point."""
        return points.put(box, shelf["points"][event.index])

    def see_upload(self, box: dict, path: str | None) -> WalkOutputs:
        """Preprocess an uploaded picture for `take_upload`; empties its box."""
        if path is None:
            return WalkOutputs(taken=None, upload=None)
        with errors_told():
            pixels = self.service.image_guide(path).pixels
        point = points.upload_point(pixels, Path(path).stem[:40])
        return WalkOutputs(taken={"point": point, "active": box["active"]}, upload=None)

    def take_upload(self, box: dict, seen: dict[str, Any] | None) -> dict[str, Any]:
        """Choose it for the end point that was active at the upload; others may have changed."""
        return box if seen is None else points.put({**box, "active": seen["active"]}, seen["point"])

    def activate(self, box: dict, event: gr.SelectData) -> dict[str, Any]:
        """Make another end point active."""
        return {**box, "active": event.index}

    def swap(self, box: dict) -> dict[str, Any]:
        """Exchange A and B."""
        a, b, *rest = box["points"]
        return {**box, "points": [b, a, *rest]}

    def choose_kind(self, kind: str, box: dict) -> WalkOutputs:
        """Switch between a path and a grid."""
        return WalkOutputs(**turned(kind, box))

    def say_estimate(self, kind: str, frames: int, side: int, preset: str) -> str:
        """Say how long such a walk takes here, as measured."""
        quality = PRESETS[preset]
        return estimate_line(
            self.service,
            words.ESTIMATE,
            quality.num_steps,
            quality.guidance_scale,
            frames=int(side) ** 2 if kind == "grid" else int(frames),
        )

    def begin(
        self,
        box: dict,
        kind: str,
        frames: int,
        side: int,
        mode: str,
        preset: str,
        seed: float | None,
        place: Any,
        trace: str,
        walking: Walking,
    ) -> WalkOutputs:
        """Begin a walk for `run`; where the models guess, all its frames are guessed at once.

        `place` is the frame on show, `trace` the places of a hand in the square, as JSON, and
        `walking` what this visitor's page walked before.
        """
        settings = settings_of(preset, seed)
        if mode not in MODES:
            raise error_of(words.BAD_MODE.format(modes=", ".join(MODES)))
        with errors_told():
            lattice = _lattice(kind, frames, side, trace)
            ends = points.chosen(box, 2 if kind == "path" else 4)
            sources = [source for source, _ in ends]
            guides = [guide_of(source, self.service, self.examples) for source in sources]
            log = begin(self.service, guides, lattice, mode)
        title = (words.TITLE if kind == "path" else words.TITLE_GRID).join(n for _, n in ends)
        walking.run = log.run
        walking.place = int(place) if is_whole(place, 0, len(lattice) - 1) else 0
        shown = WalkOutputs(walk=Walk(log, sources, mode, settings, title))
        if not any(log.guessed):
            return shown
        return shown._replace(**_shown(log, _progress(log), "running"), **no_downloads())

    def follow(self, box: dict, kind: str, *settings: Any) -> WalkOutputs:
        """Begin a walk, or open the square, as soon as its end points are chosen.

        Only where it can be guessed at once.
        """
        if kind == "square":
            return self.open_square(box, kind, settings[2], settings[-1])
        count = 2 if kind == "path" else 4
        if not self.service.guesses or None in box["points"][:count]:
            return WalkOutputs()
        return self.begin(box, kind, *settings)

    def open_square(self, box: dict, kind: str, mode: str, walking: Walking) -> WalkOutputs:
        """Open the square between four end points, or close it where another kind is walked."""
        if kind != "square":
            return WalkOutputs(square={})
        walking.run = ""
        opened = self.square.open(box, mode)
        return WalkOutputs(square=opened, curves={}, pad={}, **no_downloads())

    def look(self, walking: Walking, event: gr.SelectData) -> None:
        """Note that the visitor looks at a frame that is still a guess: it is refined next."""
        walking.place = int(event.index)

    def run(self, walk: Walk | None, walking: Walking) -> Iterator[WalkOutputs]:
        """Stream the frames of a walk that `begin` began, until another one is begun."""
        if walk is None or walking.run != walk.log.run or walk.log.num_done:  # asked for twice
            yield WalkOutputs()
            return
        leaving = {} if any(walk.log.guessed) else no_downloads()
        started, sent = time.monotonic(), -math.inf
        with errors_told():
            for log in refine(self.service, walk.log, walk.settings, lambda: walking.place):
                if walking.run != log.run:
                    yield WalkOutputs()
                    return
                now = time.monotonic()
                if log.is_complete:
                    break
                if now - sent < SECONDS_BETWEEN_UPDATES:  # the first frame is shown at once
                    continue
                left = left_line(now - started, log.num_done, len(log.lattice))
                yield WalkOutputs(**_shown(log, _progress(log), "running", left), **leaving)
                leaving = {}
                sent = time.monotonic()
        note = _note(words.DONE, walk.title, walk.mode, walk.settings)
        yield from self._finished(walk, note)

    def open_link(self, text: str, box: dict) -> WalkOutputs:
        """Restore everything from a link except the shapes, which `run` makes."""
        self.service.wait()
        recipe = open_link(text, "walk", self.service.fingerprint)
        preset = recipe.settings.name
        with errors_told():
            lattice, mode = lattice_of(recipe)
        kind = "path" if len(recipe.sources) == 2 else "grid"
        kind, count = "square" if isinstance(lattice, Trace) else kind, lattice.columns
        offered = {"path": FRAMES, "grid": SIDES, "square": range(FEWEST, FRAMES[-1] + 1)}[kind]
        if preset is None or count not in offered:
            raise error_of(words.OTHER_SETTINGS)
        if kind == "square" and not self.service.guesses:
            raise error_of(words.NO_SQUARE)
        ends = [self._point(source) for source in recipe.sources]
        box = {**box, "points": [*ends, None, None][:4]}
        turn = turned(kind, box)
        if kind == "square":
            count = min(frames for frames in FRAMES if frames >= count)
            trace = [list(place) for place in lattice.places]
            turn["square"] = {**self.square.open(box, mode), "trace": trace}
            turn["trace"] = json.dumps(trace)
        size = "side" if kind == "grid" else "frames"
        turn[size] = gr.Radio(value=count, visible=True)
        return WalkOutputs(
            **turn,
            kind=kind,
            mode=mode,
            preset=preset,
            seed=recipe.settings.seed,
            tabs=gr.Tabs(selected=TAB_ID),
        )

    def _point(self, source: Source) -> points.Point:
        if source.kind == "pixels":
            with errors_told():
                return points.upload_point(read_pixels(source.value), words.FROM_LINK)
        point = points.point_of(source, self.examples, self.service.gallery)
        if point is None:
            raise error_of(words.OTHER_SETTINGS)
        return point

    def _finished(self, walk: Walk, note: str) -> Iterator[WalkOutputs]:
        """Show a complete walk, then its recipe card and archive, which take a moment to make."""
        log = walk.log
        yield WalkOutputs(**_shown(log, note, "done"), **no_downloads())
        weights = self.service.fingerprint or ""
        recipe = walk_recipe(log, walk.ends, walk.mode, walk.settings, weights)
        stem = stem_of(Path(walk.title))
        line = command_of(self.service, recipe, stem)
        with result_folder() as folder:
            file = write_walk(log, recipe, folder, stem, line)
            yield WalkOutputs(
                recipe=recipe_value(recipe, walk_shapes(log), line),
                downloads=gr.DownloadButton(value=str(file), interactive=True),
            )

    def show_pair(self, box: dict, walking: Walking, event: gr.SelectData) -> Iterator[WalkOutputs]:
        """Open an example: its end points and settings, and its walk where it is precomputed."""
        walking.run = ""
        pair = self.pairs[event.index]
        found = load_pair(pair, self.service.fingerprint, self.examples)
        if found is None:
            gallery = self.service.gallery
            ends = [points.point_of(end, self.examples, gallery) for end in pair.ends]
            made = {}
            nothing = {"viewer": {"state": "empty"}, "curves": {}, "pad": {}}
            results = iter([WalkOutputs(**nothing, **no_downloads())])
        else:
            ends, settings = found.points, found.settings
            made = {"preset": settings.name, "seed": settings.seed}
            note = _note(words.PRECOMPUTED, pair.label, pair.mode, settings)
            finished = Walk(found.log, pair.ends, pair.mode, settings, pair.label)
            results = self._finished(finished, note)
        chosen = {
            **turned("path", {**box, "points": [*ends, *box["points"][2:]]}),
            "kind": "path",
            "frames": gr.Radio(value=pair.num_frames, visible=True),
            "mode": pair.mode,
            **made,
        }
        for result in results:
            yield result._replace(**chosen)
            chosen = {}


def _shown(log: WalkLog, note: str, state: str, left: str = "") -> dict[str, Any]:
    return {
        "viewer": log.viewer_value(state, note, left),
        "curves": report_value(log),
        "pad": log.pad_value(),
    }


def _progress(log: WalkLog) -> str:
    text = words.REFINING if any(log.guessed) else words.RUNNING
    return text.format(done=log.num_done, frames=len(log.lattice))


def _lattice(kind: str, frames: int, side: int, trace: str) -> Lattice:
    if kind == "square":
        return Trace.of(thinned(read_places(read_json(trace)), int(frames)))
    return Lattice(1, int(frames)) if kind == "path" else Lattice(int(side), int(side))


def _note(text: str, title: str, mode: str, settings: Settings) -> str:
    return text.format(
        title=title,
        mode=mode,
        seed=settings.seed,
        how=how(settings),
    )
