"""Tables: dining, coffee, side, desk, round, trestle, console."""

from __future__ import annotations

import numpy as np

from training.shapes.captions import comparative, count, describe
from training.shapes.materials import GLASS, any_solid, metal, wood
from training.shapes.shape import Material, Part, Shape
from training.shapes.solids import Solid, box, ellipse, frustum, mirrored, moved, prism, rod, tube

# Sub-type: (share, long side in x or z, depth to width, height), ranges in metres.
SUBTYPES = {
    "dining table": (0.24, (1.2, 2.2), (0.45, 0.8), (0.70, 0.78)),
    "coffee table": (0.18, (0.8, 1.4), (0.45, 1.0), (0.28, 0.48)),
    "side table": (0.12, (0.35, 0.6), (0.8, 1.0), (0.45, 0.75)),
    "desk": (0.16, (1.1, 1.8), (0.42, 0.6), (0.70, 0.78)),
    "round table": (0.14, (0.6, 1.4), (1.0, 1.0), (0.45, 0.78)),
    "trestle table": (0.08, (1.3, 2.2), (0.4, 0.6), (0.70, 0.78)),
    "console table": (0.08, (0.8, 1.4), (0.22, 0.35), (0.70, 0.90)),
}


def make(rng: np.random.Generator) -> Shape:
    """Draw a table; its long side lies along z, a sitter's side faces +x."""
    shares = [entry[0] for entry in SUBTYPES.values()]
    subtype = str(rng.choice(list(SUBTYPES), p=shares))
    _, lengths, ratios, heights = SUBTYPES[subtype]
    width = rng.uniform(*lengths)  # along z
    depth = width * rng.uniform(*ratios)  # along x
    height = rng.uniform(*heights)
    thick = rng.uniform(0.015, 0.07) * min(1.0, width)
    frame = any_solid(rng)
    top_material = (
        GLASS if rng.random() < 0.12 else (frame if rng.random() < 0.6 else any_solid(rng))
    )
    round_top = subtype == "round table" or rng.random() < 0.1
    if round_top:
        outline = ellipse(depth / 2, width / 2, 14)
    else:
        x, z, cut = depth / 2, width / 2, depth * (rng.random() < 0.3) * rng.uniform(0.03, 0.2)
        half = [(x, z - cut), (x - cut, z), (-x + cut, z), (-x, z - cut)]
        outline = np.array(half + [(a, -b) for a, b in half[::-1]])
    top = prism("y", outline, height - thick, height, rounding=thick / 5)
    parts = [Part("top", top_material, [top])]

    base = _base_style(rng, subtype, round_top)
    under = height - thick
    inset = rng.uniform(0.72, 0.8) if round_top else rng.uniform(0.88, 0.97)
    x, z = depth / 2 * inset, width / 2 * inset
    if round_top:
        x, z = x * 0.75, z * 0.75
    solids, num_legs = _base(rng, base, under, x, z)
    parts.append(Part("legs", frame, solids))

    drawers = int(rng.integers(1, 5)) if subtype == "desk" and rng.random() < 0.7 else 0
    if drawers:
        parts += _pedestal_drawers(rng, frame, under, depth, width, drawers)
    shelf = base in ("straight", "splayed") and not drawers and rng.random() < 0.22
    if shelf:
        y = height * rng.uniform(0.15, 0.4)
        parts.append(Part("shelf", top_material, [box((0, y, 0), (2 * x, 0.6 * thick, 2 * z))]))
    apron = base in ("straight", "turned") and not round_top and rng.random() < 0.5
    if apron:
        drop = rng.uniform(0.05, 0.14) * min(1.0, height / 0.7)
        rails = mirrored([box((0, under - drop / 2, z), (2 * x, drop, 0.02))])
        rails += mirrored([box((x, under - drop / 2, 0), (0.02, drop, 2 * z))], "x")
        parts.append(Part("apron", frame, rails))
    stretcher = base == "straight" and not (drawers or shelf) and rng.random() < 0.2
    if stretcher:
        y, r = height * rng.uniform(0.12, 0.3), 0.02
        rails = [*mirrored([rod((-x, y, z), (x, y, z), r)]), rod((0, y, -z), (0, y, z), r)]
        parts.append(Part("stretcher", frame, rails))

    facts = {
        "num_legs": num_legs,
        "round_top": bool(round_top),
        "num_drawers": drawers,
        "has_shelf": bool(shelf),
        "has_apron": bool(apron),
        "has_stretcher": bool(stretcher),
        "on_pedestal": base == "pedestal",
        "height_to_width": height / width,
        "depth_to_width": depth / width,
        "top_thickness": thick / width,
    }
    adjectives = comparative(facts["height_to_width"], 0.42, 0.75, "low", "tall")
    adjectives += comparative(facts["depth_to_width"], 0.45, 0.9, "narrow", "compact")
    details = [
        {
            "pedestal": "a central column",
            "panels": "two side panels",
            "trestle": "two trestles",
            "cross": "crossed legs",
            "frame": "two frame legs",
            "splayed": "splayed legs",
        }.get(base, count(num_legs, "leg")),
        "a round top" if round_top else "a rectangular top",
    ]
    details += [count(drawers, "drawer")] if drawers else []
    details += ["a lower shelf"] if shelf else []
    details += ["a stretcher between the legs"] if stretcher else []
    details += comparative(facts["top_thickness"], 0.02, 0.045, "a thin top", "a thick top")
    captions = describe(rng, [subtype, "table"], adjectives, details, [top_material.name])
    return Shape("table", subtype, parts, facts, captions)


def _base_style(rng, subtype: str, round_top: bool) -> str:
    if subtype == "trestle table":
        return str(rng.choice(["trestle", "cross"]))
    if subtype == "round table":
        return str(rng.choice(["pedestal", "pedestal", "splayed", "straight", "turned"]))
    if subtype == "desk":
        return str(rng.choice(["straight", "panels", "frame"]))
    styles = ["straight", "straight", "splayed", "turned"]
    styles += ["pedestal"] if round_top else ["panels", "frame", "cross"]
    return str(rng.choice(styles))


def _base(rng, style: str, height: float, x: float, z: float) -> tuple[list[Solid], int]:
    """What carries a top at `height` over the corners (+-x, +-z), and its number of legs."""
    size = min(height, 2 * x + 2 * z)
    r = size * rng.uniform(0.018, 0.05)
    if style == "pedestal":
        foot = max(x, z) * rng.uniform(0.6, 1.0)
        column = frustum((0, 0, 0), (0, height, 0), r * 1.6, r * rng.uniform(1.0, 1.8))
        if rng.random() < 0.5:
            return [column, frustum((0, 0, 0), (0, size * 0.05, 0), foot, foot * 0.7)], 1
        feet = int(rng.integers(3, 6))
        angles = np.arange(feet) * 2 * np.pi / feet
        return [column] + [
            rod((0, size * 0.25, 0), (foot * np.cos(a), r, foot * np.sin(a)), r) for a in angles
        ], 1
    if style == "panels":
        t = rng.uniform(0.02, 0.06)
        return mirrored([box((0, height / 2, z), (2 * x, height, t))]), 2
    if style == "frame":
        path = [(-x, height, z), (-x, r, z), (x, r, z), (x, height, z)]
        return mirrored(tube(path, r * 0.8)), 2
    if style == "cross":
        cross = [rod((-x, r, z), (x, height, z), r), rod((x, r, z), (-x, height, z), r)]
        return [*mirrored(cross), rod((0, height / 2, -z), (0, height / 2, z), r * 0.7)], 4
    if style == "trestle":
        z = z * rng.uniform(0.7, 0.9)
        frame = [
            box((0, r, z), (2 * x, 2 * r, 2.5 * r)),
            box((0, height / 2, z), (3 * r, height, 2.5 * r)),
        ]
        frame.append(box((0, height - r, z), (1.8 * x, 2 * r, 2.5 * r)))
        return [*mirrored(frame), box((0, height * 0.4, 0), (2 * r, 3 * r, 2 * z))], 2
    if style == "straight" and rng.random() < 0.6:
        square = [(r, r), (-r, r), (-r, -r), (r, -r)]
        leg = prism("y", square, 0, height, scale=(rng.uniform(0.5, 1.0), 1))
        return mirrored(mirrored(moved([leg], (x - r, 0, z - r))), "x"), 4
    out = rng.uniform(1.08, 1.3) if style == "splayed" else 1.0
    legs = [rod((x * out, r * 0.7, z * out), (x, height, z), r * 0.7, r)]
    if style == "turned":  # a swelling in the upper half, as turned legs have
        legs.append(rod((x, height * 0.55, z), (x, height * 0.8, z), r * 1.1, r * 1.5))
    return mirrored(mirrored(legs), "x"), 4


def _pedestal_drawers(rng, material: Material, under, depth, width, count_) -> list[Part]:
    w, low = width * rng.uniform(0.22, 0.32), under * rng.choice([0.02, 0.5, 0.15])
    sides = [1] if rng.random() < 0.6 else [1, -1]
    cabinets, handles = [], []
    for side in sides:
        z = side * (width / 2 * 0.94 - w / 2)
        cabinets.append(box((0, (under + low) / 2, z), (depth * 0.85, under - low, w)))
        for y in low + (under - low) * (np.arange(count_) + 0.5) / count_:
            handles.append(rod((depth * 0.43, y, z - w / 6), (depth * 0.43, y, z + w / 6), 0.012))
    return [
        Part("drawers", material if rng.random() < 0.7 else wood(rng), cabinets),
        Part("handles", metal(rng), handles),
    ]
