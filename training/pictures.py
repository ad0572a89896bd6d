"""The picture of a shape that goes into a model, rendered where a source has none."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from training.sources import Item


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
    from training.camera import r2n2_camera
    from training.render import Scene, random_lighting, render
    from training.shapes.materials import paint

    rng = np.random.default_rng(seed)
    scene = Scene.of_grid(torch.from_numpy(grid.astype(np.float32)), paint(rng))
    points = (np.argwhere(grid > 0) + 0.5) / len(grid) - 0.5
    looks = [(r2n2_camera(rng, points), random_lighting(rng)) for _ in range(num_views)]
    cameras, lights = zip(*looks, strict=True)
    rgba = (render(scene, cameras, lights, size).rgba * 255).round().byte().numpy()
    return [Image.fromarray(view, "RGBA") for view in rgba]
