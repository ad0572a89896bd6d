"""What is true of benches: long seats, backs at the rear, boards and legs that can be counted."""

import numpy as np
from scipy import ndimage

from tests.training.shapes.drawn import grid_of, some


def test_a_bench_is_longest_from_side_to_side():
    for shape in some("bench", ("park bench", "garden bench", "church pew", "storage bench"), 40):
        depth, _, length = np.subtract(*shape.bounds()[::-1])
        assert length > 1.3 * depth
        assert np.isclose(shape.attributes["length_to_depth"], length / depth)


def test_legs_stand_apart_on_the_floor():
    checked = 0
    for shape in some("bench", ("garden bench", "backless bench", "piano bench"), 40):
        if shape.attributes["num_legs"] == 4 and {p.name for p in shape.parts} & {"legs"}:
            floor = grid_of(shape).any(1) & grid_of(shape)[:, shape_floor(shape)]
            assert ndimage.label(floor, np.ones((3, 3)))[1] == 4
            checked += 1
    assert checked > 15


def shape_floor(shape) -> int:
    """Index of the lowest layer that holds anything: a bench hardly fills the grid's height."""
    return int(np.argwhere(grid_of(shape))[:, 1].min())


def test_the_back_rises_behind_the_seat():
    for shape in some("bench", ("park bench", "garden bench", "hall bench", "stone bench"), 30):
        parts = {part.name: part for part in shape.parts}
        assert ("back" in parts) == shape.attributes["has_back"]
        if "back" in parts:
            seat, back = (
                np.array([s.bounds() for s in parts[name].solids]) for name in ("seat", "back")
            )
            assert back[..., 1].max() > seat[..., 1].max()
            assert back[..., 0].mean() < seat[..., 0].mean()


def test_boards_and_compartments_are_counted():
    for shape in some("bench", ("park bench",), 30):
        seat = next(part for part in shape.parts if part.name == "seat")
        long = [s for s in seat.solids if np.ptp(s.bounds(), axis=0)[2] > 0.8]
        boards = shape.attributes["num_seat_boards"]
        assert len(long) == (boards or 1)
    for shape in some("bench", ("storage bench",), 20):
        count = shape.attributes["num_compartments"]
        body = next(part for part in shape.parts if part.name == "body")
        assert count in (0, len(body.carves))
        assert shape.attributes["closed_below"] == (count == 0)


def test_a_tree_bench_leaves_room_for_the_tree():
    for shape in some("bench", ("tree bench",), 5):
        grid = grid_of(shape)
        assert not grid[15:17, :, 15:17].any()
        assert grid.any(1).sum() > 100


def test_a_picnic_bench_has_a_table_above_two_seats():
    for shape in some("bench", ("picnic bench",), 5):
        tops = {
            part.name: np.array([s.bounds() for s in part.solids])[..., 1].max()
            for part in shape.parts
        }
        assert tops["table top"] > tops["seats"]
        assert shape.attributes["num_seats"] == 2
