"""Loudspeakers: drivers in front, as many as they say, horns open, stands on their legs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from tests.training.shapes.drawn import among, drawn

FAMILY, COUNT = "loudspeaker", 120


def alone(shape, *names: str):
    """The grid (32, 32, 32) and fine distances (64, 64, 64) of some parts, in their place."""
    parts = [part for part in shape.parts if part.name in names]
    grid, distance, _ = replace(shape, parts=parts).volume(64)
    return grid.numpy() > 0, distance.numpy()


def pieces(cells: np.ndarray) -> int:
    return ndimage.label(cells, np.ones((3,) * cells.ndim))[1]


def test_drivers_sit_in_the_front(shapes):
    seen = 0
    for shape in among(shapes, "bookshelf speaker", "tower speaker", "centre speaker", "boombox"):
        if shape.attributes["num_drivers"] and not shape.attributes["front_slope"]:
            rims, box = alone(shape, "rims")[0], alone(shape, "cabinet")[0]
            reach = [cells.any((1, 2)).nonzero()[0].max() for cells in (rims, box)]
            assert reach[0] >= reach[1] - 1
            seen += 1
    assert seen


def test_a_boombox_has_the_drivers_it_is_said_to_have(shapes):
    for shape in among(shapes, "boombox"):
        assert pieces(alone(shape, "rims")[1] < 0) == shape.attributes["num_drivers"] == 2


def test_a_pair_is_two_boxes_that_a_wire_joins(shapes):
    for shape in among(shapes, "pair of speakers"):
        assert pieces(alone(shape, "cabinet")[0]) == shape.attributes["num_cabinets"] == 2
        assert pieces(shape.volume(64)[0].numpy() > 0) == 1


def test_horns_are_open_at_the_mouth(shapes):
    for shape in among(shapes, "megaphone", "horn speaker"):
        horn, _ = alone(shape, "horn")
        mouth = horn[horn.any((1, 2)).nonzero()[0].max()]
        inside = ndimage.binary_fill_holes(mouth) & ~mouth
        assert inside.sum() > mouth.sum() / 4, shape.subtype


def test_a_tripod_stands_on_three_legs():
    shapes = drawn("loudspeaker", 300)
    stands = [shape for shape in shapes if shape.attributes["has_tripod"]]
    assert stands
    for shape in stands:
        legs, _ = alone(shape, "tripod")
        assert pieces(legs[:, legs.any((0, 2)).nonzero()[0].min()]) == 3


def test_proportions_are_those_of_the_grid(shapes):
    for shape in shapes:
        full = shape.volume(64)[0].numpy() > 0
        x, y, z = (len(full.any(other).nonzero()[0]) for other in ((1, 2), (0, 2), (0, 1)))
        truth = shape.attributes
        assert abs(y - truth["height_to_width"] * z) < 0.12 * max(x, y, z) * max(1, y / z)
        assert abs(x - truth["depth_to_width"] * z) < 0.12 * max(x, y, z) * max(1, y / z)
