"""Signed distances of solids and shapes, evaluated in batches on any device.

Distances are negative inside. Boxes, rods and straight prisms are exact; ellipsoids, cones and
tapered prisms use first-order approximations that never overestimate by much, which is what sphere
tracing and truncated grids need (Hart 1996, "Sphere tracing").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from training.shapes.shape import Shape

FAR = 9.0  # farther than anything in the unit cube


def _join(lateral: Tensor, axial: Tensor) -> Tensor:
    """Distance of an extrusion from the distance to its side and to its ends."""
    outside = torch.hypot(lateral.clamp(min=0), axial.clamp(min=0))
    return outside + torch.maximum(lateral, axial).clamp(max=0)


def _box(p: Tensor, size: Tensor) -> Tensor:
    rounding = size[:, 3]
    q = [p[i].abs() - (size[:, i] - rounding) for i in range(3)]
    outside = (q[0].clamp(min=0) ** 2 + q[1].clamp(min=0) ** 2 + q[2].clamp(min=0) ** 2).sqrt()
    inside = torch.maximum(torch.maximum(q[0], q[1]), q[2]).clamp(max=0)
    return outside + inside - rounding


def _ellipsoid(p: Tensor, size: Tensor) -> Tensor:
    scaled = [p[i] / size[:, i] for i in range(3)]
    k0 = (scaled[0] ** 2 + scaled[1] ** 2 + scaled[2] ** 2).sqrt()
    k1 = sum((scaled[i] / size[:, i]) ** 2 for i in range(3)).sqrt()
    return k0 * (k0 - 1) / k1.clamp(min=1e-6)


def _frustum(p: Tensor, size: Tensor) -> Tensor:
    r_start, r_end, half, aspect = (size[:, i] for i in range(4))
    radial = torch.hypot(p[0], p[2] / aspect)
    slope = (r_end - r_start) / (2 * half)
    radius = r_start + slope * (p[1].clamp(-half, half) + half)
    # The side is slanted by the slope, and a squeezed radius shortens distances.
    lateral = (radial - radius) * torch.rsqrt(1 + slope**2) * aspect.clamp(max=1)
    return _join(lateral, p[1].abs() - half)


def _rod(p: Tensor, size: Tensor) -> Tensor:
    r_start, r_end, half = (size[:, i] for i in range(3))
    along = p[1].clamp(-half, half)
    radius = r_start + (r_end - r_start) * (along / half + 1) / 2
    return (p[0] ** 2 + (p[1] - along) ** 2 + p[2] ** 2).sqrt() - radius


def _polygon(u: Tensor, v: Tensor, vertices: Tensor) -> Tensor:
    """Exact signed distance (P, N) to polygons (P, K, 2): nearest edge, sign by crossing count."""
    squared = torch.full_like(u, FAR**2)
    inside = torch.zeros_like(u, dtype=torch.bool)
    following = vertices.roll(-1, dims=1)
    for k in range(vertices.shape[1]):
        a, e = vertices[:, k, :, None], (following - vertices)[:, k, :, None]  # (P, 2, 1)
        length = (e**2).sum(1)  # (P, 1)
        if not bool((length > 0).any()):
            continue
        du, dv = u - a[:, 0], v - a[:, 1]
        t = ((du * e[:, 0] + dv * e[:, 1]) / length.clamp(min=1e-12)).clamp(0, 1)
        squared = torch.minimum(squared, (du - t * e[:, 0]) ** 2 + (dv - t * e[:, 1]) ** 2)
        straddles = (dv >= 0) != (dv >= e[:, 1])
        rising = e[:, 1] > 0
        inside ^= straddles & ((du * e[:, 1] < dv * e[:, 0]) == rising)
    return torch.where(inside, -1.0, 1.0) * squared.sqrt()


def _prism(p: Tensor, size: Tensor, shift: Tensor, polygon: Tensor) -> Tensor:
    half, s_low, s_high, rounding = (size[:, i] for i in range(4))
    along = (p[2] / half).clamp(-1, 1) / 2  # -1/2 .. 1/2
    scale = (s_low + s_high) / 2 + (s_high - s_low) * along
    u = (p[0] - shift[:, 0] * along) / scale
    v = (p[1] - shift[:, 1] * along) / scale
    reach = polygon.norm(dim=2).amax(1)[:, None]  # (P, 1)
    slope = ((s_high - s_low).abs() * reach + shift.norm(dim=1)) / (2 * half)
    lateral = _polygon(u, v, polygon) * scale * torch.rsqrt(1 + slope**2)
    return _join(lateral + rounding, p[2].abs() - half + rounding) - rounding


_DISTANCES = {"box": _box, "ellipsoid": _ellipsoid, "frustum": _frustum, "rod": _rod}


class Program:
    """A shape compiled to tensors: solids batched by kind, then joined part by part.

    A part is the union of its solids minus the union of its carves; the shape is the union of its
    parts. Calling the program gives distances and the nearest part.
    """

    def __init__(self, shape: Shape, device: torch.device | str = "cpu"):
        placed = [
            (solid, index, sign)
            for index, part in enumerate(shape.parts)
            for solids, sign in ((part.solids, 1), (part.carves, -1))
            for solid in solids
        ]
        placed.sort(key=lambda entry: entry[0].kind)
        self.batches = []  # (kind, centers, bases, sizes, shifts, polygons), one a kind
        for kind in dict.fromkeys(solid.kind for solid, _, _ in placed):
            solids = [solid for solid, _, _ in placed if solid.kind == kind]
            fields = ("center", "basis", "size", "shift", "polygon")
            stacks = [np.stack([getattr(s, f) for s in solids]) for f in fields]
            tensors = [torch.as_tensor(s, dtype=torch.float32, device=device) for s in stacks]
            self.batches.append((kind, *tensors))
        parts = np.array([index for _, index, _ in placed])
        signs = np.array([sign for _, _, sign in placed])
        rows = [np.flatnonzero((parts == i) & (signs > 0)) for i in range(len(shape.parts))]
        carves = [np.flatnonzero((parts == i) & (signs < 0)) for i in range(len(shape.parts))]
        self.rows = [torch.as_tensor(r, device=device) for r in rows]
        self.carves = [torch.as_tensor(c, device=device) for c in carves]

    def __call__(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Signed distance (N,) at points (N, 3), and the index (N,) of the nearest part."""
        distances = []
        for kind, center, basis, size, shift, polygon in self.batches:
            local = torch.einsum("pij,pin->jpn", basis, points.T[None] - center[:, :, None])
            if kind == "prism":
                distances.append(_prism(local, size[..., None], shift[..., None], polygon))
            else:
                distances.append(_DISTANCES[kind](local, size[..., None]))
        stacked = torch.cat(distances)  # (P, N)
        parts = []
        for rows, carves in zip(self.rows, self.carves, strict=True):
            part = stacked[rows].amin(0)
            if len(carves):
                part = torch.maximum(part, -stacked[carves].amin(0))
            parts.append(part)
        nearest = torch.stack(parts).min(0)
        return nearest.values, nearest.indices


def cell_centers(resolution: int, device: torch.device | str = "cpu") -> Tensor:
    """Centres (R^3, 3) of the cells of the unit cube [-1/2, 1/2]^3, z fastest."""
    line = (torch.arange(resolution, device=device) + 0.5) / resolution - 0.5
    return torch.stack(torch.meshgrid(line, line, line, indexing="ij"), -1).reshape(-1, 3)


def refine(program: Program, coarse: Tensor, parts: Tensor, band: float) -> tuple[Tensor, Tensor]:
    """Double a distance grid's resolution, evaluating only cells near the surface.

    Args:
        program: the compiled shape.
        coarse: (R, R, R) signed distances at cell centres.
        parts: (R, R, R) nearest part.
        band: distances up to this are exact in the result; beyond it they are lower bounds in
            magnitude, which keeps sphere tracing safe.

    Returns:
        (2R, 2R, 2R) distances and parts.
    """
    resolution = coarse.shape[0] * 2
    offset = 3**0.5 / (2 * resolution)  # from a child's centre to its parent's
    coarse, parts = (
        grid.repeat_interleave(2, 0).repeat_interleave(2, 1).repeat_interleave(2, 2)
        for grid in (coarse, parts)
    )
    fine = coarse.sign() * (coarse.abs() - offset).clamp(min=1e-4)
    near = torch.nonzero((coarse.abs() < band + offset).flatten())[:, 0]
    points = cell_centers(resolution, coarse.device)[near]
    distance, part = program(points)
    fine.view(-1)[near], parts.view(-1)[near] = distance, part
    return fine, parts
