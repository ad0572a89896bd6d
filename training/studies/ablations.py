"""The paper's ablations, at a small scale: shape towers, and batch size against dimension.

    python -m training.studies.ablations --out assets/results/ablations.json

CISP is trained on the last maps of the frozen trunk (`training.studies.small`) and finds the own
shape of one rendering of each test shape. Every run sees the same number of pairs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import torch

from cisp.shape_tower import ShapeCnnConfig, ShapeEncoderConfig, ShapeTowerConfig
from training.loop.presets import EmbeddingPreset, named_preset
from training.measure.statistics import Interval, bootstrap_mean, paired_bootstrap
from training.studies.looking import recall
from training.studies.report import curves, points
from training.studies.runner import Answer, study_command
from training.studies.small import Bench, TrainedOptions, drawn_shapes, make_bench, small_run

TOWERS = {
    "CNN": ShapeCnnConfig(patch=4, width=32),
    "3D-DeiT": ShapeEncoderConfig(patch=8, width=192, depth=6, heads=3),
}


@dataclass(frozen=True)
class AblationsOptions(TrainedOptions):
    """Compare shape towers, batch sizes and embedding dimensions.

    Attributes:
        pairs: Pairs that each run sees.
        batches: Batch sizes.
        dims: Embedding dimensions.
        preset: Whose towers.
        seed: Of the starts, the order and the bootstrap.
        device: auto, cpu, cuda or mps.
    """

    pairs: int = 40_000
    batches: tuple[int, ...] = (32, 128, 512)
    dims: tuple[int, ...] = (32, 128, 512)
    preset: str = "bundled"
    seed: int = 0
    device: str = "auto"


def sized(preset: EmbeddingPreset, dim: int, shape: ShapeTowerConfig) -> EmbeddingPreset:
    """A preset with another dimension and shape tower."""
    towers = {"image": preset.image, "text": preset.text, "shape": shape}
    return replace(preset, **{k: replace(tower, embed_dim=dim) for k, tower in towers.items()})


def measure(
    bench: Bench, options: AblationsOptions, batch: int, device: torch.device
) -> dict[str, Any]:
    """Train CISP once; ranks (M,) and seconds: of the processor, where that does the work."""
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    start = clock()
    steps = max(1, options.pairs // batch)
    rank = small_run(bench, ["cisp"], steps=steps, batch_size=batch, device=device)["cisp"]
    return {"rank": rank, "steps": steps, "seconds": clock() - start}


def recalls(run: dict[str, Any], seed: int) -> dict[str, Any]:
    """R@1 and R@10 of a run with intervals over test shapes, and what it cost."""
    shares = recall(run["rank"], (1, 10), seed)
    return {**shares, "steps": run["steps"], "seconds": run["seconds"]}


def gain(runs: dict[tuple[int, int], dict[str, Any]], axis: int, seed: int) -> Interval:
    """R@10 of the largest minus that of the smallest along an axis, mean over the other axis."""
    ends = [pick({key[axis] for key in runs}) for pick in (max, min)]
    high, low = (
        np.mean([run["rank"] <= 10 for key, run in runs.items() if key[axis] == end], axis=0)
        for end in ends
    )
    return paired_bootstrap(high, low, seed=seed)


def study(options: AblationsOptions, device: torch.device) -> Answer:
    """Train every run."""
    seed, preset = options.seed, named_preset(options.preset).embedding
    train, test = drawn_shapes(options)
    bench = make_bench(train, test, options.cache, preset, seed, device)

    def run(dim: int, batch: int, shape: ShapeTowerConfig) -> dict[str, Any]:
        return measure(replace(bench, preset=sized(preset, dim, shape)), options, batch, device)

    dim, batch = preset.image.embed_dim, preset.batch_size
    towers = {name: run(dim, batch, shape) for name, shape in TOWERS.items()}
    grid = {(b, d): run(d, b, TOWERS["CNN"]) for b, d in product(options.batches, options.dims)}
    difference = paired_bootstrap(
        towers["3D-DeiT"]["rank"] <= 10, towers["CNN"]["rank"] <= 10, seed=seed
    )
    by_batch, by_dim = gain(grid, 0, seed), gain(grid, 1, seed)
    cost = towers["3D-DeiT"]["seconds"] / towers["CNN"]["seconds"]
    return Answer(
        finding=(
            f"For the same {options.pairs} pairs R@10 changes by {points(by_batch)} from a batch "
            f"of {min(options.batches)} to {max(options.batches)}, in fewer steps at the same "
            f"learning rate, and by {points(by_dim)} from {min(options.dims)} to "
            f"{max(options.dims)} dimensions; "
            f"the 3D-DeiT differs from the CNN by {points(difference)} at {cost:.1f} times the "
            "time."
        ),
        figure=curves(
            {
                f"{d} dimensions": (
                    options.batches,
                    [bootstrap_mean(grid[b, d]["rank"] <= 10, seed=seed) for b in options.batches],
                )
                for d in options.dims
            },
            title=f"Image to shape after {options.pairs} pairs, gallery of {len(test)}",
            x="batch size",
            y="R@10",
            log_x=True,
        ),
        results={
            "towers": {name: recalls(run, seed) for name, run in towers.items()},
            "3D-DeiT minus CNN, R@10": difference,
            "grid": [{"batch": b, "dim": d, **recalls(run, seed)} for (b, d), run in grid.items()],
            "gain of batch size, R@10": by_batch,
            "gain of dimension, R@10": by_dim,
        },
    )


if __name__ == "__main__":
    study_command(AblationsOptions, study)
