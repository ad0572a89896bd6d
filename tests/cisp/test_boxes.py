"""Boxes: how they are written, what they refuse, what they crop."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from cisp.boxes import Box
from cisp.picture_files import load_image, upright_size


def counted(width: int = 40, height: int = 50) -> Image.Image:
    """Each pixel holds its column and row."""
    rows, columns = np.mgrid[:height, :width]
    return Image.fromarray(np.dstack([columns, rows, 0 * rows]).astype(np.uint8))


@pytest.mark.parametrize("text", ["10,20,60,90", " 10 20 60 90 ", "10%, 20%; 60% 90%"])
def test_a_box_is_read_as_people_write_it(text):
    assert Box.from_text(text) == (10, 20, 60, 90)


def test_a_box_is_written_as_it_is_read():
    box = Box(0, 12.3, 100, 99.9)
    assert Box.from_text(str(box)) == box
    assert Box.from_text("") is Box.from_text("  ") is None


def test_corners_may_come_in_any_order():
    expected = Box(10, 20, 60, 90)
    for a, b in (((10, 20), (60, 90)), ((60, 90), (10, 20)), ((60, 20), (10, 90))):
        assert Box.around(a, b) == expected


def test_the_smallest_box_may_lie_anywhere():
    for tenths in range(981):
        low, high = tenths / 10, (tenths + 20) / 10
        assert Box.around((low, 0), (high, 100)) == (low, 0, high, 100)
        assert Box.around((0, low), (100, high)) == (0, low, 100, high)


@pytest.mark.parametrize(
    "text",
    [
        *["1,2,3", "1,2,3,4,5", "a,b,c,d", "-1,0,50,50", "0,0,50,101", "10,10,11,90"],
        *["10,10,90,11", "nan,0,50,50", "0,nan,50,50", "0,0,inf,50", "x" * 1000],
    ],
)
def test_what_is_no_box_is_one_short_sentence(text):
    with pytest.raises(ValueError, match=r"^A box is [^\n]{,200}$"):
        Box.from_text(text)


def test_what_lies_inside_is_kept(tmp_path):
    part = load_image(counted(), Box(25, 20, 75, 60))
    assert part.size == (20, 20)
    assert (part.getpixel((0, 0))[:2], part.getpixel((19, 19))[:2]) == ((10, 10), (29, 29))
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by a quarter, clockwise
    counted().save(tmp_path / "turned.png", exif=exif)
    assert upright_size(tmp_path / "turned.png") == load_image(tmp_path / "turned.png").size
    turned = load_image(tmp_path / "turned.png", Box(0, 0, 50, 50))  # of what is seen
    assert turned.size == (25, 20)
    assert turned.getpixel((24, 0))[:2] == (0, 25)  # the upper middle: left, halfway down


def test_a_part_is_checked_as_a_picture_is():
    with pytest.raises(ValueError, match=r"What the box holds .* is too small: 2 x 3"):
        load_image(counted(), Box(0, 0, 5, 6))
    half = counted()
    half.paste("white", (0, 0, 20, 50))
    with pytest.raises(ValueError, match=r"What the box holds of the image is blank"):
        load_image(half, Box(0, 0, 50, 100))
