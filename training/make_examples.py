"""Write the example images of the page: renderings with their true shapes, and line drawings.

    python -m training.make_examples [--out assets/examples]

The shapes come from seeds that no training and no evaluation reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from training.rendering.camera import framed
from training.rendering.drawing import Hand, draw
from training.rendering.lighting import Lighting
from training.rendering.renderer import Scene, render
from training.shapes import make_shape
from training.tools.command import run_command, save_json, save_npz

FIRST_SEED = 2_900_000_000  # in the test split's range, far above those that evaluation reads
PICTURE = 320
LIGHT = Lighting((0.45, 0.8, 0.4), key=0.65, sky=0.35, fill=0.15)
HAND = Hand(detail=2, wobble=0.006, missing=0.02, doubled=False, width=1.4)


@dataclass(frozen=True)
class MakeExamplesOptions:
    """Write the example images.

    Attributes:
        out: The folder for images, shapes and examples.json.
    """

    out: Path = Path("assets/examples")


@dataclass(frozen=True)
class Wanted:
    """One example: a shape by sub-type and number, seen from somewhere.

    Attributes:
        category: of the shape.
        subtype: of the shape.
        number: which of the shapes of that sub-type.
        kind: "rendering" or "drawing".
        azimuth: of the camera, in degrees.
        elevation: of the camera, in degrees.
    """

    category: str
    subtype: str
    number: int
    kind: str
    azimuth: float
    elevation: float


EXAMPLES = (
    Wanted("chair", "wing chair", 0, "rendering", 40, 25),
    Wanted("airplane", "airliner", 0, "rendering", 50, 28),
    Wanted("lamp", "table lamp", 0, "rendering", 30, 15),
    Wanted("sofa", "corner sofa", 0, "rendering", 35, 28),
    Wanted("car", "sports car", 0, "rendering", 40, 26),
    Wanted("watercraft", "sailing yacht", 0, "rendering", 60, 15),
    Wanted("bench", "park bench", 0, "rendering", 40, 22),
    Wanted("cabinet", "bookcase", 0, "rendering", 35, 18),
    Wanted("chair", "dining chair", 0, "drawing", 45, 18),
    Wanted("car", "hatchback", 0, "drawing", 85, 6),
    Wanted("airplane", "low-wing plane", 0, "drawing", 60, 40),
    Wanted("table", "coffee table", 0, "drawing", 50, 20),
    Wanted("display", "laptop", 0, "drawing", 35, 25),
    Wanted("telephone", "rotary phone", 0, "drawing", 40, 25),
    Wanted("watercraft", "tugboat", 0, "drawing", 80, 8),
)


def picture_of(wanted: Wanted) -> tuple[Image.Image, np.ndarray]:
    """The picture, and the true shape's grid (R, R, R) float32."""
    seed, left = FIRST_SEED, wanted.number
    while (shape := make_shape(wanted.category, seed)).subtype != wanted.subtype or left:
        left -= shape.subtype == wanted.subtype
        seed += 1
    grid, distance, _ = shape.volume()
    points = (np.argwhere(grid.numpy() > 0) + 0.5) / len(grid) - 0.5
    camera = framed(wanted.azimuth, wanted.elevation, 2.2, points, 0.08)
    scene = Scene.of_shape(shape, distance)
    if wanted.kind == "rendering":
        rgba = render(scene, [camera], [LIGHT], PICTURE).rgba[0]
        return Image.fromarray((rgba.numpy() * 255).astype(np.uint8), "RGBA"), grid.numpy()
    buffers = render(scene, [camera], [LIGHT], 224)
    ink = draw(buffers, 0, HAND, torch.Generator().manual_seed(seed))[..., 3].numpy()
    paper = Image.fromarray(((1 - ink) * 255).astype(np.uint8), "L")
    return paper.resize((PICTURE, PICTURE), Image.Resampling.BICUBIC).convert("RGB"), grid.numpy()


def main(options: MakeExamplesOptions) -> None:
    """Write everything."""
    options.out.mkdir(parents=True, exist_ok=True)
    entries = []
    for wanted in EXAMPLES:
        image, grid = picture_of(wanted)
        name = f"{wanted.subtype.replace(' ', '-')}-{wanted.kind}"
        image.save(options.out / f"{name}.png", optimize=True)
        save_npz(options.out / f"{name}.npz", grid=grid.astype(np.float16))
        label = f"{wanted.subtype}, {'drawn' if wanted.kind == 'drawing' else 'rendered'}"
        entry = {"image": f"{name}.png", "label": label.capitalize(), "kind": wanted.kind}
        entries.append(entry | {"shape": f"{name}.npz"})
    save_json(options.out / "examples.json", entries)


if __name__ == "__main__":
    run_command(MakeExamplesOptions, main)
