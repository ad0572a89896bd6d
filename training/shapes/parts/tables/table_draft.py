"""A table while it is being built: its top, and what may come between the top and the floor."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from training.shapes import materials
from training.shapes.operators import mirrored
from training.shapes.outlines import arc, ellipse, rectangle
from training.shapes.part import Part
from training.shapes.parts.furniture import drawer_fronts, handles
from training.shapes.parts.tables.table_bases import Base, make_base
from training.shapes.solids import box, prism, slab

ROOM_FOR_LEGS = {"round": 0.68, "oval": 0.68, "half-round": 0.6, "octagonal": 0.8, "boat": 0.85}
ROOM_FOR_LEGS |= {"rounded": 0.9, "bevelled": 0.92}


@dataclass
class Draft:
    """A table while it is being built; lengths in metres."""

    rng: np.random.Generator
    outline: str  # of the top
    bases: tuple[str, ...]  # kinds of base that suit it
    width: float
    depth: float
    height: float
    thick: float  # of the top
    frame: materials.Material
    top: materials.Material
    parts: list[Part] = field(default_factory=list)
    facts: dict = field(default_factory=dict)

    @property
    def under(self) -> float:
        """Height of the underside of the top."""
        return self.height - self.thick

    def add(self, name: str, solids, material=None, carves=()) -> None:
        """Append a part, of the frame's material unless told otherwise."""
        self.parts.append(Part(name, material or self.frame, list(solids), list(carves)))

    def any_base(self) -> str:
        """A kind of base that suits the table."""
        return str(self.rng.choice(self.bases))

    def chance(self, p: float) -> bool:
        """True with probability p."""
        return bool(self.rng.random() < p)


def outline_of(t: Draft) -> np.ndarray:
    """The top's outline (K, 2) in (x, z)."""
    x, z, a = t.depth / 2, t.width / 2, min(t.depth, t.width)
    if t.outline == "round":
        return ellipse(z, z, 20)
    if t.outline == "oval":
        return ellipse(x, z, 20)
    if t.outline == "half-round":
        return arc(1.0, -90, 90, 15) * [2 * x, z] - [x, 0]
    if t.outline == "rounded":
        return rectangle(2 * x, 2 * z, a * t.rng.uniform(0.05, 0.3))
    if t.outline in ("bevelled", "octagonal"):
        cut = a * (0.293 if t.outline == "octagonal" else t.rng.uniform(0.04, 0.2))
        half = [(x, z - cut), (x - cut, z), (-x + cut, z), (-x, z - cut)]
        return np.array(half + [(p, -q) for p, q in half[::-1]])
    if t.outline == "boat":  # widest in the middle
        side = np.stack(
            [x * (1 - t.rng.uniform(0.1, 0.3) * np.linspace(-1, 1, 7) ** 2), np.linspace(-z, z, 7)],
            1,
        )
        return np.concatenate([side, -side])
    return rectangle(2 * x, 2 * z)


def put_top(t: Draft) -> None:
    """A plate, with or without a rim or an edge below it."""
    outline = outline_of(t)
    solids = [prism("y", outline, t.under, t.height, rounding=t.thick * t.rng.uniform(0, 0.3))]
    t.add("top", solids, t.top)


def standing_room(t: Draft, leg: float) -> tuple[float, float]:
    """Half the distances between the middles of the legs along x and z."""
    room = ROOM_FOR_LEGS.get(t.outline, 1.0)
    depth = t.width if t.outline == "round" else t.depth
    inset = 1.0 if t.chance(0.35) and room >= 0.9 else t.rng.uniform(0.78, 1.0)
    return room * inset * depth / 2 - leg / 2, room * inset * t.width / 2 - leg / 2


def put_base(t: Draft, kind: str, x: float, z: float, leg: float, height=None) -> Base:
    """A base of one kind, as high as the underside of the top unless told; and its facts."""
    base = make_base(t.rng, kind, x, z, height or t.under, leg)
    t.add(base.name, base.solids)
    t.facts |= {
        "num_legs": base.num_legs,
        "splay": base.splay,
        "on_pedestal": kind == "pedestal",
        "on_panels": kind == "panels",
        "on_trestles": kind == "trestles",
        "crossed": kind == "crossed",
    }
    return base


def put_apron(t: Draft, x: float, z: float, leg: float) -> None:
    """Rails between the legs, or a shallow case, with or without drawers."""
    shallow = t.chance(0.85)  # others are a chest on legs
    drop = t.under * (t.rng.uniform(0.06, 0.28) if shallow else t.rng.uniform(0.3, 0.75))
    x, z = x + 0.3 * leg, z + 0.3 * leg
    if t.chance(0.5):
        rails = mirrored([slab((-x, t.under - drop, z - 0.02), (x, t.under, z))])
        rails += mirrored([slab((x - 0.02, t.under - drop, -z), (x, t.under, z))], "x")
        t.add("apron", rails)
    else:
        t.add("apron", [slab((-x, t.under - drop, -z), (x, t.under, z))])
    t.facts["has_apron"] = True
    if t.chance(0.4):
        columns = int(t.rng.integers(1, 4)) if t.width > 0.8 else 1
        put_drawers(t, x, (t.under - drop, -0.9 * z), (t.under, 0.9 * z), 1, columns)


def put_drawers(t: Draft, x: float, low, high, rows: int, columns: int) -> None:
    """Fronts with knobs or bars on a face at `x` between two corners (y, z)."""
    fronts, faces = drawer_fronts(x, low, high, rows, columns, 0.012, 0.015)
    t.add("drawers", fronts)
    kind = str(t.rng.choice(["knob", "bar"]))
    t.add("handles", handles(kind, faces, 0.03 if kind == "knob" else 0.12), materials.CHROME)
    t.facts["num_drawers"] = t.facts.get("num_drawers", 0) + rows * columns


def put_shelves(t: Draft, base: Base, x: float, z: float, leg: float) -> None:
    """One to three shelves from leg to leg."""
    count = int(t.rng.choice([1, 1, 1, 2, 3])) if t.under > 0.35 else 1
    shelf = 0.5 * t.thick + 0.008
    first = t.rng.uniform(0.05, 0.5 if count == 1 else 0.15) * t.under
    solids = []
    for k in range(count):
        y = first + (t.under - first) * k / count
        out = 1 + (base.splay - 1) * (1 - y / t.under)
        size = 2 * np.array([x, z]) * out + 0.5 * leg
        if t.outline in ("round", "oval"):
            size *= 1.45 if base.num_legs else 1.0  # out to the legs on the diagonal
            solids.append(prism("y", ellipse(*size / 2, 16), y, y + shelf))
        else:
            solids.append(box((0, y + shelf / 2, 0), (size[0], shelf, size[1])))
    t.add("shelf" if count == 1 else "shelves", solids, t.top if t.chance(0.5) else t.frame)
    t.facts["num_shelves"] = count
