"""The `interpolate` endpoint: walks for programs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import gradio as gr
import numpy as np

from demo.service.models import Models
from demo.service.walk.lattice import MODES, Lattice
from demo.service.walk.log import walk
from demo.service.walk.report import summary_of
from demo.service.zero_gpu import borrow, result_folder
from demo.strings import interpolate as words
from demo.widgets.controls import LANE, image_box, number_box
from demo.widgets.inputs import error_of, errors_told, is_whole, names_of, settings_of
from diffusion.presets import PRESETS, STANDARD

FRAMES = 17  # by default
MIN_FRAMES, MAX_FRAMES = 2, 65


def build_endpoint(service: Models) -> None:
    """Offer walks to programs; its components are never drawn."""

    def interpolate(
        image_a: str | None,
        image_b: str | None,
        frames: float,
        mode: str,
        seed: float | None,
        preset: str,
    ) -> Iterator[tuple[dict[str, Any], str]]:
        """A summary and the grids as a file."""
        if image_a is None or image_b is None:
            raise error_of(words.NO_IMAGES)
        if not is_whole(frames, MIN_FRAMES, MAX_FRAMES):
            raise error_of(words.BAD_FRAMES.format(least=MIN_FRAMES, most=MAX_FRAMES))
        if mode not in MODES:
            raise error_of(words.BAD_MODE.format(modes=", ".join(MODES)))
        settings, started = settings_of(preset, seed), time.monotonic()
        lattice = Lattice(1, int(frames))
        with errors_told():
            guides = [service.image_guide(image) for image in (image_a, image_b)]
            *_, log = walk(service, guides, lattice, mode, settings)
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
            file = folder / f"{names_of(image_a, image_b)}-seed{settings.seed}.npz"
            np.savez_compressed(
                file,
                spaces=np.array(list(log.frames)),
                positions=np.linspace(0, 1, len(lattice)),
                occupancy=np.array(list(log.frames.values())),
                mode=mode,
                **asdict(settings),
            )
            yield summary, str(file)

    with gr.Group(visible=False):
        image_a = image_box(label="image_a")
        image_b = image_box(label="image_b")
        frames = number_box(FRAMES, label="frames")
        mode = gr.Textbox("slerp", label="mode")
        seed = number_box(0, label="seed")
        preset = gr.Radio(list(PRESETS), value=STANDARD.name, label="preset")
        summary = gr.JSON(label="summary")
        file = gr.File(label="grids")
        gr.Button().click(
            borrow(interpolate),
            [image_a, image_b, frames, mode, seed, preset],
            [summary, file],
            api_name="interpolate",
            api_description=words.API_INTERPOLATE,
            **LANE,
        )
