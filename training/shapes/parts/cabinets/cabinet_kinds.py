"""Whole cabinets, each built onto a `Piece`: plain ones, hutches, corners, racks, chests."""

from __future__ import annotations

import itertools

import numpy as np

from training.shapes.operators import flipped, mirrored, moved, tube, turned
from training.shapes.outlines import arc
from training.shapes.parts.cabinets.cabinet_layouts import grid, layout_of, mixed
from training.shapes.parts.cabinets.cabinet_parts import (
    Finish,
    Layout,
    Piece,
    carcass,
    crown,
    front,
    rail,
    stand_height,
    stand_on,
    worktop,
)
from training.shapes.solids import box, frustum, prism, rod, slab

# The chance of a top of its own, and of a cornice where there is none, by sub-type.
TOPPED = {"base cabinet": 0.95, "sink cabinet": 1, "wardrobe": 0.1, "locker": 0.1}
TOPPED |= {"safe": 0, "wall cabinet": 0, "bureau": 0}
CROWNED = {"wardrobe": 0.35, "bookcase": 0.25, "display cabinet": 0.5}
CROWNED |= {"tall cabinet": 0.15, "wall cabinet": 0.12, "bureau": 0}


def plain(piece: Piece, rng, f: Finish, subtype: str, width, depth, height, stand: str) -> None:
    """One carcass on a stand, with a top or a cornice."""
    low, high = np.array([-depth / 2, -width / 2]), np.array([depth / 2, width / 2])
    y0 = stand_height(rng, stand, height)
    topped = rng.random() < TOPPED.get(subtype, 0.5)
    thick, over = rng.uniform(0.015, 0.06), rng.choice([0.0, rng.uniform(0, 0.05)])
    y1 = height - thick * topped
    layout = layout_of(rng, subtype, width, y1 - y0)
    if subtype == "bureau":
        _bureau(piece, rng, f, low, high, y0, y1, layout)
    else:
        carcass(piece, rng, f, (low[0], y0, low[1]), (high[0], y1, high[1]), layout)
    if not piece.count["open"] and stand in ("floor", "panel", "legs") and rng.random() < 0.1:
        inner, outer = low + f.wall, high - f.wall  # a carcass without a floor
        hollow = slab((inner[0], -1, inner[1]), (outer[0], y1 - f.wall, outer[1]))
        piece.carves["body"].append(hollow)
        piece.count["open_bottom"] += 1
    if topped:
        worktop(piece, rng, y1 - 0.002, low, high, thick, max(over, f.proud))
    stand_on(piece, rng, stand, y0, low, high, f.wall)
    if not topped and rng.random() < CROWNED.get(subtype, 0.03):
        piece.count["cornice"] += 1
        crown(piece, rng, y1, low, high, rng.random() < 0.3)
    elif subtype in ("chest of drawers", "sideboard", "sink cabinet") and rng.random() < 0.2:
        mirror = subtype == "chest of drawers" and rng.random() < 0.5
        piece.count["mirror" if mirror else "rail"] += 1
        rail(piece, rng, height - 0.005, low, high, mirror)
    if subtype == "sink cabinet":
        _sink(piece, rng, width, depth, height)
    if subtype == "safe":
        _lock(piece, rng, width, depth / 2 + f.proud, y0, y1)


def _bureau(piece: Piece, rng, f: Finish, low, high, y0, y1, layout: Layout) -> None:
    """Drawers below, a desk behind a slanting lid above."""
    desk = y0 + (y1 - y0) * rng.uniform(0.5, 0.75)
    carcass(piece, rng, f, (low[0], y0, low[1]), (high[0], desk, high[1]), layout)
    front = low[0] + (high[0] - low[0]) * rng.uniform(0.35, 0.6)
    back, tip = low[0], high[0]
    side = [(back, desk - 0.005), (tip, desk - 0.005), (tip, desk + 0.03), (front, y1), (back, y1)]
    piece.solids["body"].append(prism("z", side, low[1], high[1]))
    lid = [(tip - 0.005, desk + 0.035), (tip + 0.012, desk + 0.035)]
    lid += [(front + 0.012, y1 - 0.01), (front - 0.005, y1 - 0.01)]
    piece.solids["doors"].append(prism("z", lid, low[1] + 0.03, high[1] - 0.03))
    piece.count["doors"] += 1


def _sink(piece: Piece, rng, width: float, depth: float, height: float) -> None:
    """One or two basins, sunk into the top or standing on it, each with a tap."""
    basins = 2 if width > 1.0 and rng.random() < 0.4 else 1
    vessel = rng.random() < 0.3
    radius, x = min(0.3 * depth, 0.4 * width / basins), depth * rng.uniform(0.0, 0.08)
    for k in range(basins):
        z = width * ((k + 0.5) / basins - 0.5)
        if vessel:  # a bowl that stands on the top
            bowl = frustum((x, height - 0.01, z), (x, height + 0.12, z), 0.6 * radius, radius)
            piece.solids["basin"].append(bowl)
            piece.carves["basin"].append(
                frustum((x, height + 0.02, z), (x, height + 0.13, z), 0.5 * radius, 0.92 * radius)
            )
        else:
            deep = rng.uniform(0.15, 0.3)
            hole = box((x, height, z), (2 * radius, deep, 2 * radius), 0.3 * radius)
            for name in ("top", "body"):
                piece.carves[name].append(hole)
        back, top = -0.44 * depth, height + rng.uniform(0.12, 0.32)
        spout = [(back, height - 0.01), (back, top), (back + 0.12, top), (back + 0.13, top - 0.04)]
        piece.solids["tap"] += tube([(x, y, z) for x, y in spout], 0.014)
    piece.count["sinks"] += basins


def _lock(piece: Piece, rng, width: float, face: float, y0: float, y1: float) -> None:
    """A dial and a wheel or a lever on the door of a safe."""
    size, y = 0.09 * min(width, y1 - y0), (y0 + y1) / 2
    piece.solids["dial"].append(frustum((face - 0.01, y, 0), (face + 0.5 * size, y, 0), size))
    y -= 3 * size * rng.uniform(0.8, 1.1)
    spokes = [rod((0, 0, -1.2 * size), (0, 0, 1.2 * size), 0.25 * size)]
    spokes = [s for turn in (0, 60, 120)[: rng.integers(1, 4)] for s in turned(spokes, "x", turn)]
    hub = frustum((-0.5 * size - 0.01, 0, 0), (0, 0, 0), 0.35 * size)
    piece.solids["handles"] += moved([hub, *spokes], (face + 0.5 * size, y, 0))
    piece.count["handles"] += 1


def hutch(piece: Piece, rng, f: Finish, width, depth, height, stand: str) -> None:
    """Closed below; above, set back, shelves or glazed doors."""
    y0 = stand_height(rng, stand, height / 2)
    counter = height * rng.uniform(0.33, 0.55)
    low, high = np.array([-depth / 2, -width / 2]), np.array([depth / 2, width / 2])
    lower = mixed(rng, width, counter - y0, "door door drawer", (1, 4), (1, 4))
    carcass(piece, rng, f, (low[0], y0, low[1]), (high[0], counter, high[1]), lower)
    stand_on(piece, rng, stand, y0, low, high, f.wall)
    over = max(f.proud, rng.uniform(0, 0.04))
    worktop(piece, rng, counter - 0.002, low, high, 0.03, over)
    front = low[0] + depth * rng.uniform(0.35, 0.9)
    aside = rng.choice([0.0, rng.uniform(0, 0.08)]) * width
    base = counter + 0.025
    upper = mixed(rng, width, height - base, "open open glass door", (1, 4), (2, 5))
    if rng.random() < 0.5:
        upper = [(1, [*rows, ("open", len(rows) * rng.uniform(0.2, 0.6), 1)]) for _, rows in upper]
    carcass(piece, rng, f, (low[0], base, low[1] + aside), (front, height, high[1] - aside), upper)
    if rng.random() < 0.4:
        piece.count["cornice"] += 1
        ends = (low[0], low[1] + aside), (front, high[1] - aside)
        crown(piece, rng, height, *ends, rng.random() < 0.3)


def wall_unit(piece: Piece, rng, f: Finish, width, depth, height, stand: str) -> None:
    """A low bench with a tower at one or both ends, sometimes joined by a bridge or a back wall."""
    y0, bench = stand_height(rng, stand, 0.4), rng.uniform(0.25, 0.65)
    ends = [rng.uniform(0.15, 0.28) * width, rng.uniform(0.15, 0.28) * width * (rng.random() < 0.6)]
    if rng.random() < 0.6 and ends[1]:
        ends[1] = ends[0]
    back = -depth / 2
    if rng.random() < 0.2:  # shelves that stand on one end of the bench
        shelves, side = Piece(), rng.choice([-1, 1])
        middle = mixed(rng, width, bench - y0, "door drawer open open")
        carcass(piece, rng, f, (back, y0, -width / 2), (depth / 2, bench, width / 2), middle)
        deep, wide = depth * rng.uniform(0.6, 1.0), 1.4 * ends[0]
        rack(shelves, rng, f, wide, deep, height - bench, "floor")
        place = ((deep - depth) / 2, bench - 0.005, side * (width - wide) / 2)
        piece.add(shelves, lambda solids: moved(solids, place))
        stand_on(piece, rng, stand, y0, (back, -width / 2), (depth / 2, width / 2), f.wall)
        return
    left, right = -width / 2 + ends[0], width / 2 - ends[1]
    middle = mixed(rng, right - left, bench - y0, "door drawer open open", (1, 4), (1, 2))
    carcass(piece, rng, f, (back, y0, left), (depth / 2, bench, right), middle)
    reach = back + depth * rng.uniform(0.6, 1.0)
    tower = layout_of(rng, "wall unit", ends[0], height - y0)
    if rng.random() < 0.25:
        tower = grid(rng, int(rng.integers(3, 7)), 1)
    carcass(piece, rng, f, (back, y0, -width / 2), (reach, height, left + 0.005), tower)
    if ends[1]:
        carcass(piece, rng, f, (back, y0, right - 0.005), (reach, height, width / 2), tower[::-1])
        if rng.random() < 0.6:
            low = height - rng.uniform(0.15, 0.45) * (height - bench)
            bridge = mixed(rng, right - left, height - low, "door open", (1, 4), (1, 2))
            carcass(piece, rng, f, (back, low, left), (reach, height, right), bridge)
    if rng.random() < 0.5:
        piece.solids["body"].append(slab((back, bench, left), (back + f.wall, height, right)))
        for k in range(int(rng.integers(0, 3))):  # boards on the back wall
            y = bench + (height - bench) * (k + 0.6) / 3
            piece.solids["boards"].append(slab((back, y, left), (reach - 0.05, y + f.wall, right)))
            piece.count["shelves"] += 1
    stand_on(piece, rng, stand, y0, (back, -width / 2), (min(reach, depth / 2), width / 2), f.wall)


def corner(piece: Piece, rng, f: Finish, width, depth, height, stand: str) -> str:
    """A cabinet for the corner of a room at -x, -z; returns its plan."""
    plan = str(rng.choice(["L", "L", "diagonal", "diagonal", "round"]))
    y0 = stand_height(rng, stand, height)
    t = f.wall
    if plan == "L":
        _ell(piece, rng, f, width, depth, height, y0, stand)
        return plan
    a, d = width, width * rng.uniform(0.15, 0.6)
    outline = np.array([(0, 0), (0, a), (d, a), (a, d), (a, 0)])
    if plan == "round":
        outline = np.array([(0, 0), *arc(a - d, 90, 0, 10, (d, d)), (a, 0)])
        outline = np.array([(0, 0), (0, a), *outline[1:]])
    piece.solids["body"].append(prism("y", outline, y0, height))
    mode = str(rng.choice(["closed", "open", "end"]))
    levels = np.linspace(y0, height, int(rng.integers(2, 6)))
    if mode == "closed":
        door, wide = Piece(), 0.96 * (a - d) / np.sqrt(2)
        bulge = 0.0
        if plan == "round":  # a narrow door on the crest of the curve
            wide, bulge = 0.35 * wide, 0.29 * (a - d)
        edges = (-wide, wide) if rng.random() < 0.5 else (-wide, 0, wide)
        kind = str(rng.choice(["door", "door", "glass"]))
        for (z0, z1), hinge in zip(itertools.pairwise(edges), (-1, 1), strict=False):
            front(door, f, kind, (-0.1, y0 + t, z0), (bulge, height - t, z1), hinge)
        place = ((a + d) / 2, 0, (a + d) / 2)
        piece.add(door, lambda solids: moved(turned(solids, "y", -45), place))
    for y, top in itertools.pairwise(levels) if mode != "closed" else ():
        inner = [(t, t), (t, 2 * a), (2 * a, 2 * a), (2 * a, t)]
        if mode == "open":  # to the front alone
            inner = [(t, t), (t, a - t), (d, a - t), (2 * a, 2 * a), (a - t, d), (a - t, t)]
        piece.carves["body"].append(prism("y", inner, y + t / 2, top - t / 2))
        piece.count["open"] += 1
    reach = 0.85 * (a + d) / 2  # where the floor under the slanting front still is
    stand_on(piece, rng, "feet" if stand == "legs" else stand, y0, (0, 0), (reach, reach), t)
    return plan


def _ell(piece: Piece, rng, f: Finish, width, depth, height, y0: float, stand: str) -> None:
    """Two carcasses at a right angle, joined by a closed corner."""
    t = f.wall
    depth = min(depth, 0.6 * width)
    long = width * rng.uniform(0.75, 1.0)
    kinds = "door" if rng.random() < 0.6 else "door drawer open"
    piece.solids["body"].append(slab((0, y0, 0), (depth, height, depth + 0.005)))
    along = mixed(rng, width - depth, height - y0, kinds, (1, 2), (1, 4))
    carcass(piece, rng, f, (0, y0, depth), (depth, height, width), along)
    stand_on(piece, rng, stand, y0, (0, 0), (depth, width), t)
    wing, half = Piece(), (long - depth) / 2
    across = mixed(rng, 2 * half, height - y0, kinds, (1, 2), (1, 4))
    carcass(
        wing, rng, f, (-depth / 2, y0, -half - 0.005), (depth / 2, height, half + 0.005), across
    )
    stand_on(wing, rng, stand, y0, (-depth / 2, -half), (depth / 2, half), t)
    place = ((depth + long) / 2, 0, depth / 2)
    piece.add(wing, lambda solids: moved(turned(solids, "y", -90), place))
    if rng.random() < 0.5:
        over, rim = max(f.proud, rng.uniform(0, 0.04)), rng.uniform(0.02, 0.05)
        a, b, c = depth + over, width + over, long + over
        outline = [(0, 0), (c, 0), (c, a), (a, a), (a, b), (0, b)]
        piece.solids["top"].append(prism("y", outline, height - 0.002, height + rim))
        piece.count["overhang"] += int(over > 0.02)


def rack(piece: Piece, rng, f: Finish, width, depth, height, stand: str) -> None:
    """Boards between posts or side frames, open on all sides; perhaps shallower towards the top."""
    y0 = stand_height(rng, stand, height)
    count = int(rng.integers(max(2, round(height / 0.7)), max(3, round(height / 0.25)) + 1))
    taper = rng.choice([1.0, 1.0, 1.0, rng.uniform(0.35, 0.9)])
    post, t = rng.uniform(0.012, 0.05), rng.uniform(0.012, 0.05)
    lowest = y0 + rng.choice([0.0, rng.uniform(0.0, 0.15)]) * height
    highest = height - t - rng.choice([0.0, rng.uniform(0.0, 0.12)]) * height
    solids, z, r = piece.solids, width / 2 - post / 2, post / 2
    for y in np.linspace(lowest, highest, count):
        deep = depth * (1 - (1 - taper) * y / height)
        edge = (-depth / 2 + deep, y + t, width / 2)
        solids["boards"].append(slab((-depth / 2, y, -width / 2), edge, rng.choice([0, 0.3]) * t))
    back, front, tip = -depth / 2 + r, depth / 2 - r, -depth / 2 + depth * taper - r
    sides = str(rng.choice(["square", "square", "round", "panel", "ladder"]))
    if sides == "panel":
        outline = [(-depth / 2, y0), (depth / 2, y0), (tip + r, height), (-depth / 2, height)]
        solids["posts"] += mirrored([prism("z", outline, z - r, z + r)])
    elif sides == "round":
        solids["posts"] += mirrored([rod((back, y0 + r, z), (back, height - r, z), r)])
        solids["posts"] += mirrored([rod((front, y0 + r, z), (tip, height - r, z), r)])
    else:
        side = [(front - r, y0), (front + r, y0), (tip + r, height), (tip - r, height)]
        solids["posts"] += mirrored([slab((back - r, y0, z - r), (back + r, height, z + r))])
        solids["posts"] += mirrored([prism("z", side, z - r, z + r)])
        if sides == "ladder":
            solids["posts"] += mirrored([slab((back, height - post, z - r), (tip, height, z + r))])
    brace = str(rng.choice(["none", "none", "cross", "back"]))
    if brace == "cross":
        bars = [rod((back, lowest, -z), (back, highest, z), 0.5 * r)]
        solids["posts"] += [*bars, *flipped(bars)]
    if brace == "back":
        solids["boards"].append(slab((-depth / 2, lowest, -z), (-depth / 2 + 0.012, highest, z)))
    piece.count["open_back"] += brace != "back"
    piece.count["shelves"] += count
    stand_on(piece, rng, stand, y0, (-depth / 2, -width / 2), (depth / 2, width / 2), f.wall)


def chest(piece: Piece, rng, f: Finish, width, depth, height, stand: str) -> None:
    """A box under a lid, flat or domed."""
    y0 = stand_height(rng, stand, height)
    low, high = np.array([-depth / 2, -width / 2]), np.array([depth / 2, width / 2])
    domed = rng.random() < 0.3
    lid = height - (0.3 * depth if domed else rng.uniform(0.02, 0.06))
    lid = max(lid, y0 + 0.4 * (height - y0))
    below = [(1, [("drawer", 1, int(rng.integers(1, 4)))])] if rng.random() < 0.2 else []
    split = y0 + (lid - y0) * (0.4 if below else 0)
    if below:
        carcass(piece, rng, f, (low[0], y0, low[1]), (high[0], split + 0.005, high[1]), below)
    piece.solids["body"].append(slab((low[0], split, low[1]), (high[0], lid, high[1])))
    if f.framed:
        edges = np.linspace(low[1], high[1], int(rng.integers(2, 5)))
        for z0, z1 in itertools.pairwise(edges):
            carve = slab(
                (high[0] - 0.015, split + 0.05, z0 + 0.04), (high[0] + 1, lid - 0.04, z1 - 0.04)
            )
            piece.carves["body"].append(carve)
    over = rng.uniform(0, 0.03)
    if domed:
        path = arc(1, 0, 180, 11) * [depth / 2 + over, height - lid] + [0, lid - 0.002]
        piece.solids["lid"].append(prism("z", path, low[1] - over, high[1] + over))
    else:
        start, stop = (low[0], lid - 0.002, low[1] - over), (high[0] + over, height, high[1] + over)
        piece.solids["lid"].append(slab(start, stop))
    if rng.random() < 0.15:
        piece.count["rail"] += 1
        rail(piece, rng, height - 0.005, low, high, False)
    stand_on(piece, rng, stand, y0, low, high, f.wall)
