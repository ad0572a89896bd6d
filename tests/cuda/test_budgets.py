"""How often training makes the host wait for the device: a GPU that is waited for idles."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from cisp.losses import ContrastiveLoss
from diffusion.model import VoxelDiffusion
from tests.cuda import runs
from tests.cuda.simulated import simulated
from training.loop import lockstep
from training.loop.guessing import Guessing
from training.loop.watch import Watch

MORE = 8  # steps of the longer run; both parts of diffusion training take half of them
BUDGETS = {runs.embedding: 1, runs.diffusion: 0}  # waits a step; a real JPEG encoder has the one


def waits(loop, cache, folder, **how) -> int:
    with simulated() as device:
        loop(cache, folder, "cuda", **how)
    return device.counts["wait"]


@pytest.fixture(autouse=True)
def only_steps(monkeypatch):
    """No checks, and a clock that stands still: what is read by the clock is no step's."""
    monkeypatch.setattr(lockstep, "time", SimpleNamespace(monotonic=lambda: 0.0))
    for check in ("samples", "guesses"):
        monkeypatch.setattr(Watch, check, lambda self, learners: {})


def further(loop, cache, folder) -> int:
    """Waits of the `MORE - runs.STEPS` further steps of a longer run."""
    return waits(loop, cache, folder / "b", steps=MORE) - waits(loop, cache, folder / "a")


@pytest.mark.parametrize("loop", BUDGETS, ids=lambda loop: loop.__name__)
def test_a_step_is_hardly_waited_for(loop, cache, tmp_path):
    """Nor one of a resumed run."""
    assert further(loop, cache, tmp_path) <= BUDGETS[loop] * (MORE - runs.STEPS)
    whole = waits(loop, cache, tmp_path / "c", steps=MORE)
    first = waits(loop, cache, tmp_path / "d", steps=MORE, stop_after=1)
    rest = waits(loop, cache, tmp_path / "d", steps=MORE, resume=True)
    assert first + rest <= whole + 8  # the state is saved once more, the first step logged again


@pytest.mark.parametrize(
    ("loop", "owner", "name"),
    [
        (runs.embedding, ContrastiveLoss, "forward"),
        (runs.diffusion, VoxelDiffusion, "loss"),
        (runs.diffusion, Guessing, "forward"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_hidden_item_is_found(loop, owner, name, cache, tmp_path, monkeypatch):
    original = getattr(owner, name)

    def hiding(self, *args, **kwargs):
        loss = original(self, *args, **kwargs)
        assert loss.item() == loss.item()
        return loss

    monkeypatch.setattr(owner, name, hiding)
    assert further(loop, cache, tmp_path) > BUDGETS[loop] * (MORE - runs.STEPS)
