"""The endpoint `interpolate`, asked by a program."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from diffusion.grids.frame import iou
from diffusion.presets import PREVIEW
from tests.demo.fakes import draw_chair


@pytest.fixture(scope="module")
def client(url):
    return Client(url, verbose=False)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for name, shift in (("first one!.png", 0), ("second.png", 90)):
        draw_chair(shift).save(folder / name)
    return [handle_file(folder / name) for name in ("first one!.png", "second.png")]


def test_it_is_documented(client):
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    assert "occupancy" in endpoints["/interpolate"]["description"]
    names = [p["parameter_name"] for p in endpoints["/interpolate"]["parameters"]]
    assert names == ["image_a", "image_b", "frames", "mode", "seed", "preset"]


def test_a_walk_comes_with_its_curves_and_grids(client, pictures):
    summary, file = client.predict(*pictures, 5, "lerp", 3, "preview", api_name="/interpolate")
    assert (summary["mode"], summary["seed"]) == ("lerp", 3)
    assert summary["num_steps"] == PREVIEW.num_steps
    assert (summary["frames"], summary["resolution"]) == (5, 16)
    assert file.endswith("first-one-to-second-seed3.npz")
    with np.load(file, allow_pickle=False) as grids:
        assert list(grids["spaces"]) == summary["spaces"] == ["clip", "cisp"]
        np.testing.assert_allclose(grids["positions"], [0, 0.25, 0.5, 0.75, 1])
        occupancy = grids["occupancy"]
    assert (occupancy.dtype, occupancy.shape) == (bool, (2, 5, 16, 16, 16))
    for space, frames in zip(summary["spaces"], occupancy, strict=True):
        curves = summary["curves"][space]
        steps = [iou(a, b) for a, b in itertools.pairwise(frames)]
        np.testing.assert_allclose(curves["iou_neighbours"], steps, atol=1e-5)
        np.testing.assert_allclose(
            curves["iou_to_b"], [iou(frames[4], frame) for frame in frames], atol=1e-5
        )
        assert curves["cosine_to_a"][0] == curves["cosine_to_b"][4] == pytest.approx(1, abs=1e-4)
        smooth = summary["smoothness"][space]
        assert smooth["mean_iou"] == pytest.approx(np.mean(steps), abs=1e-5)
        assert smooth["largest_jump"]["iou"] == pytest.approx(min(steps), abs=1e-5)


def test_its_ends_are_what_compare_makes_of_the_pictures(client, pictures):
    _, file = client.predict(*pictures, 2, "slerp", 3, "preview", api_name="/interpolate")
    with np.load(file) as grids:
        walk = grids["occupancy"]
    for place, picture in enumerate(pictures):
        _, files = client.predict(picture, 3, "preview", api_name="/compare")
        npz = next(name for name in files if name.endswith(".npz"))
        with np.load(npz) as grids:
            np.testing.assert_array_equal(walk[:, place], grids["occupancy"].reshape(2, 16, 16, 16))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({1: None}, "Give two pictures"),
        ({2: 1}, "from 2 to 65"),
        ({2: 66}, "from 2 to 65"),
        ({3: "jump"}, "slerp, lerp"),
        ({4: -1}, "seed has to be"),
        ({5: "perfect"}, "perfect"),
    ],
)
def test_bad_requests_are_answered_with_a_sentence(client, pictures, change, message):
    asked = [*pictures, 3, "slerp", 0, "preview"]
    for place, value in change.items():
        asked[place] = value
    with pytest.raises(AppError, match=message):
        client.predict(*asked, api_name="/interpolate")
