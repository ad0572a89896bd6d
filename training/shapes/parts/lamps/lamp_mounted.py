"""Lamps on walls, on rails and on posts."""

from __future__ import annotations

import numpy as np

from training.shapes.operators import around, tube
from training.shapes.outlines import curve
from training.shapes.parts.lamps import lamp_parts, lamp_shades
from training.shapes.parts.lamps.lamp_draft import Draft, put_lantern
from training.shapes.solids import box, ellipsoid, frustum, lathe, rod


def spotlights(lamp: Draft) -> None:
    """Heads on a bar, or a single one on a plate."""
    rng, count = lamp.rng, int(lamp.draw("count") + 0.5)
    size = lamp.between(0.05, 0.25) if count > 1 else lamp.between(0.3, 0.6)
    drop = size * lamp.between(0.2, 1.2)
    if count == 1:
        lamp.add(
            "plate",
            lamp_parts.plate(
                rng, lamp.between(0.1, 0.3), 0.05, str(rng.choice(["round", "square"]))
            ),
        )
        arm, down = lamp.between(0.1, 0.6), lamp.between(-0.3, 0.6)
        lamp.add("arm", tube([(0, 0, 0), (arm, 0, 0)], 0.02))
        direction = (1, -down * 2, lamp.between(-0.5, 0.5))
        lamp.add(
            "head", lamp_shades.head(rng, (arm, 0, 0), direction, size, "cone can dome"), lamp.light
        )
        lamp.facts |= {"num_heads": 1, "num_arms": 1, "on_wall": True}
        return
    places = np.linspace(-0.45, 0.45, count) * lamp.between(0.7, 1.0)
    places += rng.normal(0, 0.12 / count, count) * lamp.chance(0.3)
    places = places.clip(-0.48, 0.48)
    wave = lamp.between(0.03, 0.12) if lamp.chance(0.2) else 0.0
    track = curve([(wave * np.sin(7 * z), 0, z) for z in np.linspace(-0.5, 0.5, 8)], 12)
    if wave or lamp.chance(0.4):
        lamp.add("rail", tube(track, 0.015))
    else:
        lamp.add("rail", [box((0, 0, 0), (0.05, 0.03, 1.0))])
    if lamp.chance(0.4):
        lamp.add("rose", [frustum((0, 0, 0), (0, 0.05, 0), 0.08)])
    same, heads, stubs = lamp.chance(0.5), [], []
    aim = rng.normal(0, 0.6, 3) * [1, 0, 1] + [0, -1, 0]
    state = rng.integers(2**31)
    for z in places:
        x = wave * np.sin(7 * z)
        direction = aim if same else rng.normal(0, 0.7, 3) * [1, 0, 1] + [0, -1, 0]
        stubs.append(rod((x, 0, z), (x, -drop, z), 0.012))
        heads += lamp_shades.head(
            np.random.default_rng(state), (x, -drop, z), direction, size, "cone can dome ball"
        )
    lamp.add("stubs", stubs)
    lamp.add("heads", heads, lamp.light)
    lamp.facts["num_heads"] = count


def wall_lamp(lamp: Draft) -> None:
    """A plate on the wall with a half shade, an arm with a shade, a lantern or a picture light."""
    rng, reach = lamp.rng, lamp.draw("reach")
    style = int(rng.choice(6, p=[0.2, 0.3, 0.15, 0.12, 0.1, 0.13]))
    lamp.facts["on_wall"] = True
    if style == 0:  # half a shade, flat against the wall
        r, tall = lamp.between(0.15, 0.5), lamp.between(0.25, 1.0)
        lamp.add("shade", lamp_shades.half_shade(rng, r, tall), lamp.light)
        wide = lamp.between(0.3, 2.0) * r
        lamp.add("plate", [box((-0.015, tall / 2, 0), (0.03, tall * lamp.between(0.4, 1.1), wide))])
        lamp.facts |= {"num_shades": 1, "shade_radius": r}
        return
    lamp.add(
        "plate",
        lamp_parts.plate(rng, lamp.between(0.06, 0.25), 0.04, str(rng.choice(["round", "square"]))),
    )
    if style == 1:  # one or more arms side by side
        count, r = int(rng.choice([1, 1, 1, 2, 3])), lamp.between(0.1, 0.3)
        tall, rise = r * lamp.between(0.7, 2.2), lamp.between(-0.3, 0.3)
        reach = max(reach, 0.8 * r)
        one, up = lamp_shades.shade(rng, r, tall), lamp.chance(0.5)
        one = one.upturned(tall) if up and lamp.chance(0.5) else one
        bow = np.array([(0, 0, 0), (0.5 * reach, -0.2 * reach, 0), (reach, rise * reach, 0)])
        shades, arms = [], []
        for z in (np.arange(count) - (count - 1) / 2) * 2.2 * r:
            end = np.array([reach, rise * reach, z])
            path = curve(bow + np.outer([0, 0.6, 1], [0, 0, z]), 7)
            arms += tube(path, 0.018)
            arms.append(rod(end, (reach, end[1] + (0.6 if up else -0.6) * tall, z), 0.014))
            shades.append(one.at(reach, end[1] - (0.1 if up else 0.9) * tall, z))
        lamp.add("arms" if count > 1 else "arm", arms)
        lamp.add_shades(shades, r)
        lamp.facts["num_arms"] = count
    elif style == 2:  # a lantern that hangs from a bracket or stands on it
        r, tall, hung = lamp.between(0.12, 0.3), lamp.between(0.4, 0.9), lamp.chance(0.6)
        reach = max(0.3 * reach, 1.15 * r)
        low = -tall - lamp.between(-0.2, 0.1) if hung else 0.0
        over = [
            (0, 0, 0),
            (0.6 * reach, 0.2 if hung else -0.15, 0),
            (reach, low + (0.95 * tall if hung else 0.02), 0),
        ]
        lamp.add("arm", tube(curve(over, 8), 0.02))
        put_lantern(lamp, low, r, tall, x=reach)
        lamp.facts["num_arms"] = 1
    elif style == 3:  # a swinging arm with a head or a shade
        elbow, side = np.array([0.5 * reach, 0, 0]), lamp.between(-0.3, 0.3)
        end = elbow + np.array([0.5 * reach, lamp.between(-0.1, 0.2), side])
        lamp.add("arm", tube([(0, 0, 0), elbow, end], 0.016))
        lamp.add("joints", [ellipsoid(p, np.full(3, 0.03)) for p in (elbow, end)])
        size = lamp.between(0.15, 0.4)
        lamp.add(
            "head", lamp_shades.head(rng, end, (0.4, -1, 0), size, "cone can dome"), lamp.light
        )
        lamp.facts |= {"num_arms": 1, "num_joints": 2, "num_heads": 1}
    elif style == 4:  # a bar over a picture
        half, r = lamp.between(0.2, 0.6), lamp.between(0.03, 0.12)
        out, up = lamp.between(0.1, 1.0), lamp.between(0.0, 0.8)
        knee = (0.6 * out, up * lamp.between(0.5, 1.0), 0)
        lamp.add("arm", tube([(0, 0, 0), knee, (out, up, 0)], lamp.between(0.012, 0.03)))
        bar = [rod((out, up, -half), (out, up, half), r)]
        if lamp.chance(0.5):
            bar = [box((out, up, 0), (2 * r, 1.3 * r, 2 * half))]
        lamp.add("light bar", bar, lamp.light)
        lamp.facts |= {"num_arms": 1, "num_heads": 1}
    else:  # a tube or box that shines up and down
        r, tall = lamp.between(0.06, 0.2), lamp.between(0.3, 1.0)
        solids = [frustum((1.2 * r, -tall / 2, 0), (1.2 * r, tall / 2, 0), r)]
        if lamp.chance(0.5):
            solids = [box((r, 0, 0), (2 * r, tall, 2 * r * lamp.between(0.8, 2.5)))]
        lamp.add("shade", solids, lamp.light)
        lamp.facts |= {"num_shades": 1, "shade_radius": r}


def street_lamp(lamp: Draft) -> None:
    """A post with a lantern, a ball, a cap, or one or two arms with heads."""
    rng, size, thin = lamp.rng, lamp.draw("head"), lamp.between(0.008, 0.025)
    low = 0.5 * lamp.add_foot(
        lamp.between(0.03, 0.1), str(rng.choice(["disc", "dome", "block", "square"]))
    )
    post = lamp_parts.stem(rng, low, 1 - size, thin)
    if lamp.chance(0.4):
        post.append(frustum((0, 0, 0), (0, lamp.between(0.08, 0.3), 0), 2.0 * thin, 1.5 * thin))
    lamp.add("post", post)
    style, reach, top = (
        int(rng.choice(5, p=[0.28, 0.17, 0.33, 0.1, 0.12])),
        lamp.draw("reach"),
        1 - size,
    )
    if style == 0:
        put_lantern(lamp, top - 0.01, size * lamp.between(0.3, 0.6), size)
    elif style == 1:
        lamp.add_shades(
            [
                lamp_shades.shade(
                    rng, 0.55 * size, size, ("globe", "globe", "urn", "drum", "teardrop"), 0.0
                ).at(0, top - 0.01, 0)
            ],
            0.55 * size,
        )
    elif style == 2:  # arms that rise and bow out, a flat head at the end
        count, rise = int(rng.choice([1, 1, 2, 2, 3])), lamp.between(-0.3, 0.6) * size
        lamp.parts[-1].solids.append(frustum((0, top - 0.02, 0), (0, top + max(rise, 0), 0), thin))
        bow = curve(
            [
                (0, top - 0.1, 0),
                (0.25 * reach, top + 0.7 * max(rise, 0), 0),
                (reach, top + rise, 0),
            ],
            7,
        )
        lamp.add("arms" if count > 1 else "arm", around(tube(bow, 0.7 * thin), count))
        long = lamp.between(0.06, 0.2)
        at = (reach + 0.3 * long, top + rise, 0)
        one = [ellipsoid(at, (0.5 * long, 0.15 * long, 0.22 * long))]
        if lamp.chance(0.4):
            one = [box(at, (long, 0.2 * long, 0.45 * long), 0.02 * long)]
        elif lamp.chance(0.4):
            one = lamp_shades.head(rng, (reach, top + rise, 0), (0, -1, 0), long, "cone dome ball")
        lamp.add("heads" if count > 1 else "head", around(one, count), lamp.light)
        lamp.facts |= {"num_arms": count, "num_heads": count}
        lamp.aim()
    elif style == 3:  # balls around the post, and one above
        count, r = int(rng.integers(2, 6)), 0.35 * size
        lamp.add(
            "arms",
            around(
                tube(
                    curve(
                        [(0, top - 0.15, 0), (reach / 2, top - 0.12, 0), (0.7 * reach, top, 0)], 6
                    ),
                    0.6 * thin,
                ),
                count,
            ),
        )
        balls = around([ellipsoid((0.7 * reach, top + 0.9 * r, 0), (r, r, r))], count)
        lamp.add("globes", [*balls, ellipsoid((0, top + r, 0), (r, r, r))], lamp.light)
        lamp.facts |= {
            "num_arms": count,
            "num_shades": count + 1,
            "shade_is_globe": True,
            "shade_radius": r,
        }
    else:  # a wide cap over a glass
        r = size * lamp.between(0.4, 1.2)
        lamp.add("glass", [frustum((0, top - 0.01, 0), (0, 0.97, 0), 0.3 * r, 0.5 * r)], lamp.light)
        lamp.add("roof", [lathe([(r, 0.96), (0.6 * r, 0.98), (0.05 * r, 1.0)])])
        lamp.facts["has_roof"] = True
