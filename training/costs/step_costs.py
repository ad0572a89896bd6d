"""Every step that uses a device, timed where it runs and counted as a GPU would be asked for it."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from diffusion.generate import batch_size
from diffusion.presets import STANDARD
from training.costs.network_costs import matrix_peak
from training.costs.roofline import works
from training.costs.steps import (
    SAMPLED,
    embedding_step,
    guess_step,
    refinement_step,
    sampling_step,
)
from training.costs.timing import median_seconds
from training.loop.presets import Preset


def step_costs(preset: Preset, repeats: int, device: torch.device) -> dict[str, dict[str, Any]]:
    """What the steps of both trainings, of both parts of diffusion, and sampling cost.

    Launches, copies and waits are those that a GPU would see, whatever the device: they are counted
    (`training.costs.roofline`). Seconds are measured, at the batches of this device.

    Returns:
        "embedding", "guess", "refinement", "sampling 1", ... -> `samples`, `precision`, `seconds`,
        `samples_per_second`, `share_of_peak` (of `matrix_peak`), `launches`, `copies`, `waits`.
    """
    part = preset.diffusion.on(device)
    makers = {
        "embedding": partial(embedding_step, preset, preset.embedding.batch_size),
        "guess": partial(guess_step, preset, part.guess.batch_size),
        "refinement": partial(refinement_step, preset, part.batch_size),
    }
    makers |= {f"sampling {n}": partial(sampling_step, preset, n) for n in SAMPLED}
    peaks: dict[torch.dtype, float] = {}
    found, asked = {}, works(preset)
    largest = asked[f"sampling {SAMPLED[-1]}"]  # its passes are full
    for name, work in asked.items():
        step = makers[name](device)
        seconds = median_seconds(step.run, repeats, device)
        if step.dtype not in peaks:
            peaks[step.dtype] = matrix_peak(step.dtype, repeats, device)
        if name.startswith("sampling"):  # other passes than a GPU's, and filled up as there
            size = batch_size(device, STANDARD.guidance_scale)
            rows = -(-step.samples // size) * size
            operations = largest.operations * rows / largest.samples
        else:
            operations = work.operations * step.samples / work.samples
        found[name] = {
            "samples": step.samples,
            "precision": str(step.dtype).removeprefix("torch."),
            "seconds": seconds,
            "samples_per_second": step.samples / seconds,
            "share_of_peak": operations / seconds / peaks[step.dtype],
            "launches": work.launches,
            "copies": work.copies,
            "waits": work.waits,
        }
    return found
