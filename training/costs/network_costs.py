"""What the diffusion network costs, for `training.benchmark`: a pass, a training step, a shape."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from diffusion.denoisers import Clipped, Guided
from diffusion.model import VoxelDiffusion
from diffusion.presets import STANDARD
from training.costs.timing import median_seconds
from training.data.diffusion_batches import DiffusionBatch
from training.loop.lockstep import Learner
from training.loop.presets import DiffusionPreset
from training.train_diffusion import Denoising

SIDE = {"cpu": 2048}  # of the matrices whose product is the peak
SIDE_ELSEWHERE = 8192


def matrix_peak(dtype: torch.dtype, repeats: int, device: torch.device) -> float:
    """Operations a second of the product of two large square matrices: what the device can do.

    As a product and as a convolution of one cell, whichever is faster: on some CPUs the library for
    the first does not use all that the one for the second does.
    """
    side = SIDE.get(device.type, SIDE_ELSEWHERE)
    matrix = torch.randn(side, side, device=device).to(dtype)
    picture, kernel = matrix.reshape(1, side, 1, side), matrix[:, :, None, None]
    products = (lambda: matrix @ matrix, lambda: F.conv2d(picture, kernel))
    return 2 * side**3 / min(median_seconds(run, repeats, device) for run in products)


def random_batch(model: VoxelDiffusion, size: int, device: torch.device) -> DiffusionBatch:
    """A training batch of random numbers."""
    x_0 = torch.randn(size, *model.grid_shape, device=device).clamp(-1, 1)
    cond = {model.space: F.normalize(torch.randn(size, model.cond_dim, device=device), dim=1)}
    t = torch.randint(model.schedule.num_timesteps, (size,), device=device)
    keep = torch.zeros(size, dtype=torch.bool, device=device)
    return DiffusionBatch(x_0, cond, keep, t, torch.randn_like(x_0))


def network_cost(
    preset: DiffusionPreset, cond_dim: int, repeats: int, device: torch.device
) -> dict[str, Any]:
    """A preset's network: seconds of a forward pass of one shape, and its training step.

    The step is the one that trains, in the preset's precision. Its operations are those of
    products and convolutions, forwards and backwards, as torch counts them.

    Returns:
        `parameters`, `forward` with the guess in it and `guess` alone (or None) in seconds,
        `batch`, `precision`, `training_step` in seconds, `samples_per_second`, `step_operations`,
        and `share_of_peak`, of `matrix_peak`.
    """
    unet = replace(preset.unet, cond_dim=cond_dim)
    guess = preset.guess and preset.guess.size
    model = VoxelDiffusion(space="none", unet=unet, prediction=preset.prediction, guess=guess)
    batch = random_batch(model.to(device), preset.batch_size, device)
    first = (batch.x_0[:1], batch.t[:1], batch.cond["none"][:1])
    with torch.inference_mode():
        forward = median_seconds(lambda: model.denoiser()(*first), repeats, device)
        guesses = guess and median_seconds(lambda: model.guess(first[2]), repeats, device)
    if guess:
        model.guess.requires_grad_(False)  # trained beforehand, in a stage of its own
    objective = Denoising(model, preset.cross_entropy, preset.full_weight)
    learner = Learner("none", objective, preset.optimisation)

    def step() -> None:
        learner.step(batch, 1e-4, device)

    with FlopCounterMode(display=False) as counter:
        step()
    seconds = median_seconds(step, max(1, repeats // 3), device)
    dtype = preset.optimisation.dtype(device)
    peak = matrix_peak(dtype, repeats, device)
    operations = counter.get_total_flops()
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "forward": forward,
        "guess": guesses,
        "batch": preset.batch_size,
        "precision": str(dtype).removeprefix("torch."),
        "training_step": seconds,
        "samples_per_second": preset.batch_size / seconds,
        "step_operations": operations,
        "share_of_peak": operations / seconds / peak,
    }


def diffusers_seconds(
    model: VoxelDiffusion, repeats: int, device: torch.device
) -> dict[str, float] | None:
    """Seconds for one shape in the standard number of steps by diffusers' schedulers.

    Around the same network with the same guidance; None where diffusers is not installed.
    """
    try:
        import diffusers
    except ImportError:
        return None
    schedulers = {
        "DDIM": diffusers.DDIMScheduler(prediction_type="sample", timestep_spacing="trailing"),
        "DDPM": diffusers.DDPMScheduler(prediction_type="sample", timestep_spacing="trailing"),
        "DPM-Solver++ (2M)": diffusers.DPMSolverMultistepScheduler(
            prediction_type="sample",
            algorithm_type="dpmsolver++",
            timestep_spacing="trailing",
            final_sigmas_type="zero",
        ),
    }
    denoiser = Clipped(Guided(model.denoiser(), STANDARD.guidance_scale))
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(1, *model.grid_shape, generator=generator).to(device)
    cond = torch.randn(1, model.cond_dim, generator=generator)
    cond = F.normalize(cond, dim=1).to(device)

    @torch.inference_mode()
    def sample(scheduler: Any) -> None:
        scheduler.set_timesteps(STANDARD.num_steps)
        x_t = start
        for t in scheduler.timesteps.tolist():
            x_0 = denoiser(x_t, torch.full((1,), t, device=device), cond)
            x_t = scheduler.step(x_0, t, x_t).prev_sample

    return {
        name: median_seconds(lambda s=scheduler: sample(s), repeats, device)
        for name, scheduler in schedulers.items()
    }
