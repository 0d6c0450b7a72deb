"""One HTTP/1.1 connection (RFC 9112): limits, time and answers. `parsing` reads the requests.

Requests are handed to the front one by one, in the order they came, also when pipelined, and none
before the client has taken the answers to those before.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol, cast

from server.front.parsing import BadRequest, Request, RequestReader
from server.front.replies import Reply, write_reply
from server.refusal import Refusal
from server.settings import Settings

MAX_PIPELINED = 1
_PIECE = 8192
"""So many bytes are parsed at a time, so that few requests wait in a parsed state."""

HEAD_SECONDS = 30.0
"""A request must have come whole within this time (who sends it drop by drop blocks nobody)."""
IDLE_SECONDS = 75.0
STALLED_SECONDS = 60.0
"""A client that takes next to nothing of its answer for so long is taken to be gone."""
LEAST_TAKEN = 64 * 1024
"""So much, or all that is left, must be taken within that time."""
LINGER_SECONDS = 2.0
"""How long a client that was refused may go on sending, so that it comes to read why."""

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


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
        self._reader = RequestReader("", handler.settings.max_body)
        self._unread = b""
        self._pending: deque[Request | BadRequest] = deque()
        self._closing = False
        self._lingers = False
        self._unsent = 0
        self._taken_at = self.waiting_since
        self._sending: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start: refuse at once when the front is full."""
        # uvloop’s transports have the methods, not the class.
        self._transport = cast(asyncio.Transport, transport)
        name = transport.get_extra_info("peername")
        self.peer = self._reader.peer = str(name[0]) if isinstance(name, tuple) else "local"
        if not self.handler.opened(self):
            full = Refusal("too-many-connections", headers={"Retry-After": "1"})
            self._refuse(BadRequest(full, None))

    def data_received(self, data: bytes) -> None:
        """Parse what came; a request that breaks HTTP is answered, then the connection ends."""
        if not self._closing:
            self._unread += data
            self._read()

    def eof_received(self) -> bool:
        """Take a client that closes its side to be gone.

        Whether it still listens cannot be known; clients that ask wait with their side open.
        """
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the front, so that nobody works for a client who left."""
        self._closing = True
        self._writable.set()
        self._pending.clear()
        self._unread = b""
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
        self._go_on()

    # reading

    def _read(self) -> None:
        """Parse what came, as long as no request waits for its turn."""
        while self._unread and not self._closing and len(self._pending) < MAX_PIPELINED:
            piece, self._unread = self._unread[:_PIECE], self._unread[_PIECE:]
            had_begun = self._reader.begun
            found = self._reader.feed(piece)
            if found or self._reader.begun != had_begun:
                self.waiting_since = self.loop.time()
            self._pending.extend(found)
            self._next()
        if self._unread and self._transport is not None and not self._closing:
            self._transport.pause_reading()

    def _next(self) -> None:
        """Take up the next request, once the one before is answered and the answer taken."""
        if self.busy or self._closing or not self._writable.is_set():
            return
        if self._pending:
            waiting = self._pending.popleft()
            if isinstance(waiting, BadRequest):
                self._refuse(waiting)
            else:
                self._start(waiting)
        elif self._reader.expects and self._transport is not None:
            self._reader.expects = False
            self._transport.write(_CONTINUE)

    def _go_on(self) -> None:
        """Take up what waits, and listen again."""
        self._next()
        self._read()
        if not self._unread and self._transport is not None and not self._closing:
            self._transport.resume_reading()

    def _start(self, request: Request) -> None:
        """Have a request answered; a fault of ours is answered too."""
        self.busy = True
        try:
            self.handler.handle(self, request)
        except Exception as error:
            # The edge of the front: a client must never wait for an answer that will not come.
            told = {"message": "a request was not handled", "exception": error}
            self.loop.call_exception_handler(told)
            self.reply(request, self.handler.refuse(request, Refusal("internal-error")))

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
            self._sending = self.loop.create_task(self._send_file(request, reply, last))
            return
        write_reply(transport, request, reply, last=last)
        reply.close()
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
        if self._transport is None:
            return
        waited = now - self.waiting_since
        if self._is_stalled(self._transport, now):
            self.abort()
        elif self._transport.is_closing():
            return
        elif self._lingers:
            if waited > LINGER_SECONDS:
                self.abort()
        elif self.busy or self._pending:
            return
        elif self._reader.begun:
            if waited > HEAD_SECONDS:
                late = Refusal("request-timeout", seconds=int(HEAD_SECONDS))
                self._refuse(BadRequest(late, self._reader.head()))
        elif waited > IDLE_SECONDS:
            self._transport.close()

    def _is_stalled(self, transport: asyncio.Transport, now: float) -> bool:
        """Tell whether a client has long taken next to nothing of what is there for it."""
        unsent = transport.get_write_buffer_size()
        if not unsent or unsent > self._unsent or unsent + LEAST_TAKEN <= self._unsent:
            self._unsent, self._taken_at = unsent, now
        return now - self._taken_at > STALLED_SECONDS

    async def _send_file(self, request: Request, reply: Reply, last: bool) -> None:
        """Send an answer that was put aside in a file, no faster than the client takes it."""
        transport = self._transport
        assert transport is not None and reply.file is not None
        missing = reply.length
        try:
            write_reply(transport, request, reply, last=last)
            while missing:
                await self._writable.wait()
                if transport.is_closing():
                    return
                piece = reply.file.read(min(missing, 256 * 1024))
                if not piece:
                    raise EOFError
                transport.write(piece)
                missing -= len(piece)
        except (OSError, EOFError):
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
            self._closing = True
            if self._transport is not None:
                self._transport.close()
        elif self._pending or self._unread or self._reader.expects:
            # Not from within: a hundred kept answers in a row would nest as deep.
            self.loop.call_soon(self._go_on)

    def _refuse(self, bad: BadRequest) -> None:
        """Answer what cannot be read, and hear the client out: it may be sending still."""
        self._closing = True
        if self._transport is None or self._transport.is_closing():
            return
        reply = self.handler.refuse(bad.request, bad.refusal)
        write_reply(self._transport, bad.request, reply, last=True)
        self._transport.write_eof()
        self._lingers = True
        self.waiting_since = self.loop.time()
