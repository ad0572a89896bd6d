from __future__ import annotations

import itertools
import math

import pytest
import torch

from diffusion.unet import UNet3D, UNetConfig, attend, timestep_embedding, unpatchify
from tests.diffusion.fakes import COND_DIM, PLAIN, SMALL, normal, perturb, unit

SHAPE = (3, 1, 8, 8, 8)


@pytest.fixture(params=[SMALL, PLAIN], ids=["small", "plain"])
def unet(request):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return perturb(UNet3D(request.param))


@pytest.fixture
def batch():
    return normal(*SHAPE), torch.tensor([0, 400, 999]), unit(3, COND_DIM, seed=1)


@pytest.mark.parametrize("config", [SMALL, PLAIN])
def test_a_new_network_answers_zero(config, batch):
    answer = UNet3D(config)(*batch)
    assert answer.shape == SHAPE
    assert not answer.any()


def test_every_parameter_learns(unet, batch):
    unet(*batch, torch.tensor([True, False, False])).square().mean().backward()
    for name, parameter in unet.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name


@torch.no_grad()
def test_bfloat16_is_close(unet, batch):
    exact = unet(*batch)
    with torch.autocast("cpu", torch.bfloat16):
        coarse = unet(*batch)
    assert coarse.isfinite().all()
    assert (coarse.float() - exact).norm() < 0.03 * exact.norm()


@torch.no_grad()
def test_the_condition_and_the_time_reach_every_voxel(unet, batch):
    x_t, t, cond = batch
    answer = unet(x_t, t, cond)
    for other in (unet(x_t, t, cond.flip(1)), unet(x_t, t + 100, cond)):
        assert ((other - answer).abs() > 1e-6).float().mean() > 0.98


def test_a_dropped_condition_is_dead(unet, batch):
    """True drops; the released code had the polarity of training and sampling swapped."""
    x_t, t, cond = batch
    drop = torch.tensor([True, False, True])
    with torch.no_grad():
        answer, other = unet(x_t, t, cond, drop), unet(x_t, t, cond + 1, drop)
        as_null = unet(x_t, t, unet.null_embedding.expand_as(cond) / COND_DIM**0.5)
        kept = unet(x_t, t, cond)
    assert torch.equal(answer[drop], other[drop])
    assert not torch.isclose(answer[~drop], other[~drop]).all()
    torch.testing.assert_close(answer[drop], as_null[drop])
    torch.testing.assert_close(answer[~drop], kept[~drop])


def test_the_null_embedding_learns_from_dropped_rows_alone(unet, batch):
    def gradient(drop):
        unet.zero_grad()
        unet(*batch, drop).square().mean().backward()
        return unet.null_embedding.grad

    assert gradient(None) is None
    assert not gradient(torch.tensor([False] * 3)).any()
    assert gradient(torch.tensor([False, True, False])).all()


@torch.no_grad()
def test_rows_do_not_see_each_other(unet, batch):
    alone = torch.cat([unet(*(x[i : i + 1] for x in batch)) for i in range(3)])
    torch.testing.assert_close(unet(*batch), alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("patch", [2, 3])
def test_unpatchify_puts_channels_where_their_cells_are(patch):
    side = 2
    x = normal(2, patch**3, side, side, side)
    whole = unpatchify(x, patch)
    assert whole.shape == (2, 1, *[side * patch] * 3)
    inner, outer = range(patch), range(side)
    for i, j, k in itertools.product(inner, inner, inner):
        channel = (i * patch + j) * patch + k
        for a, b, c in itertools.product(outer, outer, outer):
            cell = whole[:, 0, a * patch + i, b * patch + j, c * patch + k]
            assert torch.equal(cell, x[:, channel, a, b, c])


def test_unpatchify_undoes_the_stem():
    """A stem that only copies: channel (i, j, k) takes cell (i, j, k) of its patch."""
    patch = 4
    weight = torch.eye(patch**3).view(patch**3, 1, patch, patch, patch)
    grid = normal(2, 1, 8, 8, 8)
    patches = torch.nn.functional.conv3d(grid, weight, stride=patch)
    torch.testing.assert_close(unpatchify(patches, patch), grid)


def test_timestep_embedding():
    rows = timestep_embedding(torch.tensor([0, 5, 999]), 4)
    for row, t in zip(rows.tolist(), (0, 5, 999), strict=True):
        expected = [math.cos(t), math.cos(t / 100), math.sin(t), math.sin(t / 100)]
        assert row == pytest.approx(expected, abs=1e-4)


def test_attention_in_bfloat16_is_that_of_float32():
    """A CPU that trains in bfloat16 has a form of its own; the truth is the fused in float64."""
    q, k, v = (normal(2, 3, n, 8, seed=n).bfloat16().requires_grad_() for n in (5, 7, 7))
    exact = [a.detach().double().requires_grad_() for a in (q, k, v)]
    mixed, truth = attend(q, k, v), attend(*exact)
    torch.testing.assert_close(mixed.double(), truth, atol=0.03, rtol=0.03)
    mixed.square().sum().backward()
    truth.square().sum().backward()
    for a, b in zip((q, k, v), exact, strict=True):
        torch.testing.assert_close(a.grad.double(), b.grad, atol=0.1, rtol=0.1)


def test_a_grid_must_halve_evenly():
    with pytest.raises(ValueError, match="12 is no multiple of 8"):
        UNetConfig(cond_dim=4, resolution=12, patch=4, multipliers=(1, 2))


@pytest.mark.slow
def test_the_paper_preset_has_the_papers_size_and_takes_a_step():
    from training.loop.presets import PAPER

    unet = UNet3D(PAPER.diffusion.unet)
    assert sum(p.numel() for p in unet.parameters()) == pytest.approx(83e6, rel=0.02)
    with_attention = {
        stage.block.conv2.out_channels
        for stage in unet.modules()
        if getattr(stage, "attention", None) is not None
    }
    assert with_attention == {128, 256}  # the 8^3 and the 4^3 grid
    assert not hasattr(unet, "cond_to_map")
    optimiser = torch.optim.AdamW(unet.parameters(), lr=3e-4)
    x_t, noise, cond = normal(1, 1, 32, 32, 32), normal(1, 1, 32, 32, 32, seed=1), normal(1, 256)
    losses = []
    for _ in range(2):
        loss = (unet(x_t, torch.tensor([500]), cond) - noise).square().mean()
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert losses[1] < losses[0]
