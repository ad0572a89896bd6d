from __future__ import annotations

import errno
import json

import numpy as np
import pytest

from training.measure.rows import RowFile, packed, unpacked
from training.measure.scores import (
    Truth,
    compared,
    evaluate_rows,
    image_seeds,
    retrieval,
    score,
    summarise,
)

COUNT, SIDE = 11, 12


@pytest.fixture
def truth() -> Truth:
    rng = np.random.default_rng(0)
    grids = np.zeros((COUNT, SIDE, SIDE, SIDE), bool)
    for grid in grids:
        x, y, z = rng.integers(6, 12, 3)
        grid[:x, :y, :z] = True
    names = [("chair", "table")[i % 2] for i in range(COUNT)]
    return Truth([f"s{i}" for i in range(COUNT)], names, grids)


def noisy(truth: Truth, share: float, samples: int):
    """A method that answers with the truth, a share of the cells being wrong."""

    def answer(indices):
        shapes = []
        for index in indices:
            rng = np.random.default_rng([index, int(100 * share)])
            wrong = rng.random((samples, SIDE, SIDE, SIDE)) < share
            shapes.append(truth.occupancy[index] ^ wrong)
        return np.stack(shapes)

    return answer


def methods_of(truth: Truth):
    return {
        "clip": noisy(truth, 0.2, 3),
        "cisp": noisy(truth, 0.1, 3),
        "retrieval by cisp": noisy(truth, 0.3, 1),
    }


def test_scores_of_known_answers(truth):
    answers = np.stack([truth.occupancy[[2, 5]], ~truth.occupancy[[2, 5]]], 1)
    scores = score(truth, [2, 5], answers, judge=lambda grids: ["chair"] * len(grids))
    assert [entry["iou"] for entry in scores] == [[1, 0], [1, 0]]
    assert [entry["named"] for entry in scores] == [1, 0]
    assert [len(entry["f_score"]) for entry in scores] == [1, 1]
    assert 0.5 < scores[0]["f_score"][0] < 1  # other points of the same surface, not the same
    assert [entry["diversity"] for entry in scores] == [1, 1]
    (empty,) = score(truth, [2], np.zeros_like(answers[:1]), surface_samples=2)
    assert (empty["iou"], empty["f_score"], empty["diversity"]) == ([0, 0], [0, 0], 0)
    assert len(empty["emd"]) == len(empty["cd"]) == 2
    bare = score(truth, [2], answers[:1, :1], surface_samples=0)
    perfect = {"thin_recall": [1], "thin_recall_near": [1], "more_pieces": [0], "volume": [1]}
    assert bare == [{"iou": [1], **perfect}]


def rows_of(truth, skip=0):
    """The rows chunk by chunk, without the surfaces, which are slow and tested above."""
    return evaluate_rows(
        truth, methods_of(truth), chunk=4, skip=skip, keep=["cisp"], surface_samples=0
    )


def all_rows(truth):
    return [row for rows in rows_of(truth) for row in rows]


def test_the_summary_equals_numbers_made_by_hand(truth):
    rows = all_rows(truth)
    summary = summarise(rows, ["clip", "cisp"])
    overlaps = np.array([row["scores"]["cisp"]["iou"] for row in rows])
    cisp = summary["methods"]["cisp"]["overall"]
    assert cisp["iou"]["mean"] == pytest.approx(overlaps.mean())
    assert cisp["iou_best"]["mean"] == pytest.approx(overlaps.max(1).mean())
    tables = overlaps[1::2].mean()
    per_category = summary["methods"]["cisp"]["per_category"]
    assert per_category["table"]["iou"]["mean"] == pytest.approx(tables)
    assert per_category["chair"]["images"] == 6
    assert "iou_best" not in summary["methods"]["retrieval by cisp"]["overall"]
    assert "diversity" not in summary["methods"]["retrieval by cisp"]["overall"]
    diverse = np.mean([row["scores"]["cisp"]["diversity"] for row in rows])
    assert cisp["diversity"]["mean"] == pytest.approx(diverse)
    assert "seconds_per_shape" in summary["methods"]["clip"]
    assert "seconds_per_shape" not in summary["methods"]["retrieval by cisp"]
    assert list(summary["differences"]) == ["cisp minus clip", "cisp minus retrieval by cisp"]
    assert compared(["clip", "cisp", "x"])[:3] == [("cisp", "clip"), ("x", "clip"), ("x", "cisp")]
    assert ("cisp", "regressor on cisp") in compared(["clip", "cisp"])
    gain = summary["differences"]["cisp minus clip"]["overall"]["iou"]
    other = np.array([row["scores"]["clip"]["iou"] for row in rows])
    assert gain["mean"] == pytest.approx(overlaps.mean() - other.mean())
    assert 0 < gain["low"] < gain["mean"] < gain["high"]
    json.dumps(summary, allow_nan=False)


def test_the_first_answer_is_kept_and_comes_back(truth):
    rows = all_rows(truth)
    made = methods_of(truth)["cisp"]([7])[0, 0]
    assert list(rows[7]["shapes"]) == ["cisp"]
    assert np.array_equal(unpacked(rows[7]["shapes"]["cisp"], len(made)), made)
    odd = np.random.default_rng(0).random((3, 3, 3)) < 0.5  # no whole number of bytes
    assert np.array_equal(unpacked(packed(odd), len(odd)), odd)


def without_seconds(rows):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


@pytest.mark.parametrize("interrupted", ["after a chunk", "within a line", "within a chunk"])
def test_resumed_equals_uninterrupted(truth, tmp_path, interrupted):
    whole = without_seconds(all_rows(truth))
    path = tmp_path / "rows.jsonl"
    file = RowFile(path, {"seed": 1, "models": "first"}, resume=False, chunk=4, total=COUNT)
    file.append(all_rows(truth)[:4])
    if interrupted == "within a line":
        with path.open("a") as stream:
            stream.write('{"index": 4, "id"')
    if interrupted == "within a chunk":
        file.append(all_rows(truth)[4:6])
    file = RowFile(path, {"seed": 1, "models": "first"}, resume=True, chunk=4, total=COUNT)
    assert len(file.rows) == 4
    for rows in rows_of(truth, skip=len(file.rows)):
        file.append(rows)
    assert without_seconds(file.rows) == whole
    again = RowFile(path, {"seed": 1, "models": "first"}, resume=True, chunk=4, total=COUNT)
    assert len(again.rows) == COUNT  # nothing is left to do
    with pytest.raises(ValueError, match="other settings"):
        RowFile(path, {"seed": 2}, resume=True, chunk=4, total=COUNT)
    other = RowFile(path, {"seed": 1, "models": "retrained"}, resume=True, chunk=4, total=COUNT)
    assert other.rows == []
    assert RowFile(path, {"seed": 2}, resume=False, chunk=4, total=COUNT).rows == []


def test_an_interrupted_resumption_loses_no_row(truth, tmp_path, monkeypatch):
    path, head = tmp_path / "rows.jsonl", {"models": "first"}
    RowFile(path, head, resume=False, chunk=4, total=COUNT).append(all_rows(truth))
    before = path.read_bytes()
    written = []

    def full_disk(line):
        written.append(line)
        if len(written) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return "{}"

    monkeypatch.setattr("training.measure.rows.json.dumps", full_disk)
    with pytest.raises(OSError, match="No space"):
        RowFile(path, head, resume=True, chunk=4, total=COUNT)
    assert path.read_bytes() == before


def test_seeds_are_shared_by_spaces_and_by_nothing_else():
    seeds = [s for index in range(20) for s in image_seeds(index, 10, seed=7)]
    assert len(set(seeds)) == 200
    assert seeds[0] == 7


def test_retrieval():
    rng = np.random.default_rng(0)
    shapes = rng.normal(size=(70, 16))
    shapes /= np.linalg.norm(shapes, axis=1, keepdims=True)
    found = retrieval(shapes, shapes, seed=0)
    assert found["full gallery"] == {"R@1": 1, "R@5": 1, "R@10": 1}
    assert found["batches of 64"]["R@1"] == 1
    assert found["batches of 128"] is None
    assert found["shapes"] == 70
