"""Exact t-SNE: points of many dimensions on a map where near ones stay near.

van der Maaten and Hinton, Visualizing Data using t-SNE, JMLR 2008. Every pair counts, N^2 of them,
which is affordable up to a few thousand points. The map starts from given places and not from
random ones, so it is the same whenever it is made, and places far apart on it mean something
(Kobak and Linderman, Nature Biotechnology 2021). Needs nothing but torch.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

ROWS = 256  # of an N x N matrix at a time: what fits a processor's cache
BISECTIONS = 40
EXAGGERATION = 12.0  # how much stronger points attract each other early, so that clusters gather
START = 1e-4  # standard deviation of the first map


def principal_components(points: Tensor) -> Tensor:
    """The two directions of largest variance, (N, 2); the largest score of each is positive."""
    centred = points - points.mean(0)
    _, _, directions = torch.linalg.svd(centred, full_matrices=False)
    scores = centred @ directions[:2].T  # (N, 2)
    largest = scores.gather(0, scores.abs().argmax(0, keepdim=True))  # (1, 2)
    return scores * largest.sign()


def conditional_affinities(squared_distances: Tensor, perplexity: float) -> Tensor:
    """p(j|i) of equation 1, with each point's Gaussian as wide as the perplexity asks.

    Args:
        squared_distances: (B, N) from B points to all; inf where a point meets itself.
        perplexity: e^entropy of every row, above 1: about how many neighbours count.

    Returns:
        (B, N); rows sum to 1.
    """
    finite = squared_distances.isfinite()
    distances = squared_distances - squared_distances.amin(1, keepdim=True)  # no underflow
    unit = distances.where(finite, 0).sum(1, keepdim=True) / finite.sum(1, keepdim=True)
    distances = distances / unit.clamp(min=1e-30)
    known = distances.where(finite, 0)
    low, high = (torch.full_like(unit, bound) for bound in (-10.0, 20.0))  # log of a precision
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        weights = torch.exp(-distances * middle.exp())
        total = weights.sum(1, keepdim=True)
        entropy = total.log() + middle.exp() * (weights * known).sum(1, keepdim=True) / total
        too_wide = entropy > math.log(perplexity)
        low, high = torch.where(too_wide, middle, low), torch.where(too_wide, high, middle)
    weights = torch.exp(-distances * low.exp())
    return weights / weights.sum(1, keepdim=True)


def joint_affinities(points: Tensor, perplexity: float) -> Tensor:
    """The symmetric p_ij of section 2.2, (N, N), which sum to 1."""
    rows = []
    for start in range(0, len(points), ROWS):
        squared = torch.cdist(points[start : start + ROWS], points) ** 2
        squared.diagonal(start).fill_(torch.inf)
        rows.append(conditional_affinities(squared, perplexity))
    conditional = torch.cat(rows)
    return (conditional + conditional.T) / (2 * len(points))


def gradient(places: Tensor, affinities: Tensor) -> Tensor:
    """That of the Kullback-Leibler divergence of the map from the data, equation 5.

    Written with q_ij = s_ij / Z, as 4 sum_j (p_ij s_ij - s_ij^2 / Z) (y_i - y_j): so one walk over
    the rows gives both sums and Z.

    Args:
        places: (N, 2).
        affinities: (N, N), symmetric, 0 on the diagonal.

    Returns:
        (N, 2).
    """
    norms = (places**2).sum(1)
    ones = torch.cat([places, torch.ones_like(places[:, :1])], 1)  # (N, 3): sums of y_j and of 1
    total, pull, push = 0.0, [], []
    for start in range(0, len(places), ROWS):
        rows = slice(start, start + ROWS)
        squared = torch.addmm(norms[rows, None] + norms, places[rows], places.T, alpha=-2)
        student = squared.clamp_(min=0).add_(1).reciprocal_()  # s_ij, (B, N)
        student.diagonal(start).zero_()
        total = total + student.sum()
        pull.append((affinities[rows] * student) @ ones)
        push.append(student.square_() @ ones)
    forces = torch.cat(pull) - torch.cat(push) / total  # (N, 3)
    return 4 * (forces[:, 2:] * places - forces[:, :2])


def tsne(
    points: Tensor,
    start: Tensor,
    *,
    perplexity: float = 30.0,
    num_steps: int = 750,
    early_steps: int = 250,
) -> Tensor:
    """Lay points out on a plane.

    Gradient descent with momentum and a gain for each coordinate, as in the paper; the learning
    rate, a quarter of N over the exaggeration, follows Belkina et al. (Nature Communications 2019).

    Args:
        points: (N, D), of a scale that distances make sense in.
        start: (N, 2), where they start; only the proportions count.
        perplexity: about how many neighbours of a point count; less than N - 1.
        num_steps: in all.
        early_steps: those that exaggerate the attraction.

    Returns:
        (N, 2), centred.

    Raises:
        ValueError: there are too few points for the perplexity.
    """
    if not 1 < perplexity < len(points) - 1:
        raise ValueError(f"{len(points)} points are too few for a perplexity of {perplexity:g}.")
    affinities = EXAGGERATION * joint_affinities(points, perplexity)
    learning_rate = max(len(points) / EXAGGERATION / 4, 10.0)
    places = start * (START / start[:, 0].std().clamp(min=1e-12))
    velocity, gains = torch.zeros_like(places), torch.ones_like(places)
    for step in range(num_steps):
        if step == early_steps:
            affinities /= EXAGGERATION
        slope = gradient(places, affinities)
        against = slope * velocity < 0  # the velocity still points downhill
        gains = torch.where(against, gains + 0.2, gains * 0.8).clamp(min=0.01)
        momentum = 0.5 if step < early_steps else 0.8
        velocity = momentum * velocity - learning_rate * gains * slope
        places = places + velocity
        places = places - places.mean(0)
    return places
