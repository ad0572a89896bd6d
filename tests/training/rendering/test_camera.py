"""Cameras: projection, framing, and the metadata of 3D-R2N2 against its true pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from diffusion.grids.from_mesh import distance_values
from training.data.binvox import read_binvox
from training.data.r2n2 import CATEGORIES
from training.rendering.camera import (
    DRAWN,
    Camera,
    camera_of_metadata,
    cast_rays,
    diagonal,
    drawing_camera,
    r2n2_camera,
    random_metadata,
    wide_camera,
)
from training.rendering.lighting import Lighting
from training.rendering.renderer import Scene, render
from training.shapes.materials import RUBBER

PAIRS = Path(__file__).parents[3].parent / "shared" / "data" / "r2n2_pairs"


def test_a_point_projects_to_the_pixel_whose_ray_meets_it():
    rng = np.random.default_rng(0)
    for _ in range(10):
        camera = Camera(
            rng.uniform(0, 360), rng.uniform(-80, 90), 2.0, (0.02, -0.03, 0.3), rng.uniform(-20, 20)
        )
        origins, directions = cast_rays([camera], 64)
        i, j = rng.integers(64, size=2)
        point = (origins[0] + 1.7 * directions[0, i, j]).numpy()
        x, y = camera.project(point[None])[0]
        assert abs((x - 0.02) / 0.3 - ((j + 0.5) / 32 - 1)) < 1e-4
        assert abs(-(y + 0.03) / 0.3 - ((i + 0.5) / 32 - 1)) < 1e-4


def test_azimuth_zero_looks_at_the_front_and_right_is_right():
    """From the front (+x), the object's right-hand side (+z) appears on the left of the picture."""
    camera = Camera(0, 0, 3, (0, 0, 1))
    np.testing.assert_allclose(camera.basis()[2], [1, 0, 0], atol=1e-9)
    assert camera.project(np.array([[0, 0, 0.3]]))[0, 0] < 0
    assert camera.project(np.array([[0, 0.3, 0]]))[0, 1] > 0


def test_framed_cameras_hold_the_object():
    rng = np.random.default_rng(1)
    points = rng.uniform(-0.5, 0.5, (50, 3)) * [1, 0.3, 0.6]
    for make in (r2n2_camera, wide_camera, lambda r, p: drawing_camera(r, p, "chair")):
        camera = make(rng, points)
        x, y, half = camera.window
        off = np.abs(camera.project(points) - [x, y]) / half
        assert 0.85 < off.max() < 1
        assert camera.distance > np.sqrt(3) / 2


def test_every_category_has_views_that_people_draw():
    assert set(DRAWN) == set(CATEGORIES.values())
    points = np.random.default_rng(2).uniform(-0.5, 0.5, (20, 3))
    seen = [drawing_camera(np.random.default_rng(s), points, "rifle").azimuth for s in range(20)]
    assert all(abs(np.cos(np.deg2rad(azimuth))) < 0.4 for azimuth in seen)  # from a side
    drawing_camera(np.random.default_rng(0), points, "teapot")


def test_metadata_is_drawn_as_r2n2_draws_it_and_bad_lines_are_refused():
    rng = np.random.default_rng(3)
    rows = np.array([random_metadata(rng) for _ in range(300)])
    assert rows[:, 0].min() < 30
    assert rows[:, 0].max() > 330
    assert (rows[:, 1] >= 25).all()
    assert (rows[:, 1] <= 30).all()
    assert (rows[:, 2] == 0).all()
    for row in ((1, 2, 3), (0, 25, 0, np.nan, 25), (0, 25, 0, 0.1, 25)):
        with pytest.raises(ValueError, match=r"metadata|inside"):
            camera_of_metadata(row, 1.2)


@pytest.mark.skipif(not PAIRS.is_dir(), reason="needs the true R2N2 samples")
def test_grids_seen_by_their_metadata_cameras_cover_the_true_pictures():
    means, worst = [], []
    for path in sorted(PAIRS.glob("ShapeNetVox32/*/*/model.binvox")):
        occupancy = read_binvox(path)
        cells = np.argwhere(occupancy)
        across = diagonal(np.concatenate([cells, cells + 1]))
        folder = PAIRS / "ShapeNetRendering" / path.parent.parent.name / path.parent.name
        lines = (folder / "rendering" / "rendering_metadata.txt").read_text().splitlines()
        rows = [[float(number) for number in line.split()] for line in lines][::6]
        cameras = [camera_of_metadata(row, across) for row in rows]
        scene = Scene.of_grid(torch.from_numpy(distance_values(occupancy)), RUBBER)
        rgba = render(scene, cameras, [Lighting((0, 1, 0))] * len(rows), 137).rgba
        overlaps = []
        for view, ours in zip(range(0, 24, 6), rgba[..., 3].numpy() > 0.5, strict=True):
            with Image.open(folder / "rendering" / f"{view:02}.png") as image:
                true = np.asarray(image.convert("RGBA"))[..., 3] > 127
            overlaps.append((ours & true).sum() / (ours | true).sum())
        means.append(np.mean(overlaps))
        worst.append(min(overlaps))
    assert len(means) == 7
    assert np.mean(means) >= 0.80
    assert min(worst) >= 0.55
