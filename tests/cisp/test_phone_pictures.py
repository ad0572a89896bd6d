"""Pictures as telephones make and browsers send them: turned, large, AVIF, more than one thing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter, features

from cisp.boxes import Box
from cisp.images import cutouts, views
from cisp.picture_files import LARGE, load_image, load_reduced
from cisp.saliency import FOLDER
from training.data.composites import compose, kept

EXAMPLES = FOLDER.parents[1] / "examples"
CHAIR, CAR = "wing-chair-rendering.png", "sports-car-rendering.png"


def thing(name: str, side: int = 200) -> Image.Image:
    image = Image.open(EXAMPLES / name).convert("RGBA")
    image = image.crop(image.getchannel("A").getbbox())
    return image.resize([round(side * n / max(image.size)) for n in image.size])


def blotches(width: int, height: int, seed: int = 0) -> Image.Image:
    """A busy ground that no colour takes away."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(60, 200, (8, 10, 3)).astype(np.uint8))
    ground = coarse.resize((width, height), Image.Resampling.BICUBIC)
    grain = Image.fromarray(rng.integers(0, 256, (height, width, 3)).astype(np.uint8))
    return Image.blend(ground, grain, 0.2).filter(ImageFilter.GaussianBlur(1))


def put(ground: Image.Image, object_: Image.Image, x: int, y: int) -> np.ndarray:
    """Put an object on a ground, and return where it is, (H, W) bool."""
    ground.paste(object_, (x, y), object_)
    layer = Image.new("L", ground.size)
    layer.paste(object_.getchannel("A"), (x, y))
    return np.asarray(layer) > 127


def overlap(picture: Image.Image, truth: np.ndarray) -> float:
    found = kept(views(picture)[-1], picture.size)
    return (found & truth).sum() / (found | truth).sum()


@pytest.fixture(scope="module")
def room() -> Image.Image:
    ground = blotches(400, 320)
    put(ground, thing(CHAIR), 120, 70)
    return ground


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_turned_camera_changes_nothing(room, tmp_path, orientation):
    back = {3: 180, 6: 90, 8: -90}[orientation]  # how the sensor held it
    exif = Image.Exif()
    exif[0x0112] = orientation
    room.rotate(back, expand=True).save(tmp_path / "IMG_1.png", exif=exif)
    seen = load_image(tmp_path / "IMG_1.png")
    assert np.array_equal(np.asarray(seen), np.asarray(room))


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
@pytest.mark.parametrize("name", ["image.avif", "blob", "image.jpg"])
def test_avif_is_read_whatever_a_browser_calls_it(room, tmp_path, name):
    room.save(tmp_path / name, format="avif", quality=90)
    seen = load_image(tmp_path / name)
    assert (seen.mode, seen.size) == ("RGB", room.size)
    assert np.abs(np.asarray(seen, int) - np.asarray(room, int)).mean() < 8


def test_twelve_megapixels_are_reduced_before_anything_is_looked_for(room, tmp_path):
    large = room.resize((4000, 3200), Image.Resampling.BICUBIC)
    large.save(tmp_path / "IMG_2.jpg", quality=85)
    seen = load_reduced(tmp_path / "IMG_2.jpg")
    assert LARGE <= max(seen.size) < 2 * LARGE
    [small], [big] = cutouts(room, [64], "mask")[64], cutouts(seen, [64], "mask")[64]
    difference = np.asarray(small, int)[..., 3] - np.asarray(big, int)[..., 3]
    assert np.abs(difference).mean() < 16


def test_of_two_objects_a_box_chooses_one():
    picture = blotches(480, 320)
    where = [put(picture, thing(CHAIR, 190), 20, 90), put(picture, thing(CAR, 190), 260, 150)]
    for box, truth in ((Box(0, 0, 50, 100), where[0]), (Box(50, 0, 100, 100), where[1])):
        part = load_image(picture, box)
        left = round(box.left * 4.8)
        assert part.size == (240, 320)
        assert overlap(part, truth[:, left : left + 240]) > 0.7


def test_an_object_that_is_cut_by_the_border_is_found():
    picture = blotches(400, 320)
    truth = put(picture, thing(CHAIR, 280), -70, 60)  # a quarter of it is outside, to the left
    assert truth[:, 0].any()
    assert overlap(picture, truth) > 0.7


@pytest.mark.parametrize("seed", [0, 1])
def test_white_on_white_is_found_beside_its_shadow(seed):
    """Not exactly: shadow and edge that stay come to a fifth of the object here."""
    side = 224
    square = Image.new("RGBA", (side, side))
    object_ = thing(CHAIR, side)
    square.paste(object_, ((side - object_.width) // 2, side - object_.height))
    generator = torch.Generator().manual_seed(seed)
    picture, truth = compose(np.asarray(square), "white on white", generator)
    assert overlap(picture, truth) > 0.7
