"""Lamps that stand on the floor, on a table or on a desk."""

from __future__ import annotations

import numpy as np

from training.shapes import materials
from training.shapes.operators import around, mirrored, moved, tube, turned
from training.shapes.outlines import curve
from training.shapes.parts.lamps import lamp_parts, lamp_shades
from training.shapes.parts.lamps.lamp_draft import Draft, put_candle_arms
from training.shapes.solids import ellipsoid, frustum, prism, rod, slab


def table_lamp(lamp: Draft) -> None:
    """Foot, body, neck and shade, one above another."""
    rng, tall, radius = lamp.rng, lamp.draw("shade"), lamp.draw("shade_radius")
    thick = lamp.draw("body")
    kind = str(
        rng.choice([*lamp_parts.BODIES, "turned", "vase", "turned", "vase", "rod", "column"])
    )
    low = 0.0
    if kind == "rod" or (kind != "legs" and lamp.chance(0.75)):
        low = min(lamp.add_foot(max(thick * lamp.between(0.6, 1.3), 0.1)), 0.3)
    neck = lamp.between(0.01, 0.12) if lamp.chance(0.7) else -0.2 * tall
    top = max(1 - tall - neck, low + 0.1)
    lamp.add(
        "body",
        moved(lamp_parts.body(rng, kind, thick, top - low), (0, low, 0)),
        materials.any_solid(rng) if lamp.chance(0.5) else None,
    )
    lamp.add("neck", [frustum((0, top - 0.02, 0), (0, 0.97, 0), 0.012)])
    if lamp.chance(0.06):  # a bare bulb
        lamp.add("bulb", [ellipsoid((0, 0.9, 0), (0.09, 0.12, 0.09))], lamp.light)
        return
    kinds = (*lamp_shades.ROUND_SHADES, "cone", "cone", "drum", "drum", "box", "faceted", "free")
    shade = lamp_shades.shade(rng, radius, tall, kinds)
    lamp.add_shades([shade.at(0, 1 - tall, 0)], radius)
    if lamp.chance(0.25):
        lamp.add("finial", [ellipsoid((0, 1.01, 0), (0.02, 0.03, 0.02))])


def floor_lamp(lamp: Draft) -> None:
    """A long stem, straight or cranked, with one shade or a few on branches."""
    rng, tall, radius = lamp.rng, lamp.draw("shade"), lamp.draw("shade_radius")
    thin = lamp.between(0.006, 0.022)
    wide = lamp.draw("foot")
    low = 0.5 * lamp.add_foot(wide)
    layout = int(rng.choice(4, p=[0.62, 0.16, 0.14, 0.08]))
    if layout == 1:  # cranked: the shade hangs beside the stem
        reach = lamp.between(0.1, 0.35)
        up = [
            (0, low, 0),
            (0, 0.8, 0),
            (0.1 * reach, 0.95, 0),
            (0.5 * reach, 1, 0),
            (reach, 0.95, 0),
        ]
        lamp.add("stem", tube([*up, (reach, 0.95 - 0.3 * tall, 0)], thin))
        shade = lamp_shades.shade(rng, radius, tall, open_chance=0.4).at(reach, 0.95 - tall, 0)
        lamp.add_shades([shade], radius)
        lamp.aim()
        return
    if layout == 2:  # several small shades on branches
        count, small = int(rng.integers(2, 6)), 0.6 * radius
        lamp.add("stem", lamp_parts.stem(rng, low, 1 - 0.5 * tall, thin))
        reach, rise = lamp.between(1.2, 2.5) * small, lamp.between(0, 0.12)
        start = lamp.between(0.5, 0.9)
        shades, branches = [], []
        one = lamp_shades.shade(rng, small, 0.8 * tall)
        if up := lamp.chance(0.4):
            one = one.upturned(0.8 * tall)
        for k in range(count):
            turn, y = 360 * k / count, start + (0.95 - start) * k / count * lamp.chance(0.5)
            branches += turned([rod((0, y - rise, 0), (reach, y, 0), 0.8 * thin)], "y", turn)
            angle = np.deg2rad(turn)
            at = (reach * np.cos(angle), y - (0.0 if up else 0.75 * tall), -reach * np.sin(angle))
            shades.append(one.at(*at, turn))
        lamp.add("branches", branches)
        lamp.add_shades(shades, small)
        lamp.facts |= {"num_arms": count, "shines_up": up}
        return
    lamp.add("stem", lamp_parts.stem(rng, low, 0.98, thin))
    if layout == 3:  # a little table on the stem
        y = lamp.between(0.3, 0.5)
        lamp.add("tray", [lamp_parts.disc(y, lamp.between(0.1, 0.2), 0.015)])
    lamp.add_shades([lamp_shades.shade(rng, radius, tall).at(0, 1 - tall, 0)], radius)


def tripod_lamp(lamp: Draft) -> None:
    """Three or four straight legs that meet below the shade."""
    rng, tall, radius, spread = (
        lamp.rng,
        lamp.draw("shade"),
        lamp.draw("shade_radius"),
        lamp.draw("spread"),
    )
    hub, thin, count = (
        1 - tall - lamp.between(-0.3, 0.2) * tall,
        lamp.between(0.01, 0.025),
        int(rng.choice([3, 3, 4])),
    )
    close = lamp.between(0.0, 0.06)
    lamp.add(
        "legs",
        around(
            [rod((spread, thin, 0), (close, hub, 0), thin, 0.8 * thin)], count, rng.choice([0, 90])
        ),
    )
    lamp.add(
        "stem",
        [frustum((0, hub - 0.04, 0), (0, 0.97, 0), 0.01), lamp_parts.disc(hub, close + 0.02, 0.03)],
    )
    if lamp.chance(0.3):
        y = lamp.between(0.25, 0.6) * hub
        lamp.add("shelf", [lamp_parts.disc(y, spread + (close - spread) * y / hub, 0.015)])
    kinds = ("drum", "drum", "drum", "cone", "cone", "bell", "dome", "globe", "box")
    lamp.add_shades([lamp_shades.shade(rng, radius, tall, kinds).at(0, 1 - tall, 0)], radius)
    lamp.facts["num_legs"] = count


def torchiere(lamp: Draft) -> None:
    """A floor lamp whose bowl is open above."""
    rng, tall, radius = lamp.rng, lamp.draw("shade"), lamp.draw("shade_radius")
    low = 0.5 * lamp.add_foot(lamp.draw("foot"))
    lamp.add("stem", lamp_parts.stem(rng, low, 1 - 0.7 * tall, lamp.between(0.008, 0.02)))
    shade = lamp_shades.shade(
        rng, radius, tall, ("dome", "dome", "cone", "bell", "pagoda", "hat", "tulip")
    )
    lamp.add_shades([shade.upturned(tall).at(0, 1 - tall, 0)], radius)
    if lamp.chance(0.3):  # a reading arm lower down
        y, reach = lamp.between(0.5, 0.75), lamp.between(0.1, 0.25)
        lamp.add("reading arm", tube([(0, y - 0.05, 0), (reach, y, 0)], 0.008))
        lamp.add(
            "reading head",
            lamp_shades.head(rng, (reach, y, 0), (0.5, -1, 0), 0.09, "cone can dome"),
        )
    lamp.facts["shines_up"] = True


def arc_lamp(lamp: Draft) -> None:
    """A heavy foot and a bow that carries the shade far out."""
    rng, reach, radius = lamp.rng, lamp.draw("reach"), lamp.draw("shade_radius")
    low = 0.5 * lamp.add_foot(lamp.between(0.1, 0.22), str(rng.choice(["disc", "square", "block"])))
    tall, drop = radius * lamp.between(0.6, 1.3), lamp.between(0.1, 0.45)
    path = [(0, low, 0), (-0.08 * reach, 0.55, 0), (0.3 * reach, 0.97, 0), (0.75 * reach, 0.95, 0)]
    bow = curve([*path, (reach, 1 - drop, 0)], 12)
    count = int(rng.choice([1, 1, 1, 1, 3]))
    thin = lamp.between(0.008, 0.018)
    shades = [
        lamp_shades.shade(rng, radius, tall, ("dome", "dome", "drum", "cone", "globe", "bell"), 0.5)
    ]
    stems = tube(bow, thin)
    places = [(reach, 1 - drop - 0.9 * tall)]
    for k in range(1, count):  # shorter bows beside it
        near = bow * [1 - 0.25 * k, 1 - 0.08 * k, 1]
        near[0] = bow[0]
        stems += tube(near, thin)
        places.append((near[-1, 0], near[-1, 1] - 0.9 * tall))
    if count > 1:
        radius *= 0.6
        shades = [lamp_shades.shade(rng, radius, 0.6 * tall, ("dome", "cone", "globe"), 0.5)]
        places = [(x, y + 0.36 * tall) for x, y in places]
    lamp.add("bow", stems)
    lamp.add_shades([shades[0].at(x, y, 0) for x, y in places], radius)
    lamp.facts["num_arms"] = count
    lamp.aim()


def desk_lamp(lamp: Draft) -> None:
    """A foot, an arm with joints, a gooseneck or a bar, and a head that shines down."""
    rng, arm, wide = lamp.rng, lamp.draw("arm"), lamp.draw("foot")
    low = 0.6 * lamp.add_foot(
        wide, str(rng.choice(["disc", "disc", "disc", "square", "square", "dome", "block", "legs"]))
    )
    start, thin = np.array([lamp.between(-0.5, 0.1) * wide, low, 0]), lamp.between(0.008, 0.025)
    layout = int(rng.choice(3, p=[0.55, 0.3, 0.15]))
    joints = []
    if layout == 0:  # two straight arms with an elbow
        back, fore = np.deg2rad(rng.uniform(-15, 55)), np.deg2rad(rng.uniform(-15, 65))
        elbow = start + arm * np.array([-np.sin(back), np.cos(back), 0])
        other = arm * lamp.between(0.6, 1.3)
        end = elbow + other * np.array([np.cos(fore), np.sin(fore), 0])
        pairs = [(start, elbow), (elbow, end)]
        arms = [rod(a, b, thin) for a, b in pairs]
        if lamp.chance(0.4):  # parallel bars with springs
            aside = np.array([0, 0, 0.025])
            arms = mirrored([rod(a + aside, b + aside, 0.7 * thin) for a, b in pairs])
        joints = [
            ellipsoid(p, (1.8 * thin, 1.8 * thin, max(2 * thin, 0.035))) for p in (elbow, end)
        ]
    elif layout == 1:
        lean = lamp.between(-0.3, 0.2)
        up = start + arm * np.array([lean, 1.3, 0])
        end = up + arm * np.array([lamp.between(0.5, 1.1), lamp.between(-0.4, 0.2), 0])
        over = (up + end) / 2 + [0, 0.25 * arm, 0]
        arms = tube(curve([start, up, over, end], 12), thin)
    else:  # a post and a level bar, as lamps with light diodes have
        up = start + np.array([0, arm * 1.4, 0])
        end = up + np.array([arm * lamp.between(0.6, 1.3), 0, 0])
        lamp.add("arm", [rod(start, up, thin), *joints])
        bar = slab(up - (0.1 * arm, thin, 0.045), np.add(end, (0, thin, 0.045)), 0.5 * thin)
        lamp.add("light bar", [bar], lamp.light)
        lamp.facts |= {"num_arms": 1, "num_heads": 1}
        lamp.aim()
        return
    lamp.add("arm", arms)
    if joints:
        lamp.add("joints", joints)
    tip = np.array([rng.uniform(-0.1, 1.0), -1.0, 0.0])
    lamp.add("head", lamp_shades.head(rng, end, tip, arm * lamp.between(0.25, 0.6)), lamp.light)
    lamp.facts |= {"num_arms": 1, "num_joints": len(joints), "num_heads": 1}
    lamp.aim()


def bankers_lamp(lamp: Draft) -> None:
    """A stem and a half-round shade that lies across it."""
    rng, wide = lamp.rng, lamp.draw("wide")
    low = 0.5 * lamp.add_foot(lamp.draw("foot"), str(rng.choice(["disc", "dome", "square"])))
    high, r = lamp.between(0.4, 0.75), lamp.between(0.08, 0.16)
    lamp.add("stem", lamp_parts.stem(rng, low, high + 1.05 * r, lamp.between(0.012, 0.03)))
    angle = np.linspace(0, np.pi, 11)
    across = np.stack([r * np.cos(angle), high + 1.1 * r * np.sin(angle)], 1)
    carves = [prism("z", across * 0.88 + [0, 0.12 * high - 0.02], -0.93 * wide, 0.93 * wide)]
    lamp.light = (
        materials.Material("green", (0.08, 0.35, 0.17), 0.8) if lamp.chance(0.5) else lamp.light
    )
    lamp.add(
        "shade", [prism("z", across, -wide, wide)], lamp.light, carves if lamp.chance(0.5) else []
    )
    lamp.facts |= {"num_shades": 1, "shade_radius": wide}


def candelabra(lamp: Draft) -> None:
    """A stem with arms that carry candles."""
    rng, count, reach = lamp.rng, int(lamp.draw("arms") + 0.5), lamp.draw("reach")
    low = 0.5 * lamp.add_foot(lamp.between(0.12, 0.28))
    high, size = lamp.between(0.55, 0.8), lamp.between(0.08, 0.15)
    lamp.add("stem", lamp_parts.stem(rng, low, high, lamp.between(0.015, 0.035)))
    arms, lights = put_candle_arms(lamp, count, reach, lamp.between(0.4, 0.9) * high, high, size)
    lamp.add("arms", arms)
    lamp.add("candles", lights, lamp.light)
    holder, flame = lamp_parts.candle(rng, (0, high, 0), size, False)
    lamp.add("middle candle", [*holder, *flame], lamp.light)
    lamp.facts |= {"num_arms": count, "num_candles": count + 1}
