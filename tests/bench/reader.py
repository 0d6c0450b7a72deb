"""A reader of HTTP/1.1 responses that costs little: it counts the body, and keeps it when asked.

Bodies end by Content-Length, by chunks (RFC 9112 §6, §7.1) or by the end of the connection.
"""

from __future__ import annotations

import re

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"
_TAIL = 64
_LINE_LIMIT = 1 << 16


class BrokenResponse(Exception):
    """What came is no HTTP response, or it ended before its end."""


class Reader:
    """Reads one response after the other from the bytes of a connection."""

    def __init__(self, keep: int = 0) -> None:
        """Read, keeping at most `keep` bytes of each body."""
        self._keep = keep
        self.restart()

    def restart(self) -> None:
        """Get ready for the next response."""
        self.status = 0
        self.length = 0
        self.closes = False
        self.body = bytearray()
        self.tail = b""
        self.headers = b""
        self._buffer = b""
        self._left = -1
        self._chunked = False

    @property
    def fresh(self) -> bool:
        """Whether nothing of the response has come yet."""
        return not self.status and not self._buffer

    def feed(self, data: bytes) -> bool:
        """Take bytes that came; return whether the response is whole; BrokenResponse."""
        if not self.status:
            data = self._head(self._buffer + data)
            if not self.status:
                self._buffer = data
                return False
        if self._chunked:
            return self._chunks(data)
        self._take(data)
        if 0 <= self._left < self.length:
            raise BrokenResponse("more bytes than announced")
        return self.length == self._left

    def end(self) -> None:
        """Take the end of the connection; BrokenResponse when the response needed more."""
        if not self.status or self._chunked or self._left >= 0:
            raise BrokenResponse("the connection ended before the response")

    def _head(self, data: bytes) -> bytes:
        """Read status and headers once they are whole; return what follows them."""
        end = data.find(_HEAD_END)
        if end < 0:
            if len(data) > _LINE_LIMIT:
                raise BrokenResponse("endless headers")
            return data
        head = data[: end + 2]
        if not head.startswith(b"HTTP/1."):
            raise BrokenResponse("no HTTP response")
        self.status = int(head[9:12])
        self.headers = head
        self.closes = _CLOSE.search(head) is not None
        if length := _LENGTH.search(head):
            self._left = int(length[1])
        elif _CHUNKED.search(head):
            self._chunked = True
            self._left = 0
        elif self.status in (204, 304):
            self._left = 0
        self._buffer = b""
        return data[end + 4 :]

    def _take(self, data: bytes) -> None:
        self.length += len(data)
        if self._keep:
            self.body += data[: max(self._keep - len(self.body), 0)]
            self.tail = (self.tail + data)[-_TAIL:]

    def _chunks(self, data: bytes) -> bool:
        """Take bytes of a chunked body; `_left` counts those missing of a chunk and its CRLF."""
        data = self._buffer + data
        at = 0
        while at < len(data):
            if self._left:
                part = data[at : at + self._left]
                at += len(part)
                # The last two bytes of a chunk are its CRLF.
                body_left = self._left - 2
                self._take(part[: max(body_left, 0)])
                self._left -= len(part)
                continue
            line_end = data.find(b"\r\n", at)
            if line_end < 0:
                break
            size = _chunk_size(data[at:line_end])
            if size == 0:
                # Trailers are not expected; the empty line ends the response.
                if len(data) < line_end + 4:
                    break
                return True
            at = line_end + 2
            self._left = size + 2
        self._buffer = data[at:]
        return False


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.split(b";", 1)[0], 16)
    except ValueError:
        raise BrokenResponse("a chunk without a size") from None
