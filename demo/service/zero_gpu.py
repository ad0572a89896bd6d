"""Hugging Face's ZeroGPU, where a GPU is lent for the length of one call.

There, a function that uses the GPU has to be declared before the page is launched and after all
models are loaded; it then runs in a separate process. Elsewhere this module does nothing, and the
package `spaces` is not needed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

Handler = TypeVar("Handler", bound=Callable)

SECONDS = 30  # requested per call: several times the longest call
PREFIX, KEPT = "result-", 600.0  # of a borrower's folders, and how long they are kept, in seconds


def is_active() -> bool:
    """Whether this is a ZeroGPU Space."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def prepare() -> None:
    """Let `spaces` take over CUDA; it must be imported before torch."""
    if is_active():
        import spaces  # noqa: F401


def borrow(handler: Handler) -> Handler:
    """The handler, run with a borrowed GPU where there is one to borrow."""
    if not is_active():
        return handler
    import spaces

    return spaces.GPU(duration=SECONDS)(handler)


@contextmanager
def result_folder() -> Iterator[Path]:
    """A folder for files that a handler yields; they are there until the page has copied them.

    On ZeroGPU the process continues right after a yield, so old folders are removed instead.
    """
    if not is_active():
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
        return
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # another borrower may be faster
            if time.time() - old.stat().st_mtime > KEPT:
                shutil.rmtree(old)
    yield Path(tempfile.mkdtemp(prefix=PREFIX))
