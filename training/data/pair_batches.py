"""Batches of contrastive training: pictures, the shapes they show and captions of these.

The batch of a step depends on the seed and the step alone. The feature maps of the image towers'
first stages are computed here, once for all towers, as long as these stages are equal in all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from cisp.image_tower import ImageTower
from diffusion.devices import has_bfloat16, upload
from training.data.augment import augment
from training.data.cache import DataCache
from training.shapes.captions import in_view
from training.tools.command import atomic_path, new_memmap
from training.tools.distributed import own_part, own_rows, step_generator

VIEW_PROB = 0.25  # how often a caption also names the direction of view


@dataclass(frozen=True)
class PairBatch:
    """A batch of contrastive training.

    Attributes:
        maps: (B, ...) feature maps of the pictures after `depth` stages of an image tower.
        depth: 0 for the pixels themselves, (B, 3, S, S) in [-1, 1].
        voxels: (B, 1, R, R, R) in [-1, 1].
        captions: B sentences.
    """

    maps: Tensor
    depth: int
    voxels: Tensor
    captions: list[str]


class PairBatches:
    """Step -> batch: distinct shapes, a random view and caption of each, augmented.

    Args:
        cache: the data.
        batch_size: B, of all processes together.
        seed: of every draw.
        tower: its first `depth` stages, which must be the same in all towers, run here.
        depth: how many.
    """

    def __init__(
        self, cache: DataCache, batch_size: int, seed: int, tower: ImageTower, depth: int = 0
    ):
        if batch_size > len(cache):
            raise ValueError(f"A batch of {batch_size} needs as many shapes, not {len(cache)}.")
        self.cache, self.batch_size, self.seed = cache, batch_size, seed
        self.tower, self.depth = tower, depth
        self.device = next(tower.parameters()).device

    def __call__(self, step: int) -> PairBatch:
        """The batch of a step, the same at every call."""
        return self.batch(epoch_rows(len(self.cache), self.batch_size, step, self.seed), step)

    def batch(self, rows: np.ndarray, step: int) -> PairBatch:
        """This process's part of the batch of these rows (B,)."""
        generator, size = step_generator(self.seed, step), (self.batch_size,)
        views = torch.randint(self.cache.cutouts.shape[1], size, generator=generator)
        choice = own_rows(torch.rand(size, generator=generator)).tolist()
        rows, view = rows[own_part(self.batch_size)], own_rows(views).numpy()
        generator = step_generator(self.seed, step, stream=1, own=True)
        captions = [self._caption(r, v, u) for r, v, u in zip(rows, view, choice, strict=True)]
        grids = torch.from_numpy(np.stack([self.cache.grids[r] for r in rows]))
        return PairBatch(
            self.maps(rows, view, generator),
            self.depth,
            upload(grids, self.device).float()[:, None],
            captions,
        )

    def _caption(self, row: int, view: int, choice: float) -> str:
        """One of a shape's captions, sometimes with the direction of view; `choice` in [0, 1)."""
        captions, views = self.cache.captions[row], self.cache.views[row]
        at = choice * len(captions)
        caption = captions[int(at)]
        return in_view(caption, views[view]) if views and at % 1 < VIEW_PROB else caption

    def maps(self, rows: np.ndarray, views: np.ndarray, generator: torch.Generator) -> Tensor:
        """Feature maps of the chosen views, augmented."""
        chosen = [self.cache.cutouts[r, v] for r, v in zip(rows, views, strict=True)]
        pixels = augment(torch.from_numpy(np.stack(chosen)), generator, self.device)
        return lower(self.tower, pixels, self.depth)


def probe_depth(tower: ImageTower) -> int:
    """How many stages stay frozen while heads and partners learn: all but the last layer."""
    return max(1, len(tower.stages()) - 1)


@torch.no_grad()
def lower(tower: ImageTower, pixels: Tensor, depth: int) -> Tensor:
    """The first stages, without gradient; in bfloat16, four times as fast on CPUs that have it."""
    with torch.autocast(pixels.device.type, torch.bfloat16, enabled=has_bfloat16(pixels.device)):
        return tower.lower(pixels, depth).float()


class MapBatches(PairBatches):
    """As `PairBatches`, but each view is augmented only once, and its maps are read from a file.

    Args:
        file: of `save_maps`.
    """

    def __init__(self, file: Path, *args: Any):
        super().__init__(*args)
        self.file = np.load(file, mmap_mode="r")

    def maps(self, rows: np.ndarray, views: np.ndarray, generator: torch.Generator) -> Tensor:
        """The stored feature maps of the chosen views."""
        chosen = np.stack([self.file[r, v] for r, v in zip(rows, views, strict=True)])
        return upload(torch.from_numpy(chosen), self.device).float()


def save_maps(file: Path, batches: PairBatches, chunk: int = 64) -> None:
    """Write the feature maps of every view, augmented once: (N, V, ...) float16."""
    count, views = batches.cache.cutouts.shape[:2]
    generator = torch.Generator().manual_seed(batches.seed)
    out = None
    with atomic_path(file) as temporary:
        for start in tqdm(range(0, count, chunk), desc="maps of the trunk", unit="batch"):
            rows = np.arange(start, min(start + chunk, count))
            every = np.repeat(rows, views), np.tile(np.arange(views), len(rows))
            maps = batches.maps(*every, generator).half().cpu().numpy()
            if out is None:
                shape = (count, views, *maps.shape[1:])
                out = new_memmap(temporary, np.float16, shape)
            out[rows] = maps.reshape(len(rows), views, *maps.shape[1:])
        out.flush()


def epoch_rows(count: int, batch_size: int, step: int, seed: int) -> np.ndarray:
    """Rows of a step: each epoch is a fresh permutation, read batch by batch."""
    per_epoch = count // batch_size
    start = (step % per_epoch) * batch_size
    return np.sort(_permutation(count, seed, step // per_epoch)[start : start + batch_size])


@lru_cache(maxsize=2)
def _permutation(count: int, seed: int, epoch: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(count)
