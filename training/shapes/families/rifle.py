"""Rifles and their kin: receiver, barrel, fore-end, stock, magazine, and what is fitted to them.

The bore is the x axis; the receiver starts at x = 0 with the stock behind and the barrel in front.
Unit of length: the gun with a usual stock.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from training.shapes.captions import adjective, detail
from training.shapes.materials import Material, metal, paint, plastic, wood
from training.shapes.part import Part
from training.shapes.parts import gun_parts as gun
from training.shapes.parts.ranges import chosen_subtype, drawn, like
from training.shapes.shape import Shape
from training.shapes.solids import Solid, box, frustum, prism, rod, slab

# Pairs are ranges, words are alternatives (repeated for weight), single numbers are chances.
# fmt: off
COMMON = like(
    {},
    stock="straight",
    stock_length=(0.2, 0.32),
    drop=(0.0, 0.05),  # of the heel below the receiver's top
    butt=(0.08, 0.14),  # height of the butt
    receiver=(0.18, 0.3),  # its length
    tall=(0.05, 0.1),  # its height
    wide=(0.03, 0.07),  # its width
    cut=(0.0, 0.4),  # wedges off its lower corners
    fore="box box round",
    fore_share=(0.35, 0.7),  # of the barrel that the fore-end covers
    fore_tall=(0.04, 0.065),
    bore=(0.007, 0.013),  # radius of the barrel
    barrels="1",
    muzzle="none flash",
    grip="pistol",
    grip_tall=(0.075, 0.12),
    magazine="straight curved",
    mag_length=(0.1, 0.2),
    mag_depth=(0.045, 0.075),
    top="sights",
    under="none",
    bipod=0.0,
    tripod=0.0,
    bolt=0.0,
    rail=0.0,
    bayonet=0.0,
    lever=0.0,  # a loop under the wrist
    side="none",  # a magazine or belt box beside the receiver
    looks="modern",
)
WOODEN = like(COMMON, stock="classic", grip="none", fore="wood", wide=(0.025, 0.055),
    tall=(0.035, 0.06), cut=(0, 0.15), magazine="none", receiver=(0.14, 0.22), muzzle="none",
    stock_length=(0.24, 0.34), drop=(0.02, 0.07), fore_tall=(0.03, 0.05), looks="wooden")
SUBTYPES = {
    "assault rifle": like(COMMON, share=0.24,
        stock="straight straight tube tube skeleton folded none",
        magazine="curved curved curved straight straight straight drum",
        top="sights sights handle dot scope none", under="none none none foregrip launcher",
        muzzle="none flash flash silencer", rail=0.4, bayonet=0.06, bipod=0.06),
    "sniper rifle": like(COMMON, share=0.15, stock="straight thumbhole classic skeleton",
        grip="pistol pistol none", tall=(0.04, 0.075), receiver=(0.16, 0.26),
        fore_share=(0.2, 0.55), magazine="straight straight none", mag_length=(0.03, 0.09),
        top="scope", muzzle="none brake brake silencer", bipod=0.55, bolt=0.6, rail=0.3,
        looks="modern modern wooden"),
    "anti-materiel rifle": like(COMMON, share=0.03, stock="straight skeleton tube",
        receiver=(0.25, 0.38), stock_length=(0.12, 0.22), tall=(0.045, 0.075),
        fore_share=(0.05, 0.35), fore="round box", magazine="straight", mag_length=(0.05, 0.11),
        mag_depth=(0.07, 0.11), top="scope scope sights", muzzle="brake", bipod=0.85,
        bore=(0.009, 0.016)),
    "hunting rifle": like(WOODEN, share=0.10, fore_share=(0.25, 0.5),
        top="scope scope sights none", bolt=0.8, magazine="none none straight",
        mag_length=(0.02, 0.05), muzzle="none none none brake"),
    "service rifle": like(WOODEN, share=0.07, fore_share=(0.55, 0.95), top="sights", bolt=0.7,
        bayonet=0.25, bipod=0.04, magazine="none none straight", mag_length=(0.03, 0.08)),
    "lever-action rifle": like(WOODEN, share=0.03, lever=1.0, fore_share=(0.35, 0.6),
        under="tube", top="sights"),
    "pump shotgun": like(WOODEN, share=0.07,
        stock="classic classic straight skeleton none folded", grip="none pistol", fore="pump",
        fore_share=(0.3, 0.6), under="tube", top="none sights", bore=(0.009, 0.014),
        looks="modern wooden"),
    "double-barrelled shotgun": like(WOODEN, share=0.04, fore_share=(0.25, 0.45),
        barrels="2h 2h 2v", top="none", bore=(0.009, 0.014), receiver=(0.08, 0.14)),
    "submachine gun": like(COMMON, share=0.10,
        stock="wire skeleton folded none tube straight classic", receiver=(0.34, 0.52),
        wide=(0.04, 0.08), tall=(0.06, 0.12), magazine="straight straight curved drum",
        mag_length=(0.13, 0.3), bore=(0.01, 0.016), fore="none none box shield",
        fore_share=(0.4, 0.85), muzzle="none none silencer", top="sights sights dot none",
        under="none none foregrip", grip_tall=(0.1, 0.17), looks="modern modern modern wooden"),
    "machine pistol": like(COMMON, share=0.03, stock="none none folded wire",
        receiver=(0.4, 0.55), stock_length=(0.25, 0.4), tall=(0.09, 0.16), wide=(0.06, 0.11),
        magazine="grip", mag_length=(0.05, 0.25), grip_tall=(0.16, 0.24), fore="none",
        bore=(0.014, 0.022), muzzle="none none silencer", top="sights none"),
    "machine gun": like(COMMON, share=0.08, tripod=0.12,
        stock="straight straight classic skeleton", receiver=(0.24, 0.38), tall=(0.06, 0.1),
        fore="shield box round none", fore_share=(0.3, 0.9), magazine="box drum curved pan none",
        mag_length=(0.09, 0.17), top="sights handle", muzzle="none flash", bipod=0.7,
        bore=(0.009, 0.016), side="none none belt", looks="modern modern wooden"),
    "rotary machine gun": like(COMMON, share=0.01, stock="none", receiver=(0.25, 0.4),
        tall=(0.11, 0.17), wide=(0.1, 0.16), barrels="6", fore="none", magazine="none box",
        mag_length=(0.1, 0.2), top="handle", grip_tall=(0.1, 0.15), bore=(0.007, 0.011)),
    "bullpup rifle": like(COMMON, share=0.06, stock="bullpup", receiver=(0.2, 0.32),
        stock_length=(0.3, 0.42), tall=(0.06, 0.1), butt=(0.09, 0.16), fore_share=(0.25, 0.6),
        magazine="curved straight", top="handle scope sights dot", under="none none foregrip",
        muzzle="flash none silencer", rail=0.4, bipod=0.08),
    "musket": like(WOODEN, share=0.05, receiver=(0.08, 0.14), tall=(0.03, 0.045),
        fore_share=(0.6, 0.97), top="none sights", wide=(0.02, 0.04), drop=(0.04, 0.1),
        bayonet=0.3, under="ramrod", bore=(0.006, 0.011)),
    "carbine": like(COMMON, share=0.04, stock="tube skeleton straight classic",
        grip="pistol pistol none", receiver=(0.22, 0.32), fore_share=(0.5, 0.9),
        top="dot sights none none", rail=0.5, under="none foregrip", looks="modern wooden"),
    "science-fiction rifle": like(COMMON, share=0.03, stock="straight bullpup skeleton none",
        receiver=(0.28, 0.45), tall=(0.08, 0.16), wide=(0.05, 0.1), fore_tall=(0.05, 0.12),
        bore=(0.012, 0.03), magazine="straight curved drum none", top="scope dot handle none",
        cut=(0.1, 0.7), muzzle="none brake silencer", under="none foregrip launcher",
        side="none belt", looks="modern painted"),
}
# fmt: on
SYNONYMS = {
    "assault rifle": ("automatic rifle", "military rifle", "gun"),
    "sniper rifle": ("scoped rifle", "precision rifle"),
    "anti-materiel rifle": ("heavy sniper rifle",),
    "hunting rifle": ("sporting rifle", "bolt-action rifle"),
    "service rifle": ("old army rifle", "infantry rifle"),
    "lever-action rifle": ("cowboy rifle", "western rifle"),
    "pump shotgun": ("shotgun", "pump-action shotgun"),
    "double-barrelled shotgun": ("shotgun", "double-barreled shotgun"),
    "submachine gun": ("SMG", "gun"),
    "machine pistol": ("small submachine gun", "gun"),
    "machine gun": ("light machine gun", "LMG"),
    "rotary machine gun": ("minigun",),
    "bullpup rifle": ("bullpup",),
    "musket": ("flintlock", "old musket", "muzzle-loader"),
    "carbine": ("short rifle",),
    "science-fiction rifle": ("futuristic rifle", "sci-fi gun", "blaster"),
}
CLAIMS = (
    detail(("a straight magazine", "a box magazine"), lambda a: a["has_straight_magazine"]),
    detail(("a curved magazine", "a banana magazine"), lambda a: a["has_curved_magazine"]),
    detail(("a drum magazine", "a round drum"), lambda a: a["has_drum"]),
    detail("no magazine", lambda a: not a["has_magazine"]),
    detail(("a telescopic sight", "a scope", "a scope on top"), lambda a: a["has_scope"]),
    detail(("iron sights", "open sights"), lambda a: a["has_iron_sights"]),
    detail(("a carrying handle", "a carry handle"), lambda a: a["has_carry_handle"]),
    detail(("a pistol grip", "a separate grip"), lambda a: a["has_pistol_grip"]),
    detail(("a folded stock", "its stock folded"), lambda a: a["has_folded_stock"]),
    detail(("a skeleton stock", "an open-frame stock"), lambda a: a["has_skeleton_stock"]),
    detail(("a shoulder stock", "a stock"), lambda a: a["stock_to_length"] > 0.1),
    detail("no stock", lambda a: not a["has_stock"]),
    detail(("a bipod", "two legs under the barrel"), lambda a: a["has_bipod"]),
    detail(("a tripod", "three legs"), lambda a: a["has_tripod"]),
    detail(("a silencer", "a suppressor"), lambda a: a["has_silencer"]),
    detail(
        ("a muzzle brake", "a flash hider"),
        lambda a: a["has_muzzle_device"] and not a["has_silencer"],
    ),
    detail(("a bayonet", "a blade under the muzzle"), lambda a: a["has_bayonet"]),
    detail(("a foregrip", "a vertical grip in front"), lambda a: a["has_foregrip"]),
    detail(("a grenade launcher", "a launcher under the barrel"), lambda a: a["has_launcher"]),
    detail("{num_barrels:barrel}", lambda a: a["num_barrels"] > 1),
    detail("a long barrel", lambda a: a["barrel_to_length"] > 0.42),
    detail("a short barrel", lambda a: a["barrel_to_length"] < 0.15),
    detail(("a pump", "a sliding fore-end"), lambda a: a["has_pump"]),
    detail("a bolt handle", lambda a: a["has_bolt"]),
    adjective(("slender", "slim", "thin"), lambda a: a["height_to_length"] < 0.2),
    adjective(("compact", "stubby"), lambda a: a["height_to_length"] > 0.4),
)


def make(rng: np.random.Generator) -> Shape:
    """Draw a gun, muzzle towards +x."""
    subtype = chosen_subtype(rng, SUBTYPES)
    p = drawn(rng, SUBTYPES[subtype])
    p.top_y, p.low_y = 0.35 * p.tall, -0.65 * p.tall
    p.end = p.receiver + max(1 - p.stock_length - p.receiver, 0.12)  # of the barrel
    p.fore_end = p.receiver + p.fore_share * (p.end - p.receiver)
    facts: dict = {}
    solids: dict[str, list[Solid]] = {}
    carves: dict[str, list[Solid]] = {}
    _body(rng, p, facts, solids, carves)
    _barrel(rng, p, facts, solids)
    _fore_end(rng, p, facts, solids, carves)
    _feed(rng, p, facts, solids)
    _sights(rng, p, facts, solids)
    _extras(rng, p, facts, solids)
    dark, body = _gunmetal(rng), _furniture(rng, p.looks)
    looks = dict.fromkeys(("stock", "fore-end", "grip", "foregrip"), body)
    looks["receiver"] = body if rng.random() < 0.3 else (metal(rng) if rng.random() < 0.5 else dark)
    parts = [Part(n, looks.get(n, dark), s, carves.get(n, [])) for n, s in solids.items() if s]
    shape = Shape("rifle", subtype, parts, facts)
    low, high = shape.bounds()
    length, height, width = high - low
    facts |= {
        "height_to_length": height / length,
        "width_to_length": width / length,
        "barrel_to_length": (p.end - max(p.fore_end if solids.get("fore-end") else 0, p.receiver))
        / length,
        "receiver_to_length": p.receiver / length,
        "stock_to_length": max(0.0, -min(s.bounds()[0][0] for s in solids["stock"])) / length
        if facts["has_stock"]
        else 0.0,
        "barrel_radius": p.bore / length,
    }
    return shape


def _gunmetal(rng) -> Material:
    """Mostly dark steel, sometimes any metal."""
    if rng.random() < 0.35:
        return metal(rng)
    name = str(rng.choice(["black metal", "black metal", "grey metal", "steel"]))
    grey = {"black metal": 0.07, "grey metal": 0.3, "steel": 0.45}[name] * rng.uniform(0.8, 1.2)
    return Material(name, (grey, grey, 1.04 * grey), rng.uniform(0.4, 0.8))


def _furniture(rng, looks: str) -> Material:
    """What stock, grip and fore-end are made of."""
    if looks == "wooden":
        return wood(rng)
    return paint(rng) if looks == "painted" or rng.random() < 0.4 else plastic(rng)


def _body(rng, p: SimpleNamespace, facts, solids, carves) -> None:
    """Receiver, stock, grip and trigger."""
    top, low, wide = p.top_y, p.low_y, p.wide
    solids["receiver"] = [gun.receiver(0, p.receiver + 0.01, top, low, wide, p.cut)]
    if p.rail:
        end = rng.choice([p.receiver, p.fore_end])
        solids["rail"] = [slab((0.1 * p.receiver, top - 0.005, -0.012), (end, top + 0.012, 0.012))]
    solids["stock"], carves["stock"] = gun.stock(rng, p)
    stock = p.stock
    p.grip_x = p.receiver * rng.uniform(0.05, 0.25)
    if p.magazine == "grip":
        p.grip_x = p.receiver * rng.uniform(0.3, 0.5)
    if stock == "bullpup":
        p.grip_x = p.receiver * rng.uniform(0.35, 0.75)
    depth = rng.uniform(0.035, 0.05) * (1 + 4 * max(p.wide - 0.05, 0))
    pistol = p.grip == "pistol" and stock != "classic" and stock != "thumbhole"
    if pistol:
        slant = rng.uniform(0, 12) if p.magazine == "grip" else rng.uniform(5, 35)
        solids["grip"] = [
            gun.pistol_grip(p.grip_x, low + 0.015, p.grip_tall, depth, slant, 0.85 * wide)
        ]
    guard = p.grip_x + (depth / 2 - 0.005 if pistol else 0)
    solids["trigger guard"] = gun.trigger(
        guard, low, rng.uniform(0.05, 0.075), rng.uniform(0.025, 0.04)
    )
    if p.cut * p.tall > 0.02:  # reach up to where the receiver is cut away
        solids["trigger guard"].append(rod((guard, low - 0.005, 0), (guard, 0.3 * low, 0), 0.006))
    facts.update(
        has_stock=stock != "none",
        has_folded_stock=stock == "folded",
        has_skeleton_stock=stock == "skeleton",
        has_pistol_grip=pistol,
    )


def _barrel(rng, p, facts, solids) -> None:
    """One barrel, two, or a bundle of six; and what is on the muzzle."""
    gap, offsets = 1.05 * p.bore, [(0, 0)]
    if p.barrels == "2h":
        offsets = [(0, -gap), (0, gap)]
    elif p.barrels == "2v":
        offsets = [(gap, 0), (-gap, 0)]
    elif p.barrels == "6":
        gap = 0.36 * p.wide
        offsets = [(gap * np.cos(t), gap * np.sin(t)) for t in np.arange(6) * np.pi / 3]
    long = {"none": 0.0, "flash": rng.uniform(0.02, 0.05), "brake": rng.uniform(0.03, 0.07),
            "silencer": rng.uniform(0.1, 0.25)}[p.muzzle]  # fmt: skip
    radius = (
        p.bore * rng.uniform(1.3, 1.8)
        if p.muzzle in ("flash", "brake")
        else max(1.4 * p.bore, rng.uniform(0.014, 0.024))
    )
    solids["barrel"] = gun.barrels(0.5 * p.receiver, p.end, p.bore, 0, 0, offsets)
    if p.barrels == "6":  # the plates that hold the bundle
        xs = [p.receiver + k * (p.end - p.receiver) for k in (0.05, 0.55, 0.97)]
        solids["barrel"] += [frustum((x, 0, 0), (x + 0.02, 0, 0), 1.35 * gap) for x in xs]
    name = "silencer" if p.muzzle == "silencer" else "muzzle brake"
    solids[name] = gun.barrels(p.end - 0.01, p.end, p.bore, long, radius, [(0, 0)] if long else [])
    facts.update(
        num_barrels=len(offsets),
        has_silencer=p.muzzle == "silencer",
        has_muzzle_device=p.muzzle != "none",
    )


def _fore_end(rng, p, facts, solids, carves) -> None:
    """What the front hand holds: a box or round hand guard, slim wood, a pump or a heat shield."""
    start, stop, tall = p.receiver - 0.005, p.fore_end, p.fore_tall
    wide = max(min(p.wide * rng.uniform(0.75, 1.15), 1.3 * tall), 2.2 * p.bore)
    top = min(p.top_y, 0.5 * tall) * rng.uniform(0.4, 1.0)
    shrink = rng.uniform(0.65, 1.0)
    facts["has_pump"] = p.fore == "pump"
    if p.fore in ("box", "wood"):
        top = max(top, 0.0) if p.fore == "box" else 0.3 * p.bore
        end = top - (tall * shrink if p.fore == "box" else max(0.75 * tall * shrink, 0.018))
        outline = [(start, top), (stop, top), (stop, end), (start, min(top - tall, p.low_y * 0.9))]
        solids["fore-end"] = [gun.flat(outline, wide, 0.3)]
    elif p.fore == "round":
        r = 0.5 * tall
        solids["fore-end"] = [
            frustum((start, -0.1 * r, 0), (stop, -0.1 * r, 0), r, r * shrink, min(1.2, wide / tall))
        ]
    elif p.fore == "shield":
        r = max(0.4 * tall, 1.6 * p.bore)
        solids["heat shield"], carves["heat shield"] = gun.heat_shield(rng, start, stop, r)
    elif p.fore == "pump":
        long = rng.uniform(0.12, 0.2)
        at = p.receiver + rng.uniform(0.05, 0.15)
        y = -2.3 * p.bore
        solids["fore-end"] = [frustum((at, y, 0), (at + long, y, 0), 0.42 * tall, 0.38 * tall, 0.9)]


def _feed(rng, p, facts, solids) -> None:
    """The magazine, wherever it is."""
    kind, low = p.magazine, p.low_y
    if kind == "drum":
        p.mag_length = min(p.mag_length, 0.16)
    width = p.wide * rng.uniform(0.6, 0.9)
    slant, bend = rng.uniform(-2, 14), rng.uniform(15, 50)
    x = rng.uniform(
        max(p.grip_x + 0.11, 0.55 * p.receiver), max(0.85 * p.receiver, p.grip_x + 0.12)
    )
    if p.stock == "bullpup":
        x = -rng.uniform(0.15, 0.55) * p.stock_length
    if p.cut > 0.2 and p.stock != "bullpup":
        x = min(x, p.grip_x + 0.14)
    if kind == "grip":  # in the grip, its foot sticks out below
        drop = low - p.grip_tall - p.mag_length
        solids["magazine"] = [
            slab((p.grip_x - 0.045, low, -width / 3), (p.grip_x - 0.01, drop, width / 3))
        ]
    elif kind == "box":  # a box for the belt
        side = p.mag_length * rng.uniform(0.9, 1.5)
        solids["magazine"] = [
            box(
                (x, low - p.mag_length / 2 + 0.02, 0),
                (side, p.mag_length, rng.uniform(1, 2.2) * p.wide),
                0.008,
            )
        ]
    elif kind == "pan":  # lies on top
        y, r = p.top_y, p.mag_length * rng.uniform(0.5, 0.9)
        solids["magazine"] = [
            frustum((0.6 * p.receiver, y - 0.005, 0), (0.6 * p.receiver, y + 0.03, 0), r)
        ]
        if rng.random() < 0.5:  # or stands on top, curved
            solids["magazine"] = [
                prism(
                    "z",
                    [
                        (x, y - 0.01),
                        (x + p.mag_depth, y - 0.01),
                        (x + 1.4 * p.mag_depth, y + p.mag_length),
                        (x + 0.4 * p.mag_depth, y + p.mag_length),
                    ],
                    -width / 2,
                    width / 2,
                )
            ]
    elif kind != "none":
        wider = width * (1.8 if kind == "drum" else 1)
        solids["magazine"] = gun.magazine(
            kind, x, low, p.mag_length, p.mag_depth, slant, bend, wider
        )
        if p.cut > 0.2:  # the well that holds it
            long = p.mag_depth + 0.015
            solids["magazine well"] = [
                slab((x - long / 2, 0, -0.45 * p.wide), (x + long / 2, low - 0.01, 0.45 * p.wide))
            ]
    if p.side == "belt":
        z = 0.5 * p.wide + 0.02
        solids["ammunition box"] = [
            slab((0.5 * p.receiver, 0, 0), (0.5 * p.receiver + 0.1, low - 0.06, z + 0.03), 0.006)
        ]
    facts.update(
        has_magazine=kind != "none",
        has_straight_magazine=kind in ("straight", "grip"),
        has_curved_magazine=kind == "curved",
        has_drum=kind == "drum",
        magazine_to_receiver=0.0 if kind == "none" else p.mag_length / p.receiver,
    )


def _sights(rng, p, facts, solids) -> None:
    """Scope, dot sight, carrying handle or iron sights."""
    top = p.top_y + (0.01 if p.rail else 0)
    if p.top == "scope":
        length = rng.uniform(0.16, 0.34)
        x = p.receiver * rng.uniform(0.35, 0.75)
        solids["scope"], solids["mounts"] = gun.scope(rng, x, top, length)
    elif p.top == "dot":
        solids["sight"] = gun.dot_sight(rng, p.receiver * rng.uniform(0.3, 0.8), top, p.wide)
    elif p.top == "handle":
        start = p.receiver * rng.uniform(0.05, 0.3)
        solids["carrying handle"] = gun.carry_handle(
            rng, start, p.receiver * rng.uniform(0.75, 1.0), top
        )
    both = p.top in ("sights", "handle")
    if both:
        front = max(p.end - rng.uniform(0.01, 0.12), p.receiver + 0.02)
        solids["sights"] = gun.iron_sights(
            rng, p.receiver * rng.uniform(0.1, 0.8), front, top, rng.uniform(0.008, 0.03)
        )
    facts.update(
        has_scope=p.top == "scope", has_carry_handle=p.top == "handle", has_iron_sights=both
    )


def _extras(rng, p, facts, solids) -> None:
    """What hangs under the barrel or sticks out of the side."""
    cover = p.fore_end if p.fore in ("box", "round", "shield", "wood") else p.receiver
    low = -0.5 * p.fore_tall
    if p.under == "tube":
        y, end = -2.3 * p.bore, p.receiver + rng.uniform(0.65, 1.0) * (p.end - p.receiver)
        solids["tube magazine"] = [
            frustum((0.8 * p.receiver, y, 0), (end, y, 0), p.bore * rng.uniform(0.9, 1.2))
        ]
        solids["tube magazine"].append(slab((end - 0.03, 0, -0.006), (end - 0.015, y, 0.006)))
        facts.update(has_magazine=True)
    elif p.under == "ramrod":
        solids["ramrod"] = [
            rod((p.receiver, -2 * p.bore, 0), (p.end - 0.02, -1.6 * p.bore, 0), 0.005)
        ]
        x, y = 0.5 * p.receiver, p.top_y
        solids["hammer"] = [
            rod((x, y - 0.01, 0.3 * p.wide), (x - 0.02, y + 0.03, 0.3 * p.wide), 0.007)
        ]
        solids["hammer"].append(
            rod((x - 0.02, y + 0.03, 0.3 * p.wide), (x + 0.01, y + 0.035, 0.3 * p.wide), 0.006)
        )
    elif p.under == "foregrip":
        x = p.receiver + rng.uniform(0.4, 0.9) * max(cover - p.receiver, 0.05)
        solids["foregrip"] = [
            gun.pistol_grip(x, 0.0, rng.uniform(0.09, 0.13), 0.032, rng.uniform(-5, 12), 0.032)
        ]
    elif p.under == "launcher":
        r, start = rng.uniform(0.016, 0.024), p.receiver + 0.01
        y = low - 0.7 * r
        solids["grenade launcher"] = [
            frustum((start, y, 0), (start + rng.uniform(0.16, 0.28), y, 0), r)
        ]
        solids["grenade launcher"].append(slab((start, 0, -0.01), (start + 0.06, y, 0.01)))
    if p.lever:
        solids["cocking lever"] = gun.lever(
            p.grip_x, p.low_y + 0.005, rng.uniform(0.1, 0.14), rng.uniform(0.03, 0.055)
        )
    if p.bolt:
        solids["bolt handle"] = gun.bolt(0.2 * p.receiver, 0.1 * p.tall, p.wide)
    if p.bayonet:
        start, long = p.end - 0.06, rng.uniform(0.12, 0.25)
        y = -2.2 * p.bore
        blade = [
            (start, 0),
            (start, y - 0.008),
            (start + long, y),
            (start + 0.8 * long, y + 0.01),
            (start + 0.05, 0),
        ]
        solids["bayonet"] = [prism("z", blade, -0.004, 0.004)]
    p.bipod &= not p.tripod
    if p.bipod:
        x = rng.uniform(max(cover - 0.06, p.receiver), max(cover, p.end - 0.08))
        folded = rng.random() < 0.2
        y = -0.5 * p.bore if x > cover else 0.8 * low
        solids["bipod"] = gun.bipod(
            x, y, rng.uniform(0.13, 0.26), rng.uniform(0.03, 0.13), rng.uniform(-5, 30), folded
        )
    if p.tripod:
        solids["tripod"] = gun.tripod(rng, 0.7 * p.receiver, p.low_y + 0.01)
    facts.update(
        has_foregrip=p.under == "foregrip",
        has_launcher=p.under == "launcher",
        has_bolt=p.bolt,
        has_bayonet=p.bayonet,
        has_bipod=p.bipod,
        has_tripod=p.tripod,
    )
