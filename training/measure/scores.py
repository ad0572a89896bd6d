"""Image to shape, measured: scores an image, their means with intervals, retrieval.

Every method, a diffusion model or a baseline, answers each test image with one or more grids. A
row of scores is kept an image; everything else is computed from the rows. The functions know no
models: an answerer is any callable from image indices to grids.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from diffusion.grids.frame import iou
from training.measure.metrics import diversity, recall_at_k, recall_in_batches
from training.measure.parts import part_scores
from training.measure.rows import Row, packed
from training.measure.statistics import bootstrap_mean, paired_bootstrap
from training.measure.surfaces import (
    CELL,
    CHAMFER_POINTS,
    EMD_POINTS,
    SURFACE_POINTS,
    TAU,
    sample_surface,
    surface_scores,
)

CONVENTIONS = {
    "iou": "voxel IoU of occupancy, mean over the samples of an image, then over images",
    "iou_best": "the best of the samples of an image, then the mean over images",
    "diversity": "mean 1 - IoU over all pairs of an image's samples",
    "thin_recall": "share of the true shape's cells in parts at most two cells thick (in no full "
    "cube of 3^3 cells) that are full; 1 where it has none",
    "thin_recall_near": "the same, found within a cell",
    "more_pieces": "share of samples in more connected pieces than the true shape; cells that "
    "share a corner are connected",
    "volume": "full cells over those of the true shape",
    "surface": "on the first samples of an image only (surface_samples), because it is slow; "
    f"{SURFACE_POINTS} points on each marching-cubes surface, in units of the cube's side; an "
    "empty shape scores 0, its distances are those of the cube's middle",
    "f_score": f"F-Score at {TAU}",
    "coverage": f"share of the true surface within {CELL:.3f} (a cell) of the made one",
    "normal_consistency": "mean |cosine| of the normals of nearest points, both directions",
    "cd": f"mean squared distance to the nearest point, both directions added, {CHAMFER_POINTS} "
    "points",
    "emd": f"mean distance under the best assignment, exact, of {EMD_POINTS} points",
    "named": "share of first samples that the voxel classifier gives the true category",
    "interval": "95 % percentile bootstrap over images; differences are paired by image and, for "
    "models, share the starting noise; each space was trained once, and what another training "
    "would give is not in it; of few images, as in a category, it is too narrow",
    "1nna_cd, 1nna_emd": "accuracy of telling made from true shapes by the nearest neighbour; the "
    "best value is 0.5, and less means that they lie nearer to each other than to their own kind; "
    "the first sample of each image against the true shapes of these images, "
    "in the cd and emd above",
    "mmd_cd, mmd_emd": "mean distance from a true shape to the nearest made one",
    "cov_cd, cov_emd": "share of true shapes that are nearest to some made one",
    "smoothness": "mean IoU of neighbouring frames on a path between two images, one noise",
    "largest_jump": "1 - the lowest of these IoU",
    "detour": "sum of 1 - IoU of neighbours, less 1 - IoU of the two ends; 0 is the straightest",
    "resampled truth": "the true surface against itself with other points: the best surface "
    "numbers that can be expected",
    "regressor": "the same network and budget, trained to answer the embedding with one shape",
    "guess of a space": "what its diffusion model refines: the answer of the multilayer perceptron "
    "that reads the embedding, one shape, before any diffusion",
    "told the true shape": "given the embedding of the true shape itself in the place of its "
    "picture's: what is missing to 1 the generator loses, what is more than with the picture the "
    "picture loses",
    "mean shape": "is told the true category",
    "retrieval by a space": "the known shape whose picture lies nearest to the image",
    "oracle retrieval": "is told the true shape: no retrieval from the same known shapes, of which "
    "there are `gallery_shapes`, can do better",
    "retrieval": "image to shape among all test shapes, ties counted against",
}
OVERALL = "overall"
Answerer = Callable[[Sequence[int]], np.ndarray]  # n image indices -> (n, K, R, R, R) bool
Values = dict[str, np.ndarray]  # a measure to one number an image


@dataclass(frozen=True)
class Truth:
    """The test shapes: N `ids`, N `categories` and `occupancy` (N, R, R, R) bool."""

    ids: list[str]
    categories: list[str]
    occupancy: np.ndarray


def image_seeds(index: int, samples: int, seed: int) -> list[int]:
    """The seeds of an image's samples: the same for every space, different for every image."""
    return [seed + index * samples + sample for sample in range(samples)]


def score(
    truth: Truth,
    indices: Sequence[int],
    answers: np.ndarray,
    *,
    surface_samples: int = 1,
    judge: Callable[[np.ndarray], list[str]] | None = None,
) -> list[dict[str, Any]]:
    """Scores the answers (n, K, R, R, R) bool of one method to n images.

    Returns:
        For each image "iou" (K numbers), "diversity" (if K is 2 or more), each measure of
        `part_scores` (K numbers) and of `surface_scores` (at most `surface_samples` numbers) and,
        if a judge is given, "named" (1 if the first answer is given the true category).
    """
    overlaps = iou(answers, truth.occupancy[list(indices)][:, None])  # (n, K)
    scores: list[dict[str, Any]] = [{"iou": overlap.tolist()} for overlap in overlaps]
    for entry, index, grids in zip(scores, indices, answers, strict=True):
        if len(grids) > 1:
            entry["diversity"] = diversity(grids)
        entry |= part_scores(grids, truth.occupancy[index])
        if surface_samples:
            surface = sample_surface(truth.occupancy[index], SURFACE_POINTS, seed=2 * index)
            found = [
                surface_scores(grid, surface, seed=2 * index + 1)
                for grid in grids[:surface_samples]
            ]
            entry |= {measure: [one[measure] for one in found] for measure in found[0]}
    if judge is not None:
        for entry, index, name in zip(scores, indices, judge(answers[:, 0]), strict=True):
            entry["named"] = int(name == truth.categories[index])
    return scores


def evaluate_rows(
    truth: Truth,
    methods: dict[str, Answerer],
    *,
    chunk: int,
    skip: int = 0,
    keep: Collection[str] = (),
    surface_samples: int = 1,
    judge: Callable[[np.ndarray], list[str]] | None = None,
) -> Iterator[list[Row]]:
    """Yields the rows of one chunk of images after another, from image `skip` on.

    A row holds "index", "id", "category", and under "scores" and "seconds" an entry a method; under
    "shapes" the first answer of the methods to `keep`, packed.
    """
    for start in range(skip, len(truth.ids), chunk):
        indices = range(start, min(start + chunk, len(truth.ids)))
        rows: list[Row] = [
            {
                "index": index,
                "id": truth.ids[index],
                "category": truth.categories[index],
                "scores": {},
                "seconds": {},
                "shapes": {},
            }
            for index in indices
        ]
        for method, answer in methods.items():
            begun = time.perf_counter()
            answers = answer(indices)
            seconds = (time.perf_counter() - begun) / answers[:, :, 0, 0, 0].size
            scores = score(truth, indices, answers, surface_samples=surface_samples, judge=judge)
            for row, entry, grids in zip(rows, scores, answers, strict=True):
                row["scores"][method] = entry
                row["seconds"][method] = seconds
                if method in keep:
                    row["shapes"][method] = packed(grids[0])
        yield rows


def row_values(rows: Iterable[Row], method: str) -> Values:
    """One number an image for each measure of a method."""
    scores = [row["scores"][method] for row in rows]
    values = {}
    for measure in scores[0]:  # a number, or one for each of an image's samples
        values[measure] = np.array([np.mean(entry[measure]) for entry in scores])
        if measure == "iou" and len(scores[0]["iou"]) > 1:
            values["iou_best"] = np.array([max(entry["iou"]) for entry in scores])
    return values


def groups_of(categories: Sequence[str]) -> dict[str, list[int]]:
    """The rows of all, under `OVERALL`, then those of each category."""
    groups = {OVERALL: list(range(len(categories)))}
    for name in sorted(set(categories)):
        groups[name] = [row for row, category in enumerate(categories) if category == name]
    return groups


def compared(spaces: Sequence[str]) -> list[tuple[str, str]]:
    """Which methods are subtracted: (later, earlier) spaces, then each space and its rivals."""
    pairs = [(later, earlier) for earlier, later in combinations(spaces, 2)]
    rivals = ("retrieval by", "regressor on", "guess of")
    return pairs + [(space, f"{rival} {space}") for rival in rivals for space in spaces]


def summarise(rows: list[Row], spaces: Sequence[str]) -> dict[str, Any]:
    """Means with intervals a method, overall and a category, and differences between spaces.

    Differences are "later minus earlier" in the order of `spaces`, so for clip,cisp it reads
    "cisp minus clip"; those of each space with its own retrieval, regressor and guess follow.
    """
    groups = groups_of([row["category"] for row in rows])
    values = {
        method: {
            name: row_values([rows[row] for row in members], method)
            for name, members in groups.items()
        }
        for method in rows[0]["scores"]
    }
    told = tell(values, spaces)
    for method in spaces:  # the others need no sampling
        seconds = np.mean([row["seconds"][method] for row in rows])
        told["methods"][method]["seconds_per_shape"] = float(seconds)
    return told


def tell(values: Mapping[str, Mapping[str, Values]], spaces: Sequence[str]) -> dict[str, Any]:
    """Intervals of {method: {group: {measure: one number an image}}}, and of the differences.

    Returns:
        "methods" and "differences", each {name: {"overall": ..., "per_category": ...}}; the latter
        of the pairs that were `compared`.
    """
    methods = {method: _by_group(groups, _intervals) for method, groups in values.items()}
    for method, groups in values.items():
        for name, told in methods[method]["per_category"].items():
            told["images"] = len(next(iter(groups[name].values())))
    differences = {}
    for a, b in compared(spaces):
        if a in values and b in values:
            both = {name: (values[a][name], values[b][name]) for name in values[a]}
            differences[f"{a} minus {b}"] = _by_group(both, _difference)
    return {"methods": methods, "differences": differences}


def _by_group(groups: Mapping[str, Any], tell_one: Callable[[Any], dict]) -> dict[str, Any]:
    told = {name: tell_one(values) for name, values in groups.items()}
    return {OVERALL: told.pop(OVERALL), "per_category": told}


def _intervals(values: Values) -> dict[str, Any]:
    return {measure: bootstrap_mean(numbers)._asdict() for measure, numbers in values.items()}


def _difference(both: tuple[Values, Values]) -> dict[str, Any]:
    values, others = both
    return {
        measure: paired_bootstrap(values[measure], others[measure])._asdict()
        for measure in values
        if measure in others
    }


def retrieval(image_embeds: np.ndarray, shape_embeds: np.ndarray, seed: int) -> dict[str, Any]:
    """Recall of the own shape, among all test shapes and in random batches of 64 and 128.

    Args:
        image_embeds: (N, D) unit vectors.
        shape_embeds: (N, D) unit vectors, row i for the shape of image i.
        seed: of the batches.
    """
    named = {"full gallery": recall_at_k(image_embeds, shape_embeds)}
    for batch in (64, 128):
        named[f"batches of {batch}"] = recall_in_batches(image_embeds, shape_embeds, batch, seed)
    recalls = {
        name: recall and {f"R@{k}": value for k, value in recall.items()}
        for name, recall in named.items()
    }
    return {"shapes": len(shape_embeds), **recalls}
