"""Directions and readers of attributes, on embeddings and shapes that are made of them."""

from __future__ import annotations

import numpy as np
import pytest

from training.measure.attributes import fit_attributes, numbers_of

COUNT, DIM = 400, 6


@pytest.fixture(scope="module")
def world():
    """Boxes whose height and width vary; "known" embeds both linearly, "blind" the width alone."""
    rng = np.random.default_rng(0)
    heights, widths = rng.integers(6, 30, COUNT), rng.integers(4, 30, COUNT)
    grids = -np.ones((COUNT, 32, 32, 32), np.float16)
    for grid, height, width in zip(grids, heights, widths, strict=True):
        grid[:width, :height, 4:12] = 1
    table = [
        {
            "height": int(h),
            "width": int(w),
            "twice": 2.0 * h,
            "hidden": float(rng.normal()),
            "is": "x",
        }
        for h, w in zip(heights, widths, strict=True)
    ]
    axes = np.linalg.qr(rng.normal(size=(DIM, DIM)))[0][:2]  # (2, D)
    tall, wide = (heights - heights.mean()) / heights.std(), (widths - widths.mean()) / widths.std()
    noise = 0.05 * rng.normal(size=(COUNT, 2, DIM))
    known = (tall[:, None] * axes[0] + wide[:, None] * axes[1])[:, None] + noise
    blind = (wide[:, None] * axes[1])[:, None] + noise
    train = np.arange(COUNT) % 2 == 0
    made = fit_attributes(
        grids,
        ["box"] * COUNT,
        table,
        {"known": known, "blind": blind},
        {"known": "a", "blind": "b"},
        train,
    )
    return made, axes, grids, heights


def test_only_numbers_that_vary_and_are_there_count():
    table = [{"a": i, "b": "x", "c": 1, "d": i} if i % 2 else {"a": i, "c": 1} for i in range(40)]
    inside = np.arange(40) % 4 < 2
    found = numbers_of(table, np.arange(40), inside, fewest=5)
    assert found.names == ("a",)


def test_what_hardly_occurs_is_no_attribute():
    """A yes of one in fifty would be clipped to a constant, and be read perfectly."""
    table = [{"rare": i % 50 == 0, "common": i % 2} for i in range(2000)]
    found = numbers_of(table, np.arange(2000), np.arange(2000) < 1000, fewest=20)
    assert found.names == ("common",)


def test_what_no_reader_sees_is_no_slider_nor_is_the_same_twice(world):
    made = world[0]
    assert set(made.names) in ({"height", "width"}, {"twice", "width"})


def test_a_direction_is_that_of_its_attribute_alone(world):
    made, axes, _, _ = world
    tall = made.names.index(next(n for n in made.names if n != "width"))
    wide = made.names.index("width")
    np.testing.assert_allclose(made.directions["known"][tall], axes[0], atol=0.05)
    np.testing.assert_allclose(made.directions["known"][wide], axes[1], atol=0.05)
    assert np.linalg.norm(made.directions["blind"][tall]) < 0.1


def test_scores_tell_what_a_space_knows(world):
    made = world[0]
    tall = made.names.index(next(n for n in made.names if n != "width"))
    assert made.scores["known"][tall, 0] > 0.95
    assert made.scores["blind"][tall, 2] < 0.1
    assert (made.scores["known"][:, 1] <= made.scores["known"][:, 0]).all()


def test_readers_read_new_shapes(world):
    made, _, grids, heights = world
    tall = made.names.index(next(n for n in made.names if n != "width"))
    read = made.read(grids[1::2] > 0)[:, tall]
    truth = (heights[1::2] - heights.mean()) / heights.std()
    assert np.corrcoef(read, truth)[0, 1] > 0.98
    assert np.polyfit(truth, read, 1)[0] == pytest.approx(1, abs=0.1)
