"""Processes on this machine that train together, as torchrun starts them."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

import torch
import torch.multiprocessing as mp


def _start(rank: int, port: int, world: int, function: Callable[..., None], args: tuple) -> None:
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "RANK": str(rank)}
    os.environ |= {"WORLD_SIZE": str(world), "LOCAL_RANK": str(rank)}
    torch.set_num_threads(1)
    function(*args)


def run_together(function: Callable[..., None], *args: Any, world: int = 2) -> None:
    """Call a module's function in `world` processes; they find each other by a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.spawn(_start, (port, world, function, args), nprocs=world)
