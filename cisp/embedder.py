"""The interface of embedders: all that a diffusion model knows of an image."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

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

    def encode_image(self, pixels: Tensor) -> Tensor:
        """Embed pixels (B, 3, S, S) in [-1, 1] as unit vectors (B, D) float32.

        They are those of `cisp.images.cutouts`, in every space.
        """
        ...


@runtime_checkable
class EncodesText(Protocol):
    """An embedding space that also knows captions."""

    def encode_text(self, captions: list[str]) -> Tensor:
        """Embed captions as unit vectors (B, D) float32."""
        ...


@runtime_checkable
class EncodesShapes(Protocol):
    """An embedding space that also knows shapes."""

    def encode_shape(self, voxels: Tensor) -> Tensor:
        """Embed grids (B, 1, R, R, R) in [-1, 1] as unit vectors (B, D) float32."""
        ...
