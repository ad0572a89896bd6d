"""Map a function over many items in several processes, in order."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from typing import TypeVar

import torch
from tqdm import tqdm

In = TypeVar("In")
Out = TypeVar("Out")


AHEAD = 4  # chunks a process, running or waiting for the caller: their results take memory


def default_workers() -> int:
    """One process a core that this one may use: a container or a scheduler may allow it few."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def parallel_map(
    function: Callable[[In], Out], items: Sequence[In], *, workers: int, chunksize: int = 8
) -> Iterator[Out]:
    """Yields function(item) for each item, in order; each process computes with one thread.

    One process a core does more than one process on all cores, where tensors are small.

    Args:
        function: picklable, a module's function or a partial of one.
        items: what it is called with.
        workers: processes; with 1 all happens in this one.
        chunksize: items handed to a process at a time.

    Raises:
        ValueError: if `workers` is not positive.
    """
    if workers < 1:
        raise ValueError(f"--workers must be positive, not {workers}.")
    if workers == 1 or len(items) <= 1:
        yield from map(partial(_single_threaded, function), items)
        return
    context = multiprocessing.get_context("spawn")  # forking a process that used CUDA is illegal
    count = min(workers, len(items))
    with ProcessPoolExecutor(count, context, initializer=_end_with_parent) as pool:
        waiting: deque[Future[list[Out]]] = deque()
        try:
            for start in range(0, len(items), chunksize):
                chunk = items[start : start + chunksize]
                waiting.append(pool.submit(_of_chunk, function, chunk))
                if len(waiting) == AHEAD * workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:  # a caller that stops early does not wait
                future.cancel()


def _end_with_parent() -> None:
    """Make this process end when the one that started it is gone, even if that was killed.

    It would wait for ever to hand over a result otherwise.
    """
    parent = multiprocessing.parent_process()

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _of_chunk(function: Callable[[In], Out], chunk: Sequence[In]) -> list[Out]:
    return [_single_threaded(function, item) for item in chunk]


def map_with_bar(
    function: Callable[[In], Out],
    items: Sequence[In],
    *,
    desc: str,
    unit: str,
    workers: int | None = None,
    chunksize: int = 8,
) -> list[Out]:
    """What `parallel_map` yields, behind a bar; in one process a core by default."""
    workers = default_workers() if workers is None else workers
    found = parallel_map(function, items, workers=workers, chunksize=chunksize)
    return list(tqdm(found, desc=desc, total=len(items), unit=unit))


def _single_threaded(function: Callable[[In], Out], item: In) -> Out:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return function(item)
    finally:  # the caller computes with all threads again
        torch.set_num_threads(threads)
