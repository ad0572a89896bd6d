"""Displays: monitors and televisions, flat or deep, all-in-ones, laptops, signs, cloth screens.

Lengths in heights of an ordinary picture: a screen is about 1 high. Seen from the front (+x), the
width lies along z.
"""

from __future__ import annotations

import numpy as np

from training.shapes.captions import adjective, detail
from training.shapes.materials import (
    BARE_METALS,
    COLORS,
    Material,
    fabric,
    metal,
    plastic,
    wood,
)
from training.shapes.operators import mirrored, moved, tube, turned
from training.shapes.outlines import arc, band, rectangle
from training.shapes.parts.furniture import four_legs
from training.shapes.shape import Part, Shape
from training.shapes.solids import Solid, box, ellipsoid, frustum, loft, prism, rod, slab

FLAT_ASPECTS = (1.20, 1.33, 1.5, 1.6, 1.78, 1.78, 1.9, 2.35)  # width over height of flat panels
SUBTYPES = {  # share, and depth of the casing over its height
    "monitor": {"share": 0.24, "depth": (0.04, 0.20)},
    "flat-screen TV": {"share": 0.19, "depth": (0.03, 0.16)},
    "wall-mounted screen": {"share": 0.08, "depth": (0.02, 0.14)},
    "CRT monitor": {"share": 0.11, "depth": (0.75, 1.20)},
    "tube TV": {"share": 0.08, "depth": (0.55, 1.00)},
    "all-in-one computer": {"share": 0.05, "depth": (0.05, 0.30)},
    "rounded all-in-one": {"share": 0.03, "depth": (0.85, 1.20)},
    "laptop": {"share": 0.04, "depth": (0.02, 0.06)},
    "curved monitor": {"share": 0.04, "depth": (0.04, 0.10)},
    "rear-projection TV": {"share": 0.03, "depth": (0.4, 0.8)},
    "console TV": {"share": 0.03, "depth": (0.45, 0.8)},
    "digital sign": {"share": 0.03, "depth": (0.05, 0.16)},
    "touch panel": {"share": 0.02, "depth": (0.05, 0.15)},
    "projection screen": {"share": 0.02, "depth": (0.01, 0.02)},
}
SYNONYMS = {
    "monitor": ("computer monitor", "flat monitor", "computer screen", "LCD monitor"),
    "flat-screen TV": ("television", "TV", "flat TV", "LCD television"),
    "wall-mounted screen": ("wall TV", "flat panel", "wall-mounted TV"),
    "CRT monitor": ("old computer monitor", "tube monitor"),
    "tube TV": ("CRT television", "old television", "old TV"),
    "all-in-one computer": ("all-in-one", "desktop computer"),
    "rounded all-in-one": ("egg-shaped computer", "retro all-in-one"),
    "laptop": ("notebook computer", "notebook"),
    "curved monitor": ("curved screen",),
    "rear-projection TV": ("big-screen TV",),
    "console TV": ("vintage television", "television in a wooden cabinet"),
    "digital sign": ("information kiosk", "advertising display"),
    "touch panel": ("touch screen", "point-of-sale terminal"),
    "projection screen": ("projector screen", "movie screen"),
}
CLAIMS = (
    adjective(("wide", "widescreen"), lambda f: f["screen_aspect"] > 1.7),
    adjective(("upright", "portrait"), lambda f: f["is_portrait"]),
    adjective(("thin", "slim"), lambda f: f["depth_to_width"] < 0.12),
    adjective(("deep", "bulky"), lambda f: f["has_tapered_back"] and f["depth_to_width"] > 0.75),
    adjective("tilted", lambda f: f["tilt"] > 8),
    detail(("a foot", "a stand"), lambda f: f["has_foot"]),
    detail(("no stand", "no foot"), lambda f: not f["has_foot"] and f["num_legs"] == 0),
    detail(("a round foot", "a round base"), lambda f: f["has_round_foot"]),
    detail(
        ("a slender neck", "a narrow neck"), lambda f: f["has_foot"] and 0 < f["neck_width"] < 0.12
    ),
    detail(("a broad neck", "a wide neck"), lambda f: f["neck_width"] > 0.3),
    detail("{num_legs:leg}", lambda f: f["num_legs"] > 1),
    detail(("two feet", "a foot at each end"), lambda f: f["num_legs"] == 2),
    detail(
        ("{num_speakers:speaker} at the sides", "{num_speakers:side speaker}"),
        lambda f: f["num_speakers"] == 2,
    ),
    detail(("a speaker bar below", "a sound bar"), lambda f: f["num_speakers"] == 1),
    detail(("a narrow frame", "a narrow bezel"), lambda f: f["bezel"] < 0.04),
    detail(("a broad frame", "a thick bezel"), lambda f: f["bezel"] > 0.09),
    detail(("a tapered back", "a back that narrows"), lambda f: f["has_tapered_back"]),
    detail(("{num_buttons:button}", "{num_buttons:knob}"), lambda f: f["num_buttons"] > 1),
    detail("a keyboard", lambda f: f["has_keyboard"]),
    detail(("an antenna on top", "rabbit ears"), lambda f: f["has_antenna"]),
    detail(("a curved screen", "a bent screen"), lambda f: f["is_curved"]),
)
FACTS = {  # of a plain panel
    "tilt": 0.0,
    "neck_width": 0.0,
    "neck_height": 0.0,
    "num_legs": 0,
    "num_speakers": 0,
    "num_buttons": 0,
    "has_foot": False,
    "has_round_foot": False,
    "has_tapered_back": False,
    "has_keyboard": False,
    "has_antenna": False,
    "is_curved": False,
}
SCREEN = Material("black", (0.03, 0.035, 0.045), 0.85)  # as screens look that are off
CASES = ("black", "black", "grey", "white", "silver", "beige")  # colours of plastic cases


def make(rng: np.random.Generator) -> Shape:
    """Draw a display, its screen towards +x."""
    names = list(SUBTYPES)
    shares = np.array([SUBTYPES[name]["share"] for name in names])
    subtype = names[rng.choice(len(names), p=shares / shares.sum())]
    depth = rng.uniform(*SUBTYPES[subtype]["depth"])
    build = {
        "CRT monitor": _tube,
        "tube TV": _tube,
        "rounded all-in-one": _egg,
        "laptop": _laptop,
        "rear-projection TV": _big_box,
        "console TV": _console,
        "digital sign": _sign,
        "touch panel": _touch_panel,
        "projection screen": _projection_screen,
    }.get(subtype, _flat)
    facts = dict(FACTS)
    parts = build(rng, subtype, depth, facts)
    if subtype != "projection screen":  # people name the colour of the case
        parts.sort(key=lambda part: part.name == "screen")
    shape = Shape("display", subtype, [part for part in parts if part.solids], facts)
    low, high = shape.bounds()
    size = high - low
    facts["height_to_width"], facts["depth_to_width"] = (float(size[i] / size[2]) for i in (1, 0))
    facts["is_portrait"] = facts["screen_aspect"] < 0.95
    return shape


def _case(rng) -> Material:
    """Mostly black, grey, white or beige plastic, now and then metal or a colour."""
    kind = rng.random()
    if kind < 0.12:
        return metal(rng)
    if kind < 0.25:
        return plastic(rng)
    name = str(rng.choice(CASES))
    return Material(f"{name} plastic", COLORS[name], rng.uniform(0.2, 0.8))


def _stand_material(rng, case: Material) -> Material:
    return case if rng.random() < 0.6 else metal(rng)


def _panel(rng, width, depth, bezel, y, facts, screen=SCREEN, x=0.0, case=None) -> list[Part]:
    """A flat case of height 1 with its lower edge at y, its back at x - depth; screen inset.

    The frame is cut away before the screen, which lies a little deeper.
    """
    chin = bezel * (rng.uniform(1, 3.5) if rng.random() < 0.3 else 1)
    facts["screen_aspect"], facts["bezel"] = (width - 2 * bezel) / (1 - bezel - chin), bezel
    corner = rng.uniform(0.0, 0.05)
    outline = rectangle(width, 1, corner, (0, y + 0.5))
    rounding = min(0.2 * depth, 0.02) * rng.integers(2)
    front = prism("x", outline, x - depth, x, rounding=rounding)
    thick = min(0.3 * depth, 0.02)
    opening = slab(
        (x - thick, y + chin, bezel - width / 2), (x + 0.1, y + 1 - bezel, width / 2 - bezel)
    )
    glass = slab(
        (x - 0.8 * depth, y + chin, bezel - width / 2),
        (x - 0.6 * thick, y + 1 - bezel, width / 2 - bezel),
    )
    return [Part("screen", screen, [glass]), Part("case", case or _case(rng), [front], [opening])]


def _flat(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """Flat panels: monitors, televisions, all-in-ones, curved and wall-mounted screens."""
    width = float(rng.choice(FLAT_ASPECTS)) * rng.uniform(0.93, 1.07)
    if subtype in ("flat-screen TV", "wall-mounted screen"):
        width = rng.uniform(1.45, 1.95) if rng.random() < 0.9 else rng.uniform(1.2, 2.6)
    if subtype == "curved monitor":
        width = rng.uniform(1.7, 2.6)
    portrait = rng.random() < {"monitor": 0.08, "wall-mounted screen": 0.1}.get(subtype, 0)
    if portrait:
        width, depth = 1 / width, depth / width
    bezel = rng.uniform(0.015, 0.12) * min(width, 1)
    chin = 0.0
    if subtype == "all-in-one computer" and rng.random() < 0.7:
        chin = rng.uniform(0.15, 0.3)
    wall = subtype == "wall-mounted screen"
    lift = chin + (
        0 if wall else rng.uniform(0.05, 0.45) * (1 if subtype != "flat-screen TV" else 0.5)
    )
    case = _case(rng)
    if subtype == "curved monitor":
        parts = _curved_panel(rng, width, depth, bezel, lift, facts, case)
    else:
        parts = _panel(rng, width, depth, bezel, lift, facts, case=case)
    body = parts[1].solids
    if chin:  # the strip that holds the computer
        body.append(slab((-depth, lift - chin, -width / 2), (0, lift + 0.02, width / 2), 0.01))
    back = rng.random()
    if subtype != "curved monitor" and back < 0.55:  # electronics or a bulge behind the panel
        share, thick = rng.uniform(0.35, 0.85), rng.uniform(0.03, 0.15) * (0.5 if wall else 1)
        facts["has_tapered_back"] = bool(back < 0.3)
        big = rectangle(share * width, share * rng.uniform(0.7, 1.0), 0.0, (0, lift + 0.5))
        middle = big.mean(0)
        small = middle + (big - middle) * (
            rng.uniform(0.78, 0.92) if facts["has_tapered_back"] else 1
        )
        body.append(loft("x", small, big, -depth - thick, -0.6 * depth))
    parts += _speakers(rng, subtype, width, depth, lift, facts)
    if rng.random() < 0.3:
        facts["num_buttons"] = count = int(rng.integers(3, 7))
        row = [
            box((0, lift + bezel / 2, 0.3 * width - 0.05 * k), (0.02, 0.02, 0.03))
            for k in range(count)
        ]
        parts.append(Part("buttons", metal(rng), row))
    tilt = (
        rng.uniform(-2, 14)
        if subtype in ("monitor", "all-in-one computer") and rng.random() < 0.5
        else 0
    )
    if tilt:
        facts["tilt"] = float(tilt)
        for part in parts:
            for name in ("solids", "carves"):
                setattr(
                    part, name, turned(getattr(part, name), "z", tilt, (-depth / 2, lift + 0.4, 0))
                )
    if wall:
        return parts + _on_the_wall(rng, width, depth, lift, facts)
    return parts + _stand(rng, subtype, width, depth, lift, lift - chin, facts, case)


def _on_the_wall(rng, width: float, depth: float, low: float, facts: dict) -> list[Part]:
    """A bracket or a jointed arm behind the panel, at times a bar of speakers below it."""
    parts = []
    y = low + rng.uniform(0.4, 0.6)
    plate = np.array([0.04, rng.uniform(0.15, 0.6), rng.uniform(0.15, 0.6) * width])
    if rng.random() < 0.6:
        reach = -depth - rng.uniform(0.03, 0.12)
        steel = [
            slab(
                (reach, y - plate[1] / 2, -plate[2] / 2),
                (-0.7 * depth, y + plate[1] / 2, plate[2] / 2),
            )
        ]
        parts.append(Part("bracket", metal(rng), steel))
    elif rng.random() < 0.6:
        far, elbow = -depth - rng.uniform(0.15, 0.5), rng.uniform(-0.25, 0.25)
        joints = [(-0.9 * depth - 0.02, y, 0), (far / 2, y, elbow), (far, y, 0)]
        steel = [*tube(joints, 0.03), box((far, y, 0), plate * [1, 1, 0.6])]
        parts.append(Part("bracket", metal(rng), steel))
    if rng.random() < 0.12:
        facts["num_speakers"] = 1
        tall = rng.uniform(0.06, 0.14)
        bar = slab((-depth, low - tall, -0.45 * width), (0.02, low + 0.01, 0.45 * width), 0.01)
        parts.append(Part("speaker", plastic(rng), [bar]))
    return parts


def _curved_panel(rng, width, depth, bezel, y, facts, case) -> list[Part]:
    """A panel bent about an upright axis in front of it."""
    facts["screen_aspect"], facts["bezel"] = (width - 2 * bezel) / (1 - 2 * bezel), bezel
    facts["is_curved"] = True
    radius = width * rng.uniform(0.7, 1.8)
    half = np.rad2deg(width / 2 / radius)

    def sheet(reach: float, shift: float, thick: float, low: float, high: float) -> Solid:
        path = arc(radius + shift, 180 - reach, 180 + reach, 11, (radius, 0))
        return prism("y", band(path, thick), low, high)

    inner = half * (1 - 2 * bezel / width)
    glass = sheet(inner, -depth / 2 - 0.005, 0.04, y + bezel, y + 1 - bezel)
    return [Part("screen", SCREEN, [glass]), Part("case", case, [sheet(half, 0, depth, y, y + 1)])]


def _speakers(rng, subtype: str, width, depth, y, facts) -> list[Part]:
    if subtype == "curved monitor" or rng.random() > (0.14 if "TV" in subtype else 0.07):
        return []
    facts["num_speakers"] = 2
    wide, tall = rng.uniform(0.08, 0.22), rng.uniform(0.5, 1.0)
    low = y + rng.uniform(0, 1 - tall)
    thick = depth * rng.uniform(0.8, 1.6)
    pair = [slab((-thick, low, width / 2 - 0.005), (-0.01, low + tall, width / 2 + wide), 0.02)]
    return [Part("speakers", plastic(rng), mirrored(pair))]


def _stand(rng, subtype, width, depth, lift, low, facts, case) -> list[Part]:
    """What a panel with its lower edge at `low` stands on; two feet, or a neck with a foot."""
    material = _stand_material(rng, case)
    reach = rng.uniform(0.16, 0.36) + 0.5 * depth  # of the foot to the front and to the back
    middle = -depth / 2
    if subtype in ("flat-screen TV", "curved monitor") and rng.random() < 0.4:  # a foot at each end
        facts["num_legs"] = 2
        z, thick = width * rng.uniform(0.25, 0.46), rng.uniform(0.02, 0.06)
        top = (middle, low + 0.1, z)
        feet = [rod(top, (middle + s * reach * 0.8, thick / 2, z), thick / 2) for s in (-1, 1)]
        if rng.random() < 0.3:  # or sledges
            feet = [
                slab((middle - reach, 0, z - thick), (middle + reach, 0.03, z + thick)),
                slab((middle - 0.04, 0, z - thick), (middle + 0.04, low + 0.1, z + thick)),
            ]
        if facts["is_curved"]:  # the ends come forward
            feet = moved(feet, (rng.uniform(0.9, 1.1) * z**2 / (2 * width), 0, 0))
        return [Part("feet", material, mirrored(feet))]
    facts["has_foot"] = True
    neck = rng.uniform(0.05, 0.5) * min(width, 1.3)
    facts["neck_width"], facts["neck_height"] = neck / width, low
    thick = rng.uniform(0.03, 0.12)
    base = rng.uniform(0.012, 0.07)
    wide = rng.uniform(0.35, 0.8) * max(width, 0.8)
    rear = middle - depth / 2 - rng.uniform(0, 0.6) * thick  # necks stand behind the panel
    top = low + rng.uniform(0.12, 0.45)
    kind = rng.choice(
        ["plate", "round", "vee", "bent", "arm", "bow"], p=[0.34, 0.28, 0.08, 0.12, 0.08, 0.10]
    )
    column = [slab((rear - thick / 2, 0, -neck / 2), (rear + thick / 2, top, neck / 2), 0.01)]
    column.append(slab((rear - thick / 2, low + 0.02, -neck / 2), (middle, top, neck / 2)))
    if kind == "plate":
        corner = rng.uniform(0, 0.5) * reach
        plan = rectangle(2 * reach, wide, corner, (rear + rng.uniform(0, 0.5) * reach, 0))
        foot = [prism("y", plan, 0, base, rounding=0.4 * base * rng.uniform(0, 1))]
    elif kind == "round":
        facts["has_round_foot"] = True
        r, center = 1.1 * reach, rear + rng.uniform(0, 0.4) * reach
        foot = [
            frustum(
                (center, 0, 0), (center, base, 0), r, rng.uniform(0.6, 1) * r, max(wide / 2 / r, 1)
            )
        ]
    elif kind == "vee":
        facts["num_legs"] = 0
        foot = mirrored(
            [rod((rear, base, 0), (rear + 1.6 * reach, 0.02, wide / 2), max(base, 0.03) / 2 + 0.01)]
        )
        foot.append(rod((rear, base, 0), (rear - 0.5 * reach, 0.02, 0), 0.03))
    elif kind == "bent":  # one bent sheet: down the back and forward along the table
        path = [
            (rear - 0.12, top),
            (rear - 0.14 - 0.2 * reach, 0.5 * low + 0.02),
            (rear - 0.1, 0.03),
            (rear + 1.5 * reach, 0.02),
        ]
        sheet = prism("z", band(path, 0.035), -neck / 2 - 0.05, neck / 2 + 0.05)
        return [
            Part(
                "stand",
                material,
                [sheet, slab((rear - 0.14, top - 0.05, -neck / 2), (middle, top, neck / 2))],
            )
        ]
    elif kind == "arm":
        return [
            Part(
                "stand",
                material,
                [
                    rod((rear - 0.35, 0, 0), (rear - 0.25, top, 0), 0.04),
                    rod((rear - 0.25, top, 0), (-0.9 * depth - 0.02, top, 0), 0.035),
                    frustum((rear - 0.3, 0, 0), (rear - 0.3, base + 0.02, 0), 0.7 * reach),
                ],
            )
        ]
    else:  # a bow that is flat on the ground
        foot = [
            prism(
                "y", band(arc(wide / 2, -75, 75, 9, (rear - 0.2 * wide, 0)), 0.09), 0, base + 0.01
            )
        ]
        foot.append(slab((rear - 0.04, 0, -neck / 2), (rear + 0.32 * wide, base + 0.01, neck / 2)))
    return [Part("stand", material, column + foot)]


def _tube(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A deep case whose back tapers, on a small swivelling foot or on nothing."""
    television = subtype == "tube TV"
    width = rng.uniform(1.05, 1.45) if television else rng.uniform(0.98, 1.22)
    lift = 0.0 if television and rng.random() < 0.7 else rng.uniform(0.05, 0.25)
    bezel = rng.uniform(0.06, 0.14)
    facts.update(bezel=bezel, has_tapered_back=True)
    case = _case(rng)
    chin = rng.uniform(0.0, 0.18)
    facts["screen_aspect"] = (width - 2 * bezel) / (1 - 2 * bezel - chin)
    front_depth = rng.uniform(0.12, 0.5) * depth  # before the back begins to taper
    corner = rng.uniform(0.0, 0.1)
    front = rectangle(width, 1, max(corner, 0.01), (0, lift + 0.5))
    middle = front.mean(0) + np.array([0, rng.uniform(-0.12, 0.05)])
    small = middle + (front - front.mean(0)) * [rng.uniform(0.45, 0.85), rng.uniform(0.45, 0.85)]
    small[:, 1] = small[:, 1].clip(lift)
    belly = (front + small) / 2 + (rng.uniform(0, 0.16) * (front - small))
    knee = -front_depth - rng.uniform(0.35, 0.6) * (depth - front_depth)
    body = [
        prism("x", front, -front_depth, 0, rounding=rng.uniform(0, 0.03)),
        loft("x", belly, front * 0.94 + 0.06 * front.mean(0), knee, -front_depth + 0.01),
        loft("x", small, belly, -depth, knee),
        slab((-0.9 * depth, lift + 0.25, -0.2 * width), (-0.1, lift + 0.7, 0.2 * width)),
    ]
    low, high = lift + bezel + chin, lift + 1 - bezel
    opening = slab((-0.02, low, bezel - width / 2), (0.1, high, width / 2 - bezel), 0.01)
    parts = [
        Part(
            "screen",
            SCREEN,
            [slab((-0.1, low, bezel - width / 2), (-0.012, high, width / 2 - bezel))],
        ),
        Part("case", case, body, [opening]),
    ]
    if chin > 0.06 or television:
        facts["num_buttons"] = count = int(rng.integers(2, 7))
        y = lift + bezel / 2 + 0.4 * chin
        row = [
            frustum((-0.02, y, z), (0.02, y, z), 0.018)
            for z in 0.4 * width - 0.08 * np.arange(count)
        ]
        parts.append(Part("buttons", metal(rng), row))
    if television and rng.random() < 0.25:
        facts["has_antenna"] = True
        foot = (-0.4 * front_depth - 0.05, lift + 0.99, 0.0)
        spread, tall = rng.uniform(0.25, 0.6), rng.uniform(0.3, 0.7)
        ears = mirrored([rod(foot, np.add(foot, (0, tall, spread)), 0.012)])
        parts.append(Part("antenna", metal(rng), [*ears, ellipsoid(foot, (0.09, 0.06, 0.09))]))
    if television and rng.random() < 0.25:
        facts["num_speakers"] = 2
        box_width = rng.uniform(0.1, 0.2)
        pair = [
            slab(
                (-front_depth, lift, width / 2 - 0.01),
                (-0.01, lift + 1, width / 2 + box_width),
                0.01,
            )
        ]
        parts.append(Part("speakers", plastic(rng), mirrored(pair)))
    if lift:
        facts["has_foot"] = True
        center = -rng.uniform(0.35, 0.5) * depth
        r = rng.uniform(0.25, 0.42) * min(width, depth)
        facts["neck_width"], facts["neck_height"] = 1.2 * r / width, lift
        facts["has_round_foot"] = bool(rng.random() < 0.5)
        neck = frustum((center, 0, 0), (center, lift + 0.1, 0), 0.6 * r)
        plate = frustum((center, 0, 0), (center, 0.4 * lift, 0), r, 0.9 * r)
        if not facts["has_round_foot"]:
            plate = slab((center - r, 0, -r), (center + r, 0.4 * lift, r), 0.02)
        parts.append(Part("stand", case, [neck, plate]))
    return parts


def _egg(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A computer in one with its tube, as of 1998: translucent, round at the back."""
    width, bezel = rng.uniform(0.95, 1.15), rng.uniform(0.10, 0.17)
    chin, lean = rng.uniform(0.12, 0.25), rng.uniform(0.0, 0.25)
    facts.update(
        screen_aspect=(width - 2 * bezel) / (1 - 2 * bezel - chin),
        bezel=bezel,
        has_tapered_back=True,
    )
    case = plastic(rng)
    stations = np.linspace(0, 1, 7) ** 0.8
    fullness = rng.uniform(1.8, 3.2)  # of the superellipse that the back follows
    sizes = (1 - (0.97 * stations) ** fullness) ** (1 / 2)
    rings = []
    for t, size in zip(stations, sizes, strict=True):
        low = 0.25 * (1 - size) * (1 - lean)  # the floor rises less than the top falls
        high = low + size * (1 - lean * t)
        rings.append(rectangle(width * size, high - low, 0.35 * size, (0, (low + high) / 2)))
    body = [
        loft("x", b, a, -depth * t2, -depth * t1)
        for a, b, t1, t2 in zip(rings[:-1], rings[1:], stations[:-1], stations[1:], strict=True)
    ]
    body += [ellipsoid((-0.45 * depth, 0.46, 0), (0.42 * depth, 0.38, 0.4 * width))]
    body += [slab((-0.6 * depth, 0, -0.3 * width), (-0.1 * depth, 0.2, 0.3 * width), 0.05)]
    glass = slab(
        (-0.1, bezel + chin, bezel - width / 2), (0.012, 1 - bezel, width / 2 - bezel), 0.01
    )
    parts = [Part("case", case, body), Part("screen", SCREEN, [glass])]
    facts["num_speakers"] = 2
    y, z, r = bezel + 0.35 * chin, 0.3 * width, rng.uniform(0.05, 0.08)
    parts.append(
        Part(
            "speakers",
            Material("grey plastic", COLORS["grey"], 0.3),
            mirrored([frustum((-0.03, y, z), (0.015, y, z), r)]),
        )
    )
    return parts


def _laptop(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A keyboard half that lies, and a screen half that leans back from the hinge."""
    width = rng.uniform(1.3, 1.65)
    case = _case(rng)
    base, tilt = rng.uniform(0.03, 0.08), rng.uniform(0, 35)
    parts = _panel(rng, width, depth, rng.uniform(0.03, 0.08), 0.0, facts, case=case)
    for part in parts:
        part.solids = moved(turned(part.solids, "z", tilt), (0, 0.8 * base, 0))
        part.carves = moved(turned(part.carves, "z", tilt), (0, 0.8 * base, 0))
    facts.update(has_keyboard=True, tilt=float(tilt))
    low = slab((-0.04, 0, -width / 2), (1.0, base, width / 2), 0.01)
    rows, columns = 4, 11
    pitch, depth_key = 0.86 * width / columns, 0.1
    keys = [
        box(
            (0.2 + i * depth_key, base, (k - (columns - 1) / 2) * pitch),
            (0.8 * depth_key, 0.014, 0.8 * pitch),
        )
        for i in range(rows)
        for k in range(columns)
    ]
    pad = slab((0.68, base - 0.01, -0.16), (0.92, base + 0.004, 0.16))
    return [
        *parts,
        Part("base", case, [low]),
        Part("keys", Material("black plastic", COLORS["black"], 0.3), keys),
        Part("touchpad", metal(rng), [pad]),
    ]


def _big_box(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A tall floor-standing set: the picture above, a loudspeaker front below."""
    width, skirt = rng.uniform(1.15, 1.7), rng.uniform(0.15, 0.6)
    case = _case(rng)
    parts = _panel(rng, width, 0.12, rng.uniform(0.03, 0.08), skirt, facts, case=case)
    taper = rng.uniform(0.45, 0.95)
    side = [
        (-0.02, 0),
        (-0.02, skirt + 0.98),
        (-0.3 * depth, skirt + 0.98),
        (-depth, skirt + taper),
        (-depth, 0),
    ]
    facts["has_tapered_back"] = taper < 0.8
    narrow = rng.uniform(0.6, 1.0)
    back = (
        mirrored([prism("z", side, 0, width / 2 * 0.99)])
        if narrow > 0.9
        else [
            loft(
                "x",
                rectangle(width * narrow, skirt + taper, 0, (0, (skirt + taper) / 2)),
                rectangle(width * 0.99, skirt + 0.98, 0, (0, (skirt + 0.98) / 2)),
                -depth,
                -0.02,
            )
        ]
    )
    grille = slab((-0.05, 0.04, -0.46 * width), (0.005, skirt - 0.02, 0.46 * width))
    parts[1].solids += [*back, slab((-0.12, 0, -width / 2), (-0.01, skirt + 0.02, width / 2))]
    return [*parts, Part("speaker grille", fabric(rng), [grille])]


def _console(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A wooden cabinet on legs, the tube to one side of knobs and a loudspeaker, or above."""
    width, legs = rng.uniform(1.1, 1.8), rng.uniform(0.15, 0.55)
    timber = wood(rng) if rng.random() < 0.8 else _case(rng)
    cabinet = slab((-depth, legs, -width / 2), (0, legs + 1, width / 2), rng.uniform(0, 0.05))
    side = rng.uniform(0.2, 0.3) * width  # of the strip of knobs, at +z
    left, right = -0.46 * width, 0.5 * width - side
    low, high = legs + 0.1, legs + 0.9
    facts.update(screen_aspect=(right - left) / (high - low), bezel=0.1, num_legs=4)
    glass = slab((-0.1, low, left), (0.02, high, right), 0.015)
    facts["num_buttons"] = count = int(rng.integers(2, 5))
    z = 0.5 * width - side / 2
    knobs = [
        frustum((-0.02, y, z), (0.05, y, z), 0.055)
        for y in np.linspace(high - 0.08, high - 0.14 * count, count)
    ]
    grille = slab(
        (-0.03, low, right + 0.03), (0.01, high - 0.14 * count - 0.08, 0.5 * width - 0.04)
    )
    feet = moved(
        four_legs(
            str(rng.choice(["round", "tapered", "square"])),
            depth / 2 - 0.08,
            width / 2 - 0.1,
            legs + 0.01,
            0.07,
            rng.uniform(1.0, 1.15),
        ),
        (-depth / 2, 0, 0),
    )
    parts = [
        Part("cabinet", timber, [cabinet]),
        Part("screen", SCREEN, [glass]),
        Part("legs", timber, feet),
    ]
    parts += [Part("knobs", metal(rng), knobs), Part("speaker grille", fabric(rng), [grille])]
    if rng.random() < 0.4:
        facts["has_antenna"] = True
        foot = (-depth / 2, legs + 1, 0)
        tip = np.add(foot, (0, rng.uniform(0.3, 0.6), rng.uniform(0.2, 0.5)))
        ears = mirrored([rod(foot, tip, 0.014)])
        parts.append(Part("antenna", metal(rng), [*ears, ellipsoid(foot, (0.1, 0.06, 0.1))]))
    return parts


def _sign(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """An upright screen at eye level: a totem, or a panel on a post."""
    width, bezel = rng.uniform(0.5, 0.7), rng.uniform(0.03, 0.08)
    case = _case(rng)
    lift = rng.uniform(0.1, 1.0)
    parts = _panel(rng, width, depth, bezel, lift, facts, case=case)
    facts.update(has_foot=True, neck_height=lift)
    base = rng.uniform(0.02, 0.06)
    reach = rng.uniform(0.15, 0.3)
    middle = -depth / 2
    if rng.random() < 0.5:  # a totem
        facts["neck_width"] = 1.0
        post = slab((-depth, 0, -width / 2), (0, lift + 0.02, width / 2), 0.005)
    else:
        neck = rng.uniform(0.08, 0.3) * width
        facts["neck_width"] = neck / width
        post = slab((middle - 0.03, 0, -neck / 2), (middle + 0.03, lift + 0.1, neck / 2))
    foot = slab(
        (middle - reach, 0, -rng.uniform(0.4, 0.7) * width),
        (middle + reach, base, rng.uniform(0.4, 0.7) * width),
    )
    return [*parts, Part("stand", case, [post, foot])]


def _touch_panel(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A small screen that lies back on a block, or on a post with a foot."""
    width, tilt = rng.uniform(1.1, 1.6), rng.uniform(15, 60)
    case = _case(rng)
    parts = _panel(rng, width, depth, rng.uniform(0.04, 0.1), 0.0, facts, case=case)
    lift = rng.uniform(0.15, 1.2) if rng.random() < 0.7 else 0.1
    for part in parts:
        part.solids = turned(moved(part.solids, (0, lift, 0)), "z", tilt, (0, lift, 0))
        part.carves = turned(moved(part.carves, (0, lift, 0)), "z", tilt, (0, lift, 0))
    lean = np.deg2rad(tilt)
    x = -0.45 * np.sin(lean) - depth * np.cos(lean) / 2  # the panel's middle is above it

    def under(at: float) -> tuple[float, float]:  # a point in the panel's middle plane
        return at, max(lift + 0.45 * np.cos(lean) + (x - at) / np.tan(lean), 0.02)

    neck = rng.uniform(0.15, 0.5) * width
    facts.update(tilt=float(tilt), has_foot=True, neck_width=neck / width, neck_height=lift)
    side = [(x - 0.08, 0), (x + 0.08, 0), under(x + 0.08), under(x - 0.08)]
    post = prism("z", side, -neck / 2, neck / 2)
    half = rng.uniform(0.35, 0.55) * width
    foot = prism(
        "y",
        rectangle(rng.uniform(0.5, 0.9), 2 * half, 0.06, (x + 0.1, 0)),
        0,
        rng.uniform(0.03, 0.1),
    )
    return [*parts, Part("stand", case, [post, foot])]


def _projection_screen(rng, subtype: str, depth: float, facts: dict) -> list[Part]:
    """A white cloth between a case and a bar, on a tripod or hanging from the wall."""
    width = rng.uniform(0.95, 1.8)
    cloth = Material("white fabric", COLORS["white"], 0.1)
    facts.update(screen_aspect=width, bezel=0.02)
    stands = rng.random() < 0.65
    lift = rng.uniform(0.35, 0.7) if stands else 0.0
    sheet = slab((-0.01, lift, -width / 2), (0.01, lift + 1, width / 2))
    border = [
        slab((-0.012, y, -width / 2), (0.014, y + 0.025, width / 2)) for y in (lift, lift + 0.97)
    ]
    tube_y = lift if stands and rng.random() < 0.5 else lift + 1
    roll = frustum(
        (-0.01, tube_y, -width / 2 - 0.04),
        (-0.01, tube_y, width / 2 + 0.04),
        rng.uniform(0.03, 0.06),
    )
    parts = [
        Part("screen", cloth, [sheet]),
        Part("border", Material("black", COLORS["black"], 0.2), border),
    ]
    steel = Material("steel", BARE_METALS["steel"], 0.7)
    frame = [roll]
    if stands:
        facts["num_legs"], reach = 3, rng.uniform(0.35, 0.55)
        hub = (-0.05, rng.uniform(0.6, 0.9) * lift, 0)
        frame.append(rod((-0.05, 0.5 * lift, 0), (-0.03, lift + 1, 0), 0.025))
        tips = [
            (reach * np.cos(a) - 0.05, 0.02, reach * np.sin(a)) for a in np.deg2rad([60, 180, 300])
        ]
        frame += [s for tip in tips for s in tube([hub, tip], 0.022)]
    return [*parts, Part("frame", steel, frame)]
