"""Each fault that is put in on purpose is found."""

from __future__ import annotations

import importlib

import pytest
import torch
from torch import Tensor
from torch.utils._pytree import tree_map_only

from tests.cuda import runs
from tests.cuda.simulated import MixedDevices, simulated

# What is left on the CPU -> the run that has to notice.
LEFT_BEHIND = {
    "training.data.diffusion_batches:EmbeddedShapes.shapes": runs.diffusion,
    "training.data.diffusion_batches:EmbeddedShapes.dropped": runs.diffusion,
    "training.data.diffusion_batches:EmbeddedShapes.cond": runs.diffusion,
    "diffusion.schedule:NoiseSchedule.levels": runs.diffusion,
    "diffusion.guess:Guess.forward": runs.diffusion,
    "diffusion.unet:UNet3D.forward": runs.diffusion,
    "cisp.image_tower:ImageTower.upper": runs.embedding,
    "cisp.shape_tower:ShapeEncoder.forward": runs.embedding,
    "training.data.pair_batches:PairBatches.maps": runs.embedding,
    "training.data.scenery:Draws.__call__": runs.embedding,
}


@pytest.mark.parametrize("place", LEFT_BEHIND)
def test_a_tensor_left_on_the_cpu_is_found(place, cache, tmp_path, monkeypatch):
    module, _, name = place.partition(":")
    owner, _, attribute = name.partition(".")
    owner = getattr(importlib.import_module(module), owner)
    original = getattr(owner, attribute)

    def left(*args, **kwargs):
        return tree_map_only(Tensor, Tensor.cpu, original(*args, **kwargs))

    monkeypatch.setattr(owner, attribute, left)
    with simulated(), pytest.raises(MixedDevices):
        LEFT_BEHIND[place](cache, tmp_path, "cuda")


def test_noise_left_on_the_cpu_is_found(trained, monkeypatch):
    draw = "diffusion.noise.SeededNoise.draw"
    monkeypatch.setattr(draw, lambda self: torch.zeros(len(self.generators), *self.shape))
    with simulated(), pytest.raises(MixedDevices):
        runs.sampling(trained / "weights", "cuda", "ddim")
