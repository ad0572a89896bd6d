"""Batches of diffusion training: shapes, the embeddings of one picture of each, noise.

Batches depend on the seed and the step alone, and are the same for every space but for `cond`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.tools.distributed import own_part, step_generator


class EmbeddedShapes:
    """Shapes and the embeddings of their pictures, on the device that trains.

    Args:
        grids: (N, R, R, R) float16 in [-1, 1].
        embeds: a space's name to (N, V, D), unit vectors.
        seed: of all draws.
        device: where batches are wanted.
        drop_prob: how often an embedding is dropped for the null embedding.
        noise: deviation of the noise on the embedding's entries, relative to their own,
            1 / sqrt(D); the noisy embedding is normalised again.
        mixed: how often an embedding is moved a random part of the way to that of another view.
        held_out: how many shapes, the last ones, are never drawn.
    """

    def __init__(
        self,
        grids: np.ndarray,
        embeds: dict[str, np.ndarray],
        *,
        seed: int,
        device: torch.device,
        drop_prob: float = 0.1,
        noise: float = 0.0,
        mixed: float = 0.0,
        held_out: int = 0,
    ):
        self.grids = torch.from_numpy(np.array(grids)).to(device)
        self.embeds = {s: torch.from_numpy(np.array(e)).to(device) for s, e in embeds.items()}
        self.seed, self.device, self.drop_prob = seed, device, drop_prob
        self.noise, self.mixed = noise, mixed
        self.num_views = next(iter(embeds.values())).shape[1]
        self.num_trained = len(self.grids) - held_out

    def draw(self, generator: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Random shapes and one random view of each: rows (B,) and views (B,)."""
        rows = torch.randint(self.num_trained, (size,), generator=generator)
        views = torch.randint(self.num_views, (size,), generator=generator)
        return rows.to(self.device), views.to(self.device)

    def dropped(self, generator: torch.Generator, size: int) -> Tensor:
        """Which conditions are dropped: (B,) bool."""
        return (torch.rand(size, generator=generator) < self.drop_prob).to(self.device)

    def shapes(self, rows: Tensor) -> Tensor:
        """Grids (B, 1, R, R, R)."""
        return self.grids[rows].float()[:, None]

    def cond(self, rows: Tensor, views: Tensor, step: int) -> dict[str, Tensor]:
        """(B, D) a space, with the mixing and noise of a step: the same for spaces of one size."""
        size, mixing = len(rows), step_generator(self.seed, step, stream=2)
        others = torch.randint(self.num_views, (size,), generator=mixing).to(self.device)
        weight = torch.rand(size, generator=mixing)
        weight *= torch.rand(size, generator=mixing) < self.mixed
        weight = weight[:, None].to(self.device)  # (B, 1)
        found = {}
        for space, embeds in self.embeds.items():
            cond = torch.lerp(embeds[rows, views].float(), embeds[rows, others].float(), weight)
            if self.noise:
                generator = step_generator(self.seed, step, stream=1)
                noise = torch.randn(cond.shape, generator=generator).to(self.device)
                cond = F.normalize(cond, dim=1) + self.noise / math.sqrt(cond.shape[1]) * noise
            found[space] = F.normalize(cond, dim=1)
        return found

    def held_out(self) -> tuple[Tensor, dict[str, Tensor]]:
        """The held-out shapes (M, R, R, R); a space's embeddings (M, D) of their first views."""
        held = slice(self.num_trained, None)
        return self.grids[held], {s: e[held, 0].float() for s, e in self.embeds.items()}


@dataclass(frozen=True)
class GuessBatch:
    """A batch for the guess, the same for all spaces but for `cond`.

    Attributes:
        x_0: (B, 1, R, R, R) in [-1, 1].
        cond: a space's name to (B, D), unit vectors.
        drop_cond: (B,) bool.
    """

    x_0: Tensor
    cond: dict[str, Tensor]
    drop_cond: Tensor


class GuessBatches:
    """Step -> batch for the guess: random shapes, one random view of each."""

    def __init__(self, data: EmbeddedShapes, batch_size: int):
        self.data, self.batch_size = data, batch_size

    def __call__(self, step: int) -> GuessBatch:
        """The batch of a step, the same at every call."""
        data, part = self.data, own_part(self.batch_size)
        generator, size = step_generator(data.seed, step), part.stop - part.start
        rows, views = data.draw(generator, size)
        drop = data.dropped(generator, size)
        return GuessBatch(data.shapes(rows), data.cond(rows, views, step), drop)


@dataclass(frozen=True)
class DiffusionBatch(GuessBatch):
    """A batch of diffusion training: that of a guess, with timesteps and noise.

    Attributes:
        t: (B,) timesteps.
        noise: like x_0.
    """

    t: Tensor
    noise: Tensor


def draw_timesteps(
    generator: torch.Generator, size: int, num_timesteps: int, low: tuple[float, float]
) -> Tensor:
    """Random timesteps (B,) int, in [0, num_timesteps).

    Args:
        generator: of the draws.
        size: B.
        num_timesteps: of the schedule.
        low: a share of them and a range in (0, 1]: that share is drawn uniformly from the first
            `range * num_timesteps`, the others from all.
    """
    share, lowest = low
    where = torch.rand(size, generator=generator)
    of_low = torch.rand(size, generator=generator) < share
    return (where * torch.where(of_low, lowest, 1.0) * num_timesteps).long()


class DiffusionBatches:
    """Step -> batch: random shapes, one random view of each (the same view for every space).

    Args:
        data: the shapes and embeddings.
        batch_size: B, of all processes together.
        num_timesteps: of the schedule.
        low_timesteps: see `draw_timesteps`.
    """

    def __init__(
        self,
        data: EmbeddedShapes,
        batch_size: int,
        num_timesteps: int,
        low_timesteps: tuple[float, float] = (0.0, 1.0),
    ):
        self.data, self.batch_size, self.num_timesteps = data, batch_size, num_timesteps
        self.low_timesteps = low_timesteps

    def __call__(self, step: int) -> DiffusionBatch:
        """The batch of a step, the same at every call."""
        data, part = self.data, own_part(self.batch_size)
        generator, size = step_generator(data.seed, step), part.stop - part.start
        rows, views = data.draw(generator, size)
        t = draw_timesteps(generator, size, self.num_timesteps, self.low_timesteps)
        drop = data.dropped(generator, size)
        x_0 = data.shapes(rows)
        noise = torch.randn(x_0.shape, generator=generator).to(data.device)
        return DiffusionBatch(x_0, data.cond(rows, views, step), drop, t.to(data.device), noise)
