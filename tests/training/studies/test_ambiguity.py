"""Where samples of one picture differ: variance by cell, its share in front, the whole study."""

from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from cisp.naming import SPACES
from diffusion.presets import Sampling
from diffusion.unet import UNetConfig
from tests.training.living import alive
from tests.training.options import options_of
from tests.training.studies.looking_fakes import check_refusal, fake_spaces
from training.studies import ambiguity
from training.studies.ambiguity import (
    SIDES,
    figure_of,
    finding_of,
    front_share,
    summarise,
    variance,
)
from training.studies.runner import study_command


def test_a_cell_varies_by_the_share_of_samples_that_fill_it():
    grids = np.zeros((2, 4, 4, 4, 4), bool)
    grids[0, 0, 0] = True  # in one of four samples
    grids[1, :, 1] = True  # in all
    found = variance(lambda rows: grids[list(rows)], 2)
    assert found.shape == (2, 4, 4, 4)
    assert found[0, 0] == pytest.approx(3 / 16)
    assert found[0, 1:].sum() == found[1].sum() == 0


def test_the_front_half_is_that_of_large_x():
    variances = np.zeros((3, 4, 4, 4))
    variances[0, 3, 1, 1] = 0.25
    variances[1, 0, 1, 1], variances[1, 2, 2, 2] = 0.1, 0.3
    assert front_share(variances) == pytest.approx([1, 0.75, 0.5])


@pytest.mark.parametrize(
    ("ahead", "words"), [(True, "unseen side varies more"), (False, "seen side varies more")]
)
def test_the_finding_says_which_side_varies(ahead, words):
    rng = np.random.default_rng(0)
    low, high = rng.random((2, 20, 4, 4, 4))
    high[:, 2:] *= 5  # varies in front
    pair = (low, high) if ahead else (high, low)
    found = {name: dict(zip(SIDES, pair, strict=True)) for name in SPACES}
    assert finding_of(summarise(found, 0)).count(f": the {words}") == 2


def test_the_figure_is_one_that_plotly_takes():
    rng = np.random.default_rng(0)
    truth = {"cabinet": rng.random((4, 4, 4)) < 0.5, "chair": rng.random((4, 4, 4)) < 0.5}
    figure = go.Figure(figure_of({side: rng.random((2, 4, 4, 4)) for side in SIDES}, truth))
    assert len(figure.data) == 8
    first = np.array(figure.data[1].z)  # the outline: y upwards, x to the right
    assert (first == truth["cabinet"].any(2).T).all()


def test_the_whole_study(tmp_path, capsys, monkeypatch):
    unet = UNetConfig(64, 8, width=16, multipliers=(1,), attention=(), context_dim=16, head_dim=16)
    models = {name: alive(seed, space=name, unet=unet) for seed, name in enumerate(SPACES)}
    monkeypatch.setattr(ambiguity, "load_spaces", lambda *_: fake_spaces())
    monkeypatch.setattr(ambiguity, "load_diffusion", lambda folder, name, device: models[name])
    monkeypatch.setattr(ambiguity, "STANDARD", Sampling("ddim", 1, 1.0))
    out = tmp_path / "study.json"
    argv = ["--out", str(out), "--device", "cpu", "--count", "6", "--samples", "3"]
    study_command(options_of(ambiguity), ambiguity.study, [*argv, "--workers", "1"])
    report = json.loads(out.read_text())
    assert report["finding"] in capsys.readouterr().out
    for name in SPACES:
        found = report["results"][name]
        shift = found["front_share_seen_from_back"]["mean"]
        shift -= found["front_share_seen_from_front"]["mean"]
        assert found["back_minus_front"]["mean"] == pytest.approx(shift)
    clip = report["results"]["clip"]  # it sees nothing: both sides alike
    assert clip["back_minus_front"] == {"mean": 0, "low": 0, "high": 0}
    assert report["results"]["cisp"]["back_minus_front"]["mean"] != 0


@pytest.mark.parametrize("more", [["--samples", "1"], ["--count", "3"]])
def test_bad_options_end_in_one_sentence(tmp_path, capsys, more):
    argv = ["--out", str(tmp_path / "study.json"), "--device", "cpu", *more]
    check_refusal(ambiguity, argv, tmp_path, capsys)
