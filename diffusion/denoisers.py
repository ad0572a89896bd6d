"""Denoisers: they return the clean sample, whatever their network predicts.

A denoiser is called with
    x_t        (B, ...) noisy samples
    t          (B,) int64 timesteps
    cond       (B, D) embeddings: unit vectors
    drop_cond  (B,) bool or None; True replaces the embedding by the learned null embedding
and returns its estimate of x_0 (B, ...).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor, nn

from diffusion.schedule import NoiseSchedule


class Denoiser(Protocol):
    """The contract above."""

    def __call__(
        self, x_t: Tensor, t: Tensor, cond: Tensor, drop_cond: Tensor | None = None
    ) -> Tensor:
        """Estimate x_0."""
        ...


class X0Denoiser:
    """A network that predicts x_0 itself."""

    def __init__(self, network: nn.Module, schedule: NoiseSchedule):
        self.network, self.schedule = network, schedule

    def __call__(self, x_t, t, cond, drop_cond=None):
        """See `Denoiser`."""
        return self.network(x_t, t, cond, drop_cond)

    def target(self, x_0: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """The training target of the network at x_t made of x_0 and noise."""
        return x_0

    @staticmethod
    def error_scale(signal: Tensor, sigma: Tensor) -> Tensor:
        """The factor from an error of x_0 to the error of the network's prediction, up to sign."""
        return torch.ones_like(signal)


class EpsDenoiser(X0Denoiser):
    """A network that predicts the noise (Ho et al. 2020, eq. 12 solved for x_0)."""

    def __call__(self, x_t, t, cond, drop_cond=None):
        """See `Denoiser`."""
        signal, sigma = self.schedule.levels(t, x_t)
        return (x_t - sigma * self.network(x_t, t, cond, drop_cond)) / signal

    def target(self, x_0, t, noise):
        """See `X0Denoiser`."""
        return noise

    @staticmethod
    def error_scale(signal, sigma):
        """See `X0Denoiser`."""
        return signal / sigma


class VDenoiser(X0Denoiser):
    """A network that predicts v = signal * noise - sigma * x_0 (Salimans & Ho 2022, appendix D)."""

    def __call__(self, x_t, t, cond, drop_cond=None):
        """See `Denoiser`."""
        signal, sigma = self.schedule.levels(t, x_t)
        return signal * x_t - sigma * self.network(x_t, t, cond, drop_cond)

    def target(self, x_0, t, noise):
        """See `X0Denoiser`."""
        signal, sigma = self.schedule.levels(t, x_0)
        return signal * noise - sigma * x_0

    @staticmethod
    def error_scale(signal, sigma):
        """See `X0Denoiser`."""
        return 1 / sigma


DENOISERS = {"x_0": X0Denoiser, "eps": EpsDenoiser, "v": VDenoiser}


class Guided:
    """Classifier-free guidance (Ho & Salimans 2022): uncond + guidance_scale * (cond - uncond).

    1 is no guidance and costs one network pass; any other scale costs two, in one batch. Since x_0
    is linear in every prediction at fixed x_t, guiding x_0 is guiding the prediction.
    """

    def __init__(self, denoiser: Denoiser, guidance_scale: float):
        self.denoiser, self.guidance_scale = denoiser, guidance_scale

    def __call__(self, x_t, t, cond, drop_cond=None):
        """See `Denoiser`; a row that drops its condition is returned unguided."""
        if self.guidance_scale == 1:
            return self.denoiser(x_t, t, cond, drop_cond)
        kept = torch.zeros_like(t, dtype=torch.bool) if drop_cond is None else drop_cond
        drop = torch.cat([kept, torch.ones_like(kept)])
        twice = (torch.cat([x, x]) for x in (x_t, t, cond))
        with_cond, without = self.denoiser(*twice, drop).chunk(2)
        return without + self.guidance_scale * (with_cond - without)


def in_batches(function: Callable[..., Tensor], size: int, *rows: Tensor | None) -> Tensor:
    """Calls a function on batches of one fixed size; the last is filled up with copies of its end.

    Matrix kernels round differently for different batch sizes. With the size fixed, a row's result
    is the same to the last bit whatever else is in the batch.

    Args:
        function: of batches (size, ...), one for each of `rows`; row i of its result depends on
            row i of these alone.
        size: of a batch.
        rows: (B, ...) each, the first not None; None is passed on.
    """
    count, device = len(rows[0]), rows[0].device
    filled = torch.arange(-(-count // size) * size, device=device).clamp(max=count - 1)
    results = [
        function(*(None if all_rows is None else all_rows[chosen] for all_rows in rows))
        for chosen in filled.split(size)
    ]
    return torch.cat(results)[:count]


class FixedBatches:
    """Runs a denoiser on batches of one fixed size, see `in_batches`."""

    def __init__(self, denoiser: Denoiser, size: int):
        self.denoiser, self.size = denoiser, size

    def __call__(self, x_t, t, cond, drop_cond=None):
        """See `Denoiser`."""
        return in_batches(self.denoiser, self.size, x_t, t, cond, drop_cond)


class Clipped:
    """Keeps x_0 within the range of data, after guidance."""

    def __init__(self, denoiser: Denoiser, low: float = -1.0, high: float = 1.0):
        self.denoiser, self.low, self.high = denoiser, low, high

    def __call__(self, x_t, t, cond, drop_cond=None):
        """See `Denoiser`."""
        return self.denoiser(x_t, t, cond, drop_cond).clamp(self.low, self.high)
