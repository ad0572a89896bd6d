from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from cisp import picture_files
from cisp.picture_files import load_image


def ramp(mode: str = "RGB") -> Image.Image:
    values = np.linspace(0, 255, 40 * 30 * 3).reshape(30, 40, 3).astype(np.uint8)
    return Image.fromarray(values).convert(mode)


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [
        *[("RGB", "png"), ("L", "png"), ("1", "png"), ("P", "gif"), ("RGBA", "png"), ("LA", "png")],
        *[("CMYK", "jpg"), ("RGB", "bmp"), ("RGB", "webp"), ("CMYK", "tif"), ("F", "tif")],
    ],
)
def test_every_mode_becomes_eight_bit_colour(tmp_path, mode, suffix):
    ramp(mode).save(tmp_path / f"a.{suffix}")
    image = load_image(tmp_path / f"a.{suffix}")
    assert image.mode == ("RGBA" if mode in ("RGBA", "LA") else "RGB")
    assert image.size == (40, 30)
    if mode not in "1P":  # dithered
        difference = np.asarray(image.convert("L"), int) - np.asarray(ramp("L"), int)
        assert np.abs(difference).mean() < 6


def test_sixteen_bits_are_scaled(tmp_path):
    values = np.linspace(0, 65535, 1200).reshape(30, 40).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    expected = np.round(values / 257)
    assert np.abs(np.asarray(load_image(tmp_path / "deep.png"))[..., 0] - expected).max() <= 1
    assert np.abs(np.asarray(load_image(values))[..., 0] - expected).max() <= 1


def test_rotation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    ramp().save(tmp_path / "turned.jpg", exif=exif)
    assert load_image(tmp_path / "turned.jpg").size == (30, 40)


def test_a_palette_with_transparency_keeps_it(tmp_path):
    ramp("P").save(tmp_path / "a.png", transparency=3)
    assert load_image(tmp_path / "a.png").mode == "RGBA"


def test_the_first_frame_of_an_animation_is_used(tmp_path):
    frames = [ramp(), Image.eval(ramp(), lambda value: 255 - value)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    first = np.asarray(load_image(tmp_path / "a.gif").convert("L"), int)
    assert np.abs(first - np.asarray(ramp("L"), int)).mean() < 8


@pytest.mark.parametrize("shape", [(30, 40), (30, 40, 1), (30, 40, 3), (30, 40, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, bool])
def test_arrays(shape, dtype):
    values = np.random.default_rng(0).integers(0, 256, shape)
    array = (values / 255).astype(dtype) if dtype == np.float32 else values.astype(dtype)
    if dtype is bool:
        array = values > 128
    image = load_image(array)
    assert image.size == (40, 30)
    assert image.mode == ("RGBA" if shape[-1] == 4 else "RGB")
    if dtype is not bool:
        first = np.asarray(image)[..., 0]
        assert np.abs(first.astype(int) - values.reshape(30, 40, -1)[..., 0]).max() <= 1


def test_black_ink_on_transparency_is_not_blank():
    array = np.zeros((20, 20, 4), np.uint8)
    array[5:15, 9:11, 3] = 255
    assert load_image(array).mode == "RGBA"


def broken(path, kind):
    if kind == "missing":
        return path / "none.png"
    file = path / "a.png"
    if kind == "text":
        file.write_text("not an image")
    elif kind == "empty":
        file.write_bytes(b"")
    elif kind == "truncated":
        noise = np.random.default_rng(0).integers(0, 256, (90, 90, 3)).astype(np.uint8)
        Image.fromarray(noise).save(file)
        file.write_bytes(file.read_bytes()[:9000])
    elif kind == "folder":
        file.mkdir()
    return file


@pytest.mark.parametrize("kind", ["missing", "text", "empty", "truncated", "folder"])
def test_unreadable_files_are_refused_in_one_sentence(tmp_path, kind):
    with pytest.raises(ValueError, match=r"(exist|read|damaged)[^.]*\.$"):
        load_image(broken(tmp_path, kind))


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (Image.new("RGB", (50, 50), "white"), "blank"),
        (Image.new("RGBA", (50, 50)), "transparent"),
        (Image.new("RGBA", (50, 50), (9, 9, 9, 255)), "blank"),
        (ramp().resize((100, 5)), "too small"),
        (np.zeros((3, 40, 40), np.uint8), "shape"),
        (np.zeros((40, 40), np.int64), "uint8"),
        (np.zeros((0, 40), np.uint8), "too small"),
        (np.linspace(0, 255, 1600).reshape(40, 40), "from 0 to 1"),
        (np.full((40, 40), np.nan), "from 0 to 1"),
    ],
)
def test_useless_pictures_are_refused(image, reason):
    with pytest.raises(ValueError, match=reason):
        load_image(image)


def test_huge_files_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(picture_files, "MAX_PIXELS", 1000)
    ramp().save(tmp_path / "a.png")
    monkeypatch.setattr(picture_files, "_eight_bit", None)
    with pytest.raises(ValueError, match="too large"):
        load_image(tmp_path / "a.png")
