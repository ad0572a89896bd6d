"""Embeddings in, grids out: what every command does with a trained diffusion model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cisp.naming import space_folder
from diffusion.generate import generate
from diffusion.model import VoxelDiffusion
from diffusion.presets import PRESETS
from diffusion.samplers import SAMPLERS


@dataclass(frozen=True)
class Sampling:
    """How shapes are drawn; `guidance_scale` 1 is no guidance."""

    sampler: str
    num_steps: int
    guidance_scale: float

    @classmethod
    def resolve(
        cls, preset: str, sampler: str | None, steps: int | None, guidance: float | None
    ) -> Sampling:
        """A preset by name, with what is given explicitly in its place.

        Raises:
            ValueError: for an unknown name, no step, or a negative or infinite guidance.
        """
        if preset not in PRESETS:
            raise ValueError(f"Unknown preset '{preset}': choose from {', '.join(PRESETS)}.")
        chosen = PRESETS[preset]
        sampling = cls(
            chosen.sampler if sampler is None else sampler,
            chosen.num_steps if steps is None else steps,
            chosen.guidance_scale if guidance is None else guidance,
        )
        if sampling.sampler not in SAMPLERS:
            raise ValueError(f"Unknown sampler '{sampler}': choose from {', '.join(SAMPLERS)}.")
        if sampling.num_steps < 1:
            raise ValueError(f"Sampling takes at least one step, not {steps}.")
        if not 0 <= sampling.guidance_scale < float("inf"):
            raise ValueError(f"The guidance scale must be finite and not negative, not {guidance}.")
        return sampling


def load_diffusion(
    weights: Path, space: str, device: torch.device | str, kind: str = "diffusion"
) -> VoxelDiffusion:
    """The diffusion model trained on a space, from `weights`/diffusion-SPACE, ready to sample.

    `kind` "regressor" is for what `training.train_diffusion --regressor` leaves.

    Raises:
        ValueError: if there is none, or it was trained on another space.
    """
    folder = Path(weights) / f"{kind}-{space_folder(space)}"
    return VoxelDiffusion.load(folder, space=space, device=device)


def fingerprint(model: nn.Module) -> str:
    """Twelve hexadecimal digits that change with any weight."""
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode() + value.cpu().numpy().tobytes())
    return digest.hexdigest()[:12]


@torch.inference_mode()
def guess_shapes(model: VoxelDiffusion, embeds: np.ndarray) -> np.ndarray:
    """What the model guesses, before any diffusion, of unit vectors (B, D): (B, R, R, R) float32.

    Raises:
        ValueError: if it has no guess.
    """
    if model.guess is None:
        raise ValueError(f"The diffusion model of {model.space} has no guess.")
    device = next(model.parameters()).device
    cond = torch.from_numpy(embeds).to(device)
    return model.guess(cond)[:, 0].clamp(-1, 1).float().cpu().numpy()


@torch.inference_mode()
def sample_shapes(
    model: VoxelDiffusion, embeds: np.ndarray, seeds: Sequence[int], sampling: Sampling
) -> np.ndarray:
    """One shape for each embedding and seed.

    Args:
        model: of the space that the embeddings are from.
        embeds: (B, D) unit vectors.
        seeds: B seeds of the noise.
        sampling: how.

    Returns:
        (B, R, R, R) float32 in [-1, 1], positive inside.
    """
    device = next(model.parameters()).device
    cond = torch.from_numpy(embeds).to(device)
    for step in generate(  # noqa: B007  (only the last step counts)
        model,
        cond,
        list(seeds),
        sampler=sampling.sampler,
        num_steps=sampling.num_steps,
        guidance_scale=sampling.guidance_scale,
    ):
        pass
    return step.x_0[:, 0].float().cpu().numpy()
