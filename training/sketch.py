"""Line drawings of what the renderer sees: contours, creases, part borders, by a shaky hand.

A clean edge map is bent by smooth random displacements, strokes are lost, doubled and
thickened. The result is ink: black with the stroke as alpha, which is what `cisp.images.cutout`
makes of a drawing on paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from training.render import Buffers


@dataclass(frozen=True)
class Hand:
    """How a drawing is drawn.

    Attributes:
        detail: 0 contours and parts far apart in depth, 1 also creases, 2 also every part's border.
        wobble: how far strokes stray, as a share of the picture.
        missing: share of strokes left out, 0 to 1.
        doubled: whether a second, different stroke lies over the first.
        width: stroke width in pixels of the picture.
    """

    detail: int
    wobble: float
    missing: float
    doubled: bool
    width: float

    @classmethod
    def random(cls, generator: torch.Generator) -> Hand:
        """Draw a hand, from careful to careless."""
        u = torch.rand(5, generator=generator).tolist()
        return cls(
            detail=int(u[0] * 3),
            wobble=0.003 + 0.028 * u[1] ** 1.5,
            missing=max(0.0, 0.4 * u[2] - 0.12),
            doubled=u[3] < 0.2,
            width=1.0 + 1.6 * u[4],
        )


def edges(buffers: Buffers, detail: int) -> Tensor:
    """Clean edge maps (V, S, S) in {0, 1}."""
    inside = buffers.part >= 0
    line = torch.zeros_like(buffers.depth)
    for dim in (1, 2):
        count = line.shape[dim]
        pair = [slice(None)] * 3, [slice(None)] * 3
        pair[0][dim], pair[1][dim] = slice(0, count - 1), slice(1, count)
        a, b = tuple(pair[0]), tuple(pair[1])
        found = inside[a] != inside[b]
        if detail >= 2:
            found |= inside[a] & inside[b] & (buffers.part[a] != buffers.part[b])
        line[a].masked_fill_(found, 1.0)
        # The second difference of depth: zero on planes however slanted, large where the depth
        # jumps, and about twice the pixel size where two faces meet at a right angle. The nearer
        # side alone (a positive sign) gets the line.
        before, middle, after = (buffers.depth.narrow(dim, i, count - 2) for i in range(3))
        held = [inside.narrow(dim, i, count - 2) for i in range(3)]
        bend = (before + after - 2 * middle) * (held[0] & held[1] & held[2])
        threshold = 0.03 if detail == 0 else 0.006
        line.narrow(dim, 1, count - 2).masked_fill_(bend > threshold, 1.0)
    return line


def _smooth_noise(shape, cells: int, size: int, generator: torch.Generator) -> Tensor:
    """Smooth noise (*shape, size, size) of unit variance at its nodes, drawn on the CPU."""
    nodes = torch.randn(1, *shape, cells, cells, generator=generator).flatten(1, -3)
    return F.interpolate(nodes, (size, size), mode="bicubic", align_corners=True).view(
        *shape, size, size
    )


def draw(buffers: Buffers, view: int, hand: Hand, generator: torch.Generator) -> Tensor:
    """Draw one view; returns RGBA (S, S, 4) in [0, 1]: black ink on nothing."""
    clean = edges(buffers, hand.detail)[view][None, None]  # (1, 1, S, S)
    size = clean.shape[-1]
    line = (torch.arange(size, device=clean.device) + 0.5) / size * 2 - 1
    straight = torch.stack(torch.meshgrid(line, line, indexing="ij")[::-1], -1)  # (S, S, 2)
    ink = torch.zeros_like(clean)
    for _ in range(2 if hand.doubled else 1):
        bend = 2 * hand.wobble * _smooth_noise((2,), 6, size, generator)
        bend = bend + hand.wobble * 0.5 * _smooth_noise((2,), 14, size, generator)
        bend = bend.permute(1, 2, 0).to(clean.device)
        stroke = F.grid_sample(clean, (straight + bend)[None], align_corners=False)
        gaps = _smooth_noise((1,), 9, size, generator).to(clean.device)
        keep = gaps > torch.special.ndtri(torch.tensor(max(hand.missing, 1e-6)))
        ink = torch.maximum(ink, stroke * keep[None])
    # A disc as wide as the stroke, then a slight blur: a pen's line.
    reach = 1 if hand.width < 1.9 else 3
    thick = F.max_pool2d(ink, reach, 1, reach // 2)
    soft = F.avg_pool2d(thick, 3, 1, 1, count_include_pad=False)
    alpha = (soft * (1.0 + 0.6 * (hand.width % 2))).clamp(0, 1)[0, 0]
    return torch.cat([torch.zeros(size, size, 3, device=alpha.device), alpha[..., None]], -1)
