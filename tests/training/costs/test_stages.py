"""The stages of drawing: all of them are timed, none twice."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

from training.costs import stages


def test_every_stage_is_timed_once_a_shape(monkeypatch):
    ticks = itertools.count()
    monkeypatch.setattr(stages, "time", SimpleNamespace(perf_counter=lambda: next(ticks)))
    seconds = stages.stage_seconds(1, size=32, views=("r2n2", "drawing"))
    assert seconds == dict.fromkeys(stages.STAGES, 1)


def test_without_drawings_nothing_is_drawn(monkeypatch):
    monkeypatch.delattr(stages, "draw")
    assert set(stages.stage_seconds(1, size=32, views=("wide",))) == set(stages.STAGES)
