"""A walk in progress: its frames so far, and their form for the page."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from demo.service.frames import Guide, Settings, pack
from demo.service.models import Models
from demo.service.walk.curves import Curves, curves_of
from demo.service.walk.lattice import Lattice


class WalkLog:
    """Collects the frames of one walk, in whatever order they come.

    A frame may be guessed first, and is then replaced by the one that the diffusion models make.

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
        self.guessed = [False] * len(lattice)  # what stands in a frame's place for the time being
        self.num_done = 0

    @property
    def is_complete(self) -> bool:
        """Whether all frames are there, and none is a guess."""
        return self.num_done == len(self.lattice)

    def add(self, index: int, occupancy: Mapping[str, np.ndarray]) -> None:
        """Put one frame in its place, once: column name -> bool (R, R, R)."""
        self._put(index, occupancy)
        self.guessed[index] = False
        self.num_done += 1

    def guess(self, grids: Mapping[str, np.ndarray]) -> None:
        """Put a guess in the place of every frame: column name -> (frames, R, R, R)."""
        for index in range(len(self.lattice)):
            self._put(index, {space: guesses[index] > 0 for space, guesses in grids.items()})
        self.guessed = [True] * len(self.lattice)

    def _put(self, index: int, occupancy: Mapping[str, np.ndarray]) -> None:
        for space, grid in occupancy.items():
            self.frames[space][index] = grid
            self._bits[space][index] = pack(grid)

    def curves(self) -> dict[str, Curves]:
        """Measure every column over the frames that are there."""
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
            "guessed": list(self.guessed),
        }


def begin(service: Models, guides: Sequence[Guide], lattice: Lattice, mode: str) -> WalkLog:
    """A walk of which nothing is made yet; where the models guess, all its frames are guessed.

    Raises:
        ValueError: the models are not there, or the ends have no column in common; one sentence.
    """
    log = WalkLog(lattice, lattice.embeds([guide.embeds for guide in guides], mode))
    if service.guesses:
        log.guess(service.guess(log.embeds))
    return log


def refine(
    service: Models, log: WalkLog, settings: Settings, on_show: Callable[[], int]
) -> Iterator[WalkLog]:
    """Make the frames of a walk, all from one noise; yields the log after each.

    Where all are guessed, the one on show comes first, then those around it; else coarse to fine,
    so that one can scrub over the whole walk long before it is complete. A frame is the same
    whatever the order.

    Args:
        service: the models.
        log: of `begin`.
        settings: how to sample.
        on_show: the frame that the visitor looks at now; when it changes, so does the order.

    Raises:
        ValueError: the models are not there; one sentence.
    """
    if not any(log.guessed):
        yield from _make(service, log, log.lattice.order(), settings)
    while not log.is_complete:
        start = on_show()
        order = [index for index in log.lattice.outward(start) if log.guessed[index]]
        for _ in _make(service, log, order, settings):
            yield log
            if on_show() != start:
                break


def walk(
    service: Models, guides: Sequence[Guide], lattice: Lattice, mode: str, settings: Settings
) -> Iterator[WalkLog]:
    """Make the frames of a walk coarse to fine, all from one noise; yields the log after each.

    Raises:
        ValueError: the models are not there, or the ends have no column in common; one sentence.
    """
    log = WalkLog(lattice, lattice.embeds([guide.embeds for guide in guides], mode))
    yield from _make(service, log, lattice.order(), settings)


def _make(
    service: Models, log: WalkLog, order: Sequence[int], settings: Settings
) -> Iterator[WalkLog]:
    shapes = service.shapes({space: rows[order] for space, rows in log.embeds.items()}, settings)
    for index, grids in zip(order, shapes, strict=True):
        log.add(index, {space: grid > 0 for space, grid in grids.items()})
        yield log
