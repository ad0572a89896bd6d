"""The learned mask: where objects are on cluttered grounds, and what happens without weights."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFilter

from cisp import saliency
from cisp.foreground import key_background
from cisp.images import views
from cisp.saliency import FOLDER, SIDE, SaliencyConfig, SaliencyNet, object_mask
from diffusion.grids.frame import iou
from training.import_mask import fill

EXAMPLES = FOLDER.parents[1] / "examples"


def on_clutter(name: str, seed: int) -> tuple[Image.Image, np.ndarray]:
    """An example's object on blurred blotches, and the truth (H, W) bool."""
    picture = Image.open(EXAMPLES / name).convert("RGBA").resize((240, 240))
    rng = np.random.default_rng(seed)
    blotches = Image.fromarray(rng.integers(60, 200, (8, 10, 3)).astype(np.uint8))
    ground = blotches.resize((400, 320), Image.Resampling.BICUBIC)
    grain = Image.fromarray(rng.integers(0, 256, (320, 400, 3)).astype(np.uint8))
    ground = Image.blend(ground, grain, 0.2).filter(ImageFilter.GaussianBlur(1))
    place = (int(rng.integers(0, 160)), int(rng.integers(0, 80)))
    ground.paste(picture, place, picture)
    truth = np.zeros((320, 400), bool)
    truth[place[1] : place[1] + 240, place[0] : place[0] + 240] = (
        np.asarray(picture.getchannel("A")) > 127
    )
    return ground, truth


def test_objects_on_clutter_are_found():
    overlaps = []
    for seed, name in enumerate(
        ("wing-chair-rendering.png", "sports-car-rendering.png", "corner-sofa-rendering.png")
    ):
        photograph, truth = on_clutter(name, seed)
        mask = object_mask(photograph)
        assert (mask.mode, mask.size) == ("L", photograph.size)
        overlaps.append(iou((np.asarray(mask) > 127)[None], truth[None]))
    assert np.mean(overlaps) > 0.7


def test_the_parts_of_a_network_fill_in_the_order_of_the_graph():
    torch.manual_seed(0)
    network, other = SaliencyNet(SaliencyConfig(4, 8)), SaliencyNet(SaliencyConfig(4, 8))
    layers = [
        (module.weight, module.bias)
        for module in network.modules()
        if isinstance(module, torch.nn.Conv2d)
    ]
    assert len(layers) == 119  # as in the published file
    run = []
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(lambda module, *_: run.append(module.weight))
    with torch.no_grad():
        network(torch.zeros(1, 3, 64, 64))
    assert all(a is b for a, (b, _) in zip(run, layers, strict=True))  # a graph has this order
    fill(other, layers)
    x = torch.randn(1, 3, 75, 64)  # sides that do not halve evenly
    with torch.no_grad():
        assert torch.equal(network(x), other(x))
        assert network(x).shape == (1, 1, 75, 64)
    with pytest.raises(ValueError, match="not the layers"):
        fill(other, layers[:-1])


def test_the_bundled_network_has_the_size_of_the_paper():
    network = saliency.load_saliency()
    # 1,131,181 in the paper's code, with two numbers a channel that folding takes in.
    assert sum(parameter.numel() for parameter in network.parameters()) == 1_125_485


def test_nothing_that_stands_out_is_no_mask(monkeypatch):
    nothing = lambda x: torch.full((1, 1, SIDE, SIDE), 0.1)  # noqa: E731
    monkeypatch.setattr(saliency, "load_saliency", lambda: nothing)
    assert object_mask(Image.new("RGB", (30, 40))) is None


def test_without_weights_there_is_no_mask_and_one_line_in_the_log(tmp_path, monkeypatch, caplog):
    saliency.load_saliency.cache_clear()
    monkeypatch.setattr(saliency.load_saliency.__wrapped__, "__defaults__", (tmp_path,))
    with caplog.at_level(logging.WARNING):
        assert object_mask(Image.new("RGB", (30, 40))) is None
        assert object_mask(Image.new("RGB", (30, 40))) is None
    assert len(caplog.records) == 1
    assert "stay whole" in caplog.text
    saliency.load_saliency.cache_clear()


@pytest.mark.parametrize(("roughness", "shown"), [(1.0, 1), (5.0, 2)])
def test_an_object_on_a_textured_ground_is_masked_although_it_could_be_keyed(roughness, shown):
    """A red square on grey with noise: a camera's, or boards'."""
    rng = np.random.default_rng(0)
    pixels = np.full((240, 320, 3), 170.0)
    pixels += roughness * rng.standard_normal((240, 320, 1)).repeat(3, 2)
    pixels[70:190, 110:230] = (200, 30, 30)
    picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    keyed = key_background(picture)
    assert np.asarray(keyed.mask)[100, 160] > 250 > 5 > np.asarray(keyed.mask)[20, 20]
    assert keyed.plain == (shown == 1)
    assert len(views(picture)) == shown


@pytest.mark.parametrize(
    ("box", "colour", "plain"),
    [
        ((110, 70, 230, 190), (200, 30, 30), True),
        ((110, 70, 230, 190), (200, 200, 200), False),  # pale: may be a part alone
        ((0, 70, 120, 170), (200, 30, 30), False),  # runs out of the picture: another ground?
    ],
)
def test_only_a_clear_object_in_the_middle_of_a_plain_ground_is_sure(box, colour, plain):
    picture = Image.new("RGB", (320, 240), (170, 170, 170))
    ImageDraw.Draw(picture).rectangle(box, fill=colour)
    noise = np.random.default_rng(0).standard_normal((240, 320, 1))
    picture = Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8))
    keyed = key_background(picture)
    assert keyed.plain == plain
    left, top, right, bottom = box
    middle = (left + right) // 2, (top + bottom) // 2
    assert keyed.mask.getpixel(middle) > 250 > 5 > keyed.mask.getpixel((310, 10))


def test_the_corners_of_a_turned_picture_alone_are_no_plain_ground():
    rng = np.random.default_rng(0)
    clutter = Image.fromarray(rng.integers(0, 256, (12, 16, 3)).astype(np.uint8))
    turned = clutter.resize((320, 240)).convert("RGBA").rotate(20, expand=True)
    picture = Image.new("RGB", turned.size, "white")
    picture.paste(turned, (0, 0), turned)
    keyed = key_background(picture)
    assert keyed is not None
    assert not keyed.plain
