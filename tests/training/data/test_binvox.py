from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffusion.grids.binvox import decode_binvox, encode_binvox
from training.data.binvox import read_binvox, write_binvox

PAIRS = Path(__file__).resolve().parents[4] / "shared/data/r2n2_pairs"
needs_pairs = pytest.mark.skipif(not PAIRS.is_dir(), reason="the R2N2 samples are not here")


def pair(name: str) -> np.ndarray:
    return read_binvox(next(PAIRS.glob(f"ShapeNetVox32/*/sample_{name}/model.binvox")))


def test_storage_order_is_y_fastest_then_z_then_x():
    """Hand-made file: voxel 1 is next in y, voxel 2 (the side along y) next in z."""
    header = b"#binvox 1\ndim 2 3 2\ntranslate 1 2 3\nscale 4\ndata\n"  # x, z, y
    runs = bytes([0, 1, 1, 1, 0, 1, 1, 1, 0, 8])
    grid, translate, scale = decode_binvox(header + runs)
    assert grid.shape == (2, 2, 3)
    assert sorted(map(tuple, np.argwhere(grid).tolist())) == [(0, 1, 0), (0, 1, 1)]
    assert (translate, scale) == ((1, 2, 3), 4)


@pytest.mark.parametrize("shape", [(32, 32, 32), (5, 9, 2), (1, 1, 1)])
@pytest.mark.parametrize("density", [0.0, 0.01, 0.5, 1.0])
def test_round_trip(tmp_path, shape, density):
    grid = np.random.default_rng(3).random(shape) < density
    write_binvox(tmp_path / "a.binvox", grid)
    assert np.array_equal(read_binvox(tmp_path / "a.binvox"), grid)
    assert decode_binvox(encode_binvox(grid, (1, 2, 3), 0.5))[1:] == ((1, 2, 3), 0.5)


GOOD = encode_binvox(np.ones((4, 4, 4), bool))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "Not a binvox"),
        (b"PK\x03\x04 some zip", "Not a binvox"),
        (GOOD[:-1], "Truncated"),
        (GOOD[:-2], "Truncated"),
        (GOOD[:20], "no 'data' line"),
        (GOOD + b"\x01\x05", "header says 64"),
        (GOOD[:-2] + b"\x07\x40", "neither 0 nor 1"),
        (GOOD.replace(b"dim 4 4 4", b"dim 4 4"), "three sides"),
        (GOOD.replace(b"dim 4 4 4", b"dim 4 -4 4"), "three sides"),
        (GOOD.replace(b"dim 4 4 4", b"dim 9999999 4 4"), "three sides"),
        (GOOD.replace(b"dim 4 4 4", b"dim a b c"), "unreadable"),
        (GOOD.replace(b"dim 4 4 4\n", b""), "unreadable"),
    ],
)
def test_bad_files_are_one_sentence(tmp_path, data, message):
    path = tmp_path / "bad.binvox"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=message) as caught:
        read_binvox(path)
    assert "\n" not in str(caught.value)
    assert "bad.binvox" in str(caught.value)


def test_missing_file_is_a_value_error(tmp_path):
    with pytest.raises(ValueError, match="Cannot read"):
        read_binvox(tmp_path / "none.binvox")


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    (tmp_path / "a.binvox" / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match=r"a\.binvox"):
        write_binvox(tmp_path / "a.binvox", np.ones((4, 4, 4), bool))
    write_binvox(tmp_path / "b.binvox", np.ones((4, 4, 4), bool))
    with pytest.raises(ValueError, match="three sides"):
        write_binvox(tmp_path / "b.binvox", np.ones((4, 4), bool))
    assert read_binvox(tmp_path / "b.binvox").all()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.binvox", "b.binvox"]


@needs_pairs
def test_chair_has_its_back_at_minus_x_and_its_legs_below():
    chair = pair("chair")
    top, bottom = chair[:, 20:], chair[:, :10]
    xs = np.flatnonzero(chair.any((1, 2)))
    middle = xs.mean()
    assert np.argwhere(top)[:, 0].max() < middle  # nothing but the back above the seat
    assert chair[:, 16].sum() > 2 * bottom.sum() / 10  # the seat is fuller than the legs
    corners = [bottom[x, :, z].all() for x in (10, 21) for z in (10, 21)]
    assert all(corners)
    assert not bottom[15:17, :, 15:17].any()


@needs_pairs
def test_airplane_has_wings_along_z_and_its_fin_at_the_back():
    plane = pair("airplane")
    spans = [np.ptp(np.flatnonzero(plane.any(tuple({0, 1, 2} - {axis})))) for axis in range(3)]
    assert spans[1] < min(spans[0], spans[2]) / 2  # flat: y is up
    fuselage = plane[:, :, 14:18].any((1, 2))
    assert fuselage.all()  # from nose to tail along x
    assert plane.any((0, 1)).all()  # from wing tip to wing tip along z
    highest = np.argwhere(plane)[np.argwhere(plane)[:, 1].argmax()]
    assert highest[0] < 8  # the fin rises at the tail, which is at -x
    tips = np.flatnonzero(plane[:, :, :3].any((1, 2)))
    roots = np.flatnonzero(plane[:, :, 10:13].any((1, 2)))
    assert tips.mean() < roots.mean()  # the wings are swept to the back


@needs_pairs
def test_car_has_its_bed_behind_and_wheels_below():
    car = pair("car")
    ys = np.flatnonzero(car.any((0, 2)))
    cab = np.flatnonzero(car[:, ys[-1]].any(1))
    assert cab.min() > 12  # a pick-up: the roof is in front of the bed, which is at -x
    assert not car[0:12, ys[-1]].any()
    assert car[:, ys[0]].sum() < car[:, ys[3]].sum() / 2  # it stands on wheels


@needs_pairs
def test_watercraft_is_pointed_at_plus_x_and_the_rest_stand_upright():
    boat = pair("watercraft")
    width = boat.any(1).sum(1)
    assert width[28:].max() < width[4:8].min()
    lamp = pair("lamp")
    layers = lamp.sum((0, 2))
    assert layers[26:].max() > 3 * layers[8:22].max()  # the shade is up
    assert layers[0] > layers[8:22].max()  # the foot is down
    rifle = pair("rifle")
    assert rifle[28:].sum() < rifle[:4].sum()  # the barrel points forwards
    bench = pair("bench")
    layers = bench.sum((0, 2))
    assert layers[20:22].min() > 2 * layers[10:18].max()  # the seat is up


def silhouette_iou(grid: np.ndarray, scale: float, view: np.ndarray, alpha: np.ndarray) -> float:
    """Projects a grid by the published camera of a rendering and compares the outlines.

    The camera is at (cos e cos a, sin e, cos e sin a) * 1.75 * ratio, looks at the origin, and has
    a 35 mm lens on a 32 mm sensor.
    """
    azimuth, elevation, _, ratio, _ = view
    a, e = np.radians([azimuth, elevation])
    camera = 1.75 * ratio * np.array([np.cos(e) * np.cos(a), np.sin(e), np.cos(e) * np.sin(a)])
    forward = -camera / np.linalg.norm(camera)
    right = np.cross(forward, [0, 1, 0])
    right /= np.linalg.norm(right)
    parts = np.stack(np.meshgrid(*[[1 / 6, 1 / 2, 5 / 6]] * 3, indexing="ij"), -1).reshape(-1, 3)
    points = ((np.argwhere(grid)[:, None] + parts).reshape(-1, 3) / len(grid) - 0.5) * scale
    seen = points - camera
    plane = np.stack([seen @ right, -seen @ np.cross(right, forward)], -1)
    pixels = plane / (seen @ forward)[:, None] * 137 * 35 / 32 + 137 / 2
    u, v = pixels.astype(int).clip(0, 136).T
    mask = np.zeros((137, 137), bool)
    mask[v, u] = True
    return (mask & alpha).sum() / (mask | alpha).sum()


@needs_pairs
@pytest.mark.parametrize("name", ["airplane", "rifle", "chair"])
def test_grids_project_onto_the_published_renderings(name):
    """The strongest check of the frame: any other heading or handedness fits the outlines worse."""
    folder = next(PAIRS.glob(f"ShapeNetVox32/*/sample_{name}"))
    grid, _, scale = decode_binvox((folder / "model.binvox").read_bytes())
    renderings = PAIRS / "ShapeNetRendering" / folder.relative_to(PAIRS / "ShapeNetVox32")
    views = np.loadtxt(renderings / "rendering" / "rendering_metadata.txt")

    def fit(turned: np.ndarray) -> float:
        scores = []
        for index in range(0, 24, 5):
            picture = Image.open(renderings / "rendering" / f"{index:02d}.png")
            alpha = np.asarray(picture)[..., 3] > 128
            scores.append(silhouette_iou(turned, scale, views[index], alpha))
        return float(np.mean(scores))

    quarter_turns = [fit(np.rot90(grid, turns, axes=(0, 2))) for turns in range(4)]
    others = [*quarter_turns[1:], fit(grid[::-1]), fit(grid[:, ::-1]), fit(grid.transpose(0, 2, 1))]
    assert quarter_turns[0] > 0.6
    assert quarter_turns[0] > max(others) + 0.05


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"dim ", b"\ndim "),
        (b"\ntranslate", b"\n \t\ntranslate"),
        (b"\ndata\n", b"\n\ndata\n"),
        (b"\ndata\n", b"\n  data \n"),
        (b"\ndata\n", b"\r\ndata\r\n"),
    ],
)
def test_a_header_with_blank_lines_or_spaces(old, new):
    grid = np.random.default_rng(0).random((6, 6, 6)) < 0.4
    data = encode_binvox(grid)
    assert old in data
    assert np.array_equal(decode_binvox(data.replace(old, new, 1)).grid, grid)
    assert np.array_equal(decode_binvox(data + b"\n").grid, grid)
