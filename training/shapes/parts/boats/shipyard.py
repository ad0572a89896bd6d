"""The yard where boats are built: a hull by its lines, then part after part."""

from __future__ import annotations

import numpy as np

from training.shapes.materials import COLORS, GLASS, Material, metal, paint, wood
from training.shapes.parts.boats.hulls import Lines, hull, shell
from training.shapes.parts.boats.rigging import deckhouse, funnels, oars, windows
from training.shapes.parts.builder import Builder
from training.shapes.shape import Shape
from training.shapes.solids import box, prism, rod, slab

FORM = [
    "beam",
    "depth",
    "bow",
    "stern",
    "bottom",
    "rake",
    "rise",
    "poop",
]  # what a sub-type's ranges are of
CANVAS = {f"{name} fabric": COLORS[name] for name in ("white", "beige", "red")}


class Boat(Builder):
    """A boat under construction: its lines, what has been built, and the truth about it."""

    def __init__(self, rng: np.random.Generator, ranges):
        super().__init__(rng)
        form = {k: rng.uniform(*r) for k, r in zip(FORM, ranges, strict=True)}
        self.pointed = form["stern"] == 0
        if self.pointed:  # double-ended: the after body is like the fore body
            form |= {
                "run": form["bow"],
                "counter": form["rake"] * rng.uniform(0.6, 1.2),
                "tuck": 1.2,
            }
        else:
            form |= {"run": rng.uniform(1.6, 5), "counter": rng.uniform(0.02, 0.3)}
            form |= {"tuck": rng.uniform(0, 0.7), "middle": rng.uniform(-0.15, 0.12)}
        self.lines = Lines(**form, bilge=rng.uniform(0.3, 0.9))
        self.paint, self.house_paint = paint(rng), Material("white", COLORS["white"], 0.4)
        if rng.random() < 0.35:
            self.house_paint = paint(rng)
        name = str(rng.choice(list(CANVAS), p=[0.7, 0.2, 0.1]))
        self.canvas = Material(name, CANVAS[name], 0.05, "weave")
        self.trim, self.wood, self.metal = paint(rng), wood(rng), metal(rng)
        counts = [
            "masts",
            "sails",
            "funnels",
            "turrets",
            "decks",
            "benches",
            "oars",
            "cranes",
            "stacks",
        ]
        flags = ["furled_sails", "outboard", "windscreen", "bowsprit", "fin_keel"]
        self.facts = {f"num_{k}": 0 for k in counts} | {f"has_{k}": False for k in flags}
        self.facts |= {"num_hulls": 1, "open_hull": False, "pointed_stern": self.pointed}
        self.facts |= {
            "bow_rise": form["rise"],
            "bow_rake": form["rake"],
            "hull_depth": form["depth"],
        }

    def closed_hull(self, material: Material | None = None) -> None:
        """A hull with a deck."""
        self.add("hull", material or self.paint, hull(self.lines))

    def open_hull(self, material: Material, extent: float = 1.0) -> None:
        """A shell about half a cell thick once the longest side, `extent`, spans the grid."""
        self.add(
            "hull", material, shell(self.lines, self.u(0.016, 0.024) * extent, self.u(0.03, 0.12))
        )
        self.facts["open_hull"] = True

    def base(self, start: float, stop: float) -> float:
        """A height just below the deck between two x, where houses begin."""
        return min(self.lines.deck(x) for x in (start, 0.0, stop)) - 0.015

    def houses(self, start, stop, share, levels, height, shrink=(0.03, 0.06), lean=(0.0, 0.02)):
        """Decks on top of each other; returns the roof's height and the ends of the top deck."""
        y = self.lines.depth
        for level in range(levels):
            low = y - 0.01 if level else self.base(start, stop)
            h = height * self.u(0.85, 1.15)
            self.add(
                "deckhouse",
                self.house_paint,
                [deckhouse(self.lines, start, stop, share, low, y + h, lean)],
            )
            inset = 0.5 * np.array(lean)
            band = (start + inset[0], stop - inset[1], share, y + 0.45 * h, y + 0.75 * h)
            self.add("windows", GLASS, [windows(self.lines, *band)])
            y, top = y + h, (start + lean[0], stop - lean[1])
            self.facts["num_decks"] += 1
            start = top[0] + self.u(0, 2 * shrink[0])
            stop = top[1] - self.u(0, 2 * shrink[1])
            share *= self.u(0.85, 1.0)
            if stop - start < 0.06:
                break
        return y, top

    def chimneys(self, count, x, gap, y, height, radius, lean=0.0, aspect=0.8):
        """Funnels through the decks up to `height` above y."""
        top = y + height
        self.add("funnels", self.trim, funnels(count, x, gap, 0.6 * y, top, radius, lean, aspect))
        self.facts["num_funnels"] += count

    def mast(self, x, base, top, radius=0.008, lean=0.0, sails=False):
        """A pole from inside the hull up; `sails` says whether it carries any."""
        self.add(
            "masts",
            self.wood if sails else self.metal,
            [rod((x, base, 0), (x - lean, top, 0), radius, 0.7 * radius)],
        )
        self.facts["num_masts"] += 1

    def sails(self, solids):
        """Sails that are set."""
        self.add("sails", self.canvas, solids)
        self.facts["num_sails"] += len(solids)

    def benches(self, count, low=0.5, high=0.85, span=(-0.36, 0.3)):
        """Thwarts from side to side."""
        lines, share = self.lines, self.u(low, high)
        for x in np.linspace(*span, count) if count > 1 else [self.u(-0.2, 0.05)]:
            y, long = lines.keel(x) + share * (lines.deck(x) - lines.keel(x)), self.u(0.04, 0.09)
            ends = [
                np.interp(y - 0.01, *lines.section(v).T[::-1]) for v in (x - long / 2, x + long / 2)
            ]
            self.add("benches", self.wood, [box((x, y, 0), (long, 0.02, 2 * min(ends) - 0.012))])
        self.facts["num_benches"] += count

    def rowed(self, pairs, reach, span=(-0.1, 0.05)):
        """Pairs of oars that reach so far out."""
        for x in np.linspace(*span, pairs) if pairs > 1 else [self.u(*span)]:
            drop = self.u(0.0, 1.0) * self.lines.depth
            self.add(
                "oars",
                self.wood,
                oars(x, self.lines.deck(x), self.lines.breadth(x) / 2, reach, drop, 0.018),
            )
        self.facts["num_oars"] += 2 * pairs

    def outboard(self, x=-0.5):
        """A motor hung on the transom at x."""
        deck, size = self.lines.deck(-0.5), self.u(0.05, 0.09)
        top = box(
            (x - 0.3 * size, deck + 0.5 * size, 0), (size, 1.2 * size, 0.8 * size), 0.25 * size
        )
        leg = slab(
            (x - 0.5 * size, -self.u(0, 0.05), -0.012), (x + 0.2 * size, deck + 0.3 * size, 0.012)
        )
        self.add("outboard motor", Material("black", COLORS["black"], 0.4), [top, leg])
        self.facts["has_outboard"] = True

    def foredeck(self, start: float, drop: float = 0.006) -> None:
        """A deck over the bow, as high as the gunwale."""
        lines = self.lines
        x = np.linspace(start, 0.47, 5)
        foot = np.stack([x, [0.49 * lines.breadth(v) for v in x]], 1)
        outline = np.concatenate([foot, (foot * [1, -1])[::-1]])
        y = min(lines.deck(start), lines.deck(0.47)) - drop
        self.add("foredeck", self.wood, [prism("y", outline, y - 0.02, y)])

    def finish(self, subtype: str) -> Shape:
        """Measure the whole and hand it over."""
        shape = Shape("watercraft", subtype, list(self.parts.values()), self.facts)
        low, high = shape.bounds()
        size = high - low
        self.facts |= {
            "width_to_length": float(size[2] / size[0]),
            "height_to_length": float(size[1] / size[0]),
        }
        return shape
