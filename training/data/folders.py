"""The files below a folder that a command takes, and what it leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from pathlib import Path
from typing import NamedTuple

HIDDEN = "in hidden folders"


class Found(NamedTuple):
    """Files in sorted order, and how many others there are by the endings of their names."""

    paths: list[Path]
    left_out: Counter[str]


def find_files(root: Path, endings: Container[str], beside: Container[str] = frozenset()) -> Found:
    """All files below a folder whose names end rightly.

    Hidden ones, whose name or folder starts with a dot, are left out: copies that notebooks, file
    managers and version control keep. A link to nothing is found, so that it is missed aloud.

    Args:
        root: the folder.
        endings: of the files that are wanted, in lower case, with their dots.
        beside: endings of files that belong to others, and are not counted.
    """
    paths, left_out = [], Counter()
    for path in sorted(root.rglob("*")):
        if path.is_dir() or not (path.is_file() or path.is_symlink()):
            continue
        ending = path.suffix.lower()
        if any(part.startswith(".") for part in path.relative_to(root).parts):
            left_out[HIDDEN] += 1
        elif ending in endings:
            paths.append(path)
        elif ending not in beside:
            left_out[ending or "without an ending"] += 1
    return Found(paths, left_out)


def describe(left_out: Counter[str]) -> str:
    """Such as "3 .heic, 1 .txt", the most frequent first; "" for nothing."""
    return ", ".join(f"{count} {ending}" for ending, count in left_out.most_common())
