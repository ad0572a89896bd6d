"""Small, quick trainings for studies: heads and partner towers on a frozen trunk.

The trunk's last maps are computed once for all runs, so that a run costs a minute on two cores.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cisp.image_tower import ImageTower
from training.data.cache import DataCache
from training.data.embeddings import plain, procedural_cache
from training.data.pair_batches import (
    MapBatches,
    PairBatch,
    PairBatches,
    epoch_rows,
    lower,
    probe_depth,
    save_maps,
)
from training.loop.lockstep import Budget, Optimisation, train
from training.loop.presets import EmbeddingPreset
from training.measure.metrics import ranks
from training.measure.sampling import fingerprint
from training.train_embedding import DualEncoder, build_encoders, learners_of


@dataclass(frozen=True)
class TrainedOptions:
    """What a study that trains asks for before its own options.

    Attributes:
        out: The JSON file to write.
        cache: The folder of the drawn shapes; train and test are drawn there if absent.
        train_count: Training shapes.
        count: Test shapes: the gallery.
    """

    out: Path
    cache: Path = Path("runs/data")
    train_count: int = 6500
    count: int = 2600


def drawn_shapes(options: Any) -> tuple[DataCache, DataCache]:
    """The training shapes and the test shapes that `TrainedOptions` ask for."""
    return (
        procedural_cache(options.cache, "train", options.train_count),
        procedural_cache(options.cache, "test", options.count),
    )


@dataclass(frozen=True)
class Bench:
    """What all small runs of a study share.

    Attributes:
        train: training shapes.
        test: the gallery.
        maps: the file of the training maps.
        queries: (M, ...) maps of one clean rendering of each test shape.
        preset: with the trunk that made them.
        seed: of everything.
    """

    train: DataCache
    test: DataCache
    maps: Path
    queries: Tensor
    preset: EmbeddingPreset
    seed: int


def make_bench(
    train: DataCache,
    test: DataCache,
    folder: Path,
    preset: EmbeddingPreset,
    seed: int,
    device: torch.device,
) -> Bench:
    """Compute the maps of all pictures, unless an earlier study left the same ones in `folder`.

    Raises:
        ValueError: the preset's towers do not see pictures of the caches' size.
    """
    size, drawn = preset.image.image_size, train.cutouts.shape[2]
    if size != drawn:
        raise ValueError(f"--preset: its towers see {size} pixels, the pictures here have {drawn}.")
    tower = build_encoders(["cisp"], preset, seed)["cisp"].image.to(device).eval()
    depth = probe_depth(tower)
    maps = folder / f"trunk-maps-{_digest(tower, train, seed)}.npy"
    if not maps.exists():
        save_maps(maps, PairBatches(train, 1, seed, tower, depth))
    parts = []
    for start in range(0, len(test), 64):
        cutouts = torch.from_numpy(np.array(test.cutouts[start : start + 64, 0])).to(device)
        parts.append(lower(tower, plain(cutouts), depth))
    return Bench(train, test, maps, torch.cat(parts), preset, seed)


def _digest(tower: ImageTower, cache: DataCache, seed: int) -> str:
    """A digest of all that the maps depend on: trunk, shapes and seed."""
    inputs = json.dumps([fingerprint(tower), seed, cache.meta, cache.columns])
    return hashlib.sha256(inputs.encode()).hexdigest()[:12]


class FirstShapes(MapBatches):
    """Batches of the first `count` shapes only."""

    def __init__(self, count: int, *args: Any):
        super().__init__(*args)
        self.count = count

    def __call__(self, step: int) -> PairBatch:
        """The batch of a step."""
        return self.batch(epoch_rows(self.count, self.batch_size, step, self.seed), step)


def small_run(
    bench: Bench,
    spaces: Sequence[str],
    *,
    steps: int,
    device: torch.device,
    batch_size: int | None = None,
    count: int | None = None,
) -> dict[str, np.ndarray]:
    """Train heads and partners; the rank (M,) of each test shape's partner, 1 the best, a space.

    Args:
        bench: what is shared.
        spaces: cisp (ranks of the own shape for a picture), clip (of the own picture for the first
            caption).
        steps: how long.
        device: where.
        batch_size: pairs a step; the preset's by default.
        count: the first so many training shapes; all by default.
    """
    preset = bench.preset
    encoders = {n: e.to(device) for n, e in build_encoders(spaces, preset, bench.seed).items()}
    tower = next(iter(encoders.values())).image
    depth = probe_depth(tower)
    batches = FirstShapes(
        count or len(bench.train),
        bench.maps,
        bench.train,
        batch_size or preset.batch_size,
        bench.seed,
        tower,
        depth,
    )
    optimisation = preset.probe or Optimisation(1e-3)
    learners = learners_of(encoders, optimisation)
    with tempfile.TemporaryDirectory() as folder:
        train(learners, batches, Budget(steps=steps), folder, device=device)
    return {learner.name: _ranks(learner.averaged(), bench, depth) for learner in learners}


@torch.inference_mode()
def _ranks(encoder: DualEncoder, bench: Bench, depth: int) -> np.ndarray:
    def batches(rows: Any) -> Sequence[Any]:
        return [rows[at : at + 64] for at in range(0, len(rows), 64)]

    images = torch.cat([encoder.image.upper(maps, depth) for maps in batches(bench.queries)])
    device = images.device
    if encoder.space == "cisp":
        grids = (torch.from_numpy(np.array(part)) for part in batches(bench.test.grids))
        partners = torch.cat([encoder.partner(part.float()[:, None].to(device)) for part in grids])
        return ranks(_unit(images), _unit(partners))
    captions = [options[0] for options in bench.test.captions]
    tokens = (encoder.partner.tokenize(part).to(device) for part in batches(captions))
    partners = torch.cat([encoder.partner(part) for part in tokens])
    return ranks(_unit(partners), _unit(images))


def _unit(embeds: Tensor) -> np.ndarray:
    return torch.nn.functional.normalize(embeds.float(), dim=-1).cpu().numpy()
