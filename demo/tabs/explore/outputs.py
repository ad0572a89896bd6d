"""What the events of the Explore tab change."""

from __future__ import annotations

from typing import Any, NamedTuple

from demo.widgets.outputs import SKIP


class ExploreOutputs(NamedTuple):
    """Components, or updates of them."""

    example: Any = SKIP  # the index of the one that is the query
    seen: Any = SKIP
    atlas: Any = SKIP
    source: Any = SKIP  # of the last query, a demo.service.sources.Source
    viewer: Any = SKIP
    recipe: Any = SKIP
    downloads: Any = SKIP
