from __future__ import annotations

import sys

import numpy as np

import training.shapes as shapes
from training import procedural_grids
from training.procedural_grids import draw_occupancies, family_hash
from training.shapes.dataset import FIRST_SEED


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


def test_the_hash_follows_what_a_family_imports(tmp_path, monkeypatch):
    """Two made-up families, one of which uses a helper."""
    package = tmp_path / "training" / "shapes"
    package.mkdir(parents=True)
    files = {
        "shape": "",
        "distance": "import numpy\n",
        "helper": "from training.shapes.deep import SIZE\n",
        "deep": "SIZE = 1\n",
        "one": "from training.shapes import helper\n",
        "two": "import training.shapes.shape\n",
    }
    for name, text in files.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.setattr(shapes, "__path__", [str(package)])
    for name in files:
        monkeypatch.delitem(sys.modules, f"training.shapes.{name}", raising=False)
    before = family_hash("one"), family_hash("two")
    assert before == (family_hash("one"), family_hash("two"))
    (package / "deep.py").write_text("SIZE = 2\n")
    assert family_hash("one") != before[0]
    assert family_hash("two") == before[1]
    (package / "distance.py").write_text("import math\n")
    assert family_hash("two") != before[1]
