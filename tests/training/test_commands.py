"""The command lines end to end: tiny random diffusion models, spaces that need no weights."""

from __future__ import annotations

import json
import shutil
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from cisp.images import cutout, to_pixels
from diffusion.guess import GuessConfig
from diffusion.unet import UNetConfig
from tests.training.living import alive
from training import embed, evaluate, generate
from training.data.cache import DataCache
from training.tools.command import run_command

DIM, SIDE = 16, 8


class ToySpace:
    """Embeds a picture by a fixed random projection; the toy of CISP embeds shapes as well."""

    def __init__(self, name: str):
        self.name, self.dim, self.image_size = name, DIM, 16
        generator = torch.Generator().manual_seed(len(name))
        self.weight = torch.randn(3 * 16 * 16, DIM, generator=generator)
        if name == "cisp":
            self.encode_shape = self._encode_shape

    def encode_image(self, pixels):
        return torch.nn.functional.normalize(pixels.flatten(1) @ self.weight, dim=1)

    def _encode_shape(self, voxels):
        return torch.nn.functional.normalize(voxels.flatten(1) @ self.weight[: SIDE**3], dim=1)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Two diffusion models whose last layer is not zero, so that their answers differ."""
    folder = tmp_path_factory.mktemp("weights")
    unet = UNetConfig(DIM, SIDE, patch=2, width=32, multipliers=(1,), context_dim=32)
    kinds = [f"{kind}-{s}" for kind in ("diffusion", "regressor") for s in ("clip", "cisp")]
    for seed, name in enumerate(kinds):
        guess = GuessConfig(width=16, blocks=1, patch=2, token=8)
        guess = guess if name == "diffusion-cisp" else None
        model = alive(seed, space=name.split("-")[1], unet=unet, guess=guess)
        model.save(folder / name)
    return folder


@pytest.fixture(autouse=True)
def toy_spaces(monkeypatch):
    def load_space(name, weights, device):
        if name not in ("clip", "cisp"):
            raise ValueError(f"Unknown space '{name}'.")
        return ToySpace(name)

    monkeypatch.setitem(sys.modules, "cisp.spaces", SimpleNamespace(load_space=load_space))


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    (folder / "deep").mkdir(parents=True)
    for index, name in enumerate(("b.png", "a.jpg", "deep/c.png")):
        image = Image.new("RGB", (40, 30), "white")
        ImageDraw.Draw(image).rectangle((5, 5, 20 + 3 * index, 20), fill=(200, 30 * index, 40))
        image.save(folder / name)
    return folder


def run(module, options, *arguments):
    """Calls a command line; returns its exit status."""
    try:
        run_command(options, module.main, [str(a) for a in arguments])
    except SystemExit as error:
        return error.code
    return 0


def run_generate(*arguments):
    return run(generate, generate.GenerateOptions, *arguments, "--device", "cpu")


def loaded(path):
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def test_embed(pictures, tmp_path, capsys):
    (pictures / "broken.png").write_bytes(b"\x89PNG and no more")
    out = tmp_path / "out" / "e.npz"
    options = embed.EmbedOptions
    assert run(embed, options, "--images", pictures, "--out", out, "--device", "cpu") == 0
    arrays = loaded(out)
    assert arrays["images"].tolist() == ["a.jpg", "b.png", "deep/c.png"]
    assert arrays["clip"].shape == arrays["cisp"].shape == (3, DIM)
    np.testing.assert_allclose(np.linalg.norm(arrays["cisp"], axis=1), 1, rtol=1e-5)
    alone = ToySpace("cisp")
    pixels = to_pixels(cutout(Image.open(pictures / "deep/c.png"), 16))[None]
    np.testing.assert_allclose(arrays["cisp"][2:], alone.encode_image(pixels), atol=1e-6)
    lines = [line for line in capsys.readouterr().err.splitlines() if "skipped" in line]
    assert len(lines) == 2
    assert "broken.png" in lines[0]
    assert "1 of 4" in lines[1]


def test_generate(pictures, weights, tmp_path):
    common = ["--weights", weights, "--steps", 2, "--samples", 2, "--seed", 5]
    assert run_generate("--images", pictures, "--out", tmp_path / "all.npz", *common) == 0
    arrays = loaded(tmp_path / "all.npz")
    assert arrays["spaces"].tolist() == ["clip", "cisp"]
    assert arrays["images"].tolist() == ["a.jpg", "b.png", "deep/c.png"]
    assert arrays["grid"].shape == (2, 3, 2, SIDE, SIDE, SIDE)
    assert arrays["grid"].dtype == np.float16
    assert np.array_equal(arrays["occupancy"], arrays["grid"] > 0)
    assert arrays["seconds"] > 0
    grid = arrays["grid"].astype(np.float32)
    assert not np.array_equal(grid[0], grid[1])  # the spaces differ
    assert not np.array_equal(grid[:, :, 0], grid[:, :, 1])  # so do the samples
    # A picture's shapes depend neither on the other pictures nor on the size of batches.
    one = ["--images", pictures / "deep/c.png", "--out", tmp_path / "one.npz", "--spaces", "cisp"]
    assert run_generate(*one, *common, "--batch", 1) == 0
    np.testing.assert_allclose(loaded(tmp_path / "one.npz")["grid"][0, 0], grid[1, 2], atol=2e-3)
    assert loaded(tmp_path / "one.npz")["images"].tolist() == [(pictures / "deep/c.png").as_posix()]


def test_mesh_names_do_not_clash(tmp_path):
    pytest.importorskip("trimesh")
    grids = np.zeros((1, 3, 1, SIDE, SIDE, SIDE), np.float16) - 1
    grids[:, 1:, :, 2:5, 2:5, 2:5] = 1  # the first is empty
    names = ["/x/a.png", "/x/a.jpg", "b c.png"]
    assert generate.export_meshes(tmp_path, grids, ["openclip:A/b"], names) == 2
    found = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.glb"))
    assert found == ["openclip-A-b/1-x-a-0.glb", "openclip-A-b/2-b-c-0.glb"]


def test_generate_meshes(pictures, weights, tmp_path):
    trimesh = pytest.importorskip("trimesh")
    arguments = ["--images", pictures, "--out", tmp_path / "o.npz", "--glb", tmp_path / "glb"]
    assert run_generate(*arguments, "--weights", weights, "--steps", 2, "--samples", 1) == 0
    names = sorted(p.relative_to(tmp_path / "glb").as_posix() for p in tmp_path.rglob("*.glb"))
    assert set(names) <= {f"{s}/{n}-0.glb" for s in ("clip", "cisp") for n in ("a", "b", "deep-c")}
    filled = loaded(tmp_path / "o.npz")["occupancy"].any((3, 4, 5)).sum()
    assert len(names) == filled > 0
    assert len(trimesh.load_mesh(tmp_path / "glb" / names[0]).faces) > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--images", "none.png"], "none.png"),
        (["--spaces", "clip,clip"], "--spaces"),
        (["--spaces", "mine"], "mine"),
        (["--samples", "0"], "--samples"),
        (["--steps", "0"], "at least one step"),
        (["--guidance", "nan"], "guidance"),
        (["--sampler", "euler"], "euler"),
        (["--seed", "-1"], "--seed"),
        (["--device", "tpu"], "tpu"),
        (["--weights", "nowhere"], "nowhere"),
    ],
)
def test_bad_input_is_one_line_and_status_2(pictures, weights, tmp_path, capsys, change, message):
    given = {"--images": pictures, "--out": tmp_path / "o.npz", "--weights": weights}
    given |= {"--device": "cpu", **dict([change])}
    flat = [part for pair in given.items() for part in pair]
    assert run(generate, generate.GenerateOptions, *flat) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    assert message in lines[0]
    assert not (tmp_path / "o.npz").exists()


def test_folders_without_a_readable_picture(weights, tmp_path, capsys):
    arguments = ["--images", tmp_path, "--out", tmp_path / "o.npz", "--weights", weights]
    assert run_generate(*arguments) == 2
    assert "no picture" in capsys.readouterr().err
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"nothing")
    assert run_generate(*arguments) == 2
    assert "None of the 2 pictures" in capsys.readouterr().err


def test_equal_names_in_two_folders_stay_apart(pictures, tmp_path):
    shutil.copytree(pictures, tmp_path / "copy")
    out = tmp_path / "e.npz"
    arguments = ["--images", pictures, tmp_path / "copy", "--out", out, "--device", "cpu"]
    assert run(embed, embed.EmbedOptions, *arguments) == 0
    names = loaded(out)["images"].tolist()
    assert len(set(names)) == 6
    assert names[0] == (pictures / "a.jpg").as_posix()


def make_cache(folder, count: int, seed: int) -> DataCache:
    rng = np.random.default_rng(seed)
    cache = DataCache.create(
        folder, split="x", num_items=count, num_views=2, image_size=20, resolution=SIDE
    )
    grids = -np.ones((count, SIDE, SIDE, SIDE))
    cutouts = np.zeros((count, 2, 20, 20, 4), np.uint8)
    for grid, views in zip(grids, cutouts, strict=True):
        x, y = rng.integers(2, SIDE, 2)
        grid[:x, :y, 2:5] = 1
        views[:, 2 : 2 + 2 * y, 2 : 2 + 2 * x] = (*rng.integers(0, 255, 3), 255)
    rows = [{"id": f"i{i}", "category": ("chair", "table")[i % 2]} for i in range(count)]
    cache.append(grids, cutouts, rows)
    return cache


def comparable(path):
    """Results without what depends on time and place."""
    results = json.loads(path.read_text())
    for key in ("seconds", "command", "config"):
        del results[key]
    for method in results["methods"].values():
        method.pop("seconds_per_shape", None)
    return results


def test_evaluate_resumed_equals_uninterrupted(weights, tmp_path, capsys):
    make_cache(tmp_path / "test", 7, seed=0)
    make_cache(tmp_path / "train", 20, seed=1)
    common = ["--data", f"cache:{tmp_path / 'test'}", "--gallery", f"cache:{tmp_path / 'train'}"]
    common += ["--weights", weights, "--samples", 2, "--steps", 2, "--chunk", 3, "--device", "cpu"]
    common += ["--surface-samples", 0]  # slow, and tested with the metrics
    common += ["--regressor", weights, "--set-count", 5, "--pairs", 2, "--workers", 1]

    def run_evaluate(out, *more):
        return run(evaluate, evaluate.EvaluateOptions, "--out", out, *common, *more)

    whole, parts = tmp_path / "whole.json", tmp_path / "parts.json"
    assert run_evaluate(whole) == 0
    assert "retrieval by cisp" in capsys.readouterr().out
    results = comparable(whole)
    assert list(results["methods"]) == [
        "clip",
        "cisp",
        "regressor on clip",
        "regressor on cisp",
        "guess of cisp",
        "cisp told the true shape",
        "guess of cisp told the true shape",
        "mean shape",
        "retrieval by clip",
        "retrieval by cisp",
        "oracle retrieval",
        "resampled truth",
    ]
    assert results["methods"]["resampled truth"]["overall"]["iou"]["mean"] == 1
    oracle = results["methods"]["oracle retrieval"]["overall"]["iou"]["mean"]
    assert oracle >= results["methods"]["retrieval by clip"]["overall"]["iou"]["mean"]
    one_a_picture = results["methods"]["regressor on cisp"]["overall"]
    assert "iou" in one_a_picture
    assert "diversity" not in one_a_picture
    assert list(results["sets"]["methods"]) == list(results["methods"])[:4]
    assert results["sets"]["shapes"] == 5
    assert "cisp minus regressor on cisp" in results["sets"]["differences"]
    assert results["paths"]["pairs"] == 2
    assert set(results["paths"]["methods"]) == {"clip", "cisp"}
    assert results["retrieval"]["clip"] is None
    assert results["retrieval"]["cisp"]["shapes"] == results["images"] == 7
    assert set(results["differences"]["cisp minus clip"]["per_category"]) == {"chair", "table"}
    # As an interruption after the first chunk, in the middle of a write, leaves it:
    lines = whole.with_suffix(".jsonl").read_text().splitlines(keepends=True)
    parts.with_suffix(".jsonl").write_text("".join(lines[:4]) + lines[4][:30])
    assert run_evaluate(parts, "--resume") == 0
    assert comparable(parts) == results
    prints = json.loads(parts.read_text())["config"]["models"]
    assert len({prints[name] for name in list(results["methods"])[:4]}) == 4
    assert {"tower of clip", "tower of cisp"} <= prints.keys()
    # The summary can be computed again from the same rows.
    assert run_evaluate(parts, "--resume", "--set-count", 0, "--pairs", 0) == 0
    fewer = comparable(parts)
    assert {key: results[key] for key in fewer} == fewer
    assert {"sets", "paths"} == results.keys() - fewer.keys()
    assert run_evaluate(parts, "--resume", "--seed", 1) == 2
    assert "other settings" in capsys.readouterr().err


def test_evaluate_bad_data(weights, tmp_path, capsys):
    out = tmp_path / "r.json"
    for change in (["--data", "cache:/nowhere"], ["--samples", "0"], ["--count", "0"]):
        given = {"--data": "procedural:test", "--weights": weights, "--out": out, **dict([change])}
        flat = [part for pair in given.items() for part in pair]
        assert run(evaluate, evaluate.EvaluateOptions, *flat, "--device", "cpu") == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert not out.exists()
