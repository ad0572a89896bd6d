"""Lamps whose whole body glows: balls, columns, lava lamps, lanterns."""

from __future__ import annotations

import numpy as np

from training.shapes import materials
from training.shapes.operators import around, mirrored
from training.shapes.outlines import curve, rectangle
from training.shapes.parts.lamps import lamp_parts, lamp_shades
from training.shapes.parts.lamps.lamp_draft import Draft, put_lantern
from training.shapes.solids import ellipsoid, frustum, lathe, loft, prism, rod, slab


def ball_lamp(lamp: Draft) -> None:
    """A glowing ball or egg on a small foot, or a mushroom."""
    rng, r = lamp.rng, lamp.draw("radius")
    if lamp.chance(0.45):
        high = lamp.between(0.4, 1.2) * r
        lamp.add(
            "body",
            lamp_parts.body(
                rng, str(rng.choice(["column", "vase", "turned", "ball"])), 0.6 * r, high
            ),
        )
        tall = r * lamp.between(0.5, 1.2)
        dome = lamp_shades.shade(rng, r, tall, ("dome", "dome", "bell", "globe"), 0.3)
        lamp.add_shades([dome.at(0, 0.92 * high, 0)], r)
        lamp.add("neck", [frustum((0, 0.5 * high, 0), (0, 0.9 * high + 0.97 * tall, 0), 0.08 * r)])
        return
    high = r * lamp.between(0.1, 0.6)
    lamp.add(
        "foot", [frustum((0, 0, 0), (0, high + 0.15 * r, 0), r * lamp.between(0.3, 0.8), 0.4 * r)]
    )
    tall = r * lamp.between(0.8, 1.5)
    lamp.add("globe", [ellipsoid((0, high + 0.95 * tall, 0), (r, tall, r))], lamp.light)
    lamp.facts |= {"num_shades": 1, "shade_is_globe": True, "shade_radius": r, "round_foot": True}


def column_lamp(lamp: Draft) -> None:
    """A tall body that shines all over: of paper, cloth or glass, on a low foot or on posts."""
    rng, r = lamp.rng, lamp.draw("slender")
    low = lamp.between(0.01, 0.12)
    kinds = ("drum", "drum", "box", "box", "faceted", "free", "globe")
    shade = lamp_shades.shade(rng, r, 1 - low, kinds, 0.15)
    shade.spider.clear()
    lamp.add_shades([shade.at(0, low, 0)], r)
    if lamp.chance(0.5):
        lamp.add("foot", [prism("y", rectangle(2 * r, 2 * r, 0.3 * r), 0, low * 1.1)])
    else:
        lamp.add(
            "legs",
            mirrored(mirrored([rod((0.6 * r, 0, 0.6 * r), (0.6 * r, 0.3, 0.6 * r), 0.012)]), "x"),
        )
        lamp.facts["num_legs"] = 4
    if lamp.chance(0.35):
        count = int(rng.integers(3, 9))
        rings = [
            lathe([(1.06 * r, y), (1.06 * r, y + 0.02)])
            for y in low + (0.95 - low) * np.arange(count) / count
        ]
        lamp.add("rings", rings)


def lava_lamp(lamp: Draft) -> None:
    """A flask between a waisted foot and a cap."""
    r, foot, cap = lamp.draw("radius"), lamp.between(0.2, 0.4), lamp.between(0.08, 0.2)
    waist = r * lamp.between(0.4, 0.9)
    lamp.add("foot", [lathe([(r, 0), (waist, 0.6 * foot), (r, foot)])])
    lamp.add("flask", [lathe([(0.92 * r, foot), (r, foot + 0.08), (0.5 * r, 1 - cap)])], lamp.light)
    lamp.add("cap", [frustum((0, 1 - cap, 0), (0, 1, 0), 0.52 * r, 0.35 * r)])
    lamp.facts["round_foot"] = True


def lantern(lamp: Draft) -> None:
    """A lantern to carry: with panes, of paper, or for camping with a tank."""
    rng, r = lamp.rng, lamp.draw("slender")
    style = int(rng.choice(3, p=[0.4, 0.35, 0.25]))
    handle = lamp.chance(0.7)
    if style == 0:
        put_lantern(lamp, 0.05, r, 0.9)
        lamp.add("foot", [prism("y", rectangle(2 * r, 2 * r), 0, 0.06)])
    elif style == 1:  # a tank, a glass and a hood
        tank, glass = lamp.between(0.2, 0.45), lamp.between(0.3, 0.45)
        lamp.add("tank", [lathe(np.array([(1, 0), (1, 0.6), (0.8, 0.85), (0.5, 1)]) * [r, tank])])
        bulge = lamp.between(0.5, 1.0) * r
        lamp.add(
            "glass",
            [
                lathe(
                    curve([(0.5 * r, tank), (bulge, tank + glass / 2), (0.5 * r, tank + glass)], 7)
                )
            ],
            lamp.light,
        )
        hood = lamp.between(0.6, 1.1) * r
        lamp.add(
            "hood", [lathe([(hood, tank + glass - 0.01), (0.6 * hood, 0.9), (0.2 * hood, 0.95)])]
        )
        lamp.add(
            "posts",
            around(
                [rod((0.7 * r, 0.5 * tank, 0), (0.55 * hood, tank + glass + 0.02, 0), 0.015)], 4, 45
            ),
        )
    else:  # paper between two caps
        kind = ("globe", "globe", "drum", "urn", "free", "box")
        shade = lamp_shades.shade(rng, r, 0.9, kind, 0.0)
        lamp.add_shades([shade.at(0, 0.05, 0)], r)
        lamp.add(
            "caps", [lamp_parts.disc(0.07, 0.35 * r, 0.07), lamp_parts.disc(0.99, 0.35 * r, 0.07)]
        )
    if handle:
        lamp.add("handle", lamp_parts.loop(0.9, 0.8 * r, lamp.between(0.15, 0.4), 0.015))
    lamp.facts["has_handle"] = handle


def stone_lantern(lamp: Draft) -> None:
    """Foot, post, light box and a sweeping roof, of stone."""
    rng, roof = lamp.rng, lamp.draw("roof")
    lamp.base = materials.stone(rng)
    sides = int(rng.choice([4, 6, 20]))
    polygon = lamp_shades.polygon
    box_low, box_high = lamp.between(0.35, 0.5), lamp.between(0.62, 0.75)
    r = lamp.between(0.12, 0.25)
    lamp.add(
        "post",
        [
            prism("y", polygon(sides, 1.3 * r), 0, 0.1),
            prism("y", polygon(sides, 0.6 * r), 0.1, box_low),
            prism("y", polygon(sides, 1.4 * r), box_low - 0.06, box_low, (0.6, 1.0)),
        ],
    )
    lamp.add(
        "light box",
        [prism("y", polygon(sides, r), box_low, box_high)],
        carves=[slab((-1, box_low + 0.04, -0.5 * r), (1, box_high - 0.03, 0.5 * r))],
    )
    lamp.add("lamp glass", [frustum((0, box_low, 0), (0, box_high, 0), 0.4 * r)], lamp.light)
    eaves, high = polygon(sides, roof), box_high + lamp.between(0.1, 0.22)
    lamp.add(
        "roof",
        [
            loft("y", eaves, 0.55 * eaves, box_high - 0.01, (box_high + high) / 2),
            loft("y", 0.55 * eaves, 0.15 * eaves, (box_high + high) / 2, high),
        ],
    )
    lamp.add("finial", [ellipsoid((0, (high + 1) / 2, 0), (0.3 * r, 0.55 * (1 - high), 0.3 * r))])
    lamp.facts["has_roof"] = True
