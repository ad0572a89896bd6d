"""From meshes and occupancies to the grids that models take, in `diffusion.grids.frame`'s frame."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import numpy as np
from scipy import ndimage, signal

from diffusion.grids.frame import TRUNCATION
from diffusion.mesh_files.gltf import read_gltf
from diffusion.mesh_files.mesh import Mesh, UnreadableError, check_count
from diffusion.mesh_files.ply import read_ply
from diffusion.mesh_files.stl import read_stl
from diffusion.mesh_files.text import read_obj, read_off

MAX_FACES, MAX_POINTS = 500_000, 2_000_000  # triangles and surface points held at once
MOST_POINTS = 50_000_000  # of a whole mesh: seconds of work; usual meshes need a hundredth
MOST_FACES = 20_000_000  # of a whole mesh: a gigabyte
FLATTEST = 1e-6  # height of a triangle in units of its longest side: less is rounding
READERS = {
    ".glb": read_gltf,
    ".gltf": read_gltf,
    ".obj": lambda data, *_: read_obj(data),
    ".off": lambda data, *_: read_off(data),
    ".ply": lambda data, *_: read_ply(data),
    ".stl": lambda data, *_: read_stl(data),
}


def read_mesh(source: Path | IO[bytes], suffix: str, name: str, most: int = MOST_FACES) -> Mesh:
    """Reads a mesh file; triangles without an area are left out.

    Args:
        source: a path, or an open binary file, which cannot refer to files beside it.
        suffix: of the format, one of `READERS`, in any case.
        name: what messages call it.
        most: triangles that are taken.

    Raises:
        ValueError: in one sentence, if it cannot be read, needs what is not read here, or holds no
            finite triangle with extent.
    """
    if suffix.lower() not in READERS:
        raise ValueError(f"'{name}' is none of {', '.join(sorted(READERS))}")
    try:
        data = source.read_bytes() if isinstance(source, Path) else source.read()
        folder = source.parent if isinstance(source, Path) else None
        vertices, faces, ignored = READERS[suffix.lower()](data, folder, most)
        check_count(len(faces), most)
    except UnreadableError as error:
        raise ValueError(f"'{name}' {error}") from error
    except Exception as error:  # damaged files can do anything to a parser
        raise ValueError(
            f"'{name}' is not a mesh that can be read ({type(error).__name__})"
        ) from error
    if not len(faces):
        only = f", only {' and '.join(ignored)}" if ignored else ""
        raise ValueError(f"'{name}' holds no triangles{only}")
    faces = _with_area(vertices, faces)
    used = _used(vertices, faces)
    with np.errstate(over="ignore"):
        extent = np.ptp(used, 0).max() if len(used) else 0
    if not np.isfinite(used).all() or not 0 < extent < np.inf:
        raise ValueError(f"'{name}' has no extent or is not finite")
    return Mesh(vertices, faces, ignored)


def _with_area(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Leave out triangles flatter than `FLATTEST`: the rest of a line, a point or an export.

    They show nothing, but lie anywhere, and would count for the extent.
    """
    faces = faces[(faces != np.roll(faces, 1, 1)).all(1)]
    with np.errstate(all="ignore"):
        kept = [_is_open(vertices[part]) for part in _portions(faces)]
    return faces[np.concatenate([np.empty(0, bool), *kept])]


def _is_open(corners: np.ndarray) -> np.ndarray:
    """Which triangles (F, 3, 3) have an area, or are not finite and may not go unnoticed."""
    edges = corners - np.roll(corners, 1, axis=1)
    largest = np.abs(edges).max((1, 2))
    edges = edges / np.where(largest > 0, largest, 1)[:, None, None]
    area = np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=-1)
    return ~(area <= FLATTEST * (edges**2).sum(-1).max(1))


def voxelize(vertices: np.ndarray, faces: np.ndarray, resolution: int) -> np.ndarray:
    """Turns a triangle soup into a solid grid, its longest axis spanning all cells.

    Full are the cells the surface passes through, those it encloses, and those where the
    generalised winding number exceeds one half and the surface lies in at least four of the six
    directions along the axes, so that a box without a lid or a body with holes becomes solid while
    the compartments of a shelf made of closed boards stay open.

    Args:
        vertices: (V, 3), +y up.
        faces: (F, 3) int.
        resolution: R.

    Returns:
        (R, R, R) bool.

    Raises:
        ValueError: if the triangles overlap so often that it would take minutes.
    """
    used = _used(vertices, faces)
    low, high = used.min(0), used.max(0)
    scale = resolution * (1 - 1e-6) / (high - low).max()  # the far face falls in the last cell
    vertices = (vertices - (low + high) / 2) * scale + resolution / 2  # in cells, [0, R]
    if sum((_parts(vertices[part]) ** 2).sum() for part in _portions(faces)) > MOST_POINTS:
        raise ValueError("The mesh has too many large triangles: simplify it first.")
    surface = np.zeros((resolution,) * 3, bool)
    area = np.zeros((3, *surface.shape))
    for points, vectors in surface_points(vertices, faces):
        cells = np.clip(points.astype(int), 0, resolution - 1).T
        surface[tuple(cells)] = True
        flat = np.ravel_multi_index(tuple(cells), surface.shape)
        for axis in range(3):
            sums = np.bincount(flat, weights=vectors[:, axis], minlength=surface.size)
            area[axis] += sums.reshape(surface.shape)
    enclosed = ndimage.binary_fill_holes(surface)
    # Doubled walls double the winding number, which then exceeds one half in front of an opening
    # too; such a cell looks out in most directions, one inside a body with holes in few.
    inside = (np.abs(winding_number(area)) > 0.5) & (directions_blocked(surface) >= 4)
    return enclosed | inside


def directions_blocked(surface: np.ndarray) -> np.ndarray:
    """In how many of the six directions along the axes a cell meets the surface (six in it).

    Args:
        surface: (R, R, R) bool.

    Returns:
        (R, R, R) int, 0 to 6.
    """
    count = np.zeros(surface.shape, int)
    for axis in range(3):
        count += np.maximum.accumulate(surface, axis)
        count += np.flip(np.maximum.accumulate(np.flip(surface, axis), axis), axis)
    return count


def _used(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """The vertices that some face uses."""
    mask = np.zeros(len(vertices), bool)
    mask[faces] = True
    return vertices[mask]


def surface_points(vertices: np.ndarray, faces: np.ndarray):
    """Yields (points, area vectors), both (P, 3): at least two points a cell along every edge."""
    for part in _portions(faces):
        yield from _points_of(vertices[part])


def _portions(faces: np.ndarray):
    """Yields the faces in portions that fit in memory."""
    for start in range(0, len(faces), MAX_FACES):
        yield faces[start : start + MAX_FACES]


def _parts(corners: np.ndarray) -> np.ndarray:
    """Into how many parts (F,) each edge of triangles (F, 3, 3) is cut: two a cell."""
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=-1).max(1)
    return np.ceil(2 * longest).astype(int).clip(1)


def _points_of(corners: np.ndarray):
    """As `surface_points`, for triangles given by their corners (F, 3, 3)."""
    a, b, c = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    parts = _parts(corners)
    normals = np.cross(b, c) / 2
    for n in np.unique(parts):
        # The centres of the n^2 congruent parts of a triangle, in multiples of its two edges.
        i, j = np.mgrid[0:n, 0:n]
        upright, flipped = i + j < n, i + j < n - 1
        thirds = np.stack([i, j], -1)
        weights = np.concatenate([thirds[upright] + 1 / 3, thirds[flipped] + 2 / 3]) / n
        group = np.flatnonzero(parts == n)
        chunk = max(1, MAX_POINTS // n**2)
        for start in range(0, len(group), chunk):
            rows = group[start : start + chunk]
            u, v = weights[None, :, :1], weights[None, :, 1:]
            points = a[rows, None] + u * b[rows, None] + v * c[rows, None]
            vectors = np.broadcast_to(normals[rows, None] / n**2, points.shape)
            yield points.reshape(-1, 3), vectors.reshape(-1, 3)


def winding_number(area: np.ndarray) -> np.ndarray:
    """Generalised winding number at the cell centres from the area vectors in the cells.

    Each cell acts as a dipole at its centre, w(q) = sum_p (p - q) . A_p / (4 pi |p - q|^3)
    (Barill et al. 2018, "Fast Winding Numbers for Soups and Clouds", equation 5), which is a
    convolution. Meaningless within a cell of the surface, whose cells are full anyway.

    Args:
        area: (3, R, R, R), the sum of normal times area in each cell, in cells squared.

    Returns:
        (R, R, R): about 1 inside a closed outward surface, -1 if it is inside out, 0 outside.
    """
    side = area.shape[-1]
    offset = np.stack(np.meshgrid(*[np.arange(1 - side, side)] * 3, indexing="ij"))  # q - p
    distance = np.sqrt((offset**2).sum(0))
    distance[side - 1, side - 1, side - 1] = np.inf  # a cell says nothing about itself
    kernel = -offset / (4 * np.pi * distance**3)
    full = signal.fftconvolve(area, kernel, mode="full", axes=(1, 2, 3)).sum(0)
    return full[(slice(side - 1, 2 * side - 1),) * 3]


def distance_values(occupancy: np.ndarray) -> np.ndarray:
    """Truncated scaled signed distance of a boolean grid.

    The surface lies half a voxel from the centres of the cells on both sides of it, so the value is
    +-0.25 there, clip(signed distance in voxels / 2, -1, 1) everywhere, and `values > 0` is
    `occupancy` again. Beyond its border the grid counts as empty.

    Args:
        occupancy: (R, R, R) bool.

    Returns:
        (R, R, R) float32 in [-1, 1], positive inside.
    """
    if not occupancy.any():
        return np.full(occupancy.shape, -1.0, np.float32)
    padded = np.pad(occupancy, 1)
    inside = ndimage.distance_transform_edt(padded)
    outside = ndimage.distance_transform_edt(~padded)
    signed = np.where(padded, inside - 0.5, 0.5 - outside)[1:-1, 1:-1, 1:-1]
    return np.clip(signed / TRUNCATION, -1.0, 1.0).astype(np.float32)
