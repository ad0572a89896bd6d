"""Result files: meshes and grids for download."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from demo import strings
from demo.service.frames import Frame
from demo.service.palette import shades
from demo.service.recipes import Recipe, result_hash
from diffusion.grids.frame import iou
from diffusion.grids.to_mesh import PRINTED, export_glb, to_glb, to_stl, to_trimesh


@dataclass(frozen=True)
class ResultFiles:
    """Paths of the files of one result; a column whose shape is empty has no meshes."""

    npz: Path
    voxels: dict[str, Path] = field(default_factory=dict)
    smooth: dict[str, Path] = field(default_factory=dict)

    def all(self) -> list[Path]:
        """Every file, the meshes first."""
        return [*self.voxels.values(), *self.smooth.values(), self.npz]


def mesh_files(grid: np.ndarray, space: str) -> dict[str, bytes]:
    """A column's shape as "voxels.glb", "smooth.glb" and "stl"; {} if it is empty.

    Args:
        grid: (R, R, R), positive inside.
        space: the column, for its colour.
    """
    if not (grid > 0).any():
        return {}
    colour = shades(space)[2]
    smooth = to_trimesh(grid, color=colour)
    return {
        "voxels.glb": export_glb(grid, color=colour, smooth=False),
        "smooth.glb": to_glb(smooth, smooth=True),
        "stl": to_stl(smooth),
    }


def add_meshes(archive: zipfile.ZipFile, stem: str, meshes: Mapping[str, bytes]) -> None:
    """Put the files of `mesh_files` into an archive, with names that start with `stem`."""
    for kind, data in meshes.items():
        archive.writestr(f"{stem}{'.' if kind == 'stl' else '-'}{kind}", data)


def add_note(archive: zipfile.ZipFile) -> None:
    """Put a text into an archive that says how to take its files."""
    archive.writestr("READ-ME.txt", strings.ARCHIVE.format(longest=f"{PRINTED:.0f}"))


class Meshes:
    """The mesh files of the samples of one comparison, each made only once.

    A comparison grows sample by sample, and finished samples can be downloaded at once.
    """

    def __init__(self):
        self._made: dict[tuple[str, int], dict[str, bytes]] = {}

    def of(self, frame: Frame, space: str, index: int) -> dict[str, bytes]:
        """`mesh_files` of a sample."""
        key = space, index
        if key not in self._made:
            self._made[key] = mesh_files(frame.samples[space][index], space)
        return self._made[key]


def write_files(frame: Frame, folder: Path, stem: str, meshes: Meshes) -> ResultFiles:
    """Write the first sample of each column as meshes, and all grids, into the caller's folder.

    The names of the files, which a visitor will see, start with `stem`.
    """
    name = f"{stem}-seed{frame.settings.seed}"
    files = ResultFiles(folder / f"{name}.npz")
    for space in frame.samples:
        made = meshes.of(frame, space, 0)
        for kind, paths in (("voxels.glb", files.voxels), ("smooth.glb", files.smooth)):
            if kind in made:
                paths[space] = folder / f"{name}-{space}-{kind}"
                paths[space].write_bytes(made[kind])
    _save_grids(files.npz, frame)
    return files


def write_zip(
    frame: Frame, recipe: Recipe, folder: Path, stem: str, command: str, meshes: Meshes
) -> Path:
    """Write everything about a comparison's finished samples into one archive.

    Every sample as a smooth and a voxel GLB and as an STL, all grids, what the towers were given
    (of a photograph two views), the measurements, and the recipe with the hash of the result.

    Args:
        frame: the last of the comparison.
        recipe: of the result.
        folder: belongs to the caller.
        stem: what names start with.
        command: the command line that does the same.
        meshes: of this comparison.
    """
    path = folder / f"{stem}-seed{frame.settings.seed}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for space, grids in frame.samples.items():
            for index in range(len(grids)):
                name = f"{space}-seed{frame.settings.seed + index}"
                add_meshes(archive, name, meshes.of(frame, space, index))
        if frame.guide.pixels is not None:
            picture = io.BytesIO()
            Image.fromarray(frame.guide.pixels).save(picture, "png")
            archive.writestr("seen.png", picture.getvalue())
        grids = io.BytesIO()
        _save_grids(grids, frame)
        archive.writestr("grids.npz", grids.getvalue())
        archive.writestr("metrics.json", _json(measured(frame)))
        made = {"hash": result_hash(frame.samples, recipe.spaces), "command": command}
        archive.writestr("recipe.json", _json(recipe.to_json() | made))
        add_note(archive)
    return path


def measured(frame: Frame) -> dict[str, Any]:
    """The measurements of a finished comparison, as plain data: an entry per sample and column."""
    occupancy = {space: grids > 0 for space, grids in frame.samples.items()}
    columns = list(occupancy.values())
    return {
        "seconds": round(frame.seconds, 3),
        "seeds": [frame.settings.seed + i for i in range(len(columns[0]))],
        "filled": {s: [round(float(g.mean()), 5) for g in o] for s, o in occupancy.items()},
        "iou_between": [round(iou(a, b), 5) for a, b in zip(*columns, strict=True)]
        if len(columns) == 2
        else None,
        "iou_to_truth": {s: round(value, 5) for s, value in frame.iou_to_truth.items()},
    }


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _save_grids(file: Path | io.BytesIO, frame: Frame) -> None:
    np.savez_compressed(
        file,
        spaces=np.array(list(frame.samples)),
        occupancy=np.array([grids > 0 for grids in frame.samples.values()]),
        grid=np.array(list(frame.samples.values()), np.float16),
        **asdict(frame.settings),
        seconds=frame.seconds,
    )
