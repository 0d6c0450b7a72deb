"""Page workers as hosts of a WSGI application: all that it writes is sent, in order."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

from server.frames import ANSWER, PAGE, PIECE, PIECE_BYTES, FrameReader, Head, send
from server.worker.page_worker import serve_pages

ASKED: Head = {
    "method": "GET",
    "path": "/",
    "query": "",
    "headers": [("Host", "a")],
    "client": "127.0.0.1",
    "host": "a",
    "port": 80,
    "version": "1.1",
}


def application(_: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """Write in both ways that PEP 3333 has."""
    write = start_response("203 Told", [("X-A", "b")])
    write(b"first ")
    yield b"x" * PIECE_BYTES
    yield b" last"


def test_what_an_application_writes_is_sent_in_order_and_whole() -> None:
    front, worker = socket.socketpair()
    with front, worker:
        send(front, PAGE, ASKED, b"")
        front.shutdown(socket.SHUT_WR)
        serving = threading.Thread(target=serve_pages, args=(worker, lambda: application))
        serving.start()
        reader, frames = FrameReader(), []
        while not frames or frames[-1][0] != ANSWER:
            frames += reader.feed(front.recv(65536))
        serving.join(20)
    assert [kind for kind, _, _ in frames] == [PIECE, ANSWER]
    assert frames[-1][1] == {"status": 203, "headers": [["X-A", "b"]]}
    whole = b"".join(body for _, _, body in frames)
    assert whole == b"first " + b"x" * PIECE_BYTES + b" last"
