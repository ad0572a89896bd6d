"""Draw procedural shapes into one file: grids, and the truth about each.

    python -m training.make_shapes --category chair --count 1000 --seed 0 --out chairs.npz

The file has one row a shape: `occupancy` (N, 32, 32, 32) bool, `category`, `subtype`, `seed`,
`captions` (N, 6), and `attributes`, a JSON object a shape (sub-types have different ones). Shape k
of a category has the seed S + k; "all" lets the categories take turns.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from training.shapes import CATEGORIES, Shape, make_shape
from training.shapes.measure import grid_attributes
from training.tools.command import check_seed, run_command, save_npz
from training.tools.workers import default_workers, parallel_map


@dataclass(frozen=True)
class MakeShapesOptions:
    """Draw procedural shapes into one file.

    Attributes:
        out: The .npz file.
        category: One of the thirteen, or all.
        count: How many shapes.
        seed: Of the first one.
        workers: Processes that draw; one a core by default.
    """

    out: Path
    category: str = "all"
    count: int = 1000
    seed: int = 0
    workers: int | None = None


def draw(task: tuple[str, int]) -> tuple[Shape, np.ndarray]:
    """The shape of a category and seed, its attributes complete, and its occupancy (R, R, R)."""
    shape = make_shape(*task)
    occupancy = (shape.volume()[0] > 0).numpy()
    shape.attributes |= grid_attributes(occupancy)
    return shape, occupancy


def tasks(category: str, count: int, seed: int) -> list[tuple[str, int]]:
    """(category, seed) of `count` shapes of a category, or of all in turn."""
    if category not in (*CATEGORIES, "all"):
        known = ", ".join(CATEGORIES)
        raise ValueError(f"Unknown --category '{category}': choose all or one of {known}.")
    if count < 1:
        raise ValueError(f"--count must be positive, not {count}.")
    check_seed(seed)
    names = CATEGORIES if category == "all" else (category,)
    return [(names[i % len(names)], seed + i // len(names)) for i in range(count)]


def main(options: MakeShapesOptions) -> None:
    """Draw and save."""
    todo = tasks(options.category, options.count, options.seed)
    if options.out.is_dir():
        raise ValueError(f"--out must name a file, and '{options.out}' is a folder.")
    workers = default_workers() if options.workers is None else options.workers
    bar = partial(tqdm, total=len(todo), desc="drawing", unit="shape")
    shapes, grids = zip(*bar(parallel_map(draw, todo, workers=workers)), strict=True)
    save_npz(
        options.out,
        occupancy=np.stack(grids),
        category=np.array([shape.category for shape in shapes]),
        subtype=np.array([shape.subtype for shape in shapes]),
        seed=np.array([seed for _, seed in todo]),
        captions=np.array([shape.captions for shape in shapes]),
        attributes=np.array([json.dumps(shape.attributes) for shape in shapes]),
    )
    print(f"Wrote {len(todo)} shapes to {options.out}.")


if __name__ == "__main__":
    run_command(MakeShapesOptions, main)
