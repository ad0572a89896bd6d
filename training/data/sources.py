"""Where shapes come from: one interface over procedural families, R2N2 folders and meshes.

    open_source("procedural:test")     programs of `training.shapes`
    open_source("r2n2:ROOT")           ShapeNet in the layout of 3D-R2N2
    open_source("meshes:DIR")          any folder of meshes, a folder a category
    open_source("cache:DIR")           a `training.data.cache.DataCache`

Each answers `len(source)`, `source[i] -> Item` and `source.categories` (the sorted set).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from training.data.cache import DataCache
from training.data.item import Item, Source, spread
from training.data.mesh_folder import MeshSource
from training.data.procedural import open_procedural
from training.data.r2n2 import R2N2Source


def open_source(
    spec: str,
    *,
    split: str | None = None,
    resolution: int = 32,
    count: int | None = None,
    need_views: bool = True,
) -> Source:
    """Opens a source of shapes.

    Args:
        spec: "KIND:WHERE" as in the module's docstring.
        split: for R2N2 folders: "train", "val", "test" (default) or "all".
        resolution: R, the side of the grids.
        count: at most so many shapes, spread evenly over the source.
        need_views: for R2N2 folders: whether a shape without renderings is an error.

    Raises:
        ValueError: in one sentence, if there is no such source or it is broken.
    """
    kind, separator, where = spec.partition(":")
    if not separator or not where or kind not in ("procedural", "r2n2", "meshes", "cache"):
        raise ValueError(
            f"Unknown data '{spec}': write procedural:SPLIT, r2n2:ROOT, meshes:DIR or cache:DIR."
        )
    if count is not None and count < 1:
        raise ValueError(f"The number of shapes must be positive, not {count}.")
    if kind == "procedural":
        return _Spread(open_procedural(where, resolution=resolution), count)
    root = Path(where).expanduser()
    if not root.is_dir():
        problem = "is a file, not a folder" if root.exists() else "does not exist"
        raise ValueError(f"The data folder '{root}' {problem}.")
    if kind == "r2n2":
        return R2N2Source(root, split or "test", resolution, count, need_views)
    if kind == "meshes":
        return MeshSource(root, resolution, count)
    return _Spread(CacheSource(root), count)


class _Spread:
    """A source thinned out to `count` items."""

    def __init__(self, source: Source, count: int | None):
        self.source, self.indices = source, spread(len(source), count)
        self.categories = source.categories

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Item:
        return self.source[self.indices[index]]


class CacheSource:
    """The items of a complete `DataCache`; the images are its cut-outs."""

    def __init__(self, folder: Path):
        self.cache = DataCache.load(folder)
        self.categories = sorted(set(self.cache.categories))

    def __len__(self) -> int:
        return len(self.cache)

    def __getitem__(self, index: int) -> Item:
        cache = self.cache
        return Item(
            id=cache.ids[index],
            category=cache.categories[index],
            grid=cache.grids[index].astype(np.float32),
            images=[Image.fromarray(np.array(view), "RGBA") for view in cache.cutouts[index]],
            captions=cache.captions[index],
        )
