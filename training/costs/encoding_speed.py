"""From picture files to embeddings, for `training.benchmark`: time of one, rate of many."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw

from cisp.embedder import Embedder
from cisp.encoding import encode_pixels
from cisp.images import all_pixels, cutouts
from cisp.picture_files import load_image
from training.costs.timing import median_seconds
from training.data.inputs import embed_files, find_images, processes

SIZE = (640, 480)


def _thing(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Draw a box on legs somewhere near the middle."""
    draw = ImageDraw.Draw(image)
    x, y = rng.uniform(150, 250), rng.uniform(100, 180)
    colour, dark = (tuple(map(int, rng.integers(20, 150, 3))) for _ in range(2))
    for leg in (10, 250):
        draw.rectangle((x + leg, y + 120, x + leg + 20, y + 260), fill=dark)
    draw.rectangle((x, y, x + 280, y + 120), fill=colour)
    return image


def photo(rng: np.random.Generator) -> Image.Image:
    """On a busy background that is not keyed out."""
    coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3)).astype(np.uint8))
    return _thing(coarse.resize(SIZE, Image.Resampling.BICUBIC), rng)


def studio(rng: np.random.Generator) -> Image.Image:
    """On a plain background with camera noise."""
    grey = rng.normal(225, 3, (SIZE[1], SIZE[0], 3)).clip(0, 255).astype(np.uint8)
    return _thing(Image.fromarray(grey), rng)


def drawing(rng: np.random.Generator) -> Image.Image:
    """Strokes on white."""
    image = Image.new("RGB", SIZE, "white")
    points = rng.uniform((150, 80), (490, 400), (9, 2))
    ImageDraw.Draw(image).line([tuple(p) for p in points], fill="black", width=4)
    return image


def rendering(rng: np.random.Generator) -> Image.Image:
    """On transparency."""
    return _thing(Image.new("RGBA", SIZE), rng)


KINDS: dict[str, tuple[Callable[[np.random.Generator], Image.Image], str]] = {
    "photo": (photo, "jpg"),
    "plain background": (studio, "jpg"),
    "drawing": (drawing, "png"),
    "transparent background": (rendering, "png"),
}


def write_pictures(folder: Path, count: int) -> None:
    """`count` files of 640 x 480 pixels, the kinds in turn, all different."""
    for number in range(count):
        draw, suffix = list(KINDS.values())[number % len(KINDS)]
        draw(np.random.default_rng(number)).save(folder / f"{number:05d}.{suffix}")


def encoding_seconds(
    spaces: Sequence[Embedder], repeats: int, device: torch.device
) -> dict[str, dict[str, float]]:
    """Seconds from a file to its embeddings: in each space alone, in all, and without towers.

    Returns:
        "clip", "cisp", ..., "all spaces" and "cut out alone" -> kind of picture -> seconds.
    """

    def encode(path: Path, chosen: Sequence[Embedder]) -> None:
        made = cutouts(load_image(path), {space.image_size for space in spaces})
        for space in chosen:
            encode_pixels(space, [all_pixels(made[space.image_size])], device)

    choices = {space.name: [space] for space in spaces}
    choices |= {"all spaces": list(spaces), "cut out alone": []}
    with tempfile.TemporaryDirectory() as folder:
        write_pictures(Path(folder), len(KINDS))
        files = dict(zip(KINDS, sorted(Path(folder).iterdir()), strict=True))
        return {
            name: {
                kind: median_seconds(lambda c=chosen, p=path: encode(p, c), repeats, device)
                for kind, path in files.items()
            }
            for name, chosen in choices.items()
        }


def embedding_rate(spaces: Sequence[Embedder], count: int, device: torch.device) -> dict[str, Any]:
    """How fast `training.embed` works through `count` files, the start of processes included."""
    with tempfile.TemporaryDirectory() as folder:
        write_pictures(Path(folder), count)
        files = find_images([Path(folder)])
        start = time.perf_counter()
        embed_files(files, spaces, device)
        seconds = time.perf_counter() - start
    return {
        "pictures": count,
        "spaces": [space.name for space in spaces],
        "picture_size": SIZE,
        "processes": processes(count),
        "images_per_second": count / seconds,
    }
