"""The gallery's shapes nearest to an image, against a search written out here."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cisp.gallery import Gallery
from demo.service.examples import read_examples
from demo.service.frames import unpack
from demo.tabs.compare.handlers import CompareHandlers
from demo.tabs.compare.neighbours import find_neighbours, neighbours_value
from diffusion.grids.frame import iou
from tests.demo.fakes import FakeService, chair

COUNT = 12


def unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


@pytest.fixture
def gallery():
    """Chairs, the i-th with legs shorter by i; CLIP knows their pictures only."""
    rng = np.random.default_rng(0)
    grids = np.repeat(chair()[None] > 0, COUNT, 0)
    for index, grid in enumerate(grids):
        grid[:, :index] = False
    embeds = unit(rng.standard_normal((3, COUNT, 8)).astype(np.float32))
    return Gallery(
        tuple(f"chair-{i}" for i in range(COUNT)),
        ("chair",) * COUNT,
        ("", *(f"stool {i}" for i in range(1, COUNT))),
        np.packbits(grids.reshape(COUNT, -1), axis=1),
        32,
        dict(zip(("clip/image", "cisp/image", "cisp/shape"), embeds, strict=True)),
        {},
    )


def test_each_space_finds_its_own_five(gallery):
    embeds = FakeService().image_guide(None).embeds
    found = find_neighbours(gallery, embeds | {"unknown": embeds["clip"]})
    assert list(found) == ["clip", "cisp"]
    for space, kind in (("clip", "clip/image"), ("cisp", "cisp/shape")):
        cosines = gallery.embeds[kind] @ embeds[space]
        order = sorted(range(COUNT), key=lambda row: -cosines[row])[:5]
        assert [shape["row"] for shape in found[space]] == order
        for shape in found[space]:
            assert shape["similarity"] == pytest.approx(cosines[shape["row"]], abs=1e-6)
            assert shape["name"] == (f"stool {shape['row']}" if shape["row"] else "chair")


def test_a_result_is_compared_with_each_of_them(gallery):
    embeds = FakeService().image_guide(None).embeds
    found = find_neighbours(gallery, embeds)
    made = {"clip": chair() > 0, "cisp": chair(16) > 0}
    value = json.loads(json.dumps(neighbours_value(gallery, found, made)))
    for shape in value["columns"]["clip"]:
        known = unpack(shape["bits"], value["resolution"])
        np.testing.assert_array_equal(known, gallery.occupancy(shape["row"]))
        assert shape["iou"] == pytest.approx(iou(known, made["clip"]))
    assert all(shape["iou"] is None for shape in value["columns"]["cisp"])  # another resolution


def test_without_a_gallery_it_says_so():
    assert find_neighbours(None, {}) is None
    assert neighbours_value(None, None)["missing"]


def test_a_run_searches_once_and_compares_when_the_shape_is_there(gallery, assets, picture):
    service = FakeService(0)
    searches = []

    class Counted(Gallery):
        def nearest(self, *args, **options):
            searches.append(args)
            return super().nearest(*args, **options)

    service.gallery = Counted(**vars(gallery))
    handlers = CompareHandlers(service, read_examples(assets / "examples"))
    ran = handlers.run(str(picture), None, None, 0, 3, 2.0, 1.0, "ddim", 2)
    values = [shown.neighbours for shown in ran if "columns" in shown.neighbours]
    assert len(searches) == 2  # one a space
    first, last = (value["columns"]["cisp"] for value in values)
    assert [shape["iou"] for shape in first] == [None] * 5
    made = chair(armrest=True) > 0
    assert [shape["iou"] for shape in last] == [
        pytest.approx(iou(gallery.occupancy(shape["row"]), made)) for shape in last
    ]
