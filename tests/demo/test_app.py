"""The command line, as a new user meets it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]


def start(*options: str, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "app.py", *options],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_busy_port_is_one_sentence_and_status_2(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        app = start("--port", port, "--weights", str(tmp_path))
        out, err = app.communicate(timeout=90)
    assert app.returncode == 2
    assert f"127.0.0.1:{port}" in err
    assert "--port" in err
    assert "Traceback" not in out + err


def test_without_weights_the_page_is_served_and_says_what_to_do(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    app = start("--weights", str(tmp_path), GRADIO_SERVER_PORT=str(port))
    try:
        url = f"http://127.0.0.1:{port}/"
        assert url in app.stdout.readline()
        page = httpx.get(url)
        assert page.status_code == 200
        assert "CISP" in page.text
    finally:
        app.terminate()
        app.communicate(timeout=30)


@pytest.mark.parametrize("options", [("--port", "high"), ("--wieghts", "x")])
def test_unknown_options_are_errors(options):
    app = start(*options)
    assert app.communicate(timeout=60)[1]
    assert app.returncode == 2
