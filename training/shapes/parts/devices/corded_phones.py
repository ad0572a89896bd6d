"""Telephones with a receiver on a hook or a cradle, for the telephone family.

The front looks towards +x, the table or floor lies at y = 0. Each function fills in the facts that
it makes true.
"""

from __future__ import annotations

import numpy as np

from training.shapes.materials import COLORS, Material, metal, plastic
from training.shapes.operators import mirrored, moved, tube, turned
from training.shapes.outlines import curve, rectangle
from training.shapes.part import Part
from training.shapes.parts.devices.display_panels import SCREEN
from training.shapes.parts.devices.mobile_phones import key_material, keypad
from training.shapes.solids import Solid, frustum, lathe, loft, prism, rod, slab

HOUSINGS = ("black", "black", "beige", "red", "white", "grey", "green")
CABLE = Material("black plastic", COLORS["black"], 0.3)


def _housing(rng) -> Material:
    if rng.random() < 0.25:
        return plastic(rng)
    name = str(rng.choice(HOUSINGS))
    return Material(f"{name} plastic", COLORS[name], rng.uniform(0.3, 0.9))


def handset(rng, length: float, slim: bool) -> list[Solid]:
    """A receiver along z, its two cups at y = 0 and looking down, the handle above them."""
    thick = length * rng.uniform(0.05, 0.085)
    cup, drop = length * rng.uniform(0.10, 0.14), length * rng.uniform(0.10, 0.18)
    end = length / 2 - cup
    if slim:  # a straight bar with two blocks
        bar = slab(
            (-thick, 0.5 * drop, -length / 2), (thick, drop + 0.3 * thick, length / 2), 0.4 * thick
        )
        blocks = mirrored(
            [slab((-1.25 * thick, 0, end - cup), (1.25 * thick, drop, length / 2), 0.3 * thick)]
        )
        return [bar, *blocks]
    arch = rng.uniform(0.0, 0.12) * length
    path = [
        (0, drop, -end),
        (0, drop + arch, -0.4 * end),
        (0, drop + arch, 0.4 * end),
        (0, drop, end),
    ]
    handle = tube(curve(path, 8), thick)
    cups = mirrored([frustum((0, 0, end), (0, 0.6 * drop, end), cup, 0.9 * cup)])
    cups += mirrored([frustum((0, 0.55 * drop, end), (0, drop + thick, end), 0.9 * cup, thick)])
    return [*handle, *cups]


def _cord(rng, start, stop, sag) -> list[Solid]:
    """A hanging cable between two points, bent by an offset (x, y, z) in its middle."""
    middle = (np.asarray(start) + np.asarray(stop)) / 2 + np.asarray(sag)
    path = curve([start, middle, stop], 8)
    path[1:-1, 2] += 0.03 * np.where(np.arange(6) % 2, 1, -1)  # its coils
    return tube(path, 0.018)


def desk(rng, facts: dict) -> list[Part]:
    """A push-button telephone: a wedge with the receiver along one side or across the back."""
    width, depth = rng.uniform(0.75, 1.3), rng.uniform(0.75, 1.05)
    front, back = rng.uniform(0.08, 0.18), rng.uniform(0.2, 0.5)
    facts["has_handset"] = True
    case = _housing(rng)
    slope = np.rad2deg(np.arctan2(back - front, depth))
    side = [(-depth, 0), (0, 0), (0, front), (-depth, back)]
    if rng.random() < 0.4:  # a flat part at the back
        side = [
            (-depth, 0),
            (0, 0),
            (0, front),
            (-0.75 * depth, front + (back - front) * 0.9),
            (-depth, back * 0.9),
        ]
        slope = np.rad2deg(np.arctan2(0.9 * (back - front), 0.75 * depth))
    body = prism("z", side, -width / 2, width / 2, rounding=0.03)
    across = width < 1.0 and rng.random() < 0.4

    def on_slope(solids) -> list[Solid]:  # from flat, x = 0 at the front edge, to the wedge
        return moved(turned(solids, "z", -slope), (0, front, 0))

    if across:
        rest = moved(
            handset(rng, width * rng.uniform(1.0, 1.25), rng.random() < 0.5), (-0.85 * depth, 0, 0)
        )
        left, right, high = -0.4 * width, 0.4 * width, 0.66 * depth
    else:
        length = depth * rng.uniform(0.95, 1.15)
        rest = turned(handset(rng, length, rng.random() < 0.6), "y", 90)
        rest = moved(rest, (-0.5 * depth, 0.0, -width / 2 + 0.15 * length))
        left, right, high = -width / 2 + 0.34 * length, 0.46 * width, 0.94 * depth
    rest = on_slope(moved(rest, (0, -0.02, 0)))
    rows, columns = 4, 3
    extra = int(rng.integers(0, 4)) if right - left > 0.45 else 0  # columns of memory keys
    pad = rng.uniform(0.4, 0.6) * high
    # Keys are made upright, at x = 0, and laid down on the slope.
    keys = keypad((0.08, left), (pad, right), rows, columns + extra, 0.01, 0.7, False)
    facts["num_keys"] = len(keys)
    keys = on_slope(turned(keys, "z", 90))
    parts = [
        Part("body", case, [body]),
        Part("handset", case, rest),
        Part("keys", key_material(rng), keys),
    ]
    if rng.random() < 0.65:
        facts.update(has_screen=True, screen_share=high - pad - 0.12)
        panel = slab((-high + 0.04, -0.05, left), (-pad - 0.08, 0.03, right))
        tilt = rng.uniform(0, 25) if rng.random() < 0.3 else 0
        parts.append(
            Part("screen", SCREEN, on_slope(turned([panel], "z", -tilt, (-pad - 0.08, 0, 0))))
        )
    if rng.random() < 0.4 and not across:
        facts["has_cord"] = True
        z = -width / 2 + 0.15 * depth
        cable = _cord(
            rng, (0.02, front + 0.06, z), (-0.5 * depth, 0.04, -0.49 * width), (0.1, -0.1, -0.2)
        )
        parts.append(Part("cord", CABLE, moved(cable, (0, 0, 0))))
    return parts


def rotary(rng, facts: dict) -> list[Part]:
    """The receiver across a cradle, over a body with a dial that slopes to the front."""
    width, depth, height = rng.uniform(0.75, 1.0), rng.uniform(0.75, 1.05), rng.uniform(0.4, 0.62)
    case = _housing(rng)
    facts.update(has_handset=True, has_dial=True)
    low = rectangle(depth, width, 0.08, (0, 0))
    top = rectangle(
        depth * rng.uniform(0.25, 0.4), width * rng.uniform(0.5, 0.8), 0.04, (-0.22 * depth, 0)
    )
    knee = rng.uniform(0.1, 0.3) * height
    waist = low * [0.97, 0.97]
    body = [loft("y", low, waist, 0, knee), loft("y", waist, top, knee, height)]
    start, stop = np.array([waist[:, 0].max(), knee]), np.array([top[:, 0].max(), height])
    middle, run = (start + stop) / 2, stop - start
    normal = np.array([run[1], -run[0]]) / np.hypot(*run)
    radius = 0.46 * min(np.hypot(*run), width * 0.85)
    at = np.array([*middle, 0.0])
    out = np.array([*normal, 0.0])
    dial = [frustum(at - 0.05 * out, at + 0.035 * out, radius, 0.92 * radius)]
    up = np.array([*run, 0.0]) / np.hypot(*run)
    holes = []
    for angle in np.deg2rad(np.linspace(-30, 240, 10)):
        spot = at + 0.72 * radius * (np.cos(angle) * np.array([0, 0, 1.0]) + np.sin(angle) * up)
        holes.append(frustum(spot, spot + 0.1 * out, 0.11 * radius))
    hub = frustum(at, at + 0.045 * out, 0.42 * radius)
    cradle_z, x = 0.24 * width, top[:, 0].mean()
    prongs = mirrored(
        [
            slab(
                (x - 0.14, height - 0.1, cradle_z - 0.05),
                (x + 0.14, height + 0.09, cradle_z + 0.05),
                0.02,
            )
        ]
    )
    lift = height + rng.uniform(-0.02, 0.02)
    rest = moved(handset(rng, rng.uniform(1.0, 1.25), False), (x, lift, 0))
    grip = slab((x - 0.05, height - 0.05, -0.3), (x + 0.05, lift + 0.16, 0.3), 0.02)
    parts = [
        Part("body", case, [*body, *prongs, grip]),
        Part("handset", case, rest),
        Part("dial", metal(rng), [*dial], holes),
        Part("hub", plastic(rng), [hub]),
    ]
    if rng.random() < 0.4:
        facts["has_cord"] = True
        reach = 0.36
        cable = _cord(
            rng, (x, height + 0.04, reach), (-0.3 * depth, 0.05, 0.47 * width), (0, -0.1, 0.25)
        )
        parts.append(Part("cord", CABLE, cable))
    return parts


def _hung(rng, length: float, z: float, x: float, y: float) -> list[Solid]:
    """A receiver that hangs upright with its cups against a front at x, its middle at (y, z)."""
    solids = turned(turned(handset(rng, length, rng.random() < 0.5), "x", 90), "y", 90)
    # Along z, cups down -> along y, cups towards -x.
    low, high = (
        np.array([s.bounds() for s in solids])[:, 0].min(0),
        np.array([s.bounds() for s in solids])[:, 1].max(0),
    )
    return moved(
        solids, (x - low[0] - 0.03, y - (low[1] + high[1]) / 2, z - (low[2] + high[2]) / 2)
    )


def wall(rng, facts: dict) -> list[Part]:
    """A narrow case on the wall with the receiver hanging on its front."""
    width, depth = rng.uniform(0.36, 0.6), rng.uniform(0.1, 0.26)
    facts["has_handset"] = True
    case = _housing(rng)
    side = rng.random() < 0.5  # the receiver beside the keys, or over them
    z = -width * rng.uniform(0.2, 0.3) if side else 0.0
    outline = rectangle(width, 1, rng.uniform(0, 0.1), (0, 0.5))
    body = [prism("x", outline, 0, depth, scale=(1, rng.uniform(0.85, 1)))]
    length = rng.uniform(0.7, 1.0)
    rest = _hung(rng, length, z, depth, rng.uniform(0.5, 0.62))
    hook = slab((0.5 * depth, 0.72, z - 0.06), (depth + 0.08, 0.78, z + 0.06))
    parts = [Part("body", case, [*body, hook]), Part("handset", case, rest)]
    if side:
        left, right = z + 0.22 * length, 0.45 * width
        if right - left < 0.12:
            left = right - 0.12
        if rng.random() < 0.4:
            facts["has_dial"] = True
            middle = (left + right) / 2
            dial = frustum(
                (depth - 0.02, 0.35, middle),
                (depth + 0.04, 0.35, middle),
                0.5 * (right - left) + 0.03,
            )
            parts.append(Part("dial", metal(rng), [dial]))
        else:
            low = rng.uniform(0.12, 0.3)
            keys = keypad((low, left), (low + 0.4, right), 4, 3, depth * 0.98, 0.7, False)
            facts["num_keys"] = len(keys)
            parts.append(Part("keys", key_material(rng), keys))
    if rng.random() < 0.5:
        facts["has_cord"] = True
        drop = rng.uniform(0.1, 0.5)
        cable = _cord(
            rng, (depth + 0.05, 0.2, z), (0.5 * depth, 0.03, 0.2 * width), (0.05, -drop, 0)
        )
        parts.append(Part("cord", CABLE, cable))
    return parts


def pay(rng, facts: dict) -> list[Part]:
    """A steel box with a receiver at its side, a keypad and a slot; at times on a post."""
    width, depth = rng.uniform(0.5, 0.75), rng.uniform(0.25, 0.45)
    facts["has_handset"] = True
    steel = metal(rng) if rng.random() < 0.6 else _housing(rng)
    step = rng.uniform(0.4, 0.65)  # the lower part stands out further
    body = [
        slab((-depth, 0, -width / 2), (0.06, step, width / 2), 0.02),
        slab((-depth, step - 0.02, -width / 2), (0, 1, width / 2), 0.02),
    ]
    z = -width / 2 + 0.12
    rest = _hung(rng, rng.uniform(0.6, 0.75), z, 0.04, rng.uniform(0.5, 0.58))
    hook = slab((-0.05, 0.7, z - 0.07), (0.08, 0.76, z + 0.07))
    keys = keypad((step + 0.04, -0.05), (step + 0.26, 0.42 * width), 4, 3, 0.004, 0.7, False)
    facts["num_keys"] = len(keys)
    slot = slab((0.0, 0.12, 0.1), (0.085, 0.24, 0.4 * width))
    parts = [
        Part("body", steel, [*body, hook]),
        Part("handset", CABLE, rest),
        Part("keys", metal(rng), keys),
        Part("coin tray", metal(rng), [slot]),
    ]
    if rng.random() < 0.6:
        facts["has_cord"] = True
        cable = _cord(rng, (0.12, 0.28, z), (0.06, 0.1, 0.05), (0.06, -0.22, -0.02))
        parts.append(Part("cord", metal(rng), cable))
    if rng.random() < 0.5:
        facts["has_screen"] = True
        facts["screen_share"] = 0.08
        parts.append(
            Part("screen", SCREEN, [slab((-0.02, 0.9, -0.05), (0.01, 0.97, 0.42 * width))])
        )
    kind = rng.random()
    if kind < 0.3:  # on a post with a foot
        drop = rng.uniform(0.6, 1.6)
        r = rng.uniform(0.06, 0.14)
        post = frustum((-depth / 2, -drop, 0), (-depth / 2, 0.02, 0), r)
        plate = slab((-depth, -drop, -0.3), (0.05, -drop + 0.05, 0.3))
        parts.append(Part("post", steel, [post, plate]))
    elif kind < 0.55:  # under a hood
        out = rng.uniform(0.1, 0.3)
        walls = mirrored([slab((-depth, 0.2, 0.5 * width + 0.08), (out, 1.15, 0.5 * width + 0.12))])
        roof = slab((-depth, 1.1, -0.5 * width - 0.12), (out, 1.15, 0.5 * width + 0.12))
        back = slab(
            (-depth - 0.04, 0.1, -0.5 * width - 0.12), (-depth + 0.02, 1.15, 0.5 * width + 0.12)
        )
        parts.append(Part("hood", plastic(rng), [*walls, roof, back]))
    return parts


def candlestick(rng, facts: dict) -> list[Part]:
    """A mouthpiece on a column, the receiver hanging from a fork at its side."""
    case = metal(rng) if rng.random() < 0.5 else _housing(rng)
    foot, stem = rng.uniform(0.22, 0.32), rng.uniform(0.03, 0.055)
    profile = [
        (foot, 0),
        (foot, 0.05),
        (0.5 * foot, 0.1),
        (1.5 * stem, 0.16),
        (stem, 0.25),
        (stem, 0.85),
        (1.6 * stem, 0.88),
        (1.6 * stem, 0.94),
    ]
    horn = [
        rod((0, 0.92, 0), (0.06, 0.95, 0), 0.05),
        frustum((0.04, 0.95, 0), (0.2, 0.98, 0), 0.045, rng.uniform(0.09, 0.14)),
    ]
    z = rng.uniform(0.15, 0.2)
    fork = [rod((0, 0.75, 0), (0, 0.75, z), 0.022)]
    facts["has_handset"] = True
    bell = [
        lathe(
            [(0.03, 0.78), (0.045, 0.6), (0.05, 0.45), (0.09, 0.38), (0.09, 0.34)][::-1], (0, 0, z)
        )
    ]
    facts["has_dial"] = bool(rng.random() < 0.4)
    parts = [Part("column", case, [lathe(profile), *horn, *fork]), Part("receiver", case, bell)]
    if facts["has_dial"]:
        dial = frustum((0.6 * foot, 0.05, 0), (0.8 * foot, 0.14, 0), 0.55 * foot)
        parts.append(Part("dial", metal(rng), [dial]))
    if rng.random() < 0.4:
        facts["has_cord"] = True
        parts.append(
            Part("cord", CABLE, _cord(rng, (0, 0.38, z), (0, 0.05, 0.8 * foot), (0, -0.12, 0.12)))
        )
    return parts


def receiver(rng, facts: dict) -> list[Part]:
    """A receiver alone, upright, its cups towards the front."""
    solids = handset(rng, 1.0, rng.random() < 0.35)
    solids = turned(turned(solids, "x", 90), "y", -90)
    case = _housing(rng)
    facts["has_handset"] = True
    parts = [Part("handset", case, solids, blend=0.015)]  # the ends flow out of the grip
    if rng.random() < 0.4:
        facts["has_cord"] = True
        low = min(s.bounds()[0][1] for s in solids)
        bar = np.mean([s.bounds() for s in solids], (0, 1))
        cable = _cord(
            rng,
            (bar[0], low + 0.05, 0),
            (bar[0] + rng.uniform(-0.3, 0.3), low - rng.uniform(0.1, 0.3), rng.uniform(-0.4, 0.4)),
            (0, -0.08, 0.1),
        )
        parts.append(Part("cord", CABLE, cable))
    return parts
