"""What surrounds an object in a photograph: random backgrounds, and things in front of it.

Every function works on a batch, where its generator is; pixel positions are (x, y) in [-1, 1], y
downwards.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from diffusion.devices import upload

SHAPES = 9  # blurred things in a cluttered background
FINGERS = 4


class Draws:
    """Random numbers for a batch, drawn on the device of a generator."""

    def __init__(self, batch: int, generator: torch.Generator):
        self.batch, self.generator, self.device = batch, generator, generator.device

    def __call__(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """(B, *shape) in [low, high)."""
        size = (self.batch, *shape)
        return low + (high - low) * torch.rand(size, generator=self.generator, device=self.device)

    def normal(self, *shape: int) -> Tensor:
        """(B, *shape) of unit variance."""
        size = (self.batch, *shape)
        return torch.randn(size, generator=self.generator, device=self.device)


def positions(size: int, device) -> tuple[Tensor, Tensor]:
    """Pixel centres: x and y, (1, S, S) each."""
    line = (torch.arange(size, device=device, dtype=torch.float32) + 0.5) / size * 2 - 1
    y, x = torch.meshgrid(line, line, indexing="ij")
    return x[None], y[None]


def _cells(values: Tensor) -> Tensor:
    """(B, K) to (B, K, 1, 1)."""
    return values[..., None, None]


def colors(draws: Draws) -> Tensor:
    """Colours (B, 3, 1, 1) as rooms and landscapes have them: mostly greyish, few vivid."""
    grey, vivid = draws(1, low=0.05, high=0.95), draws(3)
    return _cells(grey + 0.75 * draws(1) ** 2 * (vivid - grey))


def gradients(size: int, draws: Draws) -> Tensor:
    """A smooth change from one colour to another, (B, 3, S, S)."""
    x, y = positions(size, draws.device)
    angle = draws(1, 1, high=6.2832)
    along = (0.5 + 0.5 * (x * torch.cos(angle) + y * torch.sin(angle))).clamp(0, 1)[:, None]
    a, b = colors(draws), colors(draws)
    return a + (0.3 + 0.7 * draws(1, 1, 1)) * (b - a) * along


def textures(size: int, draws: Draws) -> Tensor:
    """Colour noise at three scales, like foliage, fabric or a room far out of focus."""
    tint = 0.5 * draws(1, 1, 1) ** 2
    layers = [
        amount
        * F.interpolate(
            draws.normal(1, cells, cells) + tint * draws.normal(3, cells, cells),
            (size, size),
            mode=mode,
        )
        for cells, mode, amount in (
            (3, "bilinear", 0.25 * draws(1, 1, 1)),
            (14, "bicubic", 0.2 * draws(1, 1, 1)),
            (max(2, size // 3), "bilinear", 0.12 * draws(1, 1, 1)),
        )
    ]
    return colors(draws) + sum(layers)


def rooms(size: int, draws: Draws) -> Tensor:
    """A wall and a floor that meet at a slightly tilted horizon; boards or tiles on the floor."""
    x, y = positions(size, draws.device)
    below = y - draws(1, 1, low=-0.3, high=0.7) - draws(1, 1, low=-0.15, high=0.15) * x
    # A floor point's depth is 1 over how far it lies below the horizon.
    depth = 1 / (below.clamp(min=0) + 0.35)
    across, away = (x * depth), depth
    count = draws(1, 1, low=3.0, high=9.0)
    boards = torch.sign(torch.sin(6.2832 * count * across / 2))
    tiles = boards * torch.sign(torch.sin(6.2832 * count * away / 2))
    pattern = torch.where(draws(1, 1) < 0.5, boards, tiles) * draws(
        1, 1, low=-0.05, high=0.13
    ).clamp(0)
    wall, floor = colors(draws), colors(draws)
    light = 1 + draws(1, 1, low=-0.3, high=0.3) * x - 0.15 * y  # from one side, from above
    on_floor = torch.sigmoid(below * size / 3)[:, None]
    return (wall * light[:, None]) * (1 - on_floor) + (floor + pattern[:, None]) * on_floor


def clutter(size: int, draws: Draws) -> Tensor:
    """Blurred boxes and discs of all colours on a gradient."""
    x, y = positions(size, draws.device)
    picture = gradients(size, draws)
    for _ in range(SHAPES):
        cx, cy = draws(1, 1, low=-1.1, high=1.1), draws(1, 1, low=-1.1, high=1.1)
        w, h = draws(1, 1, low=0.08, high=0.6), draws(1, 1, low=0.08, high=0.6)
        box = torch.maximum((x - cx).abs() - w, (y - cy).abs() - h)
        disc = torch.hypot((x - cx) / w, (y - cy) / h) * w - w
        gap = torch.where(draws(1, 1) < 0.6, box, disc)
        cover = torch.sigmoid(-gap * draws(1, 1, low=12.0, high=70.0))[:, None]
        picture = picture + cover * (colors(draws) - picture)
    return picture


BACKGROUNDS = (gradients, textures, rooms, clutter)


def backgrounds(size: int, kinds: torch.Generator, draws: Draws) -> Tensor:
    """Backgrounds (B, 3, S, S) in [0, 1] of all kinds, which a CPU generator chooses."""
    kind = torch.randint(len(BACKGROUNDS), (draws.batch,), generator=kinds)
    picture = torch.zeros(draws.batch, 3, size, size, device=draws.device)
    for index, paint in enumerate(BACKGROUNDS):
        rows = (kind == index).nonzero()[:, 0]
        if len(rows):
            painted = paint(size, Draws(len(rows), draws.generator))
            picture[upload(rows, draws.device)] = painted
    return picture.clamp(0, 1)


def shadows(alpha: Tensor, draws: Draws) -> Tensor:
    """How dark the ground is behind objects of these outlines (B, 1, S, S), in [0, 1].

    The outline is laid down from the object's foot to one side, and blurred.
    """
    size = alpha.shape[-1]
    x, y = positions(size, alpha.device)
    rows = alpha[:, 0].amax(2)  # (B, S)
    line = y[0, :, 0]
    foot = torch.where(rows > 0.5, line, -1.0).amax(1)[:, None, None]
    flat, lean = draws(1, 1, low=0.15, high=0.6), draws(1, 1, low=-1.2, high=1.2)
    up = (foot - y) / flat  # what is `up` above the foot casts its shadow here
    grid = torch.stack([x + lean * (foot - y), foot - up], -1)
    cast = F.grid_sample(alpha, grid.expand(-1, size, size, 2), align_corners=False)
    soft = F.avg_pool2d(cast, 7, 1, 3, count_include_pad=False)
    soft = F.avg_pool2d(soft, 7, 1, 3, count_include_pad=False)
    return soft * draws(1, 1, 1, low=0.1, high=0.6)


def occluders(size: int, draws: Draws) -> tuple[Tensor, Tensor]:
    """Things in front: a box, a disc, a pole or the fingers of a hand.

    Returns:
        Colours (B, 3, S, S) and coverage (B, 1, S, S), both in [0, 1].
    """
    x, y = positions(size, draws.device)
    kind = draws(1, 1, high=4.0).floor()
    cx, cy = draws(1, 1, low=-0.9, high=0.9), draws(1, 1, low=-0.9, high=0.9)
    angle = draws(1, 1, high=6.2832)
    u = (x - cx) * torch.cos(angle) + (y - cy) * torch.sin(angle)
    v = (y - cy) * torch.cos(angle) - (x - cx) * torch.sin(angle)
    w, h = draws(1, 1, low=0.08, high=0.35), draws(1, 1, low=0.08, high=0.35)
    box = torch.maximum(u.abs() - w, v.abs() - h)
    disc = torch.hypot(u, v) - w
    pole = v.abs() - 0.35 * h
    # Fingers side by side reach in from one side of the picture.
    fingers = torch.full_like(box, 9.0)
    for i in range(FINGERS):
        width, tip = draws(1, 1, low=0.06, high=0.11), draws(1, 1, low=-0.1, high=0.35)
        reach = torch.hypot((u - tip).clamp(min=0), v - 0.17 * (i - 1.5))
        fingers = torch.minimum(fingers, reach - width)
    gap = torch.stack([box, disc, pole, fingers]).gather(
        0, kind.long().expand(-1, size, size)[None]
    )[0]
    cover = torch.sigmoid(-gap * size / 2)[:, None]
    skin = upload(torch.tensor([0.75, 0.55, 0.43]), draws.device) * draws(1, low=0.4, high=1.3)
    flat = torch.where(kind[:, 0] == 3, skin, draws(3))
    shade = 1 + 0.35 * (u * draws(1, 1, low=-1.0, high=1.0))[:, None]
    return (_cells(flat) * shade).clamp(0, 1), cover
