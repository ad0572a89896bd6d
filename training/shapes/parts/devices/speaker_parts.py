"""What loudspeakers are built of: cabinets, drivers, grilles, feet, knobs, handles."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import COLORS, RUBBER, Material, metal, paint, plastic, wood
from training.shapes.operators import mirrored, moved, tube, turned
from training.shapes.outlines import rectangle, symmetric
from training.shapes.parts.builder import Builder
from training.shapes.shape import Shape
from training.shapes.solids import box, ellipsoid, frustum, loft, prism, rod, slab

BLACK = Material("black", COLORS["black"], 0.3)
CLOTHS = [
    Material(f"{name} fabric", COLORS[name], 0.05, "weave")
    for name in ("black", "grey", "brown", "beige")
]


FORMS = ("box", "rounded", "lyre", "taper", "trapezoid", "chamfered")  # of cabinets


class Speaker(Builder):
    """A loudspeaker under construction: the main cabinet's size, its looks, the truth about it."""

    def __init__(self, rng: np.random.Generator, ranges):
        super().__init__(rng)
        self.w, self.h, self.d = (self.u(*r) for r in ranges)
        self.skin = self.pick(wood, wood, plastic, paint)(rng) if self.chance(0.6) else BLACK
        self.cone, self.rim = (
            self.pick(BLACK, paint(rng), metal(rng)),
            self.pick(BLACK, BLACK, metal(rng)),
        )
        self.back = 1.0  # breadth of the back as a share of the front's
        self.cloth, self.metal = self.pick(*CLOTHS), metal(rng)
        self.proud = self.u(0.002, 0.05) * min(self.w, self.h)  # how far things stand out in front
        counts, flags = "drivers feet knobs", "grille port base post tripod handle antenna horn"
        self.facts = {f"num_{k}": 0 for k in counts.split()} | {
            f"has_{k}": False for k in flags.split()
        }
        self.facts |= {"num_cabinets": 1, "rounded_edges": False, "front_slope": 0.0}

    def cabinet(self, form: str | None = None, low=0.0) -> None:
        """The box, from y = `low`, its flat front at x = d / 2."""
        w, h, d = self.w, self.h, self.d
        form = form or str(self.rng.choice(FORMS, p=(0.44, 0.18, 0.1, 0.08, 0.09, 0.11)))
        front, back, high = d / 2, -d / 2, low + h
        self.back = self.u(0.2, 0.8) if form in ("lyre", "trapezoid") else 1.0
        if form in ("box", "rounded"):
            edge = (self.u(0.06, 0.25) if form == "rounded" else self.u(0, 0.02)) * min(w, h, d)
            body = slab((back, low, -w / 2), (front, high, w / 2), edge)
            self.facts["rounded_edges"] = form == "rounded"
        elif form == "lyre":  # sides that curve in towards the back
            t = np.linspace(0, 1, 5)
            half = np.stack([front - d * t, w / 2 * (1 - (1 - self.back) * t ** self.u(1.6, 3))], 1)
            body = prism("y", symmetric(half), low, high)
        elif form == "trapezoid":  # straight sides, narrow at the back
            half = [(front, w / 2), (front - self.u(0, 0.4) * d, w / 2), (back, self.back * w / 2)]
            body = prism("y", symmetric(half), low, high)
        elif form == "chamfered":  # the edges of the front are cut off
            cut, flat = self.u(0.08, 0.4) * min(w, d), self.u(0.6, 0.9)
            half = [(front, flat * w / 2), (front - cut, w / 2), (back, w / 2)]
            body = prism("y", symmetric(half), low, high)
        else:  # narrow at the top, the front still flat
            top, deep = self.u(0.5, 0.9) * w, self.u(0.5, 1.0) * d
            feet = rectangle(d, w)
            body = loft("y", feet, rectangle(deep, top, center=(front - deep / 2, 0)), low, high)
            self.w = top  # what there is room for
        self.add("cabinet", self.skin, [body])
        if form in ("box", "rounded", "chamfered") and self.chance(0.85):
            self._trim(low)

    def _trim(self, low) -> None:
        """What stands out from a plain box: electronics at the back, a baffle, a lid."""
        w, h, d = self.w, self.h, self.d
        kind, thick = self.pick("back", "baffle", "lid"), self.u(0.03, 0.1) * min(w, h, d)
        if kind == "back":
            ends = low + h * np.array([self.u(0.03, 0.3), self.u(0.5, 0.95)])
            half = self.u(0.25, 0.48) * w
            plate = slab((-d / 2 - thick, ends[0], -half), (0, ends[1], half))
        elif kind == "baffle":
            half, edge = self.u(0.42, 0.55) * w, self.u(-0.03, 0.06) * h
            plate = slab(
                (d / 2 - 3 * thick, low + max(edge, 0), -half), (d / 2, low + h - edge, half)
            )
        else:
            half = np.array([d, w]) / 2 * self.u(0.8, 1.1)
            plate = slab((-half[0], low + 0.9 * h, -half[1]), (half[0], low + h + thick, half[1]))
        self.add("trim", self.pick(BLACK, self.skin, self.rim), [plate])

    def driver(self, y, z, r, form=None, x=None) -> None:
        """A cone in the front at (y, z): a dish sunk into the cabinet, a flat disc or a dome."""
        x = self.d / 2 if x is None else x
        form = form or self.driver_form
        self.facts["num_drivers"] += 1
        if form == "dish":
            deep, inner = self.u(0.25, 0.65) * r, self.u(0.75, 0.9) * r
            pit = frustum((x - deep, y, z), (x + self.proud + deep, y, z), 0.7 * inner, 1.3 * inner)
            for name in {"cabinet", "trim"} & set(self.parts):
                self.parts[name].carves.append(pit)
            rim = self.add("rims", self.rim, [frustum((x - deep, y, z), (x + self.proud, y, z), r)])
            rim.carves.append(pit)
            self.add(
                "cones",
                self.cone,
                [
                    ellipsoid((x - deep, y, z), (0.6 * deep, 0.35 * r, 0.35 * r)),
                    frustum((x - 1.3 * deep, y, z), (x - 0.8 * deep, y, z), 0.8 * inner),
                ],
            )
            return
        self.add("rims", self.rim, [frustum((x - 0.2 * r, y, z), (x + self.proud, y, z), r)])
        bulge = self.proud + (self.u(0.15, 0.4) * r if form == "dome" else 0.004)
        self.add("cones", self.cone, [ellipsoid((x, y, z), (bulge, 0.75 * r, 0.75 * r))])

    def drivers(self, low, high, woofers, tweeters, share=None) -> None:
        """Drivers one above the other, the small ones on top."""
        share, small = share or self.u(0.6, 0.95), self.u(0.3, 0.6)
        sizes = np.array([small] * tweeters + [1.0] * woofers) * share * self.w / 2
        room = high - low
        sizes *= min(1.0, 0.92 * room / (2 * sizes.sum()))
        gap = (room - 2 * sizes.sum()) / (len(sizes) + 1)
        gap = min(gap, self.u(0.1, 1.0) * self.w)  # crowded towards the top, as a rule
        y = high
        for r in sizes:
            y -= gap + r
            self.driver(y, 0.0, r)
            y -= r

    def row(self, y, half, sizes) -> None:
        """Drivers side by side between z = -half and half."""
        sizes = np.asarray(sizes) * min(1.0, 0.95 * half / np.sum(sizes))
        gap = (2 * half - 2 * np.sum(sizes)) / (len(sizes) + 1)
        z = -half
        for r in sizes:
            z += gap + r
            self.driver(y, z, r)
            z += r

    def grille(self, low, high, width, x=None, material=None) -> None:
        """A cloth panel on the front."""
        x, thick = self.d / 2 if x is None else x, max(self.proud, 0.004)
        edge = self.u(0, 0.5) * thick
        panel = slab((x - thick, low, -width / 2), (x + thick, high, width / 2), edge)
        self.add("grille", material or self.cloth, [panel])
        self.facts["has_grille"] = True

    def face(self, low, high, woofers, tweeters) -> None:
        """Drivers, or a grille over them, sometimes only over the lower ones; perhaps a port."""
        pad = self.u(0.02, 0.08) * self.w
        style = str(self.rng.choice(["bare", "covered", "half", "plain"], p=[0.66, 0.2, 0.1, 0.04]))
        if style == "plain":
            return
        if style == "covered":
            self.grille(low + pad, high - pad, self.w - 2 * pad)
            return
        if style == "half" and woofers + tweeters > 1:
            cut = low + self.u(0.4, 0.75) * (high - low)
            self.grille(low + pad, cut, self.w - 2 * pad)
            self.drivers(cut, high - pad, 0, 1)
            return
        port = self.chance(0.25)
        bottom = low + (min(0.35 * self.w, 0.2 * (high - low)) if port else 0)
        if port:
            r = 0.35 * (bottom - low)
            self.parts["cabinet"].carves.append(
                frustum(
                    (self.d / 2 - 2 * r, (low + bottom) / 2, 0), (self.d, (low + bottom) / 2, 0), r
                )
            )
            self.facts["has_port"] = True
        self.drivers(bottom, high - pad, woofers, tweeters)

    def feet(self, high=None) -> float:
        """Four small feet or spikes; returns their height."""
        high = high or self.u(0.015, 0.05) * max(self.h, self.w)
        x, z, r = 0.4 * self.d, 0.4 * self.w, self.u(0.04, 0.09) * min(self.w, self.d)
        tip = self.u(0.3, 1.0) * r
        ends = [(x, z), (-x, max(z * self.back, 0.5 * r))]  # the back may be narrower
        feet = [frustum((u, 0, v), (u, high + 0.3 * r, v), tip, r) for u, v in ends]
        self.add("feet", self.pick(RUBBER, self.metal), mirrored(feet))
        self.facts["num_feet"] = 4
        return high

    def plate(self, wide, deep, thick, x=0.0) -> None:
        """A base plate on the floor, square or round."""
        solid = box((x, thick / 2, 0), (deep, thick, wide), 0.2 * thick)
        if self.chance(0.35):
            solid = frustum((x, 0, 0), (x, thick, 0), deep / 2, aspect=wide / deep)
        self.add("base", self.pick(self.metal, BLACK, self.skin), [solid])
        self.facts["has_base"] = True

    def knobs(self, x, y, span, count, r) -> None:
        """Knobs in a row along z."""
        for z in np.linspace(-span, span, count) if count > 1 else [0.0]:
            self.add("knobs", self.metal, [frustum((x - r, y, z), (x + r, y, z), r)])
        self.facts["num_knobs"] += count

    def handle(self, y, span, high, x=0.0, r=0.008) -> None:
        """A carrying handle over the top, along z."""
        path = [
            (x, y - r, -span),
            (x, y + high, -0.85 * span),
            (x, y + high, 0.85 * span),
            (x, y - r, span),
        ]
        self.add("handle", self.pick(BLACK, self.metal, self.skin), tube(path, r))
        self.facts["has_handle"] = True

    def antenna(self, x, y, z, length, lean) -> None:
        """A telescopic aerial that leans sideways by degrees."""
        aerial = turned(
            [rod((x, y - 0.01, z), (x, y + length, z), 0.016 * length)], "x", lean, (x, y, z)
        )
        self.add("antenna", self.metal, aerial)
        self.facts["has_antenna"] = True

    @property
    def driver_form(self) -> str:
        """How cones look on this speaker, the same for all."""
        if not hasattr(self, "_form"):
            self._form = str(self.rng.choice(["dish", "disc", "dome"], p=[0.5, 0.35, 0.15]))
        return self._form

    def lifted(self, offset) -> None:
        """Moves all that has been built."""
        for part in self.parts.values():
            part.solids, part.carves = moved(part.solids, offset), moved(part.carves, offset)

    def tilted(self, degrees: float) -> None:
        """Leans all that has been built backwards."""
        for part in self.parts.values():
            part.solids, part.carves = (
                turned(part.solids, "z", degrees),
                turned(part.carves, "z", degrees),
            )

    def copied(self, offsets) -> None:
        """Puts a copy of all that has been built at each offset."""
        for part in self.parts.values():
            part.solids, part.carves = (
                [s for o in offsets for s in moved(group, o)]
                for group in (part.solids, part.carves)
            )
        for fact in ("num_drivers", "num_feet", "num_cabinets", "num_knobs"):
            self.facts[fact] *= len(offsets)

    def finish(self, subtype: str) -> Shape:
        """Measure the whole and hand it over."""
        shape = Shape("loudspeaker", subtype, list(self.parts.values()), self.facts)
        low, high = shape.bounds()
        size = high - low
        self.facts |= {
            "height_to_width": float(size[1] / size[2]),
            "depth_to_width": float(size[0] / size[2]),
        }
        self.facts["driver_to_width"] = 0.0
        if "rims" in self.parts:
            largest = max(s.lengths[:2].max() for s in self.parts["rims"].solids)
            self.facts["driver_to_width"] = float(2 * largest / size[2])
        return shape
