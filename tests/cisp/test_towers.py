from __future__ import annotations

import json
import re
import subprocess
import sys
import types
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import load, load_file, save_file

from cisp import image_tower
from cisp.checkpoints import load_tower, save_tower
from cisp.image_tower import ImageTower, ImageTowerConfig, initial_trunk, lite0_trunk
from cisp.losses import ContrastiveLoss
from cisp.shape_tower import (
    SHAPE_TOWERS,
    ShapeCnn,
    ShapeCnnConfig,
    ShapeEncoder,
    ShapeEncoderConfig,
    VoxelPatchEmbed,
)
from cisp.text_tower import TextTower, TextTowerConfig
from training.loop.presets import PAPER

CAPTIONS = ["a wooden chair", "a red car with a spoiler", "lamp"]


def rand(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def vit() -> tuple[torch.nn.Module, torch.Tensor]:
    kwargs = {"depth": 2, "img_size": 64}
    config = ImageTowerConfig("deit_tiny_patch16_224", 64, 24, model_kwargs=kwargs)
    return ImageTower(config), rand(3, 3, 64, 64)


def lite0(frozen_stages: int = 0) -> tuple[torch.nn.Module, torch.Tensor]:
    config = ImageTowerConfig("tf_efficientnet_lite0", 64, 24, frozen_stages)
    return ImageTower(config), rand(4, 3, 64, 64)


def shape_encoder() -> tuple[torch.nn.Module, torch.Tensor]:
    config = ShapeEncoderConfig(resolution=16, width=48, depth=2, embed_dim=24)
    return ShapeEncoder(config), rand(3, 1, 16, 16, 16)


def shape_cnn() -> tuple[torch.nn.Module, torch.Tensor]:
    return ShapeCnn(ShapeCnnConfig(16, width=8, embed_dim=24)), rand(3, 1, 16, 16, 16)


def text() -> tuple[torch.nn.Module, torch.Tensor]:
    tower = TextTower(TextTowerConfig(24, width=32, layers=2, context_length=16))
    return tower, tower.tokenize(CAPTIONS)


TOWERS = [vit, lite0, shape_encoder, shape_cnn, text]


@pytest.fixture(params=TOWERS, ids=lambda build: build.__name__)
def tower_and_input(request):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return request.param()


def test_shape_and_every_gradient(tower_and_input):
    tower, inputs = tower_and_input
    embeds = tower.train()(inputs)
    assert embeds.shape == (len(inputs), 24)
    assert (embeds[0] - embeds[1]).abs().max() > 1e-6
    embeds.square().sum().backward()
    for name, parameter in tower.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


@pytest.mark.parametrize("half", [False, True])
def test_saved_and_loaded_it_gives_the_same(tower_and_input, tmp_path, half):
    tower, inputs = tower_and_input
    save_tower(tower, tmp_path, half=half)
    stored = load_file(tmp_path / "model.safetensors").values()
    dtype = torch.float16 if half else torch.float32
    assert {v.dtype for v in stored if v.is_floating_point()} == {dtype}
    tower.to(dtype).float()
    loaded = load_tower(type(tower), tmp_path)
    assert not loaded.training
    assert loaded.config == tower.config
    assert {p.dtype for p in loaded.parameters()} == {torch.float32}
    torch.testing.assert_close(loaded(inputs), tower.eval()(inputs), rtol=0, atol=0)
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", "model.safetensors"}


@pytest.mark.parametrize("build", [shape_encoder, shape_cnn])
def test_the_configuration_names_its_class(tmp_path, build):
    tower, _ = build()
    save_tower(tower, tmp_path)
    assert type(load_tower(SHAPE_TOWERS, tmp_path)) is type(tower)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config.pop("kind") == type(tower).__name__
    for kind in ({}, {"kind": "TextTower"}):
        (tmp_path / "config.json").write_text(json.dumps(config | kind))
        with pytest.raises(ValueError, match='add "kind": "ShapeEncoder" or "kind": "ShapeCnn"'):
            load_tower(SHAPE_TOWERS, tmp_path)


def test_bfloat16_is_close(tower_and_input):
    tower, inputs = tower_and_input
    tower.eval()
    exact = tower(inputs)
    with torch.autocast("cpu", torch.bfloat16):
        rough = tower(inputs).float()
    assert (rough - exact).norm() < 0.05 * exact.norm()


def change(state: dict[str, torch.Tensor], fault: str) -> None:
    if fault == "missing":
        del state["head.0.bias"]
    elif fault == "unknown":
        state["surplus"] = torch.zeros(1)
    else:
        state["head.0.bias"] = torch.zeros(5)


@pytest.mark.parametrize("fault", ["missing", "unknown", "of another shape"])
def test_weights_that_do_not_fit_are_refused(tmp_path, fault):
    tower, _ = shape_encoder()
    save_tower(tower, tmp_path)
    state = load_file(tmp_path / "model.safetensors")
    change(state, fault)
    save_file(state, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match=f"do not fit ShapeEncoder: .* {fault}\\.") as error:
        load_tower(ShapeEncoder, tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("config.json", "{", "does not describe"),
        ("config.json", json.dumps({"kind": "ShapeEncoder", "wheels": 4}), "does not describe"),
        ("model.safetensors", "no weights", "cannot be read"),
    ],
)
def test_damaged_folders_are_refused(tmp_path, file, content, words):
    with pytest.raises(ValueError, match=r"no config\.json"):
        load_tower(ShapeEncoder, tmp_path)
    save_tower(shape_encoder()[0], tmp_path)
    (tmp_path / file).write_text(content)
    with pytest.raises(ValueError, match=words):
        load_tower(ShapeEncoder, tmp_path)


def test_a_pointer_of_git_lfs_and_numbers_that_are_none_are_named(tmp_path):
    tower, _ = shape_cnn()
    save_tower(tower, tmp_path)
    file = tmp_path / "model.safetensors"
    state = load(file.read_bytes())  # not mapped: the file changes
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n")
    with pytest.raises(ValueError, match=r"model\.safetensors is only a Git LFS pointer"):
        load_tower(ShapeCnn, tmp_path)
    first = next(name for name, value in state.items() if value.is_floating_point())
    state[first].view(-1)[0] = torch.nan
    save_file(state, file)
    with pytest.raises(ValueError, match=f"not finite: {re.escape(first)}"):
        load_tower(ShapeCnn, tmp_path)


def test_weights_of_another_tower_of_the_same_size_are_noticed(tmp_path):
    for name in ("clip", "cisp"):
        save_tower(shape_cnn()[0], tmp_path / name)
    first, second = (tmp_path / name / "model.safetensors" for name in ("clip", "cisp"))
    config = tmp_path / "clip" / "config.json"
    assert first.read_bytes() != second.read_bytes()
    first.write_bytes(second.read_bytes())
    with pytest.raises(ValueError, match=r"are not those that config\.json names"):
        load_tower(ShapeCnn, tmp_path / "clip")
    older = json.loads(config.read_text())
    del older["sha256"]
    config.write_text(json.dumps(older))
    load_tower(ShapeCnn, tmp_path / "clip")
    config.write_text(json.dumps({**older, "sha256": 3}))
    with pytest.raises(ValueError, match="does not describe a ShapeCnn"):
        load_tower(ShapeCnn, tmp_path / "clip")


def test_a_token_sees_its_own_cube_alone():
    embed = VoxelPatchEmbed(resolution=32, patch=8, width=5)
    for x, y, z in ((0, 0, 0), (1, 2, 3), (3, 0, 2)):
        voxels = torch.zeros(1, 1, 32, 32, 32, requires_grad=True)
        embed(voxels)[0, 16 * x + 4 * y + z].sum().backward()
        seen = torch.zeros(32, 32, 32, dtype=torch.bool)
        seen[8 * x : 8 * x + 8, 8 * y : 8 * y + 8, 8 * z : 8 * z + 8] = True
        assert torch.equal(voxels.grad[0, 0] != 0, seen)


def test_a_cube_is_read_in_the_order_of_the_grid():
    """The weights of a token are a small grid [x, y, z] themselves."""
    embed = VoxelPatchEmbed(resolution=8, patch=4, width=1)
    voxels = rand(1, 1, 8, 8, 8)
    kernel = embed.proj.weight.detach().view(4, 4, 4)
    expected = (voxels[0, 0, 4:, :4, 4:] * kernel).sum() + embed.proj.bias.detach()[0]
    torch.testing.assert_close(embed(voxels)[0, 5, 0], expected)


def test_patches_must_fill_the_grid():
    with pytest.raises(ValueError, match="do not fill"):
        ShapeEncoder(ShapeEncoderConfig(resolution=20, patch=8))


def test_the_shape_tower_tells_mirrored_shapes_apart():
    tower, voxels = shape_encoder()
    for axis in (2, 3, 4):
        assert (tower(voxels) - tower(voxels.flip(axis))).abs().max() > 1e-4


@pytest.mark.parametrize("depth", range(10))
def test_lower_and_upper_make_the_whole(depth):
    """Their maps are also those of timm's own forward."""
    tower, pixels = lite0()
    tower.eval()
    maps = tower.lower(pixels, depth)
    torch.testing.assert_close(tower.upper(maps, depth), tower(pixels))
    if depth == 9:
        torch.testing.assert_close(maps.mean((2, 3)), tower.trunk(pixels))


def test_only_an_efficientnet_has_stages():
    with pytest.raises(ValueError, match="has no stages"):
        ImageTower(ImageTowerConfig("deit_tiny_patch16_224", 64, 24, frozen_stages=2))


def fake_package_state() -> dict[str, torch.Tensor]:
    """Lite0's tensors in order, under the names of another library."""
    own = timm.create_model("tf_efficientnet_lite0").state_dict()
    return {f"_part{i}.{key.rsplit('.', 1)[1]}": v for i, (key, v) in enumerate(own.items())}


def test_the_packaged_trunk_is_renamed_by_position(tmp_path, monkeypatch):
    state = fake_package_state()
    (tmp_path / "models").mkdir()
    torch.save(state, tmp_path / "models" / "lite0.pth")
    spec = ModuleSpec(image_tower.LITE0_PACKAGE, None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(
        image_tower.importlib, "util", types.SimpleNamespace(find_spec=lambda name: spec)
    )
    trunk = initial_trunk("tf_efficientnet_lite0")
    tower = ImageTower(ImageTowerConfig(embed_dim=24))
    tower.load_trunk(trunk)
    for own, packaged in zip(tower.trunk.state_dict().values(), state.values(), strict=False):
        assert torch.equal(own, packaged)


def test_another_network_is_not_taken_for_lite0():
    state = fake_package_state()
    first, second = list(state)[:2]
    state[first], state[second] = state[second], state[first]
    with pytest.raises(ValueError, match="not those of EfficientNet-Lite0"):
        lite0_trunk(state)
    with pytest.raises(ValueError, match="not those of EfficientNet-Lite0"):
        lite0_trunk({first: state[first]})


def test_without_weights_the_trunk_is_random_and_one_line_says_so(monkeypatch, caplog):
    monkeypatch.setattr(image_tower, "hub_file", lambda repo, name: None)
    monkeypatch.setattr(
        image_tower.importlib, "util", types.SimpleNamespace(find_spec=lambda name: None)
    )
    assert initial_trunk("tf_efficientnet_lite0") is None
    [record] = caplog.records
    assert "pip install" in record.getMessage()


def test_weights_from_the_hub_lose_their_classifier(monkeypatch, tmp_path):
    full = timm.create_model("resnet10t")
    save_file(full.state_dict(), tmp_path / "model.safetensors")
    monkeypatch.setattr(image_tower, "hub_file", lambda repo, name: tmp_path / name)
    tower = ImageTower(ImageTowerConfig("resnet10t", 64, 24))
    tower.load_trunk(initial_trunk("resnet10t"))
    assert torch.equal(tower.trunk.conv1[0].weight, full.conv1[0].weight)


def test_pretrained_stages_and_statistics_stay():
    tower, pixels = lite0(frozen_stages=3)
    before = {key: value.clone() for key, value in tower.trunk.state_dict().items()}
    tower.load_trunk(before)
    free = {name for name, p in tower.named_parameters() if p.requires_grad}
    assert not any(name.startswith(("trunk.conv_stem", "trunk.bn1")) for name in free)
    blocks = {name.split(".")[2] for name in free if name.startswith("trunk.blocks")}
    assert blocks == {"2", "3", "4", "5", "6"}
    assert "trunk.conv_head.weight" in free
    seen = []
    tower.trunk.blocks[1].register_forward_hook(lambda *args: seen.append(args[-1].requires_grad))
    tower.trunk.blocks[2].register_forward_hook(lambda *args: seen.append(args[-1].requires_grad))
    optimiser = torch.optim.SGD([p for p in tower.parameters() if p.requires_grad], lr=0.1)
    tower.train()(pixels).square().sum().backward()
    optimiser.step()
    assert seen == [False, True]
    after = tower.trunk.state_dict()
    changed = {key for key in before if not torch.equal(before[key], after[key])}
    assert changed == {name.removeprefix("trunk.") for name in free if name.startswith("trunk.")}


def test_a_random_trunk_is_trained_whole():
    tower, pixels = lite0()
    mean = tower.trunk.bn1.running_mean.clone()
    tower.train()(pixels)
    assert all(p.requires_grad for p in tower.parameters())
    assert not torch.equal(tower.trunk.bn1.running_mean, mean)


def test_captions_are_padded_to_the_longest_only():
    tower, tokens = text()
    tower.eval()
    assert tokens.shape == (3, 8)
    padded = torch.zeros(3, 16, dtype=torch.long)
    padded[:, :8] = tokens
    torch.testing.assert_close(tower(tokens), tower.text(padded))
    torch.testing.assert_close(tower(tokens), tower(padded))
    torch.testing.assert_close(tower(tokens)[2], tower(tower.tokenize(CAPTIONS[2:]))[0])
    assert tower.tokenize(["chair " * 50]).shape == (1, 16)


def test_open_clip_is_needed_for_text_alone():
    program = (
        "import sys; sys.modules['open_clip'] = None\n"
        "import torch, cisp.spaces, cisp.losses\n"
        "from cisp.image_tower import ImageTower, ImageTowerConfig\n"
        "tower = ImageTower(ImageTowerConfig(embed_dim=8)).eval()\n"
        "print(tuple(tower(torch.zeros(1, 3, 112, 112)).shape))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "(1, 8)"


PAPER_PARTNERS = {
    "captions": lambda: TextTower(PAPER.embedding.text),
    "3D-DeiT, 768 wide": lambda: ShapeEncoder(PAPER.embedding.shape),
    "3D-DeiT, 384 wide": lambda: ShapeEncoder(replace(PAPER.embedding.shape, width=384, heads=6)),
    "CNN": lambda: ShapeCnn(ShapeCnnConfig(width=32)),
}


@pytest.mark.slow
@pytest.mark.parametrize("partner", PAPER_PARTNERS)
def test_one_step_of_each_pair_of_the_paper(partner):
    """DeiT-B distilled with each partner: all of both towers learns, and the loss falls."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        image, other = ImageTower(PAPER.embedding.image), PAPER_PARTNERS[partner]()
    pixels = rand(2, 3, 224, 224)
    inputs = other.tokenize(CAPTIONS[:2]) if partner == "captions" else rand(2, 1, 32, 32, 32)
    loss = ContrastiveLoss()
    named = [*image.named_parameters(), *other.named_parameters()]
    optimiser = torch.optim.SGD([p for _, p in named], lr=1e-3)
    before = loss(image(pixels), other(inputs))
    before.backward()
    for name, parameter in named:
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
    assert all(embed.shape == (2, 256) for embed in (image(pixels), other(inputs)))
    optimiser.step()
    with torch.no_grad():
        after = loss(image(pixels), other(inputs))
    assert after < before
