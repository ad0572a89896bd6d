"""Augmentation: ranges and repeatability."""

from __future__ import annotations

import pytest
import torch

from training.data.augment import augment
from training.data.scenery import BACKGROUNDS, Draws, backgrounds, occluders, shadows


def test_one_seed_gives_one_batch():
    cutouts = torch.randint(
        0, 256, (24, 48, 48, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    one, two, other = (augment(cutouts, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert one.shape == (24, 3, 48, 48)
    assert one.min() >= -1
    assert one.max() <= 1


def test_backgrounds_differ_and_objects_stay():
    cutouts = torch.zeros(64, 48, 48, 4, dtype=torch.uint8)
    cutouts[:, 12:36, 12:36] = torch.tensor([200, 40, 40, 255], dtype=torch.uint8)
    pixels = augment(cutouts, torch.Generator().manual_seed(3))
    grey = 240 / 127.5 - 1
    plain = ((pixels[:, :, 2:6, 2:6] - grey).abs().mean((1, 2, 3)) < 0.08).float().mean()
    assert 0.35 < plain < 0.85  # most stand on grey, many in some scene
    middle = pixels[:, :, 20:28, 20:28].mean((2, 3))
    assert (middle[:, 0] > middle[:, 1]).float().mean() > 0.85  # and are still red


@pytest.mark.parametrize("paint", BACKGROUNDS, ids=lambda paint: paint.__name__)
def test_every_kind_of_background_varies(paint):
    pictures = paint(40, Draws(6, torch.Generator().manual_seed(4)))
    assert pictures.shape == (6, 3, 40, 40)
    assert torch.isfinite(pictures).all()
    assert (pictures[0] - pictures[1]).abs().mean() > 0.02
    assert pictures.flatten(2).std(2).mean() > 0.005


def test_an_empty_batch_needs_no_special_case():
    empty = Draws(0, torch.Generator())
    assert backgrounds(32, torch.Generator(), empty).shape == (0, 3, 32, 32)
    color, cover = occluders(32, empty)
    assert color.shape == (0, 3, 32, 32)
    assert cover.shape == (0, 1, 32, 32)


def test_shadows_lie_on_the_ground_and_occluders_leave_most_of_the_picture():
    alpha = torch.zeros(8, 1, 64, 64)
    alpha[:, :, 20:44, 28:36] = 1
    dark = shadows(alpha, Draws(8, torch.Generator().manual_seed(5)))
    assert dark.min() >= 0
    assert dark.max() <= 0.6
    assert dark[:, :, :16].sum() < 0.1 * dark[:, :, 28:44].sum()  # none above the object
    _, cover = occluders(64, Draws(200, torch.Generator().manual_seed(6)))
    share = cover.mean((1, 2, 3))
    assert 0.02 < share.mean() < 0.35
