"""From a picture to the pixels that a tower gets: cut the object out, put it on grey.

A photograph whose object neither alpha nor ink nor a plain ground clearly gives away is shown
twice: whole, or as its ground lets it be cut out, and by a learned mask (`cisp.saliency`). The mask
may miss the object, the other has too much around it. Its embedding is the mean of both
(`cisp.encoding`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cisp.flat import is_solid, lift_from_flat
from cisp.foreground import draw_ink, find_drawing, key_background, shrink
from cisp.naming import AUTOMATIC, WAYS, Way
from cisp.picture_files import on_paper, reduced
from cisp.saliency import load_saliency, object_mask

GREY = 240  # the flat background of every picture, 0..255; R2N2's renderings are used the same way
MOSTLY = 0.85  # share of a picture that, kept, says that no object was cut out
USUAL = 112  # pixels of the usual tower's side
FAINT = 40  # levels from that grey, in the channel that differs most
MARGIN = 0.08  # free space on each side of the object, in units of its longer side


class View(NamedTuple):
    """One way to show a picture.

    Attributes:
        frame: left, top and side of the square that is shown, in pixels of the `reduced` picture.
        draw: from a size S to the RGBA picture (S, S).
    """

    frame: tuple[float, float, float]
    draw: Callable[[int], Image.Image]


def cutout(image: Image.Image, size: int) -> Image.Image:
    """Return the object of a picture as a square RGBA picture (size, size).

    Existing alpha is kept; alpha lost on a flat background is recovered. A line drawing becomes
    black ink on a transparent ground. An object on a plain background is keyed out; any other
    picture stays whole and opaque.
    """
    return _find(reduced(image))[0].draw(size)


def cutouts(
    image: Image.Image, sizes: Iterable[int], way: Way = AUTOMATIC
) -> dict[int, list[Image.Image]]:
    """All that a tower is shown of a picture, by size: one picture, or two.

    The object is looked for once, whatever the sizes, and each size is made once: spaces of one
    image size share it.

    Args:
        image: of `cisp.picture_files.load_image`.
        sizes: S of each space.
        way: to cut out (`cisp.naming.WAYS`); by the mask, where nothing stands out, as plain.

    Raises:
        ValueError: there is no such way, or the mask was asked for and its weights are missing.
    """
    found = views(image, way)
    return {size: [view.draw(size) for view in found] for size in set(sizes)}


def views(image: Image.Image, way: Way = AUTOMATIC) -> list[View]:
    """The ways in which a picture is shown, one or two; see `cutouts`."""
    if way not in WAYS:
        raise ValueError(f"There is no way '{way}' to cut out: choose from {', '.join(WAYS)}.")
    image = reduced(image)
    if way == "whole":
        return [_framed(image.convert("RGBA"), (0, 0, *image.size), margin=0.0)]
    if way == "mask" and load_saliency() is None:
        raise ValueError("The weights of the learned mask are missing or damaged.")
    made, photograph, corner = _find(image)
    if way == "mask" and photograph is None:
        photograph, corner = on_paper(image.convert("RGBA")), (0, 0)
    if photograph is None or way == "plain":
        return [made]
    mask = object_mask(_working(photograph))
    if mask is None:
        return [made]
    masked = _masked(photograph, mask, corner)
    return [masked] if way == "mask" else [made, masked]


def _find(image: Image.Image) -> tuple[View, Image.Image | None, tuple[int, int]]:
    """The object by what the picture itself says.

    Returns:
        The view of it; if that shows all of the picture, the picture (RGB) without plain strips
        around it, else None; and where that picture's corner lies in the given one.
    """
    if image.mode == "RGBA":
        box = _visible(image)
        if box is not None and image.getchannel("A").getextrema()[0] < 250:
            # Strokes on a large canvas would fade when shrunk, white ones on the grey: renderings
            # are small and seldom white, so that they are not tested.
            large = max(box[2] - box[0], box[3] - box[1]) > 2 * USUAL
            if not ((large or _vanishes(image)) and is_line_drawing(image)):
                return _framed(image, box), None, (0, 0)
        image = on_paper(image)
    image = image.convert("RGB")
    inner = [round(edge) for edge in _trim(image)]
    image, corner = image.crop(inner), (inner[0], inner[1])
    small = _working(image)
    lifted = lift_from_flat(small)
    box = None if lifted is not None and is_solid(lifted) else find_drawing(image)
    if box is not None:
        square = _square_crop(image, box)
        return View(_moved(_frame(box, MARGIN), 1, corner), partial(draw_ink, square)), None, corner
    if lifted is not None:
        return _lifted(image, lifted, corner), None, corner
    keyed = key_background(small)
    mask = keyed.mask if keyed else Image.new("L", small.size, 255)
    mask = mask.resize(small.size, Image.Resampling.BILINEAR)
    share = np.asarray(mask).mean() / 255
    made = _masked(image, mask, corner, margin=0.0 if share == 1 else MARGIN)
    sure = keyed is not None and keyed.plain and share <= MOSTLY
    return made, None if sure else image, corner


def _working(image: Image.Image, size: int = USUAL) -> Image.Image:
    """A picture as large as is worth while for a size.

    The object is looked for at the usual one, so that what is found depends on the picture alone.
    """
    return shrink(image, 4 * max(size, USUAL))


def _framed(image: Image.Image, box: tuple, margin: float = MARGIN) -> View:
    """The view of what lies in a box of an RGBA picture."""
    return View(_frame(box, margin), lambda size: _square(image, box, size, margin))


def _lifted(image: Image.Image, found: Image.Image, corner: tuple[int, int]) -> View:
    """The view of an object that was `found` on a flat background of an RGB picture."""

    def draw(size: int) -> Image.Image:
        larger = size > USUAL and lift_from_flat(_working(image, size))
        return _square(larger or found, _visible_or_all(larger or found), size)

    frame = _frame(_visible_or_all(found), MARGIN)
    return View(_moved(frame, image.width / found.width, corner), draw)


def _masked(
    image: Image.Image, mask: Image.Image, corner: tuple[int, int], margin: float = MARGIN
) -> View:
    """The view of what a mask (L) of an RGB picture shows."""

    def draw(size: int) -> Image.Image:
        picture = _working(image, size).copy()
        alpha = mask.resize(picture.size, Image.Resampling.BILINEAR)
        picture.putalpha(alpha)
        return _square(picture, _solid(alpha), size, margin)

    frame = _frame(_solid(mask), margin)
    return View(_moved(frame, image.width / mask.width, corner), draw)


def _moved(
    frame: tuple[float, float, float], scale: float, corner: tuple[int, int]
) -> tuple[float, float, float]:
    """A frame of a part of a picture, at another scale, as one of the whole picture."""
    x, y, side = (scale * value for value in frame)
    return x + corner[0], y + corner[1], side


def _solid(mask: Image.Image) -> tuple[int, int, int, int]:
    """The box around what a mask shows; all of it, should it show nothing."""
    return mask.point(lambda value: 255 * (value > 64)).getbbox() or (0, 0, *mask.size)


def _visible(image: Image.Image) -> tuple[int, int, int, int] | None:
    return image.getchannel("A").point(lambda value: 255 * (value > 16)).getbbox()


def _visible_or_all(image: Image.Image) -> tuple[int, int, int, int]:
    return _visible(image) or (0, 0, *image.size)


def is_line_drawing(image: Image.Image) -> bool:
    """Tell whether a picture is sparse strokes on uniform light or dark paper."""
    image = reduced(image)
    image = on_paper(image) if image.mode == "RGBA" else image.convert("RGB")
    return find_drawing(image) is not None


def _vanishes(image: Image.Image) -> bool:
    """Whether nearly all that an RGBA picture shows is of about the grey that it is put on."""
    pixels = np.asarray(image)
    shown = pixels[pixels[..., 3] > 127][:, :3].astype(np.int16)
    return len(shown) > 0 and np.percentile(np.abs(shown - GREY).max(1), 95) < FAINT


def _trim(image: Image.Image) -> tuple[float, float, float, float]:
    """Return the box (pixels) inside plain strips that frame a picture, as scans and crops have.

    A strip counts only where it ends in a straight line: a plain background ends in a silhouette.
    """
    pixels = np.asarray(shrink(image, 320)).astype(np.int16)
    scale = image.width / pixels.shape[1]
    edges = []
    for turned in (pixels.transpose(1, 0, 2), pixels):  # columns, rows
        for lines in (turned, turned[::-1]):
            differs = np.abs(lines[: len(lines) // 3 + 4] - np.median(lines[0], 0)) > 16
            share = differs.any(-1).mean(1)  # of each line
            start = int(np.argmax(share > 0.03)) if share.max() > 0.03 else 0
            straight = 0 < start < len(lines) // 3 and share[start : start + 4].max() > 0.85
            edges.append(scale * (start + 1) if straight else 0)
    left, right, top, bottom = edges
    return left, top, image.width - right, image.height - bottom


def _frame(box: tuple, margin: float) -> tuple[float, float, float]:
    """Return left, top and side of the square around a box with its margin."""
    left, top, right, bottom = box
    side = max(right - left, bottom - top) * (1 + 2 * margin)
    return (left + right - side) / 2, (top + bottom - side) / 2, side


def _square(image: Image.Image, box: tuple, size: int, margin: float = MARGIN) -> Image.Image:
    """Crop to the box with a margin, pad to a square with transparency and resize by area."""
    x, y, side = _frame(box, margin)
    left, top = int(np.floor(x)), int(np.floor(y))
    extent = int(np.ceil(max(x - left, y - top) + side))
    padded = image.crop((left, top, left + extent, top + extent))
    inner = (x - left, y - top, x - left + side, y - top + side)
    return padded.resize((size, size), Image.Resampling.LANCZOS, box=inner)


def _square_crop(image: Image.Image, box: tuple) -> Image.Image:
    """Crop to the box with a margin; missing paper is continued from the edge."""
    x, y, side = _frame(box, MARGIN)
    left, top, extent = round(x), round(y), max(1, round(side))
    columns = np.arange(left, left + extent).clip(0, image.width - 1)
    rows = np.arange(top, top + extent).clip(0, image.height - 1)
    return Image.fromarray(np.asarray(image)[rows[:, None], columns])


def to_pixels(cutout: Image.Image) -> Tensor:
    """Put a cut-out on grey: (3, S, S) float32 in [-1, 1], the values of an 8-bit picture."""
    rgba = torch.from_numpy(np.array(cutout.convert("RGBA"))).permute(2, 0, 1) / 255  # (4, S, S)
    return eight_bit(composite(rgba[None], GREY / 255)[0])


def all_pixels(cutouts: Sequence[Image.Image]) -> Tensor:
    """`to_pixels` of all that a tower is shown of a picture: (V, 3, S, S)."""
    return torch.stack([to_pixels(cutout) for cutout in cutouts])


def eight_bit(pixels: Tensor) -> Tensor:
    """Round pixels in [-1, 1] to the 256 levels of a picture, so that a saved picture is exact."""
    return ((pixels + 1) * 127.5).round() / 127.5 - 1


def composite(rgba: Tensor, background: Tensor | float) -> Tensor:
    """Put cut-outs on a background.

    Args:
        rgba: (B, 4, S, S) in [0, 1], straight (not premultiplied) alpha.
        background: a grey level in [0, 1], or anything that broadcasts to (B, 3, S, S).

    Returns:
        (B, 3, S, S) in [-1, 1].
    """
    color, alpha = rgba[:, :3], rgba[:, 3:]
    return (color * alpha + (1 - alpha) * background) * 2 - 1
