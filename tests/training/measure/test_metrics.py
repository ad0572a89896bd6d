from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from diffusion.grids.frame import iou
from training.measure.metrics import (
    covered,
    diversity,
    nearest_generated,
    nearest_is_own,
    pairwise,
    ranks,
    ranks_in_batches,
    recall_at_k,
    recall_in_batches,
)


def matrices(a, b):
    return cdist(a, a), cdist(a, b), cdist(b, b)


def one_nna(a, b):
    return nearest_is_own(*matrices(a, b)).mean()


def test_one_nna():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(400, 3)), rng.normal(size=(400, 3))
    assert one_nna(a, b + 100) == 1
    # Two draws of one distribution: 0.5; 800 nearly independent votes have deviation 0.018.
    assert one_nna(a, b) == pytest.approx(0.5, abs=0.06)
    assert one_nna(a, b + 1) == one_nna(b + 1, a)
    assert one_nna(a, a + 1e-9) == 0  # copies: always the wrong set


def test_one_nna_against_a_tree_and_by_hand():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(30, 3)), rng.normal(size=(20, 3)) + 0.5
    neighbour = cKDTree(np.concatenate([a, b])).query(np.concatenate([a, b]), k=2)[1][:, 1]
    labels = np.arange(50) < 30
    assert (nearest_is_own(*matrices(a, b)) == (labels[neighbour] == labels)).all()
    line = nearest_is_own(*matrices(np.array([[0.0], [1]]), np.array([[1.4], [5]])))
    assert line.tolist() == [True, False, False, True]


def test_mmd_and_cov():
    between = np.array([[1.0, 5, 5, 5], [2, 5, 5, 0.5]])  # rows generated, columns reference
    assert nearest_generated(between).tolist() == [1, 5, 5, 0.5]
    assert covered(between).tolist() == [True, False, False, True]
    d = pairwise(["a", "bcd", "ef"], ["ghij", "k"], lambda x, y: len(x) - 10 * len(y))
    assert d.tolist() == [[-39, -9], [-37, -7], [-38, -8]]
    assert pairwise(["a"], [], max).shape == (1, 0)


def test_diversity_is_the_mean_over_pairs():
    grids = (
        np.random.default_rng(3).random((5, 6, 6, 6))
        < np.linspace(0.2, 0.9, 5)[:, None, None, None]
    )
    pairs = [1 - iou(a, b) for a, b in combinations(grids, 2)]
    assert diversity(grids) == pytest.approx(np.mean(pairs))
    assert diversity(np.stack([grids[0], grids[0]])) == 0
    assert diversity(np.stack([grids[0], ~grids[0]])) == 1


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def search(seed: int, count: int, spread: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Queries and what they look for (N, 8), and the order (N, N) in which each finds it."""
    rng = np.random.default_rng(seed)
    gallery = unit(rng.normal(size=(count, 8)))
    query = unit(gallery + spread * rng.normal(size=gallery.shape))
    return query, gallery, np.argsort(-(query @ gallery.T), axis=1)


def test_recall_against_sorting():
    query, gallery, order = search(2, 60, 0.5)
    found = recall_at_k(query, gallery)
    for k in (1, 5, 10):
        assert found[k] == np.mean([i in order[i, :k] for i in range(60)])
    assert recall_at_k(gallery, gallery)[1] == 1
    constant = np.repeat(gallery[:1], 60, 0)
    assert recall_at_k(constant, constant) == {1: 0, 5: 0, 10: 0}  # a tie counts as not found
    assert recall_in_batches(query, gallery, 20, seed=0)[1] > found[1]
    assert recall_in_batches(query, gallery, 60, seed=0) == pytest.approx(found)
    assert recall_in_batches(query, gallery, 61, seed=0) is None


def test_ranks_count_places_and_ties():
    query, gallery, order = search(1, 40, 0.8)
    places = [list(order[i]).index(i) + 1 for i in range(40)]
    assert ranks(query, gallery).tolist() == places
    assert len(set(places)) > 3
    twins = np.repeat(gallery[:20], 2, 0)
    assert (ranks(twins, twins) == 2).all()  # the twin is as near as the own entry
    noise = np.random.default_rng(1).normal(size=(40, 1))
    rounded = (twins * (1 + 2e-7 * noise)).astype(np.float32)
    assert (ranks(rounded, rounded) == 2).all()  # and stays so whatever rounding does


def test_ranks_in_batches_leave_out_what_fills_none():
    query, gallery, _ = search(2, 50, 1.0)
    found = ranks_in_batches(query, gallery, 16, seed=0)
    assert len(found) == 48
    assert found.max() <= 16
    assert found.mean() < ranks(query, gallery).mean()
    assert len(ranks_in_batches(query, gallery, 51, seed=0)) == 0
