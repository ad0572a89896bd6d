"""What all studies share: the report, its sentences and figures, and embeddings in bulk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cisp.images import to_pixels
from tests.training.retrieval_fakes import FakeCache, FakeSpace
from training.data import embeddings
from training.measure.statistics import Interval
from training.studies.__main__ import findings
from training.studies.report import bars, curves, percent, plain, points, save_study, verdict


@dataclass(frozen=True)
class Options:
    out: Path
    seed: int = 5


def test_a_study_is_written_with_all_that_made_it(tmp_path, capsys):
    options = Options(tmp_path / "deep" / "study.json")
    save_study(
        "training.studies.none",
        options,
        torch.device("cpu"),
        finding="It is so.",
        figure={"data": [], "layout": {}},
        results={"a": Interval(0.5, 0.4, 0.6), "b": [Interval(1, 1, 1)], "c": np.arange(2)},
    )
    study = json.loads(options.out.read_text())
    assert study["results"]["a"] == {"mean": 0.5, "low": 0.4, "high": 0.6}
    assert study["results"]["b"] == [{"mean": 1, "low": 1, "high": 1}]
    assert study["results"]["c"] == [0, 1]
    assert (study["seed"], study["config"]["seed"], study["torch"]) == (5, 5, torch.__version__)
    assert study["command"].startswith("python -m ")
    assert set(study) >= {"device", "finding", "figure"}
    assert capsys.readouterr().out == "It is so.\n"


def test_plain_leaves_other_data_alone():
    data = {"text": "abc", "none": None, "deep": {"list": [1, "x", (2, 3)]}}
    assert plain(data) == {"text": "abc", "none": None, "deep": {"list": [1, "x", [2, 3]]}}


def test_numbers_are_written_as_people_read_them():
    assert percent(Interval(0.614, 0.58, 0.64)) == "61 % [58, 64]"
    assert percent(Interval(1, 1, 1)) == "100 % [100, 100]"
    assert points(Interval(0.041, 0.02, 0.062)) == "+4.1 points [2.0, 6.2]"
    assert points(Interval(-0.041, -0.062, -0.02)) == "-4.1 points [-6.2, -2.0]"


def test_the_verdict_follows_the_interval_not_the_mean():
    assert verdict(Interval(0.1, 0.05, 0.15)).startswith("CISP is ahead of CLIP by +10.0 points")
    assert verdict(Interval(-0.1, -0.15, -0.05)).startswith("CISP is behind CLIP by -10.0 points")
    for low, high in ((-0.01, 0.2), (0, 0.2), (-0.2, 0)):
        said = verdict(Interval((low + high) / 2, low, high), "A", "B")
        assert said.startswith("A and B cannot be told apart (")


VALUES = {"chair": Interval(0.5, 0.4, 0.7), "car": Interval(0.2, 0.1, 0.3)}


@pytest.mark.parametrize("horizontal", [False, True])
def test_bars_have_lengths_and_errors_along_one_axis(horizontal):
    figure = bars({"CISP": VALUES, "other": VALUES}, title="T", y="share", horizontal=horizontal)
    along, across = ("x", "y") if horizontal else ("y", "x")
    first, second = figure["data"]
    assert first[across] == ["chair", "car"]
    assert first[along] == [0.5, 0.2]
    assert first[f"error_{along}"]["array"] == pytest.approx([0.2, 0.1])
    assert first[f"error_{along}"]["arrayminus"] == pytest.approx([0.1, 0.1])
    assert first["marker"]["color"] != second["marker"]["color"]
    assert figure["layout"][f"{along}axis"]["title"]["text"] == "share"
    go = pytest.importorskip("plotly.graph_objects")
    go.Figure(figure)


def test_curves_have_positions_and_scales():
    line = ([1, 10, 100], [Interval(0.1, 0, 0.2)] * 3)
    figure = curves({"CLIP image": line}, title="T", x="shapes", y="R@1", log_x=True)
    assert figure["data"][0]["x"] == [1, 10, 100]
    assert figure["layout"]["xaxis"]["type"] == "log"
    assert figure["data"][0]["line"]["color"] == "#0072b2"
    assert "type" not in curves({"a": line}, title="", x="", y="")["layout"]["xaxis"]
    go = pytest.importorskip("plotly.graph_objects")
    go.Figure(figure)


@pytest.fixture(scope="module")
def cache():
    codes = np.random.default_rng(0).uniform(-0.9, 0.9, (11, 16))
    return FakeCache(codes, ["car"] * 11, noise=(0.0, 0.3, 0.6, 0.9, 1.2))


def test_views_are_embedded_in_order_whatever_the_batch(cache):
    space = FakeSpace("cisp", cache)
    whole = embeddings.embed_views(space, cache.cutouts, [3, 0])
    assert whole.shape == (11, 2, 16)
    assert whole.dtype == np.float32
    for row, column, view in ((0, 0, 3), (4, 1, 0), (10, 0, 3)):
        pixels = to_pixels(Image.fromarray(cache.cutouts[row, view], "RGBA"))
        assert (whole[row, column] == space.encode_image(pixels[None])[0].numpy()).all()
    assert (
        np.abs(embeddings.embed_views(space, cache.cutouts, [3, 0], batch=5) - whole).max() < 1e-6
    )


def test_shapes_are_embedded_in_order(cache):
    space = FakeSpace("cisp", cache)
    embeds = embeddings.embed_shapes(space, cache.grids, batch=4)
    exact = cache.codes / np.linalg.norm(cache.codes, axis=1, keepdims=True)
    assert np.abs(embeds - exact).max() < 2e-3  # the grids are half precision


def test_equal_captions_are_encoded_once_and_stay_in_order(cache):
    space = FakeSpace("clip", cache)
    captions = ["3 b", "1 a", "3 b", "0 c", "1 a"]
    embeds = embeddings.embed_texts(space, captions, batch=2)
    assert sorted(space.asked) == ["0 c", "1 a", "3 b"]
    exact = cache.codes / np.linalg.norm(cache.codes, axis=1, keepdims=True)
    assert np.abs(embeds - exact[[3, 1, 3, 0, 1]]).max() < 1e-6
    assert (embeds[0] == embeds[2]).all()


def test_mean_embeddings_are_unit_vectors_or_nothing():
    embeds = np.array([[[1.0, 0], [0, 1]], [[1, 0], [-1, 0]]])
    assert embeddings.mean_embeds(embeds) == pytest.approx(np.array([[0.5**0.5] * 2, [0, 0]]))


def test_test_shapes_are_drawn_once(tmp_path):
    cache = embeddings.procedural_cache(tmp_path, "test", 1)
    assert cache.cutouts.shape[2:4] == (embeddings.IMAGE_SIZE,) * 2
    before = (tmp_path / "test" / "cutouts.npy").stat().st_mtime_ns
    assert embeddings.procedural_cache(tmp_path, "test", 1).ids == cache.ids
    assert (tmp_path / "test" / "cutouts.npy").stat().st_mtime_ns == before
    with pytest.raises(ValueError, match="other settings"):
        embeddings.procedural_cache(tmp_path, "test", 2)
    with pytest.raises(ValueError, match="positive"):
        embeddings.procedural_cache(tmp_path, "test", 0)


def test_findings_are_listed_with_their_commands(tmp_path):
    assert findings(tmp_path) == []
    (tmp_path / "b-c.json").write_text('{"finding": "Ten are.", "command": "python -m x"}')
    (tmp_path / "a.json").write_text('{"finding": "None is.", "command": "python -m y"}')
    (tmp_path / "other.json").write_text('{"command": "python -m z"}')
    assert findings(tmp_path) == [
        "* **A.** None is.  \n  `python -m y`",
        "* **B c.** Ten are.  \n  `python -m x`",
    ]
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(ValueError, match="no JSON"):
        findings(tmp_path)
