"""What carries a table top: legs, columns, panels, frames, trestles, blocks and sculpted forms.

All lengths in metres, the floor at y = 0, the underside of the top at `height`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from training.shapes.operators import around, mirrored, moved, scaled, tube, turned
from training.shapes.outlines import band, curve, ellipse, rectangle
from training.shapes.parts.furniture import LEG_STYLES, TURNED, four, four_legs, leg, pedestal, sled
from training.shapes.solids import Solid, box, frustum, lathe, loft, prism, rod, slab


class Base(NamedTuple):
    """What stands under a top.

    Attributes:
        name: a plain noun for the part.
        solids: all of it.
        num_legs: separate legs, 0 where there are none.
        splay: how much further out the feet stand than the upper ends (1 for upright ones).
    """

    name: str
    solids: list[Solid]
    num_legs: int = 0
    splay: float = 1.0


def make_base(rng: np.random.Generator, kind: str, x: float, z: float, height: float, thick: float):
    """Draw a base of one of the `KINDS` with legs about at (+-x, +-z), under a top at `height`.

    Raises:
        ValueError: for an unknown kind.
    """
    if kind not in KINDS:
        raise ValueError(f"Unknown kind of base: {kind!r}.")
    return KINDS[kind](rng, x, z, height, thick)


def _legs(rng, x, z, height, thick) -> Base:
    style = str(rng.choice(LEG_STYLES))
    thick *= {"block": 1.4, "turned": 1.2}.get(style, 1.0)
    upright = style in ("cabriole", "turned", "block") or rng.random() < 0.6
    splay = 1.0 if upright else rng.uniform(0.85, 1.3)
    if style == "cabriole":  # its ends are round
        height -= thick / 2
    return Base("legs", four_legs(style, x, z, height, thick, splay), 4, splay)


def _three_legs(rng, x, z, height, thick) -> Base:
    style = str(rng.choice(["round", "tapered", "square"]))
    r, splay, start = min(x, z), rng.uniform(0.9, 1.5), rng.choice([0, 60, 90])
    if style == "square" or rng.random() < 0.2:  # bowed legs, as of a cafe table
        r *= rng.uniform(0.5, 1.0)
        waist = [(r, height - thick / 2, 0), (0.35 * r, 0.5 * height, 0), (splay * r, thick / 2, 0)]
        one = tube(curve(waist, 8), thick / 2)
        ring = [frustum((0, 0.5 * height, 0), (0, 0.5 * height + thick, 0), 0.35 * r + thick / 2)]
        return Base("legs", [*around(one, 3, start), *ring], 3, splay)
    one = leg(style, (splay * r, 0, 0), (r, height, 0), thick)
    return Base("legs", around(one, 3, start), 3, splay)


def _hairpins(rng, x, z, height, thick) -> Base:
    out, r = rng.uniform(1.0, 1.25), 0.2 * thick
    spread = np.array([0.25 * x, 0, 0]) if rng.random() < 0.5 else np.array([0, 0, 0.2 * z])
    foot, top = np.array([x * out, r, z * out]), np.array([x, height - r, z])
    return Base("legs", four([rod(foot, top, r), rod(foot, top - spread, r)]), 4, out)


def _pedestal(rng, x, z, height, thick) -> Base:
    """A column on a plate, a trumpet, a block, or on three to six feet."""
    reach, stem = min(x, z) * rng.uniform(0.6, 1.15), thick * rng.uniform(0.4, 1.3)
    stem = min(stem, 0.6 * reach)
    if rng.random() < 0.5:
        kind = str(rng.choice(["disc", "disc", "trumpet", "block", "flared"]))
        if kind == "flared":  # into a foot and, less, into a wreath under the top
            low = pedestal(height, reach, stem, "trumpet")
            top = scaled(turned(low, "x", 180), rng.uniform(0.3, 0.6))
            return Base("base", [*low, *moved(top, (0, height, 0))])
        foot = reach * (1.4 if kind == "block" else 1.0)
        return Base("base", pedestal(height, foot, stem, kind))
    count, r = int(rng.integers(3, 7)), thick * rng.uniform(0.25, 0.5)
    hub = height * rng.uniform(0.05, 0.4)
    kink = hub + (0.02 if rng.random() < 0.5 else -0.15) * hub  # arched feet or straight ones
    foot = tube(curve([(0, hub, 0), (0.5 * reach, kink, 0), (reach, r, 0)], 5), r, 0.8 * r)
    solids = around(foot, count, rng.choice([0, 45]))
    if rng.random() < 0.4:
        return Base("base", [*solids, lathe(_upside(TURNED) * [1.6 * stem, height])])
    return Base("base", [*solids, frustum((0, 0.3 * hub, 0), (0, height, 0), stem)])


def _upside(profile) -> np.ndarray:
    return (np.array([0, 1.0]) + np.asarray(profile) * [1, -1])[::-1]


def _two_columns(rng, x, z, height, thick) -> Base:
    """Two columns under a long top, each on a plate, a block or crossed feet."""
    reach, stem = min(x, 0.5 * z) * rng.uniform(0.7, 1.0), 0.8 * thick
    kind = str(rng.choice(["disc", "trumpet", "block", "feet"]))
    if kind == "feet":
        r = 0.4 * thick
        foot = [rod((0, 0.2 * height, 0), (reach, r, 0), r)]
        column = [*around(foot, 4, 45), frustum((0, r, 0), (0, height, 0), stem)]
    else:
        column = pedestal(height, reach, stem, kind)
    solids = mirrored(moved(column, (0, 0, z * rng.uniform(0.5, 0.7))))
    if rng.random() < 0.4:
        y = height * rng.uniform(0.1, 0.3)
        solids.append(rod((0, y, -0.5 * z), (0, y, 0.5 * z), 0.4 * thick))
    return Base("base", solids)


def _panels(rng, x, z, height, thick) -> Base:
    t = thick * rng.uniform(0.3, 1.1)
    z -= t / 2 - thick / 2
    taper = rng.uniform(0.5, 1.0) if rng.random() < 0.3 else 1.0
    wide = 2 * x + thick
    if taper == 1.0:
        return Base("panels", mirrored([box((0, height / 2, z), (wide, height, t))]))
    ends = [rectangle(wide * share, t, center=(0, z)) for share in (taper, 1.0)]
    start, end = ends if rng.random() < 0.6 else ends[::-1]
    return Base("panels", mirrored([loft("y", start, end, 0, height)]))


def _frames(rng, x, z, height, thick) -> Base:
    """Two closed loops, at the ends or along the long sides, of tube or of flat bar."""
    lengthwise = rng.random() < 0.3
    if lengthwise:
        x, z = z, x
    if rng.random() < 0.4:
        solids = sled(x, z, height - thick / 4, thick / 2)
    else:
        deep, t = thick * rng.uniform(0.5, 1.3), thick * rng.uniform(0.35, 0.8)
        posts = mirrored([box((x, height / 2, z), (t, height, deep))], "x")
        rails = [box((0, y, z), (2 * x, t, deep)) for y in (t / 2, height - t / 2)]
        solids = mirrored([*posts, *(rails if rng.random() < 0.7 else rails[1:])])
    return Base("frame", turned(solids, "y", 90) if lengthwise else solids)


def _t_frames(rng, x, z, height, thick) -> Base:
    """An upright on a bar at each end: a T, or a C where it stands at the back."""
    back = -x * rng.uniform(0.5, 0.95) if rng.random() < 0.5 else 0.0
    z *= rng.uniform(0.75, 1.0)
    wide, t = rng.uniform(0.8, 3.0) * thick, 0.5 * thick
    wide = min(wide, 1.2 * x)
    foot = box((0, t / 2, z), (2 * x, t, thick), 0.3 * t)
    head = slab(
        (min(back, -0.8 * x) - wide / 2, height - t, z - thick / 2),
        (0.8 * x, height, z + thick / 2),
    )
    deep = 0.6 * thick  # of the tie between the two ends
    if back == 0 and rng.random() < 0.5:  # two slender uprights with a gap
        gap = rng.uniform(0.15, 0.4) * x
        upright = mirrored([box((gap, height / 2, z), (0.6 * thick, height, t))], "x")
        deep = 2 * gap
    else:
        upright = [box((back, height / 2, z), (wide, height, t))]
    solids = mirrored([foot, head, *upright])
    if rng.random() < 0.6:
        y, tall = height * rng.uniform(0.2, 0.9), thick * rng.uniform(0.5, 2.0)
        solids.append(box((back, y, 0), (deep, tall, 2 * z)))
    return Base("frame", solids)


def _trestles(rng, x, z, height, thick) -> Base:
    """Two A-shaped, or V-shaped, supports."""
    z, t = z * rng.uniform(0.65, 1.0), 0.8 * thick
    top = x * rng.uniform(0.1, 0.5)
    foot = x
    if rng.random() < 0.15:
        top, foot = foot, top
    spread = thick * rng.uniform(0, 1.5)  # seen from the front, they may lean too
    legs = mirrored(
        [rod((foot, t / 2, z + spread / 2), (top, height - t / 2, z - spread / 2), t / 2)], "x"
    )
    legs += mirrored(
        [rod((foot, t / 2, z - spread), (top, height - t / 2, z - spread / 2), t / 2)], "x"
    )
    y = height * rng.uniform(0.15, 0.45)
    at = foot + (top - foot) * y / height
    tie = rod((-at, y, z - spread / 2), (at, y, z - spread / 2), t / 2)
    head = box((0, height - t / 2, z - spread / 2), (2 * max(top, 0.6 * x), t, t))
    solids = mirrored([*legs, tie, head])
    if rng.random() < 0.6:
        solids.append(rod((0, y, -z), (0, y, z), t / 2))
    return Base("trestles", solids)


def _crossed(rng, x, z, height, thick) -> Base:
    """Legs that cross: at the two ends, along the two sides, or in the middle."""
    r = 0.4 * thick
    where = int(rng.integers(3))
    if where == 2:
        legs = four([rod((x, r, z), (-x, height - r, -z), r)])
        return Base("legs", legs, 4)
    if where == 1:
        x, z = z, x
    cross = mirrored([rod((-x, r, z), (x, height - r, z), r)], "x")
    solids = mirrored(cross)
    heights = [0.5] if rng.random() < 0.6 else [0.03, 0.97]
    for share in heights:
        at = 0.0 if share == 0.5 else x * 0.94
        for side in {at, -at}:
            y = share * height
            solids.append(rod((side, y, -z), (side, y, z), 0.8 * r))
    solids += mirrored([rod((-x, height - r, z), (x, height - r, z), 0.6 * r)])
    return Base("legs", turned(solids, "y", 90) if where == 1 else solids, 4)


def _plinth(rng, x, z, height, thick) -> Base:
    """A block, a drum or a hollow box without a front."""
    a, b = np.array([x, z]) * rng.uniform(0.35, 1.1, 2) + thick / 2
    kind = int(rng.integers(4))
    if kind == 0:
        return Base("base", [prism("y", ellipse(min(a, x), min(b, z), 16), 0, height)])
    if kind == 1:
        scale = tuple(rng.uniform(0.6, 1.0, 2))
        return Base("base", [prism("y", rectangle(2 * a, 2 * b), 0, height, scale)])
    if kind == 2:
        t = 0.5 * thick
        back = slab((-a, 0, -b), (-a + t, height, b))
        floor = slab((-a, 0, -b), (a, t, b))
        return Base("base", [*mirrored([slab((-a, 0, b - t), (a, height, b))]), back, floor])
    foot = min(0.15 * height, 0.1)  # a block that stands back over its foot
    body = box((0, (height + foot) / 2, 0), (2 * a, height - foot, 2 * b))
    return Base("base", [body, box((0, foot / 2, 0), (1.7 * a, foot, 1.7 * b))])


def _sculpted(rng, x, z, height, thick) -> Base:
    """Bent sheets, leaning slabs, bundles of rods, an hourglass: under glass tops mostly."""
    t = 0.4 * thick
    kind = int(rng.integers(6))
    if kind == 0:  # two curved sheets, back to back or hugging
        bow = rng.uniform(-0.8, 0.8) * x
        sheet = band(curve([(x, 0.15 * z), (0, 0.15 * z + bow / 2), (-x, 0.5 * z)], 8), t)
        one = prism("y", sheet, 0, height)
        other = turned([one], "y", 180)
        bridge = rod((0, t, 0.4 * z), (0, t, -0.4 * z), t)
        return Base("base", [one, *other, bridge])
    if kind == 1:  # rods on a circle, all leaning the same way
        count, twist = int(rng.integers(6, 15)), np.deg2rad(rng.uniform(40, 140))
        r = min(x, z)
        end = (r * np.cos(twist), height - t / 2, r * np.sin(twist))
        return Base("base", around([rod((r, t, 0), end, 0.5 * t)], count))
    if kind == 2:  # one bent sheet, like a U or a wave, seen from the front
        a = z * rng.uniform(0.6, 1.0)
        path = [
            (-a, height),
            (-0.8 * a, 0.1 * height),
            (0, t),
            (0.8 * a, 0.1 * height),
            (a, height),
        ]
        outline = band(curve(path, 11), t)
        return Base("base", [prism("x", outline, -0.7 * x, 0.7 * x)])
    if kind == 3:
        r, waist = min(x, z) * rng.uniform(0.5, 1.0), rng.uniform(0.25, 0.7)
        rings = curve([(r, 0), (waist * r, 0.5), (r * rng.uniform(0.6, 1), 1)], 9)
        return Base("base", [lathe(rings * [1, height])])
    if kind == 4:  # two slabs that lean, as a V or an A
        wide = thick * rng.uniform(1, 3)
        foot, top = np.array([0.2, 0.9]) * z if rng.random() < 0.5 else np.array([0.9, 0.2]) * z
        low, high = (
            rectangle(2 * x * 0.8, min(wide, foot + top), center=(0, c)) for c in (foot, top)
        )
        tie = box(
            (0, 0.05 * height if foot < top else 0.95 * height, 0), (x, 0.1 * height, 0.5 * z)
        )
        return Base("base", [*mirrored([loft("y", low, high, 0, height)]), tie])
    r = np.array([x, z])  # three bent legs from one knot
    knot = height * rng.uniform(0.2, 0.7)
    path = curve([(r.min(), height - t, 0), (0.1 * r.min(), knot, 0), (0.9 * r.min(), t, 0)], 7)
    return Base("base", around(tube(path, t), int(rng.integers(3, 6))))


def _cage(rng, x, z, height, thick) -> Base:
    """Upright rods between two rings, round or square."""
    r, t = min(x, z), 0.25 * thick
    count = int(rng.integers(8, 17))
    if rng.random() < 0.6:
        bars = around([rod((r, t, 0), (rng.uniform(0.6, 1.0) * r, height - t, 0), t)], count)
        ring = lathe([(r + t, 0), (r + t, 2 * t)], thickness=2 * t)
        return Base("base", [*bars, ring])
    posts = four([rod((x, t, z), (x, height - t, z), t)])
    for y in (t, height - t):
        posts += tube([(x, y, z), (-x, y, z), (-x, y, -z), (x, y, -z), (x, y, z)], t)
    ties = mirrored([rod((x, t, z), (-x, height - t, z), t)]) if rng.random() < 0.4 else []
    return Base("frame", [*posts, *ties])


KINDS = {
    "legs": _legs,
    "three-legs": _three_legs,
    "hairpins": _hairpins,
    "pedestal": _pedestal,
    "two-columns": _two_columns,
    "panels": _panels,
    "frames": _frames,
    "t-frames": _t_frames,
    "trestles": _trestles,
    "crossed": _crossed,
    "plinth": _plinth,
    "sculpted": _sculpted,
    "cage": _cage,
}
