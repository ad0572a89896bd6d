from __future__ import annotations

import numpy as np
import pytest
import torch

from training.data.diffusion_batches import (
    DiffusionBatches,
    EmbeddedShapes,
    GuessBatches,
    draw_timesteps,
    to_bytes,
)
from training.tools import distributed


@pytest.mark.parametrize(("share", "lowest"), [(0.0, 1.0), (0.7, 0.4), (1.0, 0.25)])
def test_timesteps_have_the_asked_distribution(share, lowest):
    """Against the closed form: a mixture of two uniform ones (20,000 draws: 1 point is 3 sigma)."""
    t = draw_timesteps(torch.Generator().manual_seed(0), 20_000, 1000, (share, lowest))
    assert t.dtype == torch.int64
    assert t.min() >= 0
    assert t.max() < 1000
    for below in (100, 250, 400, 700):
        expected = share * min(1.0, below / (1000 * lowest)) + (1 - share) * below / 1000
        assert (t < below).float().mean() == pytest.approx(expected, abs=0.011)


def test_bytes_keep_every_cell_full_or_empty():
    """Among all values that float16 has in [-1, 1]."""
    values = np.arange(2**16, dtype=np.uint16).view(np.float16)
    grids = values[np.abs(values) <= 1][:, None]
    codes = to_bytes(grids)
    assert codes.dtype == torch.int8
    assert np.array_equal(codes.numpy() > 0, grids > 0)
    error = np.abs(codes.numpy() / 127 - grids.astype(np.float64))
    assert error.max() <= 1 / 127
    assert error[np.abs(grids.astype(np.float64)) >= 1 / 254].max() <= 1 / 254 + 1e-9


@pytest.mark.parametrize("world", [2, 4, 8])
def test_a_batch_is_the_same_for_any_number_of_processes(world, monkeypatch):
    """Every process sees its part of what one process would see."""
    rng = np.random.default_rng(0)
    grids = rng.uniform(-1, 1, (12, 4, 4, 4))
    embeds = {"clip": rng.normal(size=(12, 3, 5)).astype(np.float32)}
    data = EmbeddedShapes(grids, embeds, seed=3, device=torch.device("cpu"), noise=0.2)
    batches = [GuessBatches(data, 16), DiffusionBatches(data, 16, 1000)]

    def tensors(batch):
        return [batch.cond["clip"], *(v for v in vars(batch).values() if torch.is_tensor(v))]

    whole = [tensors(of_step(5)) for of_step in batches]
    monkeypatch.setattr(distributed, "world_size", lambda: world)
    monkeypatch.setattr("training.data.diffusion_batches.world_size", lambda: world)
    parts = []
    for rank in range(world):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        parts.append([tensors(of_step(5)) for of_step in batches])
    for kind, expected in enumerate(whole):
        assert len(expected) == (3, 5)[kind]
        for field, value in enumerate(expected):
            dealt = torch.cat([part[kind][field] for part in parts])
            torch.testing.assert_close(dealt, value)


def test_what_is_drawn_for_a_step_comes_from_streams_of_its_own(monkeypatch):
    """Two uses of one stream would draw the same numbers: noise that tells how views are mixed."""
    streams = []

    def noted(seed, step, stream=0, **where):
        streams.append(stream)
        return distributed.step_generator(seed, step, stream, **where)

    monkeypatch.setattr("training.data.diffusion_batches.step_generator", noted)
    embeds = {"clip": np.eye(5, dtype=np.float32)[None].repeat(12, 0)}
    how = {"seed": 0, "device": torch.device("cpu"), "noise": 0.2, "mixed": 0.5}
    DiffusionBatches(EmbeddedShapes(np.zeros((12, 4, 4, 4)), embeds, **how), 8, 1000)(0)
    assert len(streams) == len(set(streams)) == 4
