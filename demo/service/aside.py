"""Read untrusted files in a separate process, which can be stopped, or die, without harm.

A file of a few bytes can keep a decoder busy for hours, and a thread cannot be stopped. Readers are
kept for the next file; one that is late or dies is replaced.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Answer = TypeVar("Answer")

SECONDS = 10.0  # for one file; pictures of 50 megapixels take two or three
START = 60.0  # for a reader to start, on a busy machine
MOST = 4  # readers at work
KEPT = 2  # readers that wait for the next file


class Reader:
    """A process that calls functions, one after the other.

    Not one of `multiprocessing`: such a process imports the script that started it, and runs it a
    second time where that is not guarded.
    """

    def __init__(self):
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)  # noqa: PTH109
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": paths},
        )
        self._is_up = self._is_late = False

    def call(self, function: Callable[..., Answer], args: tuple, seconds: float) -> Answer:
        """The function's answer; what it raises is raised.

        Raises:
            TimeoutError: it took longer than `seconds`.
            EOFError: the process has died.
        """
        if not self._is_up:
            self._receive(START)
            self._is_up = True
        answer, error = self._receive(seconds, pickle.dumps((function, args)))
        if error is not None:
            raise error
        return answer

    def _receive(self, seconds: float, question: bytes = b"") -> Any:
        timer = threading.Timer(seconds, self._end)
        timer.start()
        try:
            self._process.stdin.write(question)
            self._process.stdin.flush()
            return pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise (TimeoutError if self._is_late else EOFError) from error
        finally:
            timer.cancel()

    def _end(self) -> None:
        self._is_late = True
        self._process.kill()

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked again: an idle one may have been killed, as by the system."""
        return not self._is_late and self._process.poll() is None

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.communicate()


def serve() -> None:
    """Answer calls from the standard input until it ends; other output is kept off the pipe."""
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        pickle.dump(None, answers)  # ready
        answers.flush()
        while True:
            function, args = pickle.load(questions)
            try:
                answer = function(*args), None
            except Exception as error:
                answer = None, error
            pickle.dump(answer, answers)
            answers.flush()
    except (EOFError, BrokenPipeError, KeyboardInterrupt):  # the parent is gone
        return


class Readers:
    """A pool of readers: as many as there are files to be read at once, within limits."""

    def __init__(self):
        self._idle: list[Reader] = []
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(MOST)

    def call(self, name: str, function: Callable[..., Answer], *args: Any) -> Answer:
        """Run a function that reads a file, and return its result.

        Args:
            name: what messages call the file.
            function: of a module, so that another process finds it; it raises ValueError.
            args: what it is called with.

        Raises:
            ValueError: the function's, or that it took too long; one sentence.
        """
        if not self._free.acquire(timeout=SECONDS):
            raise ValueError(f"“{name}” has to wait: others are being read. Try it again.")
        try:
            return self._call(name, function, args)
        finally:
            self._free.release()

    def _call(self, name: str, function: Callable[..., Answer], args: tuple) -> Answer:
        reader = self._idle_one() or Reader()
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
        except EOFError:
            raise ValueError(f"“{name}” cannot be read.") from None
        finally:
            with self._lock:
                is_kept = is_whole and len(self._idle) < KEPT
                if is_kept:
                    self._idle.append(reader)
            if not is_kept:
                reader.stop()

    def _idle_one(self) -> Reader | None:
        with self._lock:
            while self._idle:
                reader = self._idle.pop()
                if reader.is_alive:
                    return reader
                reader.stop()
        return None

    def warm(self) -> None:
        """Start a reader, so that the first visitor does not wait for it."""
        with self._lock:
            if not self._idle:
                self._idle.append(Reader())


READERS = Readers()
# A forked child inherits the pipes: both would use the same readers.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=READERS.__init__)

if __name__ == "__main__":
    serve()
