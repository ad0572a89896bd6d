"""How strongly should the embedding guide? Fidelity and variety against the guidance scale.

    python -m training.studies.guidance --out assets/results/guidance.json

Each picture is answered with a few shapes at every scale, all from the same noise. A scale of 1 is
no guidance. Fidelity is the mean IoU to the true shape, variety the mean 1 - IoU between the shapes
of one picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from cisp.naming import SPACES
from diffusion.grids.frame import iou
from diffusion.presets import STANDARD, Sampling
from training.measure.metrics import diversity
from training.measure.statistics import Interval, bootstrap_mean, paired_bootstrap
from training.studies.report import curves, number
from training.studies.runner import Answer, study_command
from training.studies.sampled import Bench, SampledOptions, open_bench

Found = dict[str, dict[str, np.ndarray]]  # a space to {measure: (scales, images)}


@dataclass(frozen=True)
class GuidanceOptions(SampledOptions):
    """Measure IoU and diversity against the guidance scale.

    Attributes:
        samples: Shapes a picture, 2 or more.
        scales: Guidance scales, from the least; 1 is off.
        weights: The folder of the trained weights.
        seed: Of the noise.
        device: auto, cpu, cuda or mps.
    """

    samples: int = 4
    scales: tuple[float, ...] = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
    weights: Path = Path("assets/weights")
    seed: int = 0
    device: str = "auto"


def measure(bench: Bench, scales: tuple[float, ...], samples: int, seed: int) -> Found:
    """IoU and diversity of each image at each scale."""
    images = range(len(bench.truth.ids))
    found: Found = {}
    bar = tqdm(total=len(SPACES) * len(scales) * len(images), desc="guide", unit="image")
    for space in SPACES:
        rows: dict[str, list[list[float]]] = {"iou": [], "diversity": []}
        for scale in scales:
            sampling = Sampling(STANDARD.sampler, STANDARD.num_steps, scale)
            answer = bench.answers(space, sampling, samples, seed)
            overlaps, spreads = [], []
            for image in images:
                grids = answer([image])[0]
                overlaps.append(iou(grids, bench.truth.occupancy[image]).mean())
                spreads.append(diversity(grids))
                bar.update()
            rows["iou"].append(overlaps)
            rows["diversity"].append(spreads)
        found[space] = {name: np.array(values) for name, values in rows.items()}
    bar.close()
    return found


def summarise(found: Found, scales: tuple[float, ...], seed: int) -> dict[str, Any]:
    """Means with intervals at each scale, CISP minus CLIP, and the gain over no guidance."""
    cisp, clip = found["cisp"], found["clip"]
    return {
        "scales": list(scales),
        "images": cisp["iou"].shape[1],
        "measured": {
            space: {
                name: [bootstrap_mean(row, seed=seed) for row in rows]
                for name, rows in values.items()
            }
            for space, values in found.items()
        },
        "cisp_minus_clip": {
            name: [
                paired_bootstrap(a, b, seed=seed)
                for a, b in zip(cisp[name], clip[name], strict=True)
            ]
            for name in cisp
        },
        "minus_the_least_scale": {
            space: {
                name: [paired_bootstrap(row, rows[0], seed=seed) for row in rows]
                for name, rows in values.items()
            }
            for space, values in found.items()
        },
    }


def finding_of(result: Mapping[str, Any]) -> str:
    """The finding in one sentence."""
    scales, measured = result["scales"], result["measured"]

    def best(space: str) -> int:
        return max(range(len(scales)), key=lambda at: measured[space]["iou"][at].mean)

    def reached(space: str) -> str:
        value = number(measured[space]["iou"][best(space)])
        return f"{scales[best(space)]:g} for {space.upper()}, {value}"

    at = best("cisp")
    gain = result["minus_the_least_scale"]["cisp"]
    return (
        f"On these images the mean IoU is highest at a guidance scale of {reached('cisp')}, and of "
        f"{reached('clip')}; against a scale of {scales[0]:g} CISP's changes by "
        f"{number(gain['iou'][at], '+')} and its diversity by "
        f"{number(gain['diversity'][at], '+')}, at {scales[-1]:g} by "
        f"{number(gain['diversity'][-1], '+')}."
    )


def figure_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """IoU and diversity of both spaces."""
    series: dict[str, tuple[list[float], list[Interval]]] = {}
    for name, label in (("iou", "IoU"), ("diversity", "diversity")):
        for space in reversed(SPACES):
            series[f"{space.upper()} {label}"] = (result["scales"], result["measured"][space][name])
    title = f"Fidelity and variety of {result['images']} images' shapes"
    return curves(series, title=title, x="guidance scale (1 = off)", y="IoU, diversity")


def study(options: GuidanceOptions, device: torch.device) -> Answer:
    """Sample at every scale, compare."""
    if options.samples < 2:
        raise ValueError("--samples must be at least 2: diversity is of pairs.")
    scales = tuple(sorted(set(options.scales)))
    if not scales or not all(0 <= scale < float("inf") for scale in scales):
        raise ValueError("--scales must be finite numbers, none of them negative.")
    found = measure(open_bench(options, device), scales, options.samples, options.seed)
    result = summarise(found, scales, options.seed)
    return Answer(finding_of(result), figure_of(result), result)


if __name__ == "__main__":
    study_command(GuidanceOptions, study)
