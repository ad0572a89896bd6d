"""A lamp while it is being built, and the pieces that many lamps share."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from training.shapes import materials
from training.shapes.operators import around, moved, tube, turned
from training.shapes.outlines import curve
from training.shapes.part import Part
from training.shapes.parts.lamps import lamp_parts, lamp_shades
from training.shapes.solids import frustum, slab


@dataclass
class Draft:
    """A lamp while it is being built."""

    rng: np.random.Generator
    ranges: dict[str, tuple[float, float]]
    base: materials.Material
    light: materials.Material
    parts: list[Part] = field(default_factory=list)
    facts: dict = field(default_factory=dict)

    def draw(self, name: str) -> float:
        """One of the sub-type's proportions."""
        return float(self.rng.uniform(*self.ranges[name]))

    def chance(self, p: float) -> bool:
        """True with probability p."""
        return bool(self.rng.random() < p)

    def between(self, low: float, high: float) -> float:
        """A number in a range."""
        return float(self.rng.uniform(low, high))

    def add(self, name: str, solids, material=None, carves=()) -> None:
        """Append a part, of the base's material unless told otherwise."""
        self.parts.append(Part(name, material or self.base, list(solids), list(carves)))

    def add_shades(self, shades: list[lamp_shades.Shade], radius: float = 0.0) -> None:
        """Equal shades as one part, with what holds them, and the facts about them."""
        name = "shade" if len(shades) == 1 else "shades"
        solids = [s for one in shades for s in one.solids]
        self.add(name, solids, self.light, [c for one in shades for c in one.carves])
        spokes = [s for one in shades for s in one.spider]
        if spokes:
            self.add("spokes", spokes)
        kind = shades[0].kind
        self.facts |= {
            "num_shades": len(shades),
            "open_shade": shades[0].is_open and kind != "tiers",
            **{
                f"shade_is_{k}": kind == k for k in ("drum", "cone", "dome", "globe", "bell", "box")
            },
            "shade_radius": radius,
        }

    def add_foot(self, radius: float, kind: str | None = None) -> float:
        """A foot on the floor; returns the height where the stem starts."""
        solids, high, kind = lamp_parts.foot(self.rng, radius, kind)
        self.add("foot", solids)
        self.facts |= {"round_foot": kind in ("disc", "dome"), "square_foot": kind == "square"}
        return high

    def aim(self) -> None:
        """Turn lamps that reach out: mostly towards +x, some to a side."""
        if self.chance(0.25):
            turn = float(self.rng.choice([-90, 90]))
            self.parts = [
                Part(p.name, p.material, turned(p.solids, "y", turn), turned(p.carves, "y", turn))
                for p in self.parts
            ]


def put_cord(lamp: Draft, low: float, thin: float | None = None) -> None:
    """A rose at the ceiling (y = 1) and a cord, a rod or a chain down to `low`."""
    thin = thin or lamp.between(0.007, 0.016)
    r, flat = lamp.between(0.03, 0.12), lamp.between(0.01, 0.05)
    rose = [frustum((0, 1 - flat, 0), (0, 1, 0), r * lamp.between(0.3, 1.0), r)]
    if lamp.chance(0.12):
        rose = [slab((-r, 1 - flat, -r), (r, 1, r))]
    lamp.add("rose", rose)
    lamp.add("cord", [frustum((0, low, 0), (0, 1, 0), thin)])
    lamp.facts["has_cord"] = True


def put_lantern(lamp: Draft, low: float, radius: float, tall: float, x: float = 0.0) -> None:
    """A housing with a roof, its floor at `low`."""
    frame, glass, roof = lamp_parts.lantern_body(lamp.rng, radius, tall)
    at = (x, low, 0)
    lamp.add("panes", moved(glass, at), lamp.light)
    lamp.add("frame", moved(frame, at))
    lamp.add("roof", moved(roof, at))
    lamp.facts["has_roof"] = True


def put_candle_arms(lamp: Draft, count, reach, low, high, size, shaded=False):
    """Bent arms around the axis from `low` out to candles at `high`: (holders, lights)."""
    dip = lamp.between(-0.2, 0.8) * 0.3 * reach
    bow = curve([(0, low, 0), (0.5 * reach, low - dip, 0), (reach, high, 0)], 7)
    thin = lamp.between(0.01, 0.02)
    holder, light = lamp_parts.candle(lamp.rng, (reach, high, 0), size, shaded)
    start = float(lamp.rng.choice([0, 90, 45]))
    return around([*tube(bow, thin), *holder], count, start), around(light, count, start)
