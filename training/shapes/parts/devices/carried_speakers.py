"""Loudspeakers of stages, ceilings, streets and beaches. Lengths in metres, the floor at y = 0."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import SCREEN
from training.shapes.operators import around, mirrored, moved, tube, turned
from training.shapes.outlines import rectangle
from training.shapes.parts.devices.speaker_parts import BLACK, Speaker
from training.shapes.solids import ellipsoid, frustum, lathe, loft, prism, rod, slab


def _stage(s: Speaker) -> None:
    """A trapezoid box with a horn above a woofer, sometimes on a tripod or stacked."""
    s.cabinet(s.pick("trapezoid", "trapezoid", "box", "rounded"))
    style = s.pick("horn", "horn", "grille", "face")
    if style == "grille":
        s.grille(0.03 * s.h, 0.97 * s.h, 0.92 * s.w)
    elif style == "face":
        s.face(0, s.h, s.n(1, 2), 1)
    else:
        y, half, high = 0.8 * s.h, s.u(0.3, 0.42) * s.w, s.u(0.07, 0.13) * s.h
        mouth = loft(
            "x",
            rectangle(0.6 * half, 0.6 * high, center=(0, y)),
            rectangle(2 * half, 2 * high, center=(0, y)),
            s.d / 2 - s.u(0.1, 0.3) * s.d,
            s.d / 2 + 0.003,
        )
        s.parts["cabinet"].carves.append(mouth)
        s.facts["has_horn"] = True
        s.drivers(0.02 * s.h, 0.8 * s.h - high, s.n(1, 2), 0, s.u(0.75, 0.95))
    if s.chance(0.3):
        tall, r = s.u(0.7, 1.3), 0.022
        s.lifted((0, tall, 0))
        hub = s.u(0.3, 0.55) * tall
        leg = rod((0, hub, 0), (s.u(0.3, 0.5), r, 0), r)
        s.add(
            "tripod",
            s.metal,
            [
                frustum((0, 0.3 * hub, 0), (0, tall + 0.2 * s.h, 0), r),
                *around([leg], 3, s.u(0, 120)),
            ],
        )
        s.facts |= {"has_tripod": True, "has_post": True}
    elif s.chance(0.2):
        count = s.n(2, 3)
        s.copied([(0, k * 0.995 * s.h, 0) for k in range(count)])
    elif s.chance(0.3):
        s.lifted((0, s.feet(0.04 * s.h), 0))


def _wedge(s: Speaker) -> None:
    """A monitor on the stage floor: its front looks up at the singer."""
    w, h, d = s.w, s.h, s.d
    slope = s.u(30, 55)
    run = min(h / np.tan(np.deg2rad(90 - slope)), 0.75 * d)
    slope = float(np.rad2deg(np.arctan2(run, 0.9 * h)))
    side = [
        (-d / 2, 0),
        (d / 2, 0),
        (d / 2, 0.1 * h),
        (d / 2 - run, h),
        (-d / 2 + s.u(0, 0.12) * d, h),
    ]
    s.add("cabinet", s.skin, [prism("z", side, -w / 2, w / 2)])
    s.facts["front_slope"] = slope
    # The face is built upright at the origin, then leant back onto the slope.
    long = float(np.hypot(run, 0.9 * h))
    r = s.u(0.3, 0.44) * min(long, 0.5 * w)
    if s.chance(0.3):
        solids = {
            "grille": (
                s.cloth,
                [slab((-0.02, 0.05 * long, -0.45 * w), (s.proud, 0.95 * long, 0.45 * w))],
            )
        }
        s.facts["has_grille"] = True
    else:
        count = s.n(1, 2)
        spots = [-0.24 * w, 0.24 * w][:count] if count == 2 else [s.u(-0.2, 0) * w]
        rims = [frustum((-0.1 * r, long / 2, z), (s.proud, long / 2, z), r) for z in spots]
        caps = [ellipsoid((0, long / 2, z), (s.proud + 0.1 * r, 0.4 * r, 0.4 * r)) for z in spots]
        solids = {"rims": (s.rim, rims), "cones": (s.cone, caps)}
        s.facts["num_drivers"] = count
    for name, (material, group) in solids.items():
        s.add(name, material, moved(turned(group, "z", slope), (d / 2, 0.1 * h, 0)))


def _flare(
    s: Speaker, mouth: float, throat: float, start: float, length: float, y: float, aspect=1.0
) -> None:
    """A horn along x, an open shell."""
    t = np.linspace(0, 1, 6)
    profile = np.stack([throat + (mouth - throat) * t ** s.u(1.0, 3.0), start + length * t], 1)
    wall = 0.016 * max(length, 2 * mouth)
    s.add(
        "horn",
        s.pick(s.skin, s.metal, s.cone),
        [lathe(profile, (0, y, 0), (1, 0, 0), wall, aspect)],
    )
    s.facts["has_horn"] = True


def _horn(s: Speaker) -> None:
    mouth, y, length = s.w / 2, 0.0, s.d * s.u(0.6, 1.0)
    throat = mouth * s.u(0.12, 0.3)
    _flare(s, mouth, throat, 0.0, length, y)
    back = s.u(0.15, 0.4) * length
    s.add(
        "driver",
        BLACK,
        [frustum((-back, 0, 0), (0.15 * length, 0, 0), s.u(1.1, 2.2) * throat, 1.1 * throat)],
    )
    if s.chance(0.5):  # the re-entrant plug
        s.add("driver", BLACK, [rod((0, 0, 0), (0.8 * length, 0, 0), 0.6 * throat, 0.8 * throat)])
    style = s.pick("bracket", "pole", "none")
    if style == "bracket":
        low = -mouth * s.u(0.7, 1.1)
        arm = [(0.1 * length, 0.0, 1.1 * throat), (0.1 * length, low, 1.3 * throat)]
        s.add("bracket", s.metal, mirrored(tube(arm, 0.05 * mouth)))
        s.add(
            "bracket",
            s.metal,
            [
                slab(
                    (0.0, low - 0.06 * mouth, -1.5 * throat),
                    (0.2 * length, low + 0.03 * mouth, 1.5 * throat),
                )
            ],
        )
    elif style == "pole":
        low = -s.u(1.5, 4) * mouth
        s.add("pole", s.metal, [frustum((0, low, 0), (0, 0.2 * throat, 0), 0.1 * mouth)])
        s.facts["has_post"] = True
        s.plate(mouth * s.u(0.8, 1.5), mouth * s.u(0.8, 1.5), 0.1 * mouth)
        s.parts["base"].solids = moved(s.parts["base"].solids, (0, low, 0))


def _megaphone(s: Speaker) -> None:
    mouth, throat, length = s.w / 2, s.w * s.u(0.1, 0.16), s.d * s.u(0.6, 0.8)
    _flare(s, mouth, throat, 0.0, length, 0.0)
    s.add(
        "body",
        s.skin,
        [frustum((-0.3 * s.d, 0, 0), (0.1 * length, 0, 0), s.u(1.0, 1.5) * throat, 1.1 * throat)],
    )
    if s.chance(0.7):
        s.add(
            "mouthpiece",
            BLACK,
            [frustum((-0.4 * s.d, 0, 0), (-0.28 * s.d, 0, 0), 1.4 * throat, 0.8 * throat)],
        )
    grip = s.u(0.09, 0.14)
    s.add("grip", BLACK, [rod((-0.05 * s.d, 0, 0), (-0.1 * s.d, -grip, 0), 0.018)])
    s.facts["has_handle"] = True


def _boombox(s: Speaker) -> None:
    s.cabinet(s.pick("box", "rounded", "rounded"))
    front = s.d / 2
    r, z = s.u(0.28, 0.46) * min(s.h, 0.7 * s.w), s.u(0.28, 0.34) * s.w
    r = min(r, 0.48 * s.w - z)
    y = s.u(0.42, 0.5) * s.h
    for side in (-1, 1):
        s.driver(y, side * z, r)
    inner = max(z - r, 0.08 * s.w) * 0.85
    s.add(
        "cassette deck",
        SCREEN,
        [slab((0, 0.12 * s.h, -inner), (front + s.proud, 0.5 * s.h, inner))],
    )
    if s.chance(0.6):
        s.add(
            "dial",
            s.pick(s.metal, SCREEN),
            [slab((0, 0.62 * s.h, -inner), (front + s.proud, 0.85 * s.h, inner))],
        )
    if s.chance(0.5):
        s.knobs(front, 0.92 * s.h, 0.35 * s.w, s.n(2, 5), 0.03 * s.h)
    if s.chance(0.75):
        s.handle(s.h, s.u(0.25, 0.48) * s.w, s.u(0.12, 0.4) * s.h, r=0.014 * s.w)
    for side in (-1, 1)[: s.n(0, 2)]:
        s.antenna(-0.3 * s.d, s.h, side * 0.4 * s.w, s.u(0.3, 0.9) * s.w, side * s.u(-10, 55))


def _radio(s: Speaker) -> None:
    s.cabinet(s.pick("box", "rounded"))
    front, side = s.d / 2, s.pick(-1, 1)
    r = s.u(0.26, 0.42) * min(s.h, 0.5 * s.w)
    s.driver(s.h / 2, side * 0.24 * s.w, r)
    if s.chance(0.3):
        s.driver(s.h / 2, -side * 0.24 * s.w, r)
    else:
        low, high = sorted((-side * 0.05 * s.w, -side * 0.44 * s.w))
        s.add("dial", SCREEN, [slab((0, 0.55 * s.h, low), (front + s.proud, 0.85 * s.h, high))])
        for k in range(s.n(1, 2)):
            z = -side * (0.15 + 0.2 * k) * s.w
            s.add(
                "knobs",
                s.metal,
                [frustum((0, 0.28 * s.h, z), (front + 0.08 * s.h, 0.28 * s.h, z), 0.1 * s.h)],
            )
            s.facts["num_knobs"] += 1
    if s.chance(0.5):
        s.handle(s.h, 0.45 * s.w, s.u(0.1, 0.35) * s.h, r=0.016 * s.w)
    if s.chance(0.7):
        s.antenna(-0.25 * s.d, s.h, s.pick(-1, 1) * 0.4 * s.w, s.u(0.4, 1.2) * s.w, s.u(-40, 40))
    if s.chance(0.2):
        s.lifted((0, s.feet(0.06 * s.h), 0))


def _portable(s: Speaker) -> None:
    """A cylinder or a capsule lying on its side, or a rounded brick."""
    r, half = s.h / 2, s.w / 2
    shape = s.pick("cylinder", "capsule", "brick")
    if shape == "brick":
        s.cabinet("rounded")
        s.grille(0.08 * s.h, 0.92 * s.h, 0.9 * s.w)
    else:
        body = (
            rod((0, r, r - half), (0, r, half - r), r)
            if shape == "capsule"
            else frustum((0, r, -half), (0, r, half), r)
        )
        s.add("cabinet", s.pick(s.cloth, s.skin), [body])
        s.facts["rounded_edges"] = True
        caps = frustum((0, r, 0.99 * half), (0, r, 1.02 * half), s.u(0.6, 0.9) * r)
        if shape == "cylinder":
            s.add("membranes", s.rim, mirrored([caps]))
    if s.chance(0.3):
        s.handle(s.h, 0.6 * half, s.u(0.3, 0.8) * r, r=max(0.12 * r, 0.016 * s.w))


def _smart(s: Speaker) -> None:
    """A turned body: a can, a cone, a puck or a pebble."""
    r, h, t = s.w / 2, s.h, np.linspace(0, 1, 8)
    bulge, top, edge = s.u(0, 0.25), s.u(0.55, 1.05), s.u(0.05, 0.25)
    radius = r * (1 + (top - 1) * t + bulge * 4 * t * (1 - t))
    radius[[0, -1]] *= 1 - edge
    s.add("cabinet", s.pick(s.cloth, s.skin), [lathe(np.stack([radius, h * t], 1))])
    s.facts["rounded_edges"] = True
    s.add("top", BLACK, [frustum((0, 0.9 * h, 0), (0, h + 0.012 * r, 0), 0.7 * radius[-1])])
    if s.chance(0.3):
        s.plate(2.1 * r, 2.1 * r, 0.05 * h)


def _ceiling(s: Speaker) -> None:
    """A round or square frame with a can behind it; it looks down from where it hangs."""
    r, h = s.w / 2, s.h
    rim, can = s.u(0.1, 0.25) * h, s.u(0.6, 0.85) * r
    frame = frustum((0, 0, 0), (0, rim, 0), 0.95 * r, r)
    if s.chance(0.3):
        frame = slab((-r, 0, -r), (r, rim, r), 0.2 * rim)
    s.add("frame", s.skin, [frame])
    s.add("can", BLACK, [frustum((0, 0.5 * rim, 0), (0, h, 0), can, s.u(0.6, 1.0) * can)])
    s.add("grille", s.cloth, [frustum((0, -0.1 * rim, 0), (0, 0.5 * rim, 0), 0.8 * r)])
    s.facts["has_grille"] = True


def _amplifier(s: Speaker) -> None:
    """A combo, or a head on top of its cabinet; controls above the grille cloth."""
    s.cabinet(s.pick("box", "box", "rounded"))
    head = s.chance(0.3)
    panel = s.u(0.12, 0.22) * s.h
    s.grille(0.06 * s.h, s.h - (0.06 * s.h if head else panel), 0.9 * s.w)
    front, y, top, wide = s.d / 2, s.h - 0.5 * panel, s.h, s.w
    if head:
        tall, wide = s.u(0.22, 0.3), s.w * s.u(0.75, 1.0)
        deep = 0.85 * s.d
        s.add(
            "head",
            s.skin,
            [slab((-deep / 2, s.h - 0.005, -wide / 2), (deep / 2, s.h + tall, wide / 2), 0.01)],
        )
        front, y, top = deep / 2, s.h + 0.3 * tall, s.h + tall
        s.facts["num_cabinets"] = 2
    s.add(
        "panel",
        s.metal,
        [slab((0, y - 0.3 * panel, -0.42 * wide), (front + 0.003, y + 0.3 * panel, 0.42 * wide))],
    )
    s.knobs(front + 0.004, y, 0.35 * wide, s.n(3, 8), 0.018 * s.w)
    if s.chance(0.7):
        s.handle(top, s.u(0.12, 0.2) * s.w, 0.05, r=0.012)
    if s.chance(0.4):
        s.lifted((0, s.feet(0.04 * s.h), 0))


BUILDERS = {
    "stage speaker": _stage,
    "stage monitor": _wedge,
    "horn speaker": _horn,
    "megaphone": _megaphone,
    "boombox": _boombox,
    "radio": _radio,
    "portable speaker": _portable,
    "smart speaker": _smart,
    "ceiling speaker": _ceiling,
    "guitar amplifier": _amplifier,
}
