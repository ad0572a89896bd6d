"""The pad of the Sketch tab, and the pages that travel between it and Python."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image, ImageOps

from cisp.picture_files import on_paper
from demo.strings import sketch as words
from demo.web.modules import mount_script
from demo.web.templates import fill_template

SIDE = 512  # of the page, in its own pixels
LARGEST = 2_000_000  # characters of a page: drawings have some 20,000, photographs 400,000
WIDTHS = (2, 24, 9)  # of the pen in pixels of the page: thinnest, broadest, at first


@dataclass(frozen=True)
class Page:
    """What the pad shows.

    Args:
        pixels: uint8 (SIDE, SIDE) grey levels; None where it was never touched.
        at: when it last changed, in milliseconds of the visitor's clock.
    """

    pixels: np.ndarray | None = None
    at: float = 0.0


def build_pad() -> gr.HTML:
    """Create the pad: it sends `input` after every stroke, and `read_page` reads its value."""
    return gr.HTML(
        value={},
        html_template=fill_template(
            "tabs/sketch/sketch.html", text=words.TOOLS, side=SIDE, widths=WIDTHS
        ),
        js_on_load=mount_script("tabs/sketch/sketch.js"),
        text={"broken": words.BROKEN},
        elem_id="sketch-pad",
        apply_default_css=False,
    )


def read_page(value: Any) -> Page:
    """Read the pad's value.

    Raises:
        ValueError: it is not a page; one sentence.
    """
    image, at = (
        (value.get(key) for key in ("image", "at")) if isinstance(value, dict) else (None, 0)
    )
    if image is None:
        return Page()
    try:
        if len(image) > LARGEST:
            raise ValueError
        data = base64.b64decode(image.removeprefix("data:image/png;base64,"), validate=True)
        with Image.open(io.BytesIO(data), formats=["png"]) as picture:
            if picture.size != (SIDE, SIDE):
                raise ValueError
            return Page(flat(picture), float(at))
    except (
        OSError,
        ValueError,  # binascii.Error is one
        TypeError,
        AttributeError,
        SyntaxError,
        Image.DecompressionBombError,
    ) as error:
        raise ValueError(words.UNREADABLE) from error


def page_with(image: Image.Image) -> dict[str, str]:
    """A value that shows a picture in the middle of the page, to draw on."""
    fitted = ImageOps.pad(Image.fromarray(flat(image)), (SIDE, SIDE), color=255)
    buffer = io.BytesIO()
    fitted.save(buffer, "png")
    return {"load": "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")}


def flat(image: Image.Image) -> np.ndarray:
    """A picture as grey levels, uint8 (H, W), on white paper; light strokes on black."""
    return np.asarray(on_paper(image.convert("RGBA")).convert("L"))
