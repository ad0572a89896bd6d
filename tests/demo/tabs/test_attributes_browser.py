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
    assert tab.inner_text("#attributes-sliders output >> nth=0") == "+1.0"
    assert tab.is_visible("#attributes-twin .pane >> nth=0 >> .badge")
    service.may_go_on.set()
    tab.wait_for_function(f"{TOLD}.startsWith('Refined')")
    assert not tab.is_visible("#attributes-twin .pane >> nth=0 >> .badge")
    assert "hardly knows" in tab.inner_text("#attributes-sliders .row >> nth=1")
    assert "hardly knows" not in tab.inner_text("#attributes-sliders .row >> nth=0")

    tab.click("#attributes-sliders .reset")
    tab.wait_for_function(f"{MARKS}.join() === 'CLIP +0.0,CISP +0.0'")
    assert tab.input_value(SLIDER) == "0"


def test_a_link_opens_the_same_moves(tab, steering):
    _, url = steering
    open_example(tab, url)
    tab.focus(SLIDER)
    tab.keyboard.press("End")
    tab.click("#attributes-run")
    link = "document.querySelector('#attributes-recipe button.link').dataset.fragment"
    tab.wait_for_function(link)
    tab.goto(f"{url}#{tab.evaluate(link)}")
    tab.wait_for_function(f"document.querySelector('{SLIDER}')?.value === '2'")
