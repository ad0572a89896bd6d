"""Studies that train: on a few shapes, with towers of a few parameters."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch
from PIL import Image

from cisp.image_tower import ImageTower, ImageTowerConfig
from cisp.shape_tower import ShapeCnnConfig
from cisp.text_tower import TextTowerConfig
from diffusion.model import VoxelDiffusion
from tests.training.options import options_of
from training import train_embedding
from training.data import embeddings
from training.data.procedural import build_cache
from training.loop.lockstep import Optimisation
from training.loop.presets import PRESETS, EmbeddingPreset, Preset
from training.loop.running import seeded
from training.studies import ablations, design, image_towers, scaling
from training.studies.runner import run_study
from training.studies.small import make_bench, small_run

IMAGE = ImageTowerConfig(
    "deit_tiny_patch16_224",
    image_size=32,
    embed_dim=16,
    model_kwargs={"depth": 1, "embed_dim": 24, "img_size": 32},
)
MICRO = EmbeddingPreset(
    image=IMAGE,
    shape=ShapeCnnConfig(width=8, embed_dim=16),
    text=TextTowerConfig(embed_dim=16, width=16, layers=1),
    batch_size=10,
    optimisation=Optimisation(1e-3),
    pretrained=True,
    probe=Optimisation(3e-3),
)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    build_cache(folder / "train", "train", 20, 32)
    build_cache(folder / "test", "test", 10, 32)
    return folder


@pytest.fixture
def micro(folder, monkeypatch):
    """The smallest preset, with random weights in the place of those of ImageNet."""
    state = seeded(ImageTower, 0, config=IMAGE).trunk.state_dict()
    monkeypatch.setattr(train_embedding, "initial_trunk", lambda name: state)
    monkeypatch.setattr(embeddings, "IMAGE_SIZE", 32)
    preset = dataclasses.replace(PRESETS["tiny"], embedding=MICRO)
    assert isinstance(preset, Preset)
    monkeypatch.setitem(PRESETS, "micro", preset)
    return folder


def small_options(study, micro, tmp_path, **more):
    """Options of a study of the few shapes of the fixture."""
    folders = {"out": tmp_path / "study.json", "cache": micro}
    counts = {"train_count": 20, "count": 10}
    return options_of(study)(**folders, **counts, preset="micro", device="cpu", **more)


def test_a_run_learns_what_it_is_shown(micro, tmp_path):
    """It finds its own training shapes, the better the longer it trained."""
    train = embeddings.procedural_cache(micro, "train", 20)
    bench = make_bench(train, train, tmp_path, MICRO, 0, CPU)
    assert np.load(bench.maps, mmap_mode="r").shape[:2] == train.cutouts.shape[:2]
    few = small_run(bench, ["cisp"], steps=1, device=CPU)["cisp"]
    many = small_run(bench, ["clip", "cisp"], steps=400, device=CPU)
    assert sorted(many) == ["cisp", "clip"]
    assert few.shape == (20,)
    assert few.min() >= 1
    assert few.mean() > 9  # of 20, by chance 10.5
    assert many["cisp"].mean() < 6.5


def test_a_run_of_few_shapes_sees_no_others(micro, tmp_path, monkeypatch):
    train = embeddings.procedural_cache(micro, "train", 20)
    bench = make_bench(train, train, tmp_path, MICRO, 0, CPU)
    seen = []
    original = train_embedding.DualEncoder.forward

    def recorded(self, batch):
        seen.append(batch.voxels)
        return original(self, batch)

    monkeypatch.setattr(train_embedding.DualEncoder, "forward", recorded)
    small_run(bench, ["cisp"], steps=4, batch_size=5, count=10, device=CPU)
    allowed = torch.from_numpy(np.array(train.grids[:10])).float()[:, None]
    for voxels in torch.cat(seen):
        assert (allowed == voxels).flatten(1).all(1).any()


def test_maps_are_those_of_the_same_trunk_shapes_and_seed_alone(micro, tmp_path):
    train = embeddings.procedural_cache(micro, "train", 20)
    first = make_bench(train, train, tmp_path, MICRO, 0, CPU).maps
    written = first.stat().st_mtime_ns
    assert make_bench(train, train, tmp_path, MICRO, 0, CPU).maps == first
    assert first.stat().st_mtime_ns == written
    assert make_bench(train, train, tmp_path, MICRO, 1, CPU).maps != first
    test = embeddings.procedural_cache(micro, "test", 10)
    assert make_bench(test, test, tmp_path, MICRO, 0, CPU).maps != first
    larger = dataclasses.replace(MICRO, image=dataclasses.replace(IMAGE, image_size=64))
    with pytest.raises(ValueError, match="64 pixels, the pictures here have 32"):
        make_bench(train, train, tmp_path, larger, 0, CPU)


def test_the_ablations_are_written(micro, tmp_path, capsys):
    options = small_options(ablations, micro, tmp_path, pairs=20, batches=(5, 10), dims=(8, 16))
    run_study(ablations.study, options)
    report = json.loads(options.out.read_text())
    results = report["results"]
    assert [(run["batch"], run["dim"], run["steps"]) for run in results["grid"]] == [
        (5, 8, 4),
        (5, 16, 4),
        (10, 8, 2),
        (10, 16, 2),
    ]
    assert set(results["towers"]) == {"CNN", "3D-DeiT"}
    assert report["finding"] in capsys.readouterr().out
    assert "R@10" in report["finding"]
    assert [trace["name"] for trace in report["figure"]["data"]] == [
        "8 dimensions",
        "16 dimensions",
    ]


def test_gains_are_between_the_ends_of_an_axis():
    ranks = {(5, 8): [1, 99], (5, 16): [1, 99], (10, 8): [1, 2], (10, 16): [3, 99]}
    runs = {key: {"rank": np.array(value)} for key, value in ranks.items()}
    assert ablations.gain(runs, 0, 0).mean == pytest.approx((1 + 0.5) / 2 - 0.5)
    assert ablations.gain(runs, 1, 0).mean == pytest.approx(0.5 - (0.5 + 1) / 2)


def test_the_scaling_is_written(micro, tmp_path):
    options = small_options(scaling, micro, tmp_path, shapes=(10, 20), steps=(1, 3))
    run_study(scaling.study, options)
    runs = json.loads(options.out.read_text())["results"]["runs"]
    assert [(run["shapes"], run["steps"]) for run in runs] == [(10, 3), (20, 1), (20, 3)]
    with pytest.raises(ValueError, match="--train-count must be at least 20"):
        run_study(scaling.study, dataclasses.replace(options, train_count=15))
    for shapes, why in (((20,), "two different"), ((1, 20), "at least 10")):
        with pytest.raises(ValueError, match=why):
            run_study(scaling.study, dataclasses.replace(options, shapes=shapes))


def test_image_towers_are_compared(micro, tmp_path, monkeypatch):
    monkeypatch.setattr(
        image_towers,
        "CANDIDATES",
        {image_towers.PRETRAINED: (IMAGE, True), "another, random": (IMAGE, False)},
    )
    state = ImageTower(IMAGE).trunk.state_dict()
    monkeypatch.setattr(image_towers, "initial_trunk", lambda name: state)
    test = embeddings.procedural_cache(micro, "test", 10)
    for row in range(3):
        path = tmp_path / "photos" / test.categories[row] / "0.png"
        path.parent.mkdir(parents=True)
        Image.fromarray(np.array(test.cutouts[row, 0]), "RGBA").save(path)
    options = small_options(
        image_towers, micro, tmp_path, images=(tmp_path / "photos",), minutes=0.01
    )
    run_study(image_towers.study, options)
    report = json.loads(options.out.read_text())
    shares = report["results"]["shares"]
    assert set(shares) == set(image_towers.CANDIDATES)
    for of_tower in shares.values():
        assert set(of_tower) == {"own shape, R@1", "own shape, R@10", "category of photos"}
        assert of_tower["own shape, R@10"]["mean"] == 1  # of ten shapes
    assert "against another, random" in report["finding"]
    with pytest.raises(ValueError, match="no folder"):
        run_study(image_towers.study, dataclasses.replace(options, images=(tmp_path / "none",)))
    monkeypatch.setattr(image_towers, "initial_trunk", lambda name: None)
    with pytest.raises(ValueError, match="cannot be had"):
        run_study(image_towers.study, options)


class MeanColor:
    """An embedder without weights."""

    dim, image_size = 3, 32

    def __init__(self, name, *_):
        self.name = name

    def encode_image(self, pixels):
        return torch.nn.functional.normalize(pixels.mean((2, 3)) + 1e-3, dim=1)


def test_designs_are_compared(micro, tmp_path, monkeypatch):
    monkeypatch.setattr(design, "load_space", MeanColor)
    changes = (design.PLAIN, design.REGRESSOR, "grids of -1 and +1")
    more = {"images": 4, "minutes": 0.01, "runs": tmp_path / "runs", "candidates": changes}
    options = small_options(design, micro, tmp_path, **more)
    run_study(design.study, options)
    report = json.loads(options.out.read_text())
    found = report["results"]
    assert tuple(found) == (design.AS_IT_IS, *changes)
    whole, without, regressor, signs = found.values()
    assert regressor["IoU, cisp"] == regressor["IoU, cisp, preview"]  # it has one quality only
    assert whole["IoU minus the bundled design's"] is None
    assert without["parameters"] < whole["parameters"] == signs["parameters"]
    for run in found.values():
        assert run["training steps"] > 0
        assert 0 <= run["IoU, clip"]["low"] <= run["IoU, clip"]["high"] <= 1
        assert run["IoU, cisp minus clip"]["mean"] == 0  # the two embed alike here
        assert run["seconds a shape, preview"] > 0
    assert "with no guess" in report["finding"]

    def again(*_, **__):
        raise AssertionError("It is trained already.")

    monkeypatch.setattr("training.loop.lockstep.Learner.step", again)
    run_study(design.study, options)
    unknown = dataclasses.replace(options, candidates=("none",))
    with pytest.raises(ValueError, match='no "none", only "as bundled", "no guess"'):
        run_study(design.study, unknown)


def test_a_candidate_changes_one_thing():
    preset = PRESETS["bundled"].diffusion
    assert design.changed(preset, {}) == preset
    for change in design.CANDIDATES.values():
        candidate = design.changed(preset, change)
        fields = [f.name for f in dataclasses.fields(preset)]
        moved = [f for f in fields if getattr(candidate, f) != getattr(preset, f)]
        assert len(moved) == (0 if {"signs", "regressor"} & change.keys() else len(change))
        VoxelDiffusion(  # can be built
            space="cisp",
            unet=candidate.unet,
            prediction=candidate.prediction,
            schedule=candidate.schedule,
        )


def test_signs_say_inside_or_outside(micro):
    cache = embeddings.procedural_cache(micro, "train", 20)
    signs = design.Signs(cache)
    assert len(signs) == 20
    assert set(np.unique(signs.grids)) == {-1, 1}
    assert np.array_equal(signs.grids > 0, np.asarray(cache.grids) > 0)
