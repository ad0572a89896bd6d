"""The libraries of Sweet Home 3D: out of a Debian package or a folder, and what they list.

A library is a zip (.sh3f) of models and a Java properties file whose keys end in "#number":
name, category, tags, creator, model, modelRotation (nine numbers, row by row), and width, height
and depth in centimetres, to which the rotated model is stretched along x, y and z. +y is up and the
front looks to +z.
"""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CATALOGUE = "PluginFurnitureCatalog.properties"


@dataclass(frozen=True)
class Piece:
    """One entry of a library's catalogue.

    Attributes:
        library: the file's name without its ending.
        number: of the entry, from 1.
        name, section, tags, creator, licence: as the catalogue has them.
        model: path of the model inside the library.
        size: width, height and depth in centimetres.
        rotation: (3, 3), applied to the model before it is resized.
    """

    library: str
    number: int
    name: str
    section: str
    tags: str
    creator: str
    licence: str
    model: str
    size: tuple[float, float, float]
    rotation: np.ndarray

    @property
    def file(self) -> str:
        """The name of the mesh file."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")
        return f"{self.library.lower()}-{slug}-{self.number:03d}.ply"


def libraries(package: Path) -> Iterator[tuple[str, bytes]]:
    """Yields (name, bytes of the zip) of every library in a .deb file or below a folder.

    Raises:
        ValueError: if `package` is neither, or holds no library.
    """
    if package.is_dir():
        paths = sorted(package.rglob("*.sh3f"))
        if not paths:
            raise ValueError(f"There is no library (*.sh3f) below '{package}'.")
        yield from ((path.stem, path.read_bytes()) for path in paths)
        return
    if not package.is_file():
        raise ValueError(f"The package '{package}' does not exist.")
    try:
        with tarfile.open(fileobj=io.BytesIO(_data_member(package.read_bytes()))) as archive:
            members = sorted(
                (m for m in archive if m.isfile() and m.name.endswith(".sh3f")),
                key=lambda m: m.name,
            )
            found = [(Path(m.name).stem, archive.extractfile(m).read()) for m in members]
    except (tarfile.TarError, EOFError, ValueError, OSError) as error:
        raise ValueError(f"'{package}' is not a Debian package that can be read.") from error
    if not found:
        raise ValueError(f"There is no library (*.sh3f) in '{package}'.")
    yield from found


def _data_member(package: bytes) -> bytes:
    """The data.tar.* of a .deb, an `ar` archive: 60-byte headers, members padded to even sizes."""
    if not package.startswith(b"!<arch>\n"):
        raise ValueError("not an ar archive")
    at = 8
    while at + 60 <= len(package):
        header = package[at : at + 60]
        size = int(header[48:58])
        if header[:16].startswith(b"data.tar"):
            data = package[at + 60 : at + 60 + size]
            if len(data) < size:
                raise ValueError("truncated")
            return data
        at += 60 + size + size % 2
    raise ValueError("no data.tar")


def parse_properties(text: str) -> dict[str, str]:
    """Reads Java properties: `key=value` or `key: value`, comments, escapes, continued lines."""
    result = {}
    for line in re.sub(r"\\\r?\n[ \t]*", "", text).splitlines():
        line = line.lstrip()
        if not line or line[0] in "#!":
            continue
        key, *rest = re.split(r"\s*[=:]\s*|\s+", line, maxsplit=1)
        result[_unescape(key)] = _unescape(rest[0] if rest else "").strip()
    return result


def _unescape(text: str) -> str:
    named = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}

    def plain(match: re.Match) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else named.get(code, code)

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", plain, text)


def catalogue(library: str, archive: zipfile.ZipFile) -> list[Piece]:
    """The entries of a library.

    Raises:
        ValueError: if there is no catalogue, or an entry lacks what each must have.
    """
    try:
        properties = parse_properties(archive.read(CATALOGUE).decode("latin-1"))
    except (KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"The library '{library}' has no readable '{CATALOGUE}'.") from error
    numbers = sorted(int(key[5:]) for key in properties if re.fullmatch(r"name#\d+", key))
    pieces = []
    for number in numbers:

        def value(key: str, default: str | None = None, number: int = number) -> str:
            return properties.get(f"{key}#{number}", default)

        try:
            size = tuple(float(value(side)) for side in ("width", "height", "depth"))
            rotation = np.array(value("modelRotation", "1 0 0 0 1 0 0 0 1").split(), float)
            rotation = rotation.reshape(3, 3)
            model = value("model").lstrip("/")
        except (TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"Entry {number} of the library '{library}' is broken.") from error
        pieces.append(
            Piece(
                library=library,
                number=number,
                name=value("name"),
                section=value("category", ""),
                tags=value("tags", ""),
                creator=value("creator", "unknown"),
                licence=properties.get("license", "unknown"),
                model=model,
                size=size,
                rotation=rotation,
            )
        )
    return pieces
