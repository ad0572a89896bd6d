"""Many grids of one procedural family at once, drawn in parallel and kept in a folder.

A cached file is named after a hash of all the code that its shapes can depend on, so it is read
again only while that code stays the same.
"""

from __future__ import annotations

import hashlib
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

import training.shapes as shapes
from diffusion.grids.frame import pack_bits
from training.data.procedural import FIRST_SEED
from training.shapes.shape import GRID
from training.tools.command import save_npz
from training.tools.workers import parallel_map


def family_hash(category: str) -> str:
    """A hash of all code below training/shapes but that of the other families."""
    root = Path(shapes.__file__).parent
    others = {root / "families" / f"{name}.py" for name in shapes.CATEGORIES if name != category}
    digest = hashlib.sha256()
    for path in sorted(set(root.rglob("*.py")) - others):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _draw(seed: int, category: str) -> np.ndarray:
    grid = shapes.make_shape(category, seed).volume(resolution=GRID)[0]
    return pack_bits(grid.numpy() > 0)


def draw_occupancies(
    category: str, count: int, *, cache: Path | None = None, workers: int = 1
) -> np.ndarray:
    """Packed occupancies (count, GRID^3 / 8) uint8 of the first shapes of the train split.

    Args:
        category: one that has a family.
        count: how many.
        cache: a folder; what it holds of the present code is not drawn again.
        workers: processes.
    """
    file = cache and cache / f"{category}-{family_hash(category)}.npz"
    done = np.zeros((0, GRID**3 // 8), np.uint8)
    if file and file.is_file():
        try:
            with np.load(file) as arrays:
                done = arrays["packed"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            print(f"'{file}' cannot be read and is drawn anew")
    if len(done) >= count:
        return done[:count]
    first = FIRST_SEED["train"]
    todo, one = range(first + len(done), first + count), partial(_draw, category=category)
    bar = partial(tqdm, total=len(todo), desc=f"drawing {category}", unit="shape")
    rows = list(bar(parallel_map(one, todo, workers=workers, chunksize=16)))
    packed = np.concatenate([done, np.stack(rows)])
    if file:
        save_npz(file, packed=packed)
    return packed
