"""What a step must at least take on a large GPU, on paper, where there is none to measure.

    python -m training.costs.roofline --out assets/results/roofline.json

The steps run on the simulated device (`training.costs.simulated`), which counts kernels, the bytes
they read and write, and the operations of their products and convolutions. A step then takes

    launches x 5 microseconds + bytes / bandwidth + operations / peak

The three are added, as if nothing overlapped, and every kernel's operands went through memory, as
if no cache held them. Counts are taken at two small batches: launches do not depend on the batch,
bytes and operations grow along a line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import torch

from diffusion.generate import BATCH_SIZE_ELSEWHERE
from training.costs.simulated import simulated
from training.costs.steps import (
    SAMPLED,
    Step,
    embedding_step,
    guess_step,
    refinement_step,
    sampling_step,
)
from training.loop.presets import Preset, named_preset
from training.tools.command import command_line, resolved_config, run_command, save_json

LAUNCH = 5e-6  # seconds
# Dense bfloat16 operations and bytes of memory a second (NVIDIA's data sheets, SXM).
DEVICES = {"H100": (989e12, 3.35e12), "H200": (989e12, 4.8e12)}
COUNTED = (4, 8)  # batches at which steps are counted


@dataclass(frozen=True)
class RooflineOptions:
    """Foretell what a step takes on a large GPU.

    Attributes:
        out: A JSON file for the results; they are printed anyway.
        preset: tiny, bundled or paper.
    """

    out: Path | None = None
    preset: str = "bundled"


@dataclass(frozen=True)
class Work:
    """What a step asks of a device.

    Attributes:
        samples: rows that it works through, in all models together.
        launches: kernels.
        copies: between host and device.
        waits: of the host, for the device.
        bytes: read and written by kernels.
        operations: of products and convolutions.
    """

    samples: int
    launches: int
    copies: int
    waits: int
    bytes: float
    operations: float

    def at(self, other: Work, samples: int) -> Work:
        """The work for other samples, along the line through this and another step's."""
        share = (samples - self.samples) / (other.samples - self.samples)
        amounts = {
            name: getattr(self, name) + share * (getattr(other, name) - getattr(self, name))
            for name in ("bytes", "operations")
        }
        most = {
            name: max(getattr(self, name), getattr(other, name))
            for name in ("launches", "copies", "waits")
        }
        return Work(samples, **most, **amounts)

    def times(self, count: int, samples: int) -> Work:
        """The work of `count` such steps, for `samples` rows together."""
        amounts = {name: count * value for name, value in asdict(self).items()}
        return Work(**amounts | {"samples": samples})


def counted(make: Callable[[torch.device], Step]) -> Work:
    """What a step asks for, once its buffers are made."""
    with simulated() as device:
        step = make(torch.device("cuda", 0))
        step.run()
        device.reset()
        step.run()
        counts = device.counts
        copies = counts["upload"] + counts["download"]
        amounts = (device.bytes, device.operations)
        return Work(step.samples, counts["launch"], copies, counts["wait"], *amounts)


def works(preset: Preset) -> dict[str, Work]:
    """What every step asks for, at the batches that a device is given."""
    part, found = preset.diffusion, {}
    batches = {
        "embedding": (embedding_step, preset.embedding.batch_size),
        "guess": (guess_step, part.guess.batch_size if part.guess else 0),
        "refinement": (refinement_step, part.device_batch or part.batch_size),
    }
    for name, (make, batch) in batches.items():
        if batch:
            less, more = (counted(lambda d, m=make, n=n: m(preset, n, d)) for n in COUNTED)
            found[name] = less.at(more, batch * less.samples // COUNTED[0])
    passes = []
    for size in (1, 2):  # rows of a pass: `generate` fills every one up
        with mock.patch("diffusion.generate.BATCH_SIZE_ELSEWHERE", size):
            passes.append(counted(lambda d, n=size: sampling_step(preset, n, d)))
    one = passes[0].at(passes[1], BATCH_SIZE_ELSEWHERE)
    for count in SAMPLED:
        found[f"sampling {count}"] = one.times(-(-count // BATCH_SIZE_ELSEWHERE), count)
    return found


def foretold(work: Work, peak: float, bandwidth: float) -> dict[str, float]:
    """Seconds of a step and their three parts, samples a second, and the share of the peak."""
    parts = {
        "launching": work.launches * LAUNCH,
        "moving": work.bytes / bandwidth,
        "computing": work.operations / peak,
    }
    seconds = sum(parts.values())
    return parts | {
        "seconds": seconds,
        "samples_per_second": work.samples / seconds,
        "share_of_peak": work.operations / peak / seconds,
    }


def main(options: RooflineOptions) -> None:
    """Count, foretell, print, save."""
    found = works(named_preset(options.preset))
    result: dict[str, Any] = {
        "command": command_line("training.costs.roofline"),
        "config": resolved_config(options),
        "torch": torch.__version__,
        "devices": {
            name: dict(zip(("peak", "bandwidth"), v, strict=True)) for name, v in DEVICES.items()
        },
        "steps": {
            name: asdict(work)
            | {device: foretold(work, *limits) for device, limits in DEVICES.items()}
            for name, work in found.items()
        },
    }
    for name, step in result["steps"].items():
        print(f"{name}: {step}")
    if options.out is not None:
        save_json(options.out, result)


if __name__ == "__main__":
    run_command(RooflineOptions, main)
