"""One column of the comparison: an embedding space and the diffusion model conditioned on it.

The only module of the page that touches torch. Every function loops over columns, so the two
sides cannot drift apart.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from cisp.embedder import Embedder, EncodesShapes, EncodesText
from cisp.encoding import encode_pixels
from cisp.images import all_pixels, cutouts, eight_bit
from cisp.interpolation import lerp, slerp
from cisp.naming import AUTOMATIC, PUBLISHED, Way, space_folder
from cisp.spaces import load_space
from demo.service.frames import Settings
from diffusion.denoisers import in_batches
from diffusion.generate import batch_size, generate
from diffusion.model import VoxelDiffusion
from diffusion.noise import SeededNoise
from diffusion.samplers import SampleStep

LOGGER = logging.getLogger(__name__)
NUM_VIEWS = (1, 2)  # that a tower may be given of a picture
GUESSED_TOGETHER = 8  # a pass reads all weights, so that eight rows cost hardly more than one


@dataclass(frozen=True)
class Column:
    """An embedder and its diffusion model, in evaluation mode.

    Args:
        device: the model's.
        embed_on: the embedder's, and the guess's.
        guess: of the model, or a copy of it on `embed_on`; None if it has none.
    """

    name: str
    embedder: Embedder
    model: VoxelDiffusion
    device: torch.device
    embed_on: torch.device
    guess: nn.Module | None = None


def load_columns(
    weights: Path, device: torch.device, spaces: Sequence[str], *, embed_on: str | None = None
) -> list[Column]:
    """Load an embedder, to another device if `embed_on` names one, and a diffusion model a space.

    A published CLIP that is unavailable, or that no diffusion model was trained on, is left out
    with one line in the log. Columns are named as their folders: "openclip-A-b".

    Raises:
        ValueError: weights of a space trained here are missing or do not fit, or no column is
            left; one sentence.
    """
    columns = []
    for space in spaces:
        try:
            columns.append(_load_column(weights, device, space, embed_on or device))
        except ValueError as error:
            if not space.startswith(PUBLISHED):
                raise
            LOGGER.warning("The column %s is left out: %s", space, error)
    if not columns:
        raise ValueError(f"No column is left of {', '.join(spaces)}.")
    return columns


def _load_column(
    weights: Path, device: torch.device, space: str, embed_on: torch.device | str
) -> Column:
    name = space_folder(space)
    folder = weights / f"diffusion-{name}"
    if not (folder / "config.json").is_file():
        raise ValueError(
            f"There are no trained weights in {folder}: make some with "
            + (
                f"“python -m training.train_diffusion --space {space}”."
                if space.startswith(PUBLISHED)
                else "“python -m training.pipeline --preset tiny --out runs/tiny”, "
                "then start the app with “--weights runs/tiny/weights”."
            )
        )
    model = VoxelDiffusion.load(folder, space, device)
    embed_on, guess = torch.device(embed_on), model.guess
    if guess is not None and embed_on != device:
        guess = copy.deepcopy(guess).to(embed_on)
    return Column(name, load_space(space, weights, embed_on), model, device, embed_on, guess)


def preprocess(
    columns: Sequence[Column], picture: Image.Image, way: Way = AUTOMATIC
) -> dict[str, Tensor]:
    """Return what each column's image tower is given, (V, 3, S, S) in [-1, 1], by column name.

    The object is cut out once for each image size, so columns of one size share it.

    Args:
        columns: whose towers.
        picture: of `cisp.picture_files.load_image`.
        way: to cut out, one of `cisp.naming.WAYS`.
    """
    made = cutouts(picture, {column.embedder.image_size for column in columns}, way)
    pixels = {size: all_pixels(shown) for size, shown in made.items()}
    return {column.name: pixels[column.embedder.image_size] for column in columns}


def pixels_of(columns: Sequence[Column], picture: np.ndarray) -> dict[str, Tensor]:
    """Undo `picture_of` for the first column, from uint8 (S, V S, 3): what `preprocess` returned.

    A column of another image size (a published CLIP) gets the picture resized.

    Raises:
        ValueError: the first column takes pictures of another size; one sentence.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError("A cut-out has to be an RGB picture.")
    pixels = torch.from_numpy(picture.copy()).permute(2, 0, 1) / 127.5 - 1  # (3, S, V S)
    sizes = {column.name: column.embedder.image_size for column in columns}
    size = sizes[columns[0].name]
    if picture.shape[0] != size or picture.shape[1] not in [n * size for n in NUM_VIEWS]:
        raise ValueError(
            f"The column {columns[0].name} takes one or two cut-outs of {size} × {size} pixels."
        )
    pixels = torch.stack(pixels.split(size, dim=2))  # (V, 3, S, S)
    return {name: _resized(pixels, size) for name, size in sizes.items()}


def _resized(pixels: Tensor, size: int) -> Tensor:
    """Pictures (V, 3, S, S) in [-1, 1] in another size, in 256 levels as every cut-out."""
    if pixels.shape[-1] == size:
        return pixels
    new = F.interpolate(pixels, size=(size, size), mode="bicubic", antialias=True)
    return eight_bit(new.clamp(-1, 1))


def picture_of(pixels: Tensor) -> np.ndarray:
    """Show the pixels (V, 3, S, S) that a tower is given side by side, uint8 (S, V S, 3)."""
    strip = torch.cat(pixels.unbind(), 2)  # (3, S, V S)
    return ((strip + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()


def embed_pixels(columns: Sequence[Column], pixels: dict[str, Tensor]) -> dict[str, np.ndarray]:
    """Embed what `preprocess` returned: a unit vector (D,) float32 a column."""
    return {
        column.name: encode_pixels(column.embedder, [pixels[column.name]], column.embed_on)[0]
        for column in columns
    }


@torch.inference_mode()
def embed_text(columns: Sequence[Column], text: str) -> dict[str, np.ndarray]:
    """Embed a caption in the spaces that know captions: (D,) float32 each."""
    return {
        column.name: column.embedder.encode_text([text])[0].cpu().numpy()
        for column in columns
        if isinstance(column.embedder, EncodesText)
    }


@torch.inference_mode()
def embed_shape(columns: Sequence[Column], grid: np.ndarray) -> dict[str, np.ndarray]:
    """Embed a grid (R, R, R) in [-1, 1] in the spaces that know shapes: (D,) float32 each."""
    voxels = torch.from_numpy(grid.astype(np.float32))[None, None]
    return {
        column.name: column.embedder.encode_shape(voxels)[0].cpu().numpy()
        for column in columns
        if isinstance(column.embedder, EncodesShapes)
    }


def between(a: np.ndarray, b: np.ndarray, t: np.ndarray, mode: str) -> np.ndarray:
    """Walk from one embedding to another.

    Args:
        a: (D,) or (B, D) unit vectors, float32.
        b: like `a`.
        t: (K,) float32 in [0, 1]; 0 gives `a` and 1 gives `b`, to the last bit.
        mode: "slerp" or "lerp".

    Returns:
        Unit vectors (K, D) or (K, B, D).
    """
    path = {"slerp": slerp, "lerp": lerp}[mode]
    return path(*map(torch.from_numpy, (a, b, t))).numpy()


@torch.inference_mode()
def guess_shapes(
    columns: Sequence[Column], embeds: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Guess K shapes a column: (K, D) unit vectors -> (K, R, R, R) float32 in [-1, 1].

    In batches of one size, so that a guess is the same to the last bit whatever else is guessed.
    """
    guesses = {}
    for column in columns:
        cond = torch.from_numpy(embeds[column.name]).to(column.embed_on)  # (K, D)
        grids = in_batches(column.guess, GUESSED_TOGETHER, cond)[:, 0]  # (K, R, R, R)
        guesses[column.name] = grids.clamp(-1, 1).float().cpu().numpy()
    return guesses


def starting_noise(column: Column, seed: int) -> np.ndarray:
    """Return the x_T that `grow` starts from, float32 (R, R, R)."""
    return SeededNoise([seed], column.model.grid_shape).draw()[0, 0].numpy()


def grow(
    columns: Sequence[Column],
    embeds: Mapping[str, np.ndarray],
    seeds: Sequence[int],
    settings: Settings,
) -> Iterator[dict[str, np.ndarray]]:
    """Yield the current estimate x_0 of every column, float32 (B, R, R, R), once per step.

    Columns take turns, so they grow together. Gradients are turned off around each step, not around
    the whole loop: between two steps this generator may move to another thread.

    Args:
        columns: the columns to sample.
        embeds: column name -> (B, D) unit vectors.
        seeds: B, of the noise, used instead of the seed of the settings.
        settings: how to sample.
    """
    with torch.inference_mode():
        runs = {c.name: _sample(c, embeds[c.name], seeds, settings) for c in columns}
    for _ in range(settings.num_steps):
        with torch.inference_mode():
            grids = {name: next(run).x_0[:, 0].float().cpu().numpy() for name, run in runs.items()}
        yield grids


def num_together(columns: Sequence[Column], guidance_scale: float) -> int:
    """How many shapes per column take no longer than one."""
    return min(batch_size(column.device, guidance_scale) for column in columns)


def _sample(
    column: Column, embeds: np.ndarray, seeds: Sequence[int], settings: Settings
) -> Iterator[SampleStep]:
    cond = torch.from_numpy(embeds).to(column.device)  # (B, D)
    return generate(column.model, cond, list(seeds), settings)
