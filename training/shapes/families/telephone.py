"""Telephones: mobile phones of all ages, desk and wall telephones, payphones, receivers."""

from __future__ import annotations

from operator import itemgetter

import numpy as np

from training.shapes.captions import adjective, detail
from training.shapes.operators import turned
from training.shapes.parts.devices import corded_phones as corded
from training.shapes.parts.devices import mobile_phones as mobile
from training.shapes.parts.ranges import chosen_subtype
from training.shapes.shape import Shape

SUBTYPES = {  # share, how it is built, and how often it lies on its back
    "smartphone": (0.22, mobile.smartphone, 0.2),
    "candy-bar phone": (0.18, mobile.candy_bar, 0.2),
    "flip phone": (0.11, mobile.flip, 0.12),
    "slider phone": (0.07, mobile.slider, 0.15),
    "keyboard phone": (0.05, mobile.keyboard, 0.2),
    "brick phone": (0.05, mobile.brick, 0.1),
    "cordless phone": (0.07, mobile.cordless, 0.0),
    "desk phone": (0.08, corded.desk, 0.0),
    "rotary phone": (0.05, corded.rotary, 0.0),
    "wall phone": (0.04, corded.wall, 0.0),
    "payphone": (0.03, corded.pay, 0.0),
    "candlestick phone": (0.02, corded.candlestick, 0.0),
    "receiver": (0.06, corded.receiver, 0.5),
}
SYNONYMS = {
    "smartphone": ("mobile phone", "touch-screen phone", "cell phone"),
    "candy-bar phone": ("mobile phone", "cell phone", "keypad phone"),
    "flip phone": ("clamshell phone", "folding phone", "mobile phone"),
    "slider phone": ("sliding phone", "mobile phone"),
    "keyboard phone": ("phone with a keyboard", "mobile phone"),
    "brick phone": ("old mobile phone", "car phone"),
    "cordless phone": ("wireless phone", "cordless handset"),
    "desk phone": ("office phone", "push-button telephone", "landline phone"),
    "rotary phone": ("rotary telephone", "old telephone", "vintage telephone"),
    "wall phone": ("wall-mounted telephone",),
    "payphone": ("pay telephone", "public telephone", "coin telephone"),
    "candlestick phone": ("antique telephone",),
    "receiver": ("handset", "telephone receiver"),
}
CLAIMS = (
    adjective(("thin", "flat", "slim"), lambda f: f["depth_to_height"] < 0.12),
    adjective(("thick", "chunky"), lambda f: f["is_mobile"] and f["depth_to_width"] > 0.42),
    adjective(("wide", "broad"), lambda f: f["is_mobile"] and f["width_to_length"] > 0.54),
    adjective(("narrow", "slender"), lambda f: f["is_mobile"] and f["width_to_length"] < 0.38),
    adjective(("lying", "lying flat"), lambda f: f["is_lying"]),
    adjective(("open", "unfolded"), lambda f: f["is_open"]),
    adjective(("closed", "folded"), lambda f: f["is_closed"]),
    detail(("{num_keys:key}", "{num_keys:button}"), lambda f: f["num_keys"] > 0),
    detail(("no keypad", "no number pad"), lambda f: f["num_keys"] == 0 and not f["has_dial"]),
    detail(("a keypad", "a number pad"), lambda f: f["num_keys"] >= 12),
    detail(("a screen", "a display"), lambda f: f["has_screen"]),
    detail(("a large screen", "a big display"), lambda f: f["screen_share"] > 0.7),
    detail(("a small screen", "a small display"), lambda f: 0 < f["screen_share"] < 0.35),
    detail(("an antenna", "an aerial"), lambda f: f["has_antenna"]),
    detail(("a long antenna", "a pulled-out antenna"), lambda f: f["antenna_length"] > 0.25),
    detail(("a short antenna", "an antenna stub"), lambda f: 0 < f["antenna_length"] < 0.15),
    detail("rounded corners", lambda f: f["is_mobile"] and f["corner_radius"] > 0.22),
    detail(
        ("{num_cameras:camera} on the back", "{num_cameras:camera lens/camera lenses} on the back"),
        lambda f: f["num_cameras"] > 0,
    ),
    detail(("a handset", "a receiver"), lambda f: f["has_handset"]),
    detail(("a dial", "a rotary dial"), lambda f: f["has_dial"]),
    detail(("a cord", "a cable"), lambda f: f["has_cord"]),
    detail(("a cradle", "a charging base"), lambda f: f["has_cradle"]),
)
FACTS = {  # of a phone that has none of it
    "num_keys": 0,
    "num_cameras": 0,
    "screen_share": 0.0,
    "corner_radius": 0.0,
    "antenna_length": 0.0,
    "has_screen": False,
    "has_antenna": False,
    "has_handset": False,
    "has_dial": False,
    "has_cord": False,
    "has_cradle": False,
    "is_open": False,
    "is_closed": False,
    "is_lying": False,
    "is_mobile": False,
}


def make(rng: np.random.Generator) -> Shape:
    """Draw a telephone, its screen or dial towards +x; mobile phones stand, some lie."""
    subtype = chosen_subtype(rng, SUBTYPES, itemgetter(0))
    _, build, lies = SUBTYPES[subtype]
    facts = dict(FACTS)
    parts = [part for part in build(rng, facts) if part.solids]
    shape = Shape("telephone", subtype, parts, facts)
    low, high = shape.bounds()
    depth, height, width = (float(v) for v in high - low)
    facts["depth_to_height"], facts["depth_to_width"] = depth / height, depth / width
    facts["width_to_length"] = width / max(depth, height, width)
    if rng.random() < lies:  # on its back, the top away from the viewer
        facts["is_lying"] = True
        for part in parts:
            part.solids, part.carves = turned(part.solids, "z", 90), turned(part.carves, "z", 90)
    return shape
