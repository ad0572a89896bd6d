"""Drawings: regions, strokes, and what a hand makes of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from training.rendering.camera import Camera, drawing_camera
from training.rendering.drawing import Hand, draw, draw_strokes, ink, line_work
from training.rendering.regions import dissolve, mirrored, regions, thickness, without_specks
from training.rendering.renderer import Scene, look
from training.rendering.strokes import borders, length_of, middles, smoothed, trace_graph
from training.shapes import CATEGORIES, make_shape
from training.shapes.distance import cell_centers
from training.shapes.materials import RUBBER

STEADY = Hand(detail=2, wobble=0.0, missing=0.0, doubled=False, width=1.5, gap=0.0)


def box_view(size: int = 160):
    """A box seen from a corner: three faces, nine edges."""
    gaps = cell_centers(128).abs() - 0.25
    distance = gaps.clamp(min=0).norm(dim=1) + gaps.amax(1).clamp(max=0)
    scene = Scene.of_distance(distance.view(128, 128, 128), RUBBER)
    return look(scene, [Camera(45, 30, 3, (0, 0, 0.16))], size)


def seen(buffers):
    return [getattr(buffers, name)[0].numpy() for name in ("part", "depth", "normal")]


def test_a_graph_falls_into_chains_and_loops():
    edges = np.array([[0, 1], [1, 2], [2, 3], [2, 4], [10, 11], [11, 12], [12, 10]])
    chains = trace_graph(edges)
    assert sorted(len(chain) for chain in chains) == [2, 2, 3, 4]
    loop = next(chain for chain in chains if len(chain) == 4)
    assert loop[0] == loop[-1]
    assert sum(len(chain) - 1 for chain in chains) == len(edges)


def test_the_border_of_a_square_is_one_closed_line():
    labels = np.zeros((20, 20), int)
    labels[5:15, 4:16] = 1
    (line,) = borders(labels)
    assert (line[0] == line[-1]).all()
    assert length_of(line) == 2 * (10 + 12)
    assert line.min(0).tolist() == [4, 5]
    assert line.max(0).tolist() == [16, 15]


def test_a_border_goes_on_straight_where_another_ends():
    labels = np.zeros((30, 30), int)
    labels[5:25, 5:25] = 1
    labels[5:25, 15:25] = 2
    lines = sorted(borders(labels), key=length_of)
    assert [length_of(line) for line in lines] == [20, 80]  # the partition, the whole outline


def test_the_middle_of_a_bar_is_a_line_along_it():
    mask = np.zeros((20, 60), bool)
    mask[8:12, 5:55] = True
    (line,) = middles(mask)
    assert length_of(line) > 40
    assert np.abs(line[:, 1] - 10).max() < 2


def test_smoothing_removes_stairs_and_keeps_ends():
    stairs = np.repeat(np.arange(20.0), 2)
    line = np.stack([stairs[1:], stairs[:-1]], 1)
    soft = smoothed(line, 2.0)
    np.testing.assert_allclose(soft[[0, -1]], line[[0, -1]], atol=1e-6)
    assert length_of(soft) < 0.8 * length_of(line)


def test_the_faces_of_a_box_are_its_regions():
    views = seen(box_view())
    faces = without_specks(regions(*views, 2), 40)
    whole = without_specks(regions(*views, 1), 40)
    assert faces.max() == 3
    assert whole.max() == 1
    assert ((faces > 0) == (whole > 0)).all()


def test_a_box_is_drawn_by_its_edges():
    """Nine edges are seen: six around, three in front."""
    views = seen(box_view())
    lines = line_work(*views, STEADY)
    inside = views[0] >= 0
    around = sum(length_of(smoothed(line, 2)) for line in lines)
    only_outline = line_work(*views, dataclasses.replace(STEADY, detail=1))
    assert len(only_outline) == 1
    outline = length_of(smoothed(only_outline[0], 2))
    # The six outer edges and the three inner ones appear about equally long.
    assert 1.3 < around / outline < 1.7
    assert inside.sum() > 1000


def test_small_and_thin_regions():
    labels = np.zeros((40, 40), int)
    labels[4:36, 4:20] = 1
    labels[10:12, 10:12] = 2  # a speck in it
    labels[10:30, 30:32] = 3  # a bar apart
    clean = without_specks(labels, 10)
    assert sorted(np.unique(clean)) == [0, 1, 2]
    assert clean[11, 11] == clean[5, 5]
    width, length = thickness(clean)
    assert width[clean[20, 30]] < 4 < width[clean[5, 5]]
    assert length[clean[20, 30]] > 8
    gone = np.zeros(3, bool)
    gone[clean[20, 30]] = True
    assert (dissolve(clean, gone)[:, 30:32] == 0).all()


def test_nearly_symmetric_maps_become_symmetric_and_others_stay():
    labels = np.zeros((30, 30), int)
    labels[5:25, 5:25] = 1
    labels[24, 20:25] = 0
    labels[8:12, 8:12] = 2
    even = mirrored(labels) > 0
    assert (even[:, 5:25] == even[:, 5:25][:, ::-1]).all()
    assert mirrored(labels).max() == 3  # the inner square has a twin
    labels[5:20, 15:25] = 0
    assert (mirrored(labels) == labels).all()


def test_a_steady_hand_keeps_to_the_lines_and_a_careless_one_strays():
    views = seen(box_view(120))
    rng = np.random.default_rng(0)
    true = np.concatenate(line_work(*views, STEADY))
    true = (true - true.min(0)) / np.ptp(true, axis=0)

    def stray(hand: Hand) -> float:
        points = np.concatenate(draw_strokes(*views, hand, rng))
        points = (points - points.min(0)) / np.ptp(points, axis=0)
        return np.linalg.norm(points[:, None] - true, axis=-1).min(1).mean()

    steady = stray(dataclasses.replace(STEADY, simplify=0.005, rounded=0))
    shaky = stray(dataclasses.replace(STEADY, wobble=0.05, gap=0.05))
    assert steady < 0.012
    assert shaky > 1.5 * steady


def test_strokes_can_be_missing_and_doubled_but_never_all_are_lost():
    views = seen(box_view(120))
    counts = {
        change: len(
            draw_strokes(
                *views, dataclasses.replace(STEADY, **{change: value}), np.random.default_rng(1)
            )
        )
        for change, value in (("missing", 0.0), ("missing", 1.0), ("doubled", True))
    }
    plain = len(draw_strokes(*views, STEADY, np.random.default_rng(1)))
    assert 1 <= counts["missing"] < plain < counts["doubled"]


def test_ink_is_as_wide_as_the_pen():
    line = [np.array([[10.0, 30.0], [50.0, 30.0]])]
    thin, thick = (ink(line, 60, width).sum() / 40 for width in (1.0, 3.0))
    assert abs(thin - 1) < 0.3
    assert abs(thick - 3) < 0.4


@pytest.mark.parametrize("category", CATEGORIES)
def test_drawings_are_black_ink_and_repeatable(category):
    shape = make_shape(category, 12)
    grid, distance, _ = shape.volume(64)
    points = (np.argwhere(grid.numpy() > 0) + 0.5) / 32 - 0.5
    rng = np.random.default_rng(3)
    cameras = [drawing_camera(rng, points, category)]
    buffers = look(Scene.of_shape(shape, distance, resolution=64), cameras, 96)
    hand = Hand.random(torch.Generator().manual_seed(4))
    one, two, other = (draw(buffers, 0, hand, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert (one[..., :3] == 0).all()
    assert 0.005 < (one[..., 3] > 0.5).float().mean() < 0.4
    columns = (one[..., 3] > 0.5).any(0).nonzero()
    rows = (one[..., 3] > 0.5).any(1).nonzero()
    assert 80 <= max(np.ptp(columns.numpy()), np.ptp(rows.numpy())) <= 94  # it fills the picture


def test_nothing_seen_is_nothing_drawn():
    empty = np.full((32, 32), -1), np.zeros((32, 32)), np.zeros((32, 32, 3))
    assert draw_strokes(*empty, STEADY, np.random.default_rng(0)) == []
