"""What the studies of sampling share: pictures of test shapes, and both diffusion models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cisp.naming import SPACES
from cisp.spaces import load_spaces
from diffusion.model import VoxelDiffusion
from diffusion.presets import Sampling
from training.measure.answers import diffusion_answers, read_shapes
from training.measure.sampling import load_diffusion
from training.measure.scores import Answerer, Truth


@dataclass(frozen=True)
class SampledOptions:
    """What a study of sampling asks for before its own options.

    Attributes:
        out: The JSON file to write.
        data: procedural:test, r2n2:ROOT, meshes:DIR or cache:DIR.
        count: At most so many test shapes.
    """

    out: Path
    data: str = "procedural:val"  # not test: these studies choose defaults
    count: int = 52


@dataclass(frozen=True)
class Bench:
    """Two models and the test images they are run on.

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


def open_bench(options: Any, device: torch.device) -> Bench:
    """Load the models, and embed the first picture of each shape.

    Args:
        options: `SampledOptions` with `weights`.
        device: where the models go.
    """
    weights = options.weights
    models = {name: load_diffusion(weights, name, device) for name in SPACES}
    spaces = load_spaces(weights, device)
    truth, _, embeds = read_shapes(
        options.data, "test", options.count, 0, list(spaces.values()), device
    )
    return Bench(models, embeds, truth)
