"""What the numbers of a grid can mean: against a ball whose inside is known."""

from __future__ import annotations

import numpy as np
import pytest

from demo.service.grid_files import full_cells, read_npz
from demo.service.shape_files import fit, open_shape_file

AXES = (np.indices((24, 20, 16)).transpose(1, 2, 3, 0) - [11.5, 9.5, 7.5]) / [1, 1, 1.2]
DISTANCE = 6.3 - np.linalg.norm(AXES, axis=-1)  # positive inside
BALL = DISTANCE > 0
NOTES = {"shares": "shares of 255", "probabilities": "probabilities", "negative": "negative"}


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
@pytest.mark.parametrize(
    ("values", "note"),
    [
        (1 / (1 + np.exp(-DISTANCE)), "probabilities"),
        (0.98 / (1 + np.exp(-3 * DISTANCE)) + 0.01, "probabilities"),
        (1.0008 / (1 + np.exp(-3 * DISTANCE)) - 0.0004, "probabilities"),
        (DISTANCE, ""),
        (-DISTANCE, "negative"),
        (np.clip(-DISTANCE / 2, -1, 1), "negative"),
        (np.where(BALL, 1, -1), ""),
        (np.where(BALL, -1, 1), "negative"),
        (np.where(BALL, 255.0, 0), ""),
        (np.where(BALL, 0.3, 0), ""),
        (np.where(DISTANCE < -5, np.nan, DISTANCE), ""),
        (np.where(DISTANCE < -5, np.inf, -DISTANCE), "negative"),
    ],
)
def test_every_meaning_of_numbers_gives_the_ball(values, note, kind):
    full, said = full_cells(values.astype(kind))
    assert (full != BALL).mean() < 0.002  # half floats round
    assert (NOTES[note] in said) if note else said == ""


def test_whole_numbers():
    parts = np.where(BALL, 1 + (AXES[..., 0] > 0), 0)
    for kind in ("u1", "i2", "i8"):
        assert np.array_equal(full_cells(parts.astype(kind))[0], BALL), kind
    shares = (255 / (1 + np.exp(-DISTANCE))).astype(np.uint8)
    full, said = full_cells(shares)
    assert np.array_equal(full, shares > 127)
    assert NOTES["shares"] in said
    assert np.array_equal(full_cells(BALL)[0], BALL)
    assert np.array_equal(full_cells(np.where(BALL, -1, 1).astype(np.int8))[0], BALL)


def test_a_tight_grid_of_distances_is_not_turned_inside_out():
    """The ball touches all six sides; most of the border is outside all the same."""
    spans = [np.flatnonzero(BALL.any(tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    box = tuple(slice(span[0], span[-1] + 1) for span in spans)
    assert np.array_equal(full_cells(-DISTANCE[box])[0], BALL[box])
    assert np.array_equal(full_cells(DISTANCE[box])[0], BALL[box])


@pytest.mark.parametrize("values", [-DISTANCE - DISTANCE.min() + 7, np.exp(DISTANCE)])
def test_numbers_without_a_plain_meaning_are_refused(values, tmp_path):
    np.savez(tmp_path / "x.npz", grid=values - values.min())
    with pytest.raises(ValueError, match="neither full cells, probabilities nor signed distances"):
        read_npz(tmp_path / "x.npz")


def test_full_cells_beside_values_are_what_counts(tmp_path):
    np.savez(tmp_path / "x.npz", grid=-DISTANCE.astype("f2") - 3, occupancy=BALL)
    assert np.array_equal(read_npz(tmp_path / "x.npz")[0], BALL)


def test_the_page_is_told_how_a_file_was_taken(tmp_path):
    np.savez(tmp_path / "x.npz", grid=-DISTANCE)
    shape = open_shape_file(tmp_path / "x.npz", 16)
    assert np.array_equal(shape.grid, fit(BALL, 16))
    assert NOTES["negative"] in shape.note
