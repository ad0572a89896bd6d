"""Callers pass unit vectors; the networks themselves scale the entries to unit variance."""

from __future__ import annotations

import torch

from diffusion.generate import generate
from diffusion.presets import PREVIEW
from tests.diffusion.fakes import COND_DIM, GUESS, small_model, unit


def test_every_layer_that_reads_an_embedding_gets_unit_variance():
    """Guided, so that half of the rows are the null embedding, which is as it was learned."""
    model, cond, seen = small_model(guess=GUESS), unit(2, COND_DIM), {}
    layers = {n: m for n, m in model.named_modules() if getattr(m, "in_features", 0) == COND_DIM}
    assert layers.keys() == {
        "unet.cond_to_time",
        "unet.cond_to_context",
        "unet.cond_to_map",
        "guess.read",
    }
    for name, layer in layers.items():
        layer.register_forward_pre_hook(lambda _, args, name=name: seen.update({name: args[0]}))
    next(generate(model, cond, [0, 1], PREVIEW))
    for name, read in seen.items():
        null = model.get_submodule(name.split(".")[0]).null_embedding
        torch.testing.assert_close(read[:2].square().mean(1), torch.ones(2))
        assert torch.equal(read[:2], cond * COND_DIM**0.5)
        assert torch.equal(read[2:], null.expand(2, -1))
    assert seen.keys() == layers.keys()
