"""Retrieval by the direction of view: what is rendered, what looks alike, what is counted."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.training.studies.looking_fakes import (
    check_command,
    check_refusal,
    fake_cache,
    fake_spaces,
    looking_fakes,
)
from training.data.embeddings import IMAGE_SIZE
from training.data.procedural import seed_of
from training.rendering.silhouettes import SIDE, look_alikes, silhouettes
from training.shapes import make_shape
from training.studies import viewpoints
from training.studies.looking import ranks_by_way
from training.studies.viewpoints import (
    DIRECTIONS,
    RENDERINGS,
    cameras_of,
    check_cache,
    figure_of,
    finding_of,
    summarise,
    views_of,
)

NAMES = list(DIRECTIONS)


def trimmed(mask: np.ndarray) -> np.ndarray:
    """What a mask holds, (SIDE, SIDE) bool, whatever the margin around it."""
    picture = Image.fromarray((mask * 255).astype(np.uint8))
    return np.asarray(picture.crop(picture.getbbox()).resize((SIDE, SIDE))) > 127


def occupancy_of(index: int) -> np.ndarray:
    return make_shape(*seed_of("test", index)).volume()[0].numpy() > 0


def test_views_show_the_shape_from_where_they_say():
    """An L of blocks: tall at the back, low in front."""
    grid = np.zeros((16, 16, 16), bool)
    grid[:4, :, 4:12] = True
    grid[4:, :4, 4:12] = True
    outlines = silhouettes(grid, cameras_of(grid))
    seen = {name: trimmed(outline) for name, outline in zip(NAMES, outlines, strict=True)}
    assert seen["back"].mean() > 0.9
    assert 0.7 < seen["front"].mean() < 0.9  # the tall block is farther away, and looks narrower
    # From azimuth 90 the eye is on -z, so that the front, +x, points to its left.
    top = seen["side"][:16]
    assert top[:, :16].mean() < 0.1
    assert top[:, -6:].mean() > 0.9
    assert seen["above"].mean() > 0.8


def test_silhouettes_are_what_the_renderer_sees():
    for index in (3, 4, 8):  # a car, a chair, a rifle
        views = views_of(index, "test", 0)
        occupancy = occupancy_of(index)
        outlines = silhouettes(occupancy, cameras_of(occupancy))
        for picture, outline in zip(views, outlines, strict=True):
            seen, computed = trimmed(picture[..., 3] > 127), trimmed(outline)
            assert (seen & computed).sum() / (seen | computed).sum() > 0.55


def test_renderings_are_repeatable_in_colour_and_of_one_light():
    views = views_of(4, "test", 0)
    assert views.shape == (len(DIRECTIONS), IMAGE_SIZE, IMAGE_SIZE, 4)
    assert (views == views_of(4, "test", 0)).all()
    other = views_of(4, "test", 1)
    assert (views[..., 3] == other[..., 3]).mean() > 0.99  # the same shape
    assert (views != other).any()  # in another light
    inside = views[..., 3] > 250
    assert np.ptp(views[inside][:, :3].astype(int), axis=1).mean() > 10  # its own colours, no grey


def test_look_alikes_are_counted_within_the_category():
    outlines = np.zeros((5, 2, SIDE, SIDE), bool)
    outlines[:, :, 8:24, 8:24] = True
    outlines[1, 1, 8:24, 20:] = False  # differs in view 1 alone
    outlines[2, 0, 8, 8] = False  # hardly differs
    kinds = ["a", "a", "a", "a", "b"]
    found = look_alikes(outlines, kinds, 5)
    assert found.tolist() == [[3, 2], [3, 0], [3, 2], [3, 2], [0, 0]]
    assert (look_alikes(outlines, kinds, 2) == found[:2]).all()


def test_what_shows_the_shape_is_found_and_what_hides_it_is_not(tmp_path):
    cache = fake_cache(tmp_path / "test", 30)
    pictures = np.array(cache.cutouts[:20, [0] * len(NAMES)])
    pictures[:, 1] = pictures[::-1, 1].copy()  # the side shows another shape
    spaces = fake_spaces()
    found = ranks_by_way(spaces, cache, pictures, RENDERINGS)
    for way in ("cisp image to image", "cisp image to shape"):
        assert found[way].shape == (20, len(NAMES))
        assert (found[way][:, 0] == 1).all()
        assert (found[way][:, 1] > 1).all()
    assert (found["clip image to image"] == 30).all()  # ties count against
    check_cache(cache)
    cache.ids[3] = "chair-5"
    with pytest.raises(ValueError, match="should be"):
        check_cache(cache)


def ranks_of(*columns: int) -> np.ndarray:
    return np.array([columns] * 4)


def test_the_summary_counts_and_the_finding_follows_it():
    found = {
        "cisp image to shape": ranks_of(1, 2, 11, 2, 2, 2),
        "cisp image to image": ranks_of(1, 1, 1, 1, 1, 50),
        "clip image to image": ranks_of(1, 1, 1, 1, 50, 50),
    }
    found["cisp image to shape"][0, 1] = 1
    alike = np.array([[0, 1, 4, 5, 9, 0]] * 4)
    result = summarise(found, alike, ["a", "a", "b", "b"], seed=0)
    shape = {d: result["by_direction"][d]["cisp image to shape"] for d in DIRECTIONS}
    assert shape["front"]["all"]["R@1"].mean == 1
    assert shape["side"]["all"]["R@1"].mean == 0.25
    assert shape["side"]["a"]["R@1"].mean == 0.5
    assert shape["side"]["b"]["R@1"].mean == 0
    assert shape["back"]["all"]["R@10"].mean == 0
    assert shape["back"]["all"]["median_rank"] == 11
    assert result["mean_look_alikes"]["above"] == {"all": 5, "a": 5, "b": 5}
    bins = result["R@1_by_look_alikes"]
    assert [bins[name]["pictures"] for name in ("none", "1 to 4", "5 or more")] == [8, 8, 8]
    assert bins["none"]["clip image to image"].mean == 0.5
    assert bins["1 to 4"]["cisp image to shape"].mean == 0.125
    assert bins["5 or more"]["clip image to image"].mean == 0.5
    gaps = result["cisp_minus_clip_image_to_image_R@1"]
    assert gaps["back corner"].mean == gaps["front"].mean == 0
    assert gaps["front corner"].mean == 1
    assert gaps["all directions"].mean == pytest.approx(1 / 6)
    finding = finding_of(result)
    assert "100 % [100, 100] for the view 'front'" in finding
    assert "is ahead of CLIP's" in finding
    assert "+17 points [+17, +17]" in finding
    found["cisp image to image"] = found["clip image to image"]
    same = finding_of(summarise(found, alike, ["a", "a", "b", "b"], seed=0))
    assert "is not clearly apart from CLIP's" in same
    found["cisp image to image"] = ranks_of(9, 9, 9, 9, 9, 9)
    assert "is behind CLIP's" in finding_of(summarise(found, alike, ["a", "a", "b", "b"], seed=0))
    figure = figure_of(result)
    assert [line["name"].split()[0] for line in figure["data"]] == ["CISP", "CLIP", "CISP"]
    assert list(figure["data"][0]["x"]) == NAMES
    assert figure["data"][1]["y"] == [1, 1, 1, 1, 0, 0]


@pytest.fixture
def argv(monkeypatch, tmp_path):
    return [*looking_fakes(monkeypatch, tmp_path, 15), "--workers", "1"]


def test_the_command_writes_one_file_with_a_figure_and_a_finding(argv, capsys):
    report = check_command(viewpoints, [*argv, "--queries", "2"], capsys)
    assert report["results"]["queries"] == 2
    assert set(report["results"]["by_direction"]) == set(DIRECTIONS)


@pytest.mark.parametrize(
    "more", [["--queries", "0"], ["--queries", "16"], ["--seed", "-1"], ["--workers", "0"]]
)
def test_bad_options_end_in_one_sentence(tmp_path, argv, more, capsys):
    check_refusal(viewpoints, [*argv, *more], tmp_path, capsys)
