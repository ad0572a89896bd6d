"""Airplanes: a fuselage of sections, wings cut from a planform, a tail, engines and undercarriage.

Unit of length: the airplane from nose to tail, which reaches from x = 1/2 to x = -1/2.
"""

from __future__ import annotations

import numpy as np

from training.shapes.captions import adjective, detail
from training.shapes.materials import GLASS, RUBBER, Material, metal, paint
from training.shapes.operators import mirrored, moved, turned
from training.shapes.part import Part
from training.shapes.parts.aircraft import airframe, engines
from training.shapes.parts.ranges import chosen_subtype, drawn, like
from training.shapes.shape import Shape
from training.shapes.solids import Solid, lathe, rod

# fmt: off
# Pairs are ranges, words are alternatives (repeated for weight), single numbers are chances.
COMMON = like(
    {},
    length=(1.0, 1.0),  # of the fuselage
    body=(0.085, 0.125),  # its width
    tall=(0.9, 1.15),  # its height to its width
    boxy=(2.0, 2.5),  # exponent of its cross-section: 2 is an ellipse, more is boxier
    nose=(0.10, 0.2),  # share of the fuselage that widens
    blunt=(1.5, 2.3),  # of the nose: 1 is a cone, 2 an ellipse
    point=(0.05, 0.2),  # size of the nose's end, to the largest section
    droop=(0.0, 0.5),  # of the nose below the middle
    aft=(0.3, 0.45),  # share of the fuselage that narrows
    tip=(0.08, 0.3),  # size of its rear end
    rise=(0.3, 0.9),  # of the rear end above the middle
    at=(0.33, 0.42),  # the wing's leading edge at the root, from the nose
    height=(-0.8, -0.35),  # the wing's, -1 under the fuselage to 1 above it
    span=(0.9, 1.2),
    root=(0.15, 0.22),  # chord at the root
    taper=(0.2, 0.45),  # chord at the tip to that at the root
    sweep=(0.0, 5.0),  # degrees, of the leading edge; of the trailing edge for deltas
    dihedral=(1.0, 7.0),
    thick=(0.012, 0.03),
    plan="straight",
    fin=(0.1, 0.18),  # height of the fin
    tail="normal",
    stab=(0.3, 0.42),  # span of the horizontal tail, to the wing's but at most to 1
    engines="none",
    canopy="cockpit",
    gear=0.25,
    winglets=0.0,
    gull=0.0,
    tips=0.0,
    levels=(1.0, 1.0),  # of wings, one above the other
    braced=0.0,
    floats=0.0,
    tip_floats=0.0,
    radome=0.0,  # a radar's dish on the back
    canards=0.0,
    stores=0.0,
    cowl=0.0,  # a round engine cover wider than the nose
    toy=0.07,  # cartoon proportions: stout, thick-winged
)
AIRLINER = like(COMMON, sweep=(22, 40), root=(0.17, 0.28), taper=(0.12, 0.35),
    plan="kinked kinked straight", winglets=0.4)
LIGHT = like(COMMON, body=(0.1, 0.18), tall=(0.95, 1.35), blunt=(2, 4), point=(0.3, 0.7),
    aft=(0.45, 0.65), at=(0.2, 0.32), root=(0.16, 0.26), taper=(0.5, 1), engines="nose",
    gear=0.75, cowl=0.25, toy=0.15)
FIGHTER = like(COMMON, body=(0.06, 0.12), nose=(0.25, 0.42), blunt=(1.1, 1.7), point=(0.01, 0.08),
    droop=(0, 0.3), aft=(0.1, 0.3), tip=(0.6, 1), rise=(-0.3, 0.3), boxy=(2, 4), at=(0.35, 0.5),
    height=(-0.5, 0.6), span=(0.55, 0.85), root=(0.25, 0.42), taper=(0.12, 0.4), sweep=(25, 55),
    dihedral=(-5, 4), thick=(0.01, 0.022), canopy="bubble bubble greenhouse", stores=0.45,
    tips=0.3, stab=(0.45, 0.65), gear=0.2)
BIPLANE = like(LIGHT, toy=0.3, body=(0.09, 0.24), span=(0.9, 1.35), height=(-0.95, -0.5),
    taper=(0.8, 1), gear=0.9, levels=(2.0, 2.0), sweep=(-3, 8), canopy="bubble none")
SUBTYPES = {
    "airliner": like(AIRLINER, share=0.20, body=(0.085, 0.15), engines="wing2"),
    "jumbo jet": like(AIRLINER, share=0.08, tall=(1, 1.3), engines="wing4 wing4 wing4 wing3",
        radome=0.03),
    "rear-engined airliner": like(AIRLINER, share=0.05, body=(0.07, 0.11), at=(0.4, 0.52),
        tail="T", engines="rear2 rear2 rear3"),
    "business jet": like(AIRLINER, share=0.05, body=(0.085, 0.13), at=(0.38, 0.5),
        tail="T T cross", engines="rear2", nose=(0.15, 0.28), span=(0.8, 1.15)),
    "turboprop airliner": like(COMMON, share=0.04, tail="T normal", engines="prop2",
        height=(-0.8, 0.95), span=(0.95, 1.25), root=(0.11, 0.18), taper=(0.4, 0.7)),
    "transport plane": like(COMMON, share=0.05, body=(0.1, 0.17), boxy=(2, 3), height=(0.75, 1),
        sweep=(3, 30), span=(0.9, 1.35), dihedral=(-5, 2), plan="straight kinked",
        rise=(0.8, 1.1), tail="T T normal", engines="wing4 prop4 prop4 wing2 prop2",
        radome=0.06),
    "jet bomber": like(COMMON, share=0.03, body=(0.06, 0.1), height=(-0.3, 0.9), sweep=(20, 42),
        span=(0.8, 1.3), taper=(0.2, 0.5), dihedral=(-4, 4), plan="straight kinked",
        tail="normal cross", engines="wing4 wing6 wing8 pairs through2 through2", stores=0.3),
    "high-wing plane": like(LIGHT, share=0.06, span=(1.1, 1.6), height=(0.85, 1), canopy="cabin",
        braced=0.65, floats=0.08),
    "low-wing plane": like(LIGHT, share=0.06, span=(0.95, 1.5), height=(-0.85, -0.4),
        plan="straight straight elliptic", canopy="bubble greenhouse cabin",
        tail="normal normal T"),
    "warbird": like(LIGHT, share=0.07, body=(0.09, 0.15), span=(0.95, 1.35), taper=(0.35, 0.65),
        gear=0.45, gull=0.15, plan="straight elliptic", canopy="bubble greenhouse", stores=0.25,
        height=(-0.85, -0.1)),
    "biplane": like(BIPLANE, share=0.05),
    "triplane": like(BIPLANE, share=0.01, levels=(3.0, 3.0)),
    "twin-engined propeller plane": like(LIGHT, share=0.04, body=(0.08, 0.14), point=(0.05, 0.3),
        nose=(0.15, 0.3), engines="prop2", span=(0.95, 1.4), height=(-0.85, 0.9), gear=0.5,
        tail="normal T H", canopy="cabin greenhouse cockpit"),
    "heavy bomber": like(COMMON, share=0.03, body=(0.075, 0.12), span=(1.1, 1.5),
        root=(0.15, 0.22), taper=(0.3, 0.6), plan="straight elliptic", height=(-0.4, 0.6),
        tail="normal H", engines="prop4", canopy="greenhouse"),
    "twin-boom plane": like(LIGHT, share=0.02, length=(0.45, 0.65), body=(0.09, 0.14),
        aft=(0.3, 0.6), span=(0.9, 1.5), tail="booms", engines="nose pusher prop2 nozzle1",
        at=(0.22, 0.34), height=(-0.4, 0.9)),
    "delta fighter": like(FIGHTER, share=0.05, root=(0.4, 0.6), taper=(0.02, 0.25),
        sweep=(-8, 10), plan="delta delta double", at=(0.3, 0.42), span=(0.5, 0.8),
        tail="fin fin twin", engines="nozzle1 nozzle2", canards=0.5),
    "jet fighter": like(FIGHTER, share=0.10, tail="normal twin twin",
        engines="nozzle1 nozzle2 nozzle2", plan="straight strake strake"),
    "attack jet": like(FIGHTER, share=0.02, sweep=(0, 15), span=(0.9, 1.2), root=(0.16, 0.24),
        taper=(0.5, 0.8), body=(0.08, 0.11), blunt=(1.4, 2.2), nose=(0.2, 0.3), aft=(0.4, 0.6),
        tip=(0.15, 0.4), tail="H H normal", engines="rear2 rear2 through2", stores=0.7),
    "forward-swept fighter": like(FIGHTER, share=0.01, sweep=(-38, -15), at=(0.5, 0.62),
        root=(0.22, 0.32), taper=(0.3, 0.5), tail="fin normal twin", engines="nozzle1 nozzle2",
        canards=0.7),
    "jet trainer": like(FIGHTER, share=0.03, body=(0.09, 0.14), sweep=(3, 32), span=(0.75, 1.05),
        root=(0.17, 0.26), blunt=(1.4, 2), nose=(0.2, 0.3), aft=(0.4, 0.6), tip=(0.3, 0.6),
        canopy="greenhouse", engines="nozzle1", gear=0.4),
    "flying wing": like(COMMON, share=0.03, body=(0.18, 0.5), tall=(0.18, 0.4), nose=(0.3, 0.5),
        aft=(0.3, 0.5), tip=(0.02, 0.4), at=(0.0, 0.25), rise=(0, 0.2), height=(-0.2, 0.2),
        span=(1.2, 2.6), root=(0.6, 0.95), taper=(0.08, 0.4), sweep=(22, 42),
        plan="zigzag zigzag kinked straight", thick=(0.02, 0.05), dihedral=(-2, 2),
        tail="none none twin", winglets=0.2, gear=0.15),
    "supersonic airliner": like(COMMON, share=0.02, body=(0.04, 0.065), nose=(0.2, 0.35),
        blunt=(1.2, 1.7), point=(0.01, 0.05), tip=(0.02, 0.1), at=(0.25, 0.42), span=(0.38, 0.6),
        root=(0.45, 0.62), taper=(0.02, 0.15), sweep=(-4, 8), dihedral=(-2, 1),
        plan="ogival double", tail="fin", engines="boxes"),
    "glider": like(COMMON, share=0.04, body=(0.06, 0.1), tall=(1, 1.3), nose=(0.15, 0.28),
        aft=(0.5, 0.68), tip=(0.1, 0.25), rise=(0.2, 0.8), span=(1.6, 2.7), root=(0.09, 0.15),
        taper=(0.3, 0.6), height=(0.2, 0.9), tail="T T cross V normal", canopy="greenhouse",
        winglets=0.25, gear=0.1, stab=(0.2, 0.34), at=(0.27, 0.36)),
    "drone": like(COMMON, share=0.03, body=(0.07, 0.13), nose=(0.12, 0.25), blunt=(1.8, 3),
        aft=(0.35, 0.6), tip=(0.2, 0.6), span=(1.2, 2.1), root=(0.1, 0.18), taper=(0.4, 0.9),
        sweep=(0, 15), tail="V V normal", engines="pusher pusher top nose", canopy="none",
        height=(-0.6, 0.6), gear=0.45, at=(0.36, 0.5), stores=0.3),
    "flying boat": like(COMMON, share=0.015, body=(0.09, 0.15), tall=(1.1, 1.5), boxy=(2, 3),
        rise=(0.7, 1.1), height=(0.85, 1.0), span=(1.1, 1.5), root=(0.15, 0.22), taper=(0.4, 0.8),
        plan="straight elliptic", tail="normal H T", engines="prop2 prop4", gear=0.0,
        tip_floats=1.0),
    "seaplane": like(LIGHT, share=0.03, span=(1.1, 1.5), height=(0.3, 1), canopy="cabin",
        floats=1.0, gear=0.0, braced=0.4, engines="nose nose prop2"),
}
# fmt: on
SYNONYMS = {
    "airliner": ("passenger jet", "jetliner", "passenger plane"),
    "jumbo jet": ("wide-body airliner", "large airliner"),
    "rear-engined airliner": ("passenger jet", "airliner"),
    "business jet": ("private jet", "executive jet"),
    "turboprop airliner": ("turboprop", "regional airliner", "commuter plane"),
    "transport plane": ("military transport", "cargo plane", "freighter"),
    "jet bomber": ("bomber",),
    "high-wing plane": ("light aircraft", "bush plane", "private plane"),
    "low-wing plane": ("light aircraft", "sports plane", "private plane"),
    "warbird": ("old fighter plane", "World War Two fighter"),
    "twin-engined propeller plane": ("twin-prop plane", "light twin"),
    "heavy bomber": ("four-engined bomber", "World War Two bomber"),
    "delta fighter": ("delta-wing jet", "fighter jet", "jet fighter"),
    "jet fighter": ("fighter jet", "fighter", "military jet"),
    "forward-swept fighter": ("fighter jet", "experimental jet"),
    "jet trainer": ("training jet", "military jet"),
    "flying wing": ("stealth bomber", "tailless plane"),
    "supersonic airliner": ("supersonic jet",),
    "glider": ("sailplane",),
    "drone": ("unmanned aircraft", "UAV"),
    "seaplane": ("floatplane",),
    "attack jet": ("ground-attack plane", "military jet"),
    "flying boat": ("seaplane", "amphibious plane"),
}
CLAIMS = (
    detail("{num_engines:jet engine}", lambda a: a["num_engines"] > 0),
    detail(
        ("engines under the wings", "engines hanging below the wings"),
        lambda a: a["engines_under_wings"],
    ),
    detail(("engines at the tail", "engines on the rear fuselage"), lambda a: a["engines_at_rear"]),
    detail("{num_propellers:propeller}", lambda a: a["num_propellers"] > 0),
    detail("{num_nozzles:exhaust nozzle}", lambda a: a["num_nozzles"] > 0),
    detail("{num_fins:tail fin}", lambda a: a["num_fins"] > 1),
    detail(("a T-tail", "a T-shaped tail"), lambda a: a["has_t_tail"]),
    detail(("a V-tail", "a V-shaped tail"), lambda a: a["has_v_tail"]),
    detail("twin booms", lambda a: a["num_booms"] == 2),
    detail("two wings one above the other", lambda a: a["num_levels"] == 2),
    detail(
        ("three stacked wings", "three wings one above the other"), lambda a: a["num_levels"] == 3
    ),
    detail(
        ("a high wing", "wings on top of the fuselage"),
        lambda a: a["wing_height"] > 0.6 and a["num_levels"] == 1,
    ),
    detail(
        ("a low wing", "wings under the fuselage"),
        lambda a: a["wing_height"] < -0.6 and a["num_levels"] == 1,
    ),
    detail(("swept wings", "wings swept back"), lambda a: a["sweep_degrees"] > 20),
    detail(("forward-swept wings", "wings swept forward"), lambda a: a["sweep_degrees"] < -12),
    detail(("straight wings", "unswept wings"), lambda a: abs(a["sweep_degrees"]) < 7),
    detail("a long wingspan", lambda a: a["span_to_length"] > 1.3),
    detail("a short wingspan", lambda a: a["span_to_length"] < 0.75),
    detail(("narrow wings", "slim wings"), lambda a: a["aspect_ratio"] > 11),
    detail("broad wings", lambda a: a["aspect_ratio"] < 4),
    detail("winglets", lambda a: a["has_winglets"]),
    detail(("canards", "small wings near the nose"), lambda a: a["has_canards"]),
    detail(("landing gear", "its wheels down"), lambda a: a["num_wheels"] > 0),
    detail(
        ("no landing gear", "its wheels up"), lambda a: a["num_wheels"] == 0 and not a["has_floats"]
    ),
    detail(("two floats", "floats instead of wheels"), lambda a: a["has_floats"]),
    detail(
        ("bombs or missiles under the wings", "weapons under the wings"),
        lambda a: a["num_stores"] > 0,
    ),
    detail(("pods on the wing tips", "wing-tip pods"), lambda a: a["has_tip_pods"]),
    detail(("wing struts", "braced wings"), lambda a: a["has_struts"]),
    detail(("a radar dish", "a radar dish on its back"), lambda a: a["has_radome"]),
    adjective(("slender", "slim"), lambda a: a["body_width"] < 0.085),
    adjective(("stout", "stubby"), lambda a: a["body_width"] > 0.14),
    adjective("long-winged", lambda a: a["span_to_length"] > 1.5),
)


def make(rng: np.random.Generator) -> Shape:
    """Draw an airplane, nose towards +x."""
    subtype = chosen_subtype(rng, SUBTYPES)
    p = drawn(rng, SUBTYPES[subtype])
    p.levels = int(p.levels)
    p.gull &= p.tail not in ("H", "booms")
    if p.toy:
        p.body, p.thick = p.body * rng.uniform(1.2, 1.7), p.thick * rng.uniform(1.5, 3)
        p.root, p.fin = p.root * rng.uniform(1, 1.25), p.fin * rng.uniform(1, 1.3)
    facts: dict[str, float | int | bool] = {}
    solids: dict[str, list[Solid]] = {}
    carves: dict[str, list[Solid]] = {}
    body = airframe.fuselage(p)
    wing = airframe.main_wing(rng, p, body)
    solids["fuselage"], solids["wings"] = body.solids(), wing.solids()
    boom_z = None
    if p.tail == "booms":
        solids["booms"], solids["tail"], boom_z = airframe.booms(rng, p, wing)
    else:
        solids["tail"] = airframe.tail(rng, p, body)
    facts |= {
        "num_fins": {"none": 0, "V": 0, "twin": 2, "H": 2, "booms": 2}.get(p.tail, 1),
        "num_booms": 2 if p.tail == "booms" else 0,
        "has_t_tail": p.tail == "T",
        "has_v_tail": p.tail == "V",
    }
    _jets(rng, p, body, wing, facts, solids, carves)
    _propellers(rng, p, body, wing, boom_z, facts, solids)
    solids["canopy"] = airframe.canopy(rng, p, body)
    if p.canopy == "cockpit" and p.engines not in ("none", "nose") and p.tail != "booms":
        solids["windows"] = airframe.windows(p, body)
    _on_the_wings(rng, p, body, wing, facts, solids)
    _under_the_wings(rng, p, body, wing, facts, solids)
    shape = Shape("airplane", subtype, _parts(rng, solids, carves), facts)
    low, high = shape.bounds()
    length, height, span = high - low
    back = wing.lead[0] - wing.at(0.9)[0]  # without the rounding of the tip
    facts |= {
        "span_to_length": span / length,
        "height_to_length": height / length,
        "body_width": p.body / length,
        "wing_height": p.height,
        "sweep_degrees": float(np.rad2deg(np.arctan2(back, 0.9 * wing.z[-1]))),
        "aspect_ratio": 2 * wing.z[-1] ** 2 / np.trapezoid(wing.chord, wing.z),
        "taper": wing.at(0.9)[1] / wing.chord[0],
    }
    return shape


def _parts(rng: np.random.Generator, solids: dict, carves: dict) -> list[Part]:
    """Give every part its material: one or two colours, dark small parts, glass and rubber."""
    hull, trim, dark = _skin(rng), _skin(rng), metal(rng)
    looks = {"canopy": GLASS, "windows": GLASS, "wheels": RUBBER}
    looks |= dict.fromkeys(("fuselage", "booms", "canards", "intakes"), hull)
    looks |= {name: hull if rng.random() < 0.6 else trim for name in ("wings", "tail", "engines")}
    return [
        Part(name, looks.get(name, dark), some, carves.get(name, []))
        for name, some in solids.items()
        if some
    ]


def _jets(rng, p, body, wing, facts, solids, carves) -> None:
    """Jet engines in pods or within the fuselage, by `p.engines`."""
    facts.update(num_engines=0, num_nozzles=0)
    under = p.engines.startswith("wing") or p.engines == "pairs"
    if under or p.engines == "through2":
        solids["engines"], carves["engines"] = engines.wing_jets(rng, p, wing)
    elif p.engines in ("rear2", "rear3"):
        solids["engines"], carves["engines"] = engines.rear_jets(rng, p, body)
    elif p.engines == "boxes":
        solids["engines"] = engines.boxed_jets(rng, wing)
        facts["num_engines"] = 2
    if p.engines in ("wing3", "rear3", "top"):
        pod, carve = engines.back_jet(rng, p, body)
        solids["engines"] = solids.get("engines", []) + pod
        carves["engines"] = carves.get("engines", []) + carve
    facts["num_engines"] += len(carves.get("engines", []))  # every pod has an intake
    facts["engines_under_wings"] = under or p.engines == "boxes"
    facts["engines_at_rear"] = p.engines in ("rear2", "rear3")
    if "nozzle" in p.engines:
        solids["nozzles"], carves["nozzles"], ducts, mouths = engines.nozzles(rng, p, body)
        solids["intakes"], carves["intakes"] = ducts, mouths
        facts["num_nozzles"] = len(solids["nozzles"])


def _propellers(rng, p, body, wing, boom_z, facts, solids) -> None:
    """Propellers on the wings, at the nose or at the back, by `p.engines`."""
    style = str(rng.choice(["disc", "2", "3", "3", "4"]))
    facts["num_propellers"] = {"prop2": 2, "prop4": 4, "nose": 1, "pusher": 1}.get(p.engines, 0)
    if p.engines in ("prop2", "prop4"):
        pods = engines.wing_propellers(rng, p, wing, style, boom_z)
        solids["engine pods"], solids["propellers"] = pods
    elif p.engines in ("nose", "pusher"):
        back = p.engines == "pusher"
        x = body.x[-1] if back else body.x[0]
        size = min(rng.uniform(0.09, 0.16), 0.8 * boom_z if boom_z else 1)
        solids["propeller"] = engines.propeller(rng, x, body.at(x)[0], 0, size, style, back)
        if p.cowl and not back:
            r, long = p.body / 2 * rng.uniform(0.95, 1.2), rng.uniform(0.06, 0.12)
            profile = [(0.8 * r, -long), (r, -0.6 * long), (r, -0.1 * long), (0.85 * r, 0)]
            middle = (x - 0.01, body.at(x - 0.06)[0], 0)
            solids["engine cowl"] = [lathe(profile, middle, (1, 0, 0))]


def _on_the_wings(rng, p, body, wing, facts, solids) -> None:
    """More wings, canards, struts, and what is at the tips."""
    facts.update(
        num_levels=p.levels,
        has_winglets=p.winglets,
        has_tip_pods=p.tips,
        has_canards=p.canards,
        has_radome=p.radome,
        has_struts=p.levels > 1 or (p.braced and p.height > 0.6),
    )
    if p.winglets:
        lead, chord, y, z = wing.at(1.0)
        foot = (lead - chord, y)
        blade = airframe.plate(
            0.95 * chord, 0.5, rng.uniform(25, 55), rng.uniform(0.03, 0.09), foot, 0.01
        )
        out = turned([blade], "x", rng.uniform(0, 35), (0, y, 0))
        solids["winglets"] = mirrored(moved(out, (0, 0, z - 0.004)))
    if p.tips:
        lead, chord, y, z = wing.at(0.98)
        r, long = rng.uniform(0.008, 0.018), max(chord, 0.1) * rng.uniform(0.6, 0.8)
        middle = lead - chord / 2
        solids["pods"] = mirrored([rod((middle - long, y, z), (middle + long, y, z), r)])
    if p.radome:
        solids["radar dish"] = airframe.radome(rng, body)
    if p.canards:
        solids["canards"] = airframe.canards(rng, p, body)
    if p.levels > 1:
        upper, solids["struts"] = airframe.stacked_wings(rng, p, wing, body, p.levels)
        solids["wings"] = solids["wings"] + upper
    elif facts["has_struts"]:
        lead, chord, y, z = wing.at(rng.uniform(0.4, 0.65))
        x = wing.lead[0] - 0.4 * wing.chord[0]
        middle, width, height = body.at(x)
        foot = (x, middle - 0.7 * height, 0.6 * width)
        solids["struts"] = mirrored([rod(foot, (lead - 0.4 * chord, y, z), 0.007)])


def _under_the_wings(rng, p, body, wing, facts, solids) -> None:
    """Weapons, and what it stands on: wheels or floats."""
    facts.update(num_stores=0, num_wheels=0, has_floats=p.floats or p.tip_floats)
    if p.stores:
        solids["weapons"], facts["num_stores"] = engines.stores(rng, wing)
    if p.tip_floats:
        solids["floats"], solids["float struts"] = airframe.tip_floats(rng, wing)
    elif p.floats:
        solids["floats"], solids["float struts"] = airframe.floats(rng, p, body)
    elif p.gear:
        gear = airframe.undercarriage(rng, p, body, wing)
        solids["landing gear"], solids["wheels"] = gear
        facts["num_wheels"] = len(solids["wheels"])


def _skin(rng: np.random.Generator) -> Material:
    return metal(rng) if rng.random() < 0.5 else paint(rng)
