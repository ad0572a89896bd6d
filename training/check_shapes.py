"""Check many procedural shapes: valid, whole, different from each other, truly described.

python -m training.check_shapes --count 10000 --out assets/results/shape-world.json
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from diffusion.grids.frame import pack_bits
from training.coverage import pair_ious
from training.make_shapes import tasks
from training.shapes import CATEGORIES, FAMILIES, make_shape
from training.shapes.captions import untrue_claims
from training.shapes.measure import speck_share
from training.tools.command import command_line, resolved_config, run_command, save_json
from training.tools.workers import map_with_bar

NUM_PAIRS = 2000  # random pairs of a category that measure its diversity


@dataclass(frozen=True)
class CheckShapesOptions:
    """Check procedural shapes.

    Attributes:
        out: A JSON file for the findings; they are printed anyway.
        count: Shapes, the categories taking turns.
        seed: Of the first ones.
        workers: Processes; one a core by default.
    """

    out: Path | None = None
    count: int = 10_000
    seed: int = 0
    workers: int | None = None


class Checked(NamedTuple):
    """The result of checking one shape.

    Attributes:
        category: of the shape.
        subtype: of the shape.
        packed: (R^3 / 8,) uint8, its occupancy.
        digest: of its grid's values as training stores them, in half precision.
        extent: cells that its longest side spans; 0 if the grid is empty.
        outside: how far its solids reach beyond the cube, in cube sides.
        specks: share of its cells in loose specks.
        captions: how many it has.
        untrue: claims of its captions that its attributes contradict.
    """

    category: str
    subtype: str
    packed: np.ndarray
    digest: bytes
    extent: int
    outside: float
    specks: float
    captions: int
    untrue: list[str]


def check(task: tuple[str, int]) -> Checked:
    """Draw one shape and check it."""
    shape = make_shape(*task)
    grid = shape.volume()[0].numpy()
    occupancy = grid > 0
    claims = FAMILIES[shape.category].CLAIMS
    untrue = [
        claim
        for caption in shape.captions
        for claim in untrue_claims(caption, claims, shape.attributes, shape.materials)
    ]
    extent = np.ptp(np.argwhere(occupancy), axis=0).max() + 1 if occupancy.any() else 0
    outside = max(float(np.abs(corner).max()) for corner in shape.bounds()) - 0.5
    return Checked(
        shape.category,
        shape.subtype,
        pack_bits(occupancy),
        hashlib.sha256(grid.astype(np.float16)).digest(),
        int(extent),
        outside,
        speck_share(occupancy),
        len(shape.captions),
        untrue,
    )


def report(checked: list[Checked], seed: int) -> dict[str, Any]:
    """The findings as JSON data, over all shapes and per category."""
    rng = np.random.default_rng(seed)
    categories = {}
    for category in CATEGORIES:
        own = [shape for shape in checked if shape.category == category]
        subtypes = Counter(shape.subtype for shape in own)
        ious = pair_ious(np.stack([shape.packed for shape in own]), NUM_PAIRS, rng)
        categories[category] = {
            "shapes": len(own),
            "median_pair_iou": float(np.median(ious)),
            "shapes_with_specks": sum(shape.specks > 0 for shape in own),
            "subtypes": dict(subtypes.most_common()),
            "missing_subtypes": sorted(set(FAMILIES[category].SUBTYPES) - set(subtypes)),
        }
    solids = {shape.packed.tobytes() for shape in checked}
    return {
        "shapes": len(checked),
        "empty": sum(shape.extent == 0 for shape in checked),
        "identical": len(checked) - len({shape.digest for shape in checked}),
        "identical_occupancy": len(checked) - len(solids),
        "smallest_extent": min(shape.extent for shape in checked),
        "farthest_outside": max(shape.outside for shape in checked),
        "share_with_specks": float(np.mean([shape.specks > 0 for shape in checked])),
        "share_of_cells_in_specks": float(np.mean([shape.specks for shape in checked])),
        "captions": sum(shape.captions for shape in checked),
        "untrue_claims": sum(len(shape.untrue) for shape in checked),
        "examples_of_untrue": sorted({c for shape in checked for c in shape.untrue})[:20],
        "categories": categories,
    }


def finding(found: dict[str, Any]) -> str:
    """The checks in one sentence."""
    missing = sum(len(of["missing_subtypes"]) for of in found["categories"].values())
    return (
        f"Of {found['shapes']:,} procedural shapes {found['empty']} are empty, "
        f"{found['identical']} are identical to another and {found['identical_occupancy']} fill "
        f"the same cells as another; {found['untrue_claims']} claims in {found['captions']:,} "
        f"captions are untrue; {missing} sub-types never occur."
    )


def main(options: CheckShapesOptions) -> None:
    """Draw, check, report."""
    todo = tasks("all", options.count, options.seed)
    if options.count < 2 * len(CATEGORIES):
        raise ValueError(f"--count must be at least {2 * len(CATEGORIES)}, two a category.")
    checked = map_with_bar(
        check, todo, desc="checking", unit="shape", workers=options.workers, chunksize=16
    )
    found = report(checked, options.seed)
    if options.out is not None:
        head = {"command": command_line("training.check_shapes")}
        save_json(
            options.out,
            head | {"configuration": resolved_config(options), **found, "finding": finding(found)},
        )
    for name, value in found.items():
        if name != "categories":
            print(f"{name}: {value}")


if __name__ == "__main__":
    run_command(CheckShapesOptions, main)
