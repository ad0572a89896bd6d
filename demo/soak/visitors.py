"""Many visitors at once for many minutes, some of whom close their tab in the middle."""

from __future__ import annotations

import threading
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from demo.soak.fuzz import Tally, is_one_sentence
from demo.soak.server import Answer, Page, sound_request

EVENTS = ("compare", "sketch", "retrieve", "interpolate", "attributes")
HEAVY = ("compare", "interpolate", "attributes", "batch")
SEEDS = 3  # few, so that the same work is asked for again and must give the same answer
EVERY = 15.0  # seconds between two looks at memory and files
REST = 30.0  # seconds for everything to be given back at the end
SETTLED = 300.0  # seconds after which memory has to stay


class Crowd:
    """`count` visitors of a page; every answer has to belong to the one who asked.

    Args:
        page: a running one.
        folder: an empty one, for their pictures.
        count: of visitors.
        seed: of what they do.
    """

    def __init__(self, page: Page, folder: Path, count: int, seed: int):
        self.page, self.folder, self.count, self.seed = page, folder, count, seed
        self.tally, self.lock = Tally(Counter(), []), threading.Lock()
        self.answers: dict[tuple, Any] = {}
        self.worked: list[tuple[float, float]] = []

    def stay(self, minutes: float) -> dict[str, Any]:
        """Let them act for so long, and report."""
        before, started = self.page.measures(), time.monotonic()
        end = started + 60 * minutes
        threads = [
            threading.Thread(target=self._visit, args=(number, end), daemon=True)
            for number in range(self.count)
        ]
        for thread in threads:
            thread.start()
        seen = []
        while time.monotonic() < end:
            time.sleep(min(EVERY, max(0.0, end - time.monotonic())) or 0.01)
            seen.append({"seconds": round(time.monotonic() - started), **self.page.measures()})
        for thread in threads:
            thread.join()
        time.sleep(REST)
        settled = [one["memory_mb"] for one in seen if one["seconds"] >= SETTLED]
        return {
            "visitors": self.count,
            "minutes": minutes,
            "outcomes": dict(self.tally.outcomes),
            "faults": self.tally.faults,
            "peak_heavy_work": peak(self.worked),
            "longest_overlap": round(longest_overlap(self.worked), 2),
            "memory_growth": growth_of(settled),
            "before": before,
            "after": self.page.measures(),
            "measures": seen,
            "tracebacks": self.page.tracebacks(),
        }

    def _visit(self, number: int, end: float) -> None:
        rng = np.random.default_rng([self.seed, number])
        path = self.folder / f"visitor-{number}.png"
        picture = Image.new("RGB", (96, 96), "white")
        corners = rng.integers(8, 88, 4)
        box = [*np.sort(corners[:2]), *np.sort(corners[2:])]
        places = [int(box[0]), int(box[2]), int(box[1]) + 8, int(box[3]) + 8]
        ImageDraw.Draw(picture).rectangle(places, fill=tuple(map(int, rng.integers(0, 200, 3))))
        picture.save(path)
        while time.monotonic() < end:
            try:
                self._act(number, path, rng)
            except Exception as error:
                self._note("any", "fault", f"visitor {number}: {error!r:.200}")
            time.sleep(float(rng.exponential(1.0)))

    def _act(self, number: int, path: Path, rng: np.random.Generator) -> None:
        image, seed = self.page.upload(path), int(rng.integers(SEEDS))
        event = str(rng.choice(EVENTS))
        leaves = float(rng.uniform(0.1, 3)) if rng.random() < 0.2 else None
        answer = self.page.ask(event, sound_request(event, image, seed), leaves)
        if answer.started is not None and answer.output is not None and event in HEAVY:
            with self.lock:
                self.worked.append((answer.started, answer.ended))
        self._judge(event, number, seed, answer)

    def _judge(self, event: str, number: int, seed: int, answer: Answer) -> None:
        if answer.error == "left":
            self._note(event, "left")
        elif answer.output is None:
            fault = "" if is_one_sentence(answer.error) else f"visitor {number}: {answer.error!r}"
            self._note(event, "fault" if fault else "refused", fault)
        else:
            text = str(answer.output)
            foreign = "visitor-" in text and f"visitor-{number}" not in text
            summary = {k: v for k, v in _summary(answer.output).items() if k != "seconds"}
            with self.lock:
                first = self.answers.setdefault((event, number, seed), summary)
            is_wrong = foreign or first != summary
            said = f"visitor {number}: the answer of another, or of another time"
            self._note(event, "fault" if is_wrong else "answered", said if is_wrong else "")

    def _note(self, *what: str) -> None:
        with self.lock:
            self.tally.note(*what)


def _summary(output: list[Any]) -> dict[str, Any]:
    return output[0] if output and isinstance(output[0], dict) else {}


def growth_of(memory: list[float]) -> float | None:
    """The change from the first fifth to the last, relative, by medians: None of fewer than five.

    What is at work at a moment comes on top of what stays.
    """
    part = len(memory) // 5
    return round(median(memory[-part:]) / median(memory[:part]) - 1, 4) if part else None


def longest_overlap(spans: list[tuple[float, float]]) -> float:
    """Seconds that two spans share at most: an answer is on its way while the next work starts."""
    spans = sorted(spans)
    return max([0.0, *(min(a[1], b[1]) - b[0] for a, b in pairwise(spans))])


def peak(spans: list[tuple[float, float]]) -> int:
    """How many of the spans of time overlap at most."""
    changes = sorted([(end, -1) for _, end in spans] + [(start, 1) for start, _ in spans])
    return int(np.cumsum([change for _, change in changes]).max(initial=0))
