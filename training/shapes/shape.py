"""What a family emits: parts with materials, ground-truth attributes and captions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from torch import Tensor

from training.shapes.distance import Program, cell_centers, refine
from training.shapes.solids import Solid

GRID = 32  # the resolution of model grids; also sets how much thin parts are fattened
TRUNCATION = 2.0  # grid values reach +-1 this many cells away from the surface


@dataclass(frozen=True)
class Material:
    """How a part looks: RGB in [0, 1], gloss in [0, 1], a texture's name and strength."""

    name: str
    color: tuple[float, float, float]
    gloss: float = 0.2
    texture: str = "plain"  # "plain", "wood", "weave", "speckle", "stripes"


@dataclass
class Part:
    """A named union of solids, minus the union of its carves, of one material."""

    name: str
    material: Material
    solids: list[Solid]
    carves: list[Solid] = field(default_factory=list)


@dataclass
class Shape:
    """One object: geometry, looks, and the truth about it.

    Attributes:
        category: for example "chair".
        subtype: what a person would call it, for example "armchair".
        parts: in no particular order.
        attributes: ground truth by name: counts, proportions, presence.
        captions: several sentences a person might write.
    """

    category: str
    subtype: str
    parts: list[Part]
    attributes: dict[str, float | int | bool]
    captions: list[str]

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Corners (3,), (3,) of the box around all solids (carves do not count)."""
        boxes = [solid.bounds() for part in self.parts for solid in part.solids]
        return np.min([low for low, _ in boxes], 0), np.max([high for _, high in boxes], 0)

    def normalised(self) -> Shape:
        """Centre the shape and scale its longest side to 1 - 1/GRID.

        The cells of a grid are counted as full up to half a cell beyond the surface (see
        `to_values`), so the longest axis then spans the whole grid, as in ShapeNetVox32.
        """
        low, high = self.bounds()
        center, scale = (low + high) / 2, (1 - 1 / GRID) / (high - low).max()
        parts = [
            replace(
                part,
                solids=[_scaled(s, center, scale) for s in part.solids],
                carves=[_scaled(s, center, scale) for s in part.carves],
            )
            for part in self.parts
        ]
        return replace(self, parts=parts)

    def volume(self, resolution: int = 64, device="cpu") -> tuple[Tensor, Tensor, Tensor]:
        """Evaluate the shape once for its model grid and for rendering.

        Returns:
            The grid (GRID, GRID, GRID) of values in [-1, 1]; signed distances (R, R, R), exact near
            the surface; and the nearest part (R, R, R). R = resolution, GRID times a power of two.
        """
        program = Program(self, device)
        distance, part = program(cell_centers(GRID // 2, device))
        shape = (GRID // 2,) * 3
        distance, part = refine(
            program, distance.view(shape), part.view(shape), (TRUNCATION + 1) / GRID
        )
        grid = to_values(distance)
        while distance.shape[0] < resolution:
            distance, part = refine(program, distance, part, 2.0 / distance.shape[0])
        return grid, distance, part


def to_values(distance: Tensor) -> Tensor:
    """Model values in [-1, 1], positive inside, of signed distances (R, R, R) in the unit cube.

    A cell counts as full when the surface comes within half a cell of its centre. That is what
    surface voxelisation does (as in ShapeNetVox32), and it keeps parts thinner than a cell.
    """
    cell = 1 / distance.shape[0]
    return ((0.5 * cell - distance) / (TRUNCATION * cell)).clamp(-1, 1)


def _scaled(solid: Solid, center: np.ndarray, scale: float) -> Solid:
    size = solid.size.copy()
    if solid.kind == "prism":
        size[[0, 3]] *= scale  # the two polygon scales are ratios
    elif solid.kind == "frustum":
        size[:3] *= scale  # so is the aspect
    else:
        size *= scale
    return replace(
        solid,
        center=(solid.center - center) * scale,
        size=size,
        shift=solid.shift * scale,
        polygon=solid.polygon * scale,
    )
