from __future__ import annotations

import numpy as np
import pytest
import torch

from cisp.checkpoints import save_tower
from training.measure.classifier import (
    ClassifierConfig,
    VoxelClassifier,
    _neighbour,
    augment,
    fit,
    load_classifier,
)


def solids(count: int, seed: int) -> tuple[np.ndarray, list[str]]:
    """Poles along y, plates in xz and balls, of random place and size, in 16^3 grids."""
    rng = np.random.default_rng(seed)
    x, y, z = np.indices((16, 16, 16)) - 7.5
    grids, names = [], []
    for index in range(count):
        px, py, pz = rng.uniform(-2, 2, 3)
        size = rng.uniform(1.2, 2.5)
        name = ("pole", "plate", "ball")[index % 3]
        grids.append(
            {
                "pole": (x - px) ** 2 + (z - pz) ** 2 < size**2,
                "plate": abs(y - py) < size / 1.5,
                "ball": (x - px) ** 2 + (y - py) ** 2 + (z - pz) ** 2 < (2 * size) ** 2,
            }[name]
        )
        names.append(name)
    return np.stack(grids), names


@pytest.fixture(scope="module")
def trained() -> VoxelClassifier:
    return fit(*solids(150, seed=0), num_steps=60, batch=24)


def test_it_tells_simple_solids_apart(trained):
    grids, names = solids(60, seed=1)
    assert np.mean([a == b for a, b in zip(trained.predict(grids), names, strict=True)]) > 0.95
    noisy = grids ^ (np.random.default_rng(0).random(grids.shape) < 0.01)
    assert np.mean([a == b for a, b in zip(trained.predict(noisy), names, strict=True)]) > 0.9
    np.testing.assert_allclose(trained.probabilities(grids).sum(1), 1, atol=1e-5)


def test_values_and_occupancy_are_the_same(trained):
    grids, _ = solids(6, seed=2)
    values = np.where(grids, 0.25, -1.0).astype(np.float16)
    assert np.array_equal(trained.probabilities(grids), trained.probabilities(values))


def test_save_and_load(trained, tmp_path):
    save_tower(trained, tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"config.json", "model.safetensors"}
    loaded = load_classifier(tmp_path)
    grids, _ = solids(9, seed=3)
    assert loaded.categories == trained.categories
    assert np.array_equal(loaded.probabilities(grids), trained.probabilities(grids))
    with pytest.raises(ValueError, match="no voxel classifier"):
        load_classifier(tmp_path / "none")


def test_training_is_repeatable_and_leaves_the_global_generator_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    grids, names = solids(12, seed=0)
    a, b = (fit(grids, names, num_steps=3, batch=6) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(a.head.weight, b.head.weight)


def test_every_parameter_gets_a_gradient():
    model = VoxelClassifier(ClassifierConfig(["a", "b"]))
    model(torch.rand(4, 1, 32, 32, 32) < 0.5).square().sum().backward()
    assert all(torch.isfinite(p.grad).all() and p.grad.any() for p in model.parameters())


def test_augmentation_keeps_zeros_and_ones_and_most_of_the_shape():
    grids = torch.from_numpy(solids(30, seed=4)[0])[:, None]
    changed = augment(grids, torch.Generator().manual_seed(0))
    assert changed.dtype == torch.bool
    assert changed.shape == grids.shape
    share = changed.sum((1, 2, 3, 4)) / grids.sum((1, 2, 3, 4))
    assert share.min() > 0.3
    assert not torch.equal(changed, grids)


def test_bad_input():
    grids, _ = solids(4, seed=0)
    with pytest.raises(ValueError, match="two or more"):
        fit(grids, ["a"] * 4)
    with pytest.raises(ValueError, match="for each grid"):
        fit(grids, ["a", "b"])


def test_neighbours_do_not_wrap_around():
    line = torch.tensor([True, False, True]).view(1, 1, 3, 1, 1)
    assert _neighbour(line, 2, 1).flatten().tolist() == [False, True, False]
    assert _neighbour(line, 2, -1).flatten().tolist() == [False, True, False]
    assert _neighbour(~line, 2, 1).flatten().tolist() == [True, False, False]
