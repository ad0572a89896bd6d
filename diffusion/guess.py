"""The guess: a multilayer perceptron from an embedding to a grid, in one pass.

A fully connected layer uses each of its weights once a sample, so that a map from some hundred
numbers to a shape costs a hundredth of what convolutions over the grid cost. What the embedding
leaves open comes out blurred: the guess is a mean, and thin parts whose place is uncertain vanish
in it. The diffusion model refines it (`diffusion.refinement`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.condition import network_input


@dataclass(frozen=True)
class GuessConfig:
    """The size of a guess.

    Attributes:
        width: of the hidden layers.
        blocks: residual blocks.
        patch: side of the cubes of cells that a token becomes.
        token: numbers of a token.
    """

    width: int = 512
    blocks: int = 3
    patch: int = 8
    token: int = 48


class Block(nn.Module):
    """A residual block: LayerNorm, Linear, SiLU, Linear."""

    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.first, self.second = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, W) -> (B, W)."""
        return x + self.second(F.silu(self.first(self.norm(x))))


class Guess(nn.Module):
    """From embeddings to grids. A dropped condition is replaced by a learned null embedding.

    Args:
        config: the size.
        cond_dim: D, of the embedding.
        resolution: R, of the grid.

    Raises:
        ValueError: the cubes do not fill the grid.
    """

    def __init__(self, config: GuessConfig, cond_dim: int, resolution: int):
        super().__init__()
        self.config, c = config, config
        self.side, rest = divmod(resolution, c.patch)
        if rest:
            raise ValueError(f"Cubes of {c.patch} do not fill a grid of {resolution}.")
        self.null_embedding = nn.Parameter(torch.randn(cond_dim))
        self.read = nn.Linear(cond_dim, c.width)
        self.blocks = nn.Sequential(*(Block(c.width) for _ in range(c.blocks)))
        self.to_tokens = nn.Linear(c.width, self.side**3 * c.token)
        self.norm = nn.LayerNorm(c.token)
        self.to_cells = nn.Linear(c.token, c.patch**3)  # one for all tokens

    def forward(self, cond: Tensor, drop_cond: Tensor | None = None) -> Tensor:
        """The guess.

        Args:
            cond: (B, D) unit vectors.
            drop_cond: (B,) bool; True replaces the embedding by the learned null embedding.

        Returns:
            (B, 1, R, R, R), not clipped.
        """
        c, side = self.config, self.side
        cond = network_input(cond, drop_cond, self.null_embedding)  # (B, D)
        x = self.blocks(self.read(cond))  # (B, W)
        x = self.to_tokens(F.silu(x)).unflatten(1, (side**3, c.token))  # (B, n^3, T)
        x = self.to_cells(self.norm(x))  # (B, n^3, p^3)
        x = x.unflatten(1, (side,) * 3).unflatten(4, (c.patch,) * 3)  # (B, n, n, n, p, p, p)
        x = x.permute(0, 1, 4, 2, 5, 3, 6)  # (B, n, p, n, p, n, p)
        return x.reshape(len(x), 1, *[side * c.patch] * 3)
