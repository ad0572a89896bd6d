"""Training of the guess, before what refines it: squared error and a cross-entropy of signs."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.guess import Guess
from diffusion.losses import sign_entropy
from training.data.diffusion_batches import GuessBatch


class Guessing(nn.Module):
    """A guess as a function from a batch to its loss.

    Args:
        guess: the network.
        space: whose embeddings it reads.
        cross_entropy: weight of `diffusion.losses.sign_entropy` beside the squared error.
        full_weight: of a full cell in it.
    """

    def __init__(
        self, guess: Guess, space: str, cross_entropy: float = 0.0, full_weight: float = 1.0
    ):
        super().__init__()
        self.guess, self.space = guess, space
        self.cross_entropy, self.full_weight = cross_entropy, full_weight

    def forward(self, batch: GuessBatch) -> Tensor:
        """The loss, a scalar."""
        guess = self.guess(batch.cond[self.space], batch.drop_cond).float()
        loss = F.mse_loss(guess, batch.x_0)
        if self.cross_entropy:
            loss = loss + self.cross_entropy * sign_entropy(guess, batch.x_0, self.full_weight)
        return loss
