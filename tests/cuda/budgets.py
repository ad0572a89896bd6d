"""What further steps of a training cost: launches, copies, and waiting for the device."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from tests.cuda import runs
from training.costs.simulated import simulated
from training.loop import lockstep
from training.loop.watch import Watch

MORE = 8  # steps of the longer run; both parts of diffusion training take half of them
BUDGETS = {runs.embedding: 1, runs.diffusion: 0}  # waits a step; the JPEG encoder has the one


def only_steps(monkeypatch) -> None:
    """No checks, and a clock that stands still: what is read by the clock is no step's."""
    monkeypatch.setattr(lockstep, "time", SimpleNamespace(monotonic=lambda: 0.0))
    for check in ("samples", "guesses"):
        monkeypatch.setattr(Watch, check, lambda self, learners: {})


def counts(loop, cache, folder, **how) -> Counter[str]:
    """What happened in a run, see `training.costs.simulated.Device.counts`."""
    with simulated() as device:
        loop(cache, folder, "cuda", **how)
    return device.counts


def further(loop, cache, folder) -> Counter[str]:
    """What happened in the `MORE - runs.STEPS` further steps of a longer run."""
    longer = counts(loop, cache, folder / "b", steps=MORE)
    longer.subtract(counts(loop, cache, folder / "a"))
    return longer
