from __future__ import annotations

import os
import signal
import time

import numpy as np
import pytest

from training.data.cache import DataCache
from training.data.item import spread
from training.data.sources import open_source

SIZES = {"num_items": 5, "num_views": 2, "image_size": 8, "resolution": 4}


def rows_of(start: int, stop: int):
    rng = np.random.default_rng(0)
    grids = rng.uniform(-1, 1, (5, 4, 4, 4)).astype(np.float16)
    cutouts = rng.integers(0, 256, (5, 2, 8, 8, 4), dtype=np.uint8)
    rows = [
        {
            "id": f"shape-{i}",
            "category": "chair" if i % 2 else "table",
            "captions": [f"caption {i}"],
            "attributes": {"legs": np.int64(i)},
        }
        for i in range(5)
    ]
    return grids[start:stop], cutouts[start:stop], rows[start:stop]


def test_an_interrupted_cache_goes_on_and_equals_an_uninterrupted_one(tmp_path):
    whole = DataCache.create(tmp_path / "whole", split="test", **SIZES)
    whole.append(*rows_of(0, 5))
    first = DataCache.create(tmp_path / "parts", split="test", **SIZES)
    first.append(*rows_of(0, 2))
    with pytest.raises(ValueError, match="not complete: 2 of 5"):
        DataCache.load(tmp_path / "parts")
    again = DataCache.create(tmp_path / "parts", split="test", **SIZES)
    assert again.done == 2
    again.append(*rows_of(2, 5))
    a, b = DataCache.load(tmp_path / "whole"), DataCache.load(tmp_path / "parts")
    assert np.array_equal(a.grids, b.grids)
    assert np.array_equal(a.cutouts, b.cutouts)
    assert a.meta == b.meta
    assert a.columns == b.columns
    assert np.array_equal(a.grids, rows_of(0, 5)[0])
    assert a.categories[:2] == ["table", "chair"]
    assert a.attributes[3] == {"legs": 3}


@pytest.mark.parametrize("lost", [0, 1, 20, 200])
def test_a_line_cut_off_by_a_kill_is_written_again(tmp_path, lost):
    """Wherever writing was interrupted, what has a whole line stays, the rest is done again."""
    cache = DataCache.create(tmp_path, split="test", **SIZES)
    cache.append(*rows_of(0, 4))
    file = tmp_path / "rows.jsonl"
    text = file.read_bytes()
    file.write_bytes(text[: len(text) - lost])
    again = DataCache.create(tmp_path, split="test", **SIZES)
    assert again.done == text[: len(text) - lost].count(b"\n")
    again.append(*rows_of(again.done, 5))
    loaded = DataCache.load(tmp_path)
    assert loaded.ids == [f"shape-{i}" for i in range(5)]
    assert np.array_equal(loaded.grids, rows_of(0, 5)[0])


def test_appending_writes_each_row_once(tmp_path):
    """So 100,000 rows take seconds: nothing that is there is written again."""
    tiny = {"num_views": 1, "image_size": 1, "resolution": 2}
    cache = DataCache.create(tmp_path, split="test", num_items=100_000, **tiny)
    files = [tmp_path / name for name in ("meta.json", "grids.npy", "cutouts.npy")]
    before = [(file.stat().st_ino, file.stat().st_size) for file in files]
    ends = []
    for start in range(0, 100_000, 1000):
        rows = [{"id": str(i), "category": "chair"} for i in range(start, start + 1000)]
        cache.append(np.full((1000, 2, 2, 2), start / 1e5), np.zeros((1000, 1, 1, 1, 4)), rows)
        ends.append((tmp_path / "rows.jsonl").stat().st_size)
    assert [(file.stat().st_ino, file.stat().st_size) for file in files] == before
    assert max(np.diff(ends)) < 1.1 * ends[0]  # a chunk more is a chunk of bytes more
    loaded = DataCache.load(tmp_path)
    assert loaded.ids[99_999] == "99999"
    assert loaded.grids[99_999, 0, 0, 0] == np.float16(0.99)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("tries", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_a_kill_at_any_moment_loses_one_chunk_at_most(tmp_path, tries):
    """The process is killed; the next one finds all chunks that were done, and goes on."""
    count, chunk, rng = 60, 4, np.random.default_rng(tries)
    sizes = {"num_items": count, "num_views": 1, "image_size": 8, "resolution": 8}
    grids = rng.uniform(-1, 1, (count, 8, 8, 8)).astype(np.float16)
    cutouts = rng.integers(0, 256, (count, 1, 8, 8, 4), dtype=np.uint8)
    rows = [{"id": str(i), "category": "chair"} for i in range(count)]

    def write(folder, told=lambda done: None):
        cache = DataCache.create(folder, split="test", **sizes)
        for start in range(cache.done, count, chunk):
            part = slice(start, start + chunk)
            cache.append(grids[part], cutouts[part], rows[part])
            told(cache.done)

    killed = 0
    for number in range(tries):
        folder, (reader, writer) = tmp_path / str(number), os.pipe()
        wanted, pause = int(rng.integers(1, count // chunk - 1)), rng.uniform(0, 2e-3)
        child = os.fork()
        if child == 0:
            write(folder, lambda done: os.write(writer, b"."))  # noqa: B023
            os._exit(0)
        os.close(writer)
        told = sum(len(os.read(reader, 1)) for _ in range(wanted))
        time.sleep(pause)
        os.kill(child, signal.SIGKILL)
        killed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        while more := os.read(reader, 100):
            told += len(more)
        os.close(reader)
        done = DataCache.create(folder, split="test", **sizes).done
        assert told * chunk <= done <= (told + 1) * chunk
        write(folder)
        again = DataCache.load(folder)
        assert np.array_equal(again.grids, grids)
        assert np.array_equal(again.cutouts, cutouts)
        assert again.ids == [row["id"] for row in rows]
    assert killed > 0


def test_a_cache_is_a_source(tmp_path):
    cache = DataCache.create(tmp_path, split="test", **SIZES)
    cache.append(*rows_of(0, 5))
    source = open_source(f"cache:{tmp_path}")
    assert (len(source), source.categories) == (5, ["chair", "table"])
    assert source[3].id == "shape-3"
    assert source[3].grid.dtype == np.float32
    assert np.array_equal(np.asarray(source[3].images[1]), cache.cutouts[3, 1])
    thinned = [item.id for item in open_source(f"cache:{tmp_path}", count=2)]
    assert thinned == [f"shape-{index}" for index in spread(5, 2)]


def test_what_does_not_fit_is_refused(tmp_path):
    cache = DataCache.create(tmp_path, split="test", **SIZES)
    with pytest.raises(ValueError, match="other settings"):
        DataCache.create(tmp_path, split="train", **SIZES)
    grids, cutouts, rows = rows_of(0, 5)
    with pytest.raises(ValueError, match="resolution"):
        cache.append(grids[:, :2], cutouts, rows)
    cache.append(grids, cutouts, rows)
    with pytest.raises(ValueError, match="Cannot put rows 5 to 6"):
        cache.append(grids[:1], cutouts[:1], rows[:1])


def test_broken_caches_are_one_sentence(tmp_path):
    with pytest.raises(ValueError, match="no data cache"):
        DataCache.load(tmp_path)
    (tmp_path / "meta.json").write_text("{")
    with pytest.raises(ValueError, match="cannot be read"):
        DataCache.load(tmp_path)
    (tmp_path / "meta.json").write_text("{}")
    with pytest.raises(ValueError, match="not that of a data cache"):
        DataCache.load(tmp_path)
    cache = DataCache.create(tmp_path / "whole", split="test", **SIZES)
    cache.append(*rows_of(0, 5))
    (tmp_path / "whole" / "rows.jsonl").write_text('{"id": 3}\n')
    with pytest.raises(ValueError, match="rows of the data cache"):
        DataCache.load(tmp_path / "whole")
