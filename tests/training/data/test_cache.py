from __future__ import annotations

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
