"""What JPEG files do to pictures, in batches on any device (ITU-T T.81, annexes A and K)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

# Annex K.1: the usual steps of quantisation at quality 50, for luminance and for chrominance.
LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
CHROMINANCE = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *((99,) * 8,) * 4,
)
# From red, green, blue to luminance and the two colour differences (JFIF 1.02).
TO_YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))


def _cosines(device: torch.device) -> Tensor:
    """The orthonormal DCT-II of 8 samples, (8, 8), frequencies first."""
    k, n = torch.arange(8.0)[:, None], torch.arange(8.0)
    matrix = torch.cos(math.pi * (2 * n + 1) * k / 16) / 2
    matrix[0] /= math.sqrt(2)
    return matrix.to(device)


def _quantised(plane: Tensor, table: tuple, scale: Tensor) -> Tensor:
    """A plane (B, H, W) around 0 with its 8x8 blocks quantised; sides are multiples of 8."""
    batch, height, width = plane.shape
    dct = _cosines(plane.device)
    steps = torch.tensor(table, dtype=torch.float32, device=plane.device)
    steps = ((steps * scale[:, None, None] + 50) / 100).floor().clamp(1, 255)[:, None, None]
    blocks = plane.view(batch, height // 8, 8, width // 8, 8).transpose(2, 3)  # (B, h, w, 8, 8)
    blocks = dct.T @ ((dct @ blocks @ dct.T / steps).round() * steps) @ dct
    return blocks.transpose(2, 3).reshape(batch, height, width)


def jpeg(pixels: Tensor, quality: Tensor) -> Tensor:
    """Pictures as they come back from JPEG files with halved colour resolution.

    Args:
        pixels: (B, 3, H, W) in [0, 1].
        quality: (B,) from 1 to 100, on the scale of the IJG's library.
    """
    height, width = pixels.shape[-2:]
    full = F.pad(pixels, (0, -width % 16, 0, -height % 16), mode="replicate") * 255
    matrix = torch.tensor(TO_YCC, device=pixels.device)
    y, *colors = torch.einsum("ij,bjhw->bihw", matrix, full).unbind(1)
    scale = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality)
    y = _quantised(y - 128, LUMINANCE, scale) + 128
    halved = F.avg_pool2d(torch.stack(colors, 1), 2)
    halved = torch.stack([_quantised(c, CHROMINANCE, scale) for c in halved.unbind(1)], 1)
    colors = F.interpolate(halved, scale_factor=2.0, mode="bilinear")
    ycc = torch.cat([y[:, None], colors], 1)
    rgb = torch.einsum("ij,bjhw->bihw", torch.linalg.inv(matrix), ycc) / 255
    return rgb[..., :height, :width].clamp(0, 1)
