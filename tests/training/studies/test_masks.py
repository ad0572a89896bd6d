"""How well objects are cut out: what is kept of a picture, and the whole study."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image, ImageDraw

from cisp import images
from cisp.images import views
from tests.training.options import options_of
from training.data.composites import KINDS, kept
from training.studies import masks
from training.studies.masks import MASK, NEW, OLD, overlaps
from training.studies.runner import study_command

BOX = (30, 60, 90, 100)  # of an object in a picture of 200 x 140


def truth() -> np.ndarray:
    mask = np.zeros((140, 200), bool)
    mask[BOX[1] : BOX[3], BOX[0] : BOX[2]] = True
    return mask


def picture(kind: str) -> Image.Image:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (140, 200, 3)).astype(np.uint8)
    grounds = {"flat": np.full_like(noise, 230), "noisy": 225 + noise // 40, "busy": noise}
    image = Image.fromarray(grounds[kind])
    ImageDraw.Draw(image).rectangle((BOX[0], BOX[1], BOX[2] - 1, BOX[3] - 1), fill=(200, 30, 60))
    return image


@pytest.fixture
def masked(monkeypatch):
    """The truth is found in any photograph."""
    mask = Image.fromarray(255 * truth().astype(np.uint8))
    monkeypatch.setattr(images, "object_mask", lambda photograph: mask.resize(photograph.size))


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize("kind", ["flat", "noisy"])
def test_what_is_kept_lies_where_the_object_is(kind):
    view, *_ = views(picture(kind))
    assert iou(kept(view, (200, 140)), truth()) > 0.93


def test_plain_strips_do_not_shift_what_is_kept(masked):
    framed = Image.new("RGB", (200, 180), "white")
    framed.paste(picture("busy"), (0, 40))  # the upper fifth is a strip that is cut off
    whole, object_ = views(framed)
    expected = np.zeros((180, 200), bool)
    expected[40:] = True
    assert iou(kept(whole, (200, 180)), expected) > 0.97
    moved = np.vstack([np.zeros((40, 200), bool), truth()])
    assert iou(kept(object_, (200, 180)), moved) > 0.93


def test_the_chosen_way_is_the_mask_for_photographs_alone(masked):
    found, photograph = overlaps(picture("busy"), truth())
    assert photograph
    assert found[OLD] == pytest.approx(truth().mean(), abs=0.01)  # all of it is kept
    assert found[NEW] == found[MASK] > 0.93
    found, photograph = overlaps(picture("flat"), ~truth())
    assert not photograph
    assert found[NEW] == found[OLD] < 0.05


def test_the_whole_study(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(images, "object_mask", lambda photograph: None)
    out = tmp_path / "masks.json"
    argv = ["--out", str(out), "--count", "1", "--device", "cpu"]
    study_command(options_of(masks), masks.study, argv)
    report = json.loads(out.read_text())
    assert report["finding"] in capsys.readouterr().out
    results = report["results"]
    assert results["composites"] == len(KINDS)
    by_ground = results["by_ground"]
    assert list(by_ground) == ["all", *KINDS]
    for way in (OLD, MASK, NEW):
        mean = np.mean([by_ground[kind][way]["mean"] for kind in KINDS])
        assert by_ground["all"][way]["mean"] == pytest.approx(mean)
    assert by_ground["all"]["gain"]["mean"] == 0  # without a mask nothing else is chosen
    assert by_ground["plain"][OLD]["mean"] > 0.8
    assert by_ground["plain"]["photographs"] == 0


def test_bad_options_end_in_one_sentence(tmp_path, capsys):
    with pytest.raises(SystemExit):
        study_command(
            options_of(masks), masks.study, ["--out", str(tmp_path / "m.json"), "--count", "0"]
        )
    assert "--count must be positive." in capsys.readouterr().err
