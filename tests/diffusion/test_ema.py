from __future__ import annotations

import pytest
import torch
from torch import nn

from diffusion.ema import Ema


def constant(value: float) -> nn.Module:
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))  # it has integer state too
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(value)
    return model


def weight(ema: Ema) -> float:
    values = ema.average["0.weight"].unique()
    assert len(values) == 1
    return float(values)


def test_a_constant_model_stays():
    model = constant(0.3)
    ema = Ema(model)
    for _ in range(50):
        ema.update(model)
    for name, tensor in model.state_dict().items():
        assert torch.equal(ema.average[name], tensor), name


def test_warm_up_against_a_loop():
    ema, expected = Ema(constant(0.0), decay=0.9), 0.0
    for step in range(1, 201):
        ema.update(constant(1.0 + step % 3))
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * (1.0 + step % 3)
        assert weight(ema) == pytest.approx(expected, rel=1e-5)


def test_a_short_run_forgets_its_random_start():
    """With a decay of 0.999 from the first step, 90 % of the start would be left."""
    ema = Ema(constant(100.0), decay=0.999)
    for _ in range(100):
        ema.update(constant(0.0))
    assert abs(weight(ema)) < 1e-3


def test_state_round_trip_through_a_file(tmp_path):
    ema = Ema(constant(0.0))
    ema.update(constant(1.0))
    torch.save(ema.state_dict(), tmp_path / "ema.pt")
    again = Ema(constant(5.0))
    again.load_state_dict(torch.load(tmp_path / "ema.pt", weights_only=True))
    for each in (ema, again):
        each.update(constant(2.0))
    assert again.step == ema.step == 2
    assert all(torch.equal(again.average[name], ema.average[name]) for name in ema.average)


def test_averaged_is_a_copy_ready_to_sample():
    model = constant(0.0)
    model(torch.ones(4, 2))  # the integer state counts to 1
    ema = Ema(model)
    model.load_state_dict({**constant(1.0).state_dict(), "1.num_batches_tracked": torch.tensor(7)})
    ema.update(model)
    averaged = ema.averaged(model)
    assert not averaged.training
    assert model.training
    assert int(averaged[1].num_batches_tracked) == 7
    assert float(model[0].weight.detach().unique()) == 1.0
    assert averaged[0].weight.detach().unique().item() == pytest.approx(1 - 2 / 11)
    with torch.no_grad():
        averaged[0].weight.fill_(9.0)
    assert weight(ema) == pytest.approx(1 - 2 / 11)
