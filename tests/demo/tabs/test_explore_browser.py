"""The Explore tab in a real browser: pointing, choosing, asking, generating."""

from __future__ import annotations

import json

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.demo.conftest import serve
from tests.demo.explore_fakes import SIZE, ExploreService

STATE = "document.querySelector('#explore-twin .viewer').dataset.state"
LABEL = "document.querySelector('#explore-seen .label').textContent"
MARGIN = 16  # of demo/tabs/explore/map.js


@pytest.fixture(scope="module")
def known():
    return ExploreService(0.05)


@pytest.fixture(scope="module")
def known_url(known, assets):
    page, address = serve(known, assets)
    yield address
    page.close()


def open_tab(tab, url):
    tab.goto(url)
    tab.get_by_role("tab", name="Explore").click()
    tab.wait_for_selector("#explore-atlas .atlas[data-state='ready']")


def wait_for_label(tab, text):
    tab.wait_for_function(f"{LABEL}.includes({json.dumps(text)})")


def on_screen(tab, service, row, space):
    """Where the row lies on a map, in pixels of the page, from the map's own numbers."""
    canvas = tab.locator(f"#explore-atlas [data-space={space}] .sheet canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    x, y = service.gallery.maps[space][row].tolist()
    scale = box["width"] / 2 - MARGIN
    return box["x"] + box["width"] / 2 + x * scale, box["y"] + box["height"] / 2 - y * scale


def lonely(service):
    """The row whose nearest neighbour on CLIP's map is farthest, so that no other is hit."""
    places = service.gallery.maps["clip"]
    distances = np.linalg.norm(places[:, None] - places, axis=-1) + 9 * np.eye(SIZE)
    return int(distances.min(1).argmax())


def picture_of(space):
    return (
        f"document.querySelector('#explore-atlas [data-space={space}] .sheet canvas').toDataURL()"
    )


@pytest.mark.browser
def test_pointing_is_linked_and_a_click_chooses_and_generates(tab, known_url, known):
    open_tab(tab, known_url)
    row = lonely(known)
    tab.wait_for_function("document.querySelector('#explore-atlas .count').textContent !== ''")
    x, y = on_screen(tab, known, row, "clip")
    before = {space: tab.evaluate(picture_of(space)) for space in ("clip", "cisp")}
    tab.mouse.move(x + 3, y - 3)
    tab.wait_for_selector("#explore-atlas .tip:not([hidden])")
    gallery = known.gallery
    name = gallery.subtypes[row] or gallery.categories[row]
    assert tab.inner_text("#explore-atlas .tip b") == name
    tab.wait_for_function(  # a picture of its voxels
        "new Uint32Array(document.querySelector('#explore-atlas .tip canvas').getContext('2d')"
        ".getImageData(0, 0, 128, 128).data.buffer).some((pixel) => pixel)"
    )
    for space, old in before.items():  # the ring around it is on both maps
        tab.wait_for_function(f"(old) => {picture_of(space)} !== old", arg=old)
    tab.mouse.click(x + 3, y - 3)
    wait_for_label(tab, name)
    found = known_nearest(known, row)
    for space in ("clip", "cisp"):
        cards = tab.locator(f"#explore-atlas [data-space={space}] .nearest button")
        rows = [int(cards.nth(i).get_attribute("data-row")) for i in range(5)]
        assert rows == found[space]
    tab.click("#explore-run")
    tab.wait_for_function(f"{STATE} === 'done'")
    tab.wait_for_function(
        "document.querySelector('#explore-twin .facts').textContent.includes('true shape')"
    )
    cards.first.click()  # a neighbour can be asked with in turn
    first = gallery.subtypes[rows[0]] or gallery.categories[rows[0]]
    wait_for_label(tab, first)
    tab.wait_for_function(f"{STATE} === 'empty'")


def known_nearest(service, row):
    kinds = {"clip": "clip/image", "cisp": "cisp/shape"}
    found = {}
    for space, kind in kinds.items():
        cosines = service.gallery.embeds[kind] @ service.gallery.embeds[kind][row]
        found[space] = [int(i) for i in np.argsort(-cosines) if i != row][:5]
    return found


@pytest.mark.browser
def test_keys_walk_the_map_words_silence_cisp_and_stop_stops(tab, known_url, known, monkeypatch):
    open_tab(tab, known_url)
    tab.click("#explore-atlas .legend button >> nth=1")  # chairs only, in the order of names
    tab.wait_for_function(
        "document.querySelector('#explore-atlas .count').textContent.startsWith('8 of 24')"
    )
    tab.focus("#explore-atlas [data-space=clip] .sheet canvas")
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft"):
        tab.keyboard.press(key)
        tab.wait_for_function(
            "document.querySelector('#explore-atlas .live').textContent === 'armchair, chair'"
        )
    tab.keyboard.press("Enter")
    wait_for_label(tab, "armchair")

    tab.get_by_role("tab", name="Words").click()
    tab.fill("#explore-words textarea, #explore-words input", "a red chair")
    tab.click("#explore-find")
    wait_for_label(tab, "a red chair")
    assert "does not understand words" in tab.inner_text("#explore-atlas [data-space=cisp] .note")
    monkeypatch.setattr(known, "seconds_per_step", 1.0)
    closed = known.closed_early
    tab.click("#explore-run")
    tab.wait_for_selector("#explore-twin .pane.cisp.missing .empty")
    assert "does not understand words" in tab.inner_text("#explore-twin .pane.cisp .empty")
    tab.click("#explore-stop")
    tab.wait_for_function(f"{STATE} === 'stopped'")
    for _ in range(300):
        if known.closed_early > closed:
            break
        tab.wait_for_timeout(100)
    assert known.closed_early == closed + 1


@pytest.mark.browser
def test_a_bad_question_ends_the_run_under_way(tab, known_url, known, monkeypatch):
    monkeypatch.setattr(known, "seconds_per_step", 1.0)
    open_tab(tab, known_url)
    tab.get_by_role("tab", name="Words").click()
    field = "#explore-words textarea, #explore-words input"
    tab.fill(field, "a red chair")
    tab.click("#explore-find")
    wait_for_label(tab, "a red chair")
    tab.click("#explore-run")
    tab.wait_for_function(f"{STATE} === 'running'")
    tab.fill(field, " ")
    tab.click("#explore-find")
    tab.wait_for_function(f"{STATE} === 'stopped'")


@pytest.mark.browser
def test_it_fits_a_phone_and_takes_a_shape_file(tab, known_url, known, tmp_path):
    np.savez(tmp_path / "mine.npz", grid=known.gallery.occupancy(2))
    open_tab(tab, known_url)
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.get_by_role("tab", name="Shape").click()
    tab.set_input_files("#explore-file input[type=file]", tmp_path / "mine.npz")
    wait_for_label(tab, "Your shape")
    assert "does not understand shapes" in tab.inner_text("#explore-atlas [data-space=clip] .note")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.browser
def test_without_a_gallery_the_tab_says_what_to_do(tab, fake_url):
    tab.goto(fake_url)
    tab.get_by_role("tab", name="Explore").click()
    tab.wait_for_selector("#explore-atlas .atlas[data-state='missing']")
    assert "training.gallery_index" in tab.inner_text("#explore-atlas .message")


def test_retrieve_answers_programs(known_url, known, picture):
    client = Client(known_url, verbose=False)
    about = client.view_api(return_format="dict")["named_endpoints"]["/retrieve"]
    assert "nearest to an image" in about["description"]
    answer = client.predict(handle_file(picture), 3, True, api_name="/retrieve")
    assert answer["gallery"] == SIZE
    query, gallery = known.image_guide(None).embeds, known.gallery
    for space, kind in (("clip", "clip/image"), ("cisp", "cisp/shape")):
        cosines = gallery.embeds[kind] @ query[space]
        rows = np.argsort(-cosines)[:3]
        near = answer["spaces"][space]["nearest"]
        assert [one["id"] for one in near] == [gallery.ids[row] for row in rows]
        assert [one["similarity"] for one in near] == pytest.approx(cosines[rows], abs=1e-4)
        assert near[0]["category"] == gallery.categories[rows[0]]
        np.testing.assert_allclose(answer["spaces"][space]["embedding"], query[space])
    plain = client.predict(handle_file(picture), 1, False, api_name="/retrieve")
    assert "embedding" not in plain["spaces"]["clip"]
    for image, k, message in (
        (None, 3, "Choose an image"),
        (handle_file(picture), 0, "k has to be"),
    ):
        with pytest.raises(AppError, match=message):
            client.predict(image, k, False, api_name="/retrieve")
