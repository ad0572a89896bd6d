"""Samplers: generators that walk from noise to a sample and yield every step.

Each takes a denoiser, a schedule, embeddings `cond` (B, D) and a `SeededNoise`, and yields
`num_steps` times. `x_0` of the last step is the sample; no noise is added on the way to it.

A walk may start later, from a guess with noise added (`Start`): what is sampled then keeps what the
guess is sure of, and the steps are spent on the rest (Meng et al. 2022, "SDEdit", arXiv 2108.01073;
Chung et al. 2022, "Come-Closer-Diffuse-Faster", arXiv 2112.05146).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from diffusion.denoisers import Denoiser
from diffusion.noise import SeededNoise
from diffusion.schedule import NoiseSchedule


class SampleStep(NamedTuple):
    """One step of a sampler.

    Attributes:
        x_t: (B, ...) the noisy sample that the step started from.
        x_0: (B, ...) the clean sample that the denoiser made of it.
    """

    x_t: Tensor
    x_0: Tensor


class Start(NamedTuple):
    """Where a walk starts if not at pure noise.

    Attributes:
        x_0: (B, ...) a clean sample, to which noise is added.
        strength: share of the timesteps that are walked, in (0, 1].
    """

    x_0: Tensor
    strength: float


def _walk(
    schedule: NoiseSchedule, noise: SeededNoise, num_steps: int, start: Start | None
) -> tuple[Tensor, list[tuple[int, float, float]]]:
    """The starting x_t (B, ...), and (t, a_t, a_s) for each step.

    These are the timestep, its share of signal, and the next one's (1 at the end).
    """
    steps = schedule.timesteps(num_steps, 1.0 if start is None else start.strength)
    levels = [float(schedule.alphas_cumprod[t]) for t in steps]
    x_t = noise.draw()
    if start is not None:
        x_t = levels[0] ** 0.5 * start.x_0 + (1 - levels[0]) ** 0.5 * x_t
    return x_t, list(zip(steps, levels, [*levels[1:], 1.0], strict=True))


def _full(t: int, like: Tensor) -> Tensor:
    return torch.full((len(like),), t, dtype=torch.long, device=like.device)


def sample_ddpm(
    denoiser: Denoiser,
    schedule: NoiseSchedule,
    cond: Tensor,
    noise: SeededNoise,
    *,
    num_steps: int,
    start: Start | None = None,
) -> Iterator[SampleStep]:
    """Ancestral sampling (Ho et al. 2020, eq. 6-7), also with fewer steps than training had."""
    x_t, walk = _walk(schedule, noise, num_steps, start)
    for t, a_t, a_s in walk:
        x_0 = denoiser(x_t, _full(t, x_t), cond)
        yield SampleStep(x_t, x_0)
        if a_s == 1.0:
            return
        step = a_t / a_s  # the signal share that this one step keeps
        mean = (a_s**0.5 * (1 - step) * x_0 + step**0.5 * (1 - a_s) * x_t) / (1 - a_t)
        variance = (1 - a_s) / (1 - a_t) * (1 - step)
        x_t = mean + variance**0.5 * noise.draw()


def sample_ddim(
    denoiser: Denoiser,
    schedule: NoiseSchedule,
    cond: Tensor,
    noise: SeededNoise,
    *,
    num_steps: int,
    start: Start | None = None,
) -> Iterator[SampleStep]:
    """Deterministic DDIM (Song et al. 2021, arXiv 2010.02502, eq. 12 with sigma = 0)."""
    x_t, walk = _walk(schedule, noise, num_steps, start)
    for t, a_t, a_s in walk:
        x_0 = denoiser(x_t, _full(t, x_t), cond)
        yield SampleStep(x_t, x_0)
        eps = (x_t - a_t**0.5 * x_0) / (1 - a_t) ** 0.5
        x_t = a_s**0.5 * x_0 + (1 - a_s) ** 0.5 * eps


def sample_dpmpp_2m(
    denoiser: Denoiser,
    schedule: NoiseSchedule,
    cond: Tensor,
    noise: SeededNoise,
    *,
    num_steps: int,
    start: Start | None = None,
) -> Iterator[SampleStep]:
    """DPM-Solver++(2M), data prediction (Lu et al. 2022, arXiv 2211.01095, algorithm 2).

    The first and the last step are of first order; the last ends at noise 0, where that is exact.
    """
    x_t, walk = _walk(schedule, noise, num_steps, start)
    previous: tuple[Tensor, float] | None = None  # x_0 and step size in log-SNR of the last step
    for t, a_t, a_s in walk:
        x_0 = denoiser(x_t, _full(t, x_t), cond)
        yield SampleStep(x_t, x_0)
        if a_s == 1.0:
            return
        # Half log-SNR: lambda = log(signal / sigma); its step is h.
        h = 0.5 * float(torch.logit(torch.tensor([a_s, a_t], dtype=torch.float64)).diff().neg())
        direction = x_0
        if previous is not None:
            last_x_0, last_h = previous
            direction = x_0 + 0.5 * h / last_h * (x_0 - last_x_0)
        sigma_ratio = ((1 - a_s) / (1 - a_t)) ** 0.5
        shrink = torch.expm1(torch.tensor(-h, dtype=torch.float64)).item()
        x_t = sigma_ratio * x_t - a_s**0.5 * shrink * direction
        previous = (x_0, h)


SAMPLERS: dict[str, Callable[..., Iterator[SampleStep]]] = {
    "ddpm": sample_ddpm,
    "ddim": sample_ddim,
    "dpmpp_2m": sample_dpmpp_2m,
}
