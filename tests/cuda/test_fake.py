"""The full sizes on a device, without computing: PyTorch's fake tensors know shapes and devices.

They say "cuda" where there is none, and mixed devices raise; no number is ever made.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from unittest import mock

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.cuda.amp import common

from diffusion.model import VoxelDiffusion
from tests.training.micro import SPACES
from training.loop.presets import BUNDLED, PAPER, TINY
from training.train_diffusion import build_models

VERSION = tuple(int(part) for part in torch.__version__.split(".")[:2])
pytestmark = pytest.mark.skipif(
    VERSION < (2, 14), reason="PyTorch 2.8 asks the driver to move even a fake tensor."
)
PRESETS = {"tiny": TINY, "bundled": BUNDLED, "paper": PAPER}


@contextlib.contextmanager
def fake_device() -> Iterator[torch.device]:
    """Autocast, too, believes that there is a device that computes in bfloat16."""
    with (
        mock.patch.object(common, "amp_definitely_not_available", return_value=False),
        mock.patch.object(torch.cuda, "is_bf16_supported", return_value=True),
        FakeTensorMode(allow_non_fake_inputs=True),
    ):
        yield torch.device("cuda")


def model_of(preset: str) -> VoxelDiffusion:
    return build_models(SPACES[:1], PRESETS[preset].diffusion, seed=0)[0]


def loss_of(model: VoxelDiffusion, cuda: torch.device, move) -> torch.Tensor:
    x_0 = torch.randn(4, *model.grid_shape, device=cuda)
    t = torch.randint(1000, (4,), device=cuda)
    drop = torch.zeros(4, dtype=torch.bool, device=cuda)
    cond = move(torch.randn(4, model.cond_dim))
    return model.to(cuda).loss(x_0, cond, t, torch.randn_like(x_0), drop, cross_entropy=0.2)


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("preset", PRESETS)
def test_the_loss_stays_on_its_device(preset, half):
    model = model_of(preset)  # real: the schedule looks at its numbers
    with fake_device() as cuda, torch.autocast("cuda", torch.bfloat16, enabled=half):
        loss = loss_of(model, cuda, lambda cond: cond.to(cuda))
        assert loss.device.type == "cuda"
        assert loss.shape == ()


def test_an_embedding_left_on_the_cpu_is_found():
    model = model_of("bundled")
    with fake_device() as cuda, pytest.raises(RuntimeError, match="on the same device"):
        loss_of(model, cuda, lambda cond: cond)
