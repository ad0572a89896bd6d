"""The renderer against closed forms and an independent ray caster."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training.camera import Camera, cast_rays, framed
from training.render import Lighting, Scene, render
from training.shapes import make_shape
from training.shapes.distance import cell_centers
from training.shapes.materials import RUBBER
from training.shapes.shape import Material
from training.sketch import Hand, draw, edges

LIGHT = Lighting((0.3, 0.9, 0.3))


def sphere_scene(radius: float) -> Scene:
    distance = (cell_centers(64).norm(dim=1) - radius).view(64, 64, 64)
    return Scene(distance, lambda p: torch.zeros(len(p), dtype=torch.long), [RUBBER])


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


def test_a_sphere_has_the_outline_depth_and_normals_of_a_sphere():
    radius, distance, size = 0.4, 2.5, 96
    camera = Camera(30, 20, distance, (0, 0, 0.25))
    buffers = render(sphere_scene(radius), [camera], [LIGHT], size)
    line = (np.arange(size) + 0.5) / size * 2 - 1
    tangent = 0.25 * np.hypot(*np.meshgrid(line, line))
    limit = radius / np.sqrt(distance**2 - radius**2)
    found = buffers.part[0].numpy() >= 0
    assert abs(found.sum() / (tangent < limit).sum() - 1) < 0.03  # fattened by a quarter of a cell
    depth = buffers.depth[0, size // 2, size // 2].item()
    assert abs(depth - (distance - radius)) < 0.01
    origins, directions = cast_rays([camera], size)
    points = origins[0] + buffers.depth[0][..., None] * directions[0]
    inner = torch.as_tensor(tangent < 0.9 * limit)
    expected = torch.nn.functional.normalize(points[inner], dim=1)
    assert (buffers.normal[0][inner] * expected).sum(1).min() > 0.97


def test_silhouettes_agree_with_an_independent_ray_caster():
    """Marching cubes of the same field, cast with embree, must cover the same pixels."""
    trimesh = pytest.importorskip("trimesh")
    pytest.importorskip("embreex")
    measure = pytest.importorskip("skimage.measure")
    overlaps = []
    for category, seed in (
        ("chair", 1),
        ("airplane", 2),
        ("car", 3),
        ("table", 4),
        ("watercraft", 5),
    ):
        shape = make_shape(category, seed)
        grid, distance, _ = shape.volume(64)
        points = (np.argwhere(grid.numpy() > 0) + 0.5) / 32 - 0.5
        camera = framed(40 * seed, 20, 2.0, points, 0.05)
        buffers = render(Scene.of_shape(shape, distance), [camera], [LIGHT], 96)
        ours = buffers.part[0].numpy() >= 0
        level = 0.25 / 64
        vertices, faces, _, _ = measure.marching_cubes(distance.numpy(), level)
        mesh = trimesh.Trimesh((vertices + 0.5) / 64 - 0.5, faces)
        origins, directions = cast_rays([camera], 96)
        rays = directions.reshape(-1, 3).numpy()
        theirs = mesh.ray.intersects_any(np.tile(origins.numpy(), (len(rays), 1)), rays).reshape(
            96, 96
        )
        overlaps.append((ours & theirs).sum() / (ours | theirs).sum())
    assert min(overlaps) > 0.95
    assert np.mean(overlaps) > 0.97


def test_views_of_a_batch_are_the_views_alone():
    shape = make_shape("car", 9)
    _, distance, _ = shape.volume(64)
    scene = Scene.of_shape(shape, distance)
    cameras = [Camera(a, 20, 2.2, (0, 0, 0.3)) for a in (0, 100)]
    both = render(scene, cameras, [LIGHT, LIGHT], 48).rgba
    alone = render(scene, cameras[1:], [LIGHT], 48).rgba
    torch.testing.assert_close(both[1:], alone, atol=2e-3, rtol=0)


def test_colours_come_from_materials():
    red = Material("red", (0.8, 0.02, 0.02), 0.0)
    grid = torch.full((32, 32, 32), -1.0)
    grid[8:24, 8:24, 8:24] = 1.0
    rgba = render(Scene.of_grid(grid, red), [Camera(30, 30, 3, (0, 0, 0.3))], [LIGHT], 48).rgba[0]
    seen = rgba[rgba[..., 3] > 0.9]
    assert len(seen) > 200
    assert (seen[:, 0] > 1.5 * seen[:, 1]).all()
    assert (rgba[0, 0] == 0).all()


def test_edges_of_a_box_are_its_outline_and_creases():
    grid = torch.full((32, 32, 32), -1.0)
    grid[8:24, 8:24, 8:24] = 1.0
    scene = Scene.of_grid(grid, RUBBER)
    buffers = render(scene, [Camera(45, 30, 3, (0, 0, 0.3))], [LIGHT], 192)
    outline, creased = (edges(buffers, detail)[0] for detail in (0, 1))
    inside = buffers.part[0] >= 0
    core = torch.nn.functional.max_pool2d((~inside).float()[None], 17, 1, 8)[0] == 0
    assert outline[core].sum() < 0.2 * creased[core].sum()  # creases are left out
    # Three edges meet in front: lines, each about as long as a face, one or two pixels wide.
    assert 0.5 < creased[core].sum() / (3 * core.sum() / 3) ** 0.5 < 6


def test_drawings_are_black_ink_and_repeatable():
    shape = make_shape("chair", 12)
    grid, distance, _ = shape.volume(64)
    points = (np.argwhere(grid.numpy() > 0) + 0.5) / 32 - 0.5
    buffers = render(
        Scene.of_shape(shape, distance), [framed(60, 10, 3, points, 0.05)], [LIGHT], 96
    )
    hand = Hand(detail=2, wobble=0.01, missing=0.05, doubled=True, width=1.5)
    one, two, other = (draw(buffers, 0, hand, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert (one[..., :3] == 0).all()
    ink = one[..., 3]
    assert 0.02 < (ink > 0.5).float().mean() < 0.4
    clean = edges(buffers, 2)[0]
    near = torch.nn.functional.max_pool2d(clean[None], 15, 1, 7)[0] > 0
    assert near[ink > 0.5].float().mean() > 0.95  # a shaky hand, but on the object's lines
