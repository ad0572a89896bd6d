"""Panels, their cases and what they stand on or hang from: shared by all displays."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import Material, casing, metal, plastic
from training.shapes.operators import mirrored, moved, tube
from training.shapes.outlines import arc, band, rectangle
from training.shapes.part import Part
from training.shapes.solids import Solid, box, frustum, prism, rod, slab

FLAT_ASPECTS = (1.20, 1.33, 1.5, 1.6, 1.78, 1.78, 1.9, 2.35)  # width over height of flat panels
SCREEN = Material("black", (0.03, 0.035, 0.045), 0.85)  # as screens look that are off
CASES = ("black", "black", "grey", "white", "silver", "beige")  # colours of plastic cases


def random_case(rng) -> Material:
    """Mostly black, grey, white or beige plastic, now and then metal or a colour."""
    return casing(rng, CASES, metals=0.12, coloured=0.13, dullest=0.2)


def stand_material(rng, case: Material) -> Material:
    """That of the case, or a metal."""
    return case if rng.random() < 0.6 else metal(rng)


def panel_parts(rng, width, depth, bezel, y, facts, screen=SCREEN, x=0.0, case=None) -> list[Part]:
    """A flat case of height 1 with its lower edge at y, its back at x - depth; screen inset.

    The frame is cut away before the screen, which lies a little deeper.
    """
    chin = bezel * (rng.uniform(1, 3.5) if rng.random() < 0.3 else 1)
    facts["screen_aspect"], facts["bezel"] = (width - 2 * bezel) / (1 - bezel - chin), bezel
    corner = rng.uniform(0.0, 0.05)
    outline = rectangle(width, 1, corner, (0, y + 0.5))
    rounding = min(0.2 * depth, 0.02) * rng.integers(2)
    front = prism("x", outline, x - depth, x, rounding=rounding)
    thick = min(0.3 * depth, 0.02)
    opening = slab(
        (x - thick, y + chin, bezel - width / 2), (x + 0.1, y + 1 - bezel, width / 2 - bezel)
    )
    glass = slab(
        (x - 0.8 * depth, y + chin, bezel - width / 2),
        (x - 0.6 * thick, y + 1 - bezel, width / 2 - bezel),
    )
    return [
        Part("screen", screen, [glass]),
        Part("case", case or random_case(rng), [front], [opening]),
    ]


def curved_parts(rng, width, depth, bezel, y, facts, case) -> list[Part]:
    """A panel bent about an upright axis in front of it."""
    facts["screen_aspect"], facts["bezel"] = (width - 2 * bezel) / (1 - 2 * bezel), bezel
    facts["is_curved"] = True
    radius = width * rng.uniform(0.7, 1.8)
    half = np.rad2deg(width / 2 / radius)

    def sheet(reach: float, shift: float, thick: float, low: float, high: float) -> Solid:
        path = arc(radius + shift, 180 - reach, 180 + reach, 11, (radius, 0))
        return prism("y", band(path, thick), low, high)

    inner = half * (1 - 2 * bezel / width)
    glass = sheet(inner, -depth / 2 - 0.005, 0.04, y + bezel, y + 1 - bezel)
    return [Part("screen", SCREEN, [glass]), Part("case", case, [sheet(half, 0, depth, y, y + 1)])]


def side_speakers(rng, subtype: str, width, depth, y, facts) -> list[Part]:
    """Now and then a loudspeaker on each side, more often on televisions."""
    if subtype == "curved monitor" or rng.random() > (0.14 if "TV" in subtype else 0.07):
        return []
    facts["num_speakers"] = 2
    wide, tall = rng.uniform(0.08, 0.22), rng.uniform(0.5, 1.0)
    low = y + rng.uniform(0, 1 - tall)
    thick = depth * rng.uniform(0.8, 1.6)
    pair = [slab((-thick, low, width / 2 - 0.005), (-0.01, low + tall, width / 2 + wide), 0.02)]
    return [Part("speakers", plastic(rng), mirrored(pair))]


def wall_parts(rng, width: float, depth: float, low: float, facts: dict) -> list[Part]:
    """A bracket or a jointed arm behind the panel, at times a bar of speakers below it."""
    parts = []
    y = low + rng.uniform(0.4, 0.6)
    plate = np.array([0.04, rng.uniform(0.15, 0.6), rng.uniform(0.15, 0.6) * width])
    if rng.random() < 0.6:
        reach = -depth - rng.uniform(0.03, 0.12)
        steel = [
            slab(
                (reach, y - plate[1] / 2, -plate[2] / 2),
                (-0.7 * depth, y + plate[1] / 2, plate[2] / 2),
            )
        ]
        parts.append(Part("bracket", metal(rng), steel))
    elif rng.random() < 0.6:
        far, elbow = -depth - rng.uniform(0.15, 0.5), rng.uniform(-0.25, 0.25)
        joints = [(-0.9 * depth - 0.02, y, 0), (far / 2, y, elbow), (far, y, 0)]
        steel = [*tube(joints, 0.03), box((far, y, 0), plate * [1, 1, 0.6])]
        parts.append(Part("bracket", metal(rng), steel))
    if rng.random() < 0.12:
        facts["num_speakers"] = 1
        tall = rng.uniform(0.06, 0.14)
        bar = slab((-depth, low - tall, -0.45 * width), (0.02, low + 0.01, 0.45 * width), 0.01)
        parts.append(Part("speaker", plastic(rng), [bar]))
    return parts


def stand_parts(rng, subtype, width, depth, lift, low, facts, case) -> list[Part]:
    """What a panel with its lower edge at `low` stands on; two feet, or a neck with a foot."""
    material = stand_material(rng, case)
    reach = rng.uniform(0.16, 0.36) + 0.5 * depth  # of the foot to the front and to the back
    middle = -depth / 2
    if subtype in ("flat-screen TV", "curved monitor") and rng.random() < 0.4:  # a foot at each end
        facts["num_legs"] = 2
        z, thick = width * rng.uniform(0.25, 0.46), rng.uniform(0.02, 0.06)
        top = (middle, low + 0.1, z)
        feet = [rod(top, (middle + s * reach * 0.8, thick / 2, z), thick / 2) for s in (-1, 1)]
        if rng.random() < 0.3:  # or sledges
            feet = [
                slab((middle - reach, 0, z - thick), (middle + reach, 0.03, z + thick)),
                slab((middle - 0.04, 0, z - thick), (middle + 0.04, low + 0.1, z + thick)),
            ]
        if facts["is_curved"]:  # the ends come forward
            feet = moved(feet, (rng.uniform(0.9, 1.1) * z**2 / (2 * width), 0, 0))
        return [Part("feet", material, mirrored(feet))]
    facts["has_foot"] = True
    neck = rng.uniform(0.05, 0.5) * min(width, 1.3)
    facts["neck_width"], facts["neck_height"] = neck / width, low
    thick = rng.uniform(0.03, 0.12)
    base = rng.uniform(0.012, 0.07)
    wide = rng.uniform(0.35, 0.8) * max(width, 0.8)
    rear = middle - depth / 2 - rng.uniform(0, 0.6) * thick  # necks stand behind the panel
    top = low + rng.uniform(0.12, 0.45)
    kind = rng.choice(
        ["plate", "round", "vee", "bent", "arm", "bow"], p=[0.34, 0.28, 0.08, 0.12, 0.08, 0.10]
    )
    column = [slab((rear - thick / 2, 0, -neck / 2), (rear + thick / 2, top, neck / 2), 0.01)]
    column.append(slab((rear - thick / 2, low + 0.02, -neck / 2), (middle, top, neck / 2)))
    if kind == "plate":
        corner = rng.uniform(0, 0.5) * reach
        plan = rectangle(2 * reach, wide, corner, (rear + rng.uniform(0, 0.5) * reach, 0))
        foot = [prism("y", plan, 0, base, rounding=0.4 * base * rng.uniform(0, 1))]
    elif kind == "round":
        facts["has_round_foot"] = True
        r, center = 1.1 * reach, rear + rng.uniform(0, 0.4) * reach
        foot = [
            frustum(
                (center, 0, 0), (center, base, 0), r, rng.uniform(0.6, 1) * r, max(wide / 2 / r, 1)
            )
        ]
    elif kind == "vee":
        facts["num_legs"] = 0
        foot = mirrored(
            [rod((rear, base, 0), (rear + 1.6 * reach, 0.02, wide / 2), max(base, 0.03) / 2 + 0.01)]
        )
        foot.append(rod((rear, base, 0), (rear - 0.5 * reach, 0.02, 0), 0.03))
    elif kind == "bent":  # one bent sheet: down the back and forward along the table
        path = [
            (rear - 0.12, top),
            (rear - 0.14 - 0.2 * reach, 0.5 * low + 0.02),
            (rear - 0.1, 0.03),
            (rear + 1.5 * reach, 0.02),
        ]
        sheet = prism("z", band(path, 0.035), -neck / 2 - 0.05, neck / 2 + 0.05)
        return [
            Part(
                "stand",
                material,
                [sheet, slab((rear - 0.14, top - 0.05, -neck / 2), (middle, top, neck / 2))],
            )
        ]
    elif kind == "arm":
        return [
            Part(
                "stand",
                material,
                [
                    rod((rear - 0.35, 0, 0), (rear - 0.25, top, 0), 0.04),
                    rod((rear - 0.25, top, 0), (-0.9 * depth - 0.02, top, 0), 0.035),
                    frustum((rear - 0.3, 0, 0), (rear - 0.3, base + 0.02, 0), 0.7 * reach),
                ],
            )
        ]
    else:  # a bow that is flat on the ground
        foot = [
            prism(
                "y", band(arc(wide / 2, -75, 75, 9, (rear - 0.2 * wide, 0)), 0.09), 0, base + 0.01
            )
        ]
        foot.append(slab((rear - 0.04, 0, -neck / 2), (rear + 0.32 * wide, base + 0.01, neck / 2)))
    return [Part("stand", material, column + foot)]
