"""Choices that travel as text: pictures, shapes and names, and the columns' conditions."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from demo.service.examples import read_examples
from demo.service.sources import (
    LONGEST,
    Source,
    guide_of,
    pixels_source,
    read_pixels,
    read_shape,
    shape_source,
)
from tests.demo.fakes import FakeService, chair


def test_a_cut_out_travels_without_loss():
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    np.testing.assert_array_equal(read_pixels(pixels_source(pixels).value), pixels)


def test_a_shape_travels_without_loss():
    np.testing.assert_array_equal(read_shape(shape_source(chair() > 0).value), chair() > 0)


def test_what_a_picture_told_is_told_again_to_the_last_bit(service, picture):
    guide = service.image_guide(str(picture))
    again = guide_of(pixels_source(guide.pixels), service, [])
    for space, embed in guide.embeds.items():
        np.testing.assert_array_equal(again.embeds[space], embed)


def test_an_example_is_found_by_the_name_of_its_image(service, assets):
    examples = read_examples(assets / "examples")
    guide = guide_of(Source("example", "chair1.png"), service, examples)
    wanted = service.image_guide(examples[1].image)
    np.testing.assert_array_equal(guide.embeds["cisp"], wanted.embeds["cisp"])


def test_a_caption_tells_one_column_and_a_shape_the_other():
    service = FakeService(0)
    assert list(guide_of(Source("text", "a chair"), service, []).embeds) == ["clip"]
    assert list(guide_of(shape_source(chair() > 0), service, []).embeds) == ["cisp"]


def test_a_shape_is_told_in_distances_to_its_surface(monkeypatch):
    """The tower learned from these; a grid of -1 and +1 finds another shape far more often."""
    service, told = FakeService(0), []
    monkeypatch.setattr(service, "shape_guide", told.append)
    solid = np.zeros((16, 16, 16), bool)
    solid[4:12, 4:12, 4:12] = True
    guide_of(shape_source(solid), service, [])
    np.testing.assert_array_equal(told[0] > 0, solid)
    assert told[0][8, 8, [0, 2, 3, 4, 5, 8]].tolist() == [-1, -0.75, -0.25, 0.25, 0.75, 1]


def animation(size):
    buffer = io.BytesIO()
    Image.new("RGB", size).save(buffer, "webp")
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("example", "../secret.png"),
        ("gallery", "chair-0"),
        ("pixels", "AAAA"),
        ("pixels", "not base64!"),
        ("pixels", animation((2000, 2000))),
        ("pixels", animation((16_383, 16_383))),
        ("shape", "32:AAAA"),
        ("shape", "4000:AAAA"),
        ("shape", "x:AAAA"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_sentence(kind, value, assets):
    with pytest.raises(ValueError, match=r"^[^\n]+\.$"):
        guide_of(Source(kind, value), FakeService(0), read_examples(assets / "examples"))


@pytest.mark.parametrize(
    ("kind", "value"), [("file", "x"), ("text", ""), ("text", "a" * (LONGEST + 1))]
)
def test_a_source_is_one_of_its_kinds_and_not_endless(kind, value):
    with pytest.raises(ValueError, match=r"^[^\n]+\.$"):
        Source(kind, value)
