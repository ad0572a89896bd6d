from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from cisp import images
from cisp.images import (
    GREY,
    MARGIN,
    all_pixels,
    composite,
    cutout,
    cutouts,
    is_line_drawing,
    to_pixels,
)
from cisp.naming import WAYS
from demo.strings import compare as words

SIZE = 112


def rendering(side: int = 120) -> Image.Image:
    image = Image.new("RGBA", (side, side))
    box = (side // 4, side * 5 // 12, side * 3 // 4 - 1, side * 7 // 12 - 1)
    ImageDraw.Draw(image).rectangle(box, fill=(200, 30, 60, 255))
    return image


def drawing(side=400, width=4, ink="black", paper="white", mode="RGB") -> Image.Image:
    """A table: a parallelogram on legs, over the middle of the sheet."""
    image = Image.new(mode, (side, side), paper)
    points = np.array([[20, 40], [60, 25], [85, 40], [45, 58], [20, 40], [20, 75]]) * side / 100
    draw = ImageDraw.Draw(image)
    draw.line([tuple(p) for p in points], fill=ink, width=width, joint="curve")
    for top in points[2:4]:
        draw.line([tuple(top), (top[0], top[1] + 0.34 * side)], fill=ink, width=width)
    return image


def textured(height=120, width=180) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)


def alpha_of(image: Image.Image) -> np.ndarray:
    return np.asarray(image.getchannel("A"))


def assert_framed(alpha: np.ndarray, tolerance: float = 0.025):
    """The longer side of the object leaves MARGIN of itself free on each side."""
    extents = [np.flatnonzero((alpha > 127).any(axis)) for axis in (0, 1)]
    longest = max(extents, key=np.ptp)
    free = MARGIN / (1 + 2 * MARGIN)
    assert abs(longest[0] / len(alpha) - free) < tolerance
    assert abs(1 - (longest[-1] + 1) / len(alpha) - free) < tolerance


def stroke_width(alpha: np.ndarray) -> float:
    """Ink in each row near the bottom, which only the foremost leg reaches."""
    rows = alpha[int(0.82 * len(alpha)) : int(0.9 * len(alpha))] / 255
    return float(np.median(rows.sum(1)))


def test_alpha_is_kept_and_framed():
    result = cutout(rendering(), SIZE)
    assert result.size == (SIZE, SIZE)
    assert result.mode == "RGBA"
    assert result.getpixel((56, 56)) == (200, 30, 60, 255)
    assert result.getpixel((2, 2))[3] == 0
    assert_framed(alpha_of(result))


def test_an_object_at_the_edge_is_padded():
    image = Image.new("RGBA", (40, 90))
    ImageDraw.Draw(image).rectangle((0, 0, 9, 89), fill=(0, 90, 200, 255))
    assert_framed(alpha_of(cutout(image, SIZE)))


@pytest.mark.parametrize(
    ("ink", "paper"),
    [("black", "white"), ("white", "black"), ((30, 60, 190), (250, 240, 220)), (150, 225)],
)
def test_strokes_become_black_ink(ink, paper):
    if isinstance(ink, int):
        ink, paper = (ink,) * 3, (paper,) * 3
    image = drawing(ink=ink, paper=paper)
    assert is_line_drawing(image)
    result = cutout(image, SIZE)
    assert np.asarray(result)[..., :3].max() == 0
    assert 0.01 < (alpha_of(result) > 127).mean() < 0.2
    assert_framed(alpha_of(result))


@pytest.mark.parametrize(("side", "width"), [(2000, 1), (2000, 8), (256, 2), (256, 8), (80, 1)])
def test_strokes_end_up_alike_and_never_vanish(side, width):
    alpha = alpha_of(cutout(drawing(side, width), SIZE))
    assert alpha.max() > 240
    assert 1.2 < stroke_width(alpha) < 3.3


def test_strokes_on_a_large_transparent_canvas_are_redrawn_too():
    image = drawing(800, 3, ink=(200, 0, 0, 255), paper=(0, 0, 0, 0), mode="RGBA")
    result = cutout(image, SIZE)
    assert np.asarray(result)[..., :3].max() == 0
    assert alpha_of(result).max() > 240


def test_photographed_paper_with_noise_and_uneven_light():
    paper = np.asarray(drawing().convert("L"), np.float32) * 0.5 + 90
    light = np.linspace(0.7, 1.0, 400)[None, :] * np.linspace(0.85, 1.0, 400)[:, None]
    noisy = paper * light + np.random.default_rng(0).normal(0, 4, paper.shape)
    image = Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).convert("RGB")
    assert is_line_drawing(image)
    clean, photographed = alpha_of(cutout(drawing(), SIZE)), alpha_of(cutout(image, SIZE))
    both, either = ((clean > 127) & (photographed > 127)), ((clean > 127) | (photographed > 127))
    assert both.sum() > 0.6 * either.sum()


def test_a_plain_background_is_keyed_out_under_a_gradient():
    pixels = np.empty((200, 300, 3), np.float32)
    pixels[:] = np.linspace(205, 245, 300)[None, :, None]
    rows, columns = np.mgrid[:200, :300]
    disc = (rows - 100) ** 2 + (columns - 150) ** 2 < 60**2
    pixels[disc] = (40, 120, 60) + 0.4 * columns[disc][:, None]
    image = Image.fromarray(pixels.astype(np.uint8))
    assert not is_line_drawing(image)
    result = cutout(image, SIZE)
    visible = alpha_of(result) > 127
    assert abs(visible.mean() - np.pi / 4 / (1 + 2 * MARGIN) ** 2) < 0.03
    assert_framed(alpha_of(result))
    assert result.getpixel((56, 56))[1] > result.getpixel((56, 56))[0]


def test_a_cluttered_picture_stays_whole():
    result = cutout(Image.fromarray(textured()), SIZE)
    assert not is_line_drawing(Image.fromarray(textured()))
    assert alpha_of(result)[56].min() == 255
    assert alpha_of(result)[:5].max() == 0  # padded to a square


@pytest.fixture
def masked(monkeypatch) -> Image.Image:
    """The mask that is found in any photograph from now on: a square of the right half."""
    mask = Image.new("L", (180, 120))
    ImageDraw.Draw(mask).rectangle((100, 30, 159, 89), fill=255)
    monkeypatch.setattr(images, "object_mask", lambda photograph: mask.resize(photograph.size))
    return mask


def test_a_photograph_is_shown_whole_and_by_its_mask(masked):
    photograph = Image.fromarray(textured())
    whole, object_ = cutouts(photograph, [SIZE])[SIZE]
    assert np.array_equal(np.asarray(whole), np.asarray(cutout(photograph, SIZE)))
    assert_framed(alpha_of(object_))
    inner = (int(0.2 * SIZE), int(0.8 * SIZE))  # well inside of the square
    seen = np.asarray(object_.convert("RGB"))[slice(*inner), slice(*inner)].astype(int)
    there = np.asarray(photograph.crop((100, 30, 160, 90)).resize(object_.size)).astype(int)
    assert seen.mean((0, 1)) == pytest.approx(there.mean((0, 1)), abs=12)
    pixels = all_pixels([whole, object_])
    assert torch.equal(pixels[1], to_pixels(object_))


@pytest.mark.parametrize("make", [rendering, drawing])
def test_what_is_no_photograph_is_never_masked(make, masked):
    [only] = cutouts(make(), [SIZE])[SIZE]
    assert np.array_equal(np.asarray(only), np.asarray(cutout(make(), SIZE)))


def test_the_ways_to_cut_out(masked):
    photograph = Image.fromarray(textured())
    made = {way: cutouts(photograph, [SIZE], way)[SIZE] for way in WAYS}
    whole, object_ = map(np.asarray, made["automatic"])
    assert [len(made[way]) for way in WAYS] == [2, 1, 1, 1]
    assert np.array_equal(np.asarray(made["plain"][0]), whole)
    assert np.array_equal(np.asarray(made["mask"][0]), object_)
    assert np.array_equal(np.asarray(made["whole"][0]), whole)
    [keyed], [whole] = (cutouts(rendering(), [SIZE], way)[SIZE] for way in ("plain", "whole"))
    assert (alpha_of(whole) > 0).sum() < (alpha_of(keyed) > 0).sum()  # smaller, with all around it
    assert set(dict(words.WAYS).values()) == set(WAYS)  # what the page offers
    with pytest.raises(ValueError, match="choose from automatic, plain"):
        cutouts(photograph, [SIZE], "best")


def test_a_picture_is_searched_once_whatever_the_sizes(monkeypatch):
    asked = []
    real = images.key_background
    monkeypatch.setattr(images, "key_background", lambda image: asked.append(0) or real(image))
    mask = Image.new("L", (180, 120), 255)
    monkeypatch.setattr(images, "object_mask", lambda photograph: asked.append(1) or mask)
    photograph = Image.fromarray(textured())
    made = cutouts(photograph, [32, SIZE, 150])
    assert asked == [0, 1]
    for size, shown in made.items():  # and each is what it would be alone
        alone = cutouts(photograph, [size])[size]
        assert all(np.array_equal(a, b) for a, b in zip(shown, alone, strict=True))


def test_without_a_mask_a_photograph_is_shown_once(monkeypatch):
    monkeypatch.setattr(images, "object_mask", lambda photograph: None)
    for way in ("automatic", "mask"):
        [only] = cutouts(Image.fromarray(textured()), [SIZE], way)[SIZE]
        assert np.array_equal(
            np.asarray(only), np.asarray(cutout(Image.fromarray(textured()), SIZE))
        )


def test_plain_strips_are_cut_off():
    framed = np.full((120, 220, 3), 255, np.uint8)
    framed[:, 20:200] = textured()
    whole, inner = (np.asarray(cutout(Image.fromarray(p), SIZE)) for p in (framed, textured()))
    difference = np.abs(whole[..., 3].astype(int) - inner[..., 3].astype(int))
    assert difference.mean() < 4


def test_no_cutout_is_ever_empty():
    generator = np.random.default_rng(1)
    for _ in range(15):
        pixels = np.full((60, 80, 3), generator.integers(0, 256, 3), np.uint8)
        for _ in range(generator.integers(1, 5)):
            top, left = generator.integers(0, 50, 2)
            height, width = generator.integers(1, 60, 2)
            pixels[top : top + height, left : left + width] = generator.integers(0, 256, 3)
        assert alpha_of(cutout(Image.fromarray(pixels), 64)).max() > 200


def test_pixels_are_on_grey():
    pixels = to_pixels(Image.new("RGBA", (64, 64)))
    assert pixels.dtype == torch.float32
    torch.testing.assert_close(pixels, torch.full((3, 64, 64), GREY / 255 * 2 - 1))
    white = to_pixels(Image.new("RGBA", (8, 8), "white"))
    torch.testing.assert_close(white, torch.ones(3, 8, 8))


def test_composite_agrees_with_pillow():
    result = cutout(rendering(), 32)
    backdrop = Image.new("RGBA", (32, 32), (10, 200, 90, 255))
    expected = np.asarray(Image.alpha_composite(backdrop, result).convert("RGB")) / 127.5 - 1
    rgba = torch.from_numpy(np.array(result)).permute(2, 0, 1)[None] / 255
    background = torch.tensor([10.0, 200.0, 90.0]).view(1, 3, 1, 1) / 255
    pixels = composite(rgba, background)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(pixels, expected, atol=1.1 / 127.5)


@pytest.mark.parametrize("side", [120, 180, 400])
@pytest.mark.parametrize("light", [(255, 255, 255, 255), (225, 235, 240, 255)])
def test_light_strokes_on_nothing_are_as_good_as_black_ones(side, light):
    """On the grey that towers are shown, white strokes would vanish."""
    paper = {"mode": "RGBA", "paper": (0, 0, 0, 0), "side": side}
    shown = to_pixels(cutout(drawing(ink=light, **paper), SIZE))
    black = to_pixels(cutout(drawing(ink=(0, 0, 0, 255), **paper), SIZE))
    assert shown.min() < -0.9
    assert ((shown < 0) == (black < 0)).float().mean() > 0.93


def test_a_white_thing_is_no_drawing():
    image = rendering()
    image.paste((250, 250, 250, 255), (0, 0, 120, 120), image)
    assert to_pixels(cutout(image, SIZE)).min() > 0.8
