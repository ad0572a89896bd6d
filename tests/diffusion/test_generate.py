from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from diffusion.generate import generate
from diffusion.guess import GuessConfig
from diffusion.noise import SeededNoise
from diffusion.presets import PRESETS, PREVIEW, STANDARD, Sampling
from diffusion.samplers import SAMPLERS
from tests.diffusion.fakes import COND_DIM, small_model, unit

SEEDS = [7, 0, 2**32 - 1, 7]


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def cond():
    return unit(4, COND_DIM)


def test_rows_depend_on_their_seed_alone():
    noise, alone = SeededNoise(SEEDS, (2, 3)), SeededNoise([0], (2, 3))
    first, second = noise.draw(), noise.draw()
    assert first.shape == (4, 2, 3)
    assert torch.equal(first[1:2], alone.draw())
    assert torch.equal(second[1:2], alone.draw())
    assert torch.equal(first[0], first[3])
    assert not torch.isclose(first[0], first[1]).any()
    assert not torch.isclose(first, second).any()


def test_noise_leaves_the_global_generator_alone():
    before = torch.random.get_rng_state()
    values = SeededNoise([1, 2], (5000,)).draw()
    assert torch.equal(torch.random.get_rng_state(), before)
    # Fixed seeds, and four standard errors of 10,000 draws.
    assert abs(values.mean()) < 0.04
    assert abs(values.var() - 1) < 4 * (2 / 10_000) ** 0.5


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("guidance_scale", [1.0, 2.5])
def test_the_same_bits_alone_in_a_batch_and_twice(model, cond, sampler, guidance_scale):
    def sample(rows):
        sampling = Sampling(sampler, 3, guidance_scale)
        return list(generate(model, cond[rows], [SEEDS[i] for i in rows], sampling))

    batch, twice = sample([0, 1, 2, 3]), sample([0, 1, 2, 3])
    mixed, alone = sample([3, 1]), sample([2])
    assert len(batch) == 3
    for a, b, two, one in zip(batch, twice, mixed, alone, strict=True):
        for of_a, of_b, of_two, of_one in zip(a, b, two, one, strict=True):
            assert of_a.shape == (4, 1, 8, 8, 8)
            assert torch.equal(of_a, of_b)
            assert torch.equal(of_a[[3, 1]], of_two)
            assert torch.equal(of_a[[2]], of_one)


def test_the_same_bits_at_the_bundled_size():
    """Its layers have matrix kernels that a small network's may not reach."""
    from training.loop.presets import BUNDLED

    preset = BUNDLED.diffusion
    unet = replace(preset.unet, cond_dim=COND_DIM)
    bundled = small_model(unet=unet, guess=preset.guess.size)
    cond = unit(3, COND_DIM)
    *_, batch = generate(bundled, cond, SEEDS[:3], PREVIEW)
    *_, alone = generate(bundled, cond[1:2], SEEDS[1:2], PREVIEW)
    assert batch.x_0.abs().max() > 0.1
    assert torch.equal(batch.x_0[1:2], alone.x_0)


def test_two_models_start_from_the_same_noise(model, cond):
    """The comparison of two spaces depends on it."""
    first = next(generate(model, cond, SEEDS))
    second = next(generate(small_model("clip", seed=1), cond.flip(0), SEEDS))
    assert torch.equal(first.x_t, second.x_t)
    assert not torch.equal(first.x_0, second.x_0)


def test_seed_condition_and_guidance_matter(model, cond):
    def last(cond, seed, scale=2.0):
        *_, step = generate(model, cond[:1], [seed], Sampling("ddim", 3, scale))
        return step.x_0

    reference = last(cond, 1)
    for other in (last(cond, 2), last(cond.flip(0), 1), last(cond, 1, 3.0)):
        assert not torch.allclose(other, reference, atol=1e-3)


def test_a_later_start_is_the_guess_with_noise(cond):
    """Shared noise at the level of the timestep in any batch; no guess, no later start."""
    refining, plain = small_model(guess=GuessConfig(width=16, blocks=1, patch=4)), small_model()
    late = Sampling("ddim", 3, 1.0, strength=0.3)
    first, *_, last = generate(refining, cond, SEEDS, late)
    a = float(refining.schedule.alphas_cumprod[299])
    noise = SeededNoise(SEEDS, refining.grid_shape).draw()
    expected = a**0.5 * refining.guess(cond).clamp(-1, 1) + (1 - a) ** 0.5 * noise
    torch.testing.assert_close(first.x_t, expected, rtol=1e-4, atol=1e-5)
    *_, alone = generate(refining, cond[2:3], SEEDS[2:3], late)
    assert torch.equal(last.x_0[2:3], alone.x_0)
    *_, later = generate(plain, cond, SEEDS, late)
    *_, whole = generate(plain, cond, SEEDS, replace(late, strength=1.0))
    assert torch.equal(later.x_0, whole.x_0)


@pytest.mark.parametrize("scale", [1.0, 50.0])
def test_shapes_stay_in_range(model, cond, scale):
    for step in generate(model, cond, SEEDS, Sampling("ddim", 4, scale)):
        assert step.x_0.isfinite().all()
        assert step.x_0.abs().max() <= 1
        assert not step.x_0.requires_grad


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_presets_can_be_sampled(model, cond, preset):
    steps = generate(model, cond[:1], [0], preset)
    assert sum(1 for _ in steps) == preset.num_steps


def test_a_sampling_knows_the_name_of_its_preset():
    assert [preset.name for preset in PRESETS.values()] == list(PRESETS)
    assert Sampling("ddim", 4, 2.0).name == "standard"
    assert Sampling("ddim", 4, 2.5).name is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sampling": replace(STANDARD, sampler="euler")}, "Unknown sampler 'euler'"),
        ({"sampling": replace(STANDARD, num_steps=0)}, "number of steps"),
        ({"sampling": replace(STANDARD, num_steps=1001)}, "number of steps"),
        ({"sampling": replace(STANDARD, strength=0.0)}, "strength"),
        ({"sampling": replace(STANDARD, strength=1.1)}, "strength"),
        ({"seeds": [1]}, "as many seeds"),
        ({"seeds": [], "cond": torch.zeros(0, COND_DIM)}, "at least one"),
        ({"cond": torch.zeros(4, COND_DIM + 1)}, "must have shape"),
        ({"cond": COND_DIM**0.5 * unit(4, COND_DIM)}, "must be unit vectors"),
        ({"cond": torch.zeros(COND_DIM)}, "must have shape"),
    ],
)
def test_bad_arguments(model, cond, change, message):
    arguments = {"cond": cond, "seeds": SEEDS, **change}
    with pytest.raises(ValueError, match=message):
        next(generate(model, **arguments))
