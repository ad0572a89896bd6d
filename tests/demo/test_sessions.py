"""Many visitors at once: one model lane, nobody sees another's result, nothing is left behind."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from demo.page import SESSIONS
from demo.service.frames import Frame
from tests.demo.conftest import serve
from tests.demo.fakes import FakeService

VISITORS = 20


class Counting(FakeService):
    """Counts what runs at the same time; a shape's first cells hold its seed."""

    def __init__(self):
        super().__init__(0.01)
        self.lock, self.running, self.peak = threading.Lock(), 0, 0

    @contextmanager
    def counted(self):
        with self.lock:
            self.running += 1
            self.peak = max(self.peak, self.running)
        try:
            yield
        finally:
            with self.lock:
                self.running -= 1

    def compare(self, source, settings, truth=None, num_samples=1, way="automatic", box=None):
        with self.counted():
            for frame in super().compare(source, settings, truth, num_samples, way, box):
                for grids in (*frame.samples.values(), *frame.occupancy.values()):
                    mark(grids, settings.seed)
                yield frame

    def shapes(self, embeds, settings):
        with self.counted():
            for grids in super().shapes(embeds, settings):
                for grid in grids.values():
                    mark(grid, settings.seed)
                yield grids


def mark(grids, seed):
    grids.reshape(-1)[: seed + 1] = 1
    grids.reshape(-1)[seed + 1 : 40] = 0 if grids.dtype == bool else -1


@pytest.fixture
def visited(assets, tmp_path, monkeypatch):
    """Address of a page, its service, and the folder where Gradio keeps files for visitors."""
    from tests.demo.conftest import serve

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    service = Counting()
    page, url = serve(service, assets)
    yield url, service, tmp_path / "gradio"
    page.close()


def test_twenty_visitors_at_once_each_get_their_own(visited, picture):
    """Whatever they ask for, it is made one after the other."""
    url, service, _ = visited
    asks = (
        ("/compare", lambda image, seed: (image, seed, "preview")),
        ("/sketch", lambda image, seed: (image, seed, "preview")),
        ("/interpolate", lambda image, seed: (image, image, 3, "slerp", seed, "preview")),
        ("/batch", lambda image, seed: ([image], seed, "preview")),
    )

    def visit(seed: int) -> int:
        endpoint, arguments = asks[seed % len(asks)]
        client = Client(url, verbose=False)
        given = arguments(handle_file(picture), seed)
        summary, files = client.predict(*given, api_name=endpoint)
        assert summary["seed"] == seed
        with np.load(files if isinstance(files, str) else files[-1]) as file:
            return int(file["occupancy"].reshape(-1)[:40].sum()) - 1

    with ThreadPoolExecutor(VISITORS) as pool:
        assert list(pool.map(visit, range(VISITORS))) == list(range(VISITORS))
    assert service.peak == 1
    assert service.running == 0


def test_results_are_not_kept_in_memory_nor_in_temporary_folders(
    visited, picture, monkeypatch, tmp_path
):
    import tempfile

    url, _, _ = visited
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    client = Client(url, verbose=False)
    for seed in range(3):
        client.predict(handle_file(picture), seed, "preview", api_name="/compare")
    gc.collect()
    assert sum(type(thing) is Frame for thing in gc.get_objects()) <= 8  # of the last run
    left = [path for path in Path(own).rglob("*") if path.is_file()]
    assert [path for path in left if "gradio" not in path.parts] == []


@pytest.mark.browser
def test_a_closed_tab_frees_its_work(visited, chromium):
    url, service, _ = visited
    service.seconds_per_step = 4.0  # 40 s for all of it
    tab = chromium.new_page()
    tab.goto(url)
    tab.wait_for_selector(".status.ready")
    tab.locator("#examples button").first.click()
    tab.wait_for_selector("#inputs .cutout img")
    tab.locator("#run").click()
    tab.wait_for_selector('#twin .viewer[data-state="running"]')
    assert service.running == 1
    tab.close()
    for _ in range(300):
        if not service.running:
            break
        threading.Event().wait(0.1)
    assert service.running == 0


def test_no_more_visitors_are_remembered_than_fit_in_memory(assets):
    """Gradio keeps 0.6 MB for each that ever came."""
    page, _ = serve(FakeService(0.0), assets)
    try:
        for visitor in range(SESSIONS + 20):
            page.state_holder[f"visitor {visitor}"]
        assert len(page.state_holder.session_data) == SESSIONS
        assert f"visitor {SESSIONS + 19}" in page.state_holder
    finally:
        page.close()


def test_a_refusal_does_not_quote_all_that_was_sent(fake_url, picture):
    client = Client(fake_url, verbose=False)
    with pytest.raises(AppError) as caught:
        client.predict(handle_file(picture), 5, "x" * 5000, api_name="/compare")
    assert "x" * 100 in str(caught.value)
    assert len(str(caught.value)) < 300
