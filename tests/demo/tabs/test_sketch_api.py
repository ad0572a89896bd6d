"""The `sketch` endpoint, as programs meet it."""

from __future__ import annotations

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image, ImageDraw


@pytest.fixture(scope="module")
def client(url):
    return Client(url, verbose=False)


@pytest.fixture
def drawing(tmp_path):
    def save(paper: int, ink: int):
        page = Image.new("L", (300, 240), paper)
        pen = ImageDraw.Draw(page)
        for line in ((90, 20, 90, 220), (90, 120, 200, 120), (200, 120, 200, 220)):
            pen.line(line, ink, 5)
        page.save(tmp_path / "a chair.png")
        return handle_file(tmp_path / "a chair.png")

    return save


def grids(files):
    with np.load(files[-1], allow_pickle=False) as file:
        return file["grid"]


def test_it_is_documented(client):
    endpoint = client.view_api(return_format="dict")["named_endpoints"]["/sketch"]
    assert "drawing" in endpoint["description"]
    names = [parameter["parameter_name"] for parameter in endpoint["parameters"]]
    assert names == ["drawing", "seed", "preset"]


def test_a_drawing_gives_what_its_negative_gives(client, drawing):
    summary, files = client.predict(drawing(255, 0), 4, "preview", api_name="/sketch")
    assert (summary["spaces"], summary["seed"], summary["said"]) == (["clip", "cisp"], 4, "")
    assert [file.rsplit("/", 1)[-1] for file in files][-1] == "a-chair-seed4.npz"

    inverted, others = client.predict(drawing(0, 255), 4, "preview", api_name="/sketch")
    assert "Light lines on dark paper" in inverted["said"]
    np.testing.assert_array_equal(grids(others), grids(files))

    _, others = client.predict(drawing(255, 0), 5, "preview", api_name="/sketch")
    assert (grids(others) != grids(files)).any()


def test_bad_drawings_are_answered_with_a_sentence(client, drawing, tmp_path):
    page = Image.new("L", (300, 240), 255)
    ImageDraw.Draw(page).point([(100 + x, 100 + y) for x in range(5) for y in range(5)], 0)
    page.save(tmp_path / "dot.png")
    (tmp_path / "bad.png").write_bytes(b"nothing of the kind")
    for image, message in (
        (handle_file(tmp_path / "dot.png"), "hardly more than a dot"),
        (drawing(255, 255), "blank"),
        (handle_file(tmp_path / "bad.png"), r"bad\.png"),
        (None, "blank"),
    ):
        with pytest.raises(AppError, match=message):
            client.predict(image, 0, "preview", api_name="/sketch")
    with pytest.raises(AppError, match="seed has to be"):
        client.predict(drawing(255, 0), -1, "preview", api_name="/sketch")
