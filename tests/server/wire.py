"""A connection as hostile clients use it: any bytes out, answers in, one by one."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Self


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came, its header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """A connection to a port of loopback."""

    def __init__(self, port: int, *, receive: int = 0) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(20)
        if receive:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        self.socket.connect(("127.0.0.1", port))
        self.stream: BinaryIO = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def send(self, data: bytes | str) -> None:
        """Send bytes, or a text of latin-1."""
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def answer(self, method: str = "GET") -> Answer:
        """Return the next answer; EOFError when it does not come whole."""
        status, headers = self._head()
        has_body = method != "HEAD" and status >= 200 and status not in (204, 304)
        length = int(headers.get("content-length", "0")) if has_body else 0
        body = self.stream.read(length)
        if len(body) < length:
            raise EOFError(f"{len(body)} of {length} bytes")
        return Answer(status, headers, body)

    def ask(self, target: str, method: str = "GET", **headers: str) -> Answer:
        """Send a request without a body and return its answer."""
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join(lines) + "\r\n\r\n")
        return self.answer(method)

    def rest(self) -> bytes:
        """Return what still comes until the other side closes; nothing more after a reset."""
        with suppress(ConnectionResetError):
            return self.stream.read()
        return b""

    def close(self) -> None:
        """Close the connection."""
        self.stream.close()
        self.socket.close()

    def _head(self) -> tuple[int, dict[str, str]]:
        line = self.stream.readline()
        if not line.startswith(b"HTTP/1.1 "):
            raise EOFError(line)
        headers = {}
        while (field := self.stream.readline()) not in (b"\r\n", b""):
            name, _, value = field.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return int(line.split(b" ")[1]), headers
