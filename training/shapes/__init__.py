"""Procedural shapes: a family draws its parameters from a seed and emits signed-distance solids.

`make_shape("chair", seed)` gives a `Shape` in the project's frame (+y up, front towards +x);
`Shape.volume` evaluates it on grids of any resolution, on any device. A family is a module of
`training.shapes.families` with

    SUBTYPES    a dict whose keys are the names of its sub-types
    SYNONYMS    other names of a sub-type, where people have some
    CLAIMS      what captions may say, each with the condition under which it holds
    make(rng)   draws one shape, at any scale
"""

from __future__ import annotations

import importlib
import zlib
from dataclasses import replace

import numpy as np

from training.shapes.captions import describe
from training.shapes.shape import Shape

__all__ = ["CATEGORIES", "FAMILIES", "Shape", "make_shape"]

_NAMES = (
    *("airplane", "bench", "cabinet", "car", "chair", "display", "lamp", "loudspeaker"),
    *("rifle", "sofa", "table", "telephone", "watercraft"),
)
FAMILIES = {name: importlib.import_module(f"training.shapes.families.{name}") for name in _NAMES}
CATEGORIES = tuple(FAMILIES)


def make_shape(category: str, seed: int) -> Shape:
    """Draw one shape of a category; the same seed gives the same shape on every machine.

    Raises:
        ValueError: for a category that has no family.
    """
    if category not in FAMILIES:
        raise ValueError(f"Unknown category {category!r}; known are {', '.join(CATEGORIES)}.")
    family = FAMILIES[category]
    # The name enters the seed, so that neighbours in two categories share no draws.
    rng = np.random.default_rng([zlib.crc32(category.encode()), seed])
    shape = family.make(rng).normalised()
    nouns = [shape.subtype, *family.SYNONYMS.get(shape.subtype, ()), category]
    captions = describe(rng, nouns, family.CLAIMS, shape.attributes, shape.materials)
    return replace(shape, captions=captions)
