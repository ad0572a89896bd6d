"""Solids, outlines and operators against closed forms; refinement against brute force."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from diffusion.grids.from_mesh import voxelize
from training.shapes import make_shape
from training.shapes.distance import FAR, Program, cell_centers
from training.shapes.materials import RUBBER
from training.shapes.operators import around, mirrored, moved, repeated, scaled, tube, turned
from training.shapes.outlines import arc, band, curve, ellipse, rectangle, symmetric
from training.shapes.part import Part
from training.shapes.shape import Shape
from training.shapes.solids import box, ellipsoid, frustum, lathe, loft, prism, rod, slab

STAR = [
    (0.8 * r * np.cos(a), 0.8 * r * np.sin(a))
    for a, r in zip(np.arange(10) * np.pi / 5, [1, 0.4] * 5, strict=True)
]


def shape_of(solids, carves=(), blend=0.0):
    return Shape("test", "test", [Part("part", RUBBER, list(solids), list(carves), blend)], {})


def distance(solids, points, carves=(), blend=0.0):
    program = Program(shape_of(solids, carves, blend).parts)
    return program(torch.as_tensor(points, dtype=torch.float32))[0].numpy()


@pytest.fixture(scope="module")
def points():
    return np.random.default_rng(0).uniform(-1, 1, (4000, 3))


def test_sphere_and_rod_have_their_closed_forms(points):
    radius = np.linalg.norm(points - [0.1, 0.2, -0.1], axis=1)
    np.testing.assert_allclose(
        distance([ellipsoid((0.1, 0.2, -0.1), (0.4, 0.4, 0.4))], points), radius - 0.4, atol=1e-5
    )
    a, b = np.array([-0.5, -0.2, 0.1]), np.array([0.3, 0.4, 0.5])
    t = np.clip((points - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
    expected = np.linalg.norm(points - (a + t[:, None] * (b - a)), axis=1) - 0.1
    np.testing.assert_allclose(distance([rod(a, b, 0.1)], points), expected, atol=1e-5)


def test_box_distance_is_that_to_its_nearest_point(points):
    half = np.array([0.3, 0.2, 0.4])
    outside = np.linalg.norm(points - np.clip(points, -half, half), axis=1)
    inside = (half - np.abs(points)).min(1)
    expected = np.where((np.abs(points) < half).all(1), -inside, outside)
    np.testing.assert_allclose(distance([box((0, 0, 0), 2 * half)], points), expected, atol=1e-5)
    np.testing.assert_allclose(distance([slab(half, -half)], points), expected, atol=1e-5)


@pytest.mark.parametrize("extra", [[], STAR])
def test_a_rectangular_prism_is_a_box(points, extra):
    """Also in a batch with polygons of more vertices, whose padding it shares."""
    outline = rectangle(0.6, 0.4)
    as_box = distance([box((0, 0, 0.1), (0.6, 0.4, 0.8))], points)
    solids = [prism("z", outline, -0.3, 0.5)]
    if extra:
        far = prism("z", np.array(extra) + 50, -0.3, 0.5)
        solids.append(far)
    np.testing.assert_allclose(distance(solids, points), as_box, atol=1e-5)


def test_polygon_sign_agrees_with_an_independent_test(points):
    path = pytest.importorskip("skimage.measure")
    inside = path.points_in_poly(points[:, :2], STAR)
    found = distance([prism("z", STAR, -2, 2)], points) < 0
    assert (inside == found).mean() > 0.999  # a point may lie on an edge


def test_a_frustum_is_a_cone_cut_at_both_ends(points):
    radius = 0.5 + (0.2 - 0.5) * (points[:, 1] + 0.6) / 1.2
    inside = (np.hypot(points[:, 0], points[:, 2]) < radius) & (np.abs(points[:, 1]) < 0.6)
    found = distance([frustum((0, -0.6, 0), (0, 0.6, 0), 0.5, 0.2)], points) < 0
    np.testing.assert_array_equal(found, inside)


def test_a_lathed_cone_is_a_frustum(points):
    profile = [(0.5, -0.6), (0.2, 0.6)]
    found = distance([lathe(profile)], points)
    expected = distance([frustum((0, -0.6, 0), (0, 0.6, 0), 0.5, 0.2)], points)
    np.testing.assert_array_equal(found < 0, expected < 0)
    ball = np.stack([0.5 * np.cos(a := np.linspace(-1.57, 1.57, 16)), 0.5 * np.sin(a)], 1)
    radius = np.linalg.norm(points - [0.1, 0.0, 0.2], axis=1)
    found = distance([lathe(ball, (0.1, 0, 0.2), (1, 1, 0))], points)
    np.testing.assert_allclose(found, radius - 0.5, atol=0.01)  # 16 points make no perfect circle


def test_a_shell_has_the_wall_it_was_given():
    shade = lathe([(0.5, -0.5), (0.5, 0.5)], thickness=0.1)
    d = distance([shade], np.array([[0.45, 0, 0], [0.35, 0, 0], [0, 0.45, 0.45], [0.55, 0, 0]]))
    np.testing.assert_allclose(d, [-0.05, 0.05, -0.05, 0.05], atol=1e-5)


def test_a_flat_roof_is_as_wide_as_it_is(points):
    """Against the distance to points on its faces: an eave must not grow by the slope."""
    roof = loft("y", rectangle(1.2, 1.2), rectangle(0.2, 0.2), -0.1, 0.1)
    side = np.array(
        [[x, y, z] for y, r in ((-0.1, 0.6), (0.1, 0.1)) for x, z in rectangle(2 * r, 2 * r)]
    )
    weights = np.random.default_rng(3).dirichlet(np.full(4, 0.3), 60_000)
    faces = [
        side[:4],
        side[4:],
        *(side[[k, (k + 1) % 4, k + 4, (k + 1) % 4 + 4]] for k in range(4)),
    ]
    surface = np.concatenate([weights[:10_000] @ face for face in faces])
    near = points * [0.8, 0.2, 0.8]
    exact = cKDTree(surface).query(near)[0]
    found = np.abs(distance([roof], near))
    close = (exact > 0.01) & (exact < 0.08)
    assert close.sum() > 500
    assert np.median(np.abs(found / exact - 1)[close]) < 0.05
    ratio = found[close] / exact[close]
    assert np.quantile(ratio, 0.05) > 0.7
    assert np.quantile(ratio, 0.99) < 1.05


def test_a_loft_joins_its_ends(points):
    """A square that grows into one twice as large is a cut pyramid."""
    small, large = rectangle(0.4, 0.4), rectangle(0.8, 0.8)
    found = distance([loft("y", small, large, -0.5, 0.5)], points) < 0
    half = 0.2 + 0.2 * (points[:, 1] + 0.5)
    expected = (np.abs(points[:, [0, 2]]).max(1) < half) & (np.abs(points[:, 1]) < 0.5)
    np.testing.assert_array_equal(found, expected)
    with pytest.raises(ValueError, match="low up to high"):
        loft("y", small, large, 0.5, -0.5)
    with pytest.raises(ValueError, match="as many vertices"):
        loft("y", small, ellipse(1, 1), -0.5, 0.5)


@pytest.mark.parametrize(
    "solid",
    [
        ellipsoid((0, 0, 0), (0.7, 0.3, 0.2)),
        frustum((0, -0.5, 0), (0.2, 0.5, 0), 0.4, 0.1, aspect=0.6),
        prism("y", [(0.5, 0.3), (-0.4, 0.2), (-0.3, -0.4)], -0.4, 0.5, (1, 0.3), (0.3, 0.1)),
        loft("x", rectangle(0.6, 0.2), rectangle(0.1, 0.9), -0.3, 0.3),
        loft("y", rectangle(0.9, 0.9), rectangle(0.1, 0.1), -0.05, 0.05),
        lathe([(0.1, -0.5), (0.5, -0.1), (0.2, 0.5)], aspect=0.5),
        rod((0, 0, 0), (0.5, 0.5, 0), 0.2, 0.05),
    ],
)
def test_approximate_distances_never_step_through_the_surface(solid, points):
    """Sphere tracing is safe when |distance| is at most the true one to the nearest sign change."""
    d = distance([solid], points)
    rng = np.random.default_rng(1)
    way = rng.normal(size=points.shape)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    stepped = distance([solid], points + 0.9 * np.abs(d)[:, None] * way)
    assert ((d > 0) & (stepped < -0.02)).mean() < 1e-3


def test_bounds_are_tight():
    """They hold the solid without slack, as shapes are scaled by them to span the grid."""
    rng = np.random.default_rng(2)
    cloud = rng.uniform(-1.2, 1.2, (400_000, 3))
    for _ in range(4):
        a, b = rng.uniform(-0.4, 0.4, (2, 3))
        solids = [
            rod(a, b, 0.1, 0.05),
            frustum(a, b, 0.1, 0.3, 0.5),
            lathe([(0.1, -0.5), (0.5, -0.1), (0.2, 0.5)], a, b, aspect=0.5),
            *turned([box(a, (0.5, 0.4, 0.3)), ellipsoid(a, (0.5, 0.3, 0.2))], "x", 37, b),
            *turned([loft("x", rectangle(0.6, 0.3), rectangle(0.3, 0.9), -0.3, 0.3)], "z", 20),
        ]
        for solid in solids:
            low, high = solid.bounds()
            inside = cloud[distance([solid], cloud) < 0]
            assert (inside >= low - 1e-6).all()
            assert (inside <= high + 1e-6).all()
            assert np.abs(inside.min(0) - low).max() < 0.06  # as near as random points come
            assert np.abs(inside.max(0) - high).max() < 0.06


def test_operators_move_the_field(points):
    solid = box((0.2, 0.1, 0.3), (0.2, 0.3, 0.1), 0.02)
    base = distance([solid], points)
    shifted = distance(moved([solid], (0.1, -0.2, 0)), points + np.array([0.1, -0.2, 0]))
    np.testing.assert_allclose(shifted, base, atol=1e-5)
    both = distance(mirrored([solid]), points)
    other = distance([solid], points * [1, 1, -1])
    np.testing.assert_allclose(both, np.minimum(base, other), atol=1e-6)
    quarter = np.stack([points[:, 2], points[:, 1], -points[:, 0]], 1)  # +90 degrees about y
    np.testing.assert_allclose(distance(turned([solid], "y", 90), quarter), base, atol=1e-5)
    four = distance(around([solid], 4), points)
    np.testing.assert_allclose(distance(around([solid], 4), quarter), four, atol=1e-5)
    row = distance(repeated([solid], (0.5, 0, 0), 2), points)
    second = distance([solid], points - [0.5, 0, 0])
    np.testing.assert_allclose(row, np.minimum(base, second), atol=1e-5)


@pytest.mark.parametrize(
    "solid",
    [
        box((0.2, 0.1, 0.3), (0.2, 0.3, 0.1), 0.02),
        frustum((0, -0.5, 0), (0.2, 0.5, 0), 0.4, 0.1, aspect=0.6),
        loft("x", rectangle(0.6, 0.2), rectangle(0.1, 0.9), -0.3, 0.3, 0.05),
        lathe([(0.1, -0.5), (0.5, -0.1), (0.2, 0.5)], aspect=0.5),
    ],
)
def test_scaling_scales_distances(solid, points):
    about = np.array([0.1, 0.2, -0.3])
    found = distance(scaled([solid], 0.5, about), (points - about) * 0.5 + about)
    np.testing.assert_allclose(found, 0.5 * distance([solid], points), atol=1e-5)


def test_a_bent_tube_passes_through_its_points():
    path = curve([(0, 0, 0), (0.3, 0, 0), (0.3, 0.4, 0)], 9)
    np.testing.assert_allclose(path[[0, 4, 8]], [(0, 0, 0), (0.3, 0, 0), (0.3, 0.4, 0)], atol=1e-9)
    assert (distance(tube(path, 0.05), path) < 0).all()


def test_outlines_have_the_areas_of_what_they_are():
    def area(polygon):
        x, y = np.asarray(polygon).T
        return abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2

    assert np.isclose(area(rectangle(0.4, 0.3)), 0.12)
    rounded = 0.12 - 0.1**2 * (4 - 2 * 2**0.5)  # three points a corner make an octagon of it
    assert np.isclose(area(rectangle(0.4, 0.3, 0.1, (1, 2))), rounded)
    assert abs(area(ellipse(0.4, 0.3, 24)) / (np.pi * 0.12) - 1) < 0.02
    assert np.isclose(area(band([(0, 0), (1, 0), (2, 0)], 0.1)), 0.2)
    assert np.isclose(area(symmetric([(1, 0.5), (-1, 0.5)])), 2)
    assert np.allclose(np.linalg.norm(arc(0.5, 0, 90, 5, (1, 1)) - 1, axis=1), 0.5)


def test_carves_are_taken_away(points):
    ball = ellipsoid((0, 0, 0), (0.4, 0.4, 0.4))
    d = distance([box((0, 0, 0), (1, 1, 1))], points, carves=[ball])
    assert (d[np.linalg.norm(points, axis=1) < 0.39] > 0).all()


def test_a_blend_fills_the_joint_and_leaves_the_rest(points):
    cross = [rod((-0.5, 0, 0), (0.5, 0, 0), 0.1), rod((0, -0.5, 0), (0, 0.5, 0), 0.1)]
    sharp, smooth = distance(cross, points), distance(cross, points, blend=0.05)
    assert (smooth <= sharp + 1e-6).all()
    assert (smooth >= sharp - 0.05 * np.log(2) - 1e-6).all()
    tip = np.array([[0.5, 0.0, 0.05]])
    np.testing.assert_allclose(distance(cross, tip, blend=0.05), distance(cross, tip), atol=1e-3)


@pytest.mark.parametrize(("category", "seed"), [("chair", 3), ("car", 5), ("watercraft", 8)])
def test_volume_refinement_equals_brute_force(category, seed):
    """Coarse to fine and leaving far solids out must change nothing near the surface."""
    shape = make_shape(category, seed)
    program = Program(shape.parts)
    _, fine, part = shape.volume(64)
    exact, parts = program(cell_centers(64))
    near = exact.abs() < 1.5 / 64
    assert near.sum() > 1000
    torch.testing.assert_close(fine.flatten()[near], exact[near], atol=1e-5, rtol=0)
    assert (part.flatten()[near] == parts[near]).float().mean() > 0.999  # two may be as near
    assert (fine.flatten().sign() == exact.sign()).all()
    assert (fine.flatten().abs() <= exact.abs() + 0.03).all()


def test_grids_agree_with_the_voxeliser_of_meshes():
    """A cell is full when the surface passes through it, for procedural shapes as for real ones."""
    measure = pytest.importorskip("skimage.measure")
    solids = [
        frustum((0, 0, 0), (0.1, 1, 0.2), 0.3, 0.1),
        *tube([(0.2, 0.5, 0), (1, 0.9, 0)], 0.04),
    ]
    solids += turned([slab((-0.5, -0.02, -0.5), (0.5, 0.02, 0.5))], "x", 30)
    grid, fine, _ = shape_of(solids).normalised().volume(256)
    padded = np.pad(fine.numpy(), 1, constant_values=1)
    vertices, faces, _, _ = measure.marching_cubes(padded, 0)
    expected = voxelize(vertices, faces, 32)
    found = grid.numpy() > 0
    assert (found & expected).sum() / (found | expected).sum() > 0.93
    assert 0.95 < found.sum() / expected.sum() < 1.07


def test_grid_values_are_truncated_distances():
    """Half a cell beyond a face the value is 0, and it falls by 1 every TRUNCATION cells."""
    grid, _, _ = shape_of([box((0, 0, 0), (1, 0.5, 0.5))]).normalised().volume()
    line = grid[16, :, 16].numpy() * 2  # in cells; faces at cells 8 and 24
    np.testing.assert_allclose(line[5:8], [-2, -1.025, -0.025], atol=0.06)
    np.testing.assert_allclose(line[8:10], [0.975, 1.975], atol=0.06)


def test_no_solid_is_farther_than_far():
    points = torch.tensor([[0.5, 0.5, 0.5], [-0.5, -0.5, -0.5]])
    assert Program(make_shape("table", 0).parts)(points)[0].max() < FAR
