"""The renderer against closed forms and an independent ray caster."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training.rendering.camera import Camera, cast_rays, framed
from training.rendering.lighting import TEXTURES, Lighting, random_lighting, texture
from training.rendering.renderer import Scene, look, render
from training.rendering.tracing import slopes, thickened
from training.shapes import CATEGORIES, make_shape
from training.shapes.distance import cell_centers
from training.shapes.materials import RUBBER, Material

LIGHT = Lighting((0.3, 0.9, 0.3))


def sphere_scene(radius: float) -> Scene:
    distance = (cell_centers(64).norm(dim=1) - radius).view(64, 64, 64)
    return Scene.of_distance(distance, RUBBER)


def cast(mesh, camera: Camera, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Depth (0 where nothing is) and normals by embree."""
    origins, directions = cast_rays([camera], size)
    rays = directions.reshape(-1, 3).double().numpy()
    starts = np.tile(origins.double().numpy(), (len(rays), 1))
    places, ray, face = mesh.ray.intersects_location(starts, rays, multiple_hits=False)
    depth, normal = np.zeros(size * size), np.zeros((size * size, 3))
    depth[ray] = np.linalg.norm(places - starts[ray], axis=1)
    normal[ray] = mesh.face_normals[face]
    away = (normal * rays).sum(1) > 0  # triangles of any winding
    normal[away] *= -1
    return depth.reshape(size, size), normal.reshape(size, size, 3)


def test_a_sphere_has_the_outline_depth_and_normals_of_a_sphere():
    radius, distance, size = 0.4, 2.5, 96
    camera = Camera(30, 20, distance, (0, 0, 0.25))
    buffers = render(sphere_scene(radius), [camera], [LIGHT], size)
    line = (np.arange(size) + 0.5) / size * 2 - 1
    tangent = 0.25 * np.hypot(*np.meshgrid(line, line))
    limit = radius / np.sqrt(distance**2 - radius**2)
    found = buffers.part[0].numpy() >= 0
    assert abs(found.sum() / (tangent < limit).sum() - 1) < 0.01
    # Coverage at the rim is what a pixel there is worth: the area is right below a pixel.
    area = buffers.rgba[0, ..., 3].sum().item() * (0.5 / size) ** 2
    assert abs(area / (np.pi * limit**2) - 1) < 0.02
    depth = buffers.depth[0, size // 2, size // 2].item()
    assert abs(depth - (distance - radius)) < 0.003
    origins, directions = cast_rays([camera], size)
    points = origins[0] + buffers.depth[0][..., None] * directions[0]
    inner = torch.as_tensor(tangent < 0.9 * limit)
    expected = torch.nn.functional.normalize(points[inner], dim=1)
    assert (buffers.normal[0][inner] * expected).sum(1).min() > 0.97


@pytest.mark.slow
def test_silhouettes_depth_and_normals_agree_with_an_independent_ray_caster():
    """Marching cubes of the same solids, twice as fine, cast with embree: two of each kind."""
    trimesh = pytest.importorskip("trimesh")
    pytest.importorskip("embreex")
    measure = pytest.importorskip("skimage.measure")
    overlaps, angles, right = [], [], []
    for number in range(26):
        shape = make_shape(CATEGORIES[number % len(CATEGORIES)], 100 + number)
        _, fine, _ = shape.volume(256)
        vertices, faces, _, _ = measure.marching_cubes(fine.numpy(), 0)
        mesh = trimesh.Trimesh((vertices + 0.5) / 256 - 0.5, faces, process=False)
        camera = framed(40 * number, 20, 2.0, mesh.vertices, 0.05)
        buffers = look(Scene.of_shape(shape, shape.volume(64)[1]), [camera], 112)
        ours = buffers.part[0].numpy() >= 0
        depth, normal = cast(mesh, camera, 112)
        both = ours & (depth > 0)
        overlaps.append(both.sum() / (ours | (depth > 0)).sum())
        cosine = (buffers.normal[0].numpy() * normal).sum(-1)[both]
        angles.append(np.degrees(np.median(np.arccos(cosine.clip(-1, 1)))))
        right.append(np.mean(np.abs(buffers.depth[0].numpy() - depth)[both] < 0.015))
    assert np.mean(overlaps) >= 0.98
    assert np.min(overlaps) > 0.85  # marching cubes lose wing edges thinner than their cells
    assert np.max(angles) < 10
    assert np.mean(right) > 0.95


def test_parts_too_thin_for_the_grid_are_seen_and_are_not_fattened():
    """A plate of a third of a cell, and a rod of half a cell, at twenty offsets."""
    exact = lambda p: (p[:, 1].abs() - 1 / 400, torch.zeros(len(p), dtype=torch.long))  # noqa: E731
    camera = Camera(0, 0, 3, (0, 0, 0.1))
    heights = []
    for offset in np.linspace(0, 1 / 64, 20):

        def shifted(p: torch.Tensor, offset=offset):
            return exact(p - torch.tensor([0.0, float(offset), 0.0]))

        distance = shifted(cell_centers(64))[0].view(64, 64, 64)
        distance = torch.maximum(distance, cell_centers(64)[:, 2].view(64, 64, 64).abs() - 0.3)
        scene = Scene(distance, shifted, [RUBBER])
        alpha = look(scene, [camera], 100).rgba[0, ..., 3]
        heights.append(alpha[:, 50].sum().item())  # pixels of 0.006 at the middle
    # Its front edge is 2.5 units away: a pixel is 0.005 there.
    assert np.mean(heights) == pytest.approx(1 / 200 / 0.005, abs=0.5)
    assert np.min(heights) > 0.4


def test_thickening_leaves_thick_things_alone():
    distance = sphere_scene(0.3).distance
    change = (thickened(distance, slopes(distance)) - distance).abs()
    near = distance.abs() < 0.02
    assert change[near].max() < 2e-4
    plate = cell_centers(64)[:, 1].view(64, 64, 64).abs() - 0.002
    assert (plate > 0).all()  # no cell knows that it exists
    assert (thickened(plate, slopes(plate)) < 0).any()


def test_views_of_a_batch_are_the_views_alone():
    shape = make_shape("car", 9)
    _, distance, _ = shape.volume(64)
    scene = Scene.of_shape(shape, distance)
    cameras = [Camera(a, 20, 2.2, (0, 0, 0.3 + a / 2000)) for a in (0, 100)]
    both = render(scene, cameras, [LIGHT, LIGHT], 48)
    alone = render(scene, cameras[1:], [LIGHT], 48)
    torch.testing.assert_close(both.rgba[1:], alone.rgba, atol=2e-3, rtol=0)
    shapes = look(scene, cameras, 48)
    assert torch.equal(shapes.part, both.part)
    assert torch.equal(shapes.depth, both.depth)
    assert (shapes.rgba[..., :3] == 0).all()


def test_colours_come_from_materials():
    red = Material("red", (0.8, 0.02, 0.02), 0.0)
    grid = torch.full((32, 32, 32), -1.0)
    grid[8:24, 8:24, 8:24] = 1.0
    rgba = render(Scene.of_grid(grid, red), [Camera(30, 30, 3, (0, 0, 0.3))], [LIGHT], 48).rgba[0]
    seen = rgba[rgba[..., 3] > 0.9]
    assert len(seen) > 200
    assert (seen[:, 0] > 1.5 * seen[:, 1]).all()
    assert (rgba[0, 0] == 0).all()


def test_light_shadow_and_a_second_light():
    """A ball is bright towards the light; a roof keeps the key light from what is below it."""
    material = Material("grey", (0.5, 0.5, 0.5), 0.0)
    ball = Scene.of_distance(sphere_scene(0.3).distance, material)
    camera = Camera(0, 0, 3, (0, 0, 0.2))
    left = (0.3, 0.1, 0.95)  # +z is on the left, seen from the front
    key = render(ball, [camera], [Lighting(left, 0.8, 0.2, 0.0)], 48).rgba[0]
    assert key[24, 16, 0] > 1.5 * key[24, 32, 0]
    rim = render(ball, [camera], [Lighting(left, 0.8, 0.2, 0.0, 0.6)], 48).rgba[0]
    assert rim[24, 33, 0] > key[24, 33, 0] + 0.05
    warm = render(ball, [camera], [Lighting(left, 0.8, 0.2, tint=(1.2, 1, 0.8))], 48).rgba[0]
    assert warm[24, 16, 0] > warm[24, 16, 2] + 0.05

    cells = cell_centers(64)
    floor = (cells[:, 1] + 0.3).abs() - 0.05
    roof = torch.maximum((cells[:, 1] - 0.1).abs() - 0.05, cells[:, [0, 2]].abs().amax(1) - 0.25)
    scenes = [
        Scene.of_distance(d.view(64, 64, 64), material) for d in (floor, torch.minimum(floor, roof))
    ]
    above = [Lighting((0.0, 1.0, 0.0), 0.9, 0.1, 0.0)]
    low = Camera(0, 12, 3, (0, -0.09, 0.02))  # the floor below the roof fills the picture
    free, shaded = (render(scene, [low], above, 16).rgba[0, 8, 8, 0] for scene in scenes)
    assert shaded < 0.7 * free


@pytest.mark.parametrize("name", TEXTURES)
def test_textures_vary_around_one_and_only_where_they_belong(name):
    points = cell_centers(24)
    part = (points[:, 0] > 0).long()
    materials = [Material("a", (0.5,) * 3, 0.1, name), Material("b", (0.5,) * 3, 0.1)]
    factor = texture(materials, points, part)
    assert (factor[part == 1] == 1).all()
    mine = factor[part == 0]
    assert mine.min() >= 0.3 and mine.max() <= 1.5  # noqa: PT018
    assert (mine.std() > 0.01) == (name != "plain")
    with pytest.raises(ValueError, match="Unknown texture"):
        texture([Material("c", (0.5,) * 3, 0.1, "tartan")], points, part)


def test_random_lights_shine_mostly_from_above():
    rng = np.random.default_rng(0)
    lights = [random_lighting(rng) for _ in range(100)]
    assert np.mean([light.direction[1] > 0 for light in lights]) > 0.75
    assert 0.3 < np.mean([light.rim > 0 for light in lights]) < 0.7
