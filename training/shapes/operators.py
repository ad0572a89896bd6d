"""What is done with solids: placed, turned, mirrored, repeated, strung along paths."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from training.shapes.solids import Solid, rod


def moved(solids: Iterable[Solid], offset) -> list[Solid]:
    """Shift solids by an offset (x, y, z)."""
    return [replace(s, center=s.center + np.asarray(offset, float)) for s in solids]


def turned(solids: Iterable[Solid], axis: str, degrees: float, about=(0, 0, 0)) -> list[Solid]:
    """Turn solids about an axis through a point, by the right-hand rule.

    About "z" a positive angle leans the top towards -x (backwards), about "y" it turns +z towards
    +x, about "x" it leans the top towards +z.
    """
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    angle = np.deg2rad(degrees)
    turn = np.eye(3)
    turn[i, i] = turn[j, j] = np.cos(angle)
    turn[j, i], turn[i, j] = np.sin(angle), -np.sin(angle)
    about = np.asarray(about, float)
    return [
        replace(s, center=turn @ (s.center - about) + about, basis=turn @ s.basis) for s in solids
    ]


def mirrored(solids: Iterable[Solid], axis: str = "z") -> list[Solid]:
    """The solids and their mirror images in the plane through the origin across an axis."""
    solids = list(solids)
    return solids + flipped(solids, axis)


def flipped(solids: Iterable[Solid], axis: str = "z") -> list[Solid]:
    """The mirror images alone."""
    flip = np.ones(3)
    flip["xyz".index(axis)] = -1
    return [replace(s, center=s.center * flip, basis=flip[:, None] * s.basis) for s in solids]


def scaled(solids: Iterable[Solid], factor: float, about=(0, 0, 0)) -> list[Solid]:
    """Scale solids about a point by one factor."""
    about = np.asarray(about, float)
    return [
        replace(
            s,
            center=(s.center - about) * factor + about,
            lengths=s.lengths * factor,
            polygon=s.polygon * factor,
            polygon_end=s.polygon_end * factor,
        )
        for s in solids
    ]


def repeated(solids: Iterable[Solid], offset, count: int) -> list[Solid]:
    """`count` copies in a row, the first in place, each further by one offset (x, y, z)."""
    solids = list(solids)
    return [s for k in range(count) for s in moved(solids, k * np.asarray(offset, float))]


def around(solids: Iterable[Solid], count: int, start: float = 0.0) -> list[Solid]:
    """`count` copies spread evenly around the y axis, the first turned by `start` degrees."""
    solids = list(solids)
    return [s for k in range(count) for s in turned(solids, "y", start + 360 * k / count)]


def tube(points, radius: float, radius_end: float | None = None) -> list[Solid]:
    """Rods through a sequence of points (K, 3): a bent tube, its radius linear along the points."""
    points = [np.asarray(p, float) for p in points]
    radii = np.linspace(radius, radius if radius_end is None else radius_end, len(points))
    pairs = zip(itertools.pairwise(points), itertools.pairwise(radii), strict=True)
    return [rod(a, b, r, s) for (a, b), (r, s) in pairs]
