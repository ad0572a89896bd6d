"""How the fronts of cabinets are divided into drawers, doors and open compartments."""

from __future__ import annotations

import numpy as np

from training.shapes.parts.cabinets.cabinet_parts import Layout


def _shares(rng: np.random.Generator, count: int, spread: float) -> np.ndarray:
    return np.exp(rng.uniform(-spread, spread, count))


def drawers(rng, rows: int, across: int) -> Layout:
    """Rows of drawers that often grow downwards; the top row may be split further."""
    grow = rng.choice([0.0, rng.uniform(0, 0.25)])
    split = across + int(rng.integers(1, 3)) * (rows > 1 and rng.random() < 0.3)
    return [(1, [("drawer", 1 + grow * k, split if k == 0 else across) for k in range(rows)])]


def mixed(rng, width: float, height: float, kinds: str, low=(1, 4), rows=(1, 4)) -> Layout:
    """Columns of any kinds, often mirrored about the middle."""
    most = max(1, min(low[1], round(width / 0.35)))
    columns = int(rng.integers(min(low[0], most), most + 1))
    deepest = max(rows[0], min(rows[1], round(height / 0.16)))
    layout = []
    for share in _shares(rng, columns, 0.4):
        kind = str(rng.choice(kinds.split()))
        count = 1 if kind in ("door", "glass") else int(rng.integers(rows[0], deepest + 1))
        stack = [(kind, share_y, 1) for share_y in _shares(rng, count, 0.25)]
        if rng.random() < 0.35:  # something else above or below
            other = (str(rng.choice(kinds.split())), len(stack) * rng.uniform(0.2, 0.8), 1)
            stack.insert(0 if rng.random() < 0.6 else len(stack), other)
        layout.append((share, stack))
    if columns > 2 and rng.random() < 0.7:
        layout[-1] = layout[0]
    return layout


def stacked(rng, width: float, height: float, kinds: str) -> Layout:
    """Rows of any kinds and heights over the full width, each divided in its own way."""
    count = int(rng.integers(2, max(3, min(7, round(height / 0.3))) + 1))
    rows = []
    for share in _shares(rng, count, 0.7):
        kind = str(rng.choice(kinds.split()))
        rows.append((kind, share, int(rng.integers(1, max(1, round(width / 0.35)) + 1))))
    return [(1, rows)]


def grid(rng, rows: int, columns: int, kind="open", spread=0.0) -> Layout:
    """Rows and columns of one kind; rows differ in height by a `spread` (0 for none)."""
    heights = _shares(rng, rows, spread)
    return [(1, [(kind, share, 1) for share in heights]) for _ in range(columns)]


def layout_of(rng: np.random.Generator, subtype: str, width: float, height: float) -> Layout:
    """A layout such as a sub-type has, for a front of a width and height in metres."""

    def number(low, high) -> int:
        return int(rng.integers(round(low), max(round(low), round(high)) + 1))

    doors = number(max(1, width / 0.7), width / 0.38)
    if subtype in ("chest of drawers", "filing cabinet", "bureau"):
        across = 1 if width < 0.8 else number(1, width / 0.55)
        if subtype == "filing cabinet":
            return drawers(rng, number(2, max(2, height / 0.28)), 1)
        return drawers(rng, number(max(2, height / 0.35), height / 0.17), across)
    if subtype == "wardrobe":
        below = [("drawer", rng.uniform(0.15, 0.4), doors)] if rng.random() < 0.25 else []
        above = [("door", rng.uniform(0.2, 0.35), doors)] if rng.random() < 0.12 else []
        layout = [(1, [*above, ("door", 1, doors), *below, *below[: number(0, 1)]])]
        if width > 1.2 and rng.random() < 0.15:
            layout.insert(number(0, 1), (0.5, [("open", s, 1) for s in _shares(rng, 5, 0.1)]))
        return layout
    if subtype in ("bookcase", "cube shelf"):
        if subtype == "cube shelf":
            cell = min(width, height) / number(1, max(1, min(width, height) / 0.3))
            return grid(rng, max(1, round(height / cell)), max(1, round(width / cell)))
        if rng.random() < 0.35:
            divide = [mixed, stacked][rng.integers(2)]
            return divide(rng, width, height, "open open open door drawer")
        columns = number(1, width / 0.45)
        layout = grid(rng, number(max(2, height / 0.5), height / 0.25), columns, spread=0.2)
        if rng.random() < 0.25:
            closed = rng.uniform(0.5, 2.5)
            for _, rows in layout:
                rows.append((str(rng.choice(["door", "drawer"])), closed, 1))
        return layout
    if subtype == "nightstand":
        styles = [
            lambda: drawers(rng, number(1, max(1, height / 0.18)), 1),
            lambda: [(1, [("drawer", 1, 1), ("open", rng.uniform(0.6, 3.5), 1)])],
            lambda: [(1, [("open", 1, 1), ("drawer", rng.uniform(0.8, 3), 1)])],
            lambda: [(1, [("drawer", 1, 1), ("door", rng.uniform(1, 3), 1)])],
            lambda: [(1, [("door", 1, 1)])],
            lambda: grid(rng, number(1, 2), 1),
        ]
        return styles[number(0, 5)]()
    if subtype in ("base cabinet", "wall cabinet", "sink cabinet"):
        if subtype == "base cabinet" and rng.random() < 0.25:
            return drawers(rng, number(2, 5), max(1, doors // 2))
        kind = "glass" if subtype == "wall cabinet" and rng.random() < 0.15 else "door"
        rows = [(kind, 3, doors)]
        if subtype != "wall cabinet" and rng.random() < 0.4:
            rows.insert(0, ("drawer", rng.uniform(0.5, 1), doors))
        layout = [(1, rows)]
        if rng.random() < 0.15:
            count = number(1, 3)
            layout.insert(number(0, 1), (0.5, [("open", 1, 1)] * count))
        return layout
    if subtype == "locker":
        return grid(rng, number(1, 4), number(1, max(1, width / 0.3)), "door")
    if subtype == "display cabinet":
        rows = [("glass", 3, doors)]
        if rng.random() < 0.5:
            rows.append((str(rng.choice(["door", "drawer"])), rng.uniform(0.6, 2), doors))
        return [(1, rows)]
    if subtype == "safe":
        return [(1, [("door", 1, 1)])]
    kinds = {
        "sideboard": "door door drawer drawer open",
        "TV stand": "door drawer open open open",
        "tall cabinet": "door door drawer open glass",
        "wall unit": "door drawer open open glass",
    }
    divide = stacked if rng.random() < (0.5 if subtype == "tall cabinet" else 0.2) else mixed
    return divide(rng, width, height, kinds.get(subtype, "door drawer"))
