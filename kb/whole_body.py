"""The body of a response, which either comes whole and in time or raises.

Engines that give up midway have sent “200 OK” already: what shows it is a header, a length that is
not reached, a broken chunk, or a remark at the end.
"""

from __future__ import annotations

import re
import time
from http.client import HTTPException, HTTPResponse

from kb.errors import EngineError
from kb.remote_faults import EngineTimeout, fault

_CUT_HEADERS = ("X-SQL-State", "X-SPARQL-MaxRows")
"""How Virtuoso says, beside “200 OK”, that it has left rows out."""
_CUT_REMARK = re.compile(rb"\n##[^\n]*(?:cancelled|incomplete)[^\n]*##\s*\Z", re.IGNORECASE)
"""How Fuseki ends an answer it gave up: a comment, in the formats that have comments."""
_NODE_ID = re.compile(rb'("type": ?"bnode", ?"value": ?")nodeID://')
"""Virtuoso writes blank nodes as if they had IRIs; inside a string the quotes would be escaped."""
_LONGEST_NODE_ID = 48
_TAIL = 400
_PIECE = 64 * 1024


class WholeBody:
    """The body of a response, read piece by piece; EngineError when it is cut short or late."""

    def __init__(self, response: HTTPResponse, url: str, deadline: float) -> None:
        self._response = response
        self._url = url
        self._deadline = deadline
        length = response.headers.get("Content-Length", "")
        self._expected = int(length) if length.isdigit() else None
        self._read = 0
        self._kept = b""
        self._ready = b""
        self.tail = b""
        for name in _CUT_HEADERS:
            if name in response.headers:
                raise self._cut(f"{name}: {response.headers[name]}")

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes, or as many as have come; none at the end."""
        if not self._ready:
            self._ready = self._refilled()
        size = len(self._ready) if size < 0 else size
        piece, self._ready = self._ready[:size], self._ready[size:]
        return piece

    def rest(self) -> bytes:
        """Return all that is left."""
        return b"".join(iter(self.read, b""))

    def _refilled(self) -> bytes:
        """Return the next bytes, blank nodes named as in the formats; none at the end."""
        while True:
            piece = self._next()
            joined = self._kept + piece
            # What could be half of a pattern waits for the next piece.
            at = joined.rfind(b'"type"', max(0, len(joined) - _LONGEST_NODE_ID)) if piece else -1
            ready, self._kept = (joined, b"") if at < 0 else (joined[:at], joined[at:])
            if ready or not piece:
                return _NODE_ID.sub(rb"\1", ready)

    def _next(self) -> bytes:
        """Return a piece as it came, after looking at how it ends."""
        if time.monotonic() > self._deadline:
            raise EngineTimeout(f"the endpoint {self._url} did not finish its answer in time")
        try:
            piece = self._response.read1(_PIECE)
        except (OSError, HTTPException) as error:
            raise fault(error, self._url) from error
        self._read += len(piece)
        self.tail = (self.tail + piece)[-_TAIL:]
        if not piece and self._expected is not None and self._read < self._expected:
            raise self._cut(f"{self._read} of {self._expected} bytes came")
        if not piece and _CUT_REMARK.search(self.tail):
            raise EngineTimeout(f"the endpoint {self._url} gave up the query: it took too long")
        return piece

    def _cut(self, why: str) -> EngineError:
        """Return the error for an answer that is not whole."""
        if "S1T" in why:
            return EngineTimeout(f"the endpoint {self._url} gave up the query: it took too long")
        return EngineError(f"the endpoint {self._url} sent a part of the answer only ({why})")
