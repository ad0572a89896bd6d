"""1-NNA, MMD and COV of sets of shapes, against the measures taken one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from training.measure.metrics import covered, nearest_generated, nearest_is_own
from training.measure.scores import Truth, evaluate_rows
from training.measure.sets import clouds_of, measure_sets, set_values
from training.measure.surfaces import EMD_POINTS, chamfer_distance, emd

COUNT, SIDE = 7, 8


def boxes(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    grids = np.zeros((COUNT, SIDE, SIDE, SIDE), bool)
    for grid in grids:
        x, y, z = rng.integers(3, SIDE, 3)
        grid[:x, :y, :z] = True
    return grids


def matrix(a, b, distance):
    return np.array([[distance(x, y) for y in b] for x in a])


def test_values_are_those_of_the_whole_matrices_and_of_each_group():
    truth, made = (clouds_of(boxes(seed), range(seed, seed + COUNT)) for seed in (0, 20))
    groups = {"overall": range(COUNT), "odd": [1, 3, 5]}
    found = set_values({"a": made, "copy": truth}, truth, groups)
    assert list(found) == ["a", "copy"]
    for group, members in groups.items():
        for name, n, distance in (("cd", 2048, chamfer_distance), ("emd", EMD_POINTS, emd)):
            a, b = made[list(members), :n], truth[list(members), :n]
            between = matrix(a, b, distance)
            own = nearest_is_own(matrix(a, a, distance), between, matrix(b, b, distance))
            values = found["a"][group]
            assert values[f"1nna_{name}"].mean() == pytest.approx(own.mean())
            assert values[f"1nna_{name}"].shape == (len(members),)
            np.testing.assert_allclose(values[f"mmd_{name}"], nearest_generated(between), rtol=1e-6)
            assert (values[f"cov_{name}"] == covered(between)).all()
    copy = found["copy"]["overall"]
    assert not copy["mmd_emd"].any()
    assert copy["cov_cd"].all()


def test_processes_change_nothing():
    truth, made = (clouds_of(boxes(seed), range(COUNT)) for seed in (0, 20))
    one, two = (
        set_values({"a": made}, truth, {"overall": range(COUNT)}, workers=n)["a"]["overall"]
        for n in (1, 2)
    )
    assert all(np.array_equal(one[measure], two[measure]) for measure in one)


def test_rows_become_sets():
    """A perfect method covers all; one that answers everything alike does not."""
    grids = boxes(3)
    truth = Truth(list("abcdefg"), ["chair"] * 5 + ["lamp"] * 2, grids)
    alike = np.zeros_like(grids)
    alike[:, 2:4, 2:4, 2:4] = True
    methods = {
        "clip": lambda rows: alike[list(rows)][:, None],
        "cisp": lambda rows: grids[list(rows)][:, None],
        "other": lambda rows: grids[list(rows)][:, None],
    }
    chunks = evaluate_rows(truth, methods, chunk=4, keep=["clip", "cisp"], surface_samples=0)
    rows = [row for chunk in chunks for row in chunk]
    found = measure_sets(rows, truth, ["clip", "cisp"], 100, workers=1)
    assert (found["shapes"], found["points"]) == (COUNT, {"cd": 2048, "emd": EMD_POINTS})
    assert list(found["methods"]) == ["clip", "cisp"]
    clip, cisp = (found["methods"][name] for name in ("clip", "cisp"))
    assert list(cisp["per_category"]) == ["chair"]  # two lamps make no set
    assert cisp["per_category"]["chair"]["images"] == 5
    # Different draws of one surface are nearer than different boxes.
    assert cisp["overall"]["cov_cd"]["mean"] == 1 > clip["overall"]["cov_cd"]["mean"]
    assert clip["overall"]["1nna_cd"]["mean"] > cisp["overall"]["1nna_cd"]["mean"]
    gap = found["differences"]["cisp minus clip"]["overall"]["mmd_cd"]
    assert gap["high"] < 0
    assert measure_sets(rows, truth, ["clip", "cisp"], 4, workers=1)["shapes"] == 4
    # Points are seeded by the image, so one cloud can be made alone.
    first = clouds_of(grids[:1], [0])[0]
    assert first.shape == (2048, 3)
    assert cdist(first, clouds_of(grids[:1], [1])[0]).min(1).max() < 0.1
