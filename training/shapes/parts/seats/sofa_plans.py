"""Sofas that are more than one straight section, and what lies on their seats."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import replace

import numpy as np

from training.shapes.operators import flipped, moved, turned
from training.shapes.outlines import curve, rectangle
from training.shapes.parts.furniture import leg
from training.shapes.parts.seats.sofa_parts import Solids, Style, changed, joined, section
from training.shapes.solids import Solid, box, ellipsoid, prism


def sectional(rng, s: Style, width: float, seats: int, own, both: bool) -> tuple[Solids, int]:
    """A piece along the back wall and one along a side wall, or one along `both`; its arms."""
    end_arm = bool(rng.random() < 0.7)
    main = section(s, width, seats, (not both, 0), own)
    pieces = [main]
    reach = rng.uniform(0.5, 1.5) * (0.8 if both else 1.0)
    for side in (1, -1) if both else (1,):
        reach = reach if rng.random() < 0.7 else reach * rng.uniform(0.7, 1.0)
        more = max(1, round(reach / 0.8))
        wing = section(s, s.depth + reach, more, (0, end_arm), own, corner=s.depth)
        place = (reach / 2, 0, width / 2 - s.depth / 2)
        wing = changed(wing, lambda solids, to=place: moved(turned(solids, "y", 90), to))
        pieces.append(changed(wing, flipped) if side == -1 else wing)
    arms = end_arm * (len(pieces) - 1) + (not both)
    return joined(*pieces), arms if s.arm != "none" else 0


def curved(
    s: Style, length: float, sweep: float, straight: float, seats: int, arms: bool
) -> Solids:
    """A sofa along an arc of `sweep` degrees about a point before it, both ends led on straight.

    Args:
        s: style.
        length: of the arc through the middle of the base.
        sweep: of the arc, in degrees.
        straight: length added at each end.
        seats: side by side.
        arms: whether it has them.
    """
    angle = np.deg2rad(sweep)
    radius = max(length / angle, 0.8 * s.depth)
    whole = radius * angle + 2 * straight

    def place(u: float) -> tuple[float, np.ndarray, np.ndarray]:
        """At a share u in [-0.5, 0.5] of the whole: how far turned, a shift, the way outwards."""
        turn = np.clip(u * whole / radius, -angle / 2, angle / 2)
        slide = u * whole - turn * radius
        shift = slide * np.array([np.sin(turn), 0, -np.cos(turn)])
        return turn, shift, np.array([-np.cos(turn), 0, -np.sin(turn)])

    def lay(solids: list[Solid], u: float) -> list[Solid]:
        turn, shift, _ = place(u)
        return moved(turned(solids, "y", -np.rad2deg(turn), (radius, 0, 0)), shift)

    def ring(inner, outer, low, high, start=-0.5, stop=0.5, edge=0.0) -> Solid:
        places = [place(u)[1:] for u in np.linspace(start, stop, 11)]
        rows = [[shift + offset * out for shift, out in places] for offset in (inner, outer)]
        outline = np.array([*rows[0], *rows[1][::-1]])[:, [0, 2]] + [radius, 0]
        return prism("y", outline, low, high, rounding=edge)

    parts = defaultdict(list)
    inner, outer = radius - s.depth / 2, radius + s.depth / 2
    rear, edge = outer - s.back + 0.02, min(s.soft, 0.05)
    parts["cover"].append(ring(inner, outer, s.clear, s.base_top))
    parts["cover"].append(ring(rear - 0.02, outer, s.clear, s.height, edge=min(edge, s.back / 3)))
    for a, b in itertools.pairwise(np.linspace(-0.5, 0.5, seats + 1)):
        ends, top = (a + 0.004, b - 0.004), min(edge, 0.4 * s.cushion)
        seat = ring(inner - s.nose, rear, s.base_top - 0.01, s.seat, *ends, top)
        parts["seat cushions"].append(seat)
        if s.loose:
            high, pad = max(s.height + s.over, s.seat + 0.15), rear - s.loose
            pad = ring(pad, rear, s.seat - 0.02, high, *ends, 0.3 * s.loose)
            parts["back cushions"].append(pad)
    if arms:
        outline = rectangle(s.depth, s.arm_width, 0.3 * s.arm_width)
        arm = [prism("y", outline, s.clear, s.arm_height, rounding=min(edge, 0.3 * s.arm_width))]
        aside = 0.5 - s.arm_width / 3 / whole
        parts["cover"] += lay(arm, -aside) + lay(arm, aside)
    if s.stand == "plinth":
        parts["plinth"].append(ring(inner + 0.08, outer - 0.05, 0, s.clear + 0.01))
    if s.stand in ("legs", "feet"):
        ends = (0.08 - s.depth / 2, s.depth / 2 - 0.08)
        posts = [p for x in ends for p in leg(s.leg, (x, 0, 0), (x, s.clear + 0.01, 0), s.thick)]
        for u in np.linspace(-0.44, 0.44, 2 if sweep < 60 else 3):
            parts["legs"] += lay(posts, u)
    return parts


def longue(rng, s: Style, length: float) -> tuple[Solids, bool]:
    """A long seat with a high end, and often a back that falls towards the foot; whether so."""
    head = replace(s, back=0.0, loose=0.0, arm_height=s.height, arm_reach=1.0)
    parts = section(head, length, 1, (1, 0))
    backed = bool(rng.random() < 0.65)
    if backed:
        start, stop = -length / 2, length * rng.uniform(-0.15, 0.45)
        fall = rng.uniform(0.0, 0.8)
        top = s.seat + (s.height - s.seat) * rng.uniform(0.6, 1.0)
        crest = [(start, top), ((start + stop) / 2, top - fall * 0.4 * (top - s.seat))]
        crest = curve([*crest, (stop, s.seat + (1 - fall) * (top - s.seat))], 7)
        outline = [*crest, (stop, s.base_top - 0.02), (start, s.base_top - 0.02)]
        x, thick = s.behind, min(max(s.back, 0.05), 0.15)
        parts["cover"].append(prism("x", outline, x, x + thick, rounding=0.3 * thick))
    return parts, backed


def pillows_on(rng, s: Style, width: float, count: int) -> list[Solid]:
    """Loose cushions on a section's seat, leaning against its back."""
    room = width / 2 - s.arm_width
    size = min(rng.uniform(0.3, 0.5), 0.1 + s.height - s.seat, 0.9 * room)
    solids = []
    for k in range(count):
        z = (room - 0.55 * size) * (1 - 2 * k / max(count - 1, 1)) + rng.uniform(-0.05, 0.05)
        tip = rng.choice([0, 0, 45, 20])
        high = 0.5 * size * (1.3 if tip else 1.0) + s.seat - 0.04
        x = s.behind + s.back + s.loose + 0.06
        pillow = box((x, high, z), (0.14, size, size), 0.06)
        pillow = turned([pillow], "x", tip, (x, high, z))
        solids += turned(pillow, "z", rng.uniform(5, 20), (x, s.seat, z))
    return solids


def buttons_on(s: Style, width: float) -> list[Solid]:
    """Two rows on the face of an upright back."""
    x, room = s.behind + s.back, width / 2 - s.arm_width
    return [
        ellipsoid((x, s.seat + share * (s.height - s.seat), z), (0.012, 0.024, 0.024))
        for share, columns in ((0.3, 8), (0.6, 7))
        for z in np.linspace(-room, room, columns + 2)[1:-1]
    ]
