"""The frame that all voxel grids share, and IoU, packed bits and digest of grids in it.

`grid[x, y, z]`, +y up and the front towards +x, centred, the longest axis spanning the grid: cell
(x, y, z) is centred at ((x, y, z) + 0.5) / R - 0.5. Values lie in [-1, 1], positive inside; an
occupancy is bool. Needs numpy alone.
"""

from __future__ import annotations

import hashlib

import numpy as np

TRUNCATION = 2.0  # values reach +-1 this many cells away from the surface
CHUNK = 500  # grids converted to float at once for a matrix product: 66 MB at 32^3


def occupancy(grid: np.ndarray) -> np.ndarray:
    """Which cells are inside: bool, of the grid's shape."""
    return grid > 0


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray | float:
    """Intersection over union; two empty grids agree, so they score 1.

    Args:
        a: (..., R, R, R) bool; leading axes broadcast.
        b: (..., R, R, R) bool.

    Returns:
        (...) float64 in [0, 1]; for two grids a float of Python's own, as JSON takes it.
    """
    axes = (-3, -2, -1)
    share = _share((a & b).sum(axes), (a | b).sum(axes))
    return share if share.ndim else float(share)


def iou_matrix(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The IoU of all pairs (N, M) of grids (N, R, R, R) and (M, R, R, R) bool, as `iou` has it.

    |A and B| is a dot product of zeros and ones, which float32 sums exactly up to 2^24.
    """
    result = np.empty((len(a), len(b)))
    for column in range(0, len(b), CHUNK):
        right = _rows(b[column : column + CHUNK]).astype(np.float32)
        for row in range(0, len(a), CHUNK):
            left = _rows(a[row : row + CHUNK]).astype(np.float32)
            both = (left @ right.T).astype(np.float64)
            either = left.sum(1, dtype=np.float64)[:, None] + right.sum(1, dtype=np.float64) - both
            result[row : row + CHUNK, column : column + CHUNK] = _share(both, either)
    return result


def pack_bits(occupancy: np.ndarray) -> np.ndarray:
    """Eight cells a byte: (..., R, R, R) bool to (..., R^3 / 8, rounded up) uint8.

    x runs slowest and z fastest, the highest bit first.
    """
    return np.packbits(_rows(occupancy), axis=-1)


def unpack_bits(bits: np.ndarray, resolution: int) -> np.ndarray:
    """Undo `pack_bits`: (..., R, R, R) bool."""
    cells = np.unpackbits(bits, axis=-1, count=resolution**3).view(bool)
    return cells.reshape(*bits.shape[:-1], *(resolution,) * 3)


def digest(occupancy: np.ndarray) -> str:
    """Sixteen hexadecimal digits that change with any cell: of SHA-256 over shape and bits.

    Args:
        occupancy: bool, of any shape.
    """
    head = ",".join(map(str, occupancy.shape)).encode()
    return hashlib.sha256(head + np.packbits(occupancy.astype(bool)).tobytes()).hexdigest()[:16]


def _rows(grids: np.ndarray) -> np.ndarray:
    """The cells of each grid in a row: (..., R^3)."""
    return grids.reshape(*grids.shape[:-3], -1)


def _share(both: np.ndarray, either: np.ndarray) -> np.ndarray:
    return np.where(either > 0, both / np.maximum(either, 1), 1.0)
