"""A page of its own process, watched from outside: answers, memory, files and threads."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
START = 300.0  # seconds that a page may take until its models are loaded


def sound_request(event: str, image: dict[str, Any], seed: int) -> list[Any]:
    """The inputs of an endpoint for one picture, as `Page.upload` names it, and previews."""
    return {
        "compare": [image, seed, "preview", 1, "automatic", ""],
        "sketch": [image, seed, "preview"],
        "retrieve": [image, 3, False],
        "interpolate": [image, image, 3, "slerp", seed, "preview"],
        "attributes": [image, "chair", "height +1", seed, "preview"],
    }[event]


class Answer(NamedTuple):
    """The end of an event: its output, or the sentence of its refusal; and when it ran.

    Args:
        output: what the event answered, None if it failed.
        error: what a failed event says; None where it says nothing, which is a fault.
        started: seconds by `time.monotonic`; None if it never ran.
        ended: likewise.
    """

    output: Any
    error: Any
    started: float | None
    ended: float


class Page:
    """`app.py` on a free port, with a temporary folder of its own; a context manager.

    Args:
        weights: the folder of the weights.
        folder: an empty one, for the log and the temporary files.

    Attributes:
        url: the address, with a slash at the end.
        config: what the page says of its components and events.
    """

    def __init__(self, weights: Path, folder: Path):
        self.temporary, self.log = folder / "temporary", folder / "page.log"
        self.temporary.mkdir(parents=True)
        environment = {**os.environ, "TMPDIR": str(self.temporary), "PYTHONUNBUFFERED": "1"}
        environment.pop("GRADIO_TEMP_DIR", None)
        command = [sys.executable, "app.py", "--port", "0", "--weights", str(weights.resolve())]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        self.url, end = "", time.monotonic() + START
        while not self.url:
            found = re.search(r"http://\S+", self.log.read_text(errors="replace"))
            self.url = found[0].rstrip("/.") + "/" if found else ""
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise ValueError(f"The page does not start: {self.log.read_text()[-300:]}")
            time.sleep(0.2)
        self.config = httpx.get(f"{self.url}config", timeout=60).json()
        self.events = {event["api_name"]: event["id"] for event in self.config["dependencies"]}

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the page as a service manager does, and wait for it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def warm(self) -> None:
        """Wait until the models are loaded.

        Raises:
            ValueError: they cannot be.
        """
        path, end = self.temporary.parent / "first.png", time.monotonic() + START
        Image.linear_gradient("L").convert("RGB").save(path)
        while True:
            answer = self.ask("compare", sound_request("compare", self.upload(path), 0))
            if answer.output is not None:
                return
            if time.monotonic() > end:
                raise ValueError(f"The page does not answer: {answer.error}")
            time.sleep(1)

    def upload(self, path: Path) -> dict[str, Any]:
        """Send a file as the page's script does, and return how a request names it.

        Raises:
            httpx.HTTPError: it is not taken.
        """
        with path.open("rb") as file:
            sent = httpx.post(f"{self.url}gradio_api/upload", files={"files": file}, timeout=120)
        sent.raise_for_status()
        return {"path": sent.json()[0], "meta": {"_type": "gradio.FileData"}}

    def ask(self, event: str | int, data: list[Any], leave_after: float | None = None) -> Answer:
        """Join the queue with an event, as the page's script does, and wait for its end.

        Args:
            event: the name of an endpoint, or the number of any event.
            data: its inputs.
            leave_after: seconds after which the connection is closed, as by a closed tab.
        """
        number = self.events[event] if isinstance(event, str) else event
        session = os.urandom(8).hex()
        body = json.dumps({"data": data, "fn_index": number, "session_hash": session})
        started, place = None, f"{self.url}gradio_api/queue/"
        # Events beat every 15 s. Who has left reads from a socket that nobody wakes any more.
        with httpx.Client(timeout=httpx.Timeout(600, read=60)) as web:
            head = {"content-type": "application/json"}
            joined = web.post(f"{place}join", content=body, headers=head)
            if joined.status_code != 200:
                refusal = f"Refused with status {joined.status_code}."
                known = 400 <= joined.status_code < 500 or joined.status_code == 503
                return Answer(None, refusal if known else None, None, time.monotonic())
            left = threading.Timer(leave_after or 600, web.close)
            left.start()
            try:
                with web.stream("GET", f"{place}data", params={"session_hash": session}) as answers:
                    for line in answers.iter_lines():
                        said = json.loads(line.removeprefix("data:")) if line else {}
                        if said.get("msg") == "process_starts":
                            started = time.monotonic()
                        if said.get("msg") == "process_completed":
                            output = said["output"]
                            error = None if said["success"] else output.get("error")
                            data = output.get("data") if said["success"] else None
                            return Answer(data, error, started, time.monotonic())
            except (httpx.HTTPError, RuntimeError, queue.Empty, ValueError, OSError):
                pass  # we have left, or the page has gone
            finally:
                left.cancel()
        return Answer(None, "left" if leave_after else None, started, time.monotonic())

    def measures(self) -> dict[str, float]:
        """Memory (MB) of the page and its readers, its open files, threads and temporary files."""
        processes = [self.process.pid, *_children(self.process.pid)]
        own = Path(f"/proc/{self.process.pid}")
        threads = re.search(r"Threads:\s+(\d+)", (own / "status").read_text())
        return {
            "memory_mb": round(sum(map(_memory, processes)), 1),
            "open_files": len(list((own / "fd").iterdir())),
            "threads": int(threads[1]) if threads else 0,
            # Folders vanish meanwhile, which os.walk passes over.
            "temporary_files": sum(len(files) for _, _, files in os.walk(self.temporary)),
        }

    def tracebacks(self) -> int:
        """How many are in the log."""
        return self.log.read_text(errors="replace").count("Traceback")


def _children(process: int) -> list[int]:
    try:
        found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    return [int(child) for child in found]


def _memory(process: int) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def spare_folder() -> tempfile.TemporaryDirectory:
    """A folder for one run, removed after it."""
    return tempfile.TemporaryDirectory(prefix="soak-")
