"""Named materials. Names are words that captions use; colours are linear RGB in [0, 1]."""

from __future__ import annotations

import numpy as np

from training.shapes.shape import Material

COLORS = {
    "red": (0.72, 0.10, 0.09),
    "dark red": (0.40, 0.05, 0.08),
    "orange": (0.85, 0.40, 0.08),
    "yellow": (0.88, 0.74, 0.16),
    "green": (0.16, 0.46, 0.18),
    "dark green": (0.07, 0.24, 0.14),
    "turquoise": (0.15, 0.58, 0.58),
    "light blue": (0.45, 0.66, 0.86),
    "blue": (0.12, 0.25, 0.66),
    "navy": (0.06, 0.09, 0.28),
    "purple": (0.36, 0.14, 0.48),
    "pink": (0.86, 0.50, 0.60),
    "brown": (0.36, 0.21, 0.11),
    "beige": (0.78, 0.69, 0.54),
    "white": (0.90, 0.90, 0.88),
    "grey": (0.50, 0.50, 0.50),
    "silver": (0.70, 0.71, 0.73),
    "black": (0.06, 0.06, 0.07),
}
WOODS = {
    "oak": (0.62, 0.44, 0.24),
    "pine": (0.80, 0.63, 0.40),
    "walnut": (0.33, 0.20, 0.12),
    "cherry": (0.50, 0.24, 0.13),
    "dark wood": (0.20, 0.11, 0.07),
}

GLASS = Material("glass", (0.10, 0.13, 0.16), 0.9)
RUBBER = Material("rubber", (0.05, 0.05, 0.05), 0.1)
CHROME = Material("chrome", (0.72, 0.73, 0.75), 0.9)


def _jittered(rng: np.random.Generator, color) -> tuple[float, float, float]:
    return tuple(np.clip(np.asarray(color) * rng.uniform(0.8, 1.2, 3), 0.02, 0.97))


def paint(rng: np.random.Generator, gloss: float = 0.4) -> Material:
    """A plain colour with a little variation."""
    name = rng.choice(list(COLORS))
    return Material(str(name), _jittered(rng, COLORS[name]), gloss * rng.uniform(0.5, 1.5))


def wood(rng: np.random.Generator) -> Material:
    """A wood with grain."""
    name = rng.choice(list(WOODS))
    return Material(str(name), _jittered(rng, WOODS[name]), rng.uniform(0.05, 0.5), "wood")


def metal(rng: np.random.Generator) -> Material:
    """A bare or painted metal."""
    name = rng.choice(["silver", "grey", "black", "white"])
    return Material(f"{name} metal", _jittered(rng, COLORS[name]), rng.uniform(0.5, 0.95))


def fabric(rng: np.random.Generator) -> Material:
    """A dyed cloth or leather."""
    name = rng.choice(list(COLORS))
    cloth, gloss, texture = [("fabric", 0.05, "weave"), ("leather", 0.5, "plain")][rng.integers(2)]
    return Material(f"{name} {cloth}", _jittered(rng, COLORS[name]), gloss, texture)


def any_solid(rng: np.random.Generator) -> Material:
    """Wood, metal, or a plain colour, as furniture is made of."""
    return [wood, wood, metal, paint][rng.integers(4)](rng)
