"""What drives airplanes, and what hangs under their wings: jets, propellers, nozzles, weapons.

Lengths and `p` as in `training.shapes.parts.aircraft.airframe`.
"""

from __future__ import annotations

import numpy as np

from training.shapes.operators import flipped, mirrored, turned
from training.shapes.outlines import rectangle
from training.shapes.parts.aircraft.airframe import Body, Wing
from training.shapes.solids import Solid, box, ellipsoid, frustum, lathe, loft, prism, rod


def nacelle(x, y, z, radius: float, length: float) -> tuple[list[Solid], list[Solid]]:
    """A jet engine's pod around (x, y, z), and the intake to carve out."""
    profile = np.array([(0.55, -0.5), (0.8, -0.25), (1.0, 0.1), (1.0, 0.4), (0.85, 0.5)])
    pod = lathe(profile * [radius, length], (x, y, z), (1, 0, 0))
    intake = frustum((x + 0.3 * length, y, z), (x + 0.6 * length, y, z), 0.75 * radius)
    return [pod], [intake]


def wing_jets(rng, p, wing: Wing) -> tuple[list[Solid], list[Solid]]:
    """Pods on pylons under the wing, evenly spaced on both sides, or one through each wing."""
    through = p.engines == "through2"
    count = {"wing4": 2, "wing6": 3, "wing8": 2}.get(p.engines, 1)
    radius = rng.uniform(0.2, 0.36) * max(p.body, 0.085) * (1.15 if count == 1 else 0.85)
    length, gap = radius * rng.uniform(2.6, 4.5), rng.uniform(1.1, 1.7)
    first = max(rng.uniform(0.28, 0.38), (p.body / 2 + 1.3 * radius) * 2 / p.span)
    pods, carves = [], []
    forward = rng.uniform(0.0, 0.7)
    if through:
        gap, forward = rng.uniform(-0.4, 0.5), rng.uniform(-0.2, 0.1)
        length = max(length, rng.uniform(0.9, 1.3) * wing.at(first)[1])
    for share in first + np.arange(count) * rng.uniform(0.2, 0.3):
        lead, chord, y, z = wing.at(share)
        x, low = lead + (forward - 0.3) * length, y - gap * radius
        beside = (-0.9, 0.9) if p.engines in ("wing8", "pairs") else (0,)
        for k in beside:
            pod, carve = nacelle(x, low, z + k * radius, radius, length)
            pods, carves = pods + pod, carves + carve
        pylon = [(x + 0.35 * length, low), (lead - 0.1 * chord, y), (lead - 0.6 * chord, y)]
        pods.append(prism("z", [*pylon, (x - 0.45 * length, low)], z - 0.006, z + 0.006))
    return mirrored(pods), mirrored(carves)


def rear_jets(rng, p, body: Body) -> tuple[list[Solid], list[Solid]]:
    """Two pods beside the rear fuselage."""
    x = -0.5 + rng.uniform(0.17, 0.28)
    y, width, height = body.at(x)
    radius = rng.uniform(0.25, 0.4) * p.body
    z, y = width + 1.15 * radius, y + rng.uniform(0.1, 0.6) * height
    pods, carves = nacelle(x, y, z, radius, radius * rng.uniform(3.2, 5))
    pods.append(box((x, y, z / 2), (radius * 2, 0.012, z)))
    return mirrored(pods), mirrored(carves)


def propeller(rng, x, y, z, size: float, style: str, backwards=False) -> list[Solid]:
    """A spinner and blades, or a disc as if turning, at the front (or back) of an engine."""
    sign = -1 if backwards else 1
    spinner = [ellipsoid((x, y, z), (0.03, 0.018, 0.018))]
    x += 0.012 * sign
    if style == "disc":
        return [*spinner, frustum((x - 0.004, y, z), (x + 0.004, y, z), size)]
    start, count = rng.uniform(0, 180), int(style)
    blade = [box((x, y + size / 2, z), (0.008, size, 0.022))]
    return spinner + [
        s for k in range(count) for s in turned(blade, "x", start + 360 * k / count, (x, y, z))
    ]


def wing_propellers(rng, p, wing: Wing, style: str, at: float | None):
    """Nacelles through the wing with propellers in front; returns both."""
    count = 2 if p.engines == "prop4" else 1
    size = rng.uniform(0.06, 0.1) if count == 2 else rng.uniform(0.07, 0.13)
    first = (p.body / 2 + 1.15 * size) * 2 / p.span if at is None else at * 2 / p.span
    radius, ahead, below = (
        rng.uniform(0.018, 0.035),
        rng.uniform(0.04, 0.11),
        rng.uniform(-0.7, 0.4),
    )
    pods, turning = [], []
    for share in first + np.arange(count) * max(2.3 * size * 2 / p.span, rng.uniform(0.2, 0.3)):
        lead, chord, y, z = wing.at(min(share, 0.85))
        y += below * radius
        pods.append(rod((lead - 0.7 * chord, y, z), (lead + ahead, y, z), 0.5 * radius, radius))
        turning += propeller(rng, lead + ahead + radius, y, z, size, style)
    return mirrored(pods), turning + flipped(turning)


def nozzles(rng, p, body: Body) -> tuple[list[Solid], list[Solid], list[Solid], list[Solid]]:
    """Exhausts at the rear and their holes, ducts that feed them and the intakes to carve out."""
    end, (y, width, height) = body.x[-1], body.at(body.x[-1] + 0.02)
    r = max(height, 0.02) * rng.uniform(0.7, 1.0)
    count = int(p.engines[-1])
    z = 0.0 if count == 1 else max(0.75 * r, 0.5 * width)
    pipe = [frustum((end - 0.04, y, z), (end + 0.06, y, z), 0.8 * r, r)]
    hole = [frustum((end - 0.1, y, z), (end - 0.005, y, z), 0.7 * r)]
    if count == 2:
        pipe, hole = mirrored(pipe), mirrored(hole)
    mouth, big = 0.5 - rng.uniform(0.32, 0.46), p.body * rng.uniform(0.5, 0.8)
    low, w, _ = body.at(mouth)
    drop = rng.uniform(-0.4, 0.2) * big
    style = rng.choice(["sides", "sides", "chin", "none"])
    if style == "none":
        return pipe, hole, [], []
    side = 0.0 if style == "chin" else w + rng.uniform(-0.1, 0.3) * big
    front = rectangle(
        0.8 * big, big, 0.15 * big, (side, low + drop - (style == "chin") * 0.9 * big)
    )
    back = rectangle(1.6 * r, 1.6 * r, 0.5 * r, (max(z, 0.3 * side), y))
    duct = [loft("x", back, front, end + 0.03, mouth)]
    mouth_hole = [
        prism("x", front.mean(0) + 0.75 * (front - front.mean(0)), mouth - 0.03, mouth + 0.02)
    ]
    if style == "chin":
        return pipe, hole, duct, mouth_hole
    return pipe, hole, mirrored(duct), mirrored(mouth_hole)


def back_jet(rng, p, body: Body) -> tuple[list[Solid], list[Solid]]:
    """One pod on the back of the fuselage, before the fin or in its root."""
    x = -0.5 + rng.uniform(0.14, 0.2) + (p.engines == "top") * 0.1
    y, _, height = body.at(x)
    r = rng.uniform(0.28, 0.36) * p.body
    return nacelle(x, y + height + 0.5 * r, 0, r, rng.uniform(4, 6) * r)


def boxed_jets(rng, wing: Wing) -> list[Solid]:
    """A supersonic airliner's engines, boxed in pairs under the wing."""
    lead, chord, y, z = wing.at(rng.uniform(0.4, 0.55))
    size, x = rng.uniform(0.02, 0.03), lead - rng.uniform(0.62, 0.75) * chord
    long = rng.uniform(0.13, 0.2)
    return mirrored([box((x, y - size / 2, z), (long, size, 2.2 * size), 0.004)])


def stores(rng, wing: Wing) -> tuple[list[Solid], int]:
    """Missiles, bombs or tanks on pylons under the wing; and how many."""
    r, length = rng.uniform(0.008, 0.02), rng.uniform(0.1, 0.2)
    shares = np.linspace(0.4, rng.uniform(0.5, 0.85), rng.integers(1, 4))
    hung = []
    for share in shares:
        lead, chord, y, z = wing.at(share)
        x, low = lead - 0.45 * chord, y - 1.6 * r - wing.thick / 2
        hung += [rod((x - length / 2, low, z), (x + length / 2, low, z), r)]
        hung.append(box((x, (y + low) / 2, z), (0.3 * length, y - low, 0.01)))
    return mirrored(hung), 2 * len(shares)
