from __future__ import annotations

import math

import pytest
import torch

from diffusion.schedule import NoiseSchedule


def test_linear_against_a_loop_and_golden_values():
    schedule, level = NoiseSchedule.linear(), 1.0
    for t in range(1000):
        level *= 1 - (1e-4 + (0.02 - 1e-4) * t / 999)
        assert float(schedule.alphas_cumprod[t]) == pytest.approx(level, rel=1e-12)
    golden = {0: 0.9999, 499: 0.0785872429, 999: 4.0358e-05}
    for t, value in golden.items():
        assert float(schedule.alphas_cumprod[t]) == pytest.approx(value, rel=1e-5)
    assert schedule.alphas_cumprod.dtype == torch.float64
    assert schedule.num_timesteps == 1000


def test_cosine_is_the_closed_form_until_the_betas_are_capped():
    schedule = NoiseSchedule.cosine()

    def squared_cosine(step):
        return math.cos((step / 1000 + 0.008) / 1.008 * math.pi / 2) ** 2

    for t in (0, 1, 499, 900, 998):
        expected = squared_cosine(t + 1) / squared_cosine(0)
        assert float(schedule.alphas_cumprod[t]) == pytest.approx(expected, rel=1e-9)
    last_ratio = schedule.alphas_cumprod[999] / schedule.alphas_cumprod[998]
    assert float(last_ratio) == pytest.approx(0.001)


@pytest.mark.parametrize("name", ["linear", "cosine"])
def test_levels_keep_the_variance_of_unit_data(name):
    schedule = NoiseSchedule.named(name)
    t = torch.arange(1000)
    signal, sigma = schedule.levels(t, torch.zeros(1000, 1, 2, 2, 2))
    assert signal.shape == sigma.shape == (1000, 1, 1, 1, 1)
    assert signal.dtype == torch.float32
    torch.testing.assert_close(signal**2 + sigma**2, torch.ones_like(signal))
    assert (signal.diff(dim=0) < 0).all()


def test_q_sample_mixes_row_by_row():
    schedule = NoiseSchedule(torch.tensor([0.64, 0.36]))
    x_t = schedule.q_sample(
        torch.tensor([[1.0, 2.0], [1.0, 2.0]]),
        torch.tensor([0, 1]),
        torch.tensor([[1.0, -1.0]] * 2),
    )
    torch.testing.assert_close(x_t, torch.tensor([[1.4, 1.0], [1.4, 0.4]]))


def test_timesteps_fall_evenly_from_the_noisiest():
    schedule = NoiseSchedule.linear()
    assert schedule.timesteps(1) == [999]
    assert schedule.timesteps(4) == [999, 749, 499, 249]
    assert schedule.timesteps(1000) == list(range(999, -1, -1))
    for num_steps in range(1, 1001):
        steps = schedule.timesteps(num_steps)
        assert len(steps) == num_steps
        assert steps[0] == 999
        gaps = {a - b for a, b in zip(steps, [*steps[1:], -1], strict=True)}
        assert gaps <= {math.floor(1000 / num_steps), math.ceil(1000 / num_steps)}
    assert schedule.timesteps(3, 0.3) == [299, 199, 99]
    assert schedule.timesteps(1, 1e-9) == [0]


def test_bad_arguments():
    for levels in ([0.5, 0.5], [0.5, 0.6], [1.0, 0.5], [0.5, 0.0], [[0.5, 0.4]]):
        with pytest.raises(ValueError, match="falling"):
            NoiseSchedule(torch.tensor(levels))
    with pytest.raises(ValueError, match="Unknown noise schedule 'quadratic'"):
        NoiseSchedule.named("quadratic")
    for num_steps in (0, -1, 1001):
        with pytest.raises(ValueError, match=r"1\.\.1000"):
            NoiseSchedule.linear().timesteps(num_steps)
    for share in (0, -0.1, 1.1):
        with pytest.raises(ValueError, match="share"):
            NoiseSchedule.linear().timesteps(1, share)
    with pytest.raises(ValueError, match=r"1\.\.300, not 301"):
        NoiseSchedule.linear().timesteps(301, 0.3)
