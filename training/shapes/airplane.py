"""Airplanes: airliner, propeller plane, high- and low-wing, biplane, fighter, glider, jet."""

from __future__ import annotations

import numpy as np

from training.shapes.captions import comparative, count, describe
from training.shapes.materials import GLASS, RUBBER, metal, paint
from training.shapes.shape import Part, Shape
from training.shapes.solids import Solid, ellipsoid, frustum, mirrored, prism, rod

# Sub-type: share, span to length, root chord to length, tip to root chord, sweep in degrees,
# fuselage width to length. Ranges.
SUBTYPES = {
    "airliner": (0.34, (0.85, 1.12), (0.14, 0.22), (0.2, 0.4), (22, 38), (0.085, 0.12)),
    "propeller plane": (0.10, (0.95, 1.25), (0.10, 0.15), (0.45, 0.9), (0, 6), (0.09, 0.12)),
    "high-wing plane": (0.12, (1.15, 1.45), (0.16, 0.22), (0.7, 1.0), (0, 4), (0.12, 0.17)),
    "low-wing plane": (0.12, (1.0, 1.35), (0.18, 0.25), (0.45, 0.8), (0, 8), (0.11, 0.16)),
    "biplane": (0.06, (1.1, 1.4), (0.17, 0.23), (0.9, 1.0), (0, 4), (0.12, 0.16)),
    "fighter": (0.16, (0.55, 0.80), (0.34, 0.62), (0.05, 0.3), (35, 58), (0.08, 0.12)),
    "glider": (0.05, (1.9, 2.6), (0.10, 0.14), (0.4, 0.6), (0, 3), (0.07, 0.10)),
    "business jet": (0.05, (0.85, 1.05), (0.16, 0.22), (0.3, 0.4), (20, 32), (0.10, 0.13)),
}


def make(rng: np.random.Generator) -> Shape:
    """Draw an airplane of unit length, nose towards +x."""
    subtype = str(rng.choice(list(SUBTYPES), p=[entry[0] for entry in SUBTYPES.values()]))
    _, *ranges = SUBTYPES[subtype]
    span, chord, taper, sweep, body = (rng.uniform(*r) for r in ranges)
    radius, half_span = body / 2, span / 2
    skin = paint(rng) if rng.random() < 0.6 else metal(rng)
    accent = paint(rng)
    parts = [Part("fuselage", skin, _fuselage(rng, subtype, radius))]

    high = subtype == "high-wing plane" or (subtype == "propeller plane" and rng.random() < 0.6)
    wing_y = radius * (rng.uniform(0.7, 0.95) if high else -rng.uniform(0.2, 0.75))
    wing_x = rng.uniform(0.02, 0.14) if subtype != "fighter" else rng.uniform(-0.02, 0.1)
    dihedral = rng.uniform(1, 7) if subtype != "fighter" else rng.uniform(-3, 2)
    thick = rng.uniform(0.016, 0.03) * max(1.0, span)  # a thinner one would vanish in the grid
    wing = _wing(chord, taper, half_span, sweep, dihedral, thick, (wing_x, wing_y))
    wings = mirrored([wing])
    if subtype == "biplane":
        gap = radius * rng.uniform(2.4, 3.2)
        wings += mirrored(
            [
                _wing(
                    chord,
                    taper,
                    half_span * 0.97,
                    sweep,
                    dihedral,
                    thick,
                    (wing_x + 0.02, wing_y + gap),
                )
            ]
        )
        struts = [
            rod(
                (wing_x + dx, wing_y, half_span * f),
                (wing_x + dx + 0.02, wing_y + gap, half_span * f),
                0.006,
            )
            for f in (0.25, 0.75)
            for dx in (-0.05, 0.03)
        ]
        parts.append(Part("struts", metal(rng), mirrored(struts)))
    if subtype == "high-wing plane" and rng.random() < 0.6:
        strut = rod((wing_x, -radius * 0.6, radius * 0.8), (wing_x, wing_y, half_span * 0.5), 0.006)
        parts.append(Part("struts", metal(rng), mirrored([strut])))
    parts.append(Part("wings", skin if rng.random() < 0.6 else accent, wings))

    fins, tail = _tail(rng, subtype, radius, half_span, chord, sweep)
    parts.append(Part("tail", accent if rng.random() < 0.6 else skin, tail))
    engines, propellers = _engines(
        rng, subtype, parts, (wing_x, wing_y), half_span, sweep, radius, skin
    )
    gear = subtype in ("high-wing plane", "low-wing plane", "biplane") and rng.random() < 0.6
    if gear:
        z, drop = radius * rng.uniform(1.2, 2.0), radius * rng.uniform(1.0, 1.6) + radius
        legs = [rod((0.1, -radius * 0.5, radius * 0.4), (0.1, -drop, z), 0.007)]
        wheels = [frustum((0.1, -drop, z - 0.012), (0.1, -drop, z + 0.012), 0.028)]
        parts += [
            Part("gear", metal(rng), mirrored(legs)),
            Part("wheels", RUBBER, mirrored(wheels)),
        ]

    facts = {
        "num_engines": engines,
        "num_propellers": propellers,
        "num_fins": fins,
        "num_wings": 4 if subtype == "biplane" else 2,
        "high_wing": bool(high),
        "has_gear": bool(gear),
        "span_to_length": span,
        "sweep_degrees": sweep,
        "taper": taper,
        "chord_to_length": chord,
        "body_width": body,
    }
    adjectives = comparative(body, 0.09, 0.13, "slender", "stout")
    details = comparative(span, 0.8, 1.25, "a short wingspan", "a long wingspan")
    details += comparative(sweep, 7, 22, "straight wings", "swept wings")
    if engines:
        details.append(count(engines, "jet engine"))
    if propellers:
        details.append(count(propellers, "propeller"))
    details += ["wings above the fuselage"] if high else []
    details += ["two wings one above the other"] if subtype == "biplane" else []
    details += ["landing gear"] if gear else []
    details += ["twin tail fins"] if fins == 2 else []
    nouns = [subtype, "airplane", "plane"]
    return Shape(
        "airplane", subtype, parts, facts, describe(rng, nouns, adjectives, details, [skin.name])
    )


def _fuselage(rng, subtype: str, radius: float) -> list[Solid]:
    """Nose at x = 1/2, tail at -1/2: a tube with a rounded nose and a tapered, rising tail."""
    nose = rng.uniform(0.06, 0.14) if subtype != "fighter" else rng.uniform(0.22, 0.34)
    tail = rng.uniform(0.25, 0.42)
    tip = radius * rng.uniform(0.15, 0.4)
    rise = radius - tip if subtype != "fighter" else 0
    solids = [
        frustum((-0.5 + tail, 0, 0), (0.5 - nose, 0, 0), radius),
        rod((-0.5 + tip, rise * 0.8, 0), (-0.5 + tail, 0, 0), tip, radius),
    ]
    if subtype == "fighter":
        solids.append(rod((0.5 - nose, 0, 0), (0.5, -radius * 0.2, 0), radius, radius * 0.15))
        width = radius * rng.uniform(1.2, 2.2)
        solids.append(
            prism(
                "y",
                [(0.15, -width), (0.15, width), (-0.45, width * 0.9), (-0.45, -width * 0.9)],
                -radius * 0.8,
                radius * 0.6,
                rounding=radius * 0.4,
            )
        )
    else:
        solids.append(ellipsoid((0.5 - nose, 0, 0), (nose, radius, radius)))
    return solids


def _wing(chord, taper, half_span, sweep, dihedral, thick, root) -> Solid:
    """A right-hand wing: a tapered prism along z, swept back and raised, thinner at the tip."""
    x, y = root
    tip = chord * taper
    section = [
        (chord / 2, 0),
        (chord * 0.35, thick / 2),
        (-chord * 0.1, thick / 2),
        (-chord / 2, 0),
        (-chord * 0.1, -thick / 2),
        (chord * 0.35, -thick / 2),
    ]
    back = np.tan(np.deg2rad(sweep)) * half_span - (chord - tip) / 2 * 0.5
    section = np.array(section) + np.array([x, y])
    up = np.tan(np.deg2rad(dihedral)) * half_span
    return prism("z", section, 0, half_span, scale=(1, taper), shift=(-back, up))


def _tail(rng, subtype, radius, half_span, chord, sweep) -> tuple[int, list[Solid]]:
    """Fins and tail planes; returns the number of fins."""
    height = rng.uniform(0.11, 0.19)
    root, lean = rng.uniform(0.11, 0.18), rng.uniform(0.03, 0.12) + (sweep > 20) * 0.05
    t = rng.uniform(0.006, 0.011)
    at = -0.5 + root * 0.55
    base = radius * 0.4
    section = [(at + root / 2, t), (at - root / 2, t), (at - root / 2, -t), (at + root / 2, -t)]
    fin = prism(
        "y", section, base, base + height, scale=(1, rng.uniform(0.35, 0.7)), shift=(-lean, 0)
    )
    twin = subtype == "fighter" and rng.random() < 0.5
    fins = [fin]
    if twin:
        shifted = np.array(section) + np.array([0, radius * rng.uniform(1.0, 1.8)])
        fins = mirrored(
            [prism("y", shifted, 0, height, scale=(1, 0.5), shift=(-lean, rng.uniform(0, 0.05)))]
        )
    t_tail = (
        not twin and subtype in ("business jet", "glider", "propeller plane") and rng.random() < 0.7
    )
    y = base + height - 0.01 if t_tail else radius * rng.uniform(0.1, 0.6)
    x = at - (lean if t_tail else 0)
    plane = rng.uniform(0.3, 0.42) * min(half_span, 0.55)
    stabiliser = _wing(
        root * 0.8, rng.uniform(0.4, 0.8), plane, min(sweep + 5, 40), 2, 0.016, (x, y)
    )
    return len(fins), fins + mirrored([stabiliser])


def _engines(rng, subtype, parts, wing, half_span, sweep, radius, skin) -> tuple[int, int]:
    """Jets in nacelles, or propellers as thin discs; returns how many of each."""
    wing_x, wing_y = wing
    back = np.tan(np.deg2rad(sweep))
    if subtype in ("airliner", "business jet"):
        four = subtype == "airliner" and rng.random() < 0.25
        r = radius * rng.uniform(0.38, 0.6)
        length = r * rng.uniform(2.4, 4.0)
        if subtype == "business jet" or rng.random() < 0.15:
            spots = [(-0.28, radius * 0.5, radius + r * 0.9)]
        else:
            shares = (0.32, 0.62) if four else (rng.uniform(0.28, 0.4),)
            spots = [
                (wing_x + 0.04 - back * half_span * f, wing_y - r * 1.1, half_span * f)
                for f in shares
            ]
        cowls = [
            frustum((x - length / 2, y, z), (x + length / 2, y, z), r * 0.75, r)
            for x, y, z in spots
        ]
        intakes = [
            frustum((x + length * 0.4, y, z), (x + length, y, z), r * 0.8) for x, y, z in spots
        ]
        parts.append(Part("engines", skin, mirrored(cowls), mirrored(intakes)))
        parts.append(
            Part(
                "windows",
                GLASS,
                [ellipsoid((0.455, radius * 0.45, 0), (0.025, radius * 0.3, radius * 0.6))],
            )
        )
        return 2 * len(spots), 0
    if subtype == "fighter":
        parts.append(
            Part(
                "canopy",
                GLASS,
                [ellipsoid((0.2, radius * 0.7, 0), (0.1, radius * 0.8, radius * 0.55))],
            )
        )
        return 1, 0
    canopy = ellipsoid(
        (rng.uniform(0.12, 0.25), radius * 0.65, 0), (0.09, radius * 0.75, radius * 0.7)
    )
    parts.append(Part("canopy", GLASS, [canopy]))
    if subtype == "glider":
        return 0, 0
    size = rng.uniform(0.08, 0.15)
    if subtype == "propeller plane":
        f, r = rng.uniform(0.28, 0.4), radius * rng.uniform(0.35, 0.5)
        spots = [(wing_x + 0.1, wing_y, half_span * f)]
        nacelles = [rod((x - 0.14, y, z), (x - 0.02, y, z), r * 0.5, r) for x, y, z in spots]
        parts.append(Part("nacelles", skin, mirrored(nacelles)))
        discs = [frustum((x, y, z), (x + 0.008, y, z), size) for x, y, z in spots]
        parts.append(Part("propellers", RUBBER, mirrored(discs)))
        return 0, 2
    blades = [
        rod((0.505, 0, 0), (0.505, size, 0), 0.006),
        rod((0.505, 0, 0), (0.505, -size, 0), 0.006),
    ]
    parts.append(Part("propeller", RUBBER, [*blades, ellipsoid((0.5, 0, 0), (0.03, 0.02, 0.02))]))
    return 0, 1
