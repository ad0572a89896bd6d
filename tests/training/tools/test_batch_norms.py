"""Replicas with batch normalisation against one process that sees the whole batch."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cisp.image_tower import ImageTower, ImageTowerConfig
from cisp.losses import ContrastiveLoss
from tests.training.micro import MICRO
from tests.training.processes import run_together
from training import train_embedding
from training.data.cache import DataCache
from training.loop.lockstep import Budget, Learner, Optimisation, train
from training.tools import distributed
from training.tools.batch_norms import WholeBatchNorm, share_batch_norms

ROWS = 8
TOWER = ImageTowerConfig("tf_efficientnet_lite0", 32, 8)  # 49 batch normalisations, and no weights


class Pairs(nn.Module):
    """An image tower against plain layers with batch normalisation, in double precision."""

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            plain = [nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 8)]
            self.image, self.other = ImageTower(TOWER), nn.Sequential(*plain)
        self.criterion = ContrastiveLoss()
        self.double()

    def forward(self, batch):
        embeds = self.image(batch[0]), self.other(batch[1])
        return self.criterion(*(distributed.gathered(e) for e in embeds))


def batch_at(step):
    generator = torch.Generator().manual_seed(step)
    pixels = torch.rand(ROWS, 3, 32, 32, generator=generator, dtype=torch.float64)
    whole = pixels, torch.randn(ROWS, 5, generator=generator, dtype=torch.float64)
    return tuple(values[distributed.own_part(ROWS)] for values in whole)


def outcome(folder) -> dict[str, torch.Tensor]:
    module = share_batch_norms(Pairs())
    module(batch_at(0)).backward()
    distributed.average_gradients(module.parameters())
    found = {f"gradient of {n}": p.grad.clone() for n, p in module.named_parameters()}
    train([Learner("pairs", module, Optimisation(1e-3))], batch_at, Budget(steps=3), folder)
    module.eval()
    with torch.no_grad():
        return found | module.state_dict() | {"answer": module.image(batch_at(9)[0])[:1]}


def process(folder: str) -> None:
    with distributed.process_group("cpu"):
        torch.save(outcome(f"{folder}/run"), f"{folder}/{distributed.rank()}.pt")


def test_two_processes_normalise_as_one(tmp_path):
    """Gradients, weights, running statistics, and what the trained tower then answers."""
    run_together(process, str(tmp_path))
    expected = outcome(tmp_path / "alone")
    first, second = (torch.load(tmp_path / f"{r}.pt", weights_only=True) for r in (0, 1))
    assert len([name for name in expected if "running" in name]) == 2 * 50
    assert expected["gradient of image.trunk.conv_stem.weight"].abs().max() > 1e-6
    second["answer"] = first["answer"]  # it was given another picture
    for part in (first, second):
        torch.testing.assert_close(part, expected, rtol=1e-6, atol=1e-9)


def replicas(cache: str, folder: str) -> None:
    """Train both spaces from random weights; leave this process's own replicas."""
    made, learners_of = [], train_embedding.learners_of
    train_embedding.learners_of = lambda e, o: made.append(dict(e)) or learners_of(e, o)
    preset = dataclasses.replace(MICRO.embedding, image=dataclasses.replace(TOWER, embed_dim=16))
    with distributed.process_group("cpu"):
        data, budget = DataCache.load(cache), Budget(steps=2)
        train_embedding.train_embeddings(["clip", "cisp"], preset, data, budget, Path(folder))
    states = {name: encoder.state_dict() for name, encoder in made[-1].items()}
    torch.save(states, f"{folder}/{os.environ['RANK']}.pt")


def test_replicas_trained_from_random_weights_stay_equal(tmp_path):
    sizes = {"num_items": 20, "num_views": 1, "image_size": 32}
    cache, rng = (
        DataCache.create(tmp_path / "data", split="train", **sizes),
        np.random.default_rng(0),
    )
    cutouts = rng.integers(0, 256, cache.cutouts.shape, dtype=np.uint8)
    rows = [{"id": str(i), "category": "chair", "captions": [f"chair {i}"]} for i in range(20)]
    cache.append(rng.uniform(-1, 1, cache.grids.shape), cutouts, rows)
    run_together(replicas, str(tmp_path / "data"), str(tmp_path / "run"))
    first, second = (torch.load(tmp_path / "run" / f"{r}.pt", weights_only=True) for r in (0, 1))
    for name, state in first.items():
        assert any("running_var" in key for key in state)
        for key, value in state.items():
            assert torch.equal(value, second[name][key]), key


def test_alone_nothing_is_exchanged():
    tower = ImageTower(TOWER)
    assert share_batch_norms(tower) is tower
    assert not any(isinstance(module, WholeBatchNorm) for module in tower.modules())
