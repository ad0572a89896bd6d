"""The whole pipeline in two processes, as torchrun starts them."""

from __future__ import annotations

import pytest

from tests.training.micro import MICRO, all_weights
from tests.training.processes import run_together
from training import pipeline
from training.data import pair_batches
from training.data.embeddings import plain
from training.loop.lockstep import Budget
from training.loop.presets import PRESETS


def run(folder: str) -> None:
    """Steps in the place of minutes, and no augmentation: each process draws its own."""
    PRESETS["micro"] = MICRO
    pipeline.Budget = lambda minutes: Budget(steps=4)
    pair_batches.augment = lambda cutouts, generator, device: plain(cutouts)
    pipeline.main(pipeline.PipelineOptions(folder, preset="micro", workers=1, device="cpu"))


@pytest.mark.slow
def test_two_processes_leave_what_one_leaves(tmp_path):
    """The same files, each written by one of them, and the same weights up to rounding."""
    run_together(run, tmp_path / "one", world=1)  # threads of its own, as each of the two has
    run_together(run, tmp_path / "two")
    ones, twos = (
        {path.relative_to(tmp_path / name) for path in (tmp_path / name).rglob("*")}
        for name in ("one", "two")
    )
    assert ones == twos
    expected, made = (all_weights(tmp_path / name / "weights") for name in ("one", "two"))
    assert made.keys() == expected.keys()
    for key, value in expected.items():  # a step moves a weight by up to 1e-3
        assert (made[key].float() - value.float()).abs().mean() < 1e-4, key
