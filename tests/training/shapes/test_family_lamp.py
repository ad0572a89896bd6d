"""Lamps against their grids: stems and cords are thin, legs and cords are counted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from tests.training.shapes.drawn import with_grids

EIGHT = np.ones((3, 3))


@pytest.fixture(scope="module")
def lamps():
    return with_grids("lamp", 200)


def of(lamps, *subtypes):
    chosen = [(shape, grid) for shape, grid in lamps if shape.subtype in subtypes]
    assert len(chosen) > 2
    return chosen


def layers(grid):
    """Full cells in each horizontal layer that has any, from the lowest up."""
    area = grid.sum((0, 2))
    return area[area > 0]


def test_the_proportions_are_those_of_the_grid(lamps):
    for shape, grid in lamps:
        if shape.attributes["has_roof"]:
            continue  # thin eaves spread by up to a cell more
        x, y, z = (np.ptp(np.flatnonzero(grid.any(axes))) + 1 for axes in ((1, 2), (0, 2), (0, 1)))
        ratio = shape.attributes["height_to_width"]
        # A grid shows each side to within two cells: it only ever rounds up.
        assert (y - 2.5) / (max(x, z) + 0.5) < ratio < (y + 0.5) / max(max(x, z) - 2.5, 0.5)


def test_floor_lamps_are_thin_between_foot_and_shade(lamps):
    for shape, grid in of(lamps, "floor lamp", "torchiere"):
        area = layers(grid)
        assert area[6:24].min() <= 16, shape.subtype
        assert area[:3].max() > area[6:24].min(), shape.subtype


def test_hanging_lamps_reach_the_ceiling_with_something_thin(lamps):
    for shape, grid in of(lamps, "pendant lamp", "cluster pendant", "chandelier"):
        assert shape.attributes["has_cord"]
        area = layers(grid)
        assert area[len(area) // 2 :].min() < 0.5 * area.max(), shape.subtype


def test_the_legs_of_a_tripod_lamp_are_counted_by_a_slice(lamps):
    for shape, grid in of(lamps, "tripod lamp"):
        first = np.flatnonzero(grid.any((0, 2)))[0]
        assert ndimage.label(grid[:, first], EIGHT)[1] == shape.attributes["num_legs"]


def test_a_cluster_has_a_cord_for_each_shade(lamps):
    for shape, _ in of(lamps, "cluster pendant"):
        cords = next(part for part in shape.parts if part.name == "cords")
        shades = next(part for part in shape.parts if part.name in ("shade", "shades"))
        assert len(cords.solids) == shape.attributes["num_shades"]
        for cord in cords.solids:  # each ends in a shade
            low = cord.bounds()[0]
            boxes = [solid.bounds() for solid in shades.solids]
            assert any((a - 1e-6 <= low).all() and (low <= b).all() for a, b in boxes)


def test_a_wall_lamp_has_its_plate_at_the_back(lamps):
    for shape, _ in of(lamps, "wall lamp"):
        plate = next(part for part in shape.parts if part.name == "plate")
        back = min(solid.bounds()[0][0] for solid in plate.solids)
        assert back <= shape.bounds()[0][0] + 0.1
