"""What all studies share: reading options, and writing the answer.

A study is a function from its options and a device to an `Answer`; `study_command` makes a command
of it, `run_study` runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch

from diffusion.devices import pick_device
from training.studies.report import save_study
from training.tools.command import check_seed, run_command

Options = TypeVar("Options")  # a dataclass with `out`, `seed` and `device`


class Answer(NamedTuple):
    """What a study found: a `finding` in one sentence, a `figure` and all `results`."""

    finding: str
    figure: dict[str, Any]
    results: Any


Study = Callable[[Options, torch.device], Answer]


def run_study(study: Study, options: Options) -> None:
    """Answer the question and write the file `options.out`.

    Raises:
        ValueError: for impossible options, or input that cannot be read.
    """
    check_seed(options.seed)
    device = pick_device(options.device)
    save_study(study.__module__, options, device, **study(options, device)._asdict())


def study_command(options_type: type[Options], study: Study, argv: list[str] | None = None) -> None:
    """Runs a study with the options of a command line, this process's own by default."""
    run_command(options_type, partial(run_study, study), argv)


def groups_of(categories: Sequence[str]) -> dict[str, np.ndarray]:
    """Which rows (N,) bool belong to "all" and to each of their categories."""
    names = np.array(categories)
    every = {"all": np.ones(len(names), bool)}
    return every | {name: names == name for name in sorted(set(categories))}
