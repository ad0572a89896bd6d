"""What is told of sliders, on changes that are known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.demo.attribute_fakes import known_attributes
from training.studies.report import plain
from training.studies.sliders import figure_of, finding_of, responses, summarise


def box(height):
    grid = np.zeros((32, 32, 32), bool)
    grid[4:20, :height, 8:12] = True
    return grid


def test_a_response_is_the_share_of_the_asked_change():
    """One spread is four cells: from 16 to 24 between one spread down and up is all of it."""
    tall, none = [box(16), box(24)], [box(20), box(20)]
    made = np.array([[tall, none], [none, tall]])  # 2 pictures, 2 attributes
    own, others = responses(known_attributes(), "chair", made)
    np.testing.assert_allclose(own[:, 0], [1, 0], atol=1e-5)
    np.testing.assert_allclose(own[:, 1], 0, atol=1e-5)  # its reader sees nothing
    np.testing.assert_allclose(others, [[0, 0], [0, 1]], atol=1e-5)


def test_the_summary_ranks_and_the_finding_says_it():
    rng = np.random.default_rng(0)
    found = {
        "chair": {
            "clip": (rng.normal([0.2, 0.1], 0.02, (8, 2)), np.zeros((8, 2))),
            "cisp": (rng.normal([0.6, 0.1], 0.02, (8, 2)), np.zeros((8, 2))),
        },
        "lamp": {
            "clip": (rng.normal(0.5, 0.02, (8, 1)), np.zeros((8, 1))),
            "cisp": (rng.normal(0.1, 0.02, (8, 1)), np.zeros((8, 1))),
        },
    }
    results = summarise(known_attributes(), found, seed=0)
    names = [(entry["category"], entry["name"]) for entry in results["attributes"]]
    assert names[0] == ("chair", "height")
    assert names[-1] == ("lamp", "height")
    assert results["attributes"][0]["cisp_minus_clip"].mean == pytest.approx(0.4, abs=0.05)
    assert (results["better_in_cisp"], results["better_in_clip"]) == (1, 1)
    assert results["held"] == {"clip": 3, "cisp": 2}
    assert results["all"]["obeyed"]["clip"].mean == pytest.approx((0.15 + 0.5) / 2, abs=0.03)
    assert "3 attributes of 2 categories" in finding_of(results)
    assert figure_of(results)["data"][0]["x"] == ["chair", "lamp"]
    assert plain(results)["all"]["cisp_minus_clip"]["low"] < 0.03
