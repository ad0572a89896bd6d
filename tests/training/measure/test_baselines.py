from __future__ import annotations

import numpy as np

from diffusion.grids.frame import iou, iou_matrix
from training.measure.baselines import (
    THRESHOLDS,
    Gallery,
    baseline_shapes,
    mean_shapes,
    nearest_by_embedding,
    oracle_nearest,
)


def grids(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 6, 6, 6)) < 0.3


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_oracle_finds_the_best_of_all():
    a, gallery = grids(9, 2), grids(1500, 3)
    gallery[1300] = a[4]
    chosen = oracle_nearest(a, gallery)
    assert chosen[4] == 1300
    assert np.allclose(iou(a, gallery[chosen]), iou_matrix(a, gallery).max(1))


def test_mean_shapes_are_within_their_category_and_well_cut():
    rng = np.random.default_rng(4)
    base = grids(2, 5)
    members = np.stack([base[i % 2] ^ (rng.random((6, 6, 6)) < 0.05) for i in range(40)])
    gallery = Gallery(members, ["ab"[i % 2] for i in range(40)])
    means = mean_shapes(gallery)
    assert np.array_equal(means["a"], base[0])
    loose = Gallery(grids(30, 6), ["c"] * 30)  # a fill of 0.3: a cut at 0.5 would be almost empty
    cut = mean_shapes(loose)["c"]
    mean = loose.occupancy.mean(0)
    fits = [iou(loose.occupancy, mean > threshold).mean() for threshold in THRESHOLDS]
    assert np.isclose(iou(loose.occupancy, cut).mean(), max(fits))


def test_each_baseline_answers_each_image():
    train, test = grids(30, 7), grids(4, 8)
    embeds = unit(np.random.default_rng(9).normal(size=(30, 5)))
    gallery = Gallery(train, ["a", "b"] * 15, {"clip": embeds, "cisp": embeds[::-1]})
    query = unit(embeds[[3, 4, 5, 6]] + 0.01)
    answers = baseline_shapes(test, ["a", "b", "a", "new"], {"clip": query, "cisp": query}, gallery)
    assert list(answers) == [
        "mean shape",
        "retrieval by clip",
        "retrieval by cisp",
        "oracle retrieval",
    ]
    assert np.array_equal(answers["retrieval by clip"], train[[3, 4, 5, 6]])
    assert np.array_equal(answers["retrieval by cisp"], train[[26, 25, 24, 23]])
    assert not answers["mean shape"][3].any()
    assert nearest_by_embedding(query, embeds).tolist() == [3, 4, 5, 6]
    assert all(a.shape == test.shape and a.dtype == bool for a in answers.values())
