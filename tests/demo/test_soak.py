"""A short run of what `python -m demo.soak` does for hours, from a seed of its own."""

from __future__ import annotations

import contextlib
import time
from unittest.mock import Mock

import httpx
import numpy as np
import pytest

from demo.soak import asking
from demo.soak.fuzz import READ, fuzz_readers, is_one_sentence
from demo.soak.hands import hand
from demo.soak.inputs import any_json, changed, damaged, sound_files
from demo.soak.server import sound_request
from demo.soak.visitors import EVENTS


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
