"""ShapeNet in the layout of 3D-R2N2 (Choy et al. 2016): binvox grids and 24 renderings a shape.

ROOT/ShapeNet.json                                      the split, a list with an entry a category
ROOT/ShapeNetVox32/<synset>/<id>/model.binvox
ROOT/ShapeNetRendering/<synset>/<id>/rendering/*.png    137x137 RGBA
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from diffusion.grids.from_mesh import distance_values
from training.data.binvox import read_binvox
from training.data.item import Item, spread
from training.shapes.captions import with_article

CATEGORIES = {  # the 13 of 3D-R2N2; the file's own names vary ("vessel,watercraft")
    "02691156": "airplane",
    "02828884": "bench",
    "02933112": "cabinet",
    "02958343": "car",
    "03001627": "chair",
    "03211117": "display",
    "03636649": "lamp",
    "03691459": "loudspeaker",
    "04090263": "rifle",
    "04256520": "sofa",
    "04379243": "table",
    "04401088": "telephone",
    "04530566": "watercraft",
}
SPLITS = ("train", "val", "test")
ALL = "all"  # the three together


class Views(Sequence):
    """Image files as a sequence of PIL images, each loaded on demand."""

    def __init__(self, paths: list[Path]):
        self.paths = paths

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return Views(self.paths[index])
        try:
            with Image.open(self.paths[index], formats=["PNG"]) as image:
                return image.convert("RGBA")
        except OSError as error:
            raise ValueError(f"The rendering '{self.paths[index]}' cannot be read.") from error


class R2N2Source:
    """The shapes of one split, in the order of the split file.

    Args:
        root: of the layout.
        split: "train", "val", "test" or "all".
        resolution: R, to which the grids are pooled.
        count: at most so many shapes, spread evenly over the split.
        need_views: whether a shape without renderings is an error.

    Raises:
        ValueError: if the split file is missing or bad, or a shape has no grid or no rendering.
    """

    def __init__(
        self,
        root: Path,
        split: str,
        resolution: int = 32,
        count: int | None = None,
        need_views: bool = True,
    ):
        if split not in (*SPLITS, ALL):
            raise ValueError(f"A split is one of {', '.join((*SPLITS, ALL))}, not '{split}'.")
        self.root, self.resolution = root, resolution
        everything = _read_split(root / "ShapeNet.json", SPLITS if split == ALL else (split,))
        if not everything:
            raise ValueError(f"'{root}/ShapeNet.json' lists no shape under '{split}'.")
        self.entries = [everything[index] for index in spread(len(everything), count)]
        self.categories = sorted({category for _, _, category in self.entries})
        needs = {"grid": self._grid_path} | ({"rendering": self._first_view} if need_views else {})
        for where, needed in needs.items():
            absent = [entry for entry in self.entries if not needed(*entry[:2]).is_file()]
            if absent:
                path = needed(*absent[0][:2])
                raise ValueError(f"{len(absent)} shapes have no {where}, the first is '{path}'.")

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> Item:
        synset, name, category = self.entries[index]
        occupancy = pool(read_binvox(self._grid_path(synset, name)), self.resolution)
        pictures = self._first_view(synset, name).parent.glob("*.png")
        views = sorted(pictures, key=lambda path: (len(path.name), path.name))  # 99 before 100
        return Item(
            id=f"{synset}/{name}",
            category=category,
            grid=distance_values(occupancy),
            images=Views(views),
            captions=[with_article(category)],
        )

    def _grid_path(self, synset: str, name: str) -> Path:
        return self.root / "ShapeNetVox32" / synset / name / "model.binvox"

    def _first_view(self, synset: str, name: str) -> Path:
        return self.root / "ShapeNetRendering" / synset / name / "rendering" / "00.png"


def pool(occupancy: np.ndarray, resolution: int) -> np.ndarray:
    """Shrinks a cubic boolean grid to side `resolution`; a cell is full if any part of it was."""
    side = occupancy.shape[0]
    if occupancy.shape != (side,) * 3 or side % resolution:
        raise ValueError(
            f"A {'x'.join(map(str, occupancy.shape))} grid cannot be pooled to side {resolution}."
        )
    blocks = (resolution, side // resolution)
    return occupancy.reshape(blocks * 3).any(axis=(1, 3, 5))


@lru_cache(maxsize=2)  # the file of the full data set takes a moment
def _parse(path: Path) -> list[dict]:
    try:
        taxonomy = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ValueError(f"The split file '{path}' does not exist.") from error
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"The split file '{path}' is not readable JSON.") from error
    entries = taxonomy.values() if isinstance(taxonomy, dict) else taxonomy
    if not isinstance(taxonomy, list | dict) or not all(isinstance(e, dict) for e in entries):
        raise ValueError(f"The split file '{path}' is not a list of categories.")
    return list(entries)


def _read_split(path: Path, splits: Sequence[str]) -> list[tuple[str, str, str]]:
    """(synset, shape id, category name) of every shape of the splits, each shape once."""
    shapes = []
    for entry in _parse(path):
        lists = [entry[split] for split in splits if split in entry]
        synset = entry.get("taxonomy_id")
        broken = not lists or not all(isinstance(ids, list) for ids in lists)
        if broken or not isinstance(synset, str):
            needed = "' or '".join(splits)
            raise ValueError(f"A category of '{path}' lacks 'taxonomy_id' or the list '{needed}'.")
        name = CATEGORIES.get(synset) or str(entry.get("taxonomy_name", synset)).split(",")[0]
        shapes += [(synset, str(shape), name) for ids in lists for shape in ids]
    return list(dict.fromkeys(shapes))
