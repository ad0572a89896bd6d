"""What rifles and their kin are built of: stocks, magazines, barrels, sights, bipods.

The bore is the x axis with the muzzle at +x; the receiver starts at x = 0. Unit of length: roughly
the whole gun. Everything returns solids; the family gives them names and materials.
"""

from __future__ import annotations

import numpy as np

from training.shapes.operators import mirrored, moved, tube, turned
from training.shapes.outlines import arc, band
from training.shapes.solids import Solid, box, ellipsoid, frustum, lathe, prism, rod, slab


def flat(outline, width: float, rounding: float = 0.25) -> Solid:
    """An outline in (x, y) as a plate of a width along z, centred; rounding as a share of it."""
    return prism("z", outline, -width / 2, width / 2, rounding=rounding * width)


def receiver(
    start: float, stop: float, top: float, bottom: float, width: float, cut: float
) -> Solid:
    """The body that holds the action; `cut` takes wedges off below, in front and behind."""
    long, tall = stop - start, top - bottom
    outline = [(start, top - 0.3 * cut * tall), (start + 0.1 * long, top), (stop, top)]
    outline += [(stop, bottom + cut * tall), (stop - 0.25 * long, bottom)]
    outline += [(start + 0.15 * long, bottom), (start, bottom + cut * tall)]
    return flat(outline, width)


def classic_stock(length, top, bottom, width, drop, butt, wrist, grip) -> Solid:
    """A shoulder stock with a wrist behind the receiver.

    Args:
        length: from the receiver to the butt.
        top: of the receiver.
        bottom: of the receiver.
        width: along z.
        drop: of the heel below the receiver's top.
        butt: height of the butt plate.
        wrist: height of the wrist, as a share of the receiver's.
        grip: how far the wrist bulges down into a half-pistol grip.
    """
    heel, middle = top - drop, (top + bottom) / 2 - 0.35 * drop
    half = wrist * (top - bottom) / 2
    outline = [(0.02, top - 0.1 * (top - bottom)), (-0.22 * length, middle + half)]
    outline += [
        (-0.4 * length, heel + 0.35 * (drop - 0.01)),
        (-length, heel),
        (-length, heel - butt),
    ]
    outline += [(-0.5 * length, middle - half - 0.3 * butt), (-0.3 * length, middle - half - grip)]
    outline += [(-0.2 * length, middle - half - 0.9 * grip), (0.02, bottom)]
    return flat(outline, width, 0.4)


def straight_stock(length, top, bottom, width, drop, butt) -> Solid:
    """A stock that widens evenly from the receiver to the butt, as of assault rifles."""
    heel = top - drop
    neck = top - 0.85 * (top - bottom)
    outline = [
        (0.02, top),
        (-length, heel),
        (-length, heel - butt),
        (-0.75 * length, heel - 0.95 * butt),
    ]
    return flat([*outline, (-0.2 * length, neck), (0.02, neck)], width, 0.3)


def thumbhole(length, top, bottom, width) -> Solid:
    """What is carved out of a stock behind the grip."""
    y = (top + bottom) / 2 - 0.25 * (top - bottom)
    hole = [(-0.62, 0.0), (-0.3, 0.018), (-0.22, -0.03), (-0.45, -0.05)]
    return prism("z", np.array(hole) * [length, 1] + [0, y], -width, width)


def tube_stock(rng, length, top, width, butt) -> list[Solid]:
    """A buffer tube with a sliding butt of triangular outline."""
    y, r = top - 0.022, rng.uniform(0.010, 0.016)
    start = rng.uniform(0.35, 0.65) * length
    block = [(-start, y + 1.2 * r), (-length, y + 1.2 * r), (-length, y - butt)]
    block += [(-0.9 * length, y - 0.9 * butt), (-start, y - 1.5 * r)]
    return [frustum((0.02, y, 0), (-length + 0.01, y, 0), r), flat(block, width)]


def skeleton_stock(rng, length, top, bottom, width, butt) -> list[Solid]:
    """An open frame: upper and lower bars and a butt plate."""
    r, heel = rng.uniform(0.007, 0.013), top - rng.uniform(0.0, 0.03)
    low = bottom + 0.2 * (top - bottom)
    bars = [rod((0.02, top - r, 0), (-length, heel - r, 0), r)]
    bars.append(rod((0.02, low, 0), (-length, heel - butt + r, 0), r))
    if rng.random() < 0.4:
        x = -rng.uniform(0.4, 0.7) * length
        bars.append(rod((x, top - r, 0), (x, (low + heel - butt) / 2, 0), r))
    return [
        *bars,
        slab((-length, heel, -width / 2), (-length + 0.02, heel - butt, width / 2), 0.006),
    ]


def wire_stock(rng, length, top, width, butt) -> list[Solid]:
    """Two wires and a bent butt."""
    r, y = rng.uniform(0.005, 0.009), top - 0.02
    path = [(0.02, y, width / 2), (-length, y - 0.01, width / 2), (-length, y - butt, width / 2)]
    bends = mirrored(tube(path, r))
    return [*bends, rod((-length, y - butt, -width / 2), (-length, y - butt, width / 2), r)]


def folded_stock(rng, length, top, bottom, width) -> list[Solid]:
    """A frame that lies along the right side of the receiver, butt plate forwards."""
    z, y = width / 2 + 0.008, (top + bottom) / 2
    bar = slab((-0.015, y - 0.012, z - 0.012), (0.85 * length, y + 0.012, z + 0.008), 0.004)
    plate = slab((0.8 * length, y + 0.02, z - 0.01), (0.85 * length, y - 0.07, z + 0.012), 0.004)
    return [bar, plate, box((0, y, z / 2), (0.03, 0.03, z))]


def bullpup_stock(rng, length, top, bottom, width, drop, butt) -> Solid:
    """A stock that holds the action: the receiver goes on to the butt."""
    heel, toe = top - drop, top - drop - butt
    belly = max(bottom, toe) - rng.uniform(0, 0.02)
    outline = [(0.03, top), (-length, heel), (-length, toe), (-0.85 * length, toe)]
    return flat([*outline, (-0.6 * length, belly), (0.03, bottom)], width)


def stock(rng, p) -> tuple[list[Solid], list[Solid]]:
    """The stock of a kind `p.stock`, and what is carved out of it.

    Args:
        rng: the shape's own generator.
        p: one draw from the table in `training.shapes.rifle`, where its entries are explained,
            with `top_y` and `low_y` of the receiver.
    """
    kind, length, top, low, wide = p.stock, p.stock_length, p.top_y, p.low_y, p.wide
    thick = wide * rng.uniform(0.8, 1.1)
    if kind == "bullpup":
        return [bullpup_stock(rng, length, top, low, wide, p.drop, p.butt)], []
    if kind in ("classic", "thumbhole"):
        grip = rng.uniform(0, 0.035) if kind == "classic" else 0.05
        wrist = rng.uniform(0.65, 0.95)
        solid = classic_stock(length, top, low, thick, p.drop, p.butt, wrist, grip)
        hole = thumbhole(length, top - 0.3 * p.drop, low, wide)
        return [solid], [hole] if kind == "thumbhole" else []
    if kind == "straight":
        return [straight_stock(length, top, low, thick, p.drop, p.butt)], []
    if kind == "tube":
        return tube_stock(rng, length * rng.uniform(0.7, 1), top, thick, p.butt), []
    if kind == "skeleton":
        return skeleton_stock(rng, length, top, low, thick, p.butt), []
    if kind == "wire":
        return wire_stock(rng, length, top, 0.8 * wide, p.butt), []
    return folded_stock(rng, length, top, low, wide) if kind == "folded" else [], []


def pistol_grip(x, top, height, depth, slant, width) -> Solid:
    """A grip below a point; `slant` in degrees, its foot behind its top."""
    back = np.tan(np.deg2rad(slant)) * height
    outline = [(x + depth / 2, top), (x + depth / 2 - back, top - height)]
    outline += [(x - depth / 2 - back - 0.012, top - height + 0.01), (x - depth / 2, top)]
    return flat(outline, width, 0.35)


def trigger(x, bottom, length, height) -> list[Solid]:
    """The guard's bow in front of the grip and the trigger in it."""
    path = [(x, bottom + 0.005, 0), (x + 0.05 * length, bottom - height, 0)]
    path += [(x + 0.8 * length, bottom - height, 0), (x + length, bottom + 0.005, 0)]
    blade = rod(
        (x + 0.45 * length, bottom + 0.005, 0), (x + 0.38 * length, bottom - 0.7 * height, 0), 0.004
    )
    return [*tube(path, 0.005), blade]


def magazine(kind, x, bottom, length, depth, slant, bend, width) -> list[Solid]:
    """A magazine under the receiver.

    Args:
        kind: "straight", "curved" or "drum".
        x: middle of its upper end.
        bottom: of the receiver.
        length: how far it reaches down.
        depth: along x.
        slant: degrees by which its foot is ahead of its top.
        bend: degrees that a curved one turns forwards on its way down.
        width: along z.
    """
    top = bottom + 0.02
    if kind == "drum":
        radius = length / 2
        neck = slab((x - depth / 2, top, -width / 2), (x + depth / 2, bottom - radius, width / 2))
        y, half = bottom - radius - 0.01, 0.6 * width + 0.008
        return [neck, frustum((x, y, -half), (x, y, half), radius)]
    if kind == "curved":
        angle = np.deg2rad(max(bend, 8))
        radius = (length + 0.02) / angle
        path = arc(radius, 180, 180 + np.rad2deg(angle), 6, (radius + x, top))
        return turned([flat(band(path, depth), width)], "z", 0.5 * slant, (x, top, 0))
    outline = [(x - depth / 2, top), (x + depth / 2, top), (x + depth / 2, bottom - length)]
    return turned(
        [flat([*outline, (x - depth / 2, bottom - 0.97 * length)], width)], "z", slant, (x, top, 0)
    )


def barrels(start, stop, radius, muzzle, muzzle_radius, offsets) -> list[Solid]:
    """Barrels at offsets (y, z) (y, z), tapering a little, each with a device `muzzle` long."""
    solids = []
    for y, z in offsets:
        solids.append(frustum((start, y, z), (stop, y, z), radius, 0.85 * radius))
        if muzzle > 0:
            solids.append(frustum((stop - 0.005, y, z), (stop + muzzle, y, z), muzzle_radius))
    return solids


def scope(rng, x, top, length) -> tuple[list[Solid], list[Solid]]:
    """A telescopic sight over the receiver's top and the mounts that hold it."""
    r, front, back = rng.uniform(0.009, 0.015), rng.uniform(1.1, 2.1), rng.uniform(1.1, 1.6)
    y = top + r * rng.uniform(1.3, 2.4) + 0.006
    shape = [(back, 0), (back, 0.2), (1, 0.3), (1, 0.6), (front, 0.75), (front, 1)]
    sight = [lathe(np.array(shape) * [r, length], (x - length / 2, y, 0), (1, 0, 0))]
    if rng.random() < 0.6:  # the turret with the adjusting knobs
        sight.append(frustum((x, y, 0), (x, y + 1.9 * r, 0), 0.7 * r))
        sight.append(frustum((x, y, 0), (x, y, 1.9 * r), 0.7 * r))
    mounts = [
        slab((x + k * length - 0.012, top - 0.01, -r), (x + k * length + 0.012, y, r))
        for k in (-0.16, 0.08)
    ]
    return sight, mounts


def dot_sight(rng, x, top, width) -> list[Solid]:
    """A short reflex or holographic sight: a block with a frame to look through."""
    long, high = rng.uniform(0.05, 0.1), rng.uniform(0.035, 0.06)
    base = slab(
        (x - long / 2, top - 0.01, -0.4 * width), (x + long / 2, top + 0.4 * high, 0.4 * width)
    )
    frame = slab(
        (x + 0.1 * long, top, -0.4 * width), (x + long / 2, top + high, 0.4 * width), 0.004
    )
    return [base, frame]


def carry_handle(rng, start, stop, top) -> list[Solid]:
    """A handle over the receiver, with space for the hand below."""
    high, r = rng.uniform(0.035, 0.06), rng.uniform(0.006, 0.011)
    path = [(start, top - 0.01, 0), (start + 0.01, top + high, 0)]
    path += [(stop - rng.uniform(0.01, 0.04), top + high, 0), (stop, top - 0.01, 0)]
    return tube(path, r)


def iron_sights(rng, rear, front, top, high) -> list[Solid]:
    """A notch on the receiver and a post near the muzzle."""
    notch = slab((rear, top - 0.01, -0.012), (rear + 0.03, top + 0.4 * high, 0.012))
    lean = rng.uniform(0, 0.04)
    post = flat(
        [
            (front - 0.01 - lean, 0),
            (front - 0.008, top + high),
            (front + 0.008, top + high),
            (front + 0.012, 0),
        ],
        0.014,
    )
    return [notch, post]


def bipod(x, y, length, spread, lean, folded) -> list[Solid]:
    """Two legs below a point; folded ones lie along the barrel."""
    if folded:
        return mirrored([rod((x, y, 0.0), (x + length, y - 0.025, 0.014), 0.007)])
    foot = (x + np.sin(np.deg2rad(lean)) * length, y - np.cos(np.deg2rad(lean)) * length, spread)
    return [box((x, y, 0), (0.025, 0.03, 0.025)), *mirrored([rod((x, y, 0), foot, 0.007)])]


def tripod(rng, x, y) -> list[Solid]:
    """Two legs in front and one behind, below a point."""
    down, out, ahead = rng.uniform(0.12, 0.25), rng.uniform(0.08, 0.18), rng.uniform(0.05, 0.15)
    middle = (x, y - 0.35 * down, 0)
    legs = mirrored([rod(middle, (x + ahead, y - down, out), 0.009)])
    legs.append(rod(middle, (x - rng.uniform(0.15, 0.3), y - down, 0), 0.009))
    return [rod((x, y, 0), middle, 0.016), *legs]


def heat_shield(rng, start, stop, radius) -> tuple[list[Solid], list[Solid]]:
    """A tube around the barrel and the holes to carve into it."""
    count = max(2, int((stop - start) / rng.uniform(0.04, 0.07)))
    pitch = (stop - start) / count
    hole = frustum(
        (start + 0.5 * pitch, 0, -1), (start + 0.5 * pitch, 0, 1), 0.3 * min(pitch, 2 * radius)
    )
    holes = [s for k in range(count) for s in moved([hole], (k * pitch, 0, 0))]
    return [frustum((start - 0.01, 0, 0), (stop, 0, 0), radius)], holes


def lever(x, bottom, length, drop) -> list[Solid]:
    """A lever-action's loop below the wrist."""
    path = [(x + 0.06, bottom, 0), (x + 0.05, bottom - 0.6 * drop, 0), (x - 0.02, bottom - drop, 0)]
    path += [
        (x - length, bottom - drop, 0),
        (x - length, bottom - 0.4 * drop, 0),
        (x, bottom - 0.2 * drop, 0),
    ]
    return tube(path, 0.006)


def bolt(x, y, width) -> list[Solid]:
    """A bolt's handle that sticks out and down to the right."""
    end = (x - 0.02, y - 0.03, width / 2 + 0.025)
    return [rod((x, y, 0), end, 0.006), ellipsoid(end, (0.01, 0.01, 0.01))]
