from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from diffusion.grids.from_mesh import distance_values
from training.data.binvox import write_binvox
from training.data.item import spread
from training.data.r2n2 import pool
from training.data.sources import open_source

PAIRS = Path(__file__).resolve().parents[4] / "shared/data/r2n2_pairs"


def brute_force_values(occupancy: np.ndarray) -> np.ndarray:
    """Distance to the nearest cell of the other kind, less half a cell, by looking at all cells."""
    padded = np.pad(occupancy, 1)
    full, empty = np.argwhere(padded), np.argwhere(~padded)
    values = np.zeros(padded.shape)
    for cell in np.ndindex(padded.shape):
        others, sign = (empty, 1) if padded[cell] else (full, -1)
        values[cell] = sign * (np.sqrt(((others - cell) ** 2).sum(1).min()) - 0.5)
    return np.clip(values[1:-1, 1:-1, 1:-1] / 2, -1, 1)


def test_distance_values_equal_brute_force():
    occupancy = np.random.default_rng(1).random((7, 7, 7)) < 0.2
    values = distance_values(occupancy)
    np.testing.assert_allclose(values, brute_force_values(occupancy), atol=1e-6)
    assert np.array_equal(values > 0, occupancy)
    assert values.dtype == np.float32
    assert (distance_values(np.zeros((4, 4, 4), bool)) == -1).all()
    solid = distance_values(np.ones((8, 8, 8), bool))
    assert solid[0, 0, 0] == 0.25  # the border of the grid is a surface
    assert solid[4, 4, 4] == 1


def test_small_helpers():
    assert spread(10, None) == list(range(10))
    assert spread(10, 5) == spread(10, 5) == sorted(set(spread(10, 5)))
    assert len(spread(10, 5)) == 5
    assert spread(3, 10) == [0, 1, 2]
    corner = np.zeros((4, 4, 4), bool)
    corner[0, 1, 3] = True
    assert np.argwhere(pool(corner, 2)).tolist() == [[0, 0, 1]]
    with pytest.raises(ValueError, match="cannot be pooled"):
        pool(corner, 3)


@pytest.mark.skipif(not PAIRS.is_dir(), reason="the R2N2 samples are not here")
def test_r2n2_samples():
    source = open_source(f"r2n2:{PAIRS}")
    assert len(source) == 7
    assert len(source.categories) == 7
    items = list(source)
    chair = items[0]
    assert (chair.id, chair.category) == ("03001627/sample_chair", "chair")
    assert chair.captions == ["a chair"]
    assert chair.grid.shape == (32, 32, 32)
    assert len(chair.images) == 24
    assert (chair.images[3].mode, chair.images[3].size) == ("RGBA", (137, 137))
    assert np.array_equal(chair.grid > 0, brute_force_values(chair.grid > 0) > 0)
    assert open_source(f"r2n2:{PAIRS}", resolution=16)[0].grid.shape == (16, 16, 16)
    with pytest.raises(ValueError, match="no shape under 'train'"):
        open_source(f"r2n2:{PAIRS}", split="train")


def small_r2n2(root: Path, name: str = "vessel,watercraft") -> Path:
    entry = {"taxonomy_id": "04530566", "taxonomy_name": name, "train": [], "val": []}
    (root / "ShapeNet.json").write_text(json.dumps([{**entry, "test": ["a"]}]))
    grid = root / "ShapeNetVox32/04530566/a/model.binvox"
    grid.parent.mkdir(parents=True)
    write_binvox(grid, np.ones((32, 32, 32), bool))
    return root


def test_r2n2_names_and_missing_parts(tmp_path):
    with pytest.raises(ValueError, match="no rendering"):
        open_source(f"r2n2:{small_r2n2(tmp_path)}")
    view = tmp_path / "ShapeNetRendering/04530566/a/rendering/00.png"
    view.parent.mkdir(parents=True)
    view.write_bytes(b"not a picture")
    item = open_source(f"r2n2:{tmp_path}")[0]
    assert item.category == "watercraft"
    with pytest.raises(ValueError, match="cannot be read"):
        item.images[0]
    (tmp_path / "ShapeNetVox32/04530566/a/model.binvox").unlink()
    with pytest.raises(ValueError, match="1 shapes have no grid"):
        open_source(f"r2n2:{tmp_path}")


def test_all_splits_of_r2n2_together(tmp_path):
    root = small_r2n2(tmp_path)
    lists = {"train": ["a"], "test": ["a", "b"]}  # no "val", and "a" twice
    (root / "ShapeNet.json").write_text(json.dumps([{"taxonomy_id": "04530566", **lists}]))
    write_binvox(root / "ShapeNetVox32/04530566/b/model.binvox", np.ones((32, 32, 32), bool))
    source = open_source(f"r2n2:{root}", split="all", need_views=False)
    assert [item.id for item in source] == ["04530566/a", "04530566/b"]
    assert len(source[0].images) == 0
    with pytest.raises(ValueError, match="2 shapes have no rendering"):
        open_source(f"r2n2:{root}", split="all")
    with pytest.raises(ValueError, match=r"lacks .* the list 'val'"):
        open_source(f"r2n2:{root}", split="val")
    with pytest.raises(ValueError, match="train, val, test, all, not 'dev'"):
        open_source(f"r2n2:{root}", split="dev")


def test_a_truncated_grid_of_r2n2_is_named(tmp_path):
    root = small_r2n2(tmp_path)
    path = root / "ShapeNetVox32/04530566/a/model.binvox"
    path.write_bytes(path.read_bytes()[:-3])
    source = open_source(f"r2n2:{root}", need_views=False)
    with pytest.raises(ValueError, match=r"Truncated binvox .*model\.binvox") as caught:
        source[0]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not readable JSON"),
        ("3", "not a list of categories"),
        ("[3]", "not a list of categories"),
        ('[{"taxonomy_id": "1"}]', "lacks"),
        ('[{"taxonomy_id": 1, "test": []}]', "lacks"),
        ('[{"taxonomy_id": "1", "test": "abc"}]', "lacks"),
        ("[]", "lists no shape"),
    ],
)
def test_bad_split_files(tmp_path, content, message):
    (tmp_path / "ShapeNet.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        open_source(f"r2n2:{tmp_path}")


def test_a_split_file_that_is_a_folder_or_binary(tmp_path):
    (tmp_path / "a" / "ShapeNet.json").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "ShapeNet.json").write_bytes(b"\xff\xfe\x00")
    for name in "ab":
        with pytest.raises(ValueError, match="not readable JSON"):
            open_source(f"r2n2:{tmp_path / name}")


def test_bad_specs(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for spec, message in [
        ("nonsense", "Unknown data"),
        ("urls:x", "Unknown data"),
        ("r2n2:", "Unknown data"),
        (f"r2n2:{tmp_path}/none", "does not exist"),
        (f"meshes:{file}", "is a file"),
        (f"r2n2:{tmp_path}", "split file .* does not exist"),
        (f"meshes:{tmp_path}", "no mesh"),
    ]:
        with pytest.raises(ValueError, match=message):
            open_source(spec)
    with pytest.raises(ValueError, match="positive"):
        open_source(f"meshes:{tmp_path}", count=0)


def test_a_thinned_source_keeps_every_category():
    """A fixed stride over categories that take turns once left out three of five."""
    for total, count in ((500, 150), (500, 200), (500, 100), (50, 20)):
        assert {index % 5 for index in spread(total, count)} == set(range(5))
