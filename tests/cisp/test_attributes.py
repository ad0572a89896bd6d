"""Attributes as directions: what moves, what is read, and what a text or a file may say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cisp.attributes import (
    attribute_arrays,
    checked_moves,
    load_attributes,
    moves_of,
    shape_features,
    text_of,
)
from tests.demo.attribute_fakes import ALONG, known_attributes


def boxes(*heights):
    grids = np.zeros((len(heights), 32, 32, 32), bool)
    for grid, height in zip(grids, heights, strict=True):
        grid[4:20, :height, 8:12] = True
    return grids


def test_features_are_sums_that_can_be_counted():
    grid = np.random.default_rng(0).random((2, 32, 32, 32)) < 0.01
    features = shape_features(grid)
    coarse = features[:, :512].reshape(2, 8, 8, 8)
    assert coarse[1, 2, 5, 7] == pytest.approx(grid[1, 8:12, 20:24, 28:32].mean())
    for axis in range(3):
        shares = features[:, 512 + 32 * axis : 544 + 32 * axis]
        reached = features[:, 608 + 32 * axis : 640 + 32 * axis]
        others = tuple(1 + other for other in range(3) if other != axis)
        np.testing.assert_allclose(shares, grid.mean(others), rtol=1e-5)
        np.testing.assert_array_equal(reached, grid.any(others))


def test_a_move_adds_its_direction_and_stays_a_unit_vector():
    known, embed = known_attributes(), np.eye(8, dtype=np.float32)[0]
    moved = known.moved(embed, "clip", {0: 1.0})
    assert np.linalg.norm(moved) == pytest.approx(1)
    assert moved[ALONG] / moved[0] == pytest.approx(0.5)
    back = known.moved(embed, "clip", {})
    np.testing.assert_array_equal(back, embed)


def test_readers_read_in_spreads():
    read = known_attributes().read(boxes(20, 24, 12))
    np.testing.assert_allclose(read[:, 0], [0, 1, -2], atol=1e-5)


def test_a_text_and_its_moves_are_one():
    known = known_attributes()
    moves = moves_of("chair: num_legs -1.00, height +0.50", known)
    assert moves == {0: 0.5, 1: -1.0}
    assert text_of(moves, known) == "chair: height +0.50, num_legs -1.00"
    assert moves_of(text_of(moves, known), known) == moves
    assert moves_of("chair: height  +0.5", known) == {0: 0.5}
    assert moves_of("lamp: height 1", known) == {2: 1.0}
    assert moves_of("lamp:", known) == {}
    assert text_of({}, known) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "height +1",
        "car: height +1",
        "chair: wings +1",
        "chair: +1",
        *(f"chair: height {share}" for share in ("tall", "3.5", "nan", "inf")),
    ],
)
def test_other_texts_are_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match=r"^[A-Z“].*\.$"):
        moves_of(text, known_attributes())


def test_moves_of_nothing_are_left_out_and_unknown_ones_refused():
    known = known_attributes()
    assert checked_moves({0: 0.0, 1: 1}, known) == {1: 1.0}
    assert checked_moves({0: 0.004, 1: 0.126}, known) == {1: 0.13}  # as a recipe writes them
    with pytest.raises(ValueError, match="no such attribute"):
        checked_moves({3: 1.0}, known)


def test_a_file_holds_it_all(tmp_path):
    known = known_attributes()
    np.savez(tmp_path / "attributes.npz", **attribute_arrays(known))
    read = load_attributes(tmp_path / "attributes.npz")
    assert read.names == known.names
    assert read.of("chair") == [0, 1]
    np.testing.assert_allclose(read.directions["cisp"], known.directions["cisp"], rtol=1e-3)
    np.testing.assert_allclose(read.read(boxes(24))[0, 0], 1, atol=1e-2)


@pytest.mark.parametrize("damage", ["short", "not finite", "constant", "no file", "cut"])
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path, damage):
    path, known = tmp_path / "attributes.npz", known_attributes()
    if damage == "short":
        known = replace(known, means=known.means[:1])
    if damage == "not finite":
        known = replace(known, means=known.means * np.nan)
    if damage == "constant":
        known = replace(known, spreads=known.spreads * 0)
    if damage != "no file":
        np.savez(path, **attribute_arrays(known))
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match=r"attributes.*\.$"):
        load_attributes(path)


def test_directions_belong_to_their_towers(tmp_path):
    known = replace(known_attributes(), towers={"clip": "another"})
    assert not known.fits(tmp_path)
    assert known_attributes().fits(tmp_path)
