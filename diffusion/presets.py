"""Settings of the sampler, and their named presets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sampling:
    """How shapes are sampled, apart from the seed.

    Attributes:
        sampler: a key of `diffusion.samplers.SAMPLERS`.
        num_steps: of the sampler, 1 or more.
        guidance_scale: strength of classifier-free guidance, 1 is off.
        strength: share of the timesteps, in (0, 1], that a model with a guess runs, starting at its
            guess plus noise; with 1, or without a guess, it starts at pure noise.
    """

    sampler: str
    num_steps: int
    guidance_scale: float
    strength: float = 1.0

    @classmethod
    def resolve(
        cls,
        preset: str,
        sampler: str | None = None,
        steps: int | None = None,
        guidance: float | None = None,
        strength: float | None = None,
    ) -> Sampling:
        """A preset by name, with the explicit arguments in place of its values.

        Raises:
            ValueError: for an unknown name, no step, a negative or infinite guidance, or a strength
                outside (0, 1].
        """
        from diffusion.samplers import SAMPLERS  # imports torch, which the page waits for

        if preset not in PRESETS:
            raise ValueError(f"Unknown preset '{preset}': choose from {', '.join(PRESETS)}.")
        chosen = PRESETS[preset]
        sampling = cls(
            chosen.sampler if sampler is None else sampler,
            chosen.num_steps if steps is None else steps,
            chosen.guidance_scale if guidance is None else guidance,
            chosen.strength if strength is None else strength,
        )
        if sampling.sampler not in SAMPLERS:
            raise ValueError(f"Unknown sampler '{sampler}': choose from {', '.join(SAMPLERS)}.")
        if sampling.num_steps < 1:
            raise ValueError(f"Sampling takes at least one step, not {steps}.")
        if not 0 <= sampling.guidance_scale < float("inf"):
            raise ValueError(f"The guidance scale must be finite and not negative, not {guidance}.")
        if not 0 < sampling.strength <= 1:
            raise ValueError(f"The strength must lie above 0 and at most at 1, not {strength}.")
        return sampling

    @property
    def name(self) -> str | None:
        """The name of the preset with these values; None if there is none."""
        fields = vars(self).items()  # a subclass has more than a preset
        return next((name for name, one in PRESETS.items() if vars(one).items() <= fields), None)


PREVIEW = Sampling("ddim", 2, 2.0)
STANDARD = Sampling("ddim", 4, 2.0)
FULL = Sampling("ddim", 50, 2.0)
PRESETS = {"preview": PREVIEW, "standard": STANDARD, "full": FULL}
