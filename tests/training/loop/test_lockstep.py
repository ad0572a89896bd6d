"""The training loop: resuming, lockstep, schedules; and the batches that training sees."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from cisp.image_tower import ImageTower, ImageTowerConfig
from training.costs.simulated import simulated
from training.data.augment import augment
from training.data.cache import DataCache
from training.data.pair_batches import PairBatches, epoch_rows
from training.loop import lockstep
from training.loop.ahead import Ahead
from training.loop.lockstep import Budget, Learner, Optimisation, learning_rate_at, train
from training.loop.presets import PRESETS, named_preset

OPTIMISATION = Optimisation(1e-2)


class Fit(nn.Module):
    """Least squares on a batch of (x, y)."""

    def __init__(self, seed: int):
        super().__init__()
        torch.manual_seed(seed)
        self.layers = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, batch):
        x, y = batch
        return (self.layers(x) - y).square().mean()


def batch_at(step: int):
    generator = torch.Generator().manual_seed(step)
    x = torch.randn(32, 4, generator=generator)
    return x, (x[:, :1] * x[:, 1:2]).sin()


def weights(learner: Learner):
    return [*learner.module.state_dict().values(), *learner.ema.average.values()]


def test_stopping_and_resuming_gives_the_same_bits(tmp_path):
    whole, first, second = (Learner("fit", Fit(0), OPTIMISATION) for _ in range(3))
    report = train([whole], batch_at, Budget(steps=40), tmp_path / "whole")
    train([first], batch_at, Budget(steps=40), tmp_path / "parts", stop_after=17)
    resumed = train([second], batch_at, Budget(steps=40), tmp_path / "parts", resume=True)
    assert report["steps"] == resumed["steps"] == 40
    for a, b in zip(weights(whole), weights(second), strict=True):
        assert torch.equal(a, b)


def test_an_interruption_within_a_step_saves_no_half_step(tmp_path):
    """One learner a step ahead of the other would break lockstep for good."""
    first, second = Learner("a", Fit(0), OPTIMISATION), Learner("b", Fit(1), OPTIMISATION)
    whole = [Learner("a", Fit(0), OPTIMISATION), Learner("b", Fit(1), OPTIMISATION)]
    train(whole, batch_at, Budget(steps=10), tmp_path / "whole")
    train([first, second], batch_at, Budget(steps=10), tmp_path / "cut", stop_after=4)
    calm = second.step

    def interrupted(*args):
        raise KeyboardInterrupt

    second.step = interrupted
    with pytest.raises(KeyboardInterrupt):
        train([first, second], batch_at, Budget(steps=10), tmp_path / "cut", resume=True)
    second.step = calm
    train([first, second], batch_at, Budget(steps=10), tmp_path / "cut", resume=True)
    for ours, theirs in zip(whole, (first, second), strict=True):
        assert all(torch.equal(a, b) for a, b in zip(weights(ours), weights(theirs), strict=True))


def test_other_settings_and_damaged_states_are_refused(tmp_path):
    learner = Learner("fit", Fit(0), OPTIMISATION)
    train([learner], batch_at, Budget(steps=2), tmp_path, settings="one")
    with pytest.raises(ValueError, match="other settings"):
        train([learner], batch_at, Budget(steps=2), tmp_path, settings="two", resume=True)
    (tmp_path / "state.pt").write_bytes(b"not a state")
    with pytest.raises(ValueError, match="cannot be read"):
        train([learner], batch_at, Budget(steps=2), tmp_path, settings="one", resume=True)


def test_lockstep_is_training_alone(tmp_path):
    together = [Learner("a", Fit(0), OPTIMISATION), Learner("b", Fit(1), OPTIMISATION)]
    train(together, batch_at, Budget(steps=20), tmp_path / "together")
    for learner, seed in zip(together, (0, 1), strict=True):
        alone = Learner(learner.name, Fit(seed), OPTIMISATION)
        train([alone], batch_at, Budget(steps=20), tmp_path / learner.name)
        for a, b in zip(weights(alone), weights(learner), strict=True):
            assert torch.equal(a, b)


def test_training_lowers_the_loss_and_writes_a_log(tmp_path):
    learner = Learner("fit", Fit(0), OPTIMISATION)
    before = learner.module(batch_at(1000)).item()
    train([learner], batch_at, Budget(steps=200), tmp_path)
    assert learner.module(batch_at(1000)).item() < 0.5 * before
    assert (tmp_path / "log.jsonl").read_text().startswith('{"step": 1,')


def test_a_clock_budget_ends_annealed(tmp_path, monkeypatch):
    ticks = itertools.count()  # a second between any two looks at the clock
    monkeypatch.setattr(lockstep, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    learner = Learner("fit", Fit(0), OPTIMISATION)
    report = train([learner], batch_at, Budget(minutes=1), tmp_path)
    assert (report["steps"], report["seconds"]) == (60, 60)
    assert learner.optimiser.param_groups[0]["lr"] < 0.05 * OPTIMISATION.learning_rate


def test_saving_takes_a_twentieth_of_the_time_at_most(tmp_path, monkeypatch):
    """A second a step, ten to save: not every five seconds, as a small state would be saved."""
    clock, saved = [0.0], []

    def slow(state, path):
        clock[0] += 10
        saved.append(state["step"])

    def second(step):
        clock[0] += 1
        return batch_at(step)

    monkeypatch.setattr(lockstep, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(torch, "save", slow)
    learner = Learner("fit", Fit(0), OPTIMISATION)
    train([learner], second, Budget(steps=700), tmp_path, save_seconds=5)
    assert saved == [6, 207, 408, 609, 700]


def test_batches_are_made_ahead_of_a_device_alone(tmp_path, monkeypatch):
    """Each once, the next one after a step was queued; of the CPU when it is its turn."""
    events = []

    def told(step):
        events.append(step)
        x, y = batch_at(step)
        return x.to(device), y.to(device)

    def taken(self, *args, original=Learner.step):
        events.append("step")
        return original(self, *args)

    monkeypatch.setattr(Learner, "step", taken)
    device = "cpu"
    on_cpu = Ahead(told, torch.device(device))
    on_cpu.prepare(7)
    assert events == []
    with simulated():
        device = "cuda"
        ahead = Ahead(told, torch.device(device))
        ahead.prepare(7)
        assert events == [7]
        ahead(7)
        assert events == [7]
        events.clear()
        learner = Learner("fit", Fit(0).to(device), OPTIMISATION)
        train([learner], told, Budget(steps=3), tmp_path, device=device)
    assert events == [0, "step", 1, "step", 2, "step"]


def test_a_full_device_is_not_a_damaged_file(tmp_path, monkeypatch):
    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(torch, "load", full)
    with pytest.raises(torch.OutOfMemoryError):
        lockstep.load_state(tmp_path / "state.pt", "", torch.device("cpu"))


def test_a_loss_that_is_no_number_stops_the_run(tmp_path):
    learner = Learner("fit", Fit(0), OPTIMISATION)
    with pytest.raises(ValueError, match="loss of fit is nan"):
        train(
            [learner],
            lambda step: (torch.full((2, 4), math.nan), torch.zeros(2, 1)),
            Budget(steps=3),
            tmp_path,
        )


def test_the_schedule_rises_then_falls_to_zero():
    rates = [learning_rate_at(p, OPTIMISATION) for p in np.linspace(0, 1, 101)]
    peak = int(np.argmax(rates))
    assert rates[peak] == pytest.approx(1e-2, rel=0.01)
    assert 2 <= peak <= 4
    assert all(a >= b for a, b in zip(rates[peak:], rates[peak + 1 :], strict=False))
    assert rates[-1] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("bad", [{}, {"steps": 1, "minutes": 1.0}, {"steps": 0}, {"minutes": -1.0}])
def test_a_budget_is_steps_or_minutes(bad):
    with pytest.raises(ValueError, match="one of them"):
        Budget(**bad)


def test_weight_decay_spares_biases_and_frozen_parameters_stay():
    module = Fit(0)
    module.layers[0].weight.requires_grad_(False)
    before = copy.deepcopy(module.layers[0].weight)
    learner = Learner("fit", module, OPTIMISATION)
    for group in learner.optimiser.param_groups:
        assert len({p.ndim >= 2 for p in group["params"]}) == 1
        assert (group["weight_decay"] > 0) == (group["params"][0].ndim >= 2)
    assert sum(len(g["params"]) for g in learner.optimiser.param_groups) == 3
    learner.step(batch_at(0), 1e-2, torch.device("cpu"))
    assert torch.equal(module.layers[0].weight, before)


def test_slow_parameters_take_smaller_steps():
    """Adam's first step has the size of the learning rate, whatever the gradient."""
    module = Fit(0)
    before = {name: p.detach().clone() for name, p in module.named_parameters()}
    slow = Optimisation(1e-3, weight_decay=0.0, slow="layers.0", slow_factor=0.1)
    Learner("fit", module, slow).step(batch_at(0), 1e-3, torch.device("cpu"))
    moved = {name: (p - before[name]).abs().max().item() for name, p in module.named_parameters()}
    assert moved["layers.0.weight"] == pytest.approx(1e-4, rel=0.05)
    assert moved["layers.2.weight"] == pytest.approx(1e-3, rel=0.05)


def test_a_budget_splits():
    assert Budget(steps=10).split(0.3) == (Budget(steps=3), Budget(steps=7))
    assert Budget(steps=2).split(0.1) == (Budget(steps=1), Budget(steps=1))
    with pytest.raises(ValueError, match="2 steps or more"):
        Budget(steps=1).split(0.5)
    assert Budget(minutes=2.0).split(0.25) == (Budget(minutes=0.5), Budget(minutes=1.5))


def test_each_epoch_reads_every_row_once():
    rows = np.concatenate([epoch_rows(10, 2, step, seed=3) for step in range(5)])
    assert sorted(rows) == list(range(10))
    again = np.concatenate([epoch_rows(10, 2, step, seed=3) for step in range(5, 10)])
    assert sorted(again) == list(range(10))
    assert (rows != again).any()


@pytest.fixture
def cache(tmp_path):
    cache = DataCache.create(tmp_path / "c", split="train", num_items=6, num_views=2, image_size=16)
    rng = np.random.default_rng(0)
    cutouts = rng.integers(0, 256, (6, 2, 16, 16, 4), dtype=np.uint8)
    grids = rng.uniform(-1, 1, (6, 32, 32, 32))
    cache.append(
        grids,
        cutouts,
        [{"id": str(i), "category": "chair", "captions": [f"chair {i}"]} for i in range(6)],
    )
    return cache


def test_pair_batches_depend_on_seed_and_step_alone(cache):
    tower = ImageTower(ImageTowerConfig("tf_efficientnet_lite0", 16, 8))
    batches = PairBatches(cache, 4, 0, tower)
    batches(7)
    first, again, other = batches(3), PairBatches(cache, 4, 0, tower)(3), batches(4)
    assert first.maps.shape == (4, 3, 16, 16)
    assert torch.equal(first.maps, again.maps)
    assert first.captions == again.captions
    assert not torch.equal(first.maps, other.maps)
    numbers = [int(c.split()[1]) for c in first.captions]
    expected = torch.from_numpy(cache.grids[numbers].astype(np.float32))[:, None]
    assert torch.equal(first.voxels, expected)  # caption i and shape i are of one item


def test_frozen_stages_run_once_before_the_towers(cache):
    """A tower is given the maps that its own frozen stages would compute."""
    tower = ImageTower(ImageTowerConfig("tf_efficientnet_lite0", 16, 8, frozen_stages=2))
    tower.load_trunk(tower.trunk.state_dict())
    tower.eval()
    pixels, early = PairBatches(cache, 4, 0, tower)(3), PairBatches(cache, 4, 0, tower, 2)(3)
    assert early.maps.shape == (4, 16, 8, 8)
    assert not early.maps.requires_grad
    expected, given = tower(pixels.maps), tower.upper(early.maps, early.depth)
    assert (given - expected).norm() < 0.03 * expected.norm()  # half precision below
    given.square().sum().backward()
    frozen = [p for stage in tower.stages()[:2] for p in stage.parameters()]
    assert len(frozen) > 5
    assert all(p.grad is None for p in frozen)


def test_augmentation_spares_drawings_and_stays_in_range():
    drawing = torch.zeros(16, 32, 32, 4, dtype=torch.uint8)
    drawing[:, 10:22, 15:17, 3] = 255
    photo = torch.randint(
        0, 256, (16, 32, 32, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    photo[..., 3] = 255
    pixels = augment(torch.cat([drawing, photo]), torch.Generator().manual_seed(1))
    assert pixels.shape == (32, 3, 32, 32)
    assert pixels.min() >= -1
    assert pixels.max() <= 1
    corner = pixels[:16, :, :3, :3].flatten(1).median(1).values
    assert ((corner - (240 / 127.5 - 1)).abs() < 0.2).all()  # drawings keep the grey ground
    assert pixels[:16].amin((1, 2, 3)).max() < -0.2  # and their ink


def test_presets_fit_together():
    for preset in PRESETS.values():
        embedding = preset.embedding
        assert (
            embedding.image.embed_dim
            == embedding.shape.embed_dim
            == embedding.text.embed_dim
            == preset.diffusion.unet.cond_dim
        )
        assert sum(preset.shares) == pytest.approx(1)
    with pytest.raises(ValueError, match="Unknown preset"):
        named_preset("huge")


@pytest.mark.parametrize(
    ("device", "capable", "precision", "half"),
    [
        ("cpu", True, "bfloat16", True),
        ("cpu", False, "bfloat16", False),
        ("cpu", True, "auto", False),
        ("cpu", True, "float32", False),
        ("cuda", True, "auto", True),
        ("cuda", False, "auto", False),
        ("mps", True, "bfloat16", False),
    ],
)
def test_half_precision_is_for_devices_that_have_it(monkeypatch, device, capable, precision, half):
    found = {"avx2": True, "avx512_bf16": capable}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found, raising=False)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: capable)
    dtype = Optimisation(1e-3, precision=precision).dtype(torch.device(device))
    assert dtype == (torch.bfloat16 if half else torch.float32)


def test_larger_batches_learn_faster_by_the_square_root():
    paper = named_preset("paper").diffusion
    larger = paper.with_batch(64)
    assert larger.batch_size == 64
    assert larger.optimisation.learning_rate == pytest.approx(1.2e-3)  # 3e-4 x 4
    assert dataclasses.replace(larger, batch_size=4, optimisation=paper.optimisation) == paper
    with pytest.raises(ValueError, match="--batch-size must be positive"):
        paper.with_batch(0)
    assert paper.on(torch.device("cpu")) is paper
    assert paper.on(torch.device("cuda")) == paper.with_batch(128)
