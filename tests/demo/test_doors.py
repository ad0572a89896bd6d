"""Requests may run no code, read no files but their own, and block nobody."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from gradio.utils import get_upload_folder
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import EpsImagePlugin, Image

from cisp.picture_files import load_image
from demo import strings
from demo.service import aside
from demo.service.aside import Readers
from demo.widgets.guard import may_be_read, named_files
from training.data.inputs import embed_files

FILES = Path(__file__).parent / "files"
ROOT = Path(__file__).resolve().parents[2]
DRAWS = b"0.2 0.3 0.6 setrgbcolor 60 20 80 120 rectfill\nshowpage\n"
HEAD = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 200 200\n%%EndComments\n"


@pytest.fixture(params=["plain", "loop", "write", "dos"])
def postscript(request, tmp_path) -> Path:
    """PostScript that is called a picture: it draws, never ends, or leaves a file."""
    file = tmp_path / "x.png"
    if request.param in ("plain", "loop"):
        shutil.copy(FILES / f"eps-{request.param}.png", file)
    else:
        trace = tmp_path / "trace"
        program = HEAD + f"({trace}) (w) file dup (was here) writestring closefile\n".encode()
        if request.param == "dos":  # the header with which EPS starts on DOS
            size = len(program + DRAWS)
            program = b"\xc5\xd0\xd3\xc6" + (30).to_bytes(4, "little") + size.to_bytes(4, "little")
            program += b"\0" * 18 + HEAD
            program += f"({trace}) (w) file dup (was here) writestring closefile\n".encode()
        file.write_bytes(program + DRAWS)
    return file


def test_ghostscript_would_run_it(tmp_path):
    """The other tests here show nothing where Pillow finds no Ghostscript to hand a file to."""
    if not EpsImagePlugin.has_ghostscript():
        pytest.skip("Ghostscript is not installed.")
    with Image.open(FILES / "eps-plain.png") as image:
        assert image.format == "EPS"
        assert image.convert("L").getextrema()[0] < 128


def test_postscript_called_a_picture_is_refused_and_not_run(postscript):
    with pytest.raises(ValueError, match=r"x\.png' is not an image that can be read"):
        load_image(postscript)
    assert not (postscript.parent / "trace").exists()


def test_the_command_lines_do_not_run_it_either(postscript):
    with pytest.raises(ValueError, match="not an image that can be read"):
        embed_files([("x.png", postscript)], [], "cpu")
    assert not (postscript.parent / "trace").exists()


ENDPOINTS = ["/compare", "/sketch", "/retrieve", "/batch", "/interpolate", "/roam", "/attributes"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_endpoint_refuses_it(url, postscript, endpoint):
    client = Client(url, verbose=False)
    image = handle_file(postscript)
    given = {
        "/compare": (image, 0, "preview", 1),
        "/sketch": (image, 0, "preview"),
        "/retrieve": (image, 3, False),
        "/batch": ([image], 0, "preview"),
        "/interpolate": (image, image, 3, "slerp", 0, "preview"),
        "/roam": (image, image, image, image, [[0, 0]], "slerp", 0, "preview"),
        "/attributes": (image, "", "", 0, "preview"),
    }[endpoint]
    with pytest.raises(AppError, match="not an image that can be read"):
        client.predict(*given, api_name=endpoint)
    assert not (postscript.parent / "trace").exists()


def test_pillow_never_opens_a_file_without_a_list_of_formats():
    for room in ("app.py", "cisp", "demo", "diffusion", "training"):
        for path in [ROOT / room] if room.endswith(".py") else (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Image.open"):
                    options = [keyword.arg for keyword in node.keywords]
                    assert "formats" in options, f"{path}:{node.lineno}"


def test_a_pipe_is_no_picture(tmp_path):
    os.mkfifo(tmp_path / "x.png")
    with pytest.raises(ValueError, match="not an image that can be read"):
        load_image(tmp_path / "x.png")


def many_scans(path: Path, count: int) -> Path:
    """A small progressive JPEG, each of whose scans goes over all of a large picture."""
    image = Image.linear_gradient("L").resize((6000, 6000))
    image.save(path, "jpeg", progressive=True, quality=1)
    data = path.read_bytes()
    starts = [at for at in range(len(data) - 1) if data[at : at + 2] == b"\xff\xda"]
    last = data[starts[-1] : -2]  # refines one bit of each coefficient; may come again
    path.write_bytes(data[:-2] + last * count + data[-2:])
    return path


def test_a_picture_that_takes_for_ever_is_left_behind(tmp_path, monkeypatch, picture):
    file = many_scans(tmp_path / "bomb.jpg", 400)
    assert file.stat().st_size < 20_000_000
    readers = Readers()
    readers.call("picture", load_image, picture)  # a reader is up
    monkeypatch.setattr(aside, "SECONDS", 1.0)
    told, asked, call = [], threading.Event(), aside.Reader.call

    def noted(self, function, args, seconds):
        asked.set()
        return call(self, function, args, seconds)

    monkeypatch.setattr(aside.Reader, "call", noted)

    def send():
        try:
            readers.call("bomb.jpg", load_image, file)
        except ValueError as error:
            told.append(str(error))

    bomb = threading.Thread(target=send)
    bomb.start()
    asked.wait(30)  # with a second to read
    monkeypatch.setattr(aside, "SECONDS", 60.0)
    assert readers.call("picture", load_image, picture).size == (160, 160)  # meanwhile
    bomb.join(30)
    assert told == ["“bomb.jpg” takes too long to read."]
    assert readers.call("picture", load_image, picture).size == (160, 160)


def test_a_reader_that_dies_is_replaced(picture):
    readers = Readers()
    with pytest.raises(ValueError, match="“x” cannot be read"):
        readers.call("x", os._exit, 1)
    assert readers.call("picture", load_image, picture).size == (160, 160)


def test_a_reader_that_was_killed_while_idle_harms_no_file(picture):
    readers = Readers()
    os.kill(readers.call("x", os.getpid), signal.SIGKILL)
    readers._idle[0]._process.wait()
    assert readers.call("picture", load_image, picture).size == (160, 160)


def test_a_script_without_a_guard_may_use_readers(tmp_path, picture):
    script = tmp_path / "script.py"
    script.write_text(
        "from cisp.picture_files import load_image\nfrom demo.service.aside import READERS\n"
        f"print(READERS.call('x', load_image, {str(picture)!r}).size)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script)]
    out = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert out.stdout == "(160, 160)\n"


def test_a_fault_of_a_reader_is_raised_and_leaves_it_in_use(picture):
    readers = Readers()
    first = readers.call("x", os.getpid)
    with pytest.raises(ValueError, match="does not exist"):
        readers.call("x", load_image, picture.parent / "none.png")
    assert readers.call("x", os.getpid) == first != os.getpid()


def test_only_files_in_the_folders_may_be_read(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside, tmp_path / "into"):
        folder.mkdir()
        (folder / "x.png").touch()
    (inside / "link").symlink_to(outside / "x.png")
    (inside / "good-link").symlink_to(inside / "x.png")
    (inside / "loop").symlink_to(inside / "loop")
    (outside / "link").symlink_to(inside / "x.png")
    os.mkfifo(inside / "pipe")
    allowed = ["x.png", "good-link", "../in/x.png"]
    refused = ["link", "loop", "pipe", "none", "", ".", "../out/x.png", "../into/x.png"]
    for name in allowed:
        assert may_be_read(str(inside / name), [inside]), name
    for name in refused:
        assert not may_be_read(str(inside / name), [inside]), name
    for path in (
        str(outside / "link"),
        "\0",
        f"{inside}/x.png\0",
        None,
        3,
        [str(inside / "x.png")],
    ):
        assert not may_be_read(path, [inside])


def test_named_files_are_found_wherever_they_are():
    data = [{"path": "a", "url": "b"}, [{"deep": [{"path": "c"}]}], {"path": None, "url": "d"}]
    assert list(named_files([*data, {"path": None, "url": None}, "e", 3])) == ["a", "c", "d"]


@pytest.fixture
def named(tmp_path):
    """What a request may name to read files of the server: description -> path."""
    outside = tmp_path / "outside.png"
    Image.linear_gradient("L").save(outside)
    os.mkfifo(tmp_path / "pipe.png")
    cache = Path(get_upload_folder())
    cache.mkdir(parents=True, exist_ok=True)
    links = [cache / f"link-{os.getpid()}.png", cache / f"pipe-{os.getpid()}.png"]
    links[0].symlink_to(outside)
    links[1].symlink_to(tmp_path / "pipe.png")
    yield {
        "is there": str(outside),
        "is not there": str(tmp_path / "none.png"),
        "pipe": str(tmp_path / "pipe.png"),
        "terminal": "/dev/stdin",
        "link": str(links[0]),
        "link to a pipe": str(links[1]),
        "not in the cache": str(cache / "none.png"),
        "folder": str(cache),
        "climbs": os.path.join(cache, os.path.relpath(outside, cache)),  # noqa: PTH118
        "file address": f"file://{outside}",
        "address": "http://127.0.0.1:1/x.png",
        "source": str(ROOT / "app.py"),
    }
    for link in links:
        link.unlink()


def ask(web: httpx.Client, fn_index: int, data: list) -> str:
    """What an event of the page answers, as the page's own script would ask it."""
    session = f"probe-{fn_index}-{time.monotonic_ns()}"
    body = {"data": data, "fn_index": fn_index, "session_hash": session, "event_data": None}
    web.post("queue/join", json=body).raise_for_status()
    with web.stream("GET", "queue/data", params={"session_hash": session}) as answer:
        for line in answer.iter_lines():
            message = json.loads(line.removeprefix("data:")) if line else {}
            if message.get("msg") == "process_completed":
                return str(message["output"].get("error"))
    return "no answer"


def test_no_event_of_the_page_says_what_is_on_the_server(fake_url, named, picture):
    metas = [{}, {"meta": {"_type": "gradio.FileData"}}]  # with it, Gradio looks at the path
    config = httpx.get(f"{fake_url}config").json()
    stateful = {c["id"] for c in config["components"] if c["type"] == "state"}
    events = [d for d in config["dependencies"] if d["backend_fn"]]
    web, probed = httpx.Client(base_url=f"{fake_url}gradio_api/", timeout=20), 0
    for event in events:
        places = [at for at, one in enumerate(event["inputs"]) if one not in stateful]
        if not places:
            continue
        for number, path in enumerate(named.values()):
            if probed > 4 and (probed + number) % 3:
                continue  # a third of them, in turn
            data = [None] * len(event["inputs"])
            for at in places:
                data[at] = {"path": path, **metas[number % 2]}
            assert ask(web, event["id"], data) == strings.NOT_UPLOADED, (event, path)
        nested = [None] * len(event["inputs"])
        nested[places[0]] = {"points": [{"src": {"path": named["is there"], **metas[1]}}]}
        assert ask(web, event["id"], nested) == strings.NOT_UPLOADED, event
        probed += 1
    assert probed >= 30
    Client(fake_url, verbose=False).predict(handle_file(picture), 0, "preview", api_name="/compare")


def test_named_endpoints_refuse_in_the_same_words(url, named):
    told = set()
    for path in named.values():
        for image in ({"path": path}, {"path": None, "url": path}):
            call = f"{url}gradio_api/call/compare"
            event = httpx.post(call, json={"data": [image, 0, "preview", 1]}).json()["event_id"]
            told.add(httpx.get(f"{call}/{event}", timeout=20).text)
    [answer] = told
    assert strings.NOT_UPLOADED in answer


def test_ci_installs_ghostscript():
    """Without it, nothing here would show that no picture is handed to it."""
    assert "ghostscript" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    if os.environ.get("CI"):
        assert subprocess.run(["gs", "--version"], check=False).returncode == 0
