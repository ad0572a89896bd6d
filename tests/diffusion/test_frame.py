from __future__ import annotations

import numpy as np
import pytest

from diffusion.grids import frame
from diffusion.grids.frame import iou, iou_matrix, occupancy, pack_bits, unpack_bits


def random_grids(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 4, 4, 4)) < 0.4


def test_occupancy_is_what_is_above_zero():
    assert occupancy(np.array([-1.0, -0.0, 0.0, 1e-6])).tolist() == [False, False, False, True]


def test_iou_by_hand():
    a = np.zeros((3, 4, 4, 4), bool)
    b = np.zeros((3, 4, 4, 4), bool)
    a[0, :2], b[0, 1:3] = True, True  # 16 of 48
    a[1, 0] = True
    assert iou(a, b).tolist() == [1 / 3, 0, 1]  # the last: empty against empty
    assert iou(a[0], b).tolist() == [1 / 3, 0, 0]
    assert type(iou(a[0], b[0])) is float
    with np.testing.suppress_warnings() as caught:
        assert iou(a[2], b[2]) == 1
        assert not caught.log


@pytest.mark.parametrize("chunk", [2, 100])
def test_the_iou_of_all_pairs_is_that_of_each(monkeypatch, chunk):
    monkeypatch.setattr(frame, "CHUNK", chunk)
    a, b = random_grids(5, 0), random_grids(7, 1)
    a[0] = b[0] = False  # one rule for two empty grids
    assert np.array_equal(iou_matrix(a, b), iou(a[:, None], b[None]))


@pytest.mark.parametrize("resolution", [5, 16])  # 5^3 cells are no whole number of bytes
def test_bits_come_back_and_z_runs_fastest(resolution):
    grids = np.random.default_rng(0).random((2, 3, *(resolution,) * 3)) > 0.7
    bits = pack_bits(grids)
    assert bits.shape == (2, 3, -(-(resolution**3) // 8))
    assert np.array_equal(bits[1, 2], np.packbits(grids[1, 2]))
    assert np.array_equal(unpack_bits(bits, resolution), grids)
    for x, y, z in np.random.default_rng(1).integers(0, resolution, (40, 3)):
        cell = (x * resolution + y) * resolution + z
        assert (bits[0, 0, cell // 8] >> (7 - cell % 8)) & 1 == grids[0, 0, x, y, z]
