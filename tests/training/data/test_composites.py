"""Photographs whose object is known: where it is, what is around it, what it depends on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from training.data.composites import BUSY, KINDS, PALE, compose

SIDE = 96


def disc(side: int = 64) -> np.ndarray:
    """A red disc that fills its picture, RGBA."""
    rows, columns = np.mgrid[:side, :side] + 0.5 - side / 2
    rgba = np.zeros((side, side, 4), np.uint8)
    rgba[..., :3] = (200, 20, 20)
    rgba[..., 3] = 255 * (np.hypot(rows, columns) < side / 2)
    return rgba


def made(kind: str, seed: int = 3):
    return compose(disc(), kind, torch.Generator().manual_seed(seed), SIDE)


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_is_where_the_object_is(kind):
    picture, truth = made(kind)
    assert (picture.mode, picture.size, truth.shape) == ("RGB", (SIDE, SIDE), (SIDE, SIDE))
    extents = [np.ptp(np.flatnonzero(truth.any(axis))) + 1 for axis in (0, 1)]
    assert 0.4 * SIDE < extents[0] <= 0.83 * SIDE
    assert abs(extents[0] - extents[1]) <= 1
    assert abs(truth.sum() - np.pi / 4 * extents[0] ** 2) < 0.05 * truth.sum()  # a disc
    inside = np.asarray(picture, float)[ndimage.binary_erosion(truth, iterations=2)]
    color = np.array([200, 20, 20]) / 255
    color = 1 - PALE * (1 - color) if kind == "white on white" else color
    assert np.abs(inside.mean(0) / 255 - color).max() < 0.02


def test_grounds_are_what_they_are_called():
    spread = {}
    for kind in KINDS:
        picture, truth = made(kind)
        around = np.asarray(picture, float)[~ndimage.binary_dilation(truth, iterations=2)]
        spread[kind] = around.std(0).max()
    assert spread["plain"] < 3
    assert all(spread[kind] > 6 for kind in (*BUSY, "gradient"))


def test_a_shadow_is_darker_than_its_white_ground():
    picture, truth = made("white on white")
    around = np.asarray(picture.convert("L"), float)[~ndimage.binary_dilation(truth, iterations=2)]
    assert np.percentile(around, 1) < 0.9 * np.percentile(around, 90)


def test_a_composite_depends_on_its_generator_alone():
    for kind in KINDS:
        torch.manual_seed(len(kind))
        (a, _), (b, _), (c, _) = made(kind), made(kind), made(kind, 4)
        assert np.array_equal(a, b)
        assert not np.array_equal(a, c)
