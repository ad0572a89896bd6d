"""Attributes that can be computed by hand, and a service whose shapes obey in one space alone."""

from __future__ import annotations

import numpy as np

from cisp.attributes import POOLED, Attributes
from tests.demo.fakes import GuessingService, chair

NAMES = (("height", "chair"), ("num_legs", "chair"), ("height", "lamp"))
ALONG = 7  # the axis of embeddings that says how tall a shape is


def known_attributes() -> Attributes:
    """Heights in cells, read off the grid; `num_legs` is constant and unknown to CISP."""
    count, features = len(NAMES), POOLED**3 + 6 * 32
    readers = np.zeros((count, features + 1), np.float32)
    reached_in_y = POOLED**3 + 4 * 32  # after the shares along three axes: x, then y
    readers[[0, 2], reached_in_y : reached_in_y + 32] = 1
    directions = np.zeros((count, 8), np.float32)
    directions[:, ALONG] = 0.5
    scores = np.tile(np.array([0.8, 0.7, 0.9], np.float32), (count, 1))
    unknown = scores.copy()
    unknown[1] = 0.05
    return Attributes(
        names=tuple(name for name, _ in NAMES),
        categories=tuple(category for _, category in NAMES),
        means=np.full(count, 20, np.float32),
        spreads=np.full(count, 4, np.float32),
        gains=np.ones(count, np.float32),
        readings=np.ones(count, np.float32),
        readers=readers,
        directions={"clip": directions, "cisp": directions},
        scores={"clip": scores, "cisp": unknown},
        towers={},
    )


class SteeredService(GuessingService):
    """CISP's chairs grow with the embedding; CLIP's stay as they are."""

    def __init__(self, seconds_per_step=0.0):
        super().__init__(seconds_per_step)
        self.attributes = known_attributes()

    def image_guide(self, image, way="automatic", box=None):
        if "broken" in str(image):
            raise ValueError("This is no picture.")
        guide = super().image_guide(image, way, box)
        guide.embeds.update({s: np.eye(8, dtype=np.float32)[0] for s in self.spaces})
        return guide

    def guess(self, embeds):
        return {s: np.stack([self.shape_of(s, row) for row in rows]) for s, rows in embeds.items()}

    def shape_of(self, space, embed):
        """A chair 24 cells tall, and in CISP 8 more or less along the axis."""
        grid, top = chair(armrest=space == "cisp"), 24
        if space == "cisp":
            top = round(24 + 8 * float(embed[ALONG]) / np.linalg.norm([1, 0.5]) / 0.4)
        grid[:, top:] = -1
        return grid
