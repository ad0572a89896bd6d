"""The squares that visitors roam: their corners, and guesses for the very place of a hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from demo.service.frames import Guide
from demo.service.live import Kept, guesses_together
from demo.service.models import Models
from demo.service.walk.lattice import shared_spaces
from demo.service.walk.trace import Place, place_embeds
from demo.strings import interpolate as words


@dataclass(frozen=True)
class Square:
    """Four corners, each with the embeddings of its columns, and the way between them."""

    corners: tuple[Mapping[str, np.ndarray], ...]
    mode: str


class Squares:
    """The squares that are open, by keys that their visitors' browsers keep.

    Attributes:
        guess: `demo.service.live.guesses_together`.
    """

    def __init__(self, service: Models):
        self._squares: Kept[Square] = Kept(words.SQUARE_GONE)
        self.guess = guesses_together(service)

    def open(self, guides: Sequence[Guide], mode: str) -> str:
        """Keep a square and return its key.

        Raises:
            ValueError: the corners have no column in common; one sentence.
        """
        corners = tuple(guide.embeds for guide in guides)
        shared_spaces(corners)
        return self._squares.put(Square(corners, mode))

    def embeds(self, key: str, place: Place) -> dict[str, np.ndarray]:
        """The embedding of a place: column name -> (1, D).

        Raises:
            ValueError: the square is forgotten; one sentence.
        """
        square = self._squares[key]
        return place_embeds([place], square.corners, square.mode)
