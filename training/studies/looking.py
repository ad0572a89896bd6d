"""The ways in which a picture looks for its object: for the shape itself, or for other pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from training.data.cache import DataCache
from training.data.embedded import embed_shapes, embed_views, mean_embeds
from training.measure.metrics import ranks

SHOWN = {  # a name in a figure's legend to a way of looking
    "CISP image to image": "cisp image to image",
    "CLIP image to image": "clip image to image",
    "CISP image to shape": "cisp image to shape",
}


def ranks_by_way(
    spaces: Mapping[str, Any], cache: DataCache, pictures: np.ndarray, others: Sequence[int]
) -> dict[str, np.ndarray]:
    """Ranks (queries, V) of the own entry by the way of looking: "cisp image to shape" and so on.

    Args:
        spaces: "clip" and "cisp".
        cache: the gallery, whose first shapes are the queries.
        pictures: (queries, V, S, S, 4) uint8 RGBA, each of which looks.
        others: the views of the gallery whose mean embedding is looked for.
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
