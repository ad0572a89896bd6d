"""A small gallery of known shapes, and a service that has it."""

from __future__ import annotations

import numpy as np

from cisp.gallery import Gallery
from tests.demo.fakes import FakeService

SIZE = 24
CATEGORIES = ("chair", "car", "lamp")
SUBTYPES = ("armchair", "van", "")


def known_shapes(seed: int = 0) -> Gallery:
    """SIZE boxes of three categories; all numbers are drawn."""
    rng = np.random.default_rng(seed)
    grids = np.zeros((SIZE, 32, 32, 32), bool)
    for grid, (a, b, c) in zip(grids, rng.integers(6, 28, (SIZE, 3)), strict=True):
        grid[:a, :b, :c] = True
    kinds = ("clip/image", "cisp/shape", "cisp/image")
    embeds = rng.normal(size=(len(kinds), SIZE, 8))
    embeds /= np.linalg.norm(embeds, axis=-1, keepdims=True)
    return Gallery(
        ids=tuple(f"{CATEGORIES[i % 3]}-{i}" for i in range(SIZE)),
        categories=tuple(CATEGORIES[i % 3] for i in range(SIZE)),
        subtypes=tuple(SUBTYPES[i % 3] for i in range(SIZE)),
        bits=np.packbits(grids.reshape(SIZE, -1), axis=1),
        resolution=32,
        embeds=dict(zip(kinds, embeds.astype(np.float32), strict=True)),
        towers={},
        maps={s: rng.uniform(-1, 1, (SIZE, 2)).astype(np.float32) for s in ("clip", "cisp")},
    )


class ExploreService(FakeService):
    """Answers like ComparisonService, and has a gallery."""

    def __init__(self, seconds_per_step: float = 0.02, **more):
        super().__init__(seconds_per_step, **more)
        self.gallery = known_shapes()
