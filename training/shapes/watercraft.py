"""Watercraft: rowing boat, canoe, speedboat, yacht, sailing boat, tug, ferry, cargo, warship."""

from __future__ import annotations

import numpy as np

from training.shapes.captions import comparative, count, describe
from training.shapes.materials import GLASS, Material, metal, paint, wood
from training.shapes.shape import Part, Shape
from training.shapes.solids import Solid, box, frustum, mirrored, prism, rod

# Sub-type: share, beam to length, hull depth to length, how pointed the bow is (0 blunt, 1 sharp).
SUBTYPES = {
    "rowing boat": (0.12, (0.28, 0.42), (0.10, 0.17), (0.6, 1.0)),
    "canoe": (0.07, (0.13, 0.20), (0.07, 0.11), (0.9, 1.0)),
    "speedboat": (0.14, (0.25, 0.36), (0.10, 0.15), (0.7, 1.0)),
    "yacht": (0.14, (0.20, 0.28), (0.09, 0.13), (0.7, 1.0)),
    "sailing boat": (0.20, (0.20, 0.34), (0.09, 0.15), (0.7, 1.0)),
    "tugboat": (0.06, (0.28, 0.38), (0.13, 0.18), (0.3, 0.6)),
    "ferry": (0.07, (0.16, 0.24), (0.07, 0.11), (0.2, 0.6)),
    "container ship": (0.10, (0.12, 0.17), (0.06, 0.10), (0.4, 0.8)),
    "warship": (0.10, (0.10, 0.15), (0.05, 0.08), (0.9, 1.0)),
}


def make(rng: np.random.Generator) -> Shape:
    """Draw a boat or ship of unit length, bow towards +x."""
    subtype = str(rng.choice(list(SUBTYPES), p=[entry[0] for entry in SUBTYPES.values()]))
    _, *ranges = SUBTYPES[subtype]
    beam, depth, sharp = (rng.uniform(*r) for r in ranges)
    hull_material = wood(rng) if subtype in ("rowing boat", "canoe") else paint(rng)
    deck = wood(rng) if rng.random() < 0.4 else paint(rng)
    stern = 0.0 if subtype == "canoe" else rng.uniform(0.55, 0.95)
    plan = _plan(beam, sharp, stern)
    rake, keel = rng.uniform(0.02, 0.12), rng.uniform(0.35, 0.7)
    hull = prism("y", plan * keel, 0, depth, scale=(1, 1 / keel), shift=(rake * 0.5, 0))
    parts = [Part("hull", hull_material, [hull])]
    sheer = rng.uniform(0.0, 0.5) * depth
    if sheer > 0.2 * depth:  # a bow that rises above the deck
        bow = plan[np.abs(plan[:, 0] - plan[:, 0].max()) < 0.3]
        lift = prism("y", bow, depth * 0.98, depth + sheer, scale=(1, 0.9), shift=(rake * 0.5, 0))
        parts.append(Part("bow", hull_material, [lift]))

    facts = {
        "beam_to_length": beam,
        "hull_depth": depth,
        "num_masts": 0,
        "num_sails": 0,
        "num_funnels": 0,
        "num_decks": 0,
        "has_cabin": False,
        "open_hull": subtype in ("rowing boat", "canoe"),
        "bow_sharpness": sharp,
    }
    build = {
        "rowing boat": _open_boat,
        "canoe": _open_boat,
        "speedboat": _speedboat,
        "yacht": _decks,
        "sailing boat": _sails,
        "tugboat": _tug,
        "ferry": _decks,
        "container ship": _containers,
        "warship": _turrets,
    }[subtype]
    details = build(rng, parts, facts, deck, beam, depth, plan)
    top = max(part.solids[0].bounds()[1][1] for part in parts)
    facts["height_to_length"] = float(top)
    adjectives = comparative(beam, 0.17, 0.30, "slender", "broad")
    details += comparative(sharp, 0.5, 0.8, "a blunt bow", "a pointed bow")
    if not facts["num_masts"]:
        details.append("no mast")
    large = subtype in ("ferry", "container ship", "warship")
    nouns = [subtype, "ship" if large else "boat", "watercraft"]
    captions = describe(rng, nouns, adjectives, details, [hull_material.name])
    return Shape("watercraft", subtype, parts, facts, captions)


def _plan(beam: float, sharp: float, stern: float) -> np.ndarray:
    """The deck's outline (x, z), bow at x = 1/2."""
    b = beam / 2
    shoulder = 0.42 - 0.32 * sharp
    half = [(0.5, 0.06 * b), (0.5 - 0.4 * (0.5 - shoulder), b * 0.62), (shoulder, b)]
    half += [
        (-0.2, b),
        (-0.38, b * (0.75 + 0.25 * stern) if stern else b * 0.62),
        (-0.5, max(b * stern, 0.06 * b)),
    ]
    return np.array(half + [(x, -z) for x, z in half[::-1]])


def _open_boat(rng, parts, facts, deck, beam, depth, plan) -> list[str]:
    """Hollow the hull and put in thwarts, perhaps oars."""
    wall = rng.uniform(0.82, 0.9)
    inside = prism("y", plan * wall * 0.75, depth * 0.22, depth * 1.8, scale=(0.8, 1.5))
    for part in parts:
        part.carves.append(inside)
    number = int(rng.integers(1, 4))
    xs = np.linspace(-0.28, 0.2, number) if number > 1 else [-0.05]
    seats = [box((x, depth * 0.75, 0), (0.06, 0.02, beam * 0.86)) for x in xs]
    parts.append(Part("seats", deck, seats))
    facts["num_seats"] = number
    details = ["an open hull", count(number, "seat")]
    facts["has_oars"] = bool(facts["beam_to_length"] > 0.22 and rng.random() < 0.5)
    if facts["has_oars"]:
        reach = beam * rng.uniform(0.9, 1.5)
        parts.append(
            Part(
                "oars",
                wood(rng),
                mirrored(
                    [rod((0.0, depth * 1.15, beam * 0.25), (-0.12, depth * 0.5, reach), 0.009)]
                ),
            )
        )
        details.append("two oars")
    return details


def _speedboat(rng, parts, facts, deck, beam, depth, plan) -> list[str]:
    pit = box((-0.18, depth, 0), (rng.uniform(0.3, 0.45), depth * 0.9, beam * 0.72), 0.02)
    parts[0].carves.append(pit)
    x, h = rng.uniform(0.02, 0.12), rng.uniform(0.04, 0.08)
    screen = prism(
        "z",
        [(x + 0.05, depth), (x - 0.05, depth + h), (x - 0.07, depth + h), (x, depth)],
        -beam * 0.36,
        beam * 0.36,
    )
    parts.append(Part("windscreen", GLASS, [screen]))
    seats = mirrored([box((-0.08, depth * 0.9, beam * 0.18), (0.06, 0.09, beam * 0.24), 0.02)])
    parts.append(Part("seats", deck, seats))
    details = ["a windscreen", "an open cockpit"]
    facts["has_outboard"] = bool(rng.random() < 0.5)
    if facts["has_outboard"]:
        parts.append(
            Part(
                "outboard",
                paint(rng),
                [box((-0.52, depth * 0.9, 0), (0.06, depth * 0.9, 0.07), 0.02)],
            )
        )
        details.append("an outboard motor")
    return details


def _deckhouse(rng, parts, facts, deck, depth, beam, start, end, number, slope) -> float:
    """Stack decks between two x; returns the height of the roof."""
    y = depth
    for level in range(number):
        h = rng.uniform(0.035, 0.06)
        w = beam * (0.8 - 0.1 * level) / 2
        outline = [
            (end, -w * 0.7),
            (end, w * 0.7),
            (end - 0.05, w),
            (start, w),
            (start, -w),
            (end - 0.05, -w),
        ]
        parts.append(
            Part("deckhouse", deck, [prism("y", outline, y - 0.005, y + h, shift=(-slope * h, 0))])
        )
        windows = [(u * 1.01, v * 1.02) for u, v in outline]
        parts.append(
            Part(
                "windows",
                GLASS,
                [prism("y", windows, y + 0.4 * h, y + 0.75 * h, shift=(-slope * h * 0.35, 0))],
            )
        )
        y += h
        start, end = start + 0.03, end - rng.uniform(0.04, 0.09)
        if end - start < 0.1:
            break
    facts["has_cabin"], facts["num_decks"] = True, level + 1
    return y


def _funnel(rng, parts, facts, x, y, number=1) -> list[str]:
    r, h = rng.uniform(0.018, 0.035), rng.uniform(0.06, 0.13)
    funnels = [
        frustum((x - 0.09 * i, y - 0.01, 0), (x - 0.09 * i - 0.015, y + h, 0), r, r * 0.9, 0.8)
        for i in range(number)
    ]
    parts.append(Part("funnels", paint(rng), funnels))
    facts["num_funnels"] = number
    return [count(number, "funnel")]


def _mast(rng, parts, facts, x, y, height) -> None:
    parts.append(
        Part("mast", metal(rng), [rod((x, y - 0.01, 0), (x, y + height, 0), 0.008, 0.005)])
    )
    facts["num_masts"] += 1


def _decks(rng, parts, facts, deck, beam, depth, plan) -> list[str]:
    number = int(rng.integers(2, 5)) if beam < 0.2 else int(rng.integers(1, 4))
    y = _deckhouse(
        rng,
        parts,
        facts,
        deck,
        depth,
        beam,
        -0.42,
        rng.uniform(0.18, 0.34),
        number,
        rng.uniform(0.2, 1.2),
    )
    details = ["a long deckhouse", count(facts["num_decks"], "deck")]
    if rng.random() < 0.5:
        details += _funnel(rng, parts, facts, rng.uniform(-0.25, -0.1), y, int(rng.integers(1, 3)))
    if rng.random() < 0.4:
        _mast(rng, parts, facts, rng.uniform(-0.1, 0.1), y, rng.uniform(0.06, 0.16))
        details.append("a short mast")
    return details


def _sail(x: float, y: float, base: float, height: float, forward: float) -> Solid:
    triangle = [(x, y), (x + base, y), (x + forward, y + height)]
    return prism("z", triangle, -0.006, 0.006)


def _sails(rng, parts, facts, deck, beam, depth, plan) -> list[str]:
    masts = 2 if rng.random() < 0.25 else 1
    canvas = (
        Material("white canvas", (0.92, 0.91, 0.86), 0.05)
        if rng.random() < 0.7
        else paint(rng, 0.1)
    )
    height = rng.uniform(0.75, 1.35) / (1 if masts == 1 else 1.15)
    sails = []
    for i in range(masts):
        x = (rng.uniform(0.02, 0.14), -0.24)[i] if masts == 2 else rng.uniform(0.0, 0.12)
        tall = height * (1 if i == 0 else 0.75)
        _mast(rng, parts, facts, x, depth, tall)
        boom = depth + rng.uniform(0.04, 0.1)
        base = rng.uniform(0.3, 0.46) if masts == 1 else 0.2
        parts.append(Part("boom", metal(rng), [rod((x, boom, 0), (x - base, boom, 0), 0.007)]))
        sails.append(_sail(x - 0.015, boom + 0.01, -base, tall * 0.9, 0))
    bare = rng.random() < 0.15
    if not bare:
        front = parts[-2 if masts == 1 else -4].solids[0].center[0]
        if rng.random() < 0.75:
            sails.append(
                _sail(
                    front + 0.03, depth + 0.03, 0.46 - front, height * rng.uniform(0.65, 0.9), -0.01
                )
            )
        parts.append(Part("sails", canvas, sails))
        facts["num_sails"] = len(sails)
    if rng.random() < 0.5:
        _deckhouse(rng, parts, facts, deck, depth, beam * 0.8, -0.25, 0.1, 1, 0.5)
    details = [count(masts, "mast")]
    details += [count(facts["num_sails"], "sail")] if not bare else ["bare poles"]
    return details + (["a low cabin"] if facts["has_cabin"] else [])


def _tug(rng, parts, facts, deck, beam, depth, plan) -> list[str]:
    start = rng.uniform(-0.2, -0.05)
    y = _deckhouse(
        rng, parts, facts, deck, depth, beam, start, start + rng.uniform(0.28, 0.4), 2, 0.2
    )
    _mast(rng, parts, facts, start + 0.2, y, rng.uniform(0.08, 0.18))
    return ["a tall wheelhouse", "one mast", *_funnel(rng, parts, facts, start + 0.06, y - 0.02)]


def _containers(rng, parts, facts, deck, beam, depth, plan) -> list[str]:
    bridge = rng.uniform(-0.42, -0.34)
    tower = rng.uniform(0.09, 0.16)
    parts.append(
        Part("bridge", deck, [box((bridge, depth + tower / 2, 0), (0.06, tower, beam * 0.85))])
    )
    facts["has_cabin"], facts["num_decks"] = True, 4
    rows = int(rng.integers(4, 9))
    pitch = (0.36 - bridge - 0.06) / rows
    colours = [paint(rng, 0.1) for _ in range(3)]
    stacks: list[list[Solid]] = [[], [], []]
    for i in range(rows):
        h = rng.uniform(0.02, 0.10)
        x = bridge + 0.06 + pitch * (i + 0.5)
        stacks[rng.integers(3)].append(box((x, depth + h / 2, 0), (pitch * 0.88, h, beam * 0.82)))
    parts += [Part("containers", c, s) for c, s in zip(colours, stacks, strict=True) if s]
    facts["num_stacks"] = rows
    details = ["a bridge at the stern", "stacked containers"]
    return details + (
        _funnel(rng, parts, facts, bridge - 0.05, depth + tower * 0.6) if rng.random() < 0.5 else []
    )


def _turrets(rng, parts, facts, deck, beam, depth, plan) -> list[str]:
    steel = Material("grey", (0.42, 0.45, 0.48), 0.3)
    parts[0].material = steel
    y = _deckhouse(
        rng,
        parts,
        facts,
        steel,
        depth,
        beam,
        -0.16,
        rng.uniform(0.05, 0.16),
        int(rng.integers(2, 4)),
        0.3,
    )
    xs = [rng.uniform(0.2, 0.3)] + ([-0.3] if rng.random() < 0.6 else [])
    for x in xs:
        way = 1 if x > 0 else -1
        turret = [frustum((x, depth - 0.01, 0), (x, depth + 0.035, 0), beam * 0.26, beam * 0.2)]
        barrels = mirrored(
            [rod((x, depth + 0.025, 0.012), (x + way * 0.12, depth + 0.035, 0.012), 0.006)]
        )
        parts.append(Part("turret", steel, turret + barrels))
    facts["num_turrets"] = len(xs)
    _mast(rng, parts, facts, -0.02, y, rng.uniform(0.08, 0.16))
    details = [count(len(xs), "gun turret"), "one mast", "a superstructure amidships"]
    return details + (_funnel(rng, parts, facts, -0.08, y - 0.03) if rng.random() < 0.6 else [])
