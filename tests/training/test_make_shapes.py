"""The commands that draw, check and show shapes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from tests.training.options import options_of
from training import check_shapes, gallery, make_shapes
from training.shapes import CATEGORIES, make_shape
from training.tools.command import run_command


def run(module, *argv):
    run_command(options_of(module), module.main, [str(word) for word in argv])


def test_the_file_holds_what_the_seeds_give(tmp_path):
    out = tmp_path / "s.npz"
    run(make_shapes, "--category", "chair", "--count", 3, "--seed", 7, "--out", out, "--workers", 1)
    with np.load(out) as data:
        assert data["occupancy"].shape == (3, 32, 32, 32)
        assert data["occupancy"].dtype == bool
        assert data["seed"].tolist() == [7, 8, 9]
        for row, seed in enumerate(data["seed"].tolist()):
            shape = make_shape("chair", seed)
            expected = (shape.volume()[0] > 0).numpy()
            np.testing.assert_array_equal(data["occupancy"][row], expected)
            assert data["captions"][row].tolist() == shape.captions
            assert data["subtype"][row] == shape.subtype
            facts = json.loads(str(data["attributes"][row]))
            assert facts["volume"] == expected.mean()
            assert shape.attributes.items() <= facts.items()


def test_all_means_that_the_categories_take_turns(tmp_path):
    count = len(CATEGORIES) + 1
    run(make_shapes, "--count", count, "--out", tmp_path / "s.npz", "--workers", 1)
    with np.load(tmp_path / "s.npz") as data:
        assert data["category"].tolist() == [*CATEGORIES, CATEGORIES[0]]
        assert data["seed"].tolist() == [0] * len(CATEGORIES) + [1]


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (("--category", "teapot"), "teapot"),
        (("--count", "0"), "positive"),
        (("--seed", "-1"), "seed"),
        (("--workers", "0"), "workers"),
    ],
)
def test_bad_input_ends_in_one_sentence_and_no_file(tmp_path, capsys, argv, reason):
    with pytest.raises(SystemExit) as stop:
        run(make_shapes, "--count", 2, "--out", tmp_path / "s.npz", *argv)
    assert stop.value.code == 2
    assert reason in capsys.readouterr().err.strip().splitlines()[-1]
    assert not list(tmp_path.iterdir())
    with pytest.raises(SystemExit):
        run(make_shapes, "--count", 2, "--out", tmp_path)
    assert "is a folder" in capsys.readouterr().err


def test_the_check_reports_a_small_world(tmp_path):
    out = tmp_path / "world.json"
    run(check_shapes, "--count", 2 * len(CATEGORIES), "--out", out, "--workers", 1)
    found = json.loads(out.read_text())
    assert found["empty"] == found["identical"] == found["untrue_claims"] == 0
    assert found["farthest_outside"] < 1e-6
    assert found["captions"] == 6 * found["shapes"]
    assert set(found["categories"]) == set(CATEGORIES)
    for category in found["categories"].values():
        assert category["shapes"] == 2
        assert 0 <= category["median_pair_iou"] < 1


def test_the_check_sees_faults():
    """A check that never fails would be worth nothing."""
    packed = np.zeros(4096, np.uint8)
    fault = check_shapes.Checked("chair", "stool", packed, b"", 0, 0.2, 0.5, 6, ["four legs"])
    checked = [
        check_shapes.Checked(name, "x", np.full(4096, i, np.uint8), bytes([i]), 32, 0.0, 0.0, 6, [])
        for i, name in enumerate(CATEGORIES * 2, 1)
    ]
    found = check_shapes.report([*checked, fault, fault], seed=0)
    assert (found["empty"], found["identical"], found["untrue_claims"]) == (2, 1, 2)
    assert found["smallest_extent"] == 0
    assert found["farthest_outside"] == 0.2
    assert found["categories"]["chair"]["shapes_with_specks"] == 2
    assert "office chair" in found["categories"]["chair"]["missing_subtypes"]


def test_the_gallery_shows_every_category(tmp_path, monkeypatch):
    monkeypatch.setattr(gallery, "CATEGORIES", CATEGORIES[:2])
    run(gallery, "--shapes", 2, "--out", tmp_path)
    for category in CATEGORIES[:2]:
        with Image.open(tmp_path / f"{category}.webp") as sheet:
            pixels = np.asarray(sheet.convert("L"))
        assert pixels.shape[1] > 5 * gallery.SIDE
        assert 0.05 < (pixels < 200).mean() < 0.9
