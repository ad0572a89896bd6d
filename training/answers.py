"""Test shapes as questions, and how they are answered: by sampling, by regression, by heart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from training.evaluation import Answerer, Truth, image_seeds
from training.inputs import encode_images
from training.pictures import picture
from training.regressor import regress
from training.sampling import Sampling, sample_shapes
from training.sources import open_source


def read_shapes(
    spec: str, split: str, count: int | None, view: int, spaces: Sequence, device: torch.device
) -> tuple[Truth, np.ndarray, dict[str, np.ndarray]]:
    """Shapes with the embeddings of one picture each.

    Args:
        spec: of `training.sources.open_source`, as `split` and `count` are.
        split: see above.
        count: see above.
        view: which picture.
        spaces: the embedders.
        device: where they are.

    Returns:
        The truth; grids (N, R, R, R) float16; image embeddings (N, D) a space.
    """
    source = open_source(spec, split=split, count=count)
    ids, categories, grids = [], [], []
    embeds: dict[str, list[np.ndarray]] = {space.name: [] for space in spaces}
    waiting: list[Image.Image] = []
    for index in tqdm(range(len(source)), desc=f"read {spec}", unit="shape"):
        item = source[index]
        ids.append(item.id)
        categories.append(item.category)
        grids.append(item.grid.astype(np.float16))
        waiting.append(picture(item, view, seed=index))
        if len(waiting) == 64 or index + 1 == len(source):
            for space in spaces:
                embeds[space.name].append(encode_images(space, waiting, device))
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


def regressor_answers(model, embeds: np.ndarray) -> Answerer:
    """Answers an image with the one shape of a regressor."""
    return lambda indices: regress(model, embeds[list(indices)])[:, None] > 0


def fixed_answers(shapes: np.ndarray) -> Answerer:
    """Answers image i with `shapes[i]`."""
    return lambda indices: shapes[list(indices)][:, None]
