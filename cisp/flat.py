"""Undo flattening: recover the alpha of an object on a background of exactly one colour.

Renderings and cut-out product pictures are often saved like this. The background has no noise, so
a difference of one grey level already belongs to the object: thin and pale parts survive that
`key_background`, made for photos, would lose. The tower then sees the same as of the original.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

NOISE = 3  # levels; up to this, a difference away from the object is compression or a shadow
MAX_NOISE = 0.05  # pixels that may differ by up to NOISE, as a share of those that differ more
MIN_HOLE = 4  # pixels of background, enclosed by the object


def lift_from_flat(image: Image.Image) -> Image.Image | None:
    """Return the picture as RGBA, transparent where it is exactly the colour of its border.

    Args:
        image: RGB.

    Returns:
        RGBA in the same size, or None when the background is not of exactly one colour.
    """
    pixels = np.asarray(image).astype(np.int16)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    color = np.median(border, axis=0).astype(np.int16)
    if np.mean((border == color).all(-1)) < 0.9:
        return None
    difference = np.abs(pixels - color).max(-1)
    clear = difference > NOISE
    noise = (difference > 0) & ~ndimage.maximum_filter(clear, 5)
    if np.count_nonzero(noise) >= MAX_NOISE * np.count_nonzero(clear):
        return None
    holes, count = ndimage.label(difference == 0)
    small = np.bincount(holes.ravel(), minlength=count + 1) < MIN_HOLE
    small[0] = True  # not background at all
    return _unmix(pixels, color, small[holes])


def is_solid(lifted: Image.Image) -> bool:
    """Tell whether the object found is too broad to be the strokes of a drawing."""
    mask = np.asarray(lifted)[..., 3] > 127
    if not mask.any():
        return False
    mask = np.pad(mask[_bounds(mask)], 1)
    extent = max(mask.shape) - 2
    depth = np.percentile(ndimage.distance_transform_edt(mask)[mask], 90)
    return bool(depth > max(0.05 * extent, 2.5))


def _bounds(mask: np.ndarray) -> tuple[slice, slice]:
    """The bounding box of what is set in a mask, so that slow steps run on less."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _unmix(pixels: np.ndarray, color: np.ndarray, mask: np.ndarray) -> Image.Image:
    """Separate object from background in the smoothed pixels along the object's edge.

    A pixel is C = alpha F + (1 - alpha) B. F is taken from the nearest pixel inside; where none is
    near, as in lines one pixel wide, the pixel counts as all object.
    """
    inside = ndimage.minimum_filter(mask, 3, mode="constant", cval=1)
    alpha = mask.astype(np.float32)
    if inside.any():
        box = _bounds(mask)
        away, nearest = ndimage.distance_transform_edt(~inside[box], return_indices=True)
        edge = mask[box] & ~inside[box] & (away < 1.5)
        own = pixels[box][edge].astype(np.float32) - color
        full = pixels[box][tuple(index[edge] for index in nearest)].astype(np.float32) - color
        alpha[box][edge] = ((own * full).sum(-1) / np.maximum((full**2).sum(-1), 1)).clip(0.02, 1)
    straight = color + (pixels - color) / np.where(mask, alpha, 1)[..., None]
    rgba = np.dstack([straight.clip(0, 255), 255 * alpha])
    return Image.fromarray(rgba.round().astype(np.uint8))
