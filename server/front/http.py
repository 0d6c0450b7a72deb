"""One HTTP/1.1 connection (RFC 9112). httptools parses; limits, time and answers are decided here.

Requests are handed to the front one by one, in the order they came, also when pipelined.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol, cast

import httptools
from werkzeug.datastructures import Headers
from werkzeug.sansio.request import Request as SansIoRequest

from server.front.replies import Reply, write_reply
from server.refusal import Refusal
from server.settings import Settings

MAX_HEADERS = 100
MAX_HEAD = 256 * 1024
"""Room for the longest query that a GET may carry, percent-encoded."""
MAX_PIPELINED = 1

HEAD_SECONDS = 30.0
"""A request must have come whole within this time (who sends it drop by drop blocks nobody)."""
IDLE_SECONDS = 75.0
STALLED_SECONDS = 60.0
"""A client that takes nothing of its answer for so long is taken to be gone."""


class Request(SansIoRequest):
    """A whole request: Werkzeug's, without input or output, and its body."""

    body: bytes
    client: str
    target: bytes
    keep_alive: bool
    http_version: str

    def get_data(self) -> bytes:
        """Return the body, under the name that Flask's requests give it."""
        return self.body


class Handler(Protocol):
    """What a connection needs of the front."""

    settings: Settings

    def opened(self, connection: Connection) -> bool:
        """Note a new connection and tell whether there is room for it."""
        ...

    def closed(self, connection: Connection) -> None:
        """Note that a connection is gone."""
        ...

    def handle(self, connection: Connection, request: Request) -> None:
        """Answer a request, now or later, by `connection.reply`."""
        ...

    def refuse(self, request: Request | None, refusal: Refusal) -> Reply:
        """Return the problem document of a refusal."""
        ...


class Connection(asyncio.Protocol):
    """One client's connection. `on_gone` is called when it leaves before it is answered."""

    def __init__(self, handler: Handler, loop: asyncio.AbstractEventLoop) -> None:
        self.handler = handler
        self.loop = loop
        self.peer = ""
        self.on_gone: Callable[[], None] | None = None
        self.busy = False
        self.waiting_since = loop.time()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._pending: deque[Request | Refusal] = deque()
        self._closing = False
        self._writable = asyncio.Event()
        self._writable.set()
        self._reset()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start: refuse at once when the front is full."""
        # uvloop’s transports have the methods, not the class.
        self._transport = cast(asyncio.Transport, transport)
        name = transport.get_extra_info("peername")
        self.peer = str(name[0]) if isinstance(name, tuple) else "local"
        if not self.handler.opened(self):
            self._refuse_and_close(Refusal("too-many-connections", headers={"Retry-After": "1"}))

    def data_received(self, data: bytes) -> None:
        """Parse what came; a request that breaks HTTP is answered, then the connection ends."""
        if self._closing:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # An upgrade (h2c, WebSocket) is an offer, which we do not take: the request stands.
            self._parser = httptools.HttpRequestParser(self)
        except httptools.HttpParserInvalidMethodError:
            self._fail(Refusal("unknown-method"))
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            self._fail(cause if isinstance(cause, Refusal) else Refusal("malformed-request"))
        except httptools.HttpParserError:
            self._fail(Refusal("malformed-request"))

    def eof_received(self) -> bool:
        """Let a client close its side and still read what it asked for."""
        return self.busy

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the front, so that nobody works for a client who left."""
        self._closing = True
        self._writable.set()
        self._pending.clear()
        self.handler.closed(self)
        if self.on_gone is not None:
            gone, self.on_gone = self.on_gone, None
            gone()

    def pause_writing(self) -> None:
        """Stop sending: the client is slower than we are."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Send on."""
        self._writable.set()

    # httptools callbacks

    def on_message_begin(self) -> None:
        """Start a request."""
        self._reset()
        self.waiting_since = self.loop.time()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._target += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._count(len(name) + len(value))
        if len(self._headers) >= MAX_HEADERS:
            raise Refusal("headers-too-large", limit=MAX_HEAD)
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Tell a client that waits for it to send its body."""
        for name, value in self._headers:
            if name.lower() == "expect" and value.lower() == "100-continue" and self._transport:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body_size += len(body)
        if self._body_size > self.handler.settings.max_body:
            raise Refusal("body-too-large", limit=self.handler.settings.max_body)
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Hand the request on, or have it wait for the one before."""
        request = self._request()
        if self.busy or self._pending:
            self._pending.append(request)
            if len(self._pending) >= MAX_PIPELINED and self._transport:
                self._transport.pause_reading()
            return
        self._start(request)

    # answering

    def reply(self, request: Request, reply: Reply) -> None:
        """Send the answer of a request; the next one is then taken up."""
        self.on_gone = None
        transport = self._transport
        if transport is None or transport.is_closing():
            reply.close()
            return
        last = self._closing or not request.keep_alive
        if reply.file is not None and request.method != "HEAD":
            self.loop.create_task(self._send_file(request, reply, last))
            return
        write_reply(transport, request, reply, last=last)
        self._done(last)

    def abort(self) -> None:
        """End the connection at once, unanswered."""
        if self._transport is not None:
            self._transport.abort()

    def finish(self) -> None:
        """Close as soon as nothing is being answered: the server is going away."""
        self._closing = True
        if not self.busy and self._transport is not None:
            self._transport.close()

    def check_time(self, now: float) -> None:
        """End a connection that keeps us waiting."""
        if self._transport is None or self._transport.is_closing():
            return
        waited = now - self.waiting_since
        if not self._writable.is_set():
            if waited > STALLED_SECONDS:
                self.abort()
        elif self.busy:
            return
        elif self._headers or self._target:
            if waited > HEAD_SECONDS:
                self._fail(Refusal("request-timeout", seconds=int(HEAD_SECONDS)))
        elif waited > IDLE_SECONDS:
            self._transport.close()

    async def _send_file(self, request: Request, reply: Reply, last: bool) -> None:
        """Send an answer that was put aside in a file, no faster than the client takes it."""
        transport = self._transport
        assert transport is not None and reply.file is not None
        try:
            write_reply(transport, request, reply, last=last)
            while piece := reply.file.read(256 * 1024):
                await self._writable.wait()
                if transport.is_closing():
                    return
                self.waiting_since = self.loop.time()
                transport.write(piece)
        except OSError:
            # The length was promised: a client that gets less knows that this is not the answer.
            transport.abort()
            return
        finally:
            reply.close()
        self._done(last)

    def _done(self, last: bool) -> None:
        """Go on to the next request, or close."""
        self.busy = False
        self.waiting_since = self.loop.time()
        if last:
            if self._transport is not None:
                self._transport.close()
            return
        if self._pending:
            # Not from within: a hundred kept answers in a row would nest as deep.
            self.loop.call_soon(self._next)

    def _next(self) -> None:
        if self._pending and not self.busy:
            waiting = self._pending.popleft()
            if len(self._pending) < MAX_PIPELINED and self._transport:
                self._transport.resume_reading()
            if isinstance(waiting, Refusal):
                self._refuse_and_close(waiting)
            else:
                self._start(waiting)

    def _start(self, request: Request) -> None:
        self.busy = True
        self.handler.handle(self, request)

    def _request(self) -> Request:
        """Return the request just parsed."""
        target = bytes(self._target)
        path, query = _split(target)
        method = self._parser.get_method().decode("latin-1")
        request = Request(
            method=method,
            scheme="http",
            server=None,
            root_path="",
            path=path,
            query_string=query,
            headers=Headers(self._headers),
            remote_addr=self.peer,
        )
        request.body = b"".join(self._body)
        request.target = target
        request.http_version = self._parser.get_http_version()
        # HTTP/1.0 needs a word to keep a connection, which hardly anyone says: one request each.
        request.keep_alive = self._parser.should_keep_alive() and request.http_version != "1.0"
        request.client = self.peer
        self._reset()
        return request

    def _reset(self) -> None:
        self._target = bytearray()
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._body_size = 0
        self._head_size = 0

    def _count(self, size: int) -> None:
        self._head_size += size
        if self._head_size > MAX_HEAD:
            raise Refusal("headers-too-large", limit=MAX_HEAD)

    def _fail(self, refusal: Refusal) -> None:
        """Answer what cannot be parsed, after what came before it."""
        if self.busy or self._pending:
            self._pending.append(refusal)
        else:
            self._refuse_and_close(refusal)

    def _refuse_and_close(self, refusal: Refusal) -> None:
        self._closing = True
        if self._transport is not None and not self._transport.is_closing():
            write_reply(self._transport, None, self.handler.refuse(None, refusal), last=True)
            self._transport.close()


def _split(target: bytes) -> tuple[str, bytes]:
    """Return path and query of a request target, in origin or absolute form (RFC 9112 §3.2)."""
    try:
        url = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError:
        raise Refusal("malformed-request") from None
    return (url.path or b"/").decode("latin-1"), url.query or b""
