"""The parts of a common bench: its seat, back, ends and arms, built to the measures of one `Plan`.

What is true of the parts is noted in `facts`, a dict of the bench's attributes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.shapes.operators import mirrored, moved, tube, turned
from training.shapes.outlines import band, curve, rectangle
from training.shapes.part import Part
from training.shapes.parts.furniture import cushion, four_legs, stretchers
from training.shapes.parts.seats import seating
from training.shapes.solids import Solid, box, loft, prism, rod, slab


@dataclass(frozen=True)
class Plan:
    """The measures of one bench, in metres and degrees; the seat is centred above the origin."""

    length: float
    depth: float
    seat: float
    back: float
    lean: float
    thick: float

    @property
    def under(self) -> float:
        """Height of the underside of the seat."""
        return self.seat - self.thick

    def leaned(self, solids: list[Solid]) -> list[Solid]:
        """A back that stood at the origin, leaning at the rear of the seat."""
        foot = (-self.depth / 2 + 0.015, self.seat - self.thick / 2, 0)
        return moved(turned(solids, "z", self.lean), foot)


def planks(depth: float, length: float, thick: float, count: int, gap: float) -> list[Solid]:
    """Boards along z that fill a depth between them, the middle of the field at the origin."""
    step = depth / count
    board = box((0, 0, 0), (step * (1 - gap), thick, length), 0.2 * thick)
    return [s for k in range(count) for s in moved([board], (step * (k + 0.5) - depth / 2, 0, 0))]


def seat(rng, plan: Plan, kind: str, facts: dict) -> list[Solid]:
    """Boards, a slab (its corners square or rounded) or a cushion."""
    low = (-plan.depth / 2, plan.under, -plan.length / 2)
    high = (plan.depth / 2, plan.seat, plan.length / 2)
    if kind == "boards":
        count = facts["num_seat_boards"] = int(rng.integers(2, 8))
        thick = min(plan.thick, 0.045)
        boards = planks(plan.depth, plan.length, thick, count, rng.uniform(0.08, 0.3))
        sag = rng.choice([0.0, rng.uniform(0.01, 0.04)])  # a dished seat
        boards = [
            s for b in boards
            for s in moved([b], (0, sag * (b.center[0] / plan.depth * 2) ** 2 - sag, 0))
        ]  # fmt: skip
        bearer = slab((low[0], plan.seat - thick - sag - 0.03, -0.02),
                      (high[0], plan.seat - thick, 0.02))  # fmt: skip
        bearers = [s for z in (-0.4, 0, 0.4) for s in moved([bearer], (0, 0, z * plan.length))]
        return moved(boards, (0, plan.seat - thick / 2, 0)) + bearers
    if kind == "padded":
        return cushion(low, high, rng.uniform(0, 0.6))
    corner = rng.uniform(0.08, 0.5) * plan.depth if kind == "rounded" else 0.0
    outline = rectangle(plan.depth, plan.length, corner)
    return [prism("y", outline, plan.under, plan.seat, rounding=0.2 * plan.thick)]


def back(rng, plan: Plan, kind: str, facts: dict) -> list[Solid]:
    """What one leans against, with the posts that carry it."""
    w, h, t = plan.length, plan.back + plan.thick / 2, rng.uniform(0.02, 0.05)
    z = w / 2 * rng.choice([1.0, rng.uniform(0.7, 0.98)]) - t / 2
    lift = rng.uniform(0.15, 0.5) * h
    uprights = [*seating.posts(h * 0.97, z, t), rod((0, 0, 0), (0, 0.97 * h, 0), t / 2)]
    if kind == "boards":
        count = facts["num_back_boards"] = int(rng.integers(1, 6))
        boards = planks(h - lift, w, min(t, 0.035), count, rng.uniform(0.1, 0.35))
        boards = moved(turned(boards, "z", 90), (0, (h + lift) / 2, 0))
        return plan.leaned(boards + uprights)
    if kind == "panel":
        low = rng.choice([0.0, lift])
        t *= rng.choice([1.0, 2.0])
        return plan.leaned(seating.rail(low, h, w, t) + (uprights if low else []))
    frame = seating.posts(h, w / 2 - t / 2, t) + seating.rail(h - 0.07, h, w, t)
    foot = rng.uniform(0.1, 0.25) * h
    if kind == "camel":  # an arched top
        across = np.linspace(-1, 1, 11)
        top = np.stack([across * w / 2, h + rng.uniform(0.1, 0.35) * h * (1 - across**2)], 1)
        outline = [(w / 2, foot), *top[::-1], (-w / 2, foot)]
        return plan.leaned([prism("x", outline, -t / 2, t / 2), *uprights])
    frame += seating.rail(foot - 0.02, foot + 0.02, w, t)
    if kind == "cross":
        facts["crossed_back"] = True
        count = int(rng.integers(1, 4))
        half = (w - t) / 2 / count
        cross = mirrored([rod((0, foot, -half), (0, h - 0.05, half), 0.4 * t)])
        at = np.linspace(-1, 1, 2 * count + 1)[1::2] * (w - t) / 2
        solids = [s for a in at for s in moved(cross, (0, 0, a))]
        stiles = [rod((0, foot, a), (0, h, a), t / 2) for a in (at[1:] + at[:-1]) / 2]
        return plan.leaned(frame + solids + stiles)
    if kind == "slats":
        count = facts["num_back_slats"] = int(rng.integers(6, 24))
        wide = rng.uniform(0.2, 0.7) * w / (count + 1)
        at = np.linspace(-w / 2, w / 2, count + 2)[1:-1]
        slat = slab((-0.01, foot, -wide / 2), (0.01, h - 0.05, wide / 2))
        return plan.leaned(frame + [s for a in at for s in moved([slat], (0, 0, a))])
    raise ValueError(f"Unknown kind of back: {kind!r}.")


def ends(rng, plan: Plan, kinds: dict, frame, facts: dict) -> list[Part]:
    """What carries the seat, mostly the same at both ends."""
    kind, under, d = kinds["ends"], plan.under + 0.3 * plan.thick, plan.depth
    z = plan.length / 2 * rng.choice([0.98, rng.uniform(0.6, 0.95)])
    if kinds["seats"] == "rounded":  # its corners carry nothing
        d, z = 0.8 * d, min(z, plan.length / 2 - 0.25 * d)
    if kind in ("legs", "splayed"):
        style = str(rng.choice(["square", "square", "round", "tapered", "turned", "cabriole"]))
        post = rng.uniform(0.03, 0.09)
        x, z = d / 2 - post / 2, z - post / 2
        splay = 1.0 if kind == "legs" else rng.uniform(1.05, 1.2)
        parts = [Part("legs", frame, four_legs(style, x, z, under, post, splay))]
        facts["num_legs"] = 4
        if kind == "legs" and rng.random() < 0.35:
            low = rng.uniform(0.15, 0.6) * under
            pattern = str(rng.choice(["H", "box", "sides"]))
            rails = stretchers(pattern, x, z, low, rng.uniform(0.02, 0.05))
            parts.append(Part("stretchers", frame, rails))
            facts["has_stretchers"] = True
        if kind == "legs" and rng.random() < 0.5:
            deep = rng.uniform(0.03, 0.12)
            board = box((0, under - deep / 2, 0), (2 * x, deep, 2 * z))
            parts.append(Part("apron", frame, [board]))
        return parts
    if kind in ("box", "chest", "cubbies"):
        return _body(rng, plan, kind, frame, facts)
    t = rng.uniform(0.025, 0.1)
    count = 3 if plan.length > 1.7 and rng.random() < 0.3 else 2
    at = np.linspace(-z + t / 2, z - t / 2, count)
    if kind == "pew":
        top = plan.seat + plan.back * rng.uniform(0.8, 1.05)
        lean = np.tan(np.deg2rad(plan.lean)) * plan.back
        arm = plan.seat + rng.uniform(0.1, 0.25)
        t, at = min(t, 0.06), [-plan.length / 2, plan.length / 2]
        outline = [(d / 2, 0), (d / 2, arm), (0, arm + 0.02), (-d / 2 + 0.05, top)]
        outline += [(-d / 2 - lean - 0.02, top), (-d / 2 - lean - 0.02, 0)]
        facts["solid_ends"] = True
        facts["has_arms"] = True
        solids = [prism("z", outline, a - t / 2, a + t / 2) for a in at]
        return [Part("ends", frame, solids)]
    if kind in ("blocks", "panels"):
        t = rng.uniform(0.1, 0.4) if kind == "blocks" else rng.uniform(0.025, 0.09)
        at = [a * (z - t / 2) / max(at) for a in at]
        narrow = rng.uniform(0.5, 1.0), rng.uniform(0.5, 1.0)
        if rng.random() < 0.5:
            narrow = (0.95, 0.95)
        start, end = (rectangle(d * k, t) for k in narrow)
        waist = rectangle(d * rng.uniform(0.4, 0.8), t * rng.uniform(0.4, 0.9))
        middle = rng.uniform(0.25, 0.75) * under
        one = [loft("y", start, end, 0, under)]
        if kind == "blocks" and rng.random() < 0.35:  # waisted
            one = [loft("y", start, waist, 0, middle), loft("y", waist, end, middle, under)]
        if kind == "blocks" and rng.random() < 0.35:  # on a plinth
            size = (d * rng.uniform(0.9, 1.1), rng.uniform(0.04, 0.12), t * rng.uniform(1.1, 1.5))
            one.append(box((0, size[1] / 2, 0), size))
        if kind == "blocks" and rng.random() < 0.3:  # a second slab below the first
            edge, z_edge = rng.uniform(0.8, 0.96) * d / 2, max(at) + 0.6 * t
            low = under - rng.uniform(0.03, 0.1)
            solids = [slab((-edge, low, -z_edge), (edge, under, z_edge))]
        else:
            solids = []
        solids += [s for a in at for s in moved(one, (0, 0, a))]
        if kind == "panels" and rng.random() < 0.4:  # a beam between them
            low = rng.uniform(0.2, 0.8) * under
            solids.append(slab((-0.02, low - 0.05, -z + t / 2), (0.02, low + 0.05, z - t / 2)))
            facts["has_stretchers"] = True
        facts["solid_ends"] = True
        return [Part("ends", frame, solids)]
    if kind == "trestles":
        r, out = rng.uniform(0.015, 0.04), rng.uniform(0.8, 1.2) * d / 2
        one = mirrored([rod((-out, r, 0), (out, under, 0), r)], "x")
        beam = [rod((0, under / 2, min(at)), (0, under / 2, max(at)), r)]
        facts["has_stretchers"] = True
        facts["num_legs"] = 2 * count
        return [Part("legs", frame, [s for a in at for s in moved(one, (0, 0, a))] + beam)]
    if kind == "frames":
        r = rng.uniform(0.012, 0.035)
        x = d / 2 - r
        loop = tube([(x, under, 0), (x, r, 0), (-x, r, 0), (-x, under, 0), (x, under, 0)], r)
        return [Part("frames", frame, [s for a in at for s in moved(loop, (0, 0, a))])]
    # Cast iron: a bowed front leg and a rear leg that goes on as the post of the back.
    r, bow = rng.uniform(0.014, 0.03), rng.uniform(-0.06, 0.08)
    front = curve([(d / 2 - 0.03, under, 0), (d / 2 - 0.03 + bow, under / 2, 0), (d / 2, r, 0)], 6)
    rear = curve([(-d / 2, under, 0), (-d / 2 + bow, under / 2, 0), (-d / 2 - 0.1, r, 0)], 6)
    bar = rod((d / 2 - 0.03, under, 0), (-d / 2, under, 0), r)
    one = [*tube(front, r), *tube(rear, r), bar]
    facts["num_legs"] = 2 * count
    return [Part("legs", frame, [s for a in at for s in moved(one, (0, 0, a))])]


def _body(rng, plan: Plan, kind: str, frame, facts: dict) -> list[Part]:
    """A closed body below the seat: plain, with sunk front panels, or with open compartments."""
    foot = rng.choice([0.0, rng.uniform(0.03, 0.12)])
    depth, length = plan.depth * rng.uniform(0.86, 1.0), plan.length * rng.uniform(0.86, 1.0)
    x, top = depth / 2, plan.under + 0.3 * plan.thick
    carves = []
    if kind != "box":
        columns, rows = int(rng.integers(1, 5)), 1 if kind == "chest" else int(rng.integers(1, 3))
        low, high = foot + rng.uniform(0.03, 0.07), plan.under - rng.uniform(0.02, 0.06)
        sunk = rng.uniform(0.02, 0.06) if kind == "chest" else rng.uniform(0.6, 1.2) * depth
        step, frame_width = (length - 0.04) / columns, rng.uniform(0.03, 0.06)
        rise = (high - low) / rows
        for i in range(columns):
            for k in range(rows):
                start = -length / 2 + 0.02 + step * i + frame_width / 2
                carves.append(slab(
                    (x - sunk, low + rise * k + 0.5 * frame_width * (k > 0), start),
                    (x + 0.1, low + rise * (k + 1), start + step - frame_width),
                ))  # fmt: skip
        facts["num_compartments"] = columns * rows if kind == "cubbies" else 0
    facts["closed_below"] = kind != "cubbies"
    body = Part("body", frame, [slab((-x, foot, -length / 2), (x, top, length / 2))], carves)
    feet = four_legs("block", x - 0.05, length / 2 - 0.06, foot + 0.02, 0.06)
    return [body] + ([Part("feet", frame, feet)] if foot else [])


def arms(rng, plan: Plan, kinds: dict, frame, cover, facts: dict) -> list[Part]:
    """Arms at both ends."""
    kind, d, z = kinds["arms"], plan.depth, plan.length / 2
    if kind == "none" or kinds["ends"] == "pew":
        return []
    facts["has_arms"] = True
    y = plan.seat + rng.uniform(0.16, 0.26)
    wide = rng.uniform(0.03, 0.08)
    if kind == "rail":
        front = d / 2 - rng.uniform(0.0, 0.1)
        rear = -d / 2 - np.tan(np.deg2rad(plan.lean)) * (y - plan.seat)
        foot = (front - 0.02, plan.under + plan.thick / 2, z - wide / 2)
        solids = seating.rail_arm(rear, front, y, z - wide / 2, foot, wide, rng.uniform(0.02, 0.04))
        if kinds["backs"] == "none":
            solids += mirrored([rod((rear, plan.seat, foot[2]), (rear, y, foot[2]), 0.015)])
        return [Part("arms", frame, solids)]
    if kind == "rolled":
        r = rng.uniform(0.05, 0.1)
        solids = seating.rolls(-d / 2, d / 2, plan.seat + r, z - r, r)
        return [Part("arms", cover, solids)]
    rise = rng.uniform(0.15, 0.3)  # scrolls: sheets that bend up and outwards
    path = [(z - 0.1, plan.seat - 0.02), (z, plan.seat + 0.05), (z + 0.03, plan.seat + rise)]
    strip = band(curve([*path, (z + 0.1, plan.seat + rise + 0.01)], 10), rng.uniform(0.03, 0.06))
    return [Part("arms", cover, mirrored([prism("x", strip, -d / 2, d / 2)]))]
