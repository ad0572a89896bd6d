"""The `roam` endpoint: places in the square between four pictures, for programs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import gradio as gr
import numpy as np

from demo.service.models import Models
from demo.service.recipes import result_hash
from demo.service.walk.lattice import MODES
from demo.service.walk.trace import MOST, place_embeds, read_places
from demo.service.zero_gpu import borrow, result_folder
from demo.strings import interpolate as words
from demo.widgets.controls import LANE, image_box, number_box
from demo.widgets.inputs import error_of, errors_told, names_of, seed_of, settings_of
from diffusion.presets import PRESETS

GUESS = "guess"  # in the place of a quality: no diffusion, and so no seed


def build_roam(service: Models) -> None:
    """Offer the square to programs; its components are never drawn."""

    def roam(
        image_a: str | None,
        image_b: str | None,
        image_c: str | None,
        image_d: str | None,
        places: Any,
        mode: str,
        seed: float | None,
        preset: str,
    ) -> Iterator[tuple[dict[str, Any], str]]:
        """A summary and the grids as a file."""
        images = [image_a, image_b, image_c, image_d]
        if None in images:
            raise error_of(words.NO_CORNERS)
        if mode not in MODES:
            raise error_of(words.BAD_MODE.format(modes=", ".join(MODES)))
        settings = {"seed": seed_of(seed)} if preset == GUESS else asdict(settings_of(preset, seed))
        started = time.monotonic()
        with errors_told():
            where = read_places(places)
            if not 1 <= len(where) <= MOST:
                raise ValueError(words.BAD_NUMBER_OF_PLACES.format(most=MOST))
            corners = [service.image_guide(image).embeds for image in images]
            embeds = place_embeds(where, corners, mode)
            if preset == GUESS:
                shapes = service.guess(embeds)
            else:
                made = list(service.shapes(embeds, settings_of(preset, seed)))
                shapes = {space: np.array([grids[space] for grids in made]) for space in embeds}
        occupancy = np.array([grids > 0 for grids in shapes.values()])
        summary = {
            "spaces": list(shapes),
            "resolution": occupancy.shape[-1],
            "places": where,
            "mode": mode,
            "preset": preset,
            **settings,
            "seconds": round(time.monotonic() - started, 3),
            "hash": result_hash(shapes, list(shapes)),
        }
        with result_folder() as folder:
            file = folder / f"{names_of(image_a, image_d)}-square.npz"
            np.savez_compressed(
                file,
                spaces=np.array(list(shapes)),
                places=np.array(where),
                occupancy=occupancy,
                mode=mode,
                preset=preset,
                **settings,
            )
            yield summary, str(file)

    with gr.Group(visible=False):
        images = [image_box(label=f"image_{letter}") for letter in "abcd"]
        places = gr.JSON([[500, 500]], label="places")
        mode = gr.Textbox("slerp", label="mode")
        seed = number_box(0, label="seed")
        preset = gr.Radio([GUESS, *PRESETS], value=GUESS, label="preset")
        summary = gr.JSON(label="summary")
        file = gr.File(label="grids")
        gr.Button().click(
            borrow(roam),
            [*images, places, mode, seed, preset],
            [summary, file],
            api_name="roam",
            api_description=words.API_ROAM,
            **LANE,
        )
