"""Downloads of a finished walk: its recipe, and an archive of its frames and numbers."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from demo.service.exports import add_meshes, mesh_files
from demo.service.frames import Settings
from demo.service.recipes import Recipe, result_hash
from demo.service.sources import Source
from demo.service.walk.lattice import MODES, Lattice
from demo.service.walk.log import WalkLog
from demo.service.walk.report import summary_of
from demo.service.walk.trace import Trace


def walk_recipe(
    log: WalkLog, ends: Sequence[Source], mode: str, settings: Settings, weights: str
) -> Recipe:
    """The recipe of a walk: two ends for a path, four for a grid of as many rows as columns.

    A trace through the square between four names its places too.
    """
    options = {"frames": log.lattice.columns, "mode": mode}
    if isinstance(log.lattice, Trace):
        options["trace"] = log.lattice.to_text()
    return Recipe("walk", tuple(ends), settings, tuple(log.frames), weights, options)


def lattice_of(recipe: Recipe) -> tuple[Lattice, str]:
    """The frames of a walk's recipe, and its way.

    Raises:
        ValueError: it does not say how to walk; one sentence.
    """
    side, mode, trace = (recipe.options.get(name) for name in ("frames", "mode", "trace"))
    if side is None or mode not in MODES:
        raise ValueError("This walk's recipe does not say how to walk.")
    if trace is None:
        return Lattice(1 if len(recipe.sources) == 2 else side, side), mode
    lattice = Trace.from_text(trace)
    if len(recipe.sources) != 4 or len(lattice) != side:
        raise ValueError("This walk's recipe does not say how to walk.")
    return lattice, mode


def walk_shapes(log: WalkLog) -> dict[str, np.ndarray]:
    """The frames of a complete walk: column name -> (K, R, R, R) bool."""
    return {space: np.array(frames) for space, frames in log.frames.items()}


def write_walk(log: WalkLog, recipe: Recipe, folder: Path, stem: str, command: str) -> Path:
    """Write a complete walk into one archive.

    All frames as grids, those of the end points as smooth and voxel GLB and as STL too, the
    measurements, and the recipe with the hash of the frames.

    Args:
        log: the walk.
        recipe: of the walk.
        folder: belongs to the caller.
        stem: what the name of the archive starts with.
        command: the command line that does the same.
    """
    shapes, frames = walk_shapes(log), io.BytesIO()
    np.savez_compressed(
        frames,
        spaces=np.array(list(shapes)),
        labels=np.array(log.lattice.labels),
        occupancy=np.array(list(shapes.values())),
        **asdict(recipe.settings),
    )
    path = folder / f"{stem}-seed{recipe.settings.seed}.zip"
    made = {"hash": result_hash(shapes, recipe.spaces), "command": command}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("frames.npz", frames.getvalue())
        archive.writestr("recipe.json", json.dumps(recipe.to_json() | made, indent=2) + "\n")
        archive.writestr("metrics.json", json.dumps(summary_of(log), indent=2) + "\n")
        for space, occupancy in shapes.items():
            for end, index in zip(log.lattice.names, log.lattice.ends, strict=True):
                meshes = mesh_files(np.where(occupancy[index], 1.0, -1.0), space)
                add_meshes(archive, f"{space}-{end}", meshes)
    return path
