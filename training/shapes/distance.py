"""Signed distances of solids and shapes, evaluated in batches on any device.

Distances are negative inside. Boxes, rods, prisms and round lathes are exact; ellipsoids, cones and
lofts use first-order approximations that never overestimate by much, which is what sphere
tracing and truncated grids need (Hart 1996, "Sphere tracing").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.shapes.part import Part

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


def _frustum(p: Tensor, size: Tensor, aspect: Tensor) -> Tensor:
    r_start, r_end, half = (size[:, i] for i in range(3))
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


def _polygon(u: Tensor, v: Tensor, start: Tensor, end: Tensor | None = None, s=None):
    """Exact signed distance (P, N) to polygons (P, K, 2): nearest edge, sign by crossing count.

    With `end` and `s` (P, N) in [0, 1] each point has a polygon of its own, interpolated; then the
    rate (P, N) at which the nearest side moves outwards as s grows is returned as well.
    """
    squared = torch.full_like(u, FAR**2)
    outward = torch.zeros_like(u)
    inside = torch.zeros_like(u, dtype=torch.bool)
    count = start.shape[1]
    # Padding repeats the last vertex: edges that no polygon of the batch has are passed over.
    moves = (start.diff(dim=1) != 0).any(2).any(0)
    if end is not None:
        moves |= (end.diff(dim=1) != 0).any(2).any(0)
        way = (end - start)[..., None]  # (P, K, 2, 1)
    edges = [k + 1 for k in moves.nonzero()[:, 0].tolist()]

    def vertex(k: int) -> Tensor:
        a = start[:, k, :, None]  # (P, 2, 1)
        return a if end is None else a + s[:, None] * way[:, k]  # (P, 2, N)

    last, a = count - 1, vertex(count - 1)
    for k in [0, *edges]:
        b = vertex(k)
        e = b - a
        length = (e**2).sum(1)  # (P, 1) or (P, N)
        du, dv = u - a[:, 0], v - a[:, 1]
        t = ((du * e[:, 0] + dv * e[:, 1]) / length.clamp(min=1e-12)).clamp(0, 1)
        ru, rv = du - t * e[:, 0], dv - t * e[:, 1]  # from the nearest point of the edge
        found = ru**2 + rv**2
        if end is not None:
            speed = way[:, last] + t[:, None] * (way[:, k] - way[:, last])  # (P, 2, N)
            moving = speed[:, 0] * ru + speed[:, 1] * rv
            outward = torch.where(found < squared, moving, outward)
        squared = torch.minimum(squared, found)
        straddles = (dv >= 0) != (dv >= e[:, 1])
        rising = e[:, 1] > 0
        inside ^= straddles & ((du * e[:, 1] < dv * e[:, 0]) == rising)
        last, a = k, b
    distance = torch.where(inside, -1.0, 1.0) * squared.sqrt()
    if end is None:
        return distance
    return distance, outward / torch.where(distance.abs() < 1e-9, 1e-9, distance)


def _prism(p: Tensor, size: Tensor, polygon: Tensor) -> Tensor:
    half, rounding = size[:, 0], size[:, 1]
    lateral = _polygon(p[0], p[1], polygon)
    return _join(lateral + rounding, p[2].abs() - half + rounding) - rounding


def _loft(p: Tensor, size: Tensor, polygon: Tensor, end: Tensor) -> Tensor:
    half, rounding = size[:, 0], size[:, 1]
    s = (p[2] / half).clamp(-1, 1) / 2 + 0.5
    across, rate = _polygon(p[0], p[1], polygon, end, s)
    slope = rate / (2 * half)
    # The nearest point of a slanted side lies nearer to its wide end, unless that is passed: then
    # the edge there is nearest, `wide` away along the axis and `over` across.
    wide = torch.where(slope > 0, half - p[2], half + p[2]).clamp(min=0)
    slanted = across * torch.rsqrt(1 + slope**2)
    over = (across - wide * slope.abs()).clamp(min=0)
    passed = across * slope.abs() > wide * (1 + slope**2)
    lateral = torch.where(passed, torch.hypot(over, wide), slanted)
    return _join(lateral + rounding, p[2].abs() - half + rounding) - rounding


def _lathe(p: Tensor, aspect: Tensor, polygon: Tensor) -> Tensor:
    radial = torch.hypot(p[0], p[2] / aspect)
    return _polygon(radial, p[1], polygon) * aspect.clamp(max=1)


def _distance(kind: str, p: Tensor, size: Tensor, aspect: Tensor, start: Tensor, end: Tensor):
    """Distances (P, N) to P solids of one kind at local points p (3, P, N)."""
    if kind == "prism":
        return _prism(p, size, start)
    if kind == "loft":
        return _loft(p, size, start, end)
    if kind == "lathe":
        return _lathe(p, aspect, start)
    if kind == "frustum":
        return _frustum(p, size, aspect)
    return {"box": _box, "ellipsoid": _ellipsoid, "rod": _rod}[kind](p, size)


class Program:
    """The parts of a shape compiled to tensors: solids batched by kind, then joined part by part.

    A part is the union of its solids, smooth if it has a blend (log-sum-exp), minus the union of
    its carves; the shape is the union of its parts. Calling the program gives distances and the
    nearest part.
    """

    def __init__(self, parts: Sequence[Part], device: torch.device | str = "cpu"):
        placed = [
            (solid, index, sign)
            for index, part in enumerate(parts)
            for solids, sign in ((part.solids, 1), (part.carves, -1))
            for solid in solids
        ]
        placed.sort(key=lambda entry: entry[0].kind)
        self.batches = []  # (kind, centers, bases, lengths, aspects, polygons, ends), one a kind
        for kind in dict.fromkeys(solid.kind for solid, _, _ in placed):
            solids = [solid for solid, _, _ in placed if solid.kind == kind]
            fields = ("center", "basis", "lengths", "aspect", "polygon", "polygon_end")
            stacks = [np.stack([getattr(s, f) for s in solids]) for f in fields]
            tensors = [torch.as_tensor(s, dtype=torch.float32, device=device) for s in stacks]
            self.batches.append((kind, *tensors))
        self.num_parts = len(parts)
        self.part_of = torch.tensor([index for _, index, _ in placed], device=device)
        self.is_carve = torch.tensor([sign < 0 for _, _, sign in placed], device=device)
        self.blends = [part.blend for part in parts]
        self.slack = 6 * torch.tensor(self.blends, device=device)[self.part_of]  # e^-6 is nothing

    def __call__(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Signed distance (N,) at points (N, 3), and the index (N,) of the nearest part."""
        return self._join(self._solids(points), self.part_of, self.is_carve)

    def _solids(self, points: Tensor) -> Tensor:
        """Distance (P, N) of every point (N, 3) from every solid."""
        distances = []
        for kind, center, basis, lengths, aspect, start, end in self.batches:
            local = torch.einsum("pij,pin->jpn", basis, points.T[None] - center[:, :, None])
            distances.append(
                _distance(kind, local, lengths[..., None], aspect[:, None], start, end)
            )
        return torch.cat(distances)

    def _join(self, distances: Tensor, slot: Tensor, carve: Tensor, count: int = 1):
        """Join distances (M, N) of solids and carves; row i belongs to slot[i] of parts x count.

        Returns:
            Distance and nearest part, (N,) or, with several cells a part, (count, N).
        """
        full = torch.full((self.num_parts * count, distances.shape[1]), FAR, device=slot.device)
        parts = _least(full, slot[~carve], distances[~carve])
        for index, blend in enumerate(self.blends):
            if blend:  # -k log sum exp(-d / k), computed from the smallest d
                rows = ~carve & (slot // count == index)
                terms = ((parts[slot[rows]] - distances[rows]) / blend).exp()
                sums = torch.zeros_like(full).index_add(0, slot[rows], terms)
                parts = parts - blend * sums.clamp(min=1).log()
        if carve.any():
            carved = _least(full, slot[carve], distances[carve])
            parts = torch.maximum(parts, -carved)
        nearest = parts.view(self.num_parts, count, -1).min(0)
        if count == 1:
            return nearest.values[0], nearest.indices[0]
        return nearest.values, nearest.indices

    def around(self, centers: Tensor, offsets: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate cells (C, 3) at offsets (K, 3) from their centres, with the solids that matter.

        A solid that is farther from a cell's centre than the surface by more than two cell radii
        cannot be the nearest anywhere in the cell; most are left out so.

        Returns:
            Distances and nearest parts, both (C, K).
        """
        at = self._solids(centers)  # (P, C)
        surface, _ = self._join(at, self.part_of, self.is_carve)
        reach = 2.4 * offsets.norm(dim=1).max()  # 2, and a little as some distances are not exact
        carve = self.is_carve[:, None]
        matters = torch.where(
            carve, at <= reach - surface, at <= surface + reach + self.slack[:, None]
        )
        distances, slots, carves, first = [], [], [], 0
        for kind, center, basis, lengths, aspect, start, end in self.batches:
            rows = slice(first, first + len(center))
            first = rows.stop
            solid, cell = matters[rows].nonzero().T  # (M,), (M,)
            points = centers[cell, None] + offsets - center[solid, None]  # (M, K, 3)
            local = torch.einsum("mij,mki->jmk", basis[solid], points)
            distances.append(
                _distance(
                    kind,
                    local,
                    lengths[solid, :, None],
                    aspect[solid, None],
                    start[solid],
                    end[solid],
                )
            )
            slots.append(self.part_of[rows][solid] * len(centers) + cell)
            carves.append(self.is_carve[rows][solid])
        joined = (torch.cat(distances), torch.cat(slots), torch.cat(carves))
        return self._join(*joined, count=len(centers))


def _least(full: Tensor, slot: Tensor, distances: Tensor) -> Tensor:
    """The smallest of the rows (M, N) that share a slot, (S, N); `full` where there is none."""
    return full.scatter_reduce(0, slot[:, None].expand_as(distances), distances, "amin")


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
        band: distances up to this are evaluated; beyond it they are interpolated.

    Returns:
        (2R, 2R, 2R) distances and parts.
    """
    side = coarse.shape[0]
    offsets = (
        cell_centers(2, coarse.device) / side
    )  # (8, 3), from a cell's centre to its children's
    fine = F.interpolate(coarse[None, None], scale_factor=2.0, mode="trilinear")[0, 0]
    parts = parts.repeat_interleave(2, 0).repeat_interleave(2, 1).repeat_interleave(2, 2)
    near = torch.nonzero(coarse.abs() < band + offsets[0].norm())  # (C, 3)
    distance, part = program.around((near + 0.5) / side - 0.5, offsets)
    children = (2 * near[:, None] + (offsets > 0)).reshape(-1, 3).T.unbind()
    fine[children], parts[children] = distance.flatten(), part.flatten()
    return fine, parts
