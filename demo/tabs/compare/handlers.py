"""What happens on the Compare tab: plain functions from inputs to what is shown.

They use a service (any object with the methods of `Models`), never a model directly.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from cisp.boxes import Box
from cisp.naming import AUTOMATIC
from demo import strings
from demo.service.examples import Example, load_result
from demo.service.exports import Meshes, write_files
from demo.service.frames import Frame, Settings
from demo.service.models import Models
from demo.service.sources import Source, guide_of, pixels_source
from demo.service.zero_gpu import result_folder
from demo.strings import compare as words
from demo.strings.recipes import told_in_words, why_missing
from demo.tabs.compare.neighbours import find_neighbours, neighbours_value
from demo.tabs.compare.outputs import NO_SHAPES, CompareOutputs
from demo.tabs.compare.part import Corner, corner_of, half_box, no_box, whole_box
from demo.widgets.cards import cutout_card, estimate_line, left_line, note_fields, say_seconds
from demo.widgets.downloads import Downloads, cutting, no_downloads
from demo.widgets.inputs import (
    SECONDS_BETWEEN_UPDATES,
    box_of,
    count_of,
    custom_settings,
    error_of,
    errors_told,
    settings_of,
    stem_of,
    way_of,
)
from demo.widgets.links import open_link, settings_values
from demo.widgets.viewer.viewer import FrameLog
from diffusion.grids.frame import iou
from diffusion.presets import PRESETS


class CompareHandlers:
    """The events of the tab."""

    def __init__(self, service: Models, examples: list[Example]):
        self.service = service
        self.examples = examples
        self.downloads = Downloads(service)

    def say_estimate(self, num_steps: float, guidance_scale: float, samples: float = 1) -> str:
        """Say how long these settings take here, as measured."""
        if None in (num_steps, guidance_scale, samples):  # a box that is being typed in
            return gr.skip()
        text = strings.ESTIMATE if samples == 1 else words.ESTIMATE_SAMPLES
        return estimate_line(
            self.service, text, int(num_steps), float(guidance_scale), samples=int(samples)
        )

    def show_strength(self) -> dict[str, Any]:
        """Show the control of the strength where every column's model starts from a guess."""
        return gr.update(visible=self.service.guesses)

    def show_cutout(
        self, path: str | None, cut_out: str = AUTOMATIC, box: Box | None = None
    ) -> str:
        """Show what the towers would be given, or an error in one sentence."""
        if path is None:
            return cutout_card(None, strings.CUTOUT_EMPTY)
        try:
            return cutout_card(self.service.image_guide(path, cut_out, box).pixels)
        except ValueError as error:
            return cutout_card(None, str(error), is_error=True)

    def show_upload(self, path: str | None) -> CompareOutputs:
        """Clear example, link and result: there is another image."""
        card = self.show_cutout(path)
        new = {"example": None, "linked": None, "cut_out": AUTOMATIC, **no_box()}
        return CompareOutputs(**new, card=card, **NO_SHAPES, **no_downloads())

    def choose_way(self, path: str | None, cut_out: str, box: str = "") -> CompareOutputs:
        """Cut the image, or its part, out in another way, and clear the result."""
        if path is None:  # a link's picture is cut out already
            return CompareOutputs(cut_out=AUTOMATIC, **no_box(), **NO_SHAPES, **no_downloads())
        card = self.show_cutout(path, way_of(cut_out), box_of(box))
        return CompareOutputs(card=card, **NO_SHAPES, **no_downloads())

    def choose_all(self, path: str | None, cut_out: str) -> CompareOutputs:
        """Take all of the image again."""
        return self.choose_way(path, cut_out)._replace(**no_box())

    def choose_corner(
        self, path: str | None, corner: Corner | None, event: gr.SelectData
    ) -> CompareOutputs:
        """Take a click on the image as a corner of a box; the second one makes it."""
        if path is None:
            return CompareOutputs()
        with errors_told():
            here = corner_of(event.index, self.service.picture_size(path))
        if corner is None:
            return CompareOutputs(**half_box(here))
        return CompareOutputs(**whole_box(corner, here), boxed=time.monotonic())

    def choose_quality(self, name: str) -> CompareOutputs:
        """Set the controls to a named quality."""
        preset = PRESETS[name]
        return CompareOutputs(
            steps=preset.num_steps,
            guidance=preset.guidance_scale,
            strength=preset.strength,
            sampler=preset.sampler,
        )

    def show_example(self, event: gr.SelectData) -> Iterator[CompareOutputs]:
        """Put an example's image in the box, and its result in the viewer where there is one."""
        example = self.examples[event.index]
        # Set in every update: gr.Image loses a skipped value.
        chosen = CompareOutputs(
            image=str(example.image),
            example=event.index,
            linked=None,
            cut_out=AUTOMATIC,
            **no_box(),
        )
        frames = load_result(example, self.service.fingerprint)
        if not frames:
            card = self.show_cutout(str(example.image))
            yield chosen._replace(card=card, **NO_SHAPES, **no_downloads())
            return
        last = frames[-1]
        log = _log_of(last, example.truth(), len(next(iter(last.samples.values()))))
        for frame in frames:
            log.add(frame.occupancy)
        log.add_samples(last.samples)
        near: dict[str, Any] = {}  # unknown while the models are loading
        if self.service.wait(0).state != "loading":
            found = find_neighbours(self.service.gallery, last.guide.embeds)
            near = neighbours_value(self.service.gallery, found, last.occupancy)
        note = strings.PRECOMPUTED.format(**note_fields(last))
        yield chosen._replace(
            card=cutout_card(last.guide.pixels),
            viewer=log.value("done", note, seconds=say_seconds(last.seconds)),
            neighbours=near,
            **no_downloads(),  # shown at once: files take a moment
        )
        source = Source("example", example.image.name)
        with result_folder() as folder:
            made = self.downloads.of(last, source, folder, example.image.name)
            yield chosen._replace(**made)

    def run(
        self,
        path: str | None,
        example: int | None,
        linked: Source | None,
        seed: float | None,
        num_steps: float,
        guidance_scale: float,
        strength: float,
        sampler: str,
        samples: float = 1,
        cut_out: str = AUTOMATIC,
        box: str = "",
    ) -> Iterator[CompareOutputs]:
        """Stream one comparison.

        The steps of the first sample are sent as they come, then each further sample. Whatever is
        finished can be downloaded at once, so that a visitor who stops keeps it. Without an image,
        `linked` is the source from a link.
        """
        settings = custom_settings(seed, sampler, num_steps, guidance_scale, strength)
        count = count_of(samples)
        way = way_of(cut_out if path else AUTOMATIC)  # a link's picture is cut out already
        part = box_of(box if path else "")
        truth, name = None, Path(path or "").name
        # An upload may arrive before the page has cleared the example that it replaces.
        if self._is_example(example, name):
            truth = self.examples[example].truth()
            linked, name = Source("example", name), f"assets/examples/{name}"
            if way != AUTOMATIC or part is not None:
                linked = None  # its pixels, since an example is cut out automatically
        elif path is not None:
            linked = None
        started = sent = time.monotonic()
        last_step, num_kept, meshes = -1, 0, Meshes()
        with result_folder() as folder:
            for frame in self._compare(path, linked, settings, truth, count, way, part):
                finished = len(next(iter(frame.samples.values()), ()))
                if frame.step == 0:
                    log = _log_of(frame, truth, count)
                    found = find_neighbours(self.service.gallery, frame.guide.embeds)
                    source = linked or pixels_source(frame.guide.pixels)
                    mute = [one for one in self.service.spaces if one not in frame.occupancy]
                    missing = {space: why_missing(source.kind, space) for space in mute}
                if frame.step > last_step:
                    log.add(frame.occupancy)
                    last_step = frame.step
                log.add_samples(frame.samples)
                now = time.monotonic()
                if frame.step > 1 and not finished and now - sent < SECONDS_BETWEEN_UPDATES:
                    continue
                viewer = self._progress(log, frame, finished, count, now - started, missing)
                shown = CompareOutputs(viewer=viewer)
                if frame.step == 0:
                    card = cutout_card(frame.guide.pixels, told_in_words(source.kind, source.value))
                    near = neighbours_value(self.service.gallery, found, missing=missing)
                    shown = shown._replace(card=card, neighbours=near, **no_downloads())
                if finished and not num_kept:
                    made = neighbours_value(self.service.gallery, found, frame.occupancy, missing)
                    shown = shown._replace(neighbours=made)
                yield shown
                if finished > num_kept:  # after the shapes: files take a moment
                    files = self.downloads.of(
                        frame, source, folder, name, "shape", meshes, cutting(way, part)
                    )
                    yield CompareOutputs(**files)
                num_kept = finished
                sent = time.monotonic()

    def open_link(self, text: str) -> CompareOutputs:
        """Restore everything from a link except the shapes, which `run` makes."""
        self.service.wait()
        recipe = open_link(text, "compare", self.service.fingerprint)
        [source] = recipe.sources
        image = example = None
        for index, one in enumerate(self.examples):
            if source == Source("example", one.image.name):
                image, example = str(one.image), index
        with errors_told():
            guide = guide_of(source, self.service, self.examples)
        return CompareOutputs(
            image=image,
            example=example,
            linked=source,
            card=cutout_card(guide.pixels, told_in_words(source.kind, source.value)),
            samples=recipe.options.get("samples", 1),
            cut_out=AUTOMATIC,  # the picture is cut out already, as the sender chose
            **no_box(),
            **settings_values(recipe),
            **NO_SHAPES,
        )

    def _is_example(self, index: Any, name: str) -> bool:
        """Whether example number `index` is the picture called `name`."""
        known = isinstance(index, int) and 0 <= index < len(self.examples)
        return known and self.examples[index].image.name == name

    def _progress(
        self,
        log: FrameLog,
        frame: Frame,
        finished: int,
        count: int,
        elapsed: float,
        missing: dict[str, str],
    ) -> dict[str, Any]:
        """What the viewer shows of a run: its frames, and the time left or taken."""
        if frame.is_last:
            note = strings.DONE.format(**note_fields(frame))
            return log.value("done", note, seconds=say_seconds(frame.seconds), missing=missing)
        steps = frame.settings.num_steps
        done = max(finished * steps, frame.step)
        left = left_line(elapsed, done, count * steps)
        if not done:
            seconds = self.service.estimate(steps, frame.settings.guidance_scale, count)
            left = words.TIME_LEFT.format(seconds=say_seconds(seconds)) if seconds else ""
        return log.value("running", strings.RUNNING, left=left, missing=missing)

    def api(
        self,
        path: str | None,
        seed: float | None,
        preset: str,
        samples: float = 1,
        cut_out: str = AUTOMATIC,
        box: str = "",
    ) -> Iterator[tuple[dict[str, Any], list[str]]]:
        """Answer the `compare` endpoint: a summary and the result files."""
        settings = settings_of(preset, seed)
        *_, frame = self._compare(
            path, None, settings, None, count_of(samples), way_of(cut_out), box_of(box)
        )
        columns = {space: grids > 0 for space, grids in frame.samples.items()}
        summary = {
            "spaces": list(columns),
            "resolution": len(next(iter(frame.occupancy.values()))),
            **asdict(settings),
            "seconds": round(frame.seconds, 3),
            "filled": _filled(frame.occupancy),
            "iou_between": frame.iou_between and round(frame.iou_between, 5),
            "samples": [
                {
                    "seed": settings.seed + index,
                    "filled": _filled(dict(zip(columns, grids, strict=True))),
                    "iou_between": round(iou(*grids), 5) if len(grids) == 2 else None,
                }
                for index, grids in enumerate(zip(*columns.values(), strict=True))
            ],
        }
        with result_folder() as folder:
            files = write_files(frame, folder, stem_of(Path(path)), Meshes())
            yield summary, [str(file) for file in files.all()]

    def _compare(
        self,
        path: str | None,
        linked: Source | None,
        settings: Settings,
        truth: np.ndarray | None,
        num_samples: int,
        way: str = AUTOMATIC,
        box: Box | None = None,
    ) -> Iterator[Frame]:
        if path is None and linked is None:
            raise error_of(strings.NO_IMAGE)
        with errors_told():
            source = path or guide_of(linked, self.service, self.examples)
            yield from self.service.compare(source, settings, truth, num_samples, way, box)


def _log_of(frame: Frame, truth: np.ndarray | None, num_samples: int) -> FrameLog:
    """Start the viewer's log of the comparison that a frame is from."""
    settings = frame.settings
    return FrameLog(uuid.uuid4().hex, settings.num_steps, truth, num_samples, settings.seed)


def _filled(occupancy: dict[str, np.ndarray]) -> dict[str, float]:
    return {space: round(float(grid.mean()), 5) for space, grid in occupancy.items()}
