"""Evaluations as text: the tables hold the numbers of their files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from demo import strings
from demo.tabs.results.evaluations import evaluation_text, interval_text
from demo.tabs.results.files import FOLDER, Result
from tests.demo.results_fakes import evaluation


def table_rows(text: str, number: int = 0) -> dict[str, list[str]]:
    """The rows of one of the tables of a text, their heads included."""
    tables = [part for part in text.split("\n\n") if part.startswith("|")]
    lines = tables[number].splitlines()
    cells = [line.replace("\\|", "/").strip("|").split("|") for line in [lines[0], *lines[2:]]]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in cells}


def test_the_table_shows_the_numbers_of_the_file_and_of_the_paper():
    text = evaluation_text(Result(Path("procedural.json"), evaluation()))
    rows = table_rows(text)
    assert rows["CLIP"] == [
        "0.458 [0.448, 0.478]",
        "0.586",
        "0.540 [0.530, 0.560]",
        "0.250 [0.240, 0.270]",
        "0.333",
    ]
    assert rows["CISP"][:2] == ["0.445 [0.435, 0.465]", "0.649"]
    assert rows["CISP"][-1] == "0.414"
    assert rows["a / b"] == ["0.400 [0.390, 0.420]", "", "", "", ""]
    assert "another data set" in text
    assert "120 images of `procedural:test`" in text


def test_the_table_of_the_results_at_hand_is_their_file():
    data = json.loads((FOLDER / "procedural.json").read_text())
    rows = table_rows(evaluation_text(Result(FOLDER / "procedural.json", data)))
    assert len(rows) == 2 + len(data["methods"])  # the head and the difference
    gaps = data["differences"]["cisp minus clip"]["overall"]
    assert rows["CISP minus CLIP"][-1] == interval_text(gaps["named"], sign="+")
    for name, method in data["methods"].items():
        cells = rows[strings.SPACES[name].title if name in strings.SPACES else name]
        measured = [method["overall"].get(key) for key in ("iou", "iou_best", "f_score")]
        assert [cells[0], cells[2], cells[3]] == [interval_text(value) for value in measured]


def told(**means: float) -> dict:
    spread = {k: {"mean": v, "low": v - 0.001, "high": v + 0.002} for k, v in means.items()}
    return {"overall": spread}


def test_what_else_was_measured_has_tables_of_its_own():
    data = evaluation()
    data["methods"]["clip"] |= told(iou=0.4, coverage=0.7, cd=0.0042, diversity=0.2)
    data["methods"]["resampled truth"] = told(iou=1, coverage=1, cd=0.0005)
    data["differences"]["cisp minus clip"] = told(iou=0.1, coverage=-0.02)
    data["sets"] = {
        "shapes": 130,
        "methods": {"clip": told(**{"1nna_cd": 0.6}), "cisp": told(**{"1nna_cd": 0.55})},
        "differences": {"cisp minus clip": told(**{"1nna_cd": -0.05})},
    }
    data["paths"] = {
        "pairs": 52,
        "methods": {"cisp": told(smoothness=0.8)},
        "differences": {},
    }
    text = evaluation_text(Result(Path("procedural.json"), data))
    main, surface, sets, paths = (table_rows(text, number) for number in range(4))
    assert main["CISP minus CLIP"] == ["+0.100 [+0.099, +0.102]", *[""] * 4]
    assert surface["Method"] == ["Diversity", "Surface covered", "CD × 1000"]
    assert surface["CLIP"] == [
        "0.200 [0.199, 0.202]",
        "0.700 [0.699, 0.702]",
        "4.200 [3.200, 6.200]",
    ]
    assert surface["resampled truth"] == ["", "1.000 [0.999, 1.002]", "0.500 [-0.500, 2.500]"]
    assert "CISP" not in surface  # nothing of the kind was measured of it
    assert surface["CISP minus CLIP"] == ["", "-0.020 [-0.021, -0.018]", ""]
    assert list(sets) == ["Method", "CLIP", "CISP", "CISP minus CLIP"]
    assert sets["CISP minus CLIP"] == ["-0.050 [-0.051, -0.048]"]
    assert "130 made shapes against 130 true ones" in text
    assert list(paths) == ["Method", "CISP"]
    assert "52 pairs of images" in text


def test_an_older_file_without_them_has_one_table():
    text = evaluation_text(Result(Path("procedural.json"), evaluation()))
    assert text.count("| Method |") == 1
    empty = evaluation() | {"paths": None}  # a single image has no pair
    assert evaluation_text(Result(Path("procedural.json"), empty)) == text


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        ((0.02, 0.01, 0.03), "CISP is ahead"),
        ((-0.02, -0.03, -0.01), "CISP is behind"),
        ((0.02, -0.01, 0.05), "cannot be told apart"),
        ((-0.02, -0.05, 0.01), "cannot be told apart"),
    ],
)
def test_the_verdict_follows_the_interval(difference, words):
    text = evaluation_text(Result(Path("procedural.json"), evaluation(difference)))
    assert f"**{words}" in text or f"**CISP and CLIP {words}" in text
    assert "{:+.3f} [{:+.3f}, {:+.3f}]".format(*difference) in text


@pytest.mark.parametrize("change", [{"methods": [1]}, {"config": None}, {"images": "many"}])
def test_a_damaged_evaluation_has_no_table(change, caplog):
    assert evaluation_text(Result(Path("procedural.json"), evaluation() | change)) is None
    assert "The table of procedural.json is damaged" in caplog.text
