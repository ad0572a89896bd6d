"""Strange inputs from a seed: files of every kind that is read, damaged, and JSON of any shape."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from cisp.picture_files import FORMATS
from diffusion.grids.binvox import encode_binvox
from diffusion.grids.to_mesh import to_trimesh

# Names in every script, with spaces and signs that shells and pages take for their own.
NAMES = ("chair", "椅子", "كرسي", "стул", "कुर्सी", "เก้าอี้", "의자", "🪑🏽", "a b", "x'y\"z")
NAMES += ("<b>&amp;", "..", "-rf", "%2e%2e%2f", "$(id)", "con", "a" * 120, "ﬀ", "e\u0301")
NAMES += ("\u202egpj", "\u200b", "~", "{x}")
NUMBERS = (0, 1, -1, 2, 8, 9, 64, 65, 100, 101, 0.5, 1.5, 1e308, -1e308, 2**31 - 1, 2**31, 2**63)
TEXTS = ("", " ", "0", "null", "\0", "\ud800", "𝕏" * 50, "<script>alert(1)</script>", "{}", "../x")
WORDS = ("preview", "standard", "full", "slerp", "ddim", "ddpm", "automatic", "mask", "whole")
KEYS = ("path", "url", "image", "at", "points", "kind", "value", "row", "meta", "active")


@cache
def sound_files() -> dict[str, bytes]:
    """One sound file of every kind that the page reads: ending -> bytes."""
    picture = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(8, 40), (20, 8), (56, 36)], fill=(20, 30, 90, 255), width=5)
    files = {}
    for kind in sorted(set(FORMATS) & set(Image.SAVE)):
        for mode in ("RGB", "RGBA", "L", "P"):
            buffer = io.BytesIO()
            try:
                picture.convert(mode).save(buffer, kind)
            except (OSError, KeyError, ValueError):  # not every format has every mode
                continue
            files[f"{mode}.{kind.lower()}"] = buffer.getvalue()
    grid = np.full((12, 12, 12), -1.0, np.float32)
    grid[2:5, 1:11, 3:9] = grid[2:9, 4:6, 3:9] = 1
    mesh = to_trimesh(grid)
    for kind in ("glb", "obj", "ply", "stl", "off"):
        data = mesh.export(file_type=kind)
        files[f"mesh.{kind}"] = data.encode() if isinstance(data, str) else data
    files["grid.binvox"] = encode_binvox(grid > 0)
    for name, values in (("full", grid > 0), ("signed", grid), ("probable", (grid + 1) / 2)):
        buffer = io.BytesIO()
        np.savez_compressed(buffer, grid=values)
        files[f"{name}.npz"] = buffer.getvalue()
    return files


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """A file changed in one of the ways in which files break; one in eight stays as it is."""
    way, size = int(rng.integers(8)), len(data)
    at, end = np.sort(rng.integers(0, size + 1, 2))
    if way == 1:
        return data[:at]
    if way == 2:
        return data[:at] + data[end:]
    if way == 3:
        return data[:end] + data[at:end] * int(rng.integers(1, 4)) + data[end:]
    if way == 4:
        return data + rng.bytes(int(rng.integers(1, 4000)))
    if way == 5:  # a number far too large or small, as in headers
        number = int(rng.choice([0, 1, 127, 255, 2**15, 2**31 - 1, 2**32 - 1]))
        return data[:at] + number.to_bytes(4, "little") + data[at + 4 :]
    if way in (6, 7):
        array = np.frombuffer(data, np.uint8).copy()
        reach = min(size, 64 if way == 6 else size)  # headers break more than what follows
        places = rng.integers(0, max(reach, 1), int(rng.integers(1, 9)))
        array[places % max(size, 1)] = rng.integers(0, 256, len(places))
        return array.tobytes()
    return data


def write_file(folder: Path, rng: np.random.Generator, wanted: Callable[[str], bool]) -> Path:
    """Write a damaged file of one of the kinds that are wanted, under a strange name."""
    names = [name for name in sound_files() if wanted(name)]
    kind = str(rng.choice(names))
    data = damaged(sound_files()[kind], rng)
    stem, ending = str(rng.choice(NAMES)), kind.rpartition(".")[2]
    ending = str(rng.choice(["png", "jpg", "glb", "npz"])) if rng.random() < 0.1 else ending
    path = folder / f"{stem}.{ending}"
    path.write_bytes(data)
    return path


def any_json(rng: np.random.Generator, depth: int = 3) -> Any:
    """Plain data of any type and size."""
    kind = int(rng.integers(9 if depth else 6))
    if kind == 0:
        return None
    if kind == 1:
        return bool(rng.integers(2))
    if kind == 2:
        return NUMBERS[int(rng.integers(len(NUMBERS)))]
    if kind == 3:
        return str(rng.choice(WORDS))
    if kind == 4:
        return TEXTS[int(rng.integers(len(TEXTS)))]
    if kind == 5:
        return "x" * int(rng.choice([1, 1000, 100_000]))
    if kind == 6:
        return [any_json(rng, depth - 1) for _ in range(rng.integers(5))]
    if kind == 7:
        keys = ("path", "url", "image", "at", "points", "kind", "value", "row", "meta", "active")
        return {str(rng.choice(keys)): any_json(rng, depth - 1) for _ in range(rng.integers(5))}
    deep: Any = []
    for _ in range(int(rng.choice([10, 60]))):
        deep = [deep]
    return deep


def changed(data: Any, rng: np.random.Generator) -> Any:
    """Sound data with one value, somewhere in it, replaced by anything, left out, or doubled."""
    data = json.loads(json.dumps(data))
    place, spots = data, []
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        spots.append((place, keys[int(rng.integers(len(keys)))]))
        place = spots[-1][0][spots[-1][1]]
    if not spots:
        return any_json(rng)
    holder, key = spots[int(rng.integers(len(spots)))]
    if rng.random() < 0.2:
        del holder[key]
    elif isinstance(holder, list) and rng.random() < 0.2:
        holder.append(holder[key])
    else:
        holder[key] = any_json(rng)
    return data
