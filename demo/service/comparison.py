"""The models behind the page, loaded once and shared by every visitor.

Torch and the towers take seconds to import, so they are imported by the thread that loads the
models: the page is up long before. Nothing here depends on the user interface.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import math
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

import numpy as np

from cisp.attributes import Attributes, load_attributes
from cisp.boxes import Box
from cisp.gallery import Gallery, load_gallery
from cisp.naming import AUTOMATIC, PUBLISHED, SPACES, Way, space_folder
from cisp.picture_files import load_image, load_reduced, upright_size
from demo.service import zero_gpu
from demo.service.aside import READERS
from demo.service.frames import Frame, Guide, Settings
from demo.service.speed import Speed
from diffusion.grids.frame import iou

if TYPE_CHECKING:
    from PIL import Image

    from demo.service.columns import Column

ImageSource: TypeAlias = "str | Path | Image.Image | np.ndarray"
Made = TypeVar("Made", Gallery, Attributes)

LOGGER = logging.getLogger(__name__)
NOISE_LEVEL = 2.0  # the noise frame shows the cells above two standard deviations: about 2 %


@dataclass(frozen=True)
class Status:
    """Whether comparisons can be made, and in one sentence why not."""

    state: Literal["loading", "ready", "unavailable"]
    message: str
    device: str = ""


def fingerprint(weights: Path, spaces: Sequence[str]) -> str | None:
    """Identify the weights: a hash of the files of these spaces and models.

    None without any weights. The mask of photographs is not in it: links carry the pixels.
    """
    folders = [
        weights / name for s in sorted(map(space_folder, spaces)) for name in (s, f"diffusion-{s}")
    ]
    files = [file for folder in folders for file in sorted(folder.rglob("*.safetensors"))]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest() if files else None


def known_spaces(weights: Path) -> list[str]:
    """Both spaces, and every published CLIP that a diffusion model in the folder was trained on."""
    configs = sorted(Path(weights).glob(f"diffusion-{space_folder(PUBLISHED)}*/config.json"))
    published = []
    for file in configs:
        try:
            published.append(str(json.loads(file.read_text(encoding="utf-8"))["space"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            LOGGER.warning("%s is left out: %r", file, error)
    return [*SPACES, *published]


def read_picture(image: ImageSource, box: Box | None = None) -> Image.Image:
    """Load a picture, or what it shows in a box; a file in a separate process, as it is untrusted.

    Raises:
        ValueError: it cannot be used; one sentence.
    """
    if isinstance(image, str | Path):
        return READERS.call(Path(image).name, load_reduced, image, box)
    return load_image(image, box)


class ComparisonService:
    """Compares columns that differ in the image embedding and in nothing else.

    Args:
        weights: folder with clip/, cisp/, diffusion-clip/ and diffusion-cisp/.
        device: "auto", "cpu", "cuda", "cuda:1" or "mps".
        spaces: a column each; "openclip:..." for a published CLIP.

    Attributes:
        spaces: the columns' names. Once loaded, without unavailable published CLIPs.
        specs: column name -> the name of its space as given in `spaces`.
    """

    def __init__(self, weights: Path, device: str = "auto", spaces: Sequence[str] = SPACES):
        self.weights = Path(weights)
        self.device = device
        self._wanted = tuple(spaces)
        self.spaces = tuple(map(space_folder, spaces))
        self.specs = dict(zip(self.spaces, spaces, strict=True))
        self.status = Status("loading", "The models are being loaded.")
        self.fingerprint: str | None = None  # of the weights, once they are loaded
        self._columns: list[Column] = []
        self._loaded = threading.Event()
        self._open_encoding()
        if hasattr(os, "register_at_fork"):
            reopen = weakref.WeakMethod(self._open_encoding)  # lets the service be freed
            os.register_at_fork(after_in_child=lambda: reopen() and reopen()())
        self.gallery: Gallery | None = None  # None if absent or made with other weights
        self.attributes: Attributes | None = None  # the same
        self._speed = Speed()

    def _open_encoding(self) -> None:
        """Make the locks around quick answers and around cut-outs, which take turns each.

        A borrowed GPU is used by a forked child, which would wait forever for a lock that another
        thread held at the fork.
        """
        self._encoding = threading.Lock()
        self._cutting = threading.Lock()  # slower, so that other quick answers need not wait

    @property
    def guesses(self) -> bool:
        """Whether every column's model starts from a guess; False until they are loaded."""
        return bool(self._columns) and all(c.guess is not None for c in self._columns)

    def load(self) -> None:
        """Load the weights and measure their speed; `status` reports errors."""
        try:
            self.fingerprint = fingerprint(self.weights, self._wanted)  # first: needs no torch
            from cisp.saliency import load_saliency
            from demo.service.columns import load_columns
            from diffusion.devices import pick_device

            device = pick_device(self.device)
            # A borrowed GPU is for sampling; quick answers use the CPU.
            embed_on = "cpu" if zero_gpu.is_active() else None
            self._columns = load_columns(self.weights, device, self._wanted, embed_on=embed_on)
            self.spaces = tuple(column.name for column in self._columns)
            self.gallery = self._load_beside("gallery.npz", load_gallery)
            self.attributes = self._load_beside("attributes.npz", load_attributes)
            load_saliency()  # a borrowed GPU's child would load it each time
            if not zero_gpu.is_active():
                self._speed.measure(self._columns)
                READERS.warm()
            self.status = Status("ready", "", str(device))
        except ValueError as error:
            LOGGER.warning("%s", error)
            self.status = Status("unavailable", self._without_paths(str(error)))
        except Exception as error:  # the page shows it; the thread must not just die
            LOGGER.exception("The models could not be loaded.")
            sentence = f"The models could not be loaded: {type(error).__name__}."
            self.status = Status("unavailable", sentence)
        finally:
            self._loaded.set()

    def _without_paths(self, sentence: str) -> str:
        """What visitors may read: they need not know where on the server the weights lie."""
        for folder in (self.weights.resolve().parent, self.weights.parent):
            sentence = sentence.replace(f"{folder}/", "")
        return sentence

    @contextlib.contextmanager
    def _loading_partners(self) -> Iterator[None]:
        """Text and shape towers are loaded on first use: what is wrong is said as by `load`."""
        try:
            yield
        except ValueError as error:
            LOGGER.warning("%s", error)
            raise ValueError(self._without_paths(str(error))) from error

    def load_in_background(self) -> None:
        """Start `load` in a thread and return at once."""
        threading.Thread(target=self.load, name="load-models", daemon=True).start()

    def wait(self, timeout: float | None = None) -> Status:
        """Wait until loading ended, at most `timeout` seconds, and return the status."""
        self._loaded.wait(timeout)
        return self.status

    def estimate(self, num_steps: int, guidance_scale: float, num_shapes: int = 1) -> float | None:
        """Seconds for `num_shapes` in every column on this device, or None while unknown."""
        if not self._columns:
            return None
        batches = math.ceil(num_shapes / self._num_together(guidance_scale))
        return self._speed.seconds(num_steps * batches)

    def picture_size(self, path: str | Path) -> tuple[int, int]:
        """Width and height of a picture as the page shows it, upright.

        Raises:
            ValueError: it cannot be read; one sentence.
        """
        return READERS.call(Path(path).name, upright_size, path)

    def image_guide(
        self, image: ImageSource, way: Way = AUTOMATIC, box: Box | None = None
    ) -> Guide:
        """The guide from a picture (a path, PIL image or array), cut out in that way.

        Of a picture with a box only what lies inside counts.

        Raises:
            ValueError: the image cannot be used, or the models are not there; one sentence.
        """
        from demo.service.columns import embed_pixels, picture_of, preprocess

        columns = self._ready_columns()
        picture = read_picture(image, box)
        with self._cutting:
            pixels = preprocess(columns, picture, way)
        with self._encoding:
            return Guide(embed_pixels(columns, pixels), picture_of(pixels[columns[0].name]))

    def pixels_guide(self, pixels: np.ndarray) -> Guide:
        """The guide from what a tower was given, uint8 (S, V S, 3).

        Raises:
            ValueError: it does not have the size that the towers take; one sentence.
        """
        from demo.service.columns import embed_pixels, pixels_of

        columns = self._ready_columns()
        with self._encoding:
            return Guide(embed_pixels(columns, pixels_of(columns, pixels)), pixels)

    def text_guide(self, text: str) -> Guide:
        """The guide from a caption, for the columns with a text tower.

        Raises:
            ValueError: the models are not there, or no text tower can be read; one sentence.
        """
        from demo.service.columns import embed_text

        columns = self._ready_columns()
        with self._encoding, self._loading_partners():
            return Guide(embed_text(columns, text))

    def shape_guide(self, grid: np.ndarray) -> Guide:
        """The guide from a shape, (R, R, R) in [-1, 1], for the columns with a shape tower.

        Raises:
            ValueError: as `text_guide`; or its resolution is not the tower's.
        """
        from demo.service.columns import embed_shape

        columns = self._ready_columns()
        with self._encoding, self._loading_partners():
            return Guide(embed_shape(columns, grid))

    def gallery_guide(self, row: int) -> Guide:
        """The guide from a shape of the gallery: the mean embedding of its pictures.

        Raises:
            ValueError: there is no such shape; one sentence.
        """
        columns, gallery = self._ready_columns(), self.gallery
        if gallery is None or not 0 <= row < len(gallery):
            raise ValueError(f"The gallery has no shape number {row}.")
        kinds = {column.name: f"{column.name}/image" for column in columns}
        return Guide({n: gallery.embeds[k][row] for n, k in kinds.items() if k in gallery.embeds})

    def compare(
        self,
        source: ImageSource | Guide,
        settings: Settings,
        truth: np.ndarray | None = None,
        num_samples: int = 1,
        way: Way = AUTOMATIC,
        box: Box | None = None,
    ) -> Iterator[Frame]:
        """Yield the growing shapes: the noise, one frame a step, then one a further sample.

        Every column starts from the noise of the same seed and takes its step in turn, so all
        grow together and a caller may stop at any frame. Samples that cost nothing more grow
        beside the first.

        Args:
            source: an image (a path, PIL image or array), or a guide.
            settings: how to sample, the same for every column.
            truth: bool (R, R, R), where the true shape is known; of another resolution than
                the models', it is ignored.
            num_samples: shapes a column; sample i has the noise of `settings.seed + i`.
            way: to cut an image out.
            box: what of it counts; all by default.

        Raises:
            ValueError: the image cannot be used, no column has an embedding, or the models are
                not there; one sentence.
        """
        from demo.service.columns import grow, starting_noise

        started = time.perf_counter()
        guide = source if isinstance(source, Guide) else self.image_guide(source, way, box)
        columns = [c for c in self._ready_columns() if c.name in guide.embeds]
        if not columns:
            raise ValueError("No space of this page understands that: it has some spaces only.")
        noise = {c.name: starting_noise(c, settings.seed) > NOISE_LEVEL for c in columns}
        if truth is not None and truth.shape != next(iter(noise.values())).shape:
            truth = None
        yield Frame(settings, 0, noise, time.perf_counter() - started, guide)

        growing = time.perf_counter()
        busy = 0.0  # excludes the caller's time between frames
        size = min(num_samples, self._num_together(settings.guidance_scale))
        seeds = range(settings.seed, settings.seed + num_samples)
        embeds = {c.name: np.repeat(guide.embeds[c.name][None], num_samples, 0) for c in columns}
        first = {name: rows[:size] for name, rows in embeds.items()}
        for step, grids in enumerate(grow(columns, first, seeds[:size], settings), start=1):
            busy += time.perf_counter() - growing
            done = step == settings.num_steps
            occupancy = {name: grid[0] > 0 for name, grid in grids.items()}
            frame = Frame(
                settings,
                step,
                occupancy,
                time.perf_counter() - started,
                guide,
                samples=grids if done else {},
                is_last=done and num_samples == size,
                iou_between=iou(*occupancy.values()) if len(occupancy) == 2 else None,
                iou_to_truth={name: iou(grid, truth) for name, grid in occupancy.items()}
                if truth is not None
                else {},
            )
            yield frame
            growing = time.perf_counter()
        self._speed.learn(busy, settings.num_steps)
        rest = {name: rows[size:] for name, rows in embeds.items()}
        for grids in self._grow_all(columns, rest, seeds[size:], settings):
            samples = {n: np.concatenate([frame.samples[n], g[None]]) for n, g in grids.items()}
            frame = replace(
                frame,
                seconds=time.perf_counter() - started,
                samples=samples,
                is_last=len(next(iter(samples.values()))) == num_samples,
            )
            yield frame

    def guess(self, embeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """What every column starts from, for each of K embeddings: some milliseconds for all.

        Args:
            embeds: column name -> (K, D) unit vectors.

        Returns:
            Column name -> (K, R, R, R) float32 in [-1, 1].

        Raises:
            ValueError: the models are not there, or one starts without a guess; one sentence.
        """
        from demo.service.columns import guess_shapes

        columns = [column for column in self._ready_columns() if column.name in embeds]
        if not self.guesses:
            raise ValueError("These weights have no guess: choose a quality instead.")
        with self._encoding:
            return guess_shapes(columns, embeds)

    def shapes(
        self, embeds: dict[str, np.ndarray], settings: Settings
    ) -> Iterator[dict[str, np.ndarray]]:
        """Yield one finished shape (R, R, R) float32 a column for each of K embeddings, in turn.

        Args:
            embeds: column name -> (K, D) unit vectors.
            settings: the same, and so the same noise, for all of them.

        Raises:
            ValueError: the models are not there; one sentence.
        """
        columns = [column for column in self._ready_columns() if column.name in embeds]
        count = len(next(iter(embeds.values())))
        yield from self._grow_all(columns, embeds, [settings.seed] * count, settings)

    def _grow_all(
        self,
        columns: Sequence[Column],
        embeds: Mapping[str, np.ndarray],
        seeds: Sequence[int],
        settings: Settings,
    ) -> Iterator[dict[str, np.ndarray]]:
        """Yield K finished shapes in turn, in batches that take no longer than one shape."""
        from demo.service.columns import grow

        size = self._num_together(settings.guidance_scale)
        for start in range(0, len(seeds), size):
            part = slice(start, start + size)
            rows = {name: embed[part] for name, embed in embeds.items()}
            *_, grids = grow(columns, rows, seeds[part], settings)
            for index in range(len(seeds[part])):
                yield {name: grid[index] for name, grid in grids.items()}

    def _num_together(self, guidance_scale: float) -> int:
        from demo.service.columns import num_together

        return num_together(self._columns, guidance_scale)

    def _load_beside(self, name: str, load: Callable[[Path], Made]) -> Made | None:
        """Read a file beside the weights, if it was made with their towers."""
        file = self.weights / name
        if not file.is_file():
            return None
        try:
            made = load(file)
        except ValueError as error:
            LOGGER.warning("%s", error)
            return None
        if not made.fits(self.weights):
            LOGGER.warning("%s was made with other weights and is left out.", file)
            return None
        return made

    def _ready_columns(self) -> list[Column]:
        status = self.wait()
        if status.state != "ready":
            raise ValueError(status.message)
        return self._columns
