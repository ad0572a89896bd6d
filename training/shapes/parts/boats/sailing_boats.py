"""What sails for pleasure: dinghies, yachts, schooners, catamarans."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import GLASS
from training.shapes.operators import mirrored, moved, turned
from training.shapes.parts.boats.hulls import hull
from training.shapes.parts.boats.rigging import fore_and_aft, jib, stays
from training.shapes.parts.boats.shipyard import Boat
from training.shapes.solids import ellipsoid, prism, rod, slab


def _fin_keel(b: Boat) -> None:
    depth, top, x = b.u(0.08, 0.22), b.u(0.14, 0.3), b.u(-0.05, 0.1)
    fin = [
        (x + top / 2, 0.4 * b.lines.depth),
        (x + top / 4, -depth),
        (x - top / 3, -depth),
        (x - top / 2, 0.4 * b.lines.depth),
    ]
    b.add("keel", b.trim, [prism("z", fin, -0.014, 0.014)])
    if b.chance(0.4):
        b.add("keel", b.trim, [ellipsoid((x, -depth, 0), (0.3 * top, 0.03, 0.03))])
    rudder = [
        (-0.36, 0.6 * b.lines.depth),
        (-0.38, -0.6 * depth),
        (-0.45, -0.6 * depth),
        (-0.47, 0.9 * b.lines.depth),
    ]
    b.add("rudder", b.trim, [prism("z", rudder, -0.012, 0.012)])
    b.facts["has_fin_keel"] = True


def _bermuda(
    b: Boat, x: float, top: float, boom: float, base: float, head: float = 0.03, forestay=True
) -> None:
    """A mast with a boom and a mainsail, a jib before it, and stays."""
    lines, thick = b.lines, 0.017 * max(1.0, top)
    y, swing = lines.deck(x) + b.u(0.05, 0.12), b.u(-25, 25) * b.chance(0.6)
    b.mast(x, base, top, 0.5 * thick, sails=True)
    b.add(
        "booms",
        b.parts["masts"].material,
        turned([rod((x, y, 0), (x - boom, y, 0), 0.4 * thick)], "y", swing, (x, 0, 0)),
    )
    if b.chance(0.85):
        b.sails(
            [
                fore_and_aft(
                    x,
                    0.96 * boom,
                    head,
                    y,
                    y + (top - y) * b.u(0.85, 0.98),
                    b.u(-0.1, 0.1),
                    thick,
                    swing,
                )
            ]
        )
    else:
        b.add(
            "furled sails",
            b.canvas,
            turned(
                [rod((x, y + 0.6 * thick, 0), (x - 0.9 * boom, y + 0.6 * thick, 0), thick)],
                "y",
                swing,
                (x, 0, 0),
            ),
        )
        b.facts["has_furled_sails"] = True
    if forestay:
        tip = forestay if forestay is not True else b.u(0.4, 0.49)
        if b.chance(0.75) and b.facts["num_sails"]:
            b.sails(
                [
                    jib(
                        tip,
                        x,
                        lines.deck(min(tip, 0.49)) + 0.005,
                        y + (top - y) * b.u(0.65, 0.95),
                        b.u(-0.3, 0.3),
                        b.u(-0.1, 0.1),
                        thick,
                    )
                ]
            )
        if b.chance(0.7):
            end = np.array([tip, lines.deck(min(tip, 0.49)) - 0.01, 0])
            b.add("stays", b.metal, stays([((x, 0.98 * top, 0), end)], 0.014 * max(1, top)))
    if b.chance(0.35):
        b.add(
            "stays",
            b.metal,
            stays(
                [((x, 0.98 * top, 0), (-0.47, lines.deck(-0.47) - 0.01, 0))], 0.014 * max(1, top)
            ),
        )
    if b.chance(0.3):
        end = (x - 0.03, lines.deck(x) - 0.01, 0.46 * lines.breadth(x))
        b.add("stays", b.metal, mirrored(stays([((x, 0.8 * top, 0), end)], 0.014 * max(1, top))))


def _sailing_dinghy(b: Boat) -> None:
    top, x = b.u(0.6, 1.7), b.u(0.0, 0.3)
    b.open_hull(b.pick(b.wood, b.paint), max(1.0, top))
    b.benches(b.n(1, 2))
    if b.chance(0.5):
        b.foredeck(x + 0.03)
    boom, gaff = b.u(0.3, 0.5 + x), b.chance(0.3)
    _bermuda(
        b,
        x,
        top * (0.75 if gaff else 1),
        boom,
        0.005,
        boom * b.u(0.4, 0.9) if gaff else 0.03,
        b.chance(0.65),
    )
    if b.chance(0.3):
        _fin_keel(b)


def _sailing_yacht(b: Boat) -> None:
    b.closed_hull()
    if b.chance(0.8):
        start, stop = b.u(-0.3, -0.1), b.u(0.1, 0.28)
        b.houses(start, stop, b.u(0.4, 0.75), 1, b.u(0.03, 0.07), lean=(0.01, b.u(0.02, 0.12)))
    if b.chance(0.6):  # a cockpit
        half = 0.3 * b.lines.beam
        b.parts["hull"].carves.append(
            slab((-0.42, 0.45 * b.lines.depth, -half), (b.u(-0.3, -0.22), 1, half))
        )
    if b.chance(0.55):
        _fin_keel(b)
    _bermuda(b, b.u(0.0, 0.16), b.u(0.9, 1.6), b.u(0.3, 0.5), 0.03, b.u(0.02, 0.12))


def _schooner(b: Boat) -> None:
    """Two masts, fore-and-aft sails with or without gaffs."""
    b.closed_hull(b.pick(b.paint, b.wood))
    if b.chance(0.6):
        b.houses(b.u(-0.35, -0.15), b.u(0.0, 0.15), b.u(0.4, 0.6), 1, b.u(0.03, 0.06))
    tip = 0.5
    if b.chance(0.6):
        tip = 0.5 + b.u(0.06, 0.2)
        y = b.lines.deck(0.5)
        b.add(
            "bowsprit", b.wood, [rod((0.42, y - 0.03, 0), (tip, y + 0.25 * (tip - 0.45), 0), 0.012)]
        )
        b.facts["has_bowsprit"] = True
    fore, aft = b.u(0.12, 0.25), b.u(-0.3, -0.1)
    top, gaff = b.u(0.65, 1.2), b.u(0.4, 0.8) * b.chance(0.5)
    tops = (top, top * b.u(0.6, 1.15))
    room = 0.9 * (fore - aft)
    _bermuda(b, fore, tops[0], room, 0.03, max(0.03, gaff * room))
    boom = b.u(0.2, min(0.45, aft + 0.62))
    _bermuda(b, aft, tops[1], boom, 0.03, max(0.03, gaff * boom), forestay=False)
    if b.facts["has_bowsprit"] and b.facts["num_sails"]:
        end = b.parts["bowsprit"].solids[0].bounds()[1]
        b.sails(
            [
                jib(
                    tip - 0.02,
                    fore,
                    end[1] - 0.02,
                    0.85 * tops[0],
                    0.2,
                    b.u(-0.08, 0.08),
                    0.018 * max(1, top),
                )
            ]
        )


def _catamaran(b: Boat) -> None:
    """Two hulls under a bridge, sailed or with a motor."""
    lines, z = b.lines, b.u(0.16, 0.3)
    y, sailed = lines.depth, b.chance(0.75)
    b.add("hull", b.paint, mirrored(moved(hull(lines), (0, 0, z))))
    aft, fore = b.u(-0.42, -0.25), b.u(0.1, 0.25)
    if b.chance(0.65):  # a bridge deck with a cabin
        h = b.u(0.05, 0.12)
        b.add("bridge deck", b.house_paint, [slab((aft, 0.55 * y, -z), (fore, y + 0.01, z))])
        lean, w = b.u(0.02, 0.1), z * b.u(0.7, 1.1)
        cabin = [
            (aft + 0.05, y),
            (fore - 0.02, y),
            (fore - 0.02 - lean, y + h),
            (aft + 0.05, y + h),
        ]
        b.add("cabin", b.house_paint, [prism("z", cabin, -w, w, rounding=0.02)])
        b.add(
            "windows",
            GLASS,
            [
                slab(
                    (aft + 0.08, y + 0.4 * h, -w - 0.004),
                    (fore - 0.05 - lean, y + 0.75 * h, w + 0.004),
                )
            ],
        )
        b.facts["num_decks"] = 1
    else:  # beams and a net
        b.add(
            "beams",
            b.metal,
            [rod((x, 0.9 * y, -z), (x, 0.9 * y, z), 0.015) for x in (aft, 0.02, fore)],
        )
        b.add("trampoline", b.trim, [slab((aft, 0.85 * y, -z), (0.02, 0.85 * y + 0.016, z))])
    x = b.u(0.0, min(0.1, fore - 0.03)) if b.facts["num_decks"] else 0.02
    if sailed:
        _bermuda(
            b,
            x,
            b.u(0.8, 1.5),
            b.u(0.3, min(0.5, x + 0.5)),
            0.8 * y,
            b.u(0.03, 0.15),
            forestay=(0.9 if b.facts["num_decks"] else 1.0) * fore,
        )
    b.facts |= {"num_hulls": 2}


BUILDERS = {
    "sailing dinghy": _sailing_dinghy,
    "sailing yacht": _sailing_yacht,
    "schooner": _schooner,
    "catamaran": _catamaran,
}
