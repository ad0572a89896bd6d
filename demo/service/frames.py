"""What the service passes to the page: numpy and plain data, never a tensor.

A frame holds one boolean grid a column in the project's frame: grid[x, y, z], +y up, front
towards +x. In the browser and on disk a grid travels as bits (see `pack`), 4 KB at 32^3.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

import numpy as np

from diffusion.grids.frame import pack_bits, unpack_bits
from diffusion.presets import Sampling


@dataclass(frozen=True)
class Seed:
    """Picks the starting noise, 0 or more."""

    seed: int


@dataclass(frozen=True)
class Settings(Sampling, Seed):
    """How to sample, the same for every column; equal settings give equal shapes.

    Its fields are those of its bases from last to first: the seed comes first, in files too.
    """


@dataclass(frozen=True)
class Guide:
    """The condition of every column: what it makes a shape of.

    Args:
        embeds: column name -> (D,) float32, a unit vector. A column without an embedding (CISP has
            none for a caption) is absent, and makes nothing.
        pixels: uint8 (S, V S, 3), exactly what the image towers were given: V views side by side;
            None without a picture.
    """

    embeds: dict[str, np.ndarray]
    pixels: np.ndarray | None = None


@dataclass(frozen=True)
class Frame:
    """The state of every column: after a denoising step of the first sample, or after a sample.

    Args:
        step: 0 is the shared starting noise (its strongest cells), `num_steps` the result.
        occupancy: column name -> bool (R, R, R), of the first sample.
        seconds: since the comparison started.
        guide: the condition of the columns.
        samples: column name -> (N, R, R, R) float32 in [-1, 1], the N samples finished so far;
            sample i starts from the noise of `settings.seed + i`.
        is_last: whether all samples are there.
        iou_between: IoU of the two columns; None unless there are exactly two.
        iou_to_truth: column name -> IoU to the true shape; empty where none is known.
    """

    settings: Settings
    step: int
    occupancy: dict[str, np.ndarray]
    seconds: float
    guide: Guide
    samples: dict[str, np.ndarray] = field(default_factory=dict)
    is_last: bool = False
    iou_between: float | None = None
    iou_to_truth: dict[str, float] = field(default_factory=dict)


def pack(occupancy: np.ndarray) -> str:
    """Turn a boolean grid into base64, by `diffusion.grids.frame.pack_bits`."""
    return base64.b64encode(pack_bits(occupancy)).decode("ascii")


def unpack(bits: str, resolution: int) -> np.ndarray:
    """Undo `pack`: a bool (R, R, R) grid."""
    return unpack_bits(np.frombuffer(base64.b64decode(bits), np.uint8), resolution)
