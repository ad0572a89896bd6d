"""Random augmentation of batches of cut-outs: what photographs show and renderings do not.

All draws follow from one CPU generator, so that every embedding space sees the same pixels. What
happens to which picture is drawn on the CPU, how on the device: so the host waits once a batch,
for the pictures that the JPEG encoder takes.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.transforms.v2.functional import jpeg

from cisp.images import GREY
from diffusion.devices import upload
from training.data.scenery import Draws, backgrounds, occluders, positions, shadows

BACKGROUND_PROB = 0.4
SHADOW_PROB = 0.6  # of those with a background
OCCLUDER_PROB = 0.15
BLUR_PROB = 0.2
NOISE_PROB = 0.25
JPEG_PROB = 0.25
BLUR_REACH = 3  # pixels to each side
BLURRED_AT = 112  # side, in pixels, of pictures with this reach; smaller ones have less


def augment(cutouts: Tensor, generator: torch.Generator, device="cpu") -> Tensor:
    """Turn RGBA cut-outs into varied pixels.

    Drawings (black everywhere) keep their grey paper and are not occluded.

    Args:
        cutouts: (B, S, S, 4) uint8, on the CPU.
        generator: a CPU generator; the result depends on nothing else.
        device: where the pixels are made.

    Returns:
        (B, 3, S, S) float32 in [-1, 1].
    """
    seed = torch.randint(2**31, (), generator=generator).item()
    values = torch.Generator(device=device).manual_seed(seed)
    rgba = upload(cutouts, device).permute(0, 3, 1, 2).float() / 255  # (B, 4, S, S)
    draws = Draws(len(rgba), values)
    drawing = cutouts[..., :3].amax((1, 2, 3)) / 255 < 0.02  # ink is black everywhere
    color, alpha = _jitter(rgba[:, :3], draws), rgba[:, 3:]
    shifted = _warp(torch.cat([color * alpha, alpha], 1), draws)
    premultiplied, alpha = shifted[:, :3], shifted[:, 3:].clamp(0, 1)  # (B, 3, S, S), (B, 1, S, S)

    def some(share: float, among: Tensor) -> tuple[Tensor, Draws]:
        """Rows drawn from `among` (B,) bool on the CPU; the rows are on the device."""
        rows = ((torch.rand(len(rgba), generator=generator) < share) & among).nonzero()[:, 0]
        return upload(rows, device), Draws(len(rows), values)

    size, everything = rgba.shape[-1], torch.ones_like(drawing)
    behind = torch.full_like(premultiplied, GREY / 255)
    among = ~drawing & (torch.rand(len(rgba), generator=generator) < BACKGROUND_PROB)
    rows, own = some(1.0, among)
    behind[rows] = backgrounds(size, generator, own)
    rows, own = some(SHADOW_PROB, among)
    if len(rows):
        behind[rows] *= 1 - shadows(alpha[rows], own)
    pixels = premultiplied + (1 - alpha) * behind

    rows, own = some(OCCLUDER_PROB, ~drawing)
    thing, cover = occluders(size, own)
    pixels[rows] = pixels[rows] + cover * (thing - pixels[rows])
    rows, own = some(BLUR_PROB, everything)
    if len(rows):
        pixels[rows] = _blur(pixels[rows], own)
    rows, own = some(NOISE_PROB, everything)
    strength = 0.06 * own(1, 1, 1)
    pixels[rows] = (pixels[rows] + strength * own.normal(3, size, size)).clamp(0, 1)
    rows, _ = some(JPEG_PROB, everything)
    if len(rows):
        quality = 15 + 70 * torch.rand(len(rows), generator=generator)
        pixels[rows] = _jpeg(pixels[rows], quality)
    return pixels.clamp(0, 1) * 2 - 1


def _jitter(color: Tensor, draws: Draws) -> Tensor:
    """Brightness, contrast, saturation, colour temperature and tint. Black stays black."""
    grey = color.mean(1, keepdim=True)
    color = grey + (color - grey) * draws(1, 1, 1, low=0.2, high=1.4)
    warmth = draws(low=-0.18, high=0.18)  # warm light has more red and less blue
    gains = torch.stack([1 + warmth, torch.ones_like(warmth), 1 - warmth], 1)[..., None, None]
    gains = gains * draws(3, 1, 1, low=0.92, high=1.08) * draws(1, 1, 1, low=0.7, high=1.3)
    return (color * gains).clamp(0, 1) ** draws(1, 1, 1, low=0.75, high=1.3)


def _warp(images: Tensor, draws: Draws) -> Tensor:
    """Slight zoom, stretch, turn and shift; what comes in from outside is transparent."""
    zoom = draws(low=0.92, high=1.22)
    stretch = draws(low=0.93, high=1.07)
    angle = draws(low=-0.14, high=0.14)
    shift = draws(2, low=-0.07, high=0.07)
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    rows = [cos * stretch, -sin, shift[:, 0], sin, cos / stretch, shift[:, 1]]
    grid = F.affine_grid(
        torch.stack(rows, 1).view(-1, 2, 3), list(images.shape), align_corners=False
    )
    return F.grid_sample(images, grid, align_corners=False)


def _blur(pixels: Tensor, draws: Draws) -> Tensor:
    """Defocus, or motion blur."""
    side = 2 * BLUR_REACH + 1
    x, y = (BLUR_REACH + 0.5) * torch.stack(positions(side, pixels.device))
    scale = min(1.0, pixels.shape[-1] / BLURRED_AT)
    angle, length = draws(1, 1, high=3.1416), draws(1, 1, low=1.0, high=BLUR_REACH) * scale
    along = (x * torch.cos(angle) + y * torch.sin(angle)).abs()
    aside = (y * torch.cos(angle) - x * torch.sin(angle)).abs()
    moved = (length - along).clamp(0, 1) * (1 - aside).clamp(min=0)
    focus = torch.exp(-(x**2 + y**2) / (2 * (scale * draws(1, 1, low=0.4, high=1.4)) ** 2))
    kernel = torch.where(draws(1, 1) < 0.5, moved, focus)
    kernel = kernel / kernel.sum((1, 2), keepdim=True)  # (B, side, side)
    batch, channels, *frame = pixels.shape
    padded = F.pad(pixels, (BLUR_REACH,) * 4, mode="replicate")
    flat = padded.reshape(1, batch * channels, *padded.shape[-2:])
    weights = kernel.repeat_interleave(channels, 0)[:, None]
    return F.conv2d(flat, weights, groups=batch * channels).view(batch, channels, *frame)


def _jpeg(pixels: Tensor, quality: Tensor) -> Tensor:
    """Pictures (B, 3, S, S) as they come back from JPEG files of qualities (B,), on the CPU."""
    pictures = (pixels * 255).round().to("cpu", torch.uint8)  # the encoder runs there
    files = [jpeg(one, round(q)) for one, q in zip(pictures, quality.tolist(), strict=True)]
    return upload(torch.stack(files), pixels.device) / 255
