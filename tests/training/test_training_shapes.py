"""Solids against closed forms, shapes against what any shape must be."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training.shapes import CATEGORIES, make_shape
from training.shapes.distance import FAR, Program, cell_centers
from training.shapes.materials import RUBBER
from training.shapes.shape import Part, Shape, to_values
from training.shapes.solids import (
    box,
    ellipsoid,
    frustum,
    mirrored,
    moved,
    prism,
    rod,
    tube,
    turned,
)


def distance(solids, points, carves=()):
    shape = Shape("test", "test", [Part("part", RUBBER, list(solids), list(carves))], {}, [])
    return Program(shape)(torch.as_tensor(points, dtype=torch.float32))[0].numpy()


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


def test_a_rectangular_prism_is_a_box(points):
    outline = [(0.3, 0.2), (-0.3, 0.2), (-0.3, -0.2), (0.3, -0.2)]
    as_box = distance([box((0, 0, 0.1), (0.6, 0.4, 0.8))], points)
    as_prism = distance([prism("z", outline, -0.3, 0.5)], points)
    np.testing.assert_allclose(as_prism, as_box, atol=1e-5)


def test_polygon_sign_agrees_with_an_independent_test(points):
    path = pytest.importorskip("skimage.measure")
    star = [
        (0.8 * r * np.cos(a), 0.8 * r * np.sin(a))
        for a, r in zip(np.arange(10) * np.pi / 5, [1, 0.4] * 5, strict=True)
    ]
    inside = path.points_in_poly(points[:, :2], star)
    found = distance([prism("z", star, -2, 2)], points) < 0
    assert (inside == found).mean() > 0.999  # a point may lie on an edge


def test_a_frustum_is_a_cone_cut_at_both_ends(points):
    radius = 0.5 + (0.2 - 0.5) * (points[:, 1] + 0.6) / 1.2
    inside = (np.hypot(points[:, 0], points[:, 2]) < radius) & (np.abs(points[:, 1]) < 0.6)
    found = distance([frustum((0, -0.6, 0), (0, 0.6, 0), 0.5, 0.2)], points) < 0
    np.testing.assert_array_equal(found, inside)


@pytest.mark.parametrize(
    "solid",
    [
        ellipsoid((0, 0, 0), (0.7, 0.3, 0.2)),
        frustum((0, -0.5, 0), (0.2, 0.5, 0), 0.4, 0.1, aspect=0.6),
        prism(
            "y",
            [(0.5, 0.3), (-0.4, 0.2), (-0.3, -0.4)],
            -0.4,
            0.5,
            scale=(1, 0.3),
            shift=(0.3, 0.1),
        ),
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


def test_bounds_hold_the_solid(points):
    rng = np.random.default_rng(2)
    for _ in range(20):
        a, b = rng.uniform(-0.5, 0.5, (2, 3))
        for solid in (
            rod(a, b, 0.1, 0.05),
            frustum(a, b, 0.1, 0.2, 0.5),
            *turned([box(a, (0.3, 0.2, 0.1)), ellipsoid(a, (0.3, 0.2, 0.1))], "x", 37, b),
        ):
            low, high = solid.bounds()
            inside = points[distance([solid], points) < 0]
            assert (inside >= low - 1e-6).all()
            assert (inside <= high + 1e-6).all()


def test_operators_move_the_field(points):
    solid = box((0.2, 0.1, 0.3), (0.2, 0.3, 0.1), 0.02)
    base = distance([solid], points)
    np.testing.assert_allclose(
        distance(moved([solid], (0.1, -0.2, 0)), points + np.array([0.1, -0.2, 0])),
        base,
        atol=1e-5,
    )
    both = distance(mirrored([solid]), points)
    np.testing.assert_allclose(
        both, np.minimum(base, distance([solid], points * [1, 1, -1])), atol=1e-6
    )
    quarter = np.stack([points[:, 2], points[:, 1], -points[:, 0]], 1)  # +90 degrees about y
    np.testing.assert_allclose(distance(turned([solid], "y", 90), quarter), base, atol=1e-5)


def test_carves_are_taken_away(points):
    d = distance(
        [box((0, 0, 0), (1, 1, 1))], points, carves=[ellipsoid((0, 0, 0), (0.4, 0.4, 0.4))]
    )
    assert (d[np.linalg.norm(points, axis=1) < 0.39] > 0).all()


def test_volume_refinement_equals_brute_force():
    """Coarse to fine must change nothing near the surface, nor any value of the model grid."""
    shape = make_shape("chair", 3)
    program = Program(shape)
    grid, fine, part = shape.volume(64)
    exact, parts = program(cell_centers(64))
    near = exact.abs() < 1.5 / 64
    assert near.sum() > 1000
    torch.testing.assert_close(fine.flatten()[near], exact[near])
    assert (part.flatten()[near] == parts[near]).all()
    assert (fine.flatten().sign() == exact.sign()).all()
    assert (
        fine.flatten().abs() <= exact.abs() + 0.03
    ).all()  # a lower bound, up to the solids' own
    coarse, _ = program(cell_centers(32))
    torch.testing.assert_close(grid, to_values(coarse.view(32, 32, 32)))


def test_no_solid_is_farther_than_far():
    points = torch.tensor([[0.5, 0.5, 0.5], [-0.5, -0.5, -0.5]])
    assert Program(make_shape("table", 0))(points)[0].max() < FAR


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_shape_is_valid(category):
    subtypes = set()
    for seed in range(40):
        shape = make_shape(category, seed)
        grid, _, _ = shape.volume(32)
        full = (grid > 0).numpy()
        assert 0.002 < full.mean() < 0.65
        cells = np.argwhere(full)
        extent = cells.max(0) - cells.min(0) + 1
        # Carves and the bounds of turned solids may cost a cell or two of the longest axis.
        assert 29 <= extent.max() <= 32
        assert shape.captions
        assert all(c == c.strip() and "  " not in c for c in shape.captions)
        assert all(np.isfinite(float(v)) for v in shape.attributes.values())
        subtypes.add(shape.subtype)
    assert len(subtypes) >= 3


def test_same_seed_same_shape_and_different_seeds_differ():
    first, again, other = (make_shape("car", s).volume(32)[0] for s in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_front_and_up():
    """+x is the front and +y is up, by parts whose place everyone knows."""

    def center(shape, name):
        part = next(p for p in shape.parts if p.name == name)
        return np.mean([s.center for s in part.solids], 0)

    for seed in range(30):
        chair, car, plane = (make_shape(c, seed) for c in ("chair", "car", "airplane"))
        if chair.attributes["has_back"]:
            assert center(chair, "back")[0] < center(chair, "seat")[0]
            assert center(chair, "back")[1] > center(chair, "seat")[1]
        assert center(car, "headlamps")[0] > 0 > center(car, "tail lamps")[0]
        assert center(car, "tyres")[1] < center(car, "body")[1]
        assert center(plane, "tail")[0] < center(plane, "fuselage")[0]


def test_captions_agree_with_attributes():
    for seed in range(120):
        chair, boat = make_shape("chair", seed), make_shape("watercraft", seed)
        for caption in chair.captions:
            if "no armrests" in caption:
                assert not chair.attributes["has_arms"]
            elif "armrests" in caption:
                assert chair.attributes["has_arms"]
            if "no back" in caption:
                assert not chair.attributes["has_back"]
        for caption in boat.captions:
            if "no mast" in caption:
                assert boat.attributes["num_masts"] == 0
            elif "one mast" in caption:
                assert boat.attributes["num_masts"] == 1
            elif "two masts" in caption:
                assert boat.attributes["num_masts"] == 2


def test_unknown_category_is_refused():
    with pytest.raises(ValueError, match="Unknown category"):
        make_shape("teapot", 0)


def test_a_bent_tube_passes_through_its_points():
    path = [(0, 0, 0), (0.3, 0, 0), (0.3, 0.4, 0)]
    assert (distance(tube(path, 0.05), np.array(path)) < 0).all()
