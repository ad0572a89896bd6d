"""Every path runs on the simulated device, and gives what it gives on the CPU.

The simulated device computes on the CPU, so in single precision "the same" is to the last bit.
"""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch
from PIL import Image

from diffusion.grids.from_mesh import distance_values
from diffusion.samplers import SAMPLERS
from tests.cuda import runs
from tests.training.micro import MICRO, all_weights, assert_same
from training.costs.simulated import simulated
from training.data.procedural import shape_of
from training.evaluate import EvaluateOptions
from training.evaluate import main as evaluate
from training.measure.classifier import fit
from training.rendering.camera import framed
from training.rendering.lighting import Lighting
from training.rendering.renderer import Scene, render
from training.shapes.materials import Material

CUDA = "cuda"


@pytest.fixture(autouse=True)
def one_layout(monkeypatch):
    """Sums are in the CPU's order on both sides."""
    for module in ("diffusion.model", "training.train_diffusion"):
        monkeypatch.setattr(f"{module}.fast_layout", lambda network: network)


@pytest.fixture
def single(monkeypatch):
    """Both loops in single precision on any device."""

    def plain(preset):
        if getattr(preset, "guess", None) is not None:
            preset = dataclasses.replace(preset, guess=plain(preset.guess))
        exact = dataclasses.replace(preset.optimisation, precision="float32")
        return dataclasses.replace(preset, optimisation=exact)

    parts = {"embedding": plain(MICRO.embedding), "diffusion": plain(MICRO.diffusion)}
    monkeypatch.setattr(runs, "MICRO", dataclasses.replace(MICRO, **parts))


@pytest.mark.parametrize("loop", [runs.embedding, runs.diffusion], ids=lambda loop: loop.__name__)
def test_training_gives_the_weights_of_the_cpu(loop, cache, trained, tmp_path, single):
    """Interrupted and resumed, as well."""
    with simulated():
        loop(cache, tmp_path / "whole", CUDA)
        loop(cache, tmp_path / "parts", CUDA, stop_after=1)
        loop(cache, tmp_path / "parts", CUDA, resume=True)
    expected = all_weights(trained / "weights")
    made = all_weights(tmp_path / "whole" / "weights")
    assert_same(made, all_weights(tmp_path / "parts" / "weights"))
    assert_same(made, {key: expected[key] for key in made})


@pytest.mark.parametrize("loop", [runs.embedding, runs.diffusion], ids=lambda loop: loop.__name__)
def test_training_in_half_precision_runs_and_resumes(loop, cache, tmp_path):
    with simulated():
        loop(cache, tmp_path, CUDA, stop_after=1)
        loop(cache, tmp_path, CUDA, resume=True)
    made = all_weights(tmp_path / "weights")
    assert made
    assert all(tensor.isfinite().all() for tensor in made.values())


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_sampling_gives_the_shapes_of_the_cpu(sampler, trained, monkeypatch):
    monkeypatch.setattr("diffusion.generate.BATCH_SIZE_ELSEWHERE", 2)  # as on the CPU
    plain = runs.sampling(trained / "weights", "cpu", sampler)
    with simulated() as device:
        made = runs.sampling(trained / "weights", CUDA, sampler)
    assert np.array_equal(made, plain)
    waits = [place for kind, place in device.places if kind == "wait"]
    sampled = [place for place in waits if place.startswith("diffusion/") and "model" not in place]
    assert len(sampled) == 1  # to see that the embeddings are unit vectors
    assert sampled[0].startswith("diffusion/generate.py")


def test_encoding_gives_the_embeddings_of_the_cpu(trained, cache):
    plain = runs.encoding(trained / "weights", cache, "cpu")
    with simulated():
        made = runs.encoding(trained / "weights", cache, CUDA)
    for ours, theirs in zip(made, plain, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)  # batches of other sizes


def test_drawing_gives_the_pictures_of_the_cpu(monkeypatch):
    monkeypatch.setattr("training.data.procedural.PICTURE", 32)
    plain = runs.drawing("cpu")
    shape_of.cache_clear()  # what another simulated device drew may be cached
    with simulated():
        made = runs.drawing(CUDA)
    shape_of.cache_clear()
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(made, plain, strict=True))


def test_rendering_a_grid_gives_the_picture_of_the_cpu(cache):
    """Of a mesh's or model's grid, as the gallery and the commands draw it."""

    def rendered(device: str) -> torch.Tensor:
        padded = np.pad(np.array(cache.grids[0]) > 0, 1)  # a surface needs an outside
        values = torch.from_numpy(distance_values(padded)).to(device)
        scene = Scene.of_grid(values, Material("plain", (0.8, 0.3, 0.2)))
        corners = np.stack(np.meshgrid(*[[-0.45, 0.45]] * 3), -1).reshape(-1, 3)
        view = [framed(30, 25, 2.2, corners, margin=0.0)], [Lighting((0.27, 0.89, 0.36))]
        return render(scene, *view, 32).rgba.cpu()

    plain = rendered("cpu")
    assert plain[..., 3].max() > 0.9
    with simulated():
        assert torch.equal(rendered(CUDA), plain)


def test_evaluation_gives_the_numbers_of_the_cpu(trained, cache, tmp_path, monkeypatch):
    monkeypatch.setattr("diffusion.generate.BATCH_SIZE_ELSEWHERE", 2)
    monkeypatch.setattr("cisp.encoding.BATCH_SIZE_ELSEWHERE", 1)

    def results(device: str) -> dict:
        """The scores, but for how long they took."""
        out, data = tmp_path / f"{device}.json", f"cache:{cache.folder}"
        less = {"samples": 1, "count": 3, "set_count": 0, "pairs": 2, "surface_samples": 0}
        where = {"weights": trained / "weights", "device": device, "workers": 1}
        evaluate(EvaluateOptions(data, out, gallery=data, gallery_count=5, **less, **where))
        methods = json.loads(out.read_text())["methods"]
        for told in methods.values():
            told.pop("seconds_per_shape", None)
        return methods

    plain = results("cpu")
    assert {"clip", "cisp", "guess of clip"} <= plain.keys()
    with simulated():
        assert results(CUDA) == plain


def test_the_classifier_learns_what_it_learns_on_the_cpu(cache):
    def named(device: str) -> list[str]:
        torch.manual_seed(0)
        kinds = ["chair", "table"] * 10
        model = fit(cache.grids, kinds, num_steps=3, seed=0, device=torch.device(device))
        return model.predict(np.array(cache.grids))

    plain = named("cpu")
    with simulated():
        assert named(CUDA) == plain


def test_the_service_shows_the_shapes_of_the_cpu(trained, cache, monkeypatch):
    """From a picture to the frames of the page."""
    from demo.service.comparison import READERS, ComparisonService
    from demo.service.frames import Settings

    monkeypatch.setattr("diffusion.generate.BATCH_SIZE_ELSEWHERE", 2)
    monkeypatch.setattr("cisp.encoding.BATCH_SIZE_ELSEWHERE", 1)
    monkeypatch.setattr(type(READERS), "warm", lambda self: None)
    monkeypatch.setattr("cisp.saliency.load_saliency", lambda: None)
    picture = Image.fromarray(np.array(cache.cutouts[0, 0]), "RGBA")

    def frames(device: str) -> list:
        service = ComparisonService(trained / "weights", device)
        service.load()  # in this thread: the simulated device is of one
        assert service.status.state == "ready", service.status
        return list(service.compare(picture, Settings(3, "ddim", 2, 2.0), num_samples=3))

    plain = frames("cpu")
    with simulated():
        made = frames(CUDA)
    assert len(made) == len(plain) >= 3
    for ours, theirs in zip(made, plain, strict=True):
        for name, grid in theirs.occupancy.items():
            assert np.array_equal(ours.occupancy[name], grid)
    assert plain[-1].samples["cisp"].shape[0] == 3


def test_the_page_makes_the_shapes_of_the_cpu(trained, cache, monkeypatch):
    """The columns of the page: what they preprocess, embed and sample."""
    from demo.service.columns import (
        embed_pixels,
        embed_shape,
        embed_text,
        grow,
        load_columns,
        preprocess,
    )
    from demo.service.frames import Settings

    monkeypatch.setattr("diffusion.generate.BATCH_SIZE_ELSEWHERE", 2)
    monkeypatch.setattr("cisp.encoding.BATCH_SIZE_ELSEWHERE", 1)
    picture = Image.fromarray(np.array(cache.cutouts[0, 0]), "RGBA")

    def shapes(device: str):
        columns = load_columns(trained / "weights", torch.device(device), ["clip", "cisp"])
        embeds = embed_pixels(columns, preprocess(columns, picture))
        others = [*embed_text(columns, "a chair").values()]
        others += embed_shape(columns, np.array(cache.grids[0], np.float32)).values()
        grown = {name: embed[None] for name, embed in embeds.items()}
        *_, last = grow(columns, grown, [3], Settings(3, "ddim", 2, 2.0))
        return [*embeds.values(), *others, *last.values()]

    plain = shapes("cpu")
    with simulated():
        made = shapes(CUDA)
    assert len(made) == 6
    for ours, theirs in zip(made, plain, strict=True):
        assert np.array_equal(ours, theirs)
