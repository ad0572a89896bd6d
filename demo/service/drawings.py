"""Check a drawing: a clean picture for the image towers, or a sentence for the visitor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image
from scipy import ndimage

from cisp.foreground import draw_ink
from demo.strings import sketch as words

SIDE = 112  # pixels of a redrawn picture, what the bundled towers take
MARGIN = 0.08  # free paper on each side of the ink, in units of its longer side
BROADEST = 0.1  # half the width of a stroke, in units of the drawing's longer side
FAINTEST = 24  # levels between ink and paper
SMALLEST = 0.045  # of the page's longer side: less is a dot
FEWEST = 12  # pixels of ink


@dataclass(frozen=True)
class Verdict:
    """The result of checking a page.

    Args:
        kind: "drawing" can be used; "inverted" can, and was light on dark; "blank" and "faint"
            have nothing or hardly anything on them; "dark" is dark all over.
        picture: uint8, dark on light paper (S, S), or where it is all strokes, black on transparent
            (S, S, 4) with the stroke width of the training drawings; None unless it can be used.
        sentence: a message to the visitor, "" without one.
    """

    kind: Literal["drawing", "inverted", "blank", "faint", "dark"]
    picture: np.ndarray | None = None
    sentence: str = ""


def judge(page: np.ndarray | None) -> Verdict:
    """Judge a page of the pad, or an upload: uint8 (H, W) grey levels, None for an untouched pad.

    The drawing is cut out and its strokes are redrawn, so that neither its size nor the width of
    the pen matters. A browser that has lost its canvas sends an all-dark page.
    """
    if page is None or min(page.shape) < 2:
        return Verdict("blank", None, words.BLANK)
    page = _without_bands(page)
    paper = _paper(page)
    inverted = paper < 128
    if inverted:
        page, paper = 255 - page, 255 - paper
    ink = page < paper - FAINTEST
    box = _box(ink)
    if box is None or ink.sum() < FEWEST:
        return (
            Verdict("dark", None, words.DARK) if inverted else Verdict("blank", None, words.BLANK)
        )
    top, bottom, left, right = box
    if max(bottom - top, right - left) < SMALLEST * max(page.shape):
        return Verdict("faint", None, words.FAINT)
    picture = _cut(page, box, paper)
    extent = max(bottom - top, right - left)
    depth = ndimage.distance_transform_edt(np.pad(ink[top:bottom, left:right], 1))
    if np.percentile(depth[depth > 0], 90) < BROADEST * extent:
        picture = np.asarray(draw_ink(Image.fromarray(picture).convert("RGB"), SIDE))
    return Verdict("inverted", picture, words.INVERTED) if inverted else Verdict("drawing", picture)


def _paper(page: np.ndarray) -> int:
    """The grey level of the paper: the median along the border, which drawings seldom reach."""
    return int(np.median(np.concatenate([page[0], page[-1], page[:, 0], page[:, -1]])))


def _box(ink: np.ndarray) -> tuple[int, int, int, int] | None:
    """Top, bottom, left and right of the ink, the ends exclusive; None where there is none."""
    rows, columns = (np.flatnonzero(ink.any(axis)) for axis in (1, 0))
    if not len(rows):
        return None
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _without_bands(page: np.ndarray) -> np.ndarray:
    """Leave out the white bands that the pad puts around a dark upload of another shape."""
    box = _box(page < 128)
    if box is None:
        return page
    top, bottom, left, right = box
    inside = page[top:bottom, left:right]
    fits = bottom - top == page.shape[0] or right - left == page.shape[1]
    return inside if fits and _paper(inside) < 128 else page


def _cut(page: np.ndarray, box: tuple[int, int, int, int], paper: int) -> np.ndarray:
    """Cut a square around the ink, on paper that goes on as far as it has to."""
    top, bottom, left, right = box
    side = max(bottom - top, right - left)
    side += 2 * int(np.ceil(MARGIN * side)) + 2
    y, x = (top + bottom - side) // 2, (left + right - side) // 2
    square = np.full((side, side), paper, np.uint8)
    height, width = page.shape
    rows = slice(max(0, y), min(height, y + side))
    columns = slice(max(0, x), min(width, x + side))
    place = (slice(rows.start - y, rows.stop - y), slice(columns.start - x, columns.stop - x))
    square[place] = page[rows, columns]
    return square
