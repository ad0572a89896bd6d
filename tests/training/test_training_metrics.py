from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from training.metrics import (
    chamfer_distance,
    cov,
    emd,
    f_score,
    iou,
    mmd,
    one_nna,
    pairwise,
    recall_at_k,
    recall_in_batches,
    sample_surface,
)


def clouds(n: int, seed: int = 0, count: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).random((count, n, 3))


def test_iou():
    a = np.zeros((3, 4, 4, 4), bool)
    b = np.zeros((3, 4, 4, 4), bool)
    a[0, :2], b[0, 1:3] = True, True  # 16 of 48
    a[1, 0] = True
    assert iou(a, b).tolist() == [1 / 3, 0, 1]  # the last: empty against empty
    assert iou(a[0], b).tolist() == [1 / 3, 0, 0]
    with np.testing.suppress_warnings() as caught:
        assert iou(a[2], b[2]) == 1
        assert not caught.log


def test_surface_of_a_ball_lies_on_the_ball():
    """On a distance field the points lie at the radius; areas are even over the sphere."""
    centres = (np.indices((32, 32, 32)).transpose(1, 2, 3, 0) + 0.5) / 32 - 0.5
    offset = np.array([0.1, -0.05, 0.0])
    distance = 0.3 - np.linalg.norm(centres - offset, axis=-1)
    points = sample_surface(distance.astype(np.float32), 4000, seed=1) - offset
    radii = np.linalg.norm(points, axis=1)
    assert abs(radii - 0.3).max() < 0.002
    for axis in range(3):  # Archimedes: each coordinate is uniform; standard error 0.0027
        assert (points[:, axis] ** 2).mean() == pytest.approx(0.3**2 / 3, abs=0.003)
    assert np.array_equal(sample_surface(distance, 5, 7), sample_surface(distance, 5, 7))
    assert not np.array_equal(sample_surface(distance, 5, 7), sample_surface(distance, 5, 8))


def test_surface_of_a_full_grid_is_closed_at_the_border():
    points = sample_surface(np.ones((8, 8, 8), bool), 1000, seed=0)
    assert abs(points).max() == pytest.approx(0.5)
    assert (abs(points).max(1) > 0.5 - 0.5 / 8).all()
    assert sample_surface(np.zeros((8, 8, 8), bool), 10, 0).shape == (0, 3)


def test_chamfer_distance_in_both_conventions():
    a, b = np.array([[0.0, 0, 0], [1, 0, 0]]), np.array([[0.0, 0, 0.5]])
    plain = (0.5 + 1.25**0.5) / 2 + 0.5
    assert chamfer_distance(a, b, squared=False) == pytest.approx(plain)
    assert chamfer_distance(a, b, squared=True) == pytest.approx((0.25 + 1.25) / 2 + 0.25)
    x, y = clouds(50)
    d = cdist(x, y)
    brute = (d.min(1) ** 2).mean() + (d.min(0) ** 2).mean()
    assert chamfer_distance(x, y) == pytest.approx(brute)


def test_f_score_against_brute_force():
    a, b = clouds(200)
    d = cdist(a, b)
    scores = []
    for tau in (0.02, 0.05, 0.1, 0.3):
        precision, recall = (d.min(1) <= tau).mean(), (d.min(0) <= tau).mean()
        expected = 2 * precision * recall / (precision + recall) if precision + recall else 0
        scores.append(f_score(a, b, tau=tau))
        assert scores[-1] == pytest.approx(expected)
    assert scores == sorted(scores)
    assert f_score(a, a) == 1
    assert f_score(a, a + 5) == 0
    nothing = np.zeros((0, 3))
    assert (f_score(a, nothing), f_score(nothing, a), f_score(nothing, nothing)) == (0, 0, 1)


def test_f_score_threshold_is_not_applied_to_squares():
    assert f_score(np.zeros((1, 3)), np.array([[0.05, 0, 0]]), tau=0.01) == 0
    assert f_score(np.zeros((1, 3)), np.array([[0.009, 0, 0]]), tau=0.01) == 1


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


def matrices(a, b):
    return cdist(a, a), cdist(a, b), cdist(b, b)


def test_one_nna():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(400, 3)), rng.normal(size=(400, 3))
    assert one_nna(*matrices(a, b + 100)) == 1
    # Two draws of one distribution: 0.5; 800 nearly independent votes have deviation 0.018.
    assert one_nna(*matrices(a, b)) == pytest.approx(0.5, abs=0.06)
    assert one_nna(*matrices(a, b + 1)) == one_nna(*matrices(b + 1, a))
    assert one_nna(*matrices(a, a + 1e-9)) == 0  # copies: always the wrong set


def test_mmd_and_cov():
    between = np.array([[1.0, 5, 5, 5], [2, 5, 5, 0.5]])  # rows generated, columns reference
    assert mmd(between) == pytest.approx((1 + 5 + 5 + 0.5) / 4)
    assert cov(between) == 2 / 4
    a, b = clouds(20, count=3), clouds(20, seed=5, count=2)
    d = pairwise(a, b)
    assert d.shape == (3, 2)
    assert d[2, 1] == chamfer_distance(a[2], b[1])


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def test_recall_against_sorting():
    rng = np.random.default_rng(2)
    gallery = unit(rng.normal(size=(60, 8)))
    query = unit(gallery + 0.5 * rng.normal(size=gallery.shape))
    order = np.argsort(-(query @ gallery.T), axis=1)
    found = recall_at_k(query, gallery)
    for k in (1, 5, 10):
        assert found[k] == np.mean([i in order[i, :k] for i in range(60)])
    assert recall_at_k(gallery, gallery)[1] == 1
    constant = np.repeat(gallery[:1], 60, 0)
    assert recall_at_k(constant, constant) == {1: 0, 5: 0, 10: 0}  # a tie is no retrieval
    assert recall_in_batches(query, gallery, 20, seed=0)[1] > found[1]
    assert recall_in_batches(query, gallery, 60, seed=0) == pytest.approx(found)
    assert recall_in_batches(query, gallery, 61, seed=0) is None
