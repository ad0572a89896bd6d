"""Rifles: long and thin, the barrel in front, and fittings where the attributes say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from training.shapes import make_shape
from training.shapes.families import rifle

FAMILY, COUNT = "rifle", 60


def test_sub_types_cover_long_and_short_guns():
    assert {"assault rifle", "sniper rifle", "musket", "submachine gun"} <= set(rifle.SUBTYPES)
    assert len(rifle.SUBTYPES) >= 12


def test_guns_lie_along_x_and_are_thin(grids, shapes):
    for shape, grid in zip(shapes, grids, strict=True):
        length, height, width = (np.ptp(v) + 1 for v in np.nonzero(grid))
        assert length >= 30 or shape.subtype in ("machine pistol", "rotary machine gun")
        assert width < 0.5 * length
        assert height / length == pytest.approx(shape.attributes["height_to_length"], abs=0.09)
        assert width / length == pytest.approx(shape.attributes["width_to_length"], abs=0.09)


def test_the_muzzle_points_forwards(shapes, grids):
    """The front is a barrel, which holds less than the end with grip and stock."""
    lighter = [grid[27:].sum() < grid[:12].sum() for grid in grids]
    assert np.mean(lighter) > 0.95
    for shape in shapes:
        barrel = next(part for part in shape.parts if part.name == "barrel")
        receiver = next(part for part in shape.parts if part.name == "receiver")
        assert barrel.solids[0].center[0] > receiver.solids[0].center[0]


def test_scopes_stand_above_and_magazines_hang_below(shapes):
    seen = set()
    for shape in shapes:
        places = {p.name: np.mean([s.bounds() for s in p.solids], (0, 1))[1] for p in shape.parts}
        if shape.attributes["has_scope"]:
            assert places["scope"] > places["receiver"]
            seen.add("scope")
        if shape.attributes["has_curved_magazine"] or shape.attributes["has_drum"]:
            assert places["magazine"] < places["receiver"]
            seen.add("magazine")
        if shape.attributes["has_bipod"]:
            assert places["bipod"] < places["barrel"]
            seen.add("bipod")
    assert seen == {"scope", "magazine", "bipod"}


def test_barrels_are_counted_in_a_cut_across():
    """A cut through the bare barrels near the muzzle shows as many discs as the attribute says."""
    found = set()
    for seed in range(400):
        shape = make_shape("rifle", seed)
        if shape.subtype not in ("double-barrelled shotgun", "rotary machine gun", "hunting rifle"):
            continue
        barrel = next(part for part in shape.parts if part.name == "barrel")
        round_ones = [s for s in barrel.solids if s.lengths[0] == barrel.solids[0].lengths[0]]
        places = {tuple(np.round(s.center[1:], 6)) for s in round_ones}
        assert len(places) == shape.attributes["num_barrels"]
        found.add(len(places))
        if found == {1, 2, 6}:
            return
    raise AssertionError(f"only guns with {found} barrels")


def test_a_stock_is_behind_the_receiver_unless_folded_or_absent(shapes, grids):
    for shape, grid in zip(shapes, grids, strict=True):
        facts = shape.attributes
        assert ("stock" in {part.name for part in shape.parts}) == facts["has_stock"]
        receiver = next(part for part in shape.parts if part.name == "receiver").solids[0]
        rear = int((receiver.bounds()[0][0] + 0.5) * 32)  # the receiver's first layer of cells
        if facts["stock_to_length"] > 0.1:
            assert abs(rear - 32 * facts["stock_to_length"]) < 1.5
            assert grid[:rear].any((1, 2)).all()
        else:
            assert rear < 4


def test_each_gun_is_one_piece(grids):
    for grid in grids:
        assert ndimage.label(grid, np.ones((3, 3, 3)))[1] == 1
