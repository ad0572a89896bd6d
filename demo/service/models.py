"""The interface to the models; `demo.service.comparison.ComparisonService` implements it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from cisp.attributes import Attributes
from cisp.boxes import Box
from cisp.gallery import Gallery
from cisp.naming import AUTOMATIC, Way
from demo.service.comparison import Status
from demo.service.frames import Frame, Guide, Settings


class Models(Protocol):
    """Guides from every kind of source, and shapes made from them."""

    weights: Path
    fingerprint: str | None
    spaces: tuple[str, ...]
    specs: Mapping[str, str]
    gallery: Gallery | None
    attributes: Attributes | None
    guesses: bool

    def wait(self, timeout: float | None = None) -> Status: ...  # noqa: D102
    def estimate(  # noqa: D102
        self, num_steps: int, guidance_scale: float, num_shapes: int = 1
    ) -> float | None: ...
    def picture_size(self, path: str | Path) -> tuple[int, int]: ...  # noqa: D102
    def image_guide(  # noqa: D102
        self, image: Any, way: Way = AUTOMATIC, box: Box | None = None
    ) -> Guide: ...
    def pixels_guide(self, pixels: np.ndarray) -> Guide: ...  # noqa: D102
    def text_guide(self, text: str) -> Guide: ...  # noqa: D102
    def shape_guide(self, grid: np.ndarray) -> Guide: ...  # noqa: D102
    def gallery_guide(self, row: int) -> Guide: ...  # noqa: D102
    def compare(  # noqa: D102
        self,
        source: Any,
        settings: Settings,
        truth: np.ndarray | None = None,
        num_samples: int = 1,
        way: Way = AUTOMATIC,
        box: Box | None = None,
    ) -> Iterator[Frame]: ...
    def guess(  # noqa: D102
        self, embeds: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]: ...
    def shapes(  # noqa: D102
        self, embeds: dict[str, np.ndarray], settings: Settings
    ) -> Iterator[dict[str, np.ndarray]]: ...
