"""Untrained diffusion models whose answers are not zero."""

from __future__ import annotations

from typing import Any

import torch

from diffusion.model import VoxelDiffusion


def alive(seed: int, **config: Any) -> VoxelDiffusion:
    """A model of random weights, in evaluation mode; no layer is zero, as a new one's last is."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = VoxelDiffusion(**config).eval()
        for parameter in model.parameters():
            if not parameter.any():
                torch.nn.init.normal_(parameter, std=0.3)
    return model
