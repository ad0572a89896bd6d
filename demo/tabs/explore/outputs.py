"""What the events of the Explore tab change."""

from __future__ import annotations

from typing import Any, NamedTuple

from demo.widgets.outputs import SKIP


class ExploreOutputs(NamedTuple):
    """Components, or updates of them."""

    example: Any = SKIP  # the number of the one that was asked with
    seen: Any = SKIP
    atlas: Any = SKIP
    source: Any = SKIP  # what was asked last, as a demo.service.sources.Source
    viewer: Any = SKIP
    recipe: Any = SKIP
    downloads: Any = SKIP
