"""Pictures named on a command line, and their embeddings in every space."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from cisp.images import load_image
from training.command import one_line

if TYPE_CHECKING:
    from cisp.embedder import Embedder

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"}


class Embedded(NamedTuple):
    """Pictures that could be read: N `names`, (N, D) `embeds` a space, and how many could not."""

    names: list[str]
    embeds: dict[str, np.ndarray]
    skipped: int


def find_images(sources: Sequence[Path]) -> list[tuple[str, Path]]:
    """(name, path) of every picture: folders are searched all the way down, in sorted order.

    A file's name is its path as given, that of a picture in a folder its path below the folder
    (below where that folder lies, should two folders hold the same name).

    Raises:
        ValueError: if nothing is given, or the only thing given does not exist.
    """
    found: list[tuple[str, Path]] = []
    for source in sources:
        if source.is_dir():
            inside = sorted(p for p in source.rglob("*") if p.suffix.lower() in SUFFIXES)
            found += [(path.relative_to(source).as_posix(), path) for path in inside]
        else:
            found.append((source.as_posix(), source))
    if not found:
        raise ValueError(f"There is no picture in {', '.join(map(repr, map(str, sources)))}.")
    names = [name for name, _ in found]
    if len(set(names)) < len(names):
        found = [(path.as_posix(), path) for _, path in found]
    return found


def encode_images(
    space: Embedder, images: Iterable[Image.Image], device: torch.device | str, batch: int = 64
) -> np.ndarray:
    """Unit embeddings (N, D) float32 of pictures in one space."""
    chunks, pixels = [], []
    for image in images:
        pixels.append(space.preprocess(image))
        if len(pixels) == batch:
            chunks.append(_encode(space, pixels, device))
            pixels = []
    if pixels:
        chunks.append(_encode(space, pixels, device))
    return np.concatenate(chunks)


def embed_files(
    files: Sequence[tuple[str, Path]],
    spaces: Sequence[Embedder],
    device: torch.device | str,
    batch: int = 32,
) -> Embedded:
    """Embeds picture files in every space; one that cannot be read is skipped with one line.

    Raises:
        ValueError: if none can be read; with the file's own problem if there was only one.
    """
    names: list[str] = []
    chunks: dict[str, list[np.ndarray]] = {space.name: [] for space in spaces}
    skipped = 0
    bar = tqdm(total=len(files), desc="embed", unit="image", disable=len(files) < 2)
    for start in range(0, len(files), batch):
        waiting: dict[str, list[torch.Tensor]] = {space.name: [] for space in spaces}
        for name, path in files[start : start + batch]:
            try:
                image = load_image(path)
                pixels = [space.preprocess(image) for space in spaces]
            except ValueError as error:
                if len(files) == 1:
                    raise
                skipped += 1
                print(f"skipped: {name}: {one_line(error)}", file=sys.stderr)
                continue
            names.append(name)
            for space, prepared in zip(spaces, pixels, strict=True):
                waiting[space.name].append(prepared)
        for space in spaces:
            if waiting[space.name]:
                chunks[space.name].append(_encode(space, waiting[space.name], device))
        bar.update(min(batch, len(files) - start))
    bar.close()
    if not names:
        raise ValueError(f"None of the {len(files)} pictures can be read.")
    if skipped:
        print(f"{skipped} of {len(files)} pictures skipped", file=sys.stderr)
    return Embedded(names, {key: np.concatenate(value) for key, value in chunks.items()}, skipped)


@torch.inference_mode()
def _encode(space: Embedder, pixels: list[torch.Tensor], device: torch.device | str) -> np.ndarray:
    return space.encode_image(torch.stack(pixels).to(device)).float().cpu().numpy()
