"""The events of the Interpolate tab, over a service without models."""

from __future__ import annotations

import io
import json
import zipfile
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
import trimesh

from cisp.gallery import Gallery
from demo.precompute import make_walk
from demo.service.comparison import Status
from demo.service.examples import read_examples
from demo.service.frames import Settings, unpack
from demo.service.recipes import Recipe
from demo.service.sources import Source
from demo.service.walk import points
from demo.service.walk.lattice import Lattice
from demo.service.walk.log import WalkLog
from demo.service.walk.pairs import Pair, load_pair, read_pairs, save_pair
from demo.tabs.interpolate.handlers import WalkHandlers
from demo.tabs.interpolate.outputs import WalkOutputs
from demo.tabs.interpolate.walking import Walking
from demo.widgets.inputs import settings_of
from demo.widgets.outputs import SKIP
from diffusion.grids.frame import digest
from diffusion.presets import PREVIEW, STANDARD
from tests.demo.fakes import FakeService, GuessingService, chair, on_show


def small_gallery():
    grids = [chair(16) > 0, chair(16, armrest=True) > 0, chair(16) > 0.5]
    embeds = np.eye(3, 8, dtype=np.float32)
    return Gallery(
        ids=("chair-1", "chair-2", "lamp-1"),
        categories=("chair", "chair", "lamp"),
        subtypes=("armchair", "", "table lamp"),
        bits=np.array([np.packbits(grid) for grid in grids]),
        resolution=16,
        embeds={"clip/image": embeds, "cisp/image": embeds},
        towers={},
    )


class GalleryService(FakeService):
    """With a gallery, and nothing to wait for."""

    def __init__(self):
        super().__init__(0.0)
        self.gallery = small_gallery()

    def gallery_guide(self, row):
        guide = self.image_guide(None)
        guide.embeds["clip"] = np.eye(8, dtype=np.float32)[row + 2]
        return guide


@pytest.fixture
def examples(assets):
    return read_examples(assets / "examples")


@pytest.fixture
def handlers(examples):
    return WalkHandlers(GalleryService(), examples, [])


def click(index):
    return SimpleNamespace(index=index)


def full_box(handlers, count=2):
    box = {**points.empty_box(), "count": count}
    shelf = handlers.show_shelf(points.EXAMPLES)
    for index in range(count):
        box = handlers.take(box, shelf, click(index % 2))
    return box


def run(handlers, box, kind="path", frames=5, side=3, mode="slerp", preset="preview", seed=0):
    walking = Walking()
    begun = handlers.begin(box, kind, frames, side, mode, preset, seed, None, "", walking)
    return list(on_show(handlers.run(begun.walk, walking)))


def test_choosing_fills_the_active_point_and_turns_to_the_next_empty_one(handlers):
    box, shelf = points.empty_box(), handlers.show_shelf(points.EXAMPLES)
    box = handlers.take(box, shelf, click(1))
    assert (box["points"][0]["label"], box["active"]) == ("Drawn chair", 1)
    box = handlers.take(box, shelf, click(0))
    assert [p and p["value"] for p in box["points"]] == ["chair1.png", "chair0.png", None, None]
    box = handlers.take(handlers.activate(box, click(0)), shelf, click(0))
    assert [p and p["value"] for p in box["points"]] == ["chair0.png", "chair0.png", None, None]
    assert box["active"] == 0


def test_swap_exchanges_a_and_b_alone(handlers):
    box = full_box(handlers, 4)
    values = [point["value"] for point in box["points"]]
    swapped = [point["value"] for point in handlers.swap(box)["points"]]
    assert swapped == [values[1], values[0], *values[2:]]


def test_a_grid_asks_for_two_points_more_and_keeps_those_chosen(handlers):
    grid = handlers.choose_kind("grid", full_box(handlers))
    assert (grid.box["count"], grid.box["active"]) == (4, 2)
    assert all(grid.box["points"][:2])
    assert (grid.swap.visible, grid.frames.visible, grid.side.visible) == (False, False, True)


def test_the_shelves_of_the_gallery(handlers):
    names = dict(points.shelves(handlers.service.gallery))
    assert names == {
        "Example pictures": "examples",
        "Chair": "chair",
        "Chair: armchair": "chair/armchair",
        "Lamp": "lamp",
        "Lamp: table lamp": "lamp/table lamp",
    }
    assert sorted(p["value"] for p in handlers.show_shelf("chair")["points"]) == [
        "chair-1",
        "chair-2",
    ]
    (lamp,) = handlers.show_shelf("lamp/table lamp")["points"]
    assert lamp["label"] == "Table lamp"
    np.testing.assert_array_equal(unpack(lamp["bits"], 16), chair(16) > 0.5)


def test_an_upload_becomes_the_cutout_that_the_towers_see(handlers, picture):
    seen = handlers.see_upload(points.empty_box(), str(picture))
    elsewhere = {**points.empty_box(), "active": 1}  # chosen while it was looked at
    assert handlers.take_upload(elsewhere, seen.taken)["points"][0]["label"] == "my chair!"
    box = handlers.take_upload(points.empty_box(), seen.taken)
    assert seen.upload is None
    (source, label), _ = points.chosen({"points": [box["points"][0]] * 2}, 2)
    assert (source.kind, label) == ("pixels", "my chair!")
    assert handlers.see_upload(box, None) == WalkOutputs(taken=None, upload=None)
    assert handlers.take_upload(box, None) == box


def test_a_run_streams_coarse_to_fine_and_ends_complete(handlers, monkeypatch):
    monkeypatch.setattr("demo.tabs.interpolate.handlers.SECONDS_BETWEEN_UPDATES", 0)
    updates = run(handlers, full_box(handlers), frames=9)
    first, last = updates[0].viewer, updates[-1].viewer
    assert (first["state"], last["state"]) == ("running", "done")
    assert [i for i, bits in enumerate(first["frames"]["clip"]) if bits] == [0]
    assert [i for i, bits in enumerate(updates[2].viewer["frames"]["cisp"]) if bits] == [0, 4, 8]
    assert all(bits for column in last["frames"].values() for bits in column)
    assert len({shown.viewer["run"] for shown in updates}) == 1
    assert last["note"].startswith(
        f"Chair → Drawn chair · slerp · seed 0 · {PREVIEW.num_steps} steps"
    )
    curves = updates[-1].curves
    assert len(curves["curves"]["clip"]["steps"]) == 8
    assert curves["words"]
    assert updates[-1].pad == {}


def test_a_grid_run_tells_the_pad(handlers):
    updates = run(handlers, full_box(handlers, 4), kind="grid")
    shown = updates[-1]
    assert shown.viewer["num_frames"] == 9
    assert shown.pad["rows"] == shown.pad["columns"] == 3
    assert shown.pad["frames"] == shown.viewer["frames"]
    assert shown.curves["curves"] == {}


def test_a_grid_wants_four_points_even_if_the_cards_have_not_turned_yet(handlers):
    with pytest.raises(gr.Error, match="Choose something for C and D first"):
        run(handlers, full_box(handlers), kind="grid")


def test_gallery_shapes_are_end_points(handlers):
    shelf = {"points": [points.gallery_point(handlers.service.gallery, row) for row in (0, 2)]}
    box = handlers.take(points.empty_box(), shelf, click(0))
    box = handlers.take(box, shelf, click(1))
    *_, shown = run(handlers, box, frames=3)
    cosines = shown.curves["curves"]["clip"]["cosine"][0]
    np.testing.assert_allclose(cosines, [1, np.sqrt(0.5), 0], atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -1}, "seed has to be"),
        ({"mode": "jump"}, "slerp, lerp"),
        ({"point": {"kind": "example", "value": "none.png", "label": ""}}, "no example"),
        ({"point": {"kind": "gallery", "value": "none", "label": ""}}, "gallery has no shape"),
        ({"point": {"kind": "magic", "value": "x", "label": ""}}, "A source is one of"),
        ({"point": {"value": "x"}}, "cannot be used"),
        ({"point": None}, "Choose something for B first"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(handlers, change, message):
    box = full_box(handlers)
    if "point" in change:
        box["points"][1] = change.pop("point")
    with pytest.raises(gr.Error, match=message):
        run(handlers, box, **change)


def test_without_models_it_says_why(handlers, monkeypatch):
    def unavailable(*_):
        raise ValueError("There are no weights.")

    monkeypatch.setattr(handlers.service, "image_guide", unavailable)
    with pytest.raises(gr.Error, match="no weights"):
        run(handlers, full_box(handlers))
    with pytest.raises(gr.Error, match="no weights"):
        handlers.see_upload(points.empty_box(), "x.png")


def test_the_estimate_counts_the_frames(handlers):
    handlers.service.seconds_per_step = 0.3 / PREVIEW.num_steps
    assert "5.1 s for 17 frames on this CPU" in handlers.say_estimate("path", 17, 3, "preview")
    assert "2.7 s for 9 frames" in handlers.say_estimate("grid", 17, 3, "preview")
    unknown = FakeService(status=Status("loading", ""))
    unknown.estimate = lambda *_: None
    assert "not measured" in WalkHandlers(unknown, [], []).say_estimate("path", 17, 3, "full")


@pytest.fixture
def guessing(examples):
    return WalkHandlers(GuessingService(), examples, [])


START = ("path", 5, 3, "slerp", "preview", 0)


def test_a_walk_that_can_be_guessed_shows_all_frames_before_any_is_made(guessing):
    walking = Walking()
    begun = guessing.begin(full_box(guessing), *START, 3, "", walking)
    assert guessing.service.made == []
    assert begun.viewer["state"] == "running"
    assert all(bits for column in begun.viewer["frames"].values() for bits in column)
    assert begun.viewer["guessed"] == [True] * 5
    assert begun.viewer["note"].startswith("0 of 5 frames refined, the others are guesses")
    assert len(begun.curves["curves"]["clip"]["steps"]) == 4
    assert (begun.recipe, begun.downloads.value) == ({}, None)
    assert (walking.run, walking.place) == (begun.viewer["run"], 3)
    *_, shown = on_show(guessing.run(begun.walk, walking))
    np.testing.assert_array_equal(guessing.service.made[0], begun.walk.log.embeds["clip"][3])
    assert shown.viewer["run"] == begun.viewer["run"]
    assert (shown.viewer["state"], shown.viewer["guessed"]) == ("done", [False] * 5)
    plain = run(WalkHandlers(GuessingService(), guessing.examples, []), full_box(guessing))
    assert shown.recipe["hash"] == plain[-1].recipe["hash"]


def test_a_newer_walk_ends_an_older_one_and_a_walk_runs_once(guessing):
    walking, box = Walking(), full_box(guessing)
    older = guessing.begin(box, *START, 0, "", walking).walk
    updates = guessing.run(older, walking)
    assert next(updates).viewer["guessed"] == [False, True, True, True, True]
    newer = guessing.begin(box, *START, 0, "", walking).walk
    assert list(updates) == [WalkOutputs()]
    assert list(guessing.run(older, walking)) == [WalkOutputs()]
    assert [o.viewer["state"] for o in guessing.run(newer, walking) if o.viewer != SKIP] == [
        "running",
        "done",
    ]
    assert list(guessing.run(newer, walking)) == [WalkOutputs()]  # asked for twice
    assert len(guessing.service.made) == 2 + 5


def test_looking_at_a_guess_has_it_refined_next(guessing, monkeypatch):
    monkeypatch.setattr("demo.tabs.interpolate.handlers.SECONDS_BETWEEN_UPDATES", 0)
    walking = Walking()
    walk = guessing.begin(full_box(guessing), *START, 0, "", walking).walk
    updates = guessing.run(walk, walking)
    next(updates)
    guessing.look(walking, click(4))
    assert next(updates).viewer["guessed"] == [False, True, True, True, False]


def test_choosing_an_end_point_begins_a_walk_only_where_it_can_be_guessed(handlers, guessing):
    full, lacking = full_box(guessing), points.empty_box()
    assert guessing.follow(full, *START, 0, "", Walking()).viewer["guessed"] == [True] * 5
    assert guessing.follow(lacking, *START, 0, "", Walking()) == WalkOutputs()
    assert handlers.follow(full_box(handlers), *START, 0, "", Walking()) == WalkOutputs()


def test_opening_a_finished_walk_ends_the_one_that_is_being_made(guessing, pair, examples):
    save(pair, examples)
    handlers, walking = WalkHandlers(guessing.service, examples, [pair]), Walking()
    walk = handlers.begin(full_box(handlers), *START, 0, "", walking).walk
    list(handlers.show_pair(points.empty_box(), walking, click(0)))
    assert list(handlers.run(walk, walking)) == [WalkOutputs()]


@pytest.fixture
def pair(tmp_path, examples):
    ends = [{"kind": "example", "value": "chair0.png"}, {"kind": "gallery", "value": "lamp-1"}]
    entry = {"name": "a", "label": "Chair → lamp", "ends": ends, "mode": "lerp", "num_frames": 3}
    (tmp_path / "walks.json").write_text(json.dumps([entry]))
    (pair,) = read_pairs(tmp_path)
    return pair


def save(pair, examples, weights="fake"):
    embeds = np.eye(3, 8, dtype=np.float32)
    log = WalkLog(Lattice(1, 3), {"clip": embeds, "cisp": embeds[::-1]})
    for index in range(3):
        log.add(index, {"clip": chair(16) > index, "cisp": chair(16, armrest=True) > index - 1})
    gallery = small_gallery()
    ends = [points.point_of(end, examples, gallery) for end in pair.ends]
    save_pair(
        pair, log, ends, Settings(7, STANDARD.sampler, STANDARD.num_steps, 2.0), weights, examples
    )
    return log, ends


def test_a_pair_comes_back_as_it_was_saved(pair, examples):
    log, ends = save(pair, examples)
    found = load_pair(pair, "fake", examples)
    assert found.points == ends
    assert found.settings == Settings(7, STANDARD.sampler, STANDARD.num_steps, 2.0)
    for space, frames in log.frames.items():
        np.testing.assert_array_equal(found.log.frames[space], frames)
        np.testing.assert_array_equal(found.log.embeds[space], log.embeds[space])


def test_a_pair_of_other_weights_pictures_or_settings_is_not_shown(pair, examples, tmp_path):
    save(pair, examples)
    assert load_pair(pair, "others", examples) is None
    assert load_pair(pair, None, examples) is not None  # no weights, so nothing to contradict
    text = (tmp_path / "walks.json").read_text()
    for change in (("lerp", "slerp"), ("chair0", "chair1"), ("lamp-1", "chair-1")):
        (tmp_path / "walks.json").write_text(text.replace(*change))
        assert load_pair(read_pairs(tmp_path)[0], "fake", examples) is None


def test_opening_a_pair_shows_all_and_sets_the_controls(pair, examples):
    save(pair, examples)
    handlers = WalkHandlers(GalleryService(), examples, [pair])
    shown, files = handlers.show_pair(points.empty_box(), Walking(), click(0))
    assert [p and p["value"] for p in shown.box["points"]] == ["chair0.png", "lamp-1", None, None]
    assert (shown.kind, shown.frames.value, shown.mode) == ("path", 3, "lerp")
    assert (shown.preset, shown.seed) == ("standard", 7)
    assert (shown.swap.visible, shown.side.visible) == (True, False)
    assert shown.viewer["state"] == "done"
    assert shown.viewer["note"].startswith("Computed beforehand · Chair → lamp · lerp · seed 7")
    assert len(shown.curves["curves"]["cisp"]["steps"]) == 2
    assert shown.pad == {}
    recipe = Recipe.from_text(files.recipe["fragment"].removeprefix("walk="))
    assert recipe.sources == pair.ends
    assert files.downloads.interactive
    assert files.box == SKIP


def test_a_pair_without_frames_still_chooses_its_ends(pair, examples):
    handlers = WalkHandlers(GalleryService(), examples, [pair])
    [shown] = handlers.show_pair(points.empty_box(), Walking(), click(0))
    assert [p and p["value"] for p in shown.box["points"]] == ["chair0.png", "lamp-1", None, None]
    assert (shown.viewer, shown.curves, shown.pad) == ({"state": "empty"}, {}, {})
    assert (shown.recipe, shown.downloads.value) == ({}, None)


@pytest.mark.parametrize(("kind", "count"), [("path", 17), ("grid", 3)])
def test_the_link_of_a_walk_makes_the_same_walk(service, examples, kind, count):
    """Over real models, compared by the hash of the shapes."""
    handlers = WalkHandlers(service, examples, [])
    box = full_box(handlers, 2 if kind == "path" else 4)
    seen = handlers.see_upload({**box, "active": 1}, str(examples[1].image))
    box = handlers.take_upload(box, seen.taken)
    *_, shown = run(handlers, box, kind, count, count, mode="lerp", seed=2)
    card = shown.recipe
    link = handlers.open_link(card["fragment"].removeprefix("walk="), points.empty_box())
    assert (link.mode, link.preset, link.seed) == ("lerp", "preview", 2)
    assert (link.kind, link.tabs.selected) == (kind, "interpolate")
    sizes = link.frames.value or 17, link.side.value or 3
    *_, again = run(handlers, link.box, kind, *sizes, link.mode, link.preset, link.seed)
    assert again.recipe["hash"] == card["hash"]
    assert again.recipe["fragment"] == card["fragment"]
    with zipfile.ZipFile(shown.downloads.value["path"]) as archive:
        made = json.loads(archive.read("recipe.json"))
        frames = np.load(io.BytesIO(archive.read("frames.npz")))
        measured = json.loads(archive.read("metrics.json"))
        corner = trimesh.load(
            io.BytesIO(archive.read("cisp-B-voxels.glb")), file_type="glb", force="mesh"
        )
        assert {"clip-A-smooth.glb", "clip-A.stl"} < set(archive.namelist())
        assert ("cisp-D.stl" in archive.namelist()) == (kind == "grid")
    assert made["hash"] == card["hash"] == digest(frames["occupancy"])
    assert made["command"] == card["command"]
    assert card["command"].startswith("python -m demo.replay --recipe recipe.json ")
    assert frames["occupancy"].shape[:2] == (2, count if kind == "path" else count**2)
    assert corner.volume == pytest.approx(frames["occupancy"][1, count - 1].mean())
    steps = len(Lattice(1 if kind == "path" else count, count).steps)
    assert len(measured["curves"]["clip"]["iou_neighbours"]) == steps
    assert ("cosine_to_d" in measured["curves"]["clip"]) == (kind == "grid")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"frames": 4}, "does not offer"),
        ({"mode": "jump"}, "does not say how to walk"),
        ({"frames": "17"}, "is not a recipe of this page"),
    ],
)
def test_a_link_to_a_walk_that_is_not_offered_is_one_sentence(handlers, examples, change, sentence):
    ends = tuple(Source("example", e.image.name) for e in examples)
    options = {"frames": 17, "mode": "lerp"} | change
    settings = Settings(0, "dpmpp_2m", 4, 1.0)
    text = Recipe("walk", ends, settings, ("clip", "cisp"), "fake", options).to_text()
    with pytest.raises(gr.Error, match=sentence):
        handlers.open_link(text, points.empty_box())


def test_a_precomputed_walk_is_what_the_models_make(service, examples, tmp_path):
    settings = Settings(3, "dpmpp_2m", 2, 1.0)
    ends = tuple(Source("example", f"chair{index}.png") for index in (0, 1))
    pair = Pair(tmp_path / "a.npz", "Chairs", ends, "slerp", 3)
    make_walk(pair, service, examples, settings)
    found = load_pair(pair, service.fingerprint, examples)
    assert found.settings == settings
    for place, example in ((0, examples[0]), (2, examples[1])):
        *_, frame = service.compare(example.image, settings)
        for space, grid in frame.occupancy.items():
            np.testing.assert_array_equal(found.log.frames[space][place], grid)


def test_a_link_with_a_damaged_picture_is_one_sentence(handlers):
    ends = (Source("pixels", "AAAA"), Source("gallery", "lamp-1"))
    settings = settings_of("preview", 0)
    recipe = Recipe("walk", ends, settings, ("clip",), "fake", {"frames": 17, "mode": "lerp"})
    with pytest.raises(gr.Error, match=r"^'The picture in this recipe cannot be read\.'$"):
        handlers.open_link(recipe.to_text(), points.empty_box())
