"""Search the gallery in each space, and compare the ranks of the shapes found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cisp.gallery import Gallery


@dataclass(frozen=True)
class Hit:
    """A shape that was found.

    Args:
        row: in the gallery.
        similarity: cosine to the query.
        ranks: its rank in each other space, 1 for the nearest.
    """

    row: int
    similarity: float
    ranks: dict[str, int]


def retrieve(
    gallery: Gallery, embeds: Mapping[str, np.ndarray], k: int, without: int | None = None
) -> dict[str, list[Hit]]:
    """Find the k shapes nearest to a query in each space, the nearest first.

    Args:
        gallery: the known shapes.
        embeds: the query: space -> (D,), a unit vector. Spaces that the gallery lacks are left out.
        k: at least 1; fewer are found if the gallery is smaller.
        without: a row to leave out: that of the query itself.
    """
    orders, similarities = {}, {}
    for space in (s for s in embeds if s in gallery.spaces):
        similarities[space] = gallery.searched(space) @ embeds[space]  # (N,)
        order = np.argsort(-similarities[space], kind="stable")
        orders[space] = order[order != without]
    ranks = {space: _ranks(order, len(gallery)) for space, order in orders.items()}
    return {
        space: [
            Hit(
                int(row),
                float(similarities[space][row]),
                {other: int(ranks[other][row]) for other in orders if other != space},
            )
            for row in order[:k]
        ]
        for space, order in orders.items()
    }


def _ranks(order: np.ndarray, count: int) -> np.ndarray:
    """Rank of each row, 1 for the first in order."""
    ranks = np.zeros(count, int)
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks


def name_of(gallery: Gallery, row: int) -> str:
    """The display name of a shape of the gallery: its subtype, where it has one."""
    return gallery.subtypes[row] or gallery.categories[row]


def gallery_embeds(gallery: Gallery, row: int) -> dict[str, np.ndarray]:
    """A shape of the gallery as a query: its searched embedding in each space."""
    return {space: gallery.searched(space)[row] for space in gallery.spaces}


def place(gallery: Gallery, space: str, hits: Sequence[Hit]) -> list[float] | None:
    """The place of a query on the map of a space: the mean of its hits, weighted by similarity.

    None where there is no such map, or nothing was found.
    """
    if space not in gallery.maps or not hits:
        return None
    weights = np.maximum([hit.similarity for hit in hits], 1e-6)
    places = gallery.maps[space][[hit.row for hit in hits]]
    return [float(one) for one in weights @ places / weights.sum()]
