"""The stages of drawing: all of them are timed, none twice."""

from __future__ import annotations

from training.costs.stages import STAGES, stage_seconds


def test_every_stage_takes_time():
    seconds = stage_seconds(1, size=32, views=("r2n2", "drawing"))
    assert set(seconds) == set(STAGES)
    assert all(value > 0 for value in seconds.values())


def test_without_drawings_no_time_goes_into_them():
    assert stage_seconds(1, size=32, views=("wide",))["sketch"] < 1e-3
