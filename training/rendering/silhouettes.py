"""Outlines of grids, and how many shapes share one: how ambiguous a view is, without any model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from training.rendering.camera import Camera

SIDE = 32  # pixels
ALIKE = 0.9  # IoU above which two outlines look alike


def silhouettes(occupancy: np.ndarray, cameras: Sequence[Camera]) -> np.ndarray:
    """Silhouettes of occupied cells (R, R, R) from each camera, (V, SIDE, SIDE) bool.

    Every cell becomes a square as large as it appears at the middle of the shape.
    """
    points = (np.argwhere(occupancy) + 0.5) / len(occupancy) - 0.5
    masks = []
    for camera in cameras:
        x, y, half = camera.window
        right, up = ((camera.project(points) - (x, y)) / half).T  # in [-1, 1]
        at = ((np.stack([-up, right]) + 1) / 2 * SIDE).astype(int).clip(0, SIDE - 1)
        mask = np.zeros((SIDE, SIDE), bool)
        mask[tuple(at)] = True
        cell = SIDE / 2 / half / camera.distance / len(occupancy)  # in pixels
        masks.append(ndimage.maximum_filter(mask, max(1, int(np.ceil(cell)))))
    return np.stack(masks)


def look_alikes(outlines: np.ndarray, categories: Sequence[str], queries: int) -> np.ndarray:
    """How many other shapes of the category look alike, (queries, V) int.

    Args:
        outlines: (N, V, S, S) bool, none of them empty.
        categories: one a shape.
        queries: for how many shapes, the first ones.
    """
    flat = outlines.reshape(*outlines.shape[:2], -1).astype(np.float32)
    area = flat.sum(-1)  # (N, V)
    kinds = np.array(categories)
    counts = np.zeros((queries, outlines.shape[1]), int)
    for query in range(queries):
        rows = np.flatnonzero(kinds == kinds[query])
        common = np.einsum("nvp,vp->nv", flat[rows], flat[query])
        union = area[rows] + area[query] - common
        counts[query] = (common > ALIKE * union).sum(0) - 1  # without itself
    return counts
