from __future__ import annotations

import numpy as np
import pytest

from training.measure.statistics import bootstrap_mean, paired_bootstrap


def test_interval_of_gaussian_data_is_the_normal_one():
    values = np.random.default_rng(0).normal(3, 2, 400)
    mean, low, high = bootstrap_mean(values)
    half = 1.96 * values.std() / 20
    assert mean == pytest.approx(values.mean())
    assert low == pytest.approx(mean - half, abs=0.05 * half)
    assert high == pytest.approx(mean + half, abs=0.05 * half)
    narrow = bootstrap_mean(values, confidence=0.5)
    assert narrow.high - narrow.low == pytest.approx(2 * half * 0.6745 / 1.96, rel=0.05)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    """200 intervals at 90 %: binomial deviation 2 %, and the bootstrap is a little too narrow."""
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        found = bootstrap_mean(rng.normal(size=60), confidence=0.9, num_resamples=500)
        hits += found.low <= 0 <= found.high
    assert 0.82 <= hits / 200 <= 0.97


def test_pairing_cancels_what_is_hard_for_both():
    rng = np.random.default_rng(2)
    difficulty = rng.normal(0, 1, 300)
    a, b = difficulty + 0.02 + rng.normal(0, 0.05, 300), difficulty + rng.normal(0, 0.05, 300)
    paired = paired_bootstrap(a, b)
    broken = paired_bootstrap(a, rng.permutation(b))
    assert paired.low > 0
    assert broken.low < 0 < broken.high
    assert broken.high - broken.low > 5 * (paired.high - paired.low)
    assert paired == bootstrap_mean(a - b)


def test_seeds_chunks_and_bad_input(monkeypatch):
    values = np.random.default_rng(3).random(50)
    assert bootstrap_mean(values, seed=1) == bootstrap_mean(values, seed=1)
    assert bootstrap_mean(values, seed=1) != bootstrap_mean(values, seed=2)
    whole = bootstrap_mean(values)
    monkeypatch.setattr("training.measure.statistics.CHUNK", 1000)
    assert bootstrap_mean(values) == whole
    assert bootstrap_mean([0.25]) == (0.25, 0.25, 0.25)
    for bad in ([], [1.0, float("nan")], [[1.0]]):
        with pytest.raises(ValueError, match="finite numbers"):
            bootstrap_mean(bad)
    with pytest.raises(ValueError, match="one length"):
        paired_bootstrap([1.0], [1.0, 2.0])
