"""Noise that depends on seeds alone: two models, batches or devices can share it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from diffusion.devices import upload


class SeededNoise:
    """A stream of standard normal draws in which row i depends on `seeds[i]` alone.

    Each row has a generator of its own on the CPU; draws are moved to the device afterwards. So a
    sample is the same alone, in any batch, and from the same start on any device.

    Args:
        seeds: one a row.
        shape: of one row.
        device: where draws are moved.
    """

    def __init__(self, seeds: Sequence[int], shape: Sequence[int], device="cpu"):
        self.generators = [torch.Generator().manual_seed(int(seed)) for seed in seeds]
        self.shape, self.device = tuple(shape), device

    def draw(self) -> Tensor:
        """The next draw, (len(seeds), *shape) float32."""
        rows = [torch.randn(self.shape, generator=g) for g in self.generators]
        return upload(torch.stack(rows), self.device)
