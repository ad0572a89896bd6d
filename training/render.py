"""A small batched renderer: sphere tracing of a distance grid, several views at a time.

Any shape that has a distance grid can be rendered: procedural ones bring exact part labels, voxels
and meshes are traced the same way. Method: Hart 1996, "Sphere tracing".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.camera import Camera, cast_rays
from training.shapes.distance import Program
from training.shapes.shape import Material, Shape

MAX_STEPS = 64
FATTEN = 0.25  # cells that the surface is moved outwards, so that thin parts survive the grid


@dataclass(frozen=True)
class Scene:
    """What is rendered.

    Attributes:
        distance: (R, R, R) signed distances at the cell centres of the unit cube.
        part_at: from points (N, 3) to indices (N,) into `materials`.
        materials: one a part.
    """

    distance: Tensor
    part_at: Callable[[Tensor], Tensor]
    materials: Sequence[Material]

    @classmethod
    def of_shape(cls, shape: Shape, distance: Tensor) -> Scene:
        """The scene of a procedural shape, given its `volume`'s distances."""
        program = Program(shape, distance.device)
        return cls(distance, lambda p: program(p)[1], [part.material for part in shape.parts])

    @classmethod
    def of_grid(cls, grid: Tensor, material: Material) -> Scene:
        """The scene of a model grid (R, R, R) in [-1, 1], in one material."""
        from training.shapes.shape import TRUNCATION

        # Undo `to_values`; beyond the truncation this is a lower bound, which tracing can use.
        distance = (0.5 - grid * TRUNCATION) / grid.shape[0]
        return cls(distance, lambda p: torch.zeros(len(p), dtype=torch.long), [material])


@dataclass(frozen=True)
class Lighting:
    """Lights of one view: a key light with shadow, a sky, a fill light from the camera.

    Attributes:
        direction: (3,) towards the key light.
        key: strength of the key light.
        sky: strength of the light from above.
        fill: strength of the light from the camera.
    """

    direction: tuple[float, float, float]
    key: float = 0.6
    sky: float = 0.35
    fill: float = 0.15


def random_lighting(rng: np.random.Generator) -> Lighting:
    """A light from somewhere above, with a random contrast."""
    direction = rng.normal(size=3) + np.array([0.3, 1.2, 0.0])
    key = rng.uniform(0.25, 0.85)
    return Lighting(
        tuple(direction / np.linalg.norm(direction)), key, 1.0 - key, rng.uniform(0, 0.3)
    )


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


def _sample(volume: Tensor, points: Tensor) -> Tensor:
    """Trilinear look-up (C, N) of a volume (C, R, R, R) at points (N, 3) of the unit cube."""
    grid = (points * 2).flip(-1)[None, None, None]  # grid_sample wants (z, y, x) in [-1, 1]
    return F.grid_sample(volume[None], grid, align_corners=False, padding_mode="border")[0, :, 0, 0]


def trace(distance: Tensor, origins: Tensor, directions: Tensor, pixel: float):
    """March rays (N, 3) to the surface.

    Returns:
        `t` (N,) distances along the rays, and `coverage` (N,) in [0, 1]: 1 for hits, and what
        share of a pixel a near miss covers, by how close (in pixels) the ray came to the surface.
    """
    bound = 0.5 / directions.where(directions.abs() > 1e-9, torch.full_like(directions, 1e-9))
    center = -origins * bound * 2
    near = (center - bound.abs()).amax(1).clamp(min=0)
    far = (center + bound.abs()).amin(1)
    t = near.clone()
    closest = torch.full_like(t, 9.0)
    surface = FATTEN / distance.shape[0]
    active = torch.nonzero(near < far)[:, 0]
    for _ in range(MAX_STEPS):
        if not len(active):
            break
        at, way = t[active], directions[active]
        d = _sample(distance[None], origins[active] + at[:, None] * way)[0] - surface
        closest[active] = torch.minimum(closest[active], d / (at * pixel))
        at = at + d.clamp(min=1e-3) * (d > 5e-4)
        t[active] = at
        closest[active[d <= 5e-4]] = -1.0
        active = active[(d > 5e-4) & (at < far[active])]
    coverage = (0.5 - closest).clamp(0, 1)
    coverage[active] = 1.0  # still creeping along the surface: close enough to be a hit
    return t, coverage


def render(
    scene: Scene, cameras: Sequence[Camera], lights: Sequence[Lighting], size: int
) -> Buffers:
    """Render every camera's view of a scene, size x size pixels, on the scene's device."""
    device = scene.distance.device
    views = len(cameras)
    origins, directions = cast_rays(list(cameras), size, device)
    rays = directions.reshape(-1, 3)
    starts = origins[:, None].expand(views, size * size, 3).reshape(-1, 3)
    pixel = 2 * float(np.mean([c.window[2] for c in cameras])) / size
    t, coverage = trace(scene.distance, starts, rays, pixel)
    hit = torch.nonzero(coverage > 0.02)[:, 0]
    points = starts[hit] + t[hit, None] * rays[hit]

    resolution = scene.distance.shape[0]
    slopes = torch.stack(torch.gradient(scene.distance, spacing=1 / resolution))
    normal = F.normalize(_sample(slopes, points).T, dim=1)
    part = scene.part_at(points)
    view = hit // (size * size)
    color = _shade(scene, points, normal, part, rays[hit], view, lights)

    rgba = torch.zeros(views * size * size, 4, device=device)
    rgba[hit] = torch.cat([color, coverage[hit, None]], dim=1)
    depth, normals = torch.zeros_like(rgba[:, 0]), torch.zeros_like(rgba[:, :3])
    parts = torch.full_like(depth, -1, dtype=torch.long)
    solid = coverage[hit] > 0.5  # lines are drawn between things, not between their fringes
    depth[hit[solid]], normals[hit[solid]] = t[hit[solid]], normal[solid]
    parts[hit[solid]] = part[solid]
    square = (views, size, size)
    return Buffers(
        rgba.view(*square, 4), depth.view(square), normals.view(*square, 3), parts.view(square)
    )


def _shade(scene, points, normal, part, rays, view, lights) -> Tensor:
    """Colours (N, 3) in [0, 1] of surface points (N, 3)."""
    device = points.device

    def per_view(values):
        return torch.tensor(values, dtype=torch.float32, device=device)[view]

    toward = per_view([light.direction for light in lights])
    key, sky, fill = (
        per_view([getattr(light, name) for light in lights]) for name in ("key", "sky", "fill")
    )
    albedo = torch.tensor([m.color for m in scene.materials], dtype=torch.float32, device=device)
    gloss = torch.tensor([m.gloss for m in scene.materials], dtype=torch.float32, device=device)
    albedo, gloss = albedo[part] * _texture(scene.materials, points, part)[:, None], gloss[part]

    # How open the surroundings are, a step away from the surface: ambient occlusion.
    step = 0.06
    openness = (_sample(scene.distance[None], points + step * normal)[0] / step).clamp(0.25, 1)
    lit = (normal * toward).sum(1).clamp(min=0) * _shadow(scene.distance, points, normal, toward)
    facing = (normal * -rays).sum(1).clamp(min=0)
    above = 0.5 + 0.5 * normal[:, 1]
    diffuse = key * lit + (sky * above + fill * facing) * openness
    halfway = F.normalize(toward - rays, dim=1)
    highlight = gloss * (normal * halfway).sum(1).clamp(min=0) ** (8 + 60 * gloss) * (lit > 0)
    linear = albedo * diffuse[:, None] + 0.5 * highlight[:, None]
    return linear.clamp(0, 1) ** (1 / 1.8)  # a display's transfer curve, softened


def _shadow(distance: Tensor, points: Tensor, normal: Tensor, toward: Tensor) -> Tensor:
    """Soft visibility (N,) in [0.2, 1] of the key light: the narrowest gap on the way to it."""
    visible = torch.ones_like(points[:, 0])
    for t in (0.04, 0.08, 0.14, 0.22, 0.34):
        at = points + 0.02 * normal + t * toward
        gap = _sample(distance[None], at)[0]
        inside_cube = (at.abs() < 0.5).all(1)
        visible = torch.where(inside_cube, torch.minimum(visible, gap / (0.25 * t)), visible)
    return visible.clamp(0.2, 1)


def _texture(materials: Sequence[Material], points: Tensor, part: Tensor) -> Tensor:
    """Brightness factors (N,) around 1 by the texture of each point's material."""
    x, y, z = points.unbind(1)
    wobble = torch.sin(9 * x + 5 * y) + torch.sin(7 * z - 4 * y)
    patterns = {
        "plain": torch.ones_like(x),
        "wood": 1 + 0.16 * torch.sin(46 * (x + y) + 12 * z + 2.5 * wobble),
        "weave": 1 + 0.10 * torch.sign(torch.sin(190 * (x + z)) * torch.sin(190 * y)),
        "speckle": 1 + 0.15 * torch.sin(311 * x) * torch.sin(277 * y) * torch.sin(293 * z),
        "stripes": 1 + 0.35 * torch.sign(torch.sin(70 * (x + z))),
    }
    factor = torch.ones_like(x)
    for index, material in enumerate(materials):
        if material.texture != "plain":
            factor = torch.where(part == index, patterns[material.texture], factor)
    return factor
