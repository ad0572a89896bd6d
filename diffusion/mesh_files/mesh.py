"""What every reader of a mesh file returns, and how it refuses one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Mesh(NamedTuple):
    """A triangle soup: `vertices` (V, 3) float64, `faces` (F, 3) int64, and what was left out.

    `ignored` are plural nouns such as "lines and points", in the order in which they were met.
    """

    vertices: np.ndarray
    faces: np.ndarray
    ignored: tuple[str, ...] = ()


class UnreadableError(ValueError):
    """Why a file cannot be used: the end of a sentence that begins with its name."""


def check_count(triangles: int, most: int) -> None:
    """Refuse more triangles than the caller takes, best before they are made.

    Raises:
        UnreadableError: there are more.
    """
    if triangles > most:
        raise UnreadableError(f"has more than {most:,} triangles: simplify it first")


def triangles_of_strips(corners: np.ndarray) -> np.ndarray:
    """The triangles (N - 2, 3) of one strip (N,): every second one is turned round."""
    faces = np.stack([corners[:-2], corners[1:-1], corners[2:]], -1)
    faces[1::2] = faces[1::2, [1, 0, 2]]
    return faces
