"""Pleasure craft with a motor."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import GLASS, RUBBER, plastic
from training.shapes.operators import mirrored, tube
from training.shapes.outlines import arc
from training.shapes.parts.boats.rigging import deckhouse, plan
from training.shapes.parts.boats.shipyard import Boat
from training.shapes.solids import frustum, loft, prism, rod, slab


def _pontoon_boat(b: Boat) -> None:
    lines, r = b.lines, b.u(0.3, 0.5) * b.lines.depth
    z, y = lines.beam / 2 - r, 2 * r
    b.add("floats", b.metal, mirrored([rod((-0.5 + r, r, z), (0.5 - r, r, z), r)]))
    b.add(
        "deck",
        b.wood,
        [slab((-0.47, y - 0.3 * r, -lines.beam / 2), (0.45, y + 0.02, lines.beam / 2))],
    )
    rail, end = y + b.u(0.06, 0.11), b.u(0.3, 0.43)
    sides = mirrored([slab((-0.44, y, 0.9 * z), (end, rail, 0.9 * z + 0.018))])
    b.add("railing", b.paint, [*sides, slab((end - 0.018, y, -0.9 * z), (end, rail, 0.9 * z))])
    if b.chance(0.7):
        top, low = y + b.u(0.18, 0.32), b.u(-0.4, -0.2)
        high = low + b.u(0.3, 0.5)
        posts = [
            rod((x, y, 0.85 * z), (x, top, 0.85 * z), 0.009) for x in (low + 0.02, high - 0.02)
        ]
        b.add("canopy", b.trim, [slab((low, top - 0.01, -z), (high, top + 0.015, z))])
        b.add("posts", b.metal, mirrored(posts))
    b.add(
        "seats",
        b.house_paint,
        [
            slab((x, y, -0.8 * z), (x + 0.1, y + 0.07, 0.8 * z), 0.02)
            for x in (-0.4, b.u(0.0, 0.15))
        ],
    )
    if b.chance(0.6):
        b.lines = b.lines.__class__(lines.beam, y, rise=0, poop=0)
        b.outboard(-0.47)
    b.facts |= {"num_hulls": 2, "bow_rake": 0.0, "bow_rise": 0.0, "hull_depth": y}


def _speedboat(b: Boat) -> None:
    lines = b.lines
    b.closed_hull(b.pick(b.paint, b.wood, b.paint))
    y, front = lines.depth, b.u(-0.02, 0.2)
    half, back = 0.4 * lines.beam * b.u(0.8, 1), b.u(-0.46, -0.3)
    pit = slab((back, y * b.u(0.35, 0.7), -half), (front, 2 * y + 0.3, half))
    b.parts["hull"].carves.append(pit)
    seats = [
        slab((x, 0.3 * y, z), (x + 0.08, y + 0.02, z + 0.7 * half), 0.02)
        for x in (back + 0.02, front - 0.18)
        for z in (-0.85 * half, 0.15 * half)
    ]
    b.add("seats", b.house_paint, seats)
    kind = b.pick("screen", "screen", "cuddy", "none", "console")
    if kind == "screen":  # a raked pane with returns
        h, lean = b.u(0.04, 0.1), b.u(0.03, 0.1)
        pane = [
            (front + 0.02, y - 0.02),
            (front - lean, y + h),
            (front - lean - 0.02, y + h),
            (front - 0.01, y - 0.02),
        ]
        b.add("windscreen", GLASS, [prism("z", pane, -half, half)])
        wing = [
            (front, y - 0.02),
            (front - lean, y + h),
            (front - lean - 0.1, y + 0.6 * h),
            (front - 0.15, y - 0.02),
        ]
        b.add("windscreen", GLASS, mirrored([prism("z", wing, half - 0.008, half + 0.012)]))
        b.facts["has_windscreen"] = True
    elif kind == "cuddy":
        stop = front + b.u(0.1, 0.25)
        b.houses(front - 0.02, stop, b.u(0.6, 0.9), 1, b.u(0.05, 0.12), lean=(0.0, b.u(0.03, 0.1)))
    elif kind == "console":
        b.add(
            "console",
            b.trim,
            [slab((-0.1, 0.3 * y, -0.09), (0.02, y + b.u(0.05, 0.14), 0.09), 0.02)],
        )
        if b.chance(0.6):
            top = y + b.u(0.18, 0.32)
            b.add(
                "hard top",
                b.house_paint,
                [slab((-0.18, top - 0.01, -0.7 * half), (0.08, top + 0.012, 0.7 * half))],
            )
            b.add(
                "posts",
                b.metal,
                mirrored(
                    [rod((x, 0.4 * y, 0.1), (x, top, 0.5 * half), 0.01) for x in (-0.1, 0.03)]
                ),
            )
    if b.chance(0.5):
        b.outboard()
    if b.chance(0.15):
        b.add("arch", b.trim, _arch(b.u(-0.4, -0.25), half, 0.7 * y, y + b.u(0.12, 0.22)))


def _arch(x: float, half: float, low: float, high: float):
    """A radar arch over the cockpit."""
    path = [
        (x, low, half),
        (x - 0.04, high, 0.8 * half),
        (x - 0.04, high, -0.8 * half),
        (x, low, -half),
    ]
    return tube(path, 0.016)


def _motor_yacht(b: Boat) -> None:
    lines = b.lines
    b.closed_hull()
    levels = int(b.rng.choice([1, 2, 3, 4], p=[0.3, 0.35, 0.25, 0.1]))
    start, stop = b.u(-0.46, -0.15), b.u(0.05, 0.35)
    lean = (b.u(-0.02, 0.04), b.u(0.01, 0.14))
    y, (back, front) = b.houses(
        start, stop, b.u(0.6, 0.95), levels, b.u(0.04, 0.085), (b.u(0, 0.06), b.u(0, 0.06)), lean
    )
    if b.chance(0.4):  # a flying bridge
        h = b.u(0.02, 0.05)
        b.add(
            "flying bridge",
            b.house_paint,
            [
                deckhouse(
                    lines, back, max(back + 0.08, front - 0.08), 0.6, y - 0.01, y + h, (0, -0.02)
                )
            ],
        )
    if b.chance(0.5):
        b.add(
            "arch",
            b.house_paint,
            _arch(0.7 * back + 0.3 * front, 0.25 * lines.beam, y - 0.03, y + b.u(0.04, 0.1)),
        )
    if b.chance(0.5):
        b.mast(0.6 * back + 0.4 * front, y - 0.03, y + b.u(0.08, 0.2), lean=b.u(0, 0.05))
    if start > -0.35 and b.chance(0.5):  # an open cockpit behind the cabin
        half = 0.38 * lines.beam
        b.parts["hull"].carves.append(
            slab((-0.46, 0.5 * lines.depth, -half), (start - 0.02, 1, half))
        )


def _jet_ski(b: Boat) -> None:
    b.closed_hull(plastic(b.rng))
    lines, y = b.lines, b.lines.depth
    w, back, rise = b.u(0.28, 0.4) * lines.beam, b.u(-0.42, -0.3), b.u(0.12, 0.22)
    saddle = [
        (back, 0.5 * y),
        (back, y + 0.5 * rise),
        (-0.05, y + 0.6 * rise),
        (0.06, y + rise),
        (0.2, y + 0.7 * rise),
        (0.38, 0.6 * y),
    ]
    b.add("saddle", b.trim, [prism("z", saddle, -w / 2, w / 2, rounding=0.03)])
    bar, reach = (0.04, y + rise + b.u(0.02, 0.08), 0), 0.45 * lines.beam
    b.add(
        "handlebars",
        RUBBER,
        [
            rod((0.08, y, 0), bar, 0.02),
            rod((bar[0], bar[1], -reach), (bar[0], bar[1], reach), 0.015),
        ],
    )


def _hovercraft(b: Boat) -> None:
    lines, y = b.lines, b.lines.depth
    skirt = plan(lines, -0.5, 0.5, 1.0, 9)
    deck, mid = skirt * 0.93, 0.55 * y
    b.add("skirt", RUBBER, [loft("y", 0.93 * skirt, skirt, 0, mid), loft("y", skirt, deck, mid, y)])
    b.add("deck", b.paint, [prism("y", deck, 0.5 * y, y + 0.02)])
    b.houses(
        b.u(-0.25, 0.0),
        b.u(0.2, 0.4),
        b.u(0.35, 0.8),
        b.n(1, 2),
        b.u(0.06, 0.11),
        lean=(0.02, b.u(0.02, 0.1)),
    )
    r = b.u(0.08, min(0.15, 0.24 * lines.beam))
    for z in (0.0,) if b.chance(0.3) else (-1.1 * r, 1.1 * r):
        at = np.array([-0.38, y + r, z])
        ring = np.insert(arc(r, 0, 360, 11), 0, 0, axis=1)
        b.add(
            "fans",
            b.trim,
            [
                *tube(at + ring, 0.018),
                frustum(*(at + np.outer([-0.03, 0.03], [1, 0, 0])), 0.3 * r),
                rod(*(at + np.outer([-1.2 * r, r], [0, 1, 0])), 0.012),
            ],
        )
    b.facts |= {"bow_rake": 0.0, "bow_rise": 0.0}


BUILDERS = {
    "pontoon boat": _pontoon_boat,
    "speedboat": _speedboat,
    "motor yacht": _motor_yacht,
    "jet ski": _jet_ski,
    "hovercraft": _hovercraft,
}
