"""Lights, shadows, textures: the colour of a surface point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.rendering.tracing import sample
from training.shapes.materials import Material


@dataclass(frozen=True)
class Lighting:
    """Lights of one view: a key light with shadow, a sky, a fill from the camera, a rim light.

    Attributes:
        direction: (3,) towards the key light.
        key: strength of the key light.
        sky: strength of the light from above.
        fill: strength of the light from the camera.
        rim: strength of a second light, opposite the key light, without shadow.
        tint: (3,) colour of the key light; the rim light has the complementary tint.
    """

    direction: tuple[float, float, float]
    key: float = 0.6
    sky: float = 0.35
    fill: float = 0.15
    rim: float = 0.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)


def random_lighting(rng: np.random.Generator) -> Lighting:
    """A light from above, of random contrast and warmth; half the time with a rim light."""
    direction = rng.normal(size=3) + np.array([0.3, 1.2, 0.0])
    key = rng.uniform(0.25, 0.85)
    warmth = rng.normal(0, 0.08)
    return Lighting(
        tuple(direction / np.linalg.norm(direction)),
        key,
        1.0 - key,
        rng.uniform(0, 0.3),
        rng.uniform(0.1, 0.5) if rng.random() < 0.5 else 0.0,
        (1 + warmth, 1.0, 1 - warmth),
    )


def _grain(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    wobble = torch.sin(9 * x + 5 * y) + torch.sin(7 * z - 4 * y)
    return 1 + 0.16 * torch.sin(46 * (x + y) + 12 * z + 2.5 * wobble)


def _dots(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    bumps = torch.cos(58 * x) + torch.cos(58 * y) + torch.cos(58 * z)
    return 1 - 0.55 * torch.sigmoid(8 * (bumps - 1.6))


def _veins(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    bend = torch.sin(11 * y + 3 * z) + 0.6 * torch.sin(23 * x - 9 * z) + 0.3 * torch.sin(41 * z)
    return 1 - 0.45 * (1 - torch.sin(8 * x + 6 * y - 7 * z + 2 * bend).abs()) ** 6


# Brightness factors around 1 of points, by a texture's name.
TEXTURES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "plain": lambda x, y, z: torch.ones_like(x),
    "wood": _grain,
    "weave": lambda x, y, z: 1 + 0.10 * torch.sign(torch.sin(190 * (x + z)) * torch.sin(190 * y)),
    "speckle": lambda x, y, z: 1 + 0.15 * torch.sin(311 * x) * torch.sin(277 * y + 293 * z),
    "stripes": lambda x, y, z: 1 - 0.45 * (torch.sin(70 * (x + z)) > 0),
    # A quarter of a period aside, so that no face of the cube's planes lies on a change of sign.
    "checks": lambda x, y, z: (
        1 - 0.4 * (torch.sin(44 * x + 0.7) * torch.sin(44 * y + 0.7) * torch.sin(44 * z + 0.7) > 0)
    ),
    "dots": _dots,
    "veins": _veins,
}


def texture(materials: Sequence[Material], points: Tensor, part: Tensor) -> Tensor:
    """Brightness factors (N,) around 1 by the texture of each point's material.

    Raises:
        ValueError: for a texture that has no entry in `TEXTURES`.
    """
    unknown = {m.texture for m in materials} - TEXTURES.keys()
    if unknown:
        raise ValueError(f"Unknown texture {sorted(unknown)[0]!r}.")
    factor = torch.ones_like(points[:, 0])
    for name in {m.texture for m in materials} - {"plain"}:
        owns = torch.tensor([m.texture == name for m in materials], device=part.device)
        rows = owns[part].nonzero()[:, 0]
        factor[rows] = TEXTURES[name](*points[rows].unbind(1))
    return factor


def shade(
    distance: Tensor,
    materials: Sequence[Material],
    points: Tensor,
    normal: Tensor,
    part: Tensor,
    rays: Tensor,
    view: Tensor,
    lights: Sequence[Lighting],
) -> Tensor:
    """Colours (N, 3) in [0, 1] of surface points.

    Args:
        distance: (R, R, R) of the scene.
        materials: one a part.
        points: (N, 3).
        normal: (N, 3) outward unit normals.
        part: (N,) indices into `materials`.
        rays: (N, 3) unit directions from the camera.
        view: (N,) indices into `lights`.
        lights: one a view.
    """
    device = points.device

    def per_view(name: str) -> Tensor:
        values = [getattr(light, name) for light in lights]
        return torch.tensor(values, dtype=torch.float32, device=device)[view]

    toward, tint = per_view("direction"), per_view("tint")
    key, sky, fill, rim = (per_view(name) for name in ("key", "sky", "fill", "rim"))
    albedo = torch.tensor([m.color for m in materials], dtype=torch.float32, device=device)
    gloss = torch.tensor([m.gloss for m in materials], dtype=torch.float32, device=device)
    albedo, gloss = albedo[part] * texture(materials, points, part)[:, None], gloss[part]

    openness = _openness(distance, points, normal)
    lit = key * (normal * toward).sum(1).clamp(min=0) * _visible(distance, points, normal, toward)
    back = toward * torch.tensor([-1.0, 0.4, -1.0], device=device)
    behind = rim * (normal * F.normalize(back, dim=1)).sum(1).clamp(min=0)
    facing = (normal * -rays).sum(1).clamp(min=0)
    above = 0.5 + 0.5 * normal[:, 1]
    grey = (sky * above + fill * facing) * openness
    diffuse = grey[:, None] + lit[:, None] * tint + (behind * openness)[:, None] * (2 - tint)
    halfway = F.normalize(toward - rays, dim=1)
    highlight = gloss * (normal * halfway).sum(1).clamp(min=0) ** (8 + 60 * gloss) * (lit > 0)
    # What mirrors the sky looks bright at grazing angles (Schlick 1994).
    sheen = 0.35 * gloss * openness * (1 - facing) ** 4
    linear = albedo * diffuse + (0.5 * highlight + sheen)[:, None]
    return linear.clamp(0, 1) ** (1 / 1.8)  # a display's transfer curve, softened


def _openness(distance: Tensor, points: Tensor, normal: Tensor) -> Tensor:
    """Ambient occlusion (N,) in [0.2, 1]: how much of two steps outwards is free."""
    free = torch.zeros_like(points[:, 0])
    for step, weight in ((0.03, 0.4), (0.09, 0.6)):
        free += weight * (sample(distance[None], points + step * normal)[0] / step).clamp(0, 1)
    return free.clamp(0.2, 1)


def _visible(distance: Tensor, points: Tensor, normal: Tensor, toward: Tensor) -> Tensor:
    """Soft visibility (N,) in [0.15, 1] of the key light: the narrowest gap on the way to it."""
    visible = torch.ones_like(points[:, 0])
    rows = ((normal * toward).sum(1) > 0).nonzero()[:, 0]  # the others face away from the light
    start, toward, gap = points[rows] + 0.015 * normal[rows], toward[rows], visible[rows]
    for t in (0.03, 0.06, 0.1, 0.15, 0.22, 0.32, 0.46):
        at = start + t * toward
        free = sample(distance[None], at)[0] / (0.2 * t)
        gap = torch.where((at.abs() < 0.5).all(1), torch.minimum(gap, free), gap)
    visible[rows] = gap.clamp(0.15, 1)
    return visible
