"""A page worker: one process that renders pages, linked data and dumps with Flask, one at a time.

Its queries are the project's own, and read the store that it shares with the zygote it came from.
"""

from __future__ import annotations

import io
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask

from server.frames import ANSWER, PIECE, PIECE_BYTES, Head, receive, send
from server.sparql import ATTACHED

_BODY_HEADERS = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def serve_pages(connection: socket.socket, open_app: Callable[[], Flask]) -> None:
    """Answer requests until the front is gone; the application is opened for the first one."""
    app: Flask | None = None
    while (frame := receive(connection)) is not None:
        _, head, body = frame
        app = app or open_app()
        _answer(connection, app, _environ(head, body))


def _answer(connection: socket.socket, app: Flask, environ: dict[str, Any]) -> None:
    """Run the application on one request and send what it answers (PEP 3333)."""
    started: Head = {}
    waiting: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        started.update(status=int(status.split(" ", 1)[0]), headers=headers)
        return waiting.append

    pieces: Iterable[bytes] = app(environ, start_response)
    size = 0
    try:
        for piece in pieces:
            waiting.append(piece)
            size += len(piece)
            if size >= PIECE_BYTES:
                send(connection, PIECE, {}, b"".join(waiting))
                waiting.clear()
                size = 0
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
    send(connection, ANSWER, started, b"".join(waiting))


def _environ(head: Head, body: bytes) -> dict[str, Any]:
    """Return the WSGI environment of a request that the front read."""
    attached = head.get("attached")
    length = head.get("body", len(body))
    environ: dict[str, Any] = {
        "REQUEST_METHOD": head["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(head["path"]).decode("latin-1"),
        "QUERY_STRING": head["query"],
        "REMOTE_ADDR": head["client"],
        "SERVER_NAME": head["host"],
        "SERVER_PORT": str(head["port"]),
        "SERVER_PROTOCOL": f"HTTP/{head['version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body[:length]),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        ATTACHED: (attached, body[length:]) if attached else None,
    }
    for name, value in head["headers"]:
        if "_" in name:
            continue  # It would pass for the header with hyphens, which proxies see to.
        key = _BODY_HEADERS.get(name.lower()) or "HTTP_" + name.upper().replace("-", "_")
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    if body[:length]:
        environ["CONTENT_LENGTH"] = str(length)
    return environ
