"""The `batch` endpoint: many images at once, for programs; it is not on the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from demo.service.models import Models
from demo.service.recipes import result_hash
from demo.service.zero_gpu import borrow, result_folder
from demo.strings import batch as words
from demo.widgets.controls import LANE, number_box
from demo.widgets.inputs import error_of, settings_of
from diffusion.presets import PRESETS, STANDARD

MOST = 64  # images per call, since other visitors wait in the same queue


def make_batch(
    service: Models, paths: list[str] | None, seed: float | None, preset: str
) -> Iterator[tuple[dict[str, Any], str]]:
    """Make one shape per space from each image; an image's error takes the place of its result.

    Yields:
        Once: the summary, and an NPZ file with `occupancy` (spaces, images, 1, R, R, R) bool of
        the images that could be used, `spaces` and `images`, as `training.generate` writes it.
    """
    if not paths:
        raise error_of(words.NO_IMAGES)
    if len(paths) > MOST:
        raise error_of(words.TOO_MANY.format(most=MOST))
    settings = settings_of(preset, seed)
    entries, made = [], []
    for path in paths:
        entry: dict[str, Any] = {"image": Path(path).name}
        entries.append(entry)
        try:
            *_, frame = service.compare(path, settings)
        except ValueError as error:
            entry["error"] = str(error)
            continue
        made.append(frame)
        entry["hash"] = result_hash(frame.samples, service.spaces)
        entry["seconds"] = round(frame.seconds, 3)
        entry["iou_between"] = frame.iou_between and round(frame.iou_between, 5)
    if not made:
        raise error_of(entries[0]["error"])
    columns = [[frame.occupancy[space][None] for frame in made] for space in service.spaces]
    with result_folder() as folder:
        file = folder / f"batch-seed{settings.seed}.npz"
        np.savez_compressed(
            file,
            spaces=np.array(service.spaces),
            images=np.array([entry["image"] for entry in entries if "error" not in entry]),
            occupancy=np.array(columns),
            **asdict(settings),
        )
        yield {"spaces": list(service.spaces), **asdict(settings), "images": entries}, str(file)


def build_batch(service: Models) -> None:
    """Offer the endpoint; its components are never drawn."""

    def answer(
        paths: list[str] | None, seed: float | None, preset: str
    ) -> Iterator[tuple[dict[str, Any], str]]:
        yield from make_batch(service, paths, seed, preset)

    with gr.Group(visible=False):
        images = gr.File(label="images", file_count="multiple", type="filepath")
        seed = number_box(0, label="seed")
        preset = gr.Radio(list(PRESETS), value=STANDARD.name, label="preset")
        summary = gr.JSON(label="summary")
        file = gr.File(label="grids")
        gr.Button().click(
            borrow(answer),
            [images, seed, preset],
            [summary, file],
            api_name="batch",
            api_description=words.API_BATCH,
            **LANE,
        )
