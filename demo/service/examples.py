"""The examples beside the upload box, and their precomputed results.

assets/examples/examples.json lists them; a result lies beside its image as NAME.frames.npz, so
that a visitor sees shapes on the first click. A result is shown only while it is valid: it names
the weights and the image that it was made from.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from demo.service.frames import Frame, Guide, Settings
from diffusion.grids.frame import iou, pack_bits, unpack_bits

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Example:
    """An image to start from.

    Args:
        kind: "rendering" or "drawing".
        shape: file with the true shape (`grid`, positive inside), where it is known.
    """

    image: Path
    label: str
    kind: str
    shape: Path | None = None

    @property
    def result(self) -> Path:
        """Path of the precomputed result, if there is one."""
        return self.image.with_suffix(".frames.npz")

    def truth(self) -> np.ndarray | None:
        """Read the true shape, bool (R, R, R), or None where it is not known."""
        if self.shape is None or not self.shape.is_file():
            return None
        with np.load(self.shape, allow_pickle=False) as file:
            return file["grid"] > 0


def read_examples(folder: Path) -> list[Example]:
    """Read examples.json; entries without an image are left out, no file means no examples."""
    index = folder / "examples.json"
    if not index.is_file():
        return []
    examples = []
    for entry in json.loads(index.read_text(encoding="utf-8")):
        image = folder / entry["image"]
        if not image.is_file():
            LOGGER.warning("The example image %s is missing.", image)
            continue
        shape = folder / entry["shape"] if entry.get("shape") else None
        examples.append(Example(image, entry["label"], entry["kind"], shape))
    return examples


def save_result(example: Example, frames: Sequence[Frame], weights: str) -> Path:
    """Write the frames of one comparison, the last with its samples, for `load_result`.

    `weights` is the fingerprint of the models that made them.
    """
    last = frames[-1]
    frames = list({frame.step: frame for frame in frames}.values())  # later samples add no step
    spaces = list(last.occupancy)
    np.savez_compressed(
        example.result,
        key=_key(example, weights),
        spaces=np.array(spaces),
        frames=pack_bits(np.array([[f.occupancy[s] for f in frames] for s in spaces])),
        samples=np.array([last.samples[s] for s in spaces], np.float16),
        embeds=np.array([last.guide.embeds[s] for s in spaces]),
        cutout=last.guide.pixels,
        seconds=last.seconds,
        settings=json.dumps(asdict(last.settings)),
    )
    return example.result


def load_result(example: Example, weights: str | None) -> list[Frame]:
    """Read what `save_result` wrote; empty if it is absent, or made from other weights or image.

    `weights` is the fingerprint of the models in use, None where there are none.
    """
    if not example.result.is_file():
        return []
    with np.load(example.result, allow_pickle=False) as file:
        if weights is not None and str(file["key"]) != _key(example, weights):
            LOGGER.warning("%s was made from other weights or another image.", example.result)
            return []
        spaces = [str(space) for space in file["spaces"]]
        settings = Settings(**json.loads(str(file["settings"])))
        samples = dict(zip(spaces, file["samples"].astype(np.float32), strict=True))
        guide = Guide(dict(zip(spaces, file["embeds"], strict=True)), file["cutout"])
        packed, seconds = file["frames"], float(file["seconds"])
    grids = unpack_bits(packed, next(iter(samples.values())).shape[-1])  # (spaces, steps, R, R, R)
    frames = []
    truth = example.truth()
    for step in range(grids.shape[1]):
        last = step == grids.shape[1] - 1
        occupancy = dict(zip(spaces, grids[:, step], strict=True))
        frames.append(
            Frame(
                settings,
                step,
                occupancy,
                seconds,
                guide,
                samples=samples if last else {},
                is_last=last,
                iou_between=iou(*occupancy.values()) if len(spaces) == 2 else None,
                iou_to_truth={}
                if truth is None
                else {s: iou(grid, truth) for s, grid in occupancy.items()},
            )
        )
    return frames


def _key(example: Example, weights: str) -> str:
    return hashlib.sha256(weights.encode() + example.image.read_bytes()).hexdigest()
