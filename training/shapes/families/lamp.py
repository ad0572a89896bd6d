"""Lamps: standing, on tables and desks, hanging, on walls and ceilings, in streets and gardens.

Arms reach towards +x, and a wall is at -x. Lengths are shares of the lamp's height or length.
"""

from __future__ import annotations

from operator import itemgetter

import numpy as np

from training.shapes import materials
from training.shapes.captions import adjective, detail
from training.shapes.parts.lamps import lamp_glowing, lamp_hanging, lamp_mounted, lamp_standing
from training.shapes.parts.lamps.lamp_draft import Draft
from training.shapes.parts.ranges import chosen_subtype
from training.shapes.shape import Shape

SUBTYPES = {  # share of all lamps, and the ranges of the main proportions
    "table lamp": (0.19, {"shade": (0.2, 0.55), "shade_radius": (0.14, 0.5), "body": (0.05, 0.3)}),
    "floor lamp": (
        0.10,
        {"shade": (0.08, 0.32), "shade_radius": (0.07, 0.28), "foot": (0.07, 0.2)},
    ),
    "tripod lamp": (
        0.03,
        {"shade": (0.15, 0.4), "shade_radius": (0.1, 0.3), "spread": (0.12, 0.4)},
    ),
    "torchiere": (0.035, {"shade": (0.05, 0.2), "shade_radius": (0.07, 0.2), "foot": (0.06, 0.16)}),
    "arc lamp": (0.03, {"reach": (0.3, 1.1), "shade_radius": (0.08, 0.25)}),
    "desk lamp": (0.09, {"arm": (0.25, 0.6), "foot": (0.1, 0.28)}),
    "banker's lamp": (0.02, {"wide": (0.25, 0.5), "foot": (0.12, 0.3)}),
    "pendant lamp": (0.15, {"shade": (0.12, 0.85), "slender": (0.25, 1.6)}),
    "cluster pendant": (0.035, {"count": (2, 7), "spread": (0.1, 0.8)}),
    "chandelier": (0.07, {"arms": (3, 12), "reach": (0.25, 0.9)}),
    "wall lamp": (0.07, {"reach": (0.1, 0.9)}),
    "spotlight": (0.03, {"count": (1, 6)}),
    "ceiling lamp": (0.045, {"flat": (0.1, 0.7)}),
    "street lamp": (0.06, {"head": (0.08, 0.3), "reach": (0.1, 0.5)}),
    "lantern": (0.04, {"slender": (0.25, 0.6)}),
    "stone lantern": (0.02, {"roof": (0.2, 0.5)}),
    "ball lamp": (0.025, {"radius": (0.2, 0.5)}),
    "column lamp": (0.03, {"slender": (0.05, 0.3)}),
    "fluorescent lamp": (0.025, {"section": (0.03, 0.2)}),
    "candelabra": (0.02, {"arms": (2, 6), "reach": (0.15, 0.45)}),
    "lava lamp": (0.02, {"radius": (0.1, 0.25)}),
}


SYNONYMS = {
    "table lamp": ("bedside lamp",),
    "floor lamp": ("standing lamp", "standard lamp"),
    "tripod lamp": ("tripod floor lamp", "floor lamp"),
    "torchiere": ("uplighter", "floor lamp"),
    "arc lamp": ("arched floor lamp", "arc floor lamp"),
    "desk lamp": ("reading lamp", "task lamp", "office lamp"),
    "pendant lamp": ("hanging lamp", "pendant light", "ceiling pendant", "suspension lamp"),
    "cluster pendant": ("hanging lamp", "pendant light"),
    "chandelier": ("ceiling chandelier", "hanging chandelier"),
    "wall lamp": ("sconce", "wall light", "wall sconce"),
    "spotlight": ("track light", "spot lamp"),
    "ceiling lamp": ("ceiling light", "flush lamp"),
    "street lamp": ("lamppost", "street light", "lantern post"),
    "stone lantern": ("garden lantern", "Japanese lantern"),
    "ball lamp": ("globe lamp", "mushroom lamp"),
    "column lamp": ("paper lamp", "floor lantern"),
    "fluorescent lamp": ("tube light", "strip light"),
    "candelabra": ("candlestick lamp",),
}


CLAIMS = (
    detail("{num_shades:shade}", lambda f: f["num_shades"] > 0),
    detail("{num_arms:arm}", lambda f: f["num_arms"] > 0),
    detail("{num_legs:leg}", lambda f: f["num_legs"] > 0),
    detail("{num_candles:candle}", lambda f: f["num_candles"] > 0),
    detail("{num_blades:fan blade}", lambda f: f["num_blades"] > 0),
    detail("{num_tubes:glowing tube}", lambda f: f["num_tubes"] > 0),
    detail("{num_heads:lamp head}", lambda f: f["num_heads"] > 0),
    detail(("a jointed arm", "an adjustable arm"), lambda f: f["num_joints"] > 0),
    detail(("a drum shade", "a cylindrical shade"), lambda f: f["shade_is_drum"]),
    detail(("a cone shade", "a conical shade"), lambda f: f["shade_is_cone"]),
    detail(("a dome shade", "a hemispherical shade"), lambda f: f["shade_is_dome"]),
    detail(("a globe shade", "a ball-shaped shade"), lambda f: f["shade_is_globe"]),
    detail(("a bell shade", "a bell-shaped shade"), lambda f: f["shade_is_bell"]),
    detail(("a square shade", "a box-shaped shade"), lambda f: f["shade_is_box"]),
    detail(("an open shade", "a hollow shade"), lambda f: f["open_shade"]),
    detail(("a round foot", "a round base"), lambda f: f["round_foot"]),
    detail(("a square foot", "a square base"), lambda f: f["square_foot"]),
    detail(("a cord", "a cord to the ceiling"), lambda f: f["has_cord"]),
    detail(("a wall plate", "a plate on the wall"), lambda f: f["on_wall"]),
    detail(("a roof", "a little roof"), lambda f: f["has_roof"]),
    detail(("a handle", "a carrying handle"), lambda f: f["has_handle"]),
    detail(("a wide shade", "a broad shade"), lambda f: f["shade_width"] > 0.6),
    detail(("a small shade", "a narrow shade"), lambda f: 0 < f["shade_width"] < 0.25),
    detail(("an upward light", "light that goes upwards"), lambda f: f["shines_up"]),
    adjective(("hanging", "suspended"), lambda f: f["has_cord"]),
    adjective("wall-mounted", lambda f: f["on_wall"]),
    adjective(("tall", "slender"), lambda f: f["height_to_width"] > 3.5),
    adjective(("wide", "broad"), lambda f: f["height_to_width"] < 0.8),
    adjective(("multi-armed", "branched"), lambda f: f["num_arms"] > 2),
)


def make(rng: np.random.Generator) -> Shape:
    """Draw a lamp."""
    subtype = chosen_subtype(rng, SUBTYPES, itemgetter(0))
    base = [materials.metal, materials.metal, materials.any_solid][rng.integers(3)](rng)
    light = [materials.fabric, materials.paint, materials.paint, materials.metal][rng.integers(4)](
        rng
    )
    if rng.random() < 0.35:
        light = materials.Material("white", (0.93, 0.90, 0.80), rng.uniform(0.1, 0.6))
    lamp = Draft(rng, SUBTYPES[subtype][1], base, light)
    BUILDERS[subtype](lamp)
    # What shines is what one sees first.
    lamp.parts.sort(key=lambda part: part.material is not light)
    return Shape("lamp", subtype, lamp.parts, _facts(lamp, subtype))


def _facts(lamp: Draft, subtype: str) -> dict:
    low, high = Shape("lamp", subtype, lamp.parts, {}).bounds()
    size = high - low
    counted = [
        "num_shades",
        "num_arms",
        "num_legs",
        "num_candles",
        "num_heads",
        "num_joints",
        "num_tubes",
        "num_blades",
    ]
    present = ["open_shade", "round_foot", "square_foot", "has_cord", "on_wall", "has_roof"]
    present += ["has_handle", "shines_up"]
    present += [f"shade_is_{k}" for k in ("drum", "cone", "dome", "globe", "bell", "box")]
    radius = lamp.facts.pop("shade_radius", 0.0)
    proportions = {
        "height_to_width": size[1] / max(size[0], size[2]),
        "depth_to_width": size[0] / size[2],
        "shade_width": 2 * radius / size.max(),
    }
    return dict.fromkeys(counted, 0) | dict.fromkeys(present, False) | proportions | lamp.facts


BUILDERS = {
    "table lamp": lamp_standing.table_lamp,
    "floor lamp": lamp_standing.floor_lamp,
    "tripod lamp": lamp_standing.tripod_lamp,
    "torchiere": lamp_standing.torchiere,
    "arc lamp": lamp_standing.arc_lamp,
    "desk lamp": lamp_standing.desk_lamp,
    "banker's lamp": lamp_standing.bankers_lamp,
    "pendant lamp": lamp_hanging.pendant_lamp,
    "cluster pendant": lamp_hanging.cluster_pendant,
    "chandelier": lamp_hanging.chandelier,
    "spotlight": lamp_mounted.spotlights,
    "wall lamp": lamp_mounted.wall_lamp,
    "ceiling lamp": lamp_hanging.ceiling_lamp,
    "street lamp": lamp_mounted.street_lamp,
    "lantern": lamp_glowing.lantern,
    "stone lantern": lamp_glowing.stone_lantern,
    "ball lamp": lamp_glowing.ball_lamp,
    "column lamp": lamp_glowing.column_lamp,
    "fluorescent lamp": lamp_hanging.fluorescent_lamp,
    "candelabra": lamp_standing.candelabra,
    "lava lamp": lamp_glowing.lava_lamp,
}
