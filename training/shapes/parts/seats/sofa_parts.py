"""What sofas are made of: straight sections with a base, a back, arms, cushions and a stand.

A section looks towards +x and its width lies along z, its middle at the origin. All lengths in
metres.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from training.shapes.operators import flipped, moved, tube, turned
from training.shapes.outlines import rectangle, softened
from training.shapes.parts.furniture import cushion, leg
from training.shapes.solids import Solid, frustum, prism, rod, slab

Solids = dict[str, list[Solid]]  # by the name of the part


@dataclass(frozen=True)
class Style:
    """What all sections of one sofa share."""

    depth: float  # of the base
    height: float  # of the back
    seat: float  # height of the seat
    clear: float  # height of the base's underside
    cushion: float  # thickness of the seat cushions; the base ends below them
    back: float  # thickness of the back at its foot
    taper: float  # its thickness at the top, as a share
    lean: float  # of the back, in degrees
    gap: float  # between the seat and an open back's panel; 0 for a closed back
    spindles: bool  # in an open back, instead of a panel
    outline: str  # of the back: "straight", "round" or "camel"
    rise: float  # how much the outline of the back falls off from its middle
    arm: str
    arm_width: float
    arm_height: float
    arm_reach: float  # how far the arms come forward, as a share of the depth
    soft: float  # radius of the edges
    plump: float  # of cushions, 0 to 1
    hollow: bool  # whether the base is made of boards, open underneath
    loose: float  # thickness of the back cushions, 0 for none
    over: float  # how far they stand above the back
    nose: float  # how far the seat cushions stand over the base
    stand: str
    leg: str
    thick: float  # width of a leg

    @property
    def behind(self) -> float:
        """Position along x where the back begins."""
        return -self.depth / 2

    @property
    def base_top(self) -> float:
        """Height of the underside of the seat cushions."""
        return self.seat - self.cushion


def section(
    style: Style, width: float, seats: int, arms=(1, 1), own=(1, 1), corner=0.0, chaise=(0.0, 0.0)
) -> Solids:
    """A straight piece, centred: back at -x, an arm at -z and at +z where `arms` says so.

    Args:
        style: of the sofa.
        width: of the piece, arms included.
        seats: side by side.
        arms: at the left and right end.
        own: whether each seat has its own seat cushion and back cushion, or all share one.
        corner: length at the left end that lies in the corner of a sectional.
        chaise: width of a chaise at the right end, and how far it comes forward.
    """
    s, parts = style, defaultdict(list)
    aside = s.arm_width * np.array(arms if s.arm != "none" else (0, 0))
    left, right = -width / 2 + aside[0], width / 2 - aside[1]  # of the room between the arms
    edge = min(s.soft, 0.3 * (s.base_top - s.clear))
    under = 0.35 if s.arm in ("rolled", "flared") else 0.8  # how far it reaches below the arms
    base = (left - under * aside[0], right + under * aside[1])
    low, high = (s.behind, s.clear, base[0]), (s.depth / 2, s.base_top, base[1])
    parts["cover"] += _base(s, low, high, edge)
    if s.back:
        parts["cover"] += _back(s, width, left, right)
    for side, there in zip((-1, 1), aside, strict=True):
        if there:
            arm = moved(_arm(s), (0, 0, width / 2))
            name = "armrests" if s.arm in ("open", "loop") else "cover"
            parts[name] += arm if side == 1 else flipped(arm)
    broad, reach = chaise
    ends = np.linspace(left + corner, right - broad, (seats if own[0] else 1) + 1)
    parts["seat cushions"] = _seats(s, ends, s.depth / 2 + s.nose)
    if broad:
        tip = s.depth / 2 + reach
        parts["seat cushions"] += _seats(s, (right - broad, right), tip + s.nose)
        low, high = (0, s.clear, right - broad), (tip, s.base_top, right)
        parts["cover"].append(slab(low, high, edge))
        stand_on(parts, s, (s.depth / 2 - 0.1, tip), (right - broad, right))
    if s.back and s.loose:
        ends = np.linspace(left + corner, right, (seats if own[1] else 1) + 1)
        parts["back cushions"] = _back_cushions(s, ends)
    stand_on(parts, s, (s.behind, s.depth / 2), base)
    return parts


def _base(s: Style, low, high, edge: float) -> list[Solid]:
    """What carries the seat: an upholstered block, or boards around a hollow."""
    if not s.hollow:
        return [slab(low, high, edge)]
    (x0, y0, z0), (x1, y1, z1), t = low, high, 0.04
    sides = [slab((x0, y0, z), (x1, y1, z + t)) for z in (z0, z1 - t)]
    ends = [slab((x, y0, z0), (x + t, y1, z1)) for x in (x0, x1 - t)]
    return [slab((x0, y1 - t, z0), high), *sides, *ends]


def _back(s: Style, width: float, left: float, right: float) -> list[Solid]:
    lean = np.tan(np.deg2rad(s.lean)) * (s.height - s.seat)
    x, top = s.behind, s.height
    if s.gap:  # two stiles, with a panel or spindles hung between them under a top rail
        post = max(s.back, 0.04)
        low, rail = s.seat + s.gap, min(0.07, 0.3 * (top - s.seat))
        bars = [slab((x, s.clear, z), (x + s.back, top, z + post)) for z in (left, right - post)]
        bars.append(slab((x, top - rail, left), (x + s.back, top, right), 0.4 * s.back))
        if s.spindles:
            for z in np.linspace(left + post, right - post, int((right - left) / 0.12) + 2)[1:-1]:
                bars.append(rod((x + s.back / 2, s.base_top, z), (x + s.back / 2, top, z), 0.014))
        else:
            bars.append(slab((x, low, left), (x + s.back, top, right), 0.3 * s.back))
        return turned(bars, "z", s.lean, about=(x, s.seat, 0))
    if s.outline == "straight":
        profile = [(x, s.clear), (x + s.back, s.clear), (x + s.back, s.seat)]
        profile += [(x - lean + s.taper * s.back, top), (x - lean, top)]
        ends = (-width / 2, width / 2) if s.arm_height >= s.height else (left, right)
        body = prism("z", softened(profile, s.soft), *ends, rounding=min(s.soft, 0.4 * s.back))
        if s.arm == "rolled" and s.arm_height >= s.height:  # the roll runs on along the back
            r = s.arm_width / 2
            roll = frustum((x + r, top - r, ends[0] + r), (x + r, top - r, ends[1] - r), r)
            return [slab((x + 0.4 * r, s.clear, left), (x + s.back, top - r, right)), roll]
        return [body]
    drop = s.rise * (top - s.seat)
    z = np.linspace(-1, 1, 13)
    fall = np.sqrt(1 - 0.98 * z**2) if s.outline == "round" else np.cos(np.pi * z / 2) ** 2
    crest = np.stack([z * (right - left) / 2, top - drop * (1 - fall)], 1)
    foot = [(crest[-1, 0], s.base_top - 0.02), (crest[0, 0], s.base_top - 0.02)]
    hump = prism("x", [*crest, *foot], x, x + s.back, rounding=min(s.soft, 0.4 * s.back))
    hump = moved([hump], (0, 0, (left + right) / 2))
    return turned(hump, "z", s.lean, about=(x, s.base_top, 0))


def _arm(s: Style) -> list[Solid]:
    """An arm whose outer face lies at z = 0, the sofa on its -z side."""
    w, top, low = s.arm_width, s.arm_height, s.clear
    back, front = s.behind, s.behind + s.arm_reach * s.depth
    if s.arm == "rolled":
        r = 0.5 * w
        roll = frustum((back, top - r, -r), (front, top - r, -r), r)
        return [slab((back, low, -w), (front - 0.02, top - r, -0.35 * w)), roll]
    if s.arm == "flared":
        lean = [(-0.55 * w, low), (-w, low), (-0.75 * w, top), (0, top)]
        return [prism("x", softened(lean, 0.2 * w), back, front, rounding=min(s.soft, 0.2 * w))]
    if s.arm == "sloped":
        high = min(s.height, top + 0.3 * (s.height - s.seat))
        side = [(back, low), (front, low), (front, 0.5 * (top + s.seat))]
        side += [(0.3 * back + 0.7 * front, top), (back, high)]
        return [prism("z", softened(side, s.soft), -w, 0, rounding=min(s.soft, 0.4 * w))]
    if s.arm == "drum":
        outline = rectangle(front - back, w, 0.48 * w, ((front + back) / 2, -w / 2))
        return [prism("y", outline, low, top, rounding=min(s.soft, 0.4 * w))]
    if s.arm == "padded":
        pad = 0.45 * (top - s.base_top)
        low_part = slab((back, low, -w), (front - 0.02, top - 0.5 * pad, -0.1 * w), 0.02)
        return [low_part, slab((back, top - pad, -w), (front, top, 0), 0.48 * min(pad, w))]
    if s.arm == "open":
        rest = min(0.04, 0.3 * (top - s.seat))
        posts = [
            slab((x, low, -0.8 * w), (x + 0.05, top - rest / 2, -0.2 * w))
            for x in (back + 0.02, front - 0.1)
        ]
        rail = slab((back, s.base_top - 0.05, -0.8 * w), (front - 0.05, s.base_top, -0.2 * w))
        return [*posts, rail, slab((back, top - rest, -w), (front, top, 0), 0.3 * rest)]
    if s.arm == "loop":
        r = w / 2
        path = [(back + r, low + r, -r), (back + r, top - r, -r), (front - r, top - r, -r)]
        return tube([*path, (front - r, low + r, -r), path[0]], r)
    side = [(back, low), (front, low), (front, top), (back, top)]
    return [prism("z", softened(side, s.soft), -w, 0, rounding=min(s.soft, 0.4 * w))]


def _seats(s: Style, ends, front: float) -> list[Solid]:
    """Seat cushions between neighbouring `ends` along z, from the back to x = `front`."""
    low, high = (s.behind + s.back - 0.02, s.base_top - 0.01), (front, s.seat)
    pairs = itertools.pairwise(ends)
    plump = min(s.plump, 0.5)  # flat enough to sit on
    return [c for a, b in pairs for c in cushion((*low, a + 0.006), (*high, b - 0.006), plump)]


def _back_cushions(s: Style, ends) -> list[Solid]:
    start, top = s.behind + s.back - 0.03, max(s.height + s.over, s.seat + 0.15)
    lean = np.tan(np.deg2rad(max(s.lean, 4.0))) * (top - s.seat)
    head = max(s.loose * (0.9 - 0.4 * s.plump), 0.04)  # thickness at the top
    profile = [(start, s.seat - 0.02), (start + s.loose + 0.03, s.seat - 0.02)]
    profile += [(start + head - lean, top), (start - lean, top)]
    edge = s.loose * (0.15 + 0.3 * s.plump)
    return [
        prism("z", softened(profile, edge), a + 0.008, b - 0.008, rounding=0.6 * edge)
        for a, b in itertools.pairwise(ends)
    ]


def stand_on(parts: Solids, s: Style, xs, zs) -> None:
    """Legs, a plinth or a skirt below a base that covers the ranges `xs` and `zs`."""
    if s.stand == "skirt":
        low, high = (xs[0] - 0.01, 0, zs[0] - 0.01), (xs[1] + 0.01, 0.5 * s.base_top, zs[1] + 0.01)
        parts["skirt"].append(slab(low, high))
    if s.stand == "plinth":
        low, high = (xs[0] + 0.05, 0, zs[0] + 0.05), (xs[1] - 0.08, s.clear + 0.01, zs[1] - 0.05)
        parts["plinth"].append(slab(low, high))
    if s.stand not in ("legs", "feet"):
        return
    inset = 0.5 * s.thick + (0.03 if s.leg == "cabriole" else 0.01)
    for x in (xs[0] + inset, xs[1] - inset - 0.02):
        for z in np.linspace(zs[0] + inset, zs[1] - inset, 2 if zs[1] - zs[0] < 2.4 else 3):
            parts["legs"] += leg(s.leg, (x, 0, z), (x, s.clear + 0.01, z), s.thick)


def joined(*pieces: Solids) -> Solids:
    """Several pieces as one."""
    parts = defaultdict(list)
    for piece in pieces:
        for name, solids in piece.items():
            parts[name] += solids
    return parts


def changed(piece: Solids, change) -> Solids:
    """A piece whose solids an operator has changed."""
    return defaultdict(list, {name: change(solids) for name, solids in piece.items()})
