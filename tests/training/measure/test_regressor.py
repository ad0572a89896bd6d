"""The regressor: the diffusion model's network, given the embedding alone."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch

from diffusion.unet import UNetConfig
from tests.training.living import alive
from training import train_diffusion
from training.data.cache import DataCache
from training.loop.lockstep import Budget, Optimisation
from training.loop.presets import PRESETS, DiffusionPreset
from training.measure.regressor import Regression, blind, regress
from training.measure.sampling import load_diffusion
from training.tools.command import run_command
from training.train_diffusion import DiffusionBatch, train_models

DIM, SIDE, COUNT = 8, 8, 6
UNET = UNetConfig(DIM, SIDE, patch=2, width=32, multipliers=(1,), context_dim=32)
MODEL = {"space": "cisp", "unet": UNET}
PRESET = DiffusionPreset(
    unet=UNET, prediction="eps", batch_size=COUNT, optimisation=Optimisation(3e-3)
)


class Colour:
    """Embeds a picture by its mean colour."""

    dim, image_size = DIM, 16

    def __init__(self, name: str):
        self.name = name
        generator = torch.Generator().manual_seed(len(name))
        self.weight = torch.randn(3, DIM, generator=generator)

    def encode_image(self, pixels):
        return torch.nn.functional.normalize(pixels.mean((2, 3)) @ self.weight, dim=1)


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> DataCache:
    """Boxes of different sizes, each in pictures of a colour of its own."""
    cache = DataCache.create(
        tmp_path_factory.mktemp("cache") / "c",
        split="train",
        num_items=COUNT,
        num_views=2,
        image_size=16,
        resolution=SIDE,
    )
    rng = np.random.default_rng(0)
    grids = -np.ones((COUNT, SIDE, SIDE, SIDE))
    cutouts = np.full((COUNT, 2, 16, 16, 4), 255, np.uint8)
    for row in range(COUNT):
        x, y, z = rng.integers(2, SIDE, 3)
        grids[row, :x, :y, -z:] = 1
        cutouts[row, ..., :3] = rng.integers(0, 256, 3)
    cache.append(grids, cutouts, [{"id": str(i), "category": "box"} for i in range(COUNT)])
    return cache


def test_the_loss_is_the_error_of_the_answer_and_noise_does_not_matter():
    model, generator = alive(0, **MODEL), torch.Generator().manual_seed(1)
    x_0 = torch.randn(3, 1, SIDE, SIDE, SIDE, generator=generator)
    cond = torch.randn(3, DIM, generator=generator)

    def loss(seed: int) -> torch.Tensor:
        g = torch.Generator().manual_seed(seed)
        t = torch.randint(1000, (3,), generator=g)
        noise, drop = torch.randn(x_0.shape, generator=g), torch.rand(3, generator=g) < 0.5
        return Regression(model)(DiffusionBatch(x_0, {"cisp": cond}, drop, t, noise))

    answer = model.unet(torch.zeros_like(x_0), torch.full((3,), 999), cond)
    assert torch.equal(loss(0), loss(1))
    torch.testing.assert_close(loss(0), torch.nn.functional.mse_loss(answer, x_0))
    x_t, t = blind(x_0, 1000)
    assert not x_t.any()
    assert t.tolist() == [999] * 3


def test_an_answer_depends_on_its_embedding_alone():
    model = alive(2, **MODEL)
    embeds = np.random.default_rng(0).normal(size=(3, DIM)).astype(np.float32)
    embeds /= np.linalg.norm(embeds, axis=1, keepdims=True)
    shapes = regress(model, embeds)
    assert shapes.shape == (3, SIDE, SIDE, SIDE)
    assert np.array_equal(shapes[1], regress(model, embeds[1:2])[0])
    assert not np.array_equal(shapes[0], shapes[1])


def test_it_learns_the_shapes_of_its_embeddings(cache, tmp_path):
    spaces = [Colour("clip"), Colour("cisp")]
    train_models(spaces, PRESET, cache, Budget(steps=300), tmp_path, regressor=True)
    assert sorted(p.name for p in (tmp_path / "weights").iterdir()) == [
        "regressor-cisp",
        "regressor-clip",
    ]
    truth = np.asarray(cache.grids) > 0
    for space in spaces:
        model = load_diffusion(tmp_path / "weights", space.name, "cpu", "regressor")
        embeds = np.load(tmp_path / "embeddings" / f"{space.name}.npy").astype(np.float32)
        made = regress(model, embeds[:, 0]) > 0
        own = (made & truth).sum((1, 2, 3)) / (made | truth).sum((1, 2, 3))
        assert own.mean() > 0.8


def test_it_sees_the_batches_of_the_diffusion_models(cache, tmp_path, monkeypatch):
    """Same start, shapes and embeddings, step by step, and the same number of steps."""
    seen = {}
    for kind, objective in (("diffusion", train_diffusion.Denoising), ("regressor", Regression)):
        seen[kind] = []

        def recorded(self, batch, kind=kind, original=objective.forward):
            start = next(self.model.parameters()).detach().clone()
            seen[kind].append((batch.x_0, batch.cond["cisp"], start))
            return original(self, batch)

        monkeypatch.setattr(objective, "forward", recorded)
        out = tmp_path / kind
        space = Colour("cisp")
        train_models([space], PRESET, cache, Budget(steps=2), out, regressor=kind == "regressor")
    assert len(seen["diffusion"]) == len(seen["regressor"]) == 2
    first, second = (seen[kind] for kind in seen)
    assert all(torch.equal(a, b) for a, b in zip(first[0], second[0], strict=True))
    assert all(torch.equal(a, b) for a, b in zip(first[1][:2], second[1][:2], strict=True))


def test_the_command_goes_on_beside_the_diffusion_models(cache, tmp_path, monkeypatch):
    monkeypatch.setitem(PRESETS, "micro", dataclasses.replace(PRESETS["tiny"], diffusion=PRESET))
    monkeypatch.setattr(train_diffusion, "load_space", lambda name, *_: Colour(name))
    common = ["--data", cache.folder, "--weights", tmp_path, "--out", tmp_path, "--preset", "micro"]
    common += ["--steps", 2, "--device", "cpu"]

    def run(*more):
        arguments = [str(a) for a in (*common, *more)]
        run_command(train_diffusion.TrainDiffusionOptions, train_diffusion.main, arguments)

    run()
    embedded = (tmp_path / "embeddings" / "clip.npy").stat().st_mtime_ns
    run("--regressor", "--resume")
    assert (tmp_path / "embeddings" / "clip.npy").stat().st_mtime_ns == embedded
    names = {p.name for p in (tmp_path / "weights").iterdir()}
    assert names == {f"{k}-{s}" for k in ("diffusion", "regressor") for s in ("clip", "cisp")}
    report = json.loads((tmp_path / "train-regressor-clip-cisp.json").read_text())
    assert report["steps"] == 2
    assert (tmp_path / "train-diffusion-clip-cisp.json").exists()
