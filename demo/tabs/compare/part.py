"""The part of an image that counts: two clicks on it, or four numbers, choose one of many objects.

Clicks are what touch and mouse have in common, and leave a page scrollable; the numbers are for the
keyboard, and for exact boxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from cisp.boxes import Box
from demo.strings import compare as words
from demo.widgets.inputs import errors_told

Corner = tuple[float, float]  # (x, y) in percent of the image


def build_part() -> tuple[gr.Textbox, gr.Button]:
    """Lay out the box as text, and the button that takes all of the image again."""
    with gr.Row(elem_id="part"):
        box = gr.Textbox(
            label=words.BOX,
            info=words.BOX_INFO,
            placeholder=words.BOX_EMPTY,
            max_lines=1,
            elem_id="box",
        )
        everything = gr.Button(words.BOX_ALL, scale=0, min_width=96, elem_id="box-all")
    return box, everything


def no_box() -> dict[str, Any]:
    """Changes after which all of the image counts."""
    return {"box": _blank(words.BOX_EMPTY), "corner": None}


def half_box(corner: Corner) -> dict[str, Any]:
    """Changes after the first of two clicks."""
    return {"box": _blank(words.BOX_HALF), "corner": corner}


def whole_box(first: Corner, second: Corner) -> dict[str, Any]:
    """Changes after the second.

    Raises:
        gr.Error: the corners are too close.
    """
    with errors_told():
        box = Box.around(first, second)
    return no_box() | {"box": str(box)}


def corner_of(pixel: Sequence[int], size: tuple[int, int]) -> Corner:
    """The place of a click, in percent; `size` is the image's (width, height) in pixels."""
    x, y = (100 * at / side for at, side in zip(pixel, size, strict=True))
    return x, y


def _blank(hint: str) -> dict[str, Any]:
    return gr.update(value="", placeholder=hint)
