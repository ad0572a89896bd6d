"""What is told of sliders, on changes that are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from cisp.attributes import load_attributes
from cisp.naming import SPACES
from diffusion.unet import UNetConfig
from tests.demo.attribute_fakes import known_attributes
from tests.training.living import alive
from tests.training.options import options_of
from tests.training.studies.looking_fakes import fake_spaces
from training.data.cache import DataCache
from training.measure.scores import Truth
from training.studies import sliders
from training.studies.report import plain
from training.studies.runner import study_command
from training.studies.sliders import figure_of, finding_of, responses, summarise


def box(height):
    grid = np.zeros((32, 32, 32), bool)
    grid[4:20, :height, 8:12] = True
    return grid


def test_a_response_is_the_share_of_the_asked_change():
    """One spread is four cells: from 16 to 24 between one spread down and up is all of it."""
    tall, none = [box(16), box(24)], [box(20), box(20)]
    made = np.array([[tall, none], [none, tall]])  # 2 pictures, 2 attributes
    own, others = responses(known_attributes(), "chair", made)
    np.testing.assert_allclose(own[:, 0], [1, 0], atol=1e-5)
    np.testing.assert_allclose(own[:, 1], 0, atol=1e-5)  # its reader sees nothing
    np.testing.assert_allclose(others, [0, 0.5], atol=1e-5)  # the second took the height along once


def test_the_summary_ranks_and_the_finding_says_it():
    rng = np.random.default_rng(0)
    found = {
        "chair": {
            "clip": (rng.normal([0.2, 0.1], 0.02, (8, 2)), np.full(2, 0.3)),
            "cisp": (rng.normal([0.6, 0.1], 0.02, (8, 2)), np.zeros(2)),
        },
        "lamp": {
            "clip": (rng.normal(0.5, 0.02, (8, 1)), np.zeros(1)),
            "cisp": (rng.normal(0.1, 0.02, (8, 1)), np.zeros(1)),
        },
    }
    results = summarise(known_attributes(), found, seed=0)
    names = [(entry["category"], entry["name"]) for entry in results["attributes"]]
    assert names[0] == ("chair", "height")
    assert names[-1] == ("lamp", "height")
    assert results["attributes"][0]["cisp_minus_clip"].mean == pytest.approx(0.4, abs=0.05)
    assert (results["better_in_cisp"], results["better_in_clip"]) == (1, 1)
    assert results["held"] == {"clip": 3, "cisp": 2}
    assert results["all"]["obeyed"]["clip"].mean == pytest.approx((0.15 + 0.5) / 2, abs=0.03)
    assert results["others"] == {"clip": pytest.approx(0.2), "cisp": 0}
    assert "3 attributes of 2 categories" in finding_of(results)
    assert figure_of(results)["data"][0]["x"] == ["chair", "lamp"]
    assert plain(results)["all"]["cisp_minus_clip"]["low"] < 0.03


def box_cache(folder, count=300):
    """Boxes whose heights their pictures show in grey, all of one category."""
    rng = np.random.default_rng(0)
    heights = rng.integers(6, 30, count)
    grids = np.stack([np.where(box(height), 1.0, -1.0) for height in heights])
    cutouts = np.full((count, 1, 32, 32, 4), 255, np.uint8)
    cutouts[..., :16, :, :3] = (8 * heights)[:, None, None, None, None]
    cache = DataCache.create(folder, split="val", num_items=count, num_views=1, image_size=32)
    rows = [
        {"id": str(i), "category": "chair", "attributes": {"height": int(height)}}
        for i, height in enumerate(heights)
    ]
    cache.append(grids, cutouts, rows)
    return grids, cutouts


def test_the_whole_study(tmp_path, monkeypatch):
    """Untrained models: nothing obeys, but all runs, from pictures to a file of directions."""
    grids, _ = box_cache(tmp_path / "cache")
    unet = UNetConfig(64, patch=8, width=16, multipliers=(1,), attention=(), context_dim=16)
    models = {name: alive(seed, space=name, unet=unet) for seed, name in enumerate(SPACES)}
    embeds = {name: np.eye(64, dtype=np.float32)[:6] for name in SPACES}
    truth = Truth(list("abcdef"), ["chair"] * 6, grids[:6] > 0)
    monkeypatch.setattr(sliders, "load_spaces", lambda *_: fake_spaces())
    monkeypatch.setattr(sliders, "load_diffusion", lambda folder, name, device: models[name])
    monkeypatch.setattr(sliders, "read_shapes", lambda *_: (truth, grids[:6], embeds))
    out, file = tmp_path / "study.json", tmp_path / "attributes.npz"
    argv = ["--out", str(out), "--attributes", str(file), "--data", str(tmp_path / "cache")]
    argv += ["--weights", str(tmp_path), "--device", "cpu", "--preset", "preview"]
    study_command(options_of(sliders), sliders.study, argv)
    report = json.loads(out.read_text())
    known = load_attributes(file)
    assert known.names == ("height",)
    assert known.readings[0] > 0.95
    assert known.scores["cisp"][0, 0] > 0.5 > known.scores["clip"][0, 2]  # one of them is blind
    (entry,) = report["results"]["attributes"]
    assert entry["known"]["cisp"]["mean"] == pytest.approx(
        float(known.scores["cisp"][0, 0]), abs=0.01
    )
    assert abs(report["results"]["all"]["obeyed"]["cisp"]["mean"]) < 1
    assert report["results"]["held"] == {"clip": 0, "cisp": 1}


def test_too_few_shapes_are_said_before_anything_is_made(tmp_path, monkeypatch):
    box_cache(tmp_path / "cache", 20)
    monkeypatch.setattr(sliders, "load_spaces", lambda *_: fake_spaces())
    monkeypatch.setattr(sliders, "load_diffusion", lambda *_: None)
    options = sliders.SlidersOptions(
        tmp_path / "x.json", data=tmp_path / "cache", weights=tmp_path, device="cpu"
    )
    with pytest.raises(ValueError, match="take a larger --fit-count"):
        sliders.study(options, torch.device("cpu"))
