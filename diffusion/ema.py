"""An exponential moving average of a model's weights, which samples better than the weights."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn


class Ema:
    """Averages a model's floating-point state, parameters and buffers.

    The decay grows as (1 + step) / (10 + step) up to `decay`, so that a run of a few hundred steps
    is not dominated by its random start.
    """

    def __init__(self, model: nn.Module, decay: float = 0.999):
        self.decay, self.step = decay, 0
        self.average = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Update the average with the model's current weights."""
        self.step += 1
        decay = min(self.decay, (1 + self.step) / (10 + self.step))
        ours, theirs = [], []
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                ours.append(self.average[name])
                theirs.append(tensor)
            else:
                self.average[name].copy_(tensor)
        torch._foreach_lerp_(ours, theirs, 1 - decay)  # a few kernels for all

    def averaged(self, model: nn.Module) -> nn.Module:
        """A copy of the model that has the averaged weights, in evaluation mode."""
        model = copy.deepcopy(model)
        model.load_state_dict(self.average)
        return model.eval()

    def state_dict(self) -> dict[str, Any]:
        """What `load_state_dict` takes."""
        return {"step": self.step, "average": self.average}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a saved average."""
        self.step = state["step"]
        self.average = {name: tensor.clone() for name, tensor in state["average"].items()}
