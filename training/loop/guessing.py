"""Training of the guess, before what refines it: squared error, and a cross-entropy of the signs.

The squared error makes the guess the mean of the shapes that an embedding allows. In that mean a
thin part whose place is uncertain is nowhere above 0 and vanishes. The cross-entropy asks for the
sign of each cell instead, of the logit `SHARPNESS` times the guess, and counts full cells more than
empty ones: a cell is then full when its probability exceeds 1 / (1 + full_weight). A third is about
what the best mean IoU asks for: half of the IoU that is reached (Lipton et al. 2014 for F1).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diffusion.guess import Guess
from training.data.diffusion_batches import GuessBatch

SHARPNESS = 8.0


class Guessing(nn.Module):
    """A guess as a function from a batch to its loss.

    Args:
        guess: the network.
        space: whose embeddings it reads.
        cross_entropy: weight of the second term; 0 leaves the squared error.
        full_weight: how much more a full cell counts in it.
    """

    def __init__(
        self, guess: Guess, space: str, cross_entropy: float = 0.0, full_weight: float = 1.0
    ):
        super().__init__()
        self.guess, self.space, self.cross_entropy = guess, space, cross_entropy
        self.full_weight = full_weight

    def forward(self, batch: GuessBatch) -> Tensor:
        """The loss, a scalar."""
        guess = self.guess(batch.cond[self.space], batch.drop_cond).float()
        loss = F.mse_loss(guess, batch.x_0)
        if not self.cross_entropy:
            return loss
        full = batch.x_0 > 0
        weight = torch.tensor(self.full_weight, device=guess.device)
        signs = F.binary_cross_entropy_with_logits(
            SHARPNESS * guess, full.float(), pos_weight=weight
        )
        return loss + self.cross_entropy * signs
