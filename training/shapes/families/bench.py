"""Benches: park, garden and bus-stop benches, slabs, pews, picnic benches, rings around trees.

A bench is a long seat on supports, mostly of boards; its length lies along z, and who sits on it
looks towards +x. Lengths in metres, the floor at y = 0.
"""

from __future__ import annotations

import numpy as np

from training.shapes import materials
from training.shapes.captions import adjective, detail
from training.shapes.part import Part
from training.shapes.parts.ranges import chosen_subtype
from training.shapes.parts.seats import bench_parts, bench_special
from training.shapes.shape import Shape

USUAL = {
    "length": (1.1, 2.1),
    "depth": (0.34, 0.52),
    "seat": (0.38, 0.48),  # height of its top
    "back": (0.30, 0.52),  # height above the seat
    "lean": (3, 20),  # of the back, degrees
    "thick": (0.025, 0.07),  # of the seat
    "seats": "boards",
    "backs": "none",
    "ends": "legs",
    "arms": "none",
    "made": "wood",
}


def _kind(share: float, **differs) -> dict:
    """A sub-type: its share of all benches, and where it differs from the usual."""
    return USUAL | {"share": share} | differs


# All words are equally likely: one written twice counts twice.
SUBTYPES = {
    "park bench": _kind(
        0.24, seats="boards boards boards slab", backs="boards boards boards panel",
        ends="iron iron panels legs frames blocks", arms="none none rail",
        made="wood wood paint metal",
    ),
    "garden bench": _kind(
        0.13, backs="slats slats cross boards camel panel", arms="rail rail rail none", ends="legs",
        lean=(2, 12), back=(0.35, 0.55), seats="boards boards slab", made="wood wood paint metal",
    ),
    "backless bench": _kind(
        0.16, seats="slab slab boards rounded", ends="legs legs panels frames trestles splayed",
        length=(0.9, 2.2), depth=(0.26, 0.5), seat=(0.36, 0.5), thick=(0.025, 0.09),
        made="wood wood paint metal",
    ),
    "stone bench": _kind(
        0.07, seats="slab slab rounded", ends="blocks blocks panels", thick=(0.06, 0.14),
        made="stone",
        backs="none none none panel", length=(1.0, 2.0), back=(0.3, 0.45), lean=(0, 8),
    ),
    "church pew": _kind(
        0.05, seats="slab", backs="panel", ends="pew", back=(0.4, 0.6), lean=(2, 10),
        length=(1.2, 2.6), thick=(0.02, 0.05),
    ),
    "hall bench": _kind(
        0.05, seats="slab slab padded", backs="panel camel slats cross", ends="pew box legs",
        arms="none rail", back=(0.45, 0.95), lean=(0, 6), length=(0.9, 1.6),
    ),
    "storage bench": _kind(
        0.045, seats="padded slab", backs="none none panel", length=(0.8, 1.6), lean=(0, 5),
        ends="chest chest cubbies cubbies box", arms="none none rail rolled",
        thick=(0.03, 0.1), made="wood wood paint", back=(0.2, 0.45),
    ),
    "upholstered bench": _kind(
        0.07, seats="padded", thick=(0.06, 0.18), ends="legs legs splayed trestles box",
        arms="none none rolled scroll", length=(0.9, 1.7), depth=(0.36, 0.56),
    ),
    "piano bench": _kind(
        0.05, seats="padded padded slab", thick=(0.04, 0.13), length=(0.5, 0.95), depth=(0.3, 0.42),
        seat=(0.44, 0.56), ends="legs", made="wood wood paint",
    ),
    "waiting bench": _kind(
        0.05, backs="shells", seats="shells", ends="beam", length=(1.2, 2.4), made="metal paint",
        arms="none none rail", thick=(0.02, 0.06), back=(0.3, 0.45),
    ),
    "picnic bench": _kind(0.04, length=(1.3, 2.0), seats="boards", ends="picnic"),
    "curved bench": _kind(
        0.03, seats="arc", backs="none none arc", ends="arc", made="wood stone paint",
        thick=(0.04, 0.12),
    ),
    "tree bench": _kind(0.02, seats="ring", backs="none ring", ends="ring", made="wood paint"),
    "log bench": _kind(
        0.02, seats="log", backs="none none log", ends="logs", thick=(0.08, 0.2), lean=(5, 15),
    ),
}  # fmt: skip
SYNONYMS = {
    "park bench": ("street bench", "outdoor bench"),
    "garden bench": ("patio bench",),
    "backless bench": ("plain bench", "dining bench"),
    "church pew": ("pew",),
    "hall bench": ("settle", "entryway bench"),
    "storage bench": ("chest bench", "blanket box"),
    "upholstered bench": ("bedroom bench", "end-of-bed bench"),
    "piano bench": ("piano stool", "vanity bench"),
    "waiting bench": ("airport bench", "beam seating"),
    "picnic bench": ("picnic table",),
    "curved bench": ("arc bench",),
    "tree bench": ("ring bench", "bench around a tree"),
}
CLAIMS = (
    detail("{num_legs:leg}", lambda a: a["num_legs"] > 0),
    detail(("a backrest", "a back"), lambda a: a["has_back"]),
    detail(("no back", "no backrest"), lambda a: not a["has_back"]),
    detail(("armrests", "arms"), lambda a: a["has_arms"]),
    detail("no armrests", lambda a: not a["has_arms"]),
    detail("{num_seat_boards:board} in the seat", lambda a: a["num_seat_boards"] > 0),
    detail(("{num_back_boards:plank} in the back", "{num_back_boards:board} across the back"),
           lambda a: a["num_back_boards"] > 0),
    detail("{num_back_slats:vertical slat} in the back", lambda a: a["num_back_slats"] > 0),
    detail("{num_seats:separate seat}", lambda a: a["num_seats"] > 1),
    detail(("a high back", "a tall back"), lambda a: a["has_back"] and a["back_height"] > 0.55),
    detail("a low back", lambda a: a["has_back"] and a["back_height"] < 0.4),
    detail("a crossed back", lambda a: a["crossed_back"]),
    detail(("solid ends", "panels at both ends"), lambda a: a["solid_ends"]),
    detail(("a closed body", "a box below the seat"), lambda a: a["closed_below"]),
    detail("{num_compartments:open compartment} below", lambda a: a["num_compartments"] > 0),
    detail("a thick seat", lambda a: a["seat_thickness"] > 0.05),
    detail("a thin seat", lambda a: a["seat_thickness"] < 0.02),
    detail("stretchers", lambda a: a["has_stretchers"]),
    detail(("a table", "a table in the middle"), lambda a: a["has_table"]),
    adjective("backless", lambda a: not a["has_back"]),
    adjective("long", lambda a: a["length_to_depth"] > 3.6),
    adjective("short", lambda a: a["length_to_depth"] < 2),
    adjective(("curved", "arched"), lambda a: a["bent"]),
    adjective("narrow", lambda a: a["length_to_depth"] > 5),
)  # fmt: skip
COUNTS = ("legs", "seat_boards", "back_boards", "back_slats", "seats", "compartments")
FLAGS = ("has_arms", "crossed_back", "solid_ends", "closed_below", "has_stretchers", "has_table",
         "bent")  # fmt: skip


def make(rng: np.random.Generator) -> Shape:
    """Draw a bench, life-size in metres, the back at -x."""
    subtype = chosen_subtype(rng, SUBTYPES)
    spec = SUBTYPES[subtype]
    kinds = {k: str(rng.choice(spec[k].split())) for k in ("seats", "backs", "ends", "arms")}
    numbers = {
        k: rng.uniform(*spec[k]) for k in ("length", "depth", "seat", "back", "lean", "thick")
    }
    plan = bench_parts.Plan(**numbers)
    board = getattr(materials, str(rng.choice(spec["made"].split())))(rng)
    frame = board if rng.random() < 0.5 else materials.any_solid(rng)
    cover = materials.fabric(rng) if kinds["seats"] == "padded" else board
    facts = {f"num_{what}": 0 for what in COUNTS} | dict.fromkeys(FLAGS, False)
    if kinds["ends"] in bench_special.WHOLE:
        parts = bench_special.WHOLE[kinds["ends"]](rng, plan, kinds, board, frame, facts)
    else:
        parts = [Part("seat", cover, bench_parts.seat(rng, plan, kinds["seats"], facts))]
        if kinds["backs"] != "none":
            parts.append(Part("back", board, bench_parts.back(rng, plan, kinds["backs"], facts)))
        parts += bench_parts.ends(rng, plan, kinds, frame, facts)
        parts += bench_parts.arms(rng, plan, kinds, frame, cover, facts)
    has_back = any(part.name in ("back", "backs") for part in parts)
    low, high = Shape("bench", subtype, parts, {}).bounds()
    depth, height, length = (float(v) for v in high - low)
    facts |= {
        "has_back": has_back,
        "seat_height": plan.seat / height,
        "back_height": (height - plan.seat) / height if has_back else 0.0,
        "back_lean_degrees": plan.lean if has_back else 0.0,
        "seat_thickness": plan.thick / length,
        "length_to_height": length / height,
        "length_to_depth": length / depth,
        "depth_to_height": depth / height,
    }
    return Shape("bench", subtype, parts, facts)
