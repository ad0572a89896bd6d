"""Linear probes: the regression, the scores, the intervals, and the command."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cisp.naming import SPACES
from training.data.cache import DataCache
from training.measure.linear_probe import (
    Target,
    fit,
    halves,
    interval,
    probe,
    resamples,
    ridge,
    scores,
    sides,
    targets_of,
)
from training.studies import probes
from training.studies.probes import ProbesOptions, figure_of, finding_of, measure, study, summarise
from training.studies.runner import study_command

SIDE, GRID = 16, 8


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def score_of(target: Target, x: np.ndarray, train: np.ndarray) -> float:
    _, outside = sides(target, train)
    counts = resamples(~train, 3, 0)[:, target.rows[outside]]
    return scores(target, target.values[outside], probe(target, x, train, 0), counts)[0]


@pytest.fixture
def world():
    """Embeddings (400, 2, 20) that contain a number and a class, and nothing of a third."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 2, 20))
    x[:, 1, :6] = x[:, 0, :6]  # what both pictures share
    train = np.arange(400) % 2 == 0
    return rng, x, train


def test_a_weak_ridge_is_least_squares():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(50, 4)) + 3, rng.normal(size=(50, 2))
    slope, intercept = next(ridge(x, y, np.ones(50), [1e-12]))
    expected = np.linalg.lstsq(np.hstack([x, np.ones((50, 1))]), y, rcond=None)[0]
    np.testing.assert_allclose(np.vstack([slope, intercept]), expected, atol=1e-8)


def test_a_ridge_is_least_squares_with_penalty_rows_and_weights_are_repetitions():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(40, 3)), rng.normal(size=(40, 1))
    weight = rng.integers(1, 4, 40)
    often = np.repeat(np.arange(40), weight)
    centred = x[often] - x[often].mean(0)
    strength = 0.3
    size = strength * (centred**2).mean(0).mean()  # relative to the mean variance
    rows = np.vstack([centred, np.sqrt(size * len(often)) * np.eye(3)])
    aims = np.vstack([y[often] - y[often].mean(), np.zeros((3, 1))])
    expected = np.linalg.lstsq(rows, aims, rcond=None)[0]
    slope, intercept = next(ridge(x, y, weight.astype(float), [strength]))
    np.testing.assert_allclose(slope, expected, atol=1e-10)
    np.testing.assert_allclose(intercept, y[often].mean(0) - x[often].mean(0) @ expected, atol=1e-9)


def test_the_strength_is_chosen_by_what_is_held_out():
    """Of noise nothing is learned; of a clean signal nothing is lost."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(60, 1, 40))
    noise = fit(x, rng.normal(size=(60, 1)), np.ones(60), 0)[0]
    clean = fit(x, x[:, 0, :1], np.ones(60), 0)[0]
    assert np.linalg.norm(noise) < 0.2
    assert clean[0, 0] > 0.95


def test_numbers_score_one_if_contained_and_zero_if_not(world):
    rng, x, train = world
    rows = np.arange(400)
    assert score_of(Target("in", rows, x[:, 0, :3].sum(1) + 7), x, train) > 0.99
    assert abs(score_of(Target("out", rows, rng.normal(size=400)), x, train)) < 0.1
    # Only picture 0 shows it: at best a quarter of the variance is explained on average.
    assert 0.02 < score_of(Target("one", rows, x[:, 0, 10]), x, train) < 0.4


def test_classes_score_one_if_contained_and_zero_if_not(world):
    rng, x, train = world
    rows = np.arange(400)
    three = Target("in", rows, x[:, 0, :3].argmax(1), ("a", "b", "c"))
    rare = Target("rare", rows, (x[:, 0, 0] > 1.2).astype(int), ("no", "yes"))
    lost = Target("out", rows, (rng.random(400) < 0.1).astype(int), ("no", "yes"))
    assert score_of(three, x, train) > 0.7
    assert score_of(rare, x, train) > 0.75  # although "no" is right in nine of ten
    assert abs(score_of(lost, x, train)) < 0.3


def test_nothing_is_learned_from_the_shapes_that_are_scored(world):
    _, x, train = world
    values = x[:, 0, 0] + np.where(train, 0, 1000)
    errors = probe(Target("n", np.arange(400), values), x, train, 0)
    assert errors.shape == (200,)
    np.testing.assert_allclose(errors, 1000**2, rtol=0.01)


def test_scores_are_the_textbook_s():
    rng = np.random.default_rng(4)
    values, errors = rng.normal(size=30) + 5, rng.random(30)
    counts = np.stack([np.ones(30), rng.multinomial(30, np.full(30, 1 / 30))])
    found = scores(Target("n", np.arange(30), values), values, errors, counts)
    for row, count in zip(found, counts.astype(int), strict=True):
        y, e = np.repeat(values, count), np.repeat(errors, count)
        assert row == pytest.approx(1 - e.sum() / ((y - y.mean()) ** 2).sum())
    far = scores(Target("n", np.arange(30), values), values, errors + 9, counts)
    assert far.tolist() == [0, 0]  # worse than the mean counts as 0
    named = np.array([0, 0, 0, 1])
    target = Target("c", np.arange(4), named, ("a", "b"))
    right = np.array([1.0, 1.0, 0.5, 0.0])
    assert scores(target, named, right, np.ones((1, 4)))[0] == pytest.approx(2 * (2.5 / 6) - 1)
    # A resample without a class is scored by the others.
    assert scores(target, named, right, np.array([[2, 2, 0, 0]]))[0] == pytest.approx(1.0)


def test_resamples_hold_only_what_is_held_out():
    held_out = np.array([True, False, True, True])
    counts = resamples(held_out, 500, 0)
    assert (counts[:, 1] == 0).all()
    assert counts[0].tolist() == [1, 0, 1, 1]
    assert (counts.sum(1) == 3).all()
    found = interval(counts @ np.array([0.0, 9.0, 1.0, 2.0]) / 3)
    assert found.low < found.mean == 1.0 < found.high


def test_halves_divide_every_category():
    categories = ["a"] * 10 + ["b"] * 6
    train = halves(categories, 0)
    assert train[:10].sum() == 5
    assert train[10:].sum() == 3
    assert (train == halves(categories, 0)).all()
    assert (train != halves(categories, 1)).any()


def test_attributes_become_targets():
    rows = [
        {
            "legs": i % 5,
            "arms": i % 2 == 0,
            "kind": "abc"[i % 3] if i < 38 else "rare",
            "odd": i == 0,
            "flag": float(i % 2) if i < 20 else i % 2 == 1,
        }
        | ({"only": i * 0.5} if i < 20 else {})
        for i in range(40)
    ]
    train = np.arange(40) // 2 % 2 == 0
    targets, left_out = targets_of(rows, train, 4)
    by_name = {target.name: target for target in targets}
    assert left_out == ["odd"]
    assert by_name["legs"].classes == ()
    assert by_name["arms"].classes == ("False", "True")
    assert by_name["arms"].values[:3].tolist() == [1, 0, 1]
    assert by_name["kind"].classes == ("a", "b", "c")
    assert by_name["kind"].rows.max() == 37  # the rare name is left out
    assert by_name["flag"].classes == ("False", "True")  # two families, two ways to write it
    assert by_name["only"].rows.tolist() == list(range(20))


def test_extremes_are_clipped_to_what_was_fitted():
    rows = [{"sails": float(i % 7)} for i in range(400)]
    rows[1] = {"sails": 900.0}
    target = targets_of(rows, np.arange(400) % 2 == 0, 10)[0][0]
    assert target.values.max() == 6.0


def planted():
    """CISP holds number n and CLIP class c; both hold k, and neither holds z."""
    rng = np.random.default_rng(5)
    common = rng.normal(size=(240, 1, 16))
    spaces = {name: np.repeat(common, 2, 1) for name in ("clip", "cisp")}
    spaces = {name: x + 0.01 * rng.normal(size=x.shape) for name, x in spaces.items()}
    n, c = rng.normal(size=240), rng.random(240) < 0.5
    spaces["cisp"][..., 0], spaces["clip"][..., 0] = n[:, None], 2.0 * c[:, None] - 1
    spaces["cisp_shape"] = common
    table = [
        {"n": float(n[i]), "c": bool(c[i]), "k": float(common[i, 0, 5]), "z": float(rng.normal())}
        for i in range(240)
    ]
    return table, spaces, ["chair", "table"] * 120


def test_the_study_finds_what_was_planted():
    table, spaces, categories = planted()
    train = halves(categories, 0)
    targets, left_out = targets_of(table, train, 10)
    assert not left_out
    measured = measure(targets, spaces, train, 0)
    results = summarise(targets, measured, categories)
    order = [row["name"] for row in results["attributes"]]
    assert (order[0], order[-1]) == ("n", "c")
    first, last = results["attributes"][0], results["attributes"][-1]
    assert first["difference"].low > 0.8
    assert last["difference"].high < -0.7
    assert (first["kind"], last["kind"]) == ("number", "2 classes")
    by_name = {row["name"]: row for row in results["attributes"]}
    assert by_name["k"]["clip"].mean > 0.95
    assert by_name["k"]["cisp_shape"].mean > 0.95
    assert abs(by_name["z"]["cisp"].mean) < 0.2
    for name in spaces:  # the control
        assert abs(results["mean_scores"][f"shuffled {name}"].mean) < 0.15
    finding = finding_of(results)
    assert "significantly better from CISP's embeddings (most: n (2 categories), +" in finding
    assert "significantly better from CLIP's embeddings (most: c (2 categories), -" in finding
    assert results["better_in_cisp"] >= 1 <= results["better_in_clip"]
    figure = figure_of(results)
    assert next(iter(figure["data"][0]["y"])) == "n (2 categories)"
    assert figure["data"][0]["x"][0] == first["difference"].mean


def test_equal_spaces_differ_in_nothing():
    table, spaces, categories = planted()
    spaces["cisp"] = spaces["clip"]
    train = halves(categories, 0)
    targets, _ = targets_of(table, train, 10)
    results = summarise(targets, measure(targets, spaces, train, 0), categories)
    assert results["better_in_cisp"] == results["better_in_clip"] == 0
    assert results["mean_difference"] == (0, 0, 0)
    assert "0 significantly better from CISP's embeddings and 0" in finding_of(results)


class FakeSpace:
    """Embeds a picture by the colours of two of its pixels, a shape by its volume."""

    def __init__(self, name: str):
        self.name, self.image_size = name, SIDE

    def encode_image(self, pixels):
        import torch

        corner = pixels[:, :, 0, 0] if self.name == "cisp" else pixels[:, :, -1, -1]
        return torch.nn.functional.normalize(torch.cat([corner, corner[:, :1] * 0 + 1], 1), dim=-1)

    def encode_shape(self, voxels):
        import torch

        mean = voxels.mean((1, 2, 3, 4))[:, None]
        return torch.nn.functional.normalize(torch.cat([mean, 0 * mean, 0 * mean, mean], 1), dim=-1)


def fake_cache(folder, count: int) -> None:
    """Shapes whose number n is the red of the corner that only the fake CISP looks at."""
    rng = np.random.default_rng(6)
    cache = DataCache.create(
        folder, split=folder.name, num_items=count, num_views=5, image_size=SIDE, resolution=GRID
    )
    n = rng.integers(0, 256, count)
    cutouts = rng.integers(0, 256, (count, 5, SIDE, SIDE, 4)).astype(np.uint8)
    cutouts[..., 3] = 255
    cutouts[:, :, 0, 0, 0] = n[:, None]
    rows = [
        {
            "id": f"{i}",
            "category": "ab"[i % 2],
            "subtype": "s",
            "attributes": {"n": int(n[i])},
        }
        for i in range(count)
    ]
    cache.append(np.zeros((count, GRID, GRID, GRID)), cutouts, rows)


@pytest.fixture
def fakes(monkeypatch):
    monkeypatch.setattr(probes, "load_spaces", lambda *_: {n: FakeSpace(n) for n in SPACES})
    monkeypatch.setattr(
        probes, "procedural_cache", lambda folder, split, *_: DataCache.load(folder / split)
    )


@pytest.mark.parametrize("split", [None, "val"])
def test_the_command_writes_one_file_with_a_figure_and_a_finding(tmp_path, fakes, split, capsys):
    fake_cache(tmp_path / "test", 120)
    fake_cache(tmp_path / "val", 80)
    out = tmp_path / "probes.json"
    argv = ["--out", str(out), "--cache", str(tmp_path), "--device", "cpu"]
    study_command(ProbesOptions, study, argv + (["--train-split", split] if split else []))
    report = json.loads(out.read_text())
    results = report["results"]
    assert results["attributes"][0]["name"] == "n"
    assert results["attributes"][0]["difference"]["low"] > 0.5
    assert results["left_out_with_too_few_shapes"] == []
    sizes = (results["shapes_fitted_on"], results["shapes_scored"])
    assert sizes == ((80, 120) if split else (60, 60))
    assert report["finding"] in capsys.readouterr().out
    assert report["figure"]["data"][0]["orientation"] == "h"


@pytest.mark.parametrize(
    "argv",
    [
        ["--views", "0,0"],
        ["--views", "5"],
        ["--views", "x"],
        ["--fewest", "1"],
        ["--fewest", "61"],
        ["--train-split", "test"],
        ["--seed", "-1"],
    ],
)
def test_bad_options_end_in_one_sentence(tmp_path, fakes, argv, capsys):
    fake_cache(tmp_path / "test", 120)
    out = tmp_path / "probes.json"
    argv = ["--out", str(out), "--cache", str(tmp_path), "--device", "cpu", *argv]
    with pytest.raises(SystemExit):
        study_command(ProbesOptions, study, argv)
    assert "error:" in capsys.readouterr().err
    assert not out.exists()
