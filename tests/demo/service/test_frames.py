from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from PIL import Image

from demo.service.examples import Example, load_result, read_examples, save_result
from demo.service.frames import Settings, pack, unpack
from demo.widgets.cards import cutout_card, say_seconds
from demo.widgets.viewer.viewer import FrameLog
from tests.demo.fakes import FakeService, chair

SETTINGS = Settings(3, "ddim", 4, 2.0)


@pytest.mark.parametrize("resolution", [5, 16, 32])
def test_packing_is_the_highest_bit_first_with_z_fastest(resolution):
    grid = np.random.default_rng(0).random((resolution,) * 3) > 0.7
    bits = base64.b64decode(pack(grid))
    assert len(bits) == -(-(resolution**3) // 8)
    for x, y, z in np.random.default_rng(1).integers(0, resolution, (40, 3)):
        cell = (x * resolution + y) * resolution + z
        assert (bits[cell // 8] >> (7 - cell % 8)) & 1 == grid[x, y, z]
    np.testing.assert_array_equal(unpack(pack(grid), resolution), grid)


def test_the_log_packs_every_frame_for_every_pane():
    truth = chair() > 0
    log = FrameLog("run", 4, truth)
    frames = list(FakeService(0).compare("x", SETTINGS, truth))
    for frame in frames:
        log.add(frame.occupancy)
    value = json.loads(json.dumps(log.value("done")))  # plain data, whatever it holds
    assert value["num_frames"] == 5
    assert value["resolution"] == 32
    np.testing.assert_array_equal(unpack(value["truth"], 32), truth)
    for space in ("clip", "cisp"):
        np.testing.assert_array_equal(
            unpack(value["frames"][space][-1], 32), frames[-1].occupancy[space]
        )


def test_examples_without_a_picture_are_left_out(assets, tmp_path):
    examples = read_examples(assets / "examples")
    assert [e.label for e in examples] == ["Chair", "Drawn chair"]
    assert examples[0].truth().shape == (16, 16, 16)
    assert examples[1].truth() is None
    assert read_examples(tmp_path) == []


def test_a_saved_result_comes_back_as_it_was(tmp_path):
    Image.new("RGB", (20, 20), "red").save(tmp_path / "a.png")
    np.savez(tmp_path / "truth.npz", grid=chair().astype(np.float16))
    example = Example(tmp_path / "a.png", "A", "rendering", tmp_path / "truth.npz")
    *frames, last = list(FakeService(0).compare("x", SETTINGS, example.truth(), num_samples=2))
    save_result(example, [*frames, last], "these")
    frames = [*frames[:-1], last]  # the second sample came after the last step of the first
    again = load_result(example, "these")
    assert len(again) == len(frames) == SETTINGS.num_steps + 1
    assert again[-1].samples["cisp"].shape[0] == 2
    for old, new in zip(frames, again, strict=True):
        assert new.settings == old.settings
        for space in old.occupancy:
            np.testing.assert_array_equal(new.occupancy[space], old.occupancy[space])
    assert again[-1].iou_to_truth == frames[-1].iou_to_truth
    np.testing.assert_allclose(again[-1].samples["cisp"], frames[-1].samples["cisp"], atol=1e-3)


def test_a_saved_result_is_not_shown_for_other_weights_or_another_picture(tmp_path):
    Image.new("RGB", (20, 20), "red").save(tmp_path / "a.png")
    example = Example(tmp_path / "a.png", "A", "rendering")
    save_result(example, list(FakeService(0).compare("x", SETTINGS)), "these")
    assert load_result(example, None)  # no weights to contradict it
    assert load_result(example, "others") == []
    Image.new("RGB", (20, 20), "blue").save(tmp_path / "a.png")
    assert load_result(example, "these") == []


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.01, "0.1 s"), (1.26, "1.3 s"), (42.4, "42 s"), (600, "10 min")]
)
def test_seconds_as_people_say_them(seconds, said):
    assert say_seconds(seconds) == said


def test_text_in_the_cutout_card_is_escaped():
    assert "<script>" not in cutout_card(None, "The image '<script>' cannot be read.")
