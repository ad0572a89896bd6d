"""Chairs: from stools and dining chairs to wing chairs, office chairs and sun loungers.

A chair is a seat on a base, mostly with a back and sometimes with arms. A sub-type says which of
each it may have and how large it is; `training.shapes.parts.seats.chair_parts` builds them.
"""

from __future__ import annotations

import numpy as np

from training.shapes import materials
from training.shapes.captions import adjective, detail
from training.shapes.part import Part
from training.shapes.parts.ranges import chosen_subtype
from training.shapes.parts.seats import chair_bases, chair_parts
from training.shapes.shape import Shape

# What a sub-type leaves unsaid. All words are equally likely: one written twice counts twice.
USUAL = {
    "width": (0.39, 0.54),  # of the seat, without arms
    "depth": (0.38, 0.54),
    "seat": (0.41, 0.50),  # height of its top
    "back": (0.36, 0.62),  # height above the seat; none without
    "lean": (2, 16),  # of the back, degrees
    "tilt": (0, 3),  # of the seat, degrees
    "thick": (0.02, 0.09),  # of the seat
    "backs": "panel",
    "bases": "legs",
    "arms": "none",
    "rise": (0.16, 0.26),  # of arms above the seat
    "seats": "square square rounded trapezoid trapezoid",
    "made": "wood wood paint metal",
}


def _kind(share: float, **differs) -> dict:
    """A sub-type: its share of all chairs, and where it differs from the usual."""
    return USUAL | {"share": share} | differs


OPEN = "slats ladder cross splat frame oval ring hoop comb rail grid"
SUBTYPES = {
    "dining chair": _kind(
        0.36,
        backs=f"panel panel panel bent bowed pad frame rail {OPEN}",
        bases="legs legs legs legs stretched stretched splayed sled",
    ),
    "upholstered chair": _kind(
        0.10, thick=(0.06, 0.16), backs="pad pad panel bowed oval", back=(0.34, 0.7),
        bases="legs legs splayed skirt", width=(0.42, 0.58), depth=(0.42, 0.6),
    ),
    "open armchair": _kind(
        0.12, width=(0.44, 0.62), depth=(0.42, 0.58), backs=f"panel pad bowed {OPEN}",
        arms="rail rail loop", bases="legs legs stretched splayed box", back=(0.34, 0.65),
    ),
    "club armchair": _kind(
        0.13, width=(0.46, 0.70), depth=(0.50, 0.75), seat=(0.34, 0.48), back=(0.22, 0.55),
        thick=(0.12, 0.22), backs="thick", arms="padded padded rolled", bases="skirt skirt legs",
        lean=(4, 18),
    ),
    "wing chair": _kind(
        0.04, width=(0.48, 0.62), depth=(0.5, 0.65), seat=(0.38, 0.5), back=(0.55, 0.8),
        thick=(0.10, 0.2), backs="thick", arms="padded rolled", bases="legs skirt splayed",
        lean=(6, 16),
    ),
    "tub chair": _kind(
        0.07, width=(0.44, 0.62), depth=(0.4, 0.6), seat=(0.36, 0.48), back=(0.24, 0.5),
        thick=(0.06, 0.2), backs="tub", arms="tub", bases="skirt legs splayed pedestal star sled",
    ),
    "egg chair": _kind(
        0.03, width=(0.6, 0.85), depth=(0.6, 0.8), seat=(0.36, 0.48), back=(0.45, 0.85),
        thick=(0.06, 0.12), backs="egg", arms="egg", bases="pedestal pedestal star",
    ),
    "shell chair": _kind(
        0.06, thick=(0.02, 0.05), backs="bent bent bowed panel", tilt=(0, 7), lean=(6, 22),
        bases="splayed splayed pedestal star sled legs", arms="none none rail loop",
        seats="rounded", back=(0.28, 0.5), made="wood metal metal paint",
    ),
    "office chair": _kind(
        0.09, width=(0.44, 0.56), depth=(0.42, 0.56), seat=(0.40, 0.54), back=(0.32, 0.75),
        thick=(0.04, 0.12), backs="pad pad bent panel bowed", bases="star",
        arms="none tee tee loop rail", seats="square rounded rounded", tilt=(0, 5), made="metal",
    ),
    "stool": _kind(
        0.04, width=(0.28, 0.5), depth=(0.28, 0.46), seat=(0.3, 0.55), back=None,
        bases="legs legs splayed stretched three pedestal skirt fold sides",
        seats="round round square rounded", thick=(0.02, 0.16),
    ),
    "bar stool": _kind(
        0.065, width=(0.27, 0.43), depth=(0.27, 0.42), seat=(0.6, 0.85), back=(0.1, 0.36),
        backs="none none panel bowed rail bent pad tub",
        bases="ring ring ring pedestal pedestal sled",
        seats="round round square rounded", thick=(0.02, 0.1),
    ),
    "Windsor chair": _kind(
        0.04, backs="hoop hoop comb", bases="splayed", seats="round rounded", bow=(0, 0.06),
        arms="none rail captain", back=(0.42, 0.72), made="wood paint", thick=(0.03, 0.06),
    ),
    "captain's chair": _kind(
        0.03, backs="captain", arms="captain", back=(0.2, 0.34), width=(0.44, 0.56),
        seats="round rounded", bases="splayed legs stretched", made="wood wood metal",
    ),
    "rocking chair": _kind(
        0.03, backs="slats ladder hoop comb bent panel", bases="rockers", tilt=(2, 8),
        arms="rail rail loop none", back=(0.5, 0.75), width=(0.44, 0.56), made="wood paint",
    ),
    "folding chair": _kind(
        0.03, backs="rail bowed ladder frame sling panel", bases="fold", thick=(0.015, 0.035),
        back=(0.3, 0.44), lean=(8, 20), arms="none none rail",
    ),
    "director's chair": _kind(
        0.02, width=(0.46, 0.58), depth=(0.38, 0.46), backs="sling", arms="posts",
        bases="scissors", back=(0.34, 0.46), lean=(0, 4), thick=(0.012, 0.03), made="wood metal",
        seats="square",
    ),
    "deck chair": _kind(
        0.025, seat=(0.24, 0.36), width=(0.46, 0.6), depth=(0.45, 0.65), back=(0.55, 0.85),
        tilt=(10, 26), lean=(16, 34), backs="frame bent ladder", bases="fold", thick=(0.012, 0.03),
        arms="none none none rail", seats="square square slatted", made="wood",
    ),
    "sun lounger": _kind(
        0.05, seat=(0.2, 0.4), width=(0.5, 0.85), depth=(0.9, 1.45), back=(0.5, 0.85),
        lean=(20, 68), tilt=(0, 2), backs="frame bent bent ladder pad", thick=(0.012, 0.1),
        bases="legs legs sled sled splayed box skirt", arms="none none none none rail loop",
        seats="square square slatted wave", rise=(0.1, 0.2),
    ),
    "lounge chair": _kind(
        0.08, width=(0.5, 0.78), depth=(0.5, 0.74), seat=(0.3, 0.42), back=(0.38, 0.75),
        tilt=(2, 14), lean=(10, 30), thick=(0.02, 0.16), backs="pad pad bent panel bowed slats",
        bases="legs splayed sled cantilever box sides star fold", arms="none rail rail loop loop",
    ),
    "Adirondack chair": _kind(
        0.015, width=(0.5, 0.6), depth=(0.48, 0.6), seat=(0.3, 0.38), back=(0.6, 0.8),
        tilt=(8, 16), lean=(10, 20), backs="planks", arms="wide", bases="legs", seats="slatted",
        thick=(0.02, 0.03), made="wood paint",
    ),
    "cantilever chair": _kind(
        0.04, backs="panel bent bowed pad frame", bases="cantilever cantilever cantilever sheet",
        made="metal",
        arms="none none loop",
    ),
    "school chair": _kind(
        0.015, backs="rail bowed bent panel", bases="legs sled splayed", arms="tablet",
        thick=(0.015, 0.04), back=(0.34, 0.44), made="metal",
    ),
    "child's chair": _kind(
        0.02, width=(0.3, 0.4), depth=(0.28, 0.4), seat=(0.22, 0.32), back=(0.22, 0.36),
        bases="block splayed legs", backs="slats panel pad ladder cross splat", thick=(0.03, 0.08),
    ),
    "throne": _kind(
        0.025, width=(0.46, 0.62), back=(0.7, 1.1), lean=(0, 8), thick=(0.05, 0.14),
        backs="panel panel splat frame pad slats", arms="none none rail padded rail",
        bases="legs stretched box block",
    ),
    "wheelchair": _kind(
        0.015, width=(0.42, 0.52), depth=(0.42, 0.5), seat=(0.46, 0.54), back=(0.36, 0.5),
        lean=(3, 10), backs="sling frame panel", bases="wheels", arms="rail padded loop",
        thick=(0.02, 0.07), seats="square", made="metal",
    ),
    "cube chair": _kind(
        0.03, width=(0.4, 0.65), depth=(0.4, 0.65), seat=(0.32, 0.48), back=(0.2, 0.5),
        thick=(0.06, 0.2), lean=(0, 3), backs="thick", arms="none padded",
        bases="plinth plinth sides", tilt=(0, 0.1),
    ),
}  # fmt: skip
UPHOLSTERED = ("upholstered chair", "club armchair", "wing chair")
SYNONYMS = {
    "dining chair": ("side chair", "kitchen chair", "straight chair"),
    "upholstered chair": ("padded chair", "parsons chair"),
    "open armchair": ("armchair", "carver"),
    "club armchair": ("armchair", "easy chair", "club chair"),
    "wing chair": ("wingback chair", "armchair"),
    "tub chair": ("barrel chair", "armchair"),
    "egg chair": ("ball chair", "pod chair"),
    "shell chair": ("cafe chair", "moulded chair"),
    "office chair": ("swivel chair", "desk chair", "task chair"),
    "bar stool": ("counter stool", "high stool"),
    "Windsor chair": ("spindle-back chair",),
    "captain's chair": ("round-backed armchair", "armchair"),
    "rocking chair": ("rocker",),
    "deck chair": ("beach chair",),
    "sun lounger": ("chaise longue", "pool lounger", "daybed"),
    "lounge chair": ("easy chair", "relax chair"),
    "Adirondack chair": ("garden chair",),
    "school chair": ("tablet-arm chair", "lecture chair"),
    "child's chair": ("kids' chair", "small chair"),
    "throne": ("high-back chair",),
}
CLAIMS = (
    detail("{num_legs:leg}", lambda a: a["num_legs"] > 0),
    detail(("armrests", "arms"), lambda a: a["num_arms"] == 2),
    detail(("no armrests", "no arms"), lambda a: not a["has_arms"]),
    detail("a writing tablet", lambda a: a["has_tablet"]),
    detail(("no back", "no backrest"), lambda a: not a["has_back"]),
    detail(("a tall back", "a high back"), lambda a: a["back_height"] > 0.56),
    detail("a low back", lambda a: a["has_back"] and a["back_height"] < 0.42),
    detail(("a reclined back", "a leaning back"), lambda a: a["back_lean_degrees"] > 18),
    detail("an upright back", lambda a: a["has_back"] and a["back_lean_degrees"] < 6),
    detail("{num_slats:vertical slat} in the back", lambda a: a["num_slats"] > 0),
    detail("{num_spindles:spindle} in the back", lambda a: a["num_spindles"] > 0),
    detail(("{num_rungs:horizontal slat} in the back", "{num_rungs:rung} in the back"),
           lambda a: a["num_rungs"] > 0),
    detail(("a crossed back", "an x in the back"), lambda a: a["crossed_back"]),
    detail("a curved back", lambda a: a["curved_back"]),
    detail(("a round back", "an oval back"), lambda a: a["round_back"]),
    detail("wings", lambda a: a["has_wings"]),
    detail(("a thin seat", "a flat seat"), lambda a: a["seat_thickness"] < 0.04),
    detail(("a thick seat", "a deep seat"), lambda a: a["seat_thickness"] > 0.11),
    detail("a round seat", lambda a: a["round_seat"]),
    detail(("stretchers between the legs", "stretchers"), lambda a: a["has_stretchers"]),
    detail(("a star base", "{num_spokes:spoke} at the foot"), lambda a: a["num_spokes"] > 0),
    detail("castors", lambda a: a["num_castors"] > 0),
    detail(("a pedestal", "a single column"), lambda a: a["on_pedestal"]),
    detail(("crossed legs", "x-shaped legs"), lambda a: a["crossed_legs"]),
    detail(("a bent tube frame", "a cantilever frame"), lambda a: a["cantilevered"]),
    detail(("sled runners", "runners"), lambda a: a["on_sled"]),
    detail(("rockers", "curved rockers"), lambda a: a["rocks"]),
    detail(("big wheels", "two large wheels"), lambda a: a["on_wheels"]),
    detail(("a foot rest", "rails for the feet"), lambda a: a["has_foot_rest"]),
    adjective("armless", lambda a: not a["has_arms"]),
    adjective("backless", lambda a: not a["has_back"]),
    adjective("tall", lambda a: a["width_to_height"] < 0.42),
    adjective(("wide", "broad"), lambda a: a["width_to_height"] > 0.85),
    adjective(("low", "low-slung"), lambda a: a["seat_height_to_width"] < 0.55),
    adjective(("long", "elongated"), lambda a: a["depth_to_height"] > 1.6),
)  # fmt: skip


def make(rng: np.random.Generator) -> Shape:
    """Draw a chair, life-size in metres, the back at -x."""
    subtype = chosen_subtype(rng, SUBTYPES)
    spec = SUBTYPES[subtype]
    kinds = {k: str(rng.choice(spec[k].split())) for k in ("backs", "bases", "arms", "seats")}
    if not spec["back"]:
        kinds["backs"] = "none"
    if kinds["backs"] in ("none", "tub", "egg", "captain"):
        kinds["arms"] = kinds["backs"]
    plan = chair_parts.draw_plan(rng, spec, kinds)
    frame = getattr(materials, str(rng.choice(spec["made"].split())))(rng)
    cover = frame if rng.random() < 0.5 else materials.any_solid(rng)
    if subtype in UPHOLSTERED or (plan.thick > 0.045 and rng.random() < 0.8):
        cover = materials.fabric(rng)

    parts, facts = [], {"back_style": kinds["backs"]}
    if kinds["backs"] == "egg":
        parts += chair_parts.egg(rng, plan, cover)
    else:
        parts.append(Part("seat", cover, chair_parts.seat(rng, plan, kinds["seats"])))
    for build, kind in (
        (chair_parts.back_parts, kinds["backs"]),
        (chair_parts.arm_parts, kinds["arms"]),
        (chair_bases.base_parts, kinds["bases"]),
    ):
        more, true = build(rng, plan, kind, frame, cover)
        parts, facts = parts + more, facts | true
    if subtype == "wing chair":
        parts.append(chair_parts.ears(rng, plan, cover))
    return _finished(subtype, parts, plan, facts | {"has_wings": subtype == "wing chair"})


COUNTS = ("legs", "spokes", "castors", "slats", "spindles", "rungs", "arms")
FLAGS = (
    *("has_stretchers", "has_foot_rest", "has_tablet", "curved_back", "crossed_legs", "rocks"),
    *("cantilevered", "on_pedestal", "on_sled", "on_wheels"),
)


def _finished(subtype: str, parts: list[Part], plan, facts: dict) -> Shape:
    """The shape with its attributes, the proportions read off its own bounds."""
    style = facts.pop("back_style")
    low, high = Shape("chair", subtype, parts, {}).bounds()
    depth, height, width = high - low
    attributes = {f"num_{what}": 0 for what in COUNTS} | dict.fromkeys(FLAGS, False) | facts
    attributes |= {
        "has_back": style != "none",
        "has_arms": attributes["num_arms"] > 0,
        "crossed_back": style == "cross",
        "round_back": style in ("oval", "ring"),
        "round_seat": plan.square < 2.5 and style != "egg",
        "seat_height": (plan.seat - low[1]) / height,
        "back_height": (high[1] - plan.seat) / height if style != "none" else 0.0,
        "back_lean_degrees": plan.lean + plan.tilt if style != "none" else 0.0,
        "seat_thickness": plan.thick / height,
        "width_to_height": width / height,
        "depth_to_height": depth / height,
        "seat_height_to_width": (plan.seat - low[1]) / width,
    }
    plain = {k: v if isinstance(v, bool | int) else float(v) for k, v in attributes.items()}
    return Shape("chair", subtype, parts, plain)
