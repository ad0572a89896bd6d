"""Flat displays: monitors and televisions, laptops, signs, touch panels, cloth screens."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import (
    BARE_METALS,
    COLORS,
    Material,
    metal,
)
from training.shapes.operators import moved, tube, turned
from training.shapes.outlines import rectangle
from training.shapes.part import Part
from training.shapes.parts.devices.display_panels import (
    FLAT_ASPECTS,
    curved_parts,
    panel_parts,
    random_case,
    side_speakers,
    stand_parts,
    wall_parts,
)
from training.shapes.solids import box, frustum, loft, prism, rod, slab


def flat_display(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """Flat panels: monitors, televisions, all-in-ones, curved and wall-mounted screens."""
    width = float(rng.choice(FLAT_ASPECTS)) * rng.uniform(0.93, 1.07)
    if subtype in ("flat-screen TV", "wall-mounted screen"):
        width = rng.uniform(1.45, 1.95) if rng.random() < 0.9 else rng.uniform(1.2, 2.6)
    if subtype == "curved monitor":
        width = rng.uniform(1.7, 2.6)
    portrait = rng.random() < {"monitor": 0.08, "wall-mounted screen": 0.1}.get(subtype, 0)
    if portrait:
        width, depth = 1 / width, depth / width
    bezel = rng.uniform(0.015, 0.12) * min(width, 1)
    chin = 0.0
    if subtype == "all-in-one computer" and rng.random() < 0.7:
        chin = rng.uniform(0.15, 0.3)
    wall = subtype == "wall-mounted screen"
    lift = chin + (
        0 if wall else rng.uniform(0.05, 0.45) * (1 if subtype != "flat-screen TV" else 0.5)
    )
    case = random_case(rng)
    if subtype == "curved monitor":
        parts = curved_parts(rng, width, depth, bezel, lift, facts, case)
    else:
        parts = panel_parts(rng, width, depth, bezel, lift, facts, case=case)
    body = parts[1].solids
    if chin:  # the strip that holds the computer
        body.append(slab((-depth, lift - chin, -width / 2), (0, lift + 0.02, width / 2), 0.01))
    back = rng.random()
    if subtype != "curved monitor" and back < 0.55:  # electronics or a bulge behind the panel
        share, thick = rng.uniform(0.35, 0.85), rng.uniform(0.03, 0.15) * (0.5 if wall else 1)
        facts["has_tapered_back"] = bool(back < 0.3)
        big = rectangle(share * width, share * rng.uniform(0.7, 1.0), 0.0, (0, lift + 0.5))
        middle = big.mean(0)
        small = middle + (big - middle) * (
            rng.uniform(0.78, 0.92) if facts["has_tapered_back"] else 1
        )
        body.append(loft("x", small, big, -depth - thick, -0.6 * depth))
    parts += side_speakers(rng, subtype, width, depth, lift, facts)
    if rng.random() < 0.3:
        facts["num_buttons"] = count = int(rng.integers(3, 7))
        row = [
            box((0, lift + bezel / 2, 0.3 * width - 0.05 * k), (0.02, 0.02, 0.03))
            for k in range(count)
        ]
        parts.append(Part("buttons", metal(rng), row))
    tilt = (
        rng.uniform(-2, 14)
        if subtype in ("monitor", "all-in-one computer") and rng.random() < 0.5
        else 0
    )
    if tilt:
        facts["tilt"] = float(tilt)
        for part in parts:
            for name in ("solids", "carves"):
                setattr(
                    part, name, turned(getattr(part, name), "z", tilt, (-depth / 2, lift + 0.4, 0))
                )
    if wall:
        return parts + wall_parts(rng, width, depth, lift, facts)
    return parts + stand_parts(rng, subtype, width, depth, lift, lift - chin, facts, case)


def laptop(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A keyboard half that lies, and a screen half that leans back from the hinge."""
    width = rng.uniform(1.3, 1.65)
    case = random_case(rng)
    base, tilt = rng.uniform(0.03, 0.08), rng.uniform(0, 35)
    parts = panel_parts(rng, width, depth, rng.uniform(0.03, 0.08), 0.0, facts, case=case)
    for part in parts:
        part.solids = moved(turned(part.solids, "z", tilt), (0, 0.8 * base, 0))
        part.carves = moved(turned(part.carves, "z", tilt), (0, 0.8 * base, 0))
    facts.update(has_keyboard=True, tilt=float(tilt))
    low = slab((-0.04, 0, -width / 2), (1.0, base, width / 2), 0.01)
    rows, columns = 4, 11
    pitch, depth_key = 0.86 * width / columns, 0.1
    keys = [
        box(
            (0.2 + i * depth_key, base, (k - (columns - 1) / 2) * pitch),
            (0.8 * depth_key, 0.014, 0.8 * pitch),
        )
        for i in range(rows)
        for k in range(columns)
    ]
    pad = slab((0.68, base - 0.01, -0.16), (0.92, base + 0.004, 0.16))
    return [
        *parts,
        Part("base", case, [low]),
        Part("keys", Material("black plastic", COLORS["black"], 0.3), keys),
        Part("touchpad", metal(rng), [pad]),
    ]


def digital_sign(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """An upright screen at eye level: a totem, or a panel on a post."""
    width, bezel = rng.uniform(0.5, 0.7), rng.uniform(0.03, 0.08)
    case = random_case(rng)
    lift = rng.uniform(0.1, 1.0)
    parts = panel_parts(rng, width, depth, bezel, lift, facts, case=case)
    facts.update(has_foot=True, neck_height=lift)
    base = rng.uniform(0.02, 0.06)
    reach = rng.uniform(0.15, 0.3)
    middle = -depth / 2
    if rng.random() < 0.5:  # a totem
        facts["neck_width"] = 1.0
        post = slab((-depth, 0, -width / 2), (0, lift + 0.02, width / 2), 0.005)
    else:
        neck = rng.uniform(0.08, 0.3) * width
        facts["neck_width"] = neck / width
        post = slab((middle - 0.03, 0, -neck / 2), (middle + 0.03, lift + 0.1, neck / 2))
    foot = slab(
        (middle - reach, 0, -rng.uniform(0.4, 0.7) * width),
        (middle + reach, base, rng.uniform(0.4, 0.7) * width),
    )
    return [*parts, Part("stand", case, [post, foot])]


def touch_panel(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A small screen that lies back on a block, or on a post with a foot."""
    width, tilt = rng.uniform(1.1, 1.6), rng.uniform(15, 60)
    case = random_case(rng)
    parts = panel_parts(rng, width, depth, rng.uniform(0.04, 0.1), 0.0, facts, case=case)
    lift = rng.uniform(0.15, 1.2) if rng.random() < 0.7 else 0.1
    for part in parts:
        part.solids = turned(moved(part.solids, (0, lift, 0)), "z", tilt, (0, lift, 0))
        part.carves = turned(moved(part.carves, (0, lift, 0)), "z", tilt, (0, lift, 0))
    lean = np.deg2rad(tilt)
    x = -0.45 * np.sin(lean) - depth * np.cos(lean) / 2  # the panel's middle is above it

    def under(at: float) -> tuple[float, float]:  # a point in the panel's middle plane
        return at, max(lift + 0.45 * np.cos(lean) + (x - at) / np.tan(lean), 0.02)

    neck = rng.uniform(0.15, 0.5) * width
    facts.update(tilt=float(tilt), has_foot=True, neck_width=neck / width, neck_height=lift)
    side = [(x - 0.08, 0), (x + 0.08, 0), under(x + 0.08), under(x - 0.08)]
    post = prism("z", side, -neck / 2, neck / 2)
    half = rng.uniform(0.35, 0.55) * width
    foot = prism(
        "y",
        rectangle(rng.uniform(0.5, 0.9), 2 * half, 0.06, (x + 0.1, 0)),
        0,
        rng.uniform(0.03, 0.1),
    )
    return [*parts, Part("stand", case, [post, foot])]


def projection_screen(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A white cloth between a case and a bar, on a tripod or hanging from the wall."""
    width = rng.uniform(0.95, 1.8)
    cloth = Material("white fabric", COLORS["white"], 0.1)
    facts.update(screen_aspect=width, bezel=0.02)
    stands = rng.random() < 0.65
    lift = rng.uniform(0.35, 0.7) if stands else 0.0
    sheet = slab((-0.01, lift, -width / 2), (0.01, lift + 1, width / 2))
    border = [
        slab((-0.012, y, -width / 2), (0.014, y + 0.025, width / 2)) for y in (lift, lift + 0.97)
    ]
    tube_y = lift if stands and rng.random() < 0.5 else lift + 1
    roll = frustum(
        (-0.01, tube_y, -width / 2 - 0.04),
        (-0.01, tube_y, width / 2 + 0.04),
        rng.uniform(0.03, 0.06),
    )
    parts = [
        Part("screen", cloth, [sheet]),
        Part("border", Material("black", COLORS["black"], 0.2), border),
    ]
    steel = Material("steel", BARE_METALS["steel"], 0.7)
    frame = [roll]
    if stands:
        facts["num_legs"], reach = 3, rng.uniform(0.35, 0.55)
        hub = (-0.05, rng.uniform(0.6, 0.9) * lift, 0)
        frame.append(rod((-0.05, 0.5 * lift, 0), (-0.03, lift + 1, 0), 0.025))
        tips = [
            (reach * np.cos(a) - 0.05, 0.02, reach * np.sin(a)) for a in np.deg2rad([60, 180, 300])
        ]
        frame += [s for tip in tips for s in tube([hub, tip], 0.022)]
    return [*parts, Part("frame", steel, frame)]
