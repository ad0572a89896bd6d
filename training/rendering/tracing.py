"""Sphere tracing of distance grids (Hart 1996, "Sphere tracing"), and look-ups in them."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Exact = Callable[[Tensor], tuple[Tensor, Tensor]]

MAX_STEPS = 72
THINNEST = 0.75  # cells that a part too thin for the grid is moved outwards, see `thickened`
HIT = 2e-4  # cube sides from the surface at which a ray has met it
CLOSE = 0.06  # pixels from the surface at which a ray is taken to meet it
SETTLE_STEPS = 7  # exact steps for rays that the grid led astray


def sample(volume: Tensor, points: Tensor) -> Tensor:
    """Trilinear look-up (C, N) of a volume (C, R, R, R) at points (N, 3) of the unit cube."""
    grid = (points * 2).flip(-1)[None, None, None]  # grid_sample wants (z, y, x) in [-1, 1]
    return F.grid_sample(volume[None], grid, align_corners=False, padding_mode="border")[0, :, 0, 0]


def slopes(distance: Tensor) -> Tensor:
    """Central differences (3, R, R, R) of a distance grid (R, R, R)."""
    return torch.stack(torch.gradient(distance, spacing=1 / distance.shape[0]))


def thickened(distance: Tensor, slope: Tensor, cells: float = THINNEST) -> Tensor:
    """Move the surface outwards where a part is too thin for the grid, and nowhere else.

    Inside a sheet or rod thinner than a cell no sample may be negative, and rays would pass. There
    distances grow on both sides, so that central differences vanish, while they have length 1
    beside any thicker part: the length says how much is missing.

    Args:
        distance: (R, R, R).
        slope: (3, R, R, R), its `slopes`.
        cells: how far the middle of an infinitely thin sheet is moved.
    """
    missing = (1 - slope.square().sum(0).sqrt()).clamp(0, 1)
    return distance - cells / distance.shape[0] * missing


def trace(
    distance: Tensor,
    origins: Tensor,
    directions: Tensor,
    pixel: Tensor,
    start: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """March rays (N, 3) through a distance grid (R, R, R), from `start` (N,) on.

    Returns:
        `t` (N,) distances along the rays, of the closest approach where they miss; and `gap` (N,),
        how close they came to the surface, in pixels (N,) of that width at distance 1; 0 for hits.
    """
    bound = 0.5 / directions.where(directions.abs() > 1e-9, torch.full_like(directions, 1e-9))
    center = -origins * bound * 2
    near = (center - bound.abs()).amax(1).clamp(min=0)
    near = near if start is None else torch.maximum(near, start)
    far = (center + bound.abs()).amin(1)
    t, closest = near.clone(), torch.full_like(near, 9.0)
    active = torch.nonzero(near < far)[:, 0]
    begin, way, at, end = origins[active], directions[active], near[active], far[active]
    least, least_at = torch.full_like(at, 9.0), at.clone()
    width = pixel[active]
    shortest = 0.1 / distance.shape[0]
    for _ in range(MAX_STEPS):
        if not len(active):
            break
        d = sample(distance[None], torch.addcmul(begin, at[:, None], way))[0]
        gap = d / (at * width)
        closer = gap < least
        least, least_at = torch.where(closer, gap, least), torch.where(closer, at, least_at)
        moved = at + d.clamp(min=shortest)
        going = (d > HIT) & (moved < end)
        if not going.all():
            stopped = ~going
            rows = active[stopped]
            t[rows] = least_at[stopped]
            closest[rows] = torch.where(d <= HIT, 0.0, least)[stopped]
            active, begin, way, end = active[going], begin[going], way[going], end[going]
            width = width[going]
            least, least_at, moved = least[going], least_at[going], moved[going]
        at = moved
    t[active], closest[active] = at, 0.0  # still creeping along the surface
    return t, closest


def settle(
    exact: Exact, origins: Tensor, directions: Tensor, t: Tensor, gap: Tensor, pixel: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Correct with exact distances what `trace` found in a grid.

    Args:
        exact: from points (N, 3) to signed distances (N,) and parts (N,).
        origins: (N, 3).
        directions: (N, 3) unit vectors.
        t: (N,) from `trace`.
        gap: (N,) from `trace`.
        pixel: (N,) the width of a pixel at distance 1.

    Returns:
        `t`, `gap`, the part at `t`, and where a ray stands that passes by what looked like a hit
        (0 for the others), (N,) each.
    """
    d, part = exact(torch.addcmul(origins, t[:, None], directions))
    rows = (d.abs() > CLOSE * t * pixel).nonzero()[:, 0]
    t, gap, passed = t.clone(), gap.clone(), torch.zeros_like(t)
    begin, way, at, d = origins[rows], directions[rows], t[rows], d[rows]
    unit = pixel[rows]
    least, least_at, least_part = d, at, part[rows]
    for step in range(SETTLE_STEPS):
        if not len(rows):
            break
        at, before = at + d, d
        d, nearest = exact(torch.addcmul(begin, at[:, None], way))
        closer = d.abs() < least.abs()
        least, least_at = torch.where(closer, d, least), torch.where(closer, at, least_at)
        least_part = torch.where(closer, nearest, least_part)
        width = least / (least_at * unit)
        there = width < CLOSE
        if step == SETTLE_STEPS - 1:
            there |= (d < 0.75 * before) & (width < 0.3)  # still coming closer
        done = there if step < SETTLE_STEPS - 1 else torch.ones_like(there)
        stop = rows[done]
        passed[stop] = torch.where((gap[stop] == 0) & ~there[done], at[done], 0.0)
        t[stop], part[stop] = least_at[done], least_part[done]
        gap[stop] = torch.where(there[done], 0.0, width[done])
        kept = ~done
        rows, begin, way, at, d = rows[kept], begin[kept], way[kept], at[kept], d[kept]
        unit = unit[kept]
        least, least_at, least_part = least[kept], least_at[kept], least_part[kept]
    return t, gap, part, passed


def find_surface(
    distance: Tensor, slope: Tensor, exact: Exact, origins: Tensor, rays: Tensor, pixel: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Where rays (N, 3) hit a surface.

    Args:
        distance: (R, R, R).
        slope: (3, R, R, R), its `slopes`.
        exact: from points (N, 3) to signed distances (N,) and parts (N,).
        origins: (N, 3).
        rays: (N, 3) unit vectors.
        pixel: (N,) the width of a pixel at distance 1.

    Returns:
        The rays (H,) that hit; and of each the distance `t`, the coverage of its pixel in
        [0, 1] and the part, (H,) each.
    """
    t, gap = trace(thickened(distance, slope), origins, rays, pixel)
    seen = (gap < 1.5).nonzero()[:, 0]  # a pixel of slack: exact distances decide
    t, gap, part, passed = settle(exact, origins[seen], rays[seen], t[seen], gap[seen], pixel[seen])
    rows = (passed > 0).nonzero()[:, 0]  # march on behind a near miss
    again = seen[rows]
    behind = settle(
        exact,
        origins[again],
        rays[again],
        *trace(distance, origins[again], rays[again], pixel[again], passed[rows]),
        pixel[again],
    )
    better = behind[1] < gap[rows]
    rows = rows[better]
    t[rows], gap[rows], part[rows] = (values[better] for values in behind[:3])
    coverage = torch.where(gap > 0, (0.5 - gap).clamp(0, 1), 1.0)
    kept = coverage > 0.02
    return seen[kept], t[kept], coverage[kept], part[kept]
