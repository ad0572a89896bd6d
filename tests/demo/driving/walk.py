"""The Interpolate tab in a browser."""

from __future__ import annotations

STATE = "document.querySelector('#walk .viewer').dataset.state"
STEP = "document.querySelector('#walk .step').textContent"


def open_tab(tab, url):
    tab.goto(url)
    tab.get_by_role("tab", name="Interpolate").click()
    tab.wait_for_function("document.querySelectorAll('#walk .plot canvas').length >= 2")


def wait_for_state(tab, state):
    tab.wait_for_function(f"{STATE} === '{state}'")


def wait_for_step(tab, text):
    tab.wait_for_function(f"{STEP} === '{text}'")


def choose(tab, *shelf):
    """Choose end points, by their places on the shelf of examples."""
    for number, place in enumerate(shelf):
        tab.click(f"#walk-shelf button >> nth={place}")
        tab.wait_for_selector(f"#walk-points button:nth-of-type({number + 1}) .picture img")


def lowest(tab) -> float:
    """Height of the lowest corner of what the first pane shows; Plotly's third axis is up."""
    return tab.evaluate("Math.min(...document.querySelector('#walk .plot').data[0].z)")
