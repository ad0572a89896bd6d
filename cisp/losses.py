"""The contrastive loss that pulls the two embeddings of a pair together and all others apart."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MAX_SCALE = 100.0


class ContrastiveLoss(nn.Module):
    """Symmetric InfoNCE on unit vectors with a learned temperature (van den Oord 2018, CLIP 2021).

    loss = (CE(s A B^T, diagonal) + CE(s B A^T, diagonal)) / 2, with s = exp(logit_scale).

    Args:
        temperature: initial 1 / s.
    """

    def __init__(self, temperature: float = 0.07):
        super().__init__()
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / temperature)))

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Compare every `a` with every `b`; row i of both belongs together.

        Args:
            a: (B, D) embeddings of one modality, of any length.
            b: (B, D) embeddings of the other.

        Returns:
            Scalar, in float32 whatever the precision of the towers.
        """
        a = F.normalize(a.float(), dim=-1)
        b = F.normalize(b.float(), dim=-1)
        with torch.autocast(a.device.type, enabled=False):
            logits = self.logit_scale.exp() * a @ b.T  # (B, B)
        target = torch.arange(len(a), device=a.device)
        return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2

    @torch.no_grad()
    def clamp_(self) -> None:
        """Cap s at 100, in place: the optimiser goes on owning the very same parameter."""
        self.logit_scale.clamp_(max=math.log(MAX_SCALE))
