"""Boats and ships: open hulls are hollow; parts are where, and as many as, a sailor would say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from tests.training.shapes.drawn import among, drawn, grid_of

FAMILY, COUNT = "watercraft", 60


def alone(shape, *names: str) -> np.ndarray:
    """Which cells (32, 32, 32) some parts fill by themselves, in their place."""
    parts = [part for part in shape.parts if part.name in names]
    return grid_of(replace(shape, parts=parts))


def pieces(cells: np.ndarray) -> int:
    return ndimage.label(cells, np.ones((3,) * cells.ndim))[1]


def test_the_bow_is_sharper_than_the_stern(shapes):
    for shape in among(shapes, "speedboat", "destroyer", "rowing boat", "motor yacht"):
        hull = alone(shape, "hull")
        along = hull.any((1, 2)).nonzero()[0]
        width = hull[along].any(1).sum(1)
        tenth = max(2, len(along) // 10)
        assert width[-tenth:].mean() < width[:tenth].mean(), shape.subtype


def test_an_open_hull_is_hollow_down_to_its_lower_half(shapes):
    for shape in among(shapes, "rowing boat", "punt"):
        assert shape.attributes["open_hull"]
        hull = alone(shape, "hull")
        along, heights = hull.any((1, 2)).nonzero()[0], np.arange(32)
        for x in along[len(along) // 3 : -len(along) // 3]:
            top = np.where(hull[x].any(1), heights, -1).max()
            middle = hull[x].any(0).nonzero()[0].mean()
            bottom = np.where(hull[x][:, round(middle)], heights, -1).max()
            low = np.where(hull[x].any(1), heights, 99).min()
            if top - low < 4:  # too shallow a hull for cells to show its hollow
                continue
            assert bottom <= (low + top) / 2 + 0.5, shape.subtype


def test_an_open_hull_fills_what_voxelising_its_surface_fills(shapes):
    measure = pytest.importorskip("skimage.measure")
    from diffusion.grids.from_mesh import voxelize

    for shape in among(shapes, "rowing boat", "punt", "gondola")[:3]:
        grid, distance, _ = shape.volume(128)
        distance = np.pad(distance.numpy(), 1, constant_values=1.0)
        vertices, faces, _, _ = measure.marching_cubes(distance, 0.0)
        expected = voxelize(vertices, faces, 32)
        full = grid.numpy() > 0
        assert full.sum() == pytest.approx(expected.sum(), rel=0.12)
        assert (full & expected).sum() / (full | expected).sum() > 0.85


def test_masts_are_counted_and_rise_from_the_deck(shapes):
    for shape in among(shapes, "sailing ship", "junk", "schooner", "sailing yacht"):
        masts, hull = alone(shape, "masts"), alone(shape, "hull")
        assert pieces(masts) == shape.attributes["num_masts"]
        assert masts.any((0, 2)).nonzero()[0].max() > hull.any((0, 2)).nonzero()[0].max()
        assert (masts & hull).any()


def test_a_catamaran_floats_on_two_hulls():
    for shape in among(drawn("watercraft", 150), "catamaran"):
        hull = alone(shape, "hull")
        low = hull.any((0, 2)).nonzero()[0].min()
        assert pieces(hull[:, low + 1]) == shape.attributes["num_hulls"] == 2


def test_proportions_are_those_of_the_grid(shapes):
    for shape in shapes:
        full = shape.volume(64)[0].numpy() > 0
        x, y, z = (len(full.any(other).nonzero()[0]) for other in ((1, 2), (0, 2), (0, 1)))
        longest = max(x, y, z)
        truth = shape.attributes
        assert abs(y / longest - truth["height_to_length"] * x / longest) < 0.12, shape.subtype
        assert abs(z / longest - truth["width_to_length"] * x / longest) < 0.12, shape.subtype
