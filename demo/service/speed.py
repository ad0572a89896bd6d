"""How fast this device is: measured when the models are loaded, corrected by every comparison."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from demo.service.frames import Settings

if TYPE_CHECKING:
    from demo.service.columns import Column

MEMORY = 0.5  # weight of the newest run in the running estimate


class Speed:
    """The seconds that a comparison takes before its first step, and in each."""

    def __init__(self):
        self._to_start = 0.05
        self._per_pass: float | None = None

    def seconds(self, num_passes: int) -> float | None:
        """Seconds for `num_passes` of every column together, or None while unknown."""
        return None if self._per_pass is None else self._to_start + num_passes * self._per_pass

    def measure(self, columns: Sequence[Column]) -> None:
        """Time encoding and a guided step: the best of a few, since the first ones allocate."""
        from demo.service.columns import embed_pixels, grow, preprocess

        image = np.full((64, 64, 3), 255, np.uint8)
        image[16:48, 16:48] = 90
        settings = Settings(0, "ddim", 3, 2.0)
        for _ in range(2):
            started = time.perf_counter()
            embeds = embed_pixels(columns, preprocess(columns, Image.fromarray(image)))
            marks = [time.perf_counter()]
            self._to_start = marks[0] - started
            rows = {name: embed[None] for name, embed in embeds.items()}
            for _grids in grow(columns, rows, [0], settings):
                marks.append(time.perf_counter())
            self._per_pass = min(np.diff(marks))

    def learn(self, seconds: float, num_passes: int) -> None:
        """Update the estimate: `num_passes` took `seconds`."""
        measured = max(seconds, 0.0) / num_passes
        known = self._per_pass or measured
        self._per_pass = (1 - MEMORY) * known + MEMORY * measured
