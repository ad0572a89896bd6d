"""A part of a shape: solids of one material."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.shapes.materials import Material
from training.shapes.solids import Solid


@dataclass
class Part:
    """A named union of solids, minus the union of its carves, of one material.

    Attributes:
        name: what a person would call it.
        material: how it looks.
        solids: one or more.
        carves: what is cut out of this part (of no other).
        blend: how far solids flow into each other where they meet, as a length; 0 for sharp joints.
    """

    name: str
    material: Material
    solids: list[Solid]
    carves: list[Solid] = field(default_factory=list)
    blend: float = 0.0
