"""Wavefront OBJ and OFF: lines of text.

trimesh (5.2) counts negative OBJ indices from the end of the file, misses a tab after the "f", and
fans concave polygons; its OFF reader wants the counts in a line of their own.
"""

from __future__ import annotations

import re

import numpy as np

from diffusion.mesh_files.mesh import Mesh, UnreadableError
from diffusion.mesh_files.polygons import triangulate

FREE_FORM = {b"curv", b"surf", b"bzp", b"bsp", b"cdc", b"cdp", b"res"}  # surfaces without corners


def read_obj(data: bytes) -> Mesh:
    """The polygons of a Wavefront OBJ file.

    An index counts from 1, a negative one back from the vertices read so far.

    Raises:
        UnreadableError: in a line that cannot be read, or a corner that is no vertex.
    """
    vertices, corners, counts, ignored = [], [], [], {}
    text = data.removeprefix(b"\xef\xbb\xbf").replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")
    for number, line in enumerate(text.splitlines(), 1):
        kind, *rest = line.partition(b"#")[0].split() or [b""]
        try:
            if kind == b"v":
                x, y, z = rest[:3]
                vertices.append((float(x), float(y), float(z)))
            elif kind in (b"f", b"fo"):
                indices = [int(corner.partition(b"/")[0]) for corner in rest]
                corners += [i - 1 if i > 0 else len(vertices) + i if i else -1 for i in indices]
                counts.append(len(indices))
        except ValueError:
            raise UnreadableError(f"cannot be read in line {number:,}") from None
        if kind in FREE_FORM:
            ignored["free-form surfaces"] = True
        elif kind in (b"l", b"p"):
            ignored["lines and points"] = True
    return _mesh(vertices, corners, counts, tuple(ignored))


def read_off(data: bytes) -> Mesh:
    """The polygons of an OFF file (Geomview's, with normals and colours or without).

    Raises:
        UnreadableError: it is of more or fewer dimensions, binary, or cut short.
    """
    lines = [line.partition(b"#")[0].split() for line in data.splitlines()]
    words = [line for line in lines if line]
    if not words or not re.fullmatch(rb"(ST)?C?N?OFF", words[0][0]):
        raise UnreadableError("does not begin as OFF files of three dimensions do")
    words[0] = words[0][1:]  # the counts may follow in the same line
    if words[0][:1] == [b"BINARY"]:
        raise UnreadableError("is a binary OFF file, which is not read here")
    words = words if words[0] else words[1:]
    try:
        points, polygons = int(words[0][0]), int(words[0][1])
        rows = words[1 : 1 + points], words[1 + points : 1 + points + polygons]
        vertices = [(float(x), float(y), float(z)) for x, y, z, *_ in rows[0]]
        faces = [[int(index) for index in row[1 : 1 + int(row[0])]] for row in rows[1]]
    except (ValueError, IndexError):
        raise UnreadableError("has a line that cannot be read") from None
    whole = all(int(row[0]) == len(face) for row, face in zip(rows[1], faces, strict=True))
    if min(points, polygons) < 0 or (len(vertices), len(faces)) != (points, polygons) or not whole:
        raise UnreadableError("is cut short")
    return _mesh(vertices, [index for face in faces for index in face], [len(f) for f in faces])


def _mesh(vertices: list, corners: list, counts: list, ignored: tuple[str, ...] = ()) -> Mesh:
    points = np.array(vertices, float).reshape(-1, 3)
    try:
        indices = np.array(corners, np.int64)
    except OverflowError:
        indices = np.array([-1])
    if len(indices) and not (indices.min() >= 0 and indices.max() < len(points)):
        raise UnreadableError("has a face with a corner that is no vertex")
    return Mesh(points, triangulate(points, indices, np.array(counts, np.int64)), ignored)
