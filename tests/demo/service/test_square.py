"""Places in the square between four corners, and many hands that move there at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from demo.service import live
from demo.service.frames import Guide
from demo.service.live import Busy, Together
from demo.service.walk.lattice import Lattice
from demo.service.walk.square import Squares
from demo.service.walk.trace import Trace, place_embeds, read_places, thinned
from tests.demo.fakes import GuessingService


def corners(dim=16, seed=0):
    rows = np.random.default_rng(seed).standard_normal((8, dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return [{"clip": rows[i], "cisp": rows[4 + i]} for i in range(4)]


def arc(a, b, t):
    """Slerp in double precision, by the angle."""
    angle = np.arccos(np.clip(a @ b, -1, 1))
    return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)


def chord(a, b, t):
    mixed = (1 - t) * a + t * b
    return mixed / np.linalg.norm(mixed)


@pytest.mark.parametrize(("mode", "path"), [("slerp", arc), ("lerp", chord)])
def test_the_embedding_is_that_of_the_very_place(mode, path):
    places = [(0, 0), (1000, 0), (0, 1000), (1000, 1000), (137, 911), (500, 3)]
    ends = corners()
    embeds = place_embeds(places, ends, mode)
    for space, rows in embeds.items():
        a, b, c, d = (end[space].astype(float) for end in ends)
        for (across, down), row in zip(places, rows, strict=True):
            expected = path(path(a, b, across / 1000), path(c, d, across / 1000), down / 1000)
            np.testing.assert_allclose(row, expected, atol=2e-6)
        for row, end in zip(rows, ends, strict=False):  # the corners themselves, to the last bit
            np.testing.assert_array_equal(row, end[space])


def test_the_nodes_of_a_grid_are_places_of_the_square():
    grid = Lattice(5, 5).embeds(corners(), "slerp")
    places = [(250 * column, 250 * row) for row in range(5) for column in range(5)]
    for space, rows in place_embeds(places, corners(), "slerp").items():
        np.testing.assert_allclose(rows, grid[space], atol=1e-6)


def test_a_trace_is_a_path_that_survives_its_text():
    trace = Trace.of([(0, 0), (500, 250), (1000, 1000)])
    assert trace.to_text() == "0,0 500,250 1000,1000"
    assert Trace.from_text(trace.to_text()) == trace
    assert (len(trace), trace.ends, trace.steps) == (3, [0, 2], [(0, 1), (1, 2)])
    assert trace.labels == ["Start", "50 % across, 25 % down", "End"]
    embeds = trace.embeds(corners(), "lerp")
    expected = place_embeds(trace.places, corners(), "lerp")
    np.testing.assert_array_equal(embeds["cisp"], expected["cisp"])


@pytest.mark.parametrize(
    "text",
    ["", "1,2", "1,2 3", "1,2 3,4,5", "1,2 3,1001", "1,2 3,-4", "a,b c,d", "1,2 ,", "1,2 ٣,4"],
)
def test_what_is_no_trace_is_one_sentence(text):
    with pytest.raises(ValueError, match=r"^A (place is two whole|trace has 2 to 65)"):
        Trace.from_text(text)


@pytest.mark.parametrize("data", [None, 3, "12", [3], [[1]], [[1, 2, 3]], [[1.0, 2]], [[True, 0]]])
def test_what_are_no_places_is_one_sentence(data):
    with pytest.raises(ValueError, match=r"^A place is two whole numbers from 0 to 1000"):
        read_places(data)


def test_a_long_trace_is_thinned_evenly_and_keeps_its_ends():
    places = [(i, 0) for i in range(1001)]
    few = thinned([p for place in places for p in (place, place)], 33)  # each reported twice
    assert (few[0], few[-1], len(few)) == ((0, 0), (1000, 0), 33)
    assert set(np.diff([x for x, _ in few])) <= {31, 32}
    assert thinned(places[:5], 33) == places[:5]


def test_those_who_wait_are_answered_in_one_call_each_with_their_own_answer():
    calls, entered, may_go_on = [], threading.Event(), threading.Event()

    def answer(questions):
        calls.append(list(questions))
        entered.set()
        may_go_on.wait(30)
        return [2 * question for question in questions]

    together = Together(answer, 8, 100)
    with ThreadPoolExecutor(21) as visitors:
        first = visitors.submit(together, 0)
        entered.wait(30)
        others = [visitors.submit(together, i) for i in range(1, 21)]
        while len(together._waiting) < 20:
            time.sleep(0.01)
        may_go_on.set()
        assert [future.result(30) for future in [first, *others]] == [2 * i for i in range(21)]
    assert [len(call) for call in calls] == [1, 8, 8, 4]


def test_who_has_an_answer_does_not_answer_for_others_first():
    """An answer that came while its asker waited for the turn is returned at once."""
    first_in, may_go_on, last_in = threading.Event(), threading.Event(), threading.Event()

    def answer(questions):
        if 0 in questions:
            first_in.set()
            may_go_on.wait(30)
        if 3 in questions:
            last_in.wait(30)
        return questions

    together = Together(answer, 2, 100)
    with ThreadPoolExecutor(4) as visitors:
        first = visitors.submit(together, 0)
        first_in.wait(30)
        others = []
        for question in (1, 2, 3):  # 1 and 2 are answered in one call, 3 in the next
            others.append(visitors.submit(together, question))
            while len(together._waiting) < question:
                time.sleep(0.01)
        may_go_on.set()
        assert [future.result(30) for future in (first, *others[:2])] == [0, 1, 2]
        assert not others[2].done()
        last_in.set()
        assert others[2].result(30) == 3


def test_too_many_are_told_so_and_a_fault_reaches_those_who_asked():
    entered, may_go_on = threading.Event(), threading.Event()

    def answer(questions):
        entered.set()
        may_go_on.wait(30)
        raise ValueError("no such place")

    together = Together(answer, 2, 1)
    with ThreadPoolExecutor(2) as visitors:
        first = visitors.submit(together, 0)
        entered.wait(30)
        second = visitors.submit(together, 1)
        while not together._waiting:
            time.sleep(0.01)
        with pytest.raises(Busy):
            together(2)
        may_go_on.set()
        for future in (first, second):
            with pytest.raises(ValueError, match="no such place"):
                future.result(30)
    with pytest.raises(ValueError, match="no such place"):
        together(3)  # it goes on


def test_a_square_is_known_by_its_key_until_others_push_it_out(monkeypatch):
    monkeypatch.setattr(live, "KEPT", 2)
    squares = Squares(GuessingService())
    guides = [Guide(corner) for corner in corners(8)]
    keys = [squares.open(guides, "slerp") for _ in range(2)]
    squares.embeds(keys[0], (0, 0))
    squares.open(guides, "slerp")  # the one that was not used goes
    np.testing.assert_array_equal(
        squares.embeds(keys[0], (0, 0))["clip"][0], guides[0].embeds["clip"]
    )
    with pytest.raises(ValueError, match="has been closed"):
        squares.embeds(keys[1], (0, 0))


def test_guesses_of_several_visitors_are_those_of_each_alone(guessing_models):
    squares = Squares(guessing_models)
    guides = [Guide(corner) for corner in corners(32)]
    whole, half = squares.open(guides, "slerp"), [Guide({"cisp": g.embeds["cisp"]}) for g in guides]
    half = squares.open(half, "lerp")
    asked = [squares.embeds(key, place) for key in (whole, half) for place in ((0, 0), (300, 811))]
    together = squares.guess._answer(asked)
    assert [list(answer) for answer in together] == [["clip", "cisp"]] * 2 + [["cisp"]] * 2
    for embeds, answer in zip(asked, together, strict=True):
        for space, grid in guessing_models.guess(embeds).items():
            np.testing.assert_array_equal(answer[space], grid[0] > 0)
