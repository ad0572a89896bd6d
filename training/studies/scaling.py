"""Open question 1 of the paper: accuracy against the number of training shapes, and of steps.

    python -m training.studies.scaling --out assets/results/scaling.json

Both spaces are trained in lockstep on the last maps of the frozen trunk (`training.studies.small`).
CISP finds the own shape of a picture, CLIP the own picture of a caption: captions are shared by
many shapes, so only how each grows can be compared, not their levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from cisp.naming import SPACES
from training.loop.presets import named_preset
from training.measure.statistics import bootstrap_mean, paired_bootstrap
from training.studies.report import curves, points
from training.studies.runner import Answer, study_command
from training.studies.small import TrainedOptions, drawn_shapes, make_bench, small_run

WITHIN = 10  # the rank that counts as found


@dataclass(frozen=True)
class ScalingOptions(TrainedOptions):
    """Measure accuracy against training shapes and steps.

    Attributes:
        train_count: Training shapes drawn; runs take the first of them.
        shapes: How many training shapes, at the most steps.
        steps: How many steps, on the most shapes.
        preset: Whose towers.
        seed: Of the starts, the order and the bootstrap.
        device: auto, cpu, cuda or mps.
    """

    shapes: tuple[int, ...] = (400, 800, 1600, 3200, 6400)
    steps: tuple[int, ...] = (25, 50, 100, 200, 400)
    preset: str = "bundled"
    seed: int = 0
    device: str = "auto"


def doublings(smallest: int, largest: int) -> float:
    """How often the smallest doubles on the way to the largest."""
    return float(np.log2(largest / smallest))


def study(options: ScalingOptions, device: torch.device) -> Answer:
    """Train every run."""
    seed, preset = options.seed, named_preset(options.preset).embedding
    if max(options.shapes) > options.train_count:
        raise ValueError(f"--train-count must be at least {max(options.shapes)}.")
    if len(set(options.shapes)) < 2 or min(options.steps) < 1:
        raise ValueError("--shapes must be two different numbers or more, --steps positive.")
    if min(options.shapes) < preset.batch_size:
        raise ValueError(f"--shapes must be at least {preset.batch_size}, those of one batch.")
    train, test = drawn_shapes(options)
    bench = make_bench(train, test, options.cache, preset, seed, device)
    most_shapes, most_steps = max(options.shapes), max(options.steps)
    wanted = {(n, most_steps) for n in options.shapes} | {(most_shapes, s) for s in options.steps}
    found = {}
    for shapes, steps in sorted(wanted):
        ranks = small_run(bench, SPACES, steps=steps, count=shapes, device=device)
        found[shapes, steps] = {name: rank <= WITHIN for name, rank in ranks.items()}

    def gain(space: str, high: tuple[int, int], low: tuple[int, int]):
        return paired_bootstrap(found[high][space], found[low][space], seed=seed)

    best = (most_shapes, most_steps)
    few_shapes, few_steps = (min(options.shapes), most_steps), (most_shapes, min(options.steps))
    gains = {
        space: {"shapes": gain(space, best, few_shapes), "steps": gain(space, best, few_steps)}
        for space in SPACES
    }
    along = {
        "shapes": [(n, most_steps) for n in options.shapes],
        "steps": [(most_shapes, s) for s in options.steps],
    }
    series = {
        f"{space} by {axis}": (
            [key[axis == "steps"] / best[axis == "steps"] for key in keys],
            [bootstrap_mean(found[key][space], seed=seed) for key in keys],
        )
        for axis, keys in along.items()
        for space in SPACES
    }
    before_most = sorted(set(options.shapes))[-2]
    last = {space: gain(space, best, (before_most, most_steps)) for space in SPACES}
    return Answer(
        finding=(
            f"R@{WITHIN} of CISP changes by {points(gains['cisp']['shapes'])} over "
            f"{doublings(few_shapes[0], most_shapes):.1f} doublings of the training shapes and by "
            f"{points(gains['cisp']['steps'])} over {doublings(few_steps[1], most_steps):.1f} "
            f"doublings of the steps (CLIP: {points(gains['clip']['shapes'])} and "
            f"{points(gains['clip']['steps'])}); from {before_most} to {most_shapes} shapes by "
            f"{points(last['cisp'])}."
        ),
        figure=curves(
            series,
            title=f"R@{WITHIN} against a share of {most_shapes} shapes or {most_steps} steps",
            x="share of the shapes, or of the steps",
            y=f"R@{WITHIN}",
            log_x=True,
        ),
        results={
            "runs": [
                {
                    "shapes": shapes,
                    "steps": steps,
                    **{s: bootstrap_mean(hit, seed=seed) for s, hit in hits.items()},
                }
                for (shapes, steps), hits in found.items()
            ],
            "gain of shapes": {s: g["shapes"] for s, g in gains.items()},
            "gain of steps": {s: g["steps"] for s, g in gains.items()},
            "gain of the last doubling of shapes": last,
            "measure": f"share within the {WITHIN} most similar of {len(test)}; cisp: the own "
            "shape of a picture, clip: the own picture of a caption",
        },
    )


if __name__ == "__main__":
    study_command(ScalingOptions, study)
