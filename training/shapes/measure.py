"""Attributes that any occupied grid has: how full, how thin, how symmetric, in what proportions."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

_ALL_AROUND = np.ones((3, 3, 3))


def grid_attributes(occupancy: np.ndarray) -> dict[str, float | int]:
    """Ground truth that is read off the grid.

    Args:
        occupancy: (R, R, R) bool, not empty, in the project's frame.

    Returns:
        volume: the occupied share of the grid, 0..1.
        thinness: the share of occupied cells that belong to no 3x3x3 block of them, 0..1.
        symmetry: IoU with the mirror image left to right, 0..1.
        height, width, depth: extents along y, z and x, as shares of the longest one.
        num_pieces: connected pieces; cells that touch at a corner belong together.

    Raises:
        ValueError: for an empty grid.
    """
    cells = np.argwhere(occupancy)
    if not len(cells):
        raise ValueError("An empty grid has no proportions.")
    extent = np.ptp(cells, axis=0) + 1
    depth, height, width = (extent / extent.max()).tolist()
    padded = np.pad(occupancy, 1)  # opening must not run over the border
    thick = ndimage.binary_opening(padded, _ALL_AROUND)
    low, high = cells[:, 2].min(), cells[:, 2].max()
    centred = occupancy[:, :, low : high + 1]
    mirror = centred[:, :, ::-1]
    return {
        "volume": float(occupancy.mean()),
        "thinness": float(1 - thick.sum() / occupancy.sum()),
        "symmetry": float((centred & mirror).sum() / (centred | mirror).sum()),
        "height": height,
        "width": width,
        "depth": depth,
        "num_pieces": int(ndimage.label(occupancy, _ALL_AROUND)[1]),
    }


def speck_share(occupancy: np.ndarray) -> float:
    """The share of occupied cells in loose specks; 0 for an empty grid.

    A speck is a connected piece with less than a twentieth of the cells of the largest one: two
    loudspeakers are a pair, a wheel that touches no axle is a speck.
    """
    labels, _ = ndimage.label(occupancy, _ALL_AROUND)
    sizes = np.bincount(labels.ravel())[1:]
    return float(sizes[sizes < sizes.max(initial=0) / 20].sum() / max(1, sizes.sum()))
