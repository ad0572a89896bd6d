"""What is true of chairs: legs, backs, arms and seats, measured on their grids."""

import numpy as np
import pytest
from scipy import ndimage

from tests.training.shapes.drawn import grid_of, some
from training.shapes import make_shape
from training.shapes.families.chair import SUBTYPES

FOUR_LEGGED = ("dining chair", "upholstered chair", "open armchair", "Windsor chair")


def test_four_legs_stand_apart_on_the_floor():
    checked = 0
    for shape in some("chair", FOUR_LEGGED, 50):
        names = {part.name for part in shape.parts}
        if shape.attributes["num_legs"] != 4 or {"body", "stretchers", "runners"} & names:
            continue
        grid = grid_of(shape)
        # The lowest layer: farther up a splayed leg may already touch the seat or the rails.
        assert ndimage.label(grid[:, 0], np.ones((3, 3)))[1] == 4
        checked += 1
    assert checked > 20


def test_the_back_rises_behind_the_seat():
    for seed in range(60):
        shape = make_shape("chair", seed)
        cells = np.argwhere(grid_of(shape))
        seat = shape.attributes["seat_height"] * np.ptp(cells[:, 1])
        above = cells[cells[:, 1] > cells[:, 1].min() + seat + 2]
        if not shape.attributes["has_back"]:
            assert len(above) == 0
        elif not shape.attributes["has_arms"] and shape.attributes["back_height"] > 0.2:
            assert above[:, 0].mean() < (cells[:, 0].max() + cells[:, 0].min()) / 2


def test_arms_stand_at_both_sides_and_a_tablet_at_one():
    for shape in some("chair", ("open armchair", "club armchair", "school chair"), 40):
        low, high = shape.bounds()
        reach = [part for part in shape.parts if part.name in ("arms", "writing board")]
        ends = np.array([solid.bounds() for part in reach for solid in part.solids])
        left, right = ends[..., 2].min(), ends[..., 2].max()
        assert (shape.attributes["num_arms"] == 2) == np.isclose(left, -right)
        assert shape.attributes["has_arms"]
        assert ends[..., 1].max() > low[1] + shape.attributes["seat_height"] * (high - low)[1]


def test_a_star_base_has_as_many_spokes_as_it_says():
    for shape in some("chair", ("office chair",), 12):
        base = next(part for part in shape.parts if part.name == "base")
        spokes, castors = shape.attributes["num_spokes"], shape.attributes["num_castors"]
        low = shape.bounds()[0][1]
        tips = [s for s in base.solids if s.kind == "rod"]
        assert len(tips) == spokes
        assert castors in (0, spokes)
        if castors:
            grid = grid_of(shape)
            assert ndimage.label(grid[:, 0], np.ones((3, 3)))[1] == spokes
        assert min(s.bounds()[0][1] for s in tips) < low + 0.15


def test_slats_are_counted_across_the_back():
    """Every slat stands at a place of its own across the back."""
    checked = 0
    for shape in some("chair", ("dining chair", "rocking chair", "child's chair"), 120):
        if shape.attributes["num_slats"] == 0:
            continue
        back = next(part for part in shape.parts if part.name == "back")
        upright = [s for s in back.solids if np.ptp(s.bounds(), axis=0)[1] > 0.15]
        middles = {round(float(s.center[2]), 3) for s in upright}
        assert len(middles) >= shape.attributes["num_slats"]
        checked += 1
    assert checked >= 3


@pytest.mark.parametrize("subtype", ["sun lounger", "bar stool", "throne", "wheelchair"])
def test_sub_types_have_the_proportions_of_their_kind(subtype):
    assert subtype in SUBTYPES
    for shape in some("chair", (subtype,), 8):
        extent = np.subtract(*shape.bounds()[::-1])
        depth, height, width = extent
        if subtype == "sun lounger":
            assert depth == extent.max()
            assert depth > 1.2 * width
        elif subtype == "bar stool":
            assert shape.attributes["seat_height"] > 0.55
            assert height == extent.max()
        elif subtype == "throne":
            assert shape.attributes["back_height"] > 0.5
        else:
            assert shape.attributes["on_wheels"]
            assert shape.attributes["num_castors"] == 2
