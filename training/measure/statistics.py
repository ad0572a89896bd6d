"""Bootstrap intervals for means and for differences of paired means.

Percentile intervals (Efron 1979): resample the test images with replacement, take the mean, read
off the quantiles. The unit that is resampled is the image, never the sample drawn for it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

CHUNK = 4_000_000  # resampled indices held at once


class Interval(NamedTuple):
    """A mean and the ends of its confidence interval."""

    mean: float
    low: float
    high: float


def bootstrap_mean(
    values: np.ndarray,
    *,
    num_resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Percentile bootstrap interval of the mean of `values` (N,), one value an image.

    Raises:
        ValueError: if there is no value or one is not finite.
    """
    from scipy.stats import bootstrap  # slow to import

    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError("A bootstrap needs a list of one or more finite numbers.")
    mean = float(values.mean())
    if len(values) == 1:  # scipy knows no interval of that
        return Interval(mean, mean, mean)
    low, high = bootstrap(
        (values,),
        np.mean,
        n_resamples=num_resamples,
        batch=max(1, CHUNK // len(values)),
        confidence_level=confidence,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(mean, float(low), float(high))


def paired_bootstrap(
    a: np.ndarray,
    b: np.ndarray,
    *,
    num_resamples: int = 10_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Interval of mean(a) - mean(b) for two methods measured on the same images.

    Each resample draws images, and takes both methods on those: what makes an image hard for both
    cancels.

    Args:
        a: (N,), row i for image i.
        b: (N,), row i for the same image.
        num_resamples: how many draws.
        confidence: of the interval.
        seed: of the draws.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"Paired values need one length, not {a.shape} and {b.shape}.")
    return bootstrap_mean(a - b, num_resamples=num_resamples, confidence=confidence, seed=seed)
