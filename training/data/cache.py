"""A data set on disk: what training and evaluation read instead of drawing shapes again.

A cache is a folder with

    grids.npy     (N, R, R, R)    float16, in [-1, 1], positive inside
    cutouts.npy   (N, V, S, S, 4) uint8, RGBA cut-outs of V views (`cisp.images.cutout`)
    meta.json     format, split, source, num_items, done, and one column a field of the items:
                  ids, categories, subtypes, captions (a list each), attributes (a dict each),
                  views (a list each: what to say of each picture, see `captions.in_view`)

Both arrays are memory maps, so a set larger than memory works. Rows are appended in chunks; `done`
counts those that are whole, so an interrupted run goes on where it stopped:

    cache = DataCache.create(folder, split="train", num_items=N, num_views=V, image_size=S)
    for start in range(cache.done, N, chunk):
        cache.append(grids, cutouts, rows)      # rows: [{"id": ..., "category": ..., ...}, ...]
    cache = DataCache.load(folder)              # read-only, complete
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from training.tools.command import save_json

FORMAT = 2
FIELDS = {"id": "ids", "category": "categories", "subtype": "subtypes"}
FIELDS |= {name: name for name in ("captions", "attributes", "views")}  # row key -> column


class DataCache:
    """An open cache. Use `create` to write (or go on writing) and `load` to read.

    Attributes:
        grids: (N, R, R, R) float16.
        cutouts: (N, V, S, S, 4) uint8.
        meta: the contents of meta.json.
    """

    def __init__(self, folder: Path, meta: dict[str, Any], mode: str):
        self.folder, self.meta = folder, meta
        self.grids = np.load(folder / "grids.npy", mmap_mode=mode)
        self.cutouts = np.load(folder / "cutouts.npy", mmap_mode=mode)
        if self.grids.ndim != 4 or self.cutouts.ndim != 5:
            raise ValueError(f"The arrays of the data cache '{folder}' have a wrong shape.")
        if not len(self.grids) == len(self.cutouts) == meta["num_items"]:
            raise ValueError(f"The arrays and meta.json of the data cache '{folder}' disagree.")

    @classmethod
    def create(
        cls,
        folder: str | Path,
        *,
        split: str,
        num_items: int,
        num_views: int,
        image_size: int,
        resolution: int = 32,
        source: str = "",
    ) -> DataCache:
        """Makes an empty cache, or reopens one that an interrupted run with these numbers left.

        Raises:
            ValueError: if the folder holds a cache with other numbers.
        """
        folder = Path(folder)
        head = {
            "format": FORMAT,
            "split": split,
            "source": source,
            "num_items": num_items,
            "num_views": num_views,
            "image_size": image_size,
            "resolution": resolution,
        }
        if (folder / "meta.json").exists():
            meta = _read_meta(folder)
            if any(meta.get(key) != value for key, value in head.items()):
                raise ValueError(f"'{folder}' holds a data cache made with other settings.")
            return cls(folder, meta, "r+")
        folder.mkdir(parents=True, exist_ok=True)
        cube, frame = (resolution,) * 3, (image_size, image_size, 4)
        arrays = {
            "grids.npy": (np.float16, (num_items, *cube)),
            "cutouts.npy": (np.uint8, (num_items, num_views, *frame)),
        }
        for name, (dtype, shape) in arrays.items():
            np.lib.format.open_memmap(folder / name, "w+", dtype, shape).flush()
        meta = {**head, "done": 0, **{column: [] for column in FIELDS.values()}}
        save_json(folder / "meta.json", meta)  # last: with it the folder is a cache
        return cls(folder, meta, "r+")

    @classmethod
    def load(cls, folder: str | Path) -> DataCache:
        """Opens a complete cache for reading.

        Raises:
            ValueError: if there is none, or it is not complete.
        """
        folder = Path(folder)
        meta = _read_meta(folder)
        if meta["done"] < meta["num_items"]:
            raise ValueError(
                f"The data cache '{folder}' is not complete: "
                f"{meta['done']} of {meta['num_items']} items."
            )
        return cls(folder, meta, "r")

    def append(self, grids: np.ndarray, cutouts: np.ndarray, rows: list[dict[str, Any]]) -> None:
        """Appends n items and records them as done.

        Args:
            grids: (n, R, R, R) in [-1, 1].
            cutouts: (n, V, S, S, 4) uint8.
            rows: n dicts with "id" and "category"; "subtype", "captions", "attributes", "views" if
                known.
        """
        start, stop = self.done, self.done + len(rows)
        if not len(grids) == len(cutouts) == len(rows) or stop > len(self):
            raise ValueError(f"Cannot put rows {start} to {stop} into a cache of {len(self)}.")
        if grids.shape[1:] != self.grids.shape[1:] or cutouts.shape[1:] != self.cutouts.shape[1:]:
            raise ValueError("Grids or cut-outs do not have the cache's resolution, views or size.")
        self.grids[start:stop] = grids
        self.cutouts[start:stop] = cutouts
        self.grids.flush()
        self.cutouts.flush()
        empty = {"subtype": "", "captions": [], "attributes": {}, "views": []}
        for row in rows:
            for field, column in FIELDS.items():
                self.meta[column].append({**empty, **row}[field])
        self.meta["done"] = stop
        save_json(self.folder / "meta.json", self.meta)  # after the arrays: counts whole rows only

    def __len__(self) -> int:
        return self.meta["num_items"]

    @property
    def done(self) -> int:
        """How many items are whole."""
        return self.meta["done"]

    @property
    def split(self) -> str:
        """The name of the split."""
        return self.meta["split"]

    @property
    def ids(self) -> list[str]:
        """One name an item."""
        return self.meta["ids"]

    @property
    def categories(self) -> list[str]:
        """One category an item (not the set of them)."""
        return self.meta["categories"]

    @property
    def subtypes(self) -> list[str]:
        """One subtype an item, "" if unknown."""
        return self.meta["subtypes"]

    @property
    def captions(self) -> list[list[str]]:
        """The captions of each item."""
        return self.meta["captions"]

    @property
    def attributes(self) -> list[dict[str, Any]]:
        """The ground-truth attributes of each item."""
        return self.meta["attributes"]

    @property
    def views(self) -> list[list[str]]:
        """What to say of the pictures of each item: one phrase a view, or none."""
        return self.meta["views"]


def _read_meta(folder: Path) -> dict[str, Any]:
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ValueError(f"There is no data cache in '{folder}' (no meta.json).") from error
    except (OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"The meta.json of the data cache '{folder}' cannot be read.") from error
    columns = FIELDS.values()
    whole = isinstance(meta, dict) and {"format", "done", "num_items", *columns} <= meta.keys()
    if not whole or meta["format"] != FORMAT:
        raise ValueError(f"'{folder}/meta.json' is not that of a data cache of format {FORMAT}.")
    if any(len(meta[column]) != meta["done"] for column in columns):
        raise ValueError(f"The columns of '{folder}/meta.json' do not have 'done' rows.")
    return meta
