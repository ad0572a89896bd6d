"""Read what strangers send in a process of its own: it can be stopped, and takes nobody along.

A file of a few bytes can keep a decoder busy for hours, and a thread cannot be stopped. Readers are
kept for the next file; one that is late or dies is replaced.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

Answer = TypeVar("Answer")

SECONDS = 10.0  # for one file; pictures of 50 megapixels take two or three
START = 60.0  # for a reader to start, on a busy machine
MOST = 4  # readers at work
KEPT = 2  # readers that wait for the next file
CONTEXT = multiprocessing.get_context("spawn")  # a fork would copy the models' threads and locks


class Reader:
    """A process that calls functions, one after the other."""

    def __init__(self):
        self._pipe, theirs = CONTEXT.Pipe()
        self._process = CONTEXT.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._is_up = False

    def call(self, function: Callable[..., Answer], args: tuple, seconds: float) -> Answer:
        """The function's answer; what it raises is raised.

        Raises:
            TimeoutError: it took longer than that.
            EOFError, OSError: the process has died.
        """
        if not self._is_up:
            self._receive(START)
            self._is_up = True
        self._pipe.send((function, args))
        answer, error = self._receive(seconds)
        if error is not None:
            raise error
        return answer

    def _receive(self, seconds: float) -> Any:
        if not self._pipe.poll(seconds):
            raise TimeoutError
        return self._pipe.recv()

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(pipe: Connection) -> None:
    """Answer calls until nobody is there to ask."""
    with contextlib.suppress(EOFError, KeyboardInterrupt, BrokenPipeError):
        pipe.send(None)  # up
        while True:
            function, args = pipe.recv()
            try:
                answer = function(*args), None
            except Exception as error:
                answer = None, error
            pipe.send(answer)


class Readers:
    """As many readers as there are files to be read at once, within limits."""

    def __init__(self):
        self._idle: list[Reader] = []
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(MOST)

    def call(self, name: str, function: Callable[..., Answer], *args: Any) -> Answer:
        """The answer of a function that reads a file.

        Args:
            name: what messages call the file.
            function: of a module, so that another process finds it; it raises ValueError.
            args: what it is called with.

        Raises:
            ValueError: the function's, or that it took too long; one sentence.
        """
        if multiprocessing.current_process().daemon:  # such a process can have no children
            return function(*args)
        if not self._free.acquire(timeout=SECONDS):
            raise ValueError(f"“{name}” has to wait: others are being read. Try it again.")
        try:
            return self._call(name, function, args)
        finally:
            self._free.release()

    def _call(self, name: str, function: Callable[..., Answer], args: tuple) -> Answer:
        with self._lock:
            reader = self._idle.pop() if self._idle else None
        reader = reader or Reader()
        is_whole = False
        try:
            answer = reader.call(function, args, SECONDS)
            is_whole = True
            return answer
        except ValueError:
            is_whole = True
            raise
        except TimeoutError:
            raise ValueError(f"“{name}” takes too long to read.") from None
        except (EOFError, OSError) as error:
            raise ValueError(f"“{name}” cannot be read.") from error
        finally:
            with self._lock:
                is_kept = is_whole and len(self._idle) < KEPT
                if is_kept:
                    self._idle.append(reader)
            if not is_kept:
                reader.stop()

    def warm(self) -> None:
        """Start a reader, so that the first visitor does not wait for it."""
        with self._lock:
            if not self._idle:
                self._idle.append(Reader())


READERS = Readers()
# A child has the parent's pipes: both would talk to the same readers.
os.register_at_fork(after_in_child=READERS.__init__)
