"""Metrics of shapes and of embeddings, each with its convention in its arguments.

Lengths are in unit-cube units: a grid spans [-0.5, 0.5]^3 whatever its resolution. Point clouds are
(P, 3) float arrays. Sets are compared through distance matrices (see `pairwise`), rows generated,
columns reference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

F_SCORE_POINTS = 8192  # fewer points and even equal shapes lie further than tau apart
SET_POINTS = 2048  # for the distances between sets, as in PointFlow and PVD
ROUNDING = 1e-6  # similarities of unit vectors in float32 that are closer are equal


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Voxel intersection over union.

    Args:
        a: (..., R, R, R) bool; leading axes broadcast.
        b: (..., R, R, R) bool.

    Returns:
        (...) float64 in [0, 1]; 1 where both grids are empty.
    """
    axes = (-3, -2, -1)
    intersection = (a & b).sum(axes)
    union = (a | b).sum(axes)
    return np.where(union > 0, intersection / np.maximum(union, 1), 1.0)


def sample_surface(grid: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Points spread evenly over the marching-cubes surface of a grid.

    Args:
        grid: (R, R, R), either bool (the surface at 0.5 between 0 and 1) or values, positive inside
            (the surface at 0).
        n: how many points.
        seed: of the draw.

    Returns:
        (n, 3) float64 in unit-cube units, cell (i, j, k) being centred at ((i, j, k) + 0.5) / R
        - 0.5; (0, 3) if the grid is empty.
    """
    from skimage.measure import marching_cubes  # slow to import

    binary = grid.dtype == bool
    level = 0.5 if binary else 0.0
    if not (grid > level).any():
        return np.zeros((0, 3))
    empty = 0.0 if binary else -1.0
    field = np.pad(grid.astype(np.float32), 1, constant_values=empty)
    vertices, faces, _, _ = marching_cubes(field, level)
    vertices = (vertices - 0.5) / grid.shape[0] - 0.5  # -1 for the padding, +0.5 for the centre
    corners = vertices[faces].astype(np.float64)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    areas = np.linalg.norm(np.cross(first, second), axis=1)
    generator = np.random.default_rng(seed)
    chosen = generator.choice(len(areas), n, p=areas / areas.sum())
    u, v = generator.random((2, n, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)  # fold into the triangle
    return corners[chosen, 0] + u * first[chosen] + v * second[chosen]


def _nearest(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distance from each point of `a` to the nearest of `b`."""
    return cKDTree(b).query(a)[0]


def chamfer_distance(a: np.ndarray, b: np.ndarray, *, squared: bool = True) -> float:
    """Mean nearest-neighbour distance from a to b plus that from b to a.

    Args:
        a: (P, 3), not empty.
        b: (Q, 3), not empty.
        squared: of squared distances (PointFlow, PVD) or of plain ones.
    """
    power = 2 if squared else 1
    return float((_nearest(a, b) ** power).mean() + (_nearest(b, a) ** power).mean())


def f_score(a: np.ndarray, b: np.ndarray, *, tau: float = 0.01) -> float:
    """Harmonic mean of precision and recall at (unsquared) distance `tau`.

    Tatarchenko et al. 2019. Means little with fewer than `F_SCORE_POINTS` points a surface. An
    empty cloud against a full one scores 0, two empty ones 1.
    """
    if not len(a) or not len(b):
        return float(len(a) == len(b))
    precision, recall = (_nearest(a, b) <= tau).mean(), (_nearest(b, a) <= tau).mean()
    return float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0


def emd(a: np.ndarray, b: np.ndarray) -> float:
    """Earth mover's distance: the mean unsquared distance under the best one-to-one assignment.

    Exact (Hungarian method), O(P^3): a second or so for 2,048 points.
    """
    if a.shape != b.shape:
        raise ValueError(f"EMD needs clouds of one size, not {len(a)} and {len(b)} points.")
    cost = cdist(a, b)
    return float(cost[linear_sum_assignment(cost)].mean())


def pairwise(
    a: Sequence[np.ndarray],
    b: Sequence[np.ndarray],
    distance: Callable[[np.ndarray, np.ndarray], float] = chamfer_distance,
) -> np.ndarray:
    """Distances between all clouds of two sets: (len(a), len(b))."""
    return np.array([[distance(x, y) for y in b] for x in a])


def one_nna(within_a: np.ndarray, between: np.ndarray, within_b: np.ndarray) -> float:
    """Leave-one-out accuracy of telling two sets apart by the nearest neighbour.

    The best value is 0.5 (the sets cannot be told apart), not 0 and not 1.
    Lopez-Paz and Oquab 2017; Yang et al. 2019 (PointFlow).

    Args:
        within_a: (A, A) distances.
        between: (A, B) distances.
        within_b: (B, B) distances.
    """
    distances = np.block([[within_a, between], [between.T, within_b]]).astype(float)
    np.fill_diagonal(distances, np.inf)
    in_a = np.arange(len(distances)) < len(within_a)
    return float((in_a[distances.argmin(1)] == in_a).mean())


def mmd(between: np.ndarray) -> float:
    """Minimum matching distance: mean over references (columns) of the nearest generated one."""
    return float(between.min(0).mean())


def cov(between: np.ndarray) -> float:
    """Coverage: share of references (columns) that are nearest to some generated shape (row)."""
    return len(set(between.argmin(1).tolist())) / between.shape[1]


def ranks(query: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """At which place each query finds its own gallery entry, the one of the same row.

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
