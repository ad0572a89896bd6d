from __future__ import annotations

import numpy as np

import training.shapes as shapes
from training.data import procedural_grids
from training.data.procedural import FIRST_SEED
from training.data.procedural_grids import draw_occupancies, family_hash


def test_drawn_occupancies_are_the_train_split_and_are_drawn_once(tmp_path, monkeypatch):
    category = shapes.CATEGORIES[0]
    first = draw_occupancies(category, 2, cache=tmp_path)
    grid = shapes.make_shape(category, FIRST_SEED["train"] + 1).volume()[0].numpy() > 0
    assert np.array_equal(np.unpackbits(first[1]).astype(bool).reshape(grid.shape), grid)
    drawn = []
    draw = procedural_grids._draw
    monkeypatch.setattr(
        procedural_grids, "_draw", lambda seed, category: drawn.append(seed) or draw(seed, category)
    )
    more = draw_occupancies(category, 3, cache=tmp_path)
    assert drawn == [FIRST_SEED["train"] + 2]  # the rest of them
    assert np.array_equal(more[:2], first)
    assert np.array_equal(draw_occupancies(category, 2, cache=tmp_path), first)
    assert len(drawn) == 1
    next(tmp_path.glob("*.npz")).write_bytes(b"torn")
    assert np.array_equal(draw_occupancies(category, 1, cache=tmp_path), first[:1])


def test_the_hash_follows_all_code_but_that_of_other_families(tmp_path, monkeypatch):
    (tmp_path / "families").mkdir()
    for name in ("__init__", "solids", "families/chair", "families/car"):
        (tmp_path / f"{name}.py").write_text(name)
    monkeypatch.setattr(shapes, "__file__", str(tmp_path / "__init__.py"))
    before = family_hash("chair"), family_hash("car")
    (tmp_path / "families" / "chair.py").write_text("changed")
    after = family_hash("chair"), family_hash("car")
    assert after[0] != before[0]
    assert after[1] == before[1]
    (tmp_path / "solids.py").write_text("changed")
    assert family_hash("car") != after[1]
