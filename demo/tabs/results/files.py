"""The measurements in a folder: studies and evaluations, each read from its JSON file."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo import strings

LOGGER = logging.getLogger(__name__)
FOLDER = Path(__file__).resolve().parents[3] / "assets" / "results"

# Keys and types that a file must have to be shown as a study.
STUDY = {
    "finding": str,
    "figure": dict,
    "command": str,
    "seed": int,
    "device": str,
    "results": (dict, list),
}


@dataclass(frozen=True)
class Result:
    """One file of measurements.

    Args:
        data: the contents; a study's have the keys of `STUDY`.
    """

    path: Path
    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of the file, as the tables of titles spell it."""
        return self.path.stem.replace("_", "-")

    @property
    def title(self) -> str:
        """Its heading: from the tables of titles, else its name."""
        titles = strings.STUDIES | strings.MEASUREMENTS
        return titles.get(self.name) or self.name.replace("-", " ").capitalize()


def read_results(folder: Path) -> tuple[list[Result], list[Result]]:
    """Read a folder's JSON files; damaged and foreign ones are left out with a line in the log.

    Returns:
        The studies and the other measurements, each in the order of their titles' table, then
        by name.
    """
    studies, others = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            kept = studies if _is_study(data) else others
        except (OSError, ValueError, RecursionError) as error:
            LOGGER.warning("%s is left out: %s", path, error)
            continue
        kept.append(Result(path, data))
    return _ordered(studies, strings.STUDIES), _ordered(others, strings.MEASUREMENTS)


def _is_study(data: Any) -> bool:
    """Whether this is a study, rather than another measurement.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(data, dict) or not isinstance(data.get("command"), str):
        raise ValueError("it names no command that made it.")
    if "figure" not in data:
        return False
    for key, kind in STUDY.items():
        if not isinstance(data.get(key), kind):
            raise ValueError(f"it should be a study, but its {key} is missing or damaged.")
    return True


def _ordered(results: Iterable[Result], titles: Iterable[str]) -> list[Result]:
    order = {name: index for index, name in enumerate(titles)}
    return sorted(results, key=lambda r: (order.get(r.name, len(order)), r.name))
