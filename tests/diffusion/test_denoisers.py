from __future__ import annotations

import pytest
import torch

from diffusion.denoisers import DENOISERS, Clipped, FixedBatches, Guided
from diffusion.schedule import NoiseSchedule
from tests.diffusion.fakes import COND_DIM, normal, small_model, unit


@pytest.mark.parametrize("prediction", DENOISERS)
def test_a_perfect_network_gives_the_clean_sample(prediction):
    schedule = NoiseSchedule.linear()
    x_0, noise = normal(4, 1, 3, 3, 3).double(), normal(4, 1, 3, 3, 3, seed=1).double()
    t = torch.tensor([0, 300, 700, 999])
    denoiser = DENOISERS[prediction](None, schedule)
    denoiser.network = lambda x_t, t, cond, drop: denoiser.target(x_0, t, noise)
    answer = denoiser(schedule.q_sample(x_0, t, noise), t, None)
    torch.testing.assert_close(answer, x_0, rtol=1e-10, atol=1e-10)


def test_targets_worked_out_by_hand():
    """Signal 0.8, noise level 0.6: v = 0.8 * 2 - 0.6 * 1."""
    schedule = NoiseSchedule(torch.tensor([0.64, 0.36], dtype=torch.float64))
    x_0, noise, t = torch.tensor([[1.0]]), torch.tensor([[2.0]]), torch.tensor([0])
    expected = {"x_0": 1.0, "eps": 2.0, "v": 1.0}
    for prediction, value in expected.items():
        target = DENOISERS[prediction](None, schedule).target(x_0, t, noise)
        assert float(target) == pytest.approx(value)


class Toy:
    """Answers with the condition's sum where it is kept, with -1 where it is dropped."""

    def __init__(self):
        self.batches = []

    def __call__(self, x_t, t, cond, drop_cond=None):
        self.batches.append(len(x_t))
        answer = cond.sum(1)
        if drop_cond is not None:
            answer = torch.where(drop_cond, -1.0, answer)
        return x_t * 0 + answer.view(-1, *[1] * (x_t.ndim - 1))


@pytest.fixture
def batch():
    return normal(3, 1, 8, 8, 8), torch.tensor([900, 500, 10]), unit(3, COND_DIM, seed=1)


def test_guidance_is_affine_in_its_scale(batch):
    denoiser = small_model().denoiser()
    with torch.no_grad():
        conditional = denoiser(*batch)
        unconditional = denoiser(*batch, torch.ones(3, dtype=torch.bool))
        guided = {scale: Guided(denoiser, scale)(*batch) for scale in (0.0, 1.0, 2.0, 3.5)}
    torch.testing.assert_close(guided[1.0], conditional)
    torch.testing.assert_close(guided[0.0], unconditional)
    for scale, answer in guided.items():
        expected = unconditional + scale * (conditional - unconditional)
        torch.testing.assert_close(answer, expected, rtol=1e-4, atol=1e-5)


def test_guidance_changes_every_voxel(batch):
    """Guiding only the first channels is a bug that many projects copied."""
    denoiser = small_model().denoiser()
    with torch.no_grad():
        moved = (Guided(denoiser, 3.0)(*batch) - denoiser(*batch)).abs()
    assert (moved > 0).float().mean() > 0.999
    assert (moved.amax((0, 1, 2, 3)) > 1e-4).all()


def test_guidance_costs_one_batch_and_none_when_off(batch):
    toy = Toy()
    Guided(toy, 1.0)(*batch)
    assert toy.batches == [3]
    answer = Guided(toy, 2.0)(*batch)
    assert toy.batches == [3, 6]
    torch.testing.assert_close(answer[:, 0, 0, 0, 0], 2 * batch[2].sum(1) + 1)


def test_rows_that_drop_their_condition_stay_unguided(batch):
    drop = torch.tensor([True, False, True])
    for scale in (0.0, 1.0, 4.0):
        answer = Guided(Toy(), scale)(*batch, drop)[:, 0, 0, 0, 0]
        assert answer[0] == answer[2] == -1
    assert answer[1] != -1


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_fixed_batches_change_the_company_only(batch, size):
    for drop in (None, torch.tensor([True, False, True])):
        toy = Toy()
        answer = FixedBatches(toy, size)(*batch, drop)
        assert set(toy.batches) == {size}
        torch.testing.assert_close(answer, Toy()(*batch, drop))


def test_clipping_comes_after_guidance(batch):
    answer = Clipped(Guided(Toy(), 5.0))(*batch)
    torch.testing.assert_close(answer, Guided(Toy(), 5.0)(*batch).clamp(-1, 1))
    assert answer.abs().max() == 1
