"""Test shapes, and the methods that answer them: sampling, guesses, regression, fixed shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from diffusion.presets import Sampling
from training.data.inputs import encode_images
from training.data.item import Item
from training.data.pictures import picture
from training.data.sources import open_source
from training.measure.regressor import regress
from training.measure.sampling import guess_shapes, sample_shapes
from training.measure.scores import Answerer, Truth, image_seeds
from training.tools.workers import default_workers, parallel_map

MANY = 50  # shapes for which it pays to start processes that draw them
_open = cache(open_source)  # opened once in each process


def _read(index: int, *, spec: str, split: str, count: int | None, view: int) -> Item:
    """A shape with one of its pictures."""
    item = _open(spec, split=split, count=count)[index]
    return replace(item, images=[picture(item, view, seed=index)])


def read_shapes(
    spec: str,
    split: str,
    count: int | None,
    view: int,
    spaces: Sequence,
    device: torch.device,
    workers: int | None = None,
) -> tuple[Truth, np.ndarray, dict[str, np.ndarray]]:
    """Shapes with the embeddings of one picture each.

    Args:
        spec: of `training.data.sources.open_source`, as `split` and `count` are.
        split: see above.
        count: see above.
        view: which picture.
        spaces: the embedders.
        device: where they are.
        workers: processes that draw; one a core by default, where there is much to draw.

    Returns:
        The truth; grids (N, R, R, R) float16; image embeddings (N, D) a space.
    """
    source = _open(spec, split=split, count=count)
    ids, categories, grids = [], [], []
    embeds: dict[str, list[np.ndarray]] = {space.name: [] for space in spaces}
    waiting: list[Image.Image] = []
    if len(source) < MANY or not spec.startswith("procedural:"):
        workers = 1  # pictures exist, or every process would first read all meshes
    read = partial(_read, spec=spec, split=split, count=count, view=view)
    items = parallel_map(read, range(len(source)), workers=workers or default_workers())
    for item in tqdm(items, desc=f"read {spec}", total=len(source), unit="shape"):
        ids.append(item.id)
        categories.append(item.category)
        grids.append(item.grid.astype(np.float16))
        waiting.extend(item.images)
        if len(waiting) == 64 or len(ids) == len(source):
            for name, rows in encode_images(spaces, waiting, device).items():
                embeds[name].append(rows)
            waiting = []
    grids = np.stack(grids)
    joined = {name: np.concatenate(parts) for name, parts in embeds.items()}
    return Truth(ids, categories, grids > 0), grids, joined


def diffusion_answers(
    model, embeds: np.ndarray, sampling: Sampling, samples: int, seed: int
) -> Answerer:
    """Answers an image with `samples` shapes of a diffusion model, from noise of its own."""

    def answer(indices: Sequence[int]) -> np.ndarray:
        seeds = [s for index in indices for s in image_seeds(index, samples, seed)]
        rows = np.repeat(embeds[list(indices)], samples, axis=0)
        grids = sample_shapes(model, rows, seeds, sampling)
        return (grids > 0).reshape(len(indices), samples, *grids.shape[1:])

    return answer


def guess_answers(model, embeds: np.ndarray) -> Answerer:
    """Answers an image with the one shape that a diffusion model guesses before it refines it."""
    return lambda indices: guess_shapes(model, embeds[list(indices)])[:, None] > 0


def regressor_answers(model, embeds: np.ndarray) -> Answerer:
    """Answers an image with the one shape of a regressor."""
    return lambda indices: regress(model, embeds[list(indices)])[:, None] > 0


def fixed_answers(shapes: np.ndarray) -> Answerer:
    """Answers image i with `shapes[i]`."""
    return lambda indices: shapes[list(indices)][:, None]
