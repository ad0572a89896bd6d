"""What a training step of every tower costs, for `training.benchmark`.

Each tower is measured in a process of its own, so that none finds memory that another left.
Memory is the peak of a step: weights, gradients, the two moments of AdamW and what is kept for the
backward pass. On CUDA that is `torch.cuda.max_memory_allocated`; on a CPU the growth of the peak
resident size of a process that was ready to train but for the tower. The latter also counts what
the allocator and the kernels keep for themselves, and is what a machine needs to have.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from cisp.image_tower import ImageTower, ImageTowerConfig
from cisp.shape_tower import ShapeCnnConfig, ShapeEncoderConfig, ShapeTowerConfig, shape_tower
from training.costs.timing import median_seconds
from training.loop.presets import BUNDLED, PAPER

# Heads are 64 wide, as in DeiT.
TOWERS: dict[str, ImageTowerConfig | ShapeTowerConfig] = {
    "image, bundled": BUNDLED.embedding.image,
    "image, paper (DeiT-B distilled)": PAPER.embedding.image,
    "shape, 3D-DeiT 768 wide (paper)": ShapeEncoderConfig(width=768, heads=12, depth=12),
    "shape, 3D-DeiT 384 wide (paper)": ShapeEncoderConfig(width=384, heads=6, depth=12),
    "shape, 3D-DeiT 192 wide, 6 deep": ShapeEncoderConfig(width=192, heads=3, depth=6),
    "shape, CNN": ShapeCnnConfig(width=32),
}
BATCH = {"cpu": 8}  # the paper's image tower takes a second a picture on a small CPU
BATCH_ELSEWHERE = 64


def tower_costs(repeats: int, device: torch.device) -> dict[str, dict[str, Any]]:
    """`step_cost` of every tower, each in a fresh process."""
    batch = BATCH.get(device.type, BATCH_ELSEWHERE)
    return {name: _alone(config, batch, repeats, str(device)) for name, config in TOWERS.items()}


def _alone(*arguments: Any) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(step_cost, *arguments).result()


def step_cost(
    config: ImageTowerConfig | ShapeTowerConfig, batch: int, repeats: int, device: str
) -> dict[str, Any]:
    """Parameters, seconds and peak memory of a training step; meant for a process of its own.

    Args:
        config: of the tower.
        batch: examples a step.
        repeats: steps, of which the median counts; the peak is over all.
        device: where.

    Returns:
        `parameters`, `batch`, `training_step` in seconds, `peak_bytes`, and `memory`, which says
        how the peak was measured.
    """
    place = torch.device(device)
    _steps(nn.Linear(8, 8), torch.zeros(2, 8), 1, place)  # loads what any step needs
    _forget_peak(place)
    before, _ = _peak(place)
    if isinstance(config, ImageTowerConfig):
        tower: nn.Module = ImageTower(config)
        inputs = torch.rand(batch, 3, config.image_size, config.image_size) * 2 - 1
    else:
        tower = shape_tower(config)
        inputs = torch.rand(batch, 1, *[config.resolution] * 3) * 2 - 1
    seconds = _steps(tower, inputs, repeats, place)
    after, how = _peak(place)
    return {
        "parameters": sum(p.numel() for p in tower.parameters()),
        "batch": batch,
        "training_step": seconds,
        "peak_bytes": after - before,
        "memory": how,
    }


def _steps(tower: nn.Module, inputs: Tensor, repeats: int, device: torch.device) -> float:
    """Median seconds of a step that pulls all embeddings together: any loss costs the same."""
    tower, inputs = tower.to(device).train(), inputs.to(device)
    optimiser = torch.optim.AdamW(tower.parameters())

    def step() -> None:
        optimiser.zero_grad()
        tower(inputs).square().mean().backward()
        optimiser.step()

    return median_seconds(step, repeats, device)


def _forget_peak(device: torch.device) -> None:
    """Restart the peak: imports free memory that the tower may use again."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    else:
        with contextlib.suppress(OSError):  # Linux alone has it, and not in every container
            Path("/proc/self/clear_refs").write_text("5")


def _peak(device: torch.device) -> tuple[int, str]:
    """Peak bytes up to now, and how they were measured."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device), "torch.cuda.max_memory_allocated"
    status = Path("/proc/self/status")
    if status.is_file():  # Linux; its ru_maxrss starts at what the parent process had
        [line] = [x for x in status.read_text().splitlines() if x.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024, "growth of the peak resident size (VmHWM)"
    import resource  # Unix alone

    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return peak, "growth of the peak resident size (ru_maxrss)"
