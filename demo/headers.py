"""What every answer of the page's server says to browsers, and how much requests may send."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo import serving, strings

MAX_UPLOAD = 170_000_000  # bytes of a request with files: eight of Gradio's own limit, 20 MB
MAX_BODY = 16_000_000  # bytes of any other: a page of the pad has two million characters at most
MAX_HELD = 2_000_000_000  # bytes of all that visitors have sent and got, for a day at the latest
UPLOAD = "/upload"
# Gradio compiles the templates of its HTML components in the browser, which takes "unsafe-eval".
SCRIPTS = "'self' 'unsafe-inline' 'unsafe-eval' blob:"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Content-Security-Policy": f"script-src {SCRIPTS}; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'",
}


class Headers:
    """Adds `HEADERS` to every answer.

    Scripts come from this server alone; a link that a visitor follows does not say from where.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class BoundedBody:
    """Refuses requests that send more than the page ever does, before they are held in memory."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with status 413 if the body is announced as too long, or is cut off."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = MAX_UPLOAD if scope["path"].endswith(UPLOAD) else MAX_BODY
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > most:
            answer = PlainTextResponse(strings.TOO_LONG, 413)
            await answer(scope, receive, send)
            return
        received = 0

        async def receive_bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # A body that is not announced may go on for ever: the client is taken for gone.
            return message if received <= most else {"type": "http.disconnect"}

        await self.app(scope, receive_bounded, send)


class BoundedFolder:
    """Keeps the folder of uploads below `MAX_HELD`, so that a day of visitors fills no disk.

    Only a folder that the page has made for itself: nothing is removed from GRADIO_TEMP_DIR.
    """

    def __init__(self, app: ASGIApp):
        self.app = app
        self._received = 0  # bytes since the folder was last looked at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does; after a twentieth of the bound has come in, remove old files."""
        folder = serving.UPLOADS.get(os.getpid())
        if scope["type"] != "http" or not scope["path"].endswith(UPLOAD) or folder is None:
            await self.app(scope, receive, send)
            return

        async def receive_counted() -> Message:
            message = await receive()
            self._received += len(message.get("body", b""))
            return message

        try:
            await self.app(scope, receive_counted, send)
        finally:
            if self._received > MAX_HELD / 20:
                self._received = 0
                await asyncio.to_thread(make_room, Path(folder), MAX_HELD)


def make_room(folder: Path, most: int) -> None:
    """Remove the oldest files under a folder until all hold at most `most` bytes."""
    files = []
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):  # another request has removed it
            if file.is_file():
                status = file.stat()
                files.append((status.st_mtime, status.st_size, file))
    held = sum(size for _, size, _ in files)
    for _, size, file in sorted(files):
        if held <= most:
            return
        file.unlink(missing_ok=True)
        held -= size
