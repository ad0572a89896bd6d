from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch

from training.tools.workers import AHEAD, parallel_map


def threads(item: int) -> tuple[int, int]:
    return item, torch.get_num_threads()


@pytest.mark.parametrize("workers", [1, 2])
def test_items_come_in_order_and_single_threaded(workers):
    before = torch.get_num_threads()
    found = list(parallel_map(threads, range(5), workers=workers, chunksize=2))
    assert found == [(item, 1) for item in range(5)]
    assert torch.get_num_threads() == before


def test_between_two_items_all_threads_are_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found = [(item, torch.get_num_threads()) for item in parallel_map(str, [1, 2], workers=1)]
    finally:
        torch.set_num_threads(before)
    assert found == [("1", 2), ("2", 2)]


def left(item: int, folder: Path) -> int:
    (folder / str(item)).touch()
    return item


def test_little_is_computed_ahead_of_who_takes_it(tmp_path):
    results = parallel_map(partial(left, folder=tmp_path), range(200), workers=2, chunksize=1)
    assert [next(results), next(results)] == [0, 1]
    results.close()
    assert 2 <= len(list(tmp_path.iterdir())) <= 2 + 2 * AHEAD


def test_no_workers_are_refused():
    with pytest.raises(ValueError, match="positive"):
        list(parallel_map(threads, range(2), workers=0))


def process_of(item: int, folder: Path) -> int:
    """From a process that leaves its number."""
    (folder / str(os.getpid())).touch()
    return item


def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    """They would wait for work for ever."""
    program = (
        "from functools import partial; from pathlib import Path; import time\n"
        "from tests.training.tools.test_workers import process_of\n"
        "from training.tools.workers import parallel_map\n"
        "if __name__ == '__main__':\n"
        f"    work = partial(process_of, folder=Path({str(tmp_path)!r}))\n"
        "    results = parallel_map(work, range(100), workers=2, chunksize=4)\n"
        "    next(results); time.sleep(100)\n"
    )
    (tmp_path / "program.py").write_text(program)
    root = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    parent = subprocess.Popen([sys.executable, str(tmp_path / "program.py")], env=environment)
    try:
        workers = wait_for(lambda: [int(p.name) for p in tmp_path.glob("[0-9]*")])
    finally:
        parent.kill()
        parent.wait()
    end = time.monotonic() + 60
    while any(map(is_running, workers)):
        assert time.monotonic() < end
        time.sleep(0.1)


def wait_for(found: Callable[[], list[int]]) -> list[int]:
    end = time.monotonic() + 300  # three processes import torch
    while not (made := found()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return made


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")  # one that has ended may wait to be noticed
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")
