from __future__ import annotations

import itertools

import numpy as np
import pytest

from training.measure.parts import part_scores, pieces, thin, thin_recall


def random_shape(seed: int, share: float = 0.55, side: int = 7) -> np.ndarray:
    """Full cells that come in clumps, so that there are thick parts."""
    rng = np.random.default_rng(seed)
    shape = rng.random((side,) * 3) < share
    x, y, z = rng.integers(0, side - 3, 3)
    shape[x : x + 4, y : y + 3, z : z + 3] = True
    return shape


def around(cell, side):
    """A cell and those that touch it."""
    for step in itertools.product((-1, 0, 1), repeat=3):
        near = tuple(c + s for c, s in zip(cell, step, strict=True))
        if all(0 <= c < side for c in near):
            yield near


def thin_by_hand(shape):
    """Every cube of 3^3 cells, one after the other: what none covers is thin."""
    thick = np.zeros_like(shape)
    for x, y, z in itertools.product(range(len(shape) - 2), repeat=3):
        cube = np.s_[x : x + 3, y : y + 3, z : z + 3]
        if shape[cube].all():
            thick[cube] = True
    return shape & ~thick


@pytest.mark.parametrize("seed", range(8))
def test_thin_is_what_no_cube_covers(seed):
    shape = random_shape(seed, share=0.55 if seed % 2 else 0.9)
    assert (thin(shape) == thin_by_hand(shape)).all()
    assert not thin(shape).all()


def test_a_slab_is_thin_up_to_two_cells():
    for thickness, is_thin in ((1, True), (2, True), (3, False)):
        slab = np.zeros((8, 8, 8), bool)
        slab[:, :thickness] = True  # at the border, beyond which nothing is full
        assert (thin(slab) == (slab & is_thin)).all()


@pytest.mark.parametrize("seed", range(4))
def test_thin_recall_cell_by_cell(seed):
    truth = random_shape(seed)
    answers = np.stack([random_shape(seed + k, share=0.1) for k in (10, 20)])
    found, near = thin_recall(answers, truth)
    cells = [tuple(cell) for cell in np.argwhere(thin_by_hand(truth))]
    for answer, of_found, of_near in zip(answers, found, near, strict=True):
        assert of_found == pytest.approx(np.mean([answer[cell] for cell in cells]))
        touched = [any(answer[n] for n in around(cell, 7)) for cell in cells]
        assert of_near == pytest.approx(np.mean(touched))
        assert of_found < of_near


def test_where_nothing_is_thin_all_is_found():
    cube = np.ones((4, 4, 4), bool)
    assert [list(x) for x in thin_recall(np.zeros((2, 4, 4, 4), bool), cube)] == [[1, 1], [1, 1]]


@pytest.mark.parametrize("seed", range(6))
def test_pieces_by_walking(seed):
    shape = np.random.default_rng(seed).random((6, 6, 6)) < 0.08
    left, count = {tuple(cell) for cell in np.argwhere(shape)}, 0
    while left:
        waiting, count = [left.pop()], count + 1
        while waiting:
            for near in around(waiting.pop(), 6):
                if near in left:
                    left.remove(near)
                    waiting.append(near)
    assert pieces(shape) == count > 1


def test_scores_of_a_table_that_lost_a_leg():
    """Two legs of one cell across and four high, of which one is lost and the other floats."""
    truth = np.zeros((8, 8, 8), bool)
    truth[:, 4:8] = True
    truth[0, :4, 0] = truth[7, :4, 7] = True
    lost = truth.copy()
    lost[0, :4, 0] = False
    lost[7, 3, 7] = False
    scores = part_scores(np.stack([truth, lost]), truth)
    assert scores["thin_recall"] == [1, 3 / 8]
    assert scores["thin_recall_near"] == [1, 5 / 8]  # the gap, and the cell below the lost top
    assert scores["more_pieces"] == [0, 1]
    assert scores["volume"] == [1, pytest.approx((256 + 3) / (256 + 8))]
