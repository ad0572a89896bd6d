"""What happens on the Compare tab: plain functions from inputs to what is shown.

They know a service (any object with the methods of `Comparer`), never a model.
"""

from __future__ import annotations

import base64
import io
import re
import tempfile
import time
import uuid
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, Protocol

import gradio as gr
import numpy as np
from PIL import Image

from demo import strings
from demo.examples import Example, load_result
from demo.exports import ResultFiles, write_files
from demo.frames import Frame, Guide, Settings
from demo.service import Status
from demo.viewer import FrameLog
from diffusion.presets import PRESETS

MAX_SEED = 2**31 - 1
SECONDS_BETWEEN_UPDATES = 0.1  # the browser needs up to half of that to draw one


class Comparer(Protocol):
    """What the tab asks of a service; see `demo.service.ComparisonService`."""

    fingerprint: str | None
    spaces: tuple[str, ...]

    def wait(self, timeout: float | None = None) -> Status: ...  # noqa: D102
    def estimate(self, num_steps: int, guidance_scale: float) -> float | None: ...  # noqa: D102
    def image_guide(self, image: str) -> Guide: ...  # noqa: D102
    def compare(  # noqa: D102
        self, image: str, settings: Settings, truth: np.ndarray | None = None
    ) -> Iterator[Frame]: ...


class CompareHandlers:
    """The events of the tab."""

    def __init__(self, service: Comparer, examples: list[Example], spaces: tuple[str, ...]):
        self.service = service
        self.examples = examples
        self.spaces = spaces

    def say_estimate(self, num_steps: float, guidance_scale: float) -> str:
        """Say how long these settings take here, as measured."""
        seconds = self.service.estimate(int(num_steps), float(guidance_scale))
        if seconds is None:
            return strings.ESTIMATE_UNKNOWN
        device = self.service.wait(0).device.split(":")[0].upper()
        return strings.ESTIMATE.format(seconds=say_seconds(seconds), device=device)

    def show_cutout(self, path: str | None) -> str:
        """Show what the towers would be given, or in one sentence why they cannot be."""
        if path is None:
            return cutout_card(None, strings.CUTOUT_EMPTY)
        try:
            return cutout_card(self.service.image_guide(path).pixels)
        except ValueError as error:
            return cutout_card(None, str(error), is_error=True)

    def show_example(self, event: gr.SelectData) -> Iterator[tuple[Any, ...]]:
        """Put an example's image in the box, and its result in the viewer where there is one."""
        example = self.examples[event.index]
        frames = load_result(example, self.service.fingerprint)
        if not frames:
            viewer, downloads = {"state": "empty"}, self._no_downloads()
            card = self.show_cutout(str(example.image))
            yield str(example.image), event.index, card, viewer, *downloads
            return
        last = frames[-1]
        log = FrameLog(uuid.uuid4().hex, last.settings.num_steps, example.truth())
        for frame in frames:
            log.add(frame.occupancy)
        note = strings.PRECOMPUTED.format(**_note_fields(last))
        with tempfile.TemporaryDirectory() as folder:
            files = write_files(last, Path(folder), _stem(example.image))
            yield (
                str(example.image),
                event.index,
                cutout_card(last.guide.pixels),
                log.value("done", note),
                *self._downloads(files),
            )

    def run(
        self,
        path: str | None,
        example: int | None,
        seed: float | None,
        num_steps: float,
        guidance_scale: float,
        sampler: str,
    ) -> Iterator[tuple[Any, ...]]:
        """Stream one comparison: cut-out card, viewer value, one value for each download."""
        settings = Settings(_seed(seed), sampler, int(num_steps), float(guidance_scale))
        truth = None
        if isinstance(example, int) and 0 <= example < len(self.examples):
            truth = self.examples[example].truth()
        log = FrameLog(uuid.uuid4().hex, settings.num_steps, truth)
        sent = -1.0
        for frame in self._compare(path, settings, truth):
            log.add(frame.occupancy)
            now = time.monotonic()
            if frame.is_last:
                break
            if frame.step > 1 and now - sent < SECONDS_BETWEEN_UPDATES:
                continue
            card = cutout_card(frame.guide.pixels) if frame.step == 0 else gr.skip()
            downloads = self._no_downloads() if frame.step == 0 else self._unchanged_downloads()
            yield card, log.value("running", strings.RUNNING), *downloads
            sent = time.monotonic()
        note = strings.DONE.format(**_note_fields(frame))
        with tempfile.TemporaryDirectory() as folder:
            files = write_files(frame, Path(folder), _stem(Path(path)))
            yield gr.skip(), log.value("done", note), *self._downloads(files)

    def api(
        self, path: str | None, seed: float | None, preset: str
    ) -> Iterator[tuple[dict[str, Any], list[str]]]:
        """Answer the `compare` endpoint: a summary and the result files."""
        chosen = PRESETS[preset]
        settings = Settings(_seed(seed), chosen.sampler, chosen.num_steps, chosen.guidance_scale)
        *_, frame = self._compare(path, settings, None)
        summary = {
            "spaces": list(frame.occupancy),
            "resolution": len(next(iter(frame.occupancy.values()))),
            "seed": settings.seed,
            "sampler": settings.sampler,
            "num_steps": settings.num_steps,
            "guidance_scale": settings.guidance_scale,
            "seconds": round(frame.seconds, 3),
            "filled": {s: round(float(o.mean()), 5) for s, o in frame.occupancy.items()},
            "iou_between": frame.iou_between and round(frame.iou_between, 5),
        }
        with tempfile.TemporaryDirectory() as folder:
            files = write_files(frame, Path(folder), _stem(Path(path)))
            yield summary, [str(file) for file in files.all()]

    def _compare(
        self, path: str | None, settings: Settings, truth: np.ndarray | None
    ) -> Iterator[Frame]:
        if path is None:
            raise _error(strings.NO_IMAGE)
        try:
            yield from self.service.compare(path, settings, truth)
        except ValueError as error:
            raise _error(str(error)) from error

    def _downloads(self, files: ResultFiles) -> list[Any]:
        paths = [
            *(kind.get(space) for space in self.spaces for kind in (files.voxels, files.smooth)),
            files.npz,
        ]
        return [gr.DownloadButton(value=path, interactive=path is not None) for path in paths]

    def _no_downloads(self) -> list[Any]:
        return [gr.DownloadButton(value=None, interactive=False)] * (2 * len(self.spaces) + 1)

    def _unchanged_downloads(self) -> list[Any]:
        return [gr.skip()] * (2 * len(self.spaces) + 1)


def cutout_card(pixels: np.ndarray | None, text: str = "", *, is_error: bool = False) -> str:
    """Render the cut-out, uint8 (S, S, 3), with a caption, or the text in its place."""
    if pixels is None:
        kind = "error" if is_error else "hint"
        return f'<div class="cutout"><i></i><p class="{kind}">{escape(text)}</p></div>'
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="png")
    source = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
    caption = strings.CUTOUT_TEXT.format(size=len(pixels))
    return (
        f'<div class="cutout"><img src="{source}" alt="{strings.CUTOUT_TITLE}">'
        f"<p><b>{strings.CUTOUT_TITLE}</b>{caption}</p></div>"
    )


def say_seconds(seconds: float) -> str:
    """Round a time the way people say it."""
    if seconds < 10:
        return f"{max(seconds, 0.1):.1f} s"
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _note_fields(frame: Frame) -> dict[str, Any]:
    settings = frame.settings
    return {
        "seconds": say_seconds(frame.seconds),
        "seed": settings.seed,
        "steps": settings.num_steps,
        "guidance": f"{settings.guidance_scale:g}",
    }


def _seed(seed: float | None) -> int:
    if seed is None or seed != int(seed) or not 0 <= seed <= MAX_SEED:
        raise _error(strings.BAD_SEED)
    return int(seed)


def _stem(path: Path) -> str:
    """Keep letters, digits and dashes of a file name: visitors upload all sorts."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", path.stem).strip("-")[:40] or "shape"


def _error(sentence: str) -> gr.Error:
    return gr.Error(sentence, duration=8, print_exception=False)
