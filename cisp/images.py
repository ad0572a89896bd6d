"""From any picture to the pixels a tower sees: load, cut the object out, put it on grey."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from scipy import ndimage
from torch import Tensor

GREY = 240  # the flat background of every picture, 0..255; R2N2's renderings are used the same way
MARGIN = 0.08  # free space on each side of the object, in units of its longer side
MAX_PIXELS = 50_000_000
MIN_SIDE = 8


def load_image(source: str | Path | Image.Image | np.ndarray) -> Image.Image:
    """Return a picture as 8-bit RGB or RGBA, upright, the first frame of an animation.

    Args:
        source: a path, a picture of any mode, or an array (H, W), (H, W, 1), (H, W, 3) or
            (H, W, 4) of bool, uint8, uint16 (full range) or float (0..1).

    Raises:
        ValueError: missing, broken, huge, too small, fully transparent or one flat colour.
    """
    name = "The image"
    try:
        if isinstance(source, np.ndarray):
            image = _from_array(source)
        elif isinstance(source, Image.Image):
            image = source
        else:
            name = f"The image {Path(source).name!r}"
            image = Image.open(source)
        width, height = image.size
        if width * height > MAX_PIXELS:
            limit = MAX_PIXELS // 1_000_000
            raise ValueError(f"{name} is too large: {width} x {height}, over {limit} megapixels.")
        if min(width, height) < MIN_SIDE:
            raise ValueError(f"{name} is too small: {width} x {height}, under {MIN_SIDE} pixels.")
        image = _eight_bit(ImageOps.exif_transpose(image))
    except FileNotFoundError:
        raise ValueError(f"{name} does not exist.") from None
    except Image.DecompressionBombError:
        raise ValueError(f"{name} is too large to open.") from None
    except ValueError:
        raise
    except Exception as error:  # decoders fail in many ways on damaged files
        raise ValueError(f"{name} cannot be read: it is damaged or not an image.") from error
    if image.mode == "RGBA" and image.getchannel("A").getextrema()[1] < 8:
        raise ValueError(f"{name} is fully transparent.")
    opaque = image.mode == "RGB" or image.getchannel("A").getextrema()[0] > 247
    if opaque and all(high - low < 8 for low, high in image.convert("RGB").getextrema()):
        raise ValueError(f"{name} is blank: it shows one flat colour.")
    return image


def _from_array(array: np.ndarray) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        shape = tuple(array.shape)
        raise ValueError(f"An image array has shape (H, W), (H, W, 3) or (H, W, 4), not {shape}.")
    if array.dtype == bool:
        array = array.astype(np.uint8) * 255
    elif array.dtype == np.uint16:
        array = (array / 257).round().astype(np.uint8)
    elif np.issubdtype(array.dtype, np.floating):
        array = (np.nan_to_num(array).clip(0, 1) * 255).round().astype(np.uint8)
    elif array.dtype != np.uint8:
        raise ValueError(f"An image array holds uint8, uint16, bool or float, not {array.dtype}.")
    return Image.fromarray(np.ascontiguousarray(array))


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        values = np.asarray(image).astype(np.float64)
        top = next((top for top in (1.0, 255.0, 65535.0) if values.max() <= top), values.max())
        return Image.fromarray((values.clip(0, top) / top * 255).astype(np.uint8)).convert("RGB")
    has_alpha = image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")


def cutout(image: Image.Image, size: int) -> Image.Image:
    """Return the object of a picture as a square RGBA picture (size, size).

    Alpha that is already there is kept. A line drawing becomes black ink on nothing. An object in
    front of a plain background is keyed out; any other picture stays whole and opaque.
    """
    if image.mode == "RGBA":
        alpha = image.getchannel("A")
        box = alpha.point(lambda value: 255 * (value > 16)).getbbox()
        if box is not None and alpha.getextrema()[0] < 250:
            return _square(image, box, size)
        image = image.convert("RGB")
    image = image.convert("RGB")
    ink = _ink(image)
    if ink is not None:
        black = Image.new("RGB", image.size)
        black.putalpha(ink)
        return _square(black, ink.point(lambda v: 255 * (v > 64)).getbbox(), size)
    mask = _key(image)
    if mask is not None:
        image.putalpha(mask)
        return _square(image, mask.point(lambda v: 255 * (v > 64)).getbbox(), size)
    image.putalpha(255)
    return _square(image, (0, 0, *image.size), size, margin=0.0)


def is_line_drawing(image: Image.Image) -> bool:
    """Tell whether a picture is sparse strokes on uniform light or dark paper."""
    return _ink(image.convert("RGB")) is not None


def _square(image: Image.Image, box: tuple, size: int, margin: float = MARGIN) -> Image.Image:
    """Crop to the box with a margin, pad to a square with transparency and resize by area."""
    left, top, right, bottom = box
    side = max(right - left, bottom - top) * (1 + 2 * margin)
    x, y = (left + right - side) / 2, (top + bottom - side) / 2
    first = (int(np.floor(x)), int(np.floor(y)))
    extent = int(np.ceil(max(x + side - first[0], y + side - first[1])))
    padded = image.crop((*first, first[0] + extent, first[1] + extent))
    inner = (x - first[0], y - first[1], x - first[0] + side, y - first[1] + side)
    return padded.resize((size, size), Image.Resampling.LANCZOS, box=inner, reducing_gap=3.0)


def _ink(image: Image.Image) -> Image.Image | None:
    grey = np.asarray(image.convert("L"), np.float32)
    paper = float(np.median(grey))
    distance = np.abs(grey - paper)
    strength = np.percentile(distance, 99.5)
    strokes = distance > 0.5 * strength
    flat = np.mean(distance < 0.15 * strength)
    if strength < 60 or strokes.mean() > 0.2 or flat < 0.7 or 60 < paper < 180:
        return None
    depth = ndimage.distance_transform_edt(strokes)
    if np.percentile(depth[strokes], 95) > 0.03 * max(image.size):
        return None
    return Image.fromarray((distance / strength * 255).clip(0, 255).astype(np.uint8))


def _key(image: Image.Image) -> Image.Image | None:
    small = np.asarray(image, np.float32)
    border = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    color = np.median(border, 0)
    if np.mean(np.abs(border - color).max(-1) < 25) < 0.8:
        return None
    near = np.abs(small - color).max(-1) < 25
    labels, _ = ndimage.label(near)
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    mask = ~np.isin(labels, edge[edge > 0])
    if not 0.01 < mask.mean() < 0.98:
        return None
    return Image.fromarray((mask * 255).astype(np.uint8))


def to_pixels(cutout: Image.Image) -> Tensor:
    """Put a cut-out on grey: (3, S, S) float32 in [-1, 1]."""
    rgba = torch.from_numpy(np.array(cutout.convert("RGBA"))).permute(2, 0, 1) / 255  # (4, S, S)
    return composite(rgba[None], GREY / 255)[0]


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
