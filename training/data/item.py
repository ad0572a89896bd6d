"""The items of every source of shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Item:
    """One shape with its pictures.

    `grid` is (R, R, R) float32 in [-1, 1], positive inside, +y up, front +x. `images` are PIL RGBA
    or RGB, possibly loaded when indexed, and empty where a source has none.
    """

    id: str
    category: str
    grid: np.ndarray
    images: Sequence[Image.Image] = ()
    captions: list[str] = field(default_factory=list)


class Source(Protocol):
    """What `open_source` returns."""

    categories: list[str]

    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> Item: ...


def spread(total: int, count: int | None) -> list[int]:
    """At most `count` of the indices 0..total-1, in order, the same at every call.

    Drawn at random: a fixed stride would fall in step with sources whose categories take turns.
    """
    if count is None or count >= total:
        return list(range(total))
    return sorted(np.random.default_rng(total).choice(total, count, replace=False).tolist())
