"""Shape towers: grids of voxels -> embeddings.

`ShapeEncoder` is the paper's 3D-DeiT; `ShapeCnn` is the convolutional encoder it is compared with.
Both take grids in the frame grid[x, y, z], +y up, values in [-1, 1] and positive inside.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from timm.models.vision_transformer import Block
from torch import Tensor, nn

from cisp.head import projection_head


class VoxelPatchEmbed(nn.Module):
    """Cut a grid into cubes and map each to a token.

    Args:
        resolution: R, side of the grid.
        patch: p, side of a cube; divides R.
        width: W, size of a token.

    Raises:
        ValueError: the cubes do not fill the grid.
    """

    def __init__(self, resolution: int, patch: int, width: int):
        super().__init__()
        if resolution % patch:
            raise ValueError(f"Patches of {patch} do not fill a grid of {resolution}.")
        self.patch = patch
        self.num_tokens = (resolution // patch) ** 3
        self.proj = nn.Linear(patch**3, width)

    def forward(self, voxels: Tensor) -> Tensor:
        """Tokens in the order of the grid: z runs fastest, then y, then x.

        Args:
            voxels: (B, 1, R, R, R).

        Returns:
            (B, (R/p)^3, W).
        """
        batch, p = len(voxels), self.patch
        n = voxels.shape[-1] // p
        cubes = voxels.reshape(batch, n, p, n, p, n, p).permute(0, 1, 3, 5, 2, 4, 6)
        return self.proj(cubes.reshape(batch, n**3, p**3))  # (B, n^3, W)


@dataclass(frozen=True)
class ShapeEncoderConfig:
    """The size of a `ShapeEncoder`.

    Attributes:
        resolution: R, side of the grid.
        patch: side of a cube.
        width: size of a token.
        depth: number of transformer blocks.
        heads: attention heads.
        embed_dim: D.
    """

    resolution: int = 32
    patch: int = 8
    width: int = 192
    depth: int = 6
    heads: int = 3
    embed_dim: int = 256


class ShapeEncoder(nn.Module):
    """3D-DeiT: a vision transformer over cubes of voxels (CISP, section on the shape encoder)."""

    Config = ShapeEncoderConfig

    def __init__(self, config: ShapeEncoderConfig):
        super().__init__()
        self.config, width = config, config.width
        self.patch_embed = VoxelPatchEmbed(config.resolution, config.patch, width)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, self.patch_embed.num_tokens + 1, width))
        self.blocks = nn.Sequential(
            *(Block(width, config.heads, qkv_bias=True) for _ in range(config.depth))
        )
        self.norm = nn.LayerNorm(width)
        self.head = projection_head(width, config.embed_dim)
        nn.init.trunc_normal_(self.cls_token, std=0.02)
        nn.init.trunc_normal_(self.pos_embed, std=0.02)

    def forward(self, voxels: Tensor) -> Tensor:
        """Embed grids.

        Args:
            voxels: (B, 1, R, R, R) in [-1, 1].

        Returns:
            (B, D), not normalised.
        """
        tokens = self.patch_embed(voxels)  # (B, N, W)
        cls = self.cls_token.expand(len(tokens), -1, -1)  # (B, 1, W)
        tokens = torch.cat([cls, tokens], dim=1) + self.pos_embed  # (B, 1 + N, W)
        return self.head(self.norm(self.blocks(tokens)[:, 0]))  # (B, D)


@dataclass(frozen=True)
class ShapeCnnConfig:
    """The size of a `ShapeCnn`.

    Attributes:
        resolution: R, side of the grid, a power of two from 8.
        patch: side of the cubes that the first layer reads, a power of two.
        width: channels after the first layer; they double as the side halves.
        embed_dim: D.
    """

    resolution: int = 32
    patch: int = 4
    width: int = 32
    embed_dim: int = 256


class ShapeCnn(nn.Module):
    """A convolutional shape encoder, for the paper's comparison with the transformer."""

    Config = ShapeCnnConfig

    def __init__(self, config: ShapeCnnConfig):
        super().__init__()
        self.config, width, patch = config, config.width, config.patch
        layers: list[nn.Module] = [nn.Conv3d(1, width, patch, stride=patch)]
        channels, side = width, config.resolution // patch
        while side > 2:
            layers += [nn.GroupNorm(8, channels), nn.SiLU()]
            layers += [nn.Conv3d(channels, 2 * channels, 4, stride=2, padding=1)]
            channels, side = 2 * channels, side // 2
        layers += [nn.GroupNorm(8, channels), nn.SiLU()]
        self.layers = nn.Sequential(*layers, nn.Flatten())  # keeps positions
        self.head = projection_head(8 * channels, config.embed_dim)

    def forward(self, voxels: Tensor) -> Tensor:
        """Embed grids: (B, 1, R, R, R) in [-1, 1] -> (B, D), not normalised."""
        return self.head(self.layers(voxels))  # (B, D), from (B, C, 2, 2, 2)


ShapeTowerConfig = ShapeEncoderConfig | ShapeCnnConfig
SHAPE_TOWERS = (ShapeEncoder, ShapeCnn)


def shape_tower(config: ShapeTowerConfig) -> ShapeEncoder | ShapeCnn:
    """The tower that a configuration describes."""
    [tower] = [tower for tower in SHAPE_TOWERS if isinstance(config, tower.Config)]
    return tower(config)
