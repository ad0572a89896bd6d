"""Places in the square between four corners, and walks that follow a trace of them.

A place is two whole numbers from 0 to `SIDE`: how far across, from A and C to B and D, and how far
down. Whole, so that it is the same embedding to the last bit in a link, a file and a program.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from demo.service.walk.lattice import Lattice, shared_spaces
from demo.strings import interpolate as words

SIDE = 1000
FEWEST, MOST = 2, 65  # places of a trace
Place: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Trace(Lattice):
    """A path through the square, a frame for each of its places."""

    places: tuple[Place, ...] = ()

    @classmethod
    def of(cls, places: Sequence[Place]) -> Trace:
        """The trace of these places.

        Raises:
            ValueError: they are too few or too many; one sentence.
        """
        if not FEWEST <= len(places) <= MOST:
            raise ValueError(words.BAD_TRACE.format(least=FEWEST, most=MOST))
        return cls(1, len(places), tuple(places))

    @classmethod
    def from_text(cls, text: str) -> Trace:
        """Read what `to_text` made.

        Raises:
            ValueError: it is not a trace; one sentence.
        """
        if not re.fullmatch(r"[\d, ]+", text, re.ASCII):
            raise ValueError(words.BAD_PLACES.format(side=SIDE))
        places = [[int(n or SIDE + 1) for n in place.split(",")] for place in text.split()]
        return cls.of(read_places(places))

    def to_text(self) -> str:
        """The places as "across,down", with blanks between them."""
        return " ".join(f"{across},{down}" for across, down in self.places)

    @property
    def names(self) -> list[str]:
        """What its ends are called."""
        return list(words.TRACE_ENDS)

    def embeds(self, corners: Sequence[Mapping[str, np.ndarray]], mode: str) -> dict:
        """See `Lattice.embeds`; the ends are the four corners."""
        return place_embeds(self.places, corners, mode)

    def _label(self, index: int) -> str:
        return label_of(self.places[index])


def label_of(place: Place) -> str:
    """Say where a place is, as the square itself does."""
    right, down = ((100 * one + SIDE // 2) // SIDE for one in place)
    return words.SQUARE["place"].format(right=right, down=down)


def read_places(data: object) -> list[Place]:
    """Check places that come from outside: pairs of whole numbers.

    Raises:
        ValueError: they are not places; one sentence.
    """
    refusal = ValueError(words.BAD_PLACES.format(side=SIDE))
    if not isinstance(data, list | tuple):
        raise refusal
    places = []
    for pair in data:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise refusal
        if any(type(number) is not int or not 0 <= number <= SIDE for number in pair):
            raise refusal
        places.append(tuple(pair))
    return places


def thinned(places: Sequence[Place], most: int) -> list[Place]:
    """At most `most` of the places, evenly chosen, the first and the last among them."""
    apart = [place for i, place in enumerate(places) if i == 0 or place != places[i - 1]]
    if len(apart) <= most:
        return apart
    return [apart[round(i * (len(apart) - 1) / (most - 1))] for i in range(most)]


def place_embeds(
    places: Sequence[Place], corners: Sequence[Mapping[str, np.ndarray]], mode: str
) -> dict[str, np.ndarray]:
    """The embedding of every place: column name -> (places, D) unit vectors.

    As in a grid: across between A and B and between C and D, then down between these two.

    Args:
        places: in the square.
        corners: for A, B, C and D: column name -> (D,) unit vector. Columns that a corner has no
            embedding for are left out.
        mode: one of `demo.service.walk.lattice.MODES`.

    Raises:
        ValueError: no column has an embedding for every corner; one sentence.
    """
    from demo.service.columns import between

    across, down = np.array(places, np.float32).T[:, :, None] / SIDE  # (2, places, 1)
    embeds = {}
    for space in shared_spaces(corners):
        a, b, c, d = (corner[space] for corner in corners)
        rows = [
            between(between(a, b, right, mode)[0], between(c, d, right, mode)[0], at, mode)[0]
            for right, at in zip(across, down, strict=True)
        ]
        embeds[space] = np.array(rows)
    return embeds
