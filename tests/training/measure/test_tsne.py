"""t-SNE against a root finder, automatic differentiation and clusters that are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import brentq

from training.measure import tsne as module
from training.measure.tsne import (
    conditional_affinities,
    gradient,
    joint_affinities,
    principal_components,
    tsne,
)


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_affinities_have_the_perplexity_that_a_root_finder_finds():
    points = noise(15, 4)
    points[7] = 40.0  # an outlier needs a far wider Gaussian
    squared = ((points[:, None] - points) ** 2).sum(-1).numpy()

    def row_at(i, precision):
        exponents = -precision * np.delete(squared[i], i)
        weights = np.exp(exponents - exponents.max())
        return weights / weights.sum()

    def excess(log_precision, i):
        p = row_at(i, np.exp(log_precision))
        return -(p * np.log(p, where=p > 0, out=np.zeros_like(p))).sum() - np.log(5)

    masked = torch.from_numpy(squared).clone().fill_diagonal_(torch.inf)
    found = conditional_affinities(masked, 5).numpy()
    for i in range(15):
        expected = row_at(i, np.exp(brentq(excess, -12, 5, args=(i,))))
        np.testing.assert_allclose(np.delete(found[i], i), expected, rtol=1e-6, atol=1e-12)
    assert (np.diag(found) == 0).all()


def test_the_gradient_is_that_of_the_divergence(monkeypatch):
    monkeypatch.setattr(module, "ROWS", 7)  # several walks, the last one shorter
    affinities = joint_affinities(noise(24, 5), 6.0)
    assert affinities.sum().item() == pytest.approx(1)
    torch.testing.assert_close(affinities, affinities.T)
    places = noise(24, 2, seed=1).requires_grad_()
    student = 1 / (1 + ((places[:, None] - places) ** 2).sum(-1))
    student = student * (1 - torch.eye(24))
    q = student / student.sum()
    off = ~torch.eye(24, dtype=bool)
    divergence = (affinities[off] * (affinities[off] / q[off]).log()).sum()
    (expected,) = torch.autograd.grad(divergence, places)
    torch.testing.assert_close(gradient(places.detach(), affinities), expected)


def test_clusters_come_out_as_clusters_and_the_same_each_time():
    centres = 8 * noise(4, 10)
    kinds = torch.arange(120) % 4
    points = (centres[kinds] + noise(120, 10, seed=1)).float()
    start = principal_components(points)
    places = tsne(points, start, perplexity=10, num_steps=300, early_steps=100)
    distances = torch.cdist(places, places).fill_diagonal_(torch.inf)
    assert (kinds[distances.argmin(1)] == kinds).all()
    same = kinds[:, None] == kinds
    within = distances[same & ~torch.eye(120, dtype=bool)].max()
    assert within < distances[~same].min()  # the gaps are wider than the clusters
    assert places.mean(0).abs().max() < 1e-3
    again = tsne(points, start, perplexity=10, num_steps=300, early_steps=100)
    assert torch.equal(places, again)


def test_principal_components_are_those_of_the_covariance_and_keep_their_sign():
    points = noise(50, 6) * torch.tensor([5.0, 1, 3, 1, 1, 1])
    scores = principal_components(points)
    values, vectors = np.linalg.eigh(np.cov(points.T.numpy()))
    expected = (points - points.mean(0)).numpy() @ vectors[:, [-1, -2]]
    np.testing.assert_allclose(scores.abs(), np.abs(expected), atol=1e-9)
    np.testing.assert_allclose(scores.var(0), values[[-1, -2]])
    largest = scores.gather(0, scores.abs().argmax(0, keepdim=True))
    assert (largest > 0).all()


@pytest.mark.parametrize("perplexity", [1.0, 9.0])
def test_too_few_points_are_refused(perplexity):
    points = noise(10, 3)
    with pytest.raises(ValueError, match="too few"):
        tsne(points, points[:, :2], perplexity=perplexity)
