"""Recipes: a result's recipe reproduces it, and a hostile recipe can do no harm."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import shlex
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from demo.service.exports import Meshes, write_zip
from demo.service.frames import Settings
from demo.service.recipes import LONGEST, Recipe, command, result_hash
from demo.service.sources import Source, guide_of, pixels_source
from diffusion.grids.frame import digest
from tests.demo.fakes import chair

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = Settings(5, "ddim", 3, 2.5)
RECIPE = Recipe(
    "compare", (Source("text", "a chair"),), SETTINGS, ("clip", "cisp"), "abc", {"samples": 2}
)


def encoded(data) -> str:
    return squeezed(json.dumps(data).encode())


def squeezed(data: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(data)).decode().rstrip("=")


def test_a_recipe_comes_back_from_a_file_and_from_a_link():
    assert Recipe.from_json(json.loads(json.dumps(RECIPE.to_json()))) == RECIPE
    text = RECIPE.to_text()
    assert Recipe.from_text(text) == RECIPE
    assert text.replace("-", "").replace("_", "").isalnum()


def test_the_recipe_in_a_link_makes_the_same_shapes(service, picture):
    *_, first = service.compare(str(picture), SETTINGS, num_samples=2)
    recipe = dataclasses.replace(RECIPE, sources=(pixels_source(first.guide.pixels),))
    read = Recipe.from_text(recipe.to_text())
    guide = guide_of(read.sources[0], service, [])
    *_, again = service.compare(guide, read.settings, num_samples=read.options["samples"])
    assert result_hash(again.samples, read.spaces) == result_hash(first.samples, read.spaces)
    *_, other = service.compare(guide, dataclasses.replace(SETTINGS, seed=6), num_samples=2)
    assert result_hash(other.samples, read.spaces) != result_hash(first.samples, read.spaces)


def test_the_printed_command_makes_the_same_shapes(service, weights, picture, tmp_path):
    *_, frame = service.compare(str(picture), SETTINGS, num_samples=2)
    line = command(RECIPE, str(picture), str(tmp_path / "again"), str(weights), {})
    words = [sys.executable, *shlex.split(line)[1:], "--device", "cpu"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert result_hash(frame.samples, RECIPE.spaces) in done.stdout
    with np.load(tmp_path / "again.npz") as file:
        for space, occupancy in zip(file["spaces"], file["occupancy"][:, 0], strict=True):
            np.testing.assert_array_equal(occupancy, frame.samples[str(space)] > 0)


def test_a_command_names_a_strength_that_is_not_the_whole():
    refined = dataclasses.replace(RECIPE, settings=dataclasses.replace(SETTINGS, strength=0.3))
    assert "--strength 0.3" in command(refined, "a.png", "a", "", {})
    assert "--strength" not in command(RECIPE, "a.png", "a", "", {})


def test_a_command_names_what_is_not_bundled():
    published = dataclasses.replace(RECIPE, spaces=("cisp", "openclip-A-b"))
    line = command(published, "a b.png", "a", "", {"openclip-A-b": "openclip:A/b"})
    words = shlex.split(line)
    assert words[words.index("--spaces") + 1] == "cisp,openclip:A/b"
    assert words[words.index("--images") + 1] == "a b.png"
    assert "--weights" not in words


def test_a_hash_changes_with_a_cell_and_with_the_order_of_the_columns():
    shapes = {"clip": chair()[None], "cisp": chair(armrest=True)[None]}
    known = result_hash(shapes, ("clip", "cisp"))
    assert result_hash(shapes, ("cisp", "clip")) != known
    shapes["clip"] = shapes["clip"].copy()
    shapes["clip"][0, 0, 0, 0] *= -1
    assert result_hash(shapes, ("clip", "cisp")) != known


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"kind": "destroy"},
        {"sources": []},
        {"sources": [{"kind": "file", "value": "/etc/passwd"}]},
        {"settings": {**dataclasses.asdict(SETTINGS), "num_steps": 10**9}},
        {"settings": {**dataclasses.asdict(SETTINGS), "num_steps": 2.5}},
        {"settings": {**dataclasses.asdict(SETTINGS), "strength": 0}},
        {"settings": {**dataclasses.asdict(SETTINGS), "seed": "1"}},
        {"settings": {**dataclasses.asdict(SETTINGS), "guidance_scale": float("nan")}},
        {"settings": {**dataclasses.asdict(SETTINGS), "sampler": "euler"}},
        {"settings": {"seed": 1}},
        {"options": 3},
        {"options": {"samples": 1000}},
        {"options": {"samples": "abc"}},
        {"options": {"mode": 7}},
        {"options": {"box": "1,2"}},
        {"options": {"box": 1}},
        {"options": {"anything": 1}},
    ],
)
def test_what_is_no_recipe_is_refused_in_one_sentence(change):
    with pytest.raises(ValueError, match=r"^[^\n]+\.$"):
        Recipe.from_text(encoded({**RECIPE.to_json(), **change}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AAAA",
        "*",
        RECIPE.to_text()[:-9],
        encoded([1]),
        "A" * (LONGEST + 1),
        squeezed(b"[" * 99_999),
    ],
)
def test_a_damaged_link_is_refused_in_one_sentence(text):
    with pytest.raises(ValueError, match=r"^[^\n]+[.?]$"):
        Recipe.from_text(text)


def test_a_link_that_unpacks_without_end_is_refused():
    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 50_000_000)).decode()
    with pytest.raises(ValueError, match="damaged"):
        Recipe.from_text(bomb)


def test_the_archive_holds_everything_and_its_shapes_agree(service, picture, tmp_path):
    *_, frame = service.compare(str(picture), SETTINGS, num_samples=2)
    recipe = dataclasses.replace(RECIPE, sources=(pixels_source(frame.guide.pixels),))
    made = write_zip(frame, recipe, tmp_path, "chair", "python ...", Meshes())
    with zipfile.ZipFile(made) as archive:
        read = {name: archive.read(name) for name in archive.namelist()}
    made = json.loads(read["recipe.json"])
    assert made["hash"] == result_hash(frame.samples, recipe.spaces)
    assert Recipe.from_json(made) == recipe
    np.testing.assert_array_equal(Image.open(io.BytesIO(read["seen.png"])), frame.guide.pixels)
    with np.load(io.BytesIO(read["grids.npz"])) as file:
        assert digest(file["occupancy"]) == made["hash"]
    metrics = json.loads(read["metrics.json"])
    assert metrics["seeds"] == [5, 6]
    for space, grids in frame.samples.items():
        for seed, grid, filled in zip((5, 6), grids, metrics["filled"][space], strict=True):
            cells = trimesh.load(
                io.BytesIO(read[f"{space}-seed{seed}-voxels.glb"]), file_type="glb", force="mesh"
            )
            assert cells.volume == pytest.approx((grid > 0).mean())
            assert filled == pytest.approx((grid > 0).mean(), abs=1e-5)
            solid = trimesh.load(io.BytesIO(read[f"{space}-seed{seed}.stl"]), file_type="stl")
            smooth = trimesh.load(
                io.BytesIO(read[f"{space}-seed{seed}-smooth.glb"]), file_type="glb", force="mesh"
            )
            x, y, z = smooth.extents * 100 / smooth.extents.max()  # mm, y up
            np.testing.assert_allclose(solid.extents, [x, z, y], atol=1e-3)
