"""The page in a real browser: what a visitor does, sees and takes away."""

from __future__ import annotations

import io

import numpy as np
import pytest
import trimesh
from PIL import Image

from diffusion.presets import PREVIEW, STANDARD
from tests.demo.driving.compare import (
    EYES,
    LAST_STEP,
    PROJECT,
    STATE,
    drag,
    open_page,
    spread,
    upload_and_run,
    vertices,
    wait_for_state,
    wait_for_step,
)
from tests.demo.fakes import chair

pytestmark = pytest.mark.browser

# Where a point of Plotly's scene lands: right and up from the middle of the pane, and its depth.


def test_upload_run_rotate_and_scrub(tab, url, picture):
    open_page(tab, url)
    tab.wait_for_selector(".status.ready")
    empty = spread(tab, 0)
    upload_and_run(tab, picture)
    wait_for_state(tab, "done")
    wait_for_step(tab, LAST_STEP)
    tab.wait_for_timeout(300)
    assert spread(tab, 0) > empty + 5
    assert spread(tab, 1) > empty + 5

    before = tab.evaluate(EYES)
    for _ in range(5):  # a browser busy with its first frames may miss a quick drag
        drag(tab, pane=0)
        tab.wait_for_timeout(500)
        if not np.allclose(tab.evaluate(EYES)[0], before[0], atol=0.1):
            break
    far = "(a, b) => Math.hypot(...a.map((e, i) => e - b[i]))"
    tab.wait_for_function(
        f"((far, [a, b]) => far(a, b) < 1e-6 && far(a, {before[0]}) > 0.1)({far}, {EYES})"
    )
    turned = tab.evaluate(EYES)

    requests = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.focus("#twin .steps")
    for step in reversed(range(2, STANDARD.num_steps)):
        tab.keyboard.press("ArrowLeft")
        wait_for_step(tab, f"Step {step} of {STANDARD.num_steps}")
    tab.keyboard.press("Home")
    wait_for_step(tab, "The shared starting noise")
    assert np.array_equal(vertices(tab, 0), vertices(tab, 1))
    assert requests == []
    # The camera stays where it was put.
    np.testing.assert_allclose(tab.evaluate(EYES), turned, atol=1e-9)


def test_a_lopsided_shape_stands_upright_and_unmirrored(tab, fake_url, picture):
    open_page(tab, fake_url)
    upload_and_run(tab, picture)
    wait_for_state(tab, "done")
    wait_for_step(tab, LAST_STEP)
    grid = chair(armrest=True) > 0
    shown = vertices(tab, 1)

    # One quad for every side of a full cell that looks at an empty one, and each in its place.
    padded = np.pad(grid, 1).astype(int)
    sides = sum(np.abs(np.diff(padded, axis=axis)).sum() for axis in range(3))
    assert len(shown) == 4 * sides
    armrest = shown[(shown[:, 1] > 22 / 32 - 0.5 - 1e-6) & (shown[:, 0] > 9 / 32 - 0.5 + 1e-6)]
    assert armrest[:, 2].min() == pytest.approx(23 / 32 - 0.5)
    assert armrest[:, 2].max() == pytest.approx(26 / 32 - 0.5)
    assert vertices(tab, 0)[:, 1].max() == pytest.approx(0.5)

    def project(*points):  # from (x, y, z) to Plotly's order
        return np.array(tab.evaluate(PROJECT, [[z, x, y] for x, y, z in points]))

    up, down, front, back, plus_z, minus_z = project(
        (0, 0.5, 0), (0, -0.5, 0), (0.5, 0, 0), (-0.5, 0, 0), (0, 0, 0.5), (0, 0, -0.5)
    )
    assert up[1] > down[1]
    assert front[2] < back[2]  # the front is nearer to the camera
    assert plus_z[0] < minus_z[0]  # seen from the front of a right-handed frame, +z is to the left


def test_an_example_fills_the_box_and_its_truth_is_scored(tab, url):
    open_page(tab, url)
    tab.wait_for_selector(".status.ready")
    tab.click("#examples button >> nth=0")
    tab.wait_for_selector("#inputs .cutout img")
    assert tab.get_attribute("#examples button >> nth=0", "aria-pressed") == "true"
    tab.click("text=preview")
    tab.click("#run")
    wait_for_state(tab, "done")
    wait_for_step(tab, f"Step {PREVIEW.num_steps} of {PREVIEW.num_steps}")
    assert "true shape" in tab.inner_text("#twin .pane.clip .facts")
    assert "Filled" in tab.inner_text("#twin .pane.cisp .facts")
    assert "IoU to CISP" in tab.inner_text("#twin .pane.clip .facts")


def test_downloads_reload(tab, fake_url, picture):
    open_page(tab, fake_url)
    upload_and_run(tab, picture)
    wait_for_state(tab, "done")
    expected = {"clip": (chair() > 0).mean(), "cisp": (chair(armrest=True) > 0).mean()}
    for name, space in (("CLIP voxels .glb", "clip"), ("CISP voxels .glb", "cisp")):
        with tab.expect_download() as download:
            tab.get_by_text(name, exact=True).click()
        mesh = trimesh.load(download.value.path(), file_type="glb", force="mesh")
        assert mesh.volume == pytest.approx(expected[space])
        assert download.value.suggested_filename == f"my-chair-seed0-{space}-voxels.glb"


def test_stop_ends_the_work(tab, fake_url, fake_service, picture, monkeypatch):
    monkeypatch.setattr(fake_service, "seconds_per_step", 1.0)
    open_page(tab, fake_url)
    closed = fake_service.closed_early
    tab.click("text=full")
    upload_and_run(tab, picture)
    wait_for_state(tab, "running")
    tab.click("#stop")
    wait_for_state(tab, "stopped")
    for _ in range(300):
        if fake_service.closed_early > closed:
            break
        tab.wait_for_timeout(100)
    assert fake_service.closed_early == closed + 1
    assert tab.evaluate(STATE) == "stopped"


def test_without_an_image_it_says_so(tab, fake_url):
    open_page(tab, fake_url)
    tab.click("#run")
    toast = tab.locator("[data-testid='toast-text']")
    toast.wait_for()
    assert "Choose an image first" in toast.inner_text()


def test_a_broken_image_is_explained_beside_the_box(tab, url, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing of the kind")
    open_page(tab, url)
    tab.wait_for_selector(".status.ready")
    tab.set_input_files("#image input[type=file]", tmp_path / "broken.png")
    tab.wait_for_selector(".cutout .error")
    assert "broken.png" in tab.inner_text(".cutout .error")


def test_a_scrubbed_frame_is_drawn_as_plotly_would_draw_it_anew(tab, fake_url, picture):
    open_page(tab, fake_url)
    upload_and_run(tab, picture)
    wait_for_state(tab, "done")

    def drawn() -> np.ndarray:
        tab.wait_for_timeout(500)
        shot = tab.locator("#twin .plot").first.screenshot()
        return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), float)

    wait_for_step(tab, LAST_STEP)
    last = drawn()
    tab.focus("#twin .steps")
    tab.keyboard.press("Home")
    wait_for_step(tab, "The shared starting noise")
    noise = drawn()
    tab.evaluate("Plotly.redraw(document.querySelector('#twin .plot'))")
    np.testing.assert_allclose(drawn(), noise, atol=2)
    assert np.abs(noise - last).mean() > 5
    tab.keyboard.press("End")
    wait_for_step(tab, LAST_STEP)
    np.testing.assert_allclose(drawn(), last, atol=2)


def test_a_frame_that_comes_again_is_copied_unless_the_shape_was_turned(tab, fake_url, picture):
    open_page(tab, fake_url)
    upload_and_run(tab, picture)
    wait_for_state(tab, "done")
    wait_for_step(tab, LAST_STEP)
    tab.evaluate("""() => {
      window.covers = 0;
      const { classList } = document.querySelector("#twin .plot");
      new MutationObserver(() => { covers += classList.contains("covered"); })
        .observe(document.querySelector("#twin .plot"), { attributeFilter: ["class"] });
    }""")

    def scrub(key: str, step: str) -> tuple[int, int]:
        """Go there: how often that covered the plot, and how many corners it has at rest."""
        before = tab.evaluate("covers")
        tab.focus("#twin .steps")
        tab.keyboard.press(key)
        wait_for_step(tab, step)
        tab.wait_for_function("!document.querySelector('#twin .plot.covered')")
        return tab.evaluate("covers") - before, len(vertices(tab, 0))

    scrub("Home", "The shared starting noise")
    first = scrub("End", LAST_STEP)
    again = scrub("Home", "The shared starting noise")
    assert again[0] == 1
    assert again[1] != first[1]  # at rest the plot itself holds the frame
    assert scrub("End", LAST_STEP) == (1, first[1])
    before = tab.evaluate(EYES)
    tab.focus("#twin .plot")
    tab.keyboard.press("ArrowRight")
    tab.wait_for_function(f"{EYES}.every((eye, pane) => eye[0] !== {before}[pane][0])")
    assert scrub("Home", "The shared starting noise") == (0, again[1])


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_sticks_out_of_the_screen(tab, fake_url, width):
    tab.set_viewport_size({"width": width, "height": 800})
    open_page(tab, fake_url)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_what_the_console_says_is_not_ours(tab, url):
    """Gradio's client (6.31) prints a line when it closes a stream of events."""
    said = []
    tab.on("console", lambda message: said.append((message.text, message.location["url"])))
    open_page(tab, url)
    tab.wait_for_selector(".status.ready")
    tab.wait_for_timeout(1000)
    assert {"/assets/" in where for text, where in said if "not implemented" in text} <= {True}
    assert not [text for text, where in said if "/modules/" in where]
