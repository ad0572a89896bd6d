"""What happens on the Interpolate tab: plain functions from inputs to what is shown."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from demo.service.examples import Example
from demo.service.frames import Guide, Settings
from demo.service.models import Models
from demo.service.sources import Source, guide_of, read_pixels
from demo.service.walk import points
from demo.service.walk.exports import walk_recipe, walk_shapes, write_walk
from demo.service.walk.lattice import MODES, Lattice
from demo.service.walk.log import WalkLog, walk
from demo.service.walk.pairs import Pair, load_pair
from demo.service.walk.report import report_value, summary_of
from demo.service.zero_gpu import result_folder
from demo.strings import interpolate as words
from demo.tabs.interpolate.outputs import WalkOutputs, turned
from demo.widgets.cards import estimate_line, how, left_line
from demo.widgets.downloads import command_of, no_downloads
from demo.widgets.inputs import error_of, errors_told, is_whole, settings_of, stem_of
from demo.widgets.links import open_link
from demo.widgets.recipe_card import recipe_value
from diffusion.presets import PRESETS

TAB_ID = "interpolate"
FRAMES = (17, 33)  # that the page offers for a path
SIDES = (3, 5, 7)  # and for a grid
MIN_FRAMES, MAX_FRAMES = 2, 65
SECONDS_BETWEEN_UPDATES = 0.6  # each sends all frames so far and has the browser draw them


class WalkHandlers:
    """The events of the tab."""

    def __init__(self, service: Models, examples: list[Example], pairs: list[Pair]):
        self.service = service
        self.examples = examples
        self.pairs = pairs

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
            frames=len(_lattice(kind, frames, side)),
        )

    def run(
        self,
        box: dict,
        kind: str,
        frames: int,
        side: int,
        mode: str,
        preset: str,
        seed: float | None,
    ) -> Iterator[WalkOutputs]:
        """Stream one walk."""
        settings = settings_of(preset, seed)
        lattice = _lattice(kind, frames, side)
        with errors_told():
            ends = points.chosen(box, len(lattice.ends))
        title = (words.TITLE if kind == "path" else words.TITLE_GRID).join(n for _, n in ends)
        leaving = no_downloads()
        started, sent = time.monotonic(), -math.inf
        sources = [source for source, _ in ends]
        for log in self._walk(sources, lattice, mode, settings):
            now = time.monotonic()
            if log.is_complete:
                break
            if now - sent < SECONDS_BETWEEN_UPDATES:  # the first frame is shown at once
                continue
            left = left_line(now - started, log.num_done, len(lattice))
            note = words.RUNNING.format(done=log.num_done, frames=len(lattice))
            yield _shown(log, note, "running", left)._replace(**leaving)
            leaving = {}
            sent = time.monotonic()
        note = _note(words.DONE, title, mode, settings)
        yield from self._finished(log, sources, mode, settings, title, note)

    def open_link(self, text: str, box: dict) -> WalkOutputs:
        """Restore everything from a link except the shapes, which `run` makes."""
        self.service.wait()
        recipe = open_link(text, "walk", self.service.fingerprint)
        kind = "path" if len(recipe.sources) == 2 else "grid"
        preset, count = recipe.settings.name, recipe.options.get("frames")
        mode = recipe.options.get("mode")
        offered = FRAMES if kind == "path" else SIDES
        if preset is None or count not in offered or mode not in MODES:
            raise error_of(words.OTHER_SETTINGS)
        ends = [self._point(source) for source in recipe.sources]
        box = {**box, "points": [*ends, None, None][:4]}
        size = {"frames" if kind == "path" else "side": gr.Radio(value=count, visible=True)}
        return WalkOutputs(
            **turned(kind, box) | size,
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

    def _finished(
        self,
        log: WalkLog,
        ends: Sequence[Source],
        mode: str,
        settings: Settings,
        title: str,
        note: str,
    ) -> Iterator[WalkOutputs]:
        """Show a complete walk, then its recipe card and archive, which take a moment to make."""
        yield _shown(log, note, "done")._replace(**no_downloads())
        recipe = walk_recipe(log, ends, mode, settings, self.service.fingerprint or "")
        stem = stem_of(Path(title))
        line = command_of(self.service, recipe, stem)
        with result_folder() as folder:
            file = write_walk(log, recipe, folder, stem, line)
            yield WalkOutputs(
                recipe=recipe_value(recipe, walk_shapes(log), line),
                downloads=gr.DownloadButton(value=str(file), interactive=True),
            )

    def show_pair(self, box: dict, event: gr.SelectData) -> Iterator[WalkOutputs]:
        """Open an example: its end points and settings, and its walk where it is precomputed."""
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
            results = self._finished(found.log, pair.ends, pair.mode, settings, pair.label, note)
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

    def api(
        self,
        image_a: str | None,
        image_b: str | None,
        frames: float,
        mode: str,
        seed: float | None,
        preset: str,
    ) -> Iterator[tuple[dict[str, Any], str]]:
        """Answer the `interpolate` endpoint: a summary and the grids as a file."""
        if image_a is None or image_b is None:
            raise error_of(words.NO_IMAGES)
        if not is_whole(frames, MIN_FRAMES, MAX_FRAMES):
            raise error_of(words.BAD_FRAMES.format(least=MIN_FRAMES, most=MAX_FRAMES))
        settings, started = settings_of(preset, seed), time.monotonic()
        lattice = Lattice(1, int(frames))
        with errors_told():
            guides = [self.service.image_guide(image) for image in (image_a, image_b)]
        *_, log = self._walk(guides, lattice, mode, settings)
        summary = {
            "spaces": list(log.frames),
            "resolution": len(next(iter(log.frames.values()))[0]),
            "frames": len(lattice),
            "mode": mode,
            **asdict(settings),
            "seconds": round(time.monotonic() - started, 3),
            **summary_of(log),
        }
        with result_folder() as folder:
            names = "-to-".join(stem_of(Path(image)) for image in (image_a, image_b))
            file = folder / f"{names}-seed{settings.seed}.npz"
            np.savez_compressed(
                file,
                spaces=np.array(list(log.frames)),
                positions=np.linspace(0, 1, len(lattice)),
                occupancy=np.array(list(log.frames.values())),
                mode=mode,
                **asdict(settings),
            )
            yield summary, str(file)

    def _walk(
        self, ends: Sequence[Source | Guide], lattice: Lattice, mode: str, settings: Settings
    ) -> Iterator[WalkLog]:
        if mode not in MODES:
            raise error_of(words.BAD_MODE.format(modes=", ".join(MODES)))
        with errors_told():
            guides = [
                end if isinstance(end, Guide) else guide_of(end, self.service, self.examples)
                for end in ends
            ]
            yield from walk(self.service, guides, lattice, mode, settings)


def _shown(log: WalkLog, note: str, state: str, left: str = "") -> WalkOutputs:
    return WalkOutputs(
        viewer=log.viewer_value(state, note, left), curves=report_value(log), pad=log.pad_value()
    )


def _lattice(kind: str, frames: int, side: int) -> Lattice:
    return Lattice(1, int(frames)) if kind == "path" else Lattice(int(side), int(side))


def _note(text: str, title: str, mode: str, settings: Settings) -> str:
    return text.format(
        title=title,
        mode=mode,
        seed=settings.seed,
        how=how(settings),
    )
