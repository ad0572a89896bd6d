"""Desks: with cabinets, hutches and trays, with a tower of shelves, in the shape of an L."""

from __future__ import annotations

import numpy as np

from training.shapes.operators import mirrored
from training.shapes.parts.tables.table_draft import (
    Draft,
    put_base,
    put_drawers,
    put_top,
)
from training.shapes.solids import prism, slab


def put_cabinet(t: Draft, low: float, z_low: float, z_high: float, depth: float) -> None:
    """A case under the top with drawers or a door, from `z_low` to `z_high`."""
    x = min(depth, 0.97 * t.depth) / 2
    t.add("cabinet", [slab((-x, low, z_low), (x, t.under, z_high), 0.005)])
    if t.chance(0.85):
        rows = int(t.rng.integers(1, 6)) if t.under - low > 0.3 else int(t.rng.integers(1, 3))
        edge = 0.02
        put_drawers(t, x, (low + edge, z_low + edge), (t.under - edge, z_high - edge), rows, 1)


def end_support(t: Draft, side: int, x: float, z: float, leg: float) -> None:
    """What carries one end of a desk, on the side +1 or -1: two legs, a panel or a loop."""
    kind = int(t.rng.integers(3))
    if kind == 0:
        t.add("panel", [slab((-x, 0, side * z), (x, t.under, side * (z - 0.6 * leg)))])
        return
    posts = mirrored([slab((x, 0, side * z), (x - leg, t.under, side * (z - leg)))], "x")
    if kind == 1:
        t.add("legs", posts)
        t.facts["num_legs"] = t.facts.get("num_legs", 0) + 2
    else:
        rail = slab((-x, 0, side * z), (x, 0.6 * leg, side * (z - leg)))
        t.add("frame", [*posts, rail])


def desk(t: Draft) -> None:
    """A top on cabinets at one or both ends, or on a base; a panel at the back, a hutch."""
    put_top(t)
    leg = t.rng.uniform(0.03, 0.08)
    inset = t.rng.uniform(0.0, 0.06) if t.chance(0.7) else 0.0
    x, z = t.depth / 2 - inset / 2, t.width / 2 - inset
    wide = t.width * t.rng.uniform(0.2, 0.36)
    low = float(t.rng.choice([0.0, 0.03, 0.1, 0.25, 0.45]) * t.under)
    depth = t.depth * t.rng.uniform(0.75, 1.0)
    layout = int(t.rng.choice(4, p=[0.3, 0.3, 0.25, 0.15]))
    if layout == 0:  # a cabinet on one side
        side = int(t.rng.choice([-1, 1]))
        put_cabinet(t, low, *sorted([side * z, side * (z - wide)]), depth)
        end_support(t, -side, x, z, leg)
        if low > 0:
            end_support(t, side, x, z, leg)
    elif layout == 1:  # on both sides
        put_cabinet(t, low, z - wide, z, depth)
        put_cabinet(t, low, -z, -z + wide * (1 if t.chance(0.8) else 0.6), depth)
        if low > 0:
            for side in (-1, 1):
                end_support(t, side, x, z, leg)
    elif layout == 2:
        bases = ["legs", "panels", "panels", "frames", "t-frames", "trestles", "crossed"]
        put_base(t, str(t.rng.choice(bases)), x - leg / 2, z - leg / 2, leg)
        if t.chance(0.4):
            put_tray(t, z)
    else:  # a row of drawers below the top, on legs
        drop = t.rng.uniform(0.1, 0.22)
        t.add("case", [slab((-x, t.under - drop, -z), (x, t.under, z))])
        put_drawers(t, x, (t.under - drop, -z), (t.under, z), 1, int(t.rng.integers(1, 4)))
        put_base(t, "legs", x - leg / 2, z - leg / 2, leg)
    if t.chance(0.45):
        put_back(t, x, z)
    if t.chance(0.2):
        put_hutch(t)


def put_back(t: Draft, x: float, z: float) -> None:
    """A modesty panel: full height or hanging from the top, at the back or further in."""
    low = 0.0 if t.chance(0.3) else t.under * t.rng.uniform(0.2, 0.75)
    at = -x * (1.0 if t.chance(0.5) else t.rng.uniform(0.3, 0.9))
    t.add("modesty panel", [slab((at, low, -z), (at + 0.02, t.under, z))])
    t.facts["has_modesty_panel"] = True


def put_tray(t: Draft, z: float) -> None:
    """A tray for the keyboard, hung below the front edge."""
    wide, y = z * t.rng.uniform(0.4, 0.8), t.under - 0.09
    x = t.depth / 2
    hangers = mirrored([slab((0, y, wide), (0.3 * x, t.under, wide - 0.025))])
    t.add("tray", [slab((0, y, -wide), (x * 1.1, y + 0.02, wide)), *hangers])
    t.facts["has_tray"] = True


def put_hutch(t: Draft) -> None:
    """Shelves above the back of the top: the whole width, or a tower at one side."""
    tall = t.height * t.rng.uniform(0.2, 1.1)
    deep = t.depth * t.rng.uniform(0.3, 0.6)
    z = t.width / 2 * np.array([-1, 1.0]) * (1 if t.chance(0.4) else t.rng.uniform(0.8, 1.0))
    if t.chance(0.25):
        z[int(t.rng.integers(2))] *= -t.rng.uniform(0.1, 0.6)
    back, front, board = -t.depth / 2, -t.depth / 2 + deep, 0.02
    sides = [
        slab((back, t.height, e), (front, t.height + tall, e - np.sign(e - z.mean()) * board))
        for e in z
    ]
    levels = max(1, round(tall / t.rng.uniform(0.22, 0.6)))
    shelves = [
        slab(
            (back, t.height + tall * k / levels - board, z[0]),
            (front, t.height + tall * k / levels, z[1]),
        )
        for k in range(1, levels + 1)
    ]
    cover = [slab((back, t.height, z[0]), (back + board, t.height + tall, z[1]))]
    t.add("hutch", sides + shelves + (cover if t.chance(0.7) else []))
    t.facts["has_hutch"] = True


def computer_desk(t: Draft) -> None:
    """Side panels, a tray, a tower of shelves at one side, a shelf for the screen."""
    put_top(t)
    x, z, side = t.depth / 2, t.width / 2, int(t.rng.choice([-1, 1]))
    board = t.rng.uniform(0.018, 0.03)
    ends = mirrored([slab((-x, 0, z), (x, t.under, z - board))])
    inner = side * z * t.rng.uniform(0.2, 0.55)
    ends.append(slab((-x, 0, inner), (0.9 * x, t.under, inner - side * board)))
    t.add("panels", ends)
    t.facts["on_panels"] = True
    floor = t.rng.uniform(0.03, 0.2) * t.under
    levels = int(t.rng.integers(1, 4))
    boards = [
        slab((-x, y, inner), (0.9 * x, y + board, side * z))
        for y in floor + (t.under - floor) * np.arange(levels) / levels
    ]
    t.add("shelves", boards)
    put_tray(t, z * 0.7 if abs(inner) > 0.3 * z else z * 0.4)
    if t.chance(0.5):
        put_back(t, x, z)
    if t.chance(0.75):
        put_hutch(t)


def corner_desk(t: Draft) -> None:
    """A top in the shape of an L: the second arm reaches towards the sitter."""
    side = int(t.rng.choice([-1, 1]))
    t.outline = "L"
    arm, deep = t.width * t.rng.uniform(0.5, 1.0), t.depth * t.rng.uniform(0.7, 1.0)
    x, z = t.depth / 2, t.width / 2
    reach = x + max(arm - t.depth, 0.3)
    inner = side * (z - deep)
    shape = [(-x, -side * z), (-x, side * z), (reach, side * z), (reach, inner)]
    cut = min(0.25, reach - x, 2 * z - deep) * t.rng.uniform(0.1, 1.0) * t.chance(0.5)
    shape += [(x + cut, inner), (x, inner - side * cut), (x, -side * z)]
    t.add("top", [prism("y", shape, t.under, t.height)], t.top)
    t.facts["depth_to_width"] = (reach + x) / t.width
    leg = t.rng.uniform(0.03, 0.08)
    wide = min(0.45, 0.8 * deep)
    if t.chance(0.6):
        end = [slab((reach - leg / 2, 0, side * z), (reach, t.under, inner))]
        end.append(slab((-x, 0, -side * z), (x, t.under, -side * (z - leg / 2))))
        end.append(slab((-x, 0, side * z), (-x + 0.3, t.under, side * (z - leg / 2))))
        t.add("panels", end)
    else:
        spots = [(-x, -side * z), (x, -side * z), (-x, side * z), (reach, side * z), (reach, inner)]
        inward = np.sign([(reach - x) / 2, side * (z - deep / 2)] - np.array(spots)) * leg
        legs = [
            slab((a, 0, c), (a + p, t.under, c + q))
            for (a, c), (p, q) in zip(spots, inward, strict=True)
        ]
        t.add("legs", legs)
        t.facts["num_legs"] = len(legs)
    if t.chance(0.5):
        put_cabinet(t, 0.0, *sorted([-side * z, -side * (z - wide)]), t.depth)
        if t.facts.get("num_legs"):
            t.facts["num_legs"] = 3  # the other two are hidden in the cabinet
    if t.chance(0.5):
        put_back(t, x, z)
    if t.chance(0.2):
        put_hutch(t)
