"""Cut polygons into triangles that cover them and nothing else, concave ones included.

A fan from the first corner, the usual shortcut, fills the notch of a concave polygon.
"""

from __future__ import annotations

import numpy as np

from diffusion.mesh_files.mesh import UnreadableError

STARTS = 16  # corners tried as the centre of a fan, before ears are cut
MOST_CORNERS = 4000  # of a concave polygon: cutting ears takes quadratic time


def triangulate(vertices: np.ndarray, corners: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The triangles (F, 3) of polygons; one of fewer than three corners has none.

    Args:
        vertices: (V, 3).
        corners: (C,) the polygons' indices, one after the other.
        counts: (P,) how many corners each has; they sum to C.

    Raises:
        UnreadableError: a concave polygon has too many corners.
    """
    starts = np.cumsum(counts) - counts
    found = [np.empty((0, 3), np.int64)]
    for count in np.unique(counts[counts >= 3]):
        rows = corners[starts[counts == count, None] + np.arange(count)]  # (P', count)
        found.append(rows if count == 3 else _of_one_size(vertices, rows))
    return np.concatenate(found)


def _of_one_size(vertices: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The triangles of polygons (P, N): a fan from the first corner that sees all others, or ears.

    If all triangles of a fan turn as the polygon does, they do not overlap.
    """
    count, found = rows.shape[1], []
    with np.errstate(all="ignore"):
        for start in range(min(count, STARTS)):
            turned = np.roll(rows, -start, 1)
            spokes = vertices[turned[:, 1:]] - vertices[turned[:, :1]]  # (P, N - 1, 3)
            areas = np.cross(spokes[:, :-1], spokes[:, 1:])  # twice each triangle's
            normal = areas.sum(1, keepdims=True)  # twice the polygon's area (Newell)
            along, whole = (areas * normal).sum(-1), (normal**2).sum(-1)
            is_fan = (along >= -1e-6 * whole).all(1) | ~(whole[:, 0] > 0)
            found.append(_fan(turned[is_fan]))
            rows = rows[~is_fan]
            if not len(rows):
                break
    if len(rows) and count > MOST_CORNERS:
        raise UnreadableError(f"has a concave polygon of more than {MOST_CORNERS:,} corners")
    return np.concatenate([*found, *(row[_ears(vertices[row])] for row in rows)])


def _fan(rows: np.ndarray) -> np.ndarray:
    """The triangles around the first corner of polygons (P, N): (P (N - 2), 3)."""
    first = np.broadcast_to(rows[:, :1], rows[:, 2:].shape)
    return np.stack([first, rows[:, 1:-1], rows[:, 2:]], -1).reshape(-1, 3)


def _ears(points: np.ndarray) -> np.ndarray:
    """Cuts ears (Meisters 1975) off one polygon (N, 3): (N - 2, 3) indices of its corners."""
    spokes = points - points[0]
    normal = np.cross(spokes[:-1], spokes[1:]).sum(0)
    x, y = [axis for axis in range(3) if axis != np.abs(normal).argmax()]
    flat = points[:, [x, y]]
    if _cross(flat, np.roll(flat, -1, 0)).sum() < 0:
        flat = flat * [1.0, -1.0]
    ring, found = np.arange(len(points)), []
    while len(ring) > 3:
        at = _ear(flat[ring])
        found.append(ring[[at - 1, at, (at + 1) % len(ring)]])
        ring = np.delete(ring, at)
    return np.array([*found, ring])


def _ear(ring: np.ndarray) -> int:
    """A convex corner of a ring (N, 2), counter-clockwise, whose triangle holds no other corner.

    A ring that crosses itself may have none: then the corner that turns most.
    """
    before, after = np.roll(ring, 1, 0), np.roll(ring, -1, 0)
    turn = _cross(ring - before, after - ring)
    straight = np.flatnonzero(turn == 0)
    if len(straight):
        return int(straight[0])
    reflex = ring[turn < 0]
    for at in np.flatnonzero(turn > 0):
        a, b, c = before[at], ring[at], after[at]
        sides = [_cross(q - p, reflex - p) for p, q in ((a, b), (b, c), (c, a))]
        own = [(reflex == corner).all(1) for corner in (a, b, c)]
        if not (np.min(sides, 0) >= 0)[~np.any(own, 0)].any():
            return int(at)
    return int(np.nan_to_num(turn).argmax())


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
