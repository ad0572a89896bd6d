"""What a family emits: parts with materials, ground-truth attributes and captions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.grids.frame import TRUNCATION
from training.shapes.distance import Program, cell_centers, refine
from training.shapes.operators import moved, scaled
from training.shapes.part import Part
from training.shapes.solids import Solid

GRID = 32  # the resolution of model grids; also sets how much thin parts are fattened


@dataclass
class Shape:
    """One object: geometry, looks, and the truth about it.

    Attributes:
        category: for example "chair".
        subtype: what a person would call it, for example "armchair".
        parts: the most visible one first.
        attributes: ground truth by name: counts, proportions, presence.
        captions: several sentences a person might write; `make_shape` adds them.
    """

    category: str
    subtype: str
    parts: list[Part]
    attributes: dict[str, float | int | bool]
    captions: list[str] = field(default_factory=list)

    @property
    def materials(self) -> dict[str, str]:
        """Part name to the name of its material, the most visible part first."""
        return {part.name: part.material.name for part in self.parts}

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Corners (3,), (3,) of the box around all solids (carves do not count)."""
        boxes = [solid.bounds() for part in self.parts for solid in part.solids]
        return np.min([low for low, _ in boxes], 0), np.max([high for _, high in boxes], 0)

    def normalised(self) -> Shape:
        """Centre the shape and scale its longest side to 1: it then spans the whole grid."""
        low, high = self.bounds()
        center, scale = (low + high) / 2, 1 / (high - low).max()

        def placed(solids: list[Solid]) -> list[Solid]:
            return scaled(moved(solids, -center), scale)

        parts = [
            replace(p, solids=placed(p.solids), carves=placed(p.carves), blend=p.blend * scale)
            for p in self.parts
        ]
        return replace(self, parts=parts)

    def volume(self, resolution: int = 64, device="cpu") -> tuple[Tensor, Tensor, Tensor]:
        """Evaluate the shape once for its model grid and for rendering.

        Returns:
            The grid (GRID, GRID, GRID) of values in [-1, 1]; signed distances (R, R, R), exact near
            the surface; and the nearest part (R, R, R). R is at least 2 GRID, and a power of two
            times it.
        """
        program = Program(self.parts, device)
        side = GRID // 2
        distance, part = (v.view(side, side, side) for v in program(cell_centers(side, device)))
        for band in (TRUNCATION + 1, 1.0):  # in cells of the model grid
            distance, part = refine(program, distance, part, band / GRID)
        grid = to_values(distance)
        while distance.shape[0] < resolution:
            distance, part = refine(program, distance, part, 2.0 / distance.shape[0])
        return grid, distance, part


def to_values(distance: Tensor) -> Tensor:
    """Model values (R/2, R/2, R/2) in [-1, 1], positive inside, of signed distances (R, R, R).

    A cell counts as full when the surface passes through it, or it lies inside. That is what
    surface voxelisation does (as in ShapeNetVox32), and it keeps parts thinner than a cell. A cube
    of side a meets a plane with unit normal n at distance d from its centre when
    d <= a/2 (|n_x| + |n_y| + |n_z|); the eight subcells of each cell are tested so, a little
    strictly, because at edges and corners the test is too generous.
    """
    side = distance.shape[0]
    slopes = torch.gradient(distance, spacing=1 / side)
    length = sum(slope**2 for slope in slopes).sqrt().clamp(min=1e-6)
    reach = 0.45 / side * sum(slope.abs() for slope in slopes) / length
    depth = F.max_pool3d((reach - distance)[None, None], 2)[0, 0]
    return (depth * (side // 2) / TRUNCATION).clamp(-1, 1)
