from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

import training.shapes as shapes
from diffusion.grids.frame import pack_bits
from training import coverage
from training.coverage import (
    CoverageOptions,
    Real,
    find_nearest,
    pair_ious,
    read_reals,
)
from training.data.binvox import write_binvox
from training.tools.command import run_command

trimesh = pytest.importorskip("trimesh")


def brute_force_iou(a: np.ndarray, b: np.ndarray) -> float:
    """By sets of cells."""
    a, b = (set(map(tuple, np.argwhere(grid))) for grid in (a, b))
    return len(a & b) / len(a | b)


def random_grids(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 4, 4, 4)) < 0.4


def test_the_nearest_equals_a_search_over_all_turns():
    reals, drawn = random_grids(6, 2), random_grids(20, 3)
    drawn[13] = np.rot90(reals[4], 3, axes=(0, 2))
    for headings in (1, 4):
        found = find_nearest(
            [Real(str(i), "chair", grid, headings) for i, grid in enumerate(reals)],
            pack_bits(drawn),
        )
        for real, near in zip(reals, found, strict=True):
            scores = {
                (turn, index): brute_force_iou(np.rot90(real, turn, axes=(0, 2)), grid)
                for turn in range(headings)
                for index, grid in enumerate(drawn)
            }
            assert near.iou == pytest.approx(max(scores.values()), abs=1e-12)
            assert scores[near.heading // 90, near.index] == pytest.approx(near.iou, abs=1e-12)
        assert (found[4] == (1.0, 13, 270)) == (headings == 4)


def test_random_pairs_equal_sets():
    """Of two shapes the only pair is the two; of three, the mean is over three pairs."""
    grids = np.random.default_rng(4).random((3, 32, 32, 32)) < 0.4
    rng = np.random.default_rng(0)
    pairs = pair_ious(pack_bits(grids[:2]), 5, rng)
    np.testing.assert_allclose(pairs, brute_force_iou(grids[0], grids[1]))
    expected = {round(brute_force_iou(grids[i], grids[j]), 9) for i, j in ((0, 1), (0, 2), (1, 2))}
    assert {round(v, 9) for v in pair_ious(pack_bits(grids), 100, rng)} == expected


def test_headings_by_source(tmp_path):
    (tmp_path / "chair").mkdir()
    trimesh.creation.box((1, 2, 3)).export(tmp_path / "chair" / "box.ply")
    for headings, expected in (("auto", 4), ("1", 1), ("4", 4)):
        (real,) = read_reals((f"meshes:{tmp_path}",), headings)
        assert (real.name, real.category, real.headings) == ("chair/box.ply", "chair", expected)
        assert real.occupancy.shape == (32, 32, 32)
    with pytest.raises(ValueError, match="meshes:DIR or r2n2:ROOT, not 'procedural:test'"):
        read_reals(("procedural:test",), "auto")


def run(*arguments) -> None:
    run_command(CoverageOptions, coverage.main, [str(argument) for argument in arguments])


def test_the_command_end_to_end(tmp_path, capsys):
    category = shapes.CATEGORIES[0]
    meshes = tmp_path / "meshes"
    for folder, size in ((category, (3, 1, 2)), (category, (1, 1, 2)), ("teapot", (1, 1, 1))):
        (meshes / folder).mkdir(parents=True, exist_ok=True)
        name = "-".join(map(str, size))
        trimesh.creation.box(size).export(meshes / folder / f"{name}.ply")
    out, sheet = tmp_path / "a" / "results.json", tmp_path / "a" / "worst.png"
    common = ("--data", f"meshes:{meshes}", "--count", 3, "--workers", 1, "--out", out)
    run(*common, "--sheet", sheet, "--cache", tmp_path / "cache")
    output = capsys.readouterr().out
    assert "skipped: 1 of category 'teapot', for which there is no family" in output
    results = json.loads(out.read_text())
    assert results["skipped"] == {"teapot": 1}
    assert results["configuration"]["count"] == 3
    rows = results["shapes"]
    assert [row["category"] for row in rows] == [category, category]
    assert results["overall"]["count"] == 2
    mean = (rows[0]["iou"] + rows[1]["iou"]) / 2
    assert results["overall"]["mean"] == pytest.approx(mean)
    assert results["overall"]["low"] <= mean <= results["overall"]["high"]
    assert results["categories"][category]["median"] == pytest.approx(mean)
    assert 0 < results["categories"][category]["diversity"] < 1
    (real,) = (r for r in read_reals((f"meshes:{meshes}",), "4") if r.name == rows[0]["name"])
    grid = shapes.make_shape(category, rows[0]["nearest_seed"]).volume()[0].numpy() > 0
    again = brute_force_iou(np.rot90(real.occupancy, rows[0]["heading"] // 90, (0, 2)), grid)
    assert rows[0]["iou"] == pytest.approx(again)
    with Image.open(sheet) as picture:
        assert picture.format == "PNG"
        pixels = np.asarray(picture.convert("RGB"))
    assert (pixels != 255).any(-1).mean() > 0.05

    run(*common)  # the same without a cache, whose files must not matter
    assert json.loads(out.read_text())["shapes"] == rows


def test_bad_input_is_one_sentence(tmp_path, capsys):
    meshes = tmp_path / "meshes"
    (meshes / "teapot").mkdir(parents=True)
    trimesh.creation.box().export(meshes / "teapot" / "box.ply")
    out = tmp_path / "results.json"
    good = ("--out", out, "--workers", 1, "--data", f"meshes:{meshes}")
    for arguments, message in [
        (good, "None of the real shapes"),
        ((*good, "--count", 1), "at least 2"),
        ((*good[:2], "--data", f"meshes:{tmp_path / 'none'}"), "does not exist"),
        ((*good[:2], "--data", f"r2n2:{meshes / 'teapot' / 'box.ply'}"), "is a file"),
    ]:
        with pytest.raises(SystemExit) as caught:
            run(*arguments)
        assert caught.value.code == 2
        (line,) = (t for t in capsys.readouterr().err.splitlines() if t.startswith("error: "))
        assert message in line
    assert not out.exists()


def test_a_broken_r2n2_folder_is_one_sentence(tmp_path, capsys):
    """Grids alone are enough; a truncated one ends the command, which writes nothing."""
    lists = {"train": [], "val": [], "test": ["a"]}
    (tmp_path / "ShapeNet.json").write_text(json.dumps([{"taxonomy_id": "03001627", **lists}]))
    path = tmp_path / "ShapeNetVox32/03001627/a/model.binvox"
    write_binvox(path, np.ones((32, 32, 32), bool))
    out = tmp_path / "out" / "results.json"
    common = ("--data", f"r2n2:{tmp_path}", "--count", 2, "--workers", 1, "--out", out)
    (real,) = read_reals((f"r2n2:{tmp_path}",), "auto")
    assert (real.name, real.category, real.headings) == ("03001627/a", "chair", 1)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SystemExit) as caught:
        run(*common)
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("error: Truncated binvox file")
    assert error.count("\n") == 1
    assert not out.parent.exists()
