"""The Sketch tab in a browser."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

STATE = "document.querySelector('#sketch-twin .viewer').dataset.state"
NOTE = "document.querySelector('#sketch-twin .note').textContent"


def open_tab(tab, url):
    tab.goto(url)
    tab.get_by_role("tab", name="Sketch", exact=True).click()
    tab.wait_for_function("document.querySelectorAll('#sketch-twin .plot canvas').length >= 2")
    tab.locator("#sketch-pad canvas").scroll_into_view_if_needed()


def stroke(tab, *points):
    """Draw with the mouse; points are shares of the page."""
    tab.locator("#sketch-pad canvas").scroll_into_view_if_needed()
    box = tab.locator("#sketch-pad canvas").bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    tab.mouse.move(*at[0])
    tab.mouse.down()
    for point in at[1:]:
        tab.mouse.move(*point, steps=8)
    tab.mouse.up()


def page_of(tab) -> np.ndarray:
    """What is on the page, grey levels."""
    data = tab.evaluate("document.querySelector('#sketch-pad canvas').toDataURL()")
    picture = Image.open(io.BytesIO(base64.b64decode(data.split(",")[1])))
    return np.asarray(picture.convert("L"))


def ink(tab) -> int:
    return int((page_of(tab) < 128).sum())


def press(tab, name):
    tab.locator("#sketch-pad").get_by_label(name, exact=True).click()


def wait_for_preview(tab):
    tab.wait_for_function(f"{STATE} === 'done' && {NOTE}.startsWith('Preview')")


def wait_for_card(tab, text):
    tab.wait_for_function(
        "text => document.querySelector('#sketch .cutout').parentElement.innerText.includes(text)",
        arg=text,
    )
