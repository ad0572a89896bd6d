"""Depthwise convolutions in float32 inside autocast, against the network without it."""

from __future__ import annotations

import copy

import pytest
import timm
import torch
from torch import nn

from training.tools.depthwise import keep_depthwise


@pytest.fixture
def trunk():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return timm.create_model("tf_efficientnet_lite0", num_classes=0).eval()


def test_only_depthwise_convolutions_leave_autocast(trunk):
    """Each kind of layer of the trunk, with the type that it computes in."""
    kept, seen = keep_depthwise(copy.deepcopy(trunk)), {}
    for name, part in kept.named_modules():
        if isinstance(part, nn.Conv2d):
            part.register_forward_hook(lambda _m, _x, y, name=name: seen.update({name: y.dtype}))
    pixels = torch.rand(2, 3, 64, 64)
    with torch.autocast("cpu", torch.bfloat16):
        kept(pixels)
    depthwise = {name for name in seen if "conv_dw" in name}
    assert len(depthwise) == 16  # a block has one
    assert {seen[name] for name in depthwise} == {torch.float32}
    assert {seen[name] for name in seen.keys() - depthwise} == {torch.bfloat16}


def test_without_autocast_nothing_changes(trunk):
    kept, pixels = keep_depthwise(copy.deepcopy(trunk)), torch.rand(2, 3, 64, 64)
    assert torch.equal(kept(pixels), trunk(pixels))
    assert list(kept.state_dict()) == list(trunk.state_dict())
    assert torch.equal(copy.deepcopy(kept)(pixels), trunk(pixels))


def test_gradients_are_those_of_float32_up_to_rounding(trunk):
    kept, pixels = keep_depthwise(copy.deepcopy(trunk)), torch.rand(4, 3, 64, 64)
    gradients = []
    for network, half in ((trunk, False), (kept, True)):
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            loss = network(pixels).float().square().mean()
        loss.backward()
        gradients.append(torch.cat([p.grad.flatten() for p in network.parameters()]))
    assert nn.functional.cosine_similarity(*gradients, dim=0) > 0.99


def test_other_devices_compute_as_they_do(trunk):
    keep_depthwise(trunk.to("meta"))
    assert {type(m).__module__.split(".")[0] for m in trunk.modules()} <= {"torch", "timm"}
