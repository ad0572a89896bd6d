"""What chairs stand on: legs with rails or rockers, runners, crossed legs, stars, wheels, bodies.

Built to the measures of one `chair_parts.Plan`; every function returns parts and the facts that are
true of them.
"""

from __future__ import annotations

import numpy as np

from training.shapes.materials import RUBBER, Material
from training.shapes.operators import mirrored, tube
from training.shapes.outlines import arc, band, curve
from training.shapes.part import Part
from training.shapes.parts.furniture import leg, pedestal, star_base
from training.shapes.parts.seats import seating
from training.shapes.parts.seats.chair_parts import Plan, tilted
from training.shapes.solids import Solid, box, frustum, prism, rod, slab


def base_parts(rng, plan: Plan, kind: str, frame: Material, cover: Material):
    """What the seat stands on, by the word of the sub-type's table."""
    under, w, d = plan.under + 0.3 * plan.thick, plan.width, plan.depth
    if kind == "star":
        spokes, castors = int(rng.choice([4, 5, 5, 5, 6])), bool(rng.random() < 0.75)
        reach = rng.uniform(0.22, 0.34)
        star, wheels = star_base(under, reach, spokes, castors, rng.uniform(0, 90))
        parts = [Part("base", frame, star)] + ([Part("castors", RUBBER, wheels)] if castors else [])
        return parts, {"num_spokes": spokes, "num_castors": len(wheels)}
    if kind == "pedestal":
        style = str(rng.choice(["disc", "disc", "trumpet", "block"]))
        foot = rng.uniform(0.13, 0.27) * (2 if style == "block" else 1)
        solids = pedestal(under, foot, 0.02 + 0.06 * rng.random() ** 2, style)
        ring = bool(plan.seat > 0.58 and rng.random() < 0.6)
        if ring:
            solids += _ring(0.3 * plan.seat, rng.uniform(0.1, 0.17), rng.uniform(0, 2 * np.pi))
        return [Part("pedestal", frame, solids)], {"on_pedestal": True, "has_foot_rest": ring}
    if kind in ("skirt", "plinth"):
        body = slab((-d / 2, plan.foot, -w / 2), (d / 2, under, w / 2), 0.01)
        if plan.square < 3:
            outline = seating.seat_outline(0.97 * d, 0.97 * w, plan.square)
            body = prism("y", outline, plan.foot, under)
        parts = [Part("body", cover, [body])]
        if plan.foot > 0.01:
            (x, z), _ = plan.corners()
            size, style = rng.uniform(0.025, 0.06), str(rng.choice(["square", "tapered", "round"]))
            feet = mirrored(
                mirrored(
                    leg(
                        style, (x - 0.01, 0, z - 0.01), (x - 0.01, plan.foot + 0.02, z - 0.01), size
                    )
                ),
                "x",
            )
            parts.append(Part("feet", frame, feet))
        return parts, {"num_legs": 4 if plan.foot > 0.01 else 0}
    if kind == "sides":
        t = rng.uniform(0.02, 0.08)
        up = plan.seat if plan.rise < 0.02 else plan.seat + plan.rise * rng.choice([0, 1])
        return [
            Part("sides", frame, mirrored([slab((-d / 2, 0, w / 2 - t), (d / 2, up, w / 2))]))
        ], {}
    if kind == "sheet":
        return _sheet(rng, plan, frame)
    if kind == "wheels":
        return _wheels(rng, plan, frame)
    if kind == "cantilever":
        return _cantilever(rng, plan, frame)
    if kind == "sled" or kind == "box":
        return _runners(rng, plan, kind, frame)
    if kind in ("fold", "scissors"):
        return _crossed(rng, plan, kind, frame)
    return _legs(rng, plan, kind, frame)


def _ring(y: float, radius: float, start: float) -> list[Solid]:
    """A foot rest: a ring around a column and a spoke to it."""
    loop = arc(radius, 0, 360, 13)
    out = radius * np.array([np.cos(start), np.sin(start)])
    spokes = [rod((-out[0], y, -out[1]), (out[0], y, out[1]), 0.01)]
    return tube(np.insert(loop, 1, y, axis=1), 0.011) + spokes


def _cantilever(rng, plan: Plan, frame: Material):
    """A bent tube: from the front edge of the seat to the floor and back under the sitter."""
    r, x, z = rng.uniform(0.01, 0.02), plan.depth / 2, plan.width / 2 - 0.01
    out = rng.uniform(-0.02, 0.06)
    path = [(-x + 0.01, plan.at(-x), z), (x, plan.at(x), z), (x + out, 0.5 * plan.seat, z)]
    path += [(x + out, r, z), (-x - rng.uniform(-0.06, 0.1), r, z)]
    if rng.random() < 0.5:  # the tube goes on along the back
        up = plan.back * rng.uniform(0.4, 0.95)
        path.insert(0, (plan.behind(up), plan.seat + up, z))
    end = path[-1]
    cross = rod(end, (end[0], r, -z), r)
    return [Part("frame", frame, [*mirrored(tube(path, r)), cross])], {"cantilevered": True}


def _sheet(rng, plan: Plan, frame: Material):
    """One bent sheet from the front of the seat back under it and forwards on the floor: Z or S."""
    x, y, t = plan.depth / 2, plan.at(0), rng.uniform(0.02, 0.05)
    path = np.array(
        [(x, plan.at(x)), (-x * rng.uniform(0.3, 1.0), t), (x * rng.uniform(0.6, 1), t)]
    )
    if rng.random() < 0.5:
        path = curve(
            [(x - 0.02, y), (x, 0.8 * y), (0.1 * x, 0.45 * y), (-0.5 * x, t / 2), (x, t / 2)], 12
        )
    else:
        path = np.array([path[0], path[0] * 0.5 + path[1] * 0.5, path[1], path[2]])
    w = plan.width * rng.uniform(0.8, 1.0)
    return [Part("base", frame, [prism("z", band(path, t), -w / 2, w / 2)])], {"cantilevered": True}


def _wheels(rng, plan: Plan, frame: Material):
    """What makes a wheelchair: two large wheels, castors, foot plates and handles."""
    radius, x, z = rng.uniform(0.26, 0.34), -0.3 * plan.depth, plan.width / 2 + 0.05
    rim = np.insert(arc(radius, 0, 360, 17), 2, z, axis=1) + np.array([x, radius, 0])
    spokes = [rod((x, radius, z), p, 0.006) for p in rim[::2]]
    wheels = mirrored([*tube(rim, 0.018), *spokes, rod((x, radius, z), (x, radius, 0), 0.015)])
    front, step = plan.depth / 2, rng.uniform(0.14, 0.26)
    side = plan.width / 2 - 0.02
    grip = plan.seat + plan.back
    shin = [(front, plan.at(front), side), (front + 0.04, 0.12, side), (front + step, 0.1, side)]
    low, high = (plan.behind(0), plan.seat, side), (plan.behind(plan.back), grip, side)
    bars = [
        *tube(shin, 0.014),
        box((front + step, 0.1, 0.65 * side), (0.12, 0.02, 0.6 * side)),  # a foot plate
        rod((front - 0.08, plan.at(front), side), (front - 0.08, 0.09, side), 0.014),
        rod((x, radius, side), (x, plan.at(x), side), 0.014),
        rod(low, high, 0.014),
        rod(high, (high[0] - 0.1, grip, side), 0.016),  # a handle
    ]
    castor = [frustum((front - 0.08, 0.08, side - 0.02), (front - 0.08, 0.08, side + 0.02), 0.08)]
    parts = [Part("wheels", RUBBER, wheels), Part("frame", frame, mirrored(bars))]
    return [*parts, Part("castors", RUBBER, mirrored(castor))], {
        "num_castors": 2,
        "on_wheels": True,
    }


def _runners(rng, plan: Plan, kind: str, frame: Material):
    """Loops at both sides: sled runners, or frames that go on up to carry the arms."""
    r, x, z = rng.uniform(0.01, 0.025), plan.depth / 2 - 0.02, plan.width / 2 - 0.01
    spread, arms = rng.uniform(0.85, 1.2, 2), kind == "box" and plan.rise > 0.02
    z = z * rng.uniform(0.9, 1.0) if kind == "sled" else z + 0.02
    top = [plan.seat + plan.rise] * 2 if arms else [plan.at(x), plan.at(-x)]
    path = [(x, top[0], z), (x * spread[0], r, z), (-x * spread[1], r, z), (-x, top[1], z)]
    path += [path[0]] if kind == "box" else []
    solids = mirrored(tube(path, r))
    if rng.random() < 0.5 or kind == "box":
        at = rng.uniform(-0.9, 0.9) * x
        solids += [
            rod((at, y, -z), (at, y, z), r) for y in (plan.at(at), r)[: 1 + (kind == "sled")]
        ]
    return [Part("runners" if kind == "sled" else "frame", frame, solids)], {"on_sled": True}


def _crossed(rng, plan: Plan, kind: str, frame: Material):
    """Crossed legs: seen from the side on folding chairs, from the front on a director's chair."""
    r, x, z = rng.uniform(0.01, 0.02), plan.depth / 2 - 0.01, plan.width / 2 - 0.005
    if kind == "scissors":
        pair = mirrored([rod((x - 0.02, r, -z), (x - 0.02, plan.at(x), z), r)])
        bars = [rod((-x, y, s * z), (x, y, s * z), r) for s in (-1, 1) for y in (r, plan.at(0))]
        return [Part("legs", frame, mirrored(pair, "x") + bars)], {
            "num_legs": 4,
            "crossed_legs": True,
        }
    reach = rng.uniform(0.9, 1.3)
    up = plan.back * rng.uniform(0.3, 0.9)
    head = (plan.behind(up), plan.seat + up, z) if plan.back else (-x, plan.at(-x), z)
    front, rear = (x * reach, r, z), (-x * rng.uniform(0.9, 1.3) + 1.1 * plan.behind(0) * 0, r, z)
    bars = mirrored([rod(head, front, r), rod((x, plan.at(x), z), rear, r)])
    bars += mirrored([rod((-x, plan.at(-x), z), (x, plan.at(x), z), r)])
    y = rng.uniform(0.0, 0.3)
    for foot, top in ((front, head), (rear, (x, plan.at(x), z))):
        p = np.array(foot) + y * (np.array(top) - foot)
        bars.append(rod(p, p * [1, 1, -1], 0.9 * r))
    return [Part("legs", frame, bars)], {"num_legs": 4, "crossed_legs": True}


def _legs(rng, plan: Plan, kind: str, frame: Material):
    """Legs at the corners, upright or splayed, with rails, a foot ring or rockers between them."""
    style = str(rng.choice(["square", "square", "round", "tapered", "turned", "cabriole", "block"]))
    style = {"block": "block", "splayed": "tapered"}.get(kind, style)
    if style == "cabriole" and plan.under < 0.2:
        style = "square"
    out = rng.uniform(1.08, 1.4) if kind == "splayed" else rng.uniform(0.98, 1.06)
    out = rng.uniform(1.0, 1.4) if kind == "ring" else out
    rake = rng.choice([0.0, rng.uniform(0.02, 0.12)]) if kind not in ("three", "ring") else 0.0
    (x, z), (x_rear, z_rear) = plan.corners()
    tops = [(x, plan.at(x), z), (x_rear, plan.at(x_rear), z_rear)]
    feet = [
        (x * (out if kind != "legs" else 1.0), 0, z * out),
        (x_rear * out - rake, 0, z_rear * out),
    ]
    facts = {"num_legs": 4}
    if kind == "rockers":
        bend = rng.uniform(0.12, 0.3)
        feet = [(f[0], bend * f[0] ** 2 + 0.01, f[2]) for f in feet]
    if kind == "three":
        single = leg(style, (x * out, 0, 0), (0.9 * x, plan.at(x), 0), plan.post)
        solids, facts = single + mirrored(leg(style, feet[1], tops[1], plan.post)), {"num_legs": 3}
    else:
        solids = [s for f, t in zip(feet, tops, strict=True) for s in leg(style, f, t, plan.post)]
        solids = mirrored(solids)
    parts = [Part("legs", frame, solids)]

    def at(which: int, y: float) -> np.ndarray:
        foot, top = np.array(feet[which], float), np.array(tops[which])
        return foot + (top - foot) * (y - foot[1]) / (top[1] - foot[1])

    if kind == "rockers":
        reach = np.linspace(-plan.depth * rng.uniform(0.7, 1.0), plan.depth * 0.75, 9)
        track = [(u, bend * u**2 + 0.01, np.interp(u, [x_rear, x], [feet[1][2], feet[0][2]]))
                 for u in reach]  # fmt: skip
        parts.append(Part("rockers", frame, mirrored(tube(track, 0.018))))
        facts["rocks"] = True
    elif kind == "ring" or (kind == "splayed" and plan.seat > 0.58):
        levels = [rng.uniform(0.2, 0.45) * plan.seat] + rng.integers(2) * [0.65 * plan.under]
        rails = [r for y in levels for r in _rails("box", at, (y, y), rng.uniform(0.009, 0.016))]
        parts.append(Part("foot rest", frame, rails))
        facts["has_foot_rest"] = True
    elif kind == "stretched" or (kind in ("splayed", "legs") and rng.random() < 0.15):
        low, high = rng.uniform(0.15, 0.6, 2) * plan.under
        pattern = str(rng.choice(["H", "box", "sides", "ladder"]))
        parts.append(
            Part("stretchers", frame, _rails(pattern, at, (low, high), rng.uniform(0.008, 0.018)))
        )
        facts["has_stretchers"] = True
    if kind in ("legs", "stretched", "block") and plan.square > 8 and rng.random() < 0.4:
        deep = rng.uniform(0.04, 0.1)
        outline = seating.seat_outline(2 * x, 2 * z, 40, plan.rear)
        board = prism("y", outline, plan.under - deep, plan.seat - 0.6 * plan.thick)
        parts.append(Part("apron", frame, tilted(plan, [board])))
    return parts, facts


def _rails(pattern: str, at, heights, r: float) -> list[Solid]:
    """Rails between legs: "H", "box", "sides", or "ladder" (two at each side, one in front).

    Args:
        pattern: which.
        at: gives the point of the front (0) or rear (1) leg at a height.
        heights: of the rails at the sides and of the others.
        r: radius.
    """
    side, cross = heights
    sides = mirrored([rod(at(0, side), at(1, side), r)])
    if pattern == "H":
        middle = (at(0, side) + at(1, side)) / 2
        return [*sides, rod(middle, middle * [1, 1, -1], r)]
    if pattern == "box":
        return sides + [rod(at(k, cross), at(k, cross) * [1, 1, -1], r) for k in (0, 1)]
    if pattern == "ladder":
        more = mirrored([rod(at(0, 1.5 * side), at(1, 1.5 * side), r)])
        return [*sides, *more, rod(at(0, cross), at(0, cross) * [1, 1, -1], r)]
    return sides
