"""Predict, then refine: a diffusion model of what a guess leaves open.

x_0 = guess(cond) + U-Net(x_t beside guess(cond), t, cond)

The guess is near the mean of the shapes that an embedding allows; diffusion samples the residual,
as in Whang et al. 2022, "Deblurring via stochastic refinement" (arXiv 2112.02475), a cascade in the
sense of Ho et al. 2021 (arXiv 2106.15282). Noise is added to the shape, not to the residual: given
the guess, both versions of x_t = signal x_0 + sigma noise differ only by signal times the guess. A
new network outputs zero, so that x_0 = guess exactly at every timestep, whatever the prediction
type, which only scales the error that is squared (`X0Denoiser.error_scale`):

prediction   error that is squared             weight of the error of x_0
x_0          x_0 itself                        1
eps          (x_t - signal x_0) / sigma        signal^2 / sigma^2
v            (signal x_t - x_0) / sigma        1 / sigma^2

A dropped condition is dropped for both: the guess is then that of the learned null embedding, the
mean of all shapes, and the network refines it under its own null embedding.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Refinement:
    """A guess and the network that corrects it, as a `Denoiser`.

    Args:
        guess: from cond (B, D) and drop_cond (B,) to grids (B, 1, R, R, R).
        network: like `UNet3D`, of two channels: the noisy grid and the guess.
    """

    def __init__(self, guess: nn.Module, network: nn.Module):
        self.guess, self.network = guess, network

    def __call__(
        self, x_t: Tensor, t: Tensor, cond: Tensor, drop_cond: Tensor | None = None
    ) -> Tensor:
        """See `Denoiser`."""
        guess = self.guess(cond, drop_cond)  # (B, 1, R, R, R)
        return guess + self.network(torch.cat([x_t, guess], 1), t, cond, drop_cond)
