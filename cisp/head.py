"""The projection head of the image tower and the shape towers."""

from __future__ import annotations

from torch import nn


def projection_head(features: int, embed_dim: int) -> nn.Sequential:
    """Linear - SiLU - Linear, as in the paper's towers: (B, features) -> (B, embed_dim)."""
    return nn.Sequential(
        nn.Linear(features, 2 * embed_dim), nn.SiLU(), nn.Linear(2 * embed_dim, embed_dim)
    )
