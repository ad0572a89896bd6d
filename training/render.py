"""Render any source of shapes into the layout of 3D-R2N2, which `training.data.r2n2` reads.

    python -m training.render --data procedural:test --count 100 --views 24 --size 137 --out DIR

    DIR/ShapeNet.json                                               the split file, written last
    DIR/ShapeNetVox32/<synset>/<id>/model.binvox                    written last of its shape
    DIR/ShapeNetRendering/<synset>/<id>/rendering/00.png ...        RGBA
    DIR/ShapeNetRendering/<synset>/<id>/rendering/rendering_metadata.txt, renderings.txt
    DIR/ShapeNetRendering/<synset>/<id>/sketch/00.png ...           with --sketches
    DIR/render.json                                                 what was asked for

The header of a binvox file has 1 / diagonal as its scale, as in ShapeNetVox32, where a model's box
has a diagonal of 1; `training.rendering.camera.camera_of_metadata` turns a line of metadata into a
camera.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from diffusion.devices import pick_device
from diffusion.grids.binvox import encode_binvox
from training.data.procedural import seed_of
from training.data.r2n2 import CATEGORIES as NAMES
from training.data.r2n2 import SPLITS
from training.data.sources import open_source
from training.rendering.camera import camera_of_metadata, diagonal, drawing_camera, random_metadata
from training.rendering.drawing import Hand, draw
from training.rendering.lighting import random_lighting
from training.rendering.renderer import Scene, look, render
from training.shapes import make_shape
from training.shapes.materials import any_solid
from training.tools.command import atomic_path, resolved_config, run_command, save_json
from training.tools.workers import parallel_map

SYNSETS = {name: synset for synset, name in NAMES.items()}
SETTINGS = (
    "data",
    "split",
    "count",
    "views",
    "size",
    "seed",
    "sketches",
)  # that --resume must keep


@dataclass(frozen=True)
class RenderOptions:
    """Render shapes into the layout of 3D-R2N2.

    Attributes:
        data: procedural:SPLIT, meshes:DIR or r2n2:ROOT.
        out: A new or empty folder; with --resume, one that was begun.
        count: At most so many shapes, spread over the source.
        views: Renderings a shape.
        size: Pixels of a picture's side.
        split: Of an r2n2 source: train, val, test or all.
        sketches: Whether to add as many drawings of every shape.
        seed: Of cameras, lights, materials of shapes without any, and hands.
        workers: Processes.
        resume: Go on where an interrupted run stopped.
        device: auto, cpu, cuda or mps.
    """

    data: str
    out: Path
    count: int | None = None
    views: int = 24
    size: int = 137
    split: str | None = None
    sketches: bool = False
    seed: int = 0
    workers: int = 1
    resume: bool = False
    device: str = "auto"


@dataclass(frozen=True)
class Job:
    """One shape to render: a procedural one by its seed, another by its grid and perhaps its mesh.

    Attributes:
        category: one of the thirteen.
        name: of its folder.
        seed: of the procedural shape.
        grid: (R, R, R) float32 in [-1, 1].
        mesh: the file of the mesh.
    """

    category: str
    name: str
    seed: int | None = None
    grid: np.ndarray | None = None
    mesh: Path | None = None

    def scene(self, rng: np.random.Generator, device: str) -> tuple[Scene, np.ndarray]:
        """What is rendered, and the occupancy (R, R, R) bool."""
        if self.seed is not None:
            shape = make_shape(self.category, self.seed)
            grid, distance, _ = shape.volume(device=device)
            return Scene.of_shape(shape, distance), grid.cpu().numpy() > 0
        material = any_solid(rng)
        if self.mesh is None:
            return Scene.of_grid(torch.from_numpy(self.grid).to(device), material), self.grid > 0
        from training.data.mesh_folder import load_mesh
        from training.rendering.mesh_scene import mesh_distance

        distance = mesh_distance(*load_mesh(self.mesh)).to(device)
        return Scene.of_distance(distance, material), self.grid > 0


def jobs_of(options: RenderOptions) -> list[Job]:
    """The shapes of a source.

    Raises:
        ValueError: if the source is broken, or a category is none of the thirteen.
    """
    kind, _, where = options.data.partition(":")
    if kind == "cache":
        raise ValueError("Shapes of a cache are rendered already: name their source instead.")
    source = open_source(options.data, split=options.split, count=options.count, need_views=False)
    unknown = [category for category in source.categories if category not in SYNSETS]
    if unknown:
        raise ValueError(f"The category {unknown[0]!r} is none of {', '.join(SYNSETS)}.")
    if kind == "procedural":
        return [_procedural_job(where, index) for index in _indices(source)]
    jobs, taken = [], Counter()
    for item in (source[i] for i in range(len(source))):
        mesh = Path(where).expanduser() / item.id if kind == "meshes" else None
        stem = item.id.removeprefix(f"{SYNSETS[item.category]}/")
        if mesh:
            stem = str(Path(item.id).with_suffix("")).removeprefix(f"{item.category}/")
        name = re.sub(r"[^\w.-]+", "-", stem).strip(".-") or "shape"
        taken[item.category, name] += 1
        if taken[item.category, name] > 1:  # a.obj and a.stl, "a b" and "a-b"
            name += f"-{taken[item.category, name]}"
        jobs.append(Job(item.category, name, grid=item.grid, mesh=mesh))
    return jobs


def _indices(source) -> list[int]:
    """The items of a procedural source, which may be thinned out."""
    return list(getattr(source, "indices", range(len(source))))


def _procedural_job(split: str, index: int) -> Job:
    category, seed = seed_of(split, index)
    return Job(category, f"{category}-{seed}", seed=seed)


def folders(out: Path, job: Job) -> tuple[Path, Path]:
    """The binvox file of a shape, and the folder of its pictures."""
    synset = SYNSETS[job.category]
    grid = out / "ShapeNetVox32" / synset / job.name / "model.binvox"
    return grid, out / "ShapeNetRendering" / synset / job.name


def render_job(
    job: Job, out: Path, views: int, size: int, seed: int, sketches: bool, device: str
) -> None:
    """Write the pictures of one shape, and then its grid, which marks them as complete."""
    rng = np.random.default_rng([seed, zlib.crc32(f"{job.category}/{job.name}".encode())])
    scene, occupancy = job.scene(rng, device)
    side = occupancy.shape[0]
    cells = np.argwhere(occupancy)
    corners = np.concatenate([cells, cells + 1]) / side - 0.5
    across = diagonal(corners)
    rows = [random_metadata(rng) for _ in range(views)]
    cameras = [camera_of_metadata(row, across) for row in rows]
    rgba = render(scene, cameras, [random_lighting(rng) for _ in rows], size).rgba

    grid_path, place = folders(out, job)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=place.parent) as temporary:
        new = Path(temporary) / job.name
        _save_pictures(new / "rendering", rgba)
        lines = "\n".join(" ".join(f"{value:.10g}" for value in row) for row in rows)
        (new / "rendering" / "rendering_metadata.txt").write_text(lines + "\n")
        names = "\n".join(f"{view:02}.png" for view in range(views))
        (new / "rendering" / "renderings.txt").write_text(names + "\n")
        if sketches:
            cameras = [drawing_camera(rng, corners, job.category) for _ in rows]
            buffers = look(scene, cameras, size)
            hands = torch.Generator().manual_seed(int(rng.integers(2**62)))
            inks = [draw(buffers, view, Hand.random(hands), hands) for view in range(views)]
            _save_pictures(new / "sketch", torch.stack(inks))
        shutil.rmtree(place, ignore_errors=True)  # what an interruption left without its grid
        new.rename(place)
    low = corners.min(0) / across
    data = encode_binvox(occupancy, tuple(low.round(6).tolist()), round(1 / across, 6))
    with atomic_path(grid_path) as path:
        path.write_bytes(data)


def _save_pictures(folder: Path, rgba: torch.Tensor) -> None:
    folder.mkdir(parents=True)
    for view, picture in enumerate((rgba * 255).round().to(torch.uint8).cpu().numpy()):
        Image.fromarray(picture, "RGBA").save(folder / f"{view:02}.png")


def check_folder(options: RenderOptions) -> None:
    """Check that the folder is new, empty, or one of ours that may be gone on with.

    Raises:
        ValueError: if it is not, or was begun with other settings.
    """
    out, note = options.out, options.out / "render.json"
    if out.exists() and not out.is_dir():
        raise ValueError(f"'{out}' is a file, not a folder.")
    if note.is_file():
        if not options.resume:
            raise ValueError(f"'{out}' holds renderings already; add --resume to go on with them.")
        try:
            begun = json.loads(note.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(f"'{note}' cannot be read.") from error
        if begun != settings_of(options):
            raise ValueError(f"'{out}' was begun with other settings, see '{note}'.")
    elif out.is_dir() and any(out.iterdir()):
        raise ValueError(f"'{out}' is not empty and was not made by this command.")


def settings_of(options: RenderOptions) -> dict:
    """What a resumed run must share with the one it goes on with."""
    return {key: resolved_config(options)[key] for key in SETTINGS}


def main(options: RenderOptions) -> None:
    """Render every shape that is not there yet, then write the split file."""
    if not 1 <= options.views <= 1000 or not 16 <= options.size <= 2048 or options.workers < 1:
        raise ValueError("--views is 1 to 1000, --size 16 to 2048 pixels, --workers at least 1.")
    device = str(pick_device(options.device))
    check_folder(options)
    jobs = jobs_of(options)
    save_json(options.out / "render.json", settings_of(options))
    todo = [job for job in jobs if not all(path.exists() for path in folders(options.out, job))]
    one = partial(
        render_job,
        out=options.out,
        views=options.views,
        size=options.size,
        seed=options.seed,
        sketches=options.sketches,
        device=device,
    )
    bar = tqdm(desc="rendering", total=len(jobs), initial=len(jobs) - len(todo), unit="shape")
    with bar:
        for _ in parallel_map(one, todo, workers=options.workers, chunksize=1):
            bar.update()
    kind, _, where = options.data.partition(":")
    split = where if kind == "procedural" else options.split or "test"
    split = split if split in SPLITS else "test"  # "all" is no split of its own
    taxonomy = []
    for category in sorted({job.category for job in jobs}):
        ids = [job.name for job in jobs if job.category == category]
        entry = {"taxonomy_id": SYNSETS[category], "taxonomy_name": category}
        taxonomy.append(entry | {s: ids if s == split else [] for s in SPLITS})
    save_json(options.out / "ShapeNet.json", taxonomy)
    print(f"{len(jobs)} shapes, {options.views} views each, in '{options.out}'")


if __name__ == "__main__":
    run_command(RenderOptions, main)
