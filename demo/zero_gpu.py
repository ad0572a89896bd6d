"""Hugging Face's ZeroGPU, where a GPU is lent for the length of one call.

There, a function that uses the GPU has to say so, before the page is launched and with all models
loaded; it then runs in a process of its own. Elsewhere nothing here does anything, and the package
`spaces` is not needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

Handler = TypeVar("Handler", bound=Callable)

SECONDS = 30  # asked for a call: several times what the longest takes


def is_active() -> bool:
    """Whether this is a ZeroGPU Space."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def prepare() -> None:
    """Let `spaces` take over CUDA; it wants to be imported before torch."""
    if is_active():
        import spaces  # noqa: F401


def borrow(handler: Handler) -> Handler:
    """The handler, run with a borrowed GPU where there is one to borrow."""
    if not is_active():
        return handler
    import spaces

    return spaces.GPU(duration=SECONDS)(handler)
