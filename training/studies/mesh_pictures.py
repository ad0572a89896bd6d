"""Pictures of every mesh of a folder: two views, and the second one in another material."""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from cisp.images import cutout
from training.data.embeddings import IMAGE_SIZE
from training.data.item import Item
from training.data.procedural import PICTURE
from training.data.sources import open_source
from training.render import Job
from training.rendering.camera import r2n2_camera
from training.rendering.lighting import random_lighting
from training.rendering.renderer import render
from training.shapes.materials import any_solid
from training.tools.workers import map_with_bar


class Meshes(NamedTuple):
    """N `items`, their `cutouts` (N, 3, S, S, 4) uint8, and how many files could not be read."""

    items: list[Item]
    cutouts: np.ndarray
    skipped: int


def mesh_views(item: Item, root: Path, seed: int, device: str = "cpu") -> np.ndarray:
    """Three cut-outs (3, S, S, 4) uint8 of a mesh from random directions.

    View 1 is of the same material as view 0, whose colour gives the mesh away; view 2 is view 1
    in another material.

    Args:
        item: of a source of meshes; its id is the file's path below the root.
        root: the folder of the source.
        seed: of materials, cameras and lights, together with the id.
        device: where it is rendered.
    """
    rng = np.random.default_rng([seed, zlib.crc32(item.id.encode())])
    job = Job(item.category, item.id, grid=item.grid, mesh=root / item.id)
    scene, occupancy = job.scene(rng, device)
    points = (np.argwhere(occupancy) + 0.5) / len(occupancy) - 0.5
    cameras = [r2n2_camera(rng, points) for _ in range(2)]
    lights = [random_lighting(rng) for _ in cameras]
    repainted = replace(scene, materials=[any_solid(rng)])
    rgba = torch.cat(
        [
            render(scene, cameras, lights, PICTURE).rgba,
            render(repainted, cameras[1:], lights[1:], PICTURE).rgba,
        ]
    )
    views = [Image.fromarray(v, "RGBA") for v in (rgba * 255).round().byte().cpu().numpy()]
    return np.stack([np.asarray(cutout(view, IMAGE_SIZE)) for view in views])


def draw_meshes(root: Path, seed: int, device: torch.device) -> Meshes:
    """Read and draw every mesh of a folder, a folder a category.

    Raises:
        ValueError: if there is no mesh that can be read.
    """
    source = open_source(f"meshes:{root}")
    items = [source[index] for index in range(len(source))]
    one = partial(mesh_views, root=root.expanduser(), seed=seed, device=str(device))
    workers = 1 if device.type == "cuda" else None
    cutouts = map_with_bar(
        one, items, desc="draw meshes", unit="mesh", workers=workers, chunksize=1
    )
    return Meshes(items, np.stack(cutouts), source.skipped)
