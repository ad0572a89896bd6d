"""The README's examples for programs, run as they stand against the bundled weights."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from demo.service.comparison import ComparisonService
from diffusion.presets import PREVIEW, STANDARD
from tests.demo.conftest import serve

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "http://127.0.0.1:7860"


def example(language: str) -> str:
    """The README's block of that language that calls a running page."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)
    [block] = [block for block in blocks if ADDRESS in block]
    return block


@pytest.fixture(scope="module")
def bundled_url():
    service = ComparisonService(ROOT / "assets" / "weights", "cpu")
    service.load()
    page, url = serve(service, ROOT / "assets")
    yield url.rstrip("/")
    page.close()


def test_the_python_example_runs(bundled_url, monkeypatch):
    monkeypatch.chdir(ROOT)
    names = {}
    exec(example("python").replace(ADDRESS, bundled_url), names)
    assert set(names["found"]["spaces"]) == {"clip", "cisp"}
    assert [len(space["nearest"]) for space in names["found"]["spaces"].values()] == [5, 5]
    assert names["found"]["spaces"]["cisp"]["nearest"][0]["category"] == "chair"
    assert [entry.get("error") for entry in names["summary"]["images"]] == [None, None]
    with np.load(names["grids"]) as file:
        assert file["occupancy"].shape == (2, 2, 1, 32, 32, 32)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_shell_example_runs(bundled_url):
    script = example("bash").replace(ADDRESS, bundled_url)
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    lines = done.stdout.splitlines()
    ends = [lines[i + 1] for i, line in enumerate(lines) if line == "event: complete"]
    assert all(end.startswith("data: ") for end in ends)
    compared, drawn, walked, roamed, moved, batch, [found] = (json.loads(end[6:]) for end in ends)
    assert [one[0]["num_steps"] for one in (compared, drawn)] == [
        STANDARD.num_steps,
        PREVIEW.num_steps,
    ]
    assert walked[0]["frames"] == 5
    assert roamed[0]["places"] == [[500, 250]]
    assert moved[0]["category"] == "chair"
    assert {entry["moved"] for entry in moved[0]["attributes"]} == {0.0}
    assert len(batch[0]["images"]) == 1
    assert found["spaces"]["cisp"]["nearest"][0]["category"] == "chair"
