"""Sofas: what their grids must show, counted in the voxels rather than in the program."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from tests.training.shapes.drawn import those_where

STRAIGHT = ("loveseat", "two-seater sofa", "three-seater sofa", "tuxedo sofa", "lounge sofa")


def sofas(count: int, *subtypes: str, where=lambda facts: True):
    """The first `count` shapes of some sub-types whose attributes agree, with their occupancy."""
    return those_where("sofa", count, subtypes, where)


def tops(full: np.ndarray) -> np.ndarray:
    """Height of the topmost full cell above each cell of the floor (32, 32), 0 where none is."""
    return (full * np.arange(1, 33)[None, :, None]).max(1)


def cropped(full: np.ndarray) -> np.ndarray:
    return full[ndimage.find_objects(full.astype(int))[0]]


def test_the_back_stands_behind_the_seat():
    for shape, full in sofas(20, *STRAIGHT, where=lambda f: f["has_back"]):
        middle = tops(full)[:, 14:18].max(1)
        middle = middle[middle > 0]
        third = len(middle) // 3
        assert middle[:third].max() > middle[-third:].max(), shape.attributes


def arms_seen(full: np.ndarray) -> int:
    """At how many ends the front third of a sofa rises above its seat."""
    height = tops(full)[:, full.any((0, 1))]
    height = height[np.flatnonzero(full.any((1, 2)))]
    height = height[2 * len(height) // 3 : -1]
    seat = np.median(height)
    ends = height[:, :3], height[:, -3:]
    return sum(int(end.max() > seat + 1) for end in ends)  # rims of a cell are no arms


def test_arms_rise_above_the_seat_where_they_are_counted():
    def high(f) -> bool:
        return f["arms_as_high_as_back"] and not f["num_pillows"]

    for shape, full in sofas(15, *STRAIGHT, where=high):
        assert arms_seen(full) == shape.attributes["num_arms"], shape.attributes
    for shape, full in sofas(10, "armless sofa", where=lambda f: not f["num_pillows"]):
        assert arms_seen(full) == shape.attributes["num_arms"] == 0


def test_sectionals_leave_the_room_before_their_corner_empty():
    for shape, full in sofas(10, "corner sofa", "chaise sofa"):
        front = cropped(full).any(1)[-2:].any(0)
        left, _, right = np.array_split(front, 3)
        assert left.any() != right.any(), shape.attributes  # only one end comes forward
    for _, full in sofas(6, "U-shaped sofa", where=lambda f: f["depth_to_width"] > 0.45):
        front = cropped(full).any(1)[-2:].any(0)
        assert front[:4].any() or front[-4:].any()  # one may be shorter than the other
        assert not front[len(front) // 2]


def test_legs_are_as_many_as_pieces_touch_the_floor():
    def plain(f) -> bool:
        return f["num_legs"] in (4, 6) and f["clearance"] > 0.14 and f["depth_to_width"] > 0.3

    for shape, full in sofas(15, *STRAIGHT, "settee", where=plain):
        lowest = full[:, np.flatnonzero(full.any((0, 2)))[0]]
        pieces = ndimage.label(lowest, np.ones((3, 3)))[1]
        assert pieces == shape.attributes["num_legs"], shape.attributes


def test_a_curved_sofa_is_hollow_in_front():
    for shape, full in sofas(8, "curved sofa"):
        floor = cropped(full).any(1)
        reach = floor.shape[0] - 1 - floor[::-1].argmax(0)  # the foremost cell, along z
        middle = reach[len(reach) // 2]
        for half in np.array_split(reach, 2):
            assert middle < half.max(), shape.attributes


@pytest.mark.parametrize("subtype", ["settee", "futon", "chaise longue"])
def test_every_sofa_is_one_piece(subtype):
    for _, full in sofas(10, subtype):
        assert ndimage.label(full, np.ones((3, 3, 3)))[1] == 1
