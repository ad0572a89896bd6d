"""Draws numbers and gathers parts: what families with many sub-types build their shapes with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from training.shapes.materials import Material
from training.shapes.part import Part
from training.shapes.solids import Solid


class Builder:
    """A shape under construction.

    Attributes:
        rng: where all its numbers come from.
        parts: by name, the most visible first.
        facts: attributes by name.
    """

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        self.parts: dict[str, Part] = {}
        self.facts: dict[str, float | int | bool] = {}

    def u(self, low: float, high: float) -> float:
        """A number between two."""
        return float(self.rng.uniform(low, high))

    def n(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return int(self.rng.integers(low, high + 1))

    def pick(self, *options: Any) -> Any:
        """One of some things."""
        return options[self.rng.integers(len(options))]

    def chance(self, share: float) -> bool:
        """True with a probability."""
        return bool(self.rng.random() < share)

    def add(self, name: str, material: Material, solids: Iterable[Solid]) -> Part:
        """Puts solids into the part of that name, which is begun if there is none."""
        part = self.parts.setdefault(name, Part(name, material, []))
        part.solids += list(solids)
        return part
