"""Cars: sedan, hatchback, estate, SUV, van, pick-up, sports car, bus, truck."""

from __future__ import annotations

import numpy as np

from training.shapes.captions import comparative, count, describe
from training.shapes.materials import CHROME, GLASS, RUBBER, Material, paint
from training.shapes.shape import Part, Shape
from training.shapes.solids import box, frustum, mirrored, prism

# Sub-type: share, length, height, bonnet share of length, boot share, windscreen and rear slant
# (as shares of length), belt height (share of height). Ranges; lengths in metres.
SUBTYPES = {
    "sedan": (
        0.20,
        (4.3, 5.0),
        (1.38, 1.50),
        (0.23, 0.30),
        (0.12, 0.20),
        (0.10, 0.16),
        (0.08, 0.14),
    ),
    "hatchback": (
        0.14,
        (3.6, 4.3),
        (1.42, 1.58),
        (0.20, 0.27),
        (0.01, 0.04),
        (0.10, 0.16),
        (0.05, 0.12),
    ),
    "estate car": (
        0.10,
        (4.4, 5.0),
        (1.42, 1.55),
        (0.22, 0.28),
        (0.00, 0.02),
        (0.10, 0.15),
        (0.03, 0.07),
    ),
    "SUV": (0.14, (4.2, 5.0), (1.62, 1.90), (0.20, 0.27), (0.00, 0.02), (0.06, 0.12), (0.02, 0.06)),
    "van": (0.10, (4.4, 5.8), (1.85, 2.5), (0.06, 0.16), (0.0, 0.01), (0.07, 0.14), (0.0, 0.03)),
    "pick-up truck": (
        0.08,
        (4.8, 5.6),
        (1.65, 1.85),
        (0.20, 0.27),
        (0.34, 0.44),
        (0.07, 0.11),
        (0.01, 0.04),
    ),
    "sports car": (
        0.14,
        (3.9, 4.7),
        (1.12, 1.32),
        (0.28, 0.38),
        (0.08, 0.16),
        (0.12, 0.17),
        (0.12, 0.22),
    ),
    "bus": (0.06, (8.0, 11.5), (2.6, 3.2), (0.0, 0.01), (0.0, 0.01), (0.01, 0.04), (0.0, 0.02)),
    "jeep": (0.04, (3.4, 4.1), (1.65, 1.90), (0.26, 0.34), (0.00, 0.02), (0.02, 0.05), (0.0, 0.02)),
}


def make(rng: np.random.Generator) -> Shape:
    """Draw a car, its front towards +x."""
    subtype = str(rng.choice(list(SUBTYPES), p=[entry[0] for entry in SUBTYPES.values()]))
    _, *ranges = SUBTYPES[subtype]
    length, height, bonnet, boot, screen, rear = (rng.uniform(*r) for r in ranges)
    heavy = subtype in ("bus", "van")
    width = height * 0.8 if subtype == "bus" else rng.uniform(1.65, 1.95) if not heavy else 1.9
    clearance = height * rng.uniform(0.09, 0.15) * (1.5 if subtype in ("SUV", "jeep") else 1.0)
    belt = height * (rng.uniform(0.36, 0.46) if heavy else rng.uniform(0.56, 0.66))
    nose = belt * rng.uniform(0.72, 0.97)
    tail = belt * rng.uniform(0.85, 1.02)
    wheel = (0.42 if subtype == "bus" else rng.uniform(0.29, 0.36)) * (
        1.15 if subtype in ("SUV", "jeep") else 1
    )

    front, back = length / 2, -length / 2
    screen_foot, rear_foot = front - bonnet * length, back + boot * length
    bump = rng.uniform(0.01, 0.05) * length
    side = [
        (back + bump * 0.6, clearance),
        (front - bump, clearance),
        (front, clearance + 0.4 * (nose - clearance)),
        (front - bump * 0.5, nose),
        (screen_foot, belt),
        (rear_foot, belt),
        (back + bump * 0.3, tail),
        (back, clearance + 0.4 * (tail - clearance)),
    ]
    body_paint = paint(rng, gloss=0.8)
    half = width / 2
    # A mid plane wider than the sills, as car sides bulge: two tapered halves.
    lower = mirrored(
        [prism("z", side, 0.0, half, scale=(1.0, rng.uniform(0.95, 0.985)), rounding=0.05)]
    )
    roof_front, roof_back = screen_foot - screen * length, rear_foot + rear * length
    roof_front = max(roof_front, roof_back + 0.12 * length)
    crown = rng.uniform(0.93, 0.985) * height
    cabin = [
        (screen_foot + 0.02 * length, belt - 0.03),
        (roof_front, crown),
        (0.5 * (roof_front + roof_back), height),
        (roof_back, crown),
        (rear_foot - 0.01 * length, belt - 0.03),
    ]
    inset = rng.uniform(0.86, 0.95) if not heavy else rng.uniform(0.96, 1.0)
    open_top = subtype in ("sports car", "jeep") and rng.random() < 0.3
    parts = [Part("body", body_paint, lower)]
    tumble = rng.uniform(0.86, 0.96)
    glasshouse = mirrored([prism("z", cabin, 0, half * inset, scale=(1, tumble), rounding=0.04)])
    if open_top:
        lip = [(screen_foot, belt - 0.02), (screen_foot - 0.03 * length, belt - 0.02)]
        lip += [(roof_front, crown - 0.05), (roof_front + 0.03 * length, crown - 0.05)]
        parts.append(Part("windscreen", GLASS, [prism("z", lip, -half * 0.85, half * 0.85)]))
        seats = mirrored(
            [box((rear_foot * 0.3, belt + 0.08, half * 0.4), (0.16, 0.34, half * 0.6), 0.05)]
        )
        parts.append(Part("seats", RUBBER, seats))
        pit_length = max(0.5, (screen_foot - rear_foot) * 0.8)
        middle = (screen_foot + rear_foot) / 2
        parts[0].carves.append(box((middle, belt, 0), (pit_length, 0.5 * belt, half * 1.6), 0.05))
    else:
        parts.append(Part("cabin", body_paint, glasshouse))
        parts.append(Part("windows", GLASS, _windows(cabin, belt, height, half * inset, heavy)))
    if subtype == "pick-up truck":
        bed = (back + 0.06 * length, rear_foot - 0.03 * length)
        depth = 0.42 * belt
        parts[0].carves.append(
            box(((bed[0] + bed[1]) / 2, belt, 0), (bed[1] - bed[0], 2 * depth, half * 1.75))
        )
    num_axles = 3 if subtype == "bus" and rng.random() < 0.3 else 2
    parts += _wheels(rng, length, half, wheel, num_axles, parts[0])
    extras = _extras(
        rng,
        subtype,
        parts,
        body_paint,
        (front, back, half),
        (height, belt, nose),
        (roof_back, roof_front),
    )

    facts = {
        "num_wheels": 2 * num_axles,
        "height_to_length": height / length,
        "width_to_length": width / length,
        "bonnet_share": bonnet,
        "boot_share": boot,
        "wheel_size": 2 * wheel / length,
        "clearance": clearance / height,
        "open_top": bool(open_top),
        "has_spoiler": "a rear spoiler" in extras,
        "has_roof_rack": "a roof rack" in extras,
        "windscreen_slant": screen,
    }
    adjectives = comparative(facts["height_to_length"], 0.30, 0.40, "low", "tall")
    adjectives += comparative(length, 3.9, 5.0, "short", "long")
    details = [count(2 * num_axles, "wheel"), *extras]
    details += ["an open top"] if open_top else ["dark windows"]
    details += comparative(bonnet, 0.12, 0.30, "a short bonnet", "a long bonnet")
    details += comparative(facts["wheel_size"], 0.12, 0.17, "small wheels", "big wheels")
    if subtype == "pick-up truck":
        details.append("an open cargo bed")
    nouns = [subtype] if subtype in ("bus", "pick-up truck", "van") else [subtype, "car", "car"]
    captions = describe(rng, nouns, adjectives, details, [body_paint.name])
    return Shape("car", subtype, parts, facts, captions)


def _windows(cabin, belt: float, height: float, half: float, heavy: bool):
    """A slightly wider, lower copy of the cabin: glass shows through where it stands proud."""
    cabin = np.array(cabin)
    middle = np.array([cabin[:, 0].mean(), belt + (height - belt) * 0.45])
    shrunk = middle + (cabin - middle) * np.array([0.9, 0.62 if not heavy else 0.5])
    across = mirrored([prism("z", shrunk, 0, half * 1.005, scale=(1, 0.97), rounding=0.02)])
    forward = middle + (cabin - middle) * np.array([1.02, 0.66])
    return [*across, prism("z", forward, -half * 0.8, half * 0.8)]


def _wheels(rng, length, half, radius, num_axles, body: Part) -> list[Part]:
    front = length * rng.uniform(0.27, 0.33)
    rear = -length * rng.uniform(0.26, 0.33)
    xs = [front, rear] if num_axles == 2 else [front, rear, rear + 2.4 * radius]
    thick = rng.uniform(0.18, 0.26)
    tyres, rims = [], []
    for x in xs:
        tyres.append(frustum((x, radius, half - thick), (x, radius, half + 0.01), radius))
        rims.append(frustum((x, radius, half - 0.05), (x, radius, half + 0.02), radius * 0.58))
        arch = radius * rng.uniform(1.06, 1.15)
        body.carves += mirrored([frustum((x, radius, half - thick), (x, radius, half + 0.3), arch)])
    return [Part("tyres", RUBBER, mirrored(tyres)), Part("rims", CHROME, mirrored(rims))]


def _extras(rng, subtype, parts, body_paint, extent, heights, roof) -> list[str]:
    """Lamps, bumpers and what else is bolted on; returns the phrases that captions may use."""
    (front, back, half), (height, belt, nose) = extent, heights
    lamp = Material("lamp", (0.95, 0.93, 0.80), 0.9)
    tail = Material("tail lamp", (0.6, 0.05, 0.04), 0.8)
    y = nose * rng.uniform(0.78, 0.9)
    parts.append(
        Part(
            "headlamps",
            lamp,
            mirrored([box((front - 0.05, y, half * 0.68), (0.12, 0.13, half * 0.4), 0.04)]),
        )
    )
    parts.append(
        Part(
            "tail lamps",
            tail,
            mirrored([box((back + 0.05, y, half * 0.72), (0.12, 0.14, half * 0.3), 0.04)]),
        )
    )
    phrases = []
    if subtype in ("sports car", "hatchback") and rng.random() < 0.4:
        wing = box((back + 0.15, belt + rng.uniform(0.1, 0.25), 0), (0.28, 0.04, half * 1.8))
        posts = mirrored([box((back + 0.18, belt + 0.08, half * 0.5), (0.06, 0.3, 0.05))])
        parts.append(Part("spoiler", body_paint, [wing, *posts]))
        phrases.append("a rear spoiler")
    if subtype in ("SUV", "estate car", "van", "jeep") and rng.random() < 0.35:
        low, high = roof
        bars = mirrored(
            [box(((low + high) / 2, height + 0.05, half * 0.6), (high - low, 0.05, 0.05))]
        )
        bars += [
            box((x, height + 0.05, 0), (0.06, 0.05, half * 1.2))
            for x in (low * 0.8 + high * 0.2, low * 0.2 + high * 0.8)
        ]
        parts.append(Part("roof rack", CHROME, bars))
        phrases.append("a roof rack")
    if rng.random() < 0.6:
        x = front - (front - back) * 0.32
        mirrors = mirrored([box((x, belt + 0.06, half + 0.06), (0.12, 0.13, 0.18), 0.04)])
        parts.append(Part("mirrors", body_paint, mirrors))
        phrases.append("wing mirrors")
    return phrases
