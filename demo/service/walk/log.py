"""A walk in progress: its frames so far, and their form for the page."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from demo.service.frames import Guide, Settings, pack
from demo.service.models import Models
from demo.service.walk.curves import Curves, curves_of
from demo.service.walk.lattice import Lattice, walk_embeds


class WalkLog:
    """Collects the frames of one walk, in whatever order they come.

    Args:
        lattice: how the frames lie.
        embeds: column name -> (frames, D) unit vectors.
    """

    def __init__(self, lattice: Lattice, embeds: Mapping[str, np.ndarray]):
        self.lattice = lattice
        self.embeds = dict(embeds)
        self.run = uuid.uuid4().hex  # lets the page tell this walk from the previous one
        nothing = [None] * len(lattice)
        self.frames: dict[str, list[np.ndarray | None]] = {s: nothing.copy() for s in embeds}
        self._bits: dict[str, list[str | None]] = {s: nothing.copy() for s in embeds}
        self.num_done = 0

    @property
    def is_complete(self) -> bool:
        """Whether all frames are there."""
        return self.num_done == len(self.lattice)

    def add(self, index: int, occupancy: Mapping[str, np.ndarray]) -> None:
        """Put one frame in its place: column name -> bool (R, R, R)."""
        for space, grid in occupancy.items():
            self.frames[space][index] = grid
            self._bits[space][index] = pack(grid)
        self.num_done += 1

    def curves(self) -> dict[str, Curves]:
        """Measure every column over its finished frames."""
        return {s: curves_of(self.lattice, self.frames[s], self.embeds[s]) for s in self.embeds}

    def viewer_value(self, state: str, note: str, left: str = "") -> dict[str, Any]:
        """What the twin viewer shows; see demo/widgets/viewer/viewer.py."""
        return {
            **self._shown(),
            "num_frames": len(self.lattice),
            "state": state,
            "note": note,
            "left": left,
        }

    def pad_value(self) -> dict[str, Any]:
        """What the pad of a grid shows; nothing for a path."""
        if self.lattice.rows == 1:
            return {}
        return {
            **self._shown(),
            "rows": self.lattice.rows,
            "columns": self.lattice.columns,
            "ends": self.lattice.ends,
        }

    def _shown(self) -> dict[str, Any]:
        known = (grid for grids in self.frames.values() for grid in grids if grid is not None)
        return {
            "run": self.run,
            "labels": self.lattice.labels,
            "resolution": len(next(known)),
            "frames": {space: list(bits) for space, bits in self._bits.items()},
        }


def walk(
    service: Models, guides: Sequence[Guide], lattice: Lattice, mode: str, settings: Settings
) -> Iterator[WalkLog]:
    """Make the frames of a walk coarse to fine, all from one noise; yields the log after each.

    Raises:
        ValueError: the models are not there, or the ends have no column in common; one sentence.
    """
    log = WalkLog(lattice, walk_embeds(lattice, [guide.embeds for guide in guides], mode))
    order = lattice.order()
    shapes = service.shapes({space: rows[order] for space, rows in log.embeds.items()}, settings)
    for index, grids in zip(order, shapes, strict=True):
        log.add(index, {space: grid > 0 for space, grid in grids.items()})
        yield log
