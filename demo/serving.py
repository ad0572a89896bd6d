"""Prepare the environment of the page: an address, its own upload folder, no proxy to itself.

Gradio is not imported here: it reads the environment on import, and some values make it fail.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from demo import strings

HOST, PORT = "127.0.0.1", 7860  # as Gradio's
EXEMPT = ("no_proxy", "NO_PROXY")  # both spellings are in use
UPLOADS: dict[int, str] = {}  # process -> its folder for uploads; a fork has none of its own
LOCAL = ("localhost", "127.0.0.1", "::1")
M_ARENA_MAX, ARENAS = -8, 2  # malloc.h
TRIM_EVERY = 15.0  # seconds


class CannotServe(OSError):
    """Why the page cannot be served; one sentence."""


def host_of_environment() -> str:
    """GRADIO_SERVER_NAME, or the default if it is empty."""
    return os.environ.get("GRADIO_SERVER_NAME", "").strip() or HOST


def port_of_environment() -> int:
    """GRADIO_SERVER_PORT, or the default if it is empty.

    Raises:
        CannotServe: it is no number.
    """
    port = os.environ.get("GRADIO_SERVER_PORT", "").strip() or PORT
    try:
        return int(port)
    except ValueError:
        raise CannotServe(strings.BAD_PORT.format(port=port)) from None


def prepare(host: str) -> None:
    """Make the environment safe for Gradio; call this before importing it.

    Raises:
        CannotServe: there is no folder for uploads.
    """
    for name in ("GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "GRADIO_NUM_PORTS"):  # are options
        os.environ.pop(name, None)
    _exempt_from_proxies(host, *LOCAL)
    _choose_upload_folder()


def spare_memory() -> None:
    """Give freed memory back to the system from now on, where the C library is GNU's.

    It keeps for each thread what that has freed: with twenty visitors at once the page grew from
    1.4 to 2.6 GB in half an hour, one after another left it as it was.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if not hasattr(libc, "malloc_trim"):
        return
    libc.mallopt(M_ARENA_MAX, ARENAS)

    def trim() -> None:
        while True:
            time.sleep(TRIM_EVERY)
            libc.malloc_trim(0)

    threading.Thread(target=trim, name="trim-memory", daemon=True).start()


def end(*_: object) -> None:
    """Handle a signal to terminate: remove the uploads, and end at once.

    Python's normal exit aborts while threads compute.
    """
    if os.getpid() in UPLOADS:
        shutil.rmtree(UPLOADS[os.getpid()], ignore_errors=True)
    os._exit(0)


def find_address(host: str, port: int) -> tuple[str, int]:
    """The host, without brackets, and a port that is free; 0 stands for any.

    The system itself is asked: Gradio (6.31) looks at 127.0.0.1 alone, and errors in uvicorn's
    thread are lost.

    Raises:
        CannotServe: nothing can listen there.
    """
    host = host.strip().removeprefix("[").removesuffix("]") or HOST
    refusal = CannotServe(strings.PORT_TAKEN.format(host=host, port=port))
    if not 0 <= port <= 65535:
        raise refusal
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # the latter for an impossible host name
        raise refusal from None
    for family, _, _, _, address in found:
        try:
            with socket.create_server(address, family=family) as server:
                return host, server.getsockname()[1]
        except OSError:  # localhost may have addresses the machine lacks
            continue
    raise refusal


@contextmanager
def proxies_aside() -> Iterator[None]:
    """No request goes through a proxy meanwhile.

    Gradio makes httpx clients when it is imported and launched, and httpx fails where the
    environment names an unknown kind of proxy, even if the host is exempt.
    """
    before = {name: os.environ.get(name) for name in EXEMPT}
    os.environ.update(dict.fromkeys(EXEMPT, "*"))
    try:
        yield
    finally:
        for name, hosts in before.items():
            if hosts is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = hosts


def proxies_are_usable() -> bool:
    """Whether httpx knows the kinds of proxy that the environment names, if any."""
    try:
        httpx.Client().close()
    except (ImportError, ValueError, httpx.InvalidURL):
        return False
    return True


def _exempt_from_proxies(*hosts: str) -> None:
    """Exempt hosts from proxies; an unset spelling of the variable follows the other."""
    given = [os.environ.get(name, "") for name in EXEMPT]
    for name, own in zip(EXEMPT, given, strict=True):
        entries = [entry.strip() for entry in (own or "".join(given)).split(",")]
        os.environ[name] = ",".join(dict.fromkeys([*filter(None, entries), *hosts]))


def _choose_upload_folder() -> None:
    """Keep uploads in GRADIO_TEMP_DIR if that is set, else in a new folder, removed at the end.

    Gradio's own, /tmp/gradio, is shared by all users of a machine: it may belong to another.
    """
    given = os.environ.get("GRADIO_TEMP_DIR")
    try:
        if given:
            Path(given).mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=given).close()
            return
        folder = str(Path(tempfile.mkdtemp(prefix="cisp-")).resolve())  # of mode 0700
    except OSError:
        where = given or "any temporary folder"
        raise CannotServe(strings.NO_UPLOAD_FOLDER.format(folder=where)) from None
    os.environ["GRADIO_TEMP_DIR"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    UPLOADS[os.getpid()] = folder
