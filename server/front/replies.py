"""Answers as they go out: status, headers, and a body in memory or in a file."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO

from server.front.parsing import Request
from server.headers import COMMON_HEADERS

Pairs = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Reply:
    """An answer. `headers` come on top of the common ones; `file`, if any, holds the body.

    `size` is the length of the body, also where a HEAD request leaves it out.
    """

    status: int
    headers: Pairs
    body: bytes = b""
    file: IO[bytes] | None = None
    size: int = -1
    bare: bool = False

    def close(self) -> None:
        """Give back what the answer holds."""
        if self.file is not None:
            self.file.close()

    @property
    def length(self) -> int:
        """How many bytes the body has."""
        return len(self.body) if self.size < 0 else self.size


_COMMON = "".join(f"{name}: {value}\r\n" for name, value in COMMON_HEADERS.items())
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_clock: tuple[int, str] = (0, "")


def write_reply(
    transport: asyncio.Transport, request: Request | None, reply: Reply, *, last: bool
) -> None:
    """Write the head of an answer, and its body where that is in memory and asked for."""
    head = head_of(reply, last=last)
    if (request is not None and request.method == "HEAD") or reply.status in (204, 304):
        transport.write(head)
    else:
        transport.write(head + reply.body if len(reply.body) < 65536 else head)
        if len(reply.body) >= 65536:
            transport.write(reply.body)


def head_of(reply: Reply, *, last: bool) -> bytes:
    """Return the head of an answer as bytes."""
    lines = [f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, '')}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in reply.headers]
    if not reply.bare:
        lines.append(_COMMON)
    if reply.status not in (204, 304):
        lines.append(f"Content-Length: {reply.length}\r\n")
    lines.append(f"Date: {_date()}\r\n")
    lines.append("Connection: close\r\n\r\n" if last else "\r\n")
    return "".join(lines).encode("latin-1")


def _date() -> str:
    """Return the date as HTTP writes it, worked out once a second (RFC 9110 §6.6.1)."""
    global _clock
    now = int(time.time())
    if _clock[0] != now:
        _clock = now, time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(now))
    return _clock[1]
