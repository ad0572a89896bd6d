"""Sampling of a trained diffusion model by every command: embeddings in, grids out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cisp.naming import space_folder
from diffusion.generate import generate
from diffusion.model import VoxelDiffusion
from diffusion.presets import Sampling


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
    """The model's guesses, before any diffusion, for unit vectors (B, D): (B, R, R, R) float32.

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
    for step in generate(model, cond, list(seeds), sampling):  # noqa: B007
        pass  # only the last step counts
    return step.x_0[:, 0].float().cpu().numpy()
