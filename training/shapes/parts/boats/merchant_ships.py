"""Ships that carry passengers or cargo."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import COLORS, Material, paint
from training.shapes.operators import mirrored
from training.shapes.parts.boats.rigging import crane, deckhouse
from training.shapes.parts.boats.shipyard import Boat
from training.shapes.solids import ellipsoid, frustum, slab


def _cruise_ship(b: Boat) -> None:
    lines = b.lines
    b.closed_hull()
    stop = b.u(0.2, 0.36)
    liner = b.chance(0.4)
    shrink = (b.u(0.01, 0.05), b.u(0.005, 0.05))
    y, (back, front) = b.houses(
        -b.u(0.4, 0.49),
        stop,
        b.u(0.85, 1.0),
        b.n(2, 6),
        b.u(0.018, 0.035),
        shrink,
        (0.0, b.u(0, 0.02)),
    )
    count = b.n(2, 4) if liner else b.n(1, 2)
    gap = min(b.u(0.1, 0.17), 0.8 * (front - back) / count)
    x = (back + front) / 2 + gap * (count - 1) / 2 + (0.0 if liner else -0.2 * (front - back))
    b.chimneys(count, x, gap, y, b.u(0.04, 0.1), b.u(0.018, 0.032), b.u(0, 0.4))
    if b.chance(0.6):
        b.mast(front - 0.04, y - 0.03, y + b.u(0.04, 0.12))
    if liner:
        b.mast(0.38, 0.02, y + b.u(0.0, 0.1))
        if b.chance(0.6):
            b.mast(-0.45, 0.02, y + b.u(0.0, 0.08))
    boats = [
        ellipsoid((x, lines.depth + 0.025, 0.48 * lines.beam), (0.022, 0.012, 0.012))
        for x in np.arange(-0.3, 0.15, 0.07)
    ]
    if b.chance(0.5):
        b.add("lifeboats", b.trim, mirrored(boats))


def _ferry(b: Boat) -> None:
    b.closed_hull()
    start, stop = -b.u(0.36, 0.49), b.u(0.2, 0.42)
    y, (back, front) = b.houses(
        start,
        stop,
        b.u(0.85, 1.0),
        b.n(1, 3),
        b.u(0.04, 0.07),
        (b.u(0, 0.06), b.u(0, 0.08)),
        (0, b.u(0, 0.05)),
    )
    at = back + (front - back) * b.u(0.5, 0.9)
    if b.chance(0.7):  # a wheelhouse
        w = b.u(0.3, 0.8) * b.lines.beam
        b.add(
            "wheelhouse",
            b.house_paint,
            [slab((at - 0.07, y - 0.02, -w / 2), (at, y + b.u(0.03, 0.06), w / 2))],
        )
    if b.chance(0.7):
        b.chimneys(
            b.n(1, 2),
            back + 0.3 * (front - back),
            0.12,
            y,
            b.u(0.03, 0.1),
            b.u(0.02, 0.035),
            b.u(0, 0.3),
        )
    if b.chance(0.5):
        b.mast(at - 0.03, y - 0.02, y + b.u(0.08, 0.16))


def _paddle_steamer(b: Boat) -> None:
    lines = b.lines
    b.closed_hull()
    y, (_, front) = b.houses(
        -0.4, b.u(0.2, 0.36), b.u(0.9, 1.0), b.n(1, 3), b.u(0.05, 0.08), (0.02, b.u(0.01, 0.06))
    )
    w, at = 0.35 * lines.beam, front - b.u(0.05, 0.15)
    b.add(
        "wheelhouse",
        b.house_paint,
        [slab((at - 0.09, y - 0.02, -w / 2), (at, y + b.u(0.05, 0.09), w / 2))],
    )
    r, z = b.u(0.012, 0.022), b.u(0.15, 0.3) * lines.beam
    height = y + b.u(0.1, 0.24)
    twin = b.chance(0.6)
    stack = frustum(
        (at - 0.14, 0.6 * y, z if twin else 0), (at - 0.14, height, z if twin else 0), r
    )
    b.add("funnels", b.trim, mirrored([stack]) if twin else [stack])
    b.facts["num_funnels"] = 2 if twin else 1
    wheel, trim = b.u(0.08, 0.13), Material("red", COLORS["red"], 0.3)
    if b.chance(0.6):  # at the stern
        at, half = np.array([-0.5, wheel + 0.01, 0]), 0.4 * lines.beam
        b.add("paddle wheel", trim, [frustum(*(at + np.outer([-half, half], [0, 0, 1])), wheel)])
        b.add(
            "frame",
            b.wood,
            mirrored([slab((-0.5, wheel - 0.01, half), (-0.35, wheel + 0.03, half + 0.02))]),
        )
    else:  # at the sides, in boxes
        at = np.array([b.u(-0.1, 0.05), 0.8 * wheel, lines.beam / 2 - 0.01])
        b.add(
            "paddle boxes",
            trim,
            mirrored([frustum(at, at + np.array([0, 0, b.u(0.05, 0.08)]), wheel)]),
        )


def _stern_house(b: Boat, at: float) -> tuple[float, float]:
    """A tower of cabins at the stern with its funnel; returns its height and front."""
    length = b.u(0.06, 0.13)
    y, (back, front) = b.houses(
        at, at + length, b.u(0.7, 1.0), b.n(2, 4), b.u(0.025, 0.045), (0.005, 0.005), (0, 0.005)
    )
    if b.chance(0.5):  # wings of the bridge
        w = b.lines.beam / 2
        b.add(
            "deckhouse", b.house_paint, [slab((front - 0.03, y - 0.03, -w), (front, y - 0.008, w))]
        )
    b.chimneys(
        1, back - b.u(-0.02, 0.02), 0, 0.9 * y, b.u(0.0, 0.04), b.u(0.015, 0.03), b.u(0, 0.2)
    )
    if b.chance(0.6):
        b.mast((back + front) / 2, y - 0.03, y + b.u(0.03, 0.09))
    return y, at + length


def _container_ship(b: Boat) -> None:
    lines = b.lines
    b.closed_hull()
    aft = b.u(-0.46, -0.3) if b.chance(0.8) else b.u(-0.15, 0.15)
    _, front = _stern_house(b, aft)
    y, (row, high) = lines.depth, (b.u(0.045, 0.09), b.u(0.018, 0.03))
    colors = [paint(b.rng, 0.1) for _ in range(3)]
    tiers, stacks = b.n(1, 5), 0
    spots = [
        *np.arange(front + 0.01, b.u(0.32, 0.42) - row, row),
        *np.arange(aft - 0.02 - row, -0.48, -row),
    ]
    for x in spots:
        width = min(0.95 * lines.breadth(x), 0.95 * lines.breadth(x + row))
        columns = int(np.clip(width / b.u(0.03, 0.06), 1, 4))
        low = max(y, lines.deck(x + row)) - 0.03
        for c in range(columns):
            z = width * (c / columns - 0.5)
            top = low + 0.03 + high * max(1, tiers - b.n(0, 2))
            b.add(
                f"containers {b.rng.integers(3)}",
                colors[0],
                [slab((x, low, z), (x + 0.92 * row, top, z + 0.97 * width / columns))],
            )
        stacks += 1
    for part in [p for name, p in b.parts.items() if name.startswith("containers")]:
        part.material, part.name = colors[int(part.name[-1])], "containers"
    b.facts["num_stacks"] = stacks
    if b.chance(0.4):
        b.mast(0.44, 0.5 * y, y + b.u(0.05, 0.1))
    if b.chance(0.25):
        b.add("cranes", b.trim, crane(b.u(-0.1, 0.2), y, b.u(0.12, 0.2), 0.1, 0.02))
        b.facts["num_cranes"] = 1


def _tanker(b: Boat) -> None:
    lines = b.lines
    b.closed_hull()
    _, front = _stern_house(b, b.u(-0.47, -0.38))
    y = lines.depth
    if b.chance(0.25):  # liquid gas in spheres
        count, r = b.n(3, 5), 0.36 * lines.beam
        spots = np.linspace(front + r, 0.34, count)
        b.add("tanks", b.house_paint, [ellipsoid((x, y + 0.2 * r, 0), (r, r, r)) for x in spots])
        return
    b.add(
        "pipes",
        b.trim,
        [
            slab((front - 0.02, y - 0.02, -0.012), (0.38, y + 0.014, 0.012)),
            slab((-0.05, y - 0.02, -0.3 * lines.beam), (-0.02, y + 0.014, 0.3 * lines.beam)),
        ],
    )
    if b.chance(0.5):  # hatches of a bulk carrier
        spots = np.linspace(front + 0.06, 0.3, b.n(4, 8))
        half, w = 0.35 * (spots[1] - spots[0]), 0.32 * lines.beam
        b.add(
            "hatches",
            b.trim,
            [slab((x - half, y - 0.02, -w), (x + half, y + 0.02, w)) for x in spots],
        )
    if b.chance(0.6):
        b.add(
            "forecastle",
            b.paint,
            [deckhouse(lines, 0.38, 0.49, 1.0, y - 0.02, lines.deck(0.45) + 0.02)],
        )
    if b.chance(0.6):
        b.mast(0.42, 0.5 * y, y + b.u(0.06, 0.12))


def _cargo_ship(b: Boat) -> None:
    """A freighter with hatches and derricks, its house aft or amidships."""
    lines = b.lines
    b.closed_hull()
    y, aft = lines.depth, b.chance(0.6)
    at = b.u(-0.46, -0.36) if aft else b.u(-0.15, 0.0)
    _, front = _stern_house(b, at)
    spots = np.linspace(front + 0.1, 0.34, int(b.rng.integers(1, 2 + int((0.34 - front) / 0.13))))
    if not aft:
        spots = np.concatenate([spots, np.linspace(at - 0.1, -0.4, b.n(1, 2))])
    for x in spots:
        b.add("cranes", b.trim, crane(x, y, b.u(0.1, 0.24), b.pick(-1, 1) * b.u(0.04, 0.1), 0.018))
        b.facts["num_cranes"] += 1
        if b.chance(0.7):
            w = 0.3 * lines.beam
            b.add(
                "hatches", b.house_paint, [slab((x - 0.05, y - 0.02, -w), (x + 0.03, y + 0.02, w))]
            )
    if b.chance(0.6):
        b.add(
            "forecastle",
            b.paint,
            [deckhouse(lines, b.u(0.3, 0.4), 0.49, 1.0, y - 0.02, lines.deck(0.45) + 0.02)],
        )


BUILDERS = {
    "cruise ship": _cruise_ship,
    "ferry": _ferry,
    "paddle steamer": _paddle_steamer,
    "container ship": _container_ship,
    "tanker": _tanker,
    "cargo ship": _cargo_ship,
}
