"""Lamps that hang from the ceiling or are fixed to it."""

from __future__ import annotations

import numpy as np

from training.shapes import materials
from training.shapes.operators import around, mirrored, turned
from training.shapes.parts.lamps import lamp_parts, lamp_shades
from training.shapes.parts.lamps.lamp_draft import Draft, put_candle_arms, put_cord, put_lantern
from training.shapes.solids import box, ellipsoid, frustum, lathe, prism, rod, slab


def pendant_lamp(lamp: Draft) -> None:
    """A shade of any form below a cord; billiard lamps are long and hang from two."""
    rng, tall = lamp.rng, lamp.draw("shade")
    radius = min(tall * lamp.draw("slender"), 0.75)
    if lamp.chance(0.1):
        return linear_pendant(lamp)
    if lamp.chance(0.12):  # a lantern on a chain
        put_cord(lamp, 0.85 * tall)
        put_lantern(lamp, 0.0, min(radius, 0.5 * tall), tall)
        return None
    put_cord(lamp, 0.6 * tall)
    kinds = (
        "drum",
        "drum",
        "cone",
        "hat",
        "dome",
        "dome",
        "pagoda",
        "globe",
        "globe",
        "bell",
        "tulip",
        "teardrop",
        "urn",
        "free",
        "box",
        "faceted",
        "tiers",
    )
    shade = lamp_shades.shade(rng, radius, tall, kinds, 0.55)
    if up := (shade.kind in ("dome", "cone", "faceted") and lamp.chance(0.2)):  # a bowl on wires
        shade = shade.upturned(tall)
        shade.spider = around(
            [rod((0, min(1.6 * tall, 0.97), 0), (0.9 * radius, 0.97 * tall, 0), 0.005)], 3
        )
    lamp.add_shades([shade.at(0, 0, 0)], radius)
    if not up and shade.is_open and lamp.chance(0.3):
        lamp.add(
            "bulb",
            [ellipsoid((0, 0.55 * tall, 0), np.full(3, 0.2 * min(radius, tall)))],
            lamp.light,
        )
    lamp.facts["shines_up"] = up
    return None


def linear_pendant(lamp: Draft) -> None:
    """A long shade, or a bar with several shades, on two wires."""
    half, tall, r = lamp.between(0.25, 0.9), lamp.between(0.05, 0.3), lamp.between(0.04, 0.2)
    at = half * lamp.between(0.4, 0.95)
    lamp.add("cords", mirrored([frustum((0, 0.8 * tall, at), (0, 1, at), 0.008)]))
    lamp.add("rose", [slab((-0.05, 0.97, -at - 0.03), (0.05, 1, at + 0.03))])
    if lamp.chance(0.5):
        count = int(lamp.rng.integers(2, 5))
        lamp.add("bar", [rod((0, tall, -half), (0, tall, half), 0.015)])
        one = lamp_shades.shade(
            lamp.rng,
            min(r, 0.9 * half / count),
            tall,
            ("cone", "dome", "drum", "globe", "bell"),
            0.5,
        )
        lamp.add_shades([one.at(0, 0, half * (2 * k / (count - 1) - 1)) for k in range(count)], r)
    else:
        section = np.array([(r, 0), (0.5 * r, tall), (-0.5 * r, tall), (-r, 0)])
        lamp.add("shade", [prism("z", section, -half, half)], lamp.light)
        lamp.facts |= {"num_shades": 1, "shade_radius": half}
    lamp.facts["has_cord"] = True


def cluster_pendant(lamp: Draft) -> None:
    """Several small shades on cords of different length, in a row or around a middle."""
    rng, count, spread = lamp.rng, int(lamp.draw("count") + 0.5), lamp.draw("spread")
    row = lamp.chance(0.5)
    angle = 2 * np.pi * np.arange(count) / count
    if row:
        places = np.stack([0 * angle, np.linspace(-spread, spread, count)], 1)
    else:
        places = 0.5 * spread * np.stack([np.cos(angle), np.sin(angle)], 1)
    gap = np.linalg.norm(places[1] - places[0])
    radius = gap * lamp.between(0.2, 0.48) if row else min(lamp.between(0.06, 0.2), 0.8 * gap)
    tall = radius * lamp.between(0.8, 2.5)
    tall = min(tall, 0.4)
    lows = rng.uniform(0, 0.45, count) if lamp.chance(0.6) else np.zeros(count)
    lows -= lows.min()
    one = lamp_shades.shade(
        rng, radius, tall, ("globe", "globe", "cone", "dome", "bell", "drum", "teardrop"), 0.5
    )
    lamp.add(
        "cords",
        [
            frustum((x, low + 0.6 * tall, z), (x, 1, z), 0.009)
            for (x, z), low in zip(places, lows, strict=True)
        ],
    )
    if row:
        lamp.add("rose", [slab((-0.05, 0.97, -spread - 0.05), (0.05, 1, spread + 0.05))])
    else:
        lamp.add("rose", [lamp_parts.disc(1.0, 0.5 * spread + 0.04, 0.03)])
    lamp.add_shades([one.at(x, low, z) for (x, z), low in zip(places, lows, strict=True)], radius)
    lamp.facts["has_cord"] = True


def chandelier(lamp: Draft) -> None:
    """Arms with candles or shades around a hub, a ring of lights, or rods with balls."""
    rng, count, reach = lamp.rng, int(lamp.draw("arms") + 0.5), lamp.draw("reach")
    hub = lamp.between(0.2, 0.6)  # its height; the cord takes the rest
    size = lamp.between(0.06, 0.18)
    reach = min(reach, hub * 2.0)
    style = int(rng.choice(4, p=[0.55, 0.15, 0.12, 0.18]))
    put_cord(lamp, 0.1 * hub)
    if style == 0:
        middle = lamp_parts.body(
            rng, str(rng.choice(["turned", "ball", "balls", "vase"])), 0.25 * reach, hub
        )
        lamp.add("hub", middle)
        y = lamp.between(0.15, 0.5) * hub
        arms, lights = put_candle_arms(
            lamp, count, reach, y, y + lamp.between(-0.3, 0.5) * hub, size, lamp.chance(0.4)
        )
        if lamp.chance(0.25):
            more = put_candle_arms(lamp, count, 0.55 * reach, y + 0.4 * hub, y + 0.6 * hub, size)
            arms, lights, count = arms + more[0], lights + more[1], 2 * count
        lamp.add("arms", arms)
        lamp.add("candles", lights, lamp.light)
        lamp.facts |= {"num_arms": count, "num_candles": count}
    elif style == 1:  # a ring that hangs on rods
        thick, y = lamp.between(0.02, 0.06), 0.25 * hub
        lamp.add("ring", [lathe([(reach, y), (reach, y + thick)], thickness=thick)])
        lamp.add(
            "wires", around([rod((0, hub + 0.1, 0), (reach - thick / 2, y + thick, 0), 0.007)], 4)
        )
        holder, light = lamp_parts.candle(
            rng, (reach - thick / 2, y + thick, 0), size, lamp.chance(0.3)
        )
        lamp.add("candles", around([*holder, *light], count), lamp.light)
        lamp.facts["num_candles"] = count
    elif style == 2:  # rods in all directions, a ball on each
        r, ball = reach * 0.6, size * 0.6
        k = np.arange(2 * count)
        high = 1 - 2 * (k + 0.5) / (2 * count)
        turn = k * np.pi * (3 - np.sqrt(5))  # points spread evenly over a sphere
        flat = np.sqrt(1 - high**2)
        ends = r * np.stack([flat * np.cos(turn), high, flat * np.sin(turn)], 1) + [0, r, 0]
        lamp.add("rods", [rod((0, r, 0), end, 0.009) for end in ends])
        lamp.add("balls", [ellipsoid(end, np.full(3, ball)) for end in ends], lamp.light)
        lamp.add(
            "hub",
            [ellipsoid((0, r, 0), np.full(3, 0.15 * reach)), frustum((0, r, 0), (0, 0.9, 0), 0.01)],
        )
        lamp.facts["num_arms"] = 2 * count
    else:  # rings of crystal drops, smaller below
        levels = int(rng.integers(2, 6))
        sizes = reach * np.linspace(lamp.between(0.2, 1), 1, levels)
        step = hub / levels
        rings = [lathe([(r, k * step), (r, (k + 0.95) * step)]) for k, r in enumerate(sizes)]
        if lamp.chance(0.5):
            sizes = sizes[::-1]
        lamp.add("crystals", rings, lamp.light)


def ceiling_lamp(lamp: Draft) -> None:
    """A plate at the ceiling with a bowl, a box, a ring or a few heads close below."""
    rng, flat = lamp.rng, lamp.draw("flat")
    style = int(rng.choice(5, p=[0.4, 0.15, 0.15, 0.15, 0.15]))
    gap = lamp.between(0.02, 0.25) if lamp.chance(0.4) else 0.0
    lamp.add(
        "plate",
        [
            lamp_parts.disc(flat + gap + 0.04, lamp.between(0.15, 0.55), 0.045),
            frustum((0, 0.03 * flat, 0), (0, flat + gap, 0), 0.025),
        ],
    )
    if style == 0:
        kinds = ("dome", "dome", "dome", "drum", "drum", "bell", "cone", "free")
        shade = lamp_shades.shade(rng, 0.5, flat, kinds, 0.2)
        lamp.add_shades([shade.upturned(flat)], 0.5)
    elif style == 1:
        deep = lamp.between(0.3, 1.0)
        lamp.add(
            "diffuser", [slab((-deep / 2, 0, -0.5), (deep / 2, flat, 0.5), 0.1 * flat)], lamp.light
        )
    elif style == 2:
        lamp.add(
            "ring",
            [lathe([(0.5, 0), (0.5, 0.3 * flat)], thickness=lamp.between(0.06, 0.2))],
            lamp.light,
        )
        lamp.add("bars", around([rod((0, 0.9 * flat, 0), (0.45, 0.15 * flat, 0), 0.012)], 4))
    elif style == 3:  # a few shades on arms close below
        count = int(rng.integers(2, 7))
        one = lamp_shades.shade(
            rng, 0.15, 0.7 * flat, ("dome", "cone", "globe", "bell", "tulip"), 0.4
        )
        lamp.add("arms", around([rod((0, 0.9 * flat, 0), (0.4, 0.65 * flat, 0), 0.02)], count))
        angle = np.deg2rad(360 * np.arange(count) / count)
        lamp.add_shades([one.at(0.4 * np.cos(a), 0, -0.4 * np.sin(a)) for a in angle], 0.15)
        lamp.facts["num_arms"] = count
    else:  # a fan with a light below it
        count, y = int(rng.integers(3, 6)), flat * lamp.between(0.5, 0.9)
        blade = box((0.3, y, 0), (0.45, 0.02, lamp.between(0.08, 0.16)))
        lamp.add("hub", [frustum((0, y - 0.03, 0), (0, y + 0.05, 0), 0.12, 0.08)])
        lamp.add("blades", around(turned([blade], "x", 8, (0, y, 0)), count), materials.wood(rng))
        bowl = lamp_shades.shade(rng, 0.14, y, ("dome", "globe"), 0.0).upturned(y)
        lamp.add_shades([bowl], 0.14)
        lamp.facts["num_blades"] = count


def fluorescent_lamp(lamp: Draft) -> None:
    """A long housing with tubes below, or a bare tube in its holder."""
    wide, tall = lamp.draw("section"), lamp.draw("section") * 0.8
    section = np.array([(wide / 2, 0), (lamp.between(0.15, 0.5) * wide, tall)])
    outline = np.concatenate([section, (section * [-1, 1])[::-1]])
    count, r = int(lamp.rng.integers(1, 4)), 0.18 * min(wide, tall)
    style = int(lamp.rng.integers(3))
    if style == 0:
        lamp.add("housing", [prism("z", outline, -0.5, 0.5)])
    elif style == 1:
        arch = np.stack(
            [wide / 2 * np.cos(np.linspace(0, np.pi, 9)), tall * np.sin(np.linspace(0, np.pi, 9))],
            1,
        )
        lamp.add("housing", [prism("z", arch, -0.5, 0.5)])
    else:  # tubes on a narrow rail between two end caps
        lamp.add(
            "housing",
            [
                slab((-0.25 * wide, 0.6 * tall, -0.48), (0.25 * wide, tall, 0.48)),
                *mirrored([slab((-wide / 2, -r, 0.47), (wide / 2, tall, 0.5))]),
            ],
        )
    xs = (np.arange(count) - (count - 1) / 2) * wide / max(count, 2)
    lamp.add(
        "tubes" if count > 1 else "tube",
        [rod((x, 0, -0.46), (x, 0, 0.46), r) for x in xs],
        lamp.light,
    )
    lamp.facts["num_tubes"] = count
    if lamp.chance(0.25):
        up = lamp.between(0.1, 0.5)
        lamp.add("cords", mirrored([frustum((0, 0.9 * tall, 0.35), (0, tall + up, 0.35), 0.006)]))
        lamp.facts["has_cord"] = True
