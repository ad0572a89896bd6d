"""No script from elsewhere, nothing guessed about files, no endless request."""

from __future__ import annotations

import http.client
import json
import os
import re
import time
from pathlib import Path
from urllib.parse import urlparse

import httpx
import pytest
from gradio.utils import get_upload_folder
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from demo import headers, serving, strings
from demo.service.comparison import ComparisonService

BUSY = 120  # seconds that an answer may take on a busy machine
PLACES = ("", "config", "gradio_api/info", "gradio_api/file=none", "none", "theme.css")


@pytest.mark.parametrize("place", PLACES)
def test_every_answer_has_the_headers(fake_url, place):
    answer = httpx.get(f"{fake_url}{place}", timeout=BUSY)
    assert answer.headers["x-content-type-options"] == "nosniff"
    rules = dict(
        rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";")
    )
    assert not re.search(r"https?:|\*", rules["script-src"])
    assert rules["object-src"] == "'none'"
    assert "server" not in answer.headers or "Python" not in answer.headers["server"]


def test_the_page_names_no_script_from_elsewhere(fake_url):
    page = httpx.get(fake_url, timeout=BUSY).text
    scripts = re.findall(r"<script[^>]+src=[\"']([^\"']+)", page)
    scripts += re.findall(r"<link[^>]+href=[\"']([^\"']+\.js)[\"']", page)
    assert scripts
    own = urlparse(fake_url).netloc
    assert {urlparse(script).netloc for script in scripts} <= {"", own}


def test_a_body_that_is_too_long_is_refused_before_it_is_read(fake_url, monkeypatch):
    monkeypatch.setattr(headers, "MAX_BODY", 5000)
    join = f"{fake_url}gradio_api/queue/join"
    body = {"data": ["x" * 9000], "fn_index": 0, "session_hash": "long"}
    answer = httpx.post(join, json=body, timeout=BUSY)
    assert (answer.status_code, answer.text) == (413, strings.TOO_LONG)
    assert httpx.post(join, json={**body, "data": []}, timeout=BUSY).status_code != 413
    own = urlparse(fake_url)
    for length in ("nonsense", "-1"):
        connection = http.client.HTTPConnection(own.hostname, own.port, timeout=BUSY)
        connection.putrequest("POST", "/gradio_api/queue/join")
        connection.putheader("Content-Length", length)
        connection.endheaders()
        assert connection.getresponse().status in (400, 413)
        connection.close()


def test_a_body_without_an_end_is_cut_off(fake_url, monkeypatch):
    monkeypatch.setattr(headers, "MAX_BODY", 5000)
    sent = 0

    def endless():
        nonlocal sent
        while sent < 50_000_000:
            sent += 1000
            yield b" " * 1000

    try:
        answer = httpx.post(f"{fake_url}gradio_api/queue/join", content=endless(), timeout=BUSY)
        assert answer.status_code >= 400
    except httpx.HTTPError:
        pass  # the server hung up
    assert httpx.get(f"{fake_url}config", timeout=BUSY).status_code == 200


def test_the_oldest_files_give_way_when_uploads_hold_too_much(tmp_path, monkeypatch):
    folder = tmp_path / "own"
    folder.mkdir()

    async def keep(request: Request) -> Response:
        data = await request.body()
        (folder / f"{len(list(folder.iterdir()))}").write_bytes(data)
        return Response()

    for age, name in enumerate(("newer", "older")):
        file = folder / name / "file"
        file.parent.mkdir()
        file.write_bytes(b"x" * 400)
        os.utime(file, (1e9 - age, 1e9 - age))
    middleware = [Middleware(headers.BoundedFolder)]
    app = Starlette(routes=[Route("/upload", keep, methods=["POST"])], middleware=middleware)
    monkeypatch.setattr(headers, "MAX_HELD", 1000)
    with TestClient(app) as client:
        client.post("/upload", content=b"x" * 300)  # a folder of somebody else's stays as it is
        assert (folder / "older" / "file").exists()
        monkeypatch.setitem(serving.UPLOADS, os.getpid(), str(folder))
        client.post("/upload", content=b"x" * 200)  # 300 of these 1300 bytes are too many
    assert not (folder / "older" / "file").exists()
    kept = [file for file in folder.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in kept) == 900


def test_an_upload_is_never_served_as_a_page(fake_url, tmp_path):
    """An upload comes back as what it is, to whoever knows its random name alone."""
    page = tmp_path / "x.html"
    page.write_text("<script>alert(1)</script>")
    upload = httpx.post(
        f"{fake_url}gradio_api/upload", files={"files": page.open("rb")}, timeout=BUSY
    )
    (path,) = upload.json()
    assert Path(path).is_relative_to(get_upload_folder())
    answer = httpx.get(f"{fake_url}gradio_api/file={path}", timeout=BUSY)
    shown = answer.headers.get("content-type", "")
    assert "attachment" in answer.headers.get("content-disposition", "") or "html" not in shown


def test_what_visitors_read_does_not_say_where_the_weights_lie(tmp_path):
    folder = tmp_path / "secret-place" / "weights"
    (folder / "clip" / "image").mkdir(parents=True)
    service = ComparisonService(folder, "cpu")
    service.load()
    assert service.status.state == "unavailable"
    assert "secret-place" not in service.status.message
    assert "weights" in service.status.message


def test_no_event_answers_with_a_path_of_the_server(fake_url, tmp_path):
    """A picture that breaks in every way is named by its own name, not by where it was put."""
    files = {"a.png": b"", "b.jpg": b"\xff\xd8\xff", "c.heic": b"\0\0\0\x18ftypheic"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        with (tmp_path / name).open("rb") as file:
            upload = httpx.post(f"{fake_url}gradio_api/upload", files={"files": file}, timeout=BUSY)
        image = {"path": upload.json()[0], "meta": {"_type": "gradio.FileData"}}
        call, data = f"{fake_url}gradio_api/call/sketch", {"data": [image, 0, "preview"]}
        event = httpx.post(call, json=data, timeout=BUSY).json()["event_id"]
        told = httpx.get(f"{call}/{event}", timeout=BUSY).text
        assert name in told
        assert get_upload_folder() not in told
        assert str(Path.home()) not in json.dumps(told)


@pytest.mark.parametrize("wrong", ["x", "\ud800", {"points": 7, "image": []}])
def test_wrong_types_are_answered_in_a_sentence_by_every_event(fake_url, wrong, caplog):
    """No event may end without a word, which is how Gradio tells of an exception."""
    config = httpx.get(f"{fake_url}config", timeout=BUSY).json()
    web, silent = httpx.Client(base_url=f"{fake_url}gradio_api/", timeout=BUSY), []
    for event in config["dependencies"]:
        if not event["backend_fn"]:
            continue
        session = f"wrong-{event['id']}-{os.urandom(4).hex()}"
        body = {"data": [wrong] * len(event["inputs"]), "fn_index": event["id"]}
        body = json.dumps({**body, "session_hash": session})  # in ASCII, as "\ud800" is no text
        head = {"content-type": "application/json"}
        web.post("queue/join", content=body, headers=head).raise_for_status()
        end = time.monotonic() + BUSY / 4
        with web.stream("GET", "queue/data", params={"session_hash": session}) as answer:
            for line in answer.iter_lines():
                message = json.loads(line.removeprefix("data:")) if line else {}
                if message.get("msg") == "process_completed":
                    if not message["success"] and not message["output"].get("error"):
                        silent.append(event["targets"])
                    break
                if time.monotonic() > end:
                    silent.append(("without an end", event["targets"]))
                    break
    assert not silent
    assert "Traceback" not in caplog.text
