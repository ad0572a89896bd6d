"""What has to hold on a real device, and is rehearsed on the simulated one.

A device's numbers are those of the CPU up to rounding. Promised to the last bit, on one device, are
samples: a row's in any batch, the page's and the command's.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from diffusion.generate import generate
from diffusion.model import VoxelDiffusion
from diffusion.presets import STANDARD
from tests.cuda import runs
from tests.training.micro import all_weights
from training.costs.simulated import simulated
from training.generate import GenerateOptions
from training.generate import main as generate_command

ABSENT = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
REAL = pytest.param("real", marks=[pytest.mark.cuda, ABSENT])


@pytest.fixture(params=["simulated", REAL])
def cuda(request):
    if request.param == "real":
        yield "cuda"
    else:
        with simulated():
            yield "cuda"


def model_of(trained, device: str) -> VoxelDiffusion:
    return VoxelDiffusion.load(trained / "weights" / "diffusion-cisp", device=device)


def test_a_gradient_is_that_of_the_cpu(cuda, trained):
    def gradients(device: str) -> list[torch.Tensor]:
        model, generator = model_of(trained, device).requires_grad_(True), torch.Generator()
        x_0, noise = torch.randn(2, 4, 1, 32, 32, 32, generator=generator.manual_seed(0)).to(device)
        cond = torch.eye(4, model.cond_dim).to(device)
        t = torch.tensor([0, 300, 600, 999]).to(device)
        drop = torch.tensor([False, True, False, False]).to(device)
        model.loss(x_0, cond, t, noise, drop, cross_entropy=0.2).backward()
        return [p.grad.cpu() for p in model.parameters() if p.grad is not None]

    expected, made = gradients("cpu"), gradients(cuda)
    assert len(made) == len(expected) > 10
    for ours, theirs in zip(made, expected, strict=True):
        difference = (ours - theirs).norm()
        assert difference <= 0.02 * theirs.norm() + 1e-6  # TF32 has ten bits


def test_a_row_is_the_same_in_any_batch(cuda, trained):
    model = model_of(trained, cuda)
    cond = torch.eye(5, model.cond_dim).to(cuda)
    *_, together = generate(model, cond, range(5), STANDARD)
    *_, alone = generate(model, cond[3:4], [3], STANDARD)
    assert torch.equal(together.x_0[3:4].cpu(), alone.x_0.cpu())


@pytest.mark.parametrize("loop", [runs.embedding, runs.diffusion], ids=lambda loop: loop.__name__)
def test_a_resumed_run_goes_on_as_it_would_have(cuda, loop, cache, tmp_path):
    loop(cache, tmp_path / "whole", cuda)
    loop(cache, tmp_path / "parts", cuda, stop_after=1)
    loop(cache, tmp_path / "parts", cuda, resume=True)
    whole, parts = (all_weights(tmp_path / name / "weights") for name in ("whole", "parts"))
    torch.testing.assert_close(parts, whole, rtol=0.02, atol=1e-3)  # sums in another order


def test_the_page_and_the_command_make_the_same_shapes(cuda, trained, cache, tmp_path):
    from demo.service.columns import embed_pixels, grow, load_columns, preprocess
    from demo.service.frames import Settings

    picture, weights, names = tmp_path / "a.png", trained / "weights", ["clip", "cisp"]
    Image.fromarray(np.array(cache.cutouts[0, 0]), "RGBA").save(picture)
    out = tmp_path / "out.npz"
    generate_command(
        GenerateOptions((picture,), out, weights=weights, samples=2, seed=3, device=cuda)
    )
    columns = load_columns(weights, torch.device(cuda), names)
    with Image.open(picture) as image:
        embeds = embed_pixels(columns, preprocess(columns, image.convert("RGBA")))
    settings = Settings(3, STANDARD.sampler, STANDARD.num_steps, STANDARD.guidance_scale)
    twice = {name: np.stack([embed] * 2) for name, embed in embeds.items()}
    *_, last = grow(columns, twice, [3, 4], settings)
    with np.load(out) as made:
        assert made["spaces"].tolist() == names
        for row, name in enumerate(names):
            assert np.array_equal(made["occupancy"][row, 0], last[name] > 0)
