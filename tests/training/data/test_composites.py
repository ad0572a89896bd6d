"""Photographs whose object is known: where it is, what is around it, what it depends on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage

from cisp import images
from cisp.images import cutout
from training.data.composites import BUSY, KINDS, PALE, compose, found_again
from training.data.procedural import build_cache, draw_item

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


def ragged(photograph: Image.Image) -> Image.Image:
    """A mask of the disc, by its colour, with bites at its edge."""
    red, green, blue = np.asarray(photograph, int).transpose(2, 0, 1)
    mask = (red > 150) & (green < 60) & (blue < 60)
    rows = np.flatnonzero(mask.any(1))
    mask[rows.min() : rows.min() + (np.ptp(rows) + 1) // 8] = False
    return Image.fromarray(255 * mask.astype(np.uint8))


def test_what_a_mask_leaves_is_what_training_sees(monkeypatch):
    monkeypatch.setattr(images, "key_background", lambda image: None)  # a photograph for sure
    monkeypatch.setattr(images, "object_mask", ragged)
    made = [found_again(disc(), 64, torch.Generator().manual_seed(seed)) for seed in range(4)]
    clean = np.asarray(cutout(Image.fromarray(disc(), "RGBA"), 64))[..., 3] > 127
    for one in made:
        alpha = np.asarray(one)[..., 3] > 127
        assert one.size == (64, 64)
        assert 0.8 * clean.sum() < alpha.sum() < 1.0 * clean.sum()  # an eighth is bitten off
        seen = np.asarray(one, float)[ndimage.binary_erosion(alpha, iterations=2)]
        assert np.abs(seen.mean(0)[:3] - (200, 20, 20)).max() < 8
    assert not np.array_equal(made[0], made[1])
    monkeypatch.setattr(images, "object_mask", lambda photograph: None)  # missed: all is kept
    assert found_again(disc(), 64, torch.Generator().manual_seed(0)) is None


def test_a_share_of_a_data_set_is_cut_out_again(tmp_path, monkeypatch):
    views = ("r2n2", "drawing", "wide")
    seen = []

    def again(rgba, size, generator):
        seen.append(rgba)
        return Image.new("RGBA", (size, size), "red") if len(seen) % 3 else None

    def cache(name: str, masked: float) -> np.ndarray:
        return build_cache(tmp_path / name, "train", 3, 32, views=views, masked=masked).cutouts

    monkeypatch.setattr("training.data.procedural.found_again", again)
    clean = cache("clean", 0.0)
    assert not seen
    assert np.array_equal(
        clean, build_cache(tmp_path / "usual", "train", 3, 32, views=views).cutouts
    )
    made = cache("masked", 1.0)
    assert len(seen) == 6  # the renderings
    assert np.array_equal(seen[0], draw_item("train", 0, views).pictures[0])
    assert np.array_equal(made[:, 1], clean[:, 1])  # drawings never meet a mask
    red = (made == (255, 0, 0, 255)).all((2, 3, 4))
    assert red[:, [0, 2]].sum() == 4  # those that were found, the others as they were
    assert np.array_equal(made[~red], clean[~red])
    with pytest.raises(ValueError, match="other settings"):
        cache("masked", 0.5)
