"""Sliders of attributes in a real browser: follow, rest, marks, link, keyboard."""

from __future__ import annotations

import pytest

from tests.demo.attribute_fakes import SteeredService
from tests.demo.conftest import serve

pytestmark = pytest.mark.browser

SLIDER = "#attributes-sliders .row input"
MARKS = """Array.from(
  document.querySelectorAll("#attributes-sliders .row:first-child i"), (i) => i.innerText)"""
TOLD = "document.querySelector('#attributes-sliders .told').innerText"


@pytest.fixture(scope="module")
def steering(assets):
    service = SteeredService()
    page, address = serve(service, assets)
    yield service, address
    service.may_go_on.set()
    page.close()


def open_example(tab, url):
    tab.goto(url)
    tab.get_by_role("tab", name="Attributes").click()
    tab.click("#attributes-examples button >> nth=0")
    tab.wait_for_selector(SLIDER)


def test_shapes_and_marks_follow_a_slider_and_are_refined_at_rest(tab, steering):
    service, url = steering
    service.may_go_on.clear()
    open_example(tab, url)
    tab.wait_for_function(f"{MARKS}.join() === 'CLIP +0.0,CISP +0.0'")
    tab.focus(SLIDER)
    for _ in range(10):
        tab.keyboard.press("ArrowRight")  # a tenth of a spread each
    tab.wait_for_function(f"{MARKS}[1] > 'CISP +0.5' && {MARKS}[0] === 'CLIP +0.0'")
    assert tab.inner_text("#attributes-sliders .row b >> nth=0") == "+1.0"
    assert tab.is_visible("#attributes-twin .pane >> nth=0 >> .badge")
    service.may_go_on.set()
    tab.wait_for_function(f"{TOLD}.startsWith('Refined')")
    assert not tab.is_visible("#attributes-twin .pane >> nth=0 >> .badge")
    assert "hardly knows" in tab.inner_text("#attributes-sliders .row >> nth=1")
    assert "hardly knows" not in tab.inner_text("#attributes-sliders .row >> nth=0")

    tab.click("#attributes-sliders .reset")
    tab.wait_for_function(f"{MARKS}.join() === 'CLIP +0.0,CISP +0.0'")
    assert tab.input_value(SLIDER) == "0"


def test_generated_shapes_stay_until_a_slider_is_moved_and_their_files_go_with_them(tab, steering):
    _, url = steering
    open_example(tab, url)
    tab.wait_for_function(f"{TOLD}.startsWith('Refined')")
    tab.focus(SLIDER)
    tab.keyboard.press("End")
    tab.click("#attributes-run")  # before the hand has rested: no refinement comes over the shapes
    link = "document.querySelector('#attributes-recipe button.link').dataset.fragment"
    tab.wait_for_function(link)
    tab.wait_for_timeout(1500)
    note = "document.querySelector('#attributes-twin .note').innerText"
    assert "steps" in tab.evaluate(note)
    tab.focus(SLIDER)
    tab.keyboard.press("ArrowLeft")
    tab.wait_for_function(f"!{link}")
    tab.wait_for_function(f"{TOLD}.startsWith('Refined')")
    assert tab.inner_text("#attributes-twin .step").startswith("height +2.9")


def test_the_sliders_go_on_after_a_broken_image(tab, steering, tmp_path):
    _, url = steering
    open_example(tab, url)
    tab.focus(SLIDER)
    for _ in range(5):
        tab.keyboard.press("ArrowRight")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    tab.click("#attributes-image button[aria-label='Remove Image']")
    tab.set_input_files("#attributes-image input[type=file]", tmp_path / "broken.png")
    tab.wait_for_selector("#attributes-sliders .hint", state="visible")
    tab.click("#attributes-examples button >> nth=1")
    tab.wait_for_function(f"{MARKS}.join() === 'CLIP +0.0,CISP +0.0'")
    tab.wait_for_function(f"{TOLD}.startsWith('Refined')")


def test_stop_says_no_longer_that_it_refines(tab, steering):
    service, url = steering
    open_example(tab, url)
    service.may_go_on.clear()
    tab.focus(SLIDER)
    tab.keyboard.press("ArrowRight")
    tab.wait_for_function(f"{TOLD}.startsWith('Refining')")
    tab.click("#attributes-stop")
    tab.wait_for_function(f"{TOLD} === ''")
    service.may_go_on.set()


def test_a_link_makes_the_same_shapes(tab, steering):
    _, url = steering
    open_example(tab, url)
    tab.focus(SLIDER)
    tab.keyboard.press("End")
    tab.click("#attributes-run")
    link = "document.querySelector('#attributes-recipe button.link').dataset.fragment"
    tab.wait_for_function(link)
    made = "document.querySelector('#attributes-recipe .hash').innerText"
    before = tab.evaluate(made)
    tab.goto(f"{url}#{tab.evaluate(link)}")
    tab.wait_for_function(f"document.querySelector('{SLIDER}')?.value === '3'")
    tab.wait_for_function(link)
    assert tab.evaluate(made) == before
