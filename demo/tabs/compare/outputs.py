"""What the events of the Compare tab change."""

from __future__ import annotations

from typing import Any, NamedTuple

from demo.widgets.outputs import SKIP


class CompareOutputs(NamedTuple):
    """Components, or updates of them."""

    image: Any = SKIP
    example: Any = SKIP  # the number of the one in the box
    linked: Any = SKIP  # source from a link, until there is another image
    cut_out: Any = SKIP
    box: Any = SKIP
    corner: Any = SKIP  # (x, y) in percent of the image, clicked on as the first of a box
    boxed: Any = SKIP  # when a box was made of two clicks
    seed: Any = SKIP
    quality: Any = SKIP
    steps: Any = SKIP
    guidance: Any = SKIP
    strength: Any = SKIP
    sampler: Any = SKIP
    samples: Any = SKIP
    card: Any = SKIP
    viewer: Any = SKIP
    neighbours: Any = SKIP
    recipe: Any = SKIP
    downloads: Any = SKIP


NO_SHAPES = {"viewer": {"state": "empty"}, "neighbours": {}}
