"""Tables: from coffee tables and desks to workbenches, picnic tables and ping-pong tables.

A table's long side lies along z; who sits at a desk sits at +x. Lengths in metres, floor at y = 0.
"""

from __future__ import annotations

from operator import attrgetter
from typing import NamedTuple

import numpy as np

from training.shapes import materials
from training.shapes.captions import adjective, detail
from training.shapes.parts.furniture import stretchers
from training.shapes.parts.ranges import chosen_subtype
from training.shapes.parts.tables import table_desks, table_special
from training.shapes.parts.tables.table_draft import (
    Draft,
    put_apron,
    put_base,
    put_shelves,
    put_top,
    standing_room,
)
from training.shapes.shape import Shape


class Kind(NamedTuple):
    """Ranges of one sub-type: share of all tables, metres, and what it is made of."""

    share: float
    width: tuple[float, float]  # along z
    ratio: tuple[float, float]  # of the depth to the width
    height: tuple[float, float]
    tops: str  # outlines, repeated for weight
    bases: str  # kinds of `table_bases`, in which "-" stands for a space


COMMON = "legs legs legs legs panels frames crossed "


SUBTYPES = {
    "dining table": Kind(0.13, (1.0, 2.4), (0.38, 1.0), (0.68, 0.80),
        "rectangle rectangle rounded bevelled oval boat octagonal",
        COMMON + "legs legs t-frames trestles two-columns plinth sculpted pedestal cage"),
    "coffee table": Kind(0.15, (0.6, 1.5), (0.4, 1.0), (0.25, 0.52),
        "rectangle rectangle rectangle rounded oval round octagonal boat",
        COMMON + "plinth sculpted hairpins cage two-columns"),
    "side table": Kind(0.10, (0.3, 0.65), (0.75, 1.0), (0.38, 0.80),
        "rectangle rectangle rectangle round rounded octagonal",
        COMMON + "pedestal three-legs plinth cage sculpted hairpins"),
    "round table": Kind(0.10, (0.5, 1.6), (1.0, 1.0), (0.40, 0.80), "round",
        "pedestal pedestal pedestal legs legs three-legs crossed plinth sculpted cage"),
    "console table": Kind(0.06, (0.7, 1.8), (0.2, 0.42), (0.65, 0.95),
        "rectangle rectangle rectangle half-round rounded",
        COMMON + "frames two-columns plinth trestles hairpins"),
    "desk": Kind(0.14, (1.0, 2.0), (0.38, 0.62), (0.68, 0.80), "rectangle rectangle rounded", ""),
    "computer desk": Kind(0.035, (0.8, 1.5), (0.4, 0.7), (0.68, 0.78), "rectangle", ""),
    "corner desk": Kind(0.04, (1.2, 2.2), (0.3, 0.5), (0.68, 0.80), "rectangle", ""),
    "conference table": Kind(0.025, (2.0, 4.5), (0.25, 0.5), (0.70, 0.78),
        "boat boat oval rectangle rounded bevelled", "two-columns panels plinth t-frames sculpted"),
    "trestle table": Kind(0.025, (1.2, 2.2), (0.35, 0.6), (0.70, 0.80), "rectangle", "trestles"),
    "folding table": Kind(0.025, (0.6, 1.9), (0.35, 0.9), (0.50, 0.78), "rectangle rounded",
        "crossed crossed frames"),
    "bar table": Kind(0.035, (0.5, 1.2), (0.5, 1.0), (0.95, 1.20), "round round rectangle rounded",
        "pedestal pedestal pedestal legs three-legs frames t-frames"),
    "picnic table": Kind(0.02, (1.2, 2.2), (0.38, 0.6), (0.68, 0.78), "rectangle", ""),
    "workbench": Kind(0.025, (0.9, 2.0), (0.35, 0.6), (0.75, 0.95), "rectangle", "legs panels"),
    "drafting table": Kind(0.02, (0.8, 1.5), (0.55, 0.8), (0.75, 1.0), "rectangle",
        "t-frames trestles legs crossed panels"),
    "pool table": Kind(0.02, (1.9, 2.9), (0.5, 0.6), (0.75, 0.9), "rectangle",
        "legs legs plinth panels"),
    "ping-pong table": Kind(0.02, (2.4, 2.9), (0.5, 0.6), (0.70, 0.80), "rectangle",
        "legs frames trestles crossed t-frames"),
    "table football": Kind(0.02, (1.1, 1.5), (0.5, 0.6), (0.85, 0.95), "rectangle", "legs panels"),
    "nest of tables": Kind(0.02, (0.45, 0.7), (0.6, 1.0), (0.42, 0.60), "rectangle", "panels legs"),
    "table with a cloth": Kind(0.02, (0.5, 1.8), (0.45, 1.0), (0.60, 0.80), "round round rectangle",
        ""),
    "drop-leaf table": Kind(0.02, (0.7, 1.4), (0.45, 0.9), (0.65, 0.78), "rectangle half-leaf",
        "legs"),
}  # fmt: skip


SYNONYMS = {
    "dining table": ("kitchen table",),
    "coffee table": ("sofa table", "cocktail table"),
    "side table": ("end table", "bedside table", "occasional table"),
    "console table": ("hall table", "console"),
    "desk": ("writing desk", "office desk", "writing table"),
    "corner desk": ("L-shaped desk", "office desk"),
    "computer desk": ("workstation", "computer table"),
    "conference table": ("meeting table", "boardroom table"),
    "folding table": ("camping table",),
    "bar table": ("bistro table", "pub table"),
    "drafting table": ("drawing table", "drawing desk"),
    "pool table": ("billiard table", "snooker table"),
    "ping-pong table": ("table tennis table",),
    "table football": ("football table", "foosball table"),
    "nest of tables": ("nesting tables", "set of tables"),
    "table with a cloth": ("covered table", "table with a tablecloth"),
}


CLAIMS = (
    detail("{num_legs:leg}", lambda f: f["num_legs"] > 0),
    detail(("a central column", "a central pedestal"), lambda f: f["on_pedestal"]),
    detail(("panels for legs", "a panel at each end"), lambda f: f["on_panels"]),
    detail(("trestles", "two trestles"), lambda f: f["on_trestles"]),
    detail(("crossed legs", "X-shaped legs"), lambda f: f["crossed"]),
    detail(("splayed legs", "legs that spread outwards"), lambda f: f["splay"] > 1.08),
    detail(("a round top", "a circular top"), lambda f: f["round_top"]),
    detail(("an L-shaped top", "a top around a corner"), lambda f: f["l_shaped_top"]),
    detail(("an oval top", "an elliptical top"), lambda f: f["oval_top"]),
    detail(("a rectangular top", "a top with four corners"), lambda f: f["rectangular_top"]),
    detail(("a thick top", "a heavy top"), lambda f: f["top_thickness"] > 0.06),
    detail(("a thin top", "a slim top"), lambda f: f["top_thickness"] < 0.025),
    detail(("a glass top", "a transparent top"), lambda f: f["glass_top"]),
    detail(("a tilted top", "a sloping top"), lambda f: f["tilt"] > 4),
    detail("{num_drawers:drawer}", lambda f: f["num_drawers"] > 0),
    detail("{num_shelves:lower shelf/lower shelves}", lambda f: f["num_shelves"] > 0),
    detail(("a shelf below the top", "a shelf underneath"), lambda f: f["num_shelves"] == 1),
    detail(("an apron", "rails under the top"), lambda f: f["has_apron"]),
    detail(("stretchers", "stretchers between the legs"), lambda f: f["has_stretchers"]),
    detail(("a hutch", "a shelf unit above the top"), lambda f: f["has_hutch"]),
    detail(("a modesty panel", "a closed back"), lambda f: f["has_modesty_panel"]),
    detail(("a keyboard tray", "a tray under the top"), lambda f: f["has_tray"]),
    detail(("benches", "two attached benches"), lambda f: f["has_benches"]),
    detail(("a net", "a net across the middle"), lambda f: f["has_net"]),
    adjective(("low", "squat"), lambda f: f["height_to_width"] < 0.42),
    adjective(("tall", "high"), lambda f: f["height_to_width"] > 1.1),
    adjective(("long", "elongated"), lambda f: f["depth_to_width"] < 0.45),
    adjective("narrow", lambda f: f["depth_to_width"] < 0.36),
    adjective("square", lambda f: f["rectangular_top"] and f["depth_to_width"] > 0.93),
    adjective(
        ("plain", "simple"),
        lambda f: (
            f["num_legs"] == 4
            and not (f["num_drawers"] or f["num_shelves"] or f["has_hutch"] or f["has_net"])
        ),
    ),
)


def make(rng: np.random.Generator) -> Shape:
    """Draw a table."""
    subtype = chosen_subtype(rng, SUBTYPES, attrgetter("share"))
    kind = SUBTYPES[subtype]
    width, height = rng.uniform(*kind.width), rng.uniform(*kind.height)
    depth = width * rng.uniform(*kind.ratio)
    if width > 1.0 and kind.height[0] > 0.6:  # tables to sit at are not deeper than arms reach
        depth = min(depth, rng.uniform(0.7, 1.4))
    if "desk" in subtype:
        depth = max(depth, 0.45)
    thick = np.exp(rng.uniform(*np.log([0.012, 0.09]))) * min(1.0, 0.3 + 0.5 * width)
    frame = materials.any_solid(rng)
    top = frame if rng.random() < 0.6 else materials.any_solid(rng)
    if rng.random() < 0.12:
        top, thick = materials.GLASS, min(thick, 0.03)
    elif rng.random() < 0.08:
        top = materials.stone(rng)
    outline = str(rng.choice(kind.tops.split()))
    table = Draft(rng, outline, tuple(kind.bases.split()), width, depth, height, thick, frame, top)
    BUILDERS.get(subtype, plain)(table)
    return Shape("table", subtype, table.parts, _facts(table))


def _facts(t: Draft) -> dict:
    counted = {"num_legs": 0, "num_drawers": 0, "num_shelves": 0, "num_tables": 1, "tilt": 0.0}
    present = dict.fromkeys(
        [
            "on_pedestal",
            "on_panels",
            "on_trestles",
            "crossed",
            "has_apron",
            "has_stretchers",
            "has_hutch",
            "has_modesty_panel",
            "has_tray",
            "has_benches",
            "has_net",
        ],
        False,
    )
    proportions = {
        "height_to_width": t.height / t.width,
        "depth_to_width": t.depth / t.width,
        "top_thickness": t.thick / t.width,
        "splay": 1.0,
        "round_top": t.outline == "round" or (t.outline == "oval" and t.depth > 0.97 * t.width),
        "oval_top": t.outline == "oval" and t.depth < 0.9 * t.width,
        "rectangular_top": t.outline in ("rectangle", "rounded"),
        "l_shaped_top": t.outline == "L",
        "glass_top": t.top.name == "glass",
    }
    if t.outline == "round":
        proportions["depth_to_width"] = 1.0
    return counted | present | proportions | t.facts


def plain(t: Draft) -> None:
    """A top on a base, with what may come between."""
    put_top(t)
    leg = min(t.under, 0.6 * (t.depth + t.width)) * t.rng.uniform(0.03, 0.13)
    x, z = standing_room(t, leg)
    base_kind = t.any_base()
    base = put_base(t, base_kind, x, z, leg)
    straight = base_kind in ("legs", "panels") and base.splay < 1.05
    if straight and t.outline in ("rectangle", "rounded", "bevelled") and t.chance(0.45):
        put_apron(t, x, z, leg)
    if base_kind in ("legs", "panels", "hairpins", "frames") and t.chance(0.33):
        put_shelves(t, base, x, z, leg)
    elif base_kind == "legs" and t.chance(0.25):
        y = t.under * t.rng.uniform(0.08, 0.35)
        out = 1 + (base.splay - 1) * (1 - y / t.under)
        style = str(t.rng.choice(["H", "box", "cross", "sides"]))
        t.add("stretchers", stretchers(style, x * out, z * out, y, 0.6 * leg))
        t.facts["has_stretchers"] = True


BUILDERS = {
    "desk": table_desks.desk,
    "computer desk": table_desks.computer_desk,
    "corner desk": table_desks.corner_desk,
    "picnic table": table_special.picnic_table,
    "workbench": table_special.workbench,
    "drafting table": table_special.drafting_table,
    "pool table": table_special.pool_table,
    "ping-pong table": table_special.ping_pong_table,
    "table football": table_special.table_football,
    "nest of tables": table_special.nest,
    "table with a cloth": table_special.covered,
    "drop-leaf table": table_special.drop_leaf_table,
}
