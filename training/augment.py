"""Random changes of cut-outs, in batches: what photographs do to an object that renderings do not.

All draws come from one CPU generator, so that every embedding space sees the same pixels.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cisp.images import GREY

BACKGROUND_PROB = 0.35
BLUR_PROB = 0.15
NOISE_PROB = 0.25
OCCLUDER_PROB = 0.15


def augment(cutouts: Tensor, generator: torch.Generator, device="cpu") -> Tensor:
    """Turn RGBA cut-outs into varied pixels.

    Args:
        cutouts: (B, S, S, 4) uint8.
        generator: a CPU generator; the result depends on nothing else.
        device: where the pixels are made.

    Returns:
        (B, 3, S, S) float32 in [-1, 1].
    """
    batch = len(cutouts)

    def uniform(*shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        return (low + (high - low) * torch.rand(batch, *shape, generator=generator)).to(device)

    rgba = cutouts.to(device).permute(0, 3, 1, 2).float() / 255  # (B, 4, S, S)
    drawing = rgba[:, :3].amax((1, 2, 3)) < 0.02  # ink is black everywhere
    color, alpha = rgba[:, :3], rgba[:, 3:]
    color = _jitter(color, uniform(1, 1, 1), uniform(1, 1, 1), uniform(3, 1, 1))
    shifted = _warp(torch.cat([color * alpha, alpha], 1), uniform)
    premultiplied, alpha = shifted[:, :3], shifted[:, 3:].clamp(0, 1)  # (B, 3, S, S), (B, 1, S, S)

    plain = (uniform() > BACKGROUND_PROB) | drawing
    background = torch.where(
        plain[:, None, None, None],
        torch.full_like(premultiplied, GREY / 255),
        _backgrounds(batch, rgba.shape[-1], generator).to(device),
    )
    pixels = premultiplied + (1 - alpha) * background
    pixels = _occlude(pixels, uniform, drawing)
    blurred = F.interpolate(F.avg_pool2d(pixels, 2), scale_factor=2.0, mode="bilinear")
    pixels = torch.where((uniform() < BLUR_PROB)[:, None, None, None], blurred, pixels)
    strength = 0.06 * uniform(1, 1, 1) * (uniform(1, 1, 1) < NOISE_PROB)
    noise = torch.randn(pixels.shape, generator=generator).to(device)
    return (pixels + strength * noise).clamp(0, 1) * 2 - 1


def _jitter(color: Tensor, brightness: Tensor, saturation: Tensor, tint: Tensor) -> Tensor:
    """Brightness, saturation and tint, from uniform draws in [0, 1]. Black stays black."""
    grey = color.mean(1, keepdim=True)
    color = grey + (color - grey) * (0.2 + 1.2 * saturation)
    return (color * (0.7 + 0.6 * brightness) * (0.85 + 0.3 * tint)).clamp(0, 1)


def _warp(images: Tensor, uniform) -> Tensor:
    """Slight zoom, stretch, turn and shift; what comes in from outside is transparent."""
    zoom = uniform(low=0.92, high=1.22)
    stretch = uniform(low=0.93, high=1.07)
    angle = uniform(low=-0.14, high=0.14)
    shift = uniform(2, low=-0.07, high=0.07)
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    rows = [cos * stretch, -sin, shift[:, 0], sin, cos / stretch, shift[:, 1]]
    grid = F.affine_grid(
        torch.stack(rows, 1).view(-1, 2, 3), list(images.shape), align_corners=False
    )
    return F.grid_sample(images, grid, align_corners=False)


def _backgrounds(batch: int, size: int, generator: torch.Generator) -> Tensor:
    """Backgrounds (B, 3, S, S): colour noise at two scales, like a room out of focus."""
    flat = torch.rand(batch, 3, 1, 1, generator=generator)
    amount = torch.rand(batch, 2, 1, 1, 1, generator=generator) * torch.tensor([0.5, 0.35]).view(
        2, 1, 1, 1
    )
    layers = [
        F.interpolate(torch.randn(batch, 3, n, n, generator=generator), (size, size), mode=mode)
        for n, mode in ((3, "bilinear"), (14, "bicubic"))
    ]
    return (flat + amount[:, 0] * layers[0] + amount[:, 1] * layers[1]).clamp(0, 1)


def _occlude(pixels: Tensor, uniform, spared: Tensor) -> Tensor:
    """Cover a random box of some pictures with a flat colour."""
    size = pixels.shape[-1]
    low, extent = uniform(2, low=0.0, high=0.9), uniform(2, low=0.08, high=0.35)
    line = (torch.arange(size, device=pixels.device) + 0.5) / size
    inside = [(line > low[:, i, None]) & (line < (low + extent)[:, i, None]) for i in (0, 1)]
    box = inside[0][:, :, None] & inside[1][:, None, :]  # (B, S, S)
    chosen = (uniform() < OCCLUDER_PROB) & ~spared
    covered = (box & chosen[:, None, None])[:, None]
    return torch.where(covered, uniform(3, 1, 1), pixels)
