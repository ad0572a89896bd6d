"""Batches made ahead: the host prepares the next one while a CUDA device trains on this one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves


class Ahead:
    """Step -> batch, made beforehand on CUDA, on a stream of its own.

    What the host waits for there (the pictures that the JPEG encoder takes) is then ready as soon
    as the batch is drawn, and not after the training step that is queued on the other stream.
    Elsewhere nothing is made beforehand.

    Args:
        batch_at: from a step to its batch, the same at every call; it may use nothing that
            training changes.
        device: where the batches are.
    """

    def __init__(self, batch_at: Callable[[int], Any], device: torch.device):
        self.batch_at, self.device = batch_at, device
        self.made: dict[int, Any] = {}
        self.stream = torch.cuda.Stream(device) if device.type == "cuda" else None
        if self.stream is not None:  # the data and networks that batches are made of are there
            self.stream.wait_stream(torch.cuda.current_stream(device))

    def prepare(self, step: int) -> None:
        """Make the batch of a step that will be asked for."""
        if self.stream is not None:
            with torch.cuda.stream(self.stream):
                self.made = {step: self.batch_at(step)}

    def __call__(self, step: int) -> Any:
        """The batch of a step."""
        if self.stream is None:
            return self.batch_at(step)
        if step not in self.made:
            self.prepare(step)
        batch = self.made.pop(step)
        current = torch.cuda.current_stream(self.device)
        current.wait_stream(self.stream)
        fields = vars(batch) if dataclasses.is_dataclass(batch) else batch
        for leaf in tree_leaves(fields):
            if isinstance(leaf, Tensor):
                leaf.record_stream(current)  # its memory is not used again before training has
        return batch
