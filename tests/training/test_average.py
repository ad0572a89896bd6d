"""Averaging the networks of two rounds."""

from __future__ import annotations

import hashlib
import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from cisp.checkpoints import sign
from training import average

TOWERS = ("clip/image", "clip/text", "cisp/image", "cisp/shape")


def round_of(folder, value):
    for name in (*TOWERS, "diffusion-clip"):
        (folder / name).mkdir(parents=True)
        tensors = {"a": torch.full((2, 3), value).half(), "steps": torch.tensor(int(value))}
        save_file(tensors, folder / name / "model.safetensors")
        (folder / name / "config.json").write_text('{"kind": "ImageTower"}')
        sign(folder / name)
    (folder / "gallery.npz").write_bytes(b"of other towers")
    (folder / "training.json").write_text(json.dumps([{"round": value}]))
    return folder


def test_towers_are_averaged_and_all_else_is_the_later(tmp_path):
    first, second = round_of(tmp_path / "1", 1.0), round_of(tmp_path / "2", 3.0)
    options = average.AverageOptions(first, second, tmp_path / "mean", share=0.25)
    average.main(options)
    for name, value in (*[(tower, 1.5) for tower in TOWERS], ("diffusion-clip", 3.0)):
        made = load_file(options.out / name / "model.safetensors")
        assert torch.equal(made["a"], torch.full((2, 3), value).half())
        assert made["steps"] == 3
        digest = hashlib.sha256((options.out / name / "model.safetensors").read_bytes())
        config = json.loads((options.out / name / "config.json").read_text())
        assert config == {
            "kind": "ImageTower",
            "sha256": {"model.safetensors": digest.hexdigest()},
        }
    assert not (options.out / "gallery.npz").exists()
    record = json.loads((options.out / "training.json").read_text())
    assert record[0] == {"round": 3.0}
    assert record[1]["average"]["share"] == 0.25


def test_diffusion_models_are_averaged_and_the_gallery_stays(tmp_path):
    first, second = round_of(tmp_path / "1", 1.0), round_of(tmp_path / "2", 3.0)
    options = average.AverageOptions(first, second, tmp_path / "mean", folders=("diffusion-clip",))
    average.main(options)
    for name, value in (*[(tower, 3.0) for tower in TOWERS], ("diffusion-clip", 2.0)):
        made = load_file(options.out / name / "model.safetensors")
        assert torch.equal(made["a"], torch.full((2, 3), value).half())
    assert (options.out / "gallery.npz").exists()
    record = json.loads((options.out / "training.json").read_text())
    assert record[1]["average"]["folders"] == ["diffusion-clip"]


def test_what_cannot_be_averaged_is_one_sentence(tmp_path):
    first, second = round_of(tmp_path / "1", 1.0), round_of(tmp_path / "2", 3.0)
    with pytest.raises(ValueError, match="exists"):
        average.main(average.AverageOptions(first, second, first))
    with pytest.raises(ValueError, match="between 0 and 1"):
        average.main(average.AverageOptions(first, second, tmp_path / "x", share=2))
    save_file({"a": torch.zeros(5)}, first / "cisp/shape/model.safetensors")
    with pytest.raises(ValueError, match="different networks"):
        average.main(average.AverageOptions(first, second, tmp_path / "x"))
    assert not (tmp_path / "x").exists()
    (first / "clip/text/model.safetensors").unlink()
    with pytest.raises(ValueError, match="has no clip/text"):
        average.main(average.AverageOptions(first, second, tmp_path / "y"))
    with pytest.raises(ValueError, match="no networks in diffusion-cisp"):
        average.main(
            average.AverageOptions(first, second, tmp_path / "z", folders=("diffusion-cisp",))
        )
