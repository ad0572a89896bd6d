from __future__ import annotations

import numpy as np
import pytest

from diffusion.grids import from_mesh as meshes
from diffusion.grids.from_mesh import directions_blocked, voxelize, winding_number
from training.data.mesh_folder import load_mesh
from training.data.sources import open_source

trimesh = pytest.importorskip("trimesh")


def joined(*boxes):
    """One mesh of boxes given as (size, centre)."""
    parts = [trimesh.creation.box(size).apply_translation(centre) for size, centre in boxes]
    return trimesh.util.concatenate(parts)


def soup(mesh):
    return mesh.vertices, mesh.faces


def test_a_ball_is_a_ball():
    """Against the closed form: only cells that the sphere passes through may be added."""
    grid = voxelize(*soup(trimesh.creation.icosphere(4)), 32)
    cell = (np.indices(grid.shape).transpose(1, 2, 3, 0) + 0.5) / 32 - 0.5
    radius = np.linalg.norm(cell, axis=-1)
    assert grid[radius < 0.495].all()
    assert not grid[radius > 0.5 + 0.5 * 3**0.5 / 32].any()


def test_axes_and_extent():
    """x:y:z = 4:2:1, with a knob on the +x, +y, +z corner."""
    mesh = joined(((4, 2, 1), (0, 0, 0)), ((1, 1, 0.5), (1.5, 1.5, 0.25)))
    grid = voxelize(*soup(mesh), 32)
    spans = [np.flatnonzero(grid.any(tuple({0, 1, 2} - {axis})))[[0, -1]] for axis in range(3)]
    assert spans[0].tolist() == [0, 31]  # the longest axis spans the grid
    assert [np.ptp(span) + 1 for span in spans[1:]] == [24, 8]  # 3/4 and 1/4 of it
    x, y, z = np.argwhere(grid).T
    top = y == y.max()
    assert x[top].min() > 20
    assert z[top].min() > 14


def test_bodies_with_holes_become_solid():
    ball = trimesh.creation.icosphere(4)
    whole = voxelize(*soup(ball), 32)
    centres = ball.triangles_center
    away = np.linalg.norm(centres - [0, 0, 1], axis=1)
    window = (away > 0.4) | (away < 0.1)  # the pole stays, and with it the extent
    torn = voxelize(ball.vertices, ball.faces[window], 32)
    assert (torn & whole).sum() / (torn | whole).sum() > 0.97
    box = trimesh.creation.box()
    for normal in np.vstack([np.eye(3), -np.eye(3)]):
        open_box = box.faces[box.face_normals @ normal < 0.5]
        assert voxelize(box.vertices, open_box, 16).mean() > 0.9
        assert voxelize(box.vertices, open_box[:, ::-1], 16).mean() > 0.9  # inside out


def test_doubled_walls_do_not_bulge_out_of_an_opening():
    """A car without a floor whose body was modelled twice once filled a dome under its wheels."""
    box = trimesh.creation.box((4, 1, 2))
    open_below = box.faces[box.face_normals[:, 1] > -0.5]
    mesh = trimesh.Trimesh(box.vertices, np.vstack([open_below] * 3), process=False)
    grid = voxelize(*soup(mesh), 32)
    rows = np.flatnonzero(grid.any((0, 2)))
    assert (rows[0], rows[-1]) == (12, 19)  # the box and no more
    assert grid[:, 12:20, 8:24].all()


def test_directions_blocked_by_hand():
    surface = np.zeros((3, 3, 3), bool)
    surface[0, 1, 1] = surface[1, 2, 1] = True
    blocked = directions_blocked(surface)
    assert blocked[1, 1, 1] == 2  # -x and +y
    assert blocked[2, 1, 1] == 1
    assert blocked[0, 1, 1] == 6
    assert blocked[0, 0, 0] == 0


def test_a_shelf_of_boards_and_a_table_stay_open():
    shelf = joined(
        ((1, 0.1, 0.6), (0, 0, 0)),
        ((1, 0.1, 0.6), (0, 1, 0)),
        ((0.1, 1, 0.6), (-0.45, 0.5, 0)),
        ((0.1, 1, 0.6), (0.45, 0.5, 0)),
        ((1, 1, 0.05), (0, 0.5, -0.3)),
    )
    grid = voxelize(*soup(shelf), 32)
    assert not grid[10:22, 10:22, 16].any()
    legs = [((0.1, 1, 0.1), (x, 0.5, z)) for x in (-0.5, 0.5) for z in (-0.5, 0.5)]
    table = voxelize(*soup(joined(((1.2, 0.1, 1.2), (0, 1, 0)), *legs)), 32)
    assert not table[8:24, :20, 8:24].any()
    assert table[16, -6:, 16].any()


def test_winding_number_equals_the_solid_angle():
    """A square of side 2 a subtends 4 atan(a^2 / (d sqrt(2 a^2 + d^2))) from distance d."""
    area = np.zeros((3, 24, 24, 24))
    area[1, 8:16, 4, 8:16] = 1.0
    winding = winding_number(area)
    for y, sign in ((12, -1), (0, 1)):
        found = winding[11:13, y, 11:13].mean()
        d = abs(y - 4)
        angle = 4 * np.arctan(16 / (d * np.sqrt(32 + d**2)))
        assert found == pytest.approx(sign * angle / (4 * np.pi), rel=0.05)


def test_a_folder_of_all_kinds(tmp_path, capsys):
    mesh = trimesh.creation.icosphere(2)
    for kind in ("obj", "glb", "stl", "ply", "off"):
        (tmp_path / kind).mkdir()
        mesh.export(tmp_path / kind / f"ball.{kind}")
    (tmp_path / "obj" / "empty.obj").write_text("")
    (tmp_path / "obj" / "torn.obj").write_text("v 0 0 0\nf 1 2 9\n")
    (tmp_path / "glb" / "junk.glb").write_bytes(b"glTF and then nothing")
    (tmp_path / "stl" / "flat.stl").write_text("solid\nendsolid")
    (tmp_path / "ply" / "notes.txt").write_text("not a mesh")
    source = open_source(f"meshes:{tmp_path}")
    assert source.categories == ["glb", "obj", "off", "ply", "stl"]
    assert len(source) == 5
    assert source.skipped == 4
    lines = capsys.readouterr().err.splitlines()
    assert [line.startswith("skipped: ") for line in lines] == [True] * 4 + [False]
    assert lines[-1] == "4 of 9 meshes skipped"
    grids = [item.grid > 0 for item in source]
    assert all(np.array_equal(grid, grids[0]) for grid in grids)
    assert source[0].id == "glb/ball.glb"
    assert (source[0].images, source[0].captions) == ([], ["a glb"])


def test_damaged_meshes_are_one_sentence(tmp_path):
    """Empty, points only, NaN, infinite, without extent, degenerate, torn in the middle."""
    points = "ply\nformat ascii 1.0\nelement vertex 1\n"
    points += "".join(f"property float {axis}\n" for axis in "xyz") + "end_header\n0 0 0\n"
    whole = trimesh.creation.icosphere(2).export(file_type="ply")
    files = {
        "empty.ply": b"",
        "empty.stl": b"",
        "points.ply": points.encode(),
        "nan.obj": b"v 0 0 0\nv 1 nan 0\nv 0 1 0\nf 1 2 3\n",
        "infinite.off": b"OFF\n3 1 0\n0 0 0\n1 0 inf\n0 1 0\n3 0 1 2\n",
        "huge.obj": b"v -1e308 0 0\nv 1e308 0 0\nv 0 1 0\nf 1 2 3\n",
        "point.obj": b"v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n",
        "torn.ply": whole[: len(whole) // 2],
        "other.glb": b"\x89PNG\r\n\x1a\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=name) as caught:
            load_mesh(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_a_vertex_that_no_face_uses_does_not_matter(tmp_path):
    ball = trimesh.creation.icosphere(2)
    vertices = np.vstack([ball.vertices, [[np.nan, 0, 0], [50, 50, 50]]])
    mesh = trimesh.Trimesh(vertices, ball.faces, process=False)
    (tmp_path / "ball.ply").write_bytes(mesh.export(file_type="ply"))
    assert np.array_equal(
        voxelize(*load_mesh(tmp_path / "ball.ply"), 16), voxelize(*soup(ball), 16)
    )


def test_a_gltf_with_its_buffer_beside_it(tmp_path):
    """Two instances of one box: the transforms of the scene count."""
    scene = trimesh.Scene()
    for x in (0, 3):
        move = trimesh.transformations.translation_matrix((x, 0, 0))
        scene.add_geometry(trimesh.creation.box(), geom_name="box", transform=move)
    for name, content in scene.export(file_type="gltf").items():
        (tmp_path / name).write_bytes(content)
    (path,) = tmp_path.glob("*.gltf")
    vertices, _ = load_mesh(path)
    np.testing.assert_allclose(np.ptp(vertices, 0), [4, 1, 1], rtol=1e-5)


def test_large_meshes_are_taken_piece_by_piece(monkeypatch):
    ball = trimesh.creation.icosphere(3)
    whole = voxelize(*soup(ball), 16)
    monkeypatch.setattr(meshes, "MAX_FACES", 7)
    monkeypatch.setattr(meshes, "MAX_POINTS", 100)
    assert np.array_equal(voxelize(*soup(ball), 16), whole)


def test_triangles_that_overlap_without_end_are_refused(monkeypatch):
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0.0]])
    many = np.tile([[0, 1, 2]], (40, 1))
    parts = np.ceil(2 * 16 * 2**0.5) ** 2  # of one triangle, which spans all 16 cells
    monkeypatch.setattr(meshes, "MOST_POINTS", 41 * parts)
    voxelize(corners, many, 16)
    monkeypatch.setattr(meshes, "MOST_POINTS", 39 * parts)
    with pytest.raises(ValueError, match="too many large triangles"):
        voxelize(corners, many, 16)


def test_nothing_but_broken_files(tmp_path):
    (tmp_path / "a.obj").write_text("")
    with pytest.raises(ValueError, match="None of the 1 meshes"):
        open_source(f"meshes:{tmp_path}")
