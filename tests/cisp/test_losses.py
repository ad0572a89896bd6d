from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from cisp.losses import ContrastiveLoss


def embeddings(count: int, dim: int, seed: int) -> torch.Tensor:
    return torch.randn(count, dim, generator=torch.Generator().manual_seed(seed))


def test_two_pairs_by_hand():
    """Unit vectors at 0, 90 degrees against 0, 60 degrees, with a scale of 2."""
    a = torch.tensor([[3.0, 0.0], [0.0, 0.5]])
    b = torch.tensor([[1.0, 0.0], [0.5, math.sqrt(3) / 2]])
    loss = ContrastiveLoss(temperature=0.5)(a, b)
    s, c = 2 * 0.5, 2 * math.sqrt(3) / 2
    logits = [[2.0, s], [0.0, c]]  # a by b
    rows = [
        math.log(math.exp(logits[i][0]) + math.exp(logits[i][1])) - logits[i][i] for i in (0, 1)
    ]
    columns = [
        math.log(math.exp(logits[0][i]) + math.exp(logits[1][i])) - logits[i][i] for i in (0, 1)
    ]
    assert loss.item() == pytest.approx((sum(rows) / 2 + sum(columns) / 2) / 2, rel=1e-6)


@pytest.mark.parametrize("count", [2, 7])
def test_identical_embeddings_cost_log_b(count):
    same = torch.ones(count, 5)
    assert ContrastiveLoss()(same, same).item() == pytest.approx(math.log(count), rel=1e-5)


def test_the_order_of_the_pairs_and_their_lengths_do_not_matter():
    a, b = embeddings(6, 8, seed=0), embeddings(6, 8, seed=1)
    order = torch.tensor([3, 1, 5, 0, 4, 2])
    loss = ContrastiveLoss()
    torch.testing.assert_close(loss(a, b), loss(a[order], b[order]))
    torch.testing.assert_close(loss(a, b), loss(b, a))
    torch.testing.assert_close(loss(a, b), loss(7 * a, 0.1 * b))


def test_clamping_keeps_the_parameter_that_the_optimiser_owns():
    """The paper's code replaced the parameter, and from then on nothing trained the scale."""
    loss = ContrastiveLoss()
    assert loss.logit_scale.exp().item() == pytest.approx(1 / 0.07)
    owned = loss.logit_scale
    optimiser = torch.optim.SGD(loss.parameters(), lr=0.1)
    with torch.no_grad():
        owned.fill_(9.0)
    loss.clamp_()
    assert loss.logit_scale is owned
    assert owned.exp().item() == pytest.approx(100.0)
    before = owned.item()
    loss(embeddings(4, 3, seed=0), embeddings(4, 3, seed=1)).backward()
    optimiser.step()
    assert loss.logit_scale.item() != before


def test_half_precision_embeddings_are_compared_in_float32():
    a, b = embeddings(6, 8, seed=0).bfloat16(), embeddings(6, 8, seed=1).bfloat16()
    loss = ContrastiveLoss()
    with torch.autocast("cpu", torch.bfloat16):
        result = loss(a, b)
    assert result.dtype == torch.float32
    torch.testing.assert_close(result, loss(a.float(), b.float()))


def test_eight_pairs_are_learned_by_heart():
    a, b = embeddings(8, 16, seed=0), embeddings(8, 12, seed=1)
    generator = torch.Generator().manual_seed(2)
    towers = nn.ModuleList([nn.Linear(16, 8), nn.Linear(12, 8)])
    with torch.no_grad():
        for parameter in towers.parameters():
            parameter.copy_(0.2 * torch.randn(parameter.shape, generator=generator))
    loss = ContrastiveLoss()
    optimiser = torch.optim.AdamW([*towers.parameters(), *loss.parameters()], lr=0.05)
    for _ in range(100):
        optimiser.zero_grad()
        loss(towers[0](a), towers[1](b)).backward()
        optimiser.step()
        loss.clamp_()
    scores = (
        nn.functional.normalize(towers[0](a), dim=-1)
        @ nn.functional.normalize(towers[1](b), dim=-1).T
    )
    assert (scores.argmax(1) == torch.arange(8)).all()
    assert (scores.argmax(0) == torch.arange(8)).all()
