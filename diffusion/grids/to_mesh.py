"""From grids to meshes.

Grids are float (R, R, R) in the frame of `diffusion.grids.frame` and fill the cube [-0.5, 0.5]^3.
All faces wind counter-clockwise seen from outside.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from diffusion.grids.frame import occupancy

if TYPE_CHECKING:
    import trimesh

PRINTED = 100.0  # millimetres, the longest side of a shape for printing
GREY = "#8b93a1"
# Marching cubes makes degenerate triangles where the surface meets a cell's centre.
CLOSEST = 1e-3


def exposed_faces(occupancy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sides of full cells that face an empty cell or the outside.

    Args:
        occupancy: (R, R, R) bool.

    Returns:
        Vertices (V, 3) float32, each once, and quads (F, 4) int64. An edge at which two cells touch
        without a third beside them belongs to four quads.
    """
    resolution = len(occupancy)
    padded = np.pad(occupancy, 1)
    corners = []
    for axis in range(3):
        # The two further axes in cyclic order, so that their cross product is +axis.
        u, v = np.roll(np.eye(3, dtype=np.int64), -axis - 1, axis=0)[:2]
        around = np.array([0 * u, u, u + v, v])  # (4, 3), counter-clockwise seen from +axis
        for side, square in ((1, around + np.eye(3, dtype=np.int64)[axis]), (-1, around[::-1])):
            neighbour = np.roll(padded, -side, axis)[1:-1, 1:-1, 1:-1]
            cells = np.argwhere(occupancy & ~neighbour)  # (F', 3)
            corners.append(cells[:, None] + square)
    points = np.concatenate(corners)  # (F, 4, 3) on the lattice 0..R
    lattice = (resolution + 1,) * 3
    numbers, quads = np.unique(
        np.ravel_multi_index(points.reshape(-1, 3).T, lattice), return_inverse=True
    )
    vertices = np.stack(np.unravel_index(numbers, lattice), axis=1) / resolution - 0.5
    return vertices.astype(np.float32), quads.reshape(-1, 4)


def surface(grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The closed surface at 0, by marching cubes.

    Returns:
        Vertices (V, 3) float32 within [-0.5, 0.5] and triangles (F, 3) int64.

    Raises:
        ValueError: if no cell is inside.
    """
    from skimage.measure import marching_cubes  # slow to import

    _check_not_empty(grid)
    field = grid.astype(np.float32)
    field = np.where(grid > 0, field.clip(min=CLOSEST), field.clip(max=-CLOSEST))
    field = np.pad(field, 1, constant_values=-1.0)
    # Lewiner's variant leaves edges with four triangles where values tie, as clipped ones do.
    vertices, faces, _, _ = marching_cubes(
        field, 0.0, gradient_direction="ascent", method="lorensen"
    )
    # Less 1 for the padding, plus 0.5 for the cell's centre.
    return ((vertices - 0.5) / len(grid) - 0.5).astype(np.float32), faces.astype(np.int64)


def to_trimesh(grid: np.ndarray, *, color: str = GREY, smooth: bool = True) -> trimesh.Trimesh:
    """A coloured mesh: the smooth surface, or the cells' sides.

    Args:
        grid: (R, R, R).
        color: "#rrggbb".
        smooth: whether marching cubes makes it.

    Raises:
        ValueError: if no cell is inside.
    """
    import trimesh

    _check_not_empty(grid)
    if smooth:
        vertices, faces = surface(grid)
    else:
        vertices, quads = exposed_faces(occupancy(grid))
        faces = quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)
    # Not metallic: with nothing to reflect, viewers show metal as black.
    material = trimesh.visual.material.PBRMaterial(
        baseColorFactor=[*_linear(color), 1.0], metallicFactor=0.0, roughnessFactor=0.9
    )
    visual = trimesh.visual.TextureVisuals(material=material)
    return trimesh.Trimesh(vertices, faces, visual=visual, process=False)


def to_glb(mesh: trimesh.Trimesh, *, smooth: bool) -> bytes:
    """A mesh of `to_trimesh` as a binary glTF file."""
    # glTF viewers shade a mesh without normals flat, as cells should look.
    return mesh.export(file_type="glb", include_normals=smooth)


def to_stl(mesh: trimesh.Trimesh, longest: float = PRINTED) -> bytes:
    """A mesh of `to_trimesh` as an STL file for slicers: +z up, its longest side `longest` mm.

    STL has no unit, and slicers take millimetres.
    """
    placed = mesh.copy()
    placed.vertices = mesh.vertices[:, [0, 2, 1]] * [1, -1, 1] * (longest / mesh.extents.max())
    return placed.export(file_type="stl")


def export_glb(
    grid: np.ndarray, path: str | Path | None = None, *, color: str = GREY, smooth: bool = True
) -> bytes:
    """The mesh of `to_trimesh` as a binary glTF file, also written to `path` if there is one.

    Raises:
        ValueError: if no cell is inside.
    """
    data = to_glb(to_trimesh(grid, color=color, smooth=smooth), smooth=smooth)
    if path is not None:
        Path(path).write_bytes(data)
    return data


def _check_not_empty(grid: np.ndarray) -> None:
    if not occupancy(grid).any():
        raise ValueError("The shape is empty: no cell is inside, so it has no mesh.")


def _linear(color: str) -> list[float]:
    """The linear red, green and blue in 0..1 that glTF wants of an sRGB colour (IEC 61966-2-1)."""
    shares = [byte / 255 for byte in bytes.fromhex(color.removeprefix("#"))]
    return [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
