"""Folders of meshes as a source of shapes; nothing about the meshes is taken for granted.

    DIR/chair/a.obj  DIR/chair/b/model.glb  DIR/table/c.stl ...

The first folder below DIR names the category. Up is +y and the front is +x, as the grids have it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from diffusion.grids.frame import pack_bits, unpack_bits
from diffusion.grids.from_mesh import READERS, distance_values, read_mesh, voxelize
from training.data.folders import describe, find_files
from training.data.item import Item, spread
from training.shapes.captions import with_article

SUFFIXES = set(READERS)
# Materials, buffers, textures and notes lie beside meshes.
BESIDE = {".mtl", ".bin", ".png", ".jpg", ".jpeg", ".webp", ".ktx2", ".txt", ".md", ".csv", ".json"}


class MeshSource:
    """Every mesh below a folder, voxelised when the source is opened.

    A file that cannot be read is skipped with one line on stderr and counted in `skipped`; files of
    other kinds are counted there by their endings.

    Raises:
        ValueError: if no mesh is found, or none can be read.
    """

    def __init__(self, root: Path, resolution: int = 32, count: int | None = None):
        paths, left_out = find_files(root, SUFFIXES, BESIDE)
        told = f"left out: {describe(left_out)}" if left_out else ""
        if not paths:
            kinds = ", ".join(sorted(SUFFIXES))
            raise ValueError(f"There is no mesh ({kinds}) in '{root}'{told and f' ({told})'}.")
        if told:
            print(told, file=sys.stderr)
        self.entries: list[tuple[str, str, np.ndarray]] = []  # id, category, packed occupancy
        self.skipped, self.resolution = 0, resolution
        chosen = [paths[index] for index in spread(len(paths), count)]
        for path in tqdm(chosen, desc="voxelise", unit="mesh", disable=len(chosen) < 20):
            name = path.relative_to(root)
            category = name.parts[0] if len(name.parts) > 1 else root.resolve().name
            try:
                mesh = read_mesh(path, path.suffix, str(path))
                occupancy = voxelize(mesh.vertices, mesh.faces, resolution)
            except ValueError as error:
                self.skipped += 1
                reason = str(error) if str(path) in str(error) else f"'{path}': {error}"
                tqdm.write(f"skipped: {reason}", file=sys.stderr)  # does not break the bar
                continue
            if mesh.ignored:
                line = f"'{path}' is read without its {' and '.join(mesh.ignored)}"
                tqdm.write(line, file=sys.stderr)
            self.entries.append((name.as_posix(), category, pack_bits(occupancy)))
        if not self.entries:
            raise ValueError(f"None of the {len(chosen)} meshes in '{root}' can be read.")
        if self.skipped:
            print(f"{self.skipped} of {len(chosen)} meshes skipped", file=sys.stderr)
        self.categories = sorted({category for _, category, _ in self.entries})

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> Item:
        name, category, bits = self.entries[index]
        occupancy = unpack_bits(bits, self.resolution)
        return Item(name, category, distance_values(occupancy), [], [with_article(category)])


def load_mesh(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Reads vertices (V, 3) and triangles (F, 3) of a file, all its parts joined."""
    return read_mesh(path, path.suffix, str(path))[:2]
