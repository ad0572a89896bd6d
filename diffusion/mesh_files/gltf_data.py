"""The containers of glTF 2.0, and the numbers in them: buffers, views and accessors.

Format: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html, sections 3.6 and 4.4.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np

from diffusion.mesh_files.mesh import UnreadableError

COMPONENTS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
MOST_NUMBERS = 30_000_000  # of one accessor: a few bytes may declare any number of zeros
JSON, BIN = b"JSON", b"BIN\0"


class Document:
    """A glTF file: its `tree` of JSON, and `read`, which gives the numbers of an accessor.

    Args:
        data: a .glb or .gltf file.
        folder: where buffers may lie that the file names; None refuses them.

    Raises:
        UnreadableError: it is neither, or its version is not 2.
    """

    def __init__(self, data: bytes, folder: Path | None = None):
        self._folder, self._own = folder, b""
        text = data
        if data.startswith(b"glTF"):
            if int.from_bytes(data[4:8], "little") != 2:
                raise UnreadableError("is of another version than glTF 2.0")
            chunks = dict(reversed(list(_chunks(data))))  # the first of each kind counts
            text, self._own = chunks.get(JSON, b""), chunks.get(BIN, b"")
        try:
            self.tree = json.loads(text)
            is_known = self.tree.get("asset", {}).get("version", "2.0").startswith("2")
        except (ValueError, TypeError, AttributeError, RecursionError):
            is_known = False
        if not is_known:
            raise UnreadableError("is not a glTF 2.0 file")
        self._buffers: dict[int, bytes] = {}

    def all(self, kind: str) -> list[dict[str, Any]]:
        """The list of that name in the tree, [] if there is none."""
        return self.tree.get(kind) or []

    def one(self, kind: str, index: int) -> dict[str, Any]:
        """One entry of that list; a negative index is none, where Python would count back."""
        if index < 0:
            raise IndexError(index)
        return self.all(kind)[index]

    def read(self, index: int) -> np.ndarray:
        """The numbers of an accessor (N, width), normalised ones as floats.

        Raises:
            UnreadableError: it holds more than any mesh here needs, or its numbers are missing.
        """
        accessor = self.one("accessors", index)
        count, width = accessor["count"], WIDTHS[accessor["type"]]
        kind = np.dtype(COMPONENTS[accessor["componentType"]])
        if not 0 <= count * width <= MOST_NUMBERS:
            raise UnreadableError("declares more numbers than any mesh of its triangles needs")
        if "bufferView" in accessor:
            values = self._view(accessor["bufferView"], accessor, kind, count, width)
        elif "sparse" in accessor:
            values = np.zeros((count, width), kind)
        else:  # zeros by the standard; in practice the numbers are in an extension
            raise UnreadableError("leaves numbers out that some extension would have to fill in")
        if "sparse" in accessor:
            values = self._sparse(values.copy(), accessor["sparse"])
        if accessor.get("normalized") and kind.kind in "iu":
            return (values / np.iinfo(kind).max).clip(min=-1.0)
        return values

    def _sparse(self, values: np.ndarray, sparse: dict[str, Any]) -> np.ndarray:
        """Replace the rows that a sparse accessor lists."""
        at, new = sparse["indices"], sparse["values"]
        kind = np.dtype(COMPONENTS[at["componentType"]])
        rows = self._view(at["bufferView"], at, kind, sparse["count"], 1)[:, 0]
        args = values.dtype, sparse["count"], values.shape[1]
        values[rows] = self._view(new["bufferView"], new, *args)
        return values

    def _view(
        self, index: int, place: dict[str, Any], kind: np.dtype, count: int, width: int
    ) -> np.ndarray:
        view = self.one("bufferViews", index)
        start, row = view.get("byteOffset", 0), kind.itemsize * width
        if self._is_filler(view["buffer"]) and view.get("extensions"):
            raise needs(view["extensions"])
        data = self._buffer(view["buffer"])[start : start + view["byteLength"]]
        stride = view.get("byteStride") or row
        if start < 0 or stride < row or len(data) < view["byteLength"]:
            raise UnreadableError("is cut short")
        strides = stride, kind.itemsize
        return np.ndarray((count, width), kind, data, place.get("byteOffset", 0), strides)

    def _is_filler(self, index: int) -> bool:
        """Whether a buffer stands for bytes that an extension unpacks: only the first has none."""
        return index > 0 and "uri" not in self.one("buffers", index)

    def _buffer(self, index: int) -> bytes:
        if index not in self._buffers:
            buffer = self.one("buffers", index)
            self._buffers[index] = self._load(buffer.get("uri"), buffer["byteLength"])
        return self._buffers[index]

    def _load(self, uri: str | None, length: int) -> bytes:
        if uri is None:
            data = self._own
        elif uri.startswith("data:"):
            data = base64.b64decode(uri.partition(",")[2])
        elif self._folder is None:
            raise UnreadableError("keeps its numbers in a file beside it: save it as .glb")
        else:
            path = (self._folder / unquote(uri)).resolve()
            if not path.is_relative_to(self._folder.resolve()) or not path.is_file():
                raise UnreadableError(f"needs {unquote(uri)!r} beside it, which is missing")
            data = path.read_bytes()
        if len(data) < length:
            raise UnreadableError("is cut short" if data else "lacks its numbers")
        return data


def needs(extensions: Iterable[str]) -> UnreadableError:
    """The refusal of a file that cannot be read without some extensions."""
    names = ", ".join(map(str, extensions))
    return UnreadableError(f"needs {names}, which is not read here: export it without")


def _chunks(data: bytes):
    """Yields (kind, bytes) of the chunks of a .glb."""
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "little")
        if at + 8 + length > len(data):
            raise UnreadableError("is cut short")
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 8 + length
