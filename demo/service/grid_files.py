"""Read the voxel grid in an .npz, whatever its numbers mean: cells, probabilities, distances."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

MAX_SIDE = 256  # of a voxel grid
MAX_UNPACKED = 8 * MAX_SIDE**3
ARRAYS = ("grid", "occupancy", "voxels")  # what the array in an .npz may be called
ROUNDING = 1e-3  # by which probabilities may leave 0..1
LEVELS = 16  # distinct bytes up to which they are labels; more are shares of 255


def read_npz(path: Path) -> tuple[np.ndarray, str]:
    """The one grid of an npz, and how its numbers were taken.

    Returns:
        (X, Y, Z) bool, and a note, "" where the numbers are plain.

    Raises:
        ValueError: it cannot be read, or its numbers have no plain meaning; one sentence.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(member.file_size for member in packed.infolist())
        if size <= MAX_UNPACKED:
            with np.load(path, allow_pickle=False) as file:
                array = _chosen(file)
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
    try:
        return full_cells(array)
    except ValueError as error:
        raise ValueError(f"“{path.name}” {error}") from error


def full_cells(values: np.ndarray) -> tuple[np.ndarray, str]:
    """Which cells are inside, by what the numbers can only mean.

    Numbers of both signs are distances or scores, whose sign on most of the border is the outside;
    from 0 to 1 they are probabilities; two numbers are empty and full; whole numbers are labels.

    Args:
        values: (X, Y, Z) bool, integers or floats; NaN is outside.

    Raises:
        ValueError: none of these; the end of a sentence that begins with the file's name.
    """
    if values.dtype == bool or not values.size:
        return values > 0, ""
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (0, 0)
    if low < -ROUNDING or (low < 0 and high > 1 + ROUNDING):
        border = np.ones(values.shape, bool)
        border[1:-1, 1:-1, 1:-1] = False
        signs = np.nan_to_num(np.sign(values[border].astype(float)))
        if (signs > 0).sum() > (signs < 0).sum() and high > 0:
            return values < 0, "its negative numbers taken as inside"
        return values > 0, ""
    count = len(np.unique(known))
    if count <= 2:
        return values > (float(low) + float(high)) / 2 if count == 2 else values > 0, ""
    if values.dtype.kind in "iu":
        if values.dtype == np.uint8 and high > 127 and count > LEVELS:
            return values > 127, "its numbers taken as shares of 255, full from the half on"
        return values > 0, ""
    if high <= 1 + ROUNDING:
        return values > 0.5, "its numbers taken as probabilities, full from 0.5 on"
    raise ValueError(
        f"holds numbers from {low:.3g} to {high:.3g}, which are neither full cells, probabilities "
        "nor signed distances."
    )


def _chosen(file: np.lib.npyio.NpzFile) -> np.ndarray:
    """The array that is the grid: full cells are plainer than values that lie beside them."""
    names = [name for name in ARRAYS if name in file.files] or file.files[:1]
    arrays = [file[name] for name in names]
    if not all(isinstance(array, np.ndarray) for array in arrays):
        raise ValueError  # a member that is no array comes as bytes
    plain = [a for a in arrays if a.dtype == bool and a.shape == arrays[0].shape]
    return (plain or arrays or [np.zeros(0)])[0]
