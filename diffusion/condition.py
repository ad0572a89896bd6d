"""How the networks scale an embedding that conditions them."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def network_input(cond: Tensor, drop_cond: Tensor | None, null_embedding: Tensor) -> Tensor:
    """Scale embeddings to entries of unit variance, as layers are made for, whatever D.

    Args:
        cond: (B, D) unit vectors.
        drop_cond: (B,) bool or None; True puts the null embedding in the place of the embedding.
        null_embedding: (D,), learned, not scaled.

    Returns:
        (B, D), of length sqrt(D).
    """
    cond = cond * math.sqrt(cond.shape[-1])
    if drop_cond is None:
        return cond
    return torch.where(drop_cond[:, None], null_embedding, cond)
