"""STL: triangles, as text or in records of fifty bytes."""

from __future__ import annotations

import re

import numpy as np

from diffusion.mesh_files.mesh import Mesh, UnreadableError

HEAD = 84  # bytes, the last four of which count the triangles
RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
VERTEX = re.compile(rb"vertex\s+(\S+)\s+(\S+)\s+(\S+)", re.IGNORECASE)
# Programs that write as they go leave one of these counts behind.
UNKNOWN = (0, 0xFFFFFFFF)


def read_stl(data: bytes) -> Mesh:
    """The triangles of an STL file; bytes after the last one do not matter.

    Raises:
        UnreadableError: it is cut short, or a number in it is none.
    """
    is_text = data.lstrip()[:5].lower() == b"solid" and b"facet" in data[:2000].lower()
    if is_text and not _counts_fit(data):
        return _text(data)
    if len(data) < HEAD:
        raise UnreadableError("is cut short" if data else "is empty")
    count, held = _count(data), (len(data) - HEAD) // RECORD.itemsize
    if count in UNKNOWN:
        count = held
    if count > held:
        raise UnreadableError(f"is cut short: it holds {held:,} of {count:,} triangles")
    with np.errstate(invalid="ignore"):  # a signalling NaN: whoever fits the mesh refuses it
        corners = np.frombuffer(data, RECORD, count, HEAD)["corners"].astype(float)
    return Mesh(corners.reshape(-1, 3), np.arange(3 * count).reshape(-1, 3))


def _count(data: bytes) -> int:
    return int.from_bytes(data[HEAD - 4 : HEAD], "little")


def _counts_fit(data: bytes) -> bool:
    """Whether a file is exactly as long as a binary one: some of these begin with "solid" too."""
    return len(data) > HEAD and len(data) == HEAD + RECORD.itemsize * _count(data)


def _text(data: bytes) -> Mesh:
    try:
        corners = [[float(number) for number in found] for found in VERTEX.findall(data)]
    except ValueError:
        raise UnreadableError("has a vertex that cannot be read") from None
    if b"endsolid" not in data[-2000:].lower() or len(corners) % 3:
        raise UnreadableError("is cut short")
    return Mesh(np.array(corners).reshape(-1, 3), np.arange(len(corners)).reshape(-1, 3))
