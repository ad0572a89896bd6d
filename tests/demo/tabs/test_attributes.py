"""The events of the Attributes tab, over a service whose shapes obey in one space alone."""

from __future__ import annotations

import json
import zipfile
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest

from demo.replay import shapes_of
from demo.service.examples import read_examples
from demo.service.frames import Settings, unpack
from demo.service.recipes import Recipe
from demo.service.steering import category_of, steered
from demo.tabs.attributes.handlers import AttributeHandlers
from tests.demo.attribute_fakes import ALONG, SteeredService
from tests.demo.explore_fakes import known_shapes
from tests.demo.fakes import FakeService, on_show


@pytest.fixture
def examples(assets):
    return read_examples(assets / "examples")


@pytest.fixture
def handlers(examples):
    return AttributeHandlers(SteeredService(), examples)


@pytest.fixture
def opened(handlers):
    return handlers.open_example(SimpleNamespace(index=0))


def asked(opened, moves):
    sliders = opened.sliders
    return {"key": sliders["key"], "category": sliders["category"], "moves": moves}


def test_a_picture_opens_the_sliders_of_its_kind(opened, handlers):
    rows = opened.sliders["attributes"]
    assert opened.sliders["category"] == "chair"  # without a gallery, the first
    assert [row["name"] for row in rows] == ["height", "number of legs"]
    assert rows[1]["known"]["cisp"][0] == pytest.approx(0.05)
    assert [value for _, value in opened.category.choices] == ["chair", "lamp"]
    lamp = handlers.choose_category("lamp", opened.source)
    assert [row["at"] for row in lamp.sliders["attributes"]] == [2]
    with pytest.raises(gr.Error, match="no such kind"):
        handlers.choose_category("planet", opened.source)


def test_the_nearest_known_shapes_say_what_it_is():
    service = SteeredService()
    gallery = known_shapes()
    row = gallery.categories.index("lamp")
    guide = service.image_guide("x")
    near = {space: gallery.embeds[f"{space}/image"][row] for space in service.spaces}
    votes = {"chair": 0, "lamp": 0}
    for space, embed in near.items():
        kind = "shape" if f"{space}/shape" in gallery.embeds else "image"
        similar = gallery.embeds[f"{space}/{kind}"] @ embed
        for at in np.argsort(-similar)[:10]:
            if gallery.categories[at] in votes:
                votes[gallery.categories[at]] += 1
    expected = max(sorted(votes), key=votes.get)
    guide.embeds.update(near)
    assert category_of(guide, gallery, service.attributes) == expected


def test_both_shapes_follow_and_the_marks_tell_which_obeys(opened, handlers):
    still = handlers.follow(asked(opened, {}))
    assert still["changes"] == {"clip": [0, 0], "cisp": [0, 0]}
    moved = handlers.follow(asked(opened, {"0": 2}))
    assert moved["changes"]["clip"] == [0, 0]
    assert moved["changes"]["cisp"][0] > 1
    tops = {s: np.flatnonzero(unpack(b, 32).any((0, 2))).max() for s, b in moved["bits"].items()}
    assert tops["cisp"] > tops["clip"] == 23
    down = handlers.follow(asked(opened, {"0": -1}))
    assert down["changes"]["cisp"][0] < 0


@pytest.mark.parametrize(
    "question",
    [
        None,
        {},
        {"key": "no"},
        {"moves": {"2": 1}},  # of another kind
        {"moves": {"0": 9}},
        {"moves": {"0": "tall"}},
        {"moves": {"9": 1}},
        {"moves": [1]},
        {"moves": {"0": float("nan")}},
        {"category": "planet"},
    ],
)
def test_other_questions_are_answered_in_a_sentence(opened, handlers, question):
    if question:
        question = asked(opened, {}) | question
    answer = handlers.follow(question)
    assert list(answer) == ["error"]
    assert answer["error"].endswith((".", "lamp.", "again."))
    with pytest.raises(gr.Error):
        handlers.rest(json.dumps(question), "standard", 0)


def test_rest_refines_what_was_asked(opened, handlers):
    made = handlers.rest(json.dumps(asked(opened, {"0": 1})), "standard", 0)
    assert made["key"] == opened.sliders["key"]
    assert made["refined"]["moves"] == {"0": 1}
    assert made["refined"]["changes"]["cisp"][0] > 0.5
    assert made["refined"]["note"].startswith("Seed 0")
    before, after = handlers.service.made[-2:]
    assert before[ALONG] == 0
    assert after[ALONG] / after[0] == pytest.approx(0.5)


def test_a_result_has_files_a_recipe_and_a_link_that_make_it_again(opened, handlers, examples):
    question = json.dumps(asked(opened, {"0": 1, "1": -0.5}))
    *_, last = on_show(handlers.run(opened.source, question, "standard", 3))
    assert last.viewer["state"] == "done"
    fragment = last.recipe["fragment"]
    assert fragment.startswith("attributes=")
    assert "demo.replay" in last.recipe["command"]
    recipe = Recipe.from_text(fragment.partition("=")[2])
    assert recipe.options["moves"] == "chair: height +1.00, num_legs -0.50"
    shapes = shapes_of(recipe, handlers.service, examples)
    assert set(shapes) == {"clip", "cisp"}
    linked = handlers.open_link(fragment.partition("=")[2])
    assert [row["move"] for row in linked.sliders["attributes"]] == [1, -0.5]
    assert linked.seed == 3
    *_, again = on_show(handlers.run(linked.source, linked.asked, linked.quality, linked.seed))
    assert again.recipe["hash"] == last.recipe["hash"]
    odd = Recipe(
        recipe.kind,
        recipe.sources,
        Settings(3, "ddim", 7, 1.5),
        recipe.spaces,
        recipe.weights,
        recipe.options,
    )
    with pytest.raises(gr.Error, match="settings that this tab does not have"):
        handlers.open_link(odd.to_text())


def test_the_recipe_moves_the_guide(opened, handlers, examples, monkeypatch):
    """What replay samples is what was shown: the moved embedding, to the last bit."""
    seen = []
    compare = handlers.service.compare

    def spy(guide, *args, **options):
        seen.append(guide.embeds)
        return compare(guide, *args, **options)

    monkeypatch.setattr(handlers.service, "compare", spy)
    question = json.dumps(asked(opened, {"0": -1.5}))
    *_, last = on_show(handlers.run(opened.source, question, "preview", 0))
    shapes_of(
        Recipe.from_text(last.recipe["fragment"].partition("=")[2]), handlers.service, examples
    )
    first, again = seen
    for space in ("clip", "cisp"):
        np.testing.assert_array_equal(first[space], again[space])
    assert first["clip"][ALONG] < 0


def test_the_archive_says_what_was_moved(opened, handlers):
    for update in handlers.run(opened.source, json.dumps(asked(opened, {"0": 1})), "preview", 0):
        if isinstance(update.downloads, list):
            with zipfile.ZipFile(update.downloads[-1].value["path"]) as archive:
                recipe = json.loads(archive.read("recipe.json"))
    assert recipe["kind"] == "attributes"
    assert recipe["options"]["moves"] == "chair: height +1.00"


def test_weights_without_directions_say_so(examples):
    handlers = AttributeHandlers(FakeService(0.0), examples)
    opened = handlers.open_example(SimpleNamespace(index=0))
    assert opened.sliders == {}
    assert "training.studies.sliders" in opened.card
    with pytest.raises(ValueError, match="No directions"):
        steered(handlers.service.image_guide("x"), {}, None)


def test_programs_ask_the_same(handlers, picture):
    ((summary, file),) = list(
        handlers.api(str(picture), "", "height +1, num_legs -0.5", 0, "preview")
    )
    assert summary["category"] == "chair"
    height, legs = summary["attributes"]
    assert height["changed"]["cisp"] > 0.5 > abs(height["changed"]["clip"])
    assert legs["moved"] == -0.5
    ((guessed, _),) = list(handlers.api(str(picture), "chair", "height +1", 0, "guess"))
    assert guessed["attributes"][0]["changed"]["cisp"] > 0.5
    assert "num_steps" in summary
    assert "num_steps" not in guessed
    assert file.endswith("-attributes.npz")
    for bad in (("planet", ""), ("chair", "wings +1"), ("chair", "height +9")):
        with pytest.raises(gr.Error):
            list(handlers.api(str(picture), *bad, 0, "preview"))
