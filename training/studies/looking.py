"""Retrieval of a picture's object in two ways: by the shape itself, or by other pictures of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cisp.embedder import Embedder
from cisp.spaces import load_spaces
from training.data.cache import DataCache
from training.data.embeddings import embed_shapes, embed_views, mean_embeds, procedural_cache
from training.measure.metrics import ranks
from training.measure.statistics import Interval, bootstrap_mean

SHOWN = {  # a name in a figure's legend to a way of retrieval
    "CISP image to image": "cisp image to image",
    "CLIP image to image": "clip image to image",
    "CISP image to shape": "cisp image to shape",
}


@dataclass(frozen=True)
class GalleryOptions:
    """What a study of a gallery asks for before its own options.

    Attributes:
        out: The JSON file to write.
        weights: The folder of the trained weights.
        cache: Where drawn shapes are kept, a folder a split.
        count: Shapes in the gallery.
    """

    out: Path
    weights: Path = Path("assets/weights")
    cache: Path = Path("runs/data")
    count: int = 2600


def open_gallery(options: Any, device: torch.device) -> tuple[DataCache, dict[str, Embedder]]:
    """The test shapes, the first `options.queries` of which are the queries, and the spaces.

    Args:
        options: `GalleryOptions` with `queries`.
        device: of the spaces.

    Raises:
        ValueError: if there are too few shapes, or the folder holds others.
    """
    if not 1 <= options.queries <= options.count:
        raise ValueError(f"--queries must be between 1 and --count, {options.count}.")
    cache = procedural_cache(options.cache, "test", options.count)
    return cache, load_spaces(options.weights, device)


def recall(rank: np.ndarray, ks: Sequence[int], seed: int = 0) -> dict[str, Interval]:
    """{"R@k": share} of ranks (N,), the first place being 1; `seed` is of the resamples."""
    return {f"R@{k}": bootstrap_mean(rank <= k, seed=seed) for k in ks}


def ranks_by_way(
    spaces: Mapping[str, Any], cache: DataCache, pictures: np.ndarray, others: Sequence[int]
) -> dict[str, np.ndarray]:
    """Ranks (queries, V) of the own entry by the way of retrieval: "cisp image to shape" and so on.

    Args:
        spaces: "clip" and "cisp".
        cache: the gallery, whose first shapes are the queries.
        pictures: (queries, V, S, S, 4) uint8 RGBA, each one a query.
        others: the views of the gallery whose mean embedding is searched.
    """
    found, columns = {}, range(pictures.shape[1])
    for name, space in spaces.items():
        query = embed_views(space, pictures, columns)  # (queries, V, D)
        galleries = {"image": mean_embeds(embed_views(space, cache.cutouts, others))}
        if name == "cisp":
            galleries["shape"] = embed_shapes(space, cache.grids)
        for kind, gallery in galleries.items():
            found[f"{name} image to {kind}"] = np.stack(
                [ranks(query[:, at], gallery) for at in columns], 1
            )
    return found
