"""Metrics of grids, of sets of shapes and of embeddings, each with its convention.

Sets are compared through distance matrices (see `pairwise`), rows generated, columns reference.
What is measured on surfaces is in `training.measure.surfaces`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from diffusion.grids.frame import iou

ROUNDING = 1e-6  # similarities of unit vectors in float32 that are closer are equal


def diversity(grids: np.ndarray) -> float:
    """Mean 1 - IoU over all pairs of K grids (K, R, R, R) bool, K at least 2."""
    first, second = np.triu_indices(len(grids), 1)
    return float(1 - iou(grids[first], grids[second]).mean())


def pairwise(
    a: Sequence[np.ndarray],
    b: Sequence[np.ndarray],
    distance: Callable[[np.ndarray, np.ndarray], float],
) -> np.ndarray:
    """Distances between all clouds of two sets: (len(a), len(b))."""
    return np.array([[distance(x, y) for y in b] for x in a]).reshape(len(a), len(b))


def nearest_is_own(within_a: np.ndarray, between: np.ndarray, within_b: np.ndarray) -> np.ndarray:
    """Whether the nearest neighbour of each shape, itself left out, is of its own set.

    The mean is the leave-one-out accuracy of a 1-nearest-neighbour classifier that tells the sets
    apart, 1-NNA. Its best value is 0.5 (they cannot be told apart), not 0 and not 1.
    Lopez-Paz and Oquab 2017; Yang et al. 2019 (PointFlow).

    Args:
        within_a: (A, A) distances.
        between: (A, B) distances.
        within_b: (B, B) distances.

    Returns:
        (A + B,) bool.
    """
    distances = np.block([[within_a, between], [between.T, within_b]]).astype(float)
    np.fill_diagonal(distances, np.inf)
    in_a = np.arange(len(distances)) < len(within_a)
    return in_a[distances.argmin(1)] == in_a


def nearest_generated(between: np.ndarray) -> np.ndarray:
    """Distance (B,) from each reference to the nearest generated shape of (A, B) distances.

    The mean is the minimum matching distance, MMD (Achlioptas et al. 2018).
    """
    return between.min(0)


def covered(between: np.ndarray) -> np.ndarray:
    """Whether each reference (B,) is nearest to some generated shape, by (A, B) distances.

    The mean is the coverage, COV (Achlioptas et al. 2018).
    """
    return np.isin(np.arange(between.shape[1]), between.argmin(1))


def ranks(query: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """The rank at which each query finds its own gallery entry, that of the same row.

    A tie counts against the query, so constant embeddings retrieve nothing, and what differs by
    rounding alone is a tie.

    Args:
        query: (N, D) unit vectors.
        gallery: (N, D) unit vectors.

    Returns:
        (N,) int: 1 where nothing in the gallery is as similar as the own entry.
    """
    rank = np.empty(len(query), int)
    for start in range(0, len(query), 1024):  # the whole matrix may not fit
        rows = np.arange(start, min(start + 1024, len(query)))
        similarity = query[rows] @ gallery.T
        own = similarity[np.arange(len(rows)), rows]
        rank[rows] = (similarity >= own[:, None] - ROUNDING).sum(1)  # itself included
    return rank


def ranks_in_batches(query: np.ndarray, gallery: np.ndarray, batch: int, seed: int) -> np.ndarray:
    """The ranks when each query searches only its own batch of a random division of the rows.

    Args:
        query: (N, D) unit vectors.
        gallery: (N, D) unit vectors.
        batch: rows of a batch.
        seed: of the division.

    Returns:
        (M,) int, M being N without the rows that make no whole batch; in no particular order.
    """
    order = np.random.default_rng(seed).permutation(len(query))
    whole = order[: len(order) - len(order) % batch].reshape(-1, batch)
    found = [ranks(query[rows], gallery[rows]) for rows in whole]
    return np.concatenate(found) if found else np.empty(0, int)


def recall_at_k(
    query: np.ndarray, gallery: np.ndarray, ks: Sequence[int] = (1, 5, 10)
) -> dict[int, float]:
    """Share of queries whose own gallery entry is among the k most similar ones, see `ranks`."""
    rank = ranks(query, gallery)
    return {k: float((rank <= k).mean()) for k in ks}


def recall_in_batches(
    query: np.ndarray, gallery: np.ndarray, batch: int, seed: int, ks: Sequence[int] = (1, 5, 10)
) -> dict[int, float] | None:
    """Mean recall over a random division into whole batches; None if there are fewer rows."""
    rank = ranks_in_batches(query, gallery, batch, seed)
    return {k: float((rank <= k).mean()) for k in ks} if len(rank) else None
