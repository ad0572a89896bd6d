"""Which diffusion model? Candidates trained for the same time, judged by IoU and seconds a shape.

    python -m training.studies.design --out assets/results/design.json

Each candidate changes one thing of the preset, and trains a model a space in lockstep, on shapes
that the towers have not seen. All learn on one device for the same minutes, so a slower network
sees fewer shapes: what is compared is quality for computing time, in training and in use. One
candidate has no guess: whether CISP is ahead of CLIP must not hang on that. Another is no diffusion
model: the same network as a regressor (`training.measure.regressor`), which answers at once.

What is trained stays in RUNS, where the same command goes on after an interruption.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cisp.embedder import Embedder
from cisp.naming import SPACES
from cisp.spaces import load_space
from diffusion.grids.frame import iou
from diffusion.model import VoxelDiffusion
from diffusion.presets import PREVIEW, STANDARD, Sampling
from training.data.cache import DataCache
from training.data.embeddings import embed_views, procedural_cache
from training.data.procedural import build_cache
from training.loop.lockstep import Budget
from training.loop.presets import DiffusionPreset, Preset, named_preset
from training.measure.answers import diffusion_answers, regressor_answers
from training.measure.parts import thin_recall
from training.measure.sampling import load_diffusion
from training.measure.statistics import bootstrap_mean, paired_bootstrap
from training.studies.report import bars, number
from training.studies.runner import Answer, study_command
from training.studies.small import TrainedOptions
from training.tools.workers import default_workers
from training.train_diffusion import train_models

AS_IT_IS = "as bundled"
PLAIN = "no guess"
REGRESSOR = "a regressor in its place"
CANDIDATES: dict[str, dict[str, Any]] = {
    AS_IT_IS: {},
    PLAIN: {"guess": None},
    REGRESSOR: {"regressor": True},
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
        candidates: Which changes; the bundled design is always there.
        runs: A folder for what is trained.
        images: How many test shapes are asked for, by one picture each.
        minutes: Training time of each candidate.
        weights: The folder of the trained spaces.
        preset: What the candidates are changes of, and which training shapes are drawn.
        seed: Of the starts, the order, the noise and the bootstrap.
        device: auto, cpu, cuda or mps.
    """

    train_count: int = 8_000
    candidates: tuple[str, ...] = (PLAIN, REGRESSOR, "squared error alone")
    runs: Path = Path("runs/design")
    images: int = 260
    minutes: float = 20.0
    weights: Path = Path("assets/weights")
    preset: str = "bundled-4"
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
    """One shape an image in each quality: IoU and thin recall (N,), seconds a shape.

    A regressor has one answer for all qualities.
    """
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
        thin = [thin_recall(g[None], t)[0][0] for g, t in zip(grids, occupancy, strict=True)]
        found[preset.name] = {
            "iou": iou(grids, occupancy),
            "thin": np.array(thin),
            "seconds": seconds,
        }
    return found


def training_shapes(options: DesignOptions, preset: Preset) -> DataCache:
    """Shapes that the preset's diffusion models train on, drawn on first use."""
    return build_cache(
        options.cache / options.preset,
        "train",
        options.train_count,
        preset.embedding.image.image_size,
        first=preset.first_shape,
        views=preset.train_views,
        masked=preset.masked,
        workers=default_workers(),
    )


def trained(
    options: DesignOptions,
    name: str,
    spaces: Sequence[Embedder],
    train: DataCache,
    device: torch.device,
) -> tuple[dict[str, Any], dict[str, VoxelDiffusion]]:
    """A candidate's report of training, and its model of each space."""
    change, out = CANDIDATES[name], options.runs / name.replace(" ", "-")
    regressor = change.get("regressor", False)
    report = train_models(
        spaces,
        changed(named_preset(options.preset).diffusion, change),
        Signs(train) if change.get("signs") else train,
        Budget(minutes=options.minutes),
        out,
        embeddings=options.runs / "embeddings",  # the same for all
        regressor=regressor,
        seed=options.seed,
        resume=True,
        device=device,
    )
    kind = "regressor" if regressor else "diffusion"
    weights = out / "weights"
    return report, {s.name: load_diffusion(weights, s.name, device, kind) for s in spaces}


def study(options: DesignOptions, device: torch.device) -> Answer:
    """Train each candidate, judge it.

    Raises:
        ValueError: there is no such candidate.
    """
    unknown = [name for name in options.candidates if name not in CANDIDATES]
    if unknown:
        known = ", ".join(f'"{name}"' for name in CANDIDATES)
        raise ValueError(f'--candidates: there is no "{unknown[0]}", only {known}.')
    train = training_shapes(options, named_preset(options.preset))
    test = procedural_cache(options.cache, "test", options.count)
    spaces = [load_space(name, options.weights, device) for name in SPACES]
    embeds = {s.name: embed_views(s, test.cutouts[: options.images], [0])[:, 0] for s in spaces}
    occupancy = np.asarray(test.grids[: options.images]) > 0
    runs = {}
    for name in dict.fromkeys((AS_IT_IS, *options.candidates)):
        report, models = trained(options, name, spaces, train, device)
        regressor = CANDIDATES[name].get("regressor", False)
        runs[name] = {
            "steps": report["steps"],
            "parameters": sum(p.numel() for p in models["cisp"].parameters()),
            **{
                space: judge(model, embeds[space], occupancy, options.seed, regressor)
                for space, model in models.items()
            },
        }
    return compared(options, runs)


def compared(options: DesignOptions, runs: Mapping[str, Any]) -> Answer:
    """The candidates against the bundled design, and CISP against CLIP in each."""
    seed, standard, preview = options.seed, STANDARD.name, PREVIEW.name

    def versus(a: Mapping[str, Any], b: Mapping[str, Any]) -> Any:
        return paired_bootstrap(a[standard]["iou"], b[standard]["iou"], seed=seed)

    base = runs[AS_IT_IS]
    changes = [name for name in runs if name != AS_IT_IS]
    gains = {name: versus(runs[name]["cisp"], base["cisp"]) for name in changes}
    gaps = {name: versus(run["cisp"], run["clip"]) for name, run in runs.items()}
    means = {
        name: {space: bootstrap_mean(run[space][standard]["iou"], seed=seed) for space in SPACES}
        for name, run in runs.items()
    }
    listed = "; ".join(f"{name} {number(gain, '+')}" for name, gain in gains.items())
    behind = f", {number(gaps[PLAIN], '+')} with no guess" if PLAIN in gaps else ""
    return Answer(
        finding=(
            f"After {options.minutes:g} min of training for both spaces, long before any has "
            f"converged, the bundled design reaches a mean IoU of "
            f"{number(means[AS_IT_IS]['cisp'])} from CISP embeddings. Changes of it: {listed}. "
            f"CISP minus CLIP is {number(gaps[AS_IT_IS], '+')} as bundled{behind}. "
            f"Each was trained once."
        ),
        figure=bars(
            {space.upper(): {n: values[space] for n, values in means.items()} for space in SPACES},
            title=f"Mean IoU after {options.minutes:g} min, {options.images} test shapes",
            y="IoU",
            horizontal=True,
        ),
        results={
            name: {
                "training steps": run["steps"],
                "parameters": run["parameters"],
                **{f"IoU, {space}": mean for space, mean in means[name].items()},
                "IoU, cisp, preview": bootstrap_mean(run["cisp"][preview]["iou"], seed=seed),
                "thin recall, cisp": bootstrap_mean(run["cisp"][standard]["thin"], seed=seed),
                **{f"seconds a shape, {q}": run["cisp"][q]["seconds"] for q in (standard, preview)},
                "IoU minus the bundled design's": gains.get(name),
                "IoU, cisp minus clip": gaps[name],
            }
            for name, run in runs.items()
        },
    )


if __name__ == "__main__":
    study_command(DesignOptions, study)
