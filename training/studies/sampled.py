"""What the studies of sampling share: pictures of test shapes, and both diffusion models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from cisp.spaces import load_space
from diffusion.model import VoxelDiffusion
from training.measure.answers import diffusion_answers, read_shapes
from training.measure.evaluation import Answerer, Truth
from training.measure.sampling import Sampling, load_diffusion

SPACES = ("clip", "cisp")


@dataclass(frozen=True)
class Bench:
    """Two models and what they are asked.

    Attributes:
        models: a diffusion model a space.
        embeds: (N, D) unit vectors a space, of one picture of each shape.
        truth: the N shapes.
    """

    models: dict[str, VoxelDiffusion]
    embeds: dict[str, np.ndarray]
    truth: Truth

    def answers(self, space: str, sampling: Sampling, samples: int, seed: int) -> Answerer:
        """Shapes of a space's model; the noise is the same whatever the space and sampling."""
        return diffusion_answers(self.models[space], self.embeds[space], sampling, samples, seed)


def open_bench(data: str, count: int, weights: Path, device: torch.device) -> Bench:
    """Load the models, and embed the first picture of at most `count` shapes.

    Args:
        data: of `training.data.sources.open_source`.
        count: see above.
        weights: the folder of the trained weights.
        device: where the models go.
    """
    models = {name: load_diffusion(weights, name, device) for name in SPACES}
    spaces = [load_space(name, weights, device) for name in SPACES]
    truth, _, embeds = read_shapes(data, "test", count, 0, spaces, device)
    return Bench(models, embeds, truth)
