"""What is written for people: example images, model cards, reports on pictures without shapes."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch
from PIL import Image

from cisp.checkpoints import save_tower
from cisp.images import is_line_drawing
from cisp.picture_files import load_image
from training import answer_sheet, make_examples, wild
from training.loop.presets import TINY
from training.model_card import model_card


def test_shares_are_means_with_intervals():
    right = {"clip": np.array([0.0, 0.0, 1.0, 1.0]), "cisp": np.array([1.0, 0.0, 1.0, 1.0])}
    report = wild.shares(right, ["car", "car", "car", "table"], seed=0)
    assert report["clip"]["overall"].mean == 0.5
    assert {c: share.mean for c, share in report["clip"]["per_category"].items()} == {
        "car": pytest.approx(1 / 3),
        "table": 1.0,
    }
    assert report["clip"]["mean_of_categories"] == pytest.approx(2 / 3)
    gap = report["cisp_minus_clip"]
    assert gap.low <= gap.mean == 0.25 <= gap.high


def test_wild_says_what_it_found(tmp_path):
    right = {"clip": np.array([0.0, 0.0, 1.0, 1.0]), "cisp": np.array([1.0, 0.0, 1.0, 1.0])}
    options = wild.WildOptions(images=tmp_path, out=tmp_path / "wild.json")
    counts = {"categories": ["car", "car", "car", "table"], "judge_categories": ["car", "table"]}
    wild.save(options, torch.device("cpu"), right, **counts)
    report = json.loads(options.out.read_text())
    assert report["finding"].startswith(
        "Of 4 pictures of 2 categories the shape is of the right one of 2 with CLIP for 50 %"
    )
    assert "CISP and CLIP cannot be told apart (+25.0 points" in report["finding"]
    assert report["results"]["right_category"]["cisp"]["overall"]["mean"] == 0.75
    assert [bar["y"] for bar in report["figure"]["data"]] == [[1 / 3, 1.0], [2 / 3, 1.0]]


def test_wild_needs_folders_named_after_categories(tmp_path):
    from training.measure.classifier import ClassifierConfig, VoxelClassifier

    classifier = VoxelClassifier(ClassifierConfig(["car", "chair"]))
    save_tower(classifier, tmp_path / "classifier")
    (tmp_path / "pictures" / "giraffe").mkdir(parents=True)
    Image.new("RGB", (20, 20), "red").save(tmp_path / "pictures" / "giraffe" / "a.png")
    options = wild.WildOptions(
        images=tmp_path / "pictures", out=tmp_path / "out.json", classifier=tmp_path / "classifier"
    )
    with pytest.raises(ValueError, match="no folder named after one of car, chair"):
        wild.main(options)
    assert not options.out.exists()


def test_examples_are_pictures_with_their_shapes(tmp_path, monkeypatch):
    wanted = [make_examples.EXAMPLES[0], make_examples.EXAMPLES[-1]]
    monkeypatch.setattr(make_examples, "EXAMPLES", wanted)
    make_examples.main(make_examples.MakeExamplesOptions(out=tmp_path))
    rendering, drawing = json.loads((tmp_path / "examples.json").read_text())
    for entry in (rendering, drawing):
        with np.load(tmp_path / entry["shape"]) as file:
            assert 0.005 < (file["grid"] > 0).mean() < 0.6
    assert load_image(tmp_path / rendering["image"]).mode == "RGBA"
    assert is_line_drawing(load_image(tmp_path / drawing["image"]))


def test_the_model_card_says_what_was_measured():
    interval = {"mean": 0.5, "low": 0.4, "high": 0.6}
    method = {"overall": {"iou": interval}, "per_category": {"chair": {}, "car": {}}}
    report = {
        "preset": dataclasses.asdict(TINY),
        "device": "cpu, 2 threads",
        "torch": "2.9",
        "command": "python -m training.pipeline",
        "options": {"seed": 7},
        "embedding": {"steps": 12, "seconds": 90.0, "pretrained": False},
        "diffusion": {"steps": 34, "seconds": 120.0},
        "classifier": {"test_accuracy": 0.975},
    }
    results = {
        "methods": {"clip": method, "cisp": method},
        "differences": {"cisp minus clip": {"overall": {"iou": interval | {"mean": -0.01}}}},
        "images": 10,
        "config": {"samples": 2},
        "command": "python -m training.evaluate",
    }
    assert "No study" in model_card([report], results, [])
    second = dataclasses.replace(TINY, first_shape=400, train_views=("wide", "drawing"))
    again = {
        "preset": dataclasses.asdict(second),
        "options": {"seed": 8, "start": "runs/1/weights"},
    }
    average = {"command": "python -m training.average", "share": 0.5, "folders": ["clip", "cisp"]}
    models = average | {"folders": ["diffusion-clip", "diffusion-cisp"]}
    third = {name: value for name, value in (report | again).items() if name != "embedding"}
    fourth = {name: value for name, value in third.items() if name != "classifier"}
    fourth["preset"] = dataclasses.asdict(dataclasses.replace(second, anew=True))
    fourth["options"] = {"seed": 9}
    fourth["diffusion"] = report["diffusion"] | {"guess": {"steps": 56, "seconds": 60.0}}
    rounds = [report, report | again, {"average": average}, third, {"average": models}, fourth]
    card = model_card(rounds, results, ["* **A.** It is so."])
    for fact in (
        "car, chair",
        "| round 1 | round 2 | round 3 | round 4 |",
        "400 procedural shapes; 5 pictures each",
        "400 procedural shapes, from number 400 on; 2 pictures each",
        "random weights, all else random | the round before | the round before |",
        f"{TINY.embedding.batch_size} pairs | as they were |",
        "| seed | 7 | 8 | 8 | 9 |",
        "the round before | the towers of the round before, diffusion models at random |",
        "| none | none | none | 1.0 minutes in lockstep, 56 steps of 64 shapes |",
        "It is so.",
        "After round 2 the towers became the mean of those before and after it, 50%",
        "The diffusion models of round 2 had learned on its own embeddings.",
        "After round 3 the diffusion models became the mean of those before and after it, 50%",
        "1.5 minutes",
        "34 steps of 32 shapes",
        "-0.010",
        "0.500",
        "97.5%",
    ):
        assert fact in card


def test_answers_are_drawn_beside_the_truth(tmp_path):
    options = answer_sheet.AnswerSheetOptions(
        out=tmp_path / "sheet.webp", count=2, quality="preview"
    )
    answer_sheet.main(options)
    sheet = np.asarray(Image.open(options.out).convert("L"), dtype=float)
    assert sheet.shape == (100, 4 * (4 * 96 + 8))
    tiles = [sheet[:96, left : left + 96] for left in (*range(0, 384, 96), *range(392, 776, 96))]
    assert all(tile.std() > 5 for tile in tiles)  # picture, truth, two answers, of both shapes
    with pytest.raises(ValueError, match="no view 9"):
        answer_sheet.main(dataclasses.replace(options, view=9))
    with pytest.raises(ValueError, match="--count must be positive"):
        answer_sheet.main(dataclasses.replace(options, count=0))
