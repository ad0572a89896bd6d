"""OBJ, OFF, PLY and STL as programs write them, and as they should not."""

from __future__ import annotations

import io

import numpy as np
import pytest

from diffusion.grids.from_mesh import read_mesh, voxelize
from tests.diffusion.mesh_files.writing import BOXES, lopsided, soup

MESH = lopsided()
POINTS, FACES = np.asarray(MESH.vertices), np.asarray(MESH.faces)
WANTED = soup(POINTS, FACES)
NOTCHED = [(0, 0), (4, 0), (4, 3), (3, 3), (3, 1), (1, 1), (1, 3), (0, 3)]  # a U


def found(data: bytes | str, suffix: str):
    data = data.encode() if isinstance(data, str) else data
    vertices, faces, _ = read_mesh(io.BytesIO(data), suffix, "x" + suffix)
    return soup(vertices, faces)


def obj(blank: str = " ", end: str = "\n", face=lambda i: f"{i}/{i}/{i}") -> str:
    """The shape with an index that counts from the start."""
    lines = [blank.join(["v", *map(str, point)]) for point in POINTS]
    lines += [blank.join(["f", *(face(i + 1) for i in corners)]) for corners in FACES]
    return end.join(["# a comment", "mtllib none.mtl", "o x", *lines, "g last", ""])


def test_obj_with_tabs_line_ends_comments_and_short_corners():
    np.testing.assert_allclose(found(obj(), ".obj"), WANTED)
    np.testing.assert_allclose(found(obj("\t"), ".obj"), WANTED)
    np.testing.assert_allclose(found(obj("   ", "\r\n"), ".OBJ"), WANTED)
    np.testing.assert_allclose(found(obj(" ", "  # end\r"), ".obj"), WANTED)
    np.testing.assert_allclose(found(obj(face=str), ".obj"), WANTED)
    np.testing.assert_allclose(found(obj(face=lambda i: f"{i}//{i}"), ".obj"), WANTED)
    np.testing.assert_allclose(found("\ufeff" + obj().replace("v ", "v \\\n"), ".obj"), WANTED)


def test_negative_indices_count_back_from_where_they_stand():
    """In blocks: the vertices of a box, then its faces, then the next box."""
    lines, relative = [], (FACES[:12] - 8).tolist()
    for box in range(len(BOXES)):
        lines += [f"v {x} {y} {z}" for x, y, z in POINTS[8 * box : 8 * box + 8]]
        lines += ["usemtl wood", *(f"f {a} {b}/1 {c}" for a, b, c in relative)]
    np.testing.assert_allclose(found("\n".join(lines), ".obj"), WANTED)


@pytest.mark.parametrize(
    "line",
    [
        "f 1 2 41",
        "f 0 1 2",
        "f -41 1 2",
        "f 1 2 three",
        "v 1 2",
        "v 1 2 x",
        "f 1 2 99999999999999999999",
    ],
)
def test_obj_with_a_wrong_line_is_refused(line):
    with pytest.raises(
        ValueError, match=r"x\.obj' (cannot be read in line|has a face with a corner)"
    ):
        found(obj() + line, ".obj")


def test_obj_says_what_it_leaves_out():
    mesh = read_mesh(io.BytesIO((obj() + "l 1 2\nsurf 0 1 0 1 1 2 3 4\n").encode()), ".obj", "x")
    assert mesh.ignored == ("lines and points", "free-form surfaces")
    with pytest.raises(ValueError, match="no triangles, only free-form surfaces"):
        found("v 0 0 0\nsurf 0 1 0 1 1 1 1 1\n", ".obj")


def prism(form: str) -> bytes:
    """A U of thickness one as polygons of eight and four corners."""
    points = [(x, y, z) for z in (0, 1) for x, y in NOTCHED]
    faces = [list(range(7, -1, -1)), list(range(8, 16))]
    faces += [[i, (i + 1) % 8, 8 + (i + 1) % 8, 8 + i] for i in range(8)]
    texts = [" ".join(map(str, point)) for point in points]
    counted = [" ".join(map(str, [len(face), *face])) for face in faces]
    head = "element vertex 16\nproperty float x\nproperty float y\nproperty float z\n"
    head += "element face 10\nproperty list uchar int vertex_indices\nend_header\n"
    if form == "obj":
        return "\n".join(
            [*(f"v {t}" for t in texts), *("f " + " ".join(str(i + 1) for i in f) for f in faces)]
        ).encode()
    if form == "off":
        return "\n".join(["OFF", "16 10 0", *texts, *counted]).encode()
    if form == "ascii":
        return f"ply\nformat ascii 1.0\n{head}".encode() + "\n".join([*texts, *counted]).encode()
    order = {"little": "<", "big": ">"}[form]
    body = np.array(points, order + "f4").tobytes()
    body += b"".join(bytes([len(f)]) + np.array(f, order + "i4").tobytes() for f in faces)
    return f"ply\nformat binary_{form}_endian 1.0\n{head}".encode() + body


@pytest.mark.parametrize(
    ("form", "suffix"),
    [("obj", ".obj"), ("off", ".off"), ("ascii", ".ply"), ("little", ".ply"), ("big", ".ply")],
)
def test_the_notch_of_a_concave_polygon_stays_open(form, suffix):
    vertices, faces, _ = read_mesh(io.BytesIO(prism(form)), suffix, "x")
    grid = voxelize(vertices, faces, 32)  # four units wide: eight cells a unit
    wanted = np.zeros((32, 32), bool)
    wanted[:, 4:28] = True
    wanted[9:23, 13:28] = False
    assert np.array_equal(grid[:, :, 16][9:23, 13:28], wanted[9:23, 13:28])
    assert (grid[:, :, 16] & wanted).sum() / (grid[:, :, 16] | wanted).sum() > 0.9


def test_off_heads():
    body = "\n".join(
        [
            *(" ".join(map(str, p)) for p in POINTS),
            *("3 " + " ".join(map(str, f)) + " 0.5 0.5 0.5" for f in FACES),
        ]
    )
    for head in (
        f"OFF\n40 {len(FACES)} 0\n",
        f"OFF 40 {len(FACES)} 0\n",
        f"# by OFFICE\nOFF\n\n# n\n40 {len(FACES)}\n",
    ):
        np.testing.assert_allclose(found(head + body, ".off"), WANTED)
    colours = "\n".join(" ".join(map(str, [*p, 255, 0, 0, 255])) for p in POINTS)
    faces = "\n".join("3 " + " ".join(map(str, f)) for f in FACES)
    np.testing.assert_allclose(
        found(f"COFF\n40 {len(FACES)} 0\n{colours}\n{faces}", ".off"), WANTED
    )
    for bad, why in (
        ("OFF BINARY\n", "binary OFF"),
        ("4OFF\n4 4 0\n", "three dimensions"),
        (f"OFF\n41 {len(FACES)} 0\n{body}", "cannot be read|cut short"),
        (f"OFF\n40 {len(FACES) + 1} 0\n{body}", "cut short"),
    ):
        with pytest.raises(ValueError, match=why):
            found(bad, ".off")


def test_ply_with_what_programs_add():
    """Colours, doubles, an element of edges first, another length type, bytes after the end."""
    lines = ["ply", "format binary_little_endian 1.0", "comment by someone", "element edge 2"]
    lines += ["property int vertex1", "element vertex 40"]
    lines += [f"property double {axis}" for axis in "xyz"]
    lines += ["property uchar red", f"element face {len(FACES)}", "property uchar flags"]
    lines += ["property list uint uint vertex_index", "property list uchar float texcoord"]
    head = "\r\n".join([*lines, "end_header", ""])
    rows = b"".join(np.array(p, "<f8").tobytes() + b"\xff" for p in POINTS)
    faces = b"".join(
        b"\x01" + np.array([3, *f], "<u4").tobytes() + b"\x06" + bytes(24) for f in FACES
    )
    data = head.encode() + bytes(8) + rows + faces
    np.testing.assert_allclose(found(data + b"\n\n", ".ply"), WANTED)
    for end in (len(data) - 1, len(data) - 900, len(head) + 5):
        with pytest.raises(ValueError, match="cut short or has a row"):
            found(data[:end], ".ply")


def test_ply_strips_and_points():
    head = "ply\nformat ascii 1.0\nelement vertex 6\n"
    head += "".join(f"property float {axis}\n" for axis in "xyz")
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 2, 0], [1, 2, 0.0]])
    rows = "\n".join(" ".join(map(str, p)) for p in points)
    strips = "element tristrips 1\nproperty list int int vertex_indices\nend_header\n"
    wanted = soup(points, [[0, 1, 2], [2, 1, 3], [3, 4, 5]])
    np.testing.assert_allclose(
        found(head + strips + rows + "\n8 0 1 2 3 -1 3 4 5\n", ".ply"), wanted
    )
    with pytest.raises(ValueError, match="holds no triangles"):
        found(head + "end_header\n" + rows, ".ply")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "ply\n",
        "ply\nformat ascii 1.0\nproperty float x\nend_header\n",
        "ply\nformat ascii 1.0\nelement vertex many\nend_header\n",
        "ply\nformat ascii 1.0\nelement vertex 999999999\nproperty float x\nend_header\n",
        "ply\nformat ebcdic 1.0\nend_header\n",
        "ply\nformat ascii 1.0\nelement vertex 1\nproperty quad x\nend_header\n1\n",
        "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n1\n",
    ],
)
def test_ply_with_a_wrong_header_is_refused(header):
    with pytest.raises(ValueError, match=r"^'x\.ply' [^\n]+$"):
        found(header, ".ply")


def test_stl_with_bytes_after_the_end_or_a_count_never_filled_in():
    data = MESH.export(file_type="stl")
    np.testing.assert_allclose(found(data, ".stl"), WANTED)
    for tail in (b"\0", b"\n", b"trailing text of some exporter" * 9):
        np.testing.assert_allclose(found(data + tail, ".stl"), WANTED)
    for count in (0, 0xFFFFFFFF):
        filled = data[:80] + count.to_bytes(4, "little") + data[84:]
        np.testing.assert_allclose(found(filled, ".stl"), WANTED)
    named = b"solid facet by some CAD".ljust(80) + data[80:]
    np.testing.assert_allclose(found(named, ".stl"), WANTED)
    with pytest.raises(
        ValueError, match=f"cut short: it holds {len(FACES) - 1} of {len(FACES)} triangles"
    ):
        found(data[:-7], ".stl")
    for short in (b"", data[:50]):
        with pytest.raises(ValueError, match=r"is empty|is cut short"):
            found(short, ".stl")


def test_stl_as_text_in_capitals_and_cut_short():
    text = MESH.export(file_type="stl_ascii")
    np.testing.assert_allclose(found(text, ".stl"), WANTED)
    np.testing.assert_allclose(found(text.upper().replace("\n", "\r\n\t"), ".stl"), WANTED)
    for bad, why in (
        (text[: len(text) // 2], "cut short"),
        (text.replace("vertex 0.5", "vertex a", 1), "cannot be read"),
    ):
        with pytest.raises(ValueError, match=why):
            found(bad, ".stl")


@pytest.mark.parametrize("suffix", [".glb", ".stl", ".ply", ".obj", ".off"])
@pytest.mark.parametrize("kind", ["point", "line", "repeated"])
def test_triangles_without_an_area_do_not_count(suffix, kind):
    """Far away, as exporters leave them behind."""
    far = {"point": [[90, 90, 90]] * 3, "line": [[90, 90, 90], [80.1, 90, 90], [70.7, 90, 90]]}
    vertices = np.concatenate([POINTS, far.get(kind, [[90, 90, 90], [70, 90, 90], [0, 0, 0]])])
    extra = [[40, 41, 40]] if kind == "repeated" else [[40, 41, 42]]
    mesh = type(MESH)(vertices, np.concatenate([FACES, extra]), process=False)
    data = mesh.export(file_type=suffix[1:])
    np.testing.assert_allclose(found(data, suffix), WANTED, atol=1e-4)


def test_a_shape_of_nothing_but_flat_triangles_has_no_extent():
    with pytest.raises(ValueError, match="has no extent"):
        found("v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", ".obj")
