"""Tables of parameters: how a sub-type says what may vary, and one draw from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from types import SimpleNamespace
from typing import Any

import numpy as np


def like(base: dict, **changes) -> dict:
    """A copy of a table with some entries changed or added."""
    return {**base, **changes}


def drawn(rng: np.random.Generator, table: dict) -> SimpleNamespace:
    """One value for every entry of a table, as a namespace.

    Args:
        rng: the shape's own generator.
        table: a pair is a range to draw from evenly; a string holds words to choose from, repeated
            for weight; a single number is the chance of True.
    """

    def one(value):
        if isinstance(value, tuple):
            return rng.uniform(*value)
        if isinstance(value, str):
            return str(rng.choice(value.split()))
        return bool(rng.random() < value)

    return SimpleNamespace(**{name: one(value) for name, value in table.items()})


def chosen_subtype(
    rng: np.random.Generator,
    subtypes: Mapping[str, Any],
    share: Callable[[Any], float] = itemgetter("share"),
) -> str:
    """The name of a sub-type, drawn by the shares of its entries (which need not add up to 1).

    Args:
        rng: the shape's own generator.
        subtypes: by name, in any form.
        share: takes an entry to its share.
    """
    shares = np.array([share(entry) for entry in subtypes.values()], float)
    return str(rng.choice(list(subtypes), p=shares / shares.sum()))
