"""Category retrieval: the vote, its summary, and the command on spaces that are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image

from cisp.gallery import Neighbours
from cisp.images import to_pixels
from tests.training.retrieval_fakes import (
    FakeCache,
    as_picture,
    command_fakes,
    fake_spaces,
    save_picture,
)
from training.studies import categories
from training.studies.categories import CLIP_IMAGES, SHAPES, Pictures, on_set, summary, vote
from training.studies.runner import study_command

NAMES = ("car", "chair", "lamp")


def test_the_majority_wins_and_nearness_breaks_ties():
    labels = ["car", "chair", "lamp", "car", "chair", "lamp"]
    rows = np.array([[0, 1, 4], [0, 3, 1], [2, 1, 0], [1, 2, 5], [0, 1, 2]])
    similarity = np.array(
        [[0.9, 0.1, 0.1], [0.9, 0.8, 0.7], [0.9, 0.8, 0.7]] + [[0.9, 0.5, 0.3]] * 2
    )
    named = vote(Neighbours(rows, similarity), labels)
    assert named == ["chair", "car", "lamp", "lamp", "car"]
    even = Neighbours(np.array([[0, 1, 4, 3]]), np.array([[0.9, 0.8, 0.7, 0.1]]))
    assert vote(even, labels) == ["chair"]  # two votes each; 0.8 + 0.7 > 0.9 + 0.1


def test_the_summary_counts():
    found = summary(["car", "car", "lamp", "car"], ["car", "car", "car", "lamp"], NAMES, seed=0)
    assert found["right"].mean == 0.5
    assert found["right"].low < 0.5 < found["right"].high
    assert found["per_category"]["car"].mean == pytest.approx(2 / 3)
    assert set(found["per_category"]) == {"car", "lamp"}
    assert found["mean of categories"] == pytest.approx(1 / 3)
    assert found["confusion"].tolist() == [[2, 0, 1], [0, 0, 0], [1, 0, 0]]


@pytest.fixture(scope="module")
def centers():
    return np.random.default_rng(0).uniform(-0.7, 0.7, (3, 16))


@pytest.fixture(scope="module")
def cache(centers):
    """Twelve shapes a category, close to the category's centre."""
    rng = np.random.default_rng(1)
    rows = np.tile(np.arange(3), 12)
    codes = centers[rows] + rng.uniform(-0.1, 0.1, (36, 16))
    return FakeCache(codes, [NAMES[row] for row in rows], noise=(0.05,) * 5)


def pictures_of(spaces, codes, truth):
    pixels = torch.stack([to_pixels(Image.fromarray(as_picture(c), "RGBA")) for c in codes])
    embeds = {name: space.encode_image(pixels).numpy() for name, space in spaces.items()}
    return Pictures(truth, embeds, skipped=0, of_other_categories=0)


def test_pictures_near_a_category_are_named_after_it(cache, centers):
    spaces = fake_spaces(cache)
    gallery = categories.gallery_of(cache, spaces)
    found = on_set(pictures_of(spaces, centers, list(NAMES)), gallery, cache.categories, seed=0)
    for way in categories.gallery_of(cache, spaces):
        assert found["all categories"][way]["right"].mean == 1
        assert (found["all categories"][way]["confusion"] == np.eye(3)).all()
    assert "own categories" not in found  # they are all


def test_a_set_with_fewer_categories_is_also_measured_among_its_own(cache, centers):
    """A picture between chair and lamp, nearer to lamps, is a chair where there are no lamps."""
    spaces = fake_spaces(cache)
    gallery = categories.gallery_of(cache, spaces)
    between = 0.3 * centers[1] + 0.7 * centers[2]
    codes, truth = np.stack([centers[0], between]), ["car", "chair"]
    found = on_set(pictures_of(spaces, codes, truth), gallery, cache.categories, seed=0)
    assert found["all categories"][SHAPES]["right"].mean == 0.5
    assert found["all categories"]["categories"] == list(NAMES)
    assert found["own categories"][SHAPES]["right"].mean == 1
    assert found["own categories"]["categories"] == ["car", "chair"]
    few = {way: embeds[:12] for way, embeds in gallery.items()}
    with pytest.raises(ValueError, match="needs 10 shapes"):
        on_set(pictures_of(spaces, codes, truth), few, cache.categories[:12], seed=0)


def test_differences_are_paired_and_said_whichever_way_they_fall(cache, centers):
    rng = np.random.default_rng(2)
    rows = np.tile(np.arange(3), 20)
    codes = centers[rows] + rng.uniform(-0.5, 0.5, (60, 16))
    truth = [NAMES[row] for row in rows]
    sentences = {}
    for blind in ("clip", "cisp"):
        spaces = fake_spaces(cache, **{f"{blind}_sees": 1})
        gallery = categories.gallery_of(cache, spaces)
        found = on_set(pictures_of(spaces, codes, truth), gallery, cache.categories, seed=0)
        difference = found["all categories"]["differences"][f"{SHAPES} minus {CLIP_IMAGES}"]
        shares = [found["all categories"][way]["right"].mean for way in (SHAPES, CLIP_IMAGES)]
        assert difference["right"].mean == pytest.approx(shares[0] - shares[1])
        sentences[blind] = categories.finding_of({"scribbles": found})
    assert "CISP is ahead of CLIP by +" in sentences["clip"]
    assert "CISP is behind CLIP by -" in sentences["cisp"]
    assert sentences["clip"].startswith("Of 60 scribbles")


def test_the_command_reads_sets_and_counts_what_it_leaves_out(
    cache, centers, tmp_path, monkeypatch, capsys
):
    spaces = fake_spaces(cache)
    command_fakes(monkeypatch, categories, cache, spaces)
    for index, name in enumerate(NAMES):
        save_picture(tmp_path / "drawings" / name / "a.png", centers[index])
    save_picture(tmp_path / "photos" / "car" / "a.png", centers[0])
    save_picture(tmp_path / "photos" / "car" / "b.png", centers[2])
    save_picture(tmp_path / "photos" / "giraffe" / "a.png", centers[0])
    (tmp_path / "photos" / "car" / "broken.png").write_bytes(b"no picture")
    out = tmp_path / "out.json"
    folders = [str(tmp_path / "drawings"), str(tmp_path / "photos")]

    def run(*folders):
        argv = [word for folder in folders for word in ("--images", folder)]
        argv += ["--out", str(out), "--device", "cpu"]
        study_command(categories.CategoriesOptions, categories.study, argv)

    run(*folders)
    study = json.loads(out.read_text())
    drawings, photos = (study["results"]["sets"][name] for name in ("drawings", "photos"))
    assert drawings["all categories"][SHAPES]["right"]["mean"] == 1
    assert (photos["pictures"], photos["skipped"], photos["of other categories"]) == (2, 1, 1)
    assert photos["all categories"][SHAPES]["right"]["mean"] == 0.5
    assert photos["all categories"][CLIP_IMAGES]["confusion"][0] == [1, 0, 1]
    assert photos["own categories"][SHAPES]["right"]["mean"] == 1
    assert study["finding"] in capsys.readouterr().out
    cisp = study["figure"]["data"][0]
    assert cisp["y"][:2] == ["drawings: all", "drawings: car"]
    go = pytest.importorskip("plotly.graph_objects")
    go.Figure(study["figure"])

    giraffes = str(tmp_path / "photos" / "giraffe")
    for wrong in ([str(tmp_path / "none")], [folders[0], folders[0]], [giraffes], []):
        with pytest.raises(SystemExit) as stopped:
            run(*wrong)
        assert stopped.value.code == 2
