"""A distance grid of a triangle soup, so that meshes are rendered as procedural shapes are."""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage
from scipy.spatial import cKDTree
from torch import Tensor

from diffusion.grids.from_mesh import surface_points

RESOLUTION = 128
SHEET = 0.4  # thickness, in cells, of sheets with the outside on both sides
BAND = 2.0  # cells around the surface in which distances are exact


def mesh_distance(vertices: np.ndarray, faces: np.ndarray, resolution: int = RESOLUTION) -> Tensor:
    """Signed distances (R, R, R) float32 of a mesh whose longest side is made to span the cube.

    A closed mesh, whichever way its triangles turn, is negative inside. A sheet with the outside
    on both sides becomes a plate, a little thinner than a cell.

    Args:
        vertices: (V, 3), +y up.
        faces: (F, 3) int.
        resolution: R.
    """
    used = vertices[np.unique(faces)]
    low, high = used.min(0), used.max(0)
    vertices = (vertices - (low + high) / 2) / (high - low).max() * resolution + resolution / 2
    points, vectors = _thinned_samples(vertices, faces, resolution)
    area = np.linalg.norm(vectors, axis=1)
    points, vectors = points[area > 0], vectors[area > 0]
    normals = vectors / area[area > 0, None]

    touched = np.zeros((resolution,) * 3, bool)
    touched[tuple(np.clip(points.astype(int), 0, resolution - 1).T)] = True
    outside = np.pad(~ndimage.binary_fill_holes(touched), 3, constant_values=True)
    distance = ndimage.distance_transform_edt(~touched)
    cells = np.argwhere(distance <= BAND)
    centers = cells + 0.5
    near, index = cKDTree(points).query(centers)
    offset, normal = centers - points[index], normals[index]
    # The samples are about half a cell apart: close to a face, its plane says more.
    along = np.abs((offset * normal).sum(1))
    flat = near**2 - along**2 < 0.36
    near = np.where(flat, along, near)

    def is_free(steps: float) -> np.ndarray:
        at = np.floor(points[index] + steps * normal).astype(int) + 3
        return outside[tuple(np.clip(at, 0, resolution + 5).T)]

    front, back = is_free(1.8), is_free(-1.8)
    side = (offset * normal).sum(1) * np.where(front, 1.0, -1.0)
    inside = (front != back) & (side < 0) | ~outside[3:-3, 3:-3, 3:-3][tuple(cells.T)] & ~touched[
        tuple(cells.T)
    ]
    near = near - np.where(front & back, SHEET / 2, 0)
    distance[~outside[3:-3, 3:-3, 3:-3]] *= -1
    distance[tuple(cells.T)] = np.where(inside, -near, near)
    return torch.from_numpy((distance / resolution).astype(np.float32))


def _thinned_samples(
    vertices: np.ndarray, faces: np.ndarray, resolution: int
) -> tuple[np.ndarray, np.ndarray]:
    """Surface points and area vectors (P, 3), one of each half-cell and chunk.

    Long thin triangles are sampled as densely across as along, which is far more than is needed.
    """
    kept = []
    for points, vectors in surface_points(vertices, faces):
        facing = np.abs(vectors).argmax(1) * 2 + (vectors.sum(1) > 0)  # both sides of thin sheets
        half = np.floor(2 * points).astype(np.int64).clip(0, 2 * resolution)
        keys = np.ravel_multi_index((*half.T, facing), (*[2 * resolution + 1] * 3, 6))
        first = np.unique(keys, return_index=True)[1]  # of numbers, not of rows: far faster
        kept.append((points[first], vectors[first]))
    points, vectors = zip(*kept, strict=True)
    return np.concatenate(points), np.concatenate(vectors)
