"""The front's HTTP over real sockets, in this process, before answers that the tests choose."""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, TypeVar

from server.front.app import FrontApp
from server.front.http import Connection
from server.front.parsing import Request
from server.front.replies import Reply
from server.settings import Settings
from tests.server.wire import Wire

T = TypeVar("T")
PLAIN = (("Content-Type", "text/plain"),)


class Answers:
    """What stands behind the connections: `/echo` tells the request, `/wait` answers when it is
    released, `/body` and `/file` give as many bytes as asked for, `/fault` fails."""

    refuse = FrontApp.refuse

    def __init__(self) -> None:
        self.settings = Settings(max_body=1000)
        self.room = 100
        self.connections: list[Connection] = []
        self.handled: list[str] = []
        self.gone = threading.Event()
        self.waiting: list[tuple[Connection, Request]] = []
        self.arrived = threading.Semaphore(0)
        self.left = threading.Semaphore(0)
        self.make_file: Callable[[int], IO[bytes]] = whole_file

    def opened(self, connection: Connection) -> bool:
        self.connections.append(connection)
        return len(self.connections) <= self.room

    def closed(self, connection: Connection) -> None:
        self.connections.remove(connection)
        self.left.release()

    def handle(self, connection: Connection, request: Request) -> None:
        self.handled.append(request.target.decode("latin-1"))
        size = int(request.query_string or b"0") if request.path in ("/body", "/file") else 0
        if request.path == "/fault":
            raise RuntimeError("a fault of ours")
        if request.path == "/wait":
            connection.on_gone = self.gone.set
            self.waiting.append((connection, request))
            self.arrived.release()
        elif request.path == "/body":
            connection.reply(request, Reply(200, PLAIN, b"x" * size))
        elif request.path == "/file":
            connection.reply(request, Reply(200, PLAIN, b"", self.make_file(size), size))
        else:
            connection.reply(request, Reply(200, PLAIN, told(request)))


def whole_file(size: int) -> IO[bytes]:
    """Return a file of some bytes that are not all alike."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the reply)
    file.write(b"0123456789" * (size // 10) + b"0" * (size % 10))
    file.seek(0)
    return file


def told(request: Request) -> bytes:
    """Return what the front read of a request."""
    facts: dict[str, Any] = {
        "method": request.method,
        "path": request.path,
        "query": request.query_string.decode("latin-1"),
        "headers": [(name.lower(), value) for name, value in request.headers.items()],
        "body": request.body.decode("latin-1"),
        "version": request.http_version,
    }
    return json.dumps(facts).encode()


class Listening:
    """A loop that listens on a free port, in a thread of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop, answers: Answers, port: int) -> None:
        self.loop = loop
        self.answers = answers
        self.port = port

    def wire(self, *, receive: int = 0) -> Wire:
        """Return a new connection."""
        return Wire(self.port, receive=receive)

    def do(self, work: Callable[[], T]) -> T:
        """Have something done within the loop."""

        async def run() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(20)

    def later(self, seconds: float) -> None:
        """Have every connection see to its time as it would so many seconds from now."""

        def check() -> None:
            for connection in list(self.answers.connections):
                connection.check_time(self.loop.time() + seconds)

        self.do(check)

    def release(self, reply: Reply) -> None:
        """Answer the first request that waits."""
        connection, request = self.answers.waiting.pop(0)
        self.do(lambda: connection.reply(request, reply))


@contextmanager
def listening(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> Iterator[Listening]:
    """Listen for a while."""
    loop, answers = new_loop(), Answers()
    loop.set_exception_handler(lambda *_: None)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    work = loop.create_server(lambda: Connection(answers, loop), "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(work, loop).result(20)
    here = Listening(loop, answers, server.sockets[0].getsockname()[1])
    try:
        yield here
    finally:
        here.do(lambda: [connection.abort() for connection in list(answers.connections)])
        here.do(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()
