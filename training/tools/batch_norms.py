"""Batch normalisation over the whole batch, where several processes train together.

Each process sees a part of a batch. Left alone, every replica would normalise its part by that
part's own mean and variance, and keep running statistics that no other one has. torch has
`SyncBatchNorm`, but it takes no tensor of a CPU, and on CUDA the host waits in every layer (a mask
over the processes' counts); here all parts are equally large, and no count is needed.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from training.tools.distributed import gathered, world_size


class WholeBatchNorm(_BatchNorm):
    """A batch normalisation whose statistics, and their gradients, are of all processes.

    Args:
        norm: what it takes the place of: its parameters and statistics, by the same names, and of
            timm's layers the dropout and activation that follow.
    """

    def __init__(self, norm: _BatchNorm):
        nn.Module.__init__(self)
        self.__dict__ = norm.__dict__.copy()

    def _check_input_dim(self, input: Tensor) -> None:
        """Any number of dimensions will do."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, ...) -> (B, C, ...); every process gives equally many rows."""
        x = self._whole(x) if self.training else self._still(x)
        for after in ("drop", "act"):
            x = getattr(self, after, nn.Identity())(x)
        return x

    def _still(self, x: Tensor) -> Tensor:
        running = self.running_mean, self.running_var
        return F.batch_norm(x, *running, self.weight, self.bias, False, 0.0, self.eps)

    def _whole(self, x: Tensor) -> Tensor:
        axes, shape = [0, *range(2, x.ndim)], (1, -1, *[1] * (x.ndim - 2))
        with torch.autocast(x.device.type, enabled=False):
            values = x if x.dtype == torch.float64 else x.float()
            var, mean = torch.var_mean(values, axes, correction=0)  # (C,) each, of this part
            means, variances = gathered(torch.stack([mean, var])[None]).unbind(1)  # (W, C) each
            mean = means.mean(0)
            var = (variances + (means - mean) ** 2).mean(0)
            self._remember(mean.detach(), var.detach(), len(means) * values.numel() // len(mean))
            scale = (var + self.eps).rsqrt()
            if self.weight is not None:
                scale = scale * self.weight
            shift = -mean * scale if self.bias is None else self.bias - mean * scale
            return (values * scale.view(shape) + shift.view(shape)).to(x.dtype)

    @torch.no_grad()
    def _remember(self, mean: Tensor, var: Tensor, count: int) -> None:
        """Running statistics as torch keeps them: of the variance the unbiased estimate."""
        if self.running_mean is None:
            return
        self.num_batches_tracked += 1
        self.running_mean.lerp_(mean.to(self.running_mean), self.momentum)
        unbiased = var * (count / (count - 1))
        self.running_var.lerp_(unbiased.to(self.running_var), self.momentum)


def share_batch_norms(module: nn.Module) -> nn.Module:
    """The module with batch normalisations over the whole batch; alone, nothing changes."""
    if world_size() == 1:
        return module
    if isinstance(module, _BatchNorm):
        return WholeBatchNorm(module)
    for name, child in module.named_children():
        setattr(module, name, share_batch_norms(child))
    return module
