"""Find the foreground of a picture: the ink of a drawing, or an object on a plain background.

Classical and small on purpose. Both functions return None when unsure; the picture is then taken
for a photograph (`cisp.saliency`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter, ImageOps
from scipy import ndimage
from skimage.color import rgb2lab
from skimage.morphology import skeletonize

DRAWING_SIDE = 448  # the longer side, in pixels, at which a picture is tested for being a drawing
KEY_SIDE = 320  # the same for keying
PLAIN = 1.5  # grey levels: the noise of a camera makes 1, wood 2, brick 3 and more
CLEAR = 3.0  # tolerances: what differs less from the ground may be a part of the object alone
TOUCHING = 0.05  # share of the border: more of it is a second ground, or an object that is cut off
SUPERSAMPLING = 4  # strokes are redrawn on a grid this much finer than the result
STROKE_WIDTHS = (1.8, 2.6)  # pixels of the result; training sketches have strokes about 2 px wide

Box = tuple[float, float, float, float]  # left, top, right, bottom


def shrink(image: Image.Image, side: int) -> Image.Image:
    """Average down so that the longer side is at most `side`. Never enlarges."""
    scale = side / max(image.size)
    if scale >= 1:
        return image
    size = [max(1, round(length * scale)) for length in image.size]
    return image.resize(size, Image.Resampling.BOX)


def find_drawing(image: Image.Image) -> Box | None:
    """Return the box around sparse strokes on uniform light or dark paper, else None.

    Args:
        image: RGB.

    Returns:
        The box in pixels of `image`.
    """
    small = shrink(image, DRAWING_SIDE)
    ink, paper = _ink(small)
    strokes, strength, noise = _strokes(ink)
    if strength < max(24.0, 8 * noise) or paper.min() < 0.45 * paper.max():
        return None
    strokes = _without_specks(strokes)
    coverage = strokes.mean()
    if not 0.0003 < coverage < 0.3 or np.mean(ink < 0.2 * strength) < 0.62:
        return None
    rows, columns = (np.flatnonzero(strokes.any(axis)) for axis in (1, 0))
    extent = max(np.ptp(rows), np.ptp(columns)) + 1
    ridge = strokes & (ndimage.maximum_filter(ink, 5) == ink)
    shading = np.std(ink[ridge]) / strength
    depth = np.percentile(ndimage.distance_transform_edt(strokes)[strokes], 90)
    difference = paper - smooth_surface(paper[..., None], step=8)[..., 0]
    uneven = np.percentile(np.abs(difference[::3, ::3]), 85) / strength
    # One even tone of ink may be broad strokes; varied ink has to be thin, on clearly plain paper.
    even_tone = shading < 0.1
    if shading > 0.3 or depth > max((0.05 if even_tone else 0.022) * extent, 2.5):
        return None
    if uneven > (0.25 if even_tone else 0.05):
        return None
    if not even_tone and np.mean(difference > 0.2 * strength) > 0.02:
        return None  # brighter things than the paper: a pale object before the sky
    scale = image.width / small.width
    return tuple(
        scale * float(edge) for edge in (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    )


def draw_ink(image: Image.Image, size: int) -> Image.Image:
    """Redraw a square RGB picture of a drawing as black ink: RGBA, `size` pixels a side.

    Thin strokes are widened and thick ones thinned, gently, to STROKE_WIDTHS.
    """
    side = SUPERSAMPLING * size
    shrinks = image.width > side
    image = image.resize(
        (side, side), Image.Resampling.BOX if shrinks else Image.Resampling.BICUBIC
    )
    ink, _ = _ink(image)
    strokes, _, _ = _strokes(ink)
    strokes = _without_specks(strokes)
    depth = ndimage.distance_transform_edt(strokes)
    width = 4 * float(np.median(depth[strokes])) - 2  # of a strip w wide the median is w / 4 + 0.5
    low, high = (SUPERSAMPLING * value for value in STROKE_WIDTHS)
    if width < low:
        strokes = ndimage.distance_transform_edt(~strokes) <= (low - width) / 2 + 0.5
    elif width > high:
        # The skeleton stays, so that strokes thinner than the others do not vanish.
        away = ndimage.distance_transform_edt(~skeletonize(strokes))
        strokes = (depth > (width - high) / 2) | (away <= low / 2)
    alpha = strokes.reshape(size, SUPERSAMPLING, size, SUPERSAMPLING).mean((1, 3))
    result = Image.new("RGB", (size, size))
    result.putalpha(Image.fromarray((alpha * 255).round().astype(np.uint8)))
    return result


def _ink(image: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    """Return how much darker than the paper each pixel is, and the paper; lights may be uneven.

    On dark paper, how much lighter.
    """
    image = image.convert("L")
    if np.median(np.asarray(image)[::4, ::4]) < 128:
        image = ImageOps.invert(image)
    reach = max(9, max(image.size) // 10)
    calm = np.asarray(image.filter(ImageFilter.MedianFilter(3)))  # noise would raise the closing
    paper = ndimage.uniform_filter(
        ndimage.grey_closing(calm, (reach, reach)).astype(np.float32), reach
    )
    return np.maximum(paper - np.asarray(image), 0), paper


def _strokes(ink: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return the mask of the strokes, their typical strength and the paper's noise."""
    counts = np.bincount(ink.astype(np.uint8).ravel(), minlength=256)
    above = counts[::-1].cumsum()[::-1]  # pixels of at least that ink
    top = int(np.flatnonzero(above >= 30)[-1])  # a few specks of dust do not count
    strength = float(np.flatnonzero(above >= 0.2 * above[top // 2])[-1])
    some = ink[::3, ::3]
    noise = 1.4826 * float(np.median(np.abs(some - np.median(some))))
    low = max(0.25 * strength, 4 * noise)
    labels, _ = ndimage.label(ink > low, np.ones((3, 3)))
    sure = np.unique(labels[ink > max(0.5 * strength, low)])
    return np.isin(labels, sure[sure > 0]), strength, noise


def _without_specks(mask: np.ndarray, share: float = 0.01) -> np.ndarray:
    """Drop components smaller than `share` of the largest one."""
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    if count < 2:
        return mask
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return (sizes >= share * sizes.max())[labels]


def smooth_surface(
    values: np.ndarray, where: np.ndarray | None = None, step: int = 1
) -> np.ndarray:
    """Fit a quadratic surface a channel to `values` (H, W, C), to the pixels `where` alone."""
    height, width, _ = values.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], -1)  # (H, W, 6)
    chosen = np.zeros((height, width), bool)
    chosen[::step, ::step] = True
    if where is not None:
        chosen &= where
    a, b = terms[chosen], values[chosen]
    weights = np.linalg.solve(a.T @ a + 1e-3 * np.eye(6), a.T @ b)  # six terms: well conditioned
    return terms @ weights.astype(np.float32)


def corner_wedges(pixels: np.ndarray) -> np.ndarray:
    """Return the mask of plain triangles in the corners, left by turning a picture."""
    channels = pixels.astype(np.int16).transpose(2, 0, 1)
    outside = np.zeros(pixels.shape[:2], bool)
    height, width = outside.shape
    for row in (0, height - 1):
        for column in (0, width - 1):
            differs = [np.abs(channel - channel[row, column]) > 24 for channel in channels]
            plain = ~(differs[0] | differs[1] | differs[2])
            labels, _ = ndimage.label(plain)
            region = labels == labels[row, column]
            rows, columns = (np.flatnonzero(region.any(axis)) for axis in (1, 0))
            down = np.abs(np.arange(height) - row)[:, None] / (np.ptp(rows) + 1)
            across = np.abs(np.arange(width) - column) / (np.ptp(columns) + 1)
            triangle = down + across < 1
            if (
                region.mean() > 0.01
                and (region & triangle).sum() > 0.88 * (region | triangle).sum()
            ):
                outside |= region
    if outside.any():
        outside = ndimage.binary_dilation(outside, iterations=2)
    return outside if outside.mean() < 0.6 else np.zeros_like(outside)


class Keyed(NamedTuple):
    """An object on a background of one colour.

    Attributes:
        mask: of the object (L), in a size of its own with the aspect ratio of the picture.
        plain: whether nothing else can be meant: the background has no texture, and what stands
            out of it does so clearly and hardly touches the border.
    """

    mask: Image.Image
    plain: bool


def key_background(image: Image.Image) -> Keyed | None:
    """Find an object on a plain background, else None.

    The background is a smooth surface in Lab, fitted to the border, and all connected pixels close
    to it. A darker shade counts as closer than another colour, because shadows are soft.

    Args:
        image: RGB.
    """
    small = shrink(image, KEY_SIDE)
    outside = corner_wedges(np.asarray(small))
    found = _object_mask(small, outside)
    if found is None:
        if not outside.any():
            return None
        found = ~outside, False  # what a turned picture shows, all of it
    mask, plain = found
    soft = ndimage.gaussian_filter(mask.astype(np.float32), 0.7)
    return Keyed(Image.fromarray((soft * 255).astype(np.uint8)), plain)


def _object_mask(image: Image.Image, outside: np.ndarray) -> tuple[np.ndarray, bool] | None:
    """The mask of the object, and whether that is `Keyed.plain`."""
    grey = np.asarray(image.convert("L"), np.float32)
    rough = grey - ndimage.uniform_filter(grey, 5)
    lab = rgb2lab(np.asarray(image.filter(ImageFilter.MedianFilter(3)))).astype(np.float32)
    inner = np.pad(~outside, 1)
    ring = ~ndimage.binary_erosion(inner, iterations=4)[1:-1, 1:-1] & ~outside
    fit = _fit_background(lab, ring)
    if fit is None:
        return None
    distance, tolerance = fit
    labels, count = ndimage.label((distance < tolerance) & ~outside)
    if count == 0:
        return None
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    spread = np.bincount(labels.ravel(), distance.ravel(), count + 1) / np.maximum(sizes, 1)
    background = (sizes > 0.0006 * labels.size) & (spread < 0.65 * tolerance)  # holes
    background[np.unique(labels[ring])] = True
    background[0] = False
    mask = ndimage.binary_opening(~background[labels] & ~outside, np.ones((2, 2)))
    if not mask.any() or (mask | outside).all():
        return None
    mask = _without_specks(mask, 0.08)
    busy = np.abs(rough[~mask & ~outside]).mean()
    contrast = np.median(distance[mask]) / tolerance
    at_border = mask[ring].mean()
    sure = contrast > 4  # an object that stands out may touch the border and lie on a busy ground
    if contrast < 1.6 or busy > (8.5 if sure else 5.5) or at_border > (0.3 if sure else 0.15):
        return None
    if not 0.01 < mask.mean() < 0.9:
        return None
    return mask, bool(busy < PLAIN and contrast > CLEAR and at_border < TOUCHING)


def _fit_background(lab: np.ndarray, ring: np.ndarray) -> tuple[np.ndarray, float] | None:
    """Return each pixel's distance to the fitted background colour, and the tolerance."""
    surface = np.broadcast_to(np.median(lab[ring], 0), lab.shape)
    reach = 30.0
    for _ in range(4):
        inside = ring & (_color_distance(lab, surface) < reach)
        if inside.sum() < 0.6 * ring.sum():
            return None
        surface = smooth_surface(lab, inside)
        residual = float(np.median(_color_distance(lab[inside], surface[inside])))
        reach = max(6.0, 3 * residual)
    distance = _color_distance(lab, surface)
    tolerance = float(np.clip(3 * residual + 3, 6.0, 14.0))
    if np.mean(distance[ring] < tolerance) < 0.7:
        return None
    return distance, tolerance


def _color_distance(lab: np.ndarray, surface: np.ndarray) -> np.ndarray:
    lightness, a, b = np.moveaxis(lab - surface, -1, 0)
    lightness = np.where(lightness < 0, 0.6, 0.9) * lightness
    return np.sqrt(lightness**2 + a**2 + b**2)
