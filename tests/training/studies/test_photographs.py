"""What a mask is worth: what is shown in each way, what is counted, the whole study."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from cisp import images
from cisp.naming import SPACES
from diffusion.presets import Sampling
from diffusion.unet import UNetConfig
from tests.training.living import alive
from tests.training.options import options_of
from training.studies import photographs
from training.studies.photographs import CONTROL, MADE, NEW, OLD, compared, shown
from training.studies.runner import study_command

SIDE = 32


def noise(seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (90, 120, 3)).astype(np.uint8))


@pytest.fixture(autouse=True)
def masked(monkeypatch):
    mask = Image.new("L", (120, 90))
    mask.paste(255, (30, 20, 90, 70))
    monkeypatch.setattr(images, "object_mask", lambda image: mask.resize(image.size))


def test_the_control_is_the_middle_of_the_picture():
    made = shown(noise(0), SIDE)
    assert [len(made[way]) for way in MADE] == [1, 1, 2, 2]
    middle = np.asarray(made[CONTROL][1].convert("RGB"), int)[8:24]
    crop = noise(0).crop((15, 11, 105, 79)).resize((SIDE, 24), Image.Resampling.LANCZOS)
    assert np.abs(middle[4:-4] - np.asarray(crop, int)[8:16]).mean() < 12
    drawn = Image.new("RGBA", (60, 60))
    drawn.paste((200, 20, 20, 255), (20, 20, 40, 40))
    assert all(len(made) == 1 for way, made in shown(drawn, SIDE).items() if way != "mask")


def test_what_is_repaired_and_broken_is_counted():
    old, new = np.array([0, 0, 0.5, 1, 1]), np.array([1, 0, 1, 0.5, 1])
    found = compared(new, old, 0)
    assert (found["repaired"], found["broken"]) == (2, 1)
    assert found["gain"].mean == pytest.approx(0.2)


class Space:
    """Embeds a picture by its colours; CLIP sees nothing."""

    def __init__(self, name: str):
        self.name, self.dim, self.image_size = name, 48, SIDE

    def encode_image(self, pixels):
        cells = torch.nn.functional.adaptive_avg_pool2d(pixels, 4).flatten(1)
        return torch.nn.functional.normalize(cells + 2 * (self.name == "clip") * 50, dim=1)


def test_the_whole_study(tmp_path, capsys, monkeypatch):
    unet = UNetConfig(48, 8, width=16, multipliers=(1,), attention=(), context_dim=16, head_dim=16)
    models = {name: alive(seed, space=name, unet=unet) for seed, name in enumerate(SPACES)}
    judge = SimpleNamespace(
        categories=["car", "chair"],
        predict=lambda grids: ["car" if g.mean() > 0.5 else "chair" for g in grids],
    )
    monkeypatch.setattr(
        photographs, "load_spaces", lambda *_: {name: Space(name) for name in SPACES}
    )
    monkeypatch.setattr(photographs, "load_diffusion", lambda folder, name, device: models[name])
    monkeypatch.setattr(photographs, "load_classifier", lambda *_: judge)
    monkeypatch.setattr(photographs, "STANDARD", Sampling("ddim", 1, 1.0))
    for number, category in enumerate(["car", "chair", "tree"] * 2):
        (tmp_path / category).mkdir(exist_ok=True)
        noise(number).save(tmp_path / category / f"{number}.png")
    out = tmp_path / "study.json"
    argv = ["--images", str(tmp_path), "--out", str(out), "--device", "cpu"]
    study_command(options_of(photographs), photographs.study, argv)
    report = json.loads(out.read_text())
    assert report["finding"] in capsys.readouterr().out
    results = report["results"]
    assert (results["pictures"], results["masked"]) == (4, 4)
    for name in SPACES:
        ways = results["by_way"][name]
        assert list(ways) == list(MADE)
        assert ways[OLD]["gain"] == {"mean": 0, "low": 0, "high": 0}
        gain = ways[NEW]["right"]["mean"] - ways[OLD]["right"]["mean"]
        assert ways[NEW]["gain"]["mean"] == pytest.approx(gain)


@pytest.mark.parametrize("more", [["--samples", "0"], ["--images", "nowhere"]])
def test_bad_options_end_in_one_sentence(tmp_path, capsys, more):
    argv = ["--images", str(tmp_path), "--out", str(tmp_path / "s.json"), "--device", "cpu", *more]
    with pytest.raises(SystemExit):
        study_command(options_of(photographs), photographs.study, argv)
    assert "error:" in capsys.readouterr().err
