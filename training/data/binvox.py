"""Binvox files on disk; `diffusion.grids.binvox` knows the format."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from diffusion.grids.binvox import decode_binvox, encode_binvox
from training.tools.command import atomic_path


def read_binvox(path: str | Path) -> np.ndarray:
    """Reads a file to `grid[x, y, z]` bool; ValueError in one sentence names what is wrong."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"Cannot read '{path}': {error.strerror}.") from error
    try:
        return decode_binvox(data).grid
    except ValueError as error:
        raise ValueError(f"{error} ({path})") from error


def write_binvox(path: str | Path, grid: np.ndarray) -> None:
    """Writes `grid[x, y, z]` bool, whole or not at all."""
    data = encode_binvox(grid)
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)
