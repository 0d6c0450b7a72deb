"""What the front and its workers say to each other: frames over a Unix socket.

A frame is one kind byte, the lengths of its head and body, a JSON object as head, bytes as body.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator, Mapping
from typing import Any

Head = dict[str, Any]

QUERY = b"Q"
"""Front to query worker: a SPARQL text (body), its dataset and formats."""
PAGE = b"P"
"""Front to page worker: an HTTP request."""
PIECE = b"C"
"""Worker to front: a piece of the answer, more to come."""
ANSWER = b"A"
"""Worker to front: what the answer is, and its last piece."""
REFUSAL = b"R"
"""Worker to front: the name of a problem type, and its members."""
FENCES = b"F"
"""Query worker to front, once: which fences of the system stand around it."""

PIECE_BYTES = 256 * 1024
"""Answers travel in pieces of about this size."""

_MOST_AT_ONCE = 256 * 1024
_LENGTHS = struct.Struct(">cII")


def encode_head(head: Mapping[str, object]) -> bytes:
    """Return a head as bytes."""
    return json.dumps(head, separators=(",", ":")).encode() if head else b""


def pack(kind: bytes, head: Mapping[str, object] | bytes, body: bytes = b"") -> bytes:
    """Return a frame as bytes; its head may be encoded already."""
    encoded = head if isinstance(head, bytes) else encode_head(head)
    return b"".join((_LENGTHS.pack(kind, len(encoded), len(body)), encoded, body))


def send(connection: socket.socket, kind: bytes, head: Mapping[str, object], body: bytes) -> None:
    """Send a frame over a blocking socket."""
    connection.sendall(pack(kind, head, body))


def receive(connection: socket.socket) -> tuple[bytes, Head, bytes] | None:
    """Return the next frame of a blocking socket; nothing once the other side is gone.

    The other side sends the next one only when this is answered, so that nothing else can follow.
    """
    data = connection.recv(_MOST_AT_ONCE)
    while data and len(data) < _LENGTHS.size:
        more = connection.recv(_MOST_AT_ONCE)
        if not more:
            return None
        data += more
    if not data:
        return None
    kind, head, body = _LENGTHS.unpack_from(data)
    start = _LENGTHS.size + head
    pieces = [data]
    missing = start + body - len(data)
    while missing > 0:
        pieces.append(connection.recv(min(missing, _MOST_AT_ONCE)))
        if not pieces[-1]:
            return None
        missing -= len(pieces[-1])
    whole = b"".join(pieces) if len(pieces) > 1 else data
    return kind, json.loads(whole[_LENGTHS.size : start]) if head else {}, whole[start:]


class FrameReader:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, Head, bytes]]:
        """Take what came in and yield every frame it completes."""
        if not self._rest and len(data) >= _LENGTHS.size:
            kind, head, body = _LENGTHS.unpack_from(data)
            start = _LENGTHS.size + head
            if len(data) == start + body:
                # The common case, without a copy of its own: one frame has come, and all of it.
                yield kind, json.loads(data[_LENGTHS.size : start]) if head else {}, data[start:]
                return
        self._rest += data
        while len(self._rest) >= _LENGTHS.size:
            kind, head, body = _LENGTHS.unpack_from(self._rest)
            start = _LENGTHS.size + head
            if len(self._rest) < start + body:
                return
            content = bytes(self._rest[_LENGTHS.size : start + body])
            del self._rest[: start + body]
            yield kind, json.loads(content[:head]) if head else {}, content[head:]
