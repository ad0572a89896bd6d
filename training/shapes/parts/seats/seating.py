"""What chairs and benches are sat in: outlines of seats, backs and arms.

All lengths in metres. Backs stand at the origin, upright, their foot at y = 0, their width along z:
the family leans and places them. Everything returns solids; the family gives them materials.
"""

from __future__ import annotations

import numpy as np

from training.shapes.operators import mirrored, moved, tube, turned
from training.shapes.outlines import band, curve, ellipse, rectangle
from training.shapes.solids import Solid, box, loft, prism, rod, slab

BACKS = (
    *("panel", "bent", "bowed", "pad", "sling", "oval", "ring", "hoop", "comb"),
    *("rail", "slats", "ladder", "cross", "splat", "frame", "grid"),
)


def seat_outline(depth: float, width: float, square: float, rear: float = 1.0) -> np.ndarray:
    """The outline (24, 2) of a seat in (x, z): a superellipse, narrower at the rear.

    Args:
        depth: along x.
        width: along z, at the front.
        square: exponent, 2 for an ellipse, 4 for rounded, 20 for sharp corners.
        rear: width at the rear as a share of the width at the front.
    """
    unit = ellipse(1, 1, 24)
    unit[np.abs(unit) < 1e-9] = 0
    x, z = (np.sign(unit) * np.abs(unit) ** (2 / square) * [depth / 2, width / 2]).T
    return np.stack([x, z * (1 - (1 - rear) * (0.5 - x / depth))], 1)


def rail(low: float, high: float, width: float, thick: float, bow: float = 0.0) -> list[Solid]:
    """A board across a back from height `low` to `high`, its middle `bow` behind its ends."""
    if bow < 0.004:
        return [slab((-thick / 2, low, -width / 2), (thick / 2, high, width / 2), thick / 4)]
    z = np.linspace(-1, 1, 9)
    path = np.stack([-bow * (1 - z**2), z * width / 2], 1)
    return [prism("y", band(path, thick), low, high, rounding=thick / 6)]


def posts(height: float, z: float, thick: float, top: float = 1.0) -> list[Solid]:
    """Two uprights at z either way, `top` times as far apart at their upper ends."""
    return mirrored([rod((0, 0, z), (0, height, z * top), thick / 2)])


def back(rng: np.random.Generator, kind: str, w: float, h: float, thick: float, bow: float):
    """A back of a kind in `BACKS`.

    Args:
        rng: draws what a kind leaves open.
        kind: what fills the back.
        w: width.
        h: height.
        thick: of its members.
        bow: how far rails curve backwards.

    Returns:
        Its solids, and how many slats, spindles or rungs it has.

    Raises:
        ValueError: for another kind.
    """
    z, t = (w - thick) / 2, thick
    if kind == "panel":
        return _panel(rng, w, h, t), 0
    if kind == "bent":  # a sheet that curves in profile, often flowing out of the seat
        foot = [(rng.uniform(0.02, 0.14), t / 2), (0.01, 0.06 * h)]
        lift = rng.choice([0.0, 0.0, rng.uniform(0.15, 0.4)]) * h
        if lift or rng.random() < 0.5:
            foot = [(0, lift)]
        profile = [*foot, (0, 0.15 * h + 0.7 * lift), (rng.uniform(-0.02, 0.04), 0.45 * h)]
        profile += [(rng.uniform(-0.05, 0.02), 0.8 * h), (rng.uniform(-0.1, 0.0), h)]
        sheet = prism("z", band(curve(profile, 12), t), -w / 2, w / 2, rounding=t / 4)
        uprights = posts(lift + 0.05, z * rng.uniform(0.3, 1), min(t, 0.03)) if lift else []
        return [sheet, *uprights], 0
    if kind == "bowed":
        lift = rng.choice([0.0, rng.uniform(0.2, 0.55)]) * h
        uprights = posts(h * 0.95, z, min(t, 0.03)) if lift else []
        return rail(lift, h, w, t, max(bow, 0.02)) + uprights, 0
    if kind == "pad":
        lift = rng.choice([0.0, rng.uniform(0.1, 0.4)]) * h
        corner = rng.uniform(0.02, 0.5) * min(w, h - lift)
        outline = rectangle(w, h - lift, corner, (0, (h + lift) / 2))
        solids = [prism("x", outline, -t / 2, t / 2, rounding=0.3 * t)]
        return solids + (posts(lift + 0.04, z * rng.uniform(0.1, 0.9), 0.03) if lift else []), 0
    if kind == "sling":
        low = rng.uniform(0.3, 0.6) * h
        return rail(low, h * 0.97, w, 0.012, bow) + posts(h, z, t), 0
    if kind == "oval":
        lift = rng.uniform(0.08, 0.35) * h
        outline = ellipse(w / 2, (h - lift) / 2, 16) + np.array([0, (h + lift) / 2])
        uprights = posts(lift + 0.15 * h, z * rng.uniform(0.5, 0.8), 0.03, 0.9)
        return [prism("x", outline, -t / 2, t / 2, rounding=t / 4), *uprights], 0
    if kind == "ring":
        lift = rng.uniform(0.1, 0.35) * h
        loop = ellipse(z, (h - lift) / 2, 16)[:, ::-1] + np.array([(h + lift) / 2, 0])
        loop = np.insert(loop[[*range(16), 0]], 0, 0.0, axis=1)
        filled = [slab((-t / 3, lift, -w / 8), (t / 3, h, w / 8))] if rng.random() < 0.5 else []
        return tube(loop, t / 2) + posts(lift + 0.15 * h, z * 0.7, t, 0.9) + filled, 0
    if kind in ("hoop", "comb"):
        return _spindles(rng, kind, z, h, t, bow)
    return _framed(rng, kind, z, h, t, bow)


def _panel(rng, w: float, h: float, t: float) -> list[Solid]:
    """A board whose sides taper and whose top may be arched, sometimes raised on two posts."""
    taper, arch = rng.uniform(0.72, 1.12), rng.choice([0, 0, 1]) * rng.uniform(0.05, 0.4) * w
    lift = rng.choice([0.0, 0.0, rng.uniform(0.1, 0.55)]) * h
    across = np.linspace(-1, 1, 9)
    top = np.stack([taper * w / 2 * across, h - arch * np.abs(across) ** 2.5], 1)
    outline = [(w / 2, lift), *top[::-1], (-w / 2, lift)]
    solids = [prism("x", outline, -t / 2, t / 2, rounding=t / 4)]
    foot = w / 2 * rng.uniform(0.5, 0.93)
    return solids + (posts(lift + 0.3 * (h - lift), foot, min(t, 0.035)) if lift else [])


def _spindles(rng, kind: str, z: float, h: float, t: float, bow: float):
    """Windsor backs: spindles under a bent hoop, or fanned out under a crest rail."""
    count = int(rng.integers(4, 10))
    at = np.linspace(-1, 1, count + 2)[1:-1]
    thin = 0.35 * t
    if kind == "comb":
        fan, crest = rng.uniform(1.0, 1.2), rng.uniform(0.04, 0.11)
        ends = [(0.85 * z * a, h - crest / 2, fan * z * a) for a in (-1, *at, 1)]
        rods = [rod((-bow, 0, s), (-bow / 2, y, e), thin) for s, y, e in ends]
        return rods + rail(h - crest, h, 2.1 * fan * z, t, bow), count
    power = rng.uniform(2.0, 4.0)  # from a round to a squarish hoop
    waist = rng.uniform(0.8, 1.0)
    angle = np.linspace(0, np.pi, 15)
    side = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** (2 / power)
    up = np.sin(angle) ** (2 / power)
    hoop = np.stack([0 * up, h * up, z * side * (waist + (1 - waist) * np.minimum(1, 3 * up))], 1)
    rods = [
        rod((0, 0, 0.8 * z * a), (0, h * (1 - abs(a) ** power) ** (1 / power), z * a), thin)
        for a in at
    ]
    if rng.random() < 0.3:
        rods += rail(0, 0.98 * h, 0.35 * z, t)
    return tube(hoop, t / 2) + rods, count


def _framed(rng, kind: str, z: float, h: float, t: float, bow: float):
    """Two posts and a top rail, filled in the way the kind says."""
    top = rng.uniform(0.03, 0.12) if kind != "rail" else rng.uniform(0.06, 0.45 * h + 0.03)
    over = rng.choice([0.0, 0.0, rng.uniform(0.01, 0.06)])  # posts above the rail: finials
    w, foot = 2 * z, rng.uniform(0.08, 0.3) * h
    solids = posts(h, z, t, rng.uniform(0.92, 1.08)) + rail(h - over - top, h - over, w, t, bow)
    high, flat = h - over - top, 0.75 * t
    middle = np.array([-0.8 * bow, 0, 0])
    if kind == "rail":
        return solids, 0
    if kind == "slats":
        count, wide = int(rng.integers(2, 9)), rng.uniform(0.015, 0.07)
        wide = min(wide, 1.1 * z / count)
        low = rng.choice([0.0, foot])
        one = [slab((-flat / 2, low, -wide / 2), (flat / 2, high + 0.01, wide / 2))]
        at = np.linspace(-z, z, count + 2)[1:-1]
        slats = [s for a in at for s in moved(one, (-bow * (1 - (a / z) ** 2), 0, a))]
        return solids + slats + (rail(low - 0.02, low + 0.02, w, t, bow) if low else []), count
    if kind == "ladder":
        count = int(rng.integers(1, 6))
        step = high / (count + rng.uniform(0.3, 1.0))
        tall = step * rng.uniform(0.25, 0.65)
        rungs = [high - step * (k + 1) + (step - tall) / 2 for k in range(count)]
        return solids + [s for y in rungs for s in rail(y, y + tall, w, flat, bow)], count + 1
    if kind == "cross":
        bars = mirrored([rod((0, foot, z), (0, high, -z), 0.45 * t)])
        return solids + bars + rail(foot - 0.02, foot + 0.02, w, t), 0
    if kind == "splat":
        wide = rng.uniform(0.15, 0.5) * w
        half = wide / 2 * np.array([1.0, rng.uniform(0.5, 1), rng.uniform(0.7, 1.3), 1.0])
        side = np.stack([half, np.linspace(0, high + 0.01, 4)], 1)
        outline = np.concatenate([side, (side * [-1, 1])[::-1]])
        return solids + moved([prism("x", outline, -flat / 2, flat / 2)], middle), 0
    if kind == "grid":
        ups = [slab((-t / 3, 0, a - t / 3), (t / 3, high, a + t / 3)) for a in (-z / 3, z / 3)]
        return solids + ups + rail(high / 2 - t / 3, high / 2 + t / 3, w, t), 0
    if kind == "frame":  # a filled field between stiles and rails
        return solids + rail(foot, high, w, flat * rng.uniform(0.4, 1.2), bow), 0
    raise ValueError(f"Unknown kind of back: {kind!r}.")


def walls(rng, x_rear: float, x_front: float, z: float, low: float, high: float, thick: float):
    """Upholstered or boarded sides from `low` up to `high`, standing outside z, maybe sloping.

    Returns solids of both sides.
    """
    drop = rng.choice([0.0, rng.uniform(0.1, 0.6)]) * (high - low) * 0.5
    forward = rng.choice([0.0, rng.uniform(0.0, 0.1)])
    outline = [(x_rear, low), (x_front - forward, low), (x_front, high - drop), (x_rear, high)]
    return mirrored([prism("z", outline, z, z + thick, rounding=thick * rng.uniform(0.05, 0.45))])


def rolls(x_rear: float, x_front: float, y: float, z: float, radius: float) -> list[Solid]:
    """The round tops of rolled arms, along x on both sides."""
    outline = ellipse(radius, radius, 12) + np.array([z, y])
    return mirrored([prism("x", outline, x_rear, x_front, rounding=0.3 * radius)])


def rail_arm(x_rear: float, x_front: float, y: float, z: float, foot, wide: float, thick: float):
    """A level rest and the post under its front, which ends at `foot` (x, y, z): both sides."""
    rest = box(((x_rear + x_front) / 2, y, z), (x_front - x_rear, thick, wide), thick / 3)
    return mirrored([rest, rod(foot, (foot[0], y, z), 0.45 * thick)])


def loop_arm(x_rear: float, x_front: float, y: float, z: float, foot: float, radius: float):
    """A bent bar: forwards from the back, down in a curve to height `foot`, on both sides."""
    length = x_front - x_rear
    path = [(x_rear, y + 0.02, z), (x_rear + 0.5 * length, y, z), (x_front - 0.03, y - 0.02, z)]
    path += [(x_front, (y + foot) / 2, z), (x_front - 0.35 * length, foot, z - radius)]
    return mirrored(tube(curve(path, 9), radius))


def u_wall(a: float, x: float, z: float, low: float, high: float, thick: float, flare: float):
    """The rear half of a tub: a wall bent around the sitter from (x, z) to (x, -z).

    Args:
        a: how far it reaches behind x.
        x: where it meets the arms.
        z: half its width inside.
        low: height of its foot.
        high: height of its top.
        thick: of the wall.
        flare: how much larger it is at the top, 1 for upright.
    """
    angle = np.linspace(0, np.pi, 10)

    def strip(size: float) -> np.ndarray:
        path = np.stack([x - size * a * np.sin(angle), size * (z + thick / 2) * np.cos(angle)], 1)
        return band(path, thick)

    return [loft("y", strip(1.0), strip(flare), low, high, 0.2 * thick)]


def wings(rng, z: float, low: float, high: float, thick: float, lean: float) -> list[Solid]:
    """Ears at both sides of a high back, in the back's own frame."""
    reach, corner = rng.uniform(0.1, 0.24), rng.uniform(0.5, 1.0)
    outline = [(-0.02, low), (reach, low), (reach, low + corner * (high - low) * 0.8)]
    outline += [(reach * rng.uniform(0.2, 1), high), (-0.02, high)]
    side = prism("z", outline, z, z + thick, rounding=0.3 * thick)
    return mirrored(turned([side], "z", lean))
