"""Barges, tugs and fishing boats."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import COLORS, Material
from training.shapes.operators import mirrored, tube
from training.shapes.parts.boats.rigging import deckhouse
from training.shapes.parts.boats.shipyard import Boat
from training.shapes.solids import prism, rod, slab


def _barge(b: Boat) -> None:
    lines = b.lines
    y, w = lines.depth, 0.42 * lines.beam
    if b.chance(0.4):
        b.open_hull(b.paint)
    else:
        b.closed_hull()
    low = 0.0 if b.facts["open_hull"] else 0.5 * y
    load = b.pick("none", "heap", "boxes", "roof")
    if load == "heap":
        top = y + b.u(0.02, 0.1)
        sides = [(-0.38, low), (0.38, low), (0.34, y), (0.2, top), (-0.2, top), (-0.34, y)]
        b.add("cargo", b.wood, [prism("z", sides, -0.8 * w, 0.8 * w, rounding=0.02)])
    elif load == "boxes":
        for x in np.arange(-0.4, 0.3, b.u(0.1, 0.2)):
            b.add(
                "cargo", b.trim, [slab((x, low, -0.9 * w), (x + 0.09, y + b.u(0.0, 0.12), 0.9 * w))]
            )
    elif load == "roof":
        b.add(
            "roof",
            b.trim,
            [deckhouse(lines, -0.3, b.u(0.2, 0.4), 0.85, low, y + b.u(0.03, 0.1), (0.02, 0.02))],
        )
    if b.chance(0.5):
        cab = deckhouse(lines, -0.46, b.u(-0.38, -0.28), b.u(0.5, 0.9), low, y + b.u(0.06, 0.14))
        b.add("deckhouse", b.house_paint, [cab])
        b.facts["num_decks"] = 1


def _tugboat(b: Boat) -> None:
    lines = b.lines
    b.closed_hull()
    start = b.u(-0.25, -0.02)
    y, (back, front) = b.houses(
        start,
        start + b.u(0.25, 0.42),
        b.u(0.55, 0.85),
        b.n(1, 3),
        b.u(0.06, 0.11),
        (0.03, 0.02),
        (0, b.u(-0.01, 0.03)),
    )
    if b.chance(0.85):
        b.chimneys(
            1,
            max(back - 0.02, start + 0.03) if b.chance(0.5) else start + 0.05,
            0,
            0.8 * y,
            b.u(0.08, 0.2),
            b.u(0.025, 0.05),
            b.u(-0.1, 0.2),
            1.0,
        )
    if b.chance(0.75):
        b.mast((back + front) / 2, y - 0.04, y + b.u(0.1, 0.3))
    if b.chance(0.5):  # a fender around the bow
        x = np.linspace(b.u(-0.3, 0.1), 0.49, 6)
        side = np.stack(
            [x, [0.93 * lines.deck(v) for v in x], [lines.breadth(v) / 2 for v in x]], 1
        )
        b.add("fender", Material("black", COLORS["black"], 0.1), mirrored(tube(side, 0.018)))


def _fishing_trawler(b: Boat) -> None:
    lines = b.lines
    b.closed_hull()
    y0, aft = lines.depth, b.chance(0.5)
    start = b.u(-0.42, -0.3) if aft else b.u(0.0, 0.1)
    y, (back, front) = b.houses(
        start,
        start + b.u(0.18, 0.3),
        b.u(0.5, 0.8),
        b.n(1, 2),
        b.u(0.08, 0.12),
        (0.01, 0.01),
        (0, b.u(-0.02, 0.03)),
    )
    x = b.u(0.1, 0.3) if aft else b.u(-0.3, -0.1)
    b.mast(x, 0.03, y0 + b.u(0.25, 0.5), 0.012)
    reach = b.u(0.1, 0.3) * (-1 if aft else b.pick(-1, 1))
    b.add("booms", b.metal, [rod((x, y0 + 0.06, 0), (x + reach, y0 + b.u(0.15, 0.3), 0), 0.01)])
    if b.chance(0.6):
        b.mast((back + front) / 2, y - 0.04, y + b.u(0.08, 0.25))
    if b.chance(0.35):  # a gantry over the stern
        gate = [(-0.42, 0.6 * y0, 0.35 * lines.beam), (-0.42, y0 + 0.18, 0.3 * lines.beam)]
        ends = [gate[1], (-0.42, y0 + 0.18, -0.3 * lines.beam)]
        b.add("gantry", b.trim, [*mirrored([rod(*gate, 0.013)]), rod(*ends, 0.013)])
    if b.chance(0.25):  # long outriggers
        y, z = y0 + b.u(0.15, 0.35), b.u(0.3, 0.5)
        b.add("outriggers", b.metal, mirrored([rod((x, y0 + 0.03, 0), (x - 0.05, y, z), 0.009)]))
    if b.chance(0.4):
        w = 0.25 * lines.beam
        b.add("hatch", b.wood, [slab((x - 0.15, 0.6 * y0, -w), (x - 0.04, y0 + 0.03, w))])


BUILDERS = {
    "barge": _barge,
    "tugboat": _tugboat,
    "fishing trawler": _fishing_trawler,
}
