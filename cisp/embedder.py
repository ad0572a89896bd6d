"""The seam between pictures and shapes: all that the diffusion model knows of an image."""

from __future__ import annotations

import math
from typing import Protocol

from PIL import Image
from torch import Tensor


class Embedder(Protocol):
    """An embedding space, seen from its image side.

    Attributes:
        name: "clip", "cisp" or "openclip:<model>/<tag or file>"; stored beside the weights of a
            diffusion model that was trained on this space, and checked when they are loaded.
        dim: D.
        image_size: S. Spaces of one size are given the very same pixels.
    """

    name: str
    dim: int
    image_size: int

    def preprocess(self, image: Image.Image) -> Tensor:
        """Turn a picture of `cisp.picture_files.load_image` into pixels (3, S, S) in [-1, 1].

        In every space this is `to_pixels(cutout(image, S))` of `cisp.images`.
        """
        ...

    def encode_image(self, pixels: Tensor) -> Tensor:
        """Embed pixels (B, 3, S, S) as unit vectors (B, D) float32."""
        ...


def as_condition(embeds: Tensor) -> Tensor:
    """Scale unit vectors (B, D) to length sqrt(D), so that their entries have unit variance."""
    return embeds * math.sqrt(embeds.shape[-1])
