"""What airplanes are built of: fuselage, wings, tails, glass, undercarriage.

Unit of length: the airplane from nose to tail, which reaches from x = 1/2 to x = -1/2. `p` is one
draw from the table in `training.shapes.airplane`, where its entries are explained.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from training.shapes.operators import mirrored, moved, turned
from training.shapes.solids import Solid, box, ellipsoid, frustum, loft, prism, rod


@dataclass
class Body:
    """A fuselage by its sections from nose to tail: x, middle y, half-width, half-height."""

    x: np.ndarray
    y: np.ndarray
    width: np.ndarray
    height: np.ndarray
    boxy: float

    def at(self, x: float) -> tuple[float, float, float]:
        """Middle y, half-width and half-height of the section at x."""
        return tuple(np.interp(-x, -self.x, v) for v in (self.y, self.width, self.height))

    def solids(self) -> list[Solid]:
        """Lofts from section to section."""
        angle = np.linspace(0, 2 * np.pi, 10, endpoint=False)
        ring = np.stack([np.cos(angle), np.sin(angle)], 1)
        ring = np.sign(ring) * np.abs(ring) ** (2 / self.boxy)
        rows = zip(self.width, self.height, self.y, strict=True)
        sections = [ring * [w, h] + [0, y] for w, h, y in rows]
        return [
            loft("x", sections[k + 1], sections[k], self.x[k + 1], self.x[k])
            for k in range(len(self.x) - 1)
        ]


def fuselage(p: SimpleNamespace) -> Body:
    """A nose that widens, an even middle, a rear that narrows and rises."""
    t, u = np.array([0, 0.1, 0.4, 1]), np.array([0, 0.5, 1])
    nose = p.point + (1 - p.point) * (1 - (1 - t) ** p.blunt) ** (1 / p.blunt)
    rear = 1 - (1 - p.tip) * u**1.4
    size = np.concatenate([nose, rear])
    x = 0.5 - p.length * np.concatenate([min(p.nose, 0.95 - p.aft) * t, 1 - p.aft * (1 - u)])
    shift = np.concatenate([-p.droop * (1 - nose), p.rise * (1 - rear)])
    r = p.body / 2
    return Body(x, shift * r * p.tall, r * size, r * p.tall * size, p.boxy)


@dataclass
class Wing:
    """The right-hand half of a wing by stations from root to tip."""

    z: np.ndarray
    y: np.ndarray
    lead: np.ndarray
    chord: np.ndarray
    thick: float

    def at(self, share: float) -> tuple[float, float, float, float]:
        """Leading edge x, chord, height y and z at a share of the half span."""
        z = share * self.z[-1]
        return *(np.interp(z, self.z, v) for v in (self.lead, self.chord, self.y)), z

    def solids(self) -> list[Solid]:
        """Flat panels between the stations where the slope changes, on both sides."""
        slope = np.diff(self.y) / np.diff(self.z)
        bends = [0, *(1 + np.flatnonzero(np.abs(np.diff(slope)) > 1e-6)), len(self.z) - 1]
        panels = []
        for a, b in itertools.pairwise(bends):
            k = slice(a, b + 1)
            lean = np.arctan(slope[a])
            z = self.z[a] + (self.z[k] - self.z[a]) / np.cos(lean)
            outline = np.concatenate(
                [
                    np.stack([self.lead[k], z], 1),
                    np.stack([self.lead[k] - self.chord[k], z], 1)[::-1],
                ]
            )
            y, t = self.y[a], self.thick
            flat = prism("y", outline, y - t / 2, y + t / 2, rounding=0.35 * t)
            panels += turned([flat], "x", -np.rad2deg(lean), (0, y, self.z[a]))
        return mirrored(panels)


def planform(rng, plan: str, half: float, root: float, taper: float, sweep: float):
    """The outline of a wing seen from above, by stations from root to tip.

    Args:
        rng: the shape's own generator.
        plan: "straight", "kinked", "elliptic", "strake", "zigzag" or, with a trailing edge that
            is nearly square to the fuselage, "delta", "double" or "ogival".
        half: half the span.
        root: chord at the root.
        taper: chord at the tip to that at the root.
        sweep: degrees, of the leading edge; of the trailing edge for deltas.

    Returns:
        Shares of the half span, leading edges (0 at the root) and chords, each (K,).
    """
    tan, k, tip = np.tan(np.deg2rad(sweep)), rng.uniform(0.25, 0.5), root * taper
    if plan == "elliptic":
        f = np.sin(np.linspace(0, np.pi / 2, 7))
        chord = root * np.maximum(np.sqrt(1 - f**2), 0.12)
        return f, -rng.uniform(0.2, 0.5) * (root - chord), chord
    if plan == "ogival":  # straight trailing edge, leading edge an S
        f = np.linspace(0, 1, 7)
        gone = rng.uniform(0.3, 0.6) * f**0.5 + 0.4 * f**3
        chord = tip + (root - tip) * (1 - gone / gone[-1])
    elif plan == "double":  # a strongly swept strake, then the wing
        f = np.array([0, k, 1])
        chord = np.array([root, tip + (root - tip) * (1 - k) * rng.uniform(0.45, 0.85), tip])
    elif plan == "zigzag":  # saw-toothed trailing edge
        f = np.array([0, 0.25 * k + 0.05, k + 0.1, 1])
        swing = rng.uniform(0.05, 0.2) * root
        chord = np.interp(f, [0, k + 0.1, 1], [root, 1.1 * tip + 0.1 * root, tip]) - [
            0,
            swing,
            0,
            0,
        ]
        return f, -tan * half * f, chord.clip(0.04)
    elif plan == "kinked":
        f = np.array([0, k, 1])
        chord = np.array([root, tip + (root - tip) * (1 - k) * rng.uniform(0.55, 0.95), tip])
        return f, -tan * half * f, chord
    elif plan == "strake":  # a strongly swept root extension before a swept wing
        f = np.array([0, k - 0.1, 1])
        lead = -half * np.cumsum([0, rng.uniform(1.8, 3) * f[1], tan * (1 - f[1])])
        trail = np.interp(f, [0, 1], [-root, lead[2] - tip])
        return f, lead, np.maximum(lead - trail, tip)
    else:
        f, chord = np.array([0, 0.45, 1]), np.array([root, 0.55 * root + 0.45 * tip, tip])
        if plan == "straight":
            return f, -tan * half * f, chord
    return f, chord - root - tan * half * f, chord  # deltas: the sweep is the trailing edge's


def rounded_tip(f, lead, chord, share: float):
    """Add stations that round the tip over the last share of the half span."""
    new = 1 - share * (1 - np.array([0.0, 0.5, 0.87, 1.0]))
    squeeze = np.maximum(np.sqrt(1 - np.array([0.0, 0.5, 0.87, 1.0]) ** 2), 0.25)
    f_all = np.concatenate([f[f < 1 - share], new])
    squeeze = np.concatenate([np.ones((f < 1 - share).sum()), squeeze])
    lead, chord = np.interp(f_all, f, lead), np.interp(f_all, f, chord)
    return f_all, lead - (1 - squeeze) * chord / 2, chord * squeeze


def main_wing(rng, p, body: Body) -> Wing:
    """The lowest wing, straight, gulled or with raised tips."""
    half, lead_x = p.span / 2, 0.5 - p.at
    f, lead, chord = planform(rng, p.plan, half, p.root, p.taper, p.sweep)
    if p.plan != "elliptic" and rng.random() < 0.3 + 0.3 * (p.engines in ("nose", "prop2")):
        f, lead, chord = rounded_tip(f, lead, chord, rng.uniform(0.05, 0.25))
    middle, _, height = body.at(lead_x - 0.4 * p.root)
    slopes = np.full(len(f) - 1, np.tan(np.deg2rad(p.dihedral)))
    if p.gull:  # the inner part down and the outer up, or the other way round
        slopes[0] = rng.choice([-0.35, 0.35])
    y = middle + p.height * height + half * np.concatenate([[0], np.cumsum(slopes * np.diff(f))])
    return Wing(f * half, y, lead_x + lead, chord, p.thick)


def plate(chord: float, taper: float, sweep: float, length: float, base, thick: float) -> Solid:
    """An upright fin: the root's trailing edge at `base` (x, y), swept in degrees."""
    x, y = base
    back = np.tan(np.deg2rad(sweep)) * length
    outline = [(x + chord, y), (x + chord - back, y + length)]
    outline += [(x + chord - back - taper * chord, y + length), (x, y)]
    return prism("z", outline, -thick / 2, thick / 2)


def small_wing(half, chord, taper, sweep, lead, y, dihedral, thick) -> list[Solid]:
    """A stabiliser or canard on both sides, its root's leading edge at (lead, y)."""
    f = np.array([0, 1.0])
    back = np.tan(np.deg2rad(sweep)) * half * f
    up = np.tan(np.deg2rad(dihedral)) * half * f
    return Wing(half * f, y + up, lead - back, chord * np.array([1, taper]), thick).solids()


def tail(rng, p, body: Body) -> list[Solid]:
    """Fins and stabilisers in the arrangement of `p.tail`."""
    if p.tail == "none":
        return []
    end, thick = body.x[-1], rng.uniform(0.01, 0.02)
    height, lean = p.fin, rng.uniform(15, 40) + 0.5 * max(p.sweep, 0)
    if p.engines in ("nose", "prop2", "prop4", "pusher"):
        lean = rng.uniform(5, 35)
    chord, taper = rng.uniform(0.85, 1.4) * height, rng.uniform(0.3, 0.75)
    foot = end + rng.uniform(0.0, 0.05)
    y, width, h = body.at(foot + chord / 2)
    half = p.stab * min(p.span, 1.0) / 2
    stab_chord, stab_taper = rng.uniform(0.35, 0.6) * half, rng.uniform(0.35, 0.85)
    stab_sweep = np.clip(rng.uniform(5, 20) + p.sweep, 5, 45)
    fin = plate(chord, taper, lean, height + 0.6 * h, (foot, y + 0.4 * h), thick)

    def stabiliser(lead, y, dihedral=0.0):
        return small_wing(half, stab_chord, stab_taper, stab_sweep, lead, y, dihedral, thick)

    lead = foot + stab_chord + rng.uniform(0, 0.03)
    if p.tail == "V":
        return stabiliser(lead, y, rng.uniform(28, 50) * (1 if rng.random() < 0.8 else -0.8))
    if p.tail in ("T", "cross"):
        share = 1.0 if p.tail == "T" else rng.uniform(0.35, 0.6)
        top = share * (height + 0.6 * h)
        x = foot + chord - np.tan(np.deg2rad(lean)) * top + rng.uniform(-0.01, 0.02)
        return [fin, *stabiliser(x, y + 0.4 * h + top - thick / 2, rng.uniform(-4, 3))]
    if p.tail == "H":
        side = plate(chord, taper, lean / 2, 0.9 * height, (lead - chord, y - 0.2 * height), thick)
        return stabiliser(lead, y) + mirrored(moved([side], (0, 0, half - thick)))
    if p.tail == "twin":
        apart = rng.uniform(0.6, 1.0) * width
        side = plate(chord, taper, lean, height, (foot, y), thick)
        side = turned([side], "x", rng.uniform(-5, 28), (0, y, 0))
        fins = mirrored(moved(side, (0, 0, apart)))
        return fins if p.engines == "none" else fins + stabiliser(lead - 0.03, y)
    if p.tail == "fin":
        return [fin]
    return [fin, *stabiliser(lead, y + rng.uniform(-0.2, 0.5) * h, rng.uniform(0, 10))]


def booms(rng, p, wing: Wing) -> tuple[list[Solid], list[Solid], float]:
    """Two booms behind the wing; their fins and the stabiliser between; and their distance z."""
    lead, _, y, z = wing.at(rng.uniform(0.2, 0.36))
    radius, end = rng.uniform(0.012, 0.025), -0.5
    pair = mirrored([rod((lead, y, z), (end + radius, y, z), 1.3 * radius, radius)])
    root, thick = rng.uniform(0.1, 0.16), rng.uniform(0.01, 0.016)
    lean = rng.uniform(0, 35)
    side = [plate(root, rng.uniform(0.4, 0.8), lean, p.fin, (end + 0.01, y - 0.01), thick)]
    high = y + (p.fin - 0.02 if rng.random() < 0.3 else 0)
    lead = end + 0.01 + root - np.tan(np.deg2rad(lean)) * (high - y)
    across = small_wing(z, rng.uniform(0.07, 0.11), 1.0, 0.0, lead, high, 0, thick)
    return pair, mirrored(moved(side, (0, 0, z))) + across, z


def canopy(rng, p, body: Body) -> list[Solid]:
    """Glass for the pilots: a windscreen at the nose, a bubble, a long greenhouse or a cabin."""
    if p.canopy == "none":
        return []
    if p.canopy == "cockpit":
        x = body.x[2] - 0.3 * (body.x[2] - body.x[3])
        y, w, h = body.at(x)
        return [ellipsoid((x, y + 0.45 * h, 0), (0.03, 0.45 * h, 0.85 * w))]
    if p.canopy == "cabin":
        start, stop = (
            0.5 - p.at + rng.uniform(0.02, 0.08),
            0.5 - p.at - p.root - rng.uniform(0, 0.12),
        )
        y, w, h = body.at(start - 0.05)
        top = max(0.62 * h, p.height * h if p.height > 0 else h + rng.uniform(0.2, 0.6) * h)
        side = [(start, y + 0.3 * h), (start - rng.uniform(0.02, 0.06), y + top)]
        side += [(0.5 - p.at - 0.7 * p.root, y + top), (stop, y + 0.3 * h)]
        return [prism("z", side, -0.85 * w, 0.85 * w, rounding=0.2 * w)]
    long = rng.uniform(0.05, 0.09) if p.canopy == "bubble" else rng.uniform(0.09, 0.17)
    fighter = "nozzle" in p.engines
    x = 0.5 - (rng.uniform(0.2, 0.3) if fighter else p.length * rng.uniform(0.16, 0.3) + 0.08)
    if p.levels > 1:  # behind the upper wing
        x = 0.5 - p.at - rng.uniform(0.9, 1.3) * p.root
    y, w, h = body.at(x)
    return [ellipsoid((x, y + 0.75 * h, 0), (long, rng.uniform(0.5, 0.9) * max(h, 0.03), 0.65 * w))]


def windows(p, body: Body) -> list[Solid]:
    """A row of windows along both sides of the even part of the fuselage."""
    front, back = body.x[3], body.x[4]
    share = 0.25  # of the half-height above the middle, where the skin is a little further in
    width = p.body * np.sqrt(1 - share**2) * 1.01
    middle = ((front + back) / 2, share * p.body * p.tall / 2, 0)
    return [box(middle, (front - back, 0.012, width))]


def canards(rng, p, body: Body) -> list[Solid]:
    """Small wings ahead of the main ones."""
    x = 0.5 - p.at + rng.uniform(0.03, 0.12)
    y, w, h = body.at(x)
    half, chord = w + rng.uniform(0.05, 0.13), rng.uniform(0.07, 0.13)
    taper, sweep, up = rng.uniform(0.2, 0.6), rng.uniform(25, 50), rng.uniform(-3, 12)
    return small_wing(half, chord, taper, sweep, x, y + rng.uniform(0, 0.5) * h, up, 0.014)


def undercarriage(rng, p, body: Body, wing: Wing) -> tuple[list[Solid], list[Solid]]:
    """Legs and wheels: two main units and one at the nose or the tail."""
    radius = rng.uniform(0.014, 0.024) * (rng.uniform(1, 2) if p.engines == "nose" else 1.0)
    if p.toy:
        radius *= rng.uniform(1.2, 2.2)
    ground = -p.body / 2 * p.tall - rng.uniform(0.03, 0.1) - p.gear * radius
    if p.engines in ("nose", "prop2", "prop4"):
        ground -= 0.03
    tailwheel = p.engines == "nose" and rng.random() < 0.55
    z = p.body * rng.uniform(0.5, 1.2)
    lead, chord, y, _ = wing.at(z * 2 / p.span)
    x = lead - (rng.uniform(0.05, 0.3) if tailwheel else rng.uniform(0.5, 0.75)) * chord
    top = (x, y, z) if p.height < 0 else (x, body.at(x)[0], 0.5 * body.at(x)[1])
    main = (
        [(x - radius * 1.1, z), (x + radius * 1.1, z)]
        if p.sweep > 12 and rng.random() < 0.5
        else [(x, z)]
    )
    legs = mirrored([rod(top, (x, ground, z), 0.008)])
    width = rng.uniform(0.5, 0.9) * radius
    wheels = mirrored(
        [frustum((a, ground, z - width / 2), (a, ground, z + width / 2), radius) for a, z in main]
    )
    r = radius * (0.5 if tailwheel else 0.85)
    x = body.x[-1] + 0.05 if tailwheel else 0.5 - rng.uniform(0.08, 0.16) * p.length
    y = body.at(x)[0]
    foot = y - body.at(x)[2] - 0.9 * r if tailwheel else ground
    legs.append(rod((x, y, 0), (x, foot, 0), 0.007))
    wheels.append(frustum((x, foot, -width / 2), (x, foot, width / 2), r))
    return legs, wheels


def floats(rng, p, body: Body) -> tuple[list[Solid], list[Solid]]:
    """Two long floats under the fuselage and the struts that carry them."""
    r, z = rng.uniform(0.022, 0.038), p.body * rng.uniform(0.8, 1.3)
    y = -p.body / 2 * p.tall - rng.uniform(0.05, 0.11)
    front, back = 0.5 - rng.uniform(0.0, 0.12), -rng.uniform(0.12, 0.3)
    middle = (front + 2 * back) / 3
    hulls = [
        rod((front - r, y + 0.3 * r, z), (middle, y, z), 0.8 * r, r),
        rod((middle, y, z), (back, y, z), r, 0.4 * r),
    ]
    struts = [rod((x, body.at(x)[0], 0), (x, y, z), 0.008) for x in (front - 0.2, middle + 0.02)]
    return mirrored(hulls), mirrored(struts)


def tip_floats(rng, wing: Wing) -> tuple[list[Solid], list[Solid]]:
    """A flying boat's small floats under the outer wings, and their struts."""
    lead, chord, y, z = wing.at(rng.uniform(0.65, 0.92))
    drop, long, r = rng.uniform(0.06, 0.13), rng.uniform(0.07, 0.13), rng.uniform(0.014, 0.022)
    x = lead - 0.45 * chord
    hull = ellipsoid((x, y - drop, z), (long, r, r))
    return mirrored([hull]), mirrored([rod((x, y - drop, z), (x, y, z), 0.008)])


def radome(rng, body: Body) -> list[Solid]:
    """A lying disc on struts above the rear fuselage."""
    x, r = rng.uniform(-0.22, -0.05), rng.uniform(0.09, 0.14)
    y, width, height = body.at(x)
    top = y + height + rng.uniform(0.03, 0.06)
    struts = mirrored([rod((x, y, 0.5 * width), (x, top, 0.3 * r), 0.009)])
    return [ellipsoid((x, top, 0), (r, 0.02, r)), *struts]


def stacked_wings(rng, p, wing: Wing, body: Body, levels: int) -> tuple[list[Solid], list[Solid]]:
    """The upper wings of a biplane or triplane, and the struts between all."""
    gap = rng.uniform(0.75, 1.25) * p.root if levels == 2 else rng.uniform(0.5, 0.75) * p.root
    stagger, wider = rng.uniform(-0.02, 0.07), rng.uniform(0.95, 1.2)
    gap = max(gap, rng.uniform(0.75, 1.2) * p.body * p.tall / (levels - 1))
    uppers, struts = [], []
    for k in range(1, levels):
        rise, ahead, scale = k * gap, k * stagger, 1 + k * (wider - 1) / (levels - 1)
        upper = Wing(scale * wing.z, wing.y + rise, wing.lead + ahead, wing.chord, wing.thick)
        uppers += upper.solids()
    for share in (rng.uniform(0.65, 0.85), rng.uniform(0.3, 0.45))[: rng.integers(1, 3)]:
        lead, chord, y, z = wing.at(share)
        for along in (0.15, 0.75):
            x = lead - along * chord
            struts.append(
                rod((x, y, z), (x + stagger * (levels - 1), y + gap * (levels - 1), z), 0.006)
            )
    lead, chord, y, _ = wing.at(0.0)
    for along in (0.2, 0.7):
        x = lead + stagger * (levels - 1) - along * chord
        struts.append(
            rod(
                (x, body.at(x)[0], 0.5 * body.at(x)[1]),
                (x, y + gap * (levels - 1), 0.6 * p.body),
                0.006,
            )
        )
    return uppers, mirrored(struts)
