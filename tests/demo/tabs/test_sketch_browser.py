"""The Sketch tab in a real browser: draw, follow, take home."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from PIL import Image, ImageDraw

from diffusion.presets import STANDARD
from tests.demo.conftest import serve
from tests.demo.driving.sketch import (
    NOTE,
    STATE,
    ink,
    open_tab,
    page_of,
    press,
    stroke,
    wait_for_card,
    wait_for_preview,
)
from tests.demo.fakes import GuessingService, chair

pytestmark = pytest.mark.browser

STANDARD_STEPS = f"{STANDARD.num_steps} steps"
EYES = """[...document.querySelectorAll('#sketch-twin .plot')].map(plot => {
  const { x, y, z } = plot._fullLayout.scene._scene.getCamera().eye; return [x, y, z]; })"""


def test_draw_generate_switch_tabs_and_the_ink_is_still_there(tab, fake_url):
    open_tab(tab, fake_url)
    stroke(tab, (0.3, 0.1), (0.3, 0.9))  # the very first stroke is followed
    wait_for_preview(tab)
    drawn = page_of(tab)
    assert (drawn < 128).sum() == pytest.approx(0.8 * 512 * 9, rel=0.1)  # a line, 9 wide
    assert (drawn[:, 140:170] < 128).sum() == (drawn < 128).sum()  # and where it was drawn

    eyes = tab.evaluate(EYES)
    tab.locator("#sketch-twin .plot").first.focus()
    tab.keyboard.press("ArrowLeft")
    tab.wait_for_function(f"Math.abs({EYES}[0][0] - ({eyes[0][0]})) > 0.01")
    turned = tab.evaluate(EYES)

    tab.click("#sketch-run")
    tab.wait_for_function(f"{STATE} === 'done' && {NOTE}.includes('{STANDARD_STEPS}')")
    tab.get_by_role("tab", name="Compare", exact=True).click()
    tab.wait_for_selector("#sketch-pad canvas", state="hidden")
    tab.get_by_role("tab", name="Sketch", exact=True).click()
    tab.wait_for_selector("#sketch-pad canvas", state="visible")
    np.testing.assert_array_equal(page_of(tab), drawn)
    assert STANDARD_STEPS in tab.evaluate(NOTE)  # nothing was made anew

    with tab.expect_download() as download:
        tab.locator("#sketch-downloads").get_by_text("CISP voxels .glb", exact=True).click()
    mesh = trimesh.load(download.value.path(), file_type="glb", force="mesh")
    assert mesh.volume == pytest.approx((chair(armrest=True) > 0).mean())
    assert download.value.suggested_filename == "sketch-seed0-cisp-voxels.glb"

    stroke(tab, (0.3, 0.5), (0.7, 0.5))
    wait_for_preview(tab)
    assert ink(tab) > 1.3 * (drawn < 128).sum()
    np.testing.assert_allclose(tab.evaluate(EYES), turned, atol=1e-9)  # the camera is kept
    assert tab.locator("#sketch-downloads button:disabled").count() == 5  # those were the old ones


def test_eraser_undo_redo_and_clear_by_keyboard(tab, fake_url):
    open_tab(tab, fake_url)
    stroke(tab, (0.2, 0.5), (0.8, 0.5))
    wait_for_preview(tab)
    line = ink(tab)
    tab.keyboard.press("Shift+Tab")  # from the page to the tool before it
    for _ in range(5):  # upload, clear, redo is off, undo, width, eraser
        if tab.evaluate("document.activeElement.dataset.tool") == "eraser":
            break
        tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Enter")
    stroke(tab, (0.5, 0.4), (0.5, 0.6))
    erased = ink(tab)
    assert 0.5 * line < erased < 0.95 * line
    tab.keyboard.press("Control+z")
    assert ink(tab) == line
    tab.keyboard.press("Control+Shift+z")
    assert ink(tab) == erased

    tab.locator("#sketch-pad [data-tool=clear]").focus()
    tab.keyboard.press("Enter")
    assert ink(tab) == 0
    wait_for_card(tab, "still blank")
    tab.wait_for_function(f"{STATE} === 'empty'")
    press(tab, "Undo")  # clearing loses nothing
    assert ink(tab) == erased
    wait_for_preview(tab)

    press(tab, "Pen")
    tab.locator("#sketch-pad [data-tool=width]").focus()
    tab.keyboard.press("End")
    stroke(tab, (0.2, 0.2), (0.8, 0.2))
    assert ink(tab) - erased > 2 * line


def test_uploads_and_examples_can_be_drawn_on(tab, fake_url, tmp_path):
    page = Image.new("L", (300, 150), 0)
    ImageDraw.Draw(page).line((50, 75, 250, 75), 255, 6)
    page.save(tmp_path / "negative.png")
    (tmp_path / "broken.png").write_bytes(b"nothing of the kind")
    open_tab(tab, fake_url)
    tab.set_input_files("#sketch-pad input[type=file]", tmp_path / "negative.png")
    wait_for_card(tab, "Light lines on dark paper")
    tab.set_input_files("#sketch-pad input[type=file]", tmp_path / "broken.png")
    tab.wait_for_selector("#sketch-pad .trouble:not(:empty)")
    assert "broken.png" in tab.inner_text("#sketch-pad .trouble")
    assert ink(tab) > 0  # nothing is lost

    press(tab, "Clear the page")
    wait_for_card(tab, "still blank")
    tab.click("#sketch-examples button >> nth=0")
    tab.wait_for_selector("#sketch-examples button[aria-pressed=true]")
    wait_for_preview(tab)
    loaded = ink(tab)
    assert loaded > 1000
    stroke(tab, (0.05, 0.05), (0.95, 0.05))
    assert ink(tab) == pytest.approx(loaded + 0.9 * 512 * 9, rel=0.1)


def test_without_live_mode_it_says_that_shapes_are_old(tab, fake_url):
    open_tab(tab, fake_url)
    stroke(tab, (0.2, 0.5), (0.8, 0.5))
    wait_for_preview(tab)
    before = tab.evaluate(NOTE)
    tab.get_by_label("Live preview").uncheck()
    stroke(tab, (0.2, 0.5), (0.2, 0.9))
    tab.wait_for_function("document.querySelector('#sketch-state').innerText.includes('older')")
    assert tab.evaluate(NOTE) == before
    tab.click("#sketch-run")
    tab.wait_for_function(f"{STATE} === 'done' && {NOTE}.includes('{STANDARD_STEPS}')")
    # Gradio's own count of seconds stands there until the work has ended.
    tab.wait_for_function("document.querySelector('#sketch-state').innerText === ''")


def test_stop_ends_the_work(tab, fake_url, fake_service, monkeypatch):
    open_tab(tab, fake_url)
    stroke(tab, (0.2, 0.5), (0.8, 0.5))
    wait_for_preview(tab)
    monkeypatch.setattr(fake_service, "seconds_per_step", 1.0)
    closed = fake_service.closed_early
    tab.click("#sketch-run")
    tab.wait_for_function(f"{STATE} === 'running'")
    tab.click("#sketch-stop")
    tab.wait_for_function(f"{STATE} === 'stopped'")
    for _ in range(300):
        if fake_service.closed_early > closed:
            break
        tab.wait_for_timeout(100)
    assert fake_service.closed_early == closed + 1


def test_each_stroke_is_answered_by_a_guess_and_the_preview_follows_at_rest(tab, assets):
    service = GuessingService()
    page, url = serve(service, assets)
    service.seconds_per_step = 0.3
    try:
        open_tab(tab, url)
        stroke(tab, (0.2, 0.5), (0.8, 0.5))
        tab.wait_for_function(f"{NOTE}.startsWith('Guess') && {STATE} === 'running'")
        assert tab.is_visible("#sketch-twin .badge >> nth=0")
        assert not tab.is_visible("#sketch-twin .marks")
        wait_for_preview(tab)
        assert not tab.is_visible("#sketch-twin .badge >> nth=0")
    finally:
        page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out_of_the_screen(tab, fake_url, width):
    open_tab(tab, fake_url)  # on a narrow screen the tab itself hides behind "…"
    tab.set_viewport_size({"width": width, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
