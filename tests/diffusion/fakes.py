"""What the tests here share: small networks without zero layers, a noise that records."""

from __future__ import annotations

from dataclasses import replace

import torch

from diffusion.guess import GuessConfig
from diffusion.model import VoxelDiffusion
from diffusion.noise import SeededNoise
from diffusion.unet import UNetConfig

COND_DIM = 12
SMALL = UNetConfig(
    cond_dim=COND_DIM,
    resolution=8,
    patch=2,
    width=16,
    multipliers=(1, 2),
    attention=(2,),
    context_dim=16,
)
PLAIN = replace(  # the paper's form, small: no patches, no feature map, attention on two grids
    SMALL, patch=1, multipliers=(1, 2, 2), attention=(4, 2), spatial_cond=False
)
GUESS = GuessConfig(width=16, blocks=1, patch=2, token=4)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def unit(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.nn.functional.normalize(normal(*shape, seed=seed), dim=-1)


def perturb(module: torch.nn.Module, seed: int = 0) -> torch.nn.Module:
    """Move every parameter: many layers start at zero and would hide what lies before them."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
    return module


def small_model(space: str = "cisp", seed: int = 0, **arguments) -> VoxelDiffusion:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = VoxelDiffusion(**{"space": space, "unet": SMALL, **arguments})
    return perturb(model, seed).eval()


class RecordingNoise(SeededNoise):
    """Keeps every draw."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.drawn: list[torch.Tensor] = []

    def draw(self):
        self.drawn.append(super().draw())
        return self.drawn[-1]
