"""Measure the speed of every stage: `python -m training.benchmark --out BENCH.json`.

All timings of the project come from here; tests assert none. Each is the median of several runs
after a warm-up, in one process, so that ratios can be trusted even where the machine cannot.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from cisp.naming import SPACES
from cisp.spaces import load_space
from diffusion.devices import device_name, pick_device
from diffusion.generate import generate
from diffusion.model import VoxelDiffusion
from diffusion.presets import PRESETS, Sampling
from training.costs.encoding_speed import embedding_rate, encoding_seconds
from training.costs.network_costs import diffusers_seconds, network_cost
from training.costs.step_costs import step_costs
from training.costs.timing import median_seconds
from training.costs.tower_costs import tower_costs
from training.loop.presets import BUNDLED, PAPER
from training.tools.command import command_line, resolved_config, run_command, save_json
from training.tools.workers import default_workers, parallel_map

PAPER_PASSES = 2000  # the released sampler: 1000 ancestral steps with guidance


@dataclass(frozen=True)
class BenchmarkOptions:
    """Measure the speed of every stage.

    Attributes:
        out: A JSON file for the results; they are printed anyway.
        weights: The folder of the trained weights.
        device: auto, cpu, cuda or mps.
        repeats: Runs of each stage; the median counts.
    """

    out: Path | None = None
    weights: Path = Path("assets/weights")
    device: str = "auto"
    repeats: int = 5


def rate(function: Callable[[int], Any], count: int, workers: int) -> float:
    """Calls a second with all workers busy, not counting the seconds of imports at their start."""
    results = parallel_map(function, range(count + workers), workers=workers, chunksize=1)
    for _ in range(workers):
        next(results)
    start = time.perf_counter()
    for _ in results:
        pass
    return count / (time.perf_counter() - start)


def measure_drawing(repeats: int) -> dict[str, Any]:
    """Shapes and pictures a second as training draws them, and where the time of a shape goes.

    On the CPU, whatever trains, as `training.data.procedural.build_cache` does.
    """
    from training.costs.stages import stage_seconds
    from training.data.procedural import PICTURE, VIEWS, draw_item

    workers, count = default_workers(), 40 * repeats

    def items(views: Sequence[str]) -> float:
        return rate(partial(draw_item, "test", views=views), count, workers)

    grids, full = items(()), items(VIEWS)
    staged = partial(stage_seconds, size=PICTURE, device="cpu")
    (stages,) = parallel_map(staged, [26], workers=1)  # with one thread, as each process has
    return {
        "processes": workers,
        "shapes_per_second": grids,
        "pictures_per_second": len(VIEWS) / (1 / full - 1 / grids),
        "pictures_a_shape": dict(Counter(VIEWS)),
        "picture_size": PICTURE,
        "stage_seconds_a_shape": stages,
        "stage_shares": {k: v / sum(stages.values()) for k, v in stages.items()},
    }


def measure_sampling(model: VoxelDiffusion, repeats: int, device: torch.device) -> dict[str, float]:
    """Seconds for shapes of each quality, alone and ten at once, and for a guess."""
    cond = torch.randn(10, model.cond_dim, generator=torch.Generator().manual_seed(0))
    cond = F.normalize(cond, dim=1).to(device)

    def sample(count: int, sampling: Sampling) -> None:
        for _ in generate(model, cond[:count], range(count), sampling):
            pass

    @torch.inference_mode()
    def guess() -> None:
        model.guess(cond[:1])

    counts = {"preview": (1, 10), "standard": (1, 10), "full": (1,)}
    seconds = {
        f"{name} x{count}": median_seconds(partial(sample, count, PRESETS[name]), repeats, device)
        for name, wanted in counts.items()
        for count in wanted
    }
    if model.guess is not None:
        seconds["guess x1"] = median_seconds(guess, repeats, device)
    return seconds


def finding(result: dict[str, Any]) -> str:
    """The speed of sampling in one sentence."""
    seconds, faster = result["sampling_seconds"], result["times_faster_than_paper"]
    return (
        f"On {result['device']} a standard shape takes {seconds['standard x1']:.2g} s, ten at once "
        f"{seconds['standard x10']:.2g} s, a preview {seconds['preview x1']:.2g} s; the paper's "
        f"network and sampler, built from the preset “paper”, would take "
        f"{result['paper_sampler_seconds']:,.0f} s, {faster['standard x1']:,.0f} and "
        f"{faster['preview x1']:,.0f} times as long."
    )


def main(options: BenchmarkOptions) -> None:
    """Measure, print, save."""
    device, repeats = pick_device(options.device), options.repeats
    if repeats < 1:
        raise ValueError("--repeats must be positive.")
    result: dict[str, Any] = {
        "command": command_line("training.benchmark"),
        "config": resolved_config(options),
        "device": device_name(device),
        "torch": torch.__version__,
        "drawing": measure_drawing(repeats),
    }
    spaces = [load_space(name, options.weights, device) for name in SPACES]
    result["encoding_seconds"] = encoding_seconds(spaces, repeats, device)
    result["embedding"] = embedding_rate(spaces, 200 * repeats, device)
    model = VoxelDiffusion.load(options.weights / "diffusion-cisp", device=device)
    result["sampling_seconds"] = measure_sampling(model, repeats, device)
    result["diffusers_seconds"] = diffusers_seconds(model, repeats, device)  # like "standard x1"
    result["networks"] = {
        name: network_cost(preset.diffusion, preset.embedding.shape.embed_dim, repeats, device)
        for name, preset in (("bundled", BUNDLED), ("paper", PAPER))
    }
    result["steps"] = step_costs(BUNDLED, max(1, repeats // 3), device)
    result["towers"] = tower_costs(max(1, repeats // 3), device)
    paper = result["networks"]["paper"]["forward"] * PAPER_PASSES
    result["paper_sampler_seconds"] = paper  # from the time of one pass
    result["times_faster_than_paper"] = {
        name: paper / seconds
        for name, seconds in result["sampling_seconds"].items()
        if name.endswith(" x1")
    }
    result["finding"] = finding(result)
    for key, value in result.items():
        print(f"{key}: {value}")
    if options.out is not None:
        save_json(options.out, result)


if __name__ == "__main__":
    run_command(BenchmarkOptions, main)
