"""What cabinets are made of: carcasses with fronts and compartments, stands, tops, cornices.

A carcass is a solid block from which open compartments are carved, with drawer and door fronts set
on its face. What a front closes stays solid. All lengths in metres, the front towards +x.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from training.shapes.operators import mirrored, moved, tube
from training.shapes.outlines import curve, rectangle
from training.shapes.parts.furniture import four_legs, handles
from training.shapes.solids import Solid, ellipsoid, frustum, prism, rod, slab

# A layout: columns from left to right, each a share of the width and its rows from the top. A row
# is (kind, share of the height, how many side by side); its kind "drawer", "door", "glass", "open".
Layout = list[tuple[float, list[tuple[str, float, int]]]]


@dataclass
class Piece:
    """Solids and carves by the name of their part, and what was counted on the way."""

    solids: defaultdict[str, list[Solid]] = field(default_factory=lambda: defaultdict(list))
    carves: defaultdict[str, list[Solid]] = field(default_factory=lambda: defaultdict(list))
    count: Counter = field(default_factory=Counter)

    def add(self, other: Piece, change: Callable[[list[Solid]], list[Solid]]) -> None:
        """Take in another piece, its solids placed by `change`."""
        for mine, theirs in ((self.solids, other.solids), (self.carves, other.carves)):
            for name, solids in theirs.items():
                mine[name] += change(solids)
        self.count += other.count


@dataclass(frozen=True)
class Finish:
    """What all carcasses of one cabinet share."""

    wall: float  # thickness of panels
    back: bool  # whether open compartments have a back
    proud: float  # how far fronts stand out
    gap: float  # between fronts
    handle: str  # "knob", "bar", "recess" or "none"
    grip: float  # diameter of a knob, length of a bar as a share of the front
    grip_height: float  # of a door's handle, as a share of the door
    framed: bool  # doors have a frame around a sunken panel
    corner: float  # radius of the upright edges at the front
    filled: float  # chance that books stand in an open compartment


def carcass(piece: Piece, rng, f: Finish, low, high, layout: Layout) -> None:
    """A block between two corners with a layout on its front."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    if f.corner:
        r = min(f.corner, 0.45 * (high - low)[[0, 2]].min())
        outline = rectangle(high[0] - low[0], high[2] - low[2], r, (low + high)[[0, 2]] / 2)
        outline[3:9, 0] = low[0]  # only the front is round
        piece.solids["body"].append(prism("y", outline, low[1], high[1]))
    else:
        r = 0.0
        piece.solids["body"].append(slab(low, high))
    margin = max(f.wall / 2, r)
    left, right = low[2] + margin, high[2] - margin
    columns = np.cumsum([0, *(share for share, _ in layout)])
    columns = left + (right - left) * columns / columns[-1]
    for (_, rows), column in zip(layout, itertools.pairwise(columns), strict=True):
        top, bottom = high[1] - f.wall / 2, low[1] + f.wall / 2
        heights = np.cumsum([0, *(share for _, share, _ in rows)])
        heights = top - (top - bottom) * heights / heights[-1]
        for (kind, _, across), (y1, y0) in zip(rows, itertools.pairwise(heights), strict=True):
            edges = np.linspace(*column, across + 1)
            for k, (z0, z1) in enumerate(itertools.pairwise(edges)):
                ends = (low[0], y0, z0), (high[0], y1, z1)
                if kind == "open":
                    _compartment(piece, rng, f, *ends)
                else:
                    # Doors open in pairs: handles of neighbours stand side by side.
                    front(piece, f, kind, *ends, hinge=-1 if k % 2 == 0 else 1)


def _compartment(piece: Piece, rng, f: Finish, low, high) -> None:
    half = np.array([0, f.wall / 2, f.wall / 2])
    inner = np.asarray(low) + half, np.asarray(high) - half
    inner[0][0] += f.wall if f.back else -0.01
    inner[1][0] += 0.01
    piece.carves["body"].append(slab(*inner))
    piece.count["open"] += 1
    if rng.random() < f.filled:
        start = inner[0] - 0.01  # they touch the board below, the side and the back
        size = (inner[1] - start) * rng.uniform((0.4, 0.5, 0.3), (0.9, 0.95, 1))
        piece.solids["books"].append(slab(start, start + size))


def front(piece: Piece, f: Finish, kind: str, low, high, hinge: int) -> None:
    """A drawer, a door or a glazed door, from its hinge (-1 left, 1 right), with its handle."""
    x, face = high[0], high[0] + f.proud
    gap = min(f.gap, 0.1 * (high[1] - low[1]), 0.1 * (high[2] - low[2])) / 2
    low = np.array([x - 0.004, low[1] + gap, low[2] + gap])
    high = np.array([face, high[1] - gap, high[2] - gap])
    tall, wide = high[1] - low[1], high[2] - low[2]
    name = "drawers" if kind == "drawer" else "doors"
    piece.solids[name].append(slab(low, high, 0.2 * f.proud))
    piece.count[name] += 1
    rim = min(0.07, 0.2 * tall, 0.2 * wide)
    if kind == "glass":
        outer = (face + 0.003, high[1] - rim, high[2] - rim)
        piece.solids["panes"].append(slab((x, low[1] + rim, low[2] + rim), outer))
        piece.count["panes"] += 1
    elif f.framed:
        inner = (face - 0.7 * f.proud, low[1] + rim, low[2] + rim)
        piece.carves[name].append(slab(inner, (face + 0.1, high[1] - rim, high[2] - rim)))
    if f.handle == "none":
        return
    y, z = (low[1] + high[1]) / 2, (low[2] + high[2]) / 2
    if f.handle == "recess":
        notch = (x, high[1] - 0.12 * tall, low[2] + 0.2 * wide)
        outer = (face + 0.1, high[1] + 0.01, high[2] - 0.2 * wide)
        piece.carves[name].append(slab(notch, outer))
        return
    upright = kind != "drawer"
    size = f.grip
    if f.handle == "bar":
        size = min(0.6, 10 * f.grip) * (min(tall, 0.5) if upright else min(wide, 0.8))
    if upright:
        y = low[1] + f.grip_height * tall
        z = (high[2] if hinge == -1 else low[2]) + hinge * min(0.05, 0.15 * wide)
        y = np.clip(y, low[1] + 0.2 * tall, high[1] - 0.2 * tall)
    faces = [(face, y, z)]
    if not upright and wide > 0.75 and f.handle == "knob":
        faces = [(face, y, z - wide / 4), (face, y, z + wide / 4)]
    piece.solids["handles"] += handles(f.handle, faces, size, upright)
    if f.handle == "bar":  # two pins hold it before the face
        half = np.array([0, 0.45 * size, 0] if upright else [0, 0, 0.45 * size])
        for at in (faces[0] - half, faces[0] + half):
            piece.solids["handles"].append(rod(at, at + np.array([0.02, 0, 0]), 0.006))
    piece.count["handles"] += len(faces)
    piece.count[f.handle] += 1


def stand_height(rng, kind: str, height: float) -> float:
    """How high a kind of stand lifts a cabinet of a height; 0 for none."""
    ranges = {
        "plinth": (0.03, 0.14),
        "bracket": (0.05, 0.16),
        "panel": (0.03, 0.16),
        "sled": (0.08, 0.3),
        "castors": (0.03, 0.08),
        "legs": (0.06, 0.4),
        "feet": (0.02, 0.1),
    }
    return min(rng.uniform(*ranges.get(kind, (0, 0))), 0.45 * height)


def stand_on(piece: Piece, rng, kind: str, height: float, low, high, wall: float) -> None:
    """What carries a carcass at `height` over the rectangle from `low` to `high` (x, z)."""
    (x0, z0), (x1, z1) = low, high
    x, z, middle = (x1 - x0) / 2, (z1 - z0) / 2, ((x0 + x1) / 2, 0, (z0 + z1) / 2)
    solids, top = piece.solids, height + 0.005
    if kind == "plinth":
        side, kick = rng.choice([0.0, rng.uniform(0, 0.06)]), rng.uniform(0.0, 0.09)
        solids["plinth"].append(slab((x0 + side, 0, z0 + side), (x1 - kick, top, z1 - side)))
        piece.count["plinth"] += int(kick > 0.02)
    elif kind == "bracket":
        out = rng.uniform(0, 0.025)
        solids["plinth"].append(slab((x0, 0, z0 - out), (x1 + out, top, z1 + out)))
        arch = slab((-9, -1, -0.75 * z), (9, 0.55 * height, 0.75 * z))
        piece.carves["plinth"] += moved([arch], middle)
    elif kind == "panel":  # the sides of the carcass reach the floor
        for z in (z0, z1 - wall):
            solids["body"].append(slab((x0, 0, z), (x1, top, z + wall)))
        if rng.random() < 0.5:  # with a board between them
            x = x1 - rng.uniform(0.0, 0.08)
            solids["body"].append(slab((x - wall, rng.choice([0, 0.3]) * height, z0), (x, top, z1)))
    elif kind == "sled":
        r = rng.uniform(0.008, 0.022)
        path = [(x - r, top, z - r), (x - r, r, z - r), (r - x, r, z - r), (r - x, top, z - r)]
        bars = [rod((x - r, r, r - z), (x - r, r, z - r), r)]
        solids["legs"] += moved(mirrored(tube(path, r)) + mirrored(bars, "x"), middle)
    elif kind == "castors":
        x, z, r = x - height, z - height, height / 2
        wheel = ellipsoid((x, r, z), (r, r, 0.6 * r))
        stem = frustum((x, r, z), (x, top, z), 0.5 * r)
        solids["castors"] += moved(mirrored(mirrored([wheel, stem]), "x"), middle)
    elif kind in ("legs", "feet"):
        thick = rng.uniform(0.02, 0.075) if kind == "legs" else rng.uniform(0.04, 0.1)
        thick = min(thick, 0.4 * x, 0.4 * z)
        style = str(rng.choice(["square", "block", "round", "tapered", "turned"]))
        inset = 0.5 * thick + rng.choice([0.0, rng.uniform(0, 0.12)]) * z
        splay = rng.choice([1.0, 1.0, rng.uniform(1.0, 1.12)])
        across = 3 if 2 * z > 2.0 and rng.random() < 0.5 else 2
        x, z = x - min(inset, 0.5 * x), z - inset
        posts = four_legs(style, x, z, top, thick, splay)
        if across == 3:
            posts += four_legs(style, x, 0.0, top, thick)[::2]
        solids["legs"] += moved(posts, middle)
        piece.count["legs"] += len(posts)
        if kind == "legs" and style in ("square", "block") and rng.random() < 0.25:
            y = rng.uniform(0.75, 0.9) * height  # an apron under the carcass
            rails = mirrored([slab((-x, y, z - 0.01), (x, top, z))])
            rails += mirrored([slab((x - 0.01, y, -z), (x, top, z))], "x")
            solids["legs"] += moved(rails, middle)


def crown(piece: Piece, rng, y: float, low, high, heavy: bool) -> None:
    """A cornice of two steps above `y`, sometimes with a pediment at the front."""
    out = np.array([rng.uniform(0.01, 0.04), rng.uniform(0.02, 0.08)])
    for step, over in enumerate(out):
        start = (low[0], y + 0.03 * step - 0.005, low[1] - over)
        stop = (high[0] + over, y + 0.03 * (step + 1), high[1] + over)
        piece.solids["cornice"].append(slab(start, stop))
    if heavy:
        half, rise, top = (high[1] - low[1]) / 2, rng.uniform(0.08, 0.25), y + 0.05
        crest = curve([(-half, top + 0.01), (-0.4 * half, top + 0.45 * rise), (0, top + rise)], 6)
        outline = [*crest, *(crest[::-1] * [-1, 1])[1:], (half, top - 0.02), (-half, top - 0.02)]
        face = prism("x", outline, high[0] - 0.04, high[0])
        piece.solids["cornice"] += moved([face], (0, 0, (low[1] + high[1]) / 2))


def rail(piece: Piece, rng, y: float, low, high, mirror: bool) -> None:
    """A board that stands on the rear edge of the top, or a mirror in a frame."""
    half, thick = (high[1] - low[1]) / 2, rng.uniform(0.015, 0.04)
    tall = rng.uniform(0.4, 0.9) if mirror else rng.uniform(0.04, 0.22)
    half *= rng.uniform(0.55, 0.95) if mirror else rng.uniform(0.9, 1.0)
    round_off = rng.choice([0.0, rng.uniform(0.1, 0.5)]) * tall
    crest = curve(
        [(-half, y + tall - round_off), (-0.6 * half, y + tall - 0.3 * round_off), (0, y + tall)], 5
    )
    outline = np.array([*crest, *(crest[::-1] * [-1, 1])[1:], (half, y - 0.01), (-half, y - 0.01)])
    solids = [prism("x", outline, low[0], low[0] + thick)]
    piece.solids["mirror frame" if mirror else "body"] += solids
    if mirror:
        pane = (outline - [0, y + tall / 2]) * [0.9, 0.86] + [0, y + tall / 2]
        piece.solids["mirror"].append(prism("x", pane, low[0], low[0] + thick + 0.008))


def worktop(piece: Piece, rng, y: float, low, high, thick: float, over: float) -> None:
    """A top from height `y` that stands `over` the front and the sides."""
    piece.count["overhang"] += int(over > 0.02)
    rounding = rng.choice([0.0, 0.4]) * thick
    low, high = (low[0], y, low[1] - over), (high[0] + over, y + thick, high[1] + over)
    piece.solids["top"].append(slab(low, high, rounding))
