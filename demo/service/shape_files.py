"""Read an uploaded shape, a mesh or a voxel grid of any size, as a solid grid.

Untrusted files are checked for size before they are unpacked, and nothing in them is executed.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np

from diffusion.grids.binvox import decode_binvox
from diffusion.grids.from_mesh import MAX_FACES, parse_mesh, voxelize

MESHES = (".obj", ".glb", ".stl", ".ply")
GRIDS = (".npz", ".binvox")
SUFFIXES = MESHES + GRIDS
MAX_BYTES = 20_000_000
MAX_SIDE = 256  # of a voxel grid
MAX_UNPACKED = 8 * MAX_SIDE**3
MAX_NUMBERS = 20 * MAX_FACES  # that a .glb may declare
ARRAYS = ("grid", "occupancy", "voxels")  # what the array in an .npz may be called


def read_shape_file(path: str | Path, resolution: int, up: str = "y", turns: int = 0) -> np.ndarray:
    """Read a file as a solid grid, centred, its longest side spanning all cells.

    Args:
        path: its suffix names the format.
        resolution: R.
        up: the axis that points up in the file: "y", or "z" as in much CAD and 3D printing.
        turns: quarter turns about the vertical axis, counter-clockwise seen from above: one brings
            a front at +z to +x.

    Returns:
        (R, R, R) bool, in the frame grid[x, y, z], +y up.

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
        grid = _read_mesh(path, suffix, resolution)
    else:
        cells = _read_npz(path) if suffix == ".npz" else _read_binvox(path)
        grid = fit(cells, resolution)
    return turn(grid, up, turns)


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


def _read_mesh(path: Path, suffix: str, resolution: int) -> np.ndarray:
    too_many = f"“{path.name}” has more than {MAX_FACES:,} triangles: simplify it first."
    if suffix == ".glb" and not _fits(path):
        raise ValueError(too_many)
    with path.open("rb") as file:  # an open file, so that it cannot refer to other files
        vertices, faces = parse_mesh(file, suffix, path.name)
    if len(faces) > MAX_FACES:
        raise ValueError(too_many)
    try:
        return voxelize(vertices, faces, resolution)
    except ValueError as error:
        raise ValueError(f"“{path.name}” cannot be used: {error}") from error


def _fits(path: Path) -> bool:
    """Whether a .glb declares itself small enough to unpack: each node repeats its mesh."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(16)[12:], "little")
            file.read(4)
            tree = json.loads(file.read(min(length, MAX_BYTES)))
        counts = [accessor["count"] for accessor in tree["accessors"]]
        triangles = [
            sum(counts[p.get("indices", p["attributes"]["POSITION"])] for p in mesh["primitives"])
            for mesh in tree["meshes"]
        ]
        shown = [triangles[node["mesh"]] for node in tree["nodes"] if "mesh" in node]
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ValueError(f"“{path.name}” is not a mesh that can be read.") from error
    return sum(shown) <= 3 * MAX_FACES and sum(counts) <= MAX_NUMBERS


def _read_binvox(path: Path) -> np.ndarray:
    try:
        return decode_binvox(path.read_bytes(), MAX_SIDE).grid
    except ValueError as error:
        raise ValueError(f"“{path.name}” cannot be used: {error}") from error


def _read_npz(path: Path) -> np.ndarray:
    """The one grid of an npz: bool, or numbers that are positive inside."""
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(member.file_size for member in packed.infolist())
        if size <= MAX_UNPACKED:
            with np.load(path, allow_pickle=False) as file:
                names = [name for name in ARRAYS if name in file.files] or file.files[:1]
                array = file[names[0]] if names else np.zeros(0)
                if not isinstance(array, np.ndarray):  # a member that is no array comes as bytes
                    raise ValueError
    except Exception as error:  # parsers of a damaged npz may raise anything
        raise ValueError(f"“{path.name}” is not an .npz that can be read.") from error
    if size > MAX_UNPACKED:
        raise ValueError(f"“{path.name}” unpacks to more than {MAX_UNPACKED // 1_000_000} MB.")
    array = array.reshape(array.shape[-3:]) if array.size == np.prod(array.shape[-3:]) else array
    if array.ndim != 3 or array.dtype.kind not in "bfiu" or max(array.shape) > MAX_SIDE:
        raise ValueError(
            f"“{path.name}” should hold one grid (X, Y, Z) called “grid”, of at most {MAX_SIDE} "
            "cells a side, positive inside."
        )
    return array > 0
