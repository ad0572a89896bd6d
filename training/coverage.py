"""How close real shapes lie to the procedural ones: the IoU with the nearest of many.

    python -m training.coverage --data meshes:DIR --data r2n2:ROOT --out RESULTS.json --sheet X.png

For each real shape the nearest of `--count` procedural shapes of its category is found, at the best
of the four headings about +y where the source does not define one. The diversity of the procedural
shapes, the IoU of random pairs of a category, is reported as well: many shapes come close to real
ones only if they differ from each other.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import tyro
from PIL import Image, ImageDraw
from tqdm import tqdm

import training.shapes as shapes
from diffusion.grids.frame import iou, iou_matrix, unpack_bits
from training.data.pictures import look
from training.data.procedural import FIRST_SEED
from training.data.procedural_grids import draw_occupancies
from training.data.sources import open_source
from training.measure.statistics import Interval, bootstrap_mean
from training.shapes.shape import GRID
from training.studies.report import number
from training.tools.command import (
    atomic_path,
    check_seed,
    command_line,
    resolved_config,
    run_command,
    save_json,
)
from training.tools.workers import default_workers

WORST = 10  # shapes on the sheet
NUM_PAIRS = 2000  # random pairs that measure the diversity of a category
GREY, BLUE = (0.70, 0.70, 0.70), (0.45, 0.60, 0.85)


@dataclass(frozen=True)
class CoverageOptions:
    """Measure how close real shapes lie to the procedural ones.

    Attributes:
        data: meshes:DIR or r2n2:ROOT (all its splits); may be given several times.
        out: a JSON file for the results; they are printed anyway.
        sheet: a picture of the worst shapes beside their nearest.
        count: procedural shapes a category.
        headings: how many headings about +y to try; auto is 4 for meshes and 1 for R2N2.
        cache: folder of drawn grids, reused while the families' code stays the same.
        workers: processes that draw; one a core by default.
        seed: of the random pairs and of the bootstrap.
    """

    data: tyro.conf.UseAppendAction[tuple[str, ...]]
    out: Path | None = None
    sheet: Path | None = None
    count: int = 2000
    headings: Literal["auto", "1", "4"] = "auto"
    cache: Path | None = None
    workers: int | None = None
    seed: int = 0


class Real(NamedTuple):
    """A real shape: its occupancy (GRID,) * 3 and how many headings are tried for it."""

    name: str
    category: str
    occupancy: np.ndarray
    headings: int


class Match(NamedTuple):
    """Two occupancies for a row of the sheet, the real one turned to its best heading."""

    real: np.ndarray
    procedural: np.ndarray


class Nearest(NamedTuple):
    """The best procedural partner: IoU, its index, and the turn of the real shape in degrees."""

    iou: float
    index: int
    heading: int


def turned(occupancy: np.ndarray, quarters: int) -> np.ndarray:
    """A grid turned about +y by quarter turns that take its front from +x to +z."""
    return np.rot90(occupancy, quarters, axes=(0, 2))


def find_nearest(reals: list[Real], packed: np.ndarray) -> list[Nearest]:
    """The nearest procedural shape of each real one.

    Args:
        reals: all of one category.
        packed: the procedural occupancies, by `pack_bits`.
    """
    owners, quarters, rows = [], [], []
    for owner, real in enumerate(reals):
        for quarter in range(real.headings):
            owners.append(owner)
            quarters.append(quarter)
            rows.append(turned(real.occupancy, quarter))
    best = [Nearest(-1.0, 0, 0)] * len(reals)
    scores = iou_matrix(np.stack(rows), unpack_bits(packed, len(rows[0])))
    for owner, quarter, score in zip(owners, quarters, scores, strict=True):
        index = int(score.argmax())
        if score[index] > best[owner].iou:
            best[owner] = Nearest(float(score[index]), index, 90 * quarter)
    return best


def pair_ious(packed: np.ndarray, num_pairs: int, rng: np.random.Generator) -> np.ndarray:
    """IoU (num_pairs,) of random pairs of different rows of M > 1 packed grids of side `GRID`."""
    first = rng.integers(len(packed), size=num_pairs)
    second = (first + rng.integers(1, len(packed), size=num_pairs)) % len(packed)
    return iou(unpack_bits(packed[first], GRID), unpack_bits(packed[second], GRID))


def read_reals(specs: tuple[str, ...], headings: str) -> list[Real]:
    """All shapes of the given sources.

    Raises:
        ValueError: if a source is broken, or of a kind that holds no real shapes.
    """
    reals = []
    for spec in specs:
        kind = spec.partition(":")[0]
        if kind not in ("meshes", "r2n2"):
            raise ValueError(f"Coverage is measured on meshes:DIR or r2n2:ROOT, not '{spec}'.")
        tries = (4 if kind == "meshes" else 1) if headings == "auto" else int(headings)
        source = open_source(spec, split="all", resolution=GRID, need_views=False)
        indices = tqdm(range(len(source)), desc="read", unit="shape", disable=len(source) < 20)
        for item in map(source.__getitem__, indices):
            reals.append(Real(item.id, item.category, item.grid > 0, tries))
    return reals


def summary(values: list[float], seed: int) -> dict[str, float]:
    """Count, median, mean and the 95% bootstrap interval of the mean."""
    mean, low, high = bootstrap_mean(np.array(values), seed=seed)
    return {
        "count": len(values),
        "median": float(np.median(values)),
        "mean": mean,
        "low": low,
        "high": high,
    }


def measure(reals: list[Real], options: CoverageOptions) -> tuple[dict[str, Any], list[Match]]:
    """Measures all shapes of the categories that have a family.

    Returns:
        The results as JSON data, and a pair of grids for each of its rows "shapes".

    Raises:
        ValueError: if no real shape belongs to a category that has a family.
    """
    known = sorted({real.category for real in reals} & set(shapes.FAMILIES))
    without = Counter(real.category for real in reals if real.category not in shapes.FAMILIES)
    for category, count in sorted(without.items()):
        print(f"skipped: {count} of category '{category}', for which there is no family")
    if not known:
        raise ValueError("None of the real shapes belongs to a category that has a family.")
    workers = default_workers() if options.workers is None else options.workers
    rng = np.random.default_rng(options.seed)
    rows, pairs, categories = [], [], {}
    for category in known:
        packed = draw_occupancies(category, options.count, cache=options.cache, workers=workers)
        own = [real for real in reals if real.category == category]
        nearest = find_nearest(own, packed)
        for real, (closeness, index, heading) in zip(own, nearest, strict=True):
            row = {"name": real.name, "category": category, "iou": closeness, "heading": heading}
            rows.append({**row, "nearest_seed": FIRST_SEED["train"] + index})
            partner = unpack_bits(packed[index], GRID)
            pairs.append(Match(turned(real.occupancy, heading // 90), partner))
        random_ious = pair_ious(packed, NUM_PAIRS, rng)
        found = summary([near.iou for near in nearest], options.seed)
        categories[category] = {**found, "diversity": float(np.median(random_ious))}
    results = {
        "command": command_line("training.coverage"),
        "configuration": resolved_config(options),
        "seed": options.seed,
        "overall": summary([row["iou"] for row in rows], options.seed),
        "categories": categories,
        "skipped": dict(sorted(without.items())),
        "shapes": rows,
    }
    return results, pairs


def draw_sheet(rows: list[dict[str, Any]], pairs: list[Match], size: int = 160) -> Image.Image:
    """The worst shapes: real ones left, in grey, and right of each its nearest, in blue."""
    worst = sorted(range(len(rows)), key=lambda index: rows[index]["iou"])[:WORST]
    across, down, label = min(2, len(worst)), -(-len(worst) // 2), 28
    sheet = Image.new("RGB", (across * 2 * size, down * (size + label)), "white")
    pen = ImageDraw.Draw(sheet)
    for place, index in enumerate(worst):
        x, y = place % 2 * 2 * size, place // 2 * (size + label)
        views = (pairs[index].real, GREY), (pairs[index].procedural, BLUE)
        for column, (occupancy, color) in enumerate(views):
            view = look(occupancy, size=size, color=color)
            sheet.paste(view, (x + column * size, y), view)
        row = rows[index]
        pen.text((x + 6, y + size), f"{row['category']}   IoU {row['iou']:.3f}", fill="black")
        pen.text((x + 6, y + size + 12), row["name"].split("/")[-1][:50], fill="black")
    return sheet


def table(results: dict[str, Any]) -> str:
    """The results by category, as text."""
    line = "{:12} {:>6} {:>7} {:>6} {:>15} {:>10}".format
    lines = [line("category", "shapes", "median", "mean", "95% of mean", "diversity")]
    for name, found in [*results["categories"].items(), ("all", results["overall"])]:
        numbers = (f"{found['median']:.3f}", f"{found['mean']:.3f}")
        interval = f"{found['low']:.3f}..{found['high']:.3f}"
        diversity = f"{found['diversity']:.3f}" if "diversity" in found else ""
        lines.append(line(name, found["count"], *numbers, interval, diversity))
    return "\n".join(lines)


def finding(results: dict[str, Any]) -> str:
    """The study in one sentence."""
    found = results["overall"]
    overall = Interval(*(found[key] for key in ("mean", "low", "high")))
    return (
        f"{found['count']} real shapes have a mean IoU of {number(overall)} (median "
        f"{found['median']:.3f}) to the nearest of {results['configuration']['count']:,} "
        "procedural shapes of their category, at their best heading."
    )


def main(options: CoverageOptions) -> None:
    """Reads, draws, measures, and writes both files."""
    check_seed(options.seed)
    if options.count < 2:
        raise ValueError(f"--count must be at least 2, not {options.count}.")
    if not options.data:
        raise ValueError("--data names no real shapes: give meshes:DIR or r2n2:ROOT.")
    reals = read_reals(options.data, options.headings)
    results, pairs = measure(reals, options)
    if options.sheet is not None:
        with atomic_path(options.sheet) as temporary:
            draw_sheet(results["shapes"], pairs).save(temporary, format="PNG")
    if options.out is not None:
        save_json(options.out, results | {"finding": finding(results)})
    print(table(results))


if __name__ == "__main__":
    run_command(CoverageOptions, main)
