"""A service without models: shapes that grow out of noise by arithmetic."""

from __future__ import annotations

import time

import numpy as np
from PIL import Image, ImageDraw

from demo.frames import Frame, iou
from demo.service import Status

RESOLUTION = 32


def chair(resolution: int = RESOLUTION, *, armrest: bool = False) -> np.ndarray:
    """Values in [-1, 1]: a seat, four legs, a back at -x; one armrest at +z makes it lopsided."""
    grid = -np.ones((resolution,) * 3, np.float32)
    r = resolution / 32
    s = lambda a, b: slice(int(a * r), int(b * r))  # noqa: E731
    grid[s(6, 26), s(14, 17), s(6, 26)] = 1
    for x in (6, 23):
        for z in (6, 23):
            grid[s(x, x + 3), s(0, 14), s(z, z + 3)] = 1
    grid[s(6, 9), s(17, 32), s(6, 26)] = 1
    if armrest:
        grid[s(6, 26), s(22, 24), s(23, 26)] = 1
    return grid


def draw_chair(shift: int = 0) -> Image.Image:
    image = Image.new("RGB", (160, 160), (236, 232, 224))
    pen = ImageDraw.Draw(image)
    for box in ((50, 20, 60, 140), (50, 75, 115, 87), (105, 87, 115, 140)):
        pen.rectangle(box, fill=(120, 60 + shift, 30))
    return image


class FakeService:
    """Answers like ComparisonService, with a chair for both columns."""

    fingerprint = "fake"
    spaces = ("clip", "cisp")

    def __init__(self, seconds_per_step: float = 0.02, status: Status | None = None):
        self.seconds_per_step = seconds_per_step
        self.status = status or Status("ready", "", "cpu")
        self.closed_early = 0

    def wait(self, timeout=None):
        return self.status

    def estimate(self, num_steps, guidance_scale):
        return self.seconds_per_step * num_steps

    def cutout(self, image):
        return np.full((64, 64, 3), 200, np.uint8)

    def compare(self, image, settings, truth=None):
        if self.status.state != "ready":
            raise ValueError(self.status.message)
        noise = np.random.default_rng(settings.seed).standard_normal((RESOLUTION,) * 3)
        targets = {"clip": chair(), "cisp": chair(armrest=True)}
        cutout = self.cutout(image)
        yield Frame(settings, 0, dict.fromkeys(targets, noise > 2), 0.0, cutout)
        try:
            for step in range(1, settings.num_steps + 1):
                time.sleep(self.seconds_per_step)
                left = 1 - step / settings.num_steps
                grids = {
                    space: (0.6 * left * noise + grid).clip(-1, 1).astype(np.float32)
                    for space, grid in targets.items()
                }
                occupancy = {space: grid > 0 for space, grid in grids.items()}
                yield Frame(
                    settings,
                    step,
                    occupancy,
                    step * self.seconds_per_step,
                    cutout,
                    grids=grids if step == settings.num_steps else None,
                    iou_between=iou(*occupancy.values()),
                    iou_to_truth={}
                    if truth is None
                    else {s: iou(o, truth) for s, o in occupancy.items()},
                )
        except GeneratorExit:
            self.closed_early += 1
            raise
