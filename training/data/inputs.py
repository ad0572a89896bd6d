"""Pictures named on a command line, and their embeddings in every space.

An embedding depends on its picture alone, not on the batch it is embedded in
(`cisp.encoding.encode_pixels`).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from cisp.boxes import Box
from cisp.encoding import encode_pixels
from cisp.images import all_pixels, cutouts
from cisp.naming import AUTOMATIC, Way
from cisp.picture_files import endings, load_image
from training.data.folders import Found, describe, find_files
from training.tools.command import one_line
from training.tools.workers import default_workers, parallel_map

if TYPE_CHECKING:
    from cisp.embedder import Embedder

T = TypeVar("T")
SUFFIXES = endings()
PICTURES_A_PROCESS = 100  # a process takes as long to start as it needs for some fifty pictures
BLOCK = 2000  # pictures cut out ahead of the towers at most: they lie in memory


class Embedded(NamedTuple):
    """Pictures that could be read: N `names`, (N, D) `embeds` a space, and how many could not."""

    names: list[str]
    embeds: dict[str, np.ndarray]
    skipped: int


def find_images(sources: Sequence[Path]) -> list[tuple[str, Path]]:
    """(name, path) of every picture: folders are searched all the way down, in sorted order.

    A file's name is its path as given, that of a picture in a folder its path below the folder
    (below where that folder lies, should two folders hold the same name). What a folder holds
    beside pictures is counted by its endings on stderr, and left out.

    Raises:
        ValueError: if nothing is given, or the only thing given does not exist.
    """
    found: list[tuple[str, Path]] = []
    left_out = Counter()
    for source in sources:
        inside = find_files(source, SUFFIXES) if source.is_dir() else Found([source], Counter())
        left_out += inside.left_out
        for path in inside.paths:
            found.append(((path if path == source else path.relative_to(source)).as_posix(), path))
    told = f"left out: {describe(left_out)}" if left_out else ""
    if not found:
        where = ", ".join(map(repr, map(str, sources)))
        raise ValueError(f"There is no picture in {where}{told and f' ({told})'}.")
    if told:
        print(told, file=sys.stderr)
    names = [name for name, _ in found]
    if len(set(names)) < len(names):
        found = [(path.as_posix(), path) for _, path in found]
    return found


def encode_images(
    spaces: Sequence[Embedder],
    images: Iterable[Image.Image],
    device: torch.device | str,
    batch: int = 64,
) -> dict[str, np.ndarray]:
    """Unit embeddings (N, D) float32 of pictures a space; `batch` cut-outs wait in memory."""
    sizes = frozenset(space.image_size for space in spaces)
    chunks: dict[str, list[np.ndarray]] = {space.name: [] for space in spaces}
    for part in _batched((cutouts(image, sizes) for image in images), batch):
        _encode_cut(part, spaces, device, chunks)
    return {name: np.concatenate(parts) for name, parts in chunks.items()}


def _encode_cut(
    cut: Sequence[dict[int, list[Image.Image]]],
    spaces: Sequence[Embedder],
    device: torch.device | str,
    chunks: dict[str, list[np.ndarray]],
) -> None:
    """Add to the `chunks` of each space the embeddings of pictures that are cut out, by size."""
    pixels = [{size: all_pixels(shown) for size, shown in sides.items()} for sides in cut]
    for space in spaces if pixels else ():
        rows = [sides[space.image_size] for sides in pixels]
        chunks[space.name].append(encode_pixels(space, rows, device))


def embed_files(
    files: Sequence[tuple[str, Path]],
    spaces: Sequence[Embedder],
    device: torch.device | str,
    batch: int = 32,
    way: Way = AUTOMATIC,
    box: Box | None = None,
) -> Embedded:
    """Embeds picture files in every space; one that cannot be read is skipped with one line.

    They are cut out in a `way` of `cisp.naming.WAYS`, once for each image size among the spaces,
    of each only what it shows in the `box`, if there is one.
    With at least twice `PICTURES_A_PROCESS` files, several processes do that.

    Raises:
        ValueError: if none can be read; with the file's own problem if there was only one.
    """
    names: list[str] = []
    chunks: dict[str, list[np.ndarray]] = {space.name: [] for space in spaces}
    sizes = frozenset(space.image_size for space in spaces)
    bar = tqdm(total=len(files), desc="embed", unit="image", disable=len(files) < 2)
    made = zip(files, _cut_out([path for _, path in files], sizes, way, box), strict=True)
    for part in _batched(made, batch):
        good = []
        for (name, _), cut in part:
            if isinstance(cut, str):
                if len(files) == 1:
                    raise ValueError(cut)
                bar.write(f"skipped: {name}: {cut}", file=sys.stderr)
            else:
                names.append(name)
                good.append(cut)
        _encode_cut(good, spaces, device, chunks)
        bar.update(len(part))
    bar.close()
    if not names:
        raise ValueError(f"None of the {len(files)} pictures can be read.")
    skipped = len(files) - len(names)
    if skipped:
        print(f"{skipped} of {len(files)} pictures skipped", file=sys.stderr)
    return Embedded(names, {key: np.concatenate(value) for key, value in chunks.items()}, skipped)


def processes(count: int) -> int:
    """How many processes cut out `count` pictures."""
    return max(1, min(default_workers(), min(count, BLOCK) // PICTURES_A_PROCESS))


def _cut_out(
    paths: Sequence[Path], sizes: frozenset[int], way: Way, box: Box | None
) -> Iterator[dict[int, list[Image.Image]] | str]:
    """Each file's cut-outs by size, or in one line why there are none; in order."""
    function = partial(_cut_out_one, sizes=sizes, way=way, box=box)
    for block in _batched(paths, BLOCK):
        workers = processes(len(block))
        if workers > 1:
            yield from parallel_map(function, block, workers=workers)
        else:  # not parallel_map with one process: it would also limit the threads of the towers
            yield from map(function, block)


def _cut_out_one(
    path: Path, sizes: frozenset[int], way: Way, box: Box | None
) -> dict[int, list[Image.Image]] | str:
    try:
        return cutouts(load_image(path, box), sizes, way)
    except ValueError as error:
        return one_line(error)


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """What itertools.batched is from Python 3.12 on."""
    items = iter(items)
    while part := list(islice(items, size)):
        yield part
