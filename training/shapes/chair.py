"""Chairs: dining, armchair, ladder-back, swivel office, stool, lounge, tub, cantilever."""

from __future__ import annotations

import numpy as np

from training.shapes.captions import comparative, count, describe
from training.shapes.materials import CHROME, RUBBER, any_solid, fabric, metal, wood
from training.shapes.shape import Part, Shape
from training.shapes.solids import (
    Solid,
    box,
    ellipse,
    ellipsoid,
    frustum,
    mirrored,
    moved,
    prism,
    rod,
    tube,
    turned,
)

SUBTYPES = {
    "dining chair": 0.22,
    "armchair": 0.16,
    "ladder-back chair": 0.12,
    "office chair": 0.14,
    "stool": 0.10,
    "lounge chair": 0.10,
    "tub chair": 0.08,
    "cantilever chair": 0.08,
}


def make(rng: np.random.Generator) -> Shape:
    """Draw a chair, about half a metre wide, the back at -x."""
    subtype = str(rng.choice(list(SUBTYPES), p=list(SUBTYPES.values())))
    width = rng.uniform(0.40, 0.56)
    depth = width * rng.uniform(0.85, 1.1)
    seat = rng.uniform(0.38, 0.50)  # height of the top of the seat
    back = rng.uniform(0.32, 0.65)  # height of the back above the seat
    lean = rng.uniform(2, 16)
    thick = rng.uniform(0.02, 0.09)
    arms = subtype in ("armchair", "tub chair") or rng.random() < 0.2
    if subtype == "stool":
        seat, back, arms = rng.uniform(0.40, 0.80), 0.0, False
        width = depth = rng.uniform(0.30, 0.44)
    elif subtype == "lounge chair":
        width, seat, lean = rng.uniform(0.55, 0.75), rng.uniform(0.28, 0.40), rng.uniform(14, 32)
        depth = width * rng.uniform(0.9, 1.2)
    elif subtype == "armchair":
        width, thick = rng.uniform(0.52, 0.78), rng.uniform(0.06, 0.20)
        depth = width * rng.uniform(0.8, 1.05)
    elif subtype == "ladder-back chair":
        back = rng.uniform(0.48, 0.75)
    elif subtype == "tub chair":
        width = depth = rng.uniform(0.58, 0.76)

    frame, cover = any_solid(rng), fabric(rng) if rng.random() < 0.6 else any_solid(rng)
    parts: list[Part] = []
    round_seat = subtype == "stool" and rng.random() < 0.7
    outline = (
        ellipse(depth / 2, width / 2) if round_seat else _seat_outline(rng, depth, width, subtype)
    )
    round_edge = min(thick / 3, 0.03)
    parts.append(
        Part("seat", cover, [prism("y", outline, seat - thick, seat, rounding=round_edge)])
    )

    base = _base_style(rng, subtype)
    under = seat - thick
    if base == "star":
        spokes = int(rng.integers(4, 6))
        parts += _star(rng, under, width, spokes)
        num_legs = spokes
    elif base == "pedestal":
        radius = width * rng.uniform(0.38, 0.52)
        stem = [frustum((0, 0.03, 0), (0, under + 0.01, 0), rng.uniform(0.02, 0.05))]
        foot = [frustum((0, 0, 0), (0, rng.uniform(0.02, 0.06), 0), radius, radius * 0.8)]
        parts.append(Part("pedestal", metal(rng), stem + foot))
        num_legs = 1
    elif base == "skirt":
        height = rng.uniform(0.02, 0.10)
        parts.append(
            Part("base", cover, [box((0, (under + height) / 2, 0), (depth, under - height, width))])
        )
        feet = [box((depth / 2 - 0.05, height / 2, width / 2 - 0.05), (0.05, height + 0.02, 0.05))]
        parts.append(Part("feet", wood(rng), mirrored(mirrored(feet), "x")))
        num_legs = 4
    elif base == "cantilever":
        r, x, z = rng.uniform(0.010, 0.02), depth / 2 - 0.02, width / 2 - 0.02
        loop = [
            (-x, seat + back * 0.8, z),
            (-x, seat * 0.98, z),
            (x, under, z),
            (x, r, z),
            (-x, r, z),
        ]
        loop = loop if rng.random() < 0.5 else loop[2:]
        parts.append(
            Part("frame", CHROME, [*mirrored(tube(loop, r)), rod((-x, r, -z), (-x, r, z), r)])
        )
        num_legs = 2
    else:
        inset = 0.74 if round_seat else 1.0  # corners of a square within the circle
        parts += _four_legs(rng, base, frame, under, depth * inset, width * inset)
        num_legs = 4

    style = "none"
    if back:
        style = _back_style(rng, subtype)
        solids = _back(rng, style, width, back, max(0.018, thick * rng.uniform(0.4, 1.0)))
        solids = turned(solids, "z", lean, (0, 0, 0))
        soft = style in ("panel", "shell", "oval")
        parts.append(
            Part(
                "back", cover if soft else frame, moved(solids, (-depth / 2 + 0.02, seat - 0.02, 0))
            )
        )
    if arms:
        parts += _arms(rng, subtype, frame, cover, seat, depth, width, back)

    total = seat + back
    attributes = {
        "num_legs": num_legs,
        "has_arms": bool(arms),
        "has_back": bool(back),
        "slatted_back": style in ("slats", "ladder"),
        "seat_height": seat / total,
        "back_height": back / total,
        "width_to_height": width / total,
        "seat_thickness": thick / total,
        "back_lean_degrees": lean if back else 0.0,
        "on_pedestal": base in ("star", "pedestal"),
        "round_seat": bool(round_seat),
    }
    return Shape(
        "chair", subtype, parts, attributes, _captions(rng, subtype, attributes, parts, base, style)
    )


def _captions(rng, subtype, facts, parts, base, style) -> list[str]:
    adjectives = comparative(facts["width_to_height"], 0.48, 0.72, "narrow", "wide")
    adjectives += comparative(facts["seat_height"], 0.42, 0.62, "low", "high")
    legs = {
        "star": "a star base on castors",
        "pedestal": "a round pedestal foot",
        "skirt": "a closed base",
        "cantilever": "a bent tube frame",
        "splayed": "four splayed legs",
        "sled": "sled runners",
    }.get(base, count(facts["num_legs"], "leg"))
    details = [legs, "armrests" if facts["has_arms"] else "no armrests"]
    backs = {
        "slats": "vertical slats in the back",
        "ladder": "horizontal slats in the back",
        "frame": "an open back frame",
        "oval": "a round back",
        "panel": "a solid back",
        "shell": "a curved back",
        "none": "no back",
    }
    details.append(backs[style])
    details += comparative(facts["back_height"], 0.40, 0.55, "a low back", "a tall back")
    details += comparative(facts["seat_thickness"], 0.035, 0.09, "a thin seat", "a thick seat")
    if facts["round_seat"]:
        details.append("a round seat")
    return describe(rng, [subtype, "chair", "seat"], adjectives, details, [parts[0].material.name])


def _base_style(rng, subtype: str) -> str:
    choices = {
        "office chair": (["star"], [1.0]),
        "stool": (["straight", "splayed", "pedestal"], [0.4, 0.35, 0.25]),
        "lounge chair": (["splayed", "sled", "cantilever", "straight"], [0.4, 0.25, 0.2, 0.15]),
        "armchair": (["skirt", "straight", "splayed"], [0.55, 0.25, 0.2]),
        "tub chair": (["skirt", "splayed", "pedestal"], [0.4, 0.35, 0.25]),
        "cantilever chair": (["cantilever"], [1.0]),
        "ladder-back chair": (["straight", "stretchers"], [0.4, 0.6]),
        "dining chair": (["straight", "splayed", "stretchers", "sled"], [0.45, 0.25, 0.2, 0.1]),
    }[subtype]
    return str(rng.choice(choices[0], p=choices[1]))


def _back_style(rng, subtype: str) -> str:
    if subtype == "ladder-back chair":
        return "ladder"
    if subtype in ("armchair", "office chair", "lounge chair"):
        return str(rng.choice(["panel", "panel", "shell"]))
    if subtype == "tub chair":
        return "shell"
    return str(rng.choice(["panel", "slats", "ladder", "frame", "oval", "shell"]))


def _seat_outline(rng, depth: float, width: float, subtype: str) -> np.ndarray:
    rear = width * (
        rng.uniform(0.78, 1.0) if subtype in ("dining chair", "ladder-back chair") else 1
    )
    x, cut = depth / 2, min(depth, width) * rng.uniform(0.0, 0.18)
    half = [(x, width / 2 - cut), (x - cut, width / 2), (-x, rear / 2)]
    return np.array(half + [(a, -b) for a, b in half[::-1]])


def _four_legs(rng, style, material, height, depth, width) -> list[Part]:
    top, foot = rng.uniform(0.015, 0.03), rng.uniform(0.010, 0.026)
    x, z = depth / 2 - top * 1.2, width / 2 - top * 1.2
    out = rng.uniform(1.08, 1.3) if style == "splayed" else rng.uniform(0.98, 1.04)
    if style == "sled":
        path = [(x, height, z), (x * 1.05, top, z), (-x * 1.05, top, z), (-x, height, z)]
        return [Part("runners", material, mirrored(tube(path, top)))]
    square = style != "splayed" and rng.random() < 0.5
    if square:
        leg = prism(
            "y",
            [(top, top), (-top, top), (-top, -top), (top, -top)],
            0,
            height + 0.005,
            scale=(foot / top, 1),
        )
        legs = moved([leg], (x, 0, z))
    else:
        legs = [rod((x * out, foot, z * out), (x, height, z), foot, top)]
    parts = [Part("legs", material, mirrored(mirrored(legs), "x"))]
    if style == "stretchers":
        y, r = height * rng.uniform(0.25, 0.6), 0.6 * top
        rails = mirrored([rod((x, y, z), (-x, y, z), r)])
        rails += (
            [rod((0, y, -z), (0, y, z), r)]
            if rng.random() < 0.5
            else [rod((-x, y, -z), (-x, y, z), r), rod((x, y, -z), (x, y, z), r)]
        )
        parts.append(Part("stretchers", material, rails))
    return parts


def _star(rng, height: float, width: float, spokes: int) -> list[Part]:
    reach, hub = width * rng.uniform(0.48, 0.62), rng.uniform(0.06, 0.11)
    angles = np.arange(spokes) * 2 * np.pi / spokes + rng.uniform(0, 2)
    tips = [(reach * np.cos(a), reach * np.sin(a)) for a in angles]
    arms = [rod((0, hub, 0), (x, 0.055, z), 0.026, 0.018) for x, z in tips]
    wheels = [ellipsoid((x, 0.027, z), (0.03, 0.027, 0.03)) for x, z in tips]
    stem = [frustum((0, hub - 0.02, 0), (0, height + 0.01, 0), rng.uniform(0.02, 0.035))]
    return [Part("base", metal(rng), arms + stem), Part("castors", RUBBER, wheels)]


def _back(rng, style: str, width: float, height: float, thick: float) -> list[Solid]:
    """The back standing at the origin, upright; the caller leans and places it."""
    w, post = width * rng.uniform(0.82, 1.0), rng.uniform(0.013, 0.024)
    z = w / 2 - post
    if style == "panel":
        taper, lift = rng.uniform(0.75, 1.08), rng.uniform(0.0, 0.25) * height * (thick < 0.06)
        outline = [(w / 2, lift), (w / 2 * taper, height * 0.93), (w / 2 * taper * 0.8, height)]
        outline += [(-a, b) for a, b in outline[::-1]]
        solids = [prism("x", outline, -thick / 2, thick / 2, rounding=thick / 4)]
        if lift > 0.03:
            solids += mirrored([rod((0, 0, z * 0.7), (0, lift + 0.05, z * 0.7), post)])
        return solids
    if style == "oval":
        rise = height * rng.uniform(0.2, 0.4)
        outline = ellipse(w / 2, (height - rise) / 2) + np.array([0, (height + rise) / 2])
        return [
            prism("x", outline, -thick / 2, thick / 2, rounding=thick / 4),
            *mirrored([rod((0, 0, z * 0.6), (0, rise * 1.4, z * 0.6), post)]),
        ]
    if style == "shell":
        bend = rng.uniform(0.05, 0.22) * w  # three panels around the sitter
        middle = box((0, height / 2, 0), (thick, height, w * 0.5), thick / 3)
        side = box((bend / 2, height / 2, w * 0.36), (thick, height * 0.97, w * 0.32), thick / 3)
        angle = np.rad2deg(np.arctan2(bend, w * 0.28))
        return [middle, *mirrored(turned([side], "y", angle, side.center))]
    top = height * rng.uniform(0.92, 1.0)
    solids = mirrored([rod((0, 0, z), (0, top, z), post)])
    rail = rng.uniform(0.03, 0.08)
    solids.append(box((0, height - rail / 2, 0), (post * 1.4, rail, w), post / 2))
    if style == "slats":
        for at in np.linspace(-z, z, int(rng.integers(3, 8)) + 2)[1:-1]:
            solids.append(rod((0, 0, at), (0, height - rail / 2, at), post * 0.6))
    elif style == "ladder":
        for at in np.linspace(0.2, 0.8, int(rng.integers(2, 5))) * height:
            solids.append(box((0, at, 0), (post * 1.2, rng.uniform(0.03, 0.06), w), post / 2))
    return solids


def _arms(rng, subtype, frame, cover, seat, depth, width, back) -> list[Part]:
    height = min(rng.uniform(0.16, 0.26), max(back * 0.8, 0.12))
    if subtype in ("armchair", "tub chair") and rng.random() < 0.75:
        thick = rng.uniform(0.07, 0.16)
        low = rng.uniform(0.06, 0.12)
        top = seat + height
        solid = box(
            (0, (low + top) / 2, width / 2 + thick / 2 - 0.02),
            (depth * rng.uniform(0.85, 1.0), top - low, thick),
            thick * rng.uniform(0.1, 0.5),
        )
        return [Part("arms", cover, mirrored([solid]))]
    r, z, x = rng.uniform(0.012, 0.022), width / 2, depth / 2
    y = seat + height
    front = x * rng.uniform(0.3, 0.9)
    rail = [box((-0.05 * depth, y, z), (depth * 0.85, 2 * r, 3 * r), r / 2)]
    rail.append(rod((front, seat - 0.03, z), (front, y, z), r))
    rail.append(rod((-x * 0.9, seat - 0.02, z), (-x * 0.9 - 0.02, y, z), r))
    return [Part("arms", frame, mirrored(rail))]
