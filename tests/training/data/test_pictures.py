from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from diffusion.grids.from_mesh import distance_values
from training.data.item import Item
from training.data.pictures import contact_sheet, look, picture, render_grid


def flag_pole() -> np.ndarray:
    """A pole along y with a flag towards +x at its top."""
    grid = np.zeros((16, 16, 16), bool)
    grid[2:5, :, 7:10] = True
    grid[2:14, 11:16, 7:10] = True
    return distance_values(grid)


def test_renderings_are_upright_and_depend_on_the_seed():
    first, second = render_grid(flag_pole(), seed=3, num_views=2)
    assert (first.mode, first.size) == ("RGBA", (120, 120))
    assert np.array_equal(first, render_grid(flag_pole(), seed=3, num_views=2)[0])
    assert not np.array_equal(first, render_grid(flag_pole(), seed=4, num_views=2)[0])
    assert not np.array_equal(first, second)
    for view in (first, second):
        alpha = np.asarray(view)[..., 3] > 128
        assert 0.03 < alpha.mean() < 0.7
        rows = np.flatnonzero(alpha.any(1))
        upper, lower = np.array_split(alpha[rows[0] : rows[-1] + 1], 2)
        assert upper.sum() > lower.sum()


def test_a_source_s_own_pictures_come_first():
    views = [Image.new("RGBA", (9, 9), color) for color in ("red", "blue")]
    item = Item("a", "chair", flag_pole(), views)
    assert picture(item, 1, seed=0) is views[1]
    with pytest.raises(ValueError, match="no view 2"):
        picture(item, 2, seed=0)
    assert picture(Item("a", "chair", flag_pole()), 1, seed=0).size == (120, 120)


def test_the_contact_sheet_shows_every_row():
    rows = [[Image.new("RGB", (10, 10), color)] * 2 for color in ("red", "green", "blue")]
    sheet = np.asarray(contact_sheet(rows, columns=2, side=16))
    assert sheet.shape[:2] == (2 * 20, 2 * 40)
    assert (sheet[8, 8] == [255, 0, 0]).all()
    assert (sheet[8, 48] == [0, 128, 0]).all()
    assert (sheet[28, 24] == [0, 0, 255]).all()


def test_an_empty_shape_has_a_blank_picture():
    assert look(np.full((32, 32, 32), -1.0, np.float32)).getbbox() is None


def test_a_look_is_upright_and_takes_the_colour_it_is_given():
    view = np.asarray(look(flag_pole(), color=(0.8, 0.1, 0.1)))
    upper, lower = np.array_split(view[..., 3] > 128, 2)
    assert upper.sum() > lower.sum() > 0
    red, green, _ = view[view[..., 3] > 250][:, :3].mean(0)
    assert red > 1.5 * green
