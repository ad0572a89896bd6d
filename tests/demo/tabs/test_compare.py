"""The Compare tab's handlers: samples, time left, estimates and the endpoint."""

from __future__ import annotations

import io
import zipfile

import gradio as gr
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from cisp.naming import WAYS
from demo.service.examples import read_examples
from demo.service.frames import unpack
from demo.service.recipes import Recipe
from demo.tabs.compare.handlers import CompareHandlers
from demo.widgets import controls
from demo.widgets.cards import cutout_card
from diffusion.grids.frame import iou
from tests.demo.fakes import FakeService, chair, on_show


@pytest.fixture
def handlers(assets):
    service = FakeService(0)
    return CompareHandlers(service, read_examples(assets / "examples"))


def run(handlers, picture, samples, num_steps=4):
    ran = handlers.run(str(picture), None, None, 5, num_steps, 2.0, 1.0, "ddim", samples)
    return list(on_show(ran))


def test_the_first_sample_streams_its_steps_and_the_others_follow(handlers, picture):
    updates = run(handlers, picture, 3)
    viewers = [shown.viewer for shown in updates]
    assert viewers[0]["num_samples"] == 3
    assert viewers[0]["seed"] == 5
    assert viewers[0]["samples"] == {}
    finished = [len(viewer["samples"].get("cisp", ())) for viewer in viewers]
    assert finished == sorted(finished)
    assert set(finished) == {0, 1, 2, 3}
    last = viewers[-1]
    assert (last["state"], last["num_frames"]) == ("done", 5)
    assert last["samples"]["clip"][0] == last["frames"]["clip"][-1]
    shown = [unpack(bits, 32) for bits in last["samples"]["cisp"]]
    expected = chair(armrest=True) > 0
    np.testing.assert_array_equal(shown[0], expected)
    expected[:, :4] = False
    np.testing.assert_array_equal(shown[2], expected)
    assert all(viewer["state"] == "running" for viewer in viewers[:-2])
    assert viewers[-2] == last  # shown, then once more with its files


def test_the_time_left_is_said_while_it_runs_and_counts_the_samples(assets, picture):
    service = FakeService(0.05)
    handlers = CompareHandlers(service, read_examples(assets / "examples"))
    viewers = [shown.viewer for shown in run(handlers, picture, 8, num_steps=100)]
    assert viewers[0]["left"] == "About 40 s left"  # the service's own estimate
    assert "left" in viewers[3]["left"]
    assert "left" not in viewers[-1]


def test_what_is_finished_can_be_taken_home_before_the_rest_is(handlers, picture):
    updates = on_show(handlers.run(str(picture), None, None, 0, 4, 2.0, 1.0, "ddim", 4))
    assert any("cisp" in shown.viewer["samples"] for shown in updates)  # shown at once
    shown = next(updates)
    assert shown.viewer["state"] == "running"
    with zipfile.ZipFile(shown.downloads[-1].value["path"]) as archive:
        grids = np.load(io.BytesIO(archive.read("grids.npz")))
        assert grids["occupancy"].shape == (2, 1, 32, 32, 32)
    assert any(len(shown.viewer["samples"]["cisp"]) == 3 for shown in updates)
    shown = next(updates)
    assert shown.viewer["state"] == "running"
    with zipfile.ZipFile(shown.downloads[-1].value["path"]) as archive:
        assert {"cisp-seed2.stl", "clip-seed2-smooth.glb"} <= set(archive.namelist())
        assert "+z up, the longest side 100 mm" in archive.read("READ-ME.txt").decode()
    updates.close()


def test_another_image_lets_go_of_the_example_and_of_all_that_was_made(handlers, picture):
    shown = handlers.show_upload(str(picture))
    assert (shown.example, shown.linked) == (None, None)
    assert (shown.viewer, shown.neighbours, shown.recipe) == ({"state": "empty"}, {}, {})
    assert not shown.downloads.interactive
    # A click on Generate may come before the page has heard of the upload.
    *_, shown = on_show(handlers.run(str(picture), 0, None, 5, 1, 1.0, 1.0, "ddim", 1))
    recipe = Recipe.from_text(shown.recipe["fragment"].removeprefix("compare="))
    assert recipe.sources[0].kind == "pixels"


@pytest.mark.parametrize("samples", [0, 9, 1.5, None])
def test_a_wrong_number_of_samples_is_one_sentence(handlers, picture, samples):
    with pytest.raises(gr.Error, match="1 to 8"):
        run(handlers, picture, samples)


def test_a_control_that_is_being_typed_in_is_empty_for_a_moment(handlers, picture):
    assert controls.slider_box(1, 8).preprocess(None) is None
    assert controls.number_box(0).preprocess(1.5) == 1.5  # judged, not rounded
    assert handlers.say_estimate(None, 2.0, 1) == gr.skip()
    for *values, word in (
        (None, 2.0, 1.0, "steps"),
        (4, None, 1.0, "guidance"),
        (4, 9, 1.0, "guidance"),
        (4, 2.0, None, "strength"),
        (4, 2.0, 0, "strength"),
    ):
        with pytest.raises(gr.Error, match=word):
            next(handlers.run(str(picture), None, None, 0, *values, "ddim", 1))


def test_an_image_is_cut_out_in_another_way(handlers, picture):
    cards = [handlers.choose_way(str(picture), way).card for way in WAYS]
    assert len(set(cards)) == len(WAYS)
    assert handlers.show_upload(str(picture)).card == cards[0]
    assert handlers.show_upload(str(picture)).cut_out == "automatic"
    linked = handlers.choose_way(None, "whole")  # there is nothing to cut out
    assert (linked.cut_out, linked.viewer["state"]) == ("automatic", "empty")
    with pytest.raises(gr.Error, match="no such way"):
        handlers.choose_way(str(picture), "best")
    with pytest.raises(gr.Error, match="no such way"):
        next(handlers.run(str(picture), None, None, 0, 4, 2.0, 1.0, "ddim", 1, "best"))


def click(handlers, path, corner, x, y):
    """Click on a pixel of the image."""
    event = gr.SelectData(None, {"index": [x, y], "value": None})
    return handlers.choose_corner(str(path), corner, event)


def test_two_clicks_on_the_image_choose_a_part_of_it(handlers, picture):
    first = click(handlers, picture, None, 120, 32)  # of 160 x 160 pixels
    assert first.corner == (75, 20)
    assert first.boxed == gr.skip()  # nothing is cut out yet
    assert "opposite" in first.box["placeholder"]
    second = click(handlers, picture, first.corner, 16, 144)
    assert (second.box["value"] if isinstance(second.box, dict) else second.box) == "10,20,75,90"
    assert second.corner is None
    assert second.boxed != gr.skip()
    whole = handlers.show_cutout(str(picture))
    chosen = handlers.choose_way(str(picture), "automatic", second.box)
    assert chosen.card != whole
    assert chosen.viewer == {"state": "empty"}
    again = handlers.choose_all(str(picture), "automatic")
    assert (again.card, again.box["value"], again.corner) == (whole, "", None)
    for update in (handlers.show_upload(str(picture)), handlers.choose_way(None, "mask", "1")):
        assert (update.box["value"], update.corner) == ("", None)


def test_a_box_that_is_none_is_one_sentence(handlers, picture):
    with pytest.raises(gr.Error, match="A box is left"):
        click(handlers, picture, (50.0, 50.0), 81, 80)  # the same place, as by a double click
    for text in ("1,2,3", "a box", "10,20,300,90", "50,20,51,90", "nan,20,60,90"):
        with pytest.raises(gr.Error, match="A box is left"):
            handlers.choose_way(str(picture), "automatic", text)
        with pytest.raises(gr.Error, match="A box is left"):
            next(handlers.run(str(picture), None, None, 0, 4, 2.0, 1.0, "ddim", 1, "plain", text))


def test_a_photograph_is_shown_as_both_views():
    strip = np.zeros((16, 32, 3), np.uint8)
    strip[:, 16:] = 255
    card = cutout_card(strip)
    assert card.count("<img") == 2
    assert "given twice" in card
    assert cutout_card(strip[:, :16]).count("<img") == 1


def test_the_estimate_counts_samples(handlers):
    handlers.service.seconds_per_step = 0.5
    assert handlers.say_estimate(4, 2.0, 1) == "About 2.0 s on this CPU"
    assert handlers.say_estimate(4, 2.0, 3) == "About 6.0 s for 3 samples on this CPU"


def test_the_endpoint_makes_samples_and_one_by_default(url, picture):
    client = Client(url, verbose=False)
    summary, files = client.predict(handle_file(picture), 5, "preview", 3, api_name="/compare")
    assert [sample["seed"] for sample in summary["samples"]] == [5, 6, 7]
    with np.load(files[-1], allow_pickle=False) as grids:
        occupancy = grids["occupancy"]
    assert occupancy.shape[:2] == (2, 3)
    for index, sample in enumerate(summary["samples"]):
        clip, cisp = occupancy[:, index]
        assert sample["iou_between"] == pytest.approx(iou(clip, cisp), abs=1e-5)
        assert sample["filled"]["cisp"] == pytest.approx(cisp.mean(), abs=1e-5)
    assert summary["iou_between"] == summary["samples"][0]["iou_between"]

    boxed, _ = client.predict(
        handle_file(picture), 5, "preview", 1, "automatic", "5,5,60,95", api_name="/compare"
    )
    assert boxed["filled"] != summary["filled"]
    with pytest.raises(AppError, match="A box is left"):
        client.predict(handle_file(picture), 5, "preview", 1, "automatic", "9", api_name="/compare")
    alone, _ = client.predict(handle_file(picture), 6, "preview", api_name="/compare")
    assert alone["samples"] == summary["samples"][1:2]
    with pytest.raises(AppError, match="1 to 8"):
        client.predict(handle_file(picture), 5, "preview", 9, api_name="/compare")


def test_samples_that_finish_together_lose_no_step(service, assets, picture):
    """Real models make two guided samples at once: the last step comes with both."""
    handlers = CompareHandlers(service, [])
    updates = list(on_show(handlers.run(str(picture), None, None, 5, 3, 2.0, 1.0, "ddim", 3)))
    finished = [len(shown.viewer["samples"].get("cisp", ())) for shown in updates]
    assert finished == sorted(finished)
    assert {2, 3} <= set(finished)
    assert 1 not in finished
    assert updates[-1].viewer["num_frames"] == 4
    assert updates[-1].viewer["state"] == "done"
