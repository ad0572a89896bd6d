"""Pictures and films of what is on show, saved by a real browser."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from demo.service.palette import shades
from tests.demo.driving.compare import open_page, wait_for_state

pytestmark = pytest.mark.browser


@pytest.fixture
def made(tab, fake_url, picture):
    """The Compare tab with finished shapes, its menu of what can be shared open."""
    open_page(tab, fake_url)
    tab.set_input_files("#image input[type=file]", str(picture))
    tab.wait_for_selector("#inputs .cutout img")
    tab.click("text=preview")
    tab.click("#run")
    wait_for_state(tab, "done")
    tab.click("#twin .share summary")
    return tab


def saved(tab, button, path):
    with tab.expect_download() as download:
        tab.click(f"#twin .share {button}")
    download.value.save_as(path)
    return download.value.suggested_filename


def near(pixels, color, tolerance=40):
    """The share of pixels of about a colour."""
    rgb = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    return (np.abs(pixels.astype(int) - rgb).max(-1) < tolerance).mean()


def test_a_picture_has_both_columns_their_names_and_what_they_are_made_of(made, tmp_path):
    assert saved(made, ".picture", tmp_path / "a.png") == "clip-and-cisp.png"
    pixels = np.asarray(Image.open(tmp_path / "a.png", formats=["png"]).convert("RGB"))
    height, width = pixels.shape[:2]
    assert width == 2 * 520
    panes = pixels[56 : 56 + 520]
    for at, space in enumerate(("clip", "cisp")):
        own, other = (shades(s)[2] for s in (space, {"clip": "cisp", "cisp": "clip"}[space]))
        half = panes[:, 520 * at : 520 * (at + 1)]
        assert near(half, own) > 0.01
        assert near(half, other) < 0.001
    foot = pixels[56 + 520 :]
    assert (foot[14:90, 22:98] < 8).all()  # the fake's cut-out is black
    assert len(np.unique(foot[:, 110:].reshape(-1, 3), axis=0)) > 20  # words
    assert height == 56 + 520 + 104


def test_a_film_turns_once_and_ends_where_it_began(made, tmp_path):
    eye = "JSON.stringify(document.querySelector('#twin .plot').layout.scene.camera.eye)"
    before = made.evaluate(eye)
    name = saved(made, ".turn", tmp_path / "film")
    assert name.split(".")[-1] in ("mp4", "webm")
    head = (tmp_path / "film").read_bytes()
    assert head[:4] == b"\x1a\x45\xdf\xa3" or head[4:8] == b"ftyp"
    assert len(head) > 20_000
    assert made.inner_text("#twin .shared") == "Saved."
    x, y = (made.evaluate(f"JSON.parse('{one}')") for one in (before, made.evaluate(eye)))
    assert [y[axis] for axis in "xyz"] == pytest.approx([x[axis] for axis in "xyz"], abs=1e-6)


def test_frames_are_filmed_and_the_one_on_show_comes_back(made, tmp_path):
    step = made.inner_text("#twin .step")
    saved(made, ".frames", tmp_path / "film")
    assert made.inner_text("#twin .step") == step
    assert (tmp_path / "film").stat().st_size > 10_000


def test_an_empty_viewer_has_nothing_to_share(tab, fake_url):
    tab.goto(fake_url)
    tab.wait_for_selector("#twin .tools")
    assert not tab.is_visible("#twin .share")
