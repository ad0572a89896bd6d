"""What road vehicles are built of: bodies, cabins with windows, wheels, lamps.

Lengths are shares of the vehicle's length, the road at y = 0, the bonnet towards +x.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from training.shapes.materials import CHROME, COLORS, GLASS, RUBBER, Material, fabric, metal
from training.shapes.operators import mirrored, tube, turned
from training.shapes.outlines import symmetric
from training.shapes.part import Part
from training.shapes.solids import Solid, box, frustum, loft, prism, rod, slab

HEADLAMP = Material("white", COLORS["white"], 0.9)
TAIL_LAMP = Material("red", COLORS["red"], 0.8)
DARK = Material("black plastic", COLORS["black"], 0.4)


def _cross_section(half: float, low: float, high: float, square: float) -> np.ndarray:
    """Outline (8, 2) in (z, y) of a body: sills and shoulders tucked in unless it is square."""
    tuck, tall = 1 - square, high - low
    side = [
        (half * (1 - 0.16 * tuck), low),
        (half, low + 0.38 * tall),
        (half * (1 - 0.07 * tuck), high - 0.13 * tall * tuck),
        (half * (1 - 0.38 * tuck), high),
    ]
    return symmetric(side, axis=0)


def hull(stations, square: float = 0.0) -> list[Solid]:
    """A body through cross-sections from back to front.

    Args:
        stations: of (x, half width, low, high), x rising.
        square: from 0 (sides bulge, shoulders are round) to 1 (a box).
    """
    outlines = [_cross_section(*station[1:], square) for station in stations]
    solids = [
        loft("x", a, b, start[0], stop[0])
        for (a, b), (start, stop) in zip(
            itertools.pairwise(outlines), itertools.pairwise(stations), strict=True
        )
    ]
    # Lofts meet face to face, where both have distance 0: a core makes the inside deep again.
    x, half, low, high = np.asarray(stations, float).T
    if len(x) > 2 and low[1:-1].max() < high[1:-1].min():
        reach = 0.7 * half[1:-1].min()
        core = slab((x[0], low.max(), -reach), (x[-1], high.min(), reach))
        solids += [core] if low.max() < high.min() else []
    return solids


@dataclass
class Cabin:
    """The upper part of a car: slanted screens, sides that lean in, a crowned roof.

    Attributes:
        foot: x of the lower ends of the rear window and of the windscreen.
        roof: x of the back and of the front of the roof.
        belt: height where the cabin begins.
        height: of the roof.
        half: half width at the belt.
        tumble: width of the roof over that at the belt.
        bulge: 0 for straight screens, more for rounded ones.
    """

    foot: tuple[float, float]
    roof: tuple[float, float]
    belt: float
    height: float
    half: float
    tumble: float
    bulge: float

    def plan(self, t: float, ends=0.0, sides=1.0, span=(0.0, 1.0), corner=0.3) -> np.ndarray:
        """Outline (8, 2) in (x, z) at t from 0 (belt) to 1 (roof).

        Args:
            t: height, as a share.
            ends: how much longer at the back and at the front.
            sides: factor of the width.
            span: from which to which share of the length.
            corner: how far corners are cut, as a share of the half width.
        """
        lean = max(t, 0.0) ** (1 + self.bulge)
        back, front = (f + lean * (r - f) for f, r in zip(self.foot, self.roof, strict=True))
        start, stop = (back + s * (front - back) for s in span)
        half = self.half * (1 - (1 - self.tumble) * lean) * sides
        start, stop = start - ends, max(stop, start + 0.01) + ends
        cut = min(corner * half, 0.45 * (stop - start))
        right = [(stop, half - cut), (stop - cut, half), (start + cut, half), (start, half - cut)]
        return symmetric(right)

    def y(self, t: float) -> float:
        """Height at the share t."""
        return self.belt + t * (self.height - self.belt)

    def body(self) -> list[Solid]:
        """The whole cabin."""
        levels = (-0.12, 0.4, 0.82)
        plans = [self.plan(t) for t in levels] + [self.plan(1, -0.015, 0.84)]
        heights = [self.y(t) for t in (*levels, 1)]
        solids = [
            loft("y", a, b, low, high)
            for (a, b), (low, high) in zip(
                itertools.pairwise(plans), itertools.pairwise(heights), strict=True
            )
        ]
        middle = sum(self.roof) / 2
        core = box(
            (middle, self.y(0.4), 0),
            (
                0.8 * (self.roof[1] - self.roof[0]),
                self.y(0.85) - self.y(-0.05),
                1.4 * self.half * self.tumble,
            ),
        )
        return [*solids, core]

    def panes(self, low: float, high: float, **plan) -> list[Solid]:
        """Glass between two shares of the height, standing a little proud (see `plan`)."""
        levels = np.linspace(low, high, 3 if self.bulge > 0.2 else 2)
        return [
            loft("y", self.plan(a, **plan), self.plan(b, **plan), self.y(a), self.y(b))
            for a, b in itertools.pairwise(levels)
        ]

    def windows(self, count: int, low: float, high: float, span=(0.04, 0.96)):
        """`count` side windows in a row, the same on both sides: the glass, and its carves."""
        glass = self.panes(low, high, sides=1.025, span=span, corner=0.05)
        middle = (low + high) / 2
        x = self.plan(middle, span=span)[:, 0]
        edges = np.linspace(x.min(), x.max(), count + 1)[1:-1]
        size = (0.14 * np.ptp(x) / count, self.y(high) - self.y(low) + 0.02, 4 * self.half)
        return glass, [box((edge, self.y(middle), 0), size) for edge in edges]

    def screens(self, low: float, high: float, back: bool = True) -> list[Solid]:
        """The windscreen and, unless a box hides it, the rear window."""
        return self.panes(low, high, ends=0.006, sides=0.84, span=(0 if back else 0.5, 1))


def wheels(xs, radius: float, half: float, thick: float) -> tuple[list[Solid], list[Solid]]:
    """Tyres and rims at both ends of axles at `xs`; outer faces at z = +-half."""
    tyres, rims = [], []
    for x in xs:
        tyres.append(frustum((x, radius, half - thick), (x, radius, half), radius))
        rims.append(
            frustum((x, radius, half - 0.2 * thick), (x, radius, half + 0.004), 0.6 * radius)
        )
    return mirrored(tyres), mirrored(rims)


def arches(xs, radius: float, half: float, thick: float, room: float) -> list[Solid]:
    """What wheels need cut out of a body: `room` is the factor of the radius."""
    return mirrored(
        frustum((x, radius, half - 0.85 * thick), (x, radius, half + 0.2), room * radius)
        for x in xs
    )


def lamps(x: float, y: float, z: float, size) -> list[Solid]:
    """A pair of lamps with middles at (x, y, +-z)."""
    return mirrored([box((x, y, z), size, 0.35 * min(size))])


def plank(x, low: float, high: float, half: float, rounding: float = 0.0) -> Solid:
    """A box across the vehicle from x[0] to x[1], between two heights."""
    return slab((x[0], low, -half), (x[1], high, half), rounding)


def running_gear(rng, body: Part, axles, radius: float, half: float) -> list[Part]:
    """Wheels, and their arches cut out of the body; `axles` are their x."""
    thick = rng.uniform(0.24, 0.42) * half
    out = half * rng.uniform(0.96, 1.03)
    body.carves += arches(axles, radius, out, thick, rng.uniform(1.05, 1.2))
    tyres, rims = wheels(axles, radius, out, thick)
    return [Part("tyres", RUBBER, tyres), Part("rims", metal(rng), rims)]


def lamps_and_bumpers(rng, half: float, ground: float, nose: float, tail: float) -> list[Part]:
    """Lamps at both ends, a grille, perhaps bumpers; `half` is the half width of the ends."""
    size = (0.03, rng.uniform(0.10, 0.2) * nose, half * rng.uniform(0.25, 0.45))
    y, z = 0.72, 0.66 * half
    parts = [
        Part("headlamps", HEADLAMP, lamps(0.488, y * nose, z, size)),
        Part("tail lamps", TAIL_LAMP, lamps(-0.488, 0.75 * tail, z, size)),
    ]
    width = half * rng.uniform(0.4, 0.9)
    grille = plank((0.48, 0.503), ground + 0.35 * (nose - ground), 0.62 * nose, width, 0.005)
    parts.append(Part("grille", DARK, [grille]))
    if rng.random() < 0.35:
        y = ground + rng.uniform(0.15, 0.4) * (nose - ground)
        bars = [
            plank((s * 0.5 - 0.014, s * 0.5 + 0.014), y, y + 0.03, 1.08 * half, 0.01)
            for s in (-1, 1)
        ]
        parts.append(Part("bumpers", CHROME if rng.random() < 0.5 else DARK, bars))
    return parts


def open_cabin(rng, cabin: Cabin, body: Part, ground: float, facts: dict, canopy=False):
    """A pit with seats, the frame of the windscreen, and perhaps a canopy on posts; as parts."""
    back, front, half = cabin.foot[0] + 0.02, cabin.foot[1] - 0.03, 0.84 * cabin.half
    floor = ground + rng.uniform(0.3, 0.5) * (cabin.belt - ground)
    body.carves.append(plank((back, front), floor, cabin.belt + 0.3, half, 0.01))
    rows = 2 if front - back > rng.uniform(0.34, 0.45) else 1
    pitch = (front - back) * (0.42 if rows == 2 else 0.7)
    top = cabin.belt + rng.uniform(0.05, 0.3) * (cabin.height - cabin.belt)
    seats = []
    for row in range(rows):
        x = back + 0.03 + row * pitch
        squab = slab((x, floor, 0.1 * half), (x + 0.1, floor + 0.04, 0.9 * half), 0.01)
        rest = slab((x - 0.015, floor, 0.12 * half), (x + 0.02, top, 0.88 * half), 0.012)
        seats += [squab, *turned([rest], "z", 6, (x, floor, 0))]
    facts["num_seats"] = 2 * rows
    foot, head = cabin.foot[1] - 0.01, cabin.roof[1]
    lean = [(foot, cabin.belt - 0.01), (head, cabin.height), (head + 0.016, cabin.height)]
    pane = prism("z", [*lean, (foot + 0.022, cabin.belt - 0.01)], -0.86 * half, 0.86 * half)
    frame = mirrored(
        [rod((foot + 0.01, cabin.belt, half), (head, cabin.height, 0.88 * half), 0.008)]
    )
    frame.append(rod((head, cabin.height, -0.88 * half), (head, cabin.height, 0.88 * half), 0.008))
    parts = [Part("seats", fabric(rng), mirrored(seats)), Part("windscreen", GLASS, [pane])]
    if canopy:
        facts["has_canopy"] = True
        cover = plank(
            (back - 0.01, head + 0.02), cabin.height - 0.01, cabin.height + 0.02, half, 0.008
        )
        parts.append(Part("canopy", fabric(rng), [cover]))
        frame += mirrored([rod((back, floor, 0.9 * half), (back, cabin.height, 0.9 * half), 0.012)])
    elif rng.random() < 0.4:  # a roll bar behind the seats
        x, y = back + 0.01, cabin.y(rng.uniform(0.5, 1.0))
        frame += tube(
            [(x, floor, -half), (x, y, -0.85 * half), (x, y, 0.85 * half), (x, floor, half)], 0.011
        )
    return [*parts, Part("frame", metal(rng), frame)]
