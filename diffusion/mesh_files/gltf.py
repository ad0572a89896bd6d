"""The shape that a glTF 2.0 file shows at rest: nodes, skins, morph weights, instances.

trimesh (5.2) takes normalised integers for lengths, and ignores sparse accessors, skins, morph
weights, instances and what a file says it requires. Textures and animations are not read.
Format: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from diffusion.mesh_files.gltf_data import Document, needs
from diffusion.mesh_files.mesh import Mesh, UnreadableError, check_count, triangles_of_strips

LINES_AND_POINTS, TRIANGLES, STRIP, FAN = (0, 1, 2, 3), 4, 5, 6
INSTANCING, QUANTISED = "EXT_mesh_gpu_instancing", "KHR_mesh_quantization"
VISIBILITY = "KHR_node_visibility"
MOST_POINTS = 6  # a triangle: twice as many as there are corners
READ = {INSTANCING, QUANTISED, VISIBILITY}
# Extensions of these kinds change how a surface looks, not where it is.
LOOKS = ("KHR_materials_", "KHR_texture_", "KHR_lights_", "EXT_texture_", "EXT_lights_", "KHR_xmp")
LOOKS += ("MSFT_texture_", "MSFT_packing_", "GODOT_", "EXT_mesh_manifold", "KHR_animation_")


def read_gltf(data: bytes, folder: Path | None, most: int) -> Mesh:
    """All triangles of the scene that the file shows first.

    Args:
        data: a .glb or .gltf file.
        folder: where buffers may lie that the file names; None refuses them.
        most: triangles that are taken; counted before any is made.

    Raises:
        UnreadableError: it needs an extension that changes the shape and is not read here, which is
            named; or it is damaged, or has more triangles.
    """
    document = Document(data, folder)
    needed = [str(name) for name in document.all("extensionsRequired")]
    unknown = [name for name in needed if name not in READ and not name.startswith(LOOKS)]
    if unknown:
        raise needs(unknown)
    return _Scene(document, most).mesh()


class _Scene:
    def __init__(self, document: Document, most: int):
        self.document, self.most, self.faces, self.points = document, most, 0, 0
        self.nodes = document.all("nodes")
        self.ignored: dict[str, bool] = {}

    def mesh(self) -> Mesh:
        shown, self.worlds = list(self._shown()), {}
        for node, world in self._walk(self._all_roots(), hidden=True):  # joints may lie anywhere
            self.worlds[node] = world
        for node in shown:
            self._check(node)
        parts, total = [], 0
        for node in shown:
            for vertices, faces in self._of_node(node):
                parts.append((vertices, faces + total))
                total += len(vertices)
        vertices = np.concatenate([np.empty((0, 3)), *(vertices for vertices, _ in parts)])
        faces = np.concatenate([np.empty((0, 3), np.int64), *(faces for _, faces in parts)])
        return Mesh(vertices, faces, tuple(self.ignored))

    def _shown(self) -> Iterator[int]:
        scenes = self.document.all("scenes")
        scene = scenes[self.document.tree.get("scene", 0)] if scenes else {}
        for node, _ in self._walk(scene.get("nodes", []) if scenes else self._all_roots()):
            if "mesh" in self.nodes[node]:
                yield node

    def _all_roots(self) -> list[int]:
        children = {child for node in self.nodes for child in node.get("children", [])}
        return [index for index in range(len(self.nodes)) if index not in children]

    def _walk(self, roots: list[int], hidden: bool = False) -> Iterator[tuple[int, np.ndarray]]:
        """Yields (node, its matrix into the world), parents first; hidden ones where asked for."""
        waiting, met = [(root, np.eye(4)) for root in reversed(roots)], set()
        while waiting:
            index, world = waiting.pop()
            if index in met:
                raise UnreadableError("has a node with two parents")
            met.add(index)
            node = self.document.one("nodes", index)
            if not hidden and not _extension(node, VISIBILITY).get("visible", True):
                continue
            world = world @ _matrix(node)
            yield index, world
            waiting += [(child, world) for child in reversed(node.get("children", []))]

    def _of_node(self, index: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields (vertices, faces) of each primitive and instance of a node."""
        node = self.nodes[index]
        shape = self.document.one("meshes", node["mesh"])
        weights = node.get("weights", shape.get("weights", []))
        places = [self.worlds[index] @ place for place in self._instances(node)]
        for primitive in shape["primitives"]:
            if primitive.get("mode", TRIANGLES) in LINES_AND_POINTS:
                continue
            vertices = self._morphed(primitive, weights)
            faces = self._faces(primitive, len(vertices))
            if "skin" in node and "JOINTS_0" in primitive["attributes"]:
                yield self._skinned(vertices, primitive, node["skin"]), faces
                continue
            for place in places:
                turned = faces[:, ::-1] if np.linalg.det(place[:3, :3]) < 0 else faces
                yield vertices @ place[:3, :3].T + place[:3, 3], turned

    def _check(self, index: int) -> None:
        """Refuse a node with too many triangles before any is made, or with packed numbers."""
        node, accessor = self.nodes[index], partial(self.document.one, "accessors")
        instances = len(self._instances(node))
        for primitive in self.document.one("meshes", node["mesh"])["primitives"]:
            mode = primitive.get("mode", TRIANGLES)
            if mode in LINES_AND_POINTS:
                self.ignored["lines and points"] = True
                continue
            positions = accessor(primitive["attributes"]["POSITION"])
            corners = accessor(primitive["indices"]) if "indices" in primitive else positions
            if primitive.get("extensions") and not {"bufferView", "sparse"} & set(corners):
                raise needs(primitive["extensions"])
            count = corners["count"]
            self.faces += (count // 3 if mode == TRIANGLES else max(0, count - 2)) * instances
            self.points += positions["count"] * instances
            check_count(max(self.faces, self.points // MOST_POINTS), self.most)

    def _instances(self, node: dict[str, Any]) -> np.ndarray:
        """Matrices (N, 4, 4): one, unless the node repeats its mesh."""
        given = _extension(node, INSTANCING).get("attributes")
        if given is None:
            return np.eye(4)[None]
        columns = {name: self.document.read(accessor) for name, accessor in given.items()}
        count = len(next(iter(columns.values())))
        check_count(count, self.most)
        result = np.tile(np.eye(4), (count, 1, 1))
        if "ROTATION" in columns:
            result[:, :3, :3] = _rotations(columns["ROTATION"])
        result[:, :3, :3] *= np.asarray(columns.get("SCALE", np.ones((count, 3))))[:, None]
        result[:, :3, 3] = columns.get("TRANSLATION", 0)
        return result

    def _morphed(self, primitive: dict[str, Any], weights: list[float]) -> np.ndarray:
        """The positions (V, 3), moved by the morph targets at their default weights."""
        vertices = self.document.read(primitive["attributes"]["POSITION"]).astype(float)
        for weight, target in zip(weights, primitive.get("targets", []), strict=False):
            if weight and "POSITION" in target:
                vertices += weight * self.document.read(target["POSITION"])
        return vertices

    def _faces(self, primitive: dict[str, Any], count: int) -> np.ndarray:
        """The triangles (F, 3) of a list, a strip or a fan of `count` vertices."""
        corners = np.arange(count)
        if "indices" in primitive:
            corners = self.document.read(primitive["indices"])[:, 0].astype(np.int64)
            if len(corners) and corners.max() >= count:
                raise UnreadableError("has a face with a corner that is no vertex")
        mode = primitive.get("mode", TRIANGLES)
        if mode == TRIANGLES:
            return corners[: len(corners) // 3 * 3].reshape(-1, 3)
        if mode == STRIP:
            return triangles_of_strips(corners)
        if mode == FAN:
            first = np.broadcast_to(corners[:1], corners[2:].shape)
            return np.stack([first, corners[1:-1], corners[2:]], -1)
        raise UnreadableError(f"draws in a mode {mode!r} that glTF does not have")

    def _skinned(self, vertices: np.ndarray, primitive: dict[str, Any], skin: int) -> np.ndarray:
        """The positions where the joints take them; the node's own place does not count."""
        skin = self.document.one("skins", skin)
        joints = np.stack([self.worlds[joint] for joint in skin["joints"]])  # (J, 4, 4)
        if "inverseBindMatrices" in skin:
            binds = self.document.read(skin["inverseBindMatrices"])[: len(joints)]
            joints = joints @ binds.reshape(-1, 4, 4).transpose(0, 2, 1)
        moved, total = np.zeros_like(vertices), np.zeros((len(vertices), 1))
        attributes, group = primitive["attributes"], 0
        while f"JOINTS_{group}" in attributes:
            which = self.document.read(attributes[f"JOINTS_{group}"]).astype(np.int64)
            shares = self.document.read(attributes[f"WEIGHTS_{group}"]).astype(float)
            for joint, share in zip(which.T, shares.T, strict=True):
                matrix = joints[joint]  # (V, 4, 4)
                place = np.einsum("vij,vj->vi", matrix[:, :3, :3], vertices) + matrix[:, :3, 3]
                moved += share[:, None] * place
                total += share[:, None]
            group += 1
        return moved / np.where(total > 0, total, 1)


def _extension(thing: dict[str, Any], name: str) -> dict[str, Any]:
    return thing.get("extensions", {}).get(name, {})


def _matrix(node: dict[str, Any]) -> np.ndarray:
    """A node's matrix (4, 4) into its parent."""
    if "matrix" in node:
        return np.reshape(np.array(node["matrix"], float), (4, 4)).T
    result = np.eye(4)
    result[:3, :3] = _rotations(np.array([node.get("rotation", [0, 0, 0, 1])], float))[0]
    result[:3, :3] *= np.array(node.get("scale", [1, 1, 1]), float)
    result[:3, 3] = node.get("translation", [0, 0, 0])
    return result


def _rotations(quaternions: np.ndarray) -> np.ndarray:
    """Rotation matrices (N, 3, 3) of quaternions (N, 4) x, y, z, w."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_quat(quaternions.astype(float)).as_matrix()
