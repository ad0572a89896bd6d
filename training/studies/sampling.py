"""How many steps, of which sampler, and from where? Quality and seconds a shape.

    python -m training.studies.sampling --out assets/results/sampling.json

Each picture is answered with two shapes by every sampler in every number of steps, with the
standard guidance and without any (half the work); and by the standard sampler on short walks from
the guess with a share of the noise (Meng et al. 2022, "SDEdit", arXiv 2108.01073). All share the
noise. Both spaces count alike: one way has to serve both columns.

IoU alone prefers blurred shapes, which lose their legs. The best way is therefore the one of the
largest sum of IoU and thin recall, among those whose two shapes still differ (`LEAST_DIVERSITY`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from tqdm import tqdm

from cisp.naming import SPACES
from diffusion.presets import PREVIEW, STANDARD, Sampling
from diffusion.samplers import SAMPLERS
from training.measure.scores import score
from training.measure.statistics import Interval, bootstrap_mean, paired_bootstrap
from training.studies.report import OTHER_COLORS, curves, number
from training.studies.runner import Answer, study_command
from training.studies.sampled import Bench, SampledOptions, open_bench

NAMES = {"ddpm": "DDPM", "ddim": "DDIM", "dpmpp_2m": "DPM-Solver++ (2M)"}


SAMPLES = 2  # the least that have a diversity
LEAST_DIVERSITY = 0.2
MEASURES = ("iou", "thin_recall", "diversity", "volume", "more_pieces")


@dataclass(frozen=True)
class SamplingOptions(SampledOptions):
    """Measure quality against steps, sampler and strength.

    Attributes:
        steps: Numbers of steps; those of the standard quality and of the preview join them.
        strengths: Shares of the noise that walks from the guess start with, for models that have a
            guess; those of the two qualities join them.
        short: Numbers of steps of those walks.
        weights: The folder of the trained weights.
        seed: Of the noise.
        device: auto, cpu, cuda or mps.
    """

    count: int = 39
    steps: tuple[int, ...] = (2, 4, 6, 10, 20, 50)
    strengths: tuple[float, ...] = (0.2, 0.35, 0.5, 0.7)
    short: tuple[int, ...] = (1, 2, 4)
    weights: Path = Path("assets/weights")
    seed: int = 0
    device: str = "auto"


class Run(NamedTuple):
    """One way of sampling: {space: {measure: one number an image}}, and seconds a shape."""

    values: dict[str, dict[str, np.ndarray]]
    seconds: float

    def both(self, measure: str) -> np.ndarray:
        """A measure (images,), the mean of both spaces."""
        return np.mean([values[measure] for values in self.values.values()], axis=0)

    @property
    def worth(self) -> float:
        """IoU and thin recall together; -1 if the shapes of a picture are nearly the same."""
        if self.both("diversity").mean() < LEAST_DIVERSITY:
            return -1.0
        return float((self.both("iou") + self.both("thin_recall")).mean())


def ways(
    steps: Sequence[int], strengths: Sequence[float] = (), short: Sequence[int] = ()
) -> list[Sampling]:
    """All ways: from pure noise by every sampler, then from the guess by the standard one.

    Each at the guidance of each quality and without any.
    """
    scales = sorted({1.0, PREVIEW.guidance_scale, STANDARD.guidance_scale})
    from_noise = [
        Sampling(sampler, num_steps, scale)
        for sampler in SAMPLERS
        for scale in scales
        for num_steps in steps
    ]
    from_guess = [
        Sampling(STANDARD.sampler, num_steps, scale, strength)
        for strength in strengths
        for scale in scales
        for num_steps in short
    ]
    return list(dict.fromkeys([*from_noise, *from_guess, STANDARD, PREVIEW]))


def measure(bench: Bench, samplings: list[Sampling], seed: int) -> dict[Sampling, Run]:
    """Answer all images in all ways."""
    images = range(len(bench.truth.ids))
    runs = {}
    for sampling in tqdm(samplings, desc="sample", unit="way"):
        found, seconds = {}, 0.0
        for space in SPACES:
            answer = bench.answers(space, sampling, SAMPLES, seed)
            started = time.perf_counter()
            grids = answer(images)
            seconds += time.perf_counter() - started
            scores = score(bench.truth, images, grids, surface_samples=0)
            found[space] = {
                name: np.array([np.mean(entry[name]) for entry in scores]) for name in MEASURES
            }
        runs[sampling] = Run(found, seconds / len(images) / SAMPLES / len(SPACES))
    return runs


def summarise(runs: Mapping[Sampling, Run], seed: int) -> list[dict[str, Any]]:
    """One entry a way: its settings, all measures, IoU of each space, CISP minus CLIP, seconds."""
    return [
        {
            **asdict(sampling),
            **{name: bootstrap_mean(run.both(name), seed=seed) for name in MEASURES},
            **{space: bootstrap_mean(run.values[space]["iou"], seed=seed) for space in SPACES},
            "cisp_minus_clip": paired_bootstrap(
                *(run.values[space]["iou"] for space in reversed(SPACES)), seed=seed
            ),
            "seconds_per_shape": run.seconds,
        }
        for sampling, run in runs.items()
    ]


def told(way: Sampling) -> str:
    """A way in words: "4 steps of DDIM at a guidance of 2"."""
    words = f"{way.num_steps} step{'s' * (way.num_steps > 1)} of {NAMES[way.sampler]}"
    words += f" at a guidance of {way.guidance_scale:g}" if way.guidance_scale != 1 else ""
    return words + (f" from the guess with strength {way.strength:g}" if way.strength != 1 else "")


def finding_of(runs: Mapping[Sampling, Run], longest: Sampling, seed: int) -> str:
    """The finding, about the qualities that the page offers.

    Args:
        runs: of `measure`.
        longest: a way with the most steps, to compare with.
        seed: of the resamples.
    """

    def gap(way: Sampling, name: str = "iou") -> str:
        pair = (runs[which].both(name) for which in (way, STANDARD))
        return number(paired_bootstrap(*pair, seed=seed), "+")

    def reached(way: Sampling) -> str:
        iou, thin = (
            number(bootstrap_mean(runs[way].both(name), seed=seed))
            for name in ("iou", "thin_recall")
        )
        return f"a mean IoU of {iou} and a thin recall of {thin} in {runs[way].seconds:.2g} s"

    best = max(runs, key=lambda way: runs[way].worth)
    if runs[best].worth < 0:
        found = f"none has a diversity of {LEAST_DIVERSITY:g} or more."
    else:
        found = (
            f"the best on these images in IoU and thin recall together, among those with a "
            f"diversity of {LEAST_DIVERSITY:g} or more, {told(best)}, differs by {gap(best)} in "
            f"IoU and {gap(best, 'thin_recall')} in thin recall."
        )
    return (
        f"The standard quality, {told(STANDARD)}, reaches {reached(STANDARD)} a shape; "
        f"{told(longest)} change its IoU by {gap(longest)}; the preview, {told(PREVIEW)}, changes "
        f"IoU by {gap(PREVIEW)} and thin recall by {gap(PREVIEW, 'thin_recall')}, in "
        f"{runs[PREVIEW].seconds:.2g} s. Of all {len(runs)} ways {found}"
    )


def figure_of(runs: Mapping[Sampling, Run], seed: int) -> dict[str, Any]:
    """IoU against steps, a line a sampler or, with diamonds, strength; dotted without guidance."""
    series: dict[str, tuple[list[float], list[Interval]]] = {}
    looks, marks = {}, {}
    colors = {
        kind: OTHER_COLORS[at % len(OTHER_COLORS)]
        for whole in (True, False)
        for at, kind in enumerate(
            dict.fromkeys((w.sampler, w.strength) for w in runs if (w.strength == 1) == whole)
        )
    }
    for way, run in runs.items():
        label = NAMES[way.sampler] + (f" from the guess, {way.strength:g}" * (way.strength != 1))
        label += f", guidance {way.guidance_scale:g}"
        color = colors[way.sampler, way.strength]
        looks[label] = {"color": color, "dash": "dot" if way.guidance_scale == 1 else "solid"}
        marks[label] = "circle" if way.strength == 1 else "diamond"
        at, values = series.setdefault(label, ([], []))
        at.append(way.num_steps)
        values.append(bootstrap_mean(run.both("iou"), seed=seed))
    count = len(next(iter(runs.values())).both("iou"))
    title = f"Mean IoU of both columns on {count} images"
    figure = curves(series, title=title, x="denoising steps", y="IoU", log_x=True)
    for line in figure["data"]:
        line["line"] = looks[line["name"]]
        line["marker"] = {"symbol": marks[line["name"]]}
    return figure


def study(options: SamplingOptions, device: torch.device) -> Answer:
    """Sample in every way, compare."""
    steps = sorted({*options.steps, STANDARD.num_steps, PREVIEW.num_steps})
    for num_steps in {*steps, *options.short}:
        Sampling.resolve("standard", steps=num_steps)  # refuses what cannot be sampled
    for strength in options.strengths:
        Sampling.resolve("standard", strength=strength)
    bench = open_bench(options, device)
    guessing = all(model.guess is not None for model in bench.models.values())
    strengths = {*options.strengths, STANDARD.strength, PREVIEW.strength} - {1.0}
    samplings = ways(steps, sorted(strengths) if guessing else (), options.short)
    bench.models["clip"].schedule.timesteps(steps[-1])  # refuses more than there are
    bench.answers("clip", samplings[0], 1, 0)([0])  # warm up: the first shape takes longer
    runs = measure(bench, samplings, options.seed)
    longest = replace(STANDARD, num_steps=steps[-1], strength=1.0)
    return Answer(
        finding_of(runs, longest, options.seed),
        figure_of(runs, options.seed),
        {"images": len(bench.truth.ids), "runs": summarise(runs, options.seed)},
    )


if __name__ == "__main__":
    study_command(SamplingOptions, study)
