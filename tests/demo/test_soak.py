"""A short run of what `python -m demo.soak` does for hours, from a seed of its own."""

from __future__ import annotations

import contextlib
import time
from unittest.mock import Mock

import httpx
import numpy as np
import pytest

from demo.soak import asking
from demo.soak.findings import of_faults, of_fuzz, of_visitors
from demo.soak.fuzz import READ, fuzz_readers, is_one_sentence
from demo.soak.hands import hand
from demo.soak.inputs import any_json, changed, damaged, sound_files
from demo.soak.server import sound_request
from demo.soak.visitors import EVENTS, growth_of, longest_overlap, peak


def test_strange_inputs_are_used_or_refused_in_a_sentence(tmp_path):
    tally = fuzz_readers(tmp_path, 900, seed=0)
    assert not tally.faults
    assert sum(tally.outcomes.values()) == 900
    for kind in READ:  # else the inputs are not strange, or nothing but strange
        assert tally.outcomes[f"{kind}: refused"] > 5, kind
        assert tally.outcomes[f"{kind}: used"] > 5 or kind == "source", kind
    assert not list(tmp_path.iterdir())


def test_an_input_depends_on_its_seed_alone():
    def some(seed):
        rng = np.random.default_rng(seed)
        data = damaged(sound_files()["mesh.glb"], rng)
        return data, repr(any_json(rng)), repr(changed({"a": [1, {"b": 2}]}, rng))

    assert some(3) == some(3)
    assert len({some(seed) for seed in range(20)}) > 10


def test_sound_files_are_of_every_kind():
    endings = {name.rpartition(".")[2] for name in sound_files()}
    assert {"png", "jpeg", "webp", "tiff", "gif", "glb", "obj", "ply", "stl", "off"} <= endings
    assert {"npz", "binvox"} <= endings


def test_what_one_sentence_is():
    assert is_one_sentence("“x.png” is damaged.")
    for text in ("", None, "a\nb", 'Traceback (most recent call last): File "x.py"', "x" * 900):
        assert not is_one_sentence(text)


def test_findings_say_what_the_reports_say():
    seen = [{"memory_mb": m, "open_files": 12, "threads": 7} for m in (90, 100, 104.4)]
    tally = {"inputs": 40, "readers": {"mesh: used": 3, "link: used": 4}, "tracebacks": 2}
    tally |= {"page": {"roam: refused": 32, "roam: fault": 1}, "faults": ["x"], "measures": seen}
    found = of_fuzz(tally)
    assert "Of 40 strange inputs" in found
    assert "7 were used, 32 refused in a sentence each, and 1 ended in a fault" in found
    assert "2 tracebacks, its memory went from 100 to 104 MB" in found
    crowd = {"outcomes": {"sketch: answered": 5, "compare: left": 2, "compare: answered": 1}}
    crowd |= {"visitors": 20, "minutes": 30.0, "peak_heavy_work": 1, "memory_growth": -0.012}
    found = of_visitors({**crowd, "faults": [], "before": seen[0], "after": seen[1]})
    assert "20 visitors for 30 minutes got 6 answers" in found
    assert "memory moved by -1.2%" in found
    weights = {"faults_injected": 3, "outcomes": {"swap: named": 2, "flip: not noticed": 1}}
    disks = {"page": {"is_right": True}, "training": {"is_right": False}}
    killed = {"kills": 20, "ended": True}
    found = of_faults({"weights": weights, "full_disk": disks, "killed": killed})
    assert "Of 3 damages to the weights 2 were named" in found
    assert "one in page. The pipeline, killed 20 times" in found


def test_spans_of_time_that_overlap():
    spans = [(4.0, 6.0), (0.0, 2.0), (1.5, 3.0), (5.9, 7.0)]
    assert (peak(spans), longest_overlap(spans)) == (2, 0.5)
    assert (peak(spans[:2]), longest_overlap(spans[:2])) == (1, 0.0)
    assert (peak([]), longest_overlap([])) == (0, 0.0)


def test_growth_is_that_of_what_stays():
    assert growth_of([100, 100, 300, 7, 7, 7, 7, 7, 7, 7, 7, 7, 110, 110, 500]) == 0.1
    assert growth_of([100] * 4) is None


def test_hands_are_counted_by_their_answers():
    """Every second place is refused: half of what was asked counts, in places of the square."""
    asked = []

    def ask(place):
        asked.append(place)
        time.sleep(0.01)
        return len(asked) % 2 == 0

    rate = hand(ask, 0.5, start=0.0)
    assert rate == pytest.approx(len(asked) / 2 / 0.5, abs=3)
    assert all(0 <= at <= 1000 for place in asked for at in place)
    assert len({tuple(place) for place in asked}) > len(asked) / 2


def test_requests_have_the_inputs_that_the_page_asks_for(fake_url, tmp_path):
    """Otherwise all of them are refused, which looks like a page that refuses well."""
    config = httpx.get(f"{fake_url}config").json()["dependencies"]
    inputs = {event["api_name"]: len(event["inputs"]) for event in config}
    for event in EVENTS:
        assert len(sound_request(event, {}, 0)) == inputs[event], event
    page, met = Mock(config={"dependencies": []}), set()
    page.upload.return_value = {"path": "x"}
    for seed in range(300):
        rng = np.random.default_rng(seed)
        with contextlib.suppress(ValueError):  # there are no events to choose from here
            asking._one(page, tmp_path, rng)
            kind, data = page.ask.call_args.args
            if len(data) == inputs[kind]:
                met.add(kind)
    assert met == set(asking.ENDPOINTS)
