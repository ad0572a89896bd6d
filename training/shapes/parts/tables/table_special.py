"""Tables for one purpose: picnics, crafts, drawing, games; nested, covered, with leaves."""

from __future__ import annotations

import numpy as np

from training.shapes import materials
from training.shapes.operators import mirrored, moved, turned
from training.shapes.outlines import ellipse, rectangle
from training.shapes.part import Part
from training.shapes.parts.furniture import four
from training.shapes.parts.tables.table_desks import put_cabinet, put_hutch
from training.shapes.parts.tables.table_draft import (
    Draft,
    put_apron,
    put_base,
    put_shelves,
    put_top,
    standing_room,
)
from training.shapes.solids import box, ellipsoid, frustum, loft, rod, slab


def picnic_table(t: Draft) -> None:
    """Planks on two A-shaped frames that also carry a bench on each side."""
    put_top(t)
    seat, out = t.height * t.rng.uniform(0.5, 0.65), t.depth / 2 * t.rng.uniform(1.6, 2.2)
    broad, z = t.rng.uniform(0.2, 0.32), t.width / 2 * t.rng.uniform(0.55, 0.85)
    r = t.rng.uniform(0.03, 0.05)
    foot = t.rng.uniform(0.5, 0.95) * out
    frame = mirrored([rod((0.3 * t.depth, t.under - r, z), (foot, r, z), r)], "x")
    frame.append(box((0, seat - t.thick - r, z), (2 * out, 2 * r, 1.5 * r)))
    t.add("frame", mirrored(frame))
    plank = box((out, seat - t.thick / 2, 0), (broad, t.thick, t.width))
    t.add("benches", mirrored([plank], "x"), t.top)
    t.facts["has_benches"] = True


def workbench(t: Draft) -> None:
    """Stout legs, a low shelf, drawers, a vice, a panel for tools at the back."""
    t.thick = max(t.thick, 0.04)
    put_top(t)
    leg = t.rng.uniform(0.06, 0.12)
    x, z = standing_room(t, leg)
    base = put_base(t, t.any_base(), x, z, leg)
    if t.chance(0.7) and base.splay == 1.0:
        put_shelves(t, base, x, z, leg)
    if t.chance(0.5):
        put_cabinet(t, t.under * t.rng.uniform(0.1, 0.7), z - 0.45 * t.width, z, 1.8 * x)
    if t.chance(0.4):
        end = t.rng.uniform(0.5, 0.9) * t.width / 2
        jaw = box((t.depth / 2 + 0.05, t.height - 0.07, end - 0.1), (0.1, 0.14, 0.2))
        t.add("vice", [jaw], materials.metal(t.rng))
    if t.chance(0.5):
        put_hutch(t)


def drafting_table(t: Draft) -> None:
    """A board that rises towards the back, on any frame."""
    tilt = t.rng.uniform(5, 40)
    t.thick = min(t.thick, 0.04)
    put_top(t)
    x, z = standing_room(t, 0.05)
    x, slope = 0.5 * x, np.tan(np.deg2rad(tilt))
    high = max(t.under - x * slope - 0.02, 0.5 * t.under)  # clear of the front edge
    put_base(t, t.any_base(), x, z, 0.06, high)
    board = t.parts[0]
    t.parts[0] = Part("board", t.top, turned(board.solids, "z", -tilt, (0, t.under, 0)))
    side = z - 0.03
    rails = mirrored([slab((-x, high - 0.05, side - 0.03), (x, high, z))])
    rails.append(slab((-0.03, high - 0.05, -z), (0.03, high, z)))
    stays = mirrored([rod((0, high, side), (0, t.under, side), 0.02)])
    stays += mirrored([rod((-x, high, side), (-x, t.under + x * slope, side), 0.02)])
    axle = rod((0, t.under, -side), (0, t.under, side), 0.02)
    t.add("hinge", [*rails, *stays, axle], materials.metal(t.rng))
    t.facts |= {"tilt": tilt}


def pool_table(t: Draft) -> None:
    """A deep bed with a raised cushion all around and six pockets."""
    x, z, rim, bed = t.depth / 2, t.width / 2, t.rng.uniform(0.07, 0.14), t.rng.uniform(0.08, 0.3)
    t.thick = bed
    cloth = materials.Material("green fabric", (0.05, 0.35, 0.15), 0.05, "weave")
    t.top = t.frame
    t.add(
        "top",
        [slab((-x, t.under, -z), (x, t.height, z), 0.02)],
        carves=[slab((rim - x, t.height - 0.04, rim - z), (x - rim, t.height + 1, z - rim))],
    )
    t.add(
        "cloth",
        [slab((rim - x, t.height - 0.06, rim - z), (x - rim, t.height - 0.035, z - rim))],
        cloth,
    )
    spots = [(x - rim / 2, s * (z - rim / 2)) for s in (-1, 0, 1)]
    holes = mirrored(
        [frustum((a, t.height - 0.08, c), (a, t.height + 0.003, c), 0.055) for a, c in spots], "x"
    )
    t.add("pockets", holes, materials.RUBBER)
    if t.chance(0.4):
        balls = [
            ellipsoid((a, t.height - 0.01, c), (0.03, 0.03, 0.03))
            for a, c in t.rng.uniform(-0.7, 0.7, (int(t.rng.integers(1, 10)), 2)) * [x, z]
        ]
        t.add("balls", balls, materials.paint(t.rng))
    leg = t.rng.uniform(0.1, 0.2)
    put_base(t, t.any_base(), x * 0.95 - leg / 2, z * 0.93 - leg / 2, leg)


def ping_pong_table(t: Draft) -> None:
    """Two thin halves and a net between them."""
    t.thick = t.rng.uniform(0.02, 0.06)
    put_top(t)
    net = t.rng.uniform(0.12, 0.2)
    wide = t.depth / 2 + t.rng.uniform(0, 0.15)
    t.add("net", [slab((-wide, t.height - 0.02, -0.012), (wide, t.height + net, 0.012))])
    t.facts["has_net"] = True
    x, z = standing_room(t, 0.08)
    put_base(t, t.any_base(), x, z * t.rng.uniform(0.6, 1.0), 0.09)
    if t.chance(0.4):
        put_apron(t, x, z, 0.04)


def table_football(t: Draft) -> None:
    """A trough crossed by rods that stick out on both sides."""
    t.thick = t.rng.uniform(0.2, 0.35)
    x, z, wall = t.depth / 2, t.width / 2, 0.04
    t.top = t.frame
    hollow = slab((wall - x, t.height - 0.12, wall - z), (x - wall, t.height + 1, z - wall))
    t.add("top", [slab((-x, t.under, -z), (x, t.height, z), 0.01)], carves=[hollow])
    count = int(t.rng.choice([4, 6, 8]))
    places = (np.arange(count) + 0.5) / count * 2 * z - z
    y = t.height - t.rng.uniform(0.02, 0.05)
    shifts = t.rng.uniform(-0.1, 0.1, count)
    bars = [
        rod((-1.35 * x + s, y, c), (1.35 * x + s, y, c), 0.012)
        for c, s in zip(places, shifts, strict=True)
    ]
    t.add("rods", bars, materials.CHROME)
    players = [
        box((a, y - 0.04, c), (0.03, 0.1, 0.03)) for c in places for a in (-0.4 * x, 0.0, 0.4 * x)
    ]
    t.add("players", players, materials.paint(t.rng))
    leg = t.rng.uniform(0.06, 0.12)
    put_base(t, t.any_base(), x - leg / 2, z - leg / 2, leg)


def nest(t: Draft) -> None:
    """Two or three tables, each just fitting below the next, drawn out a little towards +x."""
    count, board = int(t.rng.integers(2, 4)), t.thick * 0.6 + 0.012
    style, slide = t.any_base(), t.rng.uniform(0.0, 0.5)
    width, height, at = t.width, t.height, 0.0
    for name in ("top", "middle table", "small table")[:count]:
        x, z = t.depth / 2, width / 2
        solids = [slab((at - x, height - board, -z), (at + x, height, z))]
        if style == "panels":
            solids += mirrored([slab((at - x, 0, z - board), (at + x, height, z))])
        else:
            posts = four([slab((x - board, 0, z - board), (x, height, z))])
            solids += moved(posts, (at, 0, 0))
        t.add(name, solids, t.top if name == "top" else None)
        width, height, at = width - 2.6 * board, height - 1.3 * board, at + slide * t.depth
    t.thick = board
    t.facts |= {"num_tables": count, "on_panels": style == "panels", "num_legs": 0}


def covered(t: Draft) -> None:
    """A cloth that hangs to the floor, or part of the way over a plain table."""
    full = t.chance(0.6)
    low = 0.0 if full else t.height * t.rng.uniform(0.3, 0.8)
    x, z = (t.width / 2,) * 2 if t.outline == "round" else (t.depth / 2, t.width / 2)
    flare = t.rng.uniform(1.0, 1.25 if full else 1.1)
    if t.outline == "round":
        waves, deep = int(t.rng.integers(5, 12)), t.rng.uniform(0, 0.08)
        ripple = 1 + deep * np.cos(waves * np.linspace(0, 2 * np.pi, 24, endpoint=False))
        top, foot = ellipse(x, z, 24), ellipse(x * flare, z * flare, 24) * ripple[:, None]
    else:
        top = rectangle(2 * x, 2 * z, 0.03)
        foot = top * flare
    t.top, t.thick = materials.fabric(t.rng), 0.02
    inner = (
        []
        if full
        else [loft("y", foot - 0.03 * np.sign(foot), top - 0.03 * np.sign(top), low - 1, t.under)]
    )
    t.add("cloth", [loft("y", foot, top, low, t.height, 0.01)], t.top, inner)
    if not full:
        room = 0.65 if t.outline == "round" else 0.9
        put_base(t, str(t.rng.choice(["legs", "pedestal"])), room * x, room * z, 0.06)


def drop_leaf_table(t: Draft) -> None:
    """A narrow middle part; the leaves hang down at both ends, or one is up."""
    whole, t.width = t.width, t.width * t.rng.uniform(0.3, 0.6)
    shape = t.outline
    t.outline, t.thick = "rectangle", min(t.thick, 0.03)
    put_top(t)
    leaf = min((whole - t.width) / 2, 0.85 * t.height)
    x, z = t.depth / 2, t.width / 2
    taper = 0.55 if shape == "half-leaf" else 1.0
    hanging = loft(
        "y", rectangle(2 * x * taper, t.thick), rectangle(2 * x, t.thick), t.height - leaf, t.height
    )
    t.add("leaves", moved([hanging], (0, 0, z)), t.top)
    if t.chance(0.3):  # the other leaf is raised
        t.parts[-1].solids.append(slab((-x, t.under, -z - leaf), (x, t.height, -z)))
        t.width += leaf
    else:
        t.parts[-1].solids.extend(moved([hanging], (0, 0, -z)))
    put_base(t, "legs", x - 0.05, z - 0.05, t.rng.uniform(0.04, 0.07))
