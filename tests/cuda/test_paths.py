"""Every path runs on the simulated device, and gives what it gives on the CPU.

The simulated device computes on the CPU, so in single precision "the same" is to the last bit.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from PIL import Image

from diffusion.samplers import SAMPLERS
from tests.cuda import runs
from tests.cuda.simulated import simulated
from tests.training.micro import MICRO, all_weights, assert_same
from training.data.procedural import shape_of

CUDA = "cuda"


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
    assert device.counts["wait"] == 1  # to see that the embeddings are unit vectors


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
