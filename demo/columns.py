"""One column of the comparison: an embedding space and the diffusion model that follows it.

The only module of the page that touches torch. Every function loops over columns, so the two
sides cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from cisp.embedder import Embedder, as_condition
from cisp.images import load_image
from cisp.spaces import load_space
from demo.frames import Settings
from diffusion.generate import generate
from diffusion.model import VoxelDiffusion
from diffusion.noise import SeededNoise
from diffusion.samplers import SampleStep

ImageSource = str | Path | Image.Image | np.ndarray


@dataclass(frozen=True)
class Column:
    """An embedder and its diffusion model, both on one device and in evaluation mode."""

    name: str
    embedder: Embedder
    model: VoxelDiffusion
    device: torch.device


def pick_device(name: str) -> torch.device:
    """Turn "auto" into the best device there is.

    Raises:
        ValueError: the device does not exist here.
    """
    if name == "auto":
        mps = torch.backends.mps.is_available()
        name = "cuda" if torch.cuda.is_available() else "mps" if mps else "cpu"
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"The device {name!r} cannot be used here.") from error
    return device


def load_columns(weights: Path, device: torch.device, spaces: Sequence[str]) -> list[Column]:
    """Load an embedder and a diffusion model for each space.

    Raises:
        ValueError: weights are missing or do not fit; one sentence.
    """
    columns = []
    for space in spaces:
        folder = weights / f"diffusion-{space}"
        if not (folder / "config.json").is_file():
            raise ValueError(
                f"There are no trained weights in {folder}: make some with "
                "“python -m training.pipeline --preset tiny --out runs/tiny”, "
                "then start the app with “--weights runs/tiny/weights”."
            )
        embedder = load_space(space, weights, device)
        model = VoxelDiffusion.load(folder, space, device)
        columns.append(Column(space, embedder, model, device))
    return columns


def seen_by_tower(column: Column, image: ImageSource) -> np.ndarray:
    """Return the picture that the column's image tower is given, uint8 (S, S, 3)."""
    pixels = column.embedder.preprocess(load_image(image))  # (3, S, S) in [-1, 1]
    return ((pixels + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()


def starting_noise(column: Column, seed: int) -> np.ndarray:
    """Return the x_T that `grow` starts from, float32 (R, R, R)."""
    return SeededNoise([seed], column.model.grid_shape).draw()[0, 0].numpy()


def grow(
    columns: Sequence[Column], image: ImageSource, settings: Settings
) -> Iterator[dict[str, np.ndarray]]:
    """Yield the current guess x_0 of every column, float32 (R, R, R), once a step.

    Columns take turns, so they grow together. Gradients are turned off around each step and
    not around the whole: between two steps this generator may move to another thread.
    """
    with torch.inference_mode():
        picture = load_image(image)
        runs = {column.name: _sample(column, picture, settings) for column in columns}
    for _ in range(settings.num_steps):
        with torch.inference_mode():
            grids = {name: next(run).x_0[0, 0].float().cpu().numpy() for name, run in runs.items()}
        yield grids


def _sample(column: Column, picture: Image.Image, settings: Settings) -> Iterator[SampleStep]:
    pixels = column.embedder.preprocess(picture)[None].to(column.device)  # (1, 3, S, S)
    cond = as_condition(column.embedder.encode_image(pixels))  # (1, D)
    return generate(
        column.model,
        cond,
        [settings.seed],
        sampler=settings.sampler,
        num_steps=settings.num_steps,
        guidance_scale=settings.guidance_scale,
    )
