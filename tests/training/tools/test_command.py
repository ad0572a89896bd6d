from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from diffusion.devices import pick_device
from training.tools.command import (
    atomic_path,
    new_memmap,
    parse_spaces,
    resolved_config,
    run_command,
    save_json,
    save_npz,
)


@dataclass(frozen=True)
class Options:
    out: Path = Path("a.json")
    steps: int = 3
    names: tuple[str, ...] = ("a", "b")


def test_a_full_device_is_one_sentence(capsys):
    def fill(options):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")

    with pytest.raises(SystemExit) as left:
        run_command(Options, fill, [])
    assert left.value.code == 2
    assert capsys.readouterr().err == "error: The device has too little free memory for this.\n"


def test_an_error_is_one_line_and_status_2(capsys):
    def fail(options):
        raise ValueError(f"steps is\n{options.steps}")

    with pytest.raises(SystemExit) as caught:
        run_command(Options, fail, ["--steps", "7"])
    assert caught.value.code == 2
    assert capsys.readouterr().err == "error: steps is 7\n"


def test_an_unknown_option_is_status_2():
    with pytest.raises(SystemExit) as caught:
        run_command(Options, print, ["--stepz", "7"])
    assert caught.value.code == 2


def test_a_failed_write_leaves_the_older_file_and_no_litter(tmp_path):
    path = tmp_path / "deep" / "a.json"
    save_json(path, {"x": np.float32(0.5), "y": np.arange(2)})

    def fail_halfway():
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        fail_halfway()
    with pytest.raises(ValueError, match="JSON"):
        save_json(path, {"x": float("nan")})
    assert json.loads(path.read_text()) == {"x": 0.5, "y": [0, 1]}
    assert [p.name for p in path.parent.iterdir()] == ["a.json"]


def test_npz_without_pickle(tmp_path):
    save_npz(tmp_path / "a.npz", names=np.array(["a", "bc"]), x=np.eye(2))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as loaded:
        assert loaded["names"].tolist() == ["a", "bc"]
    with pytest.raises(ValueError, match="pickle"):
        save_npz(tmp_path / "a.npz", bad=np.array([{}], dtype=object))


def test_small_helpers():
    assert resolved_config(Options()) == {"out": "a.json", "steps": 3, "names": ["a", "b"]}
    assert parse_spaces("clip, cisp") == ["clip", "cisp"]
    for text in ("", ",", "clip,clip"):
        with pytest.raises(ValueError, match="--spaces"):
            parse_spaces(text)
    assert pick_device("cpu").type == "cpu"
    assert pick_device("auto").type in ("cpu", "cuda", "mps")
    for name in ("gpu", "cuda:99"):
        with pytest.raises(ValueError, match="not available"):
            pick_device(name)


def test_a_memory_map_has_its_room_on_the_disk_or_is_not_made(tmp_path, monkeypatch):
    made = new_memmap(tmp_path / "a.npy", np.float16, (100, 50))
    assert made.shape == (100, 50)
    assert not made.any()
    assert (tmp_path / "a.npy").stat().st_blocks * 512 >= made.nbytes

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        new_memmap(tmp_path / "b.npy", np.float16, (100, 50))
    assert not (tmp_path / "b.npy").exists()

    def unknown(*_):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "posix_fallocate", unknown)
    assert new_memmap(tmp_path / "c.npy", np.uint8, (3,)).tolist() == [0, 0, 0]
