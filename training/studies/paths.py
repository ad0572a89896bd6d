"""From one image to another: along the chord or the great circle, in CLIP's space or CISP's?

    python -m training.studies.paths --out assets/results/paths.json

Between the embeddings of two images lie nine, the ends included, evenly spaced by slerp or by lerp;
each is answered from the same noise. A path is smooth if neighbouring shapes overlap much
(`training.measure.paths` says how that is measured).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from cisp.interpolation import lerp, slerp
from cisp.naming import SPACES
from diffusion.grids.frame import iou
from diffusion.presets import Sampling
from training.measure.paths import FRAMES, pairs_of, smoothness, walk
from training.measure.statistics import Interval, bootstrap_mean, paired_bootstrap
from training.studies.report import curves, number
from training.studies.runner import Answer, study_command
from training.studies.sampled import Bench, SampledOptions, open_bench

WAYS = {"slerp": slerp, "lerp": lerp}
Found = dict[tuple[str, str], dict[str, np.ndarray]]  # (space, way) to {measure: (pairs, ...)}


@dataclass(frozen=True)
class PathsOptions(SampledOptions):
    """Measure how smoothly shapes change between two images.

    Attributes:
        count: At most so many test shapes; each is the end of one path.
        weights: The folder of the trained weights.
        seed: Of the pairs and the noise.
        device: auto, cpu, cuda or mps.
    """

    data: str = "procedural:test"
    count: int = 104
    weights: Path = Path("assets/weights")
    seed: int = 0
    device: str = "auto"


def measure(bench: Bench, sampling: Sampling, seed: int) -> Found:
    """The measures of `smoothness` of every path, and the IoU of neighbours, "steps"."""
    pairs = pairs_of(len(bench.truth.ids), len(bench.truth.ids), seed)
    bar = tqdm(total=len(SPACES) * len(WAYS) * len(pairs), desc="walk", unit="path")
    found: Found = {}
    for space in SPACES:
        for name, between in WAYS.items():
            rows = []
            for at, ends in enumerate(pairs):
                embeds = bench.embeds[space][list(ends)]
                shapes = walk(bench.models[space], embeds, sampling, seed + at, between=between)
                rows.append(smoothness(shapes) | {"steps": iou(shapes[:-1], shapes[1:])})
                bar.update()
            found[space, name] = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    bar.close()
    return found


def angles(bench: Bench, seed: int) -> dict[str, np.ndarray]:
    """How far the ends of each path lie apart in each space, in degrees (pairs,)."""
    pairs = np.array(pairs_of(len(bench.truth.ids), len(bench.truth.ids), seed))
    return {
        space: np.degrees(np.arccos((e[pairs[:, 0]] * e[pairs[:, 1]]).sum(1).clip(-1, 1)))
        for space, e in bench.embeds.items()
    }


def summarise(found: Found, seed: int) -> dict[str, Any]:
    """Means with intervals over pairs, and the differences between spaces and between ways."""
    told = [name for name in next(iter(found.values())) if name != "steps"]

    def gap(a: tuple[str, str], b: tuple[str, str]) -> dict[str, Interval]:
        return {m: paired_bootstrap(found[a][m], found[b][m], seed=seed) for m in told}

    return {
        "pairs": len(found["cisp", "slerp"]["steps"]),
        "frames": FRAMES,
        "measured": {
            space: {
                way: {m: bootstrap_mean(found[space, way][m], seed=seed) for m in told}
                | {"steps": [bootstrap_mean(s, seed=seed) for s in found[space, way]["steps"].T]}
                for way in WAYS
            }
            for space in SPACES
        },
        "cisp_minus_clip": {way: gap(("cisp", way), ("clip", way)) for way in WAYS},
        "slerp_minus_lerp": {space: gap((space, "slerp"), (space, "lerp")) for space in SPACES},
    }


def finding_of(result: Mapping[str, Any]) -> str:
    """The finding in one sentence."""
    clip, cisp = (result["measured"][space]["slerp"]["smoothness"] for space in SPACES)
    gap, ways = result["cisp_minus_clip"]["slerp"], result["slerp_minus_lerp"]
    return (
        f"On the way between {result['pairs']} pairs of images, neighbours of {FRAMES} frames by "
        f"slerp have a mean IoU of {number(cisp)} for CISP and {number(clip)} for CLIP "
        f"({number(gap['smoothness'], '+')}; largest jump {number(gap['largest_jump'], '+')}); "
        f"slerp in the place of lerp changes the largest jump by "
        f"{number(ways['cisp']['largest_jump'], '+')} for CISP and "
        f"{number(ways['clip']['largest_jump'], '+')} for CLIP."
    )


def figure_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """The overlap of neighbours along the way; lerp is dotted."""
    middles = [(at + 0.5) / (FRAMES - 1) for at in range(FRAMES - 1)]
    series = {
        f"{space.upper()} {way}": (middles, result["measured"][space][way]["steps"])
        for way in WAYS
        for space in reversed(SPACES)
    }
    title = f"Overlap of neighbouring frames, {result['pairs']} paths"
    return curves(series, title=title, x="position on the path", y="IoU of neighbours")


def study(options: PathsOptions, device: torch.device) -> Answer:
    """Walk all paths in all ways, compare."""
    if options.count < 2:
        raise ValueError("--count must be at least 2: a path has two ends.")
    bench = open_bench(options, device)
    found = measure(bench, Sampling.resolve("standard", None, None, None), options.seed)
    result = summarise(found, options.seed)
    result["degrees_between_the_ends"] = {
        space: bootstrap_mean(values, seed=options.seed)
        for space, values in angles(bench, options.seed).items()
    }
    return Answer(finding_of(result), figure_of(result), result)


if __name__ == "__main__":
    study_command(PathsOptions, study)
