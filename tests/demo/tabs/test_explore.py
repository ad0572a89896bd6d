"""Queries to the gallery, without a server: what is found, shown and generated."""

from __future__ import annotations

import base64
from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from demo.service.comparison import Status
from demo.service.examples import read_examples
from demo.service.frames import unpack
from demo.service.sources import Source, read_shape
from demo.tabs.explore.handlers import MOST_GRIDS, ExploreHandlers
from demo.tabs.explore.layout import COLOURS
from demo.tabs.explore.outputs import ExploreOutputs
from tests.demo.explore_fakes import SIZE, ExploreService
from tests.demo.fakes import on_show


@pytest.fixture
def service():
    return ExploreService(0)


@pytest.fixture
def handlers(service, assets):
    return ExploreHandlers(service, read_examples(assets / "examples"))


def click(index):
    return SimpleNamespace(index=index)


def last_viewer(handlers, source):
    *_, shown = on_show(handlers.run(source, "preview", 0))
    return shown.viewer


def test_the_atlas_holds_every_shape_and_place(handlers, service):
    atlas, gallery = handlers.atlas(), service.gallery
    assert atlas["state"] == "ready"
    assert [atlas["categories"][i] for i in atlas["category"]] == list(gallery.categories)
    assert [atlas["subtypes"][i] for i in atlas["subtype"]] == list(gallery.subtypes)
    assert atlas["ids"] == list(gallery.ids)
    for space in ("clip", "cisp"):
        steps = np.frombuffer(base64.b64decode(atlas["maps"][space]), "<i2").reshape(SIZE, 2)
        np.testing.assert_allclose(steps / 32767, gallery.maps[space], atol=1e-4)


def test_the_atlas_says_why_there_is_none(handlers, service):
    service.gallery = replace(service.gallery, maps={})
    assert handlers.atlas() == {"state": "no_maps"}
    service.gallery = None
    assert handlers.atlas() == {"state": "missing"}
    for status in (Status("loading", ""), Status("unavailable", "There are no weights.")):
        service.status = status
        assert handlers.atlas() == {"state": status.state, "message": status.message}


def test_grids_are_those_asked_for_and_nothing_else(handlers, service):
    answer = handlers.grids([3, 7, -1, SIZE, "0", True])
    assert list(answer["bits"]) == ["3", "7"]
    np.testing.assert_array_equal(
        unpack(answer["bits"]["7"], answer["resolution"]), service.gallery.occupancy(7)
    )
    assert len(handlers.grids([0] * 10 + list(range(SIZE)) * 9)["bits"]) <= MOST_GRIDS


def test_an_image_is_answered_in_both_spaces(handlers, service, picture):
    answer = handlers.ask_image(str(picture))
    assert answer.seen["src"].startswith("data:image/webp;base64,")
    assert answer.source.kind == "pixels"
    # Nothing of an earlier result stays.
    assert (answer.viewer, answer.recipe) == ({"state": "empty"}, {})
    atlas = answer.atlas
    query = service.image_guide(None).embeds
    for space, kind in (("clip", "clip/image"), ("cisp", "cisp/shape")):
        cosines = service.gallery.embeds[kind] @ query[space]
        rows = np.argsort(-cosines)[:5].tolist()
        assert [hit["row"] for hit in atlas["nearest"][space]] == rows
        weights = cosines[rows].clip(1e-6)
        mean = weights @ service.gallery.maps[space][rows] / weights.sum()
        np.testing.assert_allclose(atlas["places"][space], mean, atol=1e-5)
    assert atlas["row"] is None
    assert atlas["notes"] == {}


def test_words_speak_to_clip_and_a_shape_to_cisp(handlers, tmp_path):
    answer = handlers.ask_words("  a red chair ")
    atlas = answer.atlas
    assert "a red chair" in answer.seen["label"]
    assert answer.source == Source("text", "a red chair")
    assert list(atlas["nearest"]) == list(atlas["places"]) == ["clip"]
    assert "words" in atlas["notes"]["cisp"]

    grid = np.zeros((32, 32, 32), bool)
    grid[:, :9, 4:20] = True
    np.savez(tmp_path / "shape.npz", grid=grid)
    answer = handlers.ask_shape(str(tmp_path / "shape.npz"), "y", 0)
    atlas, asked = answer.atlas, read_shape(answer.source.value)
    np.testing.assert_array_equal(unpack(answer.seen["bits"], 32), asked)
    assert asked.sum() == grid.sum()
    assert list(atlas["nearest"]) == list(atlas["places"]) == ["cisp"]
    assert "shapes" in atlas["notes"]["clip"]
    turned = handlers.ask_shape(str(tmp_path / "shape.npz"), "y", 1).source
    assert read_shape(turned.value).any((1, 2)).sum() == 16


def test_a_point_is_marked_where_it_lies_and_does_not_find_itself(handlers, service):
    answer = handlers.ask_gallery(click(4))
    seen, atlas = answer.seen, answer.atlas
    assert answer.source == Source("gallery", service.gallery.ids[4])
    np.testing.assert_array_equal(unpack(seen["bits"], 32), service.gallery.occupancy(4))
    assert "van" in seen["label"]
    assert atlas["row"] == 4
    for space in ("clip", "cisp"):
        np.testing.assert_allclose(atlas["places"][space], service.gallery.maps[space][4])
        assert 4 not in [hit["row"] for hit in atlas["nearest"][space]]


def test_a_third_space_that_the_gallery_lacks_is_named_and_harms_nothing(handlers, service):
    service.spaces = ("clip", "cisp", "openclip-x")
    assert set(handlers.atlas()["maps"]) == {"clip", "cisp"}
    for answer in (handlers.ask_gallery(click(0)), handlers.ask_words("a chair")):
        assert "openclip-x" not in answer.atlas["nearest"]
        assert "no map" in answer.atlas["notes"]["openclip-x"]
    last = last_viewer(handlers, Source("gallery", service.gallery.ids[0]))
    assert set(last["frames"]) == {"clip", "cisp"}
    assert set(last["missing"]) == {"openclip-x"}


def test_an_example_is_marked_and_its_truth_is_known(handlers):
    answer = handlers.ask_example(click(0))
    assert (answer.example, answer.source) == (0, Source("example", "chair0.png"))
    assert len(answer.atlas["nearest"]["cisp"]) == 5


@pytest.mark.parametrize("text", ["", "   ", "a" * 301])
def test_a_question_that_cannot_be_asked_is_explained_and_nothing_is_lost(handlers, text):
    answer = handlers.ask_words(text)
    assert answer.seen["error"].endswith(".")
    assert answer == ExploreOutputs(seen=answer.seen, atlas={}, source=None)


def test_broken_files_and_points_are_explained(handlers, tmp_path):
    (tmp_path / "broken.glb").write_bytes(b"nothing")
    broken = handlers.ask_shape(str(tmp_path / "broken.glb"), "y", 0)
    assert "broken.glb" in broken.seen["error"]
    assert handlers.ask_gallery(click(SIZE)).source is None
    assert handlers.ask_shape(None, "y", 0).seen == handlers.ask_image(None).seen == {}


def test_generating_streams_the_columns_that_understand(handlers, service):
    ran = handlers.run(Source("text", "a chair"), "preview", 3)
    values = [shown.viewer for shown in on_show(ran)]
    assert {value["state"] for value in values[:-2]} == {"running"}
    assert values[-1]["state"] == "done"
    assert "seed 3" in values[-1]["note"]
    assert list(values[-1]["frames"]) == ["clip"]
    assert list(values[-1]["missing"]) == ["cisp"]
    last = last_viewer(handlers, Source("gallery", service.gallery.ids[5]))
    np.testing.assert_array_equal(unpack(last["truth"], 32), service.gallery.occupancy(5))
    assert last["missing"] == {}


def test_generating_from_nothing_or_from_what_is_gone_is_an_error(handlers):
    with pytest.raises(gr.Error, match="Choose something first"):
        next(handlers.run(None, "preview", 0))
    with pytest.raises(gr.Error, match="There is no example"):
        next(handlers.run(Source("example", "gone.png"), "preview", 0))
    with pytest.raises(gr.Error, match="seed has to be"):
        next(handlers.run(Source("text", "a chair"), "preview", -1))


def test_without_a_gallery_questions_are_generated_from_all_the_same(handlers, service, picture):
    service.gallery = None
    answer = handlers.ask_image(str(picture))
    assert answer.atlas == {}
    assert last_viewer(handlers, answer.source)["state"] == "done"
    with pytest.raises(gr.Error, match="no gallery"):
        handlers.api(str(picture), 3, False)


def test_the_colours_of_thirteen_categories_can_be_told_apart():
    rgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in COLOURS])
    lab = rgb2lab(rgb[None])[0]
    assert len(COLOURS) == 13
    for i in range(13):
        for j in range(i):
            assert deltaE_ciede2000(lab[i], lab[j]) > 12, (COLOURS[i], COLOURS[j])
