"""Line drawings of rendered views, as people draw them.

People draw few long strokes, and thin things as one line. A view becomes a map of regions (parts or
faces); small ones are left out, thin ones become single strokes, the borders of the others become
polylines. These are straightened (Douglas and Peucker 1973), rounded, bent, cut short, overdrawn or
forgotten, and inked. The result is black with the stroke as alpha, which is what
`cisp.images.cutout` makes of a drawing on paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageDraw
from scipy import ndimage
from skimage.measure import approximate_polygon
from torch import Tensor

from training.rendering.regions import (
    compact,
    dissolve,
    mirrored,
    regions,
    thickness,
    without_specks,
)
from training.rendering.renderer import Buffers
from training.rendering.strokes import borders, length_of, middles, smoothed

SUPERSAMPLE = 2
SHORTEST = (0.06, 0.14)  # of an open and a closed line, as shares of the object's size
MARGIN = 0.06  # free space around the drawing, as a share of the picture


@dataclass(frozen=True)
class Hand:
    """How a drawing is drawn.

    Lengths are shares of the object's size, the geometric mean of its width and height.

    Attributes:
        detail: 0 outlines of things apart in depth, 1 also parts, 2 also the faces of parts.
        wobble: how far strokes stray.
        missing: share of strokes left out, 0 to 1; short ones first.
        doubled: whether a second, different stroke lies over some of the first.
        width: stroke width in pixels of the picture.
        simplify: how far a straightened stroke may be from the true line.
        smallest: side of the smallest region that is drawn.
        thin: bars up to this width become one line.
        gap: how far strokes end before or behind their true end.
        stretch: log of the change of width over height.
        fatten: 0 keeps the proportions, 1 makes the drawing as high as wide: narrow things are
            drawn wider than they are.
        symmetric: whether a nearly symmetric object is drawn so.
        rounded: how many times corners are cut (Chaikin 1974).
    """

    detail: int
    wobble: float
    missing: float
    doubled: bool
    width: float
    simplify: float = 0.008
    smallest: float = 0.04
    thin: float = 0.03
    gap: float = 0.01
    stretch: float = 0.0
    fatten: float = 0.0
    symmetric: bool = False
    rounded: int = 1

    @classmethod
    def random(cls, generator: torch.Generator) -> Hand:
        """Draw a hand, from careful to careless."""
        u = torch.rand(14, generator=generator).tolist()
        return cls(
            detail=(0, 1, 1, 1, 1, 2)[int(6 * u[0])],
            wobble=0.004 + 0.026 * u[1] ** 2,
            missing=max(0.0, 0.45 * u[2] - 0.2),
            doubled=u[3] < 0.12,
            width=1.7 + 1.1 * u[4],  # as `cisp.images.cutout` redraws people's
            simplify=0.006 + 0.034 * u[5] ** 1.5,
            smallest=0.03 + 0.09 * u[6] ** 2,
            thin=0.015 + 0.105 * u[7],
            gap=0.045 * u[8] ** 2,
            stretch=0.5 * (u[9] + u[10] - 1),
            fatten=0.4 * u[13],
            symmetric=u[11] < 0.4,
            rounded=int(3 * u[12]),
        )


def line_work(
    part: np.ndarray, depth: np.ndarray, normal: np.ndarray, hand: Hand
) -> list[np.ndarray]:
    """The exact strokes of a view, (N, 2) polylines of (x, y) in pixels, before `_by_hand`.

    Args:
        part: (S, S), -1 outside.
        depth: (S, S).
        normal: (S, S, 3).
        hand: its detail, smallest, thin and symmetric count.
    """
    rows, columns = np.nonzero(part >= 0)
    if not len(rows):
        return []
    extent = np.sqrt((np.ptp(rows) + 1.0) * (np.ptp(columns) + 1.0))
    labels = regions(part, depth, normal, hand.detail)
    if hand.symmetric:
        labels = mirrored(labels)
    labels = without_specks(labels, max(6.0, (hand.smallest * extent) ** 2))
    labels = compact(labels)
    width, length = thickness(labels)
    bar = (width > 0) & (width < hand.thin * extent) & (length > 2.5 * width)
    # A bar with the same region on both sides becomes a stroke; one between two regions is their
    # border, which is drawn anyway once the bar is gone.
    rest = dissolve(labels, bar)
    edge = np.zeros(rest.shape, bool)
    edge[:, 1:] |= rest[:, 1:] != rest[:, :-1]
    edge[1:] |= rest[1:] != rest[:-1]
    near = ndimage.binary_dilation(edge, iterations=2)
    lines = borders(rest)
    for label in np.flatnonzero(bar):
        for line in middles(labels == label):
            x, y = line.T.astype(int)
            if near[y, x].mean() < 0.6:
                lines.append(line)
    return [line for line in lines if length_of(line) > SHORTEST[_is_closed(line)] * extent]


def _is_closed(line: np.ndarray) -> bool:
    return bool((line[0] == line[-1]).all())


def _straightened(line: np.ndarray, hand: Hand, extent: float) -> np.ndarray:
    """Douglas and Peucker's simplification of the smoothed line, its corners then cut."""
    line = approximate_polygon(smoothed(line, 1.5), hand.simplify * extent)
    for _ in range(hand.rounded):
        if len(line) < 3:
            break
        early, late = 0.8 * line[:-1] + 0.2 * line[1:], 0.2 * line[:-1] + 0.8 * line[1:]
        inner = np.stack([early, late], 1).reshape(-1, 2)
        closed = _is_closed(line)
        ends = (inner[:1],) if closed else (line[-1:],)
        line = np.concatenate([inner if closed else np.concatenate([line[:1], inner[1:-1]]), *ends])
    return line


def _walked(line: np.ndarray, start: float, stop: float, step: float) -> np.ndarray:
    """Points `step` apart from arc length `start` to `stop`, going straight on beyond the ends."""
    along = np.concatenate([[0], np.linalg.norm(np.diff(line, axis=0), axis=1).cumsum()])
    at = np.linspace(start, stop, max(2, int(abs(stop - start) / step) + 1))
    points = np.stack([np.interp(at, along, line[:, i]) for i in (0, 1)], 1)
    for end, inner, over in ((0, 1, np.minimum(at, 0)), (-1, -2, np.maximum(at - along[-1], 0))):
        way = line[end] - line[inner]
        points += np.abs(over)[:, None] * way / max(np.linalg.norm(way), 1e-9)
    return points


def _by_hand(line: np.ndarray, hand: Hand, extent: float, rng: np.random.Generator) -> np.ndarray:
    """One stroke as a hand makes it: off at the ends, shifted, turned, and trembling."""
    length = length_of(line)
    start, stop = (rng.normal(0, hand.gap * extent, 2)).clip(-0.3 * length, 0.3 * length)
    points = _walked(line, start, length + stop, 2.0)
    stray = hand.wobble * extent
    center = points.mean(0)
    turn = rng.normal(0, 0.8 * hand.wobble) * min(1.0, extent / max(length, 1.0) / 2)
    grow = 1 + rng.normal(0, hand.wobble, 2)
    points = (points - center) @ np.array([[1, turn], [-turn, 1]]) * grow + center
    points += rng.normal(0, 0.35 * stray, 2)
    for period, share in ((0.45 * extent, 0.6), (0.12 * extent, 0.2)):
        knots = max(2, int(length / period) + 2)
        bend = rng.normal(0, stray * share, (knots, 2))
        at = np.linspace(0, knots - 1, len(points))
        smooth = ndimage.map_coordinates  # cubic between the knots
        points += np.stack(
            [smooth(bend[:, i], at[None], order=3, mode="nearest") for i in (0, 1)], 1
        )
    return points


def draw_strokes(
    part: np.ndarray, depth: np.ndarray, normal: np.ndarray, hand: Hand, rng: np.random.Generator
) -> list[np.ndarray]:
    """The strokes (N, 2) of a drawing of one view, in pixels of the picture (S, S)."""
    size = part.shape[0]
    lines = line_work(part, depth, normal, hand)
    if not lines:
        return []
    corners = np.concatenate(lines)
    width, height = np.ptp(corners, axis=0) + 1
    extent = float(np.sqrt(width * height))
    lines = [_straightened(line, hand, extent) for line in lines]
    lengths = np.array([length_of(line) for line in lines])
    # The longest stroke is never forgotten; short ones easily.
    forget = hand.missing * 2 * (1 - np.argsort(np.argsort(lengths)) / max(1, len(lines) - 1))
    strokes = []
    for line, chance in zip(lines, forget, strict=True):
        if rng.random() < chance:
            continue
        strokes.append(_by_hand(line, hand, extent, rng))
        if hand.doubled and rng.random() < 0.6:
            strokes.append(_by_hand(line, hand, extent, rng))
    if not strokes:
        strokes = [_by_hand(lines[int(lengths.argmax())], hand, extent, rng)]
    change = hand.stretch - hand.fatten * np.log(width / height)
    shape = np.exp(np.array([change, -change]) / 2)
    everything = np.concatenate(strokes) * shape
    low, high = everything.min(0), everything.max(0)
    scale = size * (1 - 2 * MARGIN) / max(float((high - low).max()), 1.0)
    return [(s * shape - (low + high) / 2) * scale + size / 2 for s in strokes]


def ink(strokes: list[np.ndarray], size: int, width: float) -> np.ndarray:
    """Draw strokes; returns coverage (size, size) in [0, 1]."""
    canvas = Image.new("L", (size * SUPERSAMPLE,) * 2)
    pen = ImageDraw.Draw(canvas)
    for stroke in strokes:
        points = [tuple(p) for p in (stroke * SUPERSAMPLE).tolist()]
        pen.line(points, 255, max(1, round(width * SUPERSAMPLE)), joint="curve")
    return np.asarray(canvas.reduce(SUPERSAMPLE), np.float32) / 255


def draw(buffers: Buffers, view: int, hand: Hand, generator: torch.Generator) -> Tensor:
    """Draw one view; returns RGBA (S, S, 4) in [0, 1]: black ink on nothing."""
    rng = np.random.default_rng(int(torch.randint(2**62, (1,), generator=generator)))
    seen = (getattr(buffers, name)[view].cpu().numpy() for name in ("part", "depth", "normal"))
    size = buffers.part.shape[1]
    alpha = torch.from_numpy(ink(draw_strokes(*seen, hand, rng), size, hand.width))
    rgba = torch.cat([torch.zeros(size, size, 3), alpha[..., None]], -1)
    return rgba.to(buffers.rgba.device)
