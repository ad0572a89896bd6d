"""Boats that are rowed, paddled or drift: open shells for the most part."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import RUBBER, plastic
from training.shapes.operators import mirrored, moved, tube
from training.shapes.outlines import curve
from training.shapes.parts.boats.rigging import deckhouse, plan, sheet
from training.shapes.parts.boats.shipyard import Boat
from training.shapes.solids import box, ellipsoid, prism, rod, slab


def _rowing_boat(b: Boat) -> None:
    b.open_hull(b.wood if b.chance(0.6) else b.paint)
    b.benches(b.n(1, 4))
    lines, x = b.lines, np.linspace(-0.49, 0.47, 7)
    if b.chance(0.45):  # a rail along the gunwale
        edge = np.stack([x, [lines.deck(v) for v in x], [lines.breadth(v) / 2 for v in x]], 1)
        b.add("rail", b.pick(b.wood, b.trim), mirrored(tube(edge, b.u(0.01, 0.022))))
    if b.chance(0.35):  # a seat at the stern that reaches down to the planks
        low, high = 0.35 * lines.depth, b.u(0.5, 0.9) * lines.depth
        half = min(np.interp(low, *lines.section(v).T[::-1]) for v in (-0.45, -0.36))
        b.add("stern seat", b.wood, [slab((-0.49, low, -half), (-b.u(0.3, 0.4), high, half))])
    if b.chance(0.4):  # a foredeck
        b.foredeck(b.u(0.2, 0.36))
    if b.chance(0.35):
        b.rowed(1, b.u(0.1, 0.4))
    elif b.chance(0.3):
        b.outboard()


def _canoe(b: Boat) -> None:
    b.open_hull(b.pick(b.wood, b.paint))
    b.benches(b.n(1, 3), low=0.6, high=0.9, span=(-0.28, 0.25))
    if b.chance(0.25):  # an outrigger to one side
        z, side, y = b.u(0.18, 0.4), b.pick(-1, 1), b.lines.deck(0.15)
        arms = [
            rod((x, b.lines.deck(x), -side * b.lines.breadth(x) / 2), (x, 0.5 * y, side * z), 0.009)
            for x in (-0.15, 0.15)
        ]
        b.add(
            "outrigger",
            b.wood,
            [*arms, rod((-0.35, 0.45 * y, side * z), (0.35, 0.45 * y, side * z), 0.022)],
        )
        b.facts["num_hulls"] = 2


def _kayak(b: Boat) -> None:
    b.closed_hull(plastic(b.rng))
    lines, count = b.lines, b.n(1, 2)
    for x in (0.0,) if count == 1 else (-0.15, 0.17):
        half, y = 0.36 * lines.breadth(x), lines.deck(x)
        pit = ellipsoid((x, y, 0), (b.u(0.06, 0.1), 0.75 * lines.depth, 0.8 * half))
        b.parts["hull"].carves.append(pit)
        b.add("seat", b.trim, [box((x - 0.05, y + 0.01, 0), (0.025, 0.06, 1.5 * half), 0.01)])
    if b.chance(0.35):  # a paddle laid across
        y, reach = lines.deck(0) + 0.006, b.u(0.15, 0.28)
        ends = mirrored([box((0.05, y, reach), (0.03, 0.014, 0.1), 0.006)])
        b.add("paddle", b.wood, [rod((0.05, y, -reach), (0.05, y, reach), 0.009), *ends])


def _punt(b: Boat) -> None:
    b.open_hull(b.pick(b.wood, b.paint))
    b.benches(b.n(1, 3))
    if b.chance(0.5):
        b.foredeck(0.34)


def _gondola(b: Boat) -> None:
    b.open_hull(b.pick(b.paint, b.wood))
    b.benches(b.n(1, 2))
    y = b.lines.deck(0.49)
    blade = curve(
        [(0.46, y - 0.04), (0.5, y + 0.01), (0.49, y + b.u(0.05, 0.1)), (0.52, y + 0.11)], 5
    )
    b.add("prow", b.metal, tube(np.insert(blade, 2, 0, axis=1), 0.012))
    if b.chance(0.3):
        b.rowed(1, b.u(0.2, 0.4), (-0.4, -0.3))


def _longship(b: Boat) -> None:
    b.open_hull(b.wood, 1.0 + 0.2 * b.lines.rise)
    b.benches(b.n(3, 6), 0.55, 0.8)
    for side, power in (
        (1, 0.9),
        (-1, 0.7),
    ):  # stem and stern sweep up, at times to a dragon's head
        y = b.lines.deck(0.48)
        tip = [
            (0.47, 0.8 * y),
            (0.5, y),
            (0.5 + 0.02 * power, y + b.u(0.03, 0.1)),
            (0.49, y + 0.12 * power),
        ]
        post = np.insert(curve(tip, 5), 2, 0, axis=1)
        b.add("posts", b.wood, tube(post * [side, 1, 1], 0.016, 0.01))
    if b.chance(0.75):
        x, top = b.u(-0.06, 0.06), b.u(0.45, 0.8)
        b.mast(x, 0.0, top, 0.012, sails=True)
        half, drop = b.u(0.2, 0.36), b.u(0.6, 0.85)
        yard = 0.95 * top
        b.add("yards", b.wood, [rod((x, yard, -half), (x, yard, half), 0.01)])
        if b.chance(0.75):
            low, high = [(x, half), (x, -half)], [(x, 0.98 * half), (x, -0.98 * half)]
            b.sails(
                [
                    sheet(
                        low,
                        high,
                        yard * (1 - drop) + b.lines.depth * drop,
                        yard,
                        -b.u(0, 0.12),
                        0.018,
                    )
                ]
            )
        else:
            b.add(
                "furled sail",
                b.canvas,
                [rod((x, yard - 0.012, -0.9 * half), (x, yard - 0.012, 0.9 * half), 0.016)],
            )
            b.facts["has_furled_sails"] = True
    if b.chance(0.4):
        b.rowed(b.n(3, 6), b.u(0.12, 0.3), (-0.25, 0.25))
    if b.chance(0.4):
        shields = [
            ellipsoid((x, b.lines.deck(x), b.lines.breadth(x) / 2), (0.03, 0.03, 0.012))
            for x in np.linspace(-0.3, 0.3, 7)
        ]
        b.add("shields", b.trim, mirrored(shields))


def _lifeboat(b: Boat) -> None:
    if b.chance(0.5):
        b.open_hull(b.paint)
        b.benches(b.n(2, 5))
        if b.chance(0.4):
            b.rowed(b.n(1, 2), b.u(0.1, 0.3))
        return
    b.closed_hull()
    y, stop = b.lines.depth, b.u(0.25, 0.42)
    start = -b.u(0.3, 0.42)
    roof = deckhouse(
        b.lines, start, stop, 0.85, b.base(start, stop), y + b.u(0.05, 0.12), (0.06, 0.1)
    )
    cab = box((b.u(-0.3, 0.0), y + 0.12, 0), (b.u(0.1, 0.2), 0.12, 0.5 * b.lines.beam), 0.03)
    b.add("canopy", b.trim, [roof, cab])


def _inflatable_boat(b: Boat) -> None:
    """A tube bent around a floor."""
    lines, r = b.lines, 0.42 * b.lines.depth
    x = np.linspace(-0.5, 0.5 - r, 9)
    side = np.stack(
        [
            x,
            [lines.deck(v) - lines.depth + r for v in x],
            [max(lines.breadth(v) / 2 - r, 0.03) for v in x],
        ],
        1,
    )
    b.add(
        "tubes",
        b.pick(RUBBER, b.paint, b.trim),
        [*mirrored(tube(side, r)), rod(side[-1], side[-1] * [1, 1, -1], r)],
    )
    floor = plan(lines, -0.45, 0.4, 0.8)
    b.add("floor", b.house_paint, [prism("y", floor, 0.2 * r, 0.2 * r + 0.02)])
    half = lines.breadth(-0.45) / 2
    b.add("transom", b.wood, [slab((-0.46, 0.1 * r, -half + r), (-0.43, 1.9 * r, half - r))])
    if b.chance(0.6):
        b.outboard(-0.44)
    count = b.n(0, 2)
    for k in range(count):
        b.add(
            "benches", b.wood, [box((-0.2 + 0.3 * k, 1.3 * r, 0), (0.08, 0.025, 0.8 * lines.beam))]
        )
    b.facts |= {"num_benches": count, "open_hull": True, "bow_rake": 0.0}
    if b.chance(0.3):
        b.add(
            "console",
            b.house_paint,
            [slab((-0.08, 0, -0.07), (0.04, b.u(2.2, 3.2) * r, 0.07), 0.02)],
        )


def _raft(b: Boat) -> None:
    lines, r = b.lines, 0.35 * b.lines.depth
    count = max(3, int(lines.beam / (2 * r) * b.u(0.6, 1.0)))
    z = np.linspace(-lines.beam / 2 + r, lines.beam / 2 - r, count)
    ends = b.rng.uniform(0.44, 0.5, (count, 2))
    b.add(
        "logs",
        b.wood,
        [rod((-e[0] + r, r, v), (e[1] - r, r, v), r) for v, e in zip(z, ends, strict=True)],
    )
    planks = [
        box((x, 2 * r, 0), (0.06, r, lines.beam))
        for x in np.linspace(-0.36, 0.36, b.rng.integers(2, 6))
    ]
    if b.chance(0.4):
        planks = [slab((-0.42, 1.5 * r, -0.48 * lines.beam), (0.42, 2.2 * r, 0.48 * lines.beam))]
    b.add("planks", b.wood, planks)
    b.facts |= {"bow_rake": 0.0, "bow_rise": 0.0}
    if b.chance(0.4):
        top = b.u(0.4, 0.9)
        b.mast(0.05, r, top, 0.012, sails=True)
        half = b.u(0.15, 0.3)
        b.sails(
            [
                sheet(
                    [(0.05, half), (0.05, -half)],
                    [(0.05, half), (0.05, -half)],
                    b.u(0.15, 0.3),
                    0.95 * top,
                    -b.u(0, 0.12),
                    0.02,
                )
            ]
        )
    if b.chance(0.3):
        w, h = 0.3 * lines.beam, b.u(0.1, 0.2)
        tent = [(w, 0), (w, h), (0, 1.5 * h), (-w, h), (-w, 0)]
        b.add(
            "hut",
            b.house_paint,
            moved([prism("x", tent, -0.32, b.u(-0.1, 0.0))], (0, 2 * r - 0.01, 0)),
        )


BUILDERS = {
    "rowing boat": _rowing_boat,
    "canoe": _canoe,
    "kayak": _kayak,
    "punt": _punt,
    "gondola": _gondola,
    "longship": _longship,
    "lifeboat": _lifeboat,
    "inflatable boat": _inflatable_boat,
    "raft": _raft,
}
