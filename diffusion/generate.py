"""From embeddings and seeds to shapes: the one function that page, commands and evaluation call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from diffusion.denoisers import Clipped, FixedBatches, Guided, in_batches
from diffusion.model import VoxelDiffusion
from diffusion.noise import SeededNoise
from diffusion.presets import STANDARD, Sampling
from diffusion.samplers import SAMPLERS, SampleStep, Start

BATCH_SIZE_ELSEWHERE = 32


def batch_size(device: torch.device, guidance_scale: float) -> int:
    """How many samples one network pass takes, however many are requested.

    On a CPU a pass over four rows costs a third more than over one, over eight twice as much.
    Guidance runs each sample twice, with and without its embedding: two samples, four rows.
    """
    if device.type != "cpu":
        return BATCH_SIZE_ELSEWHERE
    return 4 if guidance_scale == 1 else 2


@torch.inference_mode()
def generate(
    model: VoxelDiffusion,
    cond: Tensor,
    seeds: Sequence[int],
    sampling: Sampling = STANDARD,
) -> Iterator[SampleStep]:
    """Sample one shape a row, step by step.

    Args:
        model: whose embedding space `cond` comes from.
        cond: (B, D) unit vectors, on the model's device.
        seeds: B; a row's noise depends on its seed alone.
        sampling: how to sample; yields once per step.

    Raises:
        ValueError: for arguments that do not fit each other.
    """
    sampler, scale, strength = sampling.sampler, sampling.guidance_scale, sampling.strength
    if sampler not in SAMPLERS:
        raise ValueError(f"Unknown sampler {sampler!r}; known are {', '.join(SAMPLERS)}.")
    if cond.ndim != 2 or cond.shape[1] != model.cond_dim:
        raise ValueError(
            f"Embeddings must have shape (B, {model.cond_dim}), not {tuple(cond.shape)}."
        )
    if ((cond.norm(dim=1) - 1).abs() > 0.01).any():
        raise ValueError("Embeddings must be unit vectors: the networks scale them.")
    if len(seeds) != len(cond):
        raise ValueError(f"{len(cond)} embeddings need as many seeds, not {len(seeds)}.")
    if not 0 < strength <= 1:
        raise ValueError(f"The strength must lie in (0, 1], not {strength}.")
    if len(seeds) == 0:
        raise ValueError("There must be at least one embedding.")
    noise = SeededNoise(seeds, model.grid_shape, cond.device)
    size = batch_size(cond.device, scale)
    denoiser = Clipped(FixedBatches(Guided(model.denoiser(), scale), size))
    start = None
    if strength != 1 and model.guess is not None:
        start = Start(in_batches(model.guess, size, cond).clamp(-1, 1), strength)
    walk, steps = SAMPLERS[sampler], sampling.num_steps
    yield from walk(denoiser, model.schedule, cond, noise, num_steps=steps, start=start)
