"""The upper parts of a chair, each built to the measures of one `Plan`: seat, back and arms.

`back_parts` and `arm_parts` return parts and the facts that are true of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.shapes.materials import Material
from training.shapes.operators import flipped, mirrored, moved, repeated, tube, turned
from training.shapes.outlines import band, curve
from training.shapes.part import Part
from training.shapes.parts.seats import seating
from training.shapes.solids import Solid, box, ellipsoid, lathe, loft, prism, rod, slab

SQUARE = {"square": 40.0, "slatted": 40.0, "wave": 40.0, "rounded": 4.0, "round": 2.0}


@dataclass(frozen=True)
class Plan:
    """The measures of one chair, in metres and degrees; the seat is centred above the origin."""

    width: float
    depth: float
    seat: float  # height of the top of the seat
    back: float  # above the seat
    thick: float  # of the seat
    lean: float  # of the back against the seat
    tilt: float  # of the seat
    rise: float  # of the arms above the seat
    foot: float  # height at which upholstered sides end
    post: float  # width of legs
    square: float  # exponent of the seat's outline
    rear: float  # width of the seat's rear as a share of its front

    @property
    def under(self) -> float:
        """Height of the underside of the seat, in its middle."""
        return self.seat - self.thick

    def at(self, x: float) -> float:
        """Height of the middle of the tilted seat's board at x."""
        return self.seat - self.thick / 2 + x * np.tan(np.deg2rad(self.tilt))

    def behind(self, y: float) -> float:
        """Where the leaning back is, y above the seat."""
        return -self.depth / 2 - y * np.tan(np.deg2rad(min(self.lean + self.tilt, 50)))

    def edge(self, x: float) -> float:
        """Half the width of the seat at x."""
        along = min(abs(2 * x / self.depth), 0.98)
        taper = 1 - (1 - self.rear) * (0.5 - x / self.depth)
        return self.width / 2 * taper * (1 - along**self.square) ** (1 / self.square)

    def corners(self) -> list[tuple[float, float]]:
        """Where front and rear legs carry the seat, (x, z) with z > 0, inside its outline."""
        inside = 1.0 if self.square > 8 else 0.9 if self.square > 3 else 0.72
        x, z = self.depth / 2 * inside - self.post / 2, self.width / 2 * inside - self.post / 2
        return [(x, z), (-x, z * self.rear)]


def draw_plan(rng: np.random.Generator, spec: dict, kinds: dict) -> Plan:
    """Draw the measures of a chair within the ranges of its sub-type."""
    drawn = {k: rng.uniform(*spec[k]) for k in ("width", "depth", "seat", "lean", "tilt")}
    low, high = spec["thick"]
    drawn["thick"] = low + (high - low) * rng.random() ** 1.6  # thin seats are more common
    if rng.random() < 0.5:  # half of all seats are nearly as deep as wide
        low, high = spec["depth"]
        drawn["depth"] = float(np.clip(drawn["width"] * rng.uniform(0.92, 1.08), low, high))
    drawn["back"] = 0.0 if kinds["backs"] == "none" else rng.uniform(*spec["back"])
    drawn["rise"] = min(rng.uniform(*spec["rise"]), 0.9 * drawn["back"])
    on_feet = kinds["bases"] == "skirt"
    under = drawn["seat"] - drawn["thick"]
    foot = rng.uniform(0.02, 0.16) * rng.choice([0.4, 1]) if on_feet else under
    foot = 0.0 if kinds["bases"] in ("plinth", "sides") else min(foot, 0.6 * under)
    foot = foot if on_feet or foot == 0 else under - 0.02
    rear = rng.uniform(0.72, 0.96) if kinds["seats"] == "trapezoid" else 1.0
    post = (
        0.02 + 0.04 * rng.random() ** 1.6 if kinds["bases"] != "block" else rng.uniform(0.05, 0.1)
    )
    square = SQUARE.get(kinds["seats"], 40.0)
    return Plan(**drawn, foot=foot, post=post, square=square, rear=rear)


def tilted(plan: Plan, solids: list[Solid]) -> list[Solid]:
    """Solids that tilt with the seat."""
    return turned(solids, "z", plan.tilt, (0, plan.seat, 0))


def _leaned(plan: Plan, solids: list[Solid], forward: float = 0.0) -> list[Solid]:
    """Solids of a back that stood at the origin, at the rear of the seat."""
    foot = (-plan.depth / 2 + 0.01 + forward, plan.seat - plan.thick / 2, 0)
    return tilted(plan, moved(turned(solids, "z", plan.lean), foot))


def seat(rng: np.random.Generator, plan: Plan, kind: str) -> list[Solid]:
    """The seat: a board or cushion of some outline, slats, or a sheet that bends at the knees."""
    d, w, t = plan.depth, plan.width, plan.thick
    if kind == "slatted":
        count = int(rng.integers(4, 9))
        board = slab((-d / 2, plan.under, -w / 2), (-d / 2 + 0.75 * d / count, plan.seat, w / 2))
        rails = mirrored([slab((-d / 2, plan.under - 0.02, w / 2 - 0.04),
                               (d / 2, plan.seat - 0.006, w / 2))])  # fmt: skip
        return tilted(plan, [*repeated([board], (d / count, 0, 0), count), *rails])
    if kind == "wave":
        knee, drop = rng.uniform(0.05, 0.4) * d, rng.uniform(0.04, 0.18)
        path = [(-d / 2, 0), (knee / 2, drop), (d / 2, rng.uniform(-1, 0.7) * drop)]
        strip = band(curve(path, 12), t) + np.array([0, plan.seat - t / 2])
        return [prism("z", strip, -w / 2, w / 2, rounding=t / 4)]
    outline = seating.seat_outline(d, w, plan.square, plan.rear)
    if t > 0.1 and rng.random() < 0.5:  # a loose cushion on a board, rounder than it
        soft = prism("y", outline, plan.under + 0.3 * t, plan.seat, rounding=0.3 * t)
        board = prism("y", outline, plan.under, plan.seat - 0.5 * t)
        return tilted(plan, [soft, board])
    return tilted(plan, [prism("y", outline, plan.under, plan.seat, rounding=0.3 * t)])


def back_parts(rng, plan: Plan, kind: str, frame: Material, cover: Material):
    """The back of a chair: one of `seating.BACKS`, or one that only chairs have."""
    if kind in ("none", "egg"):
        return [], {"curved_back": kind == "egg"}
    if kind == "tub":
        return _tub(rng, plan, cover)
    if kind == "captain":
        return _captain(rng, plan, frame)
    w, h = plan.width * plan.rear, plan.back + plan.thick / 2
    if kind == "thick":
        t = rng.uniform(0.07, 0.24)
        low = plan.foot - plan.seat + plan.thick / 2
        w = plan.width + rng.choice([0.0, 0.02, 0.12])
        crown = rng.choice([0, 1]) * rng.uniform(0.0, 0.12)
        top = [(-w / 2, h - crown), (-w / 4, h - crown / 4), (w / 4, h - crown / 4)]
        outline = [(w / 2, 0), (w / 2, h - crown), *top[::-1], (-w / 2, 0)]
        solids = [prism("x", outline, -t + 0.02, 0.02, rounding=t * rng.uniform(0.1, 0.45))]
        solids = _leaned(plan, solids)
        x = -plan.depth / 2 + 0.02
        if low < -0.06:  # the carcass below a leaning back stays upright
            block = (x - t, plan.foot, -w / 2), (x + 0.02, plan.seat, w / 2)
            solids.append(slab(*block, 0.03))
        if rng.random() < 0.4:  # a loose back cushion
            pillow = box((0.06, h * 0.5, 0), (0.12, h * 0.85, plan.width * 0.97), 0.04)
            solids += _leaned(plan, [pillow])
        return [Part("back", cover, solids)], {}
    if kind == "planks":
        count = int(rng.integers(5, 9))
        at = np.linspace(-1, 1, count)
        ends = [(h - 0.18 * h * a**2, a * w / 2) for a in at]
        boards = [
            loft("y", _board(0.8 * a * w / 2, w / count), _board(z, w / count), -0.05, y)
            for a, (y, z) in zip(at, ends, strict=True)
        ]
        boards += seating.rail(0.3 * h, 0.4 * h, 0.9 * w, 0.05)
        return [Part("back", frame, _leaned(plan, boards))], {"num_slats": count}
    soft = kind in ("pad", "oval", "frame", "sling", "bowed", "bent", "panel")
    thick = rng.uniform(0.06, 0.14) if kind == "pad" else rng.uniform(0.018, 0.05)
    w *= rng.uniform(0.85, 1.04)
    standing = 0.0  # how far from the rear edge a back's posts find a rounded seat below them
    if plan.square < 8:
        share = 0.75 if plan.square < 3 else 0.86
        w, p = min(w, share * plan.width), plan.square
        standing = plan.depth / 2 * (1 - (1 - share**p) ** (1 / p))
    bow = rng.choice([0.0, rng.uniform(0.01, 0.16)]) * w
    solids, count = seating.back(rng, kind, w, h, thick, bow)
    counted = {"slats": "num_slats", "hoop": "num_spindles", "comb": "num_spindles",
               "ladder": "num_rungs"}  # fmt: skip
    facts = {counted[kind]: count} if kind in counted else {}
    forward = max(standing, bow if kind in ("bowed", "comb") else 0.0)
    facts["curved_back"] = kind == "bent" or bow > 0.02
    return [Part("back", cover if soft else frame, _leaned(plan, solids, forward))], facts


def _board(z: float, wide: float) -> np.ndarray:
    """The cross-section of an upright plank at z, in (x, z)."""
    return np.array([(0.012, z + 0.42 * wide), (-0.012, z + 0.42 * wide),
                     (-0.012, z - 0.42 * wide), (0.012, z - 0.42 * wide)])  # fmt: skip


def _tub(rng, plan: Plan, cover: Material):
    """A wall around the sitter, level with its arms or higher at the back."""
    t = rng.uniform(0.02, 0.16)
    low = plan.foot if plan.foot < plan.under - 0.03 else plan.under
    high, a, z = plan.seat + plan.back, rng.uniform(0.25, 0.6) * plan.depth, plan.width / 2
    x = -plan.depth / 2 + 0.9 * a
    flare = rng.choice([1.0, rng.uniform(1.0, 1.2)])
    drop = rng.choice([0.0, rng.uniform(0.1, 0.9)]) * plan.back
    front = plan.depth / 2 - rng.choice([0.0, rng.uniform(0, 0.35)]) * plan.depth
    side = [(front, low), (front, high - drop), (x - 0.01, high), (x - 0.01, low)]
    outwards = (flare - 1) * (z + t / 2)
    wall = loft("z", side, side, z, z + t, 0.2 * t)
    angle = np.rad2deg(np.arctan2(outwards, high - low))
    walls = mirrored(turned([wall], "x", angle, (0, low, z)))
    back = seating.u_wall(a, x, z, low, high, t, flare)
    solids = [Part("back", cover, back), Part("arms", cover, walls)]
    return solids, {"num_arms": 2, "curved_back": True}


def _captain(rng, plan: Plan, frame: Material):
    """A bent rail around the sitter at the height of the arms, on spindles or a few posts."""
    z, y, r = plan.width / 2, plan.seat + plan.back, rng.uniform(0.012, 0.028)
    dip = rng.choice([0.0, rng.uniform(0.02, 0.1)])
    front = rng.uniform(0.05, 0.45) * plan.depth
    angle = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 9)
    rear = np.stack([-np.cos(angle) * plan.depth * 0.5, y - dip * np.abs(np.sin(angle)),
                     z * 1.04 * np.sin(angle)], 1)  # fmt: skip
    count = int(rng.choice([2, 2, rng.integers(3, 12)]))
    feet = np.linspace(-80, 80, count)
    uprights = [
        rod((-0.85 * c * plan.depth / 2, plan.seat - plan.thick / 2, 0.85 * s * z),
            (-c * plan.depth / 2, y - dip * abs(s), 1.04 * s * z), 0.6 * r)
        for c, s in zip(np.cos(np.deg2rad(feet)), np.sin(np.deg2rad(feet)), strict=True)
    ]  # fmt: skip
    hoop = tube(rear, r) + uprights
    if rng.random() < 0.5:  # a crest on the rail
        crest = band(rear[2:7, [0, 2]], 2 * r)
        hoop.append(prism("y", crest, y - dip, y + rng.uniform(0.03, 0.14)))
    arm = [(0, y - dip, 1.04 * z), (front, y - dip, 1.06 * z)]
    ending = [(front, y - dip, 1.06 * z), (0.8 * front, plan.under + 0.5 * plan.thick, 0.85 * z)]
    arms = mirrored([*tube(arm, 1.2 * r), *tube(ending, 0.8 * r)])
    facts = {"num_arms": 2, "num_spindles": count, "curved_back": True}
    return [Part("back", frame, hoop), Part("arms", frame, arms)], facts


def egg(rng, plan: Plan, cover: Material) -> list[Part]:
    """A hollow ball or egg that opens to the front and upwards, with a cushion in it."""
    radius, deep = plan.width / 2, rng.uniform(0.85, 1.3)  # of the opening's plane, and across it
    rise = np.deg2rad(rng.uniform(10, 70))  # where the opening looks: 0 ahead, 90 up
    angle = np.deg2rad(np.linspace(2, rng.uniform(95, 130), 11))  # from the pole to the rim
    profile = radius * np.stack([np.sin(angle), -deep * np.cos(angle)], 1)
    lowest = radius * np.hypot(deep * np.sin(rise), np.cos(rise))  # below the middle of the egg
    y, thick = plan.seat - plan.thick / 2, rng.uniform(0.03, 0.07)
    middle = (0, y - 0.4 * radius + lowest, 0)
    axis = (np.cos(rise), np.sin(rise), 0)
    shell = lathe(profile, middle, axis, thick)
    pad = ellipsoid((0.02, y, 0), (0.68 * radius, max(plan.thick, 0.08) / 2, 0.68 * radius))
    return [Part("seat", cover, [pad]), Part("back", cover, [shell])]


def ears(rng, plan: Plan, cover: Material) -> Part:
    """The wings of a wing chair."""
    thick = rng.uniform(0.04, 0.09)
    low = rng.uniform(0.3, 0.7) * plan.rise
    solids = seating.wings(rng, plan.width / 2 - 0.3 * thick, low, plan.back, thick, 0)
    return Part("wings", cover, _leaned(plan, solids))


def arm_parts(rng, plan: Plan, kind: str, frame: Material, cover: Material):
    """Arms, the same on both sides but for a tablet."""
    if kind in ("none", "tub", "egg", "captain"):
        return [], {}
    y, x, z = plan.seat + plan.rise, plan.depth / 2, plan.width / 2
    rear, front = plan.behind(plan.rise) - 0.01, x * rng.uniform(0.35, 1.0)
    if plan.square < 8:  # the front of a rounded seat carries no arm
        front = min(front, 0.7 * x)
    wide, thick = rng.uniform(0.03, 0.07), rng.uniform(0.02, 0.04)
    facts, material = {"num_arms": 2}, frame
    if kind in ("padded", "rolled"):
        t = rng.uniform(0.05, 0.2)
        front = x - rng.choice([0.0, rng.uniform(0.0, 0.12)])
        material, low = cover, min(plan.foot, plan.under)
        solids = seating.walls(rng, -x - 0.05, front, z - 0.01, low, y, t)
        if kind == "rolled":
            r = rng.uniform(0.5, 0.8) * t + 0.015
            solids = mirrored([slab((-x - 0.05, low, z - 0.01), (front, y, z + 0.8 * t), 0.02)])
            solids += seating.rolls(-x - 0.05, front, y - 0.3 * r, z + 0.45 * t, r)
    elif kind == "loop":
        solids = seating.loop_arm(rear, front, y, z + 0.01, plan.at(0), rng.uniform(0.012, 0.03))
    elif kind == "tee":
        foot = (0.2 * x, plan.at(0.2 * x), plan.edge(0.2 * x) - 0.04)
        solids = seating.rail_arm(-0.3 * x, 0.75 * x, y, z + 0.04, foot, 1.2 * wide, 1.2 * thick)
    elif kind == "posts":  # the uprights of a director's chair carry arms and back
        uprights = [rod((s * (x - 0.02), plan.under, z), (s * (x - 0.02), y, z), 0.016)
                    for s in (-1, 1)]  # fmt: skip
        rest = box((0, y, z), (2 * x + 0.04, 0.025, 0.06))
        solids = mirrored([*uprights, rest])
    elif kind == "tablet":
        size = (rng.uniform(0.3, 0.45), 0.022, rng.uniform(0.2, 0.32))
        foot = (0.8 * x, plan.at(0.8 * x), plan.edge(0.8 * x) - 0.02)
        bar = tube([(rear, y - 0.02, z), (0.7 * x, y - 0.02, z), foot], 0.014)
        solids = [box((rng.uniform(0.5, 1) * x, y, z + rng.uniform(-0.1, 0.06)), size), *bar]
        if rng.random() < 0.3:
            solids = flipped(solids)
        return [Part("writing board", material, solids)], {"num_arms": 1, "has_tablet": True}
    else:
        if kind == "wide":
            wide, thick, front = rng.uniform(0.1, 0.15), 0.024, x
        z += 0.4 * wide
        foot = (front, plan.at(front), plan.edge(front) - 0.01)
        solids = seating.rail_arm(rear, front + 0.03, y, z, foot, wide, thick)
        if rng.random() < 0.2 and plan.square > 8:  # closed below
            low = plan.seat + rng.uniform(0, 0.4) * plan.rise
            behind = -x + 0.02
            side = slab((behind, low, z - 0.01), (front, y, z + 0.01))
            post = rod((behind, plan.at(behind), plan.edge(behind) - 0.01), (behind, y, z), 0.012)
            solids += mirrored([side, post])
    return [Part("arms", material, solids)], facts
