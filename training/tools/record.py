"""How weights were trained: a file beside them, with the report of every round that made them."""

from __future__ import annotations

import json
from pathlib import Path

RECORD = "training.json"


def read_record(weights: Path) -> list[dict]:
    """The reports of the rounds that made these weights, in order.

    Raises:
        ValueError: if there is no record.
    """
    path = weights / RECORD
    if not path.is_file():
        raise ValueError(f"There is no {RECORD} in '{weights}', so how it was trained is unknown.")
    return json.loads(path.read_text(encoding="utf-8"))
