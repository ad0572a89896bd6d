"""Train the diffusion models, in lockstep on the same shapes, noise and dropped conditions.

    python -m training.train_diffusion --data RUN/data/train --weights RUN/weights --out RUN

The embeddings of all training views are computed once and kept in RUN/embeddings. Two models differ
in those alone: same initial weights, batches, timesteps, noise and learning rate.

With `--regressor` the same networks learn to predict the shape in one pass
(`training.measure.regressor`), to compare diffusion with. Add `--resume` to use the
embeddings of an earlier run.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cisp.checkpoints import load_strictly
from cisp.embedder import Embedder
from cisp.naming import space_folder
from cisp.spaces import load_space
from diffusion.devices import fast_layout
from diffusion.model import VoxelDiffusion
from training.data.augment import augment
from training.data.cache import DataCache
from training.data.diffusion_batches import (
    DiffusionBatch,
    DiffusionBatches,
    EmbeddedShapes,
    GuessBatches,
)
from training.data.embeddings import BATCH, embed_views, plain
from training.loop.guessing import Guessing
from training.loop.lockstep import STATE, Budget, Learner, start_anew, train
from training.loop.presets import DiffusionPreset, named_preset
from training.loop.running import Running, run_training, seeded
from training.loop.watch import Watch
from training.measure.regressor import Regression
from training.tools.command import atomic_path, check_seed, parse_spaces, run_command
from training.tools.distributed import rank, wait

ROUNDING = 5e-4  # of an entry of a unit vector, by half precision and another device


@dataclass(frozen=True)
class Trained:
    """What is trained."""

    data: Path
    weights: Path
    out: Path
    space: str = "clip,cisp"
    preset: str = "bundled"
    regressor: bool = False
    guess: bool = True
    batch_size: int | None = None


@dataclass(frozen=True)
class TrainDiffusionOptions(Running, Trained):  # the fields of the last base come first
    """Train the diffusion models.

    Attributes:
        data: The folder of a data cache (`training.data.cache`) to train on.
        weights: The folder of the embedding spaces' weights.
        out: The run folder; models go to OUT/weights/diffusion-SPACE, or regressor-SPACE.
        space: clip, cisp, openclip:MODEL/TAG, or several separated by commas, in lockstep.
        preset: tiny, bundled or paper.
        regressor: Train regressors in the place of diffusion models.
        guess: Whether diffusion refines a guess, where the preset has one.
        batch_size: Shapes a step of diffusion, of all processes together; the preset's by default,
            which has larger ones for devices. The learning rate follows its square root.
        seed: Of the start, the order and the noise.
    """


def some_augmented(share: float, seed: int) -> Callable[[Tensor], Tensor]:
    """A function from cut-outs to pixels that augments a share of them and leaves the others."""
    generator = torch.Generator().manual_seed(seed)

    def pixels_of(cutouts: Tensor) -> Tensor:
        pixels, rows = plain(cutouts), torch.rand(len(cutouts), generator=generator) < share
        if rows.any():
            pixels[rows] = augment(cutouts[rows], generator)
        return pixels

    return pixels_of


def cached_embeddings(
    space: Embedder,
    cache: DataCache,
    folder: Path,
    preset: DiffusionPreset,
    seed: int,
    resume: bool = False,
) -> np.ndarray:
    """Embeddings (N, V, D) float16, unit vectors, of the preset's views of a cache.

    They are read from `folder` when an interrupted run that left them is resumed, if the first
    pictures still embed to them: the tower may have been trained further. The same seed augments
    the same pictures in the same way, whatever the space.
    """
    path = folder / f"{space_folder(space.name)}.npy"
    views = preset.views or range(cache.cutouts.shape[1])

    def embedded(count: int) -> np.ndarray:
        pixels_of = some_augmented(preset.augmented, seed)
        return embed_views(space, cache.cutouts[:count], views, pixels_of=pixels_of)

    def is_kept() -> bool:
        kept, first = np.load(path, mmap_mode="r"), embedded(math.ceil(BATCH / len(views)))
        if kept.shape != (len(cache), *first.shape[1:]):
            return False
        pairs = (some[: len(first)].reshape(-1, first.shape[-1])[:BATCH] for some in (kept, first))
        return np.allclose(*pairs, atol=ROUNDING)

    if rank() == 0 and not (resume and path.exists() and is_kept()):
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.save(file, embedded(len(cache)).astype(np.float16))
    wait()
    return np.load(path, mmap_mode="r")


class Denoising(nn.Module):
    """A diffusion model as a function from a batch to its loss.

    Args:
        model: the model.
        cross_entropy: see `VoxelDiffusion.loss`.
        full_weight: see there.
    """

    def __init__(self, model: VoxelDiffusion, cross_entropy: float = 0.0, full_weight: float = 1.0):
        super().__init__()
        self.model, self.cross_entropy, self.full_weight = model, cross_entropy, full_weight

    def forward(self, batch: DiffusionBatch) -> Tensor:
        """The denoising loss of a batch, a scalar."""
        cond = batch.cond[self.model.space]
        return self.model.loss(
            batch.x_0,
            cond,
            batch.t,
            batch.noise,
            batch.drop_cond,
            cross_entropy=self.cross_entropy,
            full_weight=self.full_weight,
        )


def build_models(
    spaces: Sequence[Embedder],
    preset: DiffusionPreset,
    seed: int,
    start: Path | None = None,
    kind: str = "diffusion",
) -> list[VoxelDiffusion]:
    """A model a space, all of the same random start, or the ones in `start`/KIND-SPACE."""
    models = []
    for space in spaces:
        model = seeded(
            VoxelDiffusion,
            seed,
            space=space.name,
            unet=replace(preset.unet, cond_dim=space.dim),
            prediction="x_0" if kind == "regressor" else preset.prediction,
            schedule=preset.schedule,
            guess=preset.guess and preset.guess.size,
        )
        if start is not None:
            folder = start / f"{kind}-{space_folder(space.name)}"
            load_strictly(model, VoxelDiffusion.load(folder, space.name).state_dict(), folder)
        models.append(model)
    return models


def train_models(
    spaces: Sequence[Embedder],
    preset: DiffusionPreset,
    cache: DataCache,
    budget: Budget,
    out: Path,
    *,
    embeddings: Path | None = None,
    regressor: bool = False,
    seed: int = 0,
    resume: bool = False,
    device: torch.device | str = "cpu",
    start: Path | None = None,
    stop_after: int | None = None,
) -> dict[str, Any]:
    """Train one model a space in lockstep; save moving averages under `out`/weights.

    Where the preset has a guess, that is trained first, for its share of the budget.
    With `start`, a folder of weights, the models there are trained further.
    With `embeddings`, a folder, the embeddings are kept there and not in `out`/embeddings.
    With `regressor`, all is the same but the loss (`training.measure.regressor`), the names, and
    that there is no guess: it would be a second regressor.

    Returns:
        What `training.loop.lockstep.train` returns of the diffusion models, with
        `samples_per_second` of all spaces together; under "guess" the same of the guesses.
    """
    device = torch.device(device)
    check_seed(seed)
    kind = "regressor" if regressor else "diffusion"
    if regressor:
        preset = replace(preset, guess=None)
    names = "-".join(space_folder(space.name) for space in spaces)
    folders = [out / f"{stage}-{names}" for stage in ("guess", kind)]
    if not resume:
        start_anew(*(folder / STATE for folder in folders))
    folder = embeddings or out / "embeddings"
    embeds = {
        space.name: cached_embeddings(space, cache, folder, preset, seed, resume)
        for space in spaces
    }
    models = [model.to(device) for model in build_models(spaces, preset, seed, start, kind)]
    for model in models:
        fast_layout(model.unet)
    shapes = EmbeddedShapes(
        cache.grids,
        embeds,
        seed=seed,
        device=device,
        drop_prob=preset.cond_drop_prob,
        noise=preset.cond_noise,
        mixed=preset.cond_mixed,
        held_out=min(preset.watched, len(cache) // 10),
    )
    watch = Watch(*shapes.held_out()) if len(shapes.held_out()[0]) else None
    common = {"resume": resume, "device": device, "stop_after": stop_after}
    data = (len(cache), _digest(embeds), seed)
    report: dict[str, Any] = {}
    if preset.guess is not None:
        first, budget = budget.split(preset.guess.share)
        learners = [
            Learner(
                model.space,
                Guessing(
                    model.guess, model.space, preset.guess.cross_entropy, preset.guess.full_weight
                ),
                preset.guess.optimisation,
            )
            for model in models
        ]
        done = train(
            learners,
            GuessBatches(shapes, preset.guess.batch_size),
            first,
            folders[0],
            settings=repr((preset.guess, preset.cond_noise, preset.cond_mixed, *data)),
            check=watch.guesses if watch else None,
            **common,
        )
        report["guess"] = with_rate(done, preset.guess.batch_size * len(models))
        if done["steps"] == stop_after:
            return report
        for learner in learners:  # the average is what is refined; it stays frozen
            learner.module.load_state_dict(learner.ema.average)
            learner.module.requires_grad_(False)
    objectives = [
        Regression(model)
        if regressor
        else Denoising(model, preset.cross_entropy, preset.full_weight)
        for model in models
    ]
    learners = [
        Learner(model.space, objective, preset.optimisation)
        for model, objective in zip(models, objectives, strict=True)
    ]
    done = train(
        learners,
        DiffusionBatches(
            shapes,
            preset.batch_size,
            models[0].schedule.num_timesteps,
            preset.low_timesteps,
        ),
        budget,
        folders[1],
        settings=repr((preset, *data)),
        check=watch.samples if watch and not regressor else None,
        **common,
    )
    report |= with_rate(done, preset.batch_size * len(models))
    for learner in learners if rank() == 0 else ():
        model = learner.averaged().model.half()
        model.save(out / "weights" / f"{kind}-{space_folder(learner.name)}")
    return report


def _digest(embeds: Mapping[str, np.ndarray]) -> str:
    """Of all embeddings: a run on others is another run."""
    digest = hashlib.sha256()
    for array in embeds.values():
        digest.update(array)
    return digest.hexdigest()


def with_rate(done: dict[str, Any], batch_size: int) -> dict[str, Any]:
    """A report of `train` with the samples a second that all spaces saw together."""
    return done | {"samples_per_second": done["steps"] * batch_size / max(done["seconds"], 1e-9)}


def main(options: TrainDiffusionOptions) -> None:
    """Run the command."""
    kind = "regressor" if options.regressor else "diffusion"
    name = f"{kind}-{space_folder(options.space)}"
    run_training("training.train_diffusion", options, run, name)


def run(options: TrainDiffusionOptions, device: torch.device) -> dict[str, Any]:
    """Train the preset's models on the embeddings of the spaces."""
    preset = named_preset(options.preset)
    diffusion = preset.diffusion
    if options.batch_size is None:
        diffusion = diffusion.on(device)
    else:
        diffusion = diffusion.with_batch(options.batch_size)
    if not options.guess:
        diffusion = replace(diffusion, guess=None)
    return train_models(
        [load_space(s, options.weights, device) for s in parse_spaces(options.space)],
        diffusion,
        DataCache.load(options.data),
        options.budget(preset.minutes * preset.shares[1]),
        options.out,
        regressor=options.regressor,
        **options.common(device),
    )


if __name__ == "__main__":
    run_command(TrainDiffusionOptions, main)
