"""Displays: monitors and televisions, flat or deep, all-in-ones, laptops, signs, cloth screens.

Lengths in heights of an ordinary picture: a screen is about 1 high. Seen from the front (+x), the
width lies along z.
"""

from __future__ import annotations

import numpy as np

from training.shapes.captions import adjective, detail
from training.shapes.parts.devices.deep_displays import (
    console_display,
    egg_display,
    rear_projection,
    tube_display,
)
from training.shapes.parts.devices.flat_displays import (
    digital_sign,
    flat_display,
    laptop,
    projection_screen,
    touch_panel,
)
from training.shapes.parts.ranges import chosen_subtype
from training.shapes.shape import Shape

SUBTYPES = {  # share, and depth of the casing over its height
    "monitor": {"share": 0.24, "depth": (0.04, 0.20)},
    "flat-screen TV": {"share": 0.19, "depth": (0.03, 0.16)},
    "wall-mounted screen": {"share": 0.08, "depth": (0.02, 0.14)},
    "CRT monitor": {"share": 0.11, "depth": (0.75, 1.20)},
    "tube TV": {"share": 0.12, "depth": (0.55, 1.00)},
    "all-in-one computer": {"share": 0.05, "depth": (0.05, 0.30)},
    "rounded all-in-one": {"share": 0.03, "depth": (0.85, 1.20)},
    "laptop": {"share": 0.04, "depth": (0.02, 0.06)},
    "curved monitor": {"share": 0.04, "depth": (0.04, 0.10)},
    "rear-projection TV": {"share": 0.03, "depth": (0.4, 0.8)},
    "console TV": {"share": 0.05, "depth": (0.45, 0.8)},
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


def make(rng: np.random.Generator) -> Shape:
    """Draw a display, its screen towards +x."""
    subtype = chosen_subtype(rng, SUBTYPES)
    depth = rng.uniform(*SUBTYPES[subtype]["depth"])
    build = {
        "CRT monitor": tube_display,
        "tube TV": tube_display,
        "rounded all-in-one": egg_display,
        "laptop": laptop,
        "rear-projection TV": rear_projection,
        "console TV": console_display,
        "digital sign": digital_sign,
        "touch panel": touch_panel,
        "projection screen": projection_screen,
    }.get(subtype, flat_display)
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
