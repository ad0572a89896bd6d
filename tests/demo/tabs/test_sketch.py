"""The Sketch tab without a browser: what a page amounts to, and what is made of it."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
import trimesh
from PIL import Image, ImageDraw, ImageOps

from demo.service.drawings import judge
from demo.service.examples import read_examples
from demo.service.frames import unpack
from demo.service.walk import points
from demo.strings import sketch as words
from demo.tabs.sketch.handlers import SketchHandlers, Turn
from demo.tabs.sketch.outputs import SketchOutputs
from demo.tabs.sketch.pad import SIDE, flat, page_with, read_page
from demo.widgets.outputs import SKIP
from diffusion.presets import PRESETS
from tests.demo.fakes import FakeService, GuessingService, chair, on_show

CHAIR = [(0.3, 0.1), (0.3, 0.9)], [(0.3, 0.5), (0.7, 0.5)], [(0.7, 0.5), (0.7, 0.9)]


def paper(size: int = SIDE) -> Image.Image:
    return Image.new("L", (size, size), 255)


def draw(lines=CHAIR, width: int = 9, scale: float = 1.0, size: int = SIDE) -> np.ndarray:
    page = paper(size)
    pen = ImageDraw.Draw(page)
    for line in lines:
        pen.line([tuple(size * (0.5 + scale * (p - 0.5)) for p in q) for q in line], 0, width)
    return np.array(page)


def value(pixels: np.ndarray, at: float = 1.0) -> dict:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png")
    data = base64.b64encode(buffer.getvalue()).decode()
    return {"image": f"data:image/png;base64,{data}", "at": at}


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return np.logical_and(a, b).sum() / np.logical_or(a, b).sum()


def ink(picture: np.ndarray) -> np.ndarray:
    """Where a judged picture is dark, as the towers see it: on paper."""
    return np.asarray(flat(Image.fromarray(picture))) < 128


# ---- what a page amounts to ----------------------------------------------------------------


@pytest.mark.parametrize("page", [None, np.full((SIDE, SIDE), 255, np.uint8)])
def test_a_blank_page_is_a_hint(page):
    verdict = judge(page)
    assert (verdict.kind, verdict.picture, verdict.sentence) == ("blank", None, words.BLANK)


def test_uneven_white_is_blank_as_well():
    noise = np.random.default_rng(0).integers(248, 256, (200, 200)).astype(np.uint8)
    assert judge(noise).kind == "blank"


def test_a_dot_is_hardly_anything_and_a_short_line_is_something():
    assert judge(draw([[(0.5, 0.5), (0.51, 0.5)]])).sentence == words.FAINT
    assert judge(draw([[(0.5, 0.5), (0.6, 0.5)]])).picture is not None


@pytest.mark.parametrize("level", [0, 60])
def test_a_page_that_is_dark_all_over_is_told(level):
    verdict = judge(np.full((SIDE, SIDE), level, np.uint8))
    assert (verdict.kind, verdict.picture, verdict.sentence) == ("dark", None, words.DARK)


def test_light_on_dark_is_turned_round_and_told():
    upright, inverted = judge(draw()), judge(255 - draw())
    assert (upright.kind, upright.sentence) == ("drawing", "")
    assert (inverted.kind, inverted.sentence) == ("inverted", words.INVERTED)
    np.testing.assert_array_equal(inverted.picture, upright.picture)


@pytest.mark.parametrize("bands", [((80, 80), (0, 0)), ((0, 0), (80, 80))])
def test_white_bands_around_a_dark_upload_do_not_matter(bands):
    page = np.pad(255 - draw(), bands, constant_values=255)
    verdict = judge(page)
    assert verdict.kind == "inverted"
    assert iou(ink(verdict.picture), ink(judge(draw()).picture)) > 0.9


@pytest.mark.parametrize("width", [2, 4, 9, 24])
def test_strokes_are_as_wide_as_the_towers_know_them(width):
    picture = judge(draw(width=width)).picture
    assert picture.shape == (112, 112, 4)
    box = Image.fromarray(picture).getchannel("A").point(lambda a: 255 * (a > 127)).getbbox()
    high = box[3] - box[1]  # of the long line; seat and front leg are half as long each
    broad = picture[..., 3].sum() / 255 / (2 * high)
    assert 1.5 < broad < 3.2


@pytest.mark.parametrize(("scale", "width"), [(0.5, 9), (0.25, 5), (0.12, 4)])
def test_small_drawings_look_like_large_ones(scale, width):
    small, large = (ink(judge(draw(scale=s, width=w)).picture) for s, w in ((scale, width), (1, 9)))
    assert 0.7 < small.sum() / large.sum() < 1.9  # the smallest has strokes 3.7 times as broad
    rows, columns = np.nonzero(small)
    assert np.ptp(rows) > 85  # fills the picture, the long line upright
    assert np.ptp(rows) == pytest.approx(2 * np.ptp(columns), abs=14)


def test_faint_lines_on_grey_paper_count():
    page = np.where(draw() < 128, 150, 205).astype(np.uint8)
    assert iou(ink(judge(page).picture), ink(judge(draw()).picture)) > 0.9


def test_filled_shapes_stay_filled():
    page = paper()
    ImageDraw.Draw(page).ellipse((100, 100, 400, 400), 0)
    picture = judge(np.array(page)).picture
    assert picture.ndim == 2
    middle = len(picture) // 2
    assert picture[middle, middle] == 0
    assert picture[0, 0] == 255


# ---- pages that travel ---------------------------------------------------------------------


def test_a_picture_put_on_the_pad_is_fitted_and_read_back():
    ink_on_nothing = Image.new("RGBA", (80, 40), (0, 0, 0, 0))
    ImageDraw.Draw(ink_on_nothing).rectangle((20, 10, 59, 29), (0, 0, 0, 255))
    page = read_page({"image": page_with(ink_on_nothing)["load"], "at": 7})
    assert (page.pixels.shape, page.at) == ((SIDE, SIDE), 7.0)
    expected = np.full((SIDE, SIDE), 255)
    expected[192:320, 128:384] = 0  # 6.4 times as large, in the middle
    assert iou(page.pixels < 128, expected < 128) > 0.95


def test_an_untouched_pad_is_no_page():
    assert read_page({}).pixels is None
    assert read_page(None).pixels is None


def huge_png() -> str:
    """Pillow refuses it by its header alone: the rest need not be there."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    data = b"\x89PNG\r\n\x1a\n" + chunk
    return "data:image/png;base64," + base64.b64encode(data).decode()


@pytest.mark.parametrize(
    "bad",
    [
        {"image": "data:image/png;base64,AAAA", "at": 0},
        {"image": "not base64 at all!", "at": 0},
        {"image": value(draw(size=64))["image"], "at": 0},  # of another size
        {"image": huge_png(), "at": 0},
        {"image": value(draw())["image"], "at": "soon"},
        {"image": 3, "at": 0},
        {"image": "A" * 3_000_000, "at": 0},
    ],
)
def test_what_is_not_a_page_is_one_sentence(bad):
    with pytest.raises(ValueError, match="could not be read"):
        read_page(bad)


# ---- what is made of it --------------------------------------------------------------------


class Recorder(FakeService):
    """Remembers what it was asked for, and may be interrupted while it works."""

    def __init__(self):
        super().__init__(0.0)
        self.asked, self.after = [], {}

    def compare(self, source, settings, truth=None, num_samples=1):
        self.asked.append((source, settings))
        for frame in super().compare(source, settings, truth, num_samples):
            self.after.get(frame.step, lambda: None)()
            yield frame


@pytest.fixture
def handlers(assets):
    return SketchHandlers(Recorder(), read_examples(assets / "examples"))


def test_a_drawing_is_followed_by_a_preview_of_what_was_drawn(handlers):
    (shown,) = handlers.follow(value(draw()), True, 5, Turn())
    ((source, settings),) = handlers.service.asked
    np.testing.assert_array_equal(source, judge(draw()).picture)
    preview = PRESETS["preview"]
    assert (settings.seed, settings.sampler, settings.num_steps, settings.guidance_scale) == (
        5,
        preview.sampler,
        preview.num_steps,
        preview.guidance_scale,
    )
    assert "<img" in shown.card
    steps = shown.viewer["num_frames"] - 1  # the first frame is the noise
    assert (shown.viewer["state"], steps, shown.state) == ("done", preview.num_steps, "")
    assert "Preview" in shown.viewer["note"]
    assert shown.recipe == {}
    assert not shown.downloads.interactive


def test_the_drawing_becomes_an_end_of_a_walk(handlers):
    ends = {**points.empty_box(), "active": 1}
    walk = handlers.start_walk(value(draw()), ends)
    assert walk.tabs.selected == "interpolate"
    assert walk.ends["points"][0] is None
    source, label = points.chosen({**walk.ends, "points": walk.ends["points"][1:]}, 1)[0]
    assert (source.kind, label) == ("pixels", "My drawing")
    with pytest.raises(gr.Error, match="still blank"):
        handlers.start_walk(value(255 * np.ones((SIDE, SIDE), np.uint8)), ends)


def test_a_newer_drawing_wins(handlers):
    """The server received a second stroke while it worked on the first."""
    turn = Turn()
    handlers.service.after[2] = lambda: handlers.note(value(draw(), at=20), True, turn)
    assert list(handlers.follow(value(draw(), at=10), True, 0, turn)) == [SketchOutputs()]
    assert handlers.service.closed_early == 1

    handlers.service.after.clear()
    older = value(draw(), at=15)
    assert list(handlers.follow(older, True, 0, turn)) == [SketchOutputs()]
    assert len(handlers.service.asked) == 1
    (shown,) = handlers.follow(value(draw(), at=20), True, 0, turn)
    assert shown.viewer["state"] == "done"


def test_changes_that_are_not_followed_do_not_interrupt(handlers):
    turn = Turn()
    handlers.note(value(draw(), at=20), False, turn)
    *_, shown = on_show(handlers.run(value(draw(), at=10), 0, "standard", turn))
    assert shown.viewer["state"] == "done"


def test_full_quality_streams_and_gives_files_that_load(handlers):
    viewers = [shown.viewer for shown in on_show(handlers.run(value(draw()), 3, "full", Turn()))]
    states = [viewer["state"] for viewer in viewers]
    assert states == ["running"] * (len(viewers) - 2) + ["done"] * 2  # then with its files
    assert viewers[0]["num_frames"] == 1
    assert viewers[-1]["num_frames"] == 51
    assert handlers.service.asked[0][1].seed == 3


def test_the_files_of_full_quality_hold_the_shapes(handlers):
    for shown in handlers.run(value(draw()), 3, "standard", Turn()):
        if isinstance(shown.downloads, list):  # the files go when the handler goes on
            clip, _, cisp, _, _ = shown.downloads
            for button, grid in ((clip, chair()), (cisp, chair(armrest=True))):
                mesh = trimesh.load(button.value["path"], force="mesh")
                assert mesh.volume == pytest.approx((grid > 0).mean())
            return
    pytest.fail("There was nothing to take home.")


def test_full_quality_gives_way_to_a_newer_drawing(handlers):
    turn = Turn()
    handlers.service.after[3] = lambda: handlers.note(value(draw(), at=9), True, turn)
    *_, last = handlers.run(value(draw(), at=1), 0, "full", turn)
    assert (last.viewer["state"], last.viewer["note"]) == ("stopped", words.CHANGED)
    assert last == SketchOutputs(viewer=last.viewer)


def test_a_preview_does_not_replace_better_shapes_of_the_same_drawing(handlers):
    turn = Turn()
    list(handlers.run(value(draw()), 0, "standard", turn))
    (shown,) = handlers.follow(value(draw()), True, 0, turn)
    assert shown == SketchOutputs(state="")  # nothing is out of date
    for page, seed in ((draw(), 1), (draw(scale=0.9, lines=CHAIR[:2]), 0)):
        (shown,) = handlers.follow(value(page), True, seed, turn)
        assert "Preview" in shown.viewer["note"]


def test_an_emptied_page_forgets_the_better_shapes(handlers):
    """The bin empties the viewer; undoing it has to fill the viewer again."""
    turn = Turn()
    list(handlers.run(value(draw()), 0, "standard", turn))
    list(handlers.follow(value(255 * np.ones((SIDE, SIDE), np.uint8)), True, 0, turn))
    (shown,) = handlers.follow(value(draw()), True, 0, turn)
    assert "Preview" in shown.viewer["note"]


def test_without_live_mode_only_the_card_follows(handlers):
    (shown,) = handlers.follow(value(draw()), False, 0, Turn())
    assert "<img" in shown.card
    assert shown == SketchOutputs(card=shown.card)
    assert handlers.service.asked == []


@pytest.mark.parametrize(
    ("page", "sentence", "empties"),
    [
        (255 * np.ones((SIDE, SIDE), np.uint8), words.BLANK, True),
        (draw([[(0.5, 0.5), (0.51, 0.5)]]), words.FAINT, False),
        (np.zeros((SIDE, SIDE), np.uint8), words.DARK, False),
    ],
)
def test_pages_without_a_drawing_are_handled_with_words(handlers, page, sentence, empties):
    (shown,) = handlers.follow(value(page), True, 0, Turn())
    assert sentence in shown.card
    assert shown.viewer == ({"state": "empty"} if empties else SKIP)
    with pytest.raises(gr.Error, match=sentence[:20]):
        next(handlers.run(value(page), 0, "full", Turn()))
    assert handlers.service.asked == []


def test_an_inverted_drawing_is_told_beside_what_the_models_see(handlers):
    (shown,) = handlers.follow(value(255 - draw()), True, 0, Turn())
    assert "<img" in shown.card
    assert words.INVERTED in shown.card


def test_only_drawings_are_offered_and_they_come_onto_the_pad(handlers, assets):
    assert [example.label for example in handlers.examples] == ["Drawn chair"]
    loaded = handlers.load_example(SimpleNamespace(index=0))
    shown = read_page({"image": loaded.pad["load"], "at": 0}).pixels
    with Image.open(assets / "examples" / "chair1.png") as image:
        expected = ImageOps.fit(image.convert("L"), (SIDE, SIDE))
    assert np.abs(shown.astype(int) - np.asarray(expected)).mean() < 1
    assert loaded.example == 0


@pytest.mark.parametrize("seed", [None, -1, 0.5])
def test_a_bad_seed_is_one_sentence(handlers, seed):
    with pytest.raises(gr.Error, match="seed has to be"):
        next(handlers.follow(value(draw()), True, seed, Turn()))


# ---- where the models guess ----------------------------------------------------------------


@pytest.fixture
def guessing(assets, monkeypatch):
    monkeypatch.setattr("demo.tabs.sketch.handlers.REST", 0.05)
    return SketchHandlers(GuessingService(), read_examples(assets / "examples"))


def test_a_stroke_is_answered_by_the_guess_and_at_rest_by_diffusion(guessing):
    turn, pad = Turn(), value(draw(), at=3)
    guessing.note(pad, True, turn)
    glimpse = guessing.glimpse(pad, True, 0, turn)
    assert "<img" in glimpse.card
    assert (glimpse.viewer["num_frames"], glimpse.viewer["guessed"]) == (1, [True])
    expected = guessing.service.guess({"clip": np.eye(8)[:1], "cisp": np.eye(8)[:1]})
    for space, grids in expected.items():
        np.testing.assert_array_equal(unpack(glimpse.viewer["frames"][space][0], 32), grids[0] > 0)
    assert list(guessing.follow(pad, True, 0, turn)) == [SketchOutputs()]  # the hand has not rested
    guessing.settle(pad, True, turn)
    (shown,) = guessing.follow(pad, True, 0, turn)
    assert "Preview" in shown.viewer["note"]
    assert "guessed" not in shown.viewer


def test_a_hand_that_goes_on_gets_guesses_alone(guessing, monkeypatch):
    monkeypatch.setattr("demo.tabs.sketch.handlers.REST", 60)
    turn, first, second = Turn(), value(draw(), at=3), value(draw(scale=0.9), at=4)
    guessing.note(second, True, turn)
    guessing.settle(first, True, turn)  # ends at once
    assert list(guessing.follow(first, True, 0, turn)) == [SketchOutputs()]
    assert guessing.glimpse(first, True, 0, turn) == SketchOutputs()
    assert guessing.glimpse(second, True, 0, turn).viewer["guessed"] == [True]


def test_there_is_nothing_to_guess_without_live_mode_a_guess_or_a_drawing(guessing, handlers):
    pad, blank = value(draw()), value(np.full((SIDE, SIDE), 255, np.uint8))
    assert guessing.glimpse(pad, False, 0, Turn()) == SketchOutputs()
    assert guessing.glimpse(blank, True, 0, Turn()) == SketchOutputs()
    assert handlers.glimpse(pad, True, 0, Turn()) == SketchOutputs()
    turn = Turn()
    handlers.settle(pad, True, turn)  # does not wait
    list(guessing.run(pad, 0, "standard", turn))
    assert guessing.glimpse(pad, True, 0, turn) == SketchOutputs()  # better shapes are on show
