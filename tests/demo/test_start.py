"""Starting the page where a machine is busy, or its environment odd: served, or one sentence."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import types
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gradio as gr
import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file

import app
from demo import serving
from tests.demo.conftest import serve
from tests.demo.driving.compare import LAST_STEP, open_page, wait_for_state, wait_for_step

ROOT = Path(__file__).resolve().parents[2]
DEAD = "http://127.0.0.1:9"  # nobody listens on the port of discard
CAN_PIN = shutil.which("taskset") and hasattr(os, "sched_getaffinity")
ONE_CORE = ["taskset", "-c", str(min(os.sched_getaffinity(0)))] if CAN_PIN else []
DIRECT = httpx.Client(trust_env=False)  # the test's own questions go through no proxy


def port_now_free() -> int:
    return serving.find_address("127.0.0.1", 0)[1]


@contextmanager
def started(*options: str, prefix=(), **environment: str) -> Iterator[subprocess.Popen]:
    """python app.py, terminated at the end as by a service manager."""
    command = [*prefix, sys.executable, "app.py", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, **pipes)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def address_of(process: subprocess.Popen) -> str:
    """The address that it prints."""
    line = process.stdout.readline()
    assert "http" in line, process.stderr.read()
    return re.search(r"http://\S+/", line)[0]


def ends_in_one_sentence(*options: str, **environment: str) -> str:
    with started(*options, **environment) as process:
        out, err = process.communicate(timeout=90)
    assert process.returncode == 2
    assert not out
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    return err


# A busy machine


@pytest.mark.slow
@pytest.mark.skipif(not ONE_CORE, reason="there is no taskset")
def test_three_starts_at_once_beside_two_busy_loops_on_one_core(weights):
    """Gradio's request to its own page exceeded its three seconds while models were loaded."""
    loop = [*ONE_CORE, sys.executable, "-c", "while True: pass"]
    with ExitStack() as stack:
        for _ in range(2):
            stack.callback(subprocess.Popen(loop).kill)
        apps = [
            stack.enter_context(
                started("--weights", str(weights), "--port", str(port_now_free()), prefix=ONE_CORE)
            )
            for _ in range(3)
        ]
        for process in apps:
            assert DIRECT.get(address_of(process), timeout=120).status_code == 200


def test_no_answer_of_the_page_to_itself_ends_the_start(monkeypatch):
    """Fails when Gradio's `_frontend` is renamed, or no longer skips that request."""
    monkeypatch.setattr("gradio.networking.url_ok", lambda url: False)
    with launched("127.0.0.1", port_now_free()) as url:
        assert DIRECT.get(url).status_code == 200


@pytest.fixture
def steps(monkeypatch):
    """What main does, in order; nothing is served and nothing loaded."""
    done = []

    class Service:
        def __init__(self, *_):
            self.status = types.SimpleNamespace(state="loading")

        def load(self):
            done.append("load")
            self.status.state = "ready"

        def load_in_background(self):
            done.append("load in background")

    page = types.SimpleNamespace(block_thread=lambda: done.append("block"))
    monkeypatch.setattr("demo.serving.prepare", lambda host: None)
    monkeypatch.setattr("demo.service.comparison.ComparisonService", Service)
    monkeypatch.setattr("demo.page.build_page", lambda *_: done.append("build") or page)
    monkeypatch.setattr("demo.page.launch", lambda *_, **__: done.append("launch"))
    return done


def test_the_models_are_loaded_once_the_page_is_served(steps):
    app.main(app.Options())
    assert steps == ["build", "launch", "load in background", "block"]


def test_who_borrows_a_gpu_loads_first(steps, monkeypatch):
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setitem(sys.modules, "spaces", types.ModuleType("spaces"))
    app.main(app.Options())
    assert steps == ["load", "build", "launch", "block"]


# Addresses


@contextmanager
def launched(host: str, port: int) -> Iterator[str]:
    from demo.page import launch

    with gr.Blocks() as page:
        gr.Markdown("A page")
    try:
        yield launch(page, ROOT / "assets", host=host, port=port)
    finally:
        page.close()


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("host", ["::", "::1", "[::1]"])
def test_ipv6(host):
    with launched(host, port_now_free()) as url:
        assert DIRECT.get(url).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", ""])
def test_port_0_is_any_free_port(host):
    with launched(host, 0) as url:
        assert DIRECT.get(url).status_code == 200


@pytest.mark.parametrize(
    ("host", "port"),
    [("nowhere.invalid", 0), ("192.0.2.1", 0), ("a..b", 0), ("127.0.0.1", -1), ("::1", 65536)],
)
def test_a_bad_address_is_one_sentence(host, port):
    with pytest.raises(serving.CannotServe, match=f"served at {host}:{port}: .*--host"):
        serving.find_address(host, port)


def test_a_bad_address_is_status_2():
    assert "nowhere.invalid" in ends_in_one_sentence("--host", "nowhere.invalid")


def test_a_port_that_is_no_number_is_one_sentence_and_status_2():
    assert "GRADIO_SERVER_PORT" in ends_in_one_sentence(GRADIO_SERVER_PORT="high")


def test_empty_variables_are_as_good_as_none():
    empty = {"GRADIO_SERVER_PORT": "", "GRADIO_SERVER_NAME": "", "GRADIO_TEMP_DIR": ""}
    with started("--port", str(port_now_free()), "--weights", str(ROOT), **empty) as process:
        assert DIRECT.get(address_of(process)).status_code == 200


def test_gradios_variables_say_where(monkeypatch):
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
    monkeypatch.setenv("GRADIO_SERVER_PORT", "1234")
    assert (app.Options().host, app.Options().port) == ("0.0.0.0", 1234)


# Proxies


@pytest.mark.parametrize(
    "proxies",
    [
        {"http_proxy": DEAD, "HTTP_PROXY": DEAD, "NO_PROXY": "example.org"},
        {"ALL_PROXY": "socks5://127.0.0.1:9"},
    ],
    ids=["dead", "socks"],
)
def test_localhost_is_not_asked_through_a_proxy(proxies):
    options = ("--port", str(port_now_free()), "--weights", str(ROOT))
    with started(*options, **proxies) as process:
        assert DIRECT.get(address_of(process)).status_code == 200


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("", "")),
        ({"NO_PROXY": "a.org, .b.org"}, ("a.org,.b.org,", "a.org,.b.org,")),
        ({"no_proxy": "a.org", "NO_PROXY": "b.org,localhost"}, ("a.org,", "b.org,")),
    ],
)
def test_the_users_own_exemptions_stay(monkeypatch, tmp_path, given, expected):
    environment = {"GRADIO_TEMP_DIR": str(tmp_path), "http_proxy": DEAD, **given}
    monkeypatch.setattr(os, "environ", environment)
    serving.prepare("192.0.2.7")
    with serving.proxies_aside():
        assert (environment["no_proxy"], environment["NO_PROXY"]) == ("*", "*")
    for name, own in zip(("no_proxy", "NO_PROXY"), expected, strict=True):
        assert environment[name].startswith(own)
        hosts = environment[name].split(",")
        assert {"192.0.2.7", "localhost", "127.0.0.1", "::1"} <= set(hosts)
        assert len(hosts) == len(set(hosts))


def test_a_link_is_not_asked_for_through_a_proxy_of_an_unknown_kind(monkeypatch, capsys):
    """Nor without it; the page itself is served."""
    from demo.page import launch

    monkeypatch.setenv("ALL_PROXY", "unheard-of://127.0.0.1:9")
    monkeypatch.setattr("gradio.networking.setup_tunnel", lambda **_: pytest.fail("asked"))
    with gr.Blocks() as page:
        gr.Markdown("A page")
    url = launch(page, ROOT / "assets", host="127.0.0.1", port=port_now_free(), share=True)
    assert DIRECT.get(url).status_code == 200
    assert "public link" in capsys.readouterr().out
    page.close()


# The folder of uploads


@pytest.fixture(scope="module")
def crowded(weights, tmp_path_factory):
    """A page whose Gradio folder is taken by a file, its address and temporary folder."""
    temporary = tmp_path_factory.mktemp("temporary")
    (temporary / "gradio").write_text("another's")  # the superuser may write to any folder
    options = ("--port", str(port_now_free()), "--weights", str(weights))
    with started(*options, TMPDIR=str(temporary), GRADIO_TEMP_DIR="") as process:
        yield address_of(process), temporary
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0
        assert [path.name for path in temporary.glob("cisp-*")] == []


def test_uploads_and_results_have_a_private_folder(crowded, picture):
    url, temporary = crowded
    client = Client(url, verbose=False)
    _, files = client.predict(handle_file(picture), 5, "preview", api_name="/compare")
    with np.load(files if isinstance(files, str) else files[-1]) as file:
        assert file["occupancy"].any()
    [folder] = temporary.glob("cisp-*")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.rglob("*.png"))


@pytest.mark.browser
def test_examples_and_scripts_work_beside_it(crowded, tab):
    tab.goto(crowded[0])
    tab.wait_for_selector(".status.ready")
    tab.locator("#examples button").first.click()
    tab.wait_for_selector("#inputs .cutout img")
    tab.wait_for_function("document.querySelector('#inputs .cutout img').naturalWidth > 0")


def test_a_folder_that_cannot_be_written_to_is_one_sentence_and_status_2(tmp_path):
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file")
    assert folder in ends_in_one_sentence(GRADIO_TEMP_DIR=folder)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="may write anywhere")
def test_a_read_only_folder_is_refused(tmp_path, monkeypatch):
    tmp_path.chmod(0o500)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    with pytest.raises(serving.CannotServe, match=str(tmp_path)):
        serving.prepare("127.0.0.1")


def test_the_users_own_folder_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", {"GRADIO_TEMP_DIR": str(tmp_path / "new" / "folder")})
    serving.prepare("127.0.0.1")
    assert os.environ["GRADIO_TEMP_DIR"] == str(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []


def test_no_temporary_folder_at_all_is_one_sentence(monkeypatch):
    def none(**_):
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr("tempfile.mkdtemp", none)
    with pytest.raises(serving.CannotServe, match="GRADIO_TEMP_DIR"):
        serving.prepare("127.0.0.1")


# Behind a reverse proxy


@contextmanager
def reverse_proxy(prefix: str, target: str) -> Iterator[str]:
    """Hands what is asked for below the prefix on to the target, without the prefix."""

    class Handler(BaseHTTPRequestHandler):
        def hand_on(self):
            if not self.path.startswith(f"{prefix}/"):
                # Browsers ask every site for this one.
                self.send_response(204 if self.path == "/favicon.ico" else 404)
                self.end_headers()
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {k: v for k, v in self.headers.items() if k.lower() != "host"}
            path = self.path.removeprefix(prefix)
            url = f"{target.rstrip('/')}{path}"
            with DIRECT.stream(
                self.command, url, content=body, headers=headers, timeout=None
            ) as answer:
                self.send_response(answer.status_code)
                for name, value in answer.headers.items():
                    if name not in ("content-length", "transfer-encoding", "connection"):
                        self.send_header(name, value)
                self.end_headers()
                for part in answer.iter_raw():
                    self.wfile.write(part)
                    self.wfile.flush()

        do_GET = do_HEAD = do_POST = hand_on

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 100  # a browser asks for all parts of the page at once
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{prefix}/"
    finally:
        server.shutdown()
        server.server_close()


def test_a_path_of_another_server(fake_service, assets, picture, monkeypatch):
    """The page, what it is made of, and the API answer below it."""
    monkeypatch.setenv("GRADIO_ROOT_PATH", "/models/shapes")
    page, url = serve(fake_service, assets)
    try:
        with reverse_proxy("/models/shapes", url) as outside:
            html = DIRECT.get(outside)
            assert html.status_code == 200
            parts = re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', html.text)
            assert parts
            for part in parts:
                assert DIRECT.get(httpx.URL(outside).join(part)).status_code == 200, part
            config = DIRECT.get(f"{outside}config").json()
            assert config["root"].endswith("/models/shapes")
            client = Client(outside, verbose=False)
            summary, files = client.predict(handle_file(picture), 5, "preview", api_name="/compare")
            assert summary["seed"] == 5
            assert files
    finally:
        page.close()


@pytest.mark.browser
def test_a_path_of_another_server_in_a_browser(tab, fake_service, assets, monkeypatch):
    """The modules come from below it: an example is clicked, its shapes are drawn."""
    monkeypatch.setenv("GRADIO_ROOT_PATH", "/models/shapes")
    page, url = serve(fake_service, assets)
    try:
        with reverse_proxy("/models/shapes", url) as outside:
            open_page(tab, outside)
            tab.click("#examples button >> nth=1")
            tab.wait_for_selector("#inputs .cutout img")
            tab.click("#run")
            wait_for_state(tab, "done")
            wait_for_step(tab, LAST_STEP)
            tab.goto("about:blank")  # before the servers go away under the page
    finally:
        page.close()
