"""Result files: meshes and grids that a visitor takes home."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from demo.frames import Frame
from demo.theme import shades
from diffusion.voxels import export_glb


@dataclass(frozen=True)
class ResultFiles:
    """Paths of the files of one result; a column whose shape is empty has no meshes."""

    npz: Path
    voxels: dict[str, Path] = field(default_factory=dict)
    smooth: dict[str, Path] = field(default_factory=dict)

    def all(self) -> list[Path]:
        """Every file, the meshes first."""
        return [*self.voxels.values(), *self.smooth.values(), self.npz]


def write_files(frame: Frame, folder: Path, stem: str) -> ResultFiles:
    """Write the last frame of a comparison into a folder that the caller owns.

    The names of the files, which a visitor will see, start with `stem`.
    """
    settings = frame.settings
    name = f"{stem}-seed{settings.seed}"
    files = ResultFiles(folder / f"{name}.npz")
    for space, (grid, *_) in frame.samples.items():
        if not (grid > 0).any():
            continue
        for smooth, paths in ((False, files.voxels), (True, files.smooth)):
            path = folder / f"{name}-{space}-{'smooth' if smooth else 'voxels'}.glb"
            export_glb(grid, path, colour=shades(space)[2], smooth=smooth)
            paths[space] = path
    np.savez_compressed(
        files.npz,
        spaces=np.array(list(frame.samples)),
        occupancy=np.array([grids > 0 for grids in frame.samples.values()]),
        grid=np.array(list(frame.samples.values()), np.float16),
        seed=settings.seed,
        sampler=settings.sampler,
        num_steps=settings.num_steps,
        guidance_scale=settings.guidance_scale,
        seconds=frame.seconds,
    )
    return files
