"""What the training commands share: the run's options, its report, seeded networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from training.loop.lockstep import Budget
from training.tools.command import command_line, resolved_config, save_json
from training.tools.distributed import process_group, rank


@dataclass(frozen=True)
class Running:
    """How a training runs; these options come after those of what is trained.

    Attributes:
        start: A folder of weights of the same sizes, to train further.
        steps: Train so many steps.
        minutes: Train so long; the learning rate then follows the clock.
        seed: Of all that is drawn at random.
        resume: Go on where an interrupted run stopped.
        device: auto, cpu, cuda or mps.
    """

    start: Path | None = None
    steps: int | None = None
    minutes: float | None = None
    seed: int = 0
    resume: bool = False
    device: str = "auto"

    def budget(self, default_minutes: float) -> Budget:
        """What was asked for, or the default."""
        if self.steps is None and self.minutes is None:
            return Budget(minutes=default_minutes)
        return Budget(self.steps, self.minutes)

    def common(self, device: torch.device) -> dict[str, Any]:
        """What every function that trains takes by name."""
        return {"seed": self.seed, "resume": self.resume, "start": self.start, "device": device}


def run_training(
    module: str, options: Any, train: Callable[[Any, torch.device], dict[str, Any]], name: str
) -> None:
    """Train, alone or as one of the processes of torchrun, and write OUT/train-NAME.json.

    Args:
        module: the command's own, for when it is not run by -m.
        options: `Running` with `out`.
        train: from the options and this process's own device to a report.
        name: of what is trained.
    """
    with process_group(options.device) as device:
        report = train(options, device)
        report |= {"options": resolved_config(options), "command": command_line(module)}
        if rank() == 0:
            save_json(options.out / f"train-{name}.json", report)


def seeded(make: Callable[..., nn.Module], seed: int, **config: Any) -> nn.Module:
    """Make a network whose random start depends on the seed alone; the global state stays."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make(**config)
