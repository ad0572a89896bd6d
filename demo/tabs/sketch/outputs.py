"""What the events of the Sketch tab change."""

from __future__ import annotations

from typing import Any, NamedTuple

from demo.widgets.outputs import SKIP


class SketchOutputs(NamedTuple):
    """Components, or updates of them."""

    pad: Any = SKIP
    example: Any = SKIP  # the number of the one on the pad
    ends: Any = SKIP  # of a walk
    tabs: Any = SKIP
    card: Any = SKIP
    viewer: Any = SKIP
    state: Any = SKIP
    recipe: Any = SKIP
    downloads: Any = SKIP
