"""What the events of the Attributes tab change."""

from __future__ import annotations

from typing import Any, NamedTuple

from demo.widgets.outputs import SKIP


class AttributeOutputs(NamedTuple):
    """Components, or updates of them."""

    image: Any = SKIP
    card: Any = SKIP
    example: Any = SKIP
    category: Any = SKIP
    sliders: Any = SKIP  # a message to them
    asked: Any = SKIP  # what a link asks of them, as JSON
    source: Any = SKIP  # of what is moved
    quality: Any = SKIP
    seed: Any = SKIP
    tabs: Any = SKIP
    viewer: Any = SKIP
    recipe: Any = SKIP
    downloads: Any = SKIP
