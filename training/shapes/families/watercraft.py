"""Watercraft: rowing and sailing boats, yachts, tall ships, cargo ships, warships, submarines."""

from __future__ import annotations

from operator import itemgetter

import numpy as np

from training.shapes.captions import adjective, detail
from training.shapes.parts.boats import (
    merchant_ships,
    motor_boats,
    rowing_boats,
    sailing_boats,
    sailing_ships,
    warships,
    working_boats,
)
from training.shapes.parts.boats.shipyard import Boat
from training.shapes.parts.ranges import chosen_subtype
from training.shapes.shape import Shape

# Share of all watercraft, then the ranges of the hull's `FORM`, see hulls.Lines: beam and depth;
# fullness of the bow; breadth of the stern; flatness of the bottom; rake of the stem; sheer.
SUBTYPES = {
    "rowing boat": (0.06, (0.28, 0.50), (0.10, 0.20), (1.5, 3.2), (0.4, 0.9),
        (0.2, 0.8), (0.02, 0.25), (0.0, 0.8), (0.0, 0.5)),
    "canoe": (0.03, (0.12, 0.26), (0.06, 0.13), (1.4, 2.6), (0.0, 0.0),
        (0.1, 0.6), (0.04, 0.25), (0.2, 1.2), (0.2, 1.2)),
    "kayak": (0.025, (0.10, 0.22), (0.05, 0.10), (1.2, 2.0), (0.0, 0.0),
        (0.1, 0.6), (0.1, 0.35), (0.0, 0.6), (0.0, 0.6)),
    "punt": (0.02, (0.16, 0.40), (0.06, 0.14), (7.0, 9.0), (0.8, 1.0),
        (0.8, 0.95), (0.10, 0.35), (0.0, 0.3), (0.0, 0.3)),
    "sailing dinghy": (0.05, (0.26, 0.50), (0.08, 0.24), (1.4, 2.6), (0.4, 0.9),
        (0.2, 0.7), (0.02, 0.2), (0.0, 0.5), (0.0, 0.2)),
    "sailing yacht": (0.09, (0.18, 0.38), (0.07, 0.16), (1.3, 2.4), (0.3, 0.9),
        (0.05, 0.5), (0.04, 0.3), (0.0, 0.4), (0.0, 0.2)),
    "schooner": (0.05, (0.15, 0.30), (0.08, 0.16), (1.3, 2.4), (0.2, 0.7),
        (0.05, 0.4), (0.04, 0.25), (0.1, 0.6), (0.0, 0.4)),
    "catamaran": (0.035, (0.08, 0.14), (0.08, 0.16), (1.4, 2.4), (0.4, 0.9),
        (0.1, 0.5), (0.02, 0.2), (0.0, 0.3), (0.0, 0.1)),
    "sailing ship": (0.08, (0.14, 0.26), (0.10, 0.20), (1.8, 3.6), (0.4, 0.8),
        (0.1, 0.5), (0.04, 0.2), (0.1, 0.6), (0.1, 1.0)),
    "longship": (0.03, (0.14, 0.28), (0.06, 0.12), (1.4, 2.2), (0.0, 0.0),
        (0.05, 0.4), (0.1, 0.3), (0.8, 2.2), (0.8, 2.2)),
    "junk": (0.02, (0.20, 0.34), (0.10, 0.18), (2.5, 5.0), (0.6, 1.0),
        (0.3, 0.7), (0.1, 0.3), (0.2, 0.7), (0.6, 1.4)),
    "speedboat": (0.09, (0.20, 0.42), (0.08, 0.17), (1.5, 2.6), (0.7, 1.0),
        (0.05, 0.4), (0.08, 0.35), (-0.2, 0.4), (-0.2, 0.1)),
    "motor yacht": (0.09, (0.17, 0.33), (0.09, 0.17), (1.5, 2.8), (0.6, 1.0),
        (0.1, 0.5), (0.06, 0.3), (0.0, 0.5), (-0.2, 0.1)),
    "cruise ship": (0.035, (0.11, 0.20), (0.06, 0.13), (2.0, 3.5), (0.5, 0.9),
        (0.6, 0.9), (0.03, 0.14), (0.0, 0.5), (0.0, 0.2)),
    "ferry": (0.035, (0.15, 0.32), (0.06, 0.13), (2.2, 5.0), (0.6, 1.0),
        (0.4, 0.9), (0.03, 0.2), (0.0, 0.4), (0.0, 0.3)),
    "container ship": (0.05, (0.11, 0.19), (0.07, 0.13), (2.5, 5.0), (0.5, 0.95),
        (0.6, 0.95), (0.02, 0.12), (0.1, 0.6), (0.0, 0.2)),
    "tanker": (0.035, (0.12, 0.22), (0.07, 0.14), (3.0, 6.0), (0.4, 0.9),
        (0.7, 0.95), (0.01, 0.08), (0.0, 0.5), (0.0, 0.3)),
    "cargo ship": (0.04, (0.12, 0.20), (0.07, 0.14), (2.2, 4.5), (0.3, 0.9),
        (0.6, 0.95), (0.02, 0.14), (0.2, 0.9), (0.0, 0.6)),
    "tugboat": (0.035, (0.25, 0.42), (0.12, 0.22), (2.2, 4.5), (0.4, 0.9),
        (0.3, 0.7), (0.02, 0.15), (0.3, 0.9), (0.0, 0.3)),
    "fishing trawler": (0.035, (0.22, 0.38), (0.12, 0.22), (1.8, 3.2), (0.4, 0.9),
        (0.2, 0.6), (0.04, 0.2), (0.3, 1.0), (0.0, 0.5)),
    "destroyer": (0.08, (0.08, 0.16), (0.05, 0.11), (1.5, 2.8), (0.5, 0.9),
        (0.2, 0.6), (0.03, 0.16), (0.1, 0.7), (-0.2, 0.1)),
    "battleship": (0.05, (0.10, 0.18), (0.06, 0.12), (1.7, 3.0), (0.2, 0.7),
        (0.5, 0.9), (0.01, 0.12), (0.0, 0.6), (-0.1, 0.1)),
    "aircraft carrier": (0.035, (0.10, 0.15), (0.07, 0.13), (1.8, 3.2), (0.6, 0.9),
        (0.4, 0.8), (0.03, 0.12), (0.0, 0.1), (0.0, 0.1)),
    "submarine": (0.05, (0.07, 0.14), (0.07, 0.14), (2.0, 3.5), (0.0, 0.0),
        (0.0, 0.2), (0.03, 0.1), (0.0, 0.0), (0.0, 0.0)),
    "hovercraft": (0.03, (0.40, 0.60), (0.10, 0.18), (4.0, 8.0), (0.9, 1.0),
        (0.9, 0.95), (0.02, 0.05), (0.0, 0.0), (0.0, 0.0)),
    "gondola": (0.02, (0.12, 0.20), (0.05, 0.09), (1.3, 2.0), (0.0, 0.0),
        (0.2, 0.6), (0.15, 0.4), (1.0, 3.5), (0.8, 3.0)),
    "jet ski": (0.025, (0.30, 0.42), (0.12, 0.20), (1.6, 2.6), (0.7, 1.0),
        (0.1, 0.4), (0.1, 0.35), (0.0, 0.4), (-0.3, 0.0)),
    "raft": (0.02, (0.40, 0.80), (0.06, 0.12), (8.0, 9.0), (1.0, 1.0),
        (0.9, 0.95), (0.01, 0.02), (0.0, 0.0), (0.0, 0.0)),
    "inflatable boat": (0.02, (0.38, 0.60), (0.10, 0.16), (1.8, 3.5), (0.8, 1.0),
        (0.2, 0.6), (0.05, 0.2), (0.0, 0.5), (0.0, 0.0)),
    "pontoon boat": (0.02, (0.32, 0.46), (0.08, 0.13), (8.0, 9.0), (1.0, 1.0),
        (0.9, 0.95), (0.02, 0.1), (0.0, 0.0), (0.0, 0.0)),
    "paddle steamer": (0.03, (0.16, 0.26), (0.05, 0.10), (2.0, 4.0), (0.7, 1.0),
        (0.6, 0.9), (0.03, 0.15), (0.1, 0.6), (0.0, 0.2)),
    "lifeboat": (0.02, (0.30, 0.42), (0.12, 0.20), (1.8, 3.0), (0.0, 0.5),
        (0.2, 0.6), (0.05, 0.2), (0.1, 0.7), (0.1, 0.7)),
    "barge": (0.02, (0.14, 0.36), (0.06, 0.14), (6.0, 9.0), (0.85, 1.0),
        (0.85, 0.95), (0.02, 0.2), (0.0, 0.3), (0.0, 0.2)),
}  # fmt: skip
SYNONYMS = {
    "rowing boat": ("rowboat", "skiff", "boat"),
    "canoe": ("paddle boat", "boat"),
    "kayak": ("boat",),
    "punt": ("flat-bottomed boat", "boat"),
    "sailing dinghy": ("sailboat", "sailing boat", "dinghy", "boat"),
    "sailing yacht": ("sailboat", "sailing boat", "yacht", "sloop"),
    "schooner": ("ketch", "sailing ship", "sailboat"),
    "catamaran": ("twin-hulled boat", "boat"),
    "sailing ship": ("galleon", "square-rigger", "ship"),
    "longship": ("viking ship", "viking boat"),
    "junk": ("chinese junk", "sailing ship"),
    "speedboat": ("motorboat", "runabout", "powerboat", "boat"),
    "motor yacht": ("yacht", "cabin cruiser", "luxury yacht"),
    "cruise ship": ("ocean liner", "passenger ship", "ship"),
    "ferry": ("ferry boat", "passenger ship", "ship"),
    "container ship": ("cargo ship", "freighter", "ship"),
    "tanker": ("oil tanker", "bulk carrier", "ship"),
    "cargo ship": ("freighter", "merchant ship", "ship"),
    "tugboat": ("tug", "boat"),
    "fishing trawler": ("fishing boat", "trawler"),
    "destroyer": ("warship", "frigate", "navy ship"),
    "battleship": ("warship", "cruiser", "navy ship"),
    "aircraft carrier": ("warship", "carrier", "navy ship"),
    "submarine": ("sub", "u-boat"),
    "jet ski": ("water scooter", "personal watercraft"),
    "inflatable boat": ("rubber dinghy", "rubber boat", "dinghy"),
    "pontoon boat": ("party boat", "boat"),
    "paddle steamer": ("river boat", "steamboat", "paddle boat"),
    "lifeboat": ("rescue boat", "boat"),
    "barge": ("lighter", "river boat"),
}
CLAIMS = (
    detail("{num_masts:mast}", lambda f: f["num_masts"] > 0),
    detail(("{num_sails:sail}", "{num_sails:raised sail}"), lambda f: f["num_sails"] > 0),
    detail("furled sails", lambda f: f["has_furled_sails"]),
    detail(("{num_funnels:funnel}", "{num_funnels:smokestack}"), lambda f: f["num_funnels"] > 0),
    detail(("{num_turrets:gun turret}", "{num_turrets:turret}"), lambda f: f["num_turrets"] > 0),
    detail("{num_decks:deck} above the hull", lambda f: f["num_decks"] > 0),
    detail(("a deckhouse", "a cabin"), lambda f: f["num_decks"] > 0),
    detail("{num_benches:bench/benches}", lambda f: f["num_benches"] > 0),
    detail("{num_oars:oar}", lambda f: f["num_oars"] > 0),
    detail("{num_cranes:crane}", lambda f: f["num_cranes"] > 0),
    detail(("stacked containers", "containers on deck"), lambda f: f["num_stacks"] > 1),
    detail(("an outboard motor", "a motor at the stern"), lambda f: f["has_outboard"]),
    detail(("a windscreen", "a windshield"), lambda f: f["has_windscreen"]),
    detail(("a bowsprit", "a spar over the bow"), lambda f: f["has_bowsprit"]),
    detail(("a deep keel", "a fin keel"), lambda f: f["has_fin_keel"]),
    detail("{num_hulls:hull}", lambda f: f["num_hulls"] > 1),
    detail(("an open hull", "an open top"), lambda f: f["open_hull"]),
    detail(("a pointed stern", "two pointed ends"), lambda f: f["pointed_stern"]),
    detail(("a raised bow", "a bow that sweeps up"), lambda f: f["bow_rise"] > 0.5),
    detail(("a raked bow", "a slanting bow"), lambda f: f["bow_rake"] > 0.15),
    detail(("an upright bow", "a straight stem"), lambda f: 0 < f["bow_rake"] < 0.05),
    adjective(("slender", "narrow"), lambda f: f["width_to_length"] < 0.16),
    adjective(("broad", "wide"), lambda f: f["width_to_length"] > 0.4),
    adjective(("tall", "high"), lambda f: f["height_to_length"] > 0.8),
    adjective("low", lambda f: f["height_to_length"] < 0.17),
    adjective("two-masted", lambda f: f["num_masts"] == 2),
    adjective("three-masted", lambda f: f["num_masts"] == 3),
    adjective("open", lambda f: f["open_hull"]),
)
_MODULES = (rowing_boats, motor_boats, sailing_boats, sailing_ships, merchant_ships)
_MODULES += (working_boats, warships)
_BUILDERS = {name: build for module in _MODULES for name, build in module.BUILDERS.items()}


def make(rng: np.random.Generator) -> Shape:
    """Draw a boat or ship whose hull is one unit long, its bow towards +x."""
    subtype = chosen_subtype(rng, SUBTYPES, itemgetter(0))
    boat = Boat(rng, SUBTYPES[subtype][1:])
    _BUILDERS[subtype](boat)
    return boat.finish(subtype)
