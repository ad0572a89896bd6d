"""Attributes of grids whose true values are obvious."""

from __future__ import annotations

import numpy as np
import pytest

from training.shapes.measure import grid_attributes, speck_share


def grid(*boxes):
    occupancy = np.zeros((32, 32, 32), bool)
    for low, high in boxes:
        occupancy[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = True
    return occupancy


def test_a_block_is_full_thick_symmetric_and_one():
    found = grid_attributes(grid(((0, 8, 12), (32, 24, 20))))
    assert found["volume"] == 32 * 16 * 8 / 32**3
    assert found["thinness"] == 0
    assert found["symmetry"] == 1
    assert (found["depth"], found["height"], found["width"]) == (1, 0.5, 0.25)
    assert found["num_pieces"] == 1


def test_thin_lopsided_and_parted():
    plate, block = ((0, 0, 0), (32, 1, 32)), ((0, 8, 0), (4, 12, 4))
    found = grid_attributes(grid(plate, block))
    assert found["thinness"] == 1024 / (1024 + 64)
    assert found["symmetry"] == 1024 / (1024 + 128)
    assert found["num_pieces"] == 2


def test_specks_are_small_pieces_and_pairs_are_not():
    big = ((0, 0, 0), (10, 10, 10))
    assert speck_share(grid(big)) == 0
    assert speck_share(grid(big, ((20, 20, 20), (30, 30, 30)))) == 0
    assert speck_share(grid(big, ((20, 20, 20), (22, 22, 22)))) == 8 / 1008
    assert speck_share(grid(big, ((10, 10, 10), (11, 11, 11)))) == 0  # touches at a corner
    assert speck_share(grid()) == 0


def test_an_empty_grid_is_refused():
    with pytest.raises(ValueError, match="empty grid"):
        grid_attributes(grid())
