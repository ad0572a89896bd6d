"""Mobile and cordless phones, for the telephone family.

They stand upright, about 1 high, the screen towards +x; a phone's front lies at x = 0. Each
function fills in the facts that it makes true.
"""

from __future__ import annotations

import numpy as np

from training.shapes.materials import COLORS, Material, casing
from training.shapes.operators import mirrored, moved, turned
from training.shapes.outlines import rectangle, symmetric
from training.shapes.part import Part
from training.shapes.parts.devices.display_panels import SCREEN
from training.shapes.solids import Solid, box, ellipsoid, frustum, loft, prism, rod, slab

CASES = ("black", "black", "grey", "silver", "white", "blue", "red")


def case_material(rng) -> Material:
    """Mostly black, grey or white plastic, at times metal or any colour."""
    return casing(rng, CASES, metals=0.2, coloured=0.15, dullest=0.3)


def key_material(rng) -> Material:
    """Keys that stand out from most cases."""
    name = str(rng.choice(["white", "grey", "silver", "black", "light blue"]))
    return Material(f"{name} plastic", COLORS[name], 0.3)


def silhouette(height: float, widths, corner: float) -> np.ndarray:
    """Outline (18, 2) in (z, y) of a phone from y = 0.

    Args:
        height: of the phone.
        widths: at the bottom, in the middle and at the top.
        corner: radius of its four corners.
    """
    corner = min(corner, 0.49 * min(widths), 0.4 * height)
    turn = np.deg2rad([0, 30, 60, 90])
    rise, inset = corner * (1 - np.cos(turn)), corner * (1 - np.sin(turn))
    y = np.concatenate([rise, [height / 2], height - rise[::-1]])
    inset = np.concatenate([inset, [0], inset[::-1]])
    t = 2 * y / height - 1  # -1 at the bottom, 1 at the top
    bottom, middle, top = np.asarray(widths) / 2
    half = middle + t * (top - bottom) / 2 + t**2 * ((top + bottom) / 2 - middle)
    return symmetric(np.stack([half - inset, y], 1), axis=0)


def shell(outline, depth: float, bevel: float, front: float = 0.0) -> list[Solid]:
    """A case between x = front - depth and front, whose back is `bevel` smaller (a share)."""
    middle, bevel = outline.mean(0), min(bevel, depth)  # no steeper than about 45 degrees
    small = middle + (outline - middle) * (1 - bevel)
    if bevel < 0.02:
        return [prism("x", outline, front - depth, front, rounding=min(0.15 * depth, 0.015))]
    knee = front - depth * 0.55
    return [
        prism("x", outline, knee, front, rounding=min(0.1 * depth, 0.01)),
        loft("x", small, outline, front - depth, knee),
    ]


def keypad(low, high, rows: int, columns: int, x: float, fill: float, oval: bool) -> list[Solid]:
    """Keys in a grid between two corners (y, z), standing proud of a front at x."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    pitch = (high - low) / [rows, columns]
    keys = []
    for row in range(rows):
        for column in range(columns):
            y, z = low + pitch * [row + 0.5, column + 0.5]
            size = pitch * fill
            if oval:
                keys.append(ellipsoid((x, y, z), (0.012, *size / 2)))
            else:
                keys.append(box((x, y, z), (0.018, *size), 0.005))
    return keys


def _antenna(rng, width: float, depth: float, top: float, often: float, facts: dict, longest=0.5):
    """At times an antenna at a top corner: a stub, or pulled out."""
    if rng.random() > often:
        return []
    length = rng.uniform(0.04, 0.14) if rng.random() < 0.7 else rng.uniform(0.15, longest)
    radius = rng.uniform(0.012, 0.03)
    facts.update(has_antenna=True, antenna_length=length)
    z = (width / 2 - 1.2 * radius) * rng.choice([-0.92, 0.92])
    x = -depth * rng.uniform(0.4, 0.7)
    return [rod((x, top - 0.12, z), (x, top + length, z), radius)]


def _buttons(rng, width: float, depth: float, low: float, high: float) -> list[Solid]:
    """Narrow side keys for power and volume."""
    side = float(rng.choice([-1, 1]))
    at = rng.uniform(low, high, rng.integers(1, 3))
    return [box((-depth / 2, y, side * width / 2), (0.3 * depth, 0.07, 0.016)) for y in at]


def smartphone(rng, facts: dict) -> list[Part]:
    """A slab that is nearly all screen."""
    width, depth = rng.uniform(0.42, 0.64), rng.uniform(0.045, 0.14)
    corner = rng.uniform(0.02, 0.16)
    facts.update(is_mobile=True, has_screen=True, corner_radius=corner / width)
    body = shell(silhouette(1, [width] * 3, corner), depth, rng.choice([0, 0, 0.06, 0.14]))
    side, end = rng.uniform(0.01, 0.04), rng.uniform(0.02, 0.16)
    lift = min(end * rng.uniform(0.7, 1.3), 0.16)
    outline = rectangle(width - 2 * side, 1 - end - lift, 0.6 * corner, (0, (1 + lift - end) / 2))
    facts["screen_share"] = 1 - end - lift
    parts = [
        Part("case", case_material(rng), body + _buttons(rng, width, depth, 0.55, 0.8)),
        Part("screen", SCREEN, [prism("x", outline, -0.5 * depth, 0.004)]),
    ]
    keys = []
    if lift > 0.09 and rng.random() < 0.8:
        keys = [frustum((-0.01, lift / 2, 0), (0.012, lift / 2, 0), 0.32 * lift)]
        if rng.random() < 0.3:
            keys += mirrored([box((0, lift / 2, 0.28 * width), (0.016, 0.25 * lift, 0.2 * width))])
    facts["num_keys"] = len(keys)
    parts.append(Part("keys", key_material(rng), keys))
    if rng.random() < 0.85:
        facts["num_cameras"] = count = int(rng.integers(1, 4))
        z = rng.choice([-0.3, 0.3, 0.0]) * width
        bulge = rng.uniform(0.005, 0.03)
        lens = [
            frustum((-depth - bulge, y, z), (-0.5 * depth, y, z), 0.035)
            for y in 0.92 - 0.09 * np.arange(count)
        ]
        parts.append(Part("cameras", SCREEN, lens))
    return parts


def _bar(rng, facts: dict, width: float, depth: float, widths, corner: float, antenna: float):
    """A phone in one piece: screen above, keypad below."""
    outline = silhouette(1, np.multiply(widths, width), corner)
    facts.update(is_mobile=True, has_screen=True, corner_radius=corner / width)
    case = case_material(rng)
    body = shell(outline, depth, rng.uniform(0.0, 0.3))
    bulge = rng.uniform(0, 0.5) * depth  # of the back, where the battery is
    if rng.random() < 0.5:
        low, high = rng.uniform(0.05, 0.3), rng.uniform(0.55, 0.9)
        body.append(
            slab((-depth - bulge, low, -0.36 * width), (-0.5 * depth, high, 0.36 * width), 0.02)
        )
    top, split = rng.uniform(0.86, 0.93), rng.uniform(0.48, 0.66)
    half = 0.5 * width * min(widths) * rng.uniform(0.68, 0.88)
    facts["screen_share"] = top - split
    screen = slab((-0.3 * depth, split, -half), (0.012, top, half), 0.01)
    rows = int(rng.choice([4, 4, 4, 5]))
    bottom = rng.uniform(0.06, 0.12)
    pad_top = split - rng.uniform(0.1, 0.16)
    fill, oval = rng.uniform(0.6, 0.85), bool(rng.random() < 0.4)
    keys = keypad((bottom, -half), (pad_top, half), rows, 3, 0.004, fill, oval)
    middle = (pad_top + split) / 2
    keys.append(
        ellipsoid((0, middle, 0), (0.016, 0.3 * (split - pad_top), rng.uniform(0.2, 0.4) * half))
    )
    if rng.random() < 0.7:
        keys += mirrored([box((0, middle, 0.75 * half), (0.016, 0.03, 0.4 * half), 0.005)])
    facts["num_keys"] = len(keys)
    return [
        Part("case", case, body),
        Part("screen", SCREEN, [screen]),
        Part("keys", key_material(rng), keys),
        Part("antenna", case, _antenna(rng, width * widths[2], depth, 1, antenna, facts)),
    ]


def candy_bar(rng, facts: dict) -> list[Part]:
    """A slim keypad phone, often rounded or waisted."""
    width, depth = rng.uniform(0.33, 0.50), rng.uniform(0.09, 0.24)
    widths = [rng.uniform(0.82, 1), rng.uniform(0.9, 1.06), rng.uniform(0.85, 1)]
    corner = width * rng.uniform(0.08, 0.48)
    return _bar(rng, facts, width, depth, widths, corner, 0.35)


def brick(rng, facts: dict) -> list[Part]:
    """The first mobile phones: thick, square, with an antenna."""
    width, depth = rng.uniform(0.24, 0.36), rng.uniform(0.2, 0.36)
    widths = [rng.uniform(0.9, 1), 1, rng.uniform(0.9, 1)]
    return _bar(rng, facts, width, depth, widths, width * rng.uniform(0.03, 0.15), 0.95)


def keyboard(rng, facts: dict) -> list[Part]:
    """A broad phone with a small keyboard below the screen."""
    width, depth = rng.uniform(0.50, 0.72), rng.uniform(0.08, 0.18)
    corner = width * rng.uniform(0.08, 0.35)
    facts.update(is_mobile=True, has_screen=True, corner_radius=corner / width)
    widths = width * np.array([rng.uniform(0.85, 1), 1, rng.uniform(0.9, 1)])
    half, split = 0.43 * widths.min(), rng.uniform(0.45, 0.58)
    rows, columns = int(rng.integers(3, 5)), int(rng.integers(7, 11))
    pad_top = split - 0.12
    keys = keypad((0.06, -half), (pad_top, half), rows, columns, 0.004, 0.75, False)
    keys.append(ellipsoid((0, (pad_top + split) / 2, 0), (0.016, 0.04, 0.05)))
    facts.update(num_keys=len(keys), screen_share=0.92 - split)
    screen = slab((-0.3 * depth, split, -half), (0.01, 0.92, half), 0.01)
    return [
        Part(
            "case",
            case_material(rng),
            shell(silhouette(1, widths, corner), depth, rng.uniform(0, 0.2)),
        ),
        Part("screen", SCREEN, [screen]),
        Part("keys", key_material(rng), keys),
    ]


def slider(rng, facts: dict) -> list[Part]:
    """Two layers, the front one pushed up from the keypad."""
    width, depth = rng.uniform(0.36, 0.54), rng.uniform(0.07, 0.11)
    length, push = rng.uniform(0.62, 0.85), rng.uniform(0.0, 1.0)
    push = 0.0 if push < 0.2 else (1 - length) * (0.5 + 0.5 * push)
    corner = width * rng.uniform(0.06, 0.4)
    facts.update(is_mobile=True, has_screen=True, corner_radius=corner / width)
    facts.update(is_open=push > 0, is_closed=push == 0)
    outline = silhouette(length, [width] * 3, corner)
    lower = shell(outline, depth, rng.uniform(0, 0.15), -depth)
    upper = shell(outline + np.array([0, push]), depth * 1.1, 0, 0.1 * depth)
    half = 0.42 * width
    low = push + rng.uniform(0.06, 0.16)
    facts["screen_share"] = (length + push - 0.05 - low) / (length + push)
    screen = slab(
        (-0.3 * depth, low, -half), (0.1 * depth + 0.006, length + push - 0.05, half), 0.01
    )
    keys = []
    if push > 0.12:
        keys = keypad((0.03, -half), (push - 0.01, half), 4, 3, -depth + 0.003, 0.7, False)
    keys.append(ellipsoid((0.1 * depth, (low + push) / 2 + 0.01, 0), (0.014, 0.02, 0.06)))
    facts["num_keys"] = len(keys)
    case = case_material(rng)
    return [
        Part("case", case, lower),
        Part("front", case if rng.random() < 0.6 else case_material(rng), upper),
        Part("screen", SCREEN, [screen]),
        Part("keys", key_material(rng), keys),
    ]


def flip(rng, facts: dict) -> list[Part]:
    """A phone that folds about a hinge: wide open, half open or closed."""
    width = rng.uniform(0.44, 0.62)  # over the length of one half
    depth, rest = rng.uniform(0.08, 0.16), rng.uniform(0.9, 1.05)
    corner = width * rng.uniform(0.06, 0.4)
    facts.update(is_mobile=True, has_screen=True, corner_radius=corner / width)
    taper = rng.uniform(0.85, 1.0)
    case = case_material(rng)
    lower = shell(
        silhouette(1, [width * taper, width, width], corner),
        depth * rng.uniform(1, 1.6),
        rng.uniform(0, 0.2),
    )
    half = 0.4 * width * taper
    if rng.random() < 0.3:
        facts["is_closed"] = True
        lid = shell(silhouette(1, [width * taper, width, width], corner), depth, 0, depth)
        low = rng.uniform(0.45, 0.65)
        screen = slab(
            (0.5 * depth, low, -0.7 * half), (depth + 0.008, low + 0.22, 0.7 * half), 0.01
        )
        facts["screen_share"] = 0.22
        hinge = frustum((0, 1.0, -0.45 * width), (0, 1.0, 0.45 * width), 0.8 * depth)
        aerial = _antenna(rng, width, depth, 1, 0.5, facts, 0.3)
        return [
            Part("case", case, [*lower, *lid, hinge]),
            Part("screen", SCREEN, [screen]),
            Part("antenna", case, aerial),
        ]
    facts["is_open"] = True
    lid_outline = silhouette(rest, [width, width, width * taper], corner)
    lid = shell(lid_outline, depth * rng.uniform(0.6, 1), 0)
    screen = slab(
        (-0.3 * depth, 0.2, -half), (0.008, 0.2 + rng.uniform(0.5, 0.65) * rest, half), 0.01
    )
    facts["screen_share"] = float(np.ptp([screen.bounds()[0][1], screen.bounds()[1][1]])) / (
        1 + rest
    )
    fold = rng.uniform(5, 40) if rng.random() < 0.85 else rng.uniform(40, 75)
    swing = [moved(turned(s, "z", -fold), (0, 1, 0)) for s in (lid, [screen])]
    keys = keypad(
        (0.07, -half), (0.68, half), 4, 3, 0.004, rng.uniform(0.6, 0.85), bool(rng.random() < 0.5)
    )
    keys.append(ellipsoid((0, 0.8, 0), (0.016, 0.07, 0.1)))
    facts["num_keys"] = len(keys)
    hinge = frustum(
        (-0.3 * depth, 1.0, -0.45 * width), (-0.3 * depth, 1.0, 0.45 * width), 0.6 * depth
    )
    parts = [
        Part("case", case, [*lower, hinge]),
        Part("lid", case, swing[0]),
        Part("screen", SCREEN, swing[1]),
        Part("keys", key_material(rng), keys),
        Part("antenna", case, _antenna(rng, width, depth, 1, 0.3, facts, 0.3)),
    ]
    if fold > 40:  # half open, it lies on its keypad half
        for part in parts:
            part.solids = turned(part.solids, "z", 90)
    elif rng.random() < 0.3:  # so that the whole stands upright
        for part in parts:
            part.solids = turned(part.solids, "z", fold / 2)
    return parts


def cordless(rng, facts: dict) -> list[Part]:
    """A handset that leans in its charging base, or stands alone."""
    width, depth = rng.uniform(0.24, 0.38), rng.uniform(0.12, 0.22)
    widths = [rng.uniform(0.8, 1), rng.uniform(0.8, 1), 1]
    parts = _bar(rng, facts, width, depth, widths, width * rng.uniform(0.1, 0.45), 0.3)
    facts["is_mobile"] = False
    if rng.random() < 0.25:
        return parts
    facts["has_cradle"] = True
    tilt, lift = rng.uniform(0, 32), rng.uniform(0.05, 0.14)
    for part in parts:
        part.solids = moved(turned(part.solids, "z", tilt), (0, lift, 0))
    wide, long = width * rng.uniform(1.2, 2.6), rng.uniform(0.5, 1.0)
    low, high = rng.uniform(0.04, 0.12), rng.uniform(0.2, 0.36)
    back = -0.5 * long - 0.5 * depth
    front = back + long
    kind = rng.random()
    if kind < 0.4:  # a wedge that rises to the handset
        side = [
            (back, 0),
            (front, 0),
            (front, low),
            (0.06, high),
            (-depth - 0.12, high * 0.9),
            (back, low * 1.5),
        ]
        base = [prism("z", side, -wide / 2, wide / 2, scale=(1, 1), rounding=0.02)]
    elif kind < 0.75:  # a flat foot with a socket
        plan = rectangle(
            long, wide, rng.uniform(0.05, 0.48) * min(wide, long), ((back + front) / 2, 0)
        )
        socket = slab((-depth - 0.1, 0, -0.7 * width), (0.07, high, 0.7 * width), 0.03)
        base = [prism("y", plan, 0, low + 0.02, scale=(1, 0.9)), socket]
    else:  # a round one
        r = 0.5 * long
        middle = (back + front) / 2
        base = [
            frustum((middle, 0, 0), (middle, high, 0), r, 0.6 * r, min(max(wide / long, 0.7), 1.2))
        ]
    return [*parts, Part("cradle", parts[0].material, base)]
