"""What furniture of many kinds is built of: legs, stretchers, feet, cushions, drawers.

All lengths in metres, the floor at y = 0. Everything returns solids; families give them materials.
"""

from __future__ import annotations

import numpy as np

from training.shapes.operators import around, mirrored, moved, tube
from training.shapes.outlines import curve, ellipse, rectangle
from training.shapes.solids import Solid, box, ellipsoid, frustum, lathe, loft, rod, slab

LEG_STYLES = ("square", "round", "tapered", "turned", "cabriole", "block")
TURNED = np.array(  # radius and height of a turned leg from the floor, both as shares
    [
        *[(0.5, 0), (0.75, 0.05), (0.55, 0.12), (0.7, 0.45), (1.0, 0.66)],
        *[(0.6, 0.7), (0.95, 0.76), (0.95, 1.0)],
    ]
)


def four(solids) -> list[Solid]:
    """Solids near the corner (+x, +z), at all four corners."""
    return mirrored(mirrored(solids), "x")


def leg(style: str, foot, top, thick: float) -> list[Solid]:
    """One leg between two points.

    Args:
        style: one of `LEG_STYLES`.
        foot: (x, y, z) of the middle of its lower end.
        top: (x, y, z) of the middle of its upper end.
        thick: its width at the top.

    Raises:
        ValueError: for another style.
    """
    foot, top = np.asarray(foot, float), np.asarray(top, float)
    r = thick / 2
    if style == "round":
        return [frustum(foot, top, r)]
    if style == "tapered":
        return [frustum(foot, top, 0.55 * r, r)]
    if style == "turned":
        height = np.linalg.norm(top - foot)
        return [lathe(TURNED * [r, height], foot, top - foot)]
    if style == "cabriole":
        out = np.sign(top) * [1, 0, 1] * thick  # the knee and the foot bend outwards
        drop = foot - top
        path = [top, top + 0.2 * drop + 0.5 * out, top + 0.75 * drop - 0.1 * out, foot + 0.5 * out]
        return tube(curve(path, 7), r, 0.6 * r)
    if style in ("square", "block"):
        end = 1.0 if style == "block" else 0.7
        start = rectangle(end * thick, end * thick, center=foot[[0, 2]])
        return [loft("y", start, rectangle(thick, thick, center=top[[0, 2]]), foot[1], top[1])]
    raise ValueError(f"Unknown style of leg: {style!r}.")


def four_legs(style: str, x: float, z: float, height: float, thick: float, splay=1.0):
    """Legs that carry a top at `height` over the corners (+-x, +-z), feet `splay` times as far."""
    return four(leg(style, (x * splay, 0, z * splay), (x, height, z), thick))


def stretchers(style: str, x: float, z: float, y: float, thick: float) -> list[Solid]:
    """Rails between legs at (+-x, +-z): "H", "box", "cross" or "sides".

    Raises:
        ValueError: for another style.
    """
    r = thick / 2
    sides = mirrored([rod((x, y, z), (-x, y, z), r)])
    if style == "sides":
        return sides
    if style == "H":
        return [*sides, rod((0, y, -z), (0, y, z), r)]
    if style == "box":
        return sides + mirrored([rod((x, y, -z), (x, y, z), r)], "x")
    if style == "cross":
        return mirrored([rod((x, y, z), (-x, y, -z), r)])
    raise ValueError(f"Unknown style of stretchers: {style!r}.")


def sled(x: float, z: float, height: float, thick: float) -> list[Solid]:
    """Two runners, a closed loop of tube on each side."""
    r = thick / 2
    path = [(x, height, z), (x, r, z), (-x, r, z), (-x, height, z)]
    return mirrored(tube(path, r))


def star_base(height: float, reach: float, spokes: int, castors: bool, start: float = 0.0):
    """A stem up to `height` on a star of spokes; returns the solids and, apart, the castors."""
    hub, wheel = 0.10, 0.028 if castors else 0.0
    tip = (reach, 2 * wheel + 0.014, 0)
    spoke = [rod((0, hub, 0), tip, 0.026, 0.017)]
    stem = frustum((0, hub - 0.03, 0), (0, height, 0), 0.028)
    wheels = [ellipsoid((reach, wheel, 0), (wheel, wheel, 0.8 * wheel))] if castors else []
    return [stem, *around(spoke, spokes, start)], around(wheels, spokes, start)


def pedestal(height: float, foot: float, stem: float, kind: str = "disc") -> list[Solid]:
    """A central column on a round foot: a flat "disc", a "trumpet" or a "block".

    Raises:
        ValueError: for another kind.
    """
    if kind == "disc":
        plate = min(0.04, 0.15 * height)
        foot_solid = frustum((0, 0, 0), (0, plate, 0), foot, 0.9 * foot)
        return [frustum((0, 0, 0), (0, height, 0), stem), foot_solid]
    if kind == "trumpet":
        t = np.linspace(0, 1, 8)
        return [lathe(np.stack([stem + (foot - stem) * (1 - t) ** 3, t * height], 1))]
    if kind == "block":
        low = 0.12 * height
        return [frustum((0, 0, 0), (0, height, 0), stem), box((0, low / 2, 0), (foot, low, foot))]
    raise ValueError(f"Unknown kind of pedestal: {kind!r}.")


def cushion(low, high, plump: float = 0.3) -> list[Solid]:
    """A cushion between two corners; `plump` from 0 (a slab) to 1 (a pillow)."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    thin = (high - low).min()
    solids = [slab(low, high, thin * (0.15 + 0.3 * plump))]
    if plump > 0.5:  # bulges beyond its seams
        radii = (high - low) / 2 * np.where(high - low == thin, 1 + 0.5 * plump, 0.9)
        solids.append(ellipsoid((low + high) / 2, radii))
    return solids


def drawer_fronts(x: float, low, high, rows: int, columns: int, gap: float, depth: float):
    """Boxes that stand `depth` proud of a front at `x`, and the centres of their faces.

    Args:
        x: of the carcass's front.
        low: (y, z) of the lower corner of the front.
        high: (y, z) of the upper corner.
        rows: one above the other.
        columns: side by side.
        gap: between neighbours.
        depth: how far they stand out.

    Returns:
        The boxes, and an array (rows * columns, 3) of points in the middle of their faces.
    """
    low, high = np.asarray(low, float), np.asarray(high, float)
    step = (high - low) / [rows, columns]
    middles = [
        (x + depth, *(low + step * [i + 0.5, k + 0.5])) for i in range(rows) for k in range(columns)
    ]
    size = np.maximum(step - gap, 0.2 * step)
    front = box((-depth / 2, 0, 0), (depth, *size), 0.2 * depth)
    return [s for middle in middles for s in moved([front], middle)], np.array(middles)


def handles(kind: str, faces, size: float, upright: bool = False) -> list[Solid]:
    """A "knob" or "bar" on each face (K, 3) that looks towards +x.

    Args:
        kind: "knob" or "bar".
        faces: (K, 3) where they sit.
        size: diameter of a knob, length of a bar.
        upright: whether bars stand, as on doors.
    """
    if kind == "knob":
        solids = [ellipsoid((0.4 * size, 0, 0), (0.6 * size, size / 2, size / 2))]
    else:
        end = np.array([0.02, size / 2, 0.0] if upright else [0.02, 0.0, size / 2])
        solids = [rod(end * [1, -1, -1], end, 0.008)]
    return [s for face in np.asarray(faces) for s in moved(solids, face)]


def round_top(radius_x: float, radius_z: float) -> np.ndarray:
    """The outline (16, 2) of a round or oval top, for an upright prism."""
    return ellipse(radius_x, radius_z, 16)
