"""What is true of cars only, against their grids."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from tests.training.shapes.drawn import with_grids
from training.shapes import make_shape


@pytest.fixture(scope="module")
def cars():
    """Sixty cars and their grids."""
    return with_grids("car", 60)


def test_the_long_side_lies_along_x_and_both_sides_are_alike(cars):
    for shape, grid in cars:
        size = np.ptp(np.argwhere(grid), axis=0) + 1
        assert size[0] == 32 > size[[1, 2]].max()
        if not shape.attributes["has_mirrors"]:
            assert (grid == grid[:, :, ::-1]).mean() > 0.99, shape.subtype


def test_wheels_touch_the_road_and_the_body_does_not(cars):
    """Half-way up to the underbody, seen along z, there is one patch an axle."""
    checked = 0
    for shape, _ in cars:
        if shape.subtype not in ("sedan", "bus", "SUV", "pick-up truck", "jeep", "hatchback"):
            continue
        solid = shape.volume(128)[1].numpy() < 0
        low, high = np.flatnonzero(solid.any((0, 2)))[[0, -1]]
        level = low + int(0.5 * shape.attributes["clearance"] * (high - low))
        patches = ndimage.label(solid[:, level].any(1))[1]
        assert patches == shape.attributes["num_axles"], (shape.subtype, patches)
        checked += 1
    assert checked > 10


def test_wheels_are_counted_in_the_tyres(cars):
    for shape, _ in cars:
        tyres = next(part for part in shape.parts if part.name == "tyres")
        assert len(tyres.solids) == shape.attributes["num_wheels"]
        assert shape.attributes["num_wheels"] == 2 * shape.attributes["num_axles"]


def test_cars_are_solid_but_open_ones_have_a_pit():
    """Above the middle of the floor a sedan is full up to the roof, a convertible is not."""
    fullness = {"sedan": [], "convertible": []}
    for seed in range(160):
        shape = make_shape("car", seed)
        if shape.subtype in fullness:
            grid = shape.volume()[0].numpy() > 0
            high = np.argwhere(grid)[:, 1].max() + 1
            fullness[shape.subtype].append(grid[12:18, high // 2 + 16 // 2 : high, 14:18].mean())
    assert min(len(values) for values in fullness.values()) >= 5
    assert np.mean(fullness["sedan"]) > 2 * np.mean(fullness["convertible"])


def test_the_bonnet_is_in_front_and_lower_than_the_cabin(cars):
    for shape, grid in cars:
        if shape.subtype in ("sedan", "hatchback", "SUV", "estate car", "minivan"):
            top = [np.argwhere(grid[x])[:, 0].max() for x in (28, 16)]
            assert top[0] < top[1], shape.subtype


def test_lengths_are_those_of_the_grid(cars):
    for shape, grid in cars:
        size = np.ptp(np.argwhere(grid), axis=0) + 1
        ratio = shape.attributes["height_to_length"], shape.attributes["width_to_length"]
        np.testing.assert_allclose(size[1:] / 32, ratio, atol=2.1 / 32)
