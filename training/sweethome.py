"""The furniture of Sweet Home 3D as a folder of meshes, for the Debian package of its libraries.

    python -m training.sweethome --package sweethome3d-furniture_1.8-1_all.deb --out DIR
    python -m training.sweethome --package /usr/share/sweethome3d/furniture    --out DIR

writes DIR/<category>/<library>-<name>-<number>.ply, which `meshes:DIR` reads, and
DIR/attribution.csv, whose credits anyone who shows the shapes has to give. The library Scopia is
kept back for tests: only `--held-out` reads it, and then nothing else.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from diffusion.grids.from_mesh import read_mesh
from training.data.sweethome_catalogue import Piece, catalogue, libraries
from training.tools.command import atomic_path, run_command

HELD_OUT = "scopia"  # however the file is spelt, and in any version
NEVER = r"(?!)"  # a pattern that nothing matches


class Rule(NamedTuple):
    """A piece is of `category` if a pattern is found among its words, in lower case.

    Attributes:
        category: one of the thirteen.
        name: searched in the name.
        unless: found in the name, it forbids the category.
        tags: searched in the comma-separated tags where the name says nothing.
        section: if given, the section of the catalogue that the piece must be in.
    """

    category: str
    name: str
    unless: str = NEVER
    tags: str = NEVER
    section: str = ""


# The first rule that holds decides. The categories are ShapeNet's: cabinets include dressers,
# wardrobes, night stands and kitchen units, tables include desks and game tables, chairs include
# stools and loungers. Bookcases, a class of their own in ShapeNet, are nearest to cabinets.
RULES = (
    Rule(
        "cabinet",
        r"\b(cabinet|cupboard|wardrobe|closet|dresser|sideboard|nightstand|bedside table|chest"
        r"|bookcase|bookshelf|shelves)\b",
        unless=r"\b(freezer|living room)\b",
        tags=r"\b(cabinet|cupboard|nightstand|bookcase)\b",
    ),
    Rule(
        "chair",
        r"\b(chair|armchair|stool|class seat|pool lounge)\b",
        unless=r"\bottoman\b",  # two pieces in one
    ),
    Rule("bench", r"\bbench\b", unless=r"\babdominal\b"),
    Rule("bench", r"\bbank\b", section="exterior"),
    Rule(
        "table",
        r"\b(tables?|desk|workbench|table tennis)\b",
        unless=r"\b(fan|bat|lamp)\b",
    ),
    Rule("sofa", r"\b(sofa|couch)\b", unless=r"\bopened\b"),  # an opened convertible is a bed
    Rule(
        "lamp",
        r"\b(lamp|lamppost|light|lights|lantern|spotlight|chandelier|fluorescent)\b",
        section="lights",
    ),
    Rule("display", r"\b(tv|television|imac|monitor)\b", unless=r"\bremote\b"),
    Rule("loudspeaker", r"\b(loud)?speaker\b"),
    Rule(
        "telephone",
        r"\b(tele|i|smart)?phone\b",
        tags=r"\b(telephone|smartphone)\b",
    ),
    Rule("car", r"\b(car|sedan|suv|van|truck|bus)\b", tags=r"\bcar\b", section="vehicles"),
    Rule("car", r"\bcar model\b"),
    Rule("airplane", r"\b(biplane|airplane|aeroplane|plane|aircraft|jet)\b"),
    Rule("watercraft", r"\b(\w*boat|ship|canoe|yacht)\b"),
    Rule("rifle", r"\b(rifle|shotgun|carbine)\b"),
)


def category_of(name: str, tags: str, section: str) -> str | None:
    """The category of a piece by its words, None if it belongs to none of the thirteen."""
    name, tags, section = name.lower(), tags.lower(), section.lower()
    for rule in RULES:
        allowed = rule.section in ("", section) and not re.search(rule.unless, name)
        if allowed and (re.search(rule.name, name) or re.search(rule.tags, tags)):
            return rule.category
    return None


def place(vertices: np.ndarray, faces: np.ndarray, piece: Piece) -> np.ndarray:
    """Turns and stretches a model as its catalogue says, its front then looking to +x.

    Args:
        vertices: (V, 3) as in the model's file.
        faces: (F, 3), the triangles; a corner that none uses does not count for the size.
        piece: the entry.

    Returns:
        (V, 3) in metres, centred.
    """
    turned = vertices @ piece.rotation.T
    used = turned[np.unique(faces)]
    low, high = used.min(0), used.max(0)
    extent = np.where(high > low, high - low, 1.0)  # a flat side stays flat
    x, y, z = ((turned - (low + high) / 2) / extent * piece.size / 100).T
    return np.stack([z, y, -x], 1)  # a quarter turn about +y that takes +z to +x


def write_piece(piece: Piece, archive: zipfile.ZipFile, path: Path) -> None:
    """Writes the mesh of a piece, whole or not at all.

    Raises:
        ValueError: if its model cannot be read.
    """
    import trimesh

    try:
        data = archive.read(piece.model)
    except (KeyError, zipfile.BadZipFile, OSError) as error:
        raise ValueError(f"'{piece.model}' cannot be read from '{piece.library}'") from error
    vertices, faces, *_ = read_mesh(io.BytesIO(data), Path(piece.model).suffix, piece.model)
    mesh = trimesh.Trimesh(place(vertices, faces, piece), faces, process=False)
    with atomic_path(path) as temporary:
        temporary.write_bytes(mesh.export(file_type="ply"))


@dataclass(frozen=True)
class ImportOptions:
    """Import the furniture libraries of Sweet Home 3D.

    Attributes:
        package: the .deb file of `sweethome3d-furniture`, or a folder with *.sh3f files below it.
        out: where the meshes and attribution.csv go.
        held_out: import the library kept for tests, and only that.
    """

    package: Path
    out: Path
    held_out: bool = False


def main(options: ImportOptions) -> None:
    """Imports every piece of one of the thirteen categories."""
    if options.out.exists() and not options.out.is_dir():
        raise ValueError(f"The folder '{options.out}' is a file.")
    rows, skipped, other = [], 0, 0
    for library, data in libraries(options.package):
        if library.lower().startswith(HELD_OUT) != options.held_out:
            continue
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
        except zipfile.BadZipFile as error:
            raise ValueError(f"The library '{library}' is not a zip file.") from error
        with archive:
            pieces = catalogue(library, archive)
            for piece in tqdm(pieces, desc=library, unit="piece", disable=len(pieces) < 20):
                category = category_of(piece.name, piece.tags, piece.section)
                if category is None:
                    other += 1
                    continue
                try:
                    write_piece(piece, archive, options.out / category / piece.file)
                except ValueError as error:
                    skipped += 1
                    tqdm.write(f"skipped: {error}", file=sys.stderr)  # does not break the bar
                    continue
                file = f"{category}/{piece.file}"
                rows.append([file, piece.name, piece.creator, piece.licence, library])
    if not rows:
        raise ValueError(f"'{options.package}' holds no piece that can be imported.")
    with (
        atomic_path(options.out / "attribution.csv") as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        csv.writer(file).writerows([["file", "name", "creator", "licence", "library"], *rows])
    counts = Counter(row[0].split("/")[0] for row in rows)
    print(", ".join(f"{category} {count}" for category, count in sorted(counts.items())))
    print(f"{len(rows)} imported, {skipped} skipped, {other} of other kinds")


if __name__ == "__main__":
    run_command(ImportOptions, main)
