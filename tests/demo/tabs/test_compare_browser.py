"""Samples, modes and neighbours in a real browser."""

from __future__ import annotations

import threading
from collections import defaultdict

import numpy as np
import pytest
from gradio.queueing import Queue

from demo.widgets.downloads import Downloads
from diffusion.grids.frame import iou
from diffusion.presets import STANDARD
from tests.demo.driving.compare import (
    LAST_STEP,
    STATE,
    STEP,
    open_page,
    vertices,
    wait_for_state,
    wait_for_step,
)
from tests.demo.fakes import chair

pytestmark = pytest.mark.browser

THUMBNAILS = """[...document.querySelectorAll('#twin .pane.cisp .samples canvas')].map(
  canvas => canvas.getContext('2d').getImageData(0, 0, 96, 96).data.reduce(
    (sum, byte, i) => sum + byte * (i % 97), 0))"""


# Enough frames that a camera that turns would have turned.
DRAW = """async () => {
  for (let left = 30; left; left--) await new Promise(requestAnimationFrame);
}"""


@pytest.fixture
def finished(monkeypatch):
    """By the name of a handler: set once the queue is done with it, cancelled or not."""
    done, process = defaultdict(threading.Event), Queue.process_events

    async def watched(self, *args):
        try:
            await process(self, *args)
        finally:
            *_, fn = args
            done[fn.name].set()

    monkeypatch.setattr(Queue, "process_events", watched)
    return done


def run_samples(tab, picture, count):
    tab.fill("#samples input[type=number]", str(count))
    tab.keyboard.press("Enter")
    tab.set_input_files("#image input[type=file]", picture)
    tab.wait_for_selector("#inputs .cutout img")
    tab.click("#run")


def lowest(tab, pane):
    return vertices(tab, pane)[:, 1].min() + 0.5


def test_a_thumbnail_puts_its_pair_in_the_large_panes(tab, fake_url, picture):
    open_page(tab, fake_url)
    contexts = tab.evaluate("document.querySelectorAll('#twin .plot canvas').length")
    run_samples(tab, picture, 3)
    wait_for_state(tab, "done")
    wait_for_step(tab, LAST_STEP)
    chosen = "#twin .pane.clip .samples [aria-checked=true]"
    assert tab.locator("#twin .samples button:enabled").count() == 6
    assert lowest(tab, 1) == pytest.approx(0)

    tab.locator("#twin .pane.cisp .samples button").nth(2).click()
    wait_for_step(tab, "Sample 3 of 3, seed 2")
    assert lowest(tab, 0) == lowest(tab, 1) == pytest.approx(4 / 32)
    assert tab.get_attribute(chosen, "aria-label") == "Sample 3 of 3, seed 2"  # in both columns
    assert tab.is_disabled("#twin .steps")  # its steps were not kept

    tab.keyboard.press("ArrowLeft")
    wait_for_step(tab, "Sample 2 of 3, seed 1")
    assert lowest(tab, 0) == pytest.approx(2 / 32)
    tab.keyboard.press("Home")
    wait_for_step(tab, LAST_STEP)
    assert tab.is_enabled("#twin .steps")

    pairs = [iou(a, b) for a, b in _pairs([_short(i) for i in range(3)])]
    facts = tab.inner_text("#twin .pane.cisp .facts")
    assert f"Spread\n{np.mean([1 - pair for pair in pairs]):.2f}" in facts
    assert f"IoU to CLIP\n{iou(chair() > 0, chair(armrest=True) > 0):.2f}" in facts
    assert "Parts\n1" in facts
    assert "no gallery" in tab.inner_text("#neighbours")
    after = tab.evaluate("document.querySelectorAll('#twin .plot canvas').length")
    assert after == contexts  # the thumbnails took none of the browser's WebGL contexts


def _short(index):
    grid = chair(armrest=True) > 0
    grid[:, : 2 * index] = False
    return grid


def _pairs(grids):
    return [(a, b) for i, a in enumerate(grids) for b in grids[:i]]


def test_two_clicks_on_the_image_choose_a_part_and_keys_do_too(tab, fake_url, picture):
    tab.goto(fake_url)
    tab.set_input_files("#image input[type=file]", picture)
    tab.wait_for_selector("#inputs .cutout img")
    card, text = "#inputs .cutout img", "#box :is(input, textarea)"
    whole = tab.get_attribute(card, "src")
    place = tab.locator("#image img").bounding_box()
    scale = min(place["width"] / 160, place["height"] / 160, 1)  # of 160 x 160 pixels
    left = place["x"] + (place["width"] - 160 * scale) / 2
    top = place["y"] + (place["height"] - 160 * scale) / 2
    tab.mouse.click(left + 120 * scale, top + 32 * scale)
    tab.wait_for_selector(f"{text}[placeholder^=now]")
    tab.mouse.click(left + 16 * scale, top + 144 * scale)
    tab.wait_for_function(f"document.querySelector('{text}').value")
    box = [float(edge) for edge in tab.input_value(text).split(",")]
    assert box == pytest.approx([10, 20, 75, 90], abs=1)
    tab.wait_for_function(f"document.querySelector('{card}').src !== '{whole}'")

    tab.click("#box-all")
    tab.wait_for_function(f"document.querySelector('{card}').src === '{whole}'")
    assert tab.input_value(text) == ""
    tab.fill(text, "10,20,60,90")
    tab.press(text, "Enter")
    tab.wait_for_function(f"document.querySelector('{card}').src !== '{whole}'")


def test_thumbnails_turn_unless_motion_is_unwanted(tab, fake_url, picture):
    tab.emulate_media(reduced_motion="reduce")
    open_page(tab, fake_url)
    run_samples(tab, picture, 2)
    wait_for_state(tab, "done")
    tab.locator("#twin .samples").first.scroll_into_view_if_needed()
    before = tab.evaluate(THUMBNAILS)
    assert len(before) == 2
    tab.evaluate(DRAW)
    assert tab.evaluate(THUMBNAILS) == before
    tab.emulate_media(reduced_motion="no-preference")
    tab.wait_for_function(f"{THUMBNAILS}[0] !== {before[0]}")


def test_modes_change_the_surface_and_keep_the_frame(tab, fake_url, picture):
    open_page(tab, fake_url)
    run_samples(tab, picture, 1)
    wait_for_state(tab, "done")
    wait_for_step(tab, LAST_STEP)
    cubes = len(vertices(tab, 1))
    height = tab.locator("#twin").bounding_box()["height"]

    def many(pane):
        return f"document.querySelectorAll('#twin .plot')[{pane}].data[0].x.length"

    tab.focus("#twin .modes input[value=voxels]")
    tab.keyboard.press("ArrowRight")  # smooth: corners are shared by faces
    tab.wait_for_function(f"{many(1)} < {cubes} / 2")
    assert np.abs(vertices(tab, 1) * 32 % 1).max() > 0.01  # and lie off the grid

    tab.keyboard.press("ArrowRight")  # difference: the armrest alone is CISP's
    tab.wait_for_function(f"{many(1)} > 0 && {many(1)} % 4 === 0 && {many(1)} < {cubes} / 4")
    a, b = chair() > 0, chair(armrest=True) > 0
    legend = tab.inner_text("#twin .pane.clip .facts")
    either = (a | b).sum()
    assert f"only CISP\n{100 * (b & ~a).sum() / either:.1f} %" in legend
    assert "only CLIP\n0.0 %" in legend
    assert f"IoU\n{iou(a, b):.2f}" in legend
    apart = vertices(tab, 1)
    assert apart[:, 1].min() == pytest.approx(22 / 32 - 0.5)
    assert tab.locator("#twin").bounding_box()["height"] == pytest.approx(height, abs=1)

    before = f"Step {STANDARD.num_steps - 1} of {STANDARD.num_steps}"
    tab.focus("#twin .steps")
    tab.keyboard.press("ArrowLeft")
    wait_for_step(tab, before)
    assert tab.is_checked("#twin .modes input[value=difference]")
    assert tab.evaluate(STEP) == before


def test_stop_keeps_the_samples_that_are_there(tab, fake_url, fake_service, picture, monkeypatch):
    open_page(tab, fake_url)
    monkeypatch.setattr(fake_service, "seconds_per_step", 0.5)
    tab.click("text=preview")
    run_samples(tab, picture, 8)
    enabled = "document.querySelectorAll('#twin .pane.cisp .samples button:enabled').length"
    tab.wait_for_function(f"{enabled} >= 2")
    assert "left" in tab.inner_text("#twin .left")
    tab.click("#stop")
    wait_for_state(tab, "stopped")
    tab.locator("#twin .pane.cisp .samples button").nth(1).click()
    wait_for_step(tab, "Sample 2 of 8, seed 1")
    assert tab.evaluate(STATE) == "stopped"
    assert tab.inner_text("#twin .footer").strip() == "Stopped"
    assert tab.evaluate(enabled) < 8


def test_generate_is_heard_while_the_files_are_being_made(tab, fake_url, picture, monkeypatch):
    made, may_be_made = threading.Event(), threading.Event()
    make = Downloads.of

    def slow(*args):
        made.set()
        assert may_be_made.wait(30)
        return make(*args)

    monkeypatch.setattr(Downloads, "of", slow)
    open_page(tab, fake_url)
    run_samples(tab, picture, 1)
    wait_for_state(tab, "done")
    assert made.wait(30)
    tab.fill("#compare-seed input", "9")
    tab.click("#run")
    may_be_made.set()
    tab.wait_for_function(
        "document.querySelector('#compare-recipe')?.textContent.includes('--seed 9')"
    )


def test_an_example_wins_over_an_upload_that_is_still_being_looked_at(
    tab, fake_url, fake_service, picture, monkeypatch, finished
):
    """The upload's answer comes too late: it may not replace the example."""
    looked, may_answer = threading.Event(), threading.Event()
    look = fake_service.image_guide

    def slow(*args):
        if not looked.is_set():  # the upload comes first
            looked.set()
            may_answer.wait(30)
        return look(*args)

    monkeypatch.setattr(fake_service, "image_guide", slow)
    open_page(tab, fake_url)
    tab.set_input_files("#image input[type=file]", str(picture))
    assert looked.wait(30)
    tab.locator("#examples button").last.click()
    tab.wait_for_selector("#inputs .cutout img")  # the example has been answered
    may_answer.set()
    assert finished["show_upload"].wait(30)
    tab.click("#run")  # its answer comes after all earlier ones
    tab.wait_for_selector("#compare-recipe .recipe[data-empty=false]")
    assert "--images assets/examples/chair1.png" in tab.inner_text("#compare-recipe .line")
    assert tab.locator("#examples button[aria-pressed=true]").count() == 1
