"""Photographs whose object is known: a picture of a shape on a ground of one kind.

For measuring cut-outs (`training.studies.masks`), and for training on what the learned mask makes
of photographs (`training.data.procedural`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from skimage import data
from torch import Tensor

from cisp.images import View, views
from diffusion.grids.frame import iou
from training.data.scenery import Draws, clutter, colors, gradients, rooms, shadows, textures

SIDE = 320  # pixels of a composite's side
NOISE = 1.5 / 255  # deviation, of the camera
SEEN = 224  # pixels of the side at which a cut-out is compared with the truth
LEAST = 0.5  # IoU with the object that a cut-out has to have for training
PALE = 0.25  # contrast that is left of a white object

Ground = Callable[[int, Draws], Tensor]  # a side S and draws -> (B, 3, S, S) in about [0, 1]


class Composite(NamedTuple):
    """A `picture` (RGB) and where in it the object is, `truth` (H, W) bool."""

    picture: Image.Image
    truth: np.ndarray


def _plain(size: int, draws: Draws) -> Tensor:
    return colors(draws).expand(-1, 3, size, size)


def _white(size: int, draws: Draws) -> Tensor:
    return draws(1, 1, 1, low=0.93, high=1.0).expand(-1, 3, size, size)


@cache
def _shipped(kind: str) -> list[Tensor]:
    """Pictures that scikit-image ships, (3, H, W) in [0, 1]: surfaces, or scenes."""
    made = {
        "surfaces": lambda: [data.brick(), data.grass(), data.gravel()],
        "scenes": lambda: [
            data.astronaut(),
            data.chelsea(),
            data.coffee(),
            data.rocket(),
            data.stereo_motorcycle()[0],
        ],
    }[kind]()
    three = [np.dstack([one] * 3) if one.ndim == 2 else one[..., :3] for one in made]
    return [torch.from_numpy(one.copy()).permute(2, 0, 1) / 255 for one in three]


def _crops(kind: str, size: int, draws: Draws) -> Tensor:
    """A square of a shipped picture for each of the batch, perhaps mirrored, (B, 3, S, S)."""
    pictures, rows = _shipped(kind), draws(5, high=1 - 1e-6).cpu()
    crops = []
    for which, across, down, zoom, mirrored in rows.tolist():
        picture = pictures[int(which * len(pictures))]
        side = int(min(picture.shape[1:]) * (0.6 + 0.4 * zoom))
        low, wide = (picture.shape[axis] - side + 1 for axis in (1, 2))
        top, left = int(down * low), int(across * wide)
        crop = picture[:, top : top + side, left : left + side]
        crop = crop.flip(2) if mirrored < 0.5 else crop
        crops.append(F.interpolate(crop[None], (size, size), mode="bilinear", antialias=True))
    return torch.cat(crops).to(draws.device)


def _surfaces(size: int, draws: Draws) -> Tensor:
    """Brick, grass, gravel in any colour; or what `scenery` has of that kind."""
    kind = draws(1, 1, 1)
    shipped = _crops("surfaces", size, draws) * (0.5 + colors(draws))
    made = torch.where(kind < 0.75, textures(size, draws), clutter(size, draws))
    return torch.where(kind < 0.5, shipped, made)


def _scenes(size: int, draws: Draws) -> Tensor:
    return _crops("scenes", size, draws)


# A ground, and whether the object throws a shadow on it.
KINDS: dict[str, tuple[Ground, bool]] = {
    "plain": (_plain, False),
    "white on white": (_white, True),
    "gradient": (gradients, False),
    "texture": (_surfaces, False),
    "floor": (rooms, True),
    "photograph": (_scenes, False),
}
BUSY = ("texture", "floor", "photograph")  # kinds that only a learned mask takes away


def compose(rgba: np.ndarray, kind: str, generator: torch.Generator, side: int = SIDE) -> Composite:
    """Put an object somewhere on a ground.

    Args:
        rgba: (S, S, 4) uint8, the object, which fills it.
        kind: of `KINDS`.
        generator: on the CPU; the composite depends on nothing else.
        side: pixels of the composite's.
    """
    draws = Draws(1, generator)
    paint, throws = KINDS[kind]
    extent = round(side * float(draws(low=0.45, high=0.8)))
    x, y = (draws(2, high=1.0)[0] * (side - extent + 1)).int().tolist()
    layer = Image.new("RGBA", (side, side))
    object_ = Image.fromarray(rgba, "RGBA").resize((extent, extent), Image.Resampling.LANCZOS)
    layer.paste(object_, (x, y))
    pixels = torch.from_numpy(np.array(layer)).permute(2, 0, 1)[None] / 255  # (1, 4, side, side)
    color, alpha = pixels[:, :3], pixels[:, 3:]
    if kind == "white on white":
        color = 1 - PALE * (1 - color)
    ground = paint(side, draws)
    if throws:
        ground = ground * (1 - shadows(alpha, draws))
    made = color * alpha + (1 - alpha) * ground.clamp(0, 1) + NOISE * draws.normal(3, side, side)
    array = (made[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    return Composite(Image.fromarray(array), alpha[0, 0].numpy() > 0.5)


def kept(view: View, size: tuple[int, int]) -> np.ndarray:
    """Where a picture of (width, height) is kept by a view of it: (H, W) bool."""
    x, y, side = view.frame
    scale = SEEN / side
    back = (scale, 0, -scale * x, 0, scale, -scale * y)
    alpha = view.draw(SEEN).getchannel("A")
    alpha = alpha.transform(size, Image.Transform.AFFINE, back, Image.Resampling.BILINEAR)
    return np.asarray(alpha) > 127


def found_again(rgba: np.ndarray, size: int, generator: torch.Generator) -> Image.Image | None:
    """The cut-out (RGBA) of an object that was put on a busy ground, as the page makes it.

    Its edge is ragged, and some of the ground or of the shadow may have stayed.

    Args:
        rgba: (S, S, 4) uint8, the object, which fills it.
        size: pixels of the cut-out's side.
        generator: of ground and place, on the CPU.

    Returns:
        None if the object was missed: such a picture would be of something else.
    """
    kind = BUSY[int(torch.randint(len(BUSY), (), generator=generator))]
    picture, truth = compose(rgba, kind, generator)
    view = views(picture)[-1]
    if iou(kept(view, picture.size)[None], truth[None]) < LEAST:
        return None
    return view.draw(size)
