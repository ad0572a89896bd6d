"""Links: what a visitor copies makes the same shapes for whoever opens it."""

from __future__ import annotations

import zipfile

import gradio as gr
import numpy as np
import pytest

from demo.service.examples import read_examples
from demo.service.frames import Settings
from demo.service.recipes import Recipe
from demo.service.sources import Source, shape_source
from demo.tabs.compare.handlers import CompareHandlers
from demo.widgets.links import open_link
from tests.demo.driving import sketch as draw
from tests.demo.driving import walk

RUN = (3, 4, 2.5, 0.6, "ddim", 2)  # seed, steps, guidance, strength, sampler, samples
SETTINGS = Settings(3, "ddim", 4, 2.5, 0.6)


def handlers_of(service, assets):
    return CompareHandlers(service, read_examples(assets / "examples"))


def last(updates):
    *_, shown = updates
    return shown.recipe, shown.downloads


def fragment(card) -> str:
    kind, _, text = card["fragment"].partition("=")
    assert kind == "compare"
    return text


def run_link(handlers, text):
    link = handlers.open_link(text)
    assert link.viewer == {"state": "empty"}
    values = link.seed, link.steps, link.guidance, link.strength, link.sampler, link.samples
    return values, last(handlers.run(link.image, link.example, link.linked, *values))


def test_a_link_to_an_uploaded_picture_makes_the_same_shapes(service, assets, picture):
    handlers = handlers_of(service, assets)
    card, _ = last(handlers.run(str(picture), None, None, *RUN))
    values, (again, _) = run_link(handlers, fragment(card))
    assert values == RUN
    assert again == card | {"command": again["command"]}  # the file has another name there


@pytest.mark.parametrize("example", [None, 0])
def test_the_way_to_cut_out_is_in_recipe_and_command(service, assets, picture, example):
    handlers = handlers_of(service, assets)
    image = picture if example is None else handlers.examples[example].image
    for way in ("automatic", "whole"):
        card, _ = last(handlers.run(str(image), example, None, *RUN, way))
        chosen = way != "automatic"
        assert ("--cut-out whole" in card["command"]) == chosen
        recipe = Recipe.from_text(fragment(card))
        assert recipe.options.get("cut_out", "automatic") == way
        assert recipe.sources[0].kind == ("example" if example == 0 and not chosen else "pixels")


@pytest.mark.parametrize("example", [None, 0])
def test_the_chosen_part_is_in_recipe_and_command(service, assets, picture, example):
    handlers = handlers_of(service, assets)
    image = picture if example is None else handlers.examples[example].image
    card, _ = last(handlers.run(str(image), example, None, *RUN, "automatic", "5 5 60 95"))
    assert "--box 5,5,60,95" in card["command"]
    recipe = Recipe.from_text(fragment(card))
    assert recipe.options["box"] == "5,5,60,95"
    assert recipe.sources[0].kind == "pixels"  # of the part: the link needs nothing else
    _, (again, _) = run_link(handlers, fragment(card))
    assert again["hash"] == card["hash"]
    whole, _ = last(handlers.run(str(image), example, None, *RUN))
    assert whole["hash"] != card["hash"]
    assert "box" not in Recipe.from_text(fragment(whole)).options


def test_a_recipe_of_another_kind_is_one_sentence(service, assets, picture):
    handlers = handlers_of(service, assets)
    card, _ = last(handlers.run(str(picture), None, None, *RUN))
    with pytest.raises(gr.Error, match="not a recipe"):
        open_link(fragment(card), "walk", service.fingerprint)


def test_a_link_to_an_example_opens_the_example(service, assets):
    handlers = handlers_of(service, assets)
    example = handlers.examples[0]
    card, _ = last(handlers.run(str(example.image), 0, None, *RUN))
    assert len(fragment(card)) < 500
    link = handlers.open_link(fragment(card))
    assert (link.image, link.example) == (str(example.image), 0)
    assert run_link(handlers, fragment(card))[1][0] == card
    assert f"--images assets/examples/{example.image.name}" in card["command"]


def test_a_new_image_takes_the_place_of_what_a_link_told(service, assets, picture):
    handlers = handlers_of(service, assets)
    linked = Source("example", "chair1.png")
    card, _ = last(handlers.run(str(picture), None, linked, *RUN))
    [source] = Recipe.from_text(fragment(card)).sources
    assert source.kind == "pixels"


def test_the_archive_holds_the_recipe_of_the_link(service, assets, picture):
    card, downloads = last(handlers_of(service, assets).run(str(picture), None, None, *RUN))
    assert downloads[-1].value["path"].endswith(".zip")
    recipe = Recipe.from_text(fragment(card))
    assert recipe.options == {"samples": 2}
    assert recipe.weights == service.fingerprint


def test_other_weights_are_told(service, assets, picture, monkeypatch):
    handlers = handlers_of(service, assets)
    card, _ = last(handlers.run(str(picture), None, None, *RUN))
    warned = []
    monkeypatch.setattr(gr, "Warning", warned.append)
    handlers.open_link(fragment(card))
    assert warned == []
    monkeypatch.setattr(service, "fingerprint", "others")
    handlers.open_link(fragment(card))
    assert len(warned) == 1


@pytest.mark.parametrize("text", ["AAAA", "%%%", ""])
def test_a_damaged_link_is_answered_in_one_sentence(fake_service, assets, text):
    with pytest.raises(gr.Error, match=r"^[^\n]+[.?]"):
        handlers_of(fake_service, assets).open_link(text)


def test_a_stranger_cannot_write_html_on_the_page(fake_service, assets):
    value = "<img src=https://example.org/x.png>"
    recipe = Recipe("compare", (Source("example", value),), SETTINGS, ("clip",), "x")
    with pytest.raises(gr.Error) as raised:
        handlers_of(fake_service, assets).open_link(recipe.to_text())
    assert "&lt;img src" in raised.value.message
    assert "<" not in raised.value.message


def test_a_column_that_is_told_nothing_says_why(fake_service, assets):
    """A link from Explore: words mean nothing to CISP."""
    handlers = handlers_of(fake_service, assets)
    [first, *_] = list(handlers.run(None, None, Source("text", "a red chair"), *RUN))
    assert "CLIP is told “a red chair”" in first.card
    assert first.viewer["missing"] == {
        "cisp": "CISP does not understand words, so it stays silent."
    }


def test_a_column_that_is_not_told_has_no_files(fake_service, assets):
    handlers = handlers_of(fake_service, assets)
    linked = shape_source(np.ones((16, 16, 16), bool))
    card, downloads = last(handlers.run(None, None, linked, *RUN))
    assert [button.value is None for button in downloads] == [True, True, False, False, False]
    assert "demo.replay --recipe recipe.json --spaces cisp " in card["command"]
    assert Recipe.from_text(fragment(card)).spaces == ("cisp",)
    with zipfile.ZipFile(downloads[-1].value["path"]) as archive:
        assert not any(name.startswith("clip") for name in archive.namelist())


def shown(tab, name):
    """Wait for a result's recipe card: its hash, and the link behind its button."""
    tab.wait_for_selector(f"#{name}-recipe .recipe[data-empty=false]")
    card = f"document.querySelector('#{name}-recipe')"
    return tab.evaluate(f"""[{card}.querySelector(".hash").textContent,
                             {card}.querySelector("button.link").dataset.fragment]""")


def open_elsewhere(tab, url, link):
    tab.goto("about:blank")
    tab.goto(f"{url}#{link}")


@pytest.mark.browser
def test_a_link_opened_in_another_tab_shows_the_same_hash(tab, url, picture):
    tab.goto(url)
    tab.wait_for_selector(".status.ready")
    tab.set_input_files("#image input[type=file]", picture)
    tab.wait_for_selector("#inputs .cutout img")
    tab.fill("#compare-seed input", "11")
    tab.click("#run")
    made, link = shown(tab, "compare")
    assert len(made) == 16
    open_elsewhere(tab, url, link)
    assert shown(tab, "compare")[0] == made
    assert tab.input_value("#compare-seed input") == "11"


@pytest.mark.browser
def test_the_link_of_a_drawing_shows_the_same_hash(tab, url):
    draw.open_tab(tab, url)
    tab.wait_for_selector(".status.ready")
    draw.stroke(tab, (0.3, 0.1), (0.3, 0.9))
    draw.stroke(tab, (0.3, 0.5), (0.7, 0.5), (0.7, 0.9))
    tab.click("#sketch-run")
    tab.wait_for_function(f"{draw.STATE} === 'done' && !{draw.NOTE}.startsWith('Preview')")
    made, link = shown(tab, "sketch")
    open_elsewhere(tab, url, link)
    assert shown(tab, "compare")[0] == made  # where any picture can be looked at


@pytest.mark.browser
def test_the_link_of_a_walk_shows_the_same_hash(tab, url):
    walk.open_tab(tab, url)
    tab.wait_for_selector(".status.ready")
    walk.choose(tab, 0, 1)
    tab.locator("#walk-settings").get_by_label("preview", exact=True).check()
    tab.click("#walk-run")
    made, link = shown(tab, "walk")
    open_elsewhere(tab, url, link)
    assert shown(tab, "walk")[0] == made
