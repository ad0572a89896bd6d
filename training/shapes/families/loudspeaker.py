"""Loudspeakers: hi-fi boxes and towers, monitors, stage speakers, horns, radios, soundbars."""

from __future__ import annotations

from operator import itemgetter

import numpy as np

from training.shapes.captions import adjective, detail
from training.shapes.parts.devices import carried_speakers, home_speakers
from training.shapes.parts.devices.speaker_parts import Speaker
from training.shapes.parts.ranges import chosen_subtype
from training.shapes.shape import Shape

# Share of all loudspeakers; width (z), height (y) and depth (x) of the main cabinet in metres.
SUBTYPES = {
    "bookshelf speaker": (0.15, (0.11, 0.28), (0.20, 0.46), (0.12, 0.36)),
    "tower speaker": (0.17, (0.13, 0.42), (0.70, 1.40), (0.16, 0.55)),
    "studio monitor": (0.06, (0.14, 0.38), (0.22, 0.52), (0.16, 0.42)),
    "subwoofer": (0.06, (0.24, 0.50), (0.24, 0.50), (0.24, 0.55)),
    "centre speaker": (0.04, (0.34, 0.75), (0.11, 0.26), (0.12, 0.34)),
    "desktop speaker": (0.05, (0.06, 0.13), (0.12, 0.30), (0.07, 0.16)),
    "pair of speakers": (0.05, (0.08, 0.28), (0.15, 1.10), (0.08, 0.36)),
    "satellite speaker": (0.05, (0.07, 0.16), (0.10, 0.34), (0.06, 0.18)),
    "speaker on a stand": (0.05, (0.14, 0.30), (0.24, 0.50), (0.15, 0.36)),
    "stage speaker": (0.06, (0.28, 0.60), (0.45, 1.10), (0.25, 0.60)),
    "stage monitor": (0.03, (0.40, 0.75), (0.28, 0.50), (0.35, 0.60)),
    "horn speaker": (0.03, (0.18, 0.60), (0.18, 0.60), (0.20, 0.65)),
    "megaphone": (0.02, (0.16, 0.26), (0.16, 0.26), (0.28, 0.42)),
    "column speaker": (0.03, (0.07, 0.16), (0.90, 2.00), (0.06, 0.16)),
    "soundbar": (0.04, (0.50, 1.20), (0.06, 0.20), (0.07, 0.22)),
    "ball speaker": (0.04, (0.10, 0.35), (0.10, 0.45), (0.10, 0.35)),
    "boombox": (0.06, (0.35, 0.75), (0.15, 0.36), (0.12, 0.24)),
    "radio": (0.04, (0.16, 0.38), (0.12, 0.26), (0.06, 0.18)),
    "mini stereo": (0.04, (0.16, 0.30), (0.18, 0.36), (0.18, 0.36)),
    "portable speaker": (0.04, (0.15, 0.40), (0.07, 0.14), (0.07, 0.14)),
    "smart speaker": (0.03, (0.08, 0.18), (0.06, 0.34), (0.08, 0.18)),
    "ceiling speaker": (0.02, (0.15, 0.32), (0.05, 0.14), (0.15, 0.32)),
    "guitar amplifier": (0.05, (0.32, 0.80), (0.32, 0.80), (0.18, 0.36)),
    "panel speaker": (0.02, (0.25, 0.75), (0.90, 1.60), (0.03, 0.09)),
}
SYNONYMS = {
    "bookshelf speaker": ("speaker", "speaker box", "hi-fi speaker"),
    "tower speaker": ("speaker", "floor-standing speaker", "speaker box", "hi-fi speaker"),
    "studio monitor": ("speaker", "monitor speaker"),
    "subwoofer": ("bass speaker", "speaker", "speaker box"),
    "centre speaker": ("center speaker", "speaker"),
    "desktop speaker": ("computer speaker", "speaker"),
    "pair of speakers": ("set of speakers", "pair of loudspeakers"),
    "satellite speaker": ("small speaker", "surround speaker", "speaker"),
    "speaker on a stand": ("loudspeaker on a stand",),
    "stage speaker": ("pa speaker", "speaker box", "speaker"),
    "stage monitor": ("floor monitor", "speaker"),
    "horn speaker": ("horn", "public address speaker"),
    "megaphone": ("bullhorn", "loudhailer"),
    "column speaker": ("line speaker", "speaker"),
    "soundbar": ("sound bar", "television speaker"),
    "ball speaker": ("round speaker", "designer speaker", "speaker"),
    "boombox": ("ghetto blaster", "stereo", "radio"),
    "radio": ("portable radio", "transistor radio"),
    "mini stereo": ("hi-fi system", "stereo", "stereo system"),
    "portable speaker": ("bluetooth speaker", "speaker"),
    "smart speaker": ("wireless speaker", "speaker"),
    "ceiling speaker": ("built-in speaker", "speaker"),
    "guitar amplifier": ("guitar amp", "amplifier", "combo amp"),
    "panel speaker": ("electrostatic speaker", "flat speaker", "speaker"),
}
CLAIMS = (
    detail(("{num_drivers:driver}", "{num_drivers:cone}"), lambda f: f["num_drivers"] > 0),
    detail("{num_cabinets:cabinet}", lambda f: f["num_cabinets"] > 1),
    detail(("a grille", "a cover over the front"), lambda f: f["has_grille"]),
    detail(("a bass port", "a round opening in the front"), lambda f: f["has_port"]),
    detail(("small feet", "feet under the box"), lambda f: f["num_feet"] > 0),
    detail("{num_feet:foot/feet}", lambda f: f["num_feet"] > 0),
    detail(("a base plate", "a foot plate"), lambda f: f["has_base"]),
    detail(("a post", "a pole"), lambda f: f["has_post"]),
    detail(("a tripod", "three spread legs"), lambda f: f["has_tripod"]),
    detail(("a carrying handle", "a handle"), lambda f: f["has_handle"]),
    detail(("an antenna", "an aerial"), lambda f: f["has_antenna"]),
    detail(("{num_knobs:knob}", "{num_knobs:dial}"), lambda f: f["num_knobs"] > 0),
    detail(("a flared horn", "a wide mouth"), lambda f: f["has_horn"]),
    detail(("rounded edges", "soft edges"), lambda f: f["rounded_edges"]),
    detail(("a sloping front", "a slanted front"), lambda f: f["front_slope"] > 6),
    adjective(("tall", "high"), lambda f: f["height_to_width"] > 2.2),
    adjective(("slim", "slender"), lambda f: f["height_to_width"] > 4),
    adjective(("wide", "broad"), lambda f: f["height_to_width"] < 0.6),
    adjective(("deep", "bulky"), lambda f: f["depth_to_width"] > 1.4),
    adjective(("shallow", "thin"), lambda f: f["depth_to_width"] < 0.35),
)  # fmt: skip


def make(rng: np.random.Generator) -> Shape:
    """Draw a loudspeaker that looks towards +x."""
    subtype = chosen_subtype(rng, SUBTYPES, itemgetter(0))
    s = Speaker(rng, SUBTYPES[subtype][1:])
    {**home_speakers.BUILDERS, **carried_speakers.BUILDERS}[subtype](s)
    return s.finish(subtype)
