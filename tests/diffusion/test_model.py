from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import torch
from safetensors.torch import load, load_file, save_file

from diffusion.guess import GuessConfig
from diffusion.model import VoxelDiffusion
from tests.diffusion.fakes import COND_DIM, SMALL, normal, small_model, unit


@pytest.fixture
def folder(tmp_path):
    small_model().save(tmp_path / "model")
    return tmp_path / "model"


def answer(model):
    with torch.no_grad():
        return model.unet(normal(2, 1, 8, 8, 8), torch.tensor([10, 900]), unit(2, COND_DIM))


@pytest.mark.parametrize("prediction", ["x_0", "eps", "v"])
def test_save_and_load(tmp_path, prediction):
    model = small_model(prediction=prediction, schedule="cosine")
    model.save(tmp_path)
    loaded = VoxelDiffusion.load(tmp_path, space="cisp")
    assert torch.equal(answer(loaded), answer(model))
    assert (loaded.space, loaded.prediction) == ("cisp", prediction)
    assert torch.equal(loaded.schedule.alphas_cumprod, model.schedule.alphas_cumprod)
    assert loaded.unet.config == model.unet.config
    assert not loaded.training
    assert not any(parameter.requires_grad for parameter in loaded.parameters())


def test_the_folder_holds_a_config_and_weights_alone(folder):
    assert {path.name for path in folder.rglob("*")} == {"config.json", "model.safetensors"}
    config = json.loads((folder / "config.json").read_text())
    assert (config["kind"], config["space"]) == ("VoxelDiffusion", "cisp")
    assert config["unet"]["multipliers"] == [1, 2]


def test_half_precision_files_become_float32(tmp_path):
    model = small_model()
    model.half().save(tmp_path)
    assert {x.dtype for x in load_file(tmp_path / "model.safetensors").values()} == {torch.float16}
    loaded = VoxelDiffusion.load(tmp_path)
    assert {parameter.dtype for parameter in loaded.parameters()} == {torch.float32}
    assert torch.equal(answer(loaded), answer(model.float()))


def drop_a_key(weights):
    weights.pop("unet.out.bias")


def add_a_key(weights):
    weights["unet.out.scale"] = torch.zeros(3)


def change_a_shape(weights):
    weights["unet.out.bias"] = torch.zeros(3)


@pytest.mark.parametrize("damage", [drop_a_key, add_a_key, change_a_shape])
def test_weights_must_fit(folder, damage):
    weights = load_file(folder / "model.safetensors")
    damage(weights)
    save_file(weights, folder / "model.safetensors")
    assert_refused(folder, r"cannot be read: .*unet\.out\.(bias|scale)")


def test_a_pointer_of_git_lfs_and_numbers_that_are_none_are_named(folder):
    file = folder / "model.safetensors"
    weights = load(file.read_bytes())  # not mapped: the file changes
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n")
    assert_refused(folder, "model.safetensors is only a Git LFS pointer")
    next(iter(weights.values())).view(-1)[0] = torch.inf
    save_file(weights, file)
    assert_refused(folder, "numbers that are not finite")


@pytest.mark.parametrize("file", ["model.safetensors", "guess.safetensors"])
def test_weights_of_another_space_are_noticed(tmp_path, file):
    for space in ("clip", "cisp"):
        guess = GuessConfig(width=8, blocks=1, token=4, patch=4)
        model = VoxelDiffusion(space=space, unet=SMALL, guess=guess)
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter)
        model.save(tmp_path / space)
    VoxelDiffusion.load(tmp_path / "cisp")
    (tmp_path / "cisp" / file).write_bytes((tmp_path / "clip" / file).read_bytes())
    assert_refused(tmp_path / "cisp", f"{file} is not the one that config.json names")
    config = json.loads((tmp_path / "cisp" / "config.json").read_text())
    del config["sha256"]  # as older ones are
    (tmp_path / "cisp" / "config.json").write_text(json.dumps(config))
    VoxelDiffusion.load(tmp_path / "cisp")


def test_files_must_be_whole(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    assert_refused(folder, "cannot be read")
    path.unlink()
    assert_refused(folder, "There is no diffusion model")


@pytest.mark.parametrize(
    "change",
    [
        {"unet": {**asdict(SMALL), "colour": 1}},
        {"unet": {**asdict(SMALL), "width": 32}},
        {"unet": {**asdict(SMALL), "resolution": 7}},
        {"unet": {**asdict(SMALL), "patch": 0}},
        {"unet": None},
        {"unet": [1]},
        {"prediction": "x_1"},
        {"schedule": "quadratic"},
    ],
)
def test_the_config_must_fit(folder, change):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert_refused(folder, "cannot be read")


def test_the_config_must_be_json_and_whole(folder):
    path = folder / "config.json"
    config = json.loads(path.read_text())
    path.write_text(path.read_text()[:-20])
    assert_refused(folder, "cannot be read")
    del config["space"]
    path.write_text(json.dumps(config))
    assert_refused(folder, "cannot be read")
    del config["kind"]
    path.write_text(json.dumps(config))
    assert_refused(folder, 'add "kind": "VoxelDiffusion"')


def test_the_space_must_be_the_one_asked_for(folder):
    with pytest.raises(ValueError, match="trained on 'cisp', not 'clip'"):
        VoxelDiffusion.load(folder, space="clip")


def assert_refused(folder, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        VoxelDiffusion.load(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("prediction", ["x_0", "eps", "v"])
def test_the_loss_of_a_network_that_answers_zero(prediction):
    """A new network answers zero, so its loss is the mean square of its target."""
    model = VoxelDiffusion(space="cisp", unet=SMALL, prediction=prediction)
    x_0, noise = normal(2, 1, 8, 8, 8).sign(), normal(2, 1, 8, 8, 8, seed=1)
    t = torch.tensor([100, 800])
    loss = model.loss(x_0, unit(2, COND_DIM), t, noise, torch.tensor([True, False]))
    a = model.schedule.alphas_cumprod[t].view(2, 1, 1, 1, 1).float()
    target = {"x_0": x_0, "eps": noise, "v": a.sqrt() * noise - (1 - a).sqrt() * x_0}[prediction]
    torch.testing.assert_close(loss, target.square().mean())


def test_four_shapes_can_be_learned():
    model = small_model().train()
    shapes, cond = normal(4, 1, 8, 8, 8, seed=5).sign(), unit(4, COND_DIM, seed=6)
    generator = torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    keep = torch.zeros(4, dtype=torch.bool)

    def batch():
        t = torch.randint(1000, (4,), generator=generator)
        return shapes, cond, t, torch.randn(shapes.shape, generator=generator), keep

    @torch.no_grad()
    def validation_loss():
        t = torch.tensor([100, 300, 500, 800])
        return model.loss(shapes, cond, t, normal(*shapes.shape, seed=7), keep).item()

    before = validation_loss()
    for _ in range(30):
        optimiser.zero_grad()
        model.loss(*batch()).backward()
        optimiser.step()
    assert validation_loss() < 0.7 * before


def test_unknown_choices():
    for arguments in ({"prediction": "x_1"}, {"schedule": "quadratic"}):
        with pytest.raises(ValueError, match="Unknown"):
            VoxelDiffusion(space="cisp", unet=SMALL, **arguments)
