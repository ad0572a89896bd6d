"""The command that times the page goes a newcomer's whole way and writes down every answer."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest

from demo import page_speed


def test_bad_options_are_one_sentence(tmp_path):
    with pytest.raises(ValueError, match="--visits must be positive"):
        page_speed.main(page_speed.Options(tmp_path / "x.json", visits=0))
    missing = tmp_path / "browser"
    with pytest.raises(ValueError, match="There is no browser at"):
        page_speed.main(page_speed.Options(tmp_path / "x.json", chromium=missing))


@pytest.mark.browser
def test_a_visit_is_timed_from_the_first_page_to_the_last(tmp_path, chromium):
    """With the bundled weights: each answer came, and the last of a run after its first."""
    out = tmp_path / "page-speed.json"
    command = ["-m", "demo.page_speed", "--visits", "1", "--out", str(out)]
    subprocess.run([sys.executable, *command], check=True, cwd=page_speed.ASSETS.parent)
    report = json.loads(out.read_text())
    assert report["command"] == shlex.join(["python", *command])
    seconds = report["median_seconds"]
    assert all(0 < value < 60 for value in seconds.values())
    for first, last in (
        ("open_the_page", "viewers_stand"),
        ("first_frame", "all_shapes"),
        ("17_standard_frames_first", "17_standard_frames_all"),
        ("33_preview_frames_first", "33_preview_frames_all"),
    ):
        assert seconds[first] < seconds[last]
    assert {"click_an_example", "turn_a_shape", "open_a_walk", "scrub_by_a_key"} < seconds.keys()
    assert {"preview_of_a_stroke", "open_explore", "open_results"} < seconds.keys()
    assert report["frames_a_second_while_scrubbing"] > 0
    assert f"in {seconds['click_an_example']:.2f} s" in report["finding"]
