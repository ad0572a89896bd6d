"""One step of everything that uses a device, on random data: what is counted, timed and foretold.

The sizes are those of a preset; weights and data are random, as no count depends on them.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from cisp.naming import SPACES
from diffusion.devices import fast_layout
from diffusion.generate import generate
from diffusion.model import VoxelDiffusion
from diffusion.presets import STANDARD
from training.data.diffusion_batches import DiffusionBatches, EmbeddedShapes, GuessBatches
from training.data.pair_batches import PairBatches
from training.loop.guessing import Guessing
from training.loop.lockstep import Learner, Optimisation
from training.loop.presets import DiffusionPreset, Preset
from training.train_diffusion import Denoising
from training.train_embedding import build_encoders, learners_of

SAMPLED = (1, 8, 256)  # shapes at once
RATE = 1e-4
VIEWS = 2


@dataclass(frozen=True)
class Step:
    """Work that a device does again and again.

    Attributes:
        run: does it once.
        samples: how many rows of a batch it works through, in all models together.
        dtype: what the device computes in.
    """

    run: Callable[[], Any]
    samples: int
    dtype: torch.dtype


def embedding_step(preset: Preset, batch: int, device: torch.device) -> Step:
    """Of both spaces, with augmentation; the trunk's first stages are frozen, as if pretrained."""
    settings, rng = replace(preset.embedding, pretrained=False), np.random.default_rng(0)
    encoders = build_encoders(SPACES, settings, seed=0)
    for encoder in encoders.values():
        if settings.image.frozen_stages:
            encoder.image.load_trunk(encoder.image.trunk.state_dict())
        encoder.to(device)
    tower = copy.deepcopy(encoders[SPACES[0]].image).eval()
    side = settings.image.image_size
    cache = _Rows(
        cutouts=rng.integers(0, 256, (batch, VIEWS, side, side, 4), dtype=np.uint8),
        grids=rng.uniform(-1, 1, (batch, 32, 32, 32)).astype(np.float16),
        captions=[["a chair with four legs and a high back"]] * batch,
        views=[["seen from the left"] * VIEWS] * batch,
    )
    batches = PairBatches(cache, batch, 0, tower, settings.image.frozen_stages)
    learners, optimisation = learners_of(encoders, settings.optimisation), settings.optimisation
    return _training(learners, batches, optimisation, batch, device)


class _Rows(SimpleNamespace):
    """What `PairBatches` reads of a data cache."""

    def __len__(self) -> int:
        return len(self.grids)


def guess_step(preset: Preset, batch: int, device: torch.device) -> Step:
    """Of the guesses of both spaces."""
    part = preset.diffusion.guess
    learners = [
        Learner(
            model.space, Guessing(model.guess, model.space, part.cross_entropy), part.optimisation
        )
        for model in _models(preset.diffusion, device)
    ]
    batches = GuessBatches(_shapes(preset.diffusion, batch, device), batch)
    return _training(learners, batches, part.optimisation, batch, device)


def refinement_step(preset: Preset, batch: int, device: torch.device) -> Step:
    """Of the diffusion models of both spaces; their guesses stay as they are."""
    part, models = preset.diffusion, _models(preset.diffusion, device)
    learners = []
    for model in models:
        if model.guess is not None:
            model.guess.requires_grad_(False)
        objective = Denoising(model, part.cross_entropy, part.full_weight)
        learners.append(Learner(model.space, objective, part.optimisation))
    batches = DiffusionBatches(_shapes(part, batch, device), batch, 1000)
    return _training(learners, batches, part.optimisation, batch, device)


def sampling_step(preset: Preset, count: int, device: torch.device) -> Step:
    """Standard samples of one space."""
    model = _models(preset.diffusion, device)[0].eval().requires_grad_(False)
    cond = F.normalize(torch.randn(count, model.cond_dim), dim=1).to(device)

    def run() -> None:
        for _ in generate(model, cond, range(count), STANDARD):
            pass

    return Step(run, count, torch.float32)


def _models(preset: DiffusionPreset, device: torch.device) -> list[VoxelDiffusion]:
    size = preset.guess and preset.guess.size
    how = {"unet": preset.unet, "prediction": preset.prediction, "guess": size}
    models = [VoxelDiffusion(space=space, **how).to(device) for space in SPACES]
    for model in models:
        fast_layout(model.unet)
    return models


def _shapes(preset: DiffusionPreset, count: int, device: torch.device) -> EmbeddedShapes:
    rng = np.random.default_rng(0)
    grids = rng.uniform(-1, 1, (count, *[preset.unet.resolution] * 3)).astype(np.float16)
    embeds = rng.normal(size=(count, VIEWS, preset.unet.cond_dim)).astype(np.float32)
    embeds /= np.linalg.norm(embeds, axis=-1, keepdims=True)
    return EmbeddedShapes(
        grids, dict.fromkeys(SPACES, embeds), seed=0, device=device, noise=preset.cond_noise
    )


def _training(
    learners: list[Learner],
    batches: Callable[[int], Any],
    optimisation: Optimisation,
    batch: int,
    device: torch.device,
) -> Step:
    steps = itertools.count()

    def run() -> None:
        rows = batches(next(steps))
        for learner in learners:
            learner.step(rows, RATE, device)

    return Step(run, batch * len(learners), optimisation.dtype(device))
