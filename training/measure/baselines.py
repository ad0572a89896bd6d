"""What a generated shape has to beat: the category's mean shape and retrieved training shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from diffusion.grids.frame import iou_matrix

THRESHOLDS = (0.2, 0.3, 0.4, 0.5)


@dataclass(frozen=True)
class Gallery:
    """Training shapes to retrieve from.

    Attributes:
        occupancy: (M, R, R, R) bool.
        categories: M names.
        embeds: (M, D) image embeddings of one rendering each, a space.
    """

    occupancy: np.ndarray
    categories: list[str]
    embeds: dict[str, np.ndarray] = field(default_factory=dict)


def mean_shapes(gallery: Gallery) -> dict[str, np.ndarray]:
    """The mean occupancy of each category, cut at the threshold that fits its members best.

    Returns:
        (R, R, R) bool a category, by the highest mean IoU over the members among `THRESHOLDS`.
    """
    shapes = {}
    for category in sorted(set(gallery.categories)):
        rows = [row for row, name in enumerate(gallery.categories) if name == category]
        members = gallery.occupancy[rows]
        mean = members.mean(0, dtype=np.float32)
        cuts = np.stack([mean > threshold for threshold in THRESHOLDS])
        fit = iou_matrix(cuts, members).mean(1)
        shapes[category] = cuts[fit.argmax()]
    return shapes


def nearest_by_embedding(query: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """Indices (N,) of the most similar of (M, D) unit vectors for (N, D) unit vectors."""
    return np.concatenate(
        [(query[at : at + 1024] @ gallery.T).argmax(1) for at in range(0, len(query), 1024)]
    )


def oracle_nearest(occupancy: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """Indices (N,) of the gallery shapes with the highest IoU: the upper bound of retrieval."""
    return iou_matrix(occupancy, gallery).argmax(1)


def baseline_shapes(
    occupancy: np.ndarray,
    categories: Sequence[str],
    embeds: dict[str, np.ndarray],
    gallery: Gallery,
) -> dict[str, np.ndarray]:
    """The answers of each baseline to the N test images: (N, R, R, R) bool a baseline.

    "mean shape" is given the true category (empty if the gallery has none of it), "retrieval by X"
    takes the training shape whose rendering's embedding is nearest in space X, "oracle retrieval"
    the one with the highest IoU.
    """
    means = mean_shapes(gallery)
    empty = np.zeros(occupancy.shape[1:], bool)
    answers = {"mean shape": np.stack([means.get(name, empty) for name in categories])}
    for space, query in embeds.items():
        chosen = nearest_by_embedding(query, gallery.embeds[space])
        answers[f"retrieval by {space}"] = gallery.occupancy[chosen]
    answers["oracle retrieval"] = gallery.occupancy[oracle_nearest(occupancy, gallery.occupancy)]
    return answers
