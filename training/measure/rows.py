"""Rows of measurements on the disk, one an image, from which an interrupted run goes on."""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from diffusion.grids.frame import pack_bits, unpack_bits
from training.tools.command import atomic_path

Row = dict[str, Any]


class RowFile:
    """Rows in a JSONL file, appended chunk by chunk; the first line says what they belong to."""

    def __init__(self, path: Path, head: dict[str, Any], *, resume: bool, chunk: int, total: int):
        """Opens the file; with `resume` it keeps the rows that are there, all or whole chunks.

        Rows of other models (`head["models"]`) are dropped: training went on in between.

        Raises:
            ValueError: if the file there was made with another head otherwise.
        """
        self.path, self.rows = path, []
        if resume and path.exists():
            lines = list(_json_lines(path))
            earlier = lines[0].get("head", {}) if lines else {}
            if {**earlier, "models": None} != {**head, "models": None}:
                raise ValueError(f"'{path}' was made with other settings: run without --resume.")
            if earlier != head:
                lines = lines[:1]
            whole = len(lines) - 1
            if whole != total:
                whole -= whole % chunk  # so that the rest is sampled in the same batches
            self.rows = lines[1 : 1 + whole]
        # Hours of measurements may lie there, and nowhere else.
        with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as file:
            for line in ({"head": head}, *self.rows):
                file.write(json.dumps(line) + "\n")

    def append(self, rows: list[Row]) -> None:
        """Appends rows and makes sure that they are on the disk."""
        with self.path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
            file.flush()
            os.fsync(file.fileno())
        self.rows += rows


def _json_lines(path: Path) -> Iterator[Any]:
    """The lines of a file up to the first that an interruption cut short."""
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            return


def packed(grid: np.ndarray) -> str:
    """A boolean grid as a few hundred characters, see `unpacked`."""
    return base64.b64encode(zlib.compress(pack_bits(grid).tobytes())).decode()


def unpacked(text: str, resolution: int) -> np.ndarray:
    """The boolean grid (R, R, R) that was `packed`."""
    cells = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    return unpack_bits(cells, resolution)
