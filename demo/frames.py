"""What the service hands to the page: numpy and plain data, never a tensor.

A frame holds one boolean grid a column in the project's frame: grid[x, y, z], +y up, front
towards +x. In the browser and on disk a grid travels as bits (see `pack`), 4 KB at 32^3.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Settings:
    """How to sample, the same for every column; equal settings give equal shapes.

    Args:
        seed: picks the starting noise, 0 or more.
        sampler: a name from `diffusion.samplers.SAMPLERS`.
        num_steps: denoising steps, 1 or more.
        guidance_scale: strength of classifier-free guidance, 1 = off.
    """

    seed: int
    sampler: str
    num_steps: int
    guidance_scale: float


@dataclass(frozen=True)
class Frame:
    """The state of every column after one denoising step.

    Args:
        step: 0 is the shared starting noise (its strongest cells), `num_steps` the result.
        occupancy: column name -> bool (R, R, R).
        seconds: since the comparison started.
        cutout: uint8 (S, S, 3), exactly what the image towers were given.
        grids: column name -> float32 (R, R, R) in [-1, 1]; in the last frame alone.
        iou_between: IoU of the two columns; None unless there are exactly two.
        iou_to_truth: column name -> IoU to the true shape; empty where none is known.
    """

    settings: Settings
    step: int
    occupancy: dict[str, np.ndarray]
    seconds: float
    cutout: np.ndarray
    grids: dict[str, np.ndarray] | None = None
    iou_between: float | None = None
    iou_to_truth: dict[str, float] | None = None

    @property
    def is_last(self) -> bool:
        """Whether this is the finished result."""
        return self.grids is not None


def pack(occupancy: np.ndarray) -> str:
    """Turn a boolean grid into base64 bits, x slowest and z fastest, highest bit first."""
    return base64.b64encode(np.packbits(occupancy.astype(bool))).decode("ascii")


def unpack(bits: str, resolution: int) -> np.ndarray:
    """Undo `pack`: a bool (R, R, R) grid."""
    flat = np.unpackbits(np.frombuffer(base64.b64decode(bits), np.uint8), count=resolution**3)
    return flat.astype(bool).reshape(resolution, resolution, resolution)


def iou(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boolean grids; two empty grids agree, so they score 1."""
    union = np.logical_or(a, b).sum()
    return float(np.logical_and(a, b).sum() / union) if union else 1.0
