"""Hulls by their lines, as naval architects draw them: sections in a row from stern to bow.

A hull is one unit long, its keel along x at y = 0, its bow at x = 1/2.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from training.shapes.outlines import symmetric
from training.shapes.solids import Solid, loft

STEM = 0.02  # the least breadth and height of a section: what a stem or a sternpost measures


@dataclass(frozen=True)
class Lines:
    """The form of a hull; lengths are shares of its length.

    Attributes:
        beam: the greatest breadth.
        depth: from keel to deck amidships.
        bow: how full the bow is, 1.2 (a wedge) to 5 (a barge's).
        stern: breadth of the transom as a share of the beam; 0 for a pointed stern.
        run: how full the after body is, like `bow`.
        bottom: breadth of the flat bottom as a share of the beam, 0 (a V) to 1 (a box).
        bilge: how sides rise from the bottom: 0.3 (round and full) to 1 (straight, flared).
        rake: length of the sloping stem.
        counter: length of the overhanging stern.
        tuck: how far the counter rises, as a share of the depth.
        rise: of the deck at the bow, as a share of the depth.
        poop: of the deck at the stern, as a share of the depth.
        middle: where the greatest breadth lies.
    """

    beam: float
    depth: float
    bow: float = 1.8
    stern: float = 0.7
    run: float = 2.0
    bottom: float = 0.4
    bilge: float = 0.5
    rake: float = 0.1
    counter: float = 0.1
    tuck: float = 0.5
    rise: float = 0.2
    poop: float = 0.0
    middle: float = 0.0

    def breadth(self, x: float) -> float:
        """Of the deck at x."""
        if x > self.middle:
            share = 1 - ((x - self.middle) / (0.5 - self.middle)) ** self.bow
        else:
            t = (self.middle - x) / (self.middle + 0.5)
            share = 1 - (1 - self.stern) * t**self.run
        return max(self.beam * share, STEM)

    def deck(self, x: float) -> float:
        """Height of the deck's edge at x: the sheer."""
        t = 2 * abs(x)
        return self.depth * (1 + (self.rise if x > 0 else self.poop) * t**2.2)

    def keel(self, x: float) -> float:
        """Height of the bottom at x."""
        fore = max(0.0, (x - 0.5) / self.rake + 1)
        aft = max(0.0, (-x - 0.5) / self.counter + 1)
        top = self.deck(x) - STEM
        return min(max(top * fore**1.5, self.tuck * self.depth * aft), top)

    def section(self, x: float, count: int = 6) -> np.ndarray:
        """Half of the cross-section at x: (count, 2) points (z, y) from the keel up to the deck."""
        half = self.breadth(x) / 2
        low, high = self.keel(x), self.deck(x)
        flat = self.bottom * min(1.0, 2 * half / self.beam)
        v = np.linspace(0, 1, count - 1) ** 1.5
        z = half * np.concatenate([[0.0], flat + (1 - flat) * v**self.bilge])
        return np.stack(
            [z + 1e-4 * np.arange(count), low + (high - low) * np.concatenate([[0], v])], 1
        )

    def stations(self) -> np.ndarray:
        """Where sections are taken: closer together where the form turns."""
        fore = 0.5 - np.array([0.3, 0.2, 0.1, 0.05]) * (0.5 - self.middle) / 0.5
        return np.unique([-0.5, -0.42, -0.3, self.middle, *fore, 0.5])


def hull(lines: Lines, start: float = -0.5, stop: float = 0.5) -> list[Solid]:
    """A closed hull with a flat deck."""
    return _between(lines, start, stop, lambda x: symmetric(lines.section(x), 0))


def shell(lines: Lines, thickness: float, solid: float = 0.06) -> list[Solid]:
    """An open hull of planks, closed by its stem, its transom or its sternpost.

    Args:
        lines: of the outside.
        thickness: of the planks.
        solid: length of the ends that are full, where the sides run together.
    """

    def planks(x: float) -> np.ndarray:
        outside = lines.section(x)
        low, high = outside[0, 1], outside[-1, 1]
        floor = min(thickness, 0.8 * (high - low))
        narrow = np.maximum(outside[:, 0] - thickness, outside[:, 0] * 0.1)
        inside = np.stack([narrow, high - (high - outside[:, 1]) * (1 - floor / (high - low))], 1)
        return np.concatenate([across(outside), across(inside)[::-1]])

    aft = -0.5 + (solid if lines.stern < 0.3 else thickness)
    return [
        *_between(lines, aft, 0.5 - solid, planks),
        *hull(lines, -0.5, aft),
        *hull(lines, 0.5 - solid, 0.5),
    ]


def across(half: np.ndarray) -> np.ndarray:
    """The path (2 K - 1, 2) from deck to deck through half a section (K, 2) from the keel up."""
    return np.concatenate([half[::-1] * [-1, 1], half[1:]])


def _between(lines: Lines, start: float, stop: float, outline) -> list[Solid]:
    inner = [x for x in lines.stations() if start + 0.01 < x < stop - 0.01]
    pairs = itertools.pairwise([start, *inner, stop])
    return [loft("x", outline(a), outline(b), a, b) for a, b in pairs]
