"""Tables of parameters: draws stay in their ranges and follow their weights."""

from __future__ import annotations

import collections

import numpy as np

from training.shapes.parts.ranges import chosen_subtype, drawn, like


def test_draws_are_of_the_kind_their_entry_says():
    rng = np.random.default_rng(0)
    table = like({"width": (0.2, 0.3), "tail": "T T V"}, gear=0.25)
    draws = [drawn(rng, table) for _ in range(2000)]
    widths = np.array([draw.width for draw in draws])
    assert widths.min() >= 0.2
    assert widths.max() <= 0.3
    assert np.ptp(widths) > 0.09
    assert abs(np.mean([draw.tail == "T" for draw in draws]) - 2 / 3) < 0.05
    assert {draw.tail for draw in draws} == {"T", "V"}
    assert abs(np.mean([draw.gear for draw in draws]) - 0.25) < 0.05


def test_a_table_like_another_leaves_it_alone():
    base = {"width": (0.0, 1.0)}
    assert like(base, width=(2.0, 3.0)) == {"width": (2.0, 3.0)}
    assert base == {"width": (0.0, 1.0)}


def test_subtypes_come_by_their_shares():
    rng = np.random.default_rng(0)
    subtypes = {"often": {"share": 3}, "seldom": {"share": 1}, "never": {"share": 0}}
    counts = collections.Counter(chosen_subtype(rng, subtypes) for _ in range(2000))
    assert set(counts) == {"often", "seldom"}
    assert abs(counts["often"] / 2000 - 0.75) < 0.05
