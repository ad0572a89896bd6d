"""Cabinets: whatever stores things behind doors, in drawers or on shelves.

A cabinet looks towards +x and its width lies along z. How one is built stands in `cabinet_kinds`,
of what in `cabinet_parts`, and how its front is divided in `cabinet_layouts`.
"""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter

import numpy as np

from training.shapes.captions import adjective, detail
from training.shapes.materials import GLASS, any_solid, fabric, metal, paint, stone, wood
from training.shapes.operators import flipped, turned
from training.shapes.part import Part
from training.shapes.parts.cabinets import cabinet_kinds as kinds
from training.shapes.parts.cabinets.cabinet_parts import Finish, Piece
from training.shapes.parts.ranges import chosen_subtype
from training.shapes.shape import Shape

_LOW = "legs legs plinth feet panel sled bracket"
# Sub-type: relative share; width, depth, height; what it stands on.
SUBTYPES = {
    "chest of drawers": (0.12, (0.4, 1.7), (0.32, 0.62), (0.5, 1.4), f"{_LOW} floor"),
    "wardrobe": (0.10, (0.45, 2.6), (0.38, 0.72), (1.55, 2.5), "floor plinth feet bracket legs"),
    "bookcase": (0.10, (0.35, 2.2), (0.2, 0.48), (0.7, 2.4), "floor plinth panel bracket legs"),
    "nightstand": (0.09, (0.3, 0.7), (0.28, 0.6), (0.32, 0.8), f"{_LOW} floor castors"),
    "filing cabinet": (0.05, (0.35, 1.1), (0.4, 0.8), (0.45, 1.55), "floor plinth castors feet"),
    "base cabinet": (0.08, (0.3, 1.7), (0.42, 0.75), (0.65, 1.0), "plinth plinth floor legs"),
    "wall cabinet": (0.06, (0.28, 1.5), (0.13, 0.45), (0.28, 1.1), "floor"),
    "corner cabinet": (0.06, (0.5, 1.2), (0.25, 0.6), (0.5, 2.2), "floor plinth legs bracket"),
    "sideboard": (0.10, (0.85, 2.5), (0.32, 0.62), (0.5, 1.15), _LOW),
    "TV stand": (0.08, (0.7, 2.8), (0.28, 0.7), (0.25, 0.8), f"{_LOW} floor castors"),
    "display cabinet": (0.04, (0.4, 1.7), (0.26, 0.55), (0.9, 2.3), "plinth legs feet bracket"),
    "hutch": (0.05, (0.6, 1.9), (0.35, 0.62), (1.3, 2.3), "plinth legs feet bracket panel"),
    "locker": (0.03, (0.28, 1.8), (0.28, 0.62), (1.0, 2.1), "floor plinth legs feet"),
    "cube shelf": (0.04, (0.35, 1.9), (0.22, 0.5), (0.35, 1.9), "floor floor plinth legs"),
    "shelving unit": (0.08, (0.3, 1.9), (0.2, 0.7), (0.5, 2.3), "floor castors"),
    "safe": (0.015, (0.3, 1.0), (0.3, 0.9), (0.25, 1.6), "floor feet castors plinth"),
    "tall cabinet": (0.05, (0.22, 0.75), (0.2, 0.68), (1.25, 2.4), "plinth floor feet legs"),
    "sink cabinet": (0.03, (0.4, 1.6), (0.38, 0.68), (0.65, 0.95), "plinth floor legs panel"),
    "wall unit": (0.03, (0.9, 3.4), (0.3, 0.6), (1.1, 2.4), "plinth floor feet"),
    "bureau": (0.02, (0.6, 1.2), (0.38, 0.6), (0.85, 1.3), "legs bracket feet plinth"),
    "blanket chest": (
        0.025,
        (0.6, 1.6),
        (0.32, 0.7),
        (0.32, 0.8),
        "floor plinth feet legs bracket",
    ),
}
SYNONYMS = {
    "chest of drawers": ("dresser", "drawer cabinet", "commode"),
    "wardrobe": ("closet", "armoire"),
    "bookcase": ("bookshelf", "shelves"),
    "nightstand": ("bedside table", "bedside cabinet", "night table"),
    "filing cabinet": ("file cabinet", "office cabinet"),
    "base cabinet": ("kitchen cabinet", "kitchen unit", "counter"),
    "wall cabinet": ("kitchen cabinet", "upper cabinet", "medicine cabinet"),
    "corner cabinet": ("corner cupboard", "corner unit"),
    "sideboard": ("buffet", "credenza", "console"),
    "TV stand": ("media console", "TV bench", "television cabinet"),
    "display cabinet": ("china cabinet", "vitrine", "showcase"),
    "hutch": ("kitchen dresser", "welsh dresser", "buffet with a hutch"),
    "locker": ("lockers", "school locker"),
    "cube shelf": ("cube organizer", "storage cubes"),
    "shelving unit": ("shelf", "shelves", "rack"),
    "safe": ("strongbox",),
    "tall cabinet": ("cupboard", "pantry cabinet", "linen tower"),
    "sink cabinet": ("bathroom vanity", "vanity", "washstand"),
    "wall unit": ("entertainment center", "media wall"),
    "bureau": ("secretary desk", "writing cabinet"),
    "blanket chest": ("trunk", "storage chest", "hope chest"),
}
CLAIMS = (
    adjective("tall", lambda f: f["height_to_width"] > 1.5),
    adjective(("low", "wide"), lambda f: f["height_to_width"] < 0.55),
    adjective("shallow", lambda f: f["depth_to_width"] < 0.3),
    adjective("deep", lambda f: f["depth_to_width"] > 1.05),
    adjective("L-shaped", lambda f: f["l_shaped"]),
    detail("{num_drawers:drawer}", lambda f: f["num_drawers"] > 0),
    detail("{num_doors:door}", lambda f: f["num_doors"] > 0),
    detail("{num_open:open compartment}", lambda f: f["num_open"] > 0),
    detail(("open shelves", "open storage"), lambda f: f["num_open"] > 1),
    detail("{num_shelves:shelf/shelves}", lambda f: f["num_shelves"] > 0),
    detail("{num_legs:leg}", lambda f: f["num_legs"] > 0),
    detail("castors", lambda f: f["has_castors"]),
    detail(("a plinth", "a recessed base"), lambda f: f["has_plinth"]),
    detail(("knobs", "round knobs"), lambda f: f["has_knobs"]),
    detail(("bar handles", "pull handles"), lambda f: f["has_bars"]),
    detail("no handles", lambda f: f["num_handles"] == 0 and f["num_doors"] + f["num_drawers"] > 0),
    detail(("glazed doors", "glass fronts"), lambda f: f["num_panes"] > 0),
    detail(("a cornice", "a crown moulding"), lambda f: f["has_cornice"]),
    detail(("an overhanging top", "a protruding top"), lambda f: f["has_overhang"]),
    detail("a back rail", lambda f: f["has_rail"]),
    detail("a mirror", lambda f: f["has_mirror"]),
    detail(("a sink", "a basin"), lambda f: f["has_sink"]),
    detail(("rounded corners", "a rounded front"), lambda f: f["rounded"]),
    detail(("an open back", "no back panel"), lambda f: f["open_back"]),
    detail("books", lambda f: f["has_books"]),
)


def _finish(rng: np.random.Generator, subtype: str) -> Finish:
    heights = {"base cabinet": 0.85, "sink cabinet": 0.85, "wall cabinet": 0.15}
    safe = subtype == "safe"
    handle = str(rng.choice(["knob", "knob", "bar", "bar", "recess", "none"]))
    return Finish(
        wall=rng.uniform(0.014, 0.04) * (2.0 if safe else 1.0),
        back=subtype not in ("bookcase", "cube shelf", "TV stand") or rng.random() < 0.7,
        proud=rng.uniform(0.02, 0.06) if safe else rng.uniform(0.006, 0.028),
        gap=rng.uniform(0.004, 0.03),
        handle="none" if safe else handle,
        grip=rng.uniform(0.02, 0.05),
        grip_height=heights.get(subtype, rng.uniform(0.4, 0.6)),
        framed=bool(rng.random() < 0.4),
        corner=rng.choice([0.0, rng.uniform(0.03, 0.15)], p=[0.92, 0.08]),
        filled=rng.choice([0.0, 0.7], p=[0.85, 0.15]) if subtype in ("bookcase", "hutch") else 0.0,
    )


def make(rng: np.random.Generator) -> Shape:
    """Draw a cabinet that looks towards +x; its width lies along z."""
    subtype = chosen_subtype(rng, SUBTYPES, itemgetter(0))
    _, *ranges, stands = SUBTYPES[subtype]
    width, depth, height = (float(np.exp(rng.uniform(*np.log(r)))) for r in ranges)
    stand, f, piece, plan = str(rng.choice(stands.split())), _finish(rng, subtype), Piece(), ""
    f = replace(f, wall=max(f.wall, 0.013 * max(width, height)))
    if subtype in ("corner cabinet", "hutch", "wall unit", "bureau", "safe"):
        f = replace(f, corner=0.0)
    sizes = (width, depth, height, stand)
    if subtype == "corner cabinet":
        built = Piece()
        plan = kinds.corner(built, rng, f, *sizes)
        # Its face straight ahead and the room's corner behind, or along either wall.
        ahead, left = plan != "L" and rng.random() < 0.4, rng.random() < 0.5
        piece.add(built, lambda solids: turned(solids, "y", 45) if ahead else solids)
        if left:
            piece, built = Piece(), piece
            piece.add(built, flipped)
    elif subtype == "hutch":
        kinds.hutch(piece, rng, f, *sizes)
    elif subtype == "wall unit":
        kinds.wall_unit(piece, rng, f, *sizes)
    elif subtype == "shelving unit" or (subtype == "TV stand" and rng.random() < 0.15):
        kinds.rack(piece, rng, f, *sizes)
    elif subtype == "blanket chest":
        kinds.chest(piece, rng, f, *sizes)
    else:
        kinds.plain(piece, rng, f, subtype, *sizes)
    shape = Shape("cabinet", subtype, _dressed(rng, subtype, piece), {})
    low, high = shape.bounds()
    (deep, tall, wide), n = high - low, piece.count
    lowest = min(s.bounds()[0][1] for s in piece.solids["body"] + piece.solids["boards"])
    shape.attributes.update(
        num_doors=n["doors"],
        num_drawers=n["drawers"],
        num_open=n["open"],
        num_shelves=n["shelves"],
        num_legs=n["legs"],
        num_handles=n["handles"],
        num_panes=n["panes"],
        has_knobs=n["knob"] > 0,
        has_bars=n["bar"] > 0,
        has_castors=bool(piece.solids["castors"]),
        has_plinth=n["plinth"] > 0,
        has_cornice=n["cornice"] > 0,
        has_overhang=n["overhang"] > 0,
        has_rail=n["rail"] > 0,
        has_mirror=n["mirror"] > 0,
        has_sink=n["sinks"] > 0,
        has_books=bool(piece.solids["books"]),
        open_bottom=n["open_bottom"] > 0,
        open_back=bool(n["open_back"] or (n["open"] and not f.back and not plan)),
        l_shaped=plan == "L",
        rounded=bool(plan == "round" or f.corner),
        height_to_width=float(tall / wide),
        depth_to_width=float(deep / wide),
        height_to_depth=float(tall / deep),
        clearance=float((lowest - low[1]) / tall),
        wall_thickness=float(f.wall / max(wide, tall)),
    )
    return shape


def _dressed(rng: np.random.Generator, subtype: str, piece: Piece) -> list[Part]:
    """Give the parts their materials; fronts are often of the same as the body."""
    steel = subtype in ("filing cabinet", "locker", "safe")
    makers = [metal, metal, paint, paint] if steel else [wood, wood, any_solid, paint]
    body = makers[rng.integers(4)](rng)
    front = body if rng.random() < 0.6 else [wood, paint][rng.integers(2)](rng)
    worktop = [stone, wood, any_solid][rng.integers(3)](rng)
    other = body if rng.random() < 0.6 else any_solid(rng)
    fittings = [metal, metal, paint, wood][rng.integers(4)](rng)
    top = worktop if subtype in ("base cabinet", "sink cabinet") or rng.random() < 0.25 else body
    boards = GLASS if subtype in ("shelving unit", "TV stand") and rng.random() < 0.15 else other
    upright = fittings if rng.random() < 0.5 else body
    leg = other if rng.random() < 0.6 else fittings
    materials = {"body": body, "doors": front, "drawers": front, "panes": GLASS, "boards": boards}
    materials |= {"posts": upright, "top": top, "lid": top, "plinth": other, "legs": leg}
    materials |= {"cornice": body, "mirror frame": body, "mirror": GLASS, "basin": paint(rng)}
    materials |= {"tap": metal(rng), "books": fabric(rng)}
    materials |= dict.fromkeys(("dial", "handles", "castors"), fittings)
    names = {"doors": "door", "drawers": "drawer", "panes": "pane"}
    parts = []
    for name, material in materials.items():
        solids = piece.solids[name]
        if solids:
            label = names.get(name, name) if len(solids) == 1 else name
            parts.append(Part(label, material, solids, piece.carves[name]))
    return parts
