"""The whole pipeline in two processes, as torchrun starts them."""

from __future__ import annotations

import os
import socket

import pytest
import torch
import torch.multiprocessing as mp

from tests.training.micro import MICRO, all_weights
from training import pipeline
from training.loop.presets import PRESETS


def process(rank: int, port: int, folder: str) -> None:
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "RANK": str(rank)}
    os.environ |= {"WORLD_SIZE": "2", "LOCAL_RANK": str(rank)}
    torch.set_num_threads(1)
    run(folder)


def run(folder: str) -> None:
    PRESETS["micro"] = MICRO
    pipeline.main(pipeline.PipelineOptions(folder, preset="micro", workers=1, device="cpu"))


@pytest.mark.slow
def test_two_processes_leave_what_one_leaves(tmp_path, monkeypatch):
    """The same files, each written by one of them; replicas whose weights learned something."""
    monkeypatch.setitem(PRESETS, "micro", MICRO)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run(tmp_path / "one")
    mp.spawn(process, (port, tmp_path / "two"), nprocs=2)
    ones, twos = (
        {path.relative_to(tmp_path / name) for path in (tmp_path / name).rglob("*")}
        for name in ("one", "two")
    )
    assert ones == twos
    weights = all_weights(tmp_path / "two" / "weights")
    assert weights.keys() == all_weights(tmp_path / "one" / "weights").keys()
    assert all(tensor.isfinite().all() for tensor in weights.values())
