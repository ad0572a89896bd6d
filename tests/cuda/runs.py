"""Every path that touches a device, at its smallest; a device's name is all they need."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from cisp.spaces import load_space
from diffusion.generate import generate
from diffusion.model import VoxelDiffusion
from diffusion.presets import Sampling
from tests.training.micro import MICRO, SPACES
from training.data.cache import DataCache
from training.data.embeddings import embed_captions, embed_shapes, embed_views
from training.data.inputs import encode_images
from training.data.procedural import draw_item
from training.loop.lockstep import Budget
from training.train_diffusion import train_models
from training.train_embedding import train_embeddings

STEPS = 4


def embedding(cache: DataCache, folder: Path, device: str, steps: int = STEPS, **how) -> None:
    budget, how = Budget(steps=steps), how | {"device": device}
    train_embeddings(["clip", "cisp"], MICRO.embedding, cache, budget, folder, **how)


def diffusion(cache: DataCache, folder: Path, device: str, steps: int = STEPS, **how) -> None:
    """Both parts, half of the steps each: the guess, then the refinement."""
    budget, how = Budget(steps=steps), how | {"device": device}
    train_models(SPACES, MICRO.diffusion, cache, budget, folder, **how)


def sampling(weights: Path, device: str, sampler: str) -> np.ndarray:
    """Guided, from the guess; (2, 1, 32, 32, 32)."""
    model = VoxelDiffusion.load(weights / "diffusion-cisp", device=device)
    cond = torch.eye(2, model.cond_dim).to(device)
    *_, last = generate(model, cond, [1, 2], Sampling(sampler, 2, 2.0, strength=0.5))
    return last.x_0.cpu().numpy()


def encoding(weights: Path, cache: DataCache, device: str) -> list[np.ndarray]:
    """Pictures by both ways, captions and shapes, in the spaces that know them."""
    clip, cisp = (load_space(name, weights, device) for name in ("clip", "cisp"))
    picture = Image.fromarray(np.array(cache.cutouts[0, 0]), "RGBA")
    found = encode_images([clip, cisp], [picture], device)
    return [
        *found.values(),
        embed_views(cisp, cache.cutouts[:2], (0, 1)),
        embed_shapes(cisp, cache.grids[:2]),
        *embed_captions(clip, cache.captions[:2]),
    ]


def drawing(device: str) -> list[np.ndarray]:
    """The grid of a shape, a rendering and a drawing of it."""
    drawn = draw_item("train", 3, ("r2n2", "drawing"), device=device)
    return [drawn.grid, drawn.pictures]
