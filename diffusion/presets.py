"""Named qualities of sampling."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SamplingPreset:
    """How a shape is sampled.

    Attributes:
        name: as the page shows it.
        sampler: a key of `diffusion.samplers.SAMPLERS`.
        num_steps: of the sampler.
        guidance_scale: 1 is off.
        start: share of the timesteps that a model with a guess walks, see `diffusion.generate`.
    """

    name: str
    sampler: str
    num_steps: int
    guidance_scale: float
    start: float = 1.0


PREVIEW = SamplingPreset("preview", "ddim", 2, 2.0)
STANDARD = SamplingPreset("standard", "ddim", 4, 2.0)
FULL = SamplingPreset("full", "ddim", 50, 2.0)
PRESETS = {preset.name: preset for preset in (PREVIEW, STANDARD, FULL)}
