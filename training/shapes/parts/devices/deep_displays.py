"""Displays with depth: picture tubes, rounded all-in-ones, rear projection, consoles."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import (
    COLORS,
    Material,
    fabric,
    metal,
    plastic,
    wood,
)
from training.shapes.operators import mirrored, moved
from training.shapes.outlines import rectangle
from training.shapes.part import Part
from training.shapes.parts.devices.display_panels import SCREEN, panel_parts, random_case
from training.shapes.parts.furniture import four_legs
from training.shapes.solids import ellipsoid, frustum, loft, prism, rod, slab


def tube_display(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A deep case whose back tapers, on a small swivelling foot or on nothing."""
    television = subtype == "tube TV"
    width = rng.uniform(1.05, 1.45) if television else rng.uniform(0.98, 1.22)
    lift = 0.0 if television and rng.random() < 0.7 else rng.uniform(0.05, 0.25)
    bezel = rng.uniform(0.06, 0.14)
    facts.update(bezel=bezel, has_tapered_back=True)
    case = random_case(rng)
    chin = rng.uniform(0.0, 0.18)
    facts["screen_aspect"] = (width - 2 * bezel) / (1 - 2 * bezel - chin)
    front_depth = rng.uniform(0.12, 0.5) * depth  # before the back begins to taper
    corner = rng.uniform(0.0, 0.1)
    front = rectangle(width, 1, max(corner, 0.01), (0, lift + 0.5))
    middle = front.mean(0) + np.array([0, rng.uniform(-0.12, 0.05)])
    small = middle + (front - front.mean(0)) * [rng.uniform(0.45, 0.85), rng.uniform(0.45, 0.85)]
    small[:, 1] = small[:, 1].clip(lift)
    belly = (front + small) / 2 + (rng.uniform(0, 0.16) * (front - small))
    knee = -front_depth - rng.uniform(0.35, 0.6) * (depth - front_depth)
    body = [
        prism("x", front, -front_depth, 0, rounding=rng.uniform(0, 0.03)),
        loft("x", belly, front * 0.94 + 0.06 * front.mean(0), knee, -front_depth + 0.01),
        loft("x", small, belly, -depth, knee),
        slab((-0.9 * depth, lift + 0.25, -0.2 * width), (-0.1, lift + 0.7, 0.2 * width)),
    ]
    low, high = lift + bezel + chin, lift + 1 - bezel
    opening = slab((-0.02, low, bezel - width / 2), (0.1, high, width / 2 - bezel), 0.01)
    parts = [
        Part(
            "screen",
            SCREEN,
            [slab((-0.1, low, bezel - width / 2), (-0.012, high, width / 2 - bezel))],
        ),
        Part("case", case, body, [opening]),
    ]
    if chin > 0.06 or television:
        facts["num_buttons"] = count = int(rng.integers(2, 7))
        y = lift + bezel / 2 + 0.4 * chin
        row = [
            frustum((-0.02, y, z), (0.02, y, z), 0.018)
            for z in 0.4 * width - 0.08 * np.arange(count)
        ]
        parts.append(Part("buttons", metal(rng), row))
    if television and rng.random() < 0.55:
        facts["has_antenna"] = True
        foot = (-0.4 * front_depth - 0.05, lift + 0.99, 0.0)
        spread, tall = rng.uniform(0.25, 0.6), rng.uniform(0.3, 0.7)
        ears = mirrored([rod(foot, np.add(foot, (0, tall, spread)), 0.012)])
        parts.append(Part("antenna", metal(rng), [*ears, ellipsoid(foot, (0.09, 0.06, 0.09))]))
    if television and rng.random() < 0.25:
        facts["num_speakers"] = 2
        box_width = rng.uniform(0.1, 0.2)
        pair = [
            slab(
                (-front_depth, lift, width / 2 - 0.01),
                (-0.01, lift + 1, width / 2 + box_width),
                0.01,
            )
        ]
        parts.append(Part("speakers", plastic(rng), mirrored(pair)))
    if lift:
        facts["has_foot"] = True
        center = -rng.uniform(0.35, 0.5) * depth
        r = rng.uniform(0.25, 0.42) * min(width, depth)
        facts["neck_width"], facts["neck_height"] = 1.2 * r / width, lift
        facts["has_round_foot"] = bool(rng.random() < 0.5)
        neck = frustum((center, 0, 0), (center, lift + 0.1, 0), 0.6 * r)
        plate = frustum((center, 0, 0), (center, 0.4 * lift, 0), r, 0.9 * r)
        if not facts["has_round_foot"]:
            plate = slab((center - r, 0, -r), (center + r, 0.4 * lift, r), 0.02)
        parts.append(Part("stand", case, [neck, plate]))
    return parts


def egg_display(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A computer in one with its tube, as of 1998: translucent, round at the back."""
    width, bezel = rng.uniform(0.95, 1.15), rng.uniform(0.10, 0.17)
    chin, lean = rng.uniform(0.12, 0.25), rng.uniform(0.0, 0.25)
    facts.update(
        screen_aspect=(width - 2 * bezel) / (1 - 2 * bezel - chin),
        bezel=bezel,
        has_tapered_back=True,
    )
    case = plastic(rng)
    stations = np.linspace(0, 1, 7) ** 0.8
    fullness = rng.uniform(1.8, 3.2)  # of the superellipse that the back follows
    sizes = (1 - (0.97 * stations) ** fullness) ** (1 / 2)
    rings = []
    for t, size in zip(stations, sizes, strict=True):
        low = 0.25 * (1 - size) * (1 - lean)  # the floor rises less than the top falls
        high = low + size * (1 - lean * t)
        rings.append(rectangle(width * size, high - low, 0.35 * size, (0, (low + high) / 2)))
    body = [
        loft("x", b, a, -depth * t2, -depth * t1)
        for a, b, t1, t2 in zip(rings[:-1], rings[1:], stations[:-1], stations[1:], strict=True)
    ]
    body += [ellipsoid((-0.45 * depth, 0.46, 0), (0.42 * depth, 0.38, 0.4 * width))]
    body += [slab((-0.6 * depth, 0, -0.3 * width), (-0.1 * depth, 0.2, 0.3 * width), 0.05)]
    glass = slab(
        (-0.1, bezel + chin, bezel - width / 2), (0.012, 1 - bezel, width / 2 - bezel), 0.01
    )
    parts = [Part("case", case, body), Part("screen", SCREEN, [glass])]
    facts["num_speakers"] = 2
    y, z, r = bezel + 0.35 * chin, 0.3 * width, rng.uniform(0.05, 0.08)
    parts.append(
        Part(
            "speakers",
            Material("grey plastic", COLORS["grey"], 0.3),
            mirrored([frustum((-0.03, y, z), (0.015, y, z), r)]),
        )
    )
    return parts


def rear_projection(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A tall floor-standing set: the picture above, a loudspeaker front below."""
    width, skirt = rng.uniform(1.15, 1.7), rng.uniform(0.15, 0.6)
    case = random_case(rng)
    parts = panel_parts(rng, width, 0.12, rng.uniform(0.03, 0.08), skirt, facts, case=case)
    taper = rng.uniform(0.45, 0.95)
    side = [
        (-0.02, 0),
        (-0.02, skirt + 0.98),
        (-0.3 * depth, skirt + 0.98),
        (-depth, skirt + taper),
        (-depth, 0),
    ]
    facts["has_tapered_back"] = taper < 0.8
    narrow = rng.uniform(0.6, 1.0)
    back = (
        mirrored([prism("z", side, 0, width / 2 * 0.99)])
        if narrow > 0.9
        else [
            loft(
                "x",
                rectangle(width * narrow, skirt + taper, 0, (0, (skirt + taper) / 2)),
                rectangle(width * 0.99, skirt + 0.98, 0, (0, (skirt + 0.98) / 2)),
                -depth,
                -0.02,
            )
        ]
    )
    grille = slab((-0.05, 0.04, -0.46 * width), (0.005, skirt - 0.02, 0.46 * width))
    parts[1].solids += [*back, slab((-0.12, 0, -width / 2), (-0.01, skirt + 0.02, width / 2))]
    return [*parts, Part("speaker grille", fabric(rng), [grille])]


def console_display(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A wooden cabinet on legs, the tube to one side of knobs and a loudspeaker, or above."""
    width, legs = rng.uniform(1.1, 1.8), rng.uniform(0.15, 0.55)
    timber = wood(rng) if rng.random() < 0.8 else random_case(rng)
    cabinet = slab((-depth, legs, -width / 2), (0, legs + 1, width / 2), rng.uniform(0, 0.05))
    side = rng.uniform(0.2, 0.3) * width  # of the strip of knobs, at +z
    left, right = -0.46 * width, 0.5 * width - side
    low, high = legs + 0.1, legs + 0.9
    facts.update(screen_aspect=(right - left) / (high - low), bezel=0.1, num_legs=4)
    glass = slab((-0.1, low, left), (0.02, high, right), 0.015)
    facts["num_buttons"] = count = int(rng.integers(2, 5))
    z = 0.5 * width - side / 2
    knobs = [
        frustum((-0.02, y, z), (0.05, y, z), 0.055)
        for y in np.linspace(high - 0.08, high - 0.14 * count, count)
    ]
    grille = slab(
        (-0.03, low, right + 0.03), (0.01, high - 0.14 * count - 0.08, 0.5 * width - 0.04)
    )
    feet = moved(
        four_legs(
            str(rng.choice(["round", "tapered", "square"])),
            depth / 2 - 0.08,
            width / 2 - 0.1,
            legs + 0.01,
            0.07,
            rng.uniform(1.0, 1.15),
        ),
        (-depth / 2, 0, 0),
    )
    parts = [
        Part("cabinet", timber, [cabinet]),
        Part("screen", SCREEN, [glass]),
        Part("legs", timber, feet),
    ]
    parts += [Part("knobs", metal(rng), knobs), Part("speaker grille", fabric(rng), [grille])]
    if rng.random() < 0.6:
        facts["has_antenna"] = True
        foot = (-depth / 2, legs + 1, 0)
        tip = np.add(foot, (0, rng.uniform(0.3, 0.6), rng.uniform(0.2, 0.5)))
        ears = mirrored([rod(foot, tip, 0.014)])
        parts.append(Part("antenna", metal(rng), [*ears, ellipsoid(foot, (0.1, 0.06, 0.1))]))
    return parts
