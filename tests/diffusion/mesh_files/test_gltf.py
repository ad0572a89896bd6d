"""Every way in which glTF may write one shape gives that shape, or is refused by name."""

from __future__ import annotations

import io

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import Rotation

from diffusion.grids.from_mesh import read_mesh
from diffusion.mesh_files import gltf
from tests.diffusion.mesh_files.writing import Gltf, lopsided, soup

MESH = lopsided()
POINTS, FACES = np.asarray(MESH.vertices), np.asarray(MESH.faces)
WANTED = soup(POINTS, FACES)


def found(file: bytes, suffix: str = ".glb"):
    vertices, faces, _ = read_mesh(io.BytesIO(file), suffix, "x" + suffix)
    return soup(vertices, faces)


def plain(file: Gltf, points=POINTS, **attributes) -> dict:
    attributes = {"POSITION": file.accessor(points, "f4"), **attributes}
    return {"attributes": attributes, "indices": file.accessor(FACES.reshape(-1), "u2")}


def test_a_plain_file_and_one_that_trimesh_writes():
    file = Gltf()
    np.testing.assert_allclose(found(file.show(plain(file)).glb()), WANTED)
    file = Gltf()
    np.testing.assert_allclose(found(file.show(plain(file)).gltf(), ".gltf"), WANTED)
    np.testing.assert_allclose(found(MESH.export(file_type="glb")), WANTED)


@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u2"])
def test_normalised_integers_are_shares(kind):
    """Quantised, and put in place by the node."""
    top = np.iinfo(kind).max
    low, high = POINTS.min(0), POINTS.max(0)
    shares = (POINTS - low) / (high - low) * top
    file = Gltf(extensionsRequired=["KHR_mesh_quantization"])
    at = file.accessor(shares.round(), kind, stride=-(-3 * np.dtype(kind).itemsize // 4) * 4)
    file.tree["accessors"][at]["normalized"] = True
    indices = file.accessor(FACES.reshape(-1), "u4")
    node = {"scale": list(high - low), "translation": list(low)}
    file.show({"attributes": {"POSITION": at}, "indices": indices}, node=node)
    np.testing.assert_allclose(
        found(file.glb()), soup(shares.round() / top * (high - low) + low, FACES)
    )


def test_integers_that_are_not_normalised_are_lengths():
    file = Gltf(extensionsRequired=["KHR_mesh_quantization"])
    at = file.accessor((POINTS * 1000).round(), "i2")
    indices = file.accessor(FACES.reshape(-1), "u2")
    file.show({"attributes": {"POSITION": at}, "indices": indices}, node={"scale": [0.001] * 3})
    np.testing.assert_allclose(found(file.glb()), WANTED, atol=1e-3)


@pytest.mark.parametrize("base", [True, False])
def test_sparse_accessors_replace_rows(base):
    file = Gltf()
    rows = np.arange(len(POINTS)) if not base else np.array([0, 7, 39])
    wrong = POINTS.copy()
    wrong[rows] = 9
    sparse = {
        "count": len(rows),
        "indices": {"bufferView": file.view(rows.astype("<u2").tobytes()), "componentType": 5123},
        "values": {"bufferView": file.view(POINTS[rows].astype("<f4").tobytes())},
    }
    if base:
        at = file.accessor(wrong, "f4", sparse=sparse)
    else:
        at = file.declare(wrong, "f4", sparse=sparse)
    indices = file.accessor(FACES.reshape(-1), "u2")
    file.show({"attributes": {"POSITION": at}, "indices": indices})
    np.testing.assert_allclose(found(file.glb()), WANTED)


@pytest.mark.parametrize("at_node", [True, False])
def test_morph_targets_count_at_their_default_weights(at_node):
    file = Gltf()
    moves = np.random.default_rng(0).normal(size=(2, *POINTS.shape)).astype("f4")
    primitive = plain(file, POINTS - 0.5 * moves[0])
    primitive["targets"] = [{"POSITION": file.accessor(move, "f4")} for move in moves]
    weights = {"weights": [0.5, 0.0]}
    if at_node:
        file.show(primitive, node=weights, weights=[0.0, 3.0])
    else:
        file.show(primitive, **weights)
    np.testing.assert_allclose(found(file.glb()), WANTED, atol=2e-4)


@pytest.mark.parametrize("kind", ["f4", "u1", "u2"])
def test_skins_take_the_vertices_to_their_joints(kind):
    """Two joints under an armature of 0.01; the place of the mesh's own node does not count."""
    turn = Rotation.from_euler("xyz", [0.3, -0.8, 1.1])
    joints = [
        {"children": [2], "scale": [0.01] * 3, "rotation": list(turn.as_quat())},
        {"translation": [10.0, -20.0, 5.0]},
    ]
    file = Gltf(nodes=joints, scenes=[{"nodes": [0, 1]}])
    worlds = np.tile(np.eye(4), (2, 1, 1))
    worlds[:, :3, :3] = 0.01 * turn.as_matrix()
    worlds[1, :3, 3] = worlds[0, :3, :3] @ joints[1]["translation"]
    binds = np.linalg.inv(worlds)  # so that the shape is at rest
    skin = {"joints": [1, 2]}
    skin["inverseBindMatrices"] = file.accessor(binds.transpose(0, 2, 1).reshape(2, 16), "f4")
    file.tree["skins"] = [skin]
    shares = np.linspace(0, 1, len(POINTS))
    weights = np.stack([shares, 1 - shares, 0 * shares, 0 * shares], 1)
    top = 1 if kind == "f4" else np.iinfo(kind).max
    more = {} if kind == "f4" else {"normalized": True}
    which = np.tile([0, 1, 0, 0], (len(POINTS), 1))
    attributes = {
        "JOINTS_0": file.accessor(which, "u1"),
        "WEIGHTS_0": file.accessor((weights * top).round() if top > 1 else weights, kind, **more),
    }
    node = {"skin": 0, "translation": [100.0, 0.0, 0.0]}
    file.show(plain(file, **attributes), node=node)
    np.testing.assert_allclose(found(file.glb()), WANTED, atol=2e-4)


@pytest.mark.parametrize("required", [True, False])
def test_instances_are_shown_where_they_are(required):
    places = np.array([[0, 0, 0], [3, 0, 0], [0, 5, 1.0]])
    turns = Rotation.from_rotvec([[0, 0, 0], [0, 1, 0], [1, 1, 0]])
    scales = np.array([[1, 1, 1], [1, 2, 1], [0.5, 0.5, 0.5]])
    file = Gltf(extensionsUsed=["EXT_mesh_gpu_instancing"])
    if required:
        file.tree["extensionsRequired"] = ["EXT_mesh_gpu_instancing"]
    given = {
        "TRANSLATION": file.accessor(places, "f4"),
        "ROTATION": file.accessor(turns.as_quat(), "f4"),
        "SCALE": file.accessor(scales, "f4"),
    }
    extension = {"EXT_mesh_gpu_instancing": {"attributes": given}}
    file.show(plain(file), node={"extensions": extension, "scale": [2, 2, 2]})
    parts = [
        2 * (turn.apply(POINTS * s) + p) for turn, s, p in zip(turns, scales, places, strict=True)
    ]
    wanted = soup(np.concatenate(parts), np.concatenate([FACES + 40 * i for i in range(3)]))
    np.testing.assert_allclose(found(file.glb()), wanted, atol=2e-4)


def test_strips_and_fans_and_lists_without_indices():
    square = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 2, 0], [1, 2, 0.0]])
    strip = Gltf()
    strip.show({"attributes": {"POSITION": strip.accessor(square, "f4")}, "mode": 5})
    faces = [[0, 1, 2], [2, 1, 3], [2, 3, 4], [4, 3, 5]]
    np.testing.assert_allclose(found(strip.glb()), soup(square, faces))
    around = square[[0, 1, 3, 5, 4]]
    fan = Gltf()
    indices = fan.accessor(np.arange(5), "u1")
    at = fan.accessor(around, "f4")
    fan.show({"attributes": {"POSITION": at}, "indices": indices, "mode": 6})
    np.testing.assert_allclose(found(fan.glb()), soup(around, [[0, 1, 2], [0, 2, 3], [0, 3, 4]]))
    loose = Gltf()
    loose.show({"attributes": {"POSITION": loose.accessor(POINTS[FACES].reshape(-1, 3), "f4")}})
    np.testing.assert_allclose(found(loose.glb()), WANTED)


def test_only_the_scene_that_is_shown_counts_and_every_transform():
    """Against trimesh, which reads plain scenes rightly."""
    scene = trimesh.Scene()
    for at in range(3):
        matrix = trimesh.transformations.random_rotation_matrix(np.array([0.1, 0.5, 0.2 * at]))
        matrix[:3, 3] = at
        scene.add_geometry(MESH, geom_name="chair", transform=matrix)
    data = scene.export(file_type="glb")
    read = trimesh.load_scene(io.BytesIO(data), file_type="glb").to_mesh()
    np.testing.assert_allclose(found(data), soup(read.vertices, read.faces), atol=2e-4)
    file = Gltf(nodes=[{"mesh": 0, "translation": [50, 0, 0]}], scene=1)
    file.tree["scenes"] = [{"nodes": [1]}, {"nodes": [0]}]
    np.testing.assert_allclose(found(file.show(plain(file)).glb()), WANTED)


def test_a_mirrored_part_is_turned_inside_in():
    file = Gltf()
    mirrored = trimesh.Trimesh(POINTS * [-1, 1, 1], FACES[:, ::-1], process=False)
    assert mirrored.volume > 0
    file.show(plain(file), node={"scale": [-1, 1, 1]})
    np.testing.assert_allclose(found(file.glb()), soup(mirrored.vertices, mirrored.faces))


def packed(name: str, required: bool) -> bytes:
    """A part whose numbers an extension would unpack, beside a plain one."""
    file = Gltf(extensionsUsed=[name])
    if required:
        file.tree["extensionsRequired"] = [name]
    part = {"attributes": {"POSITION": file.declare(POINTS, "f4")}}
    part["indices"] = file.declare(FACES.reshape(-1), "u2")
    if "meshopt" in name:
        file.tree["buffers"] = [{"byteLength": 480, "extensions": {name: {"fallback": True}}}]
        view = {"buffer": 1, "byteLength": 480, "extensions": {name: {"buffer": 0}}}
        file.tree["bufferViews"].append(view)
        for accessor in file.tree["accessors"]:
            accessor["bufferView"] = len(file.tree["bufferViews"]) - 1
    else:
        part["extensions"] = {name: {"bufferView": 0, "attributes": {"POSITION": 0}}}
    return file.show(part, plain(file)).glb()


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize(
    "name", ["KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_meshopt_compression"]
)
def test_packed_numbers_are_refused_by_the_name_of_the_extension(name, required):
    with pytest.raises(ValueError, match=rf"^'x\.glb' needs {name}, which is not read here: .*$"):
        found(packed(name, required))


def test_what_is_required_and_unknown_is_refused_and_looks_are_not():
    file = Gltf(extensionsRequired=["ACME_bent_space", "KHR_texture_basisu"])
    with pytest.raises(ValueError, match="needs ACME_bent_space, which"):
        found(file.show(plain(file)).glb())
    file = Gltf(extensionsRequired=["KHR_materials_unlit", "KHR_texture_transform"])
    np.testing.assert_allclose(found(file.show(plain(file)).glb()), WANTED)


def test_lines_beside_a_shape_are_left_out_and_said():
    file = Gltf()
    line = {"attributes": {"POSITION": file.accessor(POINTS * 9, "f4")}, "mode": 1}
    mesh = read_mesh(io.BytesIO(file.show(plain(file), line).glb()), ".glb", "x.glb")
    np.testing.assert_allclose(soup(*mesh[:2]), WANTED)
    assert mesh.ignored == ("lines and points",)
    file = Gltf()
    line = {"attributes": {"POSITION": file.accessor(POINTS, "f4")}, "mode": 0}
    with pytest.raises(ValueError, match="holds no triangles, only lines and points"):
        found(file.show(line).glb())


def test_a_few_bytes_that_declare_much_are_refused_before_it_is_made(monkeypatch):
    file = Gltf()
    file.show(plain(file))
    accessor = file.tree["accessors"][0]
    accessor["count"] = 10**9
    with pytest.raises(ValueError, match=r"declares more numbers|more than 20,000,000 triangles"):
        found(file.glb())
    file = Gltf()
    many = np.zeros((3000, 3))
    given = {"TRANSLATION": file.accessor(many, "f4")}
    node = {"extensions": {"EXT_mesh_gpu_instancing": {"attributes": given}}}
    data = file.show(plain(file), node=node).glb()
    monkeypatch.setattr(gltf._Scene, "_morphed", None)  # may not be reached
    with pytest.raises(ValueError, match="more than 100,000 triangles"):
        read_mesh(io.BytesIO(data), ".glb", "x.glb", most=100_000)
    part = {"attributes": {"POSITION": file.accessor(np.zeros((9000, 3)), "f4")}}
    part["indices"] = file.accessor(np.arange(3), "u2")  # one triangle of many vertices
    with pytest.raises(ValueError, match="more than 100,000 triangles"):
        read_mesh(io.BytesIO(file.show(part, node=node).glb()), ".glb", "x.glb", most=100_000)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t["nodes"].append({"children": [0]}) or t["scenes"][0]["nodes"].append(1),
        lambda t: t["nodes"][0].update(children=[0]),
        lambda t: t["nodes"][0].update(mesh=-1),
        lambda t: t["nodes"][0].update(mesh=7),
        lambda t: t["nodes"][0].update(rotation=[0, 0, 0, 0]),
        lambda t: t["nodes"][0].update(matrix=[1, 2, 3]),
        lambda t: t["accessors"][0].update(count=-4),
        lambda t: t["accessors"][0].update(count="many"),
        lambda t: t["accessors"][0].update(byteOffset=10**12),
        lambda t: t["accessors"][0].update(byteOffset=-8),
        lambda t: t["accessors"][0].update(type="VEC9"),
        lambda t: t["accessors"][1].update(componentType=5126),
        lambda t: t["bufferViews"][0].update(byteLength=10**9),
        lambda t: t["bufferViews"][0].update(byteStride=-12),
        lambda t: t["bufferViews"][0].update(byteOffset=-1),
        lambda t: t["meshes"][0].update(primitives=None),
        lambda t: t["meshes"][0]["primitives"][0].update(mode=9),
        lambda t: t.update(scene=4),
        lambda t: t.update(nodes=3),
        lambda t: t.update(asset={"version": 2}),
    ],
)
def test_a_damaged_tree_is_one_sentence(change):
    file = Gltf()
    file.show(plain(file))
    change(file.tree)
    with pytest.raises(ValueError, match=r"^'x\.glb' [^\n]+$"):
        found(file.glb())


def test_a_file_beside_it_is_read_from_its_folder_alone(tmp_path):
    file = Gltf()
    tree = file.show(plain(file))
    (tmp_path / "in").mkdir()
    for folder in (tmp_path, tmp_path / "in"):
        (folder / "a b.bin").write_bytes(file.bytes)
    text = tree.gltf()
    for uri, is_right in (("a%20b.bin", True), ("../a%20b.bin", False), ("none.bin", False)):
        start = text.index(b"data:application")
        end = text.index(b'"', start)
        path = tmp_path / "in" / "x.gltf"
        path.write_bytes(text[:start] + uri.encode() + text[end:])
        if is_right:
            np.testing.assert_allclose(soup(*read_mesh(path, ".gltf", "x")[:2]), WANTED)
            with pytest.raises(ValueError, match=r"save it as \.glb"):  # as an upload
                found(path.read_bytes(), ".gltf")
        else:
            with pytest.raises(ValueError, match="beside it, which is missing"):
                read_mesh(path, ".gltf", "x")
