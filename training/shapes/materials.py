"""Named materials. Names are words that captions use; colours are linear RGB in [0, 1]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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
    "bamboo": (0.76, 0.62, 0.33),
}
METALS = {"silver", "grey", "black", "white"}
BARE_METALS = {
    "steel": (0.55, 0.56, 0.58),
    "chrome": (0.72, 0.73, 0.75),
    "brass": (0.72, 0.55, 0.22),
    "copper": (0.66, 0.36, 0.22),
    "aluminium": (0.78, 0.79, 0.80),
}
CLOTHS = {"fabric": (0.05, "weave"), "leather": (0.5, "plain"), "velvet": (0.15, "plain")}
STONES = {
    "marble": (0.86, 0.85, 0.83),
    "granite": (0.36, 0.35, 0.36),
    "concrete": (0.56, 0.55, 0.53),
}


@dataclass(frozen=True)
class Material:
    """How a part looks: RGB in [0, 1], gloss in [0, 1], a texture's name."""

    name: str
    color: tuple[float, float, float]
    gloss: float = 0.2
    texture: str = "plain"  # one of `training.rendering.lighting.TEXTURES`


GLASS = Material("glass", (0.10, 0.13, 0.16), 0.9)
RUBBER = Material("rubber", (0.05, 0.05, 0.05), 0.1)
CHROME = Material("chrome", BARE_METALS["chrome"], 0.9)
SCREEN = Material("dark screen", (0.03, 0.035, 0.045), 0.85)


def material_names() -> list[str]:
    """Every name that a material can have."""
    names = [*COLORS, *WOODS, *BARE_METALS, *STONES, "glass", "rubber", "dark screen"]
    names += [f"{color} metal" for color in METALS]
    return names + [f"{color} {cloth}" for color in COLORS for cloth in (*CLOTHS, "plastic")]


def _jittered(rng: np.random.Generator, color) -> tuple[float, float, float]:
    return tuple(np.clip(np.asarray(color) * rng.uniform(0.8, 1.2, 3), 0.02, 0.97))


def _any(rng: np.random.Generator, names) -> str:
    return str(rng.choice(sorted(names)))


def paint(rng: np.random.Generator, gloss: float = 0.4) -> Material:
    """A plain colour with a little variation."""
    name = _any(rng, COLORS)
    return Material(name, _jittered(rng, COLORS[name]), gloss * rng.uniform(0.5, 1.5))


def wood(rng: np.random.Generator) -> Material:
    """A wood with grain."""
    name = _any(rng, WOODS)
    return Material(name, _jittered(rng, WOODS[name]), rng.uniform(0.05, 0.5), "wood")


def metal(rng: np.random.Generator) -> Material:
    """A bare or painted metal."""
    if rng.random() < 0.4:
        name = _any(rng, BARE_METALS)
        return Material(name, _jittered(rng, BARE_METALS[name]), rng.uniform(0.6, 0.95))
    name = _any(rng, METALS)
    return Material(f"{name} metal", _jittered(rng, COLORS[name]), rng.uniform(0.5, 0.95))


def plastic(rng: np.random.Generator) -> Material:
    """A coloured plastic."""
    name = _any(rng, COLORS)
    return Material(f"{name} plastic", _jittered(rng, COLORS[name]), rng.uniform(0.3, 0.7))


def casing(
    rng: np.random.Generator, names: Sequence[str], metals: float, coloured: float, dullest: float
) -> Material:
    """What devices are cased in: plastic of one of `names`, at times another material.

    Args:
        rng: of the choice.
        names: colours; one that stands there twice is twice as common.
        metals: share of metal ones.
        coloured: share of plastic of any colour.
        dullest: the least gloss of the others.
    """
    kind = rng.random()
    if kind < metals:
        return metal(rng)
    if kind < metals + coloured:
        return plastic(rng)
    name = str(rng.choice(names))
    return Material(f"{name} plastic", COLORS[name], rng.uniform(dullest, 0.8))


def fabric(rng: np.random.Generator) -> Material:
    """A dyed cloth, leather or velvet, sometimes striped or chequered."""
    color, cloth = _any(rng, COLORS), _any(rng, CLOTHS)
    gloss, texture = CLOTHS[cloth]
    if cloth == "fabric" and rng.random() < 0.3:
        texture = str(rng.choice(["stripes", "checks", "dots"]))
    return Material(f"{color} {cloth}", _jittered(rng, COLORS[color]), gloss, texture)


def stone(rng: np.random.Generator) -> Material:
    """Marble, granite or concrete."""
    name = _any(rng, STONES)
    texture = "veins" if name == "marble" else "speckle"
    return Material(name, _jittered(rng, STONES[name]), rng.uniform(0.1, 0.7), texture)


def any_solid(rng: np.random.Generator) -> Material:
    """Wood, metal, or a plain colour, as furniture is made of."""
    return [wood, wood, metal, paint][rng.integers(4)](rng)
