"""Ships under sail: square-riggers and junks."""

from __future__ import annotations

import numpy as np

from training.shapes.operators import mirrored, moved, turned
from training.shapes.parts.boats.rigging import deckhouse, fore_and_aft, jib, square_sails, stays
from training.shapes.parts.boats.shipyard import Boat
from training.shapes.solids import rod


def _sailing_ship(b: Boat) -> None:
    """Two to four masts with square sails, set or furled, and jibs over a bowsprit."""
    lines = b.lines
    b.closed_hull(b.pick(b.wood, b.wood, b.paint))
    for start, stop, p in ((-0.5, b.u(-0.35, -0.15), 0.6), (b.u(0.2, 0.35), 0.46, 0.4)):
        if b.chance(p):  # a raised poop or forecastle
            top = max(lines.deck(start), lines.deck(stop)) + b.u(0.02, 0.07)
            b.add("castles", b.wood, [deckhouse(lines, start, stop, 1.0, b.base(start, stop), top)])
    spar = b.u(0.08, 0.28)
    nose = np.array([0.44, lines.deck(0.46) - 0.03, 0])
    tip = nose + spar * np.array([1.0, b.u(0.2, 0.6), 0]) + [0.05, 0, 0]
    b.add("bowsprit", b.wood, [rod(nose, tip, 0.014, 0.01)])
    b.facts["has_bowsprit"] = True
    count = int(b.rng.choice([1, 2, 3, 4], p=[0.07, 0.2, 0.63, 0.1]))
    top, furled, thick = b.u(0.5, 1.05), b.chance(0.4), 0.017
    spots = (
        np.linspace(b.u(0.16, 0.28), -b.u(0.25, 0.38), count) if count > 1 else [b.u(-0.1, 0.05)]
    )
    width, first = b.u(0.25, 0.6) * min(1.0, top + 0.2), None
    for k, x in enumerate(spots):
        high = lines.deck(x) + top * (1.0 if 0 < k < count - 1 or count < 3 else b.u(0.75, 1.0))
        b.mast(x, 0.03, high, 0.012, sails=True)
        first = first or high
        base, mizzen = lines.deck(x) + b.u(0.06, 0.14), k and k == count - 1 and b.chance(0.4)
        if mizzen:  # the last mast often carries a fore-and-aft sail
            boom = b.u(0.15, 0.25)
            b.add("yards", b.wood, [rod((x, base, 0), (x - boom, base, 0), 0.009)])
            if not furled:
                b.sails(
                    [
                        fore_and_aft(
                            x,
                            0.95 * boom,
                            b.u(0.05, 0.8) * boom,
                            base,
                            0.5 * base + 0.5 * high,
                            b.u(-0.08, 0.08),
                            thick,
                        )
                    ]
                )
            continue
        yards, sails = square_sails(
            x, base + 0.03, 0.95 * high, width, b.n(2, 4), b.u(0.04, 0.15), thick, furled
        )
        b.add("yards", b.wood, yards)
        if furled:
            b.add("furled sails", b.canvas, sails)
            b.facts["has_furled_sails"] = True
        else:
            b.sails(sails)
    if not furled and b.chance(0.8):
        ends = np.linspace(tip, nose + np.array([0.06, 0.04, 0]), b.n(1, 3))
        b.sails(
            [
                jib(
                    e[0] - 0.01,
                    spots[0],
                    e[1] - 0.01,
                    first * b.u(0.6, 0.9),
                    b.u(0.2, 0.7),
                    0.06,
                    thick,
                )
                for e in ends
            ]
        )
    if b.chance(0.6):
        b.add("rigging", b.wood, stays([((spots[0], 0.95 * first, 0), tip)], 0.013))
    if b.chance(0.4):
        shrouds = [
            ((x, 0.6 * top, 0), (x, lines.deck(x) - 0.02, 0.47 * lines.breadth(x))) for x in spots
        ]
        b.add("rigging", b.wood, mirrored(stays(shrouds, 0.013)))


def _junk(b: Boat) -> None:
    """Battened lug sails on two or three masts."""
    lines = b.lines
    b.closed_hull(b.wood)
    b.add(
        "castle",
        b.wood,
        [
            deckhouse(
                lines,
                -0.49,
                b.u(-0.3, -0.15),
                0.95,
                lines.depth - 0.02,
                lines.deck(-0.5) + b.u(0.02, 0.08),
            )
        ],
    )
    count = b.n(2, 3)
    top, furled = b.u(0.55, 1.0), b.chance(0.15)
    for k, x in enumerate(np.linspace(b.u(0.25, 0.36), -b.u(0.25, 0.36), count)):
        high = lines.deck(x) + top * (1.0 if k == 1 else b.u(0.55, 0.8))
        b.mast(x, 0.03, high, 0.012, sails=True)
        low, foot = lines.deck(x) + b.u(0.05, 0.1), b.u(0.2, 0.34) * (1.0 if k == 1 else 0.7)
        swing, ahead = b.u(-30, 30), b.u(0.1, 0.3) * foot
        battens = b.n(3, 5)
        if furled:
            roll = rod((x + ahead, low, 0), (x + ahead - foot, low, 0), 0.018)
            b.add("furled sails", b.canvas, turned([roll], "y", swing, (x, 0, 0)))
            b.facts["has_furled_sails"] = True
            continue
        head = foot * b.u(0.5, 0.9)
        sail = moved(
            [fore_and_aft(x, foot, head, low, 0.93 * high, b.u(-0.05, 0.05), 0.017)], (ahead, 0, 0)
        )
        b.sails(turned(sail, "y", swing, (x, 0, 0)))
        spars = []
        for t in np.linspace(0, 1, battens):
            length, y = foot + t * (head - foot), low + t * (0.93 * high - low)
            spars.append(rod((x + ahead, y, 0), (x + ahead - length, y, 0), 0.011))
        b.add("battens", b.wood, turned(spars, "y", swing, (x, 0, 0)))


BUILDERS = {
    "sailing ship": _sailing_ship,
    "junk": _junk,
}
