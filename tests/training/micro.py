"""The smallest training that still is all of it: a preset, two embedders without weights."""

from __future__ import annotations

import torch

from cisp.image_tower import ImageTowerConfig
from cisp.shape_tower import ShapeEncoderConfig
from cisp.text_tower import TextTowerConfig
from diffusion.guess import GuessConfig
from diffusion.unet import UNetConfig
from training.loop.lockstep import Optimisation
from training.loop.presets import DiffusionPreset, EmbeddingPreset, GuessPreset, Preset

MICRO = Preset(
    train_shapes=20,
    test_shapes=10,
    embedding=EmbeddingPreset(
        image=ImageTowerConfig(
            "deit_tiny_patch16_224",
            image_size=32,
            embed_dim=16,
            model_kwargs={"depth": 1, "embed_dim": 24, "img_size": 32},
        ),
        shape=ShapeEncoderConfig(width=24, depth=1, embed_dim=16),
        text=TextTowerConfig(embed_dim=16, width=16, layers=1),
        batch_size=10,
        optimisation=Optimisation(1e-3),
    ),
    diffusion=DiffusionPreset(
        unet=UNetConfig(patch=8, width=16, multipliers=(1,), attention=(), head_dim=16),
        prediction="x_0",
        batch_size=4,
        optimisation=Optimisation(1e-3),
        cond_noise=0.3,
        guess=GuessPreset(
            size=GuessConfig(width=16, blocks=1, token=8),
            batch_size=8,
            optimisation=Optimisation(1e-3),
            cross_entropy=0.2,
        ),
        watched=2,  # of 20 shapes
    ),
    minutes=0.05,
    evaluate_images=4,
    evaluate_samples=2,
    classifier_steps=3,
)


def all_weights(folder):
    from safetensors.torch import load_file

    return {
        (path.parent.relative_to(folder).as_posix(), name): tensor
        for path in sorted(folder.rglob("*.safetensors"))
        for name, tensor in load_file(path).items()
    }


def assert_same(a, b):
    assert a
    assert a.keys() == b.keys()
    assert all(torch.equal(a[key], b[key]) for key in a)


class PixelMean:
    """An embedder without weights: what `train_models` needs and no more."""

    def __init__(self, name: str, turn: float):
        self.name, self.dim, self.image_size, self.turn = name, 16, 32, turn

    def encode_image(self, pixels):
        cells = torch.nn.functional.adaptive_avg_pool2d(pixels.mean(1), 4).flatten(1)  # (B, 16)
        return torch.nn.functional.normalize(cells.roll(round(10 * self.turn), 1), dim=1)


SPACES = [PixelMean("clip", 0.1), PixelMean("cisp", -0.3)]
