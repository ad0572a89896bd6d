"""Lampshades, and the heads of spots, around the y axis from y = 0 up."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np

from training.shapes.operators import around, moved, turned
from training.shapes.outlines import arc, curve
from training.shapes.solids import Solid, ellipsoid, frustum, lathe, loft, rod

# Half cross-sections as shares of radius and height, from the lower rim to the upper one.
PROFILES = {
    "drum": [(1, 0), (0.95, 1)],
    "cone": [(1, 0), (0.4, 1)],
    "hat": [(1, 0), (0.12, 1)],
    "bell": [(1, 0), (0.75, 0.15), (0.55, 0.45), (0.45, 0.75), (0.4, 1)],
    "dome": [(1, 0), (0.97, 0.25), (0.87, 0.5), (0.66, 0.75), (0.36, 0.94), (0.08, 1)],
    "pagoda": [(1, 0), (0.62, 0.22), (0.36, 0.52), (0.2, 0.8), (0.12, 1)],
    "globe": [(0.1, 0), (0.6, 0.1), (0.92, 0.3), (1, 0.5), (0.92, 0.7), (0.6, 0.9), (0.1, 1)],
    "tulip": [(0.95, 0), (0.8, 0.2), (0.85, 0.5), (0.7, 0.8), (0.25, 1)],
    "teardrop": [(0.3, 0), (0.85, 0.15), (1, 0.35), (0.7, 0.65), (0.3, 0.85), (0.15, 1)],
    "urn": [(0.3, 0), (0.75, 0.25), (1, 0.6), (0.7, 0.85), (0.5, 1)],
}
ROUND_SHADES = tuple(PROFILES)
SHADES = (*ROUND_SHADES, "box", "faceted", "tiers", "free")


@dataclass
class Shade:
    """A shade whose rims lie at y = 0 and y = height, around the y axis.

    Attributes:
        solids: the shade.
        carves: its hollow, if it is not a solid of revolution.
        spider: spokes that hold an open shade on its stem.
        kind: one of `SHADES`.
        is_open: whether one can look into it.
    """

    solids: list[Solid]
    carves: list[Solid] = field(default_factory=list)
    spider: list[Solid] = field(default_factory=list)
    kind: str = "drum"
    is_open: bool = False

    def at(self, x: float, y: float, z: float, turn: float = 0.0) -> Shade:
        """The shade turned about its axis by degrees, then moved."""

        def placed(solids):
            return moved(turned(solids, "y", turn), (x, y, z))

        lists = placed(self.solids), placed(self.carves), placed(self.spider)
        return Shade(*lists, self.kind, self.is_open)

    def upturned(self, height: float) -> Shade:
        """The shade upside down."""

        def placed(solids):
            return moved(turned(solids, "x", 180), (0, height, 0))

        lists = placed(self.solids), placed(self.carves), placed(self.spider)
        return Shade(*lists, self.kind, self.is_open)


def shade(rng, radius: float, height: float, kinds=SHADES, open_chance: float = 0.6) -> Shade:
    """Draw a shade, widest at the lower rim in most forms.

    Args:
        rng: the lamp's generator.
        radius: of its widest ring.
        height: from rim to rim.
        kinds: some of `SHADES`, repeated for weight.
        open_chance: how often it is a thin shell; else a diffuser closes it.
    """
    kind = str(rng.choice(list(kinds)))
    is_open = bool(rng.random() < open_chance) and kind not in ("globe", "teardrop")
    if kind == "tiers":
        return _tiers(rng, radius, height)
    if kind == "free":
        rings = rng.uniform(0.35, 1.0, int(rng.integers(3, 6)))
        profile = curve(np.stack([rings / rings.max(), np.linspace(0, 1, len(rings))], 1), 9)
        profile[:, 0] = profile[:, 0].clip(0.1, 1)
    elif kind in ("box", "faceted"):
        profile = np.array([(1, 0), (rng.uniform(0.3, 1), 1)])
    else:
        profile = np.array(PROFILES[kind])
        narrow = rng.uniform(0.75, 1.3)  # no two cones taper alike
        profile[:, 0] = np.where(profile[:, 0] < 0.9, profile[:, 0] * narrow, profile[:, 0])
        profile[:, 0] = profile[:, 0].clip(0.04, 1.0)
    profile = profile * [radius, height]
    wall = min(0.12 * radius, 0.012)
    top = profile[-1, 0]
    spider = []
    if is_open and top > wall:
        y = 0.93 * height
        wide = np.interp(y, profile[:, 1], profile[:, 0])
        spider = around([rod((0, y, 0), (wide, y, 0), 0.006)], int(rng.choice([2, 3, 4])))
    if kind in ("box", "faceted"):
        count = 4 if kind == "box" else int(rng.choice([3, 5, 6, 8]))
        aspect = rng.uniform(0.3, 1.0) if kind == "box" and rng.random() < 0.3 else 1.0
        rings = [polygon(count, r, aspect) for r in profile[:, 0]]
        inner = [polygon(count, r - 2 * wall, aspect) for r in profile[:, 0]]
        hollow = [loft("y", *inner, -0.001, height + 0.001)] if is_open else []
        solids = [loft("y", *rings, 0, height)]
        return Shade(solids, hollow, spider, kind, is_open)
    aspect = rng.uniform(0.5, 0.8) if rng.random() < 0.06 else 1.0
    body = lathe(profile, thickness=wall if is_open else None, aspect=aspect)
    return Shade([body], [], spider, kind, is_open)


def polygon(count: int, radius: float, aspect: float = 1.0) -> np.ndarray:
    """A regular polygon with an edge across +x."""
    angle = 2 * np.pi * (np.arange(count) + 0.5) / count
    return radius * np.stack([np.cos(angle), aspect * np.sin(angle)], 1)


def _tiers(rng, radius: float, height: float) -> Shade:
    """Rings, plates or cones one above the other."""
    count, down = int(rng.integers(2, 6)), rng.random() < 0.5
    sizes = radius * np.linspace(1, rng.uniform(0.3, 1), count) ** rng.choice([1, 0.5])
    sizes = sizes if down else sizes[::-1]
    step, lean = height / count, rng.uniform(0.2, 1.0)
    parts = [frustum((0, 0, 0), (0, height, 0), 0.12 * radius)]
    for k, r in enumerate(sizes):
        low = k * step
        parts.append(
            lathe([(r, low), (lean * 0.9 * r + 0.02, low + 0.7 * step), (0.01, low + 0.8 * step)])
        )
    return Shade(parts, [], [], "tiers", False)


def head(rng, at, direction, size: float, kinds="cone dome can ball bar") -> list[Solid]:
    """A spot's head: it hangs at a point and shines along a direction.

    Args:
        rng: the lamp's generator.
        at: (3,) where the arm ends.
        direction: (3,) of the light.
        size: length of the head.
        kinds: names out of "cone dome can ball bar", separated by spaces.
    """
    at, direction = np.asarray(at, float), np.asarray(direction, float)
    direction = direction / np.linalg.norm(direction)
    kind = str(rng.choice(kinds.split()))
    wide = size * rng.uniform(0.35, 0.75)
    start = at - 0.15 * size * direction
    if kind == "ball":
        return [ellipsoid(at + 0.3 * size * direction, (0.5 * size,) * 3)]
    if kind == "bar":
        middle = at + 0.3 * size * direction
        across = np.array([-direction[1], direction[0], 0.0])
        across = across / np.linalg.norm(across) if np.linalg.norm(across) > 0.1 else np.eye(3)[0]
        return [rod(middle - size * across, middle + size * across, 0.22 * size)]
    profiles = {
        "cone": [(0.3, 0), (0.35, 0.25), (1, 1)],
        "dome": [(0.2, 0), (0.65, 0.15), (0.9, 0.5), (1, 1)],
        "can": [(0.7, 0), (0.75, 0.1), (0.75, 1)],
    }
    profile = np.array(profiles[kind]) * [wide, size]
    wall = None if rng.random() < 0.5 else 0.12 * wide
    back = frustum(start, start + 0.2 * size * direction, profile[1, 0])
    return [lathe(profile, start, direction, wall), back]


def half_shade(rng, radius: float, height: float) -> list[Solid]:
    """A closed shade cut in half by the wall at x = 0, in front of it, from y = 0 up."""
    profile = np.array(PROFILES[str(rng.choice(ROUND_SHADES))]) * [radius, height]
    if rng.random() < 0.5:
        profile = (profile * [1, -1] + [0, height])[::-1]
    corners = arc(1.0, -90, 90, int(rng.choice([4, 5, 12])))
    deep = rng.uniform(0.4, 1.2)
    rings = [(max(r, 0.02) * corners * [deep, 1], y) for r, y in profile]
    return [loft("y", a, b, low, high) for (a, low), (b, high) in itertools.pairwise(rings)]
