"""Sofas: straight ones of any length, sectionals, chesterfields, settees, daybeds, futons.

A sofa looks towards +x and its width lies along z. Most are one or more sections, which stand in
`sofa_parts`; how they are put together stands in `sofa_plans`. All lengths in metres.
"""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter

import numpy as np

from training.shapes.captions import adjective, detail
from training.shapes.materials import fabric, metal, paint, wood
from training.shapes.operators import flipped, turned
from training.shapes.part import Part
from training.shapes.parts.ranges import chosen_subtype
from training.shapes.parts.seats import sofa_plans as plans
from training.shapes.parts.seats.sofa_parts import Solids, Style, changed, section
from training.shapes.shape import Shape

ARMS = ("box", "drum", "rolled", "flared", "sloped", "padded", "open", "loop")
SOFT = ("box", "box", "drum", "rolled", "flared", "sloped", "padded")
# Relative share; seats; width of a seat, depth, height; arms; outlines of the back; stands.
_USUAL = ((0.48, 0.82), (0.72, 1.08), (0.62, 1.02), ARMS, "straight straight straight round camel")
_SECTION = ((0.55, 0.85), (0.8, 1.08), (0.58, 0.98), SOFT, "straight")
_STANDS = "legs legs feet plinth skirt floor"
SUBTYPES = {
    "sofa chair": (0.05, (1, 1), (0.5, 0.8), *_USUAL[1:], _STANDS),
    "loveseat": (0.08, (2, 2), (0.42, 0.62), *_USUAL[1:], _STANDS),
    "two-seater sofa": (0.13, (2, 2), *_USUAL, _STANDS),
    "three-seater sofa": (0.16, (3, 3), *_USUAL, _STANDS),
    "four-seater sofa": (0.05, (4, 4), *_USUAL, _STANDS),
    "corner sofa": (0.08, (2, 4), *_SECTION, _STANDS),
    "chaise sofa": (0.07, (2, 4), *_SECTION, _STANDS),
    "U-shaped sofa": (0.03, (3, 5), *_SECTION, _STANDS),
    "chesterfield": (
        *(0.05, (2, 4), (0.5, 0.72), (0.8, 1.0), (0.62, 0.82), ("rolled",), "straight"),
        "feet legs floor",
    ),
    "camelback sofa": (
        *(0.04, (2, 3), (0.5, 0.72), (0.7, 0.95), (0.8, 1.05)),
        *(("rolled", "flared", "sloped"), "camel", "legs legs feet skirt"),
    ),
    "tuxedo sofa": (
        *(0.04, (2, 4), (0.48, 0.75), (0.75, 1.0), (0.6, 0.85), ("box",), "straight"),
        "legs legs feet plinth",
    ),
    "lounge sofa": (
        *(0.06, (2, 4), (0.6, 0.95), (0.85, 1.2), (0.48, 0.74)),
        *(("box", "box", "padded", "drum", "none"), "straight", "floor plinth feet legs"),
    ),
    "armless sofa": (
        *(0.04, (2, 4), (0.5, 0.8), (0.7, 1.0), (0.6, 0.95), ("none",), "straight round"),
        "legs feet plinth floor",
    ),
    "curved sofa": (
        *(0.04, (3, 5), (0.5, 0.8), (0.75, 1.0), (0.6, 0.9), ("drum", "none"), "straight"),
        "legs feet plinth floor",
    ),
    "chaise longue": (
        *(0.04, (2, 3), (0.6, 0.8), (0.55, 0.85), (0.6, 1.0)),
        *(("rolled", "flared", "box", "padded"), "straight", "legs legs feet plinth"),
    ),
    "daybed": (
        *(0.04, (2, 3), (0.62, 0.9), (0.65, 1.05), (0.5, 0.95)),
        *(("box", "rolled", "flared", "open", "none"), "straight", "legs legs feet floor"),
    ),
    "futon": (
        *(0.04, (2, 3), (0.6, 0.9), (0.75, 1.1), (0.7, 1.0)),
        *(("open", "loop", "box", "none"), "straight", "legs legs feet"),
    ),
    "settee": (
        *(0.06, (2, 3), (0.45, 0.68), (0.55, 0.82), (0.75, 1.1)),
        *(("open", "open", "loop", "none"), "straight round camel", "legs"),
    ),
}
SYNONYMS = {
    "sofa chair": ("single sofa", "club chair"),
    "loveseat": ("small sofa", "love seat"),
    "two-seater sofa": ("two seat couch", "couch", "two-seater"),
    "three-seater sofa": ("couch", "three seat couch", "three-seater"),
    "four-seater sofa": ("couch", "four seat couch", "four-seater"),
    "corner sofa": ("sectional sofa", "sectional", "L-shaped couch"),
    "chaise sofa": ("sofa with a chaise", "sectional", "L-shaped sofa"),
    "U-shaped sofa": ("sectional sofa", "U-shaped couch"),
    "chesterfield": ("chesterfield sofa", "club sofa"),
    "camelback sofa": ("camelback couch", "humpback sofa"),
    "lounge sofa": ("modern sofa", "modern couch"),
    "armless sofa": ("armless couch",),
    "curved sofa": ("curved couch",),
    "chaise longue": ("chaise", "fainting couch", "recamier"),
    "daybed": ("day bed", "divan"),
    "futon": ("sofa bed", "futon couch"),
    "settee": ("wooden sofa", "sofa bench"),
}
CLAIMS = (
    adjective(("wide", "long"), lambda f: f["height_to_width"] < 0.38),
    adjective(("compact", "short"), lambda f: f["height_to_width"] > 0.6),
    adjective("deep", lambda f: f["depth_to_height"] > 1.4),
    adjective("armless", lambda f: f["num_arms"] == 0),
    adjective(("backless",), lambda f: not f["has_back"]),
    adjective(("L-shaped",), lambda f: f["l_shaped"]),
    adjective(("U-shaped",), lambda f: f["u_shaped"]),
    adjective(("curved",), lambda f: f["curved"]),
    detail(("{num_arms:arm}", "{num_arms:armrest}"), lambda f: True),  # "no arms" too
    detail(("rolled arms", "scroll arms"), lambda f: f["rolled_arms"]),
    detail(("wide arms", "thick arms"), lambda f: f["arm_width"] > 0.26),
    detail(("thin arms", "slim arms"), lambda f: 0 < f["arm_width"] < 0.1),
    detail("{num_legs:leg}", lambda f: f["num_legs"] > 0),
    detail(("no visible legs", "a base down to the floor"), lambda f: f["num_legs"] == 0),
    detail("a skirt", lambda f: f["has_skirt"]),
    detail("{num_seat_cushions:seat cushion}", lambda f: f["num_seat_cushions"] > 0),
    detail("{num_back_cushions:back cushion}", lambda f: f["num_back_cushions"] > 0),
    detail(("{num_pillows:pillow}", "{num_pillows:loose cushion}"), lambda f: f["num_pillows"] > 0),
    detail(("a low back",), lambda f: 0 < f["back_over_seat"] < 0.6),
    detail(("a high back", "a tall back"), lambda f: f["back_over_seat"] > 1.25),
    detail(("a humped back", "an arched back"), lambda f: f["arched_back"]),
    detail(("a leaning back", "a reclined back"), lambda f: f["back_lean"] > 14),
    detail("arms as high as the back", lambda f: f["arms_as_high_as_back"]),
    detail(("a chaise at one end", "a chaise on one side"), lambda f: f["chaise_side"] != 0),
    detail(("a spindle back", "spindles in the back"), lambda f: f["has_spindles"]),
    detail(("buttons", "a buttoned back"), lambda f: f["has_buttons"]),
)


def _style(rng: np.random.Generator, subtype: str) -> Style:
    _, _, _, depths, heights, arms, outlines, stands = SUBTYPES[subtype]
    stand = str(rng.choice(stands.split()))
    height, depth = rng.uniform(*heights), rng.uniform(*depths)
    clears = {"legs": (0.06, 0.28), "feet": (0.03, 0.09), "plinth": (0.03, 0.12)}
    clear = rng.uniform(*clears.get(stand, (0.0, 0.0)))
    seat = np.clip(height * rng.uniform(0.42, 0.66), clear + 0.14, height - 0.12)
    arm = str(rng.choice(arms))
    arm_height = float(seat + (height - seat) * rng.uniform(0.15, 1.0))
    wide = {"open": (0.04, 0.1), "loop": (0.03, 0.07), "none": (0.0, 0.0)}
    slim = rng.random() < 0.25  # a thin shell rather than a padded body
    back = rng.uniform(0.03, 0.1) if slim else rng.uniform(0.06, 0.3)
    if rng.random() < 0.12:
        arm_height = height
    style = Style(
        depth=depth,
        height=height,
        seat=float(seat),
        clear=clear,
        cushion=rng.uniform(0.3, 0.7) * min(seat - clear, 0.3),
        back=back,
        taper=rng.uniform(0.45, 1.0),
        lean=rng.uniform(0, 20) * (rng.random() < 0.7),
        gap=0.0,
        spindles=False,
        outline=str(rng.choice(outlines.split())),
        rise=rng.uniform(0.1, 0.3),
        arm=arm,
        arm_width=rng.uniform(*wide.get(arm, (0.04, 0.11) if slim else (0.1, 0.36))),
        arm_height=arm_height,
        arm_reach=rng.uniform(0.8, 1.0),
        soft=rng.choice([rng.uniform(0, 0.03), rng.uniform(0.03, 0.12)]),
        plump=rng.uniform(0, 1),
        hollow=bool(rng.random() < 0.06),
        loose=rng.uniform(0.08, 0.24) * (rng.random() < 0.6),
        over=rng.uniform(-0.1, 0.1),
        nose=rng.uniform(-0.03, 0.05),
        stand=stand,
        leg=str(rng.choice(["square", "round", "tapered", "turned", "block", "cabriole"])),
        thick=rng.uniform(0.035, 0.09),
    )
    if subtype == "chesterfield":
        wide = rng.uniform(0.16, 0.32)
        return replace(style, arm_height=height, back=wide, arm_width=wide, lean=0.0, loose=0.0)
    if subtype == "tuxedo sofa":
        return replace(style, arm_height=height, lean=0.0, arm_reach=1.0)
    if subtype == "daybed":
        low_back = rng.random() < 0.4
        return replace(style, back=style.back if low_back else 0.0, loose=0.0, lean=0.0)
    if subtype == "futon":  # a folded mattress on a rail
        thick = rng.uniform(0.09, 0.2)
        clear = max(seat - thick - 0.06, 0.02)
        style = replace(
            style, clear=clear, cushion=thick, back=thick, loose=0.0, outline="straight"
        )
        return replace(style, lean=rng.uniform(5, 32), taper=1.0, soft=rng.uniform(0.02, 0.07))
    if subtype == "settee":
        clear = rng.uniform(0.5, 0.75) * seat
        back, gap = rng.uniform(0.03, 0.09), rng.uniform(0.03, 0.15) * (rng.random() < 0.6)
        style = replace(style, clear=clear, cushion=(seat - clear) * rng.uniform(0.3, 0.6))
        spindles = gap > 0 and rng.random() < 0.4
        style = replace(style, back=back, gap=gap, spindles=spindles, loose=0.0)
    if subtype in ("camelback sofa", "settee"):
        return replace(style, loose=0.0)
    return style


def make(rng: np.random.Generator) -> Shape:
    """Draw a sofa that looks towards +x; its width lies along z."""
    subtype = chosen_subtype(rng, SUBTYPES, itemgetter(0))
    s = _style(rng, subtype)
    _, counts, seat_widths, *_ = SUBTYPES[subtype]
    seats = int(rng.integers(counts[0], counts[1] + 1))
    width = seats * rng.uniform(*seat_widths) * (1.06 - 0.03 * seats) + 2 * s.arm_width
    own = rng.random(2) < (0.75, 0.85)
    arms, side, chaise = np.array([1, 1]), int(rng.choice([-1, 1])), (0.0, 0.0)
    if subtype not in ("chesterfield", "tuxedo sofa") and seats > 1 and rng.random() < 0.06:
        arms[rng.integers(2)] = 0  # an arm at one end only
    num_arms = int(arms.sum()) * (s.arm != "none")
    sweep = 0.0
    if subtype == "curved sofa" or (subtype == "corner sofa" and rng.random() < 0.25):
        num_arms = 2 * bool(s.arm != "none" and rng.random() < 0.8)
        corner = subtype == "corner sofa"  # with a rounded corner
        sweep = 90.0 if corner else rng.uniform(35, 175)
        straight = rng.uniform(0.4, 1.5) if corner else 0.5 * (rng.random() < 0.2)
        length = rng.uniform(0.9, 2.2) if corner else width
        seats = 2 * seats if corner else seats
        parts = plans.curved(s, length, sweep, straight, seats, num_arms == 2)
        parts = changed(parts, lambda solids: turned(solids, "y", 45 * corner))
    elif subtype in ("corner sofa", "U-shaped sofa"):
        parts, num_arms = plans.sectional(rng, s, width, seats, own, subtype == "U-shaped sofa")
    elif subtype == "chaise longue":
        (parts, backed), num_arms = plans.longue(rng, s, width), 1
        s = replace(s, back=s.back * backed)
    else:
        if subtype == "chaise sofa":
            arms[1] = rng.random() < 0.6
            num_arms = int(arms.sum())
            chaise = (rng.uniform(0.6, 1.0), rng.uniform(0.3, 1.0))
            width += chaise[0] - 0.3
        parts = section(s, width, seats, arms, own, chaise=chaise)
    num_pillows = 0
    if s.back and not sweep and subtype != "chaise longue" and rng.random() < 0.3:
        num_pillows = int(rng.integers(1, 5)) if seats > 1 else 1
        parts["pillows"] = plans.pillows_on(rng, s, width, num_pillows)
    buttons = subtype == "chesterfield" and rng.random() < 0.7
    if buttons:
        parts["buttons"] = plans.buttons_on(s, width)
    if side == -1:
        parts = changed(parts, flipped)
    if subtype == "chaise longue" and rng.random() < 0.25:  # seen along its length
        parts = changed(parts, lambda solids: turned(solids, "y", 90 * side))

    shape = Shape("sofa", subtype, _dressed(rng, s, parts), {})
    low, high = shape.bounds()
    depth, height, length = high - low
    rolled = s.arm == "rolled" and num_arms > 0 and not sweep
    shape.attributes.update(
        num_seats=seats,
        num_arms=num_arms,
        num_legs=len(parts["legs"]) // (6 if s.leg == "cabriole" else 1),
        num_seat_cushions=len(parts["seat cushions"]),
        num_back_cushions=len(parts["back cushions"]),
        num_pillows=num_pillows,
        has_back=bool(s.back > 0),
        has_skirt=bool(parts["skirt"]),
        has_spindles=bool(s.spindles),
        has_buttons=bool(buttons),
        rolled_arms=bool(rolled),
        l_shaped=subtype in ("corner sofa", "chaise sofa"),
        u_shaped=subtype == "U-shaped sofa",
        curved=bool(sweep),
        chaise_side=side if chaise[0] else 0,
        arched_back=bool(s.back and not s.gap and s.outline != "straight" and not sweep),
        arms_as_high_as_back=bool(num_arms and s.back and s.arm_height > 0.96 * s.height),
        height_to_width=float(height / length),
        depth_to_width=float(depth / length),
        depth_to_height=float(depth / height),
        arm_width=s.arm_width / s.depth if num_arms else 0.0,
        back_over_seat=(s.height - s.seat) / s.seat * (s.back > 0 and subtype != "chaise longue"),
        seat_height=float(s.seat / height),
        back_lean=float(s.lean),
        clearance=float(s.clear / height),
    )
    return shape


def _dressed(rng: np.random.Generator, s: Style, parts: Solids) -> list[Part]:
    """Give the parts their materials; the cloth of the cushions is often that of the cover."""
    cloth = fabric(rng)
    seats = cloth if rng.random() < 0.8 else fabric(rng)
    carrier = [wood, wood, metal, paint][rng.integers(4)](rng)
    materials = {
        "cover": cloth,
        "seat cushions": seats,
        "back cushions": seats,
        "armrests": carrier,
        "legs": carrier,
        "plinth": carrier,
        "skirt": cloth,
        "buttons": cloth if rng.random() < 0.5 else carrier,
        "pillows": fabric(rng),
    }
    if s.gap or (s.arm in ("open", "loop") and rng.random() < 0.4):
        materials["cover"] = carrier  # a wooden or metal frame with cushions on it
    names = {"cover": "frame" if materials["cover"] is carrier else "cover"}
    for name in ("seat cushions", "back cushions", "pillows"):
        if len(parts[name]) == 1:
            names[name] = name[:-1]
    return [Part(names.get(n, n), m, parts[n]) for n, m in materials.items() if parts[n]]
