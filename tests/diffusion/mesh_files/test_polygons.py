"""Polygons are covered once, and nothing else is: against the rule of even and odd crossings."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from diffusion.mesh_files.mesh import UnreadableError
from diffusion.mesh_files.polygons import triangulate

U = [(0, 0), (4, 0), (4, 3), (3, 3), (3, 1), (1, 1), (1, 3), (0, 3)]
DART = [(0, 0), (2, 1), (4, 0), (2, 4)]
COMB = [(0, 0), (9, 0)]
COMB += [(x - at, y) for x in range(9, 0, -2) for at, y in ((0, 1), (0, 5), (0.5, 5), (1, 1))]
STAR = [
    ((1, 3)[i % 2] * np.cos(i * np.pi / 5), (1, 3)[i % 2] * np.sin(i * np.pi / 5))
    for i in range(10)
]
SPIRAL = [
    (r * np.cos(a), r * np.sin(a))
    for a, r in zip(np.linspace(0, 15, 60), np.linspace(1, 5, 60), strict=True)
]
SPIRAL += [(0.8 * x, 0.8 * y) for x, y in reversed(SPIRAL)]
STRAIGHT = [(0, 0), (1, 0), (2, 0), (3, 0), (3, 2), (2, 2), (2, 1), (1, 1), (1, 2), (0, 2), (0, 1)]
HOLE = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0), (1, 1), (1, 3), (3, 3), (3, 1), (1, 1)]
SHAPES = {"u": U, "dart": DART, "comb": COMB, "star": STAR, "spiral": SPIRAL}
SHAPES |= {"straight corners": STRAIGHT, "hole": HOLE}


def even_odd(points, ring):
    """Whether points (P, 2) are inside a ring (N, 2)."""
    inside = np.zeros(len(points), bool)
    for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, 0), strict=True):
        between = (y0 > points[:, 1]) != (y1 > points[:, 1])
        with np.errstate(all="ignore"):
            x = x0 + (points[:, 1] - y0) / (y1 - y0) * (x1 - x0)
        inside ^= between & (points[:, 0] < x)
    return inside


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("name", SHAPES)
def test_triangles_cover_a_polygon_and_nothing_else(name, reverse):
    ring = np.array(SHAPES[name], float)[:: -1 if reverse else 1]
    turn = Rotation.from_rotvec([0.4, -1.3, 0.8])
    for start in range(len(ring)):
        flat = np.roll(ring, start, 0)
        points = turn.apply(np.pad(flat, ((0, 0), (0, 1)))) + 7
        faces = triangulate(points, np.arange(len(flat)), np.array([len(flat)]))
        assert len(faces) == len(flat) - 2
        areas = np.cross(
            points[faces[:, 1]] - points[faces[:, 0]], points[faces[:, 2]] - points[faces[:, 0]]
        )
        along = areas @ turn.apply([0, 0, 1])
        sign = -1 if reverse else 1
        assert (sign * along > -1e-9).all()  # none is turned round
        samples = np.random.default_rng(start).uniform(ring.min(0), ring.max(0), (2000, 2))
        covered = sum(even_odd(samples, flat[face]).astype(int) for face in faces)
        assert np.array_equal(covered, even_odd(samples, flat).astype(int))


def test_many_polygons_at_once_keep_their_corners():
    counts = np.array([3, 4, 2, 8, 0, 4, 3])
    rings = [np.array(U[:n] if n == 8 else DART[:n], float) for n in counts]
    flat = np.concatenate([ring.reshape(-1, 2) for ring in rings])
    points = np.pad(flat, ((0, 0), (0, 1)))
    faces = triangulate(points, np.arange(len(points)), counts)
    ends = np.cumsum(counts)
    owners = np.searchsorted(ends, faces, side="right")
    assert (owners == owners[:, :1]).all()
    assert np.bincount(owners[:, 0], minlength=7).tolist() == [1, 2, 0, 6, 0, 2, 1]


def test_a_bow_tie_a_point_and_nonsense_end():
    crossed = np.array([(0, 0, 0), (2, 2, 0), (2, 0, 0), (0, 2, 0), (-1, 1, 0), (0, 0.5, 0)], float)
    for points in (crossed, np.zeros((7, 3)), np.full((5, 3), np.nan), np.full((4, 3), np.inf)):
        assert len(triangulate(points, np.arange(len(points)), np.array([len(points)])))


def test_a_concave_polygon_without_end_is_refused():
    ring = np.random.default_rng(0).uniform(1, 2, 5001)
    angle = np.linspace(0, 6, 5001)
    points = np.stack([ring * np.cos(angle), ring * np.sin(angle), 0 * ring], 1)
    with pytest.raises(UnreadableError, match="more than 4,000 corners"):
        triangulate(points, np.arange(5001), np.array([5001]))
