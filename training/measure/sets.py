"""Sets of generated shapes against the set of true ones: 1-NNA, MMD and COV under CD and EMD.

Yang et al. 2019 (PointFlow). Both sets have one shape an image, in the same order, so that each
measure is the mean of one number an image, with intervals like all others, for fixed sets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from tqdm import tqdm

from training.data.item import spread
from training.measure.metrics import covered, nearest_generated, nearest_is_own, pairwise
from training.measure.rows import Row, unpacked
from training.measure.scores import OVERALL, Truth, Values, groups_of, tell
from training.measure.surfaces import CHAMFER_POINTS, EMD_POINTS, chamfer_distance, cloud, emd
from training.tools.workers import parallel_map

TRUTH = "truth"
DISTANCES = {"cd": (chamfer_distance, CHAMFER_POINTS), "emd": (emd, EMD_POINTS)}
SET_MINIMUM = 5  # shapes of a category that make a set
Distances = dict[str, np.ndarray]  # a name of DISTANCES to (N, M)


def clouds_of(grids: np.ndarray, seeds: Sequence[int]) -> np.ndarray:
    """Points (N, CHAMFER_POINTS, 3) float32 of N grids (N, R, R, R)."""
    points = (cloud(grid, CHAMFER_POINTS, seed) for grid, seed in zip(grids, seeds, strict=True))
    return np.stack(list(points)).astype(np.float32)


def set_values(
    generated: Mapping[str, np.ndarray],
    truth: np.ndarray,
    groups: Mapping[str, Sequence[int]],
    *,
    workers: int = 1,
) -> dict[str, dict[str, Values]]:
    """One number an image for each measure, a method and group: {method: {group: {measure: (n,)}}}.

    Args:
        generated: a method to the clouds (N, P, 3) of its shapes.
        truth: (N, P, 3), row i of the shape that row i of each method should be.
        groups: a name to its rows; a group's shapes are compared with that group's alone.
        workers: processes.
    """
    rows = dict(_rows({TRUTH: truth, **generated}, workers))
    count = len(truth)
    within_truth = _symmetric([rows[TRUTH, i] for i in range(count)])
    values: dict[str, dict[str, Values]] = {}
    for method in generated:
        found = [rows[method, i] for i in range(count)]
        own = [{name: row[name][:-count] for name in DISTANCES} for row in found]
        within = _symmetric(own)
        between = {name: np.stack([row[name][-count:] for row in found]) for name in DISTANCES}
        values[method] = {
            group: _measures(within, between, within_truth, np.asarray(members))
            for group, members in groups.items()
        }
    return values


def _rows(
    clouds: Mapping[str, np.ndarray], workers: int
) -> Iterator[tuple[tuple[str, int], Distances]]:
    """Yields ((set, i), distances) from each shape to the later ones of its set, then to all true.

    True shapes have no distances to the true ones a second time.
    """
    jobs = [(name, index) for name, members in clouds.items() for index in range(len(members))]
    one = partial(_row, clouds=clouds)
    found = parallel_map(one, jobs, workers=workers)
    bar = tqdm(found, desc="compare sets", total=len(jobs), unit="shape")
    yield from zip(jobs, bar, strict=True)


def _row(job: tuple[str, int], clouds: Mapping[str, np.ndarray]) -> Distances:
    name, index = job
    others = list(clouds[name][index + 1 :]) + ([] if name == TRUTH else list(clouds[TRUTH]))
    return {
        kind: pairwise([clouds[name][index][:n]], [c[:n] for c in others], distance)[0]
        for kind, (distance, n) in DISTANCES.items()
    }


def _symmetric(rows: Sequence[Distances]) -> Distances:
    """(N, N) of N rows, the i-th with the distances to the N - 1 - i later shapes."""
    matrices = {}
    for name in DISTANCES:
        upper = np.zeros((len(rows), len(rows)))
        for index, row in enumerate(rows):
            upper[index, index + 1 :] = row[name]
        matrices[name] = upper + upper.T
    return matrices


def _measures(
    within: Distances, between: Distances, within_truth: Distances, members: np.ndarray
) -> Values:
    part = np.ix_(members, members)
    values = {}
    for name in DISTANCES:
        across = between[name][part]
        own = nearest_is_own(within[name][part], across, within_truth[name][part])
        values[f"1nna_{name}"] = own.reshape(2, -1).mean(0)  # mean of generated and true
        values[f"mmd_{name}"] = nearest_generated(across)
        values[f"cov_{name}"] = covered(across).astype(float)
    return values


def measure_sets(
    rows: list[Row], truth: Truth, spaces: list[str], count: int, workers: int
) -> dict[str, Any]:
    """1-NNA, MMD and COV of the kept first answers to at most `count` images.

    A category with fewer than `SET_MINIMUM` of them is left out.
    """
    chosen = spread(len(rows), count)
    grids = truth.occupancy[chosen]
    generated = {
        method: clouds_of(
            np.stack([unpacked(rows[row]["shapes"][method], grids.shape[1]) for row in chosen]),
            [2 * row + 1 for row in chosen],
        )
        for method in rows[0]["shapes"]
    }
    groups = groups_of([truth.categories[row] for row in chosen])
    large = {n: g for n, g in groups.items() if n == OVERALL or len(g) >= SET_MINIMUM}
    values = set_values(
        generated, clouds_of(grids, [2 * row for row in chosen]), large, workers=workers
    )
    points = {name: points for name, (_, points) in DISTANCES.items()}
    return {"shapes": len(chosen), "points": points, **tell(values, spaces)}
