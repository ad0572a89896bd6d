from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file

from diffusion.denoisers import DENOISERS, Guided
from diffusion.generate import generate
from diffusion.losses import SHARPNESS
from diffusion.model import VoxelDiffusion
from diffusion.presets import Sampling
from diffusion.refinement import Refinement
from tests.diffusion.fakes import COND_DIM, GUESS, SMALL, normal, perturb, small_model, unit

SHAPE = (3, 1, 8, 8, 8)
DROP = torch.tensor([True, False, False])


def new(prediction: str = "x_0") -> VoxelDiffusion:
    """A model with a guess that is not zero, and an untrained network."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = VoxelDiffusion(space="cisp", unet=SMALL, prediction=prediction, guess=GUESS)
    perturb(model.guess)
    return model.eval()


def batch():
    return normal(*SHAPE), torch.tensor([0, 400, 999]), unit(3, COND_DIM, seed=1)


@pytest.mark.parametrize("prediction", DENOISERS)
@torch.no_grad()
def test_a_new_model_answers_its_guess(prediction):
    model, (x_t, t, cond) = new(prediction), batch()
    for drop in (None, DROP):
        assert torch.equal(model.denoiser()(x_t, t, cond, drop), model.guess(cond, drop))
    seeds = [1, 2, 3]
    for sampler in ("ddim", "dpmpp_2m", "ddpm"):
        *_, step = generate(model, cond, seeds, Sampling(sampler, 3, 1.0))
        torch.testing.assert_close(step.x_0, model.guess(cond).clamp(-1, 1))


@pytest.mark.parametrize("prediction", DENOISERS)
@torch.no_grad()
def test_the_loss_is_the_error_of_what_is_predicted(prediction):
    """The predicted x_0, turned into noise or v by the definition of x_t, against the true ones.

    At t = 300, 700 and 999: near 0 the noise is a small difference of large numbers.
    """
    model = perturb(new(prediction), seed=1)
    (_, _, cond), t = batch(), torch.tensor([300, 700, 999])
    x_0, noise = normal(*SHAPE, seed=2).sign(), normal(*SHAPE, seed=3)
    a = model.schedule.alphas_cumprod[t].view(3, 1, 1, 1, 1).float()
    signal, sigma = a.sqrt(), (1 - a).sqrt()
    x_t = signal * x_0 + sigma * noise
    answer = model.denoiser()(x_t, t, cond, DROP)
    answered_noise = (x_t - signal * answer) / sigma
    error = {
        "x_0": answer - x_0,
        "eps": answered_noise - noise,
        "v": (signal * answered_noise - sigma * answer) - (signal * noise - sigma * x_0),
    }[prediction]
    loss = model.loss(x_0, cond, t, noise, DROP)
    torch.testing.assert_close(loss, error.square().mean(), rtol=1e-4, atol=0)


@pytest.mark.parametrize("prediction", DENOISERS)
@pytest.mark.parametrize("guess", [None, GUESS])
@torch.no_grad()
def test_the_cross_entropy_asks_for_signs(prediction, guess):
    """What is added to the loss, worked out from probabilities."""
    model = small_model(prediction=prediction, guess=guess)
    x_0, noise = normal(*SHAPE, seed=2).clamp(-1, 1), normal(*SHAPE, seed=3)
    cond, t = unit(3, COND_DIM, seed=1), torch.tensor([300, 500, 700])
    batch = (x_0, cond, t, noise, DROP)
    answer = model.denoiser()(model.schedule.q_sample(x_0, t, noise), t, cond, DROP).double()
    full, empty = (torch.nn.functional.logsigmoid(s * SHARPNESS * answer) for s in (1, -1))
    entropy = -torch.where(x_0 > 0, 2 * full, empty).mean()
    added = model.loss(*batch, cross_entropy=0.5, full_weight=2.0) - model.loss(*batch)
    torch.testing.assert_close(added.double(), 0.5 * entropy, rtol=1e-3, atol=1e-4)


@torch.no_grad()
def test_the_network_sees_the_noisy_grid_and_the_guess():
    """Its output is added to the guess; a dropped condition is dropped for both."""
    x_t, t, cond = batch()
    guess = lambda cond, drop: cond.sum(1).where(~drop, -1.0).view(3, 1, 1, 1, 1).expand(SHAPE)  # noqa: E731
    seen = {}

    def network(both, t, cond, drop):
        seen.update(both=both, t=t, cond=cond, drop=drop)
        return both[:, :1] ** 2

    answer = Refinement(guess, network)(x_t, t, cond, DROP)
    expected = torch.tensor([-1.0, *cond[1:].sum(1)]).view(3, 1, 1, 1, 1)
    torch.testing.assert_close(answer, expected + x_t**2)
    torch.testing.assert_close(seen["both"], torch.cat([x_t, expected.expand(SHAPE)], 1))
    assert (seen["t"], seen["cond"], seen["drop"]) == (t, cond, DROP)


@torch.no_grad()
def test_guidance_also_guides_the_guess():
    """A new model's guided answer: mean + scale * (guess - mean)."""
    model, (x_t, t, cond) = new(), batch()
    mean = model.guess(cond, torch.ones(3, dtype=torch.bool))
    guided = Guided(model.denoiser(), 3.0)(x_t, t, cond)
    torch.testing.assert_close(guided, mean + 3 * (model.guess(cond) - mean))


def test_the_guess_learns_nothing_from_the_loss_once_it_is_still():
    model, (x_0, t, cond) = perturb(new()), batch()
    model.guess.requires_grad_(False)
    model.loss(x_0, cond, t, normal(*SHAPE, seed=4), DROP).backward()
    assert all(p.grad is None for p in model.guess.parameters())
    assert all(p.grad.any() for p in model.unet.parameters())


def test_the_guess_is_a_file_of_its_own(tmp_path):
    model = perturb(new())
    model.half().save(tmp_path)
    unet, guess = (
        load_file(tmp_path / "model.safetensors"),
        load_file(tmp_path / "guess.safetensors"),
    )
    assert not unet.keys() & guess.keys()
    assert unet.keys() | guess.keys() == model.state_dict().keys()
    loaded, cond = VoxelDiffusion.load(tmp_path, "cisp"), batch()[2]
    torch.testing.assert_close(loaded.guess(cond), model.float().guess(cond))
    (tmp_path / "guess.safetensors").unlink()
    with pytest.raises(ValueError, match="cannot be read"):
        VoxelDiffusion.load(tmp_path)


def test_models_from_before_there_were_guesses_load(tmp_path):
    model = small_model()
    model.save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    del config["guess"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    loaded = VoxelDiffusion.load(tmp_path)
    assert loaded.guess is None
    assert loaded.unet.stem.in_channels == 1
