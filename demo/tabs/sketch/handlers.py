"""What happens on the Sketch tab: plain functions from a drawing to what is shown."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from cisp.picture_files import load_image
from demo import strings
from demo.service.aside import READERS
from demo.service.drawings import Verdict, judge
from demo.service.examples import Example
from demo.service.frames import Frame, Settings
from demo.service.models import Models
from demo.service.sources import pixels_source
from demo.service.walk import points
from demo.service.zero_gpu import result_folder
from demo.strings import sketch as words
from demo.tabs.compare.handlers import CompareHandlers
from demo.tabs.interpolate.handlers import TAB_ID
from demo.tabs.sketch.outputs import SketchOutputs
from demo.tabs.sketch.pad import Page, flat, page_with, read_page
from demo.widgets.cards import cutout_card, left_line, note_fields, quality_line
from demo.widgets.downloads import Downloads, no_downloads
from demo.widgets.inputs import (
    SECONDS_BETWEEN_UPDATES,
    error_of,
    errors_told,
    seed_of,
    settings_of,
)
from demo.widgets.viewer.viewer import FrameLog, guess_value
from diffusion.presets import PREVIEW

REST = 0.4  # seconds without a stroke, after which diffusion follows the guess


class Turn:
    """The state of one visitor's page, to drop outdated runs.

    Attributes:
        newest: when the drawing last changed, by the clock of the visitor's browser.
        rested: when the drawing last changed before the hand rested, by the same clock.
        finished: key of the drawing whose full-quality shapes are on show.
    """

    def __init__(self) -> None:
        self.newest = 0.0
        self.rested = -1.0
        self.finished: object = None


class SketchHandlers:
    """The events of the tab; `pad` is the value of `demo.tabs.sketch.pad.build_pad`."""

    def __init__(self, service: Models, examples: list[Example]):
        self.service = service
        self.downloads = Downloads(service)
        self.examples = [example for example in examples if example.kind == "drawing"]

    def note(self, pad: Any, live: bool, turn: Turn) -> None:
        """Note that the drawing has changed; runs for an older one then stop."""
        if live:
            turn.newest = max(turn.newest, _page(pad).at)

    def glimpse(self, pad: Any, live: bool, seed: float | None, turn: Turn) -> SketchOutputs:
        """Show the guess of a drawing, where the models guess; `follow` comes at rest."""
        if not live or not self.service.guesses:
            return SketchOutputs()
        page, seed = _page(pad), seed_of(seed)
        verdict = judge(page.pixels)
        is_shown = turn.finished == _key(verdict, seed) if verdict.picture is not None else True
        if turn.newest > page.at or is_shown:
            return SketchOutputs()
        with errors_told():
            guide = self.service.image_guide(verdict.picture)
            guesses = self.service.guess({s: embed[None] for s, embed in guide.embeds.items()})
        turn.finished = None
        viewer = guess_value({space: grids[0] > 0 for space, grids in guesses.items()})
        card = self._card(verdict, guide.pixels)
        return SketchOutputs(card=card, viewer=viewer, **no_downloads())

    def settle(self, pad: Any, live: bool, turn: Turn) -> None:
        """Wait until the hand has rested on a drawing that is guessed; a newer one ends this."""
        page = _page(pad)
        resting = time.monotonic() + (REST if live and self.service.guesses else 0)
        while turn.newest <= page.at:
            if time.monotonic() >= resting:
                turn.rested = page.at
                return
            time.sleep(0.02)

    def follow(
        self, pad: Any, live: bool, seed: float | None, turn: Turn
    ) -> Iterator[SketchOutputs]:
        """Show quick shapes of the drawing as it is; where it is guessed, once the hand rests."""
        page = _page(pad)
        waits = live and self.service.guesses and turn.rested != page.at
        if turn.newest > page.at or waits:
            yield SketchOutputs()
            return
        verdict = judge(page.pixels)
        if verdict.picture is None:
            turn.finished = None
            empty = {"viewer": {"state": "empty"}} if verdict.kind == "blank" else {}
            yield SketchOutputs(card=self._card(verdict), state="", **empty, **no_downloads())
            return
        settings = settings_of(PREVIEW.name, seed)
        if turn.finished == _key(verdict, settings.seed):  # better shapes are already on show
            yield SketchOutputs(state="")
            return
        if not live:
            yield SketchOutputs(card=self._card(verdict))
            return
        log = FrameLog(uuid.uuid4().hex, settings.num_steps)
        for frame in self._compare(verdict.picture, settings):
            if turn.newest > page.at:
                yield SketchOutputs()
                return
            log.add(frame.occupancy)
        turn.finished = None
        viewer = log.value("done", words.PREVIEW.format(**note_fields(frame)))
        card = self._card(verdict, frame.guide.pixels)
        yield SketchOutputs(card=card, viewer=viewer, state="", **no_downloads())

    def run(self, pad: Any, seed: float | None, preset: str, turn: Turn) -> Iterator[SketchOutputs]:
        """Stream the shapes in full quality."""
        page = _page(pad)
        verdict = _drawing(page.pixels)
        settings = settings_of(preset, seed)
        turn.finished = None
        log = FrameLog(uuid.uuid4().hex, settings.num_steps)
        started, sent = time.monotonic(), -1.0
        for frame in self._compare(verdict.picture, settings):
            log.add(frame.occupancy)
            if turn.newest > page.at:
                yield SketchOutputs(viewer=log.value("stopped", words.CHANGED))
                return
            if frame.is_last:
                break
            now = time.monotonic()
            if frame.step > 1 and now - sent <= SECONDS_BETWEEN_UPDATES:
                continue
            left = left_line(now - started, frame.step, settings.num_steps)
            shown = SketchOutputs(viewer=log.value("running", strings.RUNNING, left=left))
            if frame.step == 0:
                card = self._card(verdict, frame.guide.pixels)
                shown = shown._replace(card=card, state="", **no_downloads())
            yield shown
            sent = time.monotonic()
        turn.finished = _key(verdict, settings.seed)
        note = strings.DONE.format(**note_fields(frame))
        yield SketchOutputs(viewer=log.value("done", note))  # files take a moment
        with result_folder() as folder:
            source = pixels_source(frame.guide.pixels)
            yield SketchOutputs(**self.downloads.of(frame, source, folder, stem="sketch"))

    def say_estimate(self, preset: str) -> str:
        """Say how long full quality takes here, as measured."""
        return quality_line(self.service, preset)

    def start_walk(self, pad: Any, ends: dict[str, Any]) -> SketchOutputs:
        """Put the drawing at the active end of a walk, and show the tab of walks."""
        verdict = _drawing(_page(pad).pixels)
        point = points.upload_point(self._guide_pixels(verdict.picture), words.MY_DRAWING)
        return SketchOutputs(ends=points.put(ends, point), tabs=gr.Tabs(selected=TAB_ID))

    def load_example(self, event: gr.SelectData) -> SketchOutputs:
        """Put one of the drawings on the pad."""
        page = page_with(load_image(self.examples[event.index].image))
        return SketchOutputs(pad=page, example=event.index)

    def api(
        self, drawing: str | None, seed: float | None, preset: str
    ) -> Iterator[tuple[dict[str, Any], list[str]]]:
        """Answer the `sketch` endpoint: a summary and the result files."""
        if drawing is None:
            raise error_of(words.BLANK)
        verdict = _drawing(_read(drawing))
        with result_folder() as folder:
            clean = folder / f"{Path(drawing).stem}.png"
            Image.fromarray(verdict.picture).save(clean)
            handlers = CompareHandlers(self.service, [])
            for summary, files in handlers.api(str(clean), seed, preset):
                yield {**summary, "said": verdict.sentence}, files

    def _compare(self, picture: np.ndarray, settings: Settings) -> Iterator[Frame]:
        with errors_told():
            yield from self.service.compare(picture, settings)

    def _card(self, verdict: Verdict, pixels: np.ndarray | None = None) -> str:
        """Render the cut-out that the models are given, and the message about the drawing."""
        if verdict.picture is None:
            return cutout_card(None, verdict.sentence, is_error=verdict.kind == "dark")
        pixels = self._guide_pixels(verdict.picture) if pixels is None else pixels
        said = f'<p class="said">{escape(verdict.sentence)}</p>' if verdict.sentence else ""
        return cutout_card(pixels) + said

    def _guide_pixels(self, picture: np.ndarray) -> np.ndarray | None:
        with errors_told():
            return self.service.image_guide(picture).pixels


def _page(pad: Any) -> Page:
    with errors_told():
        return read_page(pad)


def _drawing(pixels: np.ndarray | None) -> Verdict:
    """Check a page that must show a drawing."""
    verdict = judge(pixels)
    if verdict.picture is None:
        raise error_of(verdict.sentence)
    return verdict


def _key(verdict: Verdict, seed: int) -> tuple[bytes, int]:
    """Identify a drawing and its noise."""
    return verdict.picture.tobytes(), seed


def _read(path: str) -> np.ndarray:
    """Read an upload as grey levels (H, W), on white paper."""
    with errors_told():
        return flat(READERS.call(Path(path).name, load_image, path))
