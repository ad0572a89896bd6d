"""Files that Git LFS has not fetched. Needs no torch, which the page loads later."""

from __future__ import annotations

from pathlib import Path

POINTER = b"version https://git-lfs.github.com/"  # so begins what lies in the file's place


def refuse_pointer(file: str | Path) -> None:
    """Refuse a file that stands for one that has not been downloaded.

    Raises:
        ValueError: it is a pointer of Git LFS.
    """
    with Path(file).open("rb") as opened:
        if opened.read(len(POINTER)) == POINTER:
            raise ValueError(f"{file} is only a Git LFS pointer: run “git lfs pull”.")
