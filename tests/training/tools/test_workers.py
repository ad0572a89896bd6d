from __future__ import annotations

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
