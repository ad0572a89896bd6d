"""What is true of displays only, against their grids."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from tests.training.shapes.drawn import with_grids
from training.shapes import make_shape

DEEP = ("CRT monitor", "tube TV", "rounded all-in-one")


@pytest.fixture(scope="module")
def displays():
    """Sixty displays and their grids."""
    return with_grids("display", 60)


def test_the_screen_is_what_one_sees_from_the_front(displays):
    """The nearest part along the middle line from +x is the screen, unless it lies or leans."""
    seen = 0
    for shape, _ in displays:
        if shape.subtype in ("laptop", "touch panel", "projection screen"):
            continue
        names = [part.name for part in shape.parts]
        screen = shape.parts[names.index("screen")].solids[0]
        low, high = screen.bounds()
        _, distance, part = shape.volume()
        y, z = (((low + high) / 2 + 0.5) * 64).astype(int)[1:]
        line = np.flatnonzero(distance[:, y, z].numpy() <= 1 / 128)
        assert names[int(part[line.max(), y, z])] == "screen", shape.subtype
        seen += 1
    assert seen > 30


def test_flat_panels_are_wide_and_thin_and_tubes_are_deep(displays):
    for shape, grid in displays:
        size = np.ptp(np.argwhere(grid), axis=0) + 1
        if shape.subtype == "wall-mounted screen" and "bracket" not in shape.materials:
            assert size[0] <= 0.25 * size[1:].max()
        if shape.subtype in DEEP:
            assert size[0] > 0.3 * size[1:].max()


def test_tubes_taper_to_the_back():
    checked = 0
    for seed in range(60):
        shape = make_shape("display", seed)
        if shape.subtype in ("CRT monitor", "rounded all-in-one"):
            grid = shape.volume()[0].numpy() > 0
            area = grid.sum((1, 2))
            depth = np.flatnonzero(area)
            assert area[depth[1]] < area[depth[-2]]
            checked += 1
    assert checked >= 5


def test_legs_are_counted_where_they_meet_the_floor():
    checked = 0
    for seed in range(250):
        shape = make_shape("display", seed)
        if shape.subtype in ("console TV", "projection screen"):
            grid = shape.volume()[0].numpy() > 0
            low = np.argwhere(grid)[:, 1].min()
            feet = ndimage.label(grid[:, low], np.ones((3, 3)))[1]
            if shape.attributes["num_legs"]:
                assert feet == shape.attributes["num_legs"], (seed, shape.subtype)
                checked += 1
    assert checked >= 5


def test_depth_is_that_of_the_grid(displays):
    for shape, grid in displays:
        size = np.ptp(np.argwhere(grid), axis=0) + 1
        found = (
            shape.attributes["depth_to_width"] * size[2],
            shape.attributes["height_to_width"] * size[2],
        )
        np.testing.assert_allclose(size[:2], found, atol=3, rtol=0.12)
