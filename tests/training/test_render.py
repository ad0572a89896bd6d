"""`python -m training.render`: what it writes, read back by our own reader; what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from diffusion.grids.binvox import decode_binvox
from training.data.sources import open_source
from training.render import RenderOptions, folders, jobs_of, main
from training.rendering.camera import camera_of_metadata
from training.tools.command import run_command


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    out = tmp_path_factory.mktemp("render") / "r2n2"
    options = RenderOptions("procedural:test", out, count=2, views=2, size=96, sketches=True)
    main(options)
    return options


def test_our_reader_reads_it_back(written):
    source = open_source(f"r2n2:{written.out}")
    assert len(source) == 2
    originals = {o.id: o for o in map(open_source("procedural:test", count=2).__getitem__, (0, 1))}
    for item in map(source.__getitem__, (0, 1)):
        original = originals.pop(item.id.split("/")[1])
        assert item.category == original.category
        assert ((item.grid > 0) == (original.grid > 0)).all()
        assert len(item.images) == 2
        assert item.images[0].size == (96, 96)
        assert item.images[0].mode == "RGBA"


def test_a_silhouette_covers_the_projected_grid(written):
    """The cells' centres, projected by the camera of the metadata, fall on the object."""
    for job in jobs_of(written):
        grid_path, folder = folders(written.out, job)
        voxels = decode_binvox(grid_path.read_bytes())
        lines = (folder / "rendering" / "rendering_metadata.txt").read_text().splitlines()
        names = (folder / "rendering" / "renderings.txt").read_text().split()
        assert len(lines) == len(names) == 2
        for line, name in zip(lines, names, strict=True):
            row = [float(number) for number in line.split()]
            camera = camera_of_metadata(row, 1 / voxels.scale)
            alpha = np.asarray(Image.open(folder / "rendering" / name))[..., 3] > 127
            centers = (np.argwhere(voxels.grid) + 0.5) / 32 - 0.5
            x, y = camera.project(centers).T / camera.window[2]
            column = ((x + 1) / 2 * 96).astype(int)
            line_no = ((1 - y) / 2 * 96).astype(int)
            seen = np.zeros_like(alpha)
            reach = 1  # a cell is up to three pixels wide
            for dy in range(-reach, reach + 1):
                for dx in range(-reach, reach + 1):
                    seen[line_no + dy, column + dx] = True
            assert (seen & alpha).sum() / alpha.sum() > 0.9
            assert (seen & alpha).sum() / (seen | alpha).sum() > 0.4  # thin parts: fat cells
        drawn = np.asarray(Image.open(folder / "sketch" / "00.png"))
        assert (drawn[..., :3] == 0).all()
        assert (drawn[..., 3] > 127).mean() > 0.003


def test_resume_makes_only_what_is_missing(written):
    first, second = jobs_of(written)
    kept = folders(written.out, second)[1] / "rendering" / "00.png"
    age = kept.stat().st_mtime_ns
    grid_path, folder = folders(written.out, first)
    before = (folder / "rendering" / "01.png").read_bytes()
    grid_path.unlink()  # as if the run had ended between the pictures and the grid
    (folder / "rendering" / "01.png").unlink()
    main(RenderOptions(**{**vars(written), "resume": True}))
    assert (folder / "rendering" / "01.png").read_bytes() == before
    assert kept.stat().st_mtime_ns == age
    assert not list(written.out.rglob(".*"))  # nothing half-written


def test_other_sources_are_rendered_too(written, tmp_path):
    main(RenderOptions(f"r2n2:{written.out}", tmp_path / "grids", count=1, views=1, size=48))
    assert len(open_source(f"r2n2:{tmp_path / 'grids'}")) == 1
    trimesh = pytest.importorskip("trimesh")
    (tmp_path / "meshes" / "chair").mkdir(parents=True)
    box = trimesh.creation.box((1.0, 0.5, 0.5))
    box.export(tmp_path / "meshes" / "chair" / "a box.ply")
    main(RenderOptions(f"meshes:{tmp_path / 'meshes'}", tmp_path / "made", views=1, size=48))
    item = open_source(f"r2n2:{tmp_path / 'made'}")[0]
    assert item.id == "03001627/a-box"
    assert (item.grid > 0).mean() == pytest.approx(0.25, abs=0.06)


def test_bad_input_is_one_sentence_and_writes_nothing(written, tmp_path, capsys):
    def error_of(**changes) -> str:
        options = RenderOptions(**{**vars(written), "out": tmp_path / "new", **changes})
        argv = ["--data", options.data, "--out", str(options.out), "--count", "1", "--views"]
        argv += [str(options.views), "--size", str(options.size)]
        argv += ["--resume"] if options.resume else []
        with pytest.raises(SystemExit) as stopped:
            run_command(RenderOptions, main, argv)
        assert stopped.value.code == 2
        (line,) = capsys.readouterr().err.strip().splitlines()
        return line

    assert "--views" in error_of(views=0)
    assert "--size" in error_of(size=5)
    assert "Unknown" in error_of(data="procedural:nothing")
    assert "does not exist" in error_of(data=f"r2n2:{tmp_path / 'none'}")
    assert "rendered already" in error_of(data=f"cache:{tmp_path}")
    assert not (tmp_path / "new").exists()
    assert "--resume" in error_of(out=written.out)
    assert "other settings" in error_of(out=written.out, resume=True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    assert "not empty" in error_of(out=tmp_path / "full")
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["thesis.txt"]
    assert "is a file" in error_of(out=tmp_path / "full" / "thesis.txt")
    (written.out / "render.json").write_text(json.dumps({}))
    assert "other settings" in error_of(out=written.out, resume=True)


def test_meshes_of_one_name_all_find_a_place(tmp_path):
    trimesh = pytest.importorskip("trimesh")
    (tmp_path / "meshes" / "chair").mkdir(parents=True)
    for name, size in (("a.ply", (1, 2, 3)), ("a.stl", (3, 2, 1)), ("a b.ply", (2, 2, 1))):
        trimesh.creation.box(size).export(tmp_path / "meshes" / "chair" / name)
    options = RenderOptions(f"meshes:{tmp_path / 'meshes'}", tmp_path / "out")
    assert [job.name for job in jobs_of(options)] == ["a-b", "a", "a-2"]
