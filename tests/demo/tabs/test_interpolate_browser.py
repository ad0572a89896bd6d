"""The Interpolate tab in a real browser."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from demo.service.examples import read_examples
from demo.service.frames import Settings
from demo.service.walk import points
from demo.service.walk.lattice import Lattice
from demo.service.walk.log import WalkLog
from demo.service.walk.pairs import read_pairs, save_pair
from diffusion.presets import STANDARD
from tests.demo.conftest import serve
from tests.demo.driving.walk import (
    STATE,
    choose,
    lowest,
    open_tab,
    wait_for_state,
    wait_for_step,
)
from tests.demo.fakes import FakeService, GuessingService, chair

pytestmark = pytest.mark.browser


class WalkService(FakeService):
    """Makes three frames, and the others while `may_go_on`."""

    may_go_on = True

    def shapes(self, embeds, settings):
        for index, grids in enumerate(super().shapes(embeds, settings)):
            while index >= 3 and not self.may_go_on:
                time.sleep(0.02)
            yield grids


@pytest.fixture(scope="module")
def walk_service():
    return WalkService(0.0)


@pytest.fixture(scope="module")
def walk_url(walk_service, assets):
    """Address of a page that has one walk computed beforehand."""
    folder = assets / "examples" / "walks"
    folder.mkdir()
    examples = read_examples(assets / "examples")
    ends = [{"kind": "example", "value": f"chair{index}.png"} for index in (1, 0)]
    entry = {"name": "a", "label": "Two chairs", "ends": ends, "mode": "lerp", "num_frames": 17}
    (folder / "walks.json").write_text(json.dumps([entry]))
    (pair,) = read_pairs(folder)
    log = WalkLog(Lattice(1, 17), dict.fromkeys(("clip", "cisp"), np.eye(17, dtype=np.float32)))
    for index in range(17):
        grid = chair() > 0
        grid[:, :index] = False
        log.add(index, {"clip": grid, "cisp": grid})
    shown = [points.point_of(end, examples, None) for end in pair.ends]
    save_pair(
        pair, log, shown, Settings(7, STANDARD.sampler, STANDARD.num_steps, 2.0), "fake", examples
    )
    page, address = serve(walk_service, assets)
    yield address
    page.close()


def test_a_finished_walk_opens_at_once_and_is_scrubbed_without_a_request(tab, walk_url):
    open_tab(tab, walk_url)
    tab.click("#walk-finished button")
    wait_for_state(tab, "done")
    wait_for_step(tab, "A")
    assert "Drawn chair" in tab.inner_text("#walk-points button >> nth=0")
    assert tab.locator("#walk-curves polyline").count() == 2 * (1 + 2 + 2)
    assert "CISP: neighbours overlap" in tab.inner_text("#walk-curves .words .cisp")

    requests = []
    tab.on("request", lambda request: requests.append(request.url))
    start = lowest(tab)
    tab.focus("#walk .steps")
    for step in ("6 %", "12 %", "19 %", "25 %"):
        tab.keyboard.press("ArrowRight")
        wait_for_step(tab, step)
    assert lowest(tab) == pytest.approx(start + 4 / 32)  # the legs are cut

    # The curves' marker goes along, and a click in a curve leads the viewer there.
    marker = "document.querySelector('#walk-curves [data-chart=iou] .marker').offsetLeft"
    before = tab.evaluate(marker)
    chart = tab.locator("#walk-curves [data-chart=iou] svg")
    box = chart.bounding_box()
    chart.click(position={"x": box["width"] * 0.55, "y": box["height"] / 2})
    wait_for_step(tab, "50 %")
    assert tab.evaluate(marker) > before + 50
    assert requests == []

    # To and fro: B is reached, and left again.
    tab.click("#walk .loop")
    tab.click("#walk .play")
    wait_for_step(tab, "B")
    wait_for_step(tab, "50 %")
    tab.click("#walk .play")


def test_frames_can_be_scrubbed_before_all_are_there_and_stop_keeps_them(
    tab, walk_url, walk_service, monkeypatch
):
    monkeypatch.setattr("demo.tabs.interpolate.handlers.SECONDS_BETWEEN_UPDATES", 0)
    monkeypatch.setattr(walk_service, "may_go_on", False)
    open_tab(tab, walk_url)
    choose(tab, 0, 1)
    tab.click("#walk-run")
    tab.wait_for_function(
        "document.querySelector('#walk .note').textContent.startsWith('3 of 17 frames')"
    )
    tab.focus("#walk .steps")
    tab.keyboard.press("End")
    wait_for_step(tab, "B")
    tab.click("#walk-stop")
    wait_for_state(tab, "stopped")
    monkeypatch.setattr(walk_service, "may_go_on", True)
    tab.focus("#walk .steps")
    tab.keyboard.press("Home")
    wait_for_step(tab, "A")
    assert tab.evaluate(STATE) == "stopped"


def test_swap_and_a_grid_of_four_with_the_keyboard(tab, walk_url):
    open_tab(tab, walk_url)
    choose(tab, 0, 1)
    tab.click("#walk-swap")
    tab.wait_for_function(
        "document.querySelector('#walk-points .name').textContent === 'Drawn chair'"
    )
    tab.click("text=Between four")
    tab.wait_for_selector("#walk-points button:nth-of-type(4)", state="visible")
    tab.click("#walk-run")
    toast = tab.locator("[data-testid='toast-text']")
    toast.wait_for()
    assert "Choose something for C and D first" in toast.inner_text()
    for number in (3, 4):
        tab.click(f"#walk-points button:nth-of-type({number})")
        tab.wait_for_selector(f"#walk-points button:nth-of-type({number})[aria-pressed=true]")
        tab.click("#walk-shelf button >> nth=0")
        tab.wait_for_selector(f"#walk-points button:nth-of-type({number}) .picture img")
    tab.click("text=3 × 3")
    tab.click("#walk-run")
    wait_for_state(tab, "done")
    assert tab.locator("#walk-pad canvas").count() == 9 * 2
    tab.focus("#walk-pad [role=gridcell] >> nth=0")
    for key, step in (
        ("ArrowRight", "50 % across, 0 % down"),
        ("ArrowDown", "50 % across, 50 % down"),
        ("End", "100 % across, 50 % down"),
        ("ArrowDown", "D"),
    ):
        tab.keyboard.press(key)
        wait_for_step(tab, step)
    tab.click("#walk-pad [role=gridcell] >> nth=0")
    wait_for_step(tab, "A")


def test_an_upload_is_an_end_point(tab, walk_url, picture):
    open_tab(tab, walk_url)
    tab.set_input_files("#walk-upload input[type=file]", picture)
    tab.wait_for_selector("#walk-points button:nth-of-type(1) .picture img")
    assert "my chair" in tab.inner_text("#walk-points button >> nth=0")


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_sticks_out_of_the_screen(tab, walk_url, width):
    tab.set_viewport_size({"width": width, "height": 800})
    open_tab(tab, walk_url)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


# ---- where the models guess ----------------------------------------------------------------

HOLLOW = "document.querySelectorAll('#walk .marks .hollow').length"
MARKS = "document.querySelector('#walk .marks')"
# Drag the slider to and fro; resolves to the frames asked for and those drawn, both in order.
DRAG = """async ({ rounds, last }) => {
  const slider = document.querySelector("#walk .steps"), asked = [], shown = [];
  document.querySelector("#walk").addEventListener("viewer:show",
    (event) => shown.push(event.detail.index));
  for (let i = 1; i <= rounds; i++) {
    const at = Math.abs((i % (2 * last)) - last);
    asked.push(slider.value = at);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((done) => setTimeout(done, 30));
  }
  return { asked, shown };
}"""


@pytest.fixture(scope="module")
def guessing_service():
    return GuessingService()


@pytest.fixture(scope="module")
def guessing_url(guessing_service, assets):
    page, address = serve(guessing_service, assets)
    yield address
    page.close()


@pytest.fixture
def held(guessing_service, monkeypatch):
    """Refinement waits until it is let go."""
    monkeypatch.setattr("demo.tabs.interpolate.handlers.SECONDS_BETWEEN_UPDATES", 0)
    guessing_service.may_go_on.clear()
    guessing_service.made.clear()
    yield guessing_service.may_go_on
    guessing_service.may_go_on.set()


def test_end_points_are_enough_for_a_walk_of_guesses_which_diffusion_replaces(
    tab, guessing_url, guessing_service, held
):
    open_tab(tab, guessing_url)
    choose(tab, 0, 1)
    wait_for_step(tab, "A · guess")
    assert tab.evaluate(HOLLOW) == 17
    assert tab.is_visible("#walk .pane >> nth=0 >> .badge")
    assert "17 of 17 frames are guesses so far" in tab.inner_text("#walk-curves .words")
    requests = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.focus("#walk .steps")
    for step in ("6 %", "12 %", "19 %"):
        tab.keyboard.press("ArrowRight")
        wait_for_step(tab, f"{step} · guess")
    tab.wait_for_timeout(500)
    # Resting on a guess has it refined next; a slow browser may take each key for a rest.
    assert 1 <= len(requests) <= 3
    held.set()
    wait_for_state(tab, "done")
    wait_for_step(tab, "19 %")
    assert tab.evaluate(f"{MARKS}.hidden")
    assert not tab.is_visible("#walk .pane >> nth=0 >> .badge")
    assert len(guessing_service.made) == 17
    # After A, which was being made, the one that was rested on: the angle tells its place.
    angles = np.arccos([row.max() for row in guessing_service.made[:2]])
    np.testing.assert_allclose(angles, [0, 3 / 16 * np.pi / 2], atol=1e-5)
    assert lowest(tab) > -0.5  # the legs of a refined frame between the ends are cut


def test_a_hand_on_the_slider_is_never_moved_back_while_frames_are_refined(
    tab, guessing_url, guessing_service, held
):
    open_tab(tab, guessing_url)
    choose(tab, 0, 1)
    wait_for_step(tab, "A · guess")
    requests = []
    tab.on("request", lambda request: requests.append(request.url))
    guessing_service.seconds_per_step = 0.05
    held.set()
    seen = tab.evaluate(DRAG, {"rounds": 60, "last": 16})
    guessing_service.seconds_per_step = 0.0
    assert len(requests) < len(seen["asked"]) / 5  # no frame; a slow browser seems to rest at times
    asked = iter(seen["asked"])  # shown is what was asked for, in this order, some left out
    changes = [at for i, at in enumerate(seen["shown"]) if i == 0 or at != seen["shown"][i - 1]]
    assert len(changes) > 5
    assert all(at in asked for at in changes if at != 0 or changes.index(at))
    wait_for_state(tab, "done")
    assert tab.evaluate("document.querySelector('#walk .steps').value") == str(seen["asked"][-1])
    assert len(guessing_service.made) == 17


def test_stop_keeps_the_guesses_and_says_which_they_are(tab, guessing_url, held):
    open_tab(tab, guessing_url)
    choose(tab, 0, 1)
    wait_for_step(tab, "A · guess")
    tab.click("#walk-stop")
    wait_for_state(tab, "stopped")
    held.set()
    tab.focus("#walk .steps")
    tab.keyboard.press("End")
    wait_for_step(tab, "B · guess")
    assert tab.evaluate(HOLLOW) >= 16
