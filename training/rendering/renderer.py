"""A small batched renderer: sphere tracing of a distance grid, several views at a time.

Any shape that has a distance grid can be rendered: procedural ones bring exact part labels, voxels
and meshes are traced the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.grids.frame import TRUNCATION
from training.rendering.camera import Camera, cast_rays
from training.rendering.lighting import Lighting, shade
from training.rendering.tracing import find_surface, sample, slopes, thickened
from training.shapes.distance import Program, refine
from training.shapes.materials import Material
from training.shapes.shape import Shape

THIN = 0.65  # cells by which thin sheets of grids and meshes are thickened
RESOLUTION = 128  # of the grid that procedural shapes are traced in


@dataclass(frozen=True)
class Scene:
    """What is rendered.

    Attributes:
        distance: (R, R, R) signed distances at the cell centres of the unit cube.
        exact: from points (N, 3) to signed distances (N,) without the grid's errors, and indices
            (N,) into `materials`.
        materials: one a part.
    """

    distance: Tensor
    exact: Callable[[Tensor], tuple[Tensor, Tensor]]
    materials: Sequence[Material]

    @classmethod
    def of_shape(cls, shape: Shape, distance: Tensor, resolution: int = RESOLUTION) -> Scene:
        """The scene of a procedural shape, given its `volume`'s distances.

        A grid coarser than `resolution` is refined near the surface, doubling its side.
        """
        program = Program(shape.parts, distance.device)
        parts = torch.zeros_like(distance, dtype=torch.long)  # those of the grid are not used
        while 2 * distance.shape[0] <= resolution:
            distance, parts = refine(program, distance, parts, 0.5 / distance.shape[0])
        return cls(distance, program, [part.material for part in shape.parts])

    @classmethod
    def of_grid(cls, grid: Tensor, material: Material) -> Scene:
        """The scene of a model grid (R, R, R) in [-1, 1], in one material."""
        # Undo `to_values`; beyond the truncation this is a lower bound, which tracing can use.
        distance = (0.5 - grid * TRUNCATION) / grid.shape[0]
        return cls.of_distance(distance, material)

    @classmethod
    def of_distance(cls, distance: Tensor, material: Material) -> Scene:
        """The scene of a distance grid (R, R, R) in one material."""
        known = thickened(distance, slopes(distance), THIN)[None]  # nothing is more exact

        def exact(points: Tensor) -> tuple[Tensor, Tensor]:
            part = torch.zeros(len(points), dtype=torch.long, device=points.device)
            return sample(known, points)[0], part

        return cls(distance, exact, [material])


@dataclass(frozen=True)
class Buffers:
    """What the camera sees, a pixel each; background pixels hold zeros and part -1.

    Attributes:
        rgba: (V, S, S, 4) in [0, 1], colour not multiplied by alpha.
        depth: (V, S, S) distance along the ray.
        normal: (V, S, S, 3) outward unit normals.
        part: (V, S, S) part indices.
    """

    rgba: Tensor
    depth: Tensor
    normal: Tensor
    part: Tensor


def render(
    scene: Scene, cameras: Sequence[Camera], lights: Sequence[Lighting], size: int
) -> Buffers:
    """Render every camera's view of a scene, size x size pixels, on the scene's device."""
    return _render(scene, cameras, lights, size)


def look(scene: Scene, cameras: Sequence[Camera], size: int) -> Buffers:
    """The same without light, for line drawings: every colour is black."""
    return _render(scene, cameras, None, size)


def _render(
    scene: Scene, cameras: Sequence[Camera], lights: Sequence[Lighting] | None, size: int
) -> Buffers:
    device = scene.distance.device
    views = len(cameras)
    origins, directions = cast_rays(list(cameras), size, device)
    rays = directions.reshape(-1, 3)
    starts = origins[:, None].expand(views, size * size, 3).reshape(-1, 3)
    halves = torch.tensor([c.window[2] for c in cameras], dtype=torch.float32, device=device)
    pixel = (2 / size * halves).repeat_interleave(size * size)  # (N,), width at distance 1
    slope = slopes(scene.distance)
    hit, t, coverage, part = find_surface(scene.distance, slope, scene.exact, starts, rays, pixel)
    rays = rays[hit]
    points = starts[hit] + t[:, None] * rays
    normal = F.normalize(sample(slope, points).T, dim=1)

    rgba = torch.zeros(views * size * size, 4, device=device)
    rgba[hit, 3] = coverage
    if lights is not None:
        view = hit // (size * size)
        rgba[hit, :3] = shade(
            scene.distance, scene.materials, points, normal, part, rays, view, lights
        )
    depth, normals = torch.zeros_like(rgba[:, 0]), torch.zeros_like(rgba[:, :3])
    parts = torch.full_like(depth, -1, dtype=torch.long)
    solid = coverage >= 0.5  # no lines between the faint edges of things
    depth[hit[solid]], normals[hit[solid]] = t[solid], normal[solid]
    parts[hit[solid]] = part[solid]
    square = (views, size, size)
    return Buffers(
        rgba.view(*square, 4), depth.view(square), normals.view(*square, 3), parts.view(square)
    )
