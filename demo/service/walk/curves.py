"""What can be measured along a walk, and how smooth it is.

Only finished frames count: while a walk is still growing, or was stopped, what needs the missing
frames is None.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from demo.service.walk.lattice import Lattice
from diffusion.grids.frame import iou

CLEAR = 0.01  # a smaller difference of two mean IoUs is not visible


@dataclass(frozen=True)
class Curves:
    """A column along a walk; the order is that of `Lattice.steps`, `ends` and frames.

    Args:
        steps: IoU between the neighbours of each step, or None.
        iou: for each end, the IoU of every frame to it, or None.
        cosine: for each end, the cosine of every frame's embedding to it.
    """

    steps: list[float | None]
    iou: list[list[float | None]]
    cosine: list[list[float]]


@dataclass(frozen=True)
class Smoothness:
    """How a column's shape changes along the steps that are known.

    Args:
        known: how many steps those are.
        mean: their mean IoU between neighbours; 1 for a shape that does not change.
        largest: the smallest of them: the largest jump.
        where: the index of that step, counted as in `Lattice.steps`.
        detour: along a whole path, its length over the distance between its ends, both in
            1 - IoU, which is a metric: 1 is a direct path, more is a detour. Else None.
    """

    known: int
    mean: float
    largest: float
    where: int
    detour: float | None


def curves_of(lattice: Lattice, frames: Sequence[np.ndarray | None], embeds: np.ndarray) -> Curves:
    """Measure one column.

    Args:
        lattice: how the frames lie.
        frames: bool (R, R, R) each, None for those not made yet.
        embeds: (frames, D) unit vectors.
    """

    def between(a: int, b: int) -> float | None:
        known = frames[a] is not None and frames[b] is not None
        return iou(frames[a], frames[b]) if known else None

    everywhere = range(len(lattice))
    return Curves(
        [between(a, b) for a, b in lattice.steps],
        [[between(end, index) for index in everywhere] for end in lattice.ends],
        [[float(embeds[end] @ embeds[index]) for index in everywhere] for end in lattice.ends],
    )


def smoothness_of(lattice: Lattice, curves: Curves) -> Smoothness | None:
    """Sum up one column; None as long as no step is known."""
    known = [(value, step) for step, value in enumerate(curves.steps) if value is not None]
    if not known:
        return None
    largest, where = min(known)
    detour = None
    if lattice.rows == 1 and len(known) == len(curves.steps):
        apart = 1 - curves.iou[0][-1]
        detour = sum(1 - value for value, _ in known) / apart if apart else None
    mean = sum(value for value, _ in known) / len(known)
    return Smoothness(len(known), mean, largest, where, detour)


def smoothest(curves: Mapping[str, Curves]) -> str | None:
    """The column whose shape changes least from step to step, None where none clearly does.

    Clearly: it leads the next by more than `CLEAR`, and by more than two standard errors of the
    difference, step by step. The steps of one walk depend on each other, so this holds for this
    walk alone.
    """
    means = {}
    for space, one in curves.items():
        known = [value for value in one.steps if value is not None]
        means[space] = sum(known) / len(known) if known else -1.0
    ahead = sorted(means, key=means.get, reverse=True)[:2]
    if len(ahead) < 2:
        return None
    steps = zip(*(curves[space].steps for space in ahead), strict=True)
    lead = np.array([a - b for a, b in steps if a is not None and b is not None])
    if len(lead) < 2:
        return None
    error = lead.std(ddof=1) / sqrt(len(lead))
    return ahead[0] if lead.mean() > max(CLEAR, 2 * error) else None
