"""The command that times the page makes a newcomer's whole visit and records every answer."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from dataclasses import asdict
from unittest.mock import Mock

import pytest
import tyro

from demo import page_speed

ANSWERS = {
    "open_the_page",
    "viewers_stand",
    "click_an_example",
    "turn_a_shape",
    "first_frame",
    "all_shapes",
    "open_a_walk",
    "scrub_by_a_key",
    "17_standard_frames_first",
    "17_standard_frames_all",
    "33_preview_frames_first",
    "33_preview_frames_all",
    "preview_of_a_stroke",
    "open_explore",
    "open_results",
}
GUESSES = {"17_standard_frames_guessed", "33_preview_frames_guessed", "guess_of_a_stroke"}
RATES = ("scrubbing", "loaded", "scripts_loaded")


def test_bad_options_are_one_sentence(tmp_path):
    with pytest.raises(ValueError, match="--visits must be positive"):
        page_speed.main(page_speed.PageSpeedOptions(tmp_path / "x.json", visits=0))
    with pytest.raises(ValueError, match="--beside: there is no file"):
        page_speed.main(page_speed.PageSpeedOptions(tmp_path / "x.json", beside=tmp_path / "y"))
    missing = tmp_path / "browser"
    with pytest.raises(ValueError, match="There is no browser at"):
        page_speed.main(page_speed.PageSpeedOptions(tmp_path / "x.json", chromium=missing))


def test_a_run_is_timed_to_its_first_frame_and_to_its_last():
    visit = page_speed.Visit(Mock(), "")
    visit.page.evaluate.return_value = {"running": 250, "done": 1500}
    visit.time_run("#run", "#twin", "first", "all")
    assert visit.seconds == {"first": [0.25], "all": [1.5]}
    visit.seconds.clear()
    visit.page.evaluate.return_value = {"running": 250, "made": 500, "done": 1500}
    visit.time_run("#run", "#twin", "first", "all", "guessed")
    assert visit.seconds == {"guessed": [0.25], "first": [0.5], "all": [1.5]}


@pytest.mark.parametrize("guesses", [False, True])
def test_the_report_holds_the_median_of_the_visits(tmp_path, guesses):
    answers = ANSWERS | GUESSES if guesses else ANSWERS
    visits = [page_speed.Visit(Mock(), "") for _ in range(3)]
    for visit, value in zip(visits, (9.0, 1.0, 2.0), strict=True):
        visit.seconds |= {name: [value] for name in answers}
        visit.rates |= {name: [10 * value] for name in (*RATES, *["roaming", "hands"] * guesses)}
    page_speed.save(page_speed.PageSpeedOptions(tmp_path / "x.json"), visits)
    report = json.loads((tmp_path / "x.json").read_text())
    assert report["median_seconds"] == dict.fromkeys(answers, 2)
    assert report["frames_a_second_while_scrubbing"] == 20
    assert report["frames_a_second_in_the_square"] == (20 if guesses else None)
    slowest = report["answers_a_second_of_the_slowest_of_twenty_hands"]
    assert slowest == (20 if guesses else None)
    assert report["kilobytes_until_the_viewers_stand"] == report["of_them_scripts"] == 20
    assert "an example is answered in 2.00 s" in report["finding"]
    assert ("in the square is followed at 20" in report["finding"]) == guesses
    assert "median_seconds_of_the_other_page" not in report


def test_another_page_is_printed_and_kept_beside(tmp_path, capsys):
    visit = page_speed.Visit(Mock(), "")
    visit.rates |= {name: [1.0] for name in RATES}
    for name, seconds in (("old", 5.0), ("new", 3.0)):
        visit.seconds |= {answer: [seconds] for answer in ANSWERS | {f"of_the_{name}_page"}}
        beside = tmp_path / "old.json" if name == "new" else None
        options = page_speed.PageSpeedOptions(tmp_path / f"{name}.json", beside=beside)
        page_speed.save(options, [visit])
        del visit.seconds[f"of_the_{name}_page"]
    report = json.loads((tmp_path / "new.json").read_text())
    assert report["median_seconds"]["open_the_page"] == 3
    assert report["median_seconds_of_the_other_page"]["open_the_page"] == 5
    assert "beside" not in report["command"]  # which a stranger can repeat without the old page
    printed = capsys.readouterr().out.splitlines()
    assert "    3.00 s    5.00 s  open the page" in printed
    assert "    3.00 s            of the new page" in printed


@pytest.mark.browser
def test_every_answer_of_a_visit_is_timed(tmp_path, chromium):
    """With the bundled weights."""
    out = tmp_path / "page-speed.json"
    command = ["-m", "demo.page_speed", "--visits", "1", "--out", str(out)]
    subprocess.run([sys.executable, *command], check=True, cwd=page_speed.ASSETS.parent)
    report = json.loads(out.read_text())
    again = shlex.split(report["command"])
    assert again[:3] == ["python", "-m", "demo.page_speed"]
    asked = page_speed.PageSpeedOptions(out, visits=1)
    assert asdict(tyro.cli(page_speed.PageSpeedOptions, args=again[3:])) == asdict(asked)
    answers = report["median_seconds"].keys()
    assert answers in (ANSWERS, ANSWERS | GUESSES)  # by what the bundled weights are
    assert (answers == ANSWERS) == (report["frames_a_second_in_the_square"] is None)
    assert report["frames_a_second_while_scrubbing"] > 0
    assert report["kilobytes_until_the_viewers_stand"] > report["of_them_scripts"] > 1000
