"""What is true of telephones only, against their grids."""

from __future__ import annotations

import numpy as np
import pytest

from tests.training.shapes.drawn import drawn, with_grids
from training.shapes import make_shape

SLABS = ("smartphone", "candy-bar phone", "keyboard phone", "brick phone")


@pytest.fixture(scope="module")
def phones():
    """Sixty telephones and their grids."""
    return with_grids("telephone", 60)


def test_mobile_phones_stand_or_lie(phones):
    """The long side is y for phones that stand, x for those on their back; z is the width."""
    for shape, grid in phones:
        if shape.subtype in SLABS[:3]:
            size = np.ptp(np.argwhere(grid), axis=0) + 1
            long, thin = (0, 1) if shape.attributes["is_lying"] else (1, 0)
            assert size[long] == 32, shape.subtype
            assert size[thin] <= size[2] + 1 < 32, shape.subtype


def test_both_poses_occur_and_standing_is_the_rule():
    lying = [shape.attributes for shape in drawn("telephone", 400)]
    lying = [facts["is_lying"] for facts in lying if facts["is_mobile"]]
    assert 0.05 < np.mean(lying) < 0.4


def test_the_screen_faces_the_viewer_or_up(phones):
    for shape, _ in phones:
        if shape.subtype not in SLABS:
            continue
        parts = {part.name: part for part in shape.parts}
        screen, case = (np.mean([s.center for s in parts[n].solids], 0) for n in ("screen", "case"))
        axis = 1 if shape.attributes["is_lying"] else 0
        low, high = (np.array(b) for b in shape.bounds())
        front = parts["screen"].solids[0].bounds()[1][axis]
        assert screen[axis] > case[axis] or front > high[axis] - 0.3 * (high - low)[axis]


def test_keys_are_counted_and_lie_below_the_screen(phones):
    for shape, _ in phones:
        parts = {part.name: part for part in shape.parts}
        keys = parts["keys"].solids if "keys" in parts else []
        assert len(keys) == shape.attributes["num_keys"], shape.subtype
        if shape.subtype in SLABS and keys and not shape.attributes["is_lying"]:
            middle = np.mean(parts["screen"].solids[0].bounds(), 0)
            assert max(s.center[1] for s in keys) < middle[1]


def test_an_open_flip_phone_bends_at_the_hinge():
    """The lid leans to the front: its top is farther forward than the hinge's back."""
    checked = 0
    for seed in range(150):
        shape = make_shape("telephone", seed)
        if shape.subtype != "flip phone" or not shape.attributes["is_open"]:
            continue
        parts = {part.name: part for part in shape.parts}
        lid, keypad = (parts[name].solids[0].basis[:, 2] for name in ("lid", "case"))
        # Both extrude along their own depth: no lid lies in the plane of its keypad.
        assert 3 < np.rad2deg(np.arccos(np.clip(lid @ keypad, -1, 1))) < 80
        checked += 1
    assert checked >= 5


def test_a_receiver_stands_on_or_hangs_from_its_telephone(phones):
    for shape, _ in phones:
        parts = {part.name: part for part in shape.parts}
        if shape.subtype in ("desk phone", "rotary phone"):
            top = [max(s.bounds()[1][1] for s in parts[n].solids) for n in ("handset", "body")]
            assert top[0] > top[1]
        if shape.subtype in ("wall phone", "payphone"):
            front = [max(s.bounds()[1][0] for s in parts[n].solids) for n in ("handset", "body")]
            assert front[0] > front[1] - 0.05
