"""Pictures of shapes: for models where a source has none, and for people on contact sheets."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from diffusion.grids.from_mesh import distance_values
from training.data.item import Item


def picture(item: Item, view: int, seed: int) -> Image.Image:
    """View `view` of a shape, or a rendering by `seed` if the source has no pictures.

    Raises:
        ValueError: if the item has pictures, but not that many.
    """
    if not len(item.images):
        return render_grid(item.grid, seed, num_views=view + 1)[view]
    if view >= len(item.images):
        raise ValueError(f"'{item.id}' has {len(item.images)} views, so there is no view {view}.")
    return item.images[view]


def render_grid(
    grid: np.ndarray, seed: int, num_views: int = 1, size: int = 120
) -> list[Image.Image]:
    """Renders a grid of one plain colour from random directions as 3D-R2N2 has them.

    Args:
        grid: (R, R, R) in [-1, 1], positive inside.
        seed: of colour, cameras and lights.
        num_views: how many pictures.
        size: pixels of a side.

    Returns:
        RGBA pictures.
    """
    from training.rendering.camera import r2n2_camera
    from training.rendering.lighting import random_lighting
    from training.rendering.renderer import Scene, render
    from training.shapes.materials import paint

    rng = np.random.default_rng(seed)
    scene = Scene.of_grid(torch.from_numpy(grid.astype(np.float32)), paint(rng))
    points = (np.argwhere(grid > 0) + 0.5) / len(grid) - 0.5
    looks = [(r2n2_camera(rng, points), random_lighting(rng)) for _ in range(num_views)]
    cameras, lights = zip(*looks, strict=True)
    rgba = (render(scene, cameras, lights, size).rgba * 255).round().byte().numpy()
    return [Image.fromarray(view, "RGBA") for view in rgba]


def look(
    grid: np.ndarray, *, size: int = 120, color: tuple[float, float, float] = (0.7, 0.7, 0.7)
) -> Image.Image:
    """A grid seen from the front, the left and above, always by the same camera, as RGBA.

    Args:
        grid: (R, R, R) bool, or values positive inside; the picture of an empty one is blank.
        size: pixels of a side.
        color: RGB in [0, 1].
    """
    from training.rendering.camera import framed
    from training.rendering.lighting import Lighting
    from training.rendering.renderer import Scene, render
    from training.shapes.materials import Material

    if not (grid > 0).any():
        return Image.new("RGBA", (size, size))
    values = distance_values(np.pad(grid > 0, 1))  # a surface on the border needs an outside
    corners = np.stack(np.meshgrid(*[[-0.45, 0.45]] * 3), -1).reshape(-1, 3)
    scene = Scene.of_grid(torch.from_numpy(values), Material("plain", color))
    camera = framed(30, 25, 2.2, corners, margin=0.0)
    rgba = render(scene, [camera], [Lighting((0.27, 0.89, 0.36))], size).rgba[0]
    return Image.fromarray((rgba * 255).round().byte().cpu().numpy(), "RGBA")


def contact_sheet(rows: list[list[Image.Image]], columns: int = 4, side: int = 96) -> Image.Image:
    """Rows of pictures side by side, `columns` rows across."""
    width = max(len(row) for row in rows) * side + 8
    height = -(-len(rows) // columns)
    sheet = Image.new("RGB", (columns * width, height * (side + 4)), "white")
    for index, row in enumerate(rows):
        left, top = (index % columns) * width, (index // columns) * (side + 4)
        for at, picture in enumerate(row):
            tile = picture.convert("RGBA").resize((side, side))
            sheet.paste(tile, (left + at * side, top), tile)
    return sheet
