"""The walk of one visitor's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from demo.service.frames import Settings
from demo.service.sources import Source
from demo.service.walk.log import WalkLog


class Walking:
    """The state of one visitor's page, to drop outdated walks.

    Attributes:
        run: of the newest walk.
        place: the frame on show.
    """

    def __init__(self) -> None:
        self.run = ""
        self.place = 0


@dataclass(frozen=True, eq=False)
class Walk:
    """A walk and what it was made from: its ends, way, settings and name."""

    log: WalkLog
    ends: Sequence[Source]
    mode: str
    settings: Settings
    title: str
