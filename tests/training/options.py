"""The options of a command, by the rule of their name: `check_shapes` has `CheckShapesOptions`."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def options_of(command: ModuleType) -> type[Any]:
    stem = command.__name__.rpartition(".")[2]
    return getattr(command, "".join(map(str.capitalize, stem.split("_"))) + "Options")
