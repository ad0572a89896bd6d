"""Files that people bring: against trimesh's containment, and everything that can be wrong."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest
import trimesh

from demo.service import grid_files, shape_files
from demo.service.shape_files import fit, read_shape_file, turn
from diffusion.grids.binvox import encode_binvox
from diffusion.mesh_files import gltf

R = 24
# Boxes as (size, centre): a bar along x, a tower on its +x end, a fin towards +z on the tower.
PARTS = [((4, 1, 1), (0, 0, 0)), ((1, 2, 1), (1.5, 1.5, 0)), ((0.5, 0.5, 1.5), (1.5, 2, 1.25))]


def parts():
    return [trimesh.creation.box(size).apply_translation(centre) for size, centre in PARTS]


def write(path, turn_by=None):
    mesh = trimesh.util.concatenate(parts())
    if turn_by is not None:
        mesh.apply_transform(turn_by)
    mesh.export(path)
    return path


def expected_cells():
    """Which cells have their centre in some part, and which are nearly touched by it."""
    mesh = trimesh.util.concatenate(parts())
    low, high = mesh.bounds
    cell = (high - low).max() / R
    centres = (np.indices((R, R, R)).reshape(3, -1).T + 0.5 - R / 2) * cell + (low + high) / 2
    inside = np.any([part.contains(centres) for part in parts()], 0)
    apart = [np.maximum(abs(centres - at) - np.array(size) / 2, 0) for size, at in PARTS]
    near = np.linalg.norm(apart, axis=-1).min(0)  # distance to the nearest box
    shape = (R, R, R)
    return inside.reshape(shape), (near < cell * 3**0.5 / 2 + 1e-6).reshape(shape)


@pytest.mark.parametrize("suffix", [".obj", ".glb", ".stl", ".ply"])
def test_meshes_fill_the_cells_that_trimesh_says_they_contain(tmp_path, suffix):
    grid = read_shape_file(write(tmp_path / f"a{suffix}"), R)
    inside, touched = expected_cells()
    assert grid.dtype == bool
    assert grid[inside].all()
    assert not grid[~touched].any()
    spans = [np.flatnonzero(grid.any(tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    assert (spans[0][0], spans[0][-1]) == (0, R - 1)  # the longest side spans the grid
    x, y, z = np.argwhere(grid).T
    assert x[y == y.max()].min() > R / 2  # the tower stands at +x
    assert min(x[z == z.max()].min(), y[z == z.max()].min()) > R / 2  # its fin looks to +z


def test_a_file_that_stands_on_z_is_stood_up(tmp_path):
    upright = read_shape_file(write(tmp_path / "a.stl"), R)
    tilt = trimesh.transformations.rotation_matrix(np.pi / 2, [1, 0, 0])  # +y to +z
    lying = read_shape_file(write(tmp_path / "b.stl", tilt), R)
    assert (lying != upright).any()
    found = read_shape_file(tmp_path / "b.stl", R, up="z")
    assert (found & upright).sum() / (found | upright).sum() > 0.95


def test_a_quarter_turn_brings_z_to_x():
    grid = np.zeros((4, 4, 4), bool)
    grid[0, 1, 3] = True  # at +z, and -x
    assert np.argwhere(turn(grid, "y", 1)).tolist() == [[3, 1, 3]]
    around = trimesh.transformations.rotation_matrix(np.pi / 2, [0, 1, 0])[:3, :3]
    centred = np.array([0, 1, 3]) - 1.5
    np.testing.assert_allclose(around @ centred + 1.5, [3, 1, 3])
    assert np.array_equal(turn(grid, "y", 4), grid)


@pytest.mark.parametrize("resolution", [8, 16, 32])
def test_grids_are_resampled_by_any_touch(resolution):
    cells = np.random.default_rng(0).random((16, 16, 16)) < 0.02
    cells[0, 0, 0] = cells[15, 15, 15] = True
    found = fit(np.pad(cells, ((3, 0), (1, 2), (0, 5))), resolution)
    if resolution == 8:
        plain = cells.reshape(8, 2, 8, 2, 8, 2).any((1, 3, 5))
    else:
        plain = np.kron(cells, np.ones((resolution // 16,) * 3, bool))
    assert np.array_equal(found, plain)


def test_a_hollow_grid_is_filled_and_a_slim_one_centred():
    shell = np.ones((12, 12, 12), bool)
    shell[1:-1, 1:-1, 1:-1] = False
    assert fit(shell, 12).all()
    bar = fit(np.ones((12, 2, 3), bool), 12)
    assert np.argwhere(bar).min(0).tolist() == [0, 5, 4]
    assert np.argwhere(bar).max(0).tolist() == [11, 6, 6]


def test_voxel_files(tmp_path):
    grid = np.random.default_rng(1).random((R, R, R)) < 0.3
    grid[0, 0, 0] = grid[-1, -1, -1] = True
    wanted = fit(grid, R)
    (tmp_path / "a.binvox").write_bytes(encode_binvox(grid))
    np.savez(tmp_path / "b.npz", grid=grid.astype(np.float16) - 0.5, other=np.zeros(3))
    np.savez_compressed(tmp_path / "c.npz", mine=grid[None])
    for name in ("a.binvox", "b.npz", "c.npz"):
        assert np.array_equal(read_shape_file(tmp_path / name, R), wanted), name


def huge_header(path):
    """An npy member whose header promises more than any machine holds."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f8", "fortran_order": False, "shape": (10**5,) * 3}
    )
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("grid.npy", head.getvalue())


def test_what_cannot_be_used_is_refused_in_one_sentence(tmp_path, monkeypatch):
    np.savez(tmp_path / "flat.npz", grid=np.ones((4, 4)))
    np.savez(tmp_path / "several.npz", grid=np.ones((2, 4, 4, 4)))
    np.savez(tmp_path / "empty.npz", grid=np.zeros((4, 4, 4)))
    np.savez(tmp_path / "none.npz")
    np.savez(tmp_path / "pickle.npz", grid=np.array([{}], object))
    np.savez(tmp_path / "words.npz", grid=np.array([[["a"]]]))
    huge_header(tmp_path / "huge.npz")
    (tmp_path / "broken.npz").write_bytes(b"PK nothing")
    with zipfile.ZipFile(tmp_path / "text.npz", "w") as file:
        file.writestr("notes.txt", "no array at all")
    np.savez_compressed(tmp_path / "flipped.npz", grid=np.random.default_rng(0).random((9, 9, 9)))
    packed = bytearray((tmp_path / "flipped.npz").read_bytes())
    packed[200:240] = bytes(40)
    (tmp_path / "flipped.npz").write_bytes(packed)
    method = bytearray((tmp_path / "flat.npz").read_bytes())
    at = method.rindex(b"PK\x01\x02")
    method[at + 10] = 99  # a way of packing that nobody knows
    (tmp_path / "method.npz").write_bytes(method)
    (tmp_path / "broken.glb").write_bytes(b"glTF nothing")
    (tmp_path / "broken.stl").write_bytes(b"")
    (tmp_path / "points.ply").write_text("ply\nformat ascii 1.0\nend_header\n")
    (tmp_path / "broken.binvox").write_bytes(b"#binvox 1\ndim 2 2 2\ndata\n\x01\x09")
    head = b"#binvox 1\ndim 1000 1000 1000\ndata\n"
    (tmp_path / "large.binvox").write_bytes(head + b"\x01\xff" * 1000)
    (tmp_path / "a.step").write_text("ISO-10303")
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(ValueError, match=r"^[^\n]+$"):
            read_shape_file(path, R)
    mesh = write(tmp_path / "good.stl")
    monkeypatch.setattr(shape_files, "MAX_FACES", 20)
    with pytest.raises(ValueError, match="20 triangles"):
        read_shape_file(mesh, R)
    monkeypatch.setattr(shape_files, "MAX_BYTES", 100)
    with pytest.raises(ValueError, match="larger than"):
        read_shape_file(mesh, R)
    monkeypatch.setattr(shape_files, "MAX_BYTES", 10**6)
    monkeypatch.setattr(grid_files, "MAX_UNPACKED", 100)
    with pytest.raises(ValueError, match="unpacks to more"):
        read_shape_file(tmp_path / "several.npz", R)


def test_a_small_file_that_unpacks_to_a_large_mesh_is_refused_before(tmp_path, monkeypatch):
    """A GLB may show one mesh many times, and name numbers that it does not hold."""
    scene = trimesh.Scene()
    ball = trimesh.creation.icosphere(subdivisions=2)  # 320 triangles
    for index in range(4):
        scene.add_geometry(ball, geom_name="ball", transform=np.eye(4) * 1.0, node_name=f"n{index}")
    scene.export(tmp_path / "many.glb")
    assert read_shape_file(tmp_path / "many.glb", R).any()
    monkeypatch.setattr(gltf._Scene, "_morphed", None)  # may not be reached
    monkeypatch.setattr(shape_files, "MAX_FACES", 4 * 320 - 1)
    with pytest.raises(ValueError, match="more than 1,279 triangles"):
        read_shape_file(tmp_path / "many.glb", R)
    tree = {"accessors": [{"count": 10**10}], "meshes": [], "nodes": []}
    chunk = json.dumps(tree).encode()
    head = b"glTF" + (2).to_bytes(4, "little") + (20 + len(chunk)).to_bytes(4, "little")
    (tmp_path / "said.glb").write_bytes(head + len(chunk).to_bytes(4, "little") + b"JSON" + chunk)
    with pytest.raises(ValueError, match="triangles"):
        read_shape_file(tmp_path / "said.glb", R)


def test_a_file_cannot_have_others_read(tmp_path):
    """An .obj may name a material file, which is none of our business."""
    write(tmp_path / "a.obj")
    text = (tmp_path / "a.obj").read_text()
    (tmp_path / "secret.mtl").mkdir()  # reading it would fail
    (tmp_path / "b.obj").write_text("mtllib secret.mtl\n" + text)
    plain, named = (read_shape_file(tmp_path / name, R) for name in ("a.obj", "b.obj"))
    assert np.array_equal(plain, named)
