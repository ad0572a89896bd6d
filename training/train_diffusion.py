"""Train the diffusion models, in lockstep on the same shapes, noise and dropped conditions.

    python -m training.train_diffusion --data RUN/data/train --weights RUN/weights --out RUN

The embeddings of all training views are computed once and kept in RUN/embeddings. Two models differ
in those alone: same initial weights, batches, timesteps, noise and learning rate.

With `--regressor` the same networks learn to answer the embedding at once
(`training.measure.regressor`): what diffusion is compared with. Add `--resume` to use the
embeddings of an earlier run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cisp.checkpoints import load_strictly
from cisp.embedder import Embedder, as_condition
from cisp.spaces import load_space
from diffusion.devices import pick_device
from diffusion.model import VoxelDiffusion
from training.data.augment import augment
from training.data.cache import DataCache
from training.data.embedded import embed_views, plain
from training.loop.lockstep import Budget, Learner, train
from training.loop.presets import DiffusionPreset, named_preset
from training.measure.regressor import Regression
from training.measure.sampling import space_folder
from training.tools.command import (
    atomic_path,
    check_seed,
    command_line,
    parse_spaces,
    resolved_config,
    run_command,
    save_json,
)
from training.tools.distributed import own_part, process_group, rank, step_generator, wait
from training.train_embedding import seeded


@dataclass(frozen=True)
class Options:
    """Train the diffusion models.

    Attributes:
        data: The folder of a data cache (`training.data.cache`) to train on.
        weights: The folder of the embedding spaces' weights.
        out: The run folder; models go to OUT/weights/diffusion-SPACE, or regressor-SPACE.
        space: clip, cisp, openclip:MODEL/TAG, or several parted by commas, in lockstep.
        preset: tiny, bundled or paper.
        regressor: Train regressors in the place of diffusion models.
        start: A folder of weights of the same sizes, to train further.
        steps: Train so many steps.
        minutes: Train so long; the learning rate then follows the clock.
        seed: Of the start, the order and the noise.
        resume: Go on where an interrupted run stopped.
        device: auto, cpu, cuda or mps.
    """

    data: Path
    weights: Path
    out: Path
    space: str = "clip,cisp"
    preset: str = "bundled"
    regressor: bool = False
    start: Path | None = None
    steps: int | None = None
    minutes: float | None = None
    seed: int = 0
    resume: bool = False
    device: str = "auto"


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

    They are read from `folder` when an interrupted run that left them is resumed. The same seed
    augments the same pictures in the same way, whatever the space.
    """
    path = folder / f"{space_folder(space.name)}.npy"
    if rank() == 0 and not (resume and path.exists()):
        views = preset.views or range(cache.cutouts.shape[1])
        pixels_of = some_augmented(preset.augmented, seed)
        embeds = embed_views(space, cache.cutouts, views, pixels_of=pixels_of)
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.save(file, embeds.astype(np.float16))
    wait()
    return np.load(path, mmap_mode="r")


@dataclass(frozen=True)
class DiffusionBatch:
    """What one step of diffusion training sees, the same for all spaces but `cond`.

    Attributes:
        x_0: (B, 1, R, R, R) in [-1, 1].
        cond: a space's name to (B, D), unit vectors times sqrt(D).
        t: (B,) timesteps.
        noise: like x_0.
        drop_cond: (B,) bool.
    """

    x_0: Tensor
    cond: dict[str, Tensor]
    t: Tensor
    noise: Tensor
    drop_cond: Tensor


class DiffusionBatches:
    """Step -> batch: random shapes, one random view of each (the same view for every space)."""

    def __init__(
        self,
        cache: DataCache,
        embeds: dict[str, np.ndarray],
        preset: DiffusionPreset,
        num_timesteps: int,
        seed: int,
        device: torch.device,
    ):
        self.grids = torch.from_numpy(np.array(cache.grids)).to(device)  # (N, R, R, R) float16
        self.embeds = {s: torch.from_numpy(np.array(e)).to(device) for s, e in embeds.items()}
        self.preset, self.seed, self.device = preset, seed, device
        self.num_timesteps = num_timesteps
        self.num_views = next(iter(embeds.values())).shape[1]

    def __call__(self, step: int) -> DiffusionBatch:
        """The batch of a step, the same whenever asked."""
        generator = step_generator(self.seed, step)
        part = own_part(self.preset.batch_size)
        size = part.stop - part.start
        rows = torch.randint(len(self.grids), (size,), generator=generator).to(self.device)
        views = torch.randint(self.num_views, (size,), generator=generator).to(self.device)
        t = torch.randint(self.num_timesteps, (size,), generator=generator).to(self.device)
        drop = (torch.rand(size, generator=generator) < self.preset.cond_drop_prob).to(self.device)
        x_0 = self.grids[rows].float()[:, None]
        noise = torch.randn(x_0.shape, generator=generator).to(self.device)
        cond = {s: as_condition(e[rows, views].float()) for s, e in self.embeds.items()}
        return DiffusionBatch(x_0, cond, t, noise, drop)


class Guess(nn.Module):
    """A diffusion model as a function from a batch to its loss."""

    def __init__(self, model: VoxelDiffusion):
        super().__init__()
        self.model = model

    def forward(self, batch: DiffusionBatch) -> Tensor:
        """The denoising loss of a batch, a scalar."""
        cond = batch.cond[self.model.space]
        return self.model.loss(batch.x_0, cond, batch.t, batch.noise, batch.drop_cond)


def train_models(
    spaces: Sequence[Embedder],
    preset: DiffusionPreset,
    cache: DataCache,
    budget: Budget,
    out: Path,
    *,
    regressor: bool = False,
    seed: int = 0,
    resume: bool = False,
    device: torch.device | str = "cpu",
    start: Path | None = None,
    stop_after: int | None = None,
) -> dict[str, Any]:
    """Train one model a space in lockstep; save moving averages under `out`/weights.

    With `start`, a folder of weights, the models there are trained further.
    With `regressor`, all is the same but the loss (`training.measure.regressor`) and the names.

    Returns:
        What `training.loop.lockstep.train` returns.
    """
    device = torch.device(device)
    check_seed(seed)
    embeds = {
        space.name: cached_embeddings(space, cache, out / "embeddings", preset, seed, resume)
        for space in spaces
    }
    kind, objective = ("regressor", Regression) if regressor else ("diffusion", Guess)
    learners = []
    for space in spaces:
        model = seeded(  # the same random start for every space
            VoxelDiffusion,
            seed,
            space=space.name,
            unet={"cond_dim": space.dim, **preset.unet},
            prediction="x_0" if regressor else preset.prediction,
            schedule=preset.schedule,
        )
        if start is not None:
            folder = start / f"{kind}-{space_folder(space.name)}"
            load_strictly(model, VoxelDiffusion.load(folder, space.name).state_dict(), folder)
        learners.append(Learner(space.name, objective(model).to(device), preset.optimisation))
    batches = DiffusionBatches(cache, embeds, preset, model.schedule.num_timesteps, seed, device)
    folder = out / "-".join([kind, *(space_folder(s.name) for s in spaces)])
    report = train(
        learners,
        batches,
        budget,
        folder,
        resume=resume,
        settings=repr((preset, len(cache), seed)),
        device=device,
        stop_after=stop_after,
    )
    for learner in learners if rank() == 0 else ():
        model = learner.averaged().model.half()
        model.save_pretrained(out / "weights" / f"{kind}-{space_folder(learner.name)}")
    return report


def main(options: Options) -> None:
    """Run the command, alone or as one of the processes of torchrun."""
    with process_group(pick_device(options.device)) as device:
        run(options, device)


def run(options: Options, device: torch.device) -> None:
    """Train, and write what was done."""
    preset = named_preset(options.preset)
    spaces = [load_space(s, options.weights, device) for s in parse_spaces(options.space)]
    report = train_models(
        spaces,
        preset.diffusion,
        DataCache.load(options.data),
        Budget.of(options.steps, options.minutes, preset.minutes * preset.shares[1]),
        options.out,
        regressor=options.regressor,
        seed=options.seed,
        resume=options.resume,
        device=device,
        start=options.start,
    )
    report |= {
        "options": resolved_config(options),
        "command": command_line("training.train_diffusion"),
    }
    if rank() == 0:
        kind = "regressor" if options.regressor else "diffusion"
        save_json(options.out / f"train-{kind}-{space_folder(options.space)}.json", report)


if __name__ == "__main__":
    run_command(Options, main)
