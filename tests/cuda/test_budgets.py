"""How often training makes the host wait for the device: a GPU that is waited for idles."""

from __future__ import annotations

import pytest

from tests.cuda.budgets import BUDGETS, MORE, counts, further, only_steps
from tests.cuda.runs import STEPS


@pytest.mark.parametrize("loop", BUDGETS, ids=lambda loop: loop.__name__)
def test_a_step_is_hardly_waited_for(loop, cache, tmp_path, monkeypatch):
    """Nor one of a resumed run."""
    only_steps(monkeypatch)
    assert further(loop, cache, tmp_path)["wait"] <= BUDGETS[loop] * (MORE - STEPS)
    more = counts(loop, cache, tmp_path / "b", steps=MORE, stop_after=2)
    less = counts(loop, cache, tmp_path / "a", stop_after=2)
    states = [
        counts(loop, cache, tmp_path / run, steps=steps, resume=True)
        for run, steps in (("b", MORE), ("a", STEPS))
    ]
    assert (states[0] - states[1])["wait"] <= BUDGETS[loop] * (MORE - STEPS)
    assert more["wait"] == less["wait"]
