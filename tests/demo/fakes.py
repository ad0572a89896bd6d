"""A service without models: shapes that grow out of noise by arithmetic."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from cisp.naming import WAYS
from demo.service.comparison import Status
from demo.service.frames import Frame, Guide
from demo.widgets.downloads import BUNDLED
from demo.widgets.outputs import SKIP
from diffusion.grids.frame import iou

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


def on_show(updates):
    """What is on show after each update of a handler: what it skips stays as it was."""
    shown = {}
    for update in updates:
        shown |= {name: value for name, value in update._asdict().items() if value != SKIP}
        yield type(update)(**shown)


class FakeService:
    """Answers like ComparisonService, with a chair for both columns."""

    fingerprint = "fake"
    spaces = ("clip", "cisp")
    gallery = None
    weights, specs = BUNDLED, {}
    guesses = False
    attributes = None

    def __init__(self, seconds_per_step: float = 0.02, status: Status | None = None):
        self.seconds_per_step = seconds_per_step
        self.status = status or Status("ready", "", "cpu")
        self.closed_early = 0

    def wait(self, timeout=None):
        return self.status

    def estimate(self, num_steps, guidance_scale, num_shapes=1):
        return self.seconds_per_step * num_steps * num_shapes

    def picture_size(self, path):
        with Image.open(path) as image:
            return image.size

    def image_guide(self, image, way="automatic", box=None):
        embeds = {"clip": np.eye(8, dtype=np.float32)[0], "cisp": np.eye(8, dtype=np.float32)[1]}
        return Guide(embeds, np.full((64, 64, 3), WAYS.index(way) + 10 * bool(box), np.uint8))

    def pixels_guide(self, pixels):
        return Guide(self.image_guide(None).embeds, pixels)

    def text_guide(self, text):
        return Guide({"clip": self.image_guide(None).embeds["clip"]})

    def shape_guide(self, grid):
        return Guide({"cisp": self.image_guide(None).embeds["cisp"]})

    def gallery_guide(self, row):
        return Guide(self.image_guide(None).embeds)

    def guess(self, embeds):
        """Chairs without a back."""
        guesses = {}
        for space, rows in embeds.items():
            grid = chair(armrest=space == "cisp")
            grid[:, 17:] = -1
            guesses[space] = np.repeat(grid[None], len(rows), 0)
        return guesses

    def shapes(self, embeds, settings):
        """A chair whose legs are cut the further down, the further the walk is."""
        count = len(next(iter(embeds.values())))
        for index in range(count):
            time.sleep(self.seconds_per_step)
            grids = {space: chair(armrest=space == "cisp") for space in embeds}
            for grid in grids.values():
                grid[:, : 12 * index // max(1, count - 1)] = -1
            yield grids

    def compare(self, source, settings, truth=None, num_samples=1, way="automatic", box=None):
        if self.status.state != "ready":
            raise ValueError(self.status.message)
        noise = np.random.default_rng(settings.seed).standard_normal((RESOLUTION,) * 3)
        guide = source if isinstance(source, Guide) else self.image_guide(source, way, box)
        targets = {s: chair(armrest=s == "cisp") for s in guide.embeds}
        yield Frame(settings, 0, dict.fromkeys(targets, noise > 2), 0.0, guide)
        try:
            for step in range(1, settings.num_steps + 1):
                time.sleep(self.seconds_per_step)
                left = 1 - step / settings.num_steps
                grids = {
                    space: (0.6 * left * noise + grid).clip(-1, 1).astype(np.float32)
                    for space, grid in targets.items()
                }
                done = step == settings.num_steps
                occupancy = {space: grid > 0 for space, grid in grids.items()}
                frame = Frame(
                    settings,
                    step,
                    occupancy,
                    step * self.seconds_per_step,
                    guide,
                    samples={space: grid[None] for space, grid in grids.items()} if done else {},
                    is_last=done and num_samples == 1,
                    iou_between=iou(*occupancy.values()) if len(occupancy) == 2 else None,
                    iou_to_truth={}
                    if truth is None
                    else {s: iou(o, truth) for s, o in occupancy.items()},
                )
                yield frame
            for index in range(1, num_samples):
                time.sleep(self.seconds_per_step)
                samples = {n: np.concatenate([g, g[:1]]) for n, g in frame.samples.items()}
                for grids in samples.values():  # the i-th sample's legs are shorter by 2 i
                    grids[-1, :, : 2 * index] = -1
                frame = replace(frame, samples=samples, is_last=index == num_samples - 1)
                yield frame
        except GeneratorExit:
            self.closed_early += 1
            raise


class GuessingService(FakeService):
    """One whose models guess: a picture is known by its path, and a shape by its embedding.

    Attributes:
        may_go_on: while it is not set, no shape is made.
        made: the embeddings of the shapes made so far, of clip.
    """

    guesses = True

    def __init__(self, seconds_per_step=0.0):
        super().__init__(seconds_per_step)
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.made = []

    def image_guide(self, image, way="automatic", box=None):
        guide = super().image_guide(image, way, box)
        axis = 2 + sum(str(image).encode()) % 6
        return replace(guide, embeds={s: np.eye(8, dtype=np.float32)[axis] for s in self.spaces})

    def shapes(self, embeds, settings):
        for index in range(len(next(iter(embeds.values())))):
            self.may_go_on.wait(60)
            time.sleep(self.seconds_per_step)
            self.made.append(embeds["clip"][index])
            yield {s: self.shape_of(s, rows[index]) for s, rows in embeds.items()}

    def shape_of(self, space, embed):
        """A chair whose legs are the shorter, the more even the embedding is."""
        grid = chair(armrest=space == "cisp")
        grid[:, : int(12 * (1 - embed.max()) / 0.3)] = -1
        return grid
