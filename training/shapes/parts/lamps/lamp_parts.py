"""What lamps are built of beside their shades: bodies, feet, stems, candles, lanterns, handles.

Lamps are about 1 high or long, y = 0 is the floor or the lowest point. Everything returns solids.
"""

from __future__ import annotations

import numpy as np

from training.shapes.operators import around, mirrored, tube, turned
from training.shapes.outlines import curve, ellipse, rectangle
from training.shapes.parts.lamps.lamp_shades import PROFILES, polygon
from training.shapes.solids import Solid, box, ellipsoid, frustum, lathe, loft, prism, rod

BODIES = [
    "turned",
    "vase",
    "ball",
    "balls",
    "column",
    "block",
    "frame",
    "figure",
    "twist",
    "legs",
    "cage",
    "bottle",
]


def body(rng, kind: str, radius: float, height: float) -> list[Solid]:
    """The body of a table lamp, from y = 0 to y = height, joined along the axis at both ends.

    Raises:
        ValueError: for a kind that is not in `BODIES`.
    """
    if kind == "turned":
        knots = rng.uniform(0.2, 1, int(rng.integers(4, 9)))
        profile = curve(np.stack([knots / knots.max(), np.linspace(0, 1, len(knots))], 1), 18)
        return [lathe(np.maximum(profile, [0.12, 0]) * [radius, height])]
    if kind in ("vase", "bottle"):
        belly, neck = rng.uniform(0.25, 0.75), rng.uniform(0.12, 0.45)
        foot = rng.uniform(0.4, 0.9)
        points = [(foot, 0), (1, belly), (neck, 0.88 if kind == "vase" else 0.7), (neck, 1)]
        profile = curve(points, 14)
        profile[:, 0] = profile[:, 0].clip(0.08, 1.1)
        return [lathe(profile * [radius, height])]
    if kind == "ball":
        low = max(0.0, height - 2 * radius)
        ball = ellipsoid((0, (height + low) / 2, 0), (radius, (height - low) / 2, radius))
        return [ball, frustum((0, 0, 0), (0, low + 0.1 * height, 0), 0.35 * radius)]
    if kind == "balls":
        count = int(rng.integers(2, 6))
        sizes = rng.uniform(0.6, 1.0, count) if rng.random() < 0.5 else np.linspace(1, 0.5, count)
        step = height / count
        balls = [
            ellipsoid((0, (k + 0.5) * step, 0), (s * radius, 0.55 * step, s * radius))
            for k, s in enumerate(sizes)
        ]
        return [*balls, frustum((0, 0, 0), (0, height, 0), 0.15 * radius)]
    if kind == "rod":
        return [frustum((0, 0, 0), (0, height, 0), max(0.008, 0.12 * radius))]
    if kind == "column":
        return [frustum((0, 0, 0), (0, height, 0), radius * rng.uniform(0.3, 0.8), 0.5 * radius)]
    if kind == "block":
        count = int(rng.choice([1, 1, 2, 3, 4]))
        turn, deep = rng.choice([0, 45, 20]), rng.uniform(0.35, 1.0)
        step, sizes = height / count, rng.uniform(0.7, 1.0, count)
        taper = rng.uniform(0.5, 1.0)
        return [
            solid
            for k, s in enumerate(sizes)
            for solid in turned(
                [
                    prism(
                        "y",
                        rectangle(2 * s * radius * deep, 2 * s * radius),
                        k * step,
                        (k + 1) * step,
                        (1, taper if count == 1 else 1),
                    )
                ],
                "y",
                k * turn,
            )
        ]
    if kind == "frame":  # an open ring or square, standing
        r, t = min(radius * 1.2, height / 2), 0.18 * radius
        if rng.random() < 0.5:
            angle = np.linspace(0, 2 * np.pi, 13)
            ring = np.stack([0 * angle, 0.5 * height * (1 - np.cos(angle)), r * np.sin(angle)], 1)
            return tube(ring, t)
        sides = mirrored([box((0, height / 2, r), (2 * t, height, 2 * t))])
        return [*sides, *(box((0, y, 0), (2 * t, 2 * t, 2 * r)) for y in (t, height - t))]
    if kind == "figure":  # a statuette: lumps one above another, out of line
        count = int(rng.integers(4, 8))
        lumps = [frustum((0, 0, 0), (0, height, 0), 0.25 * radius)]
        for k in range(count):
            offset = rng.uniform(-0.45, 0.45, 2) * radius
            size = rng.uniform(0.3, 0.8, 3) * radius
            lumps.append(
                ellipsoid(
                    (offset[0], height * (k + 0.5) / count, offset[1]),
                    (size[0], max(size[1], 0.6 * height / count), size[2]),
                )
            )
        return lumps
    if kind == "twist":
        turns, r = rng.uniform(1, 3), 0.6 * radius
        t = np.linspace(0, 1, 18)
        angle = 2 * np.pi * turns * t
        helix = np.stack([r * np.cos(angle), height * t, r * np.sin(angle)], 1)
        core = frustum((0, 0, 0), (0, height, 0), 0.25 * radius)
        return [core, *tube(helix, 0.35 * radius)]
    if kind == "legs":
        foot, top = (radius * 1.3, 0.01, 0), (0.12 * radius, height, 0)
        hub = frustum((0, 0.8 * height, 0), (0, height, 0), 0.3 * radius)
        bow = curve([foot, (radius * rng.uniform(0.2, 1.3), 0.5 * height, 0), top], 5)
        return [*around(tube(bow, 0.12 * radius), int(rng.integers(3, 5))), hub]
    if kind == "cage":  # bent wires around an empty middle
        bulge = radius * rng.uniform(0.7, 1.2)
        wire = curve(
            [(0.2 * radius, 0, 0), (bulge, 0.45 * height, 0), (0.1 * radius, height, 0)], 6
        )
        return around(tube(wire, 0.08 * radius), int(rng.integers(4, 10)))
    raise ValueError(f"Unknown kind of lamp body: {kind!r}.")


FEET = ["disc", "disc", "disc", "dome", "square", "block", "legs", "ring"]


def foot(rng, radius: float, kind: str | None = None) -> tuple[list[Solid], float, str]:
    """What a stem stands on: solids, the height where the stem starts, and the kind."""
    kind = kind or str(rng.choice(FEET))
    flat = radius * rng.uniform(0.08, 0.35)
    if kind in ("disc", "ring"):
        top = 0.9 * radius if kind == "disc" else 0.5 * radius
        return [frustum((0, 0, 0), (0, flat, 0), radius, top)], flat, "disc"
    if kind == "dome":
        profile = np.array(PROFILES["dome"] if rng.random() < 0.5 else PROFILES["pagoda"])
        flat = radius * rng.uniform(0.25, 0.9)
        return [lathe(profile * [radius, flat])], flat, "dome"
    if kind in ("square", "block"):
        flat = flat if kind == "square" else radius * rng.uniform(0.4, 1.2)
        deep = rng.uniform(0.5, 1.0) if rng.random() < 0.3 else 1.0
        size = (1.8 * radius * deep, flat, 1.8 * radius)
        return [box((0, flat / 2, 0), size, 0.1 * flat)], flat, "square"
    high, r = radius * rng.uniform(0.3, 0.9), 0.09 * radius
    bow = curve([(0, high, 0), (0.6 * radius, high * rng.uniform(0.4, 1), 0), (radius, r, 0)], 5)
    return around(tube(bow, r), int(rng.integers(3, 5))), high, "feet"


def stem(rng, low: float, high: float, radius: float) -> list[Solid]:
    """An upright rod, plain, tapered or with knobs."""
    solids = [frustum((0, low, 0), (0, high, 0), radius, radius * rng.uniform(0.6, 1.0))]
    if rng.random() < 0.3:
        knob = radius * rng.uniform(1.5, 3.0)
        for y in rng.uniform(low + 0.1 * (high - low), high, int(rng.integers(1, 4))):
            solids.append(ellipsoid((0, y, 0), (knob, knob * rng.uniform(0.6, 1.5), knob)))
    return solids


def candle(rng, at, size: float, shaded: bool) -> tuple[list[Solid], list[Solid]]:
    """A cup with a candle at a point, and a bulb or a little shade on it: (holder, light)."""
    x, y, z = at
    cup = lathe(np.array([(0.3, -0.1), (1, 0.25), (0.9, 0.35)]) * [0.5 * size, size], at)
    shaft = frustum((x, y, z), (x, y + size, z), 0.2 * size)
    if shaded:
        kind = [np.array(PROFILES[str(rng.choice(["cone", "drum", "tulip", "bell"]))])]
        return [cup, shaft], [lathe(kind[0] * [0.85 * size, size], (x, y + 0.6 * size, z))]
    return [cup, shaft], [ellipsoid((x, y + 1.2 * size, z), (0.18 * size, 0.4 * size, 0.18 * size))]


def lantern_body(rng, radius: float, height: float) -> tuple[list[Solid], list[Solid], list[Solid]]:
    """A housing from y = 0 to y = height with a roof: (frame, glass, roof)."""
    sides = int(rng.choice([4, 4, 6, 8, 20]))
    roof = height * rng.uniform(0.15, 0.4)
    wall = height - roof
    grow = rng.uniform(0.6, 1.0)  # many taper downwards
    low, high = (polygon(sides, radius * s) for s in (grow, 1.0))
    glass = [loft("y", 0.93 * low, 0.93 * high, 0.0, wall)]
    frame = [
        prism("y", 1.05 * low, 0, 0.06 * height),
        prism("y", 1.05 * high, wall - 0.04 * height, wall),
    ]
    if sides < 20:
        frame += [
            rod((a, 0, c), (b, wall, d), 0.07 * radius)
            for (a, c), (b, d) in zip(low, high, strict=True)
        ]
    eaves, tip = rng.uniform(1.0, 1.4), rng.uniform(0.1, 0.5)
    top = [prism("y", polygon(sides, radius), wall, height, (eaves, tip))]
    if rng.random() < 0.3:
        top = [lathe(np.array(PROFILES["dome"]) * [eaves * radius, roof], (0, wall, 0))]
    return frame, glass, top


def loop(low: float, width: float, height: float, thick: float) -> list[Solid]:
    """A handle: an upright bow above a point on the axis, in the (z, y) plane."""
    path = [(0, low, -width / 2), (0, low + 0.7 * height, -0.4 * width), (0, low + height, 0)]
    path += [(0, low + 0.7 * height, 0.4 * width), (0, low, width / 2)]
    return tube(curve(path, 9), thick)


def plate(rng, radius: float, thick: float, kind: str = "round") -> list[Solid]:
    """A wall plate, whose back is at x = 0, round or upright."""
    if kind == "round":
        return [frustum((0, 0, 0), (thick, 0, 0), radius, 0.9 * radius)]
    tall = radius * rng.uniform(0.8, 2.0)
    return [box((thick / 2, 0, 0), (thick, 2 * tall, 1.4 * radius), 0.1 * thick)]


def disc(y: float, radius: float, thick: float) -> Solid:
    """A flat round plate below the height y."""
    return prism("y", ellipse(radius, radius, 20), y - thick, y)
