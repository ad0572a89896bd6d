"""Strange inputs to all that reads what visitors send: each is used, or refused in a sentence.

`fuzz_readers` calls the readers themselves, thousands a minute; `demo.soak.requests` asks a page.
"""

from __future__ import annotations

import base64
import io
import json
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from cisp.picture_files import load_reduced
from demo.service.drawings import judge
from demo.service.frames import Settings
from demo.service.recipes import Recipe
from demo.service.shape_files import GRIDS, MESHES, open_shape_file
from demo.service.sources import Source, pixels_source, read_pixels, read_shape, shape_source
from demo.soak.inputs import any_json, changed, damaged, write_file
from demo.tabs.sketch.pad import SIDE, read_page
from diffusion.grids.from_mesh import READERS, read_mesh

RESOLUTION = 16
SETTINGS = Settings(0, "ddim", 4, 2.0)


class Tally(NamedTuple):
    """What became of inputs: counts by "kind: outcome", and the first faults, each in a line."""

    outcomes: Counter[str]
    faults: list[str]

    def note(self, kind: str, outcome: str, fault: str = "") -> None:
        """Count one."""
        self.outcomes[f"{kind}: {outcome}"] += 1
        if fault and len(self.faults) < 100:
            self.faults.append(f"{kind}: {fault}")


def is_one_sentence(text: Any) -> bool:
    """Whether a refusal can be read: a short line, without a trace of the program."""
    return (
        isinstance(text, str)
        and 0 < len(text) < 600
        and "\n" not in text
        and "Traceback" not in text
    )


def picture(folder: Path, rng: np.random.Generator) -> None:
    """A picture for any endpoint."""
    load_reduced(write_file(folder, rng, lambda name: not name.endswith((*MESHES, *GRIDS, ".off"))))


def shape(folder: Path, rng: np.random.Generator) -> None:
    """A mesh or a grid for Explore."""
    path = write_file(folder, rng, lambda name: name.endswith((*MESHES, *GRIDS)))
    open_shape_file(path, RESOLUTION, str(rng.choice(["y", "z"])), int(rng.integers(4)))


def mesh(folder: Path, rng: np.random.Generator) -> None:
    """A mesh of a folder, for the command lines."""
    path = write_file(folder, rng, lambda name: name.endswith(tuple(READERS)))
    if path.suffix in READERS:
        read_mesh(path, path.suffix, path.name)


def drawing(_: Path, rng: np.random.Generator) -> None:
    """A page of the pad."""
    page = Image.new("RGB", (SIDE, SIDE), "white")
    points = rng.integers(0, SIDE, (4, 2)).tolist()
    ImageDraw.Draw(page).line([tuple(point) for point in points], fill="black", width=6)
    buffer = io.BytesIO()
    page.save(buffer, "png")
    packed = base64.b64encode(damaged(buffer.getvalue(), rng)).decode()
    value = {"image": f"data:image/png;base64,{packed}", "at": 5}
    value = changed(value, rng) if rng.random() < 0.5 else value
    judge(read_page(value).pixels)


def sound_recipe(rng: np.random.Generator) -> Recipe:
    """A recipe as a link carries it."""
    pixels = rng.integers(0, 256, (24, 24, 3)).astype(np.uint8)
    sources = pixels_source(pixels), shape_source(rng.random((8, 8, 8)) < 0.3)
    kind = str(rng.choice(["compare", "attributes", "walk"]))
    if kind != "walk":
        options = {"samples": 1} | ({"moves": "chair: height +0.50"} if kind != "compare" else {})
        return Recipe(kind, sources[:1], SETTINGS, ("clip", "cisp"), "f", options)
    options = {"frames": 5, "mode": "slerp"}
    return Recipe("walk", sources, SETTINGS, ("clip", "cisp"), "f", options)


def link(_: Path, rng: np.random.Generator) -> None:
    """The recipe of a link, changed in what it says or in how it is packed."""
    recipe = sound_recipe(rng)
    if rng.random() < 0.5:
        data = json.dumps(changed(recipe.to_json(), rng)).encode()
        text = base64.urlsafe_b64encode(zlib.compress(data)).decode().rstrip("=")
    else:
        text = damaged(recipe.to_text().encode(), rng).decode("latin-1")
    for source in Recipe.from_text(text).sources:
        if source.kind in ("pixels", "shape"):
            (read_pixels if source.kind == "pixels" else read_shape)(source.value)


def source(_: Path, rng: np.random.Generator) -> None:
    """The source of a guide, of any kind."""
    kinds = ("example", "gallery", "text", "pixels", "shape", "none")
    made = Source(str(rng.choice(kinds)), any_json(rng))
    if made.kind in ("pixels", "shape"):
        (read_pixels if made.kind == "pixels" else read_shape)(made.value)


READ: dict[str, Callable[[Path, np.random.Generator], None]] = {
    one.__name__: one for one in (picture, shape, mesh, drawing, link, source)
}


def fuzz_readers(folder: Path, count: int, seed: int) -> Tally:
    """Send `count` inputs to the readers, in turn; input i depends on `seed` and i alone.

    Args:
        folder: an empty one, for the files; each is removed again.
        count: of inputs.
        seed: of them.
    """
    tally = Tally(Counter(), [])
    kinds = list(READ)
    for index in range(count):
        kind = kinds[index % len(kinds)]
        rng = np.random.default_rng([seed, index])
        try:
            READ[kind](folder, rng)
            tally.note(kind, "used")
        except ValueError as error:
            if is_one_sentence(str(error)):
                tally.note(kind, "refused")
            else:
                tally.note(kind, "fault", f"input {index}: {str(error)[:200]!r}")
        except Exception as error:  # what should never happen, and is what we look for
            tally.note(kind, "fault", f"input {index}: {error!r:.200}")
        for path in folder.iterdir():
            path.unlink()
    return tally
