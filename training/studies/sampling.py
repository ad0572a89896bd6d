"""How many steps, and of which sampler? IoU and seconds a shape.

    python -m training.studies.sampling --out assets/results/sampling.json

Each picture is answered with one shape by every sampler in every number of steps, with the standard
guidance and without any (half the work), all from the same noise. Both spaces count alike: one
sampler has to serve both columns.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from tqdm import tqdm

from cisp.naming import SPACES
from diffusion.grids.frame import iou
from diffusion.presets import PREVIEW, STANDARD, Sampling
from diffusion.samplers import SAMPLERS
from training.measure.statistics import bootstrap_mean, paired_bootstrap
from training.studies.report import OTHER_COLORS, curves, number
from training.studies.runner import Answer, study_command
from training.studies.sampled import Bench, SampledOptions, open_bench

NAMES = {"ddpm": "DDPM", "ddim": "DDIM", "dpmpp_2m": "DPM-Solver++ (2M)"}


@dataclass(frozen=True)
class SamplingOptions(SampledOptions):
    """Measure IoU against steps and sampler.

    Attributes:
        steps: Numbers of steps; those of the standard quality and of the preview join them.
        weights: The folder of the trained weights.
        seed: Of the noise.
        device: auto, cpu, cuda or mps.
    """

    count: int = 39
    steps: tuple[int, ...] = (2, 4, 6, 10, 20, 50)
    weights: Path = Path("assets/weights")
    seed: int = 0
    device: str = "auto"


class Run(NamedTuple):
    """One way of sampling: IoU (images,) a space, and seconds a shape."""

    iou: dict[str, np.ndarray]
    seconds: float

    @property
    def mean(self) -> np.ndarray:
        """IoU (images,), the mean of both spaces."""
        return np.mean(list(self.iou.values()), axis=0)


def ways(steps: list[int]) -> list[Sampling]:
    """Every sampler at the guidance of each quality and without any, in all numbers of steps."""
    scales = sorted({1.0, PREVIEW.guidance_scale, STANDARD.guidance_scale})
    return [
        Sampling(sampler, num_steps, scale)
        for sampler in SAMPLERS
        for scale in scales
        for num_steps in steps
    ]


def measure(bench: Bench, samplings: list[Sampling], seed: int) -> dict[Sampling, Run]:
    """Answer all images in all ways."""
    images = range(len(bench.truth.ids))
    runs = {}
    for sampling in tqdm(samplings, desc="sample", unit="way"):
        overlaps, seconds = {}, 0.0
        for space in SPACES:
            answer = bench.answers(space, sampling, 1, seed)
            started = time.perf_counter()
            grids = answer(images)[:, 0]
            seconds += time.perf_counter() - started
            overlaps[space] = iou(grids, bench.truth.occupancy)
        runs[sampling] = Run(overlaps, seconds / len(images) / len(SPACES))
    return runs


def summarise(runs: Mapping[Sampling, Run], seed: int) -> list[dict[str, Any]]:
    """One entry a way: its settings, IoU of both spaces, of each, CISP minus CLIP, seconds."""
    return [
        {
            **asdict(sampling),
            "iou": bootstrap_mean(run.mean, seed=seed),
            **{space: bootstrap_mean(run.iou[space], seed=seed) for space in SPACES},
            "cisp_minus_clip": paired_bootstrap(run.iou["cisp"], run.iou["clip"], seed=seed),
            "seconds_per_shape": run.seconds,
        }
        for sampling, run in runs.items()
    ]


def finding_of(runs: Mapping[Sampling, Run], most: int, seed: int) -> str:
    """The finding in one sentence, about the qualities that the page offers.

    Args:
        runs: of `measure`.
        most: the largest number of steps.
        seed: of the resamples.
    """
    standard, preview = (
        Sampling(preset.sampler, preset.num_steps, preset.guidance_scale)
        for preset in (STANDARD, PREVIEW)
    )

    def gap(a: Sampling, b: Sampling) -> str:
        return number(paired_bootstrap(runs[a].mean, runs[b].mean, seed=seed), "+")

    def reached(way: Sampling) -> str:
        iou = number(bootstrap_mean(runs[way].mean, seed=seed))
        return f"a mean IoU of {iou} in {runs[way].seconds:.2g} s"

    others = [
        f"{gap(replace(standard, sampler=name), standard)} with {NAMES[name]}"
        for name in SAMPLERS
        if name != standard.sampler
    ]
    longest = replace(standard, num_steps=most)
    best = max(runs, key=lambda way: runs[way].mean.mean())
    return (
        f"{standard.num_steps} steps of {NAMES[standard.sampler]} at a guidance of "
        f"{standard.guidance_scale:g}, the standard quality, reach {reached(standard)} "
        f"a shape; {most} steps change that by {gap(longest, standard)}, as many of another "
        f"sampler by {' and '.join(others)}, and the preview, {preview.num_steps} steps at "
        f"{preview.guidance_scale:g}, by {gap(preview, standard)}, in "
        f"{runs[preview].seconds:.2g} s; of all {len(runs)} ways the best on these images, "
        f"{best.num_steps} steps of {NAMES[best.sampler]} at {best.guidance_scale:g}, differs by "
        f"{gap(best, standard)}."
    )


def figure_of(runs: Mapping[Sampling, Run], seed: int) -> dict[str, Any]:
    """IoU against steps, a line a sampler; dotted without guidance."""
    series: dict[str, tuple[list[float], list]] = {}
    looks = {}
    for way, run in runs.items():
        label = f"{NAMES[way.sampler]}, guidance {way.guidance_scale:g}"
        color = OTHER_COLORS[list(NAMES).index(way.sampler)]
        looks[label] = {"color": color, "dash": "dot" if way.guidance_scale == 1 else "solid"}
        at, values = series.setdefault(label, ([], []))
        at.append(way.num_steps)
        values.append(bootstrap_mean(run.mean, seed=seed))
    count = len(next(iter(runs.values())).mean)
    title = f"Mean IoU of both columns on {count} images"
    figure = curves(series, title=title, x="denoising steps", y="IoU", log_x=True)
    for line in figure["data"]:
        line["line"] = looks[line["name"]]
    return figure


def study(options: SamplingOptions, device: torch.device) -> Answer:
    """Sample in every way, compare."""
    steps = sorted({*options.steps, STANDARD.num_steps, PREVIEW.num_steps})
    for num_steps in steps:
        Sampling.resolve("standard", steps=num_steps)  # refuses what cannot be sampled
    bench = open_bench(options, device)
    samplings = ways(steps)
    bench.models["clip"].schedule.timesteps(steps[-1])  # refuses more than there are
    bench.answers("clip", samplings[0], 1, 0)([0])  # warm up: the first shape takes longer
    runs = measure(bench, samplings, options.seed)
    return Answer(
        finding_of(runs, steps[-1], options.seed),
        figure_of(runs, options.seed),
        {"images": len(bench.truth.ids), "runs": summarise(runs, options.seed)},
    )


if __name__ == "__main__":
    study_command(SamplingOptions, study)
