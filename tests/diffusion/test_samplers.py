from __future__ import annotations

import pytest
import torch

from diffusion.noise import SeededNoise
from diffusion.refinement import Refinement
from diffusion.samplers import SAMPLERS, Start, sample_ddim, sample_ddpm, sample_dpmpp_2m
from diffusion.schedule import NoiseSchedule
from tests.diffusion.fakes import RecordingNoise, normal

SCHEDULE = NoiseSchedule.linear()
COND = torch.zeros(2, 1)


def levels_at(t):
    a = float(SCHEDULE.alphas_cumprod[t])
    return a**0.5, (1 - a) ** 0.5


def curved(x_t, t, cond, drop_cond=None):
    """A fixed non-linear denoiser."""
    time = t.view(-1, *[1] * (x_t.ndim - 1)) / 1000
    return torch.tanh(1.3 * x_t.flip(-1) + time) * torch.cos(x_t + 2 * time)


@pytest.mark.parametrize("sample", [sample_ddim, sample_dpmpp_2m])
@pytest.mark.parametrize("num_steps", [1, 5, 40])
def test_one_shape_is_reached_on_a_straight_line(sample, num_steps):
    """If all data are one shape, both solvers are exact: the noise of x_t never changes."""
    shape = normal(1, 4, 4, 4).sign()
    noise = RecordingNoise([1, 2], (1, 4, 4, 4))
    steps = list(
        sample(lambda x_t, *_: shape.expand_as(x_t), SCHEDULE, COND, noise, num_steps=num_steps)
    )
    assert len(noise.drawn) == 1
    assert torch.equal(steps[0].x_t, noise.drawn[0])
    signal, sigma = levels_at(999)
    inherent = (noise.drawn[0] - signal * shape) / sigma
    for t, step in zip(SCHEDULE.timesteps(num_steps), steps, strict=True):
        signal, sigma = levels_at(t)
        torch.testing.assert_close(
            step.x_t, signal * shape + sigma * inherent, rtol=1e-4, atol=1e-5
        )
    torch.testing.assert_close(steps[-1].x_0, shape.expand_as(steps[-1].x_0))


@pytest.mark.parametrize("sample", [sample_ddim, sample_dpmpp_2m])
def test_a_later_start_is_exact_on_a_straight_line_too(sample):
    """From one shape with noise added: the walk stays on the line to it, from where it starts."""
    shape, share = normal(1, 4, 4, 4).sign(), 0.3
    noise = RecordingNoise([1, 2], (1, 4, 4, 4))
    start = Start(shape.expand(2, -1, -1, -1, -1), share)
    answer = lambda x_t, *_: shape.expand_as(x_t)  # noqa: E731
    steps = list(sample(answer, SCHEDULE, COND, noise, num_steps=3, start=start))
    for t, step in zip([299, 199, 99], steps, strict=True):
        signal, sigma = levels_at(t)
        expected = signal * shape + sigma * noise.drawn[0]
        torch.testing.assert_close(step.x_t, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", SAMPLERS)
def test_what_starts_from_data_with_noise_stays_data(name):
    """Draws of the data themselves as the start: mean and variance are kept, exactly sampled."""
    mean, deviation, count = 0.4, 0.5, 2**14
    x_0 = mean + deviation * normal(2, count // 2, seed=5)
    noise = SeededNoise([0, 1], (count // 2,))
    walk = {"num_steps": 300 if name == "ddpm" else 100, "start": Start(x_0, 0.3)}
    for step in SAMPLERS[name](gaussian(mean, deviation), SCHEDULE, COND, noise, **walk):
        x_0 = step.x_0
    x_0 = x_0.double()
    assert float(x_0.mean()) == pytest.approx(mean, abs=5 * deviation / count**0.5)
    assert float(x_0.var()) == pytest.approx(
        deviation**2, abs=(4 * (2 / count) ** 0.5 + 0.01) * deviation**2
    )


def gaussian(mean: float, deviation: float):
    """The exact denoiser of N(mean, deviation^2), by Gaussian conditioning."""

    def denoiser(x_t, t, cond, drop_cond=None):
        a = float(SCHEDULE.alphas_cumprod[t[0]])
        gain = deviation**2 * a**0.5 / (deviation**2 * a + 1 - a)
        return mean + gain * (x_t - a**0.5 * mean)

    return denoiser


def refined(denoiser, guess: float):
    """The same denoiser as a guess and its correction."""

    def network(both, t, cond, drop_cond):
        x_t, seen = both.chunk(2, dim=1)
        return denoiser(x_t, t, cond) - seen

    return Refinement(lambda cond, _: torch.full((2, 2**13), guess), network)


@pytest.mark.parametrize("with_guess", [False, True])
@pytest.mark.parametrize("name", SAMPLERS)
def test_gaussian_data_come_out_with_their_mean_and_variance(name, with_guess):
    """16,384 draws with fixed seeds: four standard errors, plus 1 % of the variance for the step.

    The start has no trace of the data, which shifts the mean by less than a_T^0.5 = 0.6 %.
    """
    mean, deviation, count = 0.4, 0.5, 2**14
    noise = SeededNoise([0, 1], (count // 2,))
    num_steps = 1000 if name == "ddpm" else 200
    denoiser = gaussian(mean, deviation)
    if with_guess:
        denoiser = refined(denoiser, mean - 0.3)
    for step in SAMPLERS[name](denoiser, SCHEDULE, COND, noise, num_steps=num_steps):
        x_0 = step.x_0
    x_0 = x_0.double()
    assert float(x_0.mean()) == pytest.approx(
        mean, abs=4 * deviation / count**0.5 + 0.0065 * deviation
    )
    error = 4 * deviation**2 * (2 / count) ** 0.5
    assert float(x_0.var()) == pytest.approx(deviation**2, abs=error + 0.01 * deviation**2)


def test_ddpm_draws_from_the_posterior_and_adds_no_noise_at_last():
    """Each step against conditioning the joint Gaussian of (x_s, x_t) given x_0."""
    num_steps = 7
    noise = RecordingNoise([3, 4], (1, 4, 4, 4))
    steps = list(sample_ddpm(curved, SCHEDULE, COND, noise, num_steps=num_steps))
    assert len(steps) == len(noise.drawn) == num_steps
    times = SCHEDULE.timesteps(num_steps)
    for i in range(num_steps - 1):
        a_t, a_s = (float(SCHEDULE.alphas_cumprod[t]) for t in times[i : i + 2])
        covariance = (a_t / a_s) ** 0.5 * (1 - a_s)
        x_t, x_0 = (x.double() for x in steps[i])
        mean = a_s**0.5 * x_0 + covariance / (1 - a_t) * (x_t - a_t**0.5 * x_0)
        variance = (1 - a_s) - covariance**2 / (1 - a_t)
        expected = mean + variance**0.5 * noise.drawn[i + 1]
        torch.testing.assert_close(steps[i + 1].x_t.double(), expected, rtol=1e-4, atol=1e-5)
    last = steps[-1]
    assert torch.equal(last.x_0, curved(last.x_t, torch.tensor([times[-1]] * 2), COND))


@pytest.mark.parametrize("name", SAMPLERS)
def test_samplers_stream(name):
    """A caller may stop at any step; the denoiser is asked once a step, with one time for all."""
    asked = []

    def denoiser(x_t, t, cond, drop_cond=None):
        asked.append(t.tolist())
        return curved(x_t, t, cond)

    steps = SAMPLERS[name](denoiser, SCHEDULE, COND, SeededNoise([1, 2], (1, 2, 2, 2)), num_steps=4)
    next(steps)
    assert asked == [[999, 999]]
    assert len(list(steps)) == 3
    assert asked == [[t, t] for t in (999, 749, 499, 249)]


@pytest.mark.parametrize("num_steps", [4, 10, 50])
def test_ddim_agrees_with_diffusers(num_steps):
    diffusers = pytest.importorskip("diffusers")
    scheduler = diffusers.DDIMScheduler(
        prediction_type="sample", timestep_spacing="trailing", clip_sample=False
    )
    check_against(scheduler, sample_ddim, num_steps)


@pytest.mark.parametrize("num_steps", [1, 2, 4, 7, 10, 14, 15, 50])
def test_dpmpp_2m_agrees_with_diffusers(num_steps):
    diffusers = pytest.importorskip("diffusers")
    scheduler = diffusers.DPMSolverMultistepScheduler(
        prediction_type="sample",
        algorithm_type="dpmsolver++",
        solver_order=2,
        timestep_spacing="trailing",
        final_sigmas_type="zero",
        lower_order_final=True,
    )
    check_against(scheduler, sample_dpmpp_2m, num_steps)


def check_against(scheduler, sample, num_steps):
    scheduler.set_timesteps(num_steps)
    noise = RecordingNoise([5, 6], (1, 4, 4, 4))
    steps = list(sample(curved, SCHEDULE, COND, noise, num_steps=num_steps))
    assert scheduler.timesteps.tolist() == SCHEDULE.timesteps(num_steps)
    x_t = noise.drawn[0]
    for t, step in zip(scheduler.timesteps, steps, strict=True):
        torch.testing.assert_close(step.x_t, x_t, rtol=1e-4, atol=1e-4)
        x_t = scheduler.step(curved(x_t, t.expand(2), COND), t, x_t).prev_sample
    torch.testing.assert_close(steps[-1].x_0, x_t, rtol=1e-4, atol=1e-4)
