"""Which 3D features does CISP capture that CLIP misses? Linear probes to every attribute.

    python -m training.studies.probes --out assets/results/probes.json

A probe is a ridge regression from the embeddings of a shape's pictures to one attribute of the
program that made the shape: its number of legs, whether it has arms, how far its wings are swept.
It is fitted on one half of the shapes that have the attribute and scored on the other, 0 being
chance and 1 perfect (see `training.measure.linear_probe`). Probes of the same
attribute see the same shapes in every space, and shuffled attributes are the control. Intervals
resample the held-out shapes; the fitted probes stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from cisp.spaces import load_spaces
from training.data.cache import DataCache
from training.data.embeddings import embed_shapes, embed_views, procedural_cache
from training.measure.linear_probe import (
    Target,
    halves,
    interval,
    probe,
    resamples,
    scores,
    sides,
    targets_of,
)
from training.measure.statistics import Interval
from training.studies.looking import GalleryOptions
from training.studies.report import bars
from training.studies.runner import Answer, study_command

RESAMPLES = 2000
SHOWN = 15  # attributes at either end of the figure


@dataclass(frozen=True)
class ProbesOptions(GalleryOptions):
    """Probe both embedding spaces for every attribute of the procedural shapes.

    Attributes:
        count: Test shapes; they are halved, unless there is a --train-split.
        train_split: Probes are fitted on this split, val or train, and scored on all test shapes.
        train_count: How many shapes of it.
        views: Pictures of each shape, by number and separated by commas.
        fewest: An attribute is left out if, of the shapes fitted on or of those scored, fewer
            differ from its most common value.
        seed: Of the halves, the shuffles and the resamples.
        device: auto, cpu, cuda or mps.
    """

    train_split: str | None = None
    train_count: int = 2600
    views: str = "0,1"
    fewest: int = 10
    seed: int = 0
    device: str = "auto"


def measure(
    targets: Sequence[Target],
    embeddings: Mapping[str, np.ndarray],
    train: np.ndarray,
    seed: int,
) -> dict[str, np.ndarray]:
    """Scores (targets, 1 + RESAMPLES) of every kind of embedding, and "shuffled NAME" of each.

    Args:
        targets: what is probed.
        embeddings: (N, V, D) each.
        train: (N,) bool.
        seed: of folds, shuffles and resamples.
    """
    counts = resamples(~train, RESAMPLES, seed)
    result: dict[str, list[np.ndarray]] = {}
    for at, target in enumerate(tqdm(targets, desc="probing", unit="attribute")):
        inside, outside = sides(target, train)
        held = counts[:, target.rows[outside]]
        # Shuffled within each side, so that every class keeps its share of either.
        rng = np.random.default_rng([seed, at])
        mixed = target.values.copy()
        for side in (inside, outside):
            mixed[side] = rng.permutation(mixed[side])
        shuffled = Target(target.name, target.rows, mixed, target.classes)
        for prefix, truth in (("", target), ("shuffled ", shuffled)):
            for name, x in embeddings.items():
                outcome = probe(truth, x, train, seed)
                score = scores(truth, truth.values[outside], outcome, held)
                result.setdefault(prefix + name, []).append(score)
    return {name: np.stack(rows) for name, rows in result.items()}


def summarise(
    targets: Sequence[Target], measured: Mapping[str, np.ndarray], categories: Sequence[str]
) -> dict[str, Any]:
    """Every attribute with its scores, by CISP minus CLIP from the most to the least.

    Args:
        targets: what was probed.
        measured: of `measure`, with "clip" and "cisp" among the embeddings.
        categories: one a shape.
    """
    difference = measured["cisp"] - measured["clip"]
    names = [name for name in measured if not name.startswith("shuffled ")]
    attributes = []
    for at, target in enumerate(targets):
        attributes.append(
            {
                "name": target.name,
                "categories": sorted({categories[row] for row in target.rows}),
                "kind": f"{len(target.classes)} classes" if target.classes else "number",
                "shapes": len(target.rows),
                **{name: interval(measured[name][at]) for name in names},
                "difference": interval(difference[at]),
            }
        )
    attributes.sort(key=lambda row: -row["difference"].mean)
    means = {name: interval(rows.mean(0)) for name, rows in measured.items()}
    alone = {}
    for category in sorted(set(categories)):
        rows = [
            at for at, t in enumerate(targets) if {categories[row] for row in t.rows} == {category}
        ]
        if rows:
            alone[category] = interval(difference[rows].mean(0))
    return {
        "mean_scores": means,
        "mean_difference": interval(difference.mean(0)),
        "mean_difference_of_a_category_s_own_attributes": alone,
        "better_in_cisp": sum(row["difference"].low > 0 for row in attributes),
        "better_in_clip": sum(row["difference"].high < 0 for row in attributes),
        "attributes": attributes,
    }


def label(row: Mapping[str, Any]) -> str:
    """An attribute as a person reads it: "sweep degrees (airplane)"."""
    where = row["categories"]
    whose = where[0] if len(where) == 1 else f"{len(where)} categories"
    return f"{row['name'].replace('_', ' ')} ({whose})"


def finding_of(results: Mapping[str, Any]) -> str:
    """The finding in one sentence."""
    rows = results["attributes"]

    def signed(value: Interval) -> str:
        return f"{value.mean:+.2f} [{value.low:+.2f}, {value.high:+.2f}]"

    above = [row for row in rows if row["difference"].low > 0]
    below = [row for row in rows[::-1] if row["difference"].high < 0]
    parts = []
    for space, better in (("CISP", above), ("CLIP", below)):
        most = f" (most: {label(better[0])}, {signed(better[0]['difference'])})" if better else ""
        parts.append(f"{len(better)} significantly better from {space}'s embeddings{most}")
    return (
        f"Of {len(rows)} attributes, linear probes of pictures read {parts[0]} and {parts[1]}, "
        "some of which chance alone would give; the mean score is "
        f"{results['mean_scores']['cisp'].mean:.2f} in CISP and "
        f"{results['mean_scores']['clip'].mean:.2f} in CLIP, a difference of "
        f"{signed(results['mean_difference'])}."
    )


def figure_of(results: Mapping[str, Any]) -> dict[str, Any]:
    """Bars of the largest differences at either end."""
    rows = results["attributes"]
    shown = rows if len(rows) <= 2 * SHOWN else rows[:SHOWN] + rows[-SHOWN:]
    values = {label(row): row["difference"] for row in shown}
    return bars(
        {"CISP minus CLIP": values},
        title="What pictures' embeddings tell of 3D shapes",
        y="score of a linear probe, CISP minus CLIP",
        horizontal=True,
    )


def load(options: ProbesOptions, device: torch.device) -> tuple[list[DataCache], np.ndarray]:
    """The caches, and which of all their shapes are fitted on."""
    caches = [procedural_cache(options.cache, "test", options.count)]
    if options.train_split is None:
        return caches, halves(caches[0].categories, options.seed)
    caches.append(procedural_cache(options.cache, options.train_split, options.train_count))
    return caches, np.repeat([False, True], [len(cache) for cache in caches])


def study(options: ProbesOptions, device: torch.device) -> Answer:
    """Embed, probe, rank."""
    if options.fewest < 2:
        raise ValueError(f"--fewest must be at least 2, not {options.fewest}.")
    if options.train_split not in (None, "val", "train"):
        raise ValueError(f"--train-split is val or train, not {options.train_split!r}.")
    caches, train = load(options, device)
    views = view_numbers(options.views, caches[0].cutouts.shape[1])
    categories = [category for cache in caches for category in cache.categories]
    table = [
        {"category": category, "subtype": f"{category}: {subtype}", **attributes}
        for cache in caches
        for category, subtype, attributes in zip(
            cache.categories, cache.subtypes, cache.attributes, strict=True
        )
    ]
    targets, left_out = targets_of(table, train, options.fewest)
    if not targets:
        raise ValueError("No attribute has enough shapes: take a larger --count.")
    spaces = load_spaces(options.weights, device)
    embeddings = {
        name: np.concatenate([embed_views(space, cache.cutouts, views) for cache in caches])
        for name, space in spaces.items()
    }
    # For comparison: the embedding of the shape itself.
    shapes = np.concatenate([embed_shapes(spaces["cisp"], cache.grids) for cache in caches])
    embeddings["cisp_shape"] = shapes[:, None]
    measured = measure(targets, embeddings, train, options.seed)
    results = summarise(targets, measured, categories)
    results |= {
        "left_out_with_too_few_shapes": left_out,
        "shapes_fitted_on": int(train.sum()),
        "shapes_scored": int((~train).sum()),
    }
    return Answer(finding_of(results), figure_of(results), results)


def view_numbers(text: str, available: int) -> list[int]:
    """The views that "0,1" names.

    Raises:
        ValueError: if it is no list of different existing views.
    """
    try:
        views = [int(part) for part in text.split(",")]
    except ValueError:
        views = []
    if not views or len(set(views)) < len(views) or not set(views) <= set(range(available)):
        raise ValueError(f"--views are numbers from 0 to {available - 1} separated by commas: 0,1.")
    return views


if __name__ == "__main__":
    study_command(ProbesOptions, study)
