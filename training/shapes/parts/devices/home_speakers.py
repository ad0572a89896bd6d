"""Loudspeakers of the living room and the desk. Lengths in metres, the floor at y = 0."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import SCREEN
from training.shapes.operators import around
from training.shapes.parts.devices.speaker_parts import BLACK, Speaker
from training.shapes.solids import box, ellipsoid, frustum, rod, slab


def _bookshelf(s: Speaker) -> None:
    s.cabinet()
    s.face(0, s.h, s.n(1, 2), s.n(0, 1))
    if s.chance(0.2):
        s.lifted((0, s.feet(), 0))


def _tower(s: Speaker) -> None:
    s.cabinet()
    s.face(0 if s.chance(0.4) else s.u(0, 0.45) * s.h, s.h, s.n(1, 4), s.n(0, 2))
    if s.chance(0.2):
        lean = s.u(2, 9)  # a front that leans back
        s.tilted(lean)
        s.facts["front_slope"] = lean
        s.add("base", s.skin, [slab((-s.d / 2, -0.03, -s.w / 2), (s.d / 2, 0.1 * s.h, s.w / 2))])
        s.lifted((0, 0.03, 0))
        s.facts["has_base"] = True
        return
    style = s.pick("none", "feet", "plate", "plinth")
    if style == "feet":
        s.lifted((0, s.feet(), 0))
    elif style == "plate":
        thick = s.u(0.015, 0.04)
        s.lifted((0, 0.9 * thick, 0))
        s.plate(s.w * s.u(1.0, 1.7), s.d * s.u(1.0, 1.5), thick, s.u(-0.1, 0.1) * s.d)
    elif style == "plinth":
        high = s.u(0.03, 0.1)
        s.lifted((0, high - 0.005, 0))
        s.plate(0.85 * s.w, 0.85 * s.d, high)


def _studio_monitor(s: Speaker) -> None:
    s.cabinet(s.pick("box", "rounded", None))
    s.face(0, s.h, 1 if s.chance(0.8) else 2, 1)
    if s.chance(0.25):
        s.knobs(s.d / 2, 0.05 * s.h, 0.3 * s.w, s.n(1, 2), 0.03 * s.w)


def _subwoofer(s: Speaker) -> None:
    s.cabinet(s.pick("box", "box", "rounded", "trapezoid"))
    if s.chance(0.25):
        s.facts["has_grille"] = True
        s.grille(0.03 * s.h, 0.97 * s.h, 0.94 * s.w)
    elif s.chance(0.85):
        r = s.u(0.3, 0.46) * min(s.w, s.h)
        s.driver(s.h * s.u(0.48, 0.52), 0, r)
    if s.chance(0.6):
        s.lifted((0, s.feet(s.u(0.01, 0.05)), 0))


def _centre(s: Speaker) -> None:
    s.cabinet(s.pick("box", "box", "rounded", "trapezoid"))
    if s.chance(0.25):
        s.grille(0.05 * s.h, 0.95 * s.h, 0.96 * s.w)
        return
    r, small = s.u(0.3, 0.46) * s.h, s.u(0.12, 0.3) * s.h
    s.row(s.h / 2, 0.48 * s.w, [r] * s.n(1, 2) + [small])
    if s.chance(0.8):  # alike on both sides
        big = [r] * s.n(1, 2)
        _clear(s)
        s.row(s.h / 2, 0.48 * s.w, [*big, small, *big])
    if s.chance(0.2):
        s.lifted((0, s.feet(0.15 * s.h), 0))


def _clear(s: Speaker) -> None:
    """Takes out the drivers again."""
    for name in ("rims", "cones"):
        s.parts.pop(name, None)
    s.parts["cabinet"].carves.clear()
    s.facts["num_drivers"] = 0


def _desktop(s: Speaker) -> None:
    """A small speaker on a foot, leaning back."""
    s.cabinet(s.pick("box", "rounded", None))
    s.face(0, s.h, s.n(1, 2), s.n(0, 1))
    if s.chance(0.4):
        s.knobs(s.d / 2, 0.07 * s.h, 0.2 * s.w, s.n(1, 3), 0.04 * s.w)
    if s.chance(0.6):
        lean, lift = s.u(0, 14), s.u(0.08, 0.25) * s.h
        s.tilted(lean)
        s.lifted((0, lift, 0))
        s.facts["front_slope"] = lean
        s.plate(s.w * s.u(0.8, 1.3), s.d * s.u(0.8, 1.3), 0.06 * s.h)
        s.add("post", s.skin, [frustum((0, 0, 0), (0, lift + 0.3 * s.h, 0), s.u(0.1, 0.25) * s.w)])
        s.facts["has_post"] = True


def _pair(s: Speaker) -> None:
    """Two alike side by side, joined by their wire."""
    build = _desktop if s.h < 0.4 else _bookshelf if s.h < 0.6 else _tower
    build(s)
    low = min(p.solids[0].bounds()[0][1] for p in s.parts.values())
    step = s.w * s.u(1.05, 2.8) + 0.02 if s.h < 0.6 else s.w * s.u(1.2, 4)
    s.copied([(0, 0, -step / 2), (0, 0, step / 2)])
    y, r = low + 0.02 * s.h, 0.011 * max(s.h, s.w + step)
    x = -0.3 * s.d
    s.add("wire", BLACK, [rod((x, y, -step / 2), (x, y, step / 2), r)])


def _satellite(s: Speaker) -> None:
    """A little box on a tall thin stand, or on a wall bracket."""
    s.cabinet(s.pick("box", "rounded", "lyre"))
    s.face(0, s.h, s.n(1, 2), s.n(0, 1))
    tall = s.u(0.5, 1.2) if s.chance(0.75) else s.u(0.1, 0.3)
    s.lifted((0, tall, 0))
    r = s.u(0.011, 0.022)
    s.add("post", s.metal, [frustum((0, 0, 0), (0, tall + 0.5 * s.h, 0), r)])
    s.plate(s.u(0.18, 0.32), s.u(0.18, 0.32), s.u(0.012, 0.03))
    s.facts["has_post"] = True


def _on_stand(s: Speaker) -> None:
    s.cabinet()
    s.face(0, s.h, s.n(1, 2), s.n(0, 1))
    tall, thick = s.u(0.35, 0.8), s.u(0.012, 0.03)
    s.lifted((0, tall, 0))
    s.plate(s.w * s.u(1.0, 1.7), s.d * s.u(1.0, 1.5), thick)
    shelf = slab((-0.45 * s.d, tall - 0.018, -0.45 * s.w), (0.45 * s.d, tall + 0.005, 0.45 * s.w))
    r = s.u(0.018, 0.06)
    posts = [(0, 0)] if s.chance(0.6) else [(0, 0.25 * s.w), (0, -0.25 * s.w)]
    s.add("post", s.metal, [shelf, *(frustum((x, 0, z), (x, tall, z), r) for x, z in posts)])
    s.facts["has_post"] = True


def _column(s: Speaker) -> None:
    s.cabinet(s.pick("box", "rounded"))
    if s.chance(0.4):
        s.grille(0.05 * s.h, 0.97 * s.h, 0.9 * s.w)
    else:
        s.drivers(s.u(0.1, 0.5) * s.h, s.h, s.n(3, 8), 0)
    style = s.pick("none", "plate", "plate", "sub", "sub")
    if style == "plate":
        s.plate(s.w * s.u(1.6, 3), s.d * s.u(1.8, 3), 0.03)
    elif style == "sub":
        high, wide = s.u(0.3, 0.5), s.u(0.25, 0.42)
        s.lifted((0, high - 0.01, 0))
        s.add(
            "bass box", s.skin, [slab((-wide / 2, 0, -wide / 2), (wide / 2, high, wide / 2), 0.01)]
        )
        s.facts["num_cabinets"] = 2


def _soundbar(s: Speaker) -> None:
    """A long low bar with a straight or a sloping front, at times with its bass box."""
    s.cabinet(s.pick("box", "rounded", "trapezoid", "chamfered"))
    if s.chance(0.6):
        s.grille(0.08 * s.h, 0.92 * s.h, s.w * s.u(0.6, 0.9))
    else:
        s.row(s.h / 2, 0.42 * s.w, [s.u(0.25, 0.42) * s.h] * s.n(2, 8))
    if s.chance(0.3):
        s.tilted(s.u(0, 25))
    style = s.pick("none", "feet", "plate", "bass")
    if style == "feet":
        s.lifted((0, s.feet(s.u(0.2, 0.7) * s.h), 0))
    elif style == "plate":
        thick = s.u(0.1, 0.3) * s.h
        s.lifted((0, 0.9 * thick, 0))
        s.plate(s.w * s.u(0.15, 0.6), s.d * s.u(0.9, 1.8), thick)
    elif style == "bass":  # close beside it
        size, side = [s.u(0.12, 0.26), s.u(0.2, 0.4), s.u(0.15, 0.35)], s.pick(-1, 1)
        near, far = side * (s.w / 2 - 0.01), side * (s.w / 2 + size[0])
        s.add("bass box", s.skin, [slab((-size[2] / 2, 0, near), (size[2] / 2, size[1], far))])
        s.facts["num_cabinets"] = 2


def _ball(s: Speaker) -> None:
    """A ball or an egg with a driver in front, on a foot, three legs or a stand."""
    r, tall = s.w / 2, s.h / s.w * s.u(0.8, 1.3)
    y = r * tall
    s.add("cabinet", s.skin, [ellipsoid((0, y, 0), (r, y, r))])
    size = s.u(0.4, 0.75) * r
    front = float(np.sqrt(r**2 - size**2))
    s.parts["cabinet"].carves.append(slab((front, -1, -1), (1, 2, 1)))  # flat where the driver sits
    s.driver(y, 0, size, s.pick("dish", "disc", "dome"), x=front)
    s.facts["rounded_edges"] = True
    style = s.pick("plate", "legs", "stand", "cut")
    if style == "stand":
        high = s.u(0.3, 1.0)
        s.lifted((0, high, 0))
        s.add("post", s.metal, [frustum((0, 0, 0), (0, high + 0.3 * y, 0), max(0.1 * r, 0.014))])
        s.plate(1.6 * r, 1.6 * r, 0.025)
        s.facts["has_post"] = True
    elif style == "legs":
        high = s.u(0.2, 0.6) * r
        s.lifted((0, high, 0))
        leg = rod((0.45 * r, high + 0.35 * y, 0), (s.u(0.6, 0.9) * r, 0.06 * r, 0), 0.07 * r)
        s.add("legs", s.metal, around([leg], 3, 60))
    elif style == "plate":
        s.plate(s.u(0.9, 1.4) * r, s.u(0.9, 1.4) * r, 0.12 * y)
    else:  # flattened below
        s.parts["cabinet"].carves.append(box((0, 0, 0), (4 * r, 0.3 * y, 4 * r)))


def _panel(s: Speaker) -> None:
    """A tall thin panel, flat or leaning a little, on a foot."""
    s.cabinet(s.pick("box", "rounded"))
    s.grille(0.15 * s.h, 0.97 * s.h, 0.86 * s.w)
    lean = s.u(0, 8)
    s.tilted(lean)
    s.facts["front_slope"] = lean
    s.plate(s.w * s.u(0.8, 1.1), s.u(0.2, 0.4), s.u(0.03, 0.12))


def _mini_stereo(s: Speaker) -> None:
    """A centre unit between two speakers that stand close."""
    w, h, d = s.w, s.h, s.d
    s.cabinet("box")
    s.face(0, h, s.n(1, 2), s.n(0, 1))
    unit, tall = s.u(0.18, 0.34), h * s.u(0.5, 1.1)
    step = (w + unit) / 2
    s.copied([(0, 0, -step), (0, 0, step)])
    s.facts["num_cabinets"] = 2
    deep = d * s.u(0.8, 1.0)
    s.add(
        "tuner",
        s.pick(BLACK, s.metal),
        [slab((-deep / 2, 0, -unit / 2), (deep / 2, tall, unit / 2), 0.008)],
    )
    s.add(
        "display",
        SCREEN,
        [slab((0, 0.65 * tall, -0.4 * unit), (deep / 2 + 0.003, 0.85 * tall, 0.4 * unit))],
    )
    s.knobs(deep / 2, 0.4 * tall, 0.25 * unit, s.n(1, 3), 0.08 * unit)


BUILDERS = {
    "bookshelf speaker": _bookshelf,
    "tower speaker": _tower,
    "studio monitor": _studio_monitor,
    "subwoofer": _subwoofer,
    "centre speaker": _centre,
    "desktop speaker": _desktop,
    "pair of speakers": _pair,
    "satellite speaker": _satellite,
    "speaker on a stand": _on_stand,
    "column speaker": _column,
    "soundbar": _soundbar,
    "ball speaker": _ball,
    "panel speaker": _panel,
    "mini stereo": _mini_stereo,
}
