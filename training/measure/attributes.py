"""Directions of attributes in embedding spaces, and readers that measure attributes of any shape.

A direction is the forward model of a linear probe (Haufe et al. 2014, "On the interpretation of
weight vectors of linear models"): the embeddings of a category's pictures are regressed on all
attributes of their shapes together, so that each direction says what changes with its attribute
while the others stay. A probe's own weights would not do: they lean on whatever cancels noise.

A reader is a ridge regression from the geometry of a shape (`cisp.attributes.shape_features`) to an
attribute: no embedding is in it, so that it favours neither space.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cisp.attributes import Attributes, shape_features
from cisp.embedder import Embedder
from cisp.gallery import tower_digest
from training.data.cache import DataCache
from training.data.embeddings import embed_views
from training.measure.linear_probe import (
    Target,
    clipped,
    fit,
    halves,
    interval,
    probe,
    resamples,
    scores,
    varied,
)

RESAMPLES = 1000
LEAST_SHARE = 0.6  # of a category's shapes that have an attribute
LEAST_READING = 0.5  # R^2 of a reader: what cannot be measured would be moved blindly
ALIKE = 0.7  # correlation from which on two attributes are one


class Measured(NamedTuple):
    """Candidates of one category: `values` (n, K), nan where a shape lacks one, by `names`."""

    names: tuple[str, ...]
    values: np.ndarray


def numbers_of(
    table: Sequence[Mapping[str, Any]], rows: np.ndarray, inside: np.ndarray, fewest: int
) -> Measured:
    """The attributes of a category's shapes that are numbers or yes and no, and vary.

    Numbers are clipped to all but the extremes of the shapes that are fitted on.

    Args:
        table: the attributes of all shapes.
        rows: (n,) the shapes of the category.
        inside: (n,) bool, which of them are fitted on.
        fewest: of them that differ from the most common value, on either side.
    """
    names, columns = [], []
    for name in sorted({name for row in rows for name in table[row]}):
        found = [table[row].get(name) for row in rows]
        if any(isinstance(value, str) for value in found):
            continue
        values = np.array([np.nan if value is None else float(value) for value in found])
        known = ~np.isnan(values)
        if known.mean() < LEAST_SHARE or not (known & inside).any():
            continue
        values = clipped(values, known & inside)
        if min(varied(values[known & side]) for side in (inside, ~inside)) >= fewest:
            names.append(name)
            columns.append(values)
    values = np.stack(columns, 1) if columns else np.zeros((len(rows), 0))
    return Measured(tuple(names), values)


def attributes_of(
    cache: DataCache, spaces: Mapping[str, Embedder], weights: Path, seed: int, count: int = 5200
) -> Attributes:
    """Fit on a half of the first `count` shapes of a cache, and score on the other half.

    Args:
        cache: shapes that no tower has seen.
        spaces: by name.
        weights: their folder.
        seed: of the halves.
        count: of shapes.

    Returns:
        None at all where no attribute varies enough.
    """
    categories, cutouts = cache.categories[:count], cache.cutouts[:count]
    views = range(cutouts.shape[1])
    return fit_attributes(
        cache.grids[:count],
        categories,
        cache.attributes[:count],
        {name: embed_views(space, cutouts, views) for name, space in spaces.items()},
        {name: tower_digest(weights, name) for name in spaces},
        halves(categories, seed),
        seed=seed,
    )


def fit_attributes(
    grids: np.ndarray,
    categories: Sequence[str],
    table: Sequence[Mapping[str, Any]],
    embeds: Mapping[str, np.ndarray],
    towers: Mapping[str, str],
    train: np.ndarray,
    *,
    most: int = 8,
    fewest: int = 20,
    seed: int = 0,
) -> Attributes:
    """The attributes that geometry tells best, at most `most` a category.

    They are chosen by their readers alone: neither space has a say, so that what one of them does
    not know is there as well.

    Args:
        grids: (N, R, R, R), positive inside.
        categories: N.
        table: the attributes of each shape.
        embeds: (N, V, D) of pictures of the shapes, by space.
        towers: digests of the image towers, by space.
        train: (N,) bool, which shapes are fitted on; the others are scored.
        most: of a category.
        fewest: shapes on either side that differ from the most common value.
        seed: of folds and resamples.
    """
    parts: list[dict[str, Any]] = []
    names = np.array(categories)
    counts = resamples(~train, RESAMPLES, seed)
    for category in sorted(set(categories)):
        rows = np.flatnonzero(names == category)
        inside = train[rows]
        measured = numbers_of(table, rows, inside, fewest)
        features = shape_features(np.asarray(grids[rows]) > 0)[:, None]  # (n, 1, F)
        found = [
            entry
            for at in range(len(measured.names))
            if (entry := _read(measured, at, features, inside, seed))["reading"] >= LEAST_READING
        ]
        found.sort(key=lambda entry: -entry["reading"])
        chosen: list[dict[str, Any]] = []
        for entry in found:
            alike = [abs(_correlation(entry["values"], one["values"])) for one in chosen]
            if len(chosen) < most and max(alike, default=0) < ALIKE:
                chosen.append(entry)
        if not chosen:
            continue
        standard = np.stack([_standard(e["values"], e["mean"], e["spread"]) for e in chosen], 1)
        for entry in chosen:
            entry["category"] = category
        for space, all_embeds in embeds.items():
            means = all_embeds[rows].mean(1)  # (n, D)
            slopes = _forward(standard[inside], means[inside])  # (K, D)
            for entry, slope in zip(chosen, slopes, strict=True):
                entry[f"directions/{space}"] = slope
                entry[f"scores/{space}"] = _score(entry, rows, all_embeds, train, counts, seed)
        parts += chosen

    def column(key: str) -> np.ndarray:
        return np.array([entry[key] for entry in parts], np.float32)

    return Attributes(
        names=tuple(entry["name"] for entry in parts),
        categories=tuple(entry["category"] for entry in parts),
        means=column("mean"),
        spreads=column("spread"),
        gains=column("gain"),
        readings=column("reading"),
        readers=column("reader"),
        directions={space: column(f"directions/{space}") for space in embeds},
        scores={space: column(f"scores/{space}") for space in embeds},
        towers=dict(towers),
    )


def _read(
    measured: Measured, at: int, features: np.ndarray, inside: np.ndarray, seed: int
) -> dict[str, Any]:
    """A reader of one attribute, with its R^2 and its gain on shapes that it was not fitted on."""
    values = measured.values[:, at]
    known = ~np.isnan(values)
    fitted, held = known & inside, known & ~inside
    slope, intercept = fit(
        features[fitted].astype(np.float64), values[fitted, None], np.ones(fitted.sum()), seed
    )
    read, truth = features[held, 0] @ slope[:, 0] + intercept[0], values[held]
    spread = max(float(np.var(truth)), 1e-12)
    return {
        "name": measured.names[at],
        "values": values,
        "mean": float(values[fitted].mean()),
        "spread": float(values[fitted].std()),
        "reading": 1 - float(np.mean((read - truth) ** 2)) / spread,
        "gain": float(np.mean((read - read.mean()) * (truth - truth.mean()))) / spread,
        "reader": np.append(slope[:, 0], intercept[0]),
    }


def _standard(values: np.ndarray, mean: float, spread: float) -> np.ndarray:
    """Values in spreads from the mean; the mean where a shape lacks them."""
    return np.nan_to_num((values - mean) / spread)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    both = ~np.isnan(a) & ~np.isnan(b)
    return float(np.corrcoef(a[both], b[both])[0, 1])


def _forward(standard: np.ndarray, embeds: np.ndarray) -> np.ndarray:
    """Least squares from attributes (n, K) with an intercept to embeddings (n, D): (K, D)."""
    inputs = np.column_stack([standard, np.ones(len(standard))])
    return np.linalg.lstsq(inputs, embeds, rcond=None)[0][:-1]


def _score(
    entry: Mapping[str, Any],
    rows: np.ndarray,
    embeds: np.ndarray,
    train: np.ndarray,
    counts: np.ndarray,
    seed: int,
) -> tuple[float, float, float]:
    """R^2 of a probe from embeddings to the attribute, and the ends of its interval."""
    known = ~np.isnan(entry["values"])
    target = Target(entry["name"], rows[known], entry["values"][known])
    outside = ~train[target.rows]
    outcome = probe(target, embeds, train, seed)
    found = scores(target, target.values[outside], outcome, counts[:, target.rows[outside]])
    return tuple(interval(found))
