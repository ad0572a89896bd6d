"""Read an uploaded shape, a mesh or a voxel grid of any size, as a solid grid.

Untrusted files are checked for size before they are unpacked, and nothing in them is executed.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from demo.service.grid_files import MAX_SIDE, read_npz
from diffusion.grids.binvox import decode_binvox
from diffusion.grids.from_mesh import MAX_FACES, read_mesh, voxelize

MESHES = (".obj", ".glb", ".stl", ".ply")
GRIDS = (".npz", ".binvox")
SUFFIXES = MESHES + GRIDS
MAX_BYTES = 20_000_000


class ShapeFile(NamedTuple):
    """A solid grid (R, R, R) bool, and how the file was taken, "" where nothing is to be said."""

    grid: np.ndarray
    note: str = ""


def read_shape_file(path: str | Path, resolution: int, up: str = "y", turns: int = 0) -> np.ndarray:
    """The grid alone of `open_shape_file`."""
    return open_shape_file(path, resolution, up, turns).grid


def open_shape_file(path: str | Path, resolution: int, up: str = "y", turns: int = 0) -> ShapeFile:
    """Read a file as a solid grid, centred, its longest side spanning all cells.

    Args:
        path: its suffix names the format.
        resolution: R.
        up: the axis that points up in the file: "y", or "z" as in much CAD and 3D printing.
        turns: quarter turns about the vertical axis, counter-clockwise seen from above: one brings
            a front at +z to +x.

    Returns:
        The grid in the frame grid[x, y, z], +y up, and a note for the visitor.

    Raises:
        ValueError: it cannot be read or holds no shape; one sentence.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"“{path.name}” is none of {', '.join(SUFFIXES)}.")
    if not path.is_file():  # reading a pipe may never end
        raise ValueError(f"“{path.name}” is no file.")
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"“{path.name}” is larger than {MAX_BYTES // 1_000_000} MB.")
    if suffix in MESHES:
        grid, note = _read_mesh(path, suffix, resolution)
    else:
        cells, note = read_npz(path) if suffix == ".npz" else (_read_binvox(path), "")
        grid = fit(cells, resolution)
    return ShapeFile(turn(grid, up, turns), note)


def turn(grid: np.ndarray, up: str, turns: int) -> np.ndarray:
    """Stand a grid up, and turn it by quarters about the vertical axis."""
    if up == "z":  # (x, y, z) -> (x, z, -y): a rotation, so nothing is mirrored
        grid = np.flip(grid.transpose(0, 2, 1), 2)
    return np.ascontiguousarray(np.rot90(grid, turns, axes=(2, 0)))


def fit(cells: np.ndarray, resolution: int) -> np.ndarray:
    """Resample a grid so that its full cells, holes filled, are centred and span (R, R, R).

    As everywhere here, a cell is full when any of the shape reaches into it.

    Args:
        cells: (X, Y, Z) bool.
        resolution: R.

    Raises:
        ValueError: no cell is full.
    """
    from scipy import ndimage

    if not cells.any():
        raise ValueError("The grid in this file is empty.")
    for axis in range(3):
        full = np.flatnonzero(cells.any(tuple({0, 1, 2} - {axis})))
        cells = np.take(cells, np.arange(full[0], full[-1] + 1), axis)
    side = max(cells.shape)
    before = [(side - length) // 2 for length in cells.shape]
    after = [side - length - b for length, b in zip(cells.shape, before, strict=True)]
    cells = np.pad(cells, list(zip(before, after, strict=True)))
    for axis in range(3):
        cells = np.stack(
            [
                cells.take(
                    range(i * side // resolution, -(-(i + 1) * side // resolution)), axis
                ).any(axis)
                for i in range(resolution)
            ],
            axis,
        )
    return ndimage.binary_fill_holes(cells)


def _read_mesh(path: Path, suffix: str, resolution: int) -> tuple[np.ndarray, str]:
    with path.open("rb") as file:  # an open file, so that it cannot refer to other files
        mesh = read_mesh(file, suffix, path.name, MAX_FACES)
    note = f"without its {' and '.join(mesh.ignored)}" if mesh.ignored else ""
    try:
        return voxelize(mesh.vertices, mesh.faces, resolution), note
    except ValueError as error:
        raise ValueError(f"“{path.name}” cannot be used: {error}") from error


def _read_binvox(path: Path) -> np.ndarray:
    try:
        return decode_binvox(path.read_bytes(), MAX_SIDE).grid
    except ValueError as error:
        raise ValueError(f"“{path.name}” cannot be used: {error}") from error
