"""Shapes of one family, as its tests choose them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from training.shapes import make_shape
from training.shapes.shape import Shape


def drawn(category: str, count: int) -> list[Shape]:
    """The first shapes of a family."""
    return [make_shape(category, seed) for seed in range(count)]


def grid_of(shape: Shape) -> np.ndarray:
    """Which cells (R, R, R) a shape fills."""
    return shape.volume(64)[0].numpy() > 0


def with_grids(category: str, count: int) -> list[tuple[Shape, np.ndarray]]:
    """The first shapes of a family, and their occupancy."""
    return [(shape, shape.volume()[0].numpy() > 0) for shape in drawn(category, count)]


def some(category: str, subtypes, count: int, start: int = 0) -> list[Shape]:
    """The first shapes of some sub-types, from the family's own stream of seeds."""
    shapes = (make_shape(category, seed) for seed in range(start, start + 3000))
    found = list(itertools.islice((s for s in shapes if s.subtype in subtypes), count))
    assert len(found) == count, f"fewer than {count} of {subtypes}"
    return found


def those_where(category: str, count: int, subtypes, agree) -> Iterator[tuple[Shape, np.ndarray]]:
    """The first shapes of some sub-types whose attributes agree, with their occupancy."""
    shapes = (make_shape(category, seed) for seed in itertools.count())
    chosen = (s for s in shapes if s.subtype in subtypes and agree(s.attributes))
    for shape in itertools.islice(chosen, count):
        yield shape, shape.volume()[0].numpy() > 0


def among(shapes: list[Shape], *subtypes: str) -> list[Shape]:
    """Those of some sub-types; there must be one."""
    found = [shape for shape in shapes if shape.subtype in subtypes]
    assert found, subtypes
    return found
