"""Buses and trucks, for the car family."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import CHROME, COLORS, GLASS, Material, metal, paint, wood
from training.shapes.operators import mirrored, turned
from training.shapes.part import Part
from training.shapes.parts.cars.vehicles import (
    DARK,
    Cabin,
    hull,
    lamps_and_bumpers,
    plank,
    running_gear,
)
from training.shapes.solids import box, frustum, prism, rod, slab


def bus(rng, subtype: str, p: dict) -> tuple[list[Part], dict]:
    """A long box full of windows."""
    half, height = p["width"] / 2, p["height"]
    radius = rng.uniform(0.034, 0.055)
    ground = radius * rng.uniform(0.5, 0.9)
    color, square = paint(rng, 0.8), rng.uniform(0.5, 1.0)
    front, lean = rng.uniform(0.0, 0.05), rng.uniform(0.0, 0.03)
    bonnet = rng.uniform(0.10, 0.18) if subtype == "bus" and rng.random() < 0.25 else 0.0
    belt = height * (rng.uniform(0.40, 0.52) if subtype == "bus" else rng.uniform(0.26, 0.34))
    stop = 0.5 - bonnet
    cabin = Cabin(
        (-0.5, stop - 0.004),
        (-0.5 + lean, stop - front - 0.01),
        belt,
        height,
        half,
        rng.uniform(0.88, 0.99),
        rng.uniform(0, 1.2),
    )
    stations = [
        (-0.5, half * 0.97, ground * 1.3, belt),
        (-0.48, half, ground, belt),
        (stop - 0.02, half, ground, belt),
    ]
    stations.append((stop, half * 0.95, ground, belt))
    body = Part("body", color, hull(stations, square))
    if bonnet:  # a school bus
        stations = [
            (stop - 0.02, 0.9 * half, ground, belt),
            (0.48, 0.8 * half, ground, 0.9 * belt),
            (0.5, 0.75 * half, ground * 1.2, 0.8 * belt),
        ]
        body.solids += hull(stations, 0.5)
    double = subtype == "double-decker bus"
    count = int(rng.integers(5, 10))
    rows = (
        [(0.08, 0.34), (0.58, 0.88)] if double else [(rng.uniform(0, 0.15), rng.uniform(0.6, 0.85))]
    )
    panes, pillars = [], []
    for low, high in rows:
        glass, posts = cabin.windows(count, low, high)
        panes += glass + cabin.screens(low, high)
        pillars += posts
    axles = [0.5 - rng.uniform(0.13, 0.22), -0.5 + rng.uniform(0.18, 0.28)]
    if bonnet:
        axles[0] = 0.5 - max(0.55 * bonnet, 1.3 * radius)
    if rng.random() < 0.3:
        axles.append(axles[1] - 2.3 * radius)
    facts = {
        "num_axles": len(axles),
        "num_side_windows": count * len(rows),
        "bonnet_share": bonnet,
        "wheel": radius,
        "ground": ground,
    }
    parts = [body, Part("roof", color, cabin.body()), Part("windows", GLASS, panes, pillars)]
    parts += running_gear(rng, body, axles, radius, half)
    parts += lamps_and_bumpers(rng, half * (0.75 if bonnet else 0.95), ground, 0.7 * belt, belt)
    if rng.random() < 0.5:
        facts["has_mirrors"] = True
        ears = mirrored(
            [slab((stop - 0.03, belt, 0.9 * half), (stop - 0.01, belt + 0.07, half + 0.02))]
        )
        parts.append(Part("mirrors", DARK, ears))
    if rng.random() < 0.3:
        unit = plank(
            (-0.3, rng.uniform(-0.15, 0.1)), height - 0.02, height + 0.02, 0.6 * half, 0.005
        )
        parts.append(Part("air conditioning", color, [unit]))
    return parts, facts


def truck(rng, subtype: str, p: dict) -> tuple[list[Part], dict]:
    """A cab on a chassis, and behind it a box, a trailer, a tipping body or nothing."""
    half, height = p["width"] / 2, p["height"]
    trailer, alone = subtype == "semi-trailer truck", subtype == "tractor unit"
    radius = height * (rng.uniform(0.12, 0.15) if trailer else rng.uniform(0.13, 0.18))
    ground, deck = 0.8 * radius, radius * rng.uniform(1.7, 2.3)
    cab = height * (rng.uniform(0.7, 0.98) if not alone else rng.uniform(0.85, 1.0))
    share = {"semi-trailer truck": (0.12, 0.17), "tractor unit": (0.32, 0.42)}.get(
        subtype, (0.2, 0.3)
    )
    length = rng.uniform(*share)
    bonnet = length * rng.uniform(0.45, 0.8) if rng.random() < 0.45 else 0.0
    stop = 0.5 - bonnet
    back = stop - length
    belt = ground + rng.uniform(0.46, 0.58) * (cab - ground)
    color = paint(rng, 0.8)
    wide = half * rng.uniform(0.9, 1.0)
    screen = rng.uniform(0.02, 0.25) * length
    cabin = Cabin(
        (back, stop),
        (back, stop - screen),
        belt,
        cab,
        wide,
        rng.uniform(0.86, 0.98),
        rng.uniform(0, 0.6),
    )
    tip = 0.004 if bonnet else 0.0
    body = Part(
        "cab",
        color,
        hull(
            [
                (back, wide, ground, belt),
                (stop - 0.01, wide, ground, belt),
                (stop + tip, 0.96 * wide, ground, belt),
            ],
            0.8,
        ),
    )
    nose = belt
    if bonnet:
        nose = belt * rng.uniform(0.8, 0.95)
        body.solids += hull(
            [
                (stop - 0.02, 0.85 * wide, ground, belt),
                (0.48, 0.7 * wide, ground, nose),
                (0.5, 0.66 * wide, ground, 0.94 * nose),
            ],
            0.7,
        )
        body.solids += mirrored(
            [slab((0.5 - bonnet, ground, 0.5 * wide), (0.485, 2.3 * radius, wide), 0.02)]
        )
    windows = 2 if subtype == "fire engine" and rng.random() < 0.6 else 1
    span = (0.15 if windows == 1 else 0.05, 0.95)
    panes, pillars = cabin.windows(windows, 0.08, 0.8, span)
    panes += cabin.screens(0.08, 0.8, back=False)
    parts = [body, Part("roof", color, cabin.body()), Part("windows", GLASS, panes, pillars)]
    chassis = [plank((-0.5 if not trailer else back - 0.16, stop), ground, deck, 0.55 * half)]
    front = 0.5 - (0.45 * bonnet if bonnet else rng.uniform(0.3, 0.55) * length)
    front = min(front, 0.497 - 1.1 * radius)
    if trailer:
        axles = [
            front,
            back - rng.uniform(0.02, 0.05),
            *(
                -0.46
                + rng.uniform(1.0, 1.3) * radius
                + np.arange(rng.integers(1, 4)) * 2.2 * radius
            ),
        ]
        if rng.random() < 0.6:
            axles.insert(2, axles[1] - 2.2 * radius)
    else:
        axles = [front, -0.5 + rng.uniform(1.3, 2.6 if not alone else 1.6) * radius]
        if rng.random() < 0.4:
            axles.append(axles[1] + 2.15 * radius)
    facts = {
        "num_axles": len(axles),
        "num_side_windows": windows,
        "bonnet_share": bonnet,
        "windscreen_slant": screen,
        "wheel": radius,
        "ground": ground,
        "has_trailer": trailer,
    }
    parts += _load(rng, subtype, (back, half, deck, height, cab), color, facts)
    parts += [Part("chassis", DARK, chassis), *running_gear(rng, body, axles, radius, half)]
    parts += lamps_and_bumpers(
        rng, (0.66 if bonnet else 0.96) * wide, ground, 0.8 * nose if bonnet else 0.7 * belt, deck
    )[::2]
    parts.append(
        Part(
            "bumper",
            CHROME,
            [plank((0.48, 0.51), ground * 0.8, ground + 0.5 * radius, 0.95 * wide, 0.005)],
        )
    )
    if alone or rng.random() < 0.3:
        facts["has_mirrors"] = True
        ears = mirrored(
            [
                slab(
                    (stop - 0.03, belt, 0.85 * wide),
                    (stop - 0.015, belt + 0.25 * (cab - belt) + 0.02, half + 0.02),
                )
            ]
        )
        stacks = (
            mirrored(
                [
                    frustum(
                        (back - 0.005, deck, 0.8 * wide),
                        (back - 0.005, cab * 1.04, 0.8 * wide),
                        0.012,
                    )
                ]
            )
            if alone
            else []
        )
        parts += [Part("mirrors", CHROME, ears), Part("exhaust pipes", CHROME, stacks)]
    return parts, facts


def _load(rng, subtype: str, sizes, color: Material, facts: dict) -> list[Part]:
    """What a truck carries, from the cab's back to the tail."""
    back, half, deck, height, cab = sizes
    gap = rng.uniform(0.005, 0.03)
    x = (-0.5, back - gap)
    if subtype == "tractor unit":
        plate = frustum((-0.25, deck - 0.01, 0), (-0.25, deck + 0.02, 0), 0.4 * half)
        return [Part("coupling", DARK, [plate])]
    if subtype == "dump truck":
        facts["has_bed"] = True
        top, floor, lip = height * rng.uniform(0.7, 1.0), deck - 0.01, rng.uniform(0.0, 0.1)
        tub = prism(
            "z",
            [(x[0], floor + lip), (x[1], floor), (x[1] + gap * 0.5, top), (x[0] - lip * 0.3, top)],
            -half,
            half,
        )
        pit = prism(
            "z",
            [
                (x[0] + 0.03, floor + lip + 0.04),
                (x[1] - 0.03, floor + 0.04),
                (x[1] - 0.02, top + 0.1),
                (x[0] + 0.02, top + 0.1),
            ],
            -0.86 * half,
            0.86 * half,
        )
        tilt = rng.uniform(10, 35) if rng.random() < 0.15 else 0.0  # as it tips its load
        tub, pit = turned([tub, pit], "z", -tilt, (x[0] + 0.05, floor, 0))
        ram = [
            rod(
                (x[1] - 0.15, floor - 0.02, 0),
                (x[1] - 0.15, floor + 0.25 * np.tan(np.deg2rad(tilt)) + 0.03, 0),
                0.012,
            )
        ]
        return [Part("tipping body", paint(rng, 0.4), [tub], [pit]), Part("ram", CHROME, ram)]
    if subtype == "fire engine":
        top = height * rng.uniform(0.82, 0.95)
        locker = Part("body", color, [plank((-0.5, back + 0.01), deck * 0.75, top, half, 0.01)])
        facts["has_light_bar"] = facts["has_ladder"] = True
        y, z = height + 0.012, 0.35 * half
        rails = mirrored([rod((-0.49, y, z), (0.3, y + rng.uniform(0, 0.06), z), 0.01)])
        rungs = [rod((u, y, -z), (u, y, z), 0.008) for u in np.linspace(-0.46, 0.2, 8)]
        rest = [
            slab((-0.45, top - 0.01, -z), (-0.42, y, z)),
            slab((back - 0.05, top - 0.01, -z), (back - 0.02, y + 0.02, z)),
        ]
        bar = box((back + 0.1, cab + 0.01, 0), (0.04, 0.05, 1.4 * half), 0.01)
        shutters = mirrored(
            [
                slab((u, deck * 1.2, half - 0.01), (u + 0.1, top * 0.9, half + 0.004))
                for u in np.linspace(-0.47, back - 0.13, 3)
            ]
        )
        return [
            locker,
            Part("ladder", metal(rng), rails + rungs + rest),
            Part("light bar", Material("blue", COLORS["blue"], 0.8), [bar]),
            Part("shutters", metal(rng), shutters),
        ]
    kind = rng.choice(["box", "tank", "flatbed"], p=[0.72, 0.14, 0.14])
    bed = plank(x, 0.8 * deck, deck + 0.01, half)
    if kind == "tank":
        r = min((height - deck) / 2, half)
        drum = frustum(
            (x[0] + 0.01, deck + r - 0.005, 0),
            (x[1], deck + r - 0.005, 0),
            r,
            aspect=half / r * 0.98,
        )
        return [Part("tank", metal(rng), [drum]), Part("bed", DARK, [bed])]
    if kind == "flatbed":
        facts["has_bed"] = True
        rim = rng.uniform(0.02, 0.08)
        sides = mirrored([slab((x[0], deck, 0.9 * half), (x[1], deck + rim, half))])
        ends = [
            plank((x[1] - 0.02, x[1]), deck, deck + 2 * rim, half),
            plank((x[0], x[0] + 0.02), deck, deck + rim, half),
        ]
        return [Part("bed", wood(rng), [bed, *sides, *ends])]
    cargo = plank(x, deck - 0.01, height, half, rng.uniform(0, 0.015))
    return [Part("cargo box", paint(rng, 0.4), [cargo]), Part("bed", DARK, [bed])]
