"""The page's modules against numpy, scipy and trimesh: what they count, mesh and draw."""

from __future__ import annotations

import base64
import io
from itertools import combinations

import numpy as np
import pytest
import trimesh
from PIL import Image
from scipy.ndimage import label

from demo.service.frames import pack
from diffusion.grids.frame import iou
from tests.demo.driving.modules import open_modules
from tests.demo.fakes import chair

pytestmark = pytest.mark.browser
CHAIR = chair(armrest=True) > 0


@pytest.fixture(scope="module")
def call(chromium):
    """Call what the modules export: call("return f(args.x)", x=...); grids arrive as `grid`."""
    page = open_modules(chromium)
    for name in (
        "web/grids",
        "web/thumbnails",
        "widgets/viewer/smooth",
        "widgets/viewer/difference",
    ):
        page.evaluate(
            "async (name) => { Object.assign(window, await import(name)); }", f"/{name}.js"
        )

    def run(body: str, **args):
        args = {k: pack(v) if isinstance(v, np.ndarray) else v for k, v in args.items()}
        return page.evaluate(f"(args) => {{ {body} }}", args)

    yield run
    page.close()


def random_grid(resolution: int, share: float) -> np.ndarray:
    return np.random.default_rng(resolution).random((resolution,) * 3) < share


@pytest.mark.parametrize(("resolution", "share"), [(5, 0.15), (9, 0.04), (16, 0.08), (32, 0.03)])
def test_parts_are_those_of_scipy(call, resolution, share):
    grid = random_grid(resolution, share)
    _, expected = label(grid, np.ones((3, 3, 3)))
    assert expected > 1
    body = "return parts(unpack(args.grid, args.R), args.R)"
    assert call(body, grid=grid, R=resolution) == expected


def test_parts_of_nothing_and_of_cells_that_touch_by_a_corner(call):
    grid = np.zeros((4, 4, 4), bool)
    body = "return parts(unpack(args.grid, 4), 4)"
    assert call(body, grid=grid) == 0
    grid[0, 0, 3] = grid[1, 1, 2] = True
    assert call(body, grid=grid) == 1
    grid[3, 3, 0] = True
    assert call(body, grid=grid) == 2


def test_shares_iou_and_spread_are_those_of_numpy(call):
    grids = [random_grid(7, share) for share in (0.2, 0.5, 0.7)]
    names = {f"g{i}": grid for i, grid in enumerate(grids)}
    share, overlap, between, alone = call(
        """const grids = [args.g0, args.g1, args.g2].map((bits) => unpack(bits, 7));
        return [filled(grids[0]), iou(grids[0], grids[1]), spread(grids), spread([grids[0]])]""",
        **names,
    )
    assert share == pytest.approx(grids[0].mean())
    assert overlap == pytest.approx(iou(grids[0], grids[1]))
    assert between == pytest.approx(np.mean([1 - iou(a, b) for a, b in combinations(grids, 2)]))
    assert alone is None


def mesh_of(call, body: str, **args) -> tuple[trimesh.Trimesh, np.ndarray]:
    """The mesh in the project's axes, and the intensity of each vertex."""
    body = f"const mesh = {body}; return Object.fromEntries(Object.entries(mesh).map(" + (
        "([name, values]) => [name, [...values]]))"
    )
    mesh = call(body, **args)
    places = np.array([mesh["y"], mesh["z"], mesh["x"]]).T
    faces = np.array([mesh["i"], mesh["j"], mesh["k"]]).T
    return trimesh.Trimesh(places, faces, process=False), np.array(mesh["intensity"])


def test_a_smooth_surface_stays_by_its_shape_and_looks_outward(call):
    mesh, light = mesh_of(call, "smoothMesh(unpack(args.grid, 32), 32)", grid=CHAIR)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert 0.8 * CHAIR.mean() < mesh.volume < CHAIR.mean()  # edges are rounded, not inflated
    corners = (mesh.vertices + 0.5) * 32
    assert np.abs(corners - corners.round()).max() <= 0.45 + 1e-5
    assert light.min() >= 0.31
    assert light.max() <= 1 + 1e-6
    seat = (np.abs(mesh.vertices[:, 0]) < 0.1) & (np.abs(mesh.vertices[:, 2]) < 0.1)
    top, bottom = seat & (corners[:, 1] > 16), seat & (corners[:, 1] < 15)
    assert light[top].min() > light[bottom].max()  # lit from above


def test_a_leg_one_cell_thin_survives_smoothing(call):
    grid = np.zeros((32, 32, 32), bool)
    grid[15, :, 15] = True
    mesh, _ = mesh_of(call, "smoothMesh(unpack(args.grid, 32), 32)", grid=grid)
    middle = mesh.vertices[np.abs(mesh.vertices[:, 1]) < 0.2]
    for axis in (0, 2):
        assert 0.5 / 32 - 1e-6 <= np.ptp(middle[:, axis]) <= 1 / 32
    assert np.ptp(mesh.vertices[:, 1]) > 31 / 32


def test_the_difference_shows_each_kind_of_cell_in_its_third_of_the_scale(call):
    a, b = random_grid(8, 0.3), random_grid(8, 0.6)[::-1]
    for apart, shown in ((False, a | b), (True, a ^ b)):
        mesh, light = mesh_of(
            call,
            "differenceMesh(unpack(args.a, 8), unpack(args.b, 8), 8, args.apart)",
            a=a,
            b=b,
            apart=apart,
        )
        assert mesh.volume == pytest.approx(shown.mean())
        # Two triangles a face; the cell lies half a cell behind the middle of the face.
        middle = mesh.vertices[mesh.faces].reshape(-1, 6, 3).mean(1)
        cells = ((middle - mesh.face_normals[::2] / 16 + 0.5) * 8).astype(int)
        in_a, in_b = a[tuple(cells.T)], b[tuple(cells.T)]
        np.testing.assert_array_equal(
            (light[mesh.faces[::2, 0]] * 3).astype(int),
            np.where(in_a & in_b, 1, np.where(in_a, 0, 2)),
        )


def test_a_thumbnail_shows_the_shape_upright_and_unmirrored(call):
    half = CHAIR & (np.arange(32) >= 16)  # of the chair, at +z: lopsided along every axis
    data = call(
        """const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 96;
        const shades = ["#000000", "#000000", "#808080", "#ffffff"];
        paintModel(canvas, modelOf(args.grid, 32), shades, args.azimuth);
        return canvas.toDataURL()""",
        grid=half,
        azimuth=0.5,
    )
    image = Image.open(io.BytesIO(base64.b64decode(data.split(",")[1]))).convert("LA")
    shown = np.asarray(image)[..., 1] > 0

    # Points all over the full cells, projected: seen from the front, turned towards +z, from above.
    def silhouette(grid):
        offsets = np.stack(np.meshgrid(*[np.linspace(0, 1, 4)] * 3), -1).reshape(-1, 3)
        x, y, z = ((np.argwhere(grid)[:, None] + offsets) / 32 - 0.5).reshape(-1, 3).T
        tilt, turn = 0.45, 0.5
        right = x * np.sin(turn) - z * np.cos(turn)
        toward = x * np.cos(turn) + z * np.sin(turn)
        above = y * np.cos(tilt) - toward * np.sin(tilt)
        pixels = np.zeros((96, 96), bool)
        rows, columns = (48 + np.array([-above, right]) * 96 / 1.45).astype(int)
        pixels[rows, columns] = True
        return pixels

    right_way = iou(shown[None], silhouette(half)[None])
    assert right_way > 0.9
    for mirrored in (half[::-1], half[:, ::-1], half[:, :, ::-1]):
        assert right_way > iou(shown[None], silhouette(mirrored)[None]) + 0.2
