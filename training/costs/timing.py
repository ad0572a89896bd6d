"""Durations for `training.benchmark` and its parts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch


def median_seconds(run: Callable[[], Any], repeats: int, device: torch.device) -> float:
    """Median duration of `run` after one warm-up, device queues drained."""
    durations = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        run()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        durations.append(time.perf_counter() - start)
    return statistics.median(durations[1:])
