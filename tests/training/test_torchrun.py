"""The whole pipeline in two processes, as torchrun starts them."""

from __future__ import annotations

import pytest

from tests.training.micro import MICRO, all_weights
from tests.training.processes import run_together
from training import pipeline
from training.loop.presets import PRESETS


def run(folder: str) -> None:
    PRESETS["micro"] = MICRO
    pipeline.main(pipeline.PipelineOptions(folder, preset="micro", workers=1, device="cpu"))


@pytest.mark.slow
def test_two_processes_leave_what_one_leaves(tmp_path, monkeypatch):
    """The same files, each written by one of them; replicas whose weights learned something."""
    monkeypatch.setitem(PRESETS, "micro", MICRO)
    run(tmp_path / "one")
    run_together(run, tmp_path / "two")
    ones, twos = (
        {path.relative_to(tmp_path / name) for path in (tmp_path / name).rglob("*")}
        for name in ("one", "two")
    )
    assert ones == twos
    weights = all_weights(tmp_path / "two" / "weights")
    assert weights.keys() == all_weights(tmp_path / "one" / "weights").keys()
    assert all(tensor.isfinite().all() for tensor in weights.values())
