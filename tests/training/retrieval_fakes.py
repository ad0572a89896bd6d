"""Spaces whose embeddings are known functions, and shapes that carry their own code.

Every shape has a code of 16 numbers in [-1, 1]: its grid, its pictures (grey levels of 4 x 4
pixels) and its captions all show it, more or less clearly.
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

SIDE = 4
SCALE = 8  # pixels of a picture's side for one number


def as_picture(code: np.ndarray) -> np.ndarray:
    """(S, S, 4) uint8, opaque."""
    grey = np.clip((code + 1) * 127.5, 0, 255).round().astype(np.uint8).reshape(SIDE, SIDE)
    grey = grey.repeat(SCALE, 0).repeat(SCALE, 1)
    return np.stack([grey, grey, grey, np.full_like(grey, 255)], -1)


def save_picture(path, code: np.ndarray) -> None:
    """A file large enough to be cut out as any other is, 32 pixels for one of the code."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(as_picture(code)[..., :3], "RGB")
    picture.resize((32 * SIDE,) * 2, Image.Resampling.NEAREST).save(path)


class FakeCache:
    """Like a `DataCache` of shapes with five pictures each.

    Args:
        codes: (N, 16).
        categories: N.
        noise: how far the pictures are from the code, one number a view.
    """

    def __init__(self, codes, categories, noise=(0.0,) * 5, seed=0):
        rng = np.random.default_rng(seed)
        self.codes, self.categories = codes, list(categories)
        self.ids = [f"{c}-{i}" for i, c in enumerate(self.categories)]
        self.subtypes = [f"sub-{c}" for c in self.categories]
        self.captions = [[f"{i} plain", f"{i} long"] for i in range(len(codes))]
        self.grids = np.full((len(codes), SIDE, SIDE, SIDE), -1, np.float16)
        self.grids[:, 0] = codes.reshape(-1, SIDE, SIDE)
        views = [codes + size * rng.uniform(-1, 1, codes.shape) for size in noise]
        self.cutouts = np.stack([[as_picture(c) for c in view] for view in views], 1)

    def __len__(self):
        return len(self.codes)


def unit(values):
    return torch.nn.functional.normalize(values.float(), dim=-1)


class FakeSpace:
    """Reads the first `seen` numbers of a picture's code; CISP those of grids, CLIP of captions."""

    def __init__(self, name, cache, seen=16):
        self.name, self.dim, self.image_size = name, 16, SCALE * SIDE
        self.cache, self.seen = cache, seen
        if name == "cisp":
            self.encode_shape = lambda voxels: unit(voxels[:, 0, 0].flatten(1))
        else:
            self.encode_text = self._encode_text
        self.asked = []  # captions, each time

    def encode_image(self, pixels):
        code = torch.nn.functional.adaptive_avg_pool2d(pixels[:, 0], SIDE).flatten(1)
        code[:, self.seen :] = 0
        return unit(code)

    def _encode_text(self, captions):
        self.asked += captions
        rows = [int(caption.split()[0]) for caption in captions]
        return unit(torch.from_numpy(self.cache.codes[rows]))


def fake_spaces(cache, clip_sees=16, cisp_sees=16):
    return {
        "clip": FakeSpace("clip", cache, clip_sees),
        "cisp": FakeSpace("cisp", cache, cisp_sees),
    }


def command_fakes(monkeypatch, module, cache, spaces):
    """Lets a study's command run on fakes."""
    monkeypatch.setattr(module, "load_spaces", lambda *_: spaces)
    monkeypatch.setattr(module, "procedural_cache", lambda *_: cache)
