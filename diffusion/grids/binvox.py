"""Binvox files: the run-length coded voxel grids in which ShapeNetVox32 is published.

A file is a text header (`#binvox 1`, `dim`, `translate`, `scale`, `data`) and then pairs of bytes
(value, run length). Voxels run y fastest, then z, then x; the three numbers of `dim` are the sides
along x, z and y. The grids here are `grid[x, y, z]`, +y up, and for ShapeNet the front is +x.
Format: https://www.patrickmin.com/binvox/binvox.html
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

MAX_SIDE = 1024  # what the binvox program itself writes at most; guards against absurd headers


class Binvox(NamedTuple):
    """A decoded file: `grid` (X, Y, Z) bool; world = centre in [0, 1]^3 * scale + translate."""

    grid: np.ndarray
    translate: tuple[float, float, float]
    scale: float


def decode_binvox(data: bytes, max_side: int = MAX_SIDE) -> Binvox:
    """Decodes the bytes of a binvox file; a header with a side above `max_side` is refused.

    Raises:
        ValueError: on a wrong magic number, a bad header, or runs that do not fill the grid.
    """
    if not data.startswith(b"#binvox"):
        raise ValueError("Not a binvox file: it does not start with '#binvox'.")
    header, *rest = re.split(rb"[\r\n]\s*data[ \t]*\r?\n", data, maxsplit=1)
    if not rest:
        raise ValueError("Broken binvox file: the header has no 'data' line.")
    (body,) = rest
    words = (line.split() for line in header.splitlines())
    fields = {key: values for key, *values in filter(None, words)}
    try:
        sides = tuple(int(number) for number in fields[b"dim"])
        translate = tuple(float(number) for number in fields.get(b"translate", (0, 0, 0)))
        scale = float(fields.get(b"scale", (1,))[0])
    except (KeyError, ValueError, IndexError) as error:
        raise ValueError("Broken binvox file: unreadable 'dim', 'translate' or 'scale'.") from error
    if len(sides) != 3 or len(translate) != 3 or not all(1 <= s <= max_side for s in sides):
        raise ValueError(f"Broken binvox file: 'dim' must be three sides from 1 to {max_side}.")
    values, lengths = np.frombuffer(body, np.uint8)[: len(body) // 2 * 2].reshape(-1, 2).T
    total, expected = int(lengths.sum(dtype=np.int64)), int(np.prod(sides, dtype=np.int64))
    if len(body) % 2 and total != expected:  # else a line break that an editor has added
        raise ValueError("Truncated binvox file: the last run has no length.")
    if total != expected:
        problem = "Truncated" if total < expected else "Broken"
        raise ValueError(
            f"{problem} binvox file: its runs hold {total} voxels, its header says {expected}."
        )
    if values.max(initial=0) > 1:
        raise ValueError("Broken binvox file: a voxel is neither 0 nor 1.")
    stored = np.repeat(values, lengths).reshape(sides)  # [x, z, y]
    return Binvox(np.ascontiguousarray(stored.transpose(0, 2, 1)).astype(bool), translate, scale)


def encode_binvox(
    grid: np.ndarray,
    translate: tuple[float, float, float] = (0.0, 0.0, 0.0),
    scale: float = 1.0,
) -> bytes:
    """Encodes `grid` (X, Y, Z) bool, the inverse of `decode_binvox`."""
    if grid.ndim != 3 or not 1 <= min(grid.shape) <= max(grid.shape) <= MAX_SIDE:
        raise ValueError(f"A binvox grid has three sides from 1 to {MAX_SIDE}, not {grid.shape}.")
    stored = np.asarray(grid, dtype=bool).transpose(0, 2, 1)
    flat = stored.reshape(-1)
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    runs = []
    for value, length in zip(flat[starts].tolist(), np.diff([*starts, flat.size]), strict=True):
        full, rest = divmod(int(length), 255)  # a run is one byte long
        runs += [bytes([value, 255])] * full + [bytes([value, rest])] * (rest > 0)
    header = (
        f"#binvox 1\ndim {' '.join(map(str, stored.shape))}\n"
        f"translate {' '.join(map(str, translate))}\nscale {scale}\ndata\n"
    )
    return header.encode() + b"".join(runs)
