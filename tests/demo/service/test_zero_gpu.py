"""A ZeroGPU Space without its machines: the calls of the module `spaces`."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
import types

import numpy as np
import pytest

from demo.service.comparison import ComparisonService, zero_gpu
from demo.service.frames import Settings
from demo.service.speed import Speed


@pytest.fixture
def lender(monkeypatch):
    """A module `spaces` that counts the calls for which a GPU is lent."""
    calls = []

    def gpu(duration):
        def decorate(function):
            def borrowed(*args):
                calls.append(duration)
                return function(*args)

            return borrowed

        return decorate

    module = types.ModuleType("spaces")
    module.GPU, module.calls = gpu, calls
    monkeypatch.setitem(sys.modules, "spaces", module)
    return module


def test_elsewhere_nothing_is_borrowed_and_nothing_imported(monkeypatch):
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    monkeypatch.setitem(sys.modules, "spaces", None)  # importing it would raise
    zero_gpu.prepare()
    assert zero_gpu.borrow(len) is len


def test_a_handler_borrows_for_each_call(monkeypatch, lender):
    monkeypatch.setenv("SPACES_ZERO_GPU", "1")
    zero_gpu.prepare()
    handler = zero_gpu.borrow(len)
    assert (handler([1, 2]), handler([])) == (2, 0)
    assert lender.calls == [zero_gpu.SECONDS] * 2


def test_nothing_runs_on_the_gpu_but_for_a_borrower(monkeypatch, lender, weights, picture):
    """Loading measures nothing there, and pictures are embedded on the CPU."""
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    service = ComparisonService(weights, "cpu")
    passes = []
    monkeypatch.setattr(Speed, "measure", lambda self, columns: passes.append(1))
    service.load()
    assert service.status.state == "ready"
    assert passes == []
    assert service.estimate(10, 2.0) is None
    assert all(column.embedder.device.type == "cpu" for column in service._columns)
    *_, last = service.compare(str(picture), Settings(0, "ddim", 2, 1.0))
    assert all(np.isfinite(grids).all() for grids in last.samples.values())


def test_the_files_of_a_borrower_outlive_its_yield(monkeypatch, tmp_path):
    """Its process does not wait for the page to copy them; elsewhere nothing is left behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with zero_gpu.result_folder() as folder:
        (folder / "a.glb").touch()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    with zero_gpu.result_folder() as old:
        (old / "a.glb").touch()
    with zero_gpu.result_folder() as new:
        (new / "b.glb").touch()
    assert sorted(tmp_path.iterdir()) == sorted([old, new])
    hours_ago = time.time() - 7200
    os.utime(old, (hours_ago, hours_ago))
    with zero_gpu.result_folder() as newest:
        assert sorted(tmp_path.iterdir()) == sorted([new, newest])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_forked_while_something_is_embedded_can_embed(monkeypatch, tmp_path):
    """The lock that another thread held at the fork is never opened in the child."""
    service = ComparisonService(tmp_path)
    monkeypatch.setattr(ComparisonService, "_ready_columns", lambda self: [])
    assert service.text_guide("a chair").embeds == {}
    with service._encoding:
        child = os.fork()
        if child == 0:
            signal.alarm(10)  # ends the child that waits
            os._exit(0 if service.text_guide("a chair").embeds == {} else 1)
    assert os.waitpid(child, 0)[1] == 0
