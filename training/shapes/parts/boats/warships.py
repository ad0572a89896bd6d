"""Ships of the navy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from training.shapes.materials import COLORS, Material
from training.shapes.operators import mirrored, moved
from training.shapes.parts.boats.rigging import deckhouse, turret
from training.shapes.parts.boats.shipyard import Boat
from training.shapes.solids import box, frustum, lathe, prism, rod, slab

NAVY_GREY = Material("grey", (0.42, 0.45, 0.48), 0.3)


def _navy(b: Boat) -> None:
    grey = NAVY_GREY if b.chance(0.75) else b.paint
    b.paint = b.house_paint = b.trim = b.metal = grey
    b.closed_hull(grey)


def _lattice(b: Boat, x: float, low: float, high: float, size: float) -> None:
    """A tapering mast with a crossbar."""
    b.add(
        "masts",
        b.metal,
        [
            frustum((x, low, 0), (x, high, 0), size, 0.008),
            rod(
                (x, low + 0.75 * (high - low), -3 * size),
                (x, low + 0.75 * (high - low), 3 * size),
                0.007,
            ),
        ],
    )
    b.facts["num_masts"] += 1


def _destroyer(b: Boat) -> None:
    lines = b.lines
    _navy(b)
    start, stop, y0 = -b.u(0.15, 0.36), b.u(0.08, 0.2), lines.depth
    low = y0 + b.u(0.015, 0.04)
    b.add(
        "deckhouse",
        b.house_paint,
        [deckhouse(lines, start, stop, b.u(0.75, 1.0), b.base(start, stop), low, (0, 0.01))],
    )
    b.lines = replace(lines, depth=low)
    y, (back, _) = b.houses(
        stop - b.u(0.12, 0.2),
        stop - 0.01,
        b.u(0.6, 0.9),
        b.n(1, 3),
        b.u(0.022, 0.04),
        (0.01, 0.01),
        (0.0, b.u(0, 0.02)),
    )
    b.lines, b.facts["num_decks"] = lines, b.facts["num_decks"] + 1
    _lattice(b, back + 0.01, low - 0.02, y + b.u(0.03, 0.14), b.u(0.01, 0.02))
    if b.chance(0.5):
        _lattice(b, b.u(start + 0.03, -0.08), low - 0.02, low + b.u(0.08, 0.18), 0.012)
    b.chimneys(
        b.n(1, 3),
        b.u(-0.02, 0.04),
        b.u(0.08, 0.12),
        low,
        b.u(0.025, 0.07),
        b.u(0.014, 0.025),
        b.u(0, 0.3),
    )
    size = 0.3 * lines.beam
    guns = (
        [(b.u(0.24, 0.33), False)]
        + [(0.24 - 1.5 * size, False)] * b.chance(0.2)
        + [(start - b.u(0.04, 0.1), True)] * b.chance(0.35)
    )
    for x, aft in guns:
        b.add(
            "gun turrets",
            b.trim,
            turret(
                x,
                max(low if x > -0.2 and x < stop else 0, lines.deck(x)),
                size,
                b.n(1, 2),
                b.u(0.04, 0.09),
                b.u(0, 10),
                aft,
            ),
        )
    b.facts["num_turrets"] = len(guns)
    if b.chance(0.5):  # a hangar
        b.add(
            "deckhouse",
            b.house_paint,
            [
                deckhouse(
                    lines, start, start + b.u(0.08, 0.14), 0.8, low - 0.02, low + b.u(0.02, 0.045)
                )
            ],
        )


def _battleship(b: Boat) -> None:
    lines = b.lines
    _navy(b)
    y0, size = lines.depth, b.u(0.42, 0.6) * lines.beam
    low = y0 + b.u(0.01, 0.03)
    start, stop = -b.u(0.15, 0.24), b.u(0.06, 0.14)
    y, (back, front) = b.houses(
        start, stop, b.u(0.6, 0.9), b.n(1, 2), b.u(0.02, 0.035), (0.01, 0.01)
    )
    tower, w = y + b.u(0.05, 0.16), 0.22 * lines.beam
    at = front - b.u(0.03, 0.06)
    b.add(
        "tower",
        b.house_paint,
        [
            slab((at - 0.04, 0.8 * y, -w), (at + 0.01, tower, w)),
            slab(
                (at - 0.055, 0.7 * y + 0.3 * tower, -1.3 * w),
                (at + 0.02, 0.65 * y + 0.35 * tower, 1.3 * w),
            ),
        ],
    )
    _lattice(b, at - 0.02, tower - 0.02, tower + b.u(0.03, 0.1), 0.012)
    if b.chance(0.6):
        _lattice(b, back + 0.03, y - 0.02, y + b.u(0.06, 0.16), 0.014)
    count = b.n(1, 3)
    b.chimneys(count, at - 0.09, 0.07, y, b.u(0.03, 0.09), b.u(0.018, 0.03), b.u(0, 0.3))
    spots = [
        (stop + 0.75 * size, False, 0.5),
        (stop + 2.3 * size, False, 0.0),
        (start - 0.75 * size, True, 0.5 * b.chance(0.6)),
        (start - 2.3 * size, True, 0.0),
    ]
    for x, aft, raised in spots[: b.rng.integers(3, 5)]:
        y = max(low, lines.deck(x)) + raised * size
        if abs(x) < 0.42:
            b.add(
                "gun turrets",
                b.trim,
                turret(x, y, size, b.n(2, 3), b.u(0.05, 0.1), b.u(0, 12), aft),
            )
            if raised:
                b.add(
                    "deckhouse", b.house_paint, [frustum((x, 0.6 * y0, 0), (x, y, 0), 0.45 * size)]
                )
            b.facts["num_turrets"] += 1


def _aircraft_carrier(b: Boat) -> None:
    lines = b.lines
    _navy(b)
    y, half, over = lines.depth, lines.beam / 2, b.u(1.3, 2.1)
    w, top = over * half, lines.deck(0.5) + b.u(0.015, 0.03)
    bow, slant = b.u(0.4, 0.9) * w, b.u(0.0, 0.5) * half
    deck = [(0.5, -bow), (0.5, bow), (0.3, bow + 0.2 * half), (0.1, w), (-0.42, w), (-0.5, 0.7 * w)]
    deck += [(-0.5, -0.7 * w), (-0.35, -w), (0.0, -w - slant), (0.2, -w)]
    b.add(
        "flight deck",
        Material("grey", (0.25, 0.26, 0.28), 0.1),
        [prism("y", deck, top - 0.022, top)],
    )
    flare = [deckhouse(lines, -0.47, 0.44, 1.0, 0.8 * y, top - 0.01, (-0.02, -0.02))]
    b.add("hangar", b.house_paint, flare)
    x, length, h = b.u(-0.2, 0.1), b.u(0.08, 0.2), b.u(0.04, 0.09)
    b.add(
        "island",
        b.house_paint,
        [
            slab((x, top - 0.02, 0.68 * w), (x + length, top + h, 0.95 * w)),
            slab((x + 0.02, top + h - 0.01, 0.7 * w), (x + 0.6 * length, top + 1.5 * h, 0.9 * w)),
        ],
    )
    b.add(
        "masts",
        b.metal,
        [
            rod(
                (x + 0.3 * length, top, 0.8 * w),
                (x + 0.3 * length, top + 1.5 * h + b.u(0.02, 0.08), 0.8 * w),
                0.009,
            )
        ],
    )
    b.facts |= {"num_masts": 1, "num_decks": 1}
    for _ in range(b.rng.integers(0, 9)):  # parked aircraft
        at, side = b.u(-0.4, 0.4), b.u(-0.7, 0.2) * w
        size = 0.03
        b.add(
            "aircraft",
            b.pick(b.metal, b.trim),
            [
                rod((at - size, top + 0.008, side), (at + size, top + 0.008, side), 0.009),
                box((at, top + 0.01, side), (0.025, 0.01, 2 * size)),
            ],
        )


def _submarine(b: Boat) -> None:
    r = b.lines.depth / 2
    tail, nose = b.u(0.2, 0.4), b.u(0.08, 0.2)
    t = np.linspace(0, 1, 5)
    stern = np.stack(
        [r * (0.12 + 0.88 * np.sin(t * np.pi / 2) ** b.u(0.8, 1.2)), -0.5 + tail * t], 1
    )
    bow = np.stack([r * np.sqrt(np.maximum(1 - t**2, 0.0004)), 0.5 - nose * (1 - t)], 1)
    dark = b.pick(Material("black", COLORS["black"], 0.3), NAVY_GREY, b.paint)
    b.add("hull", dark, [lathe(np.concatenate([stern, bow]), (0, r, 0), (1, 0, 0))])
    old = b.chance(0.35)
    x, length, h, w = b.u(0.02, 0.24), b.u(0.07, 0.18), b.u(0.04, 0.1) + 0.01, b.u(0.3, 0.6) * r
    half = np.array(
        [
            (length / 2, 0.2),
            (0.35 * length, 0.8),
            (0.1 * length, 1.0),
            (-0.2 * length, 0.8),
            (-length / 2, 0.12),
        ]
    )
    foot = np.concatenate([half, (half * [1, -1])[::-1]]) * [1, w] + [x, 0]
    b.add("conning tower", dark, [prism("y", foot, 1.5 * r, 2 * r + h, scale=(1, b.u(0.8, 1)))])
    if old:  # a flat deck and a gun
        b.add("deck", dark, [slab((-0.42, r, -0.4 * r), (0.47, 2 * r + 0.012, 0.4 * r))])
        if b.chance(0.7):
            b.add(
                "gun",
                dark,
                [
                    rod((x + 0.12, 1.5 * r, 0), (x + 0.12, 2 * r + 0.03, 0), 0.012),
                    rod((x + 0.1, 2 * r + 0.03, 0), (x + 0.19, 2 * r + 0.035, 0), 0.008),
                ],
            )
    if b.chance(0.75):
        b.mast(x, 2 * r, 2 * r + h + b.u(0.03, 0.1), 0.009)
    if b.chance(0.6):  # planes on the tower or the bow
        y, at = (2 * r + 0.6 * h, x) if b.chance(0.5) else (1.2 * r, 0.36)
        b.add("planes", dark, [box((at, y, 0), (0.05, 0.014, b.u(2.4, 4.0) * r))])
    span, chord = b.u(0.9, 1.6) * r, b.u(0.04, 0.09)
    fin = [(-0.49 + chord, 0.0), (-0.49, 0.0), (-0.49, span), (-0.49 + 0.5 * chord, span)]
    blades = [prism("y", np.array(fin), -0.007, 0.007), prism("z", np.array(fin), -0.007, 0.007)]
    b.add("fins", dark, moved(mirrored([blades[0]]) + mirrored([blades[1]], "y"), (0, r, 0)))
    b.add("propeller", b.metal, [frustum((-0.51, r, 0), (-0.49, r, 0), b.u(0.3, 0.6) * r)])
    b.facts |= {"bow_rake": 0.0, "bow_rise": 0.0}


BUILDERS = {
    "destroyer": _destroyer,
    "battleship": _battleship,
    "aircraft carrier": _aircraft_carrier,
    "submarine": _submarine,
}
