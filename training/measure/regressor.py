"""The network of a diffusion model without the diffusion: from an embedding to one shape.

It is run at the last timestep with x_t = 0, so the embedding is its only input. Trained to predict
x_0 with the batches, the loop and the budget of the diffusion models, it differs from them only in
that it must give one shape, the mean of the possible ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from diffusion.denoisers import FixedBatches
from diffusion.generate import batch_size
from diffusion.model import VoxelDiffusion

if TYPE_CHECKING:
    from training.data.diffusion_batches import DiffusionBatch


def blind(x_0: Tensor, num_timesteps: int) -> tuple[Tensor, Tensor]:
    """The input in place of noisy shapes (B, ...): zeros, and the timestep T - 1 (B,)."""
    t = torch.full((len(x_0),), num_timesteps - 1, dtype=torch.long, device=x_0.device)
    return torch.zeros_like(x_0), t


class Regression(nn.Module):
    """The network as a function from a batch to its mean squared error."""

    def __init__(self, model: VoxelDiffusion):
        super().__init__()
        self.model = model

    def forward(self, batch: DiffusionBatch) -> Tensor:
        """The loss, a scalar; noise, timesteps and dropped conditions of the batch are not used."""
        cond = batch.cond[self.model.space]
        x_t, t = blind(batch.x_0, self.model.schedule.num_timesteps)
        return (self.model.unet(x_t, t, cond, None).float() - batch.x_0).square().mean()


@torch.inference_mode()
def regress(model: VoxelDiffusion, embeds: np.ndarray) -> np.ndarray:
    """Shapes (B, R, R, R) float32, positive inside, of unit vectors (B, D) of the model's space."""
    device = next(model.parameters()).device
    cond = torch.from_numpy(embeds).to(device)
    x_t, t = blind(
        torch.empty(len(cond), *model.grid_shape, device=device), model.schedule.num_timesteps
    )
    size = batch_size(device, guidance_scale=1.0)
    return FixedBatches(model.unet, size)(x_t, t, cond)[:, 0].float().cpu().numpy()
