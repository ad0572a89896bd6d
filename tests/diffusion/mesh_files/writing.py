"""A lopsided shape, and a writer of glTF files that says everything the hard way."""

from __future__ import annotations

import base64
import json

import numpy as np
import trimesh

COMPONENTS = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}
WIDTHS = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
# Boxes as (size, centre): a seat, a back, three legs of different lengths.
BOXES = (
    ((1.0, 0.1, 0.8), (0.0, 0.0, 0.0)),
    ((0.1, 0.9, 0.8), (-0.45, 0.5, 0.0)),
    ((0.1, 0.8, 0.1), (0.4, -0.4, 0.3)),
    ((0.1, 0.6, 0.1), (0.4, -0.3, -0.3)),
    ((0.1, 0.8, 0.1), (-0.4, -0.4, 0.3)),
)


def lopsided() -> trimesh.Trimesh:
    parts = [trimesh.creation.box(size).apply_translation(at) for size, at in BOXES]
    return trimesh.util.concatenate(parts)


def soup(vertices, faces) -> np.ndarray:
    """The triangles as corners (F, 9), in an order that depends on them alone."""
    corners = np.round(np.asarray(vertices, float)[np.asarray(faces)], 4) + 0.0
    turned = np.stack([np.roll(corners, -k, 1).reshape(-1, 9) for k in range(3)], 1)  # (F, 3, 9)
    first = np.array([min(range(3), key=lambda k: tuple(three[k])) for three in turned])
    rows = turned[np.arange(len(turned)), first]
    return rows[np.lexsort(rows.T[::-1])]


class Gltf:
    """Collects accessors in one buffer; `glb` and `gltf` write the file."""

    def __init__(self, **tree):
        self.tree = {"asset": {"version": "2.0"}, "accessors": [], "bufferViews": [], **tree}
        self.bytes = b""

    def view(self, data: bytes, **more) -> int:
        self.bytes += bytes(-len(self.bytes) % 4)
        view = {"buffer": 0, "byteOffset": len(self.bytes), "byteLength": len(data), **more}
        self.tree["bufferViews"].append(view)
        self.bytes += data
        return len(self.tree["bufferViews"]) - 1

    def accessor(self, values: np.ndarray, kind: str, *, stride: int = 0, **more) -> int:
        values = np.asarray(values).astype("<" + kind)
        values = values.reshape(len(values), -1)
        rows, row = values, values.dtype.itemsize * values.shape[1]
        data = rows.tobytes()
        if stride:
            data = b"".join(line.tobytes() + bytes(stride - row) for line in rows)
            more = {**more}
        view = self.view(data, **({"byteStride": stride} if stride else {}))
        return self.declare(values, kind, bufferView=view, **more)

    def declare(self, values: np.ndarray, kind: str, **more) -> int:
        values = np.asarray(values).reshape(len(values), -1)
        accessor = {"componentType": COMPONENTS[kind], "count": len(values), **more}
        self.tree["accessors"].append({**accessor, "type": WIDTHS[values.shape[1]]})
        return len(self.tree["accessors"]) - 1

    def show(self, *primitives: dict, node: dict | None = None, **mesh) -> Gltf:
        self.tree["meshes"] = [{"primitives": list(primitives), **mesh}]
        self.tree["nodes"] = [{"mesh": 0, **(node or {})}, *self.tree.get("nodes", [])]
        self.tree.setdefault("scenes", [{"nodes": [0]}])
        return self

    def glb(self) -> bytes:
        self.tree["buffers"] = [{"byteLength": len(self.bytes)}, *self.tree.get("buffers", [])]
        text = json.dumps(self.tree).encode()
        text += b" " * (-len(text) % 4)
        packed = self.bytes + bytes(-len(self.bytes) % 4)
        chunks = len(text).to_bytes(4, "little") + b"JSON" + text
        chunks += len(packed).to_bytes(4, "little") + b"BIN\0" + packed
        return (
            b"glTF" + (2).to_bytes(4, "little") + (12 + len(chunks)).to_bytes(4, "little") + chunks
        )

    def gltf(self) -> bytes:
        uri = "data:application/octet-stream;base64," + base64.b64encode(self.bytes).decode()
        self.tree["buffers"] = [{"byteLength": len(self.bytes), "uri": uri}]
        return json.dumps(self.tree).encode()
