"""Each fault that is put in on purpose is found."""

from __future__ import annotations

import importlib

import pytest
import torch
from torch import Tensor
from torch.utils._pytree import tree_map_only

from tests.cuda import runs
from tests.cuda.budgets import BUDGETS, MORE, further, only_steps
from training.costs.simulated import MixedDevices, simulated

LEFT, HIDDEN = "left on the CPU", "a hidden .item()"
# What is spoiled, how, and the run that has to notice.
FAULTS = [
    ("training.data.diffusion_batches:EmbeddedShapes.shapes", LEFT, runs.diffusion),
    ("training.data.diffusion_batches:EmbeddedShapes.dropped", LEFT, runs.diffusion),
    ("training.data.diffusion_batches:EmbeddedShapes.cond", LEFT, runs.diffusion),
    ("diffusion.schedule:NoiseSchedule.levels", LEFT, runs.diffusion),
    ("diffusion.guess:Guess.forward", LEFT, runs.diffusion),
    ("diffusion.unet:UNet3D.forward", LEFT, runs.diffusion),
    ("cisp.image_tower:ImageTower.upper", LEFT, runs.embedding),
    ("cisp.shape_tower:ShapeEncoder.forward", LEFT, runs.embedding),
    ("training.data.pair_batches:PairBatches.maps", LEFT, runs.embedding),
    ("training.data.scenery:Draws.__call__", LEFT, runs.embedding),
    ("cisp.losses:ContrastiveLoss.forward", HIDDEN, runs.embedding),
    ("training.loop.guessing:Guessing.forward", HIDDEN, runs.diffusion),
    ("diffusion.model:VoxelDiffusion.loss", HIDDEN, runs.diffusion),
]


@pytest.mark.parametrize(("place", "fault", "run"), FAULTS)
def test_a_fault_is_found(place, fault, run, cache, tmp_path, monkeypatch):
    module, _, name = place.partition(":")
    owner, _, attribute = name.partition(".")
    owner = getattr(importlib.import_module(module), owner)
    original = getattr(owner, attribute)

    def left(*args, **kwargs):
        return tree_map_only(Tensor, Tensor.cpu, original(*args, **kwargs))

    def hiding(*args, **kwargs):
        loss = original(*args, **kwargs)
        assert loss.item() == loss.item()
        return loss

    monkeypatch.setattr(owner, attribute, left if fault == LEFT else hiding)
    if fault == LEFT:
        with simulated(), pytest.raises(MixedDevices):
            run(cache, tmp_path, "cuda")
    else:
        only_steps(monkeypatch)
        assert further(run, cache, tmp_path)["wait"] > BUDGETS[run] * (MORE - runs.STEPS)


def test_noise_left_on_the_cpu_is_found(trained, monkeypatch):
    draw = "diffusion.noise.SeededNoise.draw"
    monkeypatch.setattr(draw, lambda self: torch.zeros(len(self.generators), *self.shape))
    with simulated(), pytest.raises(MixedDevices):
        runs.sampling(trained / "weights", "cuda", "ddim")
