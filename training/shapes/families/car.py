"""Cars and what else drives on roads: sedans to supercars, vans, buses, trucks, racers."""

from __future__ import annotations

import numpy as np

from training.shapes.captions import adjective, detail
from training.shapes.materials import (
    COLORS,
    GLASS,
    RUBBER,
    Material,
    metal,
    paint,
)
from training.shapes.operators import mirrored
from training.shapes.part import Part
from training.shapes.parts.cars.heavy_vehicles import bus, truck
from training.shapes.parts.cars.special_cars import racer, vintage
from training.shapes.parts.cars.vehicles import (
    Cabin,
    hull,
    lamps_and_bumpers,
    open_cabin,
    plank,
    running_gear,
)
from training.shapes.parts.ranges import chosen_subtype
from training.shapes.shape import Shape
from training.shapes.solids import Solid, box, frustum, rod, slab

# Ranges as shares of the length, if nothing else is said.
COMMON = {
    "width": (0.37, 0.43),
    "height": (0.29, 0.34),
    "bonnet": (0.23, 0.31),  # from the nose to the foot of the windscreen
    "boot": (0.10, 0.19),  # from the tail to the foot of the rear window
    "screen": (0.09, 0.16),  # the horizontal run of the windscreen
    "rear": (0.07, 0.15),  # and of the rear window
    "belt": (0.58, 0.68),  # height of the window sills over the height
    "nose": (0.76, 0.96),  # height of the nose over that of the sills
    "tail": (0.84, 1.02),  # height of the tail likewise
    "wheel": (0.064, 0.078),  # radius
    "clearance": (0.11, 0.19),  # over the height
    "square": (0.0, 0.5),  # 0 bulging sides, 1 a box
    "tumble": (0.72, 0.88),  # width of the roof over that at the sills
    "inset": (0.86, 0.97),  # width at the sills over the greatest width
    "bulge": (0.0, 0.5),  # of the screens
    "crown": (0.4, 0.95),  # how soon the bonnet reaches the height of the sills
    "round": (0.76, 0.95),  # width of nose and tail over the greatest width
    "overhang": (0.15, 0.21),  # from the nose to the front axle
    "body": (1.0, 1.0),  # width of the body over that of the track
    "windows": (2, 3),  # on each side
}
HATCH = {"boot": (0.0, 0.03), "rear": (0.04, 0.13), "tail": (0.96, 1.03)}
BOXY = {"square": (0.5, 0.95), "tumble": (0.85, 0.98), "inset": (0.95, 1.0), "round": (0.88, 0.98)}
LOW = {
    "wheel": (0.066, 0.082),
    "windows": (1, 1),
    "bonnet": (0.28, 0.38),
    "clearance": (0.08, 0.15),
    "bulge": (0.1, 0.7),
    "tumble": (0.62, 0.82),
}
SUBTYPES = {  # share, then ranges that differ from the common ones
    "sedan": {"share": 0.13},
    "hatchback": {
        **HATCH,
        "share": 0.08,
        "width": (0.40, 0.48),
        "height": (0.33, 0.43),
        "wheel": (0.07, 0.086),
    },
    "estate car": {**HATCH, "share": 0.05, "rear": (0.02, 0.07), "windows": (3, 3)},
    "SUV": {
        **HATCH,
        "share": 0.08,
        "width": (0.38, 0.46),
        "height": (0.35, 0.45),
        "wheel": (0.076, 0.094),
        "clearance": (0.16, 0.24),
        "rear": (0.02, 0.08),
        "square": (0.1, 0.8),
    },
    "coupe": {
        **LOW,
        "share": 0.08,
        "height": (0.25, 0.31),
        "boot": (0.07, 0.16),
        "rear": (0.12, 0.22),
        "bonnet": (0.26, 0.36),
    },
    "sports car": {
        **LOW,
        "share": 0.11,
        "width": (0.40, 0.48),
        "height": (0.22, 0.29),
        "boot": (0.02, 0.20),
        "rear": (0.14, 0.32),
        "screen": (0.13, 0.20),
        "nose": (0.60, 0.84),
        "bonnet": (0.22, 0.40),
    },
    "convertible": {
        **LOW,
        "share": 0.07,
        "width": (0.38, 0.46),
        "height": (0.25, 0.32),
        "boot": (0.14, 0.24),
    },
    "minivan": {
        **HATCH,
        "share": 0.05,
        "height": (0.34, 0.42),
        "bonnet": (0.13, 0.20),
        "screen": (0.12, 0.19),
        "windows": (3, 3),
    },
    "van": {
        **BOXY,
        "share": 0.05,
        "width": (0.32, 0.42),
        "height": (0.34, 0.50),
        "bonnet": (0.03, 0.17),
        "screen": (0.05, 0.14),
        "boot": (0.0, 0.01),
        "rear": (0.0, 0.03),
        "belt": (0.42, 0.55),
        "windows": (1, 4),
    },
    "pick-up truck": {
        **BOXY,
        "share": 0.06,
        "width": (0.33, 0.42),
        "height": (0.29, 0.40),
        "boot": (0.33, 0.48),
        "rear": (0.01, 0.04),
        "screen": (0.06, 0.11),
        "wheel": (0.07, 0.09),
        "bonnet": (0.20, 0.28),
        "clearance": (0.17, 0.27),
        "windows": (1, 2),
    },
    "jeep": {
        **BOXY,
        "share": 0.04,
        "width": (0.40, 0.52),
        "height": (0.40, 0.54),
        "boot": (0.02, 0.05),
        "rear": (0.0, 0.02),
        "screen": (0.01, 0.06),
        "wheel": (0.09, 0.115),
        "clearance": (0.2, 0.28),
        "body": (0.72, 1.1),
        "nose": (0.85, 0.98),
    },
    "round car": {
        "share": 0.04,
        "width": (0.39, 0.50),
        "height": (0.35, 0.46),
        "boot": (0.02, 0.10),
        "rear": (0.18, 0.30),
        "screen": (0.12, 0.20),
        "nose": (0.72, 0.90),
        "tail": (0.62, 0.85),
        "bulge": (0.7, 1.3),
        "crown": (0.8, 1.15),
        "tumble": (0.62, 0.78),
        "round": (0.5, 0.7),
        "windows": (1, 2),
        "wheel": (0.075, 0.09),
    },
    "limousine": {
        "share": 0.02,
        "width": (0.23, 0.31),
        "height": (0.17, 0.24),
        "bonnet": (0.15, 0.22),
        "boot": (0.08, 0.13),
        "screen": (0.06, 0.09),
        "rear": (0.03, 0.07),
        "wheel": (0.042, 0.054),
        "overhang": (0.10, 0.14),
        "windows": (4, 7),
    },
    "ambulance": {
        **BOXY,
        "share": 0.02,
        "width": (0.34, 0.42),
        "height": (0.40, 0.50),
        "bonnet": (0.08, 0.20),
        "screen": (0.06, 0.12),
        "boot": (0.0, 0.01),
        "rear": (0.0, 0.01),
        "belt": (0.45, 0.55),
        "windows": (1, 1),
    },
    "vintage car": {"share": 0.04},
    "formula racer": {"share": 0.04},
    "bus": {"share": 0.03, "width": (0.20, 0.32), "height": (0.24, 0.36)},
    "double-decker bus": {"share": 0.01, "width": (0.22, 0.30), "height": (0.37, 0.48)},
    "box truck": {"share": 0.02, "width": (0.24, 0.36), "height": (0.32, 0.48)},
    "semi-trailer truck": {"share": 0.03, "width": (0.15, 0.21), "height": (0.22, 0.29)},
    "tractor unit": {"share": 0.01, "width": (0.36, 0.46), "height": (0.44, 0.60)},
    "dump truck": {"share": 0.01, "width": (0.30, 0.44), "height": (0.34, 0.50)},
    "fire engine": {"share": 0.02, "width": (0.26, 0.36), "height": (0.32, 0.44)},
}
SYNONYMS = {
    "sedan": ("saloon", "four-door car", "family car"),
    "hatchback": ("small car", "city car", "compact car"),
    "estate car": ("station wagon", "wagon"),
    "SUV": ("sport utility vehicle", "crossover", "four by four"),
    "coupe": ("two-door car", "muscle car"),
    "sports car": ("supercar", "race car"),
    "convertible": ("cabriolet", "roadster", "open car"),
    "minivan": ("people carrier", "MPV"),
    "van": ("delivery van", "minibus"),
    "pick-up truck": ("pickup", "truck"),
    "jeep": ("off-roader", "off-road vehicle"),
    "round car": ("beetle", "bubble car"),
    "limousine": ("limo", "stretch limousine"),
    "vintage car": ("classic car", "old-timer", "antique car"),
    "formula racer": ("formula one car", "racing car", "open-wheel racer"),
    "bus": ("coach", "city bus"),
    "double-decker bus": ("double-decker",),
    "box truck": ("lorry", "delivery truck"),
    "semi-trailer truck": ("semi", "articulated lorry", "truck with trailer"),
    "tractor unit": ("semi truck", "lorry"),
    "dump truck": ("tipper", "tipper truck"),
    "fire engine": ("fire truck",),
}
CLAIMS = (
    adjective(("low", "flat"), lambda f: f["height_to_length"] < 0.28),
    adjective(("tall", "high"), lambda f: f["height_to_length"] > 0.40),
    adjective(("wide", "broad"), lambda f: f["width_to_length"] > 0.46),
    adjective(("narrow", "slim"), lambda f: f["width_to_length"] < 0.30),
    adjective("open-top", lambda f: f["open_top"]),
    detail(("{num_wheels:wheel}", "{num_wheels:round wheel}"), lambda f: True),
    detail("{num_axles:axle}", lambda f: f["num_axles"] > 2),
    detail(
        ("{num_side_windows:window} on each side", "{num_side_windows:side window} a side"),
        lambda f: f["num_side_windows"] > 0,
    ),
    detail("{num_seats:seat}", lambda f: f["num_seats"] > 0),
    detail(("an open top", "no roof", "an open cabin"), lambda f: f["open_top"]),
    detail(("a long bonnet", "a long hood"), lambda f: f["bonnet_share"] > 0.30),
    detail(("a short bonnet", "a short hood"), lambda f: 0.02 < f["bonnet_share"] < 0.17),
    detail(("a flat front", "no bonnet"), lambda f: f["bonnet_share"] == 0),
    detail(("big wheels", "large wheels"), lambda f: f["wheel_size"] > 0.165),
    detail("small wheels", lambda f: f["wheel_size"] < 0.11),
    detail(("a rear spoiler", "a spoiler on the boot"), lambda f: f["has_spoiler"]),
    detail(("a roof rack", "rails on the roof"), lambda f: f["has_roof_rack"]),
    detail(("wing mirrors", "side mirrors"), lambda f: f["has_mirrors"]),
    detail(("a light bar on the roof", "warning lights"), lambda f: f["has_light_bar"]),
    detail(("an open cargo bed", "a loading bed"), lambda f: f["has_bed"]),
    detail(("a spare wheel at the back", "a spare tyre"), lambda f: f["has_spare_wheel"]),
    detail(("a ladder on top", "a ladder"), lambda f: f["has_ladder"]),
    detail(("a long trailer", "a trailer"), lambda f: f["has_trailer"]),
    detail("running boards", lambda f: f["has_running_boards"]),
    detail(("separate wings", "separate mudguards"), lambda f: f["has_separate_wings"]),
    detail(("a canopy over the seats", "open sides"), lambda f: f["has_canopy"]),
    detail("a sloping windscreen", lambda f: f["windscreen_slant"] > 0.12),
)
FACTS = {  # of a shape that has none of it
    "num_axles": 2,
    "num_side_windows": 0,
    "num_seats": 0,
    "bonnet_share": 0.0,
    "boot_share": 0.0,
    "windscreen_slant": 0.0,
    "open_top": False,
    "has_spoiler": False,
    "has_roof_rack": False,
    "has_mirrors": False,
    "has_light_bar": False,
    "has_bed": False,
    "has_spare_wheel": False,
    "has_ladder": False,
    "has_trailer": False,
    "has_running_boards": False,
    "has_separate_wings": False,
    "has_canopy": False,
}


def make(rng: np.random.Generator) -> Shape:
    """Draw a car, its front towards +x."""
    subtype = chosen_subtype(rng, SUBTYPES)
    ranges = {**COMMON, **SUBTYPES[subtype]}
    ranges.pop("share")
    p = {name: rng.uniform(*span) for name, span in ranges.items()}
    p["windows"] = int(rng.integers(ranges["windows"][0], ranges["windows"][1] + 1))
    special = {
        "vintage car": vintage,
        "formula racer": racer,
        "bus": bus,
        "double-decker bus": bus,
    }
    trucks = ("box truck", "semi-trailer truck", "tractor unit", "dump truck", "fire engine")
    build = special.get(subtype, truck if subtype in trucks else _car)
    parts, facts = build(rng, subtype, p)
    parts = [part for part in parts if part.solids]
    facts = {**FACTS, **facts}
    facts["num_wheels"] = 2 * facts["num_axles"]
    shape = Shape("car", subtype, parts, facts)
    low, high = shape.bounds()
    length, height, width = high - low
    facts["height_to_length"] = float(height / length)
    facts["width_to_length"] = float(width / length)
    facts["wheel_size"] = 2 * facts.pop("wheel") / float(length)
    facts["clearance"] = facts.pop("ground") / float(height)
    return shape


def _car(rng, subtype: str, p: dict) -> tuple[list[Part], dict]:
    """Everything with a bonnet, a cabin and perhaps a boot or a bed."""
    track, height = p["width"] / 2, p["height"]
    half = track * min(p["body"], 1.0)
    belt, ground = p["belt"] * height, p["clearance"] * height
    radius = min(p["wheel"], 0.36 * height, 0.46 * p["nose"] * belt)
    nose, tail = p["nose"] * belt, p["tail"] * belt
    foot = (p["boot"] - 0.5, 0.5 - p["bonnet"])
    roof = (foot[0] + p["rear"], foot[1] - p["screen"])
    if roof[1] - roof[0] < 0.16:  # a roof needs some length
        roof = (min(roof[0], foot[1] - p["screen"] - 0.16), roof[1])
    cabin = Cabin(foot, roof, belt, height, half * p["inset"], p["tumble"], p["bulge"])
    color = paint(rng, gloss=0.8)
    body = Part("body", color, _body(rng, p, half, ground, belt, (tail, nose), foot))
    open_top = subtype == "convertible" or (subtype == "jeep" and rng.random() < 0.5)
    facts = {
        **FACTS,
        "bonnet_share": p["bonnet"],
        "boot_share": p["boot"],
        "windscreen_slant": p["screen"],
        "open_top": open_top,
        "wheel": radius,
        "ground": ground,
    }
    parts = [body]
    if open_top:
        canopy = subtype == "jeep" and rng.random() < 0.4
        facts["open_top"] = not canopy
        parts += open_cabin(rng, cabin, body, ground, facts, canopy)
    else:
        low, high = rng.uniform(0.04, 0.16), rng.uniform(0.78, 0.86)
        span = (0.05, 0.95)
        if subtype in ("ambulance", "van") and p["windows"] == 1:  # no glass along the load
            span = (rng.uniform(0.68, 0.76), 0.96)
        facts["num_side_windows"] = p["windows"]
        roof_paint = paint(rng, 0.8) if rng.random() < 0.08 else color
        panes, pillars = cabin.windows(p["windows"], low, high, span)
        panes += cabin.screens(low, high)
        parts += [Part("roof", roof_paint, cabin.body()), Part("windows", GLASS, panes, pillars)]
    if subtype == "pick-up truck":
        facts["has_bed"] = True
        depth = rng.uniform(0.35, 0.6) * (tail - ground)
        end = (foot[0] - 0.012, -0.5 + rng.uniform(0.02, 0.04))
        body.carves.append(plank(end[::-1], tail - depth, belt + 0.2, 0.86 * half))
    axles = (0.5 - p["overhang"], -0.5 + p["overhang"] + rng.uniform(-0.02, 0.06))
    axles = (max(axles[0], foot[1] - 0.02) if p["bonnet"] > 0.1 else axles[0], axles[1])
    parts += running_gear(rng, body, axles, radius, track)
    if half < 0.95 * track:  # wheels outside the body, under wings of their own
        facts["has_separate_wings"] = True
        flat, reach = 2 * radius, 1.3 * radius
        wings = [
            slab((x - reach, flat, 0.8 * half), (x + reach, flat + 0.025, track), 0.008)
            for x in axles
        ]
        parts.append(Part("wings", color, mirrored(wings)))
    parts += lamps_and_bumpers(rng, half * p["round"], ground, nose, tail)
    parts += _extras(rng, subtype, cabin, color, (half, belt, tail, radius), facts)
    return parts, facts


def _body(rng, p, half, ground, belt, ends, foot) -> list[Solid]:
    """The painted body below the windows, from the tail to the nose."""
    tail, nose = ends
    rise = rng.uniform(0.1, 0.4)  # of the bumpers' lower edge
    blunt = rng.uniform(0.82, 0.98)  # height of the very end over that behind it
    run = 0.5 - foot[1]
    mid = (foot[1] + 0.45 * run, 0.98 * half, ground, nose + p["crown"] * (belt - nose))
    stations = [
        (-0.5, half * p["round"], ground + rise * (tail - ground), tail * blunt),
        (-0.5 + 0.035, half * (1 + p["round"]) / 2, ground, tail),
        (min(max(foot[0], -0.42), foot[1] - 0.2), half, ground, belt if foot[0] < -0.3 else tail),
        (foot[1] - 0.01, half, ground, belt),
        mid,
        (0.5 - min(0.05, 0.3 * run), half * (1 + p["round"]) / 2, ground, nose),
        (0.5, half * p["round"], ground + rise * (nose - ground), nose * blunt),
    ]
    return hull(stations, p["square"])


def _extras(rng, subtype: str, cabin: Cabin, color: Material, sizes, facts: dict) -> list[Part]:
    """What is bolted on: mirrors, spoiler, roof rack, spare wheel, warning lights."""
    half, belt, tail, radius = sizes
    parts = []
    if rng.random() < 0.6:
        facts["has_mirrors"] = True
        reach = rng.uniform(0.01, 0.04)
        x, size = (
            cabin.foot[1] - rng.uniform(0.03, 0.07),
            (0.025, 0.03, 0.4 * half * 0.2 + 2 * reach),
        )
        parts.append(Part("mirrors", color, mirrored([box((x, belt + 0.012, half), size, 0.01)])))
    spoiled = {"sports car": 0.45, "coupe": 0.3, "hatchback": 0.15, "sedan": 0.08}
    if rng.random() < spoiled.get(subtype, 0):
        facts["has_spoiler"] = True
        rear = cabin.height if subtype == "hatchback" else tail
        x = cabin.roof[0] if subtype == "hatchback" else -0.47
        y = rear + (0.0 if subtype == "hatchback" else rng.uniform(0.02, 0.08))
        wing = box(
            (x - 0.01, y, 0), (rng.uniform(0.05, 0.09), 0.014, half * rng.uniform(1.3, 1.9)), 0.005
        )
        posts = mirrored([slab((x, 0.7 * rear, 0.5 * half), (x + 0.03, y, 0.56 * half))])
        parts.append(Part("spoiler", color, [wing, *posts]))
    if not facts["num_seats"] and rng.random() < {
        "SUV": 0.4,
        "estate car": 0.35,
        "minivan": 0.25,
        "van": 0.15,
    }.get(subtype, 0):
        facts["has_roof_rack"] = True
        back, front = cabin.roof[0] + 0.02, cabin.roof[1] - 0.03
        z, y = 0.6 * cabin.half * cabin.tumble, cabin.height + 0.018
        rails = mirrored([rod((back, y, z), (front, y, z), 0.008)])
        feet = [
            slab((x, y - 0.04, -z), (x + 0.012, y, z)) for x in np.linspace(back, front - 0.012, 3)
        ]
        parts.append(Part("luggage rack", metal(rng), rails + feet))
    if subtype == "ambulance" or (subtype in ("sedan", "van", "SUV") and rng.random() < 0.06):
        facts["has_light_bar"] = True
        x = cabin.roof[1] - rng.uniform(0.02, 0.1)
        bar = box((x, cabin.height + 0.01, 0), (0.05, 0.045, half * rng.uniform(0.8, 1.3)), 0.01)
        name = str(rng.choice(["blue", "red"]))
        parts.append(Part("light bar", Material(name, COLORS[name], 0.8), [bar]))
    if subtype in ("jeep", "SUV") and rng.random() < (0.7 if subtype == "jeep" else 0.1):
        facts["has_spare_wheel"] = True
        y = max(0.75 * tail, 1.02 * radius)
        spare = frustum((-0.53, y, 0), (-0.48, y, 0), 0.95 * radius)
        parts.append(Part("spare wheel", RUBBER, [spare]))
    return parts
