"""Which diffusion model? Candidates trained for the same time, judged by IoU and seconds a shape.

    python -m training.studies.design --out assets/results/design.json

Each candidate changes one thing of the preset. All are conditioned on CISP embeddings of the same
pictures and learn on one device for the same minutes, so a slower network sees fewer shapes: what
is compared is quality for computing time, in training and in use. One candidate is no diffusion
model: the same network as a regressor (`training.measure.regressor`), which answers at once.
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cisp.spaces import load_space
from diffusion.grids.frame import iou
from diffusion.model import VoxelDiffusion
from diffusion.presets import PREVIEW, STANDARD, Sampling
from training.data.cache import DataCache
from training.data.embeddings import embed_views
from training.loop.lockstep import Budget
from training.loop.presets import DiffusionPreset, named_preset
from training.measure.answers import diffusion_answers, regressor_answers
from training.measure.sampling import load_diffusion
from training.measure.statistics import bootstrap_mean, paired_bootstrap
from training.studies.report import bars, number
from training.studies.runner import Answer, study_command
from training.studies.small import TrainedOptions, drawn_shapes
from training.train_diffusion import train_models

SPACE = "cisp"
AS_IT_IS = "as bundled"
PLAIN = "no guess"
REGRESSOR = "a regressor in its place"
CANDIDATES: dict[str, dict[str, Any]] = {
    AS_IT_IS: {},
    REGRESSOR: {"regressor": True},
    PLAIN: {"guess": None},
    "squared error alone": {"cross_entropy": 0.0},
    "a feature map of the embedding": {"unet": {"spatial_cond": True}},
    "half as wide again": {"unet": {"width": 96}},
    "stem of stride 2": {"unet": {"patch": 2, "multipliers": (1, 1, 1.5)}},
    "v-prediction": {"prediction": "v"},
    "grids of -1 and +1": {"signs": True},
}


@dataclass(frozen=True)
class DesignOptions(TrainedOptions):
    """Compare diffusion models that were trained for the same time.

    Attributes:
        count: Test shapes in that folder.
        images: How many of them are asked for, by one picture each.
        minutes: Training time of each candidate.
        weights: The folder of the trained spaces.
        preset: What the candidates are changes of.
        seed: Of the starts, the order, the noise and the bootstrap.
        device: auto, cpu, cuda or mps.
    """

    train_count: int = 8_000
    images: int = 104
    minutes: float = 20.0
    weights: Path = Path("assets/weights")
    preset: str = "bundled"
    seed: int = 0
    device: str = "auto"


def changed(preset: DiffusionPreset, change: Mapping[str, Any]) -> DiffusionPreset:
    """The preset with one thing changed; fields of `unet` join its own, others are not its."""
    own = {field.name for field in dataclasses.fields(preset)}
    fields = {key: value for key, value in change.items() if key in own}
    return replace(preset, **fields | {"unet": replace(preset.unet, **change.get("unet", {}))})


class Signs:
    """A cache whose grids hold only signs: inside or outside."""

    def __init__(self, cache: DataCache):
        self.cutouts = cache.cutouts
        self.grids = np.where(np.asarray(cache.grids) > 0, np.float16(1), np.float16(-1))

    def __len__(self) -> int:
        return len(self.grids)


def judge(
    model: VoxelDiffusion, embeds: np.ndarray, occupancy: np.ndarray, seed: int, regressor: bool
) -> dict[str, dict[str, Any]]:
    """One shape an image in each quality, the same if it regresses: IoU (N,), seconds a shape."""
    found = {}
    for preset in (STANDARD, PREVIEW):
        sampling = Sampling.resolve(preset.name)
        answer = (
            regressor_answers(model, embeds)
            if regressor
            else diffusion_answers(model, embeds, sampling, 1, seed)
        )
        answer([0])  # warm up: the first shape takes longer
        started = time.perf_counter()
        grids = answer(range(len(embeds)))[:, 0]
        seconds = (time.perf_counter() - started) / len(embeds)
        found[preset.name] = {"iou": iou(grids, occupancy), "seconds": seconds}
    return found


def study(options: DesignOptions, device: torch.device) -> Answer:
    """Train each candidate, judge it."""
    budget, preset = Budget(minutes=options.minutes), named_preset(options.preset).diffusion
    train, test = drawn_shapes(options)
    space = load_space(SPACE, options.weights, device)
    embeds = embed_views(space, test.cutouts[: options.images], [0])[:, 0]
    occupancy = np.asarray(test.grids[: options.images]) > 0
    runs = {}
    with tempfile.TemporaryDirectory() as folder:
        embedded = Path(folder, "embeddings")
        for name, change in CANDIDATES.items():
            out, regressor = Path(folder, name), change.get("regressor", False)
            if embedded.exists():  # made by the first candidate
                shutil.move(embedded, out / "embeddings")
            report = train_models(
                [space],
                changed(preset, change),
                Signs(train) if change.get("signs") else train,
                budget,
                out,
                regressor=regressor,
                seed=options.seed,
                resume=True,  # reads the embeddings moved there
                device=device,
            )
            shutil.move(out / "embeddings", embedded)
            kind = "regressor" if regressor else "diffusion"
            model = load_diffusion(out / "weights", SPACE, device, kind)
            runs[name] = {
                "steps": report["steps"],
                "parameters": sum(p.numel() for p in model.parameters()),
                **judge(model, embeds, occupancy, options.seed, regressor),
            }
    return compared(options, runs)


def compared(options: DesignOptions, runs: Mapping[str, Any]) -> Answer:
    """The candidates against the bundled model."""
    seed, standard, preview = options.seed, STANDARD.name, PREVIEW.name
    base = runs[AS_IT_IS][standard]
    gains = {
        name: paired_bootstrap(run[standard]["iou"], base["iou"], seed=seed)
        for name, run in runs.items()
        if name != AS_IT_IS
    }
    best = max(gains, key=lambda name: gains[name].mean)
    means = {
        name: {q: bootstrap_mean(run[q]["iou"], seed=seed) for q in (standard, preview)}
        for name, run in runs.items()
    }
    return Answer(
        finding=(
            f"With {options.minutes:g} min of training, long before any has converged, the bundled "
            f"design reaches a mean IoU of {number(means[AS_IT_IS][standard])} at "
            f"{base['seconds']:.2g} s a shape; of "
            f'{len(gains)} changes the best on these images, "{best}", differs by '
            f"{number(gains[best], '+')} at {runs[best][standard]['seconds']:.2g} s, leaving the "
            f"guess out by {number(gains[PLAIN], '+')}, and a regressor in the place of all by "
            f"{number(gains[REGRESSOR], '+')}; each was trained once."
        ),
        figure=bars(
            {
                quality: {name: values[quality] for name, values in means.items()}
                for quality in (standard, preview)
            },
            title=f"Mean IoU after {options.minutes:g} min, {options.images} test shapes",
            y="IoU",
            horizontal=True,
        ),
        results={
            name: {
                "training steps": run["steps"],
                "parameters": run["parameters"],
                **{f"IoU, {q}": means[name][q] for q in (standard, preview)},
                **{f"seconds a shape, {q}": run[q]["seconds"] for q in (standard, preview)},
                "IoU minus the bundled design's, standard": gains.get(name),
            }
            for name, run in runs.items()
        },
    )


if __name__ == "__main__":
    study_command(DesignOptions, study)
