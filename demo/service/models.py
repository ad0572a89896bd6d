"""What the tabs ask of the models; `demo.service.comparison.ComparisonService` answers."""

from __future__ import annotations

from typing import Protocol

from demo.service.comparison import Status
from demo.service.sources import Guides


class Models(Guides, Protocol):
    """What all tabs ask, beside guides; each adds how it has shapes made."""

    fingerprint: str | None
    spaces: tuple[str, ...]

    def wait(self, timeout: float | None = None) -> Status: ...  # noqa: D102
    def estimate(  # noqa: D102
        self, num_steps: int, guidance_scale: float, num_shapes: int = 1
    ) -> float | None: ...
