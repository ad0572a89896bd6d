"""Pictures to embeddings, the same to the last bit on the page and on a command line.

A picture may be shown to a tower more than once (`cisp.images.cutouts`): its embedding is then the
mean, normalised.

Matrix kernels round differently for batches of different sizes, on a GPU by far more than the last
bit. A tower therefore always gets batches of one fixed size, however many pictures there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    from cisp.embedder import Embedder

# On a CPU one picture at a time: filling up batches of more makes single pictures slow, and most of
# the time goes into the cut-outs anyway.
BATCH_SIZE = {"cpu": 1}
BATCH_SIZE_ELSEWHERE = 32


@torch.inference_mode()
def encode_pixels(
    space: Embedder, pixels: Sequence[Tensor], device: torch.device | str
) -> np.ndarray:
    """Unit embeddings (N, D) float32 of N pictures' pixels.

    Args:
        space: the embedder.
        pixels: each (V, 3, S, S) in [-1, 1], with V views of its own.
        device: where the space's towers are.
    """
    device = torch.device(device)
    size = BATCH_SIZE.get(device.type, BATCH_SIZE_ELSEWHERE)
    parts = []
    for rows in torch.cat(list(pixels)).split(size):
        filled = rows[torch.arange(size).clamp(max=len(rows) - 1)]  # (size, 3, S, S)
        parts.append(space.encode_image(filled.to(device))[: len(rows)].float().cpu())
    views = torch.cat(parts).split([len(picture) for picture in pixels])  # N times (V, D)
    means = [rows[0] if len(rows) == 1 else F.normalize(rows.mean(0), dim=0) for rows in views]
    return torch.stack(means).numpy()
