from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from cisp.flat import is_solid, lift_from_flat
from cisp.images import cutout, is_line_drawing, to_pixels
from cisp.picture_files import load_image

SIZE = 112


def lamp() -> Image.Image:
    """A pale shade on a thin pole with a ring-shaped foot, smoothed as renderings are."""
    image = Image.new("RGBA", (4 * 137, 4 * 137))
    draw = ImageDraw.Draw(image)
    for row in range(100, 200):  # shaded from top to bottom
        grey = 225 - row // 4
        half = 40 + (row - 100) // 2
        draw.line([(274 - half, row), (274 + half, row)], fill=(grey, grey, grey + 10, 255))
    draw.rectangle((270, 200, 278, 400), fill=(90, 70, 60, 255))
    draw.ellipse((214, 380, 334, 440), outline=(60, 60, 70, 255), width=16)
    return image.resize((137, 137), Image.Resampling.BOX)


def flattened(image: Image.Image, color: tuple[int, int, int]) -> Image.Image:
    backdrop = Image.new("RGBA", image.size, (*color, 255))
    return Image.alpha_composite(backdrop, image).convert("RGB")


@pytest.mark.parametrize(
    "color", [(240, 240, 240), (255, 255, 255), (128, 128, 128), (120, 160, 220), (0, 0, 0)]
)
def test_a_flattened_rendering_looks_like_the_original(color):
    """A tolerance made for photos once removed the pole and greys along with the background."""
    original, flat = lamp(), flattened(lamp(), color)
    difference = (to_pixels(cutout(original, SIZE)) - to_pixels(cutout(flat, SIZE))).abs()
    assert difference.mean() < 0.02
    assert (difference > 0.4).float().mean() < 0.01  # the pole alone covers 2 %


def test_alpha_of_smoothed_edges_and_holes_is_found_again():
    expected = np.asarray(lamp().getchannel("A"), int)
    lifted = lift_from_flat(flattened(lamp(), (10, 200, 90)))
    alpha = np.asarray(lifted.getchannel("A"), int)
    assert np.abs(alpha - expected).mean() < 2
    assert alpha[102, 61] == expected[102, 61] == 0  # inside the ring
    opaque = expected == 255
    original = np.asarray(lamp())[opaque]
    np.testing.assert_allclose(np.asarray(lifted, int)[opaque], original, atol=3)


def test_compressed_and_noisy_backgrounds_are_left_to_the_tolerant_way():
    flat = flattened(lamp(), (200, 205, 210))
    file = io.BytesIO()
    flat.save(file, "JPEG", quality=80)
    assert lift_from_flat(load_image(Image.open(file))) is None
    noise = np.random.default_rng(0).integers(-1, 2, (137, 137, 3))
    noisy = (np.asarray(flat).astype(int) + noise).astype(np.uint8)
    assert lift_from_flat(Image.fromarray(noisy)) is None


def test_strokes_are_not_solid():
    drawing = Image.new("RGB", (256, 256), "white")
    ImageDraw.Draw(drawing).ellipse((40, 60, 220, 190), outline="black", width=5)
    assert is_line_drawing(drawing)
    assert not is_solid(lift_from_flat(drawing))
    assert is_solid(lamp())
    assert not is_solid(Image.new("RGBA", (20, 20)))


def test_an_object_may_be_one_pixel_wide():
    pixels = np.full((60, 60, 3), 240, np.uint8)
    pixels[10:50, 30] = (200, 30, 30)
    alpha = np.asarray(lift_from_flat(Image.fromarray(pixels)))[..., 3]
    assert (alpha[10:50, 30] == 255).all()
    assert alpha.sum() == 40 * 255
