"""How smooth a path is, and from which noise and embeddings it is made."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from cisp.interpolation import lerp
from diffusion.presets import Sampling
from training.measure import paths
from training.measure.paths import measure_paths, pairs_of, path_values, smoothness, walk

SAMPLING = Sampling("ddim", 1, 1.0)


def bars(*lengths: int) -> np.ndarray:
    grids = np.zeros((len(lengths), 10, 1, 1), bool)
    for grid, length in zip(grids, lengths, strict=True):
        grid[:length] = True
    return grids


def test_smoothness_of_known_paths():
    found = smoothness(bars(2, 4, 8))
    assert found["smoothness"] == 0.5
    assert found["largest_jump"] == 0.5
    assert found["detour"] == pytest.approx(0.5 + 0.5 - (1 - 2 / 8))
    there_and_back = smoothness(bars(2, 8, 2))
    assert there_and_back["detour"] == pytest.approx(1.5)
    assert smoothness(bars(5, 5, 5)) == {"smoothness": 1, "largest_jump": 0, "detour": 0}
    jump = smoothness(bars(1, 1, 10))
    assert jump["largest_jump"] == 0.9
    assert jump["smoothness"] == pytest.approx(0.55)
    assert jump["detour"] == pytest.approx(0)
    values = path_values([bars(2, 4, 8), bars(5, 5, 5)])
    assert values["smoothness"].tolist() == [0.5, 1]


def test_no_path_is_shorter_than_the_way_between_its_ends():
    rng = np.random.default_rng(0)
    for _ in range(50):
        assert smoothness(rng.random((4, 3, 3, 3)) < 0.5)["detour"] >= 0


def test_pairs_share_no_image_and_follow_the_seed():
    pairs = pairs_of(11, 100, seed=3)
    assert len(pairs) == 5
    assert len({image for pair in pairs for image in pair}) == 10
    assert pairs_of(11, 2, seed=3) == pairs[:2]
    assert pairs_of(11, 100, seed=4) != pairs
    assert pairs_of(1, 5, seed=0) == []


@pytest.fixture
def recorded(monkeypatch):
    """The arguments of every call of the sampler, which answers with bars as long as cos(angle)."""
    calls = []

    def sample_shapes(model, embeds, seeds, sampling):
        calls.append((model, embeds, list(seeds)))
        lengths = np.round(5 * np.arccos(embeds[:, 0].clip(-1, 1))).astype(int)
        return bars(*lengths) * 2.0 - 1

    monkeypatch.setattr(paths, "sample_shapes", sample_shapes)
    return calls


def test_a_walk_has_even_steps_on_the_arc_and_one_noise(recorded):
    ends = np.eye(3, dtype=np.float32)[:2]
    shapes = walk("model", ends, SAMPLING, 7)
    assert shapes.shape == (9, 10, 1, 1)
    model, path, seeds = recorded[0]
    assert (model, seeds) == ("model", [7] * 9)
    np.testing.assert_allclose(
        np.arctan2(path[:, 1], path[:, 0]), np.linspace(0, math.pi / 2, 9), atol=1e-6
    )
    assert np.array_equal(path[[0, -1]], ends)
    walk("model", ends, SAMPLING, 7, between=lerp, frames=3)
    np.testing.assert_allclose(recorded[1][1][1], [2**-0.5, 2**-0.5, 0], atol=1e-6)


def test_both_spaces_walk_between_the_same_images_from_the_same_noise(recorded):
    generator = torch.Generator().manual_seed(0)
    embeds = {
        name: torch.nn.functional.normalize(torch.randn(9, 4, generator=generator)).numpy()
        for name in ("clip", "cisp")
    }
    found = measure_paths({"clip": "a", "cisp": "b"}, embeds, SAMPLING, pairs=3, seed=5)
    assert (found["pairs"], found["frames"]) == (3, 9)
    clip, cisp = ([call for call in recorded if call[0] == model] for model in "ab")
    for (_, path, seeds), (_, other, again), pair in zip(
        clip, cisp, pairs_of(9, 3, 5), strict=True
    ):
        assert seeds == again
        assert np.array_equal(path[[0, -1]], embeds["clip"][list(pair)])
        assert np.array_equal(other[[0, -1]], embeds["cisp"][list(pair)])
    assert len({call[2][0] for call in clip}) == 3
    gap = found["differences"]["cisp minus clip"]["overall"]["smoothness"]
    means = [found["methods"][name]["overall"]["smoothness"]["mean"] for name in ("cisp", "clip")]
    assert gap["mean"] == pytest.approx(means[0] - means[1])
    assert measure_paths({"clip": "a"}, {"clip": embeds["clip"][:1]}, SAMPLING, 3, 0) is None
