"""Data and weights that the tests of devices share, made on the CPU once."""

from __future__ import annotations

import pytest

from tests.cuda import runs
from training.data.procedural import build_cache


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cuda") / "train"
    return build_cache(folder, "train", 20, 32, views=("r2n2", "drawing"))


@pytest.fixture(scope="session")
def trained(cache, tmp_path_factory):
    """The folder of a run of both loops on the CPU."""
    folder = tmp_path_factory.mktemp("trained")
    runs.embedding(cache, folder, "cpu")
    runs.diffusion(cache, folder, "cpu")
    return folder
