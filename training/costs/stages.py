"""Where the time goes when pictures are drawn: seconds of every stage, for `training.benchmark`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from training.data.procedural import PICTURE, VIEWS
from training.rendering.camera import cast_rays, drawing_camera, r2n2_camera, wide_camera
from training.rendering.drawing import Hand, draw
from training.rendering.lighting import random_lighting, shade
from training.rendering.renderer import Scene, look
from training.rendering.tracing import find_surface, sample, slopes
from training.shapes import CATEGORIES, make_shape

STAGES = ("program", "volume", "refine", "trace", "shade", "sketch")


def stage_seconds(
    count: int, size: int = PICTURE, device: str = "cpu", views: Sequence[str] = VIEWS
) -> dict[str, float]:
    """Mean seconds a shape of every stage of drawing it, in this process.

    `program` makes the solids, `volume` the grid that models see, `refine` the finer grid that is
    rendered, `trace` finds what every ray sees, `shade` colours the renderings, `sketch` draws.

    Args:
        count: shapes, the categories in turn.
        size: pixels of a picture's side.
        device: where it happens.
        views: kinds of pictures of a shape.
    """
    spent = dict.fromkeys(STAGES, 0.0)
    clock = 0.0

    def lap(stage: str | None = None) -> None:
        nonlocal clock
        if torch.device(device).type == "cuda":
            torch.cuda.synchronize(device)
        now = time.perf_counter()
        if stage:
            spent[stage] += now - clock
        clock = now

    for number in range(-1, count):  # one to warm up
        category = CATEGORIES[number % len(CATEGORIES)]
        rng = np.random.default_rng([number + 1, 5])
        hands = torch.Generator().manual_seed(number + 1)
        makers = {"r2n2": r2n2_camera, "wide": wide_camera}
        makers["drawing"] = partial(drawing_camera, category=category)
        lap()
        shape = make_shape(category, 3_000_000_000 + number)
        lap("program")
        grid, distance, _ = shape.volume(device=device)
        points = (np.argwhere(grid.cpu().numpy() > 0) + 0.5) / len(grid) - 0.5
        lap("volume")
        scene = Scene.of_shape(shape, distance)
        lap("refine")
        cameras = [makers[view](rng, points) for view in views]
        origins, rays = cast_rays(cameras, size, device)
        starts = origins[:, None].expand(len(views), size * size, 3).reshape(-1, 3)
        rays = rays.reshape(-1, 3)
        windows = torch.tensor([c.window[2] for c in cameras], device=device).float()
        pixel = (2 / size * windows).repeat_interleave(size * size)
        slope = slopes(scene.distance)
        hit, t, _, part = find_surface(scene.distance, slope, scene.exact, starts, rays, pixel)
        points = starts[hit] + t[:, None] * rays[hit]
        normal = F.normalize(sample(slope, points).T, dim=1)
        lap("trace")
        lights = [random_lighting(rng) for _ in views]
        view = hit // (size * size)
        args = (scene.materials, points, normal, part, rays[hit], view, lights)
        shade(scene.distance, *args)
        lap("shade")
        drawn = [i for i, kind in enumerate(views) if kind == "drawing"]
        buffers = look(scene, [cameras[i] for i in drawn], size) if drawn else None
        lap()
        for index in range(len(drawn)):
            draw(buffers, index, Hand.random(hands), hands)
        lap("sketch")
        if number < 0:
            spent = dict.fromkeys(STAGES, 0.0)
    return {stage: seconds / count for stage, seconds in spent.items()}
