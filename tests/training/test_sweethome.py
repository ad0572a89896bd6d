from __future__ import annotations

import csv
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from training import sweethome
from training.data.sources import open_source
from training.data.sweethome_catalogue import CATALOGUE, catalogue, libraries, parse_properties
from training.sweethome import ImportOptions, category_of, place
from training.tools.command import run_command

trimesh = pytest.importorskip("trimesh")

# An L of a seat (y < 1) and a back at -z, that is, looking to +z, which is Sweet Home's front.
SEAT = trimesh.creation.box((1, 1, 1)).apply_translation((0, 0.5, 0))
BACK = trimesh.creation.box((1, 1, 0.2)).apply_translation((0, 1.5, -0.4))
CHAIR = trimesh.util.concatenate([SEAT, BACK])
FIRST = """# a catalogue
id=Test
license=CC0 by\\u00e9
name#1=Armchair
category#1=Living room
tags#1=Seat
creator#1=J\xf6rg
model#1=/test/chair.obj
width#1=50.0
depth#1=60
height#1=120

"""


def piece(number: int, name: str, category: str, model: str) -> str:
    """A cube in the catalogue."""
    told = {"name": name, "category": category, "model": f"/test/{model}.obj"}
    told |= dict.fromkeys(("width", "depth", "height"), 1)
    return "".join(f"{key}#{number}={value}\n" for key, value in told.items())


WARDROBE, BOTTLE = piece(2, "Wardrobe", "Bedroom", "torn"), piece(3, "Bottle", "Kitchen", "chair")
PROPERTIES = f"{FIRST}{WARDROBE}\n{BOTTLE}"


def library(properties: str = PROPERTIES, chair=CHAIR) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(CATALOGUE, properties.encode("latin-1"))
        archive.writestr("test/chair.obj", chair.export(file_type="obj"))
        archive.writestr("test/torn.obj", "v 0 0 0\nf 1 2 3\n")
    return data.getvalue()


def debian_package(members: dict[str, bytes], compression: str = "xz") -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{compression}") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(f"./usr/share/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    package = b"!<arch>\n"
    for name, content in (("debian-binary", b"2.0"), (f"data.tar.{compression}", data.getvalue())):
        header = f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode()
        package += header + content + b"\n" * (len(content) % 2)
    return package


def run(package: Path, out: Path, *more: str) -> None:
    arguments = ["--package", str(package), "--out", str(out), *more]
    run_command(ImportOptions, sweethome.main, arguments)


@pytest.mark.parametrize("compression", ["xz", "gz"])
def test_a_package_becomes_a_folder_of_meshes(tmp_path, capsys, compression):
    package, out = tmp_path / "furniture.deb", tmp_path / "out"
    members = {"a/One.sh3f": library(), "a/Scopia.sh3f": library(), "doc": b"text"}
    package.write_bytes(debian_package(members, compression))
    run(package, out)
    captured = capsys.readouterr()
    assert "chair 1\n1 imported, 1 skipped, 1 of other kinds" in captured.out
    (line,) = (t for t in captured.err.splitlines() if "skipped" in t)
    assert line == "skipped: 'test/torn.obj' has a face with a corner that is no vertex"
    files = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert files == {"attribution.csv", "chair/one-armchair-001.ply"}
    with (out / "attribution.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row == {
        "file": "chair/one-armchair-001.ply",
        "name": "Armchair",
        "creator": "Jörg",
        "licence": "CC0 byé",
        "library": "One",
    }
    mesh = trimesh.load_mesh(out / "chair/one-armchair-001.ply")
    np.testing.assert_allclose(mesh.extents, [0.6, 1.2, 0.5], rtol=1e-6)  # depth, height, width
    (item,) = open_source(f"meshes:{out}")
    full = item.grid > 0
    assert item.category == "chair"
    tops = np.argwhere(full[:, 24:])
    assert tops[:, 0].max() < 12  # the back is at -x: the front looks to +x

    run(package, tmp_path / "held", "--held-out")
    assert [p.name for p in (tmp_path / "held").rglob("*.ply")] == ["scopia-armchair-001.ply"]


def test_a_folder_of_libraries(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "B.sh3f").write_bytes(b"b")
    (tmp_path / "A.sh3f").write_bytes(b"a")
    assert list(libraries(tmp_path)) == [("A", b"a"), ("B", b"b")]


def test_rotation_comes_before_the_size_and_the_turn():
    """A model that lies on its back, with +z up, is stood up by its nine numbers."""
    properties = parse_properties(PROPERTIES + "modelRotation#1=1 0 0 0 0 1 0 -1 0\n")
    assert properties["modelRotation#1"] == "1 0 0 0 0 1 0 -1 0"
    lying = CHAIR.vertices[:, [0, 2, 1]] * [1, -1, 1]  # y -> z, z -> -y
    archive = zipfile.ZipFile(
        io.BytesIO(library(PROPERTIES + "modelRotation#1=1 0 0 0 0 1 0 -1 0\n"))
    )
    turned, plain = (
        catalogue("T", a)[0] for a in (archive, zipfile.ZipFile(io.BytesIO(library())))
    )
    np.testing.assert_allclose(
        place(lying, CHAIR.faces, turned), place(CHAIR.vertices, CHAIR.faces, plain), atol=1e-9
    )


def test_place_by_hand():
    archive = zipfile.ZipFile(io.BytesIO(library()))
    piece = catalogue("T", archive)[0]
    # The box is 1 x 2 x 1 around (0, 1, 0): x (left to right) goes to -z, z (the front) to +x.
    corners = np.array([[0.5, 2, 0.5], [-0.5, 0, -0.5], [9, 9, 9]])  # the last is used by no face
    placed = place(corners, np.array([[0, 1, 0]]), piece)
    np.testing.assert_allclose(placed[:2], [[0.3, 0.6, -0.25], [-0.3, -0.6, 0.25]])


@pytest.mark.parametrize(
    ("name", "tags", "section", "category"),
    [
        ("Winchester armchair", "Seat", "Living room", "chair"),
        ("Class seat", "Chair, School", "Office", "chair"),
        ("Pool lounge", "Outdoor, Chair", "Exterior", "chair"),
        ("Wheelchair", "Disabled", "Miscellaneous", None),
        ("Armchair ottoman", "Seat", "Living room", None),
        ("Piano bench", "Music", "Living room", "bench"),
        ("Abdominal bench", "Sport", "Miscellaneous", None),
        ("Workbench", "Table", "Miscellaneous", "table"),
        ("Table tennis", "Game", "Miscellaneous", "table"),
        ("Table tennis bat", "Game", "Miscellaneous", None),
        ("Table fan", "Appliance", "Miscellaneous", None),
        ("Bedside table", "Nightstand", "Bedroom", "cabinet"),
        ("Television cabinet", "TV", "Living room", "cabinet"),
        ("TV stand", "Cabinet", "Living room", "cabinet"),
        ("Full bookcase", "Bookshelf", "Living room", "cabinet"),
        ("Chest freezer", "Fridge", "Kitchen", None),
        ("TV", "Television", "Living room", "display"),
        ("TV remote control", "", "Living room", None),
        ("Screen door", "", "Doors and windows", None),
        ("Futon couch", "Sofa", "Living room", "sofa"),
        ("Desk lamp", "", "Lights", "lamp"),
        ("Flashlight", "", "Lights", None),
        ("Stone lantern", "Outdoor", "Exterior", None),
        ("VW new beetle", "Car", "Vehicles", "car"),
        ("Car model", "Toy", "Bedroom", "car"),
        ("Fork lift", "", "Vehicles", None),
        ("Apple iPhone", "Telephone", "Miscellaneous", "telephone"),
        ("Headphones", "Music", "Miscellaneous", None),
        ("Speaker", "Music", "Miscellaneous", "loudspeaker"),
        ("Biplane", "Toy", "Bedroom", "airplane"),
        ("Rowboat", "Sea", "Exterior", "watercraft"),
        ("Toilets unit", "", "Bathroom", None),
        ("Bowl", "", "Kitchen", None),
        ("", "", "", None),
    ],
)
def test_categories_by_words(name, tags, section, category):
    assert category_of(name, tags, section) == category


def test_properties_as_java_reads_them():
    text = "a=1\n! no\n  b : two words \nc\\u0041 = x\\\n   y\\tz\nd\nurl=http\\://h\n"
    read = parse_properties(text)
    assert read == {"a": "1", "b": "two words", "d": "", "url": "http://h", "cA": "xy\tz"}


def test_bad_packages_are_one_sentence_and_write_nothing(tmp_path, capsys):
    good = debian_package({"One.sh3f": library()})
    cases = {
        "text.deb": (b"not a package", "not a Debian package"),
        "torn.deb": (good[: len(good) // 2], "not a Debian package"),
        "no-data.deb": (b"!<arch>\n", "not a Debian package"),
        "empty.deb": (debian_package({"readme": b""}), "no library"),
        "zip.deb": (debian_package({"One.sh3f": b"PK"}), "'One' is not a zip"),
        "bare.deb": (debian_package({"One.sh3f": library("name#1=Chair\n")}), "Entry 1 .* broken"),
        "scopia.deb": (debian_package({"Scopia.sh3f": library()}), "no piece"),
    }
    for name, (content, message) in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=message):
            sweethome.main(ImportOptions(tmp_path / name, tmp_path / "out"))
    (tmp_path / "folder").mkdir()
    for package, message in (("folder", "no library"), ("none.deb", "does not exist")):
        with pytest.raises(ValueError, match=message):
            sweethome.main(ImportOptions(tmp_path / package, tmp_path / "out"))
    (tmp_path / "good.deb").write_bytes(good)
    with pytest.raises(SystemExit):
        run(tmp_path / "good.deb", tmp_path / "text.deb")
    assert "is a file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
