"""Procedural shapes: a family draws its parameters from a seed and emits signed-distance solids.

`make_shape("chair", seed)` gives a `Shape` in the project's frame (+y up, front towards +x);
`Shape.volume` evaluates it on grids of any resolution, on any device.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np

from training.shapes import airplane, car, chair, table, watercraft
from training.shapes.shape import Shape

__all__ = ["CATEGORIES", "FAMILIES", "Shape", "make_shape"]

FAMILIES: dict[str, Callable[[np.random.Generator], Shape]] = {
    "airplane": airplane.make,
    "car": car.make,
    "chair": chair.make,
    "table": table.make,
    "watercraft": watercraft.make,
}
CATEGORIES = tuple(FAMILIES)


def make_shape(category: str, seed: int) -> Shape:
    """Draw one shape of a category; the same seed gives the same shape on every machine.

    Raises:
        ValueError: for a category that has no family.
    """
    if category not in FAMILIES:
        raise ValueError(f"Unknown category {category!r}; known are {', '.join(CATEGORIES)}.")
    # The name enters the seed, so that neighbours in two categories share no draws.
    rng = np.random.default_rng([zlib.crc32(category.encode()), seed])
    return FAMILIES[category](rng).normalised()
