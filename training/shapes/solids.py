"""The solids that shape programs are written in.

A solid is one primitive in a local frame (u, v, w) with an orthonormal, possibly mirroring, basis.
Lengths are free within a program: `Shape.normalised` scales the whole to the unit cube. Axes: x is
the front, y is up, z is the right-hand side. `training.shapes.operators` places and repeats solids,
`training.shapes.outlines` makes the polygons and paths that some of them need.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

NUM_VERTICES = 24  # polygons are padded to this many vertices, so that prisms evaluate as a batch
_BASES = {  # the plane of a prism's polygon, then its extrusion axis
    "x": np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], float).T,  # polygon in (z, y)
    "y": np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]], float).T,  # polygon in (x, z)
    "z": np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], float).T,  # polygon in (x, y)
}


def _no_polygon() -> np.ndarray:
    return np.zeros((NUM_VERTICES, 2))


@dataclass(frozen=True)
class Solid:
    """One primitive: `kind`, placement, and the numbers its distance needs.

    Attributes:
        kind: "box", "ellipsoid", "frustum", "rod", "prism", "loft" or "lathe".
        center: (3,) position of the local origin.
        basis: (3, 3) whose columns are the local axes u, v, w.
        lengths: (4,) box: half-sizes u, v, w and rounding; ellipsoid: radii; frustum and rod (axis
            v): radius at -v, radius at +v, half-height; prism and loft (axis w): half-depth,
            rounding; lathe (axis v): none.
        aspect: w/u of a frustum's or a lathe's cross-section.
        polygon: (NUM_VERTICES, 2) cross-section (u, v) of a prism, of a loft at its low end, or
            half the cross-section (radius, v) of a lathe.
        polygon_end: (NUM_VERTICES, 2) cross-section of a loft at its high end.
    """

    kind: str
    center: np.ndarray
    basis: np.ndarray
    lengths: np.ndarray
    aspect: float = 1.0
    polygon: np.ndarray = field(default_factory=_no_polygon)
    polygon_end: np.ndarray = field(default_factory=_no_polygon)

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Corners (3,), (3,) of the tightest axis-aligned box (up to roundings)."""
        if self.kind == "box":
            half = np.abs(self.basis) @ self.lengths[:3]
            return self.center - half, self.center + half
        if self.kind == "ellipsoid":
            # The exact extent of a turned ellipsoid along axis i is |row_i(basis) * radii|.
            half = np.linalg.norm(self.basis * self.lengths[:3], axis=1)
            return self.center - half, self.center + half
        if self.kind == "rod":
            ends = self.lengths[2] * np.outer([-1, 1], self.basis[:, 1])
            reach = np.broadcast_to(self.lengths[:2, None], (2, 3))
        elif self.kind in ("frustum", "lathe"):
            radii, heights = self._rings()
            ends = np.outer(heights, self.basis[:, 1])
            across = np.hypot(self.basis[:, 0], self.aspect * self.basis[:, 2])
            reach = np.outer(radii, across)
        else:
            low, high = (np.insert(p, 2, s * self.lengths[0], axis=1) for p, s in self._ends())
            ends = np.concatenate([low, high]) @ self.basis.T
            reach = np.zeros_like(ends)
        return self.center + (ends - reach).min(0), self.center + (ends + reach).max(0)

    def _rings(self) -> tuple[np.ndarray, np.ndarray]:
        """Radii and heights of the circles that bound a solid of revolution."""
        if self.kind == "frustum":
            return self.lengths[:2], self.lengths[2] * np.array([-1.0, 1.0])
        return self.polygon[:, 0].clip(0), self.polygon[:, 1]

    def _ends(self) -> tuple[tuple[np.ndarray, int], tuple[np.ndarray, int]]:
        """Cross-sections of a prism or loft and the side of the local origin they lie on."""
        return (self.polygon, -1), (self.polygon_end if self.kind == "loft" else self.polygon, 1)


def _padded(polygon) -> np.ndarray:
    polygon = np.asarray(polygon, float)
    if not 3 <= len(polygon) <= NUM_VERTICES:
        raise ValueError(f"A polygon needs 3 to {NUM_VERTICES} vertices, not {len(polygon)}.")
    missing = NUM_VERTICES - len(polygon)
    return np.concatenate([polygon, np.repeat(polygon[-1:], missing, 0)])  # edges of no length


def _lengths(*values: float) -> np.ndarray:
    return np.pad(np.asarray(values, float), (0, 4 - len(values)))


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
    return Solid(
        "box", np.asarray(center, float), np.eye(3), _lengths(*half, min(rounding, half.min()))
    )


def slab(low, high, rounding: float = 0.0) -> Solid:
    """A box by two opposite corners."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    return box((low + high) / 2, np.abs(high - low), rounding)


def ellipsoid(center, radii) -> Solid:
    """An ellipsoid by its centre and radii (x, y, z)."""
    return Solid("ellipsoid", np.asarray(center, float), np.eye(3), _lengths(*radii))


def _between(kind: str, start, end, r_start, r_end, aspect=1.0) -> Solid:
    start, end = np.asarray(start, float), np.asarray(end, float)
    half = np.linalg.norm(end - start) / 2
    lengths = _lengths(r_start, r_start if r_end is None else r_end, half)
    return Solid(kind, (start + end) / 2, _along(end - start), lengths, aspect)


def frustum(start, end, r_start: float, r_end: float | None = None, aspect: float = 1.0) -> Solid:
    """A cylinder or cut cone between two points; `aspect` squeezes it along its last local axis.

    For an upright one that axis is z, so that the radius counts along x.
    """
    return _between("frustum", start, end, r_start, r_end, aspect)


def rod(start, end, r_start: float, r_end: float | None = None) -> Solid:
    """A round-ended rod between two points, its radius linear along it."""
    return _between("rod", start, end, r_start, r_end)


def prism(axis, polygon, low, high, scale=(1.0, 1.0), shift=(0.0, 0.0), rounding=0.0) -> Solid:
    """A polygon extruded along an axis from `low` to `high`.

    Args:
        axis: "x" takes the polygon in (z, y), "y" in (x, z), "z" in (x, y).
        polygon: (K, 2) vertices in order, 3 <= K <= NUM_VERTICES.
        low: where the extrusion starts.
        high: where it ends.
        scale: of the polygon about its own middle at the two ends (a taper).
        shift: of the polygon from the low end to the high end (a shear).
        rounding: radius of the edges between the side and the two ends.
    """
    polygon = np.asarray(polygon, float)
    middle = polygon.mean(0)
    start = middle + (polygon - middle) * scale[0]
    end = middle + (polygon - middle) * scale[1] + np.asarray(shift, float)
    return loft(axis, start, end, low, high, rounding)


def loft(axis, start, end, low: float, high: float, rounding: float = 0.0) -> Solid:
    """A body whose cross-section goes from one polygon to another with as many vertices.

    Args:
        axis: "x" takes the polygons in (z, y), "y" in (x, z), "z" in (x, y).
        start: (K, 2) vertices at `low`.
        end: (K, 2) vertices at `high`; vertex k of one end is joined to vertex k of the other.
        low: where it starts along the axis.
        high: where it ends, above `low`.
        rounding: radius of the edges between the side and the two ends.
    """
    start, end = np.asarray(start, float), np.asarray(end, float)
    if start.shape != end.shape or not high > low:
        raise ValueError("A loft joins polygons with as many vertices, from low up to high.")
    center = _BASES[axis] @ np.array([0, 0, (low + high) / 2])
    straight = np.array_equal(start, end)
    return Solid(
        "prism" if straight else "loft",
        center,
        _BASES[axis],
        _lengths((high - low) / 2, rounding),
        polygon=_padded(start),
        polygon_end=_no_polygon() if straight else _padded(end),
    )


def lathe(profile, center=(0, 0, 0), axis=(0, 1, 0), thickness=None, aspect=1.0) -> Solid:
    """A solid of revolution, as turned on a lathe or blown from glass.

    Args:
        profile: (K, 2) points (radius, height) in order along the axis, radius >= 0.
        center: where height 0 lies.
        axis: direction of growing height.
        thickness: of the wall, inwards from the profile, for an open shell such as a lampshade;
            a full solid without.
        aspect: squeezes the cross-section along the last local axis (z for an upright one).
    """
    profile = np.asarray(profile, float)
    if thickness is None:
        # Closed far beyond the axis: an edge on the axis would make the inside look thin.
        far = -profile[:, 0].max()
        polygon = [(far, profile[0, 1]), *profile, (far, profile[-1, 1])]
    else:
        along = np.gradient(profile, axis=0)
        normal = np.stack([-along[:, 1], along[:, 0]], 1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        normal *= np.sign(profile[-1, 1] - profile[0, 1] or 1.0)
        polygon = [*profile, *(profile + thickness * normal)[::-1]]
    basis = _along(np.asarray(axis, float))
    return Solid(
        "lathe", np.asarray(center, float), basis, _lengths(), aspect, polygon=_padded(polygon)
    )
