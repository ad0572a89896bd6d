"""The procedural data set: which shapes a split holds, and what is drawn of each.

The categories take turns, and every item has a seed of its own; splits share no seed. Views come in
a fixed order (`VIEWS`), so view 0 is always a rendering as 3D-R2N2 has them.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from cisp.images import cutout
from training.data.cache import DataCache
from training.data.composites import found_again
from training.data.item import Item
from training.rendering.camera import drawing_camera, r2n2_camera, wide_camera
from training.rendering.drawing import Hand, draw
from training.rendering.lighting import random_lighting
from training.rendering.renderer import Scene, render
from training.shapes import CATEGORIES, make_shape
from training.shapes.captions import view_words
from training.shapes.measure import grid_attributes
from training.shapes.shape import Shape
from training.tools.workers import parallel_map

VIEWS = ("r2n2", "wide", "r2n2", "drawing", "drawing")
PICTURE = 120  # pixels of a rendering's side before its cut-out is taken
FIRST_SEED = {"train": 0, "val": 1_000_000_000, "test": 2_000_000_000}
DEFAULT_COUNT = {"train": 13_000, "val": 520, "test": 2600}


@dataclass(frozen=True)
class Drawn:
    """One procedural item: its grid, its pictures, and its row of the cache's table.

    Attributes:
        grid: (R, R, R) float32 in [-1, 1].
        pictures: (V, S, S, 4) uint8, RGBA: renderings and drawings, or their cut-outs.
        row: id, category, subtype, captions, attributes, views.
    """

    grid: np.ndarray
    pictures: np.ndarray
    row: dict[str, Any]


def seed_of(split: str, index: int) -> tuple[str, int]:
    """Category and seed of item `index` of a split."""
    number, turn = divmod(index, len(CATEGORIES))
    return CATEGORIES[turn], FIRST_SEED[split] + number


@lru_cache(maxsize=1)  # an item is read once more for each of its pictures
def shape_of(split: str, index: int, device: str) -> tuple[Shape, torch.Tensor, torch.Tensor]:
    """Item `index` of a split: the shape, its grid, and its distances, which the renderer reads."""
    shape = make_shape(*seed_of(split, index))
    grid, distance, _ = shape.volume(device=device)
    return shape, grid, distance


def draw_item(
    split: str,
    index: int,
    views: Sequence[str] = VIEWS,
    device: str = "cpu",
    wanted: Sequence[int] | None = None,
    side: int = PICTURE,
) -> Drawn:
    """Draw item `index` of a split; the same on every machine up to rounding.

    Args:
        split: train, val or test.
        index: which item.
        views: kinds of cameras, in the order of their random draws.
        device: where it is rendered.
        wanted: which of the views are drawn, rising; all by default. Drawings share a random
            generator, so each needs those before it.
        side: pixels of a picture's.
    """
    category, seed = seed_of(split, index)
    shape, grid, distance = shape_of(split, index, device)
    grid_cpu = grid.cpu().numpy()
    row = {
        "id": f"{category}-{seed}",
        "category": category,
        "subtype": shape.subtype,
        "captions": shape.captions,
        "attributes": shape.attributes | grid_attributes(grid_cpu > 0),
        "views": [],
    }
    wanted = range(len(views)) if wanted is None else wanted
    if not wanted:
        return Drawn(grid_cpu, np.zeros((0, side, side, 4), np.uint8), row)
    rng = np.random.default_rng([zlib.crc32(category.encode()), seed, 1])
    hand_rng = torch.Generator().manual_seed(int(rng.integers(2**62)))
    points = (np.argwhere(grid_cpu > 0) + 0.5) / len(grid_cpu) - 0.5
    makers = {
        "r2n2": r2n2_camera,
        "wide": wide_camera,
        "drawing": partial(drawing_camera, category=category),
    }
    cameras = [makers[view](rng, points) for view in views]
    lights = [random_lighting(rng) for _ in views]
    shown = [(cameras[view], lights[view]) for view in wanted]
    buffers = render(Scene.of_shape(shape, distance), *zip(*shown, strict=True), side)
    pictures = [
        draw(buffers, at, Hand.random(hand_rng), hand_rng)
        if views[view] == "drawing"
        else buffers.rgba[at]
        for at, view in enumerate(wanted)
    ]
    row["views"] = [
        view_words(camera.azimuth, camera.elevation, view == "drawing")
        for camera, view in zip(cameras, views, strict=True)
    ]
    array = (torch.stack(pictures) * 255).round().to(torch.uint8).cpu().numpy()
    return Drawn(grid_cpu, array, row)


class Pictures(Sequence):
    """The views of an item, each drawn on demand."""

    def __init__(self, split: str, index: int):
        self.split, self.index = split, index

    def __len__(self) -> int:
        return len(VIEWS)

    def __getitem__(self, view: int) -> Image.Image:
        view = range(len(VIEWS))[view]
        drawings = [at for at in range(view) if VIEWS[at] == VIEWS[view] == "drawing"]
        drawn = draw_item(self.split, self.index, wanted=[*drawings, view])
        return Image.fromarray(drawn.pictures[-1], "RGBA")


class ProceduralSource:
    """The shapes of a split as `Item`s, made when indexed."""

    def __init__(self, split: str, count: int):
        self.split, self.count = split, count
        self.categories = sorted(CATEGORIES)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Item:
        if not 0 <= index < self.count:
            raise IndexError(index)
        drawn = draw_item(self.split, index, wanted=())
        row, pictures = drawn.row, Pictures(self.split, index)
        return Item(row["id"], row["category"], drawn.grid, pictures, row["captions"])


def open_procedural(split: str, resolution: int = 32, count: int | None = None) -> ProceduralSource:
    """The procedural split "train", "val" or "test".

    Raises:
        ValueError: for another split, or a resolution other than 32.
    """
    if split not in FIRST_SEED:
        raise ValueError(f"Unknown split {split!r}: procedural data has train, val and test.")
    if resolution != 32:
        raise ValueError(f"Procedural grids have 32 cells a side, not {resolution}.")
    return ProceduralSource(split, count or DEFAULT_COUNT[split])


def _draw_cutouts(
    index: int, split: str, views: Sequence[str], size: int, masked: float = 0.0
) -> Drawn:
    drawn = draw_item(split, index, views)
    category, seed = seed_of(split, index)
    mixed = np.random.SeedSequence([zlib.crc32(category.encode()), seed, 2]).generate_state(1)
    generator = torch.Generator().manual_seed(int(mixed[0]))  # the pictures have another
    cutouts = []
    for view, rgba in zip(views, drawn.pictures, strict=True):
        is_chosen = view != "drawing" and torch.rand((), generator=generator) < masked
        made = found_again(rgba, size, generator) if is_chosen else None
        cutouts.append(made or cutout(Image.fromarray(rgba, "RGBA"), size))
    return Drawn(drawn.grid, np.stack([np.asarray(c) for c in cutouts]), drawn.row)


def build_cache(
    folder: str | Path,
    split: str,
    count: int,
    image_size: int,
    *,
    first: int = 0,
    views: Sequence[str] = VIEWS,
    masked: float = 0.0,
    workers: int = 1,
    chunk: int = 100,
) -> DataCache:
    """Draw `count` items of a split, from `first` on, into a cache; or the rest of them.

    A share `masked` of the renderings is put on busy grounds and cut out again as photographs are,
    which takes half a second each; one that is missed then stays as it was rendered.

    On the CPU, whatever trains: drawing is thousands of small steps an item, each of which a device
    would be waited for.
    """
    cache = DataCache.create(
        folder,
        split=split,
        num_items=count,
        num_views=len(views),
        image_size=image_size,
        source=f"procedural:{split}"
        + (f" from item {first}" if first else "")
        + (f", masked {masked:g}" if masked else "")
        + (f", views {' '.join(views)}" if tuple(views) != VIEWS else ""),
    )
    todo = range(first + cache.done, first + count)
    pending: list[Drawn] = []
    one = partial(_draw_cutouts, split=split, views=views, size=image_size, masked=masked)
    drawn = parallel_map(one, todo, workers=workers)
    for item in tqdm(drawn, desc=f"drawing {split}", total=count, initial=cache.done, unit="shape"):
        pending.append(item)
        if len(pending) == chunk or cache.done + len(pending) == count:
            grids, cutouts = (
                np.stack([getattr(d, f) for d in pending]) for f in ("grid", "pictures")
            )
            cache.append(grids, cutouts, [d.row for d in pending])
            pending = []
    return DataCache.load(folder)
