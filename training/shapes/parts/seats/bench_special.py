"""Benches beyond a seat, a back and two ends: picnic tables, rows of seats, rings, logs."""

from __future__ import annotations

import numpy as np

from training.shapes.operators import around, mirrored, moved, tube, turned
from training.shapes.outlines import arc, band, ellipse
from training.shapes.part import Part
from training.shapes.parts.furniture import leg
from training.shapes.parts.seats import seating
from training.shapes.parts.seats.bench_parts import Plan, planks
from training.shapes.solids import box, frustum, loft, prism, rod, slab


def _picnic(rng, plan: Plan, kinds: dict, board, frame, facts: dict) -> list[Part]:
    """A table between two benches on common legs."""
    top, wide = plan.seat + rng.uniform(0.26, 0.34), rng.uniform(0.6, 0.8)
    apart, thick = wide / 2 + rng.uniform(0.18, 0.34), 0.04
    boards = int(rng.integers(3, 7))
    table = planks(wide, plan.length, thick, boards, 0.1)
    count = facts["num_seat_boards"] = int(rng.integers(1, 3))
    seat = planks(rng.uniform(0.22, 0.3), plan.length, thick, count, 0.1)
    seats = mirrored(moved(seat, (apart, plan.seat - thick / 2, 0)), "x")
    z = plan.length / 2 * rng.uniform(0.6, 0.85)
    r = rng.uniform(0.02, 0.035)
    spread = (rng.uniform(0.8, 1.1) * apart, rng.uniform(0.15, 0.4) * wide)
    legs = mirrored([rod((spread[0], r, z), (spread[1], top - thick, z), r)], "x")
    bars = [
        rod((-apart - 0.1, plan.seat - thick - r, z), (apart + 0.1, plan.seat - thick - r, z), r)
    ]
    bars.append(rod((-0.45 * wide, top - thick - r, z), (0.45 * wide, top - thick - r, z), r))
    facts |= {"num_legs": 4, "num_seats": 2, "has_table": True}
    return [
        Part("table top", board, moved(table, (0, top - thick / 2, 0))),
        Part("seats", board, seats),
        Part("legs", frame, mirrored(legs + bars)),
    ]


def _waiting(rng, plan: Plan, kinds: dict, board, frame, facts: dict) -> list[Part]:
    """Separate shells on a beam, as in airports and at bus stops."""
    count = facts["num_seats"] = int(rng.integers(2, 6))
    step = plan.length / count
    wide = step * rng.uniform(0.82, 0.97)
    shell = seating.rail(0, plan.back, wide, plan.thick, rng.choice([0.0, 0.06]) * wide)
    backs = plan.leaned(shell)
    seat = [slab((-plan.depth / 2, plan.under, -wide / 2), (plan.depth / 2, plan.seat, wide / 2),
                 0.3 * plan.thick)]  # fmt: skip
    at = (np.arange(count) - (count - 1) / 2) * step
    y, r = plan.under - 0.03, rng.uniform(0.02, 0.04)
    z = plan.length / 2 * rng.uniform(0.55, 0.9)
    foot = plan.depth / 2 * rng.uniform(0.8, 1.1)
    leg_frame = [rod((0, y, z), (0, r, z), r), rod((-foot, r, z), (foot, r, z), 0.8 * r)]
    beam = slab((-r, y - r, -plan.length / 2), (r, plan.under + 0.005, plan.length / 2))
    ties = [rod((-plan.depth / 2, plan.under, a), (0, y, a), 0.6 * r) for a in at]
    parts = [
        Part("seats", board, [s for a in at for s in moved(seat, (0, 0, a))]),
        Part("backs", board, [s for a in at for s in moved(backs, (0, 0, a))]),
        Part("frame", frame, [beam, *ties, *mirrored(leg_frame)]),
    ]
    if kinds["arms"] == "rail":
        facts["has_arms"] = True
        places = (np.arange(count + 1) - count / 2) * step
        arm = tube(
            [(0, y, 0), (0.0, plan.seat + 0.18, 0), (-plan.depth / 2, plan.seat + 0.2, 0)], 0.015
        )
        solids = [s for a in places for s in moved(arm, (0, 0, 0.98 * a))]
        parts.append(Part("arms", frame, solids))
    return parts


def _arc(rng, plan: Plan, kinds: dict, board, frame, facts: dict) -> list[Part]:
    """A part of a ring, hollow towards the front or towards the back."""
    facts["bent"] = True
    opening = rng.uniform(40, 190)
    radius = plan.length / 2 / np.sin(np.deg2rad(min(opening, 180) / 2))
    angles = (180 - opening / 2, 180 + opening / 2)  # its middle lies at -x of the ring's centre
    path = arc(radius, *angles, 11)
    seat = prism("y", band(path, plan.depth), plan.under, plan.seat)
    parts = [Part("seat", board, [seat])]
    inner = bool(kinds["backs"] == "none" and rng.random() < 0.5)
    if kinds["backs"] != "none":
        rim = band(arc(radius + plan.depth / 2 - 0.02, *angles, 11), 0.04)
        parts.append(Part("back", board, [prism("y", rim, plan.under, plan.seat + plan.back)]))
    count = int(rng.integers(2, 5))
    width, foot = rng.uniform(0.06, 0.3), rng.uniform(0.5, 0.9) * plan.depth
    block = box((-radius, plan.under / 2, 0), (foot, plan.under + 0.01, width))
    turns = (np.linspace(0.1, 0.9, count) - 0.5) * opening
    supports = [s for angle in turns for s in turned([block], "y", angle)]
    facts["solid_ends"] = False
    parts.append(Part("supports", frame, supports))
    if inner:
        parts = [Part(p.name, p.material, turned(p.solids, "y", 180)) for p in parts]
    return parts


def _ring(rng, plan: Plan, kinds: dict, board, frame, facts: dict) -> list[Part]:
    """A bench all around a tree, round or with corners."""
    facts["bent"] = True
    inner = rng.uniform(0.3, 0.8)
    outer, sides = inner + plan.depth, int(rng.choice([6, 8, 20]))
    whole, hole = (ellipse(r, r, sides) for r in (outer, inner))
    seat = Part("seat", board, [prism("y", whole, plan.under, plan.seat)],
                [prism("y", hole, plan.under - 1, plan.seat + 1)])  # fmt: skip
    count = 8 if sides == 20 else sides
    at = 0.9 * outer, inner + 0.1 * plan.depth
    legs = [s for x in at for s in leg("square", (x, 0, 0), (x, plan.under + 0.02, 0), 0.06)]
    facts["num_legs"] = 2 * count
    parts = [seat, Part("legs", frame, around(legs, count))]
    if kinds["backs"] == "ring":
        low, high, beyond = plan.under, plan.seat + plan.back, 0.3  # carves end far outside
        slope = -rng.uniform(0.0, 0.12) / (high - low)

        def rim(y: float, thick: float) -> np.ndarray:
            return hole * (1 + (slope * (y - low) - thick) / inner)

        back = loft("y", rim(low, 0), rim(high, 0), low, high)
        ends = low - beyond, high + beyond
        gap = loft("y", rim(ends[0], 0.04), rim(ends[1], 0.04), *ends)
        parts.append(Part("back", board, [back], [gap]))
    return parts


def _log(rng, plan: Plan, kinds: dict, board, frame, facts: dict) -> list[Part]:
    """Half a trunk on two stumps."""
    r = plan.depth / 2
    half = np.array(
        [(r * np.cos(a), plan.thick * np.sin(a)) for a in np.linspace(np.pi, 2 * np.pi, 9)]
    )
    trunk = prism("z", half + np.array([0, plan.seat]), -plan.length / 2, plan.length / 2)
    z, stump = plan.length / 2 * rng.uniform(0.5, 0.85), rng.uniform(0.09, 0.18)
    stumps = mirrored([frustum((0, 0, z), (0, plan.under + 0.04, z), stump, 0.9 * stump)])
    parts = [Part("seat", board, [trunk]), Part("stumps", board, stumps)]
    if kinds["backs"] == "log":
        beam = rod((0, plan.back, -plan.length / 2), (0, plan.back, plan.length / 2), 0.06)
        uprights = mirrored([rod((0, -0.05, z), (0, plan.back, z), 0.04)])
        parts.append(Part("back", board, plan.leaned([beam, *uprights])))
    return parts


WHOLE = {  # benches that are more than a seat, a back and two ends
    "picnic": _picnic,
    "beam": _waiting,
    "arc": _arc,
    "ring": _ring,
    "logs": _log,
}
