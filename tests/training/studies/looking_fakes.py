"""Shapes of random patterns, and spaces of which one sees them: what a study of looking runs on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch.nn.functional as F

from cisp.naming import SPACES
from tests.training.options import options_of
from training.data.cache import DataCache
from training.data.procedural import seed_of
from training.studies import looking
from training.studies.runner import study_command

SIDE, CELLS = 32, 8


class FakeSpace:
    """CISP embeds the pattern of a picture or of a grid's first layer; CLIP sees nothing."""

    def __init__(self, name: str):
        self.name, self.image_size, self.seen = name, SIDE, []

    def encode_image(self, pixels):
        self.seen.append(pixels)
        pattern = F.adaptive_avg_pool2d(pixels[:, :1], CELLS).flatten(1)
        return F.normalize(pattern if self.name == "cisp" else 0 * pattern + 1, dim=-1)

    def encode_shape(self, voxels):
        return F.normalize(voxels[:, 0, 0].flatten(1), dim=-1)


def fake_spaces() -> dict[str, FakeSpace]:
    return {name: FakeSpace(name) for name in SPACES}


def fake_cache(folder, count: int) -> DataCache:
    """Shapes of black and white, under the names of the procedural test set."""
    rng = np.random.default_rng(2)
    cache = DataCache.create(
        folder, split="test", num_items=count, num_views=5, image_size=SIDE, resolution=CELLS
    )
    pattern = rng.choice([-1.0, 1.0], (count, CELLS, CELLS))
    side = SIDE // CELLS
    large = pattern.repeat(side, 1).repeat(side, 2)
    cutouts = np.full((count, 5, SIDE, SIDE, 4), 255, np.uint8)
    cutouts[..., :3] = (255 * (large > 0))[:, None, :, :, None]
    cutouts[:, 3:] = 0  # drawings are not looked at
    grids = np.ones((count, CELLS, CELLS, CELLS))
    grids[:, 0] = pattern
    names = [seed_of("test", index) for index in range(count)]
    rows = [{"id": f"{category}-{seed}", "category": category} for category, seed in names]
    cache.append(grids, cutouts, rows)
    return DataCache.load(folder)


def looking_fakes(monkeypatch, folder, count: int) -> list[str]:
    """Lets a study's command run on fakes; returns its arguments."""
    fake_cache(folder / "test", count)
    monkeypatch.setattr(looking, "load_spaces", lambda *_: fake_spaces())
    monkeypatch.setattr(
        looking, "procedural_cache", lambda folder, split, *_: DataCache.load(folder / split)
    )
    argv = ["--out", str(folder / "study.json"), "--cache", str(folder), "--device", "cpu"]
    return [*argv, "--count", str(count)]


def check_command(module, argv: list[str], capsys) -> dict:
    """Run a study's command; it writes what it prints, with a figure of three lines."""
    study_command(options_of(module), module.study, argv)
    report = json.loads(Path(argv[1]).read_text())
    assert report["finding"] in capsys.readouterr().out
    assert len(report["figure"]["data"]) == 3
    return report


def check_refusal(module, argv: list[str], folder, capsys) -> None:
    """A study's command ends in one sentence and writes nothing."""
    with pytest.raises(SystemExit):
        study_command(options_of(module), module.study, argv)
    assert "error:" in capsys.readouterr().err
    assert not list(folder.glob("*.json"))
