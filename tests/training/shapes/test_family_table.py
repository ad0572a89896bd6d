"""Tables against their grids: what stands, what lies flat, what is behind."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from tests.training.shapes.drawn import drawn, with_grids

EIGHT = np.ones((3, 3))


@pytest.fixture(scope="module")
def tables():
    return with_grids("table", 150)


def layers(grid):
    """Full cells in each horizontal layer that has any, from the floor up."""
    area = grid.sum((0, 2))
    return area[area > 0]


def plain_on_legs(shape):
    f = shape.attributes
    extras = ("has_apron", "has_stretchers", "has_hutch", "has_benches", "has_net", "crossed")
    cabinets = any(part.name in ("cabinet", "case", "panel", "leaves") for part in shape.parts)
    return f["num_legs"] > 2 and not f["tilt"] and not cabinets and not any(f[k] for k in extras)


def test_legs_are_counted_by_a_slice_above_the_floor(tables):
    found = 0
    for shape, _ in tables:
        if not plain_on_legs(shape) or shape.attributes["num_shelves"]:
            continue
        # On the finer grid, for the legs of a narrow table are neighbours on the model grid.
        fine = shape.volume()[1].numpy() < 0.5 / 64
        first = np.flatnonzero(fine.any((0, 2)))[0]
        feet = ndimage.label(fine[:, first + 1], EIGHT)[1]
        assert feet == shape.attributes["num_legs"], (shape.subtype, feet)
        found += 1
    assert found > 12


def test_shelves_are_wide_layers_below_the_top(tables):
    found = 0
    for shape, grid in tables:
        f = shape.attributes
        if not plain_on_legs(shape) or not f["num_shelves"] or f["height_to_width"] < 0.35:
            continue
        area = layers(grid)
        flat = np.concatenate([[False], area > 0.25 * area[-3:].max()])
        assert (flat[1:] & ~flat[:-1]).sum() == f["num_shelves"] + 1, shape.subtype
        found += 1
    assert found > 5


def test_round_and_rectangular_tops_fill_their_share_of_the_square_around(tables):
    found = set()
    for shape, grid in tables:
        f = shape.attributes
        if f["has_hutch"] or f["has_net"] or f["tilt"] or shape.subtype == "nest of tables":
            continue
        if shape.subtype in ("pool table", "table football", "table with a cloth"):
            continue  # with a rim, or with folds
        highest = np.flatnonzero(grid.any((0, 2)))[-3:]
        layer = max((grid[:, y] for y in highest), key=np.count_nonzero)
        x, z = (np.flatnonzero(layer.any(axis)) for axis in (1, 0))
        share = layer.sum() / (np.ptp(x) + 1) / (np.ptp(z) + 1)
        if f["round_top"]:
            assert 0.7 < share < 0.9, shape.subtype
        elif f["rectangular_top"]:
            assert share > 0.87, shape.subtype
        found.add((f["round_top"], f["rectangular_top"]))
    assert {(True, False), (False, True)} <= found


def test_a_hutch_stands_at_the_back(tables):
    found = 0
    for shape, grid in tables:
        if not shape.attributes["has_hutch"]:
            continue
        top = np.flatnonzero(grid.any((0, 2)))[-1]
        x = np.flatnonzero(grid.any((1, 2)))
        above = np.argwhere(grid[:, top])[:, 0].mean()
        assert above < x.mean(), shape.subtype
        found += 1
    assert found > 3


def test_a_drawing_board_rises_towards_the_back():
    boards = [s for s in drawn("table", 400) if s.attributes["tilt"] > 8]
    assert boards
    for shape in boards:
        grid = shape.volume()[0].numpy() > 0
        x = np.flatnonzero(grid.any((1, 2)))
        height = [np.flatnonzero(grid[at].any(1)).max() for at in (x[0], x[-1])]
        assert height[0] > height[1]
