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

from diffusion.devices import upload
from training.tools.distributed import own_rows, step_generator, world_size

CODES = 127  # of a byte, for the values up to 1
CHUNK = 1000  # grids at a time


def to_bytes(grids: np.ndarray) -> Tensor:
    """Grids (N, ...) in [-1, 1] as int8, in half of the memory of float16.

    A value is off by at most 1 / 254, but for one of 0 to 1 / 254: that becomes 1 / 127, so that
    every full cell stays full.
    """
    codes = torch.empty(grids.shape, dtype=torch.int8)
    for start in range(0, len(grids), CHUNK):
        values = torch.from_numpy(np.array(grids[start : start + CHUNK], np.float32))
        rounded = (CODES * values).round().clamp(-CODES, CODES)
        codes[start : start + CHUNK] = torch.where(values > 0, rounded.clamp(min=1), rounded)
    return codes


class EmbeddedShapes:
    """Shapes and the embeddings of their pictures, on the device that trains.

    Every process holds all of them, as bytes: were they dealt out, batches would depend on the
    number of processes.

    Args:
        grids: (N, R, R, R) in [-1, 1], which become `to_bytes`.
        embeds: a space's name to (N, V, D), unit vectors.
        seed: of all draws.
        device: where batches are wanted.
        drop_prob: how often an embedding is dropped for the null embedding.
        noise: deviation of the noise on the embedding's entries, relative to their own,
            1 / sqrt(D); the noisy embedding is normalised again.
        mixed: how often an embedding is moved a random part of the way to that of a random view,
            perhaps its own.
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
        self.grids = to_bytes(grids).to(device)
        self.embeds = {s: torch.from_numpy(np.array(e)).to(device) for s, e in embeds.items()}
        self.seed, self.device, self.drop_prob = seed, device, drop_prob
        self.noise, self.mixed = noise, mixed
        self.num_views = next(iter(embeds.values())).shape[1]
        self.num_trained = len(self.grids) - held_out

    def draw(self, generator: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Random shapes and one random view of each: rows and views, `own_rows` of (size,)."""
        rows = torch.randint(self.num_trained, (size,), generator=generator)
        views = torch.randint(self.num_views, (size,), generator=generator)
        return upload(own_rows(rows), self.device), upload(own_rows(views), self.device)

    def dropped(self, generator: torch.Generator, size: int) -> Tensor:
        """Which conditions are dropped: bool, `own_rows` of (size,)."""
        dropped = torch.rand(size, generator=generator) < self.drop_prob
        return upload(own_rows(dropped), self.device)

    def shapes(self, rows: Tensor | slice) -> Tensor:
        """Grids (B, 1, R, R, R)."""
        return self.grids[rows].float()[:, None] / CODES

    def cond(self, rows: Tensor, views: Tensor, step: int) -> dict[str, Tensor]:
        """(B, D) a space, with the mixing and noise of a step: the same for spaces of one size."""
        size, mixing = len(rows) * world_size(), step_generator(self.seed, step, stream=3)
        others = torch.randint(self.num_views, (size,), generator=mixing)
        weight = torch.rand(size, generator=mixing)
        weight *= torch.rand(size, generator=mixing) < self.mixed
        others, weight = (upload(own_rows(x), self.device) for x in (others, weight[:, None]))
        found = {}
        for space, embeds in self.embeds.items():
            cond = torch.lerp(embeds[rows, views].float(), embeds[rows, others].float(), weight)
            if self.noise:
                noise = self.normal((cond.shape[1],), size, step, stream=1)
                cond = F.normalize(cond, dim=1) + self.noise / math.sqrt(cond.shape[1]) * noise
            found[space] = F.normalize(cond, dim=1)
        return found

    def normal(self, shape: tuple[int, ...], size: int, step: int, stream: int) -> Tensor:
        """Standard normal noise, `own_rows` of (size, *shape), drawn on the device."""
        generator = step_generator(self.seed, step, stream, device=self.device)
        return own_rows(torch.randn(size, *shape, generator=generator, device=self.device))

    def held_out(self) -> tuple[Tensor, dict[str, Tensor]]:
        """The held-out shapes (M, R, R, R); a space's embeddings (M, D) of their first views."""
        held = slice(self.num_trained, None)
        cond = {space: embeds[held, 0].float() for space, embeds in self.embeds.items()}
        return self.shapes(held)[:, 0], cond


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
        data, size = self.data, self.batch_size
        generator = step_generator(data.seed, step)
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
        data, size = self.data, self.batch_size
        generator = step_generator(data.seed, step)
        rows, views = data.draw(generator, size)
        t = draw_timesteps(generator, size, self.num_timesteps, self.low_timesteps)
        drop = data.dropped(generator, size)
        x_0 = data.shapes(rows)
        noise = data.normal(tuple(x_0.shape[1:]), size, step, stream=2)
        t = upload(own_rows(t), data.device)
        return DiffusionBatch(x_0, data.cond(rows, views, step), drop, t, noise)
