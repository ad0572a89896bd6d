"""Image to shape, measured: scores an image, their means with intervals, retrieval.

Every method, a diffusion model or a baseline, answers each test image with one or more grids. A
row of scores is kept an image; everything else is computed from the rows. The functions know no
models: an answerer is any callable from image indices to grids.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from training.metrics import (
    F_SCORE_POINTS,
    f_score,
    iou,
    recall_at_k,
    recall_in_batches,
    sample_surface,
)
from training.statistics import bootstrap_mean, paired_bootstrap

CONVENTIONS = {
    "iou": "voxel IoU of occupancy, mean over the samples of an image, then over images",
    "iou_best": "the best of the samples of an image, then the mean over images",
    "f_score": f"F-Score at 0.01 of the unit cube, {F_SCORE_POINTS} points on each marching-cubes "
    "surface, on the first samples of an image only (f_score_samples), because it is slow",
    "named": "share of first samples that the voxel classifier gives the true category",
    "interval": "95 % percentile bootstrap over images; differences are paired by image and, for "
    "models, share the starting noise",
    "resampled truth": "the true surface against itself with other points: the highest F-Score "
    "that can be expected",
    "mean shape": "is told the true category",
    "oracle retrieval": "is told the true shape: no retrieval can do better",
    "retrieval": "image to shape among all test shapes, ties counted against",
}
Answerer = Callable[[Sequence[int]], np.ndarray]  # n image indices -> (n, K, R, R, R) bool
Row = dict[str, Any]


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
    f_score_samples: int = 1,
    judge: Callable[[np.ndarray], list[str]] | None = None,
) -> list[dict[str, Any]]:
    """Scores the answers (n, K, R, R, R) bool of one method to n images.

    Returns:
        For each image "iou" (K numbers), "f_score" (at most `f_score_samples` numbers) and, if a
        judge is given, "named" (1 if the first answer is given the true category).
    """
    overlaps = iou(answers, truth.occupancy[list(indices)][:, None])  # (n, K)
    scores = [{"iou": overlap.tolist()} for overlap in overlaps]
    for entry, index, grids in zip(scores, indices, answers, strict=True):
        if f_score_samples:
            surface = sample_surface(truth.occupancy[index], F_SCORE_POINTS, seed=2 * index)
            entry["f_score"] = [
                f_score(sample_surface(grid, F_SCORE_POINTS, seed=2 * index + 1), surface)
                for grid in grids[:f_score_samples]
            ]
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
    f_score_samples: int = 1,
    judge: Callable[[np.ndarray], list[str]] | None = None,
) -> Iterator[list[Row]]:
    """Yields the rows of one chunk of images after another, from image `skip` on.

    A row holds "index", "id", "category", and under "scores" and "seconds" an entry a method.
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
            }
            for index in indices
        ]
        for method, answer in methods.items():
            begun = time.perf_counter()
            answers = answer(indices)
            seconds = (time.perf_counter() - begun) / answers[:, :, 0, 0, 0].size
            scores = score(truth, indices, answers, f_score_samples=f_score_samples, judge=judge)
            for row, entry in zip(rows, scores, strict=True):
                row["scores"][method] = entry
                row["seconds"][method] = seconds
        yield rows


class RowFile:
    """Rows in a JSONL file, appended chunk by chunk; the first line says what they belong to."""

    def __init__(self, path: Path, head: dict[str, Any], *, resume: bool, chunk: int, total: int):
        """Opens the file; with `resume` it keeps the rows that are there, all or whole chunks.

        Rows of other models (`head["models"]`) are made anew: training went on in between.

        Raises:
            ValueError: if the file there was made with another head otherwise.
        """
        self.path, self.rows = path, []
        if resume and path.exists():
            lines = list(_json_lines(path))
            earlier = lines[0].get("head", {}) if lines else {}
            if {**earlier, "models": None} != {**head, "models": None}:
                raise ValueError(f"'{path}' was made with other settings: run without --resume.")
            if earlier != head:
                lines = lines[:1]
            whole = len(lines) - 1
            if whole != total:
                whole -= whole % chunk  # so that the rest is made in the same batches
            self.rows = lines[1 : 1 + whole]
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            for line in ({"head": head}, *self.rows):
                file.write(json.dumps(line) + "\n")

    def append(self, rows: list[Row]) -> None:
        """Appends rows and makes sure that they are on the disk."""
        with self.path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
            file.flush()
            os.fsync(file.fileno())
        self.rows += rows


def _json_lines(path: Path) -> Iterator[Any]:
    """The lines of a file up to the first that an interruption cut short."""
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            return


def _values(rows: Iterable[Row], method: str) -> dict[str, np.ndarray]:
    """One number an image for each measure of a method."""
    scores = [row["scores"][method] for row in rows]
    overlaps = [entry["iou"] for entry in scores]
    values = {"iou": np.array([np.mean(entry) for entry in overlaps])}
    if len(overlaps[0]) > 1:
        values["iou_best"] = np.array([max(entry) for entry in overlaps])
    for measure in ("f_score", "named"):
        if measure in scores[0]:
            values[measure] = np.array([np.mean(entry[measure]) for entry in scores])
    return values


def summarise(rows: list[Row], spaces: Sequence[str]) -> dict[str, Any]:
    """Means with intervals a method, overall and a category, and differences between spaces.

    Differences are "later minus earlier" in the order of `spaces`, so for clip,cisp it reads
    "cisp minus clip"; those of each space with its own retrieval baseline follow.
    """
    categories = sorted({row["category"] for row in rows})
    groups = {name: [row for row in rows if row["category"] == name] for name in categories}
    methods = {}
    for method in rows[0]["scores"]:
        methods[method] = {
            "overall": _intervals(_values(rows, method)),
            "per_category": {
                name: {"images": len(group), **_intervals(_values(group, method))}
                for name, group in groups.items()
            },
        }
        if method in spaces:  # the others merely look their answers up
            seconds = np.mean([row["seconds"][method] for row in rows])
            methods[method]["seconds_per_shape"] = float(seconds)
    pairs = [(later, earlier) for earlier, later in combinations(spaces, 2)]
    pairs += [(space, f"retrieval by {space}") for space in spaces]
    differences = {
        f"{a} minus {b}": {
            "overall": _difference(rows, a, b),
            "per_category": {name: _difference(group, a, b) for name, group in groups.items()},
        }
        for a, b in pairs
        if a in methods and b in methods
    }
    return {"methods": methods, "differences": differences}


def _intervals(values: dict[str, np.ndarray]) -> dict[str, Any]:
    return {measure: bootstrap_mean(numbers)._asdict() for measure, numbers in values.items()}


def _difference(rows: list[Row], a: str, b: str) -> dict[str, Any]:
    values, others = _values(rows, a), _values(rows, b)
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
