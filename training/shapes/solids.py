"""The solids that shape programs are written in, and the operators that place them.

A solid is one primitive in a local frame (u, v, w) with an orthonormal, possibly mirroring, basis.
Lengths are free within a program: `Shape.normalised` scales the whole to the unit cube. Axes: x is
the front, y is up, z is the right-hand side.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

NUM_VERTICES = 14  # polygons are padded to this many vertices, so that prisms evaluate as a batch
_BASES = {  # the plane of a prism's polygon, then its extrusion axis
    "x": np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], float).T,  # polygon in (z, y)
    "y": np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]], float).T,  # polygon in (x, z)
    "z": np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], float).T,  # polygon in (x, y)
}


@dataclass(frozen=True)
class Solid:
    """One primitive: `kind`, placement, and the numbers its distance needs.

    Attributes:
        kind: "box", "ellipsoid", "frustum", "rod" or "prism".
        center: (3,) position of the local origin.
        basis: (3, 3) whose columns are the local axes u, v, w.
        size: (5,) box: half-sizes u, v, w and rounding; ellipsoid: radii; frustum (axis v): radius
            at -v, radius at +v, half-height, w/u aspect, rounding; rod (axis v): radius at -v,
            radius at +v, half-length; prism: half-depth, polygon scale at -w and +w, rounding.
        shift: (2,) shear of a prism: how far its polygon at +w lies from the one at -w.
        polygon: (NUM_VERTICES, 2) vertices of a prism's cross-section.
    """

    kind: str
    center: np.ndarray
    basis: np.ndarray
    size: np.ndarray
    shift: np.ndarray
    polygon: np.ndarray

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Corners (3,), (3,) of an axis-aligned box around the solid."""
        if self.kind == "box":
            low, high = -self.size[:3], self.size[:3]
        elif self.kind == "ellipsoid":
            # The exact extent of a turned ellipsoid along axis i is |row_i(basis) * radii|.
            half = np.linalg.norm(self.basis * self.size[:3], axis=1)
            return self.center - half, self.center + half
        elif self.kind == "frustum":
            radius, aspect = self.size[:2].max(), self.size[3]
            high = np.array([radius, self.size[2], radius * aspect])
            low = -high
        elif self.kind == "rod":
            ends = self.basis[:, 1] * self.size[2]
            low = np.minimum(-ends - self.size[0], ends - self.size[1])
            high = np.maximum(-ends + self.size[0], ends + self.size[1])
            return self.center + low, self.center + high
        else:
            start = self.polygon * self.size[1] - self.shift / 2
            end = self.polygon * self.size[2] + self.shift / 2
            corners = np.concatenate([start, end])
            low = np.append(corners.min(0), -self.size[0])
            high = np.append(corners.max(0), self.size[0])
        corners = np.array([[low[0], high[0]], [low[1], high[1]], [low[2], high[2]]])
        grid = np.stack(np.meshgrid(*corners, indexing="ij"), -1).reshape(-1, 3) @ self.basis.T
        return self.center + grid.min(0), self.center + grid.max(0)


def _solid(kind, center, basis, size, shift=(0.0, 0.0), polygon=None) -> Solid:
    padded = np.zeros((NUM_VERTICES, 2))
    if polygon is not None:
        polygon = np.asarray(polygon, float)
        if not 3 <= len(polygon) <= NUM_VERTICES:
            raise ValueError(f"A prism needs 3 to {NUM_VERTICES} vertices, not {len(polygon)}.")
        padded[: len(polygon)] = polygon
        padded[len(polygon) :] = polygon[-1]  # edges of no length change nothing
    size = np.pad(np.asarray(size, float), (0, 5 - len(size)))
    return Solid(kind, np.asarray(center, float), basis, size, np.asarray(shift, float), padded)


def _along(axis: np.ndarray) -> np.ndarray:
    """A basis (3, 3) whose second column is `axis`, with the first as level as can be."""
    v = axis / np.linalg.norm(axis)
    helper = np.array([1.0, 0.0, 0.0]) if abs(v[0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    u = helper - v * (helper @ v)
    u /= np.linalg.norm(u)
    return np.stack([u, v, np.cross(u, v)], axis=1)


def box(center, size, rounding: float = 0.0) -> Solid:
    """A box by its centre and full size (x, y, z), edges rounded by a radius."""
    half = np.asarray(size, float) / 2
    return _solid("box", center, np.eye(3), [*half, min(rounding, half.min())])


def ellipsoid(center, radii) -> Solid:
    """An ellipsoid by its centre and radii (x, y, z)."""
    return _solid("ellipsoid", center, np.eye(3), radii)


def frustum(start, end, r_start: float, r_end: float | None = None, aspect: float = 1.0) -> Solid:
    """A cylinder or cut cone between two points; `aspect` squeezes it along its last local axis."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    half = np.linalg.norm(end - start) / 2
    r_end = r_start if r_end is None else r_end
    return _solid(
        "frustum", (start + end) / 2, _along(end - start), [r_start, r_end, half, aspect, 0]
    )


def rod(start, end, r_start: float, r_end: float | None = None) -> Solid:
    """A round-ended rod between two points, its radius linear along it."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    half = np.linalg.norm(end - start) / 2
    r_end = r_start if r_end is None else r_end
    return _solid("rod", (start + end) / 2, _along(end - start), [r_start, r_end, half])


def prism(axis, polygon, low, high, scale=(1.0, 1.0), shift=(0.0, 0.0), rounding=0.0) -> Solid:
    """A polygon extruded along an axis from `low` to `high`.

    Args:
        axis: "x" takes the polygon in (z, y), "y" in (x, z), "z" in (x, y).
        polygon: (K, 2) vertices in order, 3 <= K <= NUM_VERTICES.
        low: where the extrusion starts.
        high: where it ends.
        scale: of the polygon about its own origin at the two ends (a taper).
        shift: of the polygon's origin from the low end to the high end (a shear).
        rounding: radius of the edges between the side and the two ends.
    """
    shift = np.asarray(shift, float)
    polygon = np.asarray(polygon, float)
    basis = _BASES[axis]
    middle = polygon.mean(0)
    center = basis @ np.array([*(middle + shift / 2), (low + high) / 2])
    size = [abs(high - low) / 2, *scale, rounding]
    return _solid("prism", center, basis, size, shift, polygon - middle)


def tube(points: Iterable, radius: float) -> list[Solid]:
    """Rods through a sequence of points: a bent tube."""
    points = [np.asarray(p, float) for p in points]
    return [rod(a, b, radius) for a, b in itertools.pairwise(points)]


def ellipse(radius_u: float, radius_v: float, count: int = 12) -> np.ndarray:
    """Vertices (count, 2) of an ellipse, for round prisms."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([radius_u * np.cos(angle), radius_v * np.sin(angle)], axis=1)


def turned(solids: Iterable[Solid], axis: str, degrees: float, about=(0, 0, 0)) -> list[Solid]:
    """Turn solids about an axis through a point, by the right-hand rule."""
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    angle = np.deg2rad(degrees)
    turn = np.eye(3)
    turn[i, i] = turn[j, j] = np.cos(angle)
    turn[j, i], turn[i, j] = np.sin(angle), -np.sin(angle)
    about = np.asarray(about, float)
    return [
        replace(s, center=turn @ (s.center - about) + about, basis=turn @ s.basis) for s in solids
    ]


def moved(solids: Iterable[Solid], offset) -> list[Solid]:
    """Shift solids by an offset (x, y, z)."""
    return [replace(s, center=s.center + np.asarray(offset, float)) for s in solids]


def mirrored(solids: Iterable[Solid], axis: str = "z") -> list[Solid]:
    """The solids and their mirror images in the plane through the origin across an axis."""
    flip = np.ones(3)
    flip["xyz".index(axis)] = -1
    solids = list(solids)
    return solids + [
        replace(s, center=s.center * flip, basis=flip[:, None] * s.basis) for s in solids
    ]
