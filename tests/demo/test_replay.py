"""A recipe from an archive makes the very same shapes, whatever the condition."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from demo import replay
from demo.service.frames import Settings
from demo.service.recipes import Recipe, command, result_hash
from demo.service.sources import guide_of, pixels_source, shape_source
from demo.service.walk.exports import walk_shapes
from demo.service.walk.lattice import Lattice
from demo.service.walk.log import walk
from tests.demo.fakes import chair

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = Settings(3, "ddim", 2, 2.0)


@pytest.fixture
def seen(service, picture):
    """A picture as a recipe has it."""
    return pixels_source(service.image_guide(str(picture)).pixels)


def save(recipe, shapes, folder):
    data = recipe.to_json() | {"hash": result_hash(shapes, recipe.spaces), "command": ""}
    (folder / "recipe.json").write_text(json.dumps(data))


def test_a_comparison_by_the_printed_command(service, weights, seen, tmp_path):
    source, spaces = seen, ("clip", "cisp")
    *_, last = service.compare(guide_of(source, service, []), SETTINGS, num_samples=3)
    recipe = Recipe("compare", (source,), SETTINGS, spaces, service.fingerprint, {"samples": 3})
    save(recipe, last.samples, tmp_path)
    line = command(recipe, "", "again", str(weights), {})
    words = [sys.executable, *shlex.split(line)[1:], "--device", "cpu"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(
        words, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"6 shapes, {replay.SAME}" in done.stdout
    with np.load(tmp_path / "again.npz") as file:
        assert file["spaces"].tolist() == list(spaces)
        np.testing.assert_array_equal(file["occupancy"][1], last.samples["cisp"] > 0)


def test_a_walk_and_what_is_not_the_same(service, weights, seen, tmp_path, capsys):
    ends = [seen, seen]
    guides = [guide_of(end, service, []) for end in ends]
    *_, log = walk(service, guides, Lattice(1, 3), "lerp", SETTINGS)
    made = {"frames": 3, "mode": "lerp"}
    recipe = Recipe("walk", tuple(ends), SETTINGS, ("clip", "cisp"), service.fingerprint, made)
    save(recipe, walk_shapes(log), tmp_path)
    options = replay.ReplayOptions(
        tmp_path / "recipe.json", tmp_path / "shapes.npz", weights, device="cpu"
    )
    assert replay.main(options)
    data = json.loads(options.recipe.read_text())
    data["settings"]["seed"] += 1
    options.recipe.write_text(json.dumps(data))
    assert not replay.main(options)
    assert replay.DIFFERENT in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "cannot be read as a recipe"),
        ("[]", "not a recipe of this page"),
        ("walk", "does not say how to walk"),
    ],
)
def test_what_is_no_recipe_is_one_sentence(tmp_path, text, sentence):
    if text == "walk":
        recipe = Recipe("walk", (shape_source(chair() > 0),) * 2, SETTINGS, ("cisp",), "x")
        text = json.dumps(recipe.to_json())
    (tmp_path / "recipe.json").write_text(text)
    options = replay.ReplayOptions(
        tmp_path / "recipe.json", tmp_path / "x.npz", ROOT / "assets/weights", device="cpu"
    )
    with pytest.raises(ValueError, match=sentence):
        replay.main(options)
    assert not options.out.exists()
