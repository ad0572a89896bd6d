"""Shapes from pictures of hidden objects and from every side, on two tiny models."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from cisp.images import cutout
from cisp.naming import SPACES
from diffusion.presets import Sampling
from diffusion.unet import UNetConfig
from tests.training.living import alive
from training.data.procedural import Pictures, draw_item
from training.measure.sampling import sample_shapes
from training.studies import hard_pictures
from training.studies.hard_pictures import HIDDEN, PICTURES, drawn
from training.studies.runner import study_command
from training.studies.viewpoints import DIRECTIONS, views_of

SIDE, SEED = 8, 3
UNET = UNetConfig(6, SIDE, width=16, multipliers=(1,), attention=(), context_dim=16, head_dim=16)


class Colors:
    """Embeds a picture's mean colour and contrast."""

    def __init__(self, name: str):
        self.name, self.dim, self.image_size = name, 6, 16

    def encode_image(self, pixels):
        seen = torch.cat([pixels.mean((2, 3)), pixels.std((2, 3))], 1)
        return torch.nn.functional.normalize(seen if self.name == "cisp" else seen.flip(1), dim=1)


@pytest.fixture
def made(monkeypatch):
    """Two models, and the pictures of five shapes."""
    models = {name: alive(seed, space=name, unet=UNET) for seed, name in enumerate(SPACES)}
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (5, len(PICTURES), 16, 16, 4), dtype=np.uint8)
    truth = rng.random((5, SIDE, SIDE, SIDE)) < 0.4
    categories = ["chair", "car", "chair", "car", "chair"]
    rows = list(zip(categories, pictures, truth, strict=True))
    monkeypatch.setattr(hard_pictures, "load_diffusion", lambda w, name, d: models[name])
    monkeypatch.setattr(hard_pictures, "load_spaces", lambda *_: {n: Colors(n) for n in SPACES})
    monkeypatch.setattr(hard_pictures, "map_with_bar", lambda one, items, **_: rows)
    return models, pictures, truth


def run(tmp_path, *more) -> dict:
    out = tmp_path / "study.json"
    arguments = ["--out", str(out), "--device", "cpu", "--seed", str(SEED), *more]
    study_command(hard_pictures.HardPicturesOptions, hard_pictures.study, arguments)
    return json.loads(out.read_text())


def test_overlaps_are_those_of_each_picture(made, tmp_path):
    models, pictures, truth = made
    report = run(tmp_path, "--count", "5")
    results = report["results"]
    assert results["shapes"] == 5
    expected = {}
    for name, model in models.items():
        for kind in ("50% hidden", "back"):
            at, values = PICTURES.index(kind), []
            for row in range(5):  # one by one, without the study
                cut = torch.from_numpy(pictures[row, at]).float().permute(2, 0, 1)[None]
                rgb, alpha = cut[:, :3], cut[:, 3:] / 255
                seen = (rgb * alpha + 240 * (1 - alpha)).round() / 127.5 - 1
                embed = Colors(name).encode_image(seen).numpy()
                sampling = Sampling.resolve("standard", None, None, None)
                shape = sample_shapes(model, embed, [SEED + row], sampling)[0] > 0
                values.append((shape & truth[row]).sum() / (shape | truth[row]).sum())
            expected[name, kind] = np.array(values)
            measured = results["iou"][name]
            assert measured["all"][kind]["mean"] == pytest.approx(np.mean(values), abs=2e-3)
            assert measured["car"][kind]["mean"] == pytest.approx(np.mean(values[1::2]), abs=2e-3)
    gap = (expected["cisp", "back"] - expected["clip", "back"]).mean()
    assert results["cisp_minus_clip"]["back"]["mean"] == pytest.approx(gap, abs=4e-3)
    unhidden = results["loss_of_cisp_minus_loss_of_clip"][HIDDEN[0]]
    assert unhidden == {"mean": 0, "low": 0, "high": 0}
    assert [line["name"] for line in report["figure"]["data"]] == ["CISP", "CLIP"]
    assert report["figure"]["data"][0]["x"] == [0, 10, 20, 30, 40, 50, 60, 70]
    assert "With 50% of the object hidden" in report["finding"]
    assert run(tmp_path, "--count", "5")["results"] == results


def test_what_is_drawn_of_a_shape():
    category, pictures, occupancy = drawn(4, SEED)
    item = draw_item("test", 4, wanted=())
    assert category == item.row["category"]
    assert np.array_equal(occupancy, item.grid > 0)
    clean = np.asarray(cutout(Pictures("test", 4)[0], 112))
    assert np.array_equal(pictures[0], clean)
    hidden = [(picture != clean).any(-1) & (clean[..., 3] > 0) for picture in pictures[:8]]
    shares = [mask.sum() / (clean[..., 3] > 0).sum() for mask in hidden]
    np.testing.assert_allclose(shares, np.arange(8) / 10, atol=0.03)
    assert np.array_equal(pictures[-len(DIRECTIONS) :], views_of(4, "test", SEED))


def test_no_shape_is_refused(made, tmp_path, capsys):
    with pytest.raises(SystemExit):
        run(tmp_path, "--count", "0")
    assert "--count must be positive" in capsys.readouterr().err
