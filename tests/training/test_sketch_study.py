"""The study of drawings: reading, learning, reporting, and its command."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from training.shapes import CATEGORIES
from training.sketch_study import (
    HANDS,
    SIZE,
    VIEWS,
    SketchStudyOptions,
    contact_sheet,
    draw_set,
    drawings_of,
    main,
    name,
    read_sketches,
    summary,
    train,
)
from training.tools.command import run_command


def save_drawing(path, corners) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("L", (256, 256), 255)
    ImageDraw.Draw(picture).line([*corners, corners[0]], 0, 4)
    picture.save(path)


def test_drawings_of_a_shape_are_repeatable_and_differ_among_hands():
    one, two = drawings_of(("chair", 3)), drawings_of(("chair", 3))
    assert one.shape == (VIEWS * HANDS, SIZE, SIZE)
    assert (one == two).all()
    assert len({ink.tobytes() for ink in one}) == VIEWS * HANDS
    shares = (one > 127).mean((1, 2))
    assert shares.min() > 0.01
    assert shares.max() < 0.5


def test_every_category_is_drawn_equally_often():
    inks, labels = draw_set(VIEWS * HANDS, seed=1, workers=1)
    assert len(inks) == len(labels) == VIEWS * HANDS * len(CATEGORIES)
    assert (np.bincount(labels) == VIEWS * HANDS).all()


def test_people_s_drawings_are_cut_out_as_ours_are(tmp_path):
    save_drawing(tmp_path / "table" / "a.png", [(60, 100), (190, 100), (190, 160), (60, 160)])
    save_drawing(tmp_path / "other" / "b.png", [(60, 100), (190, 100), (190, 160)])
    inks, labels, names = read_sketches(tmp_path)
    assert names == ["table/a.png"]
    assert labels.tolist() == [CATEGORIES.index("table")]
    columns = np.flatnonzero((inks[0] > 127).any(0))
    assert 50 <= np.ptp(columns) <= 60  # it fills the picture but for the margin
    with pytest.raises(ValueError, match="has no"):
        read_sketches(tmp_path / "other")


def test_the_network_learns_what_can_be_learned():
    """Bars that lie and bars that stand, thick and thin, anywhere."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 400)
    inks = np.zeros((400, SIZE, SIZE), np.uint8)
    for ink, label in zip(inks, labels, strict=True):
        at, width = rng.integers(10, 50), rng.integers(2, 5)
        ink[at : at + width, 8:56] = 255
        if label:
            ink[:] = ink.T.copy()
    cpu = torch.device("cpu")
    model = train(inks[:300], labels[:300], epochs=8, seed=0, device=cpu)
    assert (name(model, inks[300:], cpu) == labels[300:]).mean() > 0.9


def test_the_summary_counts():
    truth, named = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0])
    result = summary(truth, named)
    assert result["accuracy"]["mean"] == 0.5
    assert result["accuracy"]["low"] <= 0.5 <= result["accuracy"]["high"]
    assert result["balanced_accuracy"] == pytest.approx((0.5 + 1 + 0) / 3)
    assert result["confusion"][0][:2] == [1, 1]
    assert np.sum(result["confusion"]) == 4


def test_the_sheet_has_both_sides():
    ours, theirs = np.full((120, SIZE, SIZE), 255, np.uint8), np.zeros((7, SIZE, SIZE), np.uint8)
    sheet = np.asarray(contact_sheet(ours, theirs))
    middle = sheet.shape[1] // 2
    assert (sheet[:, : middle - 10] == 0).mean() > 0.7  # ours are black all over
    assert (sheet[:, middle + 10 :] == 255).all()


@pytest.mark.slow
def test_the_command_reports_and_draws(tmp_path, capsys):
    save_drawing(tmp_path / "in" / "table" / "a.png", [(60, 100), (190, 100), (190, 160)])
    out, sheet = tmp_path / "study.json", tmp_path / "sheet.png"
    argv = ["--sketches", str(tmp_path / "in"), "--out", str(out), "--sheet", str(sheet)]
    argv += ["--count", "4", "--epochs", "1", "--workers", "1", "--device", "cpu"]
    run_command(SketchStudyOptions, main, argv)
    result = json.loads(out.read_text())
    assert set(result["named"]) == {"table/a.png"}
    assert Image.open(sheet).size[0] > 1000
    with pytest.raises(SystemExit):
        run_command(
            SketchStudyOptions, main, ["--sketches", str(tmp_path / "nowhere"), "--count", "4"]
        )
    assert "error:" in capsys.readouterr().err
