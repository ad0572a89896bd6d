"""PLY: a header that declares elements and their properties, then rows as text or bytes.

trimesh (5.2) refuses binary files whose polygons differ in size and fans concave polygons.
Format: https://paulbourke.net/dataformats/ply/
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np

from diffusion.mesh_files.mesh import Mesh, UnreadableError, triangles_of_strips
from diffusion.mesh_files.polygons import triangulate

# Both spellings of a type -> numpy's, which are struct's letters too but for the sizes.
TYPES = {
    **dict.fromkeys(("char", "int8"), "b"),
    **dict.fromkeys(("uchar", "uint8"), "B"),
    **dict.fromkeys(("short", "int16"), "h"),
    **dict.fromkeys(("ushort", "uint16"), "H"),
    **dict.fromkeys(("int", "int32"), "i"),
    **dict.fromkeys(("uint", "uint32"), "I"),
    **dict.fromkeys(("float", "float32"), "f"),
    **dict.fromkeys(("double", "float64"), "d"),
}
INDICES = ("vertex_indices", "vertex_index")


class Property(NamedTuple):
    """A column: its type and, for a list, the type of its length."""

    name: str
    type: str
    length: str = ""


class Element(NamedTuple):
    """A table of `count` rows."""

    name: str
    count: int
    properties: list[Property]


def read_ply(data: bytes) -> Mesh:
    """The faces and triangle strips of a PLY file.

    Raises:
        UnreadableError: the header is no header of a PLY file, or rows are missing.
    """
    order, elements, body = _header(data)
    try:
        tables = _text(elements, body) if not order else _binary(elements, body, order)
    except (ValueError, IndexError, struct.error):
        raise UnreadableError("is cut short or has a row that cannot be read") from None
    try:
        points = np.stack([tables["vertex"][axis] for axis in "xyz"], -1).astype(float)
    except KeyError:
        raise UnreadableError("has no vertices with x, y and z") from None
    faces = [np.empty((0, 3), np.int64)]
    for name, of_lists in (("face", triangulate), ("tristrips", _strips)):
        table = tables.get(name, {})
        found = [table[column] for column in INDICES if column in table]
        if found:
            corners, counts = found[0]
            inside = (corners < len(points)) & (corners >= (0 if name == "face" else -1))
            if not inside.all():
                raise UnreadableError("has a face with a corner that is no vertex")
            faces.append(of_lists(points, corners.astype(np.int64), counts))
    return Mesh(points, np.concatenate(faces))


def _strips(_: np.ndarray, corners: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The triangles of strips, in which -1 begins a new one."""
    ends = np.cumsum(counts)
    found = [np.empty((0, 3), np.int64)]
    for strip in np.split(corners, ends[:-1]):
        parts = np.split(strip, np.flatnonzero(strip < 0))
        found += [triangles_of_strips(part[part >= 0]) for part in parts if (part >= 0).sum() > 2]
    return np.concatenate(found)


def _header(data: bytes) -> tuple[str, list[Element], bytes]:
    """The byte order ("" for text), the elements, and what follows the header."""
    start = data.find(b"end_header")
    body = data[data.find(b"\n", start) + 1 :] if b"\n" in data else data[start + 11 :]
    if not data.startswith(b"ply") or start < 0:
        raise UnreadableError("does not begin as PLY files do")
    orders = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
    order, elements = None, []
    try:
        for line in data[:start].decode("latin-1").splitlines():
            match line.split():
                case ["format", name, *_]:
                    order = orders[name]
                case ["element", name, count]:
                    elements.append(Element(name, int(count), []))
                case ["property", "list", length, kind, name]:
                    elements[-1].properties.append(Property(name, TYPES[kind], TYPES[length]))
                case ["property", kind, name]:
                    elements[-1].properties.append(Property(name, TYPES[kind]))
    except (KeyError, IndexError, ValueError):
        order = None
    if order is None or any(not 0 <= element.count <= len(data) for element in elements):
        raise UnreadableError("has a header that cannot be read")
    return order, [element for element in elements if element.properties], body


def _text(elements: list[Element], body: bytes) -> dict[str, dict]:
    """The columns of each element: an array, or for a list (values, lengths)."""
    numbers = np.array([float(word) for word in body.split()])
    tables, at = {}, 0
    for element in elements:
        columns = element.properties
        if not any(column.length for column in columns):
            block = numbers[at : at + element.count * len(columns)]
            block = block.reshape(element.count, len(columns))
            tables[element.name] = {c.name: block[:, i] for i, c in enumerate(columns)}
            at += element.count * len(columns)
            continue
        rest = numbers[at:].tolist()

        def read(_: str, where: int, rest: list[float] = rest):
            return rest[where], where + 1

        tables[element.name], used = _rows(element, read)
        at += used
    return tables


def _binary(elements: list[Element], body: bytes, order: str) -> dict[str, dict]:
    """As `_text`, in that byte order."""
    tables, at = {}, 0
    for element in elements:
        table = _uniform(element, body[at:], order)
        if table is None:
            kinds = {kind: struct.Struct(order + kind) for kind in set(TYPES.values())}

            def read(kind: str, where: int, start: int = at, kinds: dict = kinds):
                return kinds[kind].unpack_from(body, start + where)[0], where + kinds[kind].size

            table = _rows(element, read)
        tables[element.name], used = table
        at += used
    return tables


def _uniform(element: Element, body: bytes, order: str) -> tuple[dict, int] | None:
    """All rows at once, where each list is as long in every row as in the first; else None."""
    fields = []
    for column in element.properties:
        if column.length:
            at = np.dtype(fields).itemsize
            first = np.frombuffer(body[at:], order + column.length, 1) if element.count else [0]
            fields.append((f"{column.name} length", order + column.length))
            fields.append((column.name, order + column.type, (int(first[0]),)))
        else:
            fields.append((column.name, order + column.type))
    row = np.dtype(fields)
    if row.itemsize * element.count > len(body):
        if any(column.length for column in element.properties):
            return None
        raise ValueError
    block, table = np.frombuffer(body, row, element.count), {}
    for column in element.properties:
        values = block[column.name]
        if column.length:
            lengths = block[f"{column.name} length"].astype(np.int64)
            if (lengths != values.shape[1]).any():
                return None
            values = values.reshape(-1), lengths
        table[column.name] = values
    return table, row.itemsize * element.count


def _rows(element: Element, read) -> tuple[dict, int]:
    """Row by row; `read` takes a type and a place, and returns the number and the next place."""
    columns = {column.name: [] for column in element.properties}
    lengths = {column.name: [] for column in element.properties if column.length}
    at = 0
    for _ in range(element.count):
        for name, kind, length in element.properties:
            count = 1
            if length:
                count, at = read(length, at)
                lengths[name].append(count)
            for _ in range(int(count)):
                value, at = read(kind, at)
                columns[name].append(value)
    table = {name: np.array(values, float) for name, values in columns.items()}
    for name, counts in lengths.items():
        table[name] = table[name], np.array(counts, np.int64)
    return table, at
