"""IoU on a few held-out shapes while models train, so that a bad run is seen early."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from diffusion.generate import generate
from diffusion.grids.frame import iou
from training.loop.lockstep import Learner


class Watch:
    """Measures models during training.

    Args:
        grids: (N, R, R, R), shapes that are not trained on.
        cond: a space's name to (N, D), unit vectors, on the models' device.
    """

    def __init__(self, grids: Tensor, cond: dict[str, Tensor]):
        self.occupancy, self.cond = grids.cpu().numpy() > 0, cond

    @torch.inference_mode()
    def guesses(self, learners: Sequence[Learner]) -> dict[str, float]:
        """The mean IoU of the guesses of learners of `training.loop.guessing.Guessing`, a space."""
        return {
            learner.name: self._iou(learner.averaged().guess(self.cond[learner.name]))
            for learner in learners
        }

    def samples(self, learners: Sequence[Learner]) -> dict[str, float]:
        """The mean IoU of standard samples, a space; the learners' modules have a `model`."""
        seeds = range(len(self.occupancy))
        found = {}
        for learner in learners:
            for step in generate(learner.averaged().model, self.cond[learner.name], seeds):  # noqa: B007
                pass
            found[learner.name] = self._iou(step.x_0)
        return found

    def _iou(self, grids: Tensor) -> float:
        return float(np.mean(iou(grids[:, 0].float().cpu().numpy() > 0, self.occupancy)))
