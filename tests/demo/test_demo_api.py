from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError


@pytest.fixture(scope="module")
def client(url):
    return Client(url, verbose=False)


def test_compare_is_the_only_public_endpoint_and_it_is_documented(client):
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    assert list(endpoints) == ["/compare"]
    assert "GLB" in endpoints["/compare"]["description"]


def test_compare_returns_a_summary_and_files_that_load(client, picture):
    summary, files = client.predict(handle_file(picture), 5, "preview", api_name="/compare")
    assert summary["spaces"] == ["clip", "cisp"]
    assert (summary["seed"], summary["num_steps"], summary["resolution"]) == (5, 4, 16)
    files = [Path(file) for file in files]
    assert [file.name for file in files] == [
        "my-chair-seed5-clip-voxels.glb",
        "my-chair-seed5-cisp-voxels.glb",
        "my-chair-seed5-clip-smooth.glb",
        "my-chair-seed5-cisp-smooth.glb",
        "my-chair-seed5.npz",
    ]
    with np.load(files[-1], allow_pickle=False) as grids:
        occupancy = grids["occupancy"]
        assert list(grids["spaces"]) == ["clip", "cisp"]
        np.testing.assert_array_equal(occupancy, grids["grid"] > 0)
    for space, path in zip(("clip", "cisp"), files[:2], strict=True):
        mesh = trimesh.load(path, force="mesh")
        assert mesh.volume == pytest.approx(occupancy[summary["spaces"].index(space)].mean())


def test_the_same_seed_gives_the_same_files(client, picture):
    def grids(seed):
        _, files = client.predict(handle_file(picture), seed, "preview", api_name="/compare")
        with np.load(files[-1], allow_pickle=False) as file:
            return file["grid"]

    np.testing.assert_array_equal(grids(1), grids(1))
    assert (grids(1) != grids(2)).any()


@pytest.mark.parametrize(
    ("content", "seed", "preset", "message"),
    [
        (b"not a picture", 0, "preview", r"bad\.png"),
        (None, 0, "preview", "Choose an image first"),
        ("picture", -1, "preview", "seed has to be"),
        ("picture", 0, "perfect", "perfect"),
    ],
)
def test_bad_requests_are_answered_with_a_sentence(
    client, picture, tmp_path, content, seed, preset, message
):
    image = None
    if content is not None:
        path = picture if content == "picture" else tmp_path / "bad.png"
        if content != "picture":
            path.write_bytes(content)
        image = handle_file(path)
    with pytest.raises(AppError, match=message):
        client.predict(image, seed, preset, api_name="/compare")


def test_files_of_the_machine_are_not_served(url):
    import httpx

    for path in ("/etc/passwd", str(Path(__file__).resolve())):
        assert httpx.get(f"{url}gradio_api/file={path}").status_code in (403, 404)
