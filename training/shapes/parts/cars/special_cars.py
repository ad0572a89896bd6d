"""Cars unlike others, for the car family: vintage cars and formula racers."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import CHROME, COLORS, GLASS, RUBBER, Material, metal, paint, wood
from training.shapes.operators import mirrored
from training.shapes.outlines import arc, band
from training.shapes.part import Part
from training.shapes.parts.cars.vehicles import (
    DARK,
    Cabin,
    hull,
    open_cabin,
    plank,
    wheels,
)
from training.shapes.solids import ellipsoid, frustum, prism, rod, slab


def vintage(rng, subtype: str, p: dict) -> tuple[list[Part], dict]:
    """Separate wings over every wheel, running boards between them, an upright cabin."""
    half, height = rng.uniform(0.17, 0.215), rng.uniform(0.34, 0.48)
    radius = rng.uniform(0.19, 0.26) * height
    belt, ground = height * rng.uniform(0.54, 0.64), radius * rng.uniform(0.6, 0.95)
    inner = half * rng.uniform(0.6, 0.78)  # the body is narrower than the track
    bonnet = rng.uniform(0.27, 0.40)
    foot = (-0.5 + rng.uniform(0.02, 0.18), 0.5 - bonnet)
    upright = rng.uniform(0.0, 0.05)
    cabin = Cabin(
        foot,
        (foot[0] + rng.uniform(0.01, 0.1), foot[1] - upright),
        belt,
        height,
        inner * rng.uniform(0.92, 1.0),
        rng.uniform(0.84, 0.96),
        rng.uniform(0, 0.8),
    )
    thin = rng.uniform(0.45, 0.95)  # width of the radiator over that of the body
    lid = belt * rng.uniform(0.82, 1.0)
    stations = [
        (-0.49, 0.7 * inner, ground * 1.2, 0.8 * belt),
        (foot[0] + 0.01, inner, ground, belt),
        (foot[1], inner, ground, belt),
        (foot[1] + 0.03, inner * (1 + thin) / 2, ground, lid),
        (0.47, inner * thin, ground, 0.96 * lid),
    ]
    color = paint(rng, 0.8)
    facts = {
        "bonnet_share": bonnet,
        "boot_share": foot[0] + 0.5,
        "windscreen_slant": upright,
        "wheel": radius,
        "ground": ground,
        "has_running_boards": True,
        "has_separate_wings": True,
        "open_top": bool(rng.random() < 0.4),
    }
    body = Part("body", color, hull(stations, rng.uniform(0.2, 0.9)))
    parts = [body]
    if facts["open_top"]:
        parts += open_cabin(rng, cabin, body, ground, facts)
    else:
        count = facts["num_side_windows"] = int(rng.integers(1, 4))
        panes, pillars = cabin.windows(count, 0.1, 0.82)
        panes += cabin.screens(0.15, 0.82)
        parts += [Part("roof", color, cabin.body()), Part("windows", GLASS, panes, pillars)]
    thick = rng.uniform(0.2, 0.34) * half
    axles = (0.5 - 1.12 * radius, -0.5 + rng.uniform(1.15, 1.9) * radius)
    tyres, rims = wheels(axles, radius, half - 0.004, thick)
    wing_paint = Material("black", COLORS["black"], 0.7) if rng.random() < 0.4 else color
    guard, start = 0.86 * inner * min(thin, 0.9), ground + 0.02
    if rng.random() < 0.5:  # thin strips bent over the wheels
        strip = band(arc(1.2 * radius, rng.uniform(-5, 15), 165), 0.022)
        wings = [prism("z", strip + np.array([x, radius]), guard, half) for x in axles]
    else:  # pontoons
        radii = (rng.uniform(1.3, 1.7) * radius, 1.25 * radius, 0.5 * (half - guard) + 0.02)
        wings = [ellipsoid((x, 0.95 * radius, half - radii[2] + 0.005), radii) for x in axles]
    board = slab((axles[1] + radius, start, guard), (axles[0] - radius, start + 0.025, half * 0.98))
    parts += [
        Part("wings", wing_paint, mirrored(wings)),
        Part("running boards", wing_paint, mirrored([board])),
        Part("tyres", RUBBER, tyres),
        Part("wheels", wood(rng) if rng.random() < 0.3 else metal(rng), rims),
        Part(
            "axles",
            DARK,
            [frustum((x, radius, -half + 0.02), (x, radius, half - 0.02), 0.012) for x in axles],
        ),
        Part(
            "chassis",
            DARK,
            [plank((axles[1], axles[0]), radius * 0.8, max(ground, radius) + 0.03, guard * 1.05)],
        ),
        Part(
            "radiator",
            CHROME,
            [plank((0.46, 0.485), ground, lid * 0.98, inner * thin * 0.95, 0.01)],
        ),
        Part(
            "headlamps",
            CHROME,
            mirrored([ellipsoid((0.45, 0.8 * lid, inner * thin + 0.012), (0.024, 0.026, 0.026))]),
        ),
    ]
    if rng.random() < 0.4:
        facts["has_spare_wheel"] = True
        parts.append(
            Part(
                "spare wheel",
                RUBBER,
                [frustum((-0.51, 0.6 * belt, 0), (-0.46, 0.6 * belt, 0), 0.9 * radius)],
            )
        )
    return parts, facts


def racer(rng, subtype: str, p: dict) -> tuple[list[Part], dict]:
    """A slender body between open wheels, in most cases with wings at both ends."""
    half, radius = rng.uniform(0.17, 0.215), rng.uniform(0.062, 0.085)
    slim = half * rng.uniform(0.24, 0.36)
    deck = rng.uniform(0.10, 0.14)
    ground = rng.uniform(0.015, 0.03)
    color = paint(rng, 0.9)
    tail, nose = rng.uniform(0.4, 0.9), rng.uniform(0.25, 0.7)
    seat = rng.uniform(-0.08, 0.06)  # the x of the driver
    stations = [
        (-0.47, slim * tail, ground + 0.03, deck * 0.9),
        (seat - 0.1, slim * 1.25, ground, deck * 1.25),
        (seat + 0.02, slim * 1.2, ground, deck),
        (seat + 0.2, slim, ground + 0.01, deck * 0.95),
        (0.49, slim * nose, ground + 0.03, deck * rng.uniform(0.5, 0.7)),
    ]
    body = Part("body", color, hull(stations, rng.uniform(0, 0.6)))
    axles = (rng.uniform(0.27, 0.34), -0.5 + radius + rng.uniform(0.02, 0.06))
    thick = rng.uniform(0.35, 0.5) * half
    back, front = (
        wheels(axles[1:], radius, half, thick),
        wheels(axles[:1], 0.94 * radius, half, 0.8 * thick),
    )
    links = [
        rod(
            (x + dx, radius * 0.95, -half + thick / 2),
            (x + dx, radius * 0.95, half - thick / 2),
            0.008,
        )
        for x in axles
        for dx in (-0.025, 0.025)
    ]
    helmet = ellipsoid((seat + 0.03, deck + 0.015, 0), (0.03, 0.034, 0.028))
    parts = [
        body,
        Part("tyres", RUBBER, back[0] + front[0]),
        Part("rims", metal(rng), back[1] + front[1]),
        Part("suspension", DARK, links),
        Part("helmet", paint(rng, 0.8), [helmet]),
    ]
    facts = {
        "num_seats": 0,
        "bonnet_share": 0.5 - (seat + 0.06),
        "boot_share": seat + 0.4,
        "open_top": True,
        "wheel": radius,
        "ground": ground,
    }
    if rng.random() < 0.75:  # side pods and an air intake
        pod = half * rng.uniform(0.6, 0.9)
        wide = [
            (-0.3, slim, ground, 0.7 * deck),
            (-0.1, pod, ground, 0.85 * deck),
            (0.12, pod, ground, 0.8 * deck),
        ]
        wide.append((0.2, slim, ground, 0.7 * deck))
        intake = hull(
            [
                (-0.36, 0.012, deck * 0.8, deck),
                (seat - 0.08, 0.028, deck, rng.uniform(1.4, 1.9) * deck),
                (seat - 0.03, 0.025, deck, 1.5 * deck),
            ]
        )
        parts.append(Part("side pods", color, hull(wide, 0.4)))
        parts.append(Part("air intake", color, intake))
    if rng.random() < 0.8:
        facts["has_spoiler"] = True
        wing_paint = paint(rng, 0.8)
        span, y = half * rng.uniform(0.55, 0.85), rng.uniform(0.15, 0.25)
        plates = mirrored([slab((-0.5, deck * 0.8, span), (-0.41, y + 0.015, span + 0.012))])
        rear = [
            plank((-0.5, -0.42), y - 0.012, y + 0.005, span + 0.01),
            plank((-0.49, -0.45), deck * 0.6, y, 0.014),
        ]
        wide = half * rng.uniform(0.8, 1.0)
        front = [plank((0.43, 0.5), ground + 0.005, ground + 0.022, wide)]
        front += mirrored([slab((0.42, ground, wide - 0.012), (0.5, ground + 0.06, wide))])
        front.append(plank((0.44, 0.48), ground, deck * 0.45, slim * nose))
        parts.append(Part("rear wing", wing_paint, rear + plates))
        parts.append(Part("front wing", wing_paint, front))
    return parts, facts
