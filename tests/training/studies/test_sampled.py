"""The studies of sampling, on two tiny models and shapes that they never saw."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from cisp.naming import SPACES
from diffusion.grids.frame import iou
from diffusion.guess import GuessConfig
from diffusion.presets import Sampling
from diffusion.samplers import SAMPLERS
from diffusion.unet import UNetConfig
from tests.training.living import alive
from tests.training.options import options_of
from training.measure.parts import thin_recall
from training.measure.sampling import sample_shapes
from training.measure.scores import Truth
from training.measure.statistics import Interval
from training.studies import guidance, paths, sampling
from training.studies.report import number
from training.studies.runner import study_command
from training.studies.sampled import Bench

DIM, SIDE, COUNT = 8, 8, 5
UNET = UNetConfig(DIM, SIDE, width=16, multipliers=(1,), attention=(), context_dim=16, head_dim=16)


@pytest.fixture(scope="module")
def bench() -> Bench:
    models, embeds = {}, {}
    for seed, space in enumerate(SPACES):
        models[space] = alive(seed, space=space, unet=UNET)
        rows = np.random.default_rng(seed).normal(size=(COUNT, DIM)).astype(np.float32)
        embeds[space] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    shapes = np.random.default_rng(9).random((COUNT, SIDE, SIDE, SIDE)) < 0.4
    return Bench(models, embeds, Truth(list("abcde"), ["chair"] * COUNT, shapes))


@pytest.fixture(scope="module")
def guessing_bench(bench) -> Bench:
    guess = GuessConfig(width=16, blocks=1, patch=4, token=8)
    models = {
        space: alive(seed, space=space, unet=UNET, guess=guess) for seed, space in enumerate(SPACES)
    }
    return replace(bench, models=models)


@pytest.fixture
def opened(bench, monkeypatch):
    for module in (guidance, sampling, paths):
        monkeypatch.setattr(module, "open_bench", lambda *arguments: bench)


def report_of(module, tmp_path, capsys, *more) -> dict:
    out = tmp_path / "study.json"
    study_command(options_of(module), module.study, ["--out", str(out), "--device", "cpu", *more])
    report = json.loads(out.read_text())
    assert report["finding"] in capsys.readouterr().out
    return report


def made(bench, space, row, seeds, way) -> np.ndarray:
    """Shapes of one image, made without the study."""
    embeds = np.repeat(bench.embeds[space][row : row + 1], len(seeds), 0)
    return sample_shapes(bench.models[space], embeds, seeds, way) > 0


def test_guidance_is_measured_at_every_scale(bench, opened, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(guidance, "STANDARD", Sampling("ddim", 2, 2.0))
    options = ["--scales", "3", "1", "--samples", "3", "--seed", "4"]
    report = report_of(guidance, tmp_path, capsys, *options)
    results = report["results"]
    assert results["scales"] == [1, 3]
    at_three = results["measured"]["cisp"]
    overlaps, spreads = [], []
    for row in range(COUNT):
        shapes = made(
            bench, "cisp", row, [4 + 3 * row + k for k in range(3)], Sampling("ddim", 2, 3.0)
        )
        overlaps.append(iou(shapes, bench.truth.occupancy[row]).mean())
        spreads.append(
            1 - np.mean([iou(shapes[a], shapes[b]) for a, b in ((0, 1), (0, 2), (1, 2))])
        )
    assert at_three["iou"][1]["mean"] == pytest.approx(np.mean(overlaps))
    assert at_three["diversity"][1]["mean"] == pytest.approx(np.mean(spreads), abs=1e-6)
    gain = results["minus_the_least_scale"]["cisp"]["iou"]
    assert gain[0] == {"mean": 0, "low": 0, "high": 0}
    assert gain[1]["mean"] == pytest.approx(at_three["iou"][1]["mean"] - at_three["iou"][0]["mean"])
    assert [trace["name"] for trace in report["figure"]["data"]] == [
        "CISP IoU",
        "CLIP IoU",
        "CISP diversity",
        "CLIP diversity",
    ]
    again = report_of(guidance, tmp_path, capsys, *options)
    assert again["results"] == results


def test_the_finding_names_the_best_scale_of_each_space():
    found = {
        space: {"iou": np.array([[0.2, 0.2], [0.4, 0.4], [0.1, 0.1]]), "diversity": spread}
        for space, spread in (
            ("cisp", np.array([[0.5] * 2, [0.3] * 2, [0.2] * 2])),
            ("clip", np.ones((3, 2))),
        )
    }
    found["clip"]["iou"] = found["clip"]["iou"][[1, 0, 2]]
    finding = guidance.finding_of(guidance.summarise(found, (1.0, 2.0, 4.0), 0))
    assert "2 for CISP, 0.400 [0.400, 0.400], and of 1 for CLIP, 0.400" in finding
    assert "+0.200 [+0.200, +0.200] and its diversity by -0.200" in finding
    assert "at 4 by -0.300" in finding


def test_samplers_steps_and_strengths(guessing_bench, tmp_path, capsys, monkeypatch):
    bench = guessing_bench
    monkeypatch.setattr(sampling, "open_bench", lambda *arguments: bench)
    monkeypatch.setattr(sampling, "STANDARD", Sampling("dpmpp_2m", 3, 2.0))
    monkeypatch.setattr(sampling, "PREVIEW", Sampling("dpmpp_2m", 2, 1.0, 0.5))
    options = ["--steps", "5", "--strengths", "0.3", "--short", "1", "2"]
    report = report_of(sampling, tmp_path, capsys, *options)
    runs = report["results"]["runs"]
    ways = {(r["sampler"], r["guidance_scale"], r["num_steps"], r["strength"]): r for r in runs}
    assert len(ways) == len(runs) == len(SAMPLERS) * 2 * 3 + 2 * 2 * 2
    for chosen in (Sampling("ddim", 5, 2.0), Sampling("dpmpp_2m", 2, 1.0, 0.3)):
        way = ways[chosen.sampler, chosen.guidance_scale, chosen.num_steps, chosen.strength]
        overlaps, spreads, thin, volumes = {}, [], [], []
        for space in SPACES:
            overlaps[space] = []
            for row, truth in enumerate(bench.truth.occupancy):
                shapes = made(bench, space, row, [2 * row, 2 * row + 1], chosen)
                overlaps[space].append(iou(shapes, truth).mean())
                spreads.append(1 - iou(*shapes))
                thin.append(thin_recall(shapes, truth)[0].mean())
                volumes.append(shapes.sum() / truth.sum() / 2)
        for space in SPACES:
            assert way[space]["mean"] == pytest.approx(np.mean(overlaps[space]))
        assert way["iou"]["mean"] == pytest.approx(np.mean(list(overlaps.values())))
        gap = np.mean(overlaps["cisp"]) - np.mean(overlaps["clip"])
        assert way["cisp_minus_clip"]["mean"] == pytest.approx(gap)
        assert way["diversity"]["mean"] == pytest.approx(np.mean(spreads))
        assert way["thin_recall"]["mean"] == pytest.approx(np.mean(thin))
        assert way["volume"]["mean"] == pytest.approx(np.mean(volumes))
        assert way["seconds_per_shape"] > 0
    preview, standard = ways["dpmpp_2m", 1.0, 2, 0.5], ways["dpmpp_2m", 2.0, 3, 1.0]
    loss = preview["iou"]["mean"] - standard["iou"]["mean"]
    words = "2 steps of DPM-Solver++ (2M) from the guess with strength 0.5"
    assert f"the preview, {words}, changes IoU by {loss:+.3f} [" in report["finding"]
    lines = {line["name"]: line for line in report["figure"]["data"]}
    guided, free = (lines[f"DDIM, guidance {scale}"]["line"] for scale in (2, 1))
    assert guided["color"] == free["color"]
    assert (guided["dash"], free["dash"]) == ("solid", "dot")
    assert lines["DDIM, guidance 2"]["x"] == [2, 3, 5]
    assert lines["DPM-Solver++ (2M) from the guess, 0.3, guidance 1"]["x"] == [1, 2]


def test_a_way_that_draws_one_shape_again_and_again_is_not_the_best():
    def run(iou: float, diversity: float) -> sampling.Run:
        values = {"iou": iou, "thin_recall": iou, "diversity": diversity}
        one = {name: np.full(3, value) for name, value in values.items()}
        return sampling.Run({"clip": one, "cisp": one}, 0.1)

    blurred, sharp = run(0.7, 0.05), run(0.5, 0.3)
    assert sharp.worth == pytest.approx(1.0)
    assert blurred.worth < sharp.worth


def test_without_a_guess_there_is_no_strength(bench, opened, tmp_path, capsys):
    report = report_of(sampling, tmp_path, capsys, "--steps", "2", "--strengths", "0.3")
    asked = {r["strength"] for r in report["results"]["runs"]}
    assert asked == {1.0, sampling.STANDARD.strength, sampling.PREVIEW.strength}


def test_paths_in_all_ways(bench, opened, tmp_path, capsys):
    report = report_of(paths, tmp_path, capsys, "--seed", "2")
    results = report["results"]
    assert (results["pairs"], results["frames"]) == (2, 9)
    for space in SPACES:
        for way in ("slerp", "lerp"):
            told = results["measured"][space][way]
            assert len(told["steps"]) == 8
            steps = np.mean([step["mean"] for step in told["steps"]])
            assert told["smoothness"]["mean"] == pytest.approx(steps)
    cisp, clip = (results["measured"][s]["slerp"]["detour"]["mean"] for s in ("cisp", "clip"))
    gap = results["cisp_minus_clip"]["slerp"]["detour"]["mean"]
    assert gap == pytest.approx(cisp - clip)
    (first, second), *_ = paths.pairs_of(COUNT, COUNT, 2)
    wide = np.degrees(np.arccos(bench.embeds["cisp"][first] @ bench.embeds["cisp"][second]))
    assert wide == pytest.approx(paths.angles(bench, 2)["cisp"][0], abs=1e-2)
    assert len(report["figure"]["data"]) == 4


@pytest.mark.parametrize(
    ("module", "change"),
    [
        (guidance, ["--samples", "1"]),
        (guidance, ["--scales", "-1"]),
        (guidance, ["--seed", "-1"]),
        (sampling, ["--steps", "0"]),
        (sampling, ["--steps", "2000"]),
        (sampling, ["--strengths", "1.5"]),
        (sampling, ["--short", "0"]),
        (paths, ["--count", "1"]),
    ],
)
def test_bad_options_end_in_one_sentence(opened, tmp_path, capsys, module, change):
    out = tmp_path / "study.json"
    with pytest.raises(SystemExit):
        study_command(
            options_of(module), module.study, ["--out", str(out), "--device", "cpu", *change]
        )
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not out.exists()


def test_numbers_as_people_read_them():
    assert number(Interval(0.5, 0.4, 0.61)) == "0.500 [0.400, 0.610]"
    assert number(Interval(0.05, -0.01, 0.1), "+") == "+0.050 [-0.010, +0.100]"
