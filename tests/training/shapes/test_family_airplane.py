"""Airplanes: what their attributes say is there in the grid, and where an airplane has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from tests.training.shapes.drawn import some
from training.shapes import FAMILIES, make_shape
from training.shapes.families import airplane

FAMILY, COUNT = "airplane", 60


def alone(shape, name: str) -> np.ndarray:
    """Grid values (32, 32, 32) of one part, in its place."""
    parts = [part for part in shape.parts if part.name == name]
    return replace(shape, parts=parts).volume(64)[0].numpy()


def test_it_is_the_family_in_use():
    assert FAMILIES["airplane"] is airplane
    assert len(airplane.SUBTYPES) >= 20


def test_left_and_right_agree_but_for_propellers(shapes, grids):
    """Up to cells that a surface only just touches, which rounding decides."""
    unlike = [
        (grid != grid[:, :, ::-1]).sum() / grid.sum()
        for shape, grid in zip(shapes, grids, strict=True)
        if shape.attributes["num_propellers"] == 0
    ]
    assert len(unlike) > COUNT / 3
    assert max(unlike) < 0.05
    assert np.median(unlike) == 0


def test_span_and_height_are_those_of_the_grid(shapes, grids):
    for shape, grid in zip(shapes, grids, strict=True):
        length, height, span = (np.ptp(v) + 1 for v in np.nonzero(grid))
        assert span / length == pytest.approx(shape.attributes["span_to_length"], rel=0.12)
        # A thin thing takes whole cells, up to two more than it needs.
        assert abs(height - length * shape.attributes["height_to_length"]) < 2.5


def test_the_fin_stands_at_the_rear(shapes, grids):
    """The highest cells of a low-winged airplane without propellers are its fin's, behind."""
    checked = 0
    for shape, grid in zip(shapes, grids, strict=True):
        facts = shape.attributes
        if facts["num_fins"] and facts["wing_height"] < 0 and facts["num_levels"] == 1:
            if facts["num_propellers"] or facts["has_winglets"]:
                continue
            x, y, _ = np.nonzero(grid)
            assert x[y == y.max()].mean() < 12
            checked += 1
    assert checked > 8


def test_the_wings_stand_where_the_attribute_says(shapes):
    for shape in shapes:
        height = shape.attributes["wing_height"]
        if shape.attributes["num_levels"] == 1 and abs(height) > 0.6:
            side = next(part for part in shape.parts if part.name == "wings").solids[0]
            body = next(part for part in shape.parts if part.name == "fuselage")
            middle = np.mean([solid.center[1] for solid in body.solids])
            root = side.bounds()[0 if height > 0 else 1][1]
            assert np.sign(root - middle) == np.sign(height) or abs(root - middle) < 0.06


def test_jets_under_the_wing_are_counted_from_the_front():
    """Seen from the front, the pods with their pylons are as many blobs as there are engines."""
    counts = set()
    for seed in range(60):
        shape = make_shape("airplane", seed)
        if shape.subtype not in ("airliner", "jumbo jet"):
            continue
        pods = next(part for part in shape.parts if part.name == "engines")
        front = (alone(shape, "engines") > 0).any(0)
        count = ndimage.label(front, np.ones((3, 3)))[1]
        assert len(pods.carves) == shape.attributes["num_engines"]
        if shape.attributes["num_engines"] == 2:
            assert count == 2
            counts.add(2)
        elif shape.attributes["num_engines"] == 4 and count == 4:  # pods may touch in this view
            counts.add(4)
    assert counts == {2, 4}


def test_biplanes_have_wings_at_two_heights():
    shape = some("airplane", ("biplane",), 1)[0]
    cut = (alone(shape, "wings")[:, :, 24] > 0).any(0)
    assert ndimage.label(cut)[1] == shape.attributes["num_levels"] >= 2


def test_supersonic_airliners_have_deltas_and_gliders_long_wings():
    delta, glider = (
        some("airplane", ("supersonic airliner",), 1)[0].attributes,
        some("airplane", ("glider",), 1)[0].attributes,
    )
    assert delta["aspect_ratio"] < 3 < 10 < glider["aspect_ratio"]
    assert delta["sweep_degrees"] > 45
    assert abs(glider["sweep_degrees"]) < 8
