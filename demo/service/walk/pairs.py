"""Example walks with precomputed frames, which open at once.

assets/examples/walks/walks.json lists them; the frames lie beside it as NAME.npz. They are shown
only while they are valid: a file names the weights and the pictures that it was made from.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from demo.service.examples import Example
from demo.service.frames import Settings
from demo.service.sources import Source
from demo.service.walk.lattice import Lattice
from demo.service.walk.log import WalkLog
from demo.service.walk.points import Point, example_point
from diffusion.grids.frame import pack_bits, unpack_bits

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pair:
    """A path to start with.

    Args:
        file: path of its frames, if they were made.
        label: its name on the page.
        ends: A and B: examples, or shapes of the gallery.
        mode: one of `demo.service.walk.lattice.MODES`.
        num_frames: both ends included.
    """

    file: Path
    label: str
    ends: tuple[Source, Source]
    mode: str
    num_frames: int


@dataclass(frozen=True)
class FinishedWalk:
    """The precomputed walk of a pair: its frames, its end points for the page, its settings."""

    log: WalkLog
    points: list[Point]
    settings: Settings


def read_pairs(folder: Path) -> list[Pair]:
    """Read walks.json; no file means no pairs."""
    index = folder / "walks.json"
    if not index.is_file():
        return []
    return [
        Pair(
            folder / f"{entry['name']}.npz",
            entry["label"],
            tuple(Source(**end) for end in entry["ends"]),
            entry["mode"],
            entry["num_frames"],
        )
        for entry in json.loads(index.read_text(encoding="utf-8"))
    ]


def save_pair(
    pair: Pair,
    log: WalkLog,
    points: Sequence[Point],
    settings: Settings,
    weights: str,
    examples: Sequence[Example],
) -> Path:
    """Write the frames of a pair for `load_pair`.

    Args:
        pair: which one.
        log: its complete walk.
        points: its ends as the page shows them.
        settings: how its frames were sampled.
        weights: the fingerprint of the models that made them.
        examples: where the pictures of the ends lie.
    """
    spaces = list(log.frames)
    kept = [{key: one for key, one in point.items() if key != "src"} for point in points]
    np.savez_compressed(
        pair.file,
        key=_key(pair, weights, examples),
        spaces=np.array(spaces),
        frames=pack_bits(np.array([log.frames[s] for s in spaces])),
        resolution=len(log.frames[spaces[0]][0]),
        embeds=np.array([log.embeds[s] for s in spaces], np.float16),
        points=json.dumps(kept),
        settings=json.dumps(asdict(settings)),
    )
    return pair.file


def load_pair(pair: Pair, weights: str | None, examples: Sequence[Example]) -> FinishedWalk | None:
    """Read what `save_pair` wrote; None if it is absent, or made from other weights or pictures.

    `weights` is the fingerprint of the models in use, None where there are none.
    """
    if not pair.file.is_file():
        return None
    with np.load(pair.file, allow_pickle=False) as file:
        if weights is not None and str(file["key"]) != _key(pair, weights, examples):
            LOGGER.warning("%s was made from other weights or pictures.", pair.file)
            return None
        arrays: dict[str, Any] = {name: file[name] for name in file.files}
    spaces = [str(space) for space in arrays["spaces"]]
    grids = unpack_bits(arrays["frames"], int(arrays["resolution"]))  # (spaces, frames, R, R, R)
    embeds = dict(zip(spaces, arrays["embeds"].astype(np.float32), strict=True))
    log = WalkLog(Lattice(1, grids.shape[1]), embeds)
    for index in range(grids.shape[1]):
        log.add(index, dict(zip(spaces, grids[:, index], strict=True)))
    points = [_with_picture(point, examples) for point in json.loads(str(arrays["points"]))]
    return FinishedWalk(log, points, Settings(**json.loads(str(arrays["settings"]))))


def _with_picture(point: Point, examples: Sequence[Example]) -> Point:
    """Set the picture of an example, whose path differs by machine."""
    if point["kind"] != "example":
        return point
    return next((example_point(e) for e in examples if e.image.name == point["value"]), point)


def _key(pair: Pair, weights: str, examples: Sequence[Example]) -> str:
    digest = hashlib.sha256(weights.encode())
    digest.update(json.dumps([pair.mode, pair.num_frames]).encode())
    for end in pair.ends:
        digest.update(f"{end.kind}:{end.value}".encode())
        for example in examples:
            if end.kind == "example" and example.image.name == end.value:
                digest.update(example.image.read_bytes())
    return digest.hexdigest()
