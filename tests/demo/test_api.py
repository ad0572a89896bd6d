from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from diffusion.presets import PREVIEW


@pytest.fixture(scope="module")
def client(url):
    return Client(url, verbose=False)


ENDPOINTS = {"/compare", "/interpolate", "/sketch", "/retrieve", "/batch", "/roam", "/attributes"}


def test_exactly_these_endpoints_are_public_and_all_are_documented(client):
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    assert set(endpoints) == ENDPOINTS
    for endpoint in endpoints.values():
        assert "seed" in endpoint["description"] or "k:" in endpoint["description"]
        assert "Returns" in endpoint["description"]


def test_a_batch_gives_the_shapes_of_its_images_one_by_one(client, picture, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not a picture")
    files = [handle_file(picture), handle_file(broken), handle_file(picture)]
    summary, file = client.predict(files, 5, "preview", api_name="/batch")
    first, second, third = summary["images"]
    assert "broken.png" in second["error"]
    assert first["hash"] == third["hash"]
    alone, made = client.predict(handle_file(picture), 5, "preview", api_name="/compare")
    assert first["iou_between"] == alone["iou_between"]
    with np.load(file) as batch, np.load(made[-1]) as one:
        assert batch["occupancy"].shape == (2, 2, 1, 16, 16, 16)
        np.testing.assert_array_equal(batch["occupancy"][:, 0], one["occupancy"])
        assert list(batch["images"]) == [first["image"], third["image"]]


@pytest.mark.parametrize(("count", "message"), [(0, "at least one"), (65, "At most 64")])
def test_a_batch_has_bounds(client, picture, count, message):
    with pytest.raises(AppError, match=message):
        client.predict([handle_file(picture)] * count, 0, "preview", api_name="/batch")


def test_compare_returns_a_summary_and_files_that_load(client, picture):
    summary, files = client.predict(handle_file(picture), 5, "preview", api_name="/compare")
    assert summary["spaces"] == ["clip", "cisp"]
    assert (summary["seed"], summary["resolution"]) == (5, 16)
    assert summary["num_steps"] == PREVIEW.num_steps
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
        ("picture", 1.5, "preview", "seed has to be"),
        ("picture", None, "preview", "seed has to be"),
        ("picture", 0, "perfect", "perfect"),
        ("picture", 0, None, "quality has to be one of preview, standard, full"),
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
