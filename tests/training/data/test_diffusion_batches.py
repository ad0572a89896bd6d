from __future__ import annotations

import pytest
import torch

from training.data.diffusion_batches import draw_timesteps


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
