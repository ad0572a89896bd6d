"""Shapes, pictures and captions of a data cache, embedded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from cisp.embedder import Embedder
from cisp.images import GREY, composite, eight_bit
from training.data.cache import DataCache
from training.data.procedural import build_cache
from training.tools.workers import default_workers

IMAGE_SIZE = 112  # pixels of a cut-out's side
BATCH = 64  # pictures embedded at once


def procedural_cache(folder: Path, split: str, count: int) -> DataCache:
    """The first `count` shapes of a split in FOLDER/SPLIT, drawn there on first use (0.1 s each).

    Raises:
        ValueError: if the folder holds another number of shapes, or something else.
    """
    if count < 1:
        raise ValueError(f"--count must be positive, not {count}.")
    return build_cache(folder / split, split, count, IMAGE_SIZE, workers=default_workers())


def plain(cutouts: Tensor) -> Tensor:
    """Cut-outs (B, S, S, 4) uint8 on grey, as `cisp.images.to_pixels` puts one: (B, 3, S, S)."""
    return eight_bit(composite(cutouts.permute(0, 3, 1, 2) / 255, GREY / 255))


@torch.inference_mode()
def embed_views(
    space: Embedder,
    cutouts: np.ndarray,
    views: Sequence[int],
    *,
    pixels_of: Callable[[Tensor], Tensor] = plain,
    batch: int = BATCH,
) -> np.ndarray:
    """Unit embeddings (N, len(views), D) float32 of pictures.

    Args:
        space: whose image tower; pictures of another size than its own are resized.
        cutouts: (N, V, S, S, 4) uint8 RGBA.
        views: which of the V.
        pixels_of: from cut-outs (B, S, S, 4) to pixels (B, 3, S, S) in [-1, 1].
        batch: pictures embedded at once.
    """
    flat = [(row, view) for row in range(len(cutouts)) for view in views]
    parts = []
    for start in tqdm(range(0, len(flat), batch), desc=f"embed with {space.name}", unit="batch"):
        chosen = [cutouts[row, view] for row, view in flat[start : start + batch]]
        pixels = pixels_of(torch.from_numpy(np.stack(chosen)))
        if pixels.shape[-1] != space.image_size:
            pixels = F.interpolate(pixels, space.image_size, mode="bilinear", antialias=True)
        parts.append(space.encode_image(pixels).float().cpu().numpy())
    return np.concatenate(parts).reshape(len(cutouts), len(views), -1)


@torch.inference_mode()
def embed_shapes(space: Any, grids: np.ndarray, batch: int = 64) -> np.ndarray:
    """Unit embeddings (N, D) float32 of grids (N, R, R, R) in a space with a shape tower."""
    parts = [
        space.encode_shape(torch.from_numpy(np.array(grids[at : at + batch])).float()[:, None])
        for at in range(0, len(grids), batch)
    ]
    return torch.cat(parts).float().cpu().numpy()


@torch.inference_mode()
def embed_texts(space: Any, captions: Sequence[str], batch: int = 128) -> np.ndarray:
    """Unit embeddings (N, D) float32; equal captions are encoded once, so they stay equal."""
    different = sorted(set(captions))
    parts = []
    starts = range(0, len(different), batch)
    for at in tqdm(starts, desc="embed captions", unit="batch", disable=len(starts) < 2):
        parts.append(space.encode_text(different[at : at + batch]).float().cpu().numpy())
    row = {caption: index for index, caption in enumerate(different)}
    return np.concatenate(parts)[[row[caption] for caption in captions]]


def embed_captions(space: Any, captions: Sequence[Sequence[str]]) -> list[np.ndarray]:
    """Unit embeddings (captions, D) float32 of each shape's captions."""
    ends = np.cumsum([len(of_shape) for of_shape in captions])
    flat = embed_texts(space, [caption for of_shape in captions for caption in of_shape])
    return np.split(flat, ends[:-1])


def mean_of_each(lists: Sequence[np.ndarray]) -> np.ndarray:
    """`mean_embeds` (N, D) of N arrays of any length."""
    return np.concatenate([mean_embeds(embeds[None]) for embeds in lists])


def mean_embeds(embeds: np.ndarray) -> np.ndarray:
    """Unit vectors (N, D) along the means of unit vectors (N, V, D); zero where these cancel."""
    means = embeds.mean(1)
    return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
