"""The guess and its training, before the training of what refines it."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch

from diffusion.grids.frame import iou
from diffusion.guess import Guess, GuessConfig
from diffusion.losses import SHARPNESS
from diffusion.model import VoxelDiffusion
from diffusion.unet import UNetConfig
from training import train_diffusion
from training.data.diffusion_batches import EmbeddedShapes, GuessBatch
from training.loop.guessing import Guessing
from training.loop.lockstep import Budget, Learner, Optimisation
from training.loop.presets import DiffusionPreset, GuessPreset
from training.loop.watch import Watch
from training.tools.distributed import step_generator
from training.train_diffusion import Denoising, train_models

DIM = 6
PRESET = DiffusionPreset(
    unet=UNetConfig(resolution=8, width=16, multipliers=(1,), attention=()),
    prediction="x_0",
    batch_size=4,
    optimisation=Optimisation(1e-3),
    cond_noise=0.2,
    guess=GuessPreset(
        size=GuessConfig(width=16, blocks=1, token=8),
        batch_size=6,
        optimisation=Optimisation(1e-2),
    ),
    watched=1,  # of 12 shapes
)


class Space:
    """Embeds a picture by its first pixels."""

    image_size, dim = 16, DIM

    def __init__(self, name):
        self.name = name

    def encode_image(self, pixels):
        return torch.nn.functional.normalize(pixels.flatten(1)[:, : self.dim] + len(self.name))


class Cache:
    """Shapes whose first cell holds their number."""

    def __init__(self, count=12):
        rng = np.random.default_rng(0)
        self.grids = rng.choice([-1.0, 1.0], (count, 8, 8, 8)).astype(np.float16)
        self.grids[:, 0, 0, 0] = np.arange(count) / 16
        self.cutouts = rng.integers(0, 256, (count, 2, 16, 16, 4), dtype=np.uint8)

    def __len__(self):
        return len(self.grids)


SPACES = [Space("clip"), Space("other")]


@pytest.fixture
def pairs():
    rng = np.random.default_rng(1)
    embeds = {s.name: rng.normal(size=(12, 2, DIM)).astype(np.float16) for s in SPACES}
    embeds = {s: e / np.linalg.norm(e, axis=-1, keepdims=True) for s, e in embeds.items()}
    return EmbeddedShapes(Cache().grids, embeds, seed=0, device="cpu", noise=0.2, held_out=3)


def test_the_loss_by_hand():
    guess = Guess(GuessConfig(width=8, blocks=1, patch=2, token=4), DIM, resolution=4)
    x_0 = torch.tensor([-1.0, 0.2]).repeat_interleave(32).view(1, 1, 4, 4, 4)
    cond, drop = torch.randn(1, DIM), torch.tensor([False])
    batch = GuessBatch(x_0, {"clip": cond}, drop)
    with torch.no_grad():
        answer = guess(cond).double()  # 1 - sigmoid is small
        full = torch.sigmoid(SHARPNESS * answer)
        squared = ((answer - x_0) ** 2).mean()
        signs = -torch.where(x_0 > 0, 3 * full.log(), (1 - full).log()).mean()
        assert Guessing(guess, "clip")(batch) == pytest.approx(squared.item())
        loss = Guessing(guess, "clip", cross_entropy=0.5, full_weight=3.0)(batch)
    assert loss == pytest.approx((squared + 0.5 * signs).item(), rel=1e-5)


def test_a_full_cell_that_counts_twice_is_full_from_a_third_on():
    """Cells of known probabilities: the sign of the best constant answer for each."""
    chances = torch.tensor([0.2, 0.3, 0.36, 0.45, 0.6])
    guess = torch.zeros(5, requires_grad=True)
    optimiser = torch.optim.Adam([guess], lr=0.02)
    full = torch.rand(4000, 5, generator=torch.Generator().manual_seed(0)) < chances

    class Constant(torch.nn.Module):
        def forward(self, cond, drop):
            return guess.expand(len(cond), 5)

    batch = GuessBatch(full.float() * 2 - 1, {"clip": torch.zeros(4000, 1)}, None)
    objective = Guessing(Constant(), "clip", cross_entropy=100.0, full_weight=2.0)
    for _ in range(200):
        optimiser.zero_grad()
        objective(batch).backward()
        optimiser.step()
    assert (guess > 0).tolist() == [False, False, True, True, True]


def test_watched_shapes_are_never_drawn(pairs):
    drawn = torch.cat(
        [pairs.draw(torch.Generator().manual_seed(s), 50)[0] for s in range(10)]
    ).unique()
    assert drawn.tolist() == list(range(9))
    np.testing.assert_allclose(pairs.held_out()[0], Cache().grids[9:], atol=1 / 254)


def test_noise_keeps_the_length_and_is_the_same_for_every_space(pairs):
    rows, views = torch.arange(4), torch.tensor([0, 1, 0, 1])
    noisy = pairs.cond(rows, views, step=5)
    assert all(torch.equal(pairs.cond(rows, views, 5)[s], noisy[s]) for s in noisy)
    assert not torch.isclose(pairs.cond(rows, views, 6)["clip"], noisy["clip"]).all()
    generator = step_generator(0, 5, stream=1)
    noise = 0.2 * torch.randn(4, DIM, generator=generator)
    for space, cond in noisy.items():
        clean = pairs.embeds[space][rows, views].float() * DIM**0.5  # entries of unit variance
        torch.testing.assert_close(cond.norm(dim=1), torch.ones(4))
        same = torch.nn.functional.cosine_similarity(cond, clean + noise)
        torch.testing.assert_close(same, torch.ones(4))


def test_the_guess_is_trained_first_and_then_stays(tmp_path, monkeypatch):
    """The average of the guess is refined, the same in every step, and saved."""
    seen, original = {s.name: [] for s in SPACES}, Denoising.forward

    def recorded(self, batch):
        weights = {k: v.clone() for k, v in self.model.guess.state_dict().items()}
        seen[self.model.space].append(weights)
        return original(self, batch)

    monkeypatch.setattr(Denoising, "forward", recorded)
    report = train_models(SPACES, PRESET, Cache(), Budget(steps=20), tmp_path)
    assert report["steps"] == report["guess"]["steps"] == 10
    assert report["guess"]["samples_per_second"] == pytest.approx(
        2 * 6 * 10 / report["guess"]["seconds"]
    )
    for space, weights in seen.items():
        saved = VoxelDiffusion.load(tmp_path / "weights" / f"diffusion-{space}").guess.state_dict()
        state = torch.load(tmp_path / "guess-clip-other" / "state.pt", weights_only=True)
        average = state["learners"][space]["ema"]["average"]
        for name, tensor in saved.items():
            assert all(torch.equal(w[name], average[f"guess.{name}"]) for w in weights)
            assert torch.equal(tensor, average[f"guess.{name}"].half().float())


def test_an_interrupted_run_ends_with_the_same_bits(tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    budget = Budget(steps=12)
    train_models(SPACES, PRESET, Cache(), budget, whole)
    for stop in (2, 4):  # within the guess, and within what refines it
        train_models(SPACES, PRESET, Cache(), budget, parts, resume=True, stop_after=stop)
    train_models(SPACES, PRESET, Cache(), budget, parts, resume=True)
    for space in SPACES:
        folder = f"weights/diffusion-{space.name}"
        ours, theirs = VoxelDiffusion.load(whole / folder), VoxelDiffusion.load(parts / folder)
        for name, tensor in ours.state_dict().items():
            assert torch.equal(tensor, theirs.state_dict()[name]), name


def test_iou_is_logged_on_the_way(tmp_path):
    """At every tenth of the budget but its end, which evaluation measures."""
    report = train_models(SPACES, PRESET, Cache(), Budget(steps=40), tmp_path)
    assert report["guess"]["steps"] == 20
    for stage in ("guess", "diffusion"):
        lines = (tmp_path / f"{stage}-clip-other" / "log.jsonl").read_text().splitlines()
        checks = [entry["check"] for entry in map(json.loads, lines) if "check" in entry]
        assert len(checks) == 9
        assert all(0 <= c[s.name] <= 1 for c in checks for s in SPACES)


def test_watched_iou_is_that_of_the_guess(pairs):
    models = train_diffusion.build_models(SPACES, PRESET, 0)
    learners = [Learner(m.space, Guessing(m.guess, m.space), Optimisation(1e-3)) for m in models]
    found = Watch(*pairs.held_out()).guesses(learners)
    for model in models:
        cond = pairs.embeds[model.space][9:, 0].float()
        with torch.no_grad():
            grids = model.guess(cond)[:, 0].numpy() > 0
        expected = iou(grids, Cache().grids[9:] > 0).mean()
        assert found[model.space] == pytest.approx(expected)


def test_a_preset_without_a_guess_trains_none(tmp_path):
    plain = dataclasses.replace(PRESET, guess=None)
    report = train_models(SPACES, plain, Cache(), Budget(steps=2), tmp_path)
    assert report["steps"] == 2
    assert "guess" not in report
    assert not (tmp_path / "weights" / "diffusion-clip" / "guess.safetensors").exists()
