"""A comparison as it is watched: its frames as values of the viewer, as often as it can draw."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from demo import strings
from demo.service.frames import Frame
from demo.widgets.cards import left_line, note_fields, say_seconds
from demo.widgets.inputs import SECONDS_BETWEEN_UPDATES


class Log(Protocol):
    """What `demo.widgets.viewer.viewer.FrameLog` does here."""

    def add(self, occupancy: Mapping[str, Any]) -> None: ...  # noqa: D102
    def value(self, state: str, note: str = "", **more: Any) -> dict[str, Any]: ...  # noqa: D102


def streamed(
    frames: Iterable[Frame], log: Log, missing: Callable[[Frame], Mapping[str, str]]
) -> Iterator[tuple[Frame, dict[str, Any]]]:
    """Yield the frames that are shown, each with the viewer's value; the last one is the result.

    Args:
        frames: of a comparison of one sample.
        log: an empty one.
        missing: by column the reason why it stays empty.
    """
    started, sent = time.monotonic(), -1.0
    for frame in frames:
        log.add(frame.occupancy)
        now = time.monotonic()
        if frame.is_last:
            note = strings.DONE.format(**note_fields(frame))
            seconds = say_seconds(frame.seconds)
            yield frame, log.value("done", note, seconds=seconds, missing=missing(frame))
            return
        if frame.step > 1 and now - sent < SECONDS_BETWEEN_UPDATES:
            continue
        left = left_line(now - started, frame.step, frame.settings.num_steps)
        yield frame, log.value("running", strings.RUNNING, left=left, missing=missing(frame))
        sent = time.monotonic()
