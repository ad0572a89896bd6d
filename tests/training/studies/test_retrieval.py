"""Retrieval of the same object, on shapes whose embeddings are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from tests.training.retrieval_fakes import SCALE, FakeCache, command_fakes, fake_spaces
from training.data.item import Item
from training.data.procedural import VIEWS
from training.studies import mesh_pictures, retrieval
from training.studies.runner import study_command
from training.tools import workers

N = 150
CATEGORIES = ["car", "chair", "lamp"] * (N // 3)


@pytest.fixture(scope="module")
def cache():
    codes = np.random.default_rng(0).uniform(-0.9, 0.9, (N, 16))
    return FakeCache(codes, CATEGORIES, noise=(0.02, 0.6, 0.02, 1.5, 1.5))


@pytest.fixture(scope="module")
def results(cache):
    return retrieval.on_test_shapes(cache, fake_spaces(cache, clip_sees=3), seed=0)


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def test_views_are_of_the_kinds_that_they_are_called():
    kinds = [VIEWS[column] for column in retrieval.VIEW.values()]
    assert kinds == ["r2n2", "wide", "r2n2", "drawing"]


def test_each_kind_of_picture_finds_its_shape_as_well_as_it_shows_it(results, cache):
    found = results["image to shape"]
    share = {kind: found[kind]["full gallery"]["R@1"].mean for kind in retrieval.SEEN}
    assert share["rendering"] == 1
    assert 1 / N < share["drawing"] < share["wide view"] <= 1
    drawing = found["drawing"]
    assert drawing["full gallery"]["R@1"].mean < drawing["full gallery"]["R@10"].mean
    assert drawing["full gallery"]["R@1"].mean < drawing["batches of 64"]["R@1"].mean
    assert drawing["batches of 128"]["R@1"].mean <= drawing["batches of 64"]["R@1"].mean
    per_category = [drawing["per_category"][c]["R@1"].mean for c in ("car", "chair", "lamp")]
    assert np.mean(per_category) == pytest.approx(drawing["full gallery"]["R@1"].mean)
    # By hand: the drawings' grey levels against the codes.
    seen = cache.cutouts[:, 3, ::SCALE, ::SCALE, 0].reshape(N, 16) / 127.5 - 1
    similar = unit(seen) @ unit(cache.grids[:, 0].reshape(N, 16).astype(float)).T
    assert drawing["full gallery"]["R@1"].mean == np.mean(similar.argmax(1) == np.arange(N))


def test_the_other_view_is_found_by_the_space_that_sees_more(results):
    for pair in ("rendering to other rendering", "drawing to rendering"):
        found = results["image to image"][pair]
        cisp, clip = (found[space]["full gallery"]["R@1"] for space in ("cisp", "clip"))
        difference = found["cisp minus clip"]["full gallery"]["R@1"]
        assert difference.mean == pytest.approx(cisp.mean - clip.mean)
        assert difference.low > 0


def test_captions_are_drawn_by_seed_and_shared_ones_find_nothing(cache):
    spaces = fake_spaces(cache)
    images = unit(cache.codes).astype(np.float32)
    found = retrieval.texts(spaces["clip"], cache.captions, images, CATEGORIES, seed=0)
    assert found["different captions"] == N
    for way in ("text to image", "image to text", "all captions to image", "image to all captions"):
        assert found[way]["full gallery"]["R@1"].mean == 1
    shared = [["0 plain"], ["0 plain"], *cache.captions[2:]]
    found = retrieval.texts(spaces["clip"], shared, images, CATEGORIES, seed=0)
    assert found["different captions"] == N - 1
    assert found["image to text"]["full gallery"]["R@1"].mean == pytest.approx((N - 2) / N)
    assert found["text to image"]["full gallery"]["R@1"].mean == pytest.approx((N - 1) / N)

    class Listening:
        def encode_text(self, captions):  # "long" and "plain" captions are opposites
            return torch.tensor([[1.0 if "long" in c else -1.0, 0.0] for c in captions])

    drawn = [
        retrieval.texts(Listening(), [["x plain", "y long"]] * 40, axis, ["car"] * 40, seed)
        for seed in (0, 0, 1)
        for axis in [np.random.default_rng(3).normal(size=(40, 2))]
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_sentence_says_who_is_ahead(results, cache):
    sentence = retrieval.finding_of(results)
    assert "CISP finds the shape of a rendering at the first place for 100 % [100, 100]" in sentence
    assert "CISP is ahead of CLIP by" in sentence
    turned = retrieval.on_test_shapes(cache, fake_spaces(cache, cisp_sees=3), seed=0)
    assert "CISP is behind CLIP by" in retrieval.finding_of(turned)
    same = retrieval.on_test_shapes(cache, fake_spaces(cache), seed=0)
    assert "CISP and CLIP cannot be told apart" in retrieval.finding_of(same)


def test_the_figure_shows_r1_before_r10_for_those_who_can(results):
    figure = retrieval.figure_of(results)
    cisp, clip = figure["data"]
    assert (cisp["name"], clip["name"]) == ("CISP", "CLIP")
    assert "image to shape, R@1" in cisp["x"]
    assert not any("image to shape" in label for label in clip["x"])
    order = figure["layout"]["xaxis"]["categoryarray"]
    assert set(order) == set(cisp["x"]) | set(clip["x"])
    assert max(i for i, o in enumerate(order) if o.endswith("R@1")) == len(order) // 2 - 1
    go = pytest.importorskip("plotly.graph_objects")
    go.Figure(figure)  # refuses what plotly does not know


def test_the_command_writes_a_study(cache, tmp_path, monkeypatch, capsys):
    command_fakes(monkeypatch, retrieval, cache, fake_spaces(cache))
    out = tmp_path / "retrieval.json"
    argv = ["--out", str(out), "--count", str(N), "--device", "cpu", "--seed", "3"]
    study_command(retrieval.RetrievalOptions, retrieval.study, argv)
    study = json.loads(out.read_text())
    assert study["seed"] == study["config"]["seed"] == 3
    assert study["finding"] in capsys.readouterr().out
    first = study["results"]["image to shape"]["rendering"]["full gallery"]["R@1"]
    assert first == {"mean": 1, "low": 1, "high": 1}
    assert "meshes" not in study["results"]
    with pytest.raises(SystemExit) as stopped:
        study_command(
            retrieval.RetrievalOptions, retrieval.study, [*argv, "--meshes", str(tmp_path / "no")]
        )
    assert stopped.value.code == 2
    assert "does not exist" in capsys.readouterr().err

    def five_meshes(root, seed, device):
        assert (root, seed) == (tmp_path, 3)
        items = [Item(str(i), CATEGORIES[i], cache.grids[i]) for i in range(5)]
        return mesh_pictures.Meshes(items, cache.cutouts[:5, :3], skipped=0)

    monkeypatch.setattr(retrieval, "draw_meshes", five_meshes)
    study_command(retrieval.RetrievalOptions, retrieval.study, [*argv, "--meshes", str(tmp_path)])
    study = json.loads(out.read_text())
    assert "among 5 real meshes CISP finds the shape first for 100 %" in study["finding"]
    assert study["results"]["meshes"]["image to shape"]["batches of 64"] is None


@pytest.fixture
def meshes(tmp_path):
    trimesh = pytest.importorskip("trimesh")
    for name, mesh in {
        "cabinet/box.obj": trimesh.creation.box((1, 2, 0.5)),
        "table/disc.ply": trimesh.creation.cylinder(1, 0.2),
    }.items():
        path = tmp_path / "meshes" / name
        path.parent.mkdir(parents=True)
        mesh.export(path)
    (tmp_path / "meshes" / "table" / "broken.obj").write_text("nothing")
    return tmp_path / "meshes"


def embeds_of(spaces, cutouts):
    return {name: retrieval.embed_views(space, cutouts, range(3)) for name, space in spaces.items()}


def test_meshes_are_drawn_repainted_and_searched(meshes, results, monkeypatch):
    monkeypatch.setattr(workers, "default_workers", lambda: 1)  # starting more takes longer
    drawn = mesh_pictures.draw_meshes(meshes, 0, torch.device("cpu"))
    assert [item.category for item in drawn.items] == ["cabinet", "table"]
    assert drawn.skipped == 1
    size = mesh_pictures.IMAGE_SIZE
    assert drawn.cutouts.shape == (2, 3, size, size, 4)
    alpha = drawn.cutouts[..., 3]
    assert 0.05 < (alpha > 127).mean() < 0.95
    assert (alpha[:, 0] != alpha[:, 1]).any((1, 2)).all()
    assert (alpha[:, 1] == alpha[:, 2]).all()  # the same view,
    assert (drawn.cutouts[:, 1] != drawn.cutouts[:, 2]).any((1, 2, 3)).all()  # repainted
    assert (mesh_pictures.mesh_views(drawn.items[0], meshes, 1) != drawn.cutouts[0]).any()

    monkeypatch.setattr(retrieval, "draw_meshes", lambda *_: drawn)

    class Silhouette:
        name, image_size = "silhouette", size

        def encode_image(self, pixels):
            covered = (pixels - pixels[:, :, :1, :1]).abs().sum(1) > 0.02
            return torch.nn.functional.normalize(covered.flatten(1).float(), dim=1)

        def encode_shape(self, voxels):
            return torch.nn.functional.normalize(torch.ones(len(voxels), size**2), dim=1)

    class Colour(Silhouette):
        def encode_image(self, pixels):
            return torch.nn.functional.normalize(pixels.mean((2, 3)) + 0.1, dim=1)

    spaces = {"clip": Colour(), "cisp": Silhouette()}
    found = retrieval.on_meshes(meshes, spaces, 0, torch.device("cpu"))
    assert (found["meshes"], found["skipped"]) == (2, 1)
    assert found["image to shape"]["full gallery"]["R@1"].mean == 0  # all shapes alike: ties
    other, repainted = (found["image to image"][pair] for pair in retrieval.MESH_PAIRS)
    assert other["cisp"] == repainted["cisp"]  # which looks at silhouettes alone
    assert (
        other["clip"]
        == retrieval.both(
            {n: (e[:, 0], e[:, 1]) for n, e in embeds_of(spaces, drawn.cutouts).items()},
            [item.category for item in drawn.items],
        )["clip"]
    )
    assert other["clip"]["full gallery"]["R@5"].mean == 1  # of two
    report = {**results, "meshes": found}
    assert "among 2 real meshes CISP finds the shape first for 0 %" in retrieval.finding_of(report)
    labels = retrieval.figure_of(report)["layout"]["xaxis"]["categoryarray"]
    assert "rendering to repainted rendering, real meshes, R@1" in labels
