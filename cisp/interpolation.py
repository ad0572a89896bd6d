"""Paths between unit embeddings: along the chord (lerp) and along the great circle (slerp).

Both return unit vectors, because every embedding space lives on the unit sphere, and both end
exactly where they should: t = 0 gives a and t = 1 gives b, to the last bit.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

# Closer than this (radians) to 0 or to pi, sin(angle) is too small to divide by in float32.
SMALL_ANGLE = 1e-3


def lerp(a: Tensor, b: Tensor, t: float | Tensor) -> Tensor:
    """Interpolate linearly, then normalise: the speed is greatest in the middle.

    Args:
        a: (D,) or (B, D) unit vectors, the result at t = 0.
        b: like `a`, the result at t = 1.
        t: a number, or (K,) positions, usually in [0, 1].

    Returns:
        Unit vectors shaped like `a`; (K, D) or (K, B, D) when t is (K,). For antipodal inputs,
        whose chord passes through zero, the great circle of `slerp` is followed instead.

    Raises:
        ValueError: when the shapes differ or t has more than one dimension.
    """
    t = _positions(a, b, t)
    mixed = (1 - t) * a + t * b
    antipodal = _angle(a, b) > math.pi - SMALL_ANGLE
    path = torch.where(antipodal, _great_circle(a, b, t), F.normalize(mixed, dim=-1))
    return _exact_ends(path, a, b, t)


def slerp(a: Tensor, b: Tensor, t: float | Tensor) -> Tensor:
    """Interpolate at constant speed along the great circle (Shoemake 1985).

    Arguments, shapes and errors are those of `lerp`. Identical inputs give back themselves;
    for antipodal ones, where every great circle is a shortest path, a fixed one is chosen.
    """
    t = _positions(a, b, t)
    return _exact_ends(_great_circle(a, b, t), a, b, t)


def _positions(a: Tensor, b: Tensor, t: float | Tensor) -> Tensor:
    """Return t in a shape that broadcasts against `a`: () or (K, 1) or (K, 1, 1)."""
    if a.shape != b.shape or a.ndim not in (1, 2):
        shapes = f"{tuple(a.shape)} and {tuple(b.shape)}"
        raise ValueError(f"Two embeddings of one shape, (D,) or (B, D), are needed, not {shapes}.")
    t = torch.as_tensor(t, dtype=a.dtype, device=a.device)
    if t.ndim > 1:
        raise ValueError(f"t must be a number or have shape (K,), not {tuple(t.shape)}.")
    return t.view(-1, *[1] * a.ndim) if t.ndim else t


def _angle(a: Tensor, b: Tensor) -> Tensor:
    """Return the angle (..., 1) between unit vectors, accurate near 0 and pi (Kahan)."""
    return 2 * torch.atan2((a - b).norm(dim=-1, keepdim=True), (a + b).norm(dim=-1, keepdim=True))


def _great_circle(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """Walk from a by t times the angle, along the part of b that is orthogonal to a.

    cos(t w) a + sin(t w) u with u = (b - cos(w) a) / sin(w) is the usual slerp formula, but it
    asks for a direction only, which the antipodal case can supply.
    """
    angle = _angle(a, b)
    # Two steps of Gram-Schmidt: one is not orthogonal enough when b is nearly parallel to a.
    away = F.normalize(b - (a * b).sum(-1, keepdim=True) * a, dim=-1, eps=1e-30)
    away = away - (a * away).sum(-1, keepdim=True) * a
    # The axis on which a is smallest is never parallel to a.
    axis = F.one_hot(a.abs().argmin(-1), a.shape[-1]).to(a)
    side = axis - (a * axis).sum(-1, keepdim=True) * a
    away = F.normalize(torch.where(angle > math.pi - SMALL_ANGLE, side, away), dim=-1)
    return F.normalize(torch.cos(t * angle) * a + torch.sin(t * angle) * away, dim=-1)


def _exact_ends(path: Tensor, a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    return torch.where(t == 0, a, torch.where(t == 1, b, path))
