"""What the events of a tab change, by name instead of by place in a list.

Each tab has a NamedTuple of all that its events change, every field `SKIP` by default. Its layout
makes one of the components that an event may change; its handlers make others of their new values.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

SKIP = gr.skip()  # of a component: it stays as it is


def wired(handler: Callable[..., Any], outputs: tuple[Any, ...]) -> dict[str, Any]:
    """The options `fn` and `outputs` of an event.

    Args:
        handler: returns or yields tuples of the type of `outputs`.
        outputs: two components or more, by name. A list of them gets a list, or one update for
            all of them.
    """

    def in_order(values: tuple[Any, ...]) -> list[Any]:
        return list(_in_order(outputs, values))

    @functools.wraps(handler)  # Gradio looks for gr.SelectData in the signature
    def answer(*args: Any) -> list[Any]:
        return in_order(handler(*args))

    @functools.wraps(handler)
    def answers(*args: Any) -> Iterator[list[Any]]:
        yield from map(in_order, handler(*args))

    fn = answers if inspect.isgeneratorfunction(handler) else answer
    return {"fn": fn, "outputs": in_order(outputs)}


def _in_order(outputs: tuple[Any, ...], values: tuple[Any, ...]) -> Iterator[Any]:
    """The values, one for each component."""
    for component, value in zip(outputs, values, strict=True):
        if component is SKIP:
            if value != SKIP:
                raise ValueError(f"An event changes what it does not name: {value!r}.")
        elif isinstance(component, list):
            yield from value if isinstance(value, list) else [value] * len(component)
        else:
            yield value
