"""A published CLIP through every command: embed, train on it, generate, evaluate."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from cisp.naming import space_folder
from cisp.spaces import load_space
from demo.service.columns import load_columns
from demo.service.comparison import known_spaces
from tests.published_fakes import CONFIG, NAME, publish
from tests.shown import shown
from training import add_space, embed, evaluate, generate, train_diffusion
from training.data.cache import DataCache
from training.data.procedural import VIEWS
from training.tools.command import run_command

SIDE = 32  # of the grids of the preset `tiny`


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> str:
    _, file = publish(tmp_path_factory.mktemp("published"))
    return f"openclip:{NAME}/{file}"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Boxes of two categories, with two pictures each that show their width."""
    folder = tmp_path_factory.mktemp("cache")
    rng = np.random.default_rng(0)
    cache = DataCache.create(
        folder, split="x", num_items=8, num_views=5, image_size=48, resolution=SIDE
    )
    grids = -np.ones((8, SIDE, SIDE, SIDE))
    cutouts = np.zeros((8, 5, 48, 48, 4), np.uint8)
    for grid, views in zip(grids, cutouts, strict=True):
        width = rng.integers(8, 28)
        grid[2:width, 4:28, 10:20] = 1
        views[:, 8:40, 4 : 4 + width] = (*rng.integers(0, 255, 3), 255)
    rows = [{"id": f"i{i}", "category": ("chair", "table")[i % 2]} for i in range(8)]
    cache.append(grids, cutouts, rows)
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for index in range(3):
        image = Image.new("RGB", (60, 50), (250, 250, 245))
        ImageDraw.Draw(image).rectangle((10, 10, 25 + 8 * index, 40), fill=(90, 40 * index, 20))
        image.save(folder / f"{index}.png")
    return folder


@pytest.fixture(scope="module")
def trained(space, cache, tmp_path_factory):
    """The weights after two steps of training on the published space."""
    out = tmp_path_factory.mktemp("run")
    arguments = ["--data", cache, "--weights", "unused", "--out", out, "--space", space]
    run(train_diffusion, "TrainDiffusionOptions", *arguments, "--preset", "tiny", "--steps", 2)
    [report] = out.glob("train-diffusion-*.json")
    assert json.loads(report.read_text())["options"]["space"] == space
    return out / "weights"


def run(module, options: str, *arguments) -> None:
    argv = [*map(str, arguments), "--device", "cpu"]
    run_command(getattr(module, options), module.main, argv)


def test_embed(space, pictures, tmp_path):
    run(embed, "EmbedOptions", "--images", pictures, "--spaces", space, "--out", tmp_path / "e.npz")
    with np.load(tmp_path / "e.npz", allow_pickle=False) as file:
        embeds = file[space]
    published = load_space(space, "unused")
    for row, embed_ in enumerate(embeds):
        with Image.open(pictures / f"{row}.png") as image:
            pixels = shown(published, image)
        np.testing.assert_allclose(embed_, published.encode_image(pixels)[0], atol=1e-5, rtol=0)


def test_a_diffusion_model_trained_on_it_says_so(space, trained):
    config = json.loads((trained / f"diffusion-{space_folder(space)}/config.json").read_text())
    assert config["space"] == space
    assert config["unet"]["cond_dim"] == CONFIG["embed_dim"]


def test_generate(space, pictures, trained, tmp_path):
    arguments = ["--images", pictures, "--spaces", space, "--out", tmp_path / "g.npz"]
    arguments += ["--weights", trained, "--steps", 2, "--samples", 1]
    run(generate, "GenerateOptions", *arguments)
    with np.load(tmp_path / "g.npz", allow_pickle=False) as file:
        assert file["spaces"].tolist() == [space]
        assert file["grid"].shape == (1, 3, 1, SIDE, SIDE, SIDE)


def test_evaluate(space, cache, trained, tmp_path):
    out = tmp_path / "e.json"
    data = ["--data", f"cache:{cache}", "--gallery", f"cache:{cache}", "--surface-samples", 0]
    more = ["--spaces", space, "--weights", trained, "--steps", 2, "--samples", 1, "--out", out]
    run(evaluate, "EvaluateOptions", *data, *more)
    results = json.loads(out.read_text())
    assert space in results["methods"]
    # In its own gallery a picture finds its own shape, if embeddings tell pictures apart at all.
    assert results["methods"][f"retrieval by {space}"]["overall"]["iou"]["mean"] > 0.9


def test_one_command_adds_a_column(space, pictures, tmp_path, capsys):
    """From a local file of random weights to a column of the page, with shapes drawn for it."""
    weights, out = tmp_path / "weights", tmp_path / "run"
    arguments = [space, "--weights", weights, "--run", out, "--preset", "tiny", "--steps", 4]
    run(add_space, "AddSpaceOptions", *arguments, "--count", 4, "--workers", 1)
    assert f"python app.py --weights {weights}" in capsys.readouterr().out
    [column] = load_columns(weights, torch.device("cpu"), known_spaces(weights)[2:])
    assert column.name == space_folder(space)
    assert DataCache.load(out / "data").cutouts.shape[2] == CONFIG["vision_cfg"]["image_size"]
    told = (weights / f"diffusion-{column.name}" / "README.md").read_text()
    assert f"Trained on 4 shapes, {len(VIEWS)} pictures each of 48 pixels" in told
    with pytest.raises(SystemExit):
        run(add_space, "AddSpaceOptions", *arguments)
    assert "is there already: remove it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("space_name", "reason"),
    [("cisp", "'cisp' is no published space"), (f"openclip:{NAME}/absent.pt", "no file absent.pt")],
)
def test_no_column_of_what_is_not_there(space_name, reason, space, tmp_path, capsys):
    arguments = [space_name, "--weights", tmp_path, "--run", tmp_path / "run", "--steps", 1]
    with pytest.raises(SystemExit) as exit_:
        run(add_space, "AddSpaceOptions", *arguments)
    assert exit_.value.code == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "run").exists()  # nothing was drawn


def test_what_cannot_be_had_ends_in_one_line(pictures, tmp_path, capsys):
    arguments = ["--images", pictures, "--out", tmp_path / "e.npz"]
    with pytest.raises(SystemExit) as exit_:
        run(embed, "EmbedOptions", *arguments, "--spaces", f"openclip:{NAME}/absent.pt")
    assert exit_.value.code == 2
    assert capsys.readouterr().err == "error: There is no file absent.pt.\n"
