"""Linear probes: how well one attribute of a shape can be read off its embeddings.

A probe is a ridge regression from embeddings to an attribute, fitted on some shapes and scored on
others. Its score is 0 at chance and 1 where it is perfect. For a number it is R^2, at least 0, of
values without extremes; for all else it is the rescaled balanced accuracy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.measure.statistics import Interval

RIDGES = 10.0 ** np.arange(-3, 5)  # in units of the embeddings' mean variance
FOLDS = 5
EXTREMES = (0.025, 0.975)  # quantiles of the fitted shapes at which numbers are clipped


@dataclass(frozen=True)
class Target:
    """What a probe predicts.

    Attributes:
        name: of the attribute.
        rows: (n,) the shapes that have it.
        values: (n,) float64 numbers, or int class indices.
        classes: the names of the classes; none for a number.
    """

    name: str
    rows: np.ndarray
    values: np.ndarray
    classes: tuple[str, ...] = ()


def targets_of(
    table: Sequence[Mapping[str, Any]], train: np.ndarray, fewest: int
) -> tuple[list[Target], list[str]]:
    """Every attribute of shapes that enough of them have.

    Args:
        table: the attributes of each shape.
        train: (N,) bool, which shapes are fitted on; the others are scored.
        fewest: an attribute is left out if on either side fewer shapes differ from its most common
            value; so is a class with fewer shapes.

    Returns:
        Targets by name, and the names of what was left out.
    """
    targets, left_out = [], []
    for name in sorted({name for row in table for name in row}):
        rows = np.array([i for i, row in enumerate(table) if name in row])
        values = [table[i][name] for i in rows]
        number = not any(isinstance(value, str) for value in values)
        if number and set(values) - {0, 1}:  # False and True are 0 and 1
            target = Target(name, rows, clipped(np.array(values, float), train[rows]))
        else:
            words = [str(bool(value)) if number else str(value) for value in values]
            target = _classes(name, rows, words, train, fewest)
        differing = min(varied(target.values[side]) for side in sides(target, train))
        if differing >= fewest:
            targets.append(target)
        else:
            left_out.append(name)
    return targets, left_out


def clipped(values: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """Numbers without extremes: R^2 would depend on the one ship of ten sails."""
    if not fitted.any():
        return values
    return values.clip(*np.quantile(values[fitted], EXTREMES))


def _classes(
    name: str, rows: np.ndarray, words: list[str], train: np.ndarray, fewest: int
) -> Target:
    """A target of names, without the shapes whose name is too rare on either side."""
    fitted, scored = (
        Counter(word for word, row in zip(words, rows, strict=True) if train[row] == side)
        for side in (True, False)
    )
    kept = tuple(sorted(w for w in fitted if min(fitted[w], scored[w]) >= fewest))
    chosen = np.array([word in kept for word in words])
    indices = [kept.index(word) for word in words if word in kept]
    return Target(name, rows[chosen], np.array(indices, int), kept)


def sides(target: Target, train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) bool each: which shapes of a target are fitted on, and which are scored."""
    return train[target.rows], ~train[target.rows]


def varied(values: np.ndarray) -> int:
    """How many values differ from the most common one."""
    counts = np.unique(values, return_counts=True)[1]
    return int(counts.sum() - counts.max()) if len(counts) else 0


def halves(categories: Sequence[str], seed: int) -> np.ndarray:
    """(N,) bool: which shapes are fitted on, a random half of each category."""
    rng = np.random.default_rng(seed)
    train = np.zeros(len(categories), bool)
    for category in sorted(set(categories)):
        rows = rng.permutation([i for i, c in enumerate(categories) if c == category])
        train[rows[: len(rows) // 2]] = True
    return train


def ridge(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, strengths: Sequence[float]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Weighted ridge regressions with a free intercept (Hoerl and Kennard 1970), in closed form.

    Minimises sum_i w_i |y_i - x_i b - c|^2 + strength s |b|^2, the weights summing to 1 and s being
    the mean variance of the inputs.

    Args:
        x: (N, D).
        y: (N, K).
        weight: (N,), positive.
        strengths: of the penalty.

    Yields:
        b (D, K) and c (K,) for every strength.
    """
    weight = weight / weight.sum()
    mean_x, mean_y = weight @ x, weight @ y
    weighted = weight[:, None] * (x - mean_x)
    covariance, target = weighted.T @ (x - mean_x), weighted.T @ (y - mean_y)
    scale = max(np.trace(covariance) / len(covariance), 1e-12)  # inputs may all be the same
    for strength in strengths:
        slope = np.linalg.solve(covariance + strength * scale * np.eye(len(covariance)), target)
        yield slope, mean_y - mean_x @ slope


def fit(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """A ridge regression whose strength has the least error on held-out folds of the shapes.

    Args:
        x: (n, V, D), the V pictures of n shapes.
        y: (n, K).
        weight: (n,).
        seed: of the folds.

    Returns:
        b (D, K) and c (K,).
    """

    def solve(rows: np.ndarray, strengths: Sequence[float]):
        views = x.shape[1]
        pictures = x[rows].reshape(-1, x.shape[-1])
        return ridge(pictures, y[rows].repeat(views, 0), weight[rows].repeat(views), strengths)

    fold = np.random.default_rng(seed).permutation(len(x)) % FOLDS
    errors = np.zeros(len(RIDGES))
    for held_out in range(FOLDS):
        inside, outside = np.flatnonzero(fold != held_out), np.flatnonzero(fold == held_out)
        for at, (slope, intercept) in enumerate(solve(inside, RIDGES)):
            square = ((x[outside] @ slope + intercept - y[outside, None]) ** 2).sum(-1).mean(1)
            errors[at] += weight[outside] @ square
    return next(solve(np.arange(len(x)), [RIDGES[errors.argmin()]]))


def probe(target: Target, x: np.ndarray, train: np.ndarray, seed: int) -> np.ndarray:
    """Fit a probe and try it on the held-out shapes.

    Args:
        target: with n shapes.
        x: (N, V, D) embeddings of all shapes.
        train: (N,) bool.
        seed: of the folds.

    Returns:
        (held-out shapes of the target,) the squared error of a number, or the share of pictures
        that were named right.
    """
    inside, outside = sides(target, train)
    x = x[target.rows].astype(np.float64)
    values = target.values
    if not target.classes:
        y, weight = values[:, None], np.ones(len(values))
    else:  # one against the rest; all classes weigh the same, whatever their size
        y = 2.0 * (values[:, None] == np.arange(len(target.classes))) - 1
        weight = 1 / np.bincount(values[inside], minlength=len(target.classes))[values]
    slope, intercept = fit(x[inside], y[inside], weight[inside], seed)
    answer = x[outside] @ slope + intercept  # (n, V, K)
    if target.classes:
        return (answer.argmax(-1) == values[outside, None]).mean(1)
    return ((answer[..., 0] - values[outside, None]) ** 2).mean(1)


def scores(
    target: Target, values: np.ndarray, outcome: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """Scores of a probe on resampled held-out shapes, 0 by chance and 1 at best.

    Args:
        target: of the probe.
        values: (n,) the truth of the held-out shapes.
        outcome: (n,) of `probe`.
        counts: (B, n), how often each resample holds each shape.

    Returns:
        (B,).
    """
    counts = counts.astype(np.float64)
    if not target.classes:
        values = values - values.mean()  # only for precision
        total = counts.sum(1)
        spread = counts @ values**2 - (counts @ values) ** 2 / total
        # Worse than the mean counts as 0: how much worse would mean nothing.
        return np.maximum(1 - counts @ outcome / np.maximum(spread, 1e-12 * total), 0)
    recalls = []
    for index in range(len(target.classes)):
        own = values == index
        total = counts[:, own].sum(1)
        recall = counts[:, own] @ outcome[own] / np.maximum(total, 1)
        recalls.append(np.where(total > 0, recall, np.nan))  # a resample may lack a rare class
    chance = 1 / len(target.classes)
    return (np.nanmean(recalls, 0) - chance) / (1 - chance)


def resamples(held_out: np.ndarray, number: int, seed: int) -> np.ndarray:
    """(1 + number, N): how often each shape is held; row 0 has each held-out shape once."""
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(held_out)
    counts = np.zeros((1 + number, len(held_out)), np.float32)
    counts[0, rows] = 1
    counts[1:, rows] = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), number)
    return counts


def interval(values: np.ndarray) -> Interval:
    """The 95 % interval of a value (row 0) by its resamples (the other rows)."""
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return Interval(float(values[0]), float(low), float(high))
