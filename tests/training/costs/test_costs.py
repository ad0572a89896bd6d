"""The parts of `training.benchmark` measure what they say; no test checks speed."""

from __future__ import annotations

from unittest.mock import Mock

import numpy as np
import pytest
import torch

from cisp.images import is_line_drawing
from cisp.picture_files import load_image
from cisp.shape_tower import ShapeEncoderConfig
from diffusion.guess import GuessConfig
from diffusion.model import VoxelDiffusion
from diffusion.presets import PRESETS, Sampling
from diffusion.unet import UNetConfig
from training import benchmark
from training.costs import encoding_speed, network_costs, tower_costs
from training.costs.encoding_speed import KINDS, embedding_rate, encoding_seconds, write_pictures
from training.costs.tower_costs import TOWERS, step_cost
from training.data import inputs
from training.loop.lockstep import Optimisation
from training.loop.presets import DiffusionPreset

CPU = torch.device("cpu")
SMALL = UNetConfig(4, 8, width=16, multipliers=(1,), attention=(), context_dim=16, head_dim=16)


class ColourSpace:
    """Embeds a picture by its mean colour, and counts what it is asked."""

    def __init__(self, name: str):
        self.name, self.dim, self.image_size, self.seen = name, 3, 24, 0

    def encode_image(self, pixels):
        self.seen += len(pixels)
        return torch.nn.functional.normalize(pixels.mean((2, 3)), dim=1)


def test_pictures_are_of_four_kinds_and_all_different(tmp_path):
    write_pictures(tmp_path, 2 * len(KINDS))
    files = sorted(tmp_path.iterdir())
    pictures = [load_image(file) for file in files]
    assert {picture.size for picture in pictures} == {(640, 480)}
    assert [picture.mode for picture in pictures] == 2 * ["RGB", "RGB", "RGB", "RGBA"]
    assert [is_line_drawing(picture) for picture in pictures[:4]] == [False, False, True, False]
    small = [np.asarray(p.convert("RGB").resize((16, 12)), int) for p in pictures]
    assert all(np.abs(a - b).max() > 8 for i, a in enumerate(small) for b in small[:i])


def test_times_of_one_picture():
    spaces = [ColourSpace("clip"), ColourSpace("cisp")]
    times = encoding_seconds(spaces, 1, CPU)
    assert list(times) == ["clip", "cisp", "all spaces", "cut out alone"]
    assert all(list(kinds) == list(KINDS) for kinds in times.values())
    assert all(seconds > 0 for kinds in times.values() for seconds in kinds.values())
    # Alone and with the other, once to warm up and once to measure, every kind.
    # The photograph is shown twice.
    assert [space.seen for space in spaces] == [4 * (len(KINDS) + 1)] * 2


@pytest.mark.parametrize("guess", [None, GuessConfig(width=16, blocks=1, patch=4, token=8)])
def test_every_quality_is_timed_alone_and_ten_at_once(guess, monkeypatch):
    taken = []
    monkeypatch.setattr(benchmark, "PRESETS", dict.fromkeys(PRESETS, Sampling("ddim", 1, 1.0)))
    monkeypatch.setattr(benchmark, "median_seconds", lambda run, *_: taken.append(run()) or 1.0)
    model = VoxelDiffusion(space="cisp", unet=SMALL, guess=guess)
    found = benchmark.measure_sampling(model, 1, CPU)
    names = {"preview x1", "preview x10", "standard x1", "standard x10", "full x1"}
    assert found.keys() == names | ({"guess x1"} if guess else set())
    assert len(taken) == len(found)


def test_the_rate_counts_every_picture(monkeypatch):
    spaces = [ColourSpace("clip")]
    clock = iter([100.0, 104.0])
    monkeypatch.setattr(encoding_speed.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(inputs, "tqdm", Mock())  # it reads the clock too
    result = embedding_rate(spaces, 10, CPU)
    assert spaces[0].seen == 13  # three of them are photographs, which are shown twice
    assert result["images_per_second"] == 2.5
    assert result["processes"] == 1


def test_processes_grow_with_the_work(monkeypatch):
    monkeypatch.setattr(inputs, "default_workers", lambda: 4)
    assert [inputs.processes(n) for n in (1, 199, 200, 350, 10_000)] == [1, 1, 2, 3, 4]


def test_the_cost_of_a_step():
    """Weights, gradients and two moments of four bytes each are the least that a step needs."""
    config = ShapeEncoderConfig(16, patch=8, width=384, depth=4, heads=6, embed_dim=32)
    small = tower_costs._alone(config, 2, 1, "cpu")
    large = tower_costs._alone(config, 128, 1, "cpu")
    assert small["parameters"] == large["parameters"] > 7_000_000
    assert large["batch"] == 128
    assert small["peak_bytes"] > 0.9 * 16 * small["parameters"]
    # 128 grids of 9 tokens: the inputs of the layers alone take 4 blocks x 14 widths of floats.
    assert large["peak_bytes"] - small["peak_bytes"] > 0.8 * 4 * 128 * 9 * 4 * 14 * 384
    assert small["training_step"] > 0
    assert "resident" in small["memory"]


def test_towers_are_those_of_the_presets_and_the_paper():
    widths = [config.width for name, config in TOWERS.items() if name.startswith("shape")]
    assert widths == [768, 384, 192, 32]
    assert TOWERS["image, paper (DeiT-B distilled)"].model_name.startswith("deit_base_dist")


def test_the_peak_is_that_of_a_matrix_product(monkeypatch):
    monkeypatch.setitem(network_costs.SIDE, "cpu", 100)
    monkeypatch.setattr(network_costs, "median_seconds", lambda run, *_: run() is not None and 0.5)
    assert network_costs.matrix_peak(torch.float32, 1, CPU) == 4e6


def test_the_operations_of_a_step_are_those_of_its_layers(monkeypatch):
    """A network of one convolution: once forwards, once backwards for its weights."""

    class One(torch.nn.Module):
        def __init__(self, **_):
            super().__init__()
            self.layer = torch.nn.Conv3d(1, 1, 3, padding=1)
            self.space, self.cond_dim, self.grid_shape = "none", 4, (1, 6, 6, 6)
            self.schedule = VoxelDiffusion(space="none", unet=SMALL).schedule

        def denoiser(self):
            return lambda x, t, cond: self.layer(x)

        def loss(self, x_0, *_, **__):
            return self.layer(x_0).square().mean()

    monkeypatch.setattr(network_costs, "VoxelDiffusion", One)
    monkeypatch.setitem(network_costs.SIDE, "cpu", 64)
    preset = DiffusionPreset(SMALL, "x_0", 2, Optimisation(1e-3))
    cost = network_costs.network_cost(preset, 4, 1, CPU)
    assert cost["parameters"] == 28
    assert cost["step_operations"] == 2 * (2 * 2 * 6**3 * 27)
    assert cost["samples_per_second"] == pytest.approx(2 / cost["training_step"])
    assert cost["share_of_peak"] > 0
    assert cost["precision"] == "float32"


def test_schedulers_of_diffusers_run_around_our_network():
    pytest.importorskip("diffusers")
    model = VoxelDiffusion(space="none", unet=SMALL).eval()
    seconds = network_costs.diffusers_seconds(model, 1, CPU)
    assert list(seconds) == ["DDIM", "DDPM", "DPM-Solver++ (2M)"]
    assert min(seconds.values()) > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in TOWERS if "paper" not in name])
def test_small_towers_can_be_measured(name):
    cost = step_cost(TOWERS[name], 2, 1, "cpu")
    assert cost["parameters"] > 100_000
