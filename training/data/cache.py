"""A data set on disk: what training and evaluation read instead of drawing shapes again.

A cache is a folder with

    grids.npy     (N, R, R, R)    float16, in [-1, 1], positive inside
    cutouts.npy   (N, V, S, S, 4) uint8, RGBA cut-outs of V views (`cisp.images.cutout`)
    rows.jsonl    a line for each complete item: id, category, subtype, captions (a list),
                  attributes (a dict), views (a list: what to say of each picture, see
                  `captions.in_view`)
    meta.json     format, split, source, num_items, num_views, image_size, resolution

Both arrays are memory maps, so a set larger than memory works. Items are appended in chunks, the
lines last: an item with a line is complete, and an interrupted run resumes after the last one.

    cache = DataCache.create(folder, split="train", num_items=N, num_views=V, image_size=S)
    for start in range(cache.done, N, chunk):
        cache.append(grids, cutouts, rows)      # rows: [{"id": ..., "category": ..., ...}, ...]
    cache = DataCache.load(folder)              # read-only, complete
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from training.tools.command import new_memmap, save_json

FORMAT = 3
EMPTY = {"subtype": "", "captions": [], "attributes": {}, "views": []}  # what a row may leave out
FIELDS = ("id", "category", *EMPTY)


class DataCache:
    """An open cache. Use `create` to write (or go on writing) and `load` to read.

    Attributes:
        grids: (N, R, R, R) float16.
        cutouts: (N, V, S, S, 4) uint8.
        meta: the contents of meta.json.
        columns: a field of rows.jsonl -> one value an item that is done.
    """

    def __init__(self, folder: Path, meta: dict[str, Any], mode: str):
        self.folder, self.meta = folder, meta
        self.columns = _read_rows(folder / "rows.jsonl", mend=mode != "r")
        self.grids = np.load(folder / "grids.npy", mmap_mode=mode)
        self.cutouts = np.load(folder / "cutouts.npy", mmap_mode=mode)
        if self.grids.ndim != 4 or self.cutouts.ndim != 5:
            raise ValueError(f"The arrays of the data cache '{folder}' have a wrong shape.")
        if not len(self.grids) == len(self.cutouts) == meta["num_items"] >= self.done:
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
        """Makes an empty cache, or reopens the same one after an interruption.

        Raises:
            ValueError: if the folder holds a cache with other settings.
            OSError: if the disk has no room for all items.
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
            new_memmap(folder / name, dtype, shape).flush()
        (folder / "rows.jsonl").write_bytes(b"")
        save_json(folder / "meta.json", head)  # last: with it the folder is a cache
        return cls(folder, head, "r+")

    @classmethod
    def load(cls, folder: str | Path) -> DataCache:
        """Opens a complete cache for reading.

        Raises:
            ValueError: if there is none, or it is not complete.
        """
        folder = Path(folder)
        cache = cls(folder, _read_meta(folder), "r")
        if cache.done < len(cache):
            raise ValueError(
                f"The data cache '{folder}' is not complete: {cache.done} of {len(cache)} items."
            )
        return cache

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
        lines = [{field: {**EMPTY, **row}[field] for field in FIELDS} for row in rows]
        text = "".join(json.dumps(line, default=lambda n: n.tolist()) + "\n" for line in lines)
        self.grids[start:stop] = grids
        self.cutouts[start:stop] = cutouts
        self.grids.flush()
        self.cutouts.flush()
        with (self.folder / "rows.jsonl").open("a", encoding="utf-8") as file:
            file.write(text)  # after the arrays: only complete items have a line
        for line in map(json.loads, text.splitlines()):
            for field in FIELDS:
                self.columns[field].append(line[field])

    def __len__(self) -> int:
        return self.meta["num_items"]

    @property
    def done(self) -> int:
        """How many items are complete."""
        return len(self.columns["id"])

    @property
    def split(self) -> str:
        """The name of the split."""
        return self.meta["split"]

    @property
    def ids(self) -> list[str]:
        """One name an item."""
        return self.columns["id"]

    @property
    def categories(self) -> list[str]:
        """One category an item (not the set of them)."""
        return self.columns["category"]

    @property
    def subtypes(self) -> list[str]:
        """One subtype an item, "" if unknown."""
        return self.columns["subtype"]

    @property
    def captions(self) -> list[list[str]]:
        """The captions of each item."""
        return self.columns["captions"]

    @property
    def attributes(self) -> list[dict[str, Any]]:
        """The ground-truth attributes of each item."""
        return self.columns["attributes"]

    @property
    def views(self) -> list[list[str]]:
        """The phrases for the views of each item: one a view, or none."""
        return self.columns["views"]


def _read_meta(folder: Path) -> dict[str, Any]:
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ValueError(f"There is no data cache in '{folder}' (no meta.json).") from error
    except (OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"The meta.json of the data cache '{folder}' cannot be read.") from error
    head = {"format", "split", "num_items", "num_views", "image_size", "resolution"}
    if not isinstance(meta, dict) or not head <= meta.keys() or meta["format"] != FORMAT:
        raise ValueError(f"'{folder}/meta.json' is not that of a data cache of format {FORMAT}.")
    return meta


def _read_rows(path: Path, *, mend: bool) -> dict[str, list[Any]]:
    """The columns of rows.jsonl. To `mend` it drops a last line that was cut off."""
    try:
        whole = path.read_bytes().rpartition(b"\n")
        rows = [json.loads(line) for line in whole[0].split(b"\n")] if whole[1] else []
        columns = {field: [row[field] for row in rows] for field in FIELDS}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"The rows of the data cache '{path.parent}' cannot be read.") from error
    if mend and whole[2]:
        os.truncate(path, sum(map(len, whole[:2])))
    return columns
