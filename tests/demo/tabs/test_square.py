"""The square to roam: its events, its links and its endpoint, without a browser."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from demo import replay
from demo.service.examples import read_examples
from demo.service.frames import unpack
from demo.service.recipes import Recipe
from demo.service.walk import points
from demo.service.walk.trace import place_embeds
from demo.tabs.interpolate.handlers import WalkHandlers
from demo.tabs.interpolate.walking import Walking
from tests.demo.conftest import serve
from tests.demo.fakes import GuessingService, draw_chair, on_show

TRACE = [[500, 500], [500, 500], [620, 410], [1000, 0]]


@pytest.fixture
def examples(assets):
    return read_examples(assets / "examples")


@pytest.fixture
def handlers(examples):
    return WalkHandlers(GuessingService(), examples, [])


def four(examples):
    ends = [points.example_point(examples[index]) for index in (0, 1, 1, 0)]
    return {**points.empty_box(), "points": ends, "count": 4}


def open_square(handlers, examples):
    return handlers.open_square(four(examples), "square", "slerp", Walking()).square


def test_the_square_is_offered_where_the_models_guess(handlers, monkeypatch):
    offered = lambda: [value for _, value in handlers.show_kinds().choices]  # noqa: E731
    assert offered() == ["path", "grid", "square"]
    monkeypatch.setattr(handlers.service, "guesses", False)
    assert offered() == ["path", "grid"]


def test_it_opens_with_four_corners_and_closes_with_another_kind(handlers, examples):
    box, walking = points.empty_box(), Walking()
    walking.run = "a walk that is being made"
    lacking = handlers.open_square(box, "square", "slerp", walking)
    assert (lacking.square, walking.run) == ({"kind": "square"}, "")
    opened = handlers.open_square(four(examples), "square", "slerp", Walking())
    assert len(opened.square["corners"]) == 4
    assert (opened.curves, opened.pad) == ({}, {})
    assert handlers.open_square(box, "path", "slerp", Walking()).square == {}
    turned = handlers.choose_kind("square", box)
    assert (turned.box["count"], turned.frames.visible, turned.side.visible) == (4, True, False)
    with pytest.raises(gr.Error, match="slerp, lerp"):
        handlers.open_square(four(examples), "square", "jump", Walking())


def test_choosing_the_fourth_corner_opens_it(handlers, examples):
    start = ("square", 17, 3, "slerp", "preview", 0, 0, "[]", Walking())
    assert "key" in handlers.follow(four(examples), *start).square


def test_the_shapes_at_a_place_are_guessed_and_at_rest_refined(handlers, examples):
    key = open_square(handlers, examples)["key"]
    answer = handlers.square.roam({"key": key, "place": [250, 750]})
    embeds = handlers.square.squares.embeds(key, (250, 750))
    for space, grids in handlers.service.guess(embeds).items():
        np.testing.assert_array_equal(unpack(answer["bits"][space], 32), grids[0] > 0)
    assert handlers.service.made == []
    walking = Walking()
    walking.run = "a walk that is being made"
    asked = json.dumps({"key": key, "place": [250, 750]})
    refined = handlers.square.rest(asked, "preview", 0, walking)["refined"]
    assert (refined["place"], walking.run) == ((250, 750), "")
    np.testing.assert_array_equal(handlers.service.made[0], embeds["clip"][0])
    expected = handlers.service.shape_of("cisp", embeds["cisp"][0]) > 0
    np.testing.assert_array_equal(unpack(refined["bits"]["cisp"], 32), expected)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (None, "A place is two whole numbers"),
        ({"key": "gone", "place": [1, 2]}, "has been closed"),
        ({"key": [], "place": [1, 2]}, "has been closed"),
        ({"key": "gone", "place": [1, 1001]}, "A place is two whole numbers"),
        ({"key": "gone", "place": "x"}, "A place is two whole numbers"),
    ],
)
def test_a_question_that_cannot_be_answered_is_one_sentence(handlers, question, sentence):
    assert sentence in handlers.square.roam(question)["error"]
    with pytest.raises(gr.Error, match=sentence):
        handlers.square.rest(json.dumps(question), "preview", 0, Walking())


def test_many_who_roam_at_once_are_told_to_wait(handlers, examples, monkeypatch):
    key = open_square(handlers, examples)["key"]
    monkeypatch.setattr(handlers.square.squares.guess, "_most_waiting", 0)
    assert "Many are roaming" in handlers.square.roam({"key": key, "place": [1, 2]})["busy"]


def trace_walk(handlers, examples, trace=TRACE, frames=17):
    walking = Walking()
    begun = handlers.begin(
        four(examples), "square", frames, 3, "slerp", "preview", 2, 1, json.dumps(trace), walking
    )
    *_, shown = on_show(handlers.run(begun.walk, walking))
    return begun, shown


def test_the_trace_is_walked_as_a_path(handlers, examples):
    begun, shown = trace_walk(handlers, examples)
    assert begun.viewer["labels"] == ["Start", "62 % across, 41 % down", "End"]
    assert begun.viewer["guessed"] == [True] * 3
    assert shown.viewer["state"] == "done"
    assert len(shown.curves["curves"]["clip"]["steps"]) == 2
    assert (
        len(trace_walk(handlers, examples, [[i, 0] for i in range(90)])[0].viewer["labels"]) == 17
    )


@pytest.mark.parametrize("trace", ["", "{", "[]", "[[1, 2]]", "[[1, 2], [3, 4000]]", "[" * 9999])
def test_what_is_no_trace_is_one_sentence(handlers, examples, trace):
    with pytest.raises(gr.Error, match=r"A (trace has|place is)"):
        handlers.begin(four(examples), "square", 17, 3, "slerp", "preview", 0, 0, trace, Walking())


def test_a_link_and_a_replay_of_a_trace_make_the_same_shapes(guessing_models, examples):
    """Over real models, compared by the hash of the shapes."""
    handlers = WalkHandlers(guessing_models, examples, [])
    _, shown = trace_walk(handlers, examples)
    card = shown.recipe
    link = handlers.open_link(card["fragment"].removeprefix("walk="), points.empty_box())
    assert (link.kind, link.mode, link.seed, link.frames.value) == ("square", "slerp", 2, 17)
    assert link.square["trace"] == TRACE[1:]
    walking = Walking()
    options = (link.frames.value, 3, link.mode, link.preset, link.seed, 0, link.trace, walking)
    walk = handlers.begin(link.box, link.kind, *options).walk
    *_, again = on_show(handlers.run(walk, walking))
    assert again.recipe == card
    recipe = Recipe.from_text(card["fragment"].removeprefix("walk="))
    made = replay.shapes_of(recipe, guessing_models, examples)
    assert replay.result_hash(made, recipe.spaces) == card["hash"]


def test_a_link_to_a_square_needs_models_that_guess(handlers, examples, monkeypatch):
    _, shown = trace_walk(handlers, examples)
    text = shown.recipe["fragment"].removeprefix("walk=")
    monkeypatch.setattr(handlers.service, "guesses", False)
    with pytest.raises(gr.Error, match="no square to roam"):
        handlers.open_link(text, points.empty_box())
    damaged = Recipe.from_text(text)
    damaged.options["trace"] = "1,2 3,4"  # fewer places than frames
    with pytest.raises(gr.Error, match="does not say how to walk"):
        handlers.open_link(damaged.to_text(), points.empty_box())


# ---- for programs --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(guessing_models, assets):
    page, url = serve(guessing_models, assets)
    yield Client(url, verbose=False)
    page.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corners")
    for index in range(4):
        draw_chair(40 * index).save(folder / f"{index}.png")
    return [handle_file(folder / f"{index}.png") for index in range(4)]


def test_programs_get_guesses_and_shapes_of_places(client, pictures):
    places = [[0, 0], [333, 667]]
    told = {}
    for preset in ("guess", "preview", "guess"):
        summary, file = client.predict(*pictures, places, "slerp", 3, preset, api_name="/roam")
        with np.load(file, allow_pickle=False) as made:
            assert made["occupancy"].shape == (2, 2, 16, 16, 16)
            np.testing.assert_array_equal(made["places"], places)
        assert (summary["spaces"], summary["places"]) == (["clip", "cisp"], places)
        assert told.setdefault(preset, summary["hash"]) == summary["hash"]
    assert told["guess"] != told["preview"]
    _, file = client.predict(
        pictures[0], pictures[1], 2, "slerp", 3, "preview", api_name="/interpolate"
    )
    _, square = client.predict(*pictures, [[0, 0]], "slerp", 3, "preview", api_name="/roam")
    with np.load(file) as walk, np.load(square) as corner:
        np.testing.assert_array_equal(walk["occupancy"][:, 0], corner["occupancy"][:, 0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({2: None}, "Give four pictures"),
        ({4: []}, "from 1 to 65"),
        ({4: [[0, 1001]]}, "two whole numbers"),
        ({4: {"a": 1}}, "two whole numbers"),
        ({5: "jump"}, "slerp, lerp"),
        ({6: -1}, "seed has to be"),
        ({7: "perfect"}, "perfect"),
    ],
)
def test_bad_requests_are_answered_with_a_sentence(client, pictures, change, message):
    asked = [*pictures, [[0, 0]], "slerp", 0, "guess"]
    for at, value in change.items():
        asked[at] = value
    with pytest.raises(AppError, match=message):
        client.predict(*asked, api_name="/roam")


def test_without_a_guess_only_a_quality_is_answered(url, pictures):
    client = Client(url, verbose=False)
    with pytest.raises(AppError, match="These weights have no guess"):
        client.predict(*pictures, [[0, 0]], "slerp", 0, "guess", api_name="/roam")
    summary, _ = client.predict(*pictures, [[0, 0]], "slerp", 0, "preview", api_name="/roam")
    assert summary["places"] == [[0, 0]]


class Placed(GuessingService):
    """Its guess shows the embedding."""

    def guess(self, embeds):
        return {s: np.stack([self.shape_of(s, row) for row in rows]) for s, rows in embeds.items()}


def test_twenty_hands_are_answered_at_once_while_the_lane_is_taken(assets, examples):
    service = Placed()
    page, url = serve(service, assets)
    web = httpx.Client(base_url=f"{url}gradio_api/", timeout=300)
    config = httpx.get(f"{url}config").json()
    [square] = [c["id"] for c in config["components"] if c["props"].get("elem_id") == "walk-square"]
    opening = next(  # its inputs: the end points, the kind, the way, and the visitor's state
        event["id"]
        for event in config["dependencies"]
        if len(event["inputs"]) == 4 and square in event["outputs"] and len(event["outputs"]) > 1
    )

    def roam(hand):
        place = [50 * hand, 20 * hand]
        body = {"component_id": square, "fn_name": "roam", "session_hash": f"hand-{hand}"}
        answer = web.post("component_server", json={**body, "data": {"key": key, "place": place}})
        embed = place_embeds([tuple(place)], corners, "slerp")["clip"][0]
        return unpack(answer.json()["bits"]["clip"], 32), service.shape_of("clip", embed) > 0

    try:
        values = ask(web, opening, [four(examples), "square", "slerp", None])
        key = next(v["key"] for v in values if isinstance(v, dict) and "key" in v)
        corners = [service.image_guide(examples[index].image).embeds for index in (0, 1, 1, 0)]
        service.may_go_on.clear()
        [path] = web.post(
            "upload", files={"files": ("chair.png", examples[0].image.read_bytes())}
        ).json()
        picture = {"path": path, "meta": {"_type": "gradio.FileData"}}
        walk = {"data": [picture, picture, 3, "slerp", 0, "preview"]}
        busy = web.post("call/interpolate", json=walk).json()["event_id"]
        with ThreadPoolExecutor(20) as hands:
            for answer, expected in hands.map(roam, range(20)):
                np.testing.assert_array_equal(answer, expected)
        assert service.made == []
        service.may_go_on.set()
        assert "event: complete" in web.get(f"call/interpolate/{busy}").text
        assert len(service.made) == 3
    finally:
        service.may_go_on.set()
        page.close()


def ask(web, event, data):
    """What an event of the page answers, as the page's own script would ask it."""
    body = {"data": data, "fn_index": event, "session_hash": "opening", "event_data": None}
    web.post("queue/join", json=body).raise_for_status()
    with web.stream("GET", "queue/data", params={"session_hash": "opening"}) as answer:
        for line in answer.iter_lines():
            message = json.loads(line.removeprefix("data:")) if line else {}
            if message.get("msg") == "process_completed":
                return message["output"]["data"]
    return None
