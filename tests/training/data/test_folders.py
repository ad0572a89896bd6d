"""What folders hold is taken, or counted and named."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from cisp.picture_files import FORMATS, endings, load_image
from training.data.folders import HIDDEN, describe, find_files
from training.data.inputs import find_images
from training.tools.command import print_anything

ROOT = Path(__file__).resolve().parents[3]
FTYP = b"\0\0\0\x18ftyp%b\0\0\0\0mif1heic" + bytes(900)


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


def test_hidden_folders_are_skipped_and_others_counted(tmp_path, capsys):
    touch(tmp_path, "a.png", "b/c.JPG", "b/.ipynb_checkpoints/c-checkpoint.jpg", "__MACOSX/._a.png")
    touch(tmp_path, "x.heic", "y.HEIC", "notes.txt", "README", ".git/config")
    names = [name for name, _ in find_images([tmp_path])]
    assert names == ["a.png", "b/c.JPG"]
    told = capsys.readouterr().err
    assert told == "left out: 3 in hidden folders, 2 .heic, 1 without an ending, 1 .txt\n"


def test_a_folder_of_nothing_but_others_says_of_what(tmp_path):
    touch(tmp_path, "x.heic", "y.heic")
    with pytest.raises(ValueError, match=r"There is no picture in '.*' \(left out: 2 \.heic\)\."):
        find_images([tmp_path])


def test_a_hidden_folder_may_be_named(tmp_path):
    touch(tmp_path, ".cache/a.png")
    assert [name for name, _ in find_images([tmp_path / ".cache"])] == ["a.png"]


@pytest.mark.parametrize("kind", [*sorted(FORMATS), "MPO"])
def test_every_format_that_is_read_is_found_in_folders(kind, tmp_path):
    """By Pillow's own list of how names end, and written by Pillow."""
    Image.init()
    known = [ending for ending, of in Image.registered_extensions().items() if of == kind]
    assert known
    assert set(known) <= endings()
    picture = Image.linear_gradient("L").convert("RGB").resize((64, 48))
    file = tmp_path / f"x{known[0]}"
    more = {"save_all": True, "append_images": [picture]} if kind == "MPO" else {}
    if kind not in Image.SAVE:
        pytest.skip("Pillow does not write it.")
    picture.save(file, kind, **more)
    assert load_image(file).mode == "RGB"
    assert find_images([tmp_path]) == [(file.name, file)]


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"hevc"])
def test_heic_is_refused_by_name_whatever_it_is_called(brand, tmp_path):
    for name in ("IMG_1.HEIC", "IMG_2.jpg"):
        (tmp_path / name).write_bytes(FTYP % brand)
        with pytest.raises(ValueError, match=rf"^'{name}' is a HEIC picture.* as JPEG first\.$"):
            load_image(tmp_path / name)
    (tmp_path / "x.avif").write_bytes(FTYP.replace(b"heic", b"avif") % b"avif")
    with pytest.raises(ValueError, match=r"not an image that can be read|damaged"):
        load_image(tmp_path / "x.avif")


def test_a_link_to_nothing_and_a_pipe(tmp_path):
    (tmp_path / "a.png").symlink_to(tmp_path / "none.png")
    os.mkfifo(tmp_path / "b.png")
    found = find_files(tmp_path, {".png"})
    assert found.paths == [tmp_path / "a.png"]
    assert not found.left_out


def test_meshes_are_found_alike(tmp_path, capsys):
    trimesh = pytest.importorskip("trimesh")
    from training.data.sources import open_source

    touch(tmp_path, "chair/a.fbx", "chair/b.FBX", "chair/a.mtl", "chair/.git/x.obj", "t.blend")
    with pytest.raises(ValueError, match=r"no mesh .*left out: 2 \.fbx, 1 in hidden folders, 1 \."):
        open_source(f"meshes:{tmp_path}")
    trimesh.creation.box().export(tmp_path / "chair" / "box.ply")
    assert [item.id for item in open_source(f"meshes:{tmp_path}")] == ["chair/box.ply"]
    assert "left out: 2 .fbx, 1 in hidden folders, 1 .blend\n" in capsys.readouterr().err


def test_description():
    assert describe(Counter()) == ""
    assert describe(Counter({HIDDEN: 1, ".heic": 3})) == "3 .heic, 1 in hidden folders"


def test_a_name_that_the_console_cannot_print_ends_no_command():
    program = (
        "from training.tools.command import print_anything; import sys; print_anything();"
        "print('a\\udcff \\u6905.png'); print('b\\udcff', file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"a? ?.png\n", b"b?\n")


def test_streams_that_cannot_be_changed_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    print_anything()
