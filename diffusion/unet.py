"""The 3D U-Net that predicts from a noisy grid, a timestep and an embedding.

Called with x_t (B, C, R, R, R), t (B,) int, cond (B, D) unit vectors, drop_cond (B,) bool or None;
returns (B, 1, R, R, R). C is 1, or 2 where a guess is stacked on the noisy grid
(`diffusion.refinement`). The embedding enters in up to three ways: as extra tokens in the keys and
values of every attention block and as part of the time embedding (both as in arXiv 2402.01241),
and, with `spatial_cond`, as a feature map that is added at the deepest grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.condition import network_input


@dataclass(frozen=True)
class UNetConfig:
    """The size of a U-Net.

    Attributes:
        cond_dim: D, of the embedding.
        resolution: R, of the grid.
        patch: stride of the stem; the first level works on a grid of R / patch.
        width: channels at a multiplier of 1.
        multipliers: channels of each level over `width`; each level halves the grid.
        blocks: residual blocks a level, one more on the way up.
        attention: sides of the grids that have attention; the middle always has.
        head_dim: channels of an attention head.
        context_tokens: tokens that the embedding becomes.
        context_dim: channels of each.
        spatial_cond: also add the embedding as a feature map at the deepest grid.
    """

    cond_dim: int = 256
    resolution: int = 32
    patch: int = 4
    width: int = 64
    multipliers: tuple[float, ...] = (1, 1.5)
    blocks: int = 1
    attention: tuple[int, ...] = (4,)
    head_dim: int = 32
    context_tokens: int = 4
    context_dim: int = 256
    spatial_cond: bool = True

    def __post_init__(self):
        deepest = self.patch * 2 ** (len(self.multipliers) - 1)
        if self.resolution % deepest:
            raise ValueError(f"A resolution of {self.resolution} is no multiple of {deepest}.")

    @property
    def deepest(self) -> int:
        """Side of the deepest grid."""
        return self.resolution // self.patch // 2 ** (len(self.multipliers) - 1)


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(min(16, channels // 4), channels)


def _zeroed(layer: nn.Module) -> nn.Module:
    """Zero a layer, so that its branch adds nothing at first."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


def timestep_embedding(t: Tensor, dim: int) -> Tensor:
    """Sinusoids (B, dim) of timesteps (B,), of periods 2 pi to 20,000 pi (Vaswani et al. 2017)."""
    frequencies = torch.exp(
        -math.log(10_000) * torch.arange(dim // 2, device=t.device) / (dim // 2)
    )
    angles = t[:, None].float() * frequencies
    return torch.cat([angles.cos(), angles.sin()], dim=1)


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Scaled dot-product attention: q (..., N, d), k and v (..., M, d) to (..., N, d).

    On a CPU in bfloat16 torch's fused form takes six times as long backwards as the plain one.
    """
    if q.device.type == "cpu" and q.dtype == torch.bfloat16 and torch.is_grad_enabled():
        return (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(-1) @ v
    return F.scaled_dot_product_attention(q, k, v)


class ResBlock(nn.Module):
    """Two convolutions; the time embedding scales and shifts between them."""

    def __init__(self, channels: int, out_channels: int, time_dim: int):
        super().__init__()
        self.norm1, self.norm2 = _norm(channels), _norm(out_channels)
        self.conv1 = nn.Conv3d(channels, out_channels, 3, padding=1)
        self.conv2 = _zeroed(nn.Conv3d(out_channels, out_channels, 3, padding=1))
        self.modulation = nn.Linear(time_dim, 2 * out_channels)
        same = channels == out_channels
        self.skip = nn.Identity() if same else nn.Conv3d(channels, out_channels, 1)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        """From x (B, C, r, r, r) and time (B, T) to (B, C', r, r, r)."""
        h = self.conv1(F.silu(self.norm1(x)))  # (B, C', r, r, r)
        scale, shift = self.modulation(F.silu(time))[:, :, None, None, None].chunk(2, dim=1)
        h = self.norm2(h) * (1 + scale) + shift
        return self.skip(x) + self.conv2(F.silu(h))


class Attention(nn.Module):
    """Self-attention over a grid's cells; the embedding's tokens are further keys and values."""

    def __init__(self, channels: int, context_dim: int, head_dim: int):
        super().__init__()
        self.heads = max(1, channels // head_dim)
        self.norm = _norm(channels)
        self.to_qkv = nn.Linear(channels, 3 * channels)
        self.context_to_kv = nn.Linear(context_dim, 2 * channels)
        self.out = _zeroed(nn.Linear(channels, channels))

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """From x (B, C, r, r, r) and context (B, M, E) to (B, C, r, r, r)."""
        batch, channels = x.shape[:2]
        tokens = self.norm(x).flatten(2).transpose(1, 2)  # (B, N, C)
        q, k, v = self.to_qkv(tokens).chunk(3, dim=-1)
        k_more, v_more = self.context_to_kv(context).chunk(2, dim=-1)  # (B, M, C)
        k, v = torch.cat([k, k_more], 1), torch.cat([v, v_more], 1)  # (B, N + M, C)
        q, k, v = (a.unflatten(-1, (self.heads, -1)).transpose(1, 2) for a in (q, k, v))
        mixed = attend(q, k, v)  # (B, heads, N, C / heads)
        mixed = self.out(mixed.transpose(1, 2).flatten(2))  # (B, N, C)
        return x + mixed.transpose(1, 2).reshape(batch, channels, *x.shape[2:])


class Stage(nn.Module):
    """A residual block and, on some grids, attention."""

    def __init__(self, channels: int, out_channels: int, config: UNetConfig, attend: bool):
        super().__init__()
        self.block = ResBlock(channels, out_channels, 4 * config.width)
        self.attention = (
            Attention(out_channels, config.context_dim, config.head_dim) if attend else None
        )

    def forward(self, x: Tensor, time: Tensor, context: Tensor) -> Tensor:
        """From x (B, C, r, r, r) to (B, C', r, r, r)."""
        x = self.block(x, time)
        return x if self.attention is None else self.attention(x, context)


class UNet3D(nn.Module):
    """See the module's docstring; `channels` is C."""

    def __init__(self, config: UNetConfig, channels: int = 1):
        super().__init__()
        self.config = config
        c = config
        time_dim = 4 * c.width
        self.time = nn.Sequential(
            nn.Linear(c.width, time_dim), nn.SiLU(), nn.Linear(time_dim, time_dim)
        )
        self.null_embedding = nn.Parameter(torch.randn(c.cond_dim))
        self.cond_to_time = nn.Linear(c.cond_dim, time_dim)
        self.cond_to_context = nn.Linear(c.cond_dim, c.context_tokens * c.context_dim)
        widths = [int(c.width * m) for m in c.multipliers]
        side = c.resolution // c.patch
        if c.patch == 1:
            self.stem = nn.Conv3d(channels, widths[0], 3, padding=1)
        else:
            self.stem = nn.Conv3d(channels, widths[0], c.patch, stride=c.patch)

        self.down, self.shrink = nn.ModuleList(), nn.ModuleList()
        skips, channels = [widths[0]], widths[0]
        for level, width in enumerate(widths):
            stages = nn.ModuleList()
            for _ in range(c.blocks):
                stages.append(Stage(channels, width, c, side in c.attention))
                channels = width
                skips.append(channels)
            self.down.append(stages)
            last = level == len(widths) - 1
            self.shrink.append(nn.Identity() if last else nn.Conv3d(width, width, 3, 2, padding=1))
            if not last:
                skips.append(width)
                side //= 2

        if c.spatial_cond:
            self.cond_to_map = nn.Linear(c.cond_dim, channels * c.deepest**3)
        self.middle = nn.ModuleList(
            [Stage(channels, channels, c, True), Stage(channels, channels, c, False)]
        )

        self.up, self.grow = nn.ModuleList(), nn.ModuleList()
        for level, width in reversed(list(enumerate(widths))):
            stages = nn.ModuleList()
            for _ in range(c.blocks + 1):
                stages.append(Stage(channels + skips.pop(), width, c, side in c.attention))
                channels = width
            self.up.append(stages)
            last = level == 0
            self.grow.append(nn.Identity() if last else nn.Conv3d(width, width, 3, padding=1))
            side = side if last else side * 2

        self.out_norm = _norm(channels)
        self.out = _zeroed(nn.Conv3d(channels, c.patch**3, 3, padding=1))

    def forward(
        self, x_t: Tensor, t: Tensor, cond: Tensor, drop_cond: Tensor | None = None
    ) -> Tensor:
        """See the module's docstring."""
        c = self.config
        cond = network_input(cond, drop_cond, self.null_embedding)  # (B, D)
        time = self.time(timestep_embedding(t, c.width)) + self.cond_to_time(cond)  # (B, 4W)
        context = self.cond_to_context(cond).unflatten(1, (c.context_tokens, c.context_dim))

        x = self.stem(x_t)  # (B, C, R/p, R/p, R/p)
        skips = [x]
        for level, (stages, shrink) in enumerate(zip(self.down, self.shrink, strict=True)):
            for stage in stages:
                x = stage(x, time, context)
                skips.append(x)
            if level < len(self.down) - 1:
                x = shrink(x)
                skips.append(x)

        if c.spatial_cond:
            x = x + self.cond_to_map(cond).unflatten(1, (x.shape[1], *[c.deepest] * 3))
        for stage in self.middle:
            x = stage(x, time, context)  # (B, C', deepest, deepest, deepest)

        for level, (stages, grow) in enumerate(zip(self.up, self.grow, strict=True)):
            for stage in stages:
                x = stage(torch.cat([x, skips.pop()], 1), time, context)
            if level < len(self.up) - 1:
                # Convolve before growing: an eighth of the work, the same receptive field.
                x = F.interpolate(grow(x), scale_factor=2.0, mode="nearest")

        x = self.out(F.silu(self.out_norm(x)))  # (B, p^3, R/p, R/p, R/p)
        return unpatchify(x, c.patch)


def unpatchify(x: Tensor, patch: int) -> Tensor:
    """Spread channels over space: (B, p^3, r, r, r) -> (B, 1, rp, rp, rp), channel = (i, j, k)."""
    x = x.unflatten(1, (patch, patch, patch))  # (B, p, p, p, r, r, r)
    x = x.permute(0, 4, 1, 5, 2, 6, 3)  # (B, r, p, r, p, r, p)
    return x.flatten(5, 6).flatten(3, 4).flatten(1, 2)[:, None]
