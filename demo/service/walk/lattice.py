"""Walks through embedding space: their frames, and the order in which these are made.

A walk is a lattice of frames, numbered row by row. A path between two ends, A and B, has one row.
A grid between four corners has A and B at the ends of its first row, C and D of its last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from demo.strings import interpolate as words

MODES = ("slerp", "lerp")  # along the great circle, or along the chord and back onto the sphere


@dataclass(frozen=True)
class Lattice:
    """The frames of a walk: 1 row for a path, at least 2 for a grid; at least 2 columns."""

    rows: int
    columns: int

    def __len__(self) -> int:
        return self.rows * self.columns

    @property
    def ends(self) -> list[int]:
        """The frames that belong to the end points A and B, or A, B, C and D."""
        last_row = (self.rows - 1) * self.columns
        return list(dict.fromkeys([0, self.columns - 1, last_row, len(self) - 1]))

    @property
    def steps(self) -> list[tuple[int, int]]:
        """Pairs of neighbours: along each row, then, in a grid, down each column."""
        frames = range(len(self))
        along = [(i, i + 1) for i in frames if (i + 1) % self.columns]
        return along + [(i, i + self.columns) for i in frames[: -self.columns]]

    @property
    def names(self) -> list[str]:
        """What its ends are called."""
        return list(words.LETTERS[: len(self.ends)])

    @property
    def labels(self) -> list[str]:
        """The label of each frame: the name of an end, or its position between them."""
        ends = dict(zip(self.ends, self.names, strict=False))
        return [ends.get(index) or self._label(index) for index in range(len(self))]

    def order(self) -> list[int]:
        """Coarse to fine: the ends, then the middle, then the middle of each gap that is left.

        So a visitor can scrub over the whole walk long before it is complete.
        """
        row, column = _levels(self.rows), _levels(self.columns)
        level = [max(row[i // self.columns], column[i % self.columns]) for i in range(len(self))]
        return sorted(range(len(self)), key=lambda index: (level[index], index))

    def outward(self, start: int) -> list[int]:
        """All frames, those nearest to `start` first, counted in steps."""
        row, column = divmod(start, self.columns)

        def steps(index: int) -> int:
            return abs(index // self.columns - row) + abs(index % self.columns - column)

        return sorted(range(len(self)), key=lambda index: (steps(index), index))

    def embeds(self, ends: Sequence[Mapping[str, np.ndarray]], mode: str) -> dict[str, np.ndarray]:
        """The embedding of every frame: column name -> (frames, D) unit vectors.

        A grid is walked twice: along its first and its last row, then down between these.

        Args:
            ends: for A and B, or A, B, C and D: column name -> (D,) unit vector. Columns that an
                end has no embedding for are left out.
            mode: one of `MODES`.

        Raises:
            ValueError: no column has an embedding for every end; one sentence.
        """
        from demo.service.columns import between

        right = np.linspace(0, 1, self.columns, dtype=np.float32)
        down = np.linspace(0, 1, self.rows, dtype=np.float32)
        embeds = {}
        for space in shared_spaces(ends):
            corners = [end[space] for end in ends]
            rows = [between(*corners[at : at + 2], right, mode) for at in range(0, len(ends), 2)]
            grid = rows[0] if len(rows) == 1 else between(*rows, down, mode)  # (rows, columns, D)
            embeds[space] = grid.reshape(len(self), -1)
        return embeds

    def _label(self, index: int) -> str:
        right = 100 * (index % self.columns) / (self.columns - 1)
        if self.rows == 1:
            return words.PLACE.format(right=right)
        down = 100 * (index // self.columns) / (self.rows - 1)
        return words.PLACE_IN_GRID.format(right=right, down=down)


def _levels(count: int) -> list[int]:
    """For each of `count` places, how many halvings of the row reach it; 0 for the ends."""
    levels = [0] * count
    gaps, level = [(0, count - 1)], 1
    while gaps:
        halves = []
        for low, high in gaps:
            if high - low > 1:
                middle = (low + high) // 2
                levels[middle] = level
                halves += [(low, middle), (middle, high)]
        gaps, level = halves, level + 1
    return levels


def shared_spaces(ends: Sequence[Mapping[str, np.ndarray]]) -> list[str]:
    """The columns that every end has an embedding for.

    Raises:
        ValueError: there are none; one sentence.
    """
    spaces = [space for space in ends[0] if all(space in end for end in ends)]
    if not spaces:
        raise ValueError(words.NOTHING_SHARED)
    return spaces
