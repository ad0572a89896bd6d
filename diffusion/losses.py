"""A cross-entropy beside the squared error of a predicted grid: is each cell full?

The squared error makes a prediction the mean of all possible shapes. In that mean a thin part of
uncertain position is nowhere above 0, and vanishes. The cross-entropy of the signs decides each
cell by itself. It weights full cells more than empty ones, so that a cell is predicted full when
its probability exceeds 1 / (1 + full_weight). The mean IoU is best when exactly the cells more
probable than half of the expected IoU are full (as Lipton et al. 2014, arXiv 1402.1892, show for
F1): with an IoU of 0.6 to 0.7 that is a full_weight of 2.

This holds for a single prediction. A denoiser's prediction goes into the next step, where its bias
would grow: sampled models are trained with a full_weight of 1.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

SHARPNESS = 8.0  # logits a unit of the grid's values, which change by 0.5 from cell to cell


def sign_entropy(answer: Tensor, x_0: Tensor, full_weight: float = 1.0) -> Tensor:
    """The mean cross-entropy of the cells' signs, a scalar.

    Args:
        answer: (B, 1, R, R, R); `SHARPNESS` times it are the logits.
        x_0: like it, in [-1, 1]; a cell is full where it is positive.
        full_weight: how much more a full cell counts than an empty one.
    """
    weight = torch.full((), full_weight, device=answer.device)
    full = (x_0 > 0).float()
    return F.binary_cross_entropy_with_logits(SHARPNESS * answer, full, pos_weight=weight)
