"""Surfaces as points with normals, and how near two of them come to each other.

Lengths are in unit-cube units: a grid spans [-0.5, 0.5]^3 whatever its resolution. Point clouds are
(P, 3) float arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from diffusion.grids.to_mesh import surface

SURFACE_POINTS = 8192  # with fewer, even equal shapes lie farther than TAU apart
CHAMFER_POINTS = 2048  # as in PointFlow and PVD
EMD_POINTS = 256  # an exact assignment takes O(P^3): 7 ms here, 4 s of 2,048 points
TAU = 0.01  # of the F-Score
CELL = 1 / 32  # of the coverage: the side of a cell


class Surface(NamedTuple):
    """Points (P, 3) on a surface and its unit normals there (P, 3), of either sign."""

    points: np.ndarray
    normals: np.ndarray


def sample_surface(grid: np.ndarray, n: int, seed: int) -> Surface:
    """Points spread evenly over the marching-cubes surface of a grid.

    Args:
        grid: (R, R, R), either bool (the surface half-way between cells) or values, positive inside
            (the surface at 0).
        n: how many points; the first of them are an even draw as well.
        seed: of the draw.

    Returns:
        Float64, n points with the normals of their triangles; no point if the grid is empty.
    """
    if not (grid > 0).any():
        return Surface(np.zeros((0, 3)), np.zeros((0, 3)))
    vertices, faces = surface(np.where(grid, 1, -1) if grid.dtype == bool else grid)
    corners = vertices[faces].astype(np.float64)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normals = np.cross(first, second)
    areas = np.linalg.norm(normals, axis=1)
    generator = np.random.default_rng(seed)
    chosen = generator.choice(len(areas), n, p=areas / areas.sum())  # never a triangle without area
    u, v = generator.random((2, n, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)  # fold into the triangle
    points = corners[chosen, 0] + u * first[chosen] + v * second[chosen]
    return Surface(points, normals[chosen] / areas[chosen, None])


@dataclass(frozen=True)
class Match:
    """The nearest neighbours of two clouds a (P, 3) and b (Q, 3), neither empty.

    Attributes:
        there: (P,) distances from a to b.
        back: (Q,) distances from b to a.
        to_b: (P,) indices of the points of b.
        to_a: (Q,) indices of the points of a.
    """

    there: np.ndarray
    back: np.ndarray
    to_b: np.ndarray
    to_a: np.ndarray

    @classmethod
    def of(cls, a: np.ndarray, b: np.ndarray) -> Match:
        """Search both ways."""
        (there, to_b), (back, to_a) = cKDTree(b).query(a), cKDTree(a).query(b)
        return cls(there, back, to_b, to_a)

    def chamfer_distance(self, *, squared: bool = True) -> float:
        """Mean distance there plus that back, squared (PointFlow, PVD) or plain."""
        power = 2 if squared else 1
        return float((self.there**power).mean() + (self.back**power).mean())

    def f_score(self, tau: float = TAU) -> float:
        """Harmonic mean of precision and recall at (unsquared) distance `tau`.

        Tatarchenko et al. 2019. Means little with fewer than `SURFACE_POINTS` points a surface.
        """
        precision, recall = (self.there <= tau).mean(), (self.back <= tau).mean()
        total = precision + recall
        return float(2 * precision * recall / total) if total else 0.0

    def coverage(self, tau: float = CELL) -> float:
        """Share of b with a point of a within `tau`: how much of the true surface was generated."""
        return float((self.back <= tau).mean())

    def normal_consistency(self, a: np.ndarray, b: np.ndarray) -> float:
        """Mean |cosine| between the normals a (P, 3), b (Q, 3) of neighbours, of both directions.

        Mescheder et al. 2019 (Occupancy Networks), without the sign: normals are not oriented here.
        """
        there = np.abs((a * b[self.to_b]).sum(1)).mean()
        back = np.abs((b * a[self.to_a]).sum(1)).mean()
        return float((there + back) / 2)


def chamfer_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Squared Chamfer distance of two clouds, see `Match.chamfer_distance`."""
    return Match.of(a, b).chamfer_distance()


def emd(a: np.ndarray, b: np.ndarray) -> float:
    """Earth mover's distance: the mean unsquared distance under the best one-to-one assignment.

    Exact (Hungarian method). Two draws of P points on one surface are not at 0 but at about
    P^(-1/2) times its size, so values compare only at equal P.
    """
    if a.shape != b.shape:
        raise ValueError(f"EMD needs clouds of one size, not {len(a)} and {len(b)} points.")
    cost = cdist(a, b)
    return float(cost[linear_sum_assignment(cost)].mean())


def cloud(grid: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Points (n, 3) of a surface for distances, which every shape needs.

    For an empty grid this is the middle of the cube, n times.
    """
    points = sample_surface(grid, n, seed).points
    return points if len(points) else np.zeros((n, 3))


def surface_scores(answer: np.ndarray, truth: Surface, seed: int) -> dict[str, float]:
    """All measures of an answered grid's surface against `SURFACE_POINTS` points of the true one.

    Args:
        answer: (R, R, R) bool.
        truth: with `SURFACE_POINTS` points.
        seed: of the points on the answer.

    Returns:
        "f_score", "coverage" and "normal_consistency", all 0 for an empty answer; "cd" and "emd" of
        the first `CHAMFER_POINTS` and `EMD_POINTS`.
    """
    made = sample_surface(answer, SURFACE_POINTS, seed)
    scores = dict.fromkeys(("f_score", "coverage", "normal_consistency"), 0.0)
    points = made.points
    if len(points):
        match = Match.of(points, truth.points)
        scores["f_score"], scores["coverage"] = match.f_score(), match.coverage()
        scores["normal_consistency"] = match.normal_consistency(made.normals, truth.normals)
    else:
        points = np.zeros_like(truth.points)  # see `cloud`
    scores["cd"] = chamfer_distance(points[:CHAMFER_POINTS], truth.points[:CHAMFER_POINTS])
    scores["emd"] = emd(points[:EMD_POINTS], truth.points[:EMD_POINTS])
    return scores
