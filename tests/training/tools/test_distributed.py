"""Two processes against one: the same gradients, the same weights, no sample twice."""

from __future__ import annotations

import itertools
import os

import numpy as np
import pytest
import torch
from torch import nn

from cisp.losses import ContrastiveLoss
from tests.training.processes import run_together
from training.data.pair_batches import epoch_rows
from training.loop.lockstep import Budget, Learner, Optimisation, train
from training.tools import distributed

ROWS, STEPS = 12, 4


class Two(nn.Module):
    """Two linear towers and the loss between them, or the mean square of one."""

    def __init__(self, contrastive: bool):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.a, self.b = nn.Linear(5, 3), nn.Linear(4, 3)
        self.criterion = ContrastiveLoss() if contrastive else None

    def forward(self, batch):
        a, b = self.a(batch[0]), self.b(batch[1])
        if self.criterion:
            return self.criterion(distributed.gathered(a), distributed.gathered(b))
        return ((a - b) ** 2).mean()


def batch_at(step):
    generator = torch.Generator().manual_seed(step)
    whole = torch.randn(ROWS, 5, generator=generator), torch.randn(ROWS, 4, generator=generator)
    part = distributed.own_part(ROWS)
    return tuple(values[part] for values in whole)


def outcome(contrastive: bool, folder) -> dict[str, torch.Tensor]:
    module = Two(contrastive)
    loss = module(batch_at(0))
    loss.backward()
    distributed.average_gradients(module.parameters())
    grads = {name: p.grad.clone() for name, p in module.named_parameters()}
    learner = Learner("two", module, Optimisation(1e-2))
    train([learner], batch_at, Budget(steps=STEPS), folder)
    return {"grad." + n: g for n, g in grads.items()} | module.state_dict()


def process(contrastive: bool, folder: str) -> None:
    rank = int(os.environ["RANK"])
    with distributed.process_group("cpu") as device:
        assert device.type == "cpu"
        assert (distributed.rank(), distributed.world_size()) == (rank, 2)
        assert distributed.agreed(rank + 0.5) == 0.5
        found = outcome(contrastive, f"{folder}/run")
        torch.save(found, f"{folder}/{rank}.pt")
        drawn = torch.rand(3, generator=distributed.step_generator(0, 7, own=True))
        torch.save(drawn, f"{folder}/draws-{rank}.pt")


@pytest.mark.parametrize("contrastive", [True, False])
def test_two_processes_learn_what_one_learns(tmp_path, contrastive):
    run_together(process, contrastive, str(tmp_path))
    expected = outcome(contrastive, tmp_path / "alone")
    first, second = (torch.load(tmp_path / f"{r}.pt", weights_only=True) for r in (0, 1))
    assert expected["grad.a.weight"].abs().max() > 1e-3
    for name, value in expected.items():
        assert torch.equal(first[name], second[name]), name
        torch.testing.assert_close(first[name], value, atol=2e-6, rtol=1e-4)
    draws = [torch.load(tmp_path / f"draws-{r}.pt", weights_only=True) for r in (0, 1)]
    assert not torch.equal(*draws)
    assert len(list((tmp_path / "run").glob("*"))) == len(list((tmp_path / "alone").glob("*")))


def test_alone_nothing_happens():
    embeds = torch.randn(3, 2)
    assert distributed.gathered(embeds) is embeds
    assert distributed.own_part(7) == slice(0, 7)
    assert distributed.agreed(0.3) == 0.3


def test_the_draws_of_a_step_are_its_own(monkeypatch):
    """Seed, step, stream and rank are mixed, not summed, and no bit of a seed is lost."""

    def drawn(seed, step, stream=0, rank=0):
        monkeypatch.setattr(distributed, "rank", lambda: rank)
        generator = distributed.step_generator(seed, step, stream, own=True)
        common = distributed.step_generator(seed, step, stream)
        monkeypatch.setattr(distributed, "rank", lambda: 0)
        of_the_first = distributed.step_generator(seed, step, stream, own=True)
        draws = [torch.rand(3, generator=g).tolist() for g in (generator, common, of_the_first)]
        assert draws[1] == draws[2]  # whoever draws for all
        return tuple(draws[0])

    same_sum, same_low_bits = [(0, 1_000_003), (1, 0)], [(1, 0), (1 + 2**32, 0)]
    others = [(1, 1), (1, 0, 1), (1, 0, 0, 1), (0, 0)]
    cases = {*same_sum, *same_low_bits, *others}
    assert len(set(itertools.starmap(drawn, cases))) == len(cases)
    assert drawn(1, 2) == drawn(1, 2)


def test_averaged_gradients_keep_their_layout(monkeypatch):
    """The fused optimiser takes no gradient in another layout than its parameter's."""
    layer = nn.Conv3d(4, 8, 3).to(memory_format=torch.channels_last_3d)
    layer(torch.randn(1, 4, 5, 5, 5)).square().sum().backward()
    before = layer.weight.grad.clone()
    monkeypatch.setattr(distributed, "world_size", lambda: 2)
    monkeypatch.setattr(distributed.dist, "all_reduce", lambda flat: flat.mul_(2))
    distributed.average_gradients(layer.parameters())
    assert torch.equal(layer.weight.grad, before)
    assert layer.weight.grad.stride() == layer.weight.stride() != layer.weight.contiguous().stride()


def test_what_has_no_gradient_is_left_without(monkeypatch):
    """A gradient of zeros would let weight decay wear down pretrained layers that are unused."""
    used, unused = nn.Linear(3, 3), nn.Linear(3, 3)
    used(torch.ones(1, 3)).sum().backward()
    monkeypatch.setattr(distributed, "world_size", lambda: 2)
    monkeypatch.setattr(distributed.dist, "all_reduce", lambda flat: flat.mul_(2))
    distributed.average_gradients([*used.parameters(), *unused.parameters()])
    assert unused.weight.grad is None
    assert torch.equal(used.weight.grad, torch.ones(3, 3))


@pytest.mark.parametrize("world", [1, 2, 4, 8])
def test_no_process_reads_a_sample_twice_in_an_epoch(monkeypatch, world):
    """Nor do two processes read the same one."""
    seen = []
    for rank in range(world):
        monkeypatch.setattr(distributed, "world_size", lambda: world)
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        for step in range(5):
            seen.append(epoch_rows(40, 8, step, seed=1)[distributed.own_part(8)])
    assert sorted(np.concatenate(seen).tolist()) == list(range(40))


def test_a_batch_must_be_dealt_evenly(monkeypatch):
    monkeypatch.setattr(distributed, "world_size", lambda: 3)
    with pytest.raises(ValueError, match="give a --batch-size that is a multiple of 3"):
        distributed.own_part(8)
