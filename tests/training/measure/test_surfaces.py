from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from training.measure.surfaces import (
    EMD_POINTS,
    SURFACE_POINTS,
    Match,
    chamfer_distance,
    cloud,
    emd,
    sample_surface,
    surface_scores,
)


def clouds(n: int, seed: int = 0, count: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).random((count, n, 3))


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def test_surface_of_a_ball_lies_on_the_ball():
    """On a distance field the points lie at the radius; areas are even over the sphere."""
    centres = (np.indices((32, 32, 32)).transpose(1, 2, 3, 0) + 0.5) / 32 - 0.5
    offset = np.array([0.1, -0.05, 0.0])
    distance = 0.3 - np.linalg.norm(centres - offset, axis=-1)
    points, normals = sample_surface(distance.astype(np.float32), 4000, seed=1)
    points -= offset
    radii = np.linalg.norm(points, axis=1)
    assert abs(radii - 0.3).max() < 0.002
    for axis in range(3):  # Archimedes: each coordinate is uniform; standard error 0.0027
        assert (points[:, axis] ** 2).mean() == pytest.approx(0.3**2 / 3, abs=0.003)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1)
    cosine = np.abs((normals * points).sum(1)) / radii  # a triangle of 1/32 at a radius of 0.3
    assert cosine.min() > 0.98
    assert np.array_equal(sample_surface(distance, 5, 7), sample_surface(distance, 5, 7))
    assert not np.array_equal(sample_surface(distance, 5, 7), sample_surface(distance, 5, 8))


def test_surface_of_a_full_grid_is_closed_at_the_border():
    points = sample_surface(np.ones((8, 8, 8), bool), 1000, seed=0).points
    assert abs(points).max() == pytest.approx(0.5)
    assert (abs(points).max(1) > 0.5 - 0.5 / 8).all()
    nothing = np.zeros((8, 8, 8), bool)
    assert sample_surface(nothing, 10, 0).points.shape == (0, 3)
    assert (cloud(nothing, 10, 0) == np.zeros((10, 3))).all()


def test_chamfer_distance_in_both_conventions():
    a, b = np.array([[0.0, 0, 0], [1, 0, 0]]), np.array([[0.0, 0, 0.5]])
    plain = (0.5 + 1.25**0.5) / 2 + 0.5
    assert Match.of(a, b).chamfer_distance(squared=False) == pytest.approx(plain)
    assert chamfer_distance(a, b) == pytest.approx((0.25 + 1.25) / 2 + 0.25)
    x, y = clouds(50)
    d = cdist(x, y)
    brute = (d.min(1) ** 2).mean() + (d.min(0) ** 2).mean()
    assert chamfer_distance(x, y) == pytest.approx(brute)


def test_f_score_and_coverage_against_brute_force():
    a, b = clouds(200)
    d, match = cdist(a, b), Match.of(a, b)
    scores = []
    for tau in (0.02, 0.05, 0.1, 0.3):
        precision, recall = (d.min(1) <= tau).mean(), (d.min(0) <= tau).mean()
        expected = 2 * precision * recall / (precision + recall) if precision + recall else 0
        scores.append(match.f_score(tau))
        assert scores[-1] == pytest.approx(expected)
        assert match.coverage(tau) == pytest.approx(recall)
    assert scores == sorted(scores)
    assert Match.of(a, a).f_score() == Match.of(a, a).coverage() == 1
    assert Match.of(a, a + 5).f_score() == Match.of(a, a + 5).coverage() == 0
    half = Match.of(a[:100], a)  # of b the second half is missing: precise, not complete
    assert half.coverage(1e-9) == 0.5
    assert half.f_score(1e-9) == pytest.approx(2 / 3)


def test_f_score_threshold_is_not_applied_to_squares():
    for away, score in ((0.05, 0), (0.009, 1)):
        assert Match.of(np.zeros((1, 3)), np.array([[away, 0, 0]])).f_score(0.01) == score


def test_normal_consistency_against_brute_force():
    (a, b), rng = clouds(60), np.random.default_rng(5)
    m, n = (unit(rng.normal(size=(60, 3))) for _ in range(2))
    d = cdist(a, b)
    there = [abs(m[i] @ n[d[i].argmin()]) for i in range(60)]
    back = [abs(n[j] @ m[d[:, j].argmin()]) for j in range(60)]
    found = Match.of(a, b).normal_consistency(m, n)
    assert found == pytest.approx((np.mean(there) + np.mean(back)) / 2)
    assert Match.of(a, a).normal_consistency(m, -m) == pytest.approx(1)  # whatever the side
    quarter = np.stack([-m[:, 1], m[:, 0], 0 * m[:, 0]], 1)
    assert Match.of(a, a).normal_consistency(m, quarter) == pytest.approx(0)


def test_emd_against_all_permutations_and_pot():
    a, b = clouds(6)
    d = cdist(a, b)
    brute = min(d[range(6), list(order)].mean() for order in permutations(range(6)))
    assert emd(a, b) == pytest.approx(brute)
    ot = pytest.importorskip("ot")
    a, b = clouds(200, seed=4)
    weights = np.full(200, 1 / 200)
    assert emd(a, b) == pytest.approx(ot.emd2(weights, weights, cdist(a, b)), rel=1e-6)
    with pytest.raises(ValueError, match="one size"):
        emd(a, b[:-1])


def test_all_scores_of_a_surface_are_its_parts():
    grid = np.zeros((16, 16, 16), bool)
    grid[3:12, 4:9, 2:14] = True
    truth = sample_surface(grid, SURFACE_POINTS, seed=0)
    scores = surface_scores(np.roll(grid, 1, axis=0), truth, seed=1)
    made = sample_surface(np.roll(grid, 1, axis=0), SURFACE_POINTS, seed=1)
    match = Match.of(made.points, truth.points)
    assert scores["f_score"] == match.f_score()
    assert scores["coverage"] == match.coverage(1 / 32) < 1
    assert scores["normal_consistency"] == match.normal_consistency(made.normals, truth.normals)
    assert 0.8 < scores["normal_consistency"] < 1
    first = made.points[:EMD_POINTS], truth.points[:EMD_POINTS]
    assert scores["emd"] == emd(*first)
    near = [cdist(x, y).min(1) for x, y in permutations((made.points[:2048], truth.points[:2048]))]
    assert scores["cd"] == pytest.approx((near[0] ** 2).mean() + (near[1] ** 2).mean())


def test_an_empty_shape_is_scored_as_the_middle_of_the_cube():
    truth = sample_surface(np.ones((8, 8, 8), bool), SURFACE_POINTS, seed=0)
    scores = surface_scores(np.zeros((8, 8, 8), bool), truth, seed=1)
    assert scores["f_score"] == scores["coverage"] == scores["normal_consistency"] == 0
    from_middle = np.linalg.norm(truth.points, axis=1)
    assert scores["emd"] == pytest.approx(from_middle[:EMD_POINTS].mean())
    squares = from_middle[:2048] ** 2
    assert scores["cd"] == pytest.approx(squares.mean() + squares.min())
