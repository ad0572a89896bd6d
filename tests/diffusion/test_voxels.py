from __future__ import annotations

import io
import itertools
import json

import numpy as np
import pytest

from diffusion.grids.to_mesh import export_glb, exposed_faces, surface, to_stl, to_trimesh

trimesh = pytest.importorskip("trimesh")


def lopsided(side: int = 16) -> np.ndarray:
    """A mast at -x and +z, from the floor up, with a flag towards +x: no two axes are alike."""
    grid = -np.ones((side,) * 3, np.float32)
    grid[2:4, 1:15, 11:14] = 1
    grid[4:9, 11:15, 12:13] = 1
    return grid


def noisy(seed: int, side: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (side,) * 3).astype(np.float32)


def ball(radius: float, side: int) -> np.ndarray:
    centres = (np.indices((side,) * 3) + 0.5) / side - 0.5
    distance = radius - np.sqrt((centres**2).sum(0))
    return np.clip(distance * side / 2, -1, 1).astype(np.float32)


def signed_volume(vertices, faces) -> float:
    """By the divergence theorem; negative if the faces look inwards."""
    a, b, c = (vertices[faces[:, i]].astype(np.float64) for i in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def halves(quads):
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


@pytest.mark.parametrize("seed", range(3))
def test_exposed_faces_against_brute_force(seed):
    full = noisy(seed) > 0.2
    side = len(full)
    expected = set()
    for cell in itertools.product(range(side), repeat=3):
        for axis, sign in itertools.product(range(3), (-1, 1)):
            beside = list(cell)
            beside[axis] += sign
            outside = not 0 <= beside[axis] < side
            if full[cell] and (outside or not full[tuple(beside)]):
                centre = [2 * i + 1 for i in cell]
                centre[axis] += sign
                expected.add((*centre, axis, sign))
    vertices, quads = exposed_faces(full)
    assert vertices.dtype == np.float32
    lattice = np.rint((vertices + 0.5) * side).astype(int)
    np.testing.assert_allclose(lattice / side - 0.5, vertices, atol=1e-6)
    assert len(np.unique(lattice, axis=0)) == len(lattice)
    assert np.array_equal(np.unique(quads), np.arange(len(vertices)))
    found = set()
    for quad in lattice[quads]:
        normal = np.cross(quad[1] - quad[0], quad[2] - quad[1])
        assert np.abs(normal).sum() == 1  # a unit square, its corners in turn
        assert np.array_equal(quad[0] + quad[2], quad[1] + quad[3])
        axis = int(np.abs(normal).argmax())
        found.add((*(quad[0] + quad[2]).tolist(), axis, int(normal[axis])))
    assert len(found) == len(quads)
    assert found == expected
    assert signed_volume(vertices, halves(quads)) == pytest.approx(full.mean(), rel=1e-5)


@pytest.mark.parametrize("radius", [0.25, 0.45])
def test_the_surface_of_a_ball(radius):
    vertices, faces = surface(ball(radius, 32))
    np.testing.assert_allclose(np.linalg.norm(vertices, axis=1), radius, atol=0.002)
    assert signed_volume(vertices, faces) == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.01)


@pytest.mark.parametrize("kind", ["noise", "ties", "signs", "clipped", "half", "full"])
def test_the_surface_is_closed(kind):
    """Ties and zeros too: marching cubes may leave edges there that four triangles share."""
    change = {
        "noise": lambda grid: grid,
        "ties": lambda grid: np.rint(grid * 2) / 2,
        "signs": lambda grid: np.where(grid > 0, 1.0, -1.0),
        "clipped": lambda grid: np.clip(grid * 5, -1, 1),
        "half": lambda grid: np.rint(grid * 2).astype(np.float16) / 2,
        "full": lambda grid: np.ones_like(grid),
    }[kind]
    for seed in range(8):
        grid = change(noisy(seed))
        vertices, faces = surface(grid)
        assert np.abs(vertices).max() <= 0.5
        edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
        directed = {tuple(edge) for edge in edges.tolist()}
        assert len(directed) == len(edges)  # each once in each direction: closed, and one side out
        assert directed == {(b, a) for a, b in directed}
        assert signed_volume(vertices, faces) > 0


def test_the_surface_has_full_cells_inside_and_empty_ones_outside():
    """By the winding number (van Oosterom & Strackee 1983) around every cell's centre."""
    grid = noisy(0)
    centres = (np.indices(grid.shape).reshape(3, -1).T + 0.5) / len(grid) - 0.5
    vertices, faces = surface(grid)
    a, b, c = (vertices[faces[:, i]] - centres[:, None] for i in range(3))  # (cells, F, 3) each
    volume = (a * np.cross(b, c)).sum(-1)
    of_a, of_b, of_c = (np.linalg.norm(x, axis=-1) for x in (a, b, c))
    ab, bc, ca = (a * b).sum(-1), (b * c).sum(-1), (c * a).sum(-1)
    half_angle = np.arctan2(volume, of_a * of_b * of_c + ab * of_c + bc * of_a + ca * of_b)
    winding = half_angle.sum(1) / (2 * np.pi)
    np.testing.assert_allclose(winding, grid.ravel() > 0, atol=1e-3)


@pytest.mark.parametrize("smooth", [True, False])
def test_a_glb_file_keeps_axes_and_colour(tmp_path, smooth):
    path = tmp_path / "shape.glb"
    data = export_glb(lopsided(), path, color="#ff8000", smooth=smooth)
    assert path.read_bytes() == data
    assert data[:4] == b"glTF"
    mesh = trimesh.load(io.BytesIO(data), file_type="glb", force="mesh")
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    # From lopsided(): x 2..9, y 1..15, z 11..14 of 16 cells.
    expected = np.array([[2, 1, 11], [9, 15, 14]]) / 16 - 0.5
    np.testing.assert_allclose(mesh.bounds, expected, atol=1e-6)
    exact = (lopsided() > 0).mean()
    assert mesh.volume == pytest.approx(exact, rel=0.2 if smooth else 1e-5)
    flag = mesh.vertices[mesh.vertices[:, 0] > 5 / 16 - 0.5]
    assert flag[:, 1].min() >= 10.5 / 16 - 0.5  # it flies at the top
    header = json.loads(data[20 : 20 + int.from_bytes(data[12:16], "little")])
    surface_of = header["materials"][0]["pbrMetallicRoughness"]
    # #80 is 0.216 in linear light.
    np.testing.assert_allclose(surface_of["baseColorFactor"], [1, 0.216, 0, 1], atol=0.003)
    assert surface_of["metallicFactor"] == 0
    has_normals = "NORMAL" in header["meshes"][0]["primitives"][0]["attributes"]
    assert has_normals == smooth


def test_half_precision_grids_and_no_path():
    grid = lopsided().astype(np.float16)
    assert export_glb(grid) == export_glb(grid.astype(np.float32))


@pytest.mark.parametrize("make", [surface, to_trimesh, export_glb])
def test_an_empty_grid_has_no_mesh(make, tmp_path):
    with pytest.raises(ValueError, match="empty"):
        make(np.zeros((4, 4, 4), np.float32))
    vertices, quads = exposed_faces(np.zeros((4, 4, 4), bool))
    assert vertices.shape == (0, 3)
    assert quads.shape == (0, 4)


def test_a_shape_for_printing_stands_and_has_a_size(tmp_path):
    """Slicers take numbers for millimetres and +z for up; read back by trimesh."""
    grid = lopsided()
    mesh = to_trimesh(grid)
    printed = trimesh.load_mesh(io.BytesIO(to_stl(mesh)), file_type="stl")
    assert printed.extents.max() == pytest.approx(100, rel=1e-5)
    assert printed.extents.argmax() == 2  # the mast stands
    assert printed.volume > 0
    assert printed.volume == pytest.approx(mesh.volume * (100 / mesh.extents.max()) ** 3, rel=1e-4)
    turn = trimesh.transformations.rotation_matrix(np.pi / 2, [1, 0, 0])  # +y to +z
    stood = mesh.copy().apply_transform(turn).apply_scale(100 / mesh.extents.max())
    np.testing.assert_allclose(printed.bounds, stood.bounds, atol=1e-3)
    np.testing.assert_allclose(printed.center_mass, stood.center_mass, atol=1e-2)
