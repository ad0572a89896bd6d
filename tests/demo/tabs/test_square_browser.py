"""The square to roam, in a real browser: mouse, keys, touch, rest, replay."""

from __future__ import annotations

import pytest

from tests.demo.conftest import serve
from tests.demo.driving.walk import STEP, choose, open_tab, wait_for_state, wait_for_step
from tests.demo.fakes import GuessingService

pytestmark = pytest.mark.browser

TRACE = "JSON.parse(document.querySelector('#walk-square .square').dataset.trace)"
POINT = """(() => {
  const box = document.querySelector('#walk-square .area').getBoundingClientRect();
  const point = document.querySelector('#walk-square .point').getBoundingClientRect();
  return [(point.x + point.width / 2 - box.x) / box.width,
          (point.y + point.height / 2 - box.y) / box.height];
})()"""


@pytest.fixture(scope="module")
def roaming(assets):
    service = GuessingService()
    page, address = serve(service, assets)
    yield service, address
    service.may_go_on.set()
    page.close()


def open_square(tab, url):
    open_tab(tab, url)
    tab.click("text=Roam a square")
    tab.wait_for_selector("#walk-points button:nth-of-type(4)", state="visible")
    assert tab.is_visible("#walk-square .hint")
    choose(tab, 0, 1, 1, 0)
    tab.wait_for_function(f"{STEP}.startsWith('50 % across, 50 % down')")


def at(tab, x, y):
    tab.locator("#walk-square .area").scroll_into_view_if_needed()
    box = tab.locator("#walk-square .area").bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def drag_past(tab, x, y):
    """Press inside, near a corner (0 or 1), and drag past it: the point stays in the square."""
    tab.mouse.move(*at(tab, 0.1 + 0.8 * x, 0.1 + 0.8 * y))
    tab.mouse.down()
    tab.mouse.move(*at(tab, 1.2 * x - 0.1, 1.2 * y - 0.1))
    tab.mouse.up()


def test_the_shapes_follow_a_hand_and_are_refined_where_it_rests(tab, roaming):
    service, url = roaming
    service.may_go_on.clear()
    open_square(tab, url)
    wait_for_step(tab, "50 % across, 50 % down · guess")
    service.may_go_on.set()
    wait_for_step(tab, "50 % across, 50 % down")  # it rests there
    assert not tab.is_visible("#walk .pane >> nth=0 >> .badge")
    made, requests = len(service.made), []
    service.may_go_on.clear()
    tab.on("request", lambda request: requests.append(request.url))
    tab.mouse.move(*at(tab, 0.5, 0.5))
    tab.mouse.down()
    for step in range(1, 11):
        tab.mouse.move(*at(tab, 0.5 + 0.025 * step, 0.5 - 0.025 * step))
    wait_for_step(tab, "75 % across, 25 % down · guess")
    assert tab.is_visible("#walk .pane >> nth=0 >> .badge")
    tab.mouse.up()
    service.may_go_on.set()
    wait_for_step(tab, "75 % across, 25 % down")
    assert len(service.made) > made
    assert tab.evaluate(POINT) == pytest.approx([0.75, 0.25], abs=0.01)
    hand = [url for url in requests if "component_server" in url]
    assert 0 < len(hand) <= 12  # the newest place, one question at a time

    tab.focus("#walk-square .area")
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("ArrowDown")
    tab.wait_for_function(f"{STEP}.startsWith('73 % across, 28 % down')")  # 725, 275
    tab.keyboard.press("Shift+ArrowDown")
    wait_for_step(tab, "73 % across, 38 % down")

    # The trace is scrubbed and played without a question, and the point goes along.
    requests.clear()
    tab.focus("#walk .steps")
    tab.keyboard.press("Home")
    wait_for_step(tab, "50 % across, 50 % down")
    assert tab.evaluate(POINT) == pytest.approx([0.5, 0.5], abs=0.01)
    tab.click("#walk .play")
    wait_for_step(tab, "73 % across, 38 % down")
    assert requests == []


def test_the_trace_becomes_a_walk_with_a_recipe_and_the_hand_takes_over_again(tab, roaming):
    _, url = roaming
    open_square(tab, url)
    drag_past(tab, 1, 0)
    wait_for_step(tab, "100 % across, 0 % down")
    tab.click("#walk-run")
    wait_for_state(tab, "done")
    wait_for_step(tab, "End")  # where the hand is: nothing jumps
    tab.wait_for_selector("#walk-download:enabled")
    assert tab.get_attribute("#walk-recipe button.link", "data-fragment").startswith("walk=")
    drag_past(tab, 0, 1)
    wait_for_step(tab, "0 % across, 100 % down")
    assert tab.evaluate(TRACE)[-1] == [0, 1000]
    assert [1000, 0] in tab.evaluate(TRACE)
    tab.click("#walk-square .forget")
    tab.wait_for_function(f"{TRACE}.length === 1")


def test_a_finger_moves_the_point_and_not_the_page(tab, roaming):
    _, url = roaming
    open_square(tab, url)
    before = tab.evaluate("scrollY")
    session = tab.context.new_cdp_session(tab)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    for kind, y in (("touchStart", 0.5), ("touchMove", 0.4), ("touchMove", 0.2)):
        x_, y_ = at(tab, 0.25, y)
        points = [{"x": x_, "y": y_}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    tab.wait_for_function(f"{STEP}.startsWith('25 % across, 20 % down')")
    assert tab.evaluate("scrollY") == before


def test_another_kind_closes_the_square_and_nothing_sticks_out_of_a_phone(tab, roaming):
    _, url = roaming
    open_square(tab, url)
    tab.set_viewport_size({"width": 390, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    area, viewer = (tab.locator(one).bounding_box() for one in ("#walk-square", "#walk"))
    assert area["y"] < viewer["y"] < area["y"] + area["height"] + 60
    tab.click("text=Between two")
    tab.wait_for_selector("#walk-square", state="hidden")
