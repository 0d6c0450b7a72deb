"""The front's process: started by the supervisor with a listening socket, ended by signals.

SIGTERM: finish what is being answered, then end. SIGHUP: load the data anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Coroutine
from typing import Any

from server.front import CANNOT_START
from server.front.app import FrontApp
from server.front.generation import StartError
from server.front.http import Connection
from server.settings import read_settings
from server.worker.sandbox import die_with_parent

DRAIN_SECONDS = 30.0


async def serve() -> int:
    """Serve until told to end; return the exit status."""
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    listening = socket.socket(fileno=int(os.environ["CHARTERKB_LISTEN_FD"]))
    host, port = listening.getsockname()[:2]
    front = FrontApp(read_settings(os.environ), (str(host), int(port)))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    loop.add_signal_handler(signal.SIGHUP, front.reloading.reload)
    try:
        await front.reloading.begin()
    except StartError as error:
        print(f"charterkb: {error}", file=sys.stderr, flush=True)
        return CANNOT_START
    server = await loop.create_server(lambda: Connection(front, loop), sock=listening, backlog=1024)
    front.tick()
    front.sweep()
    if announcement := os.environ.get("CHARTERKB_ANNOUNCE"):
        print(announcement, file=sys.stderr, flush=True)
    await ending.wait()
    server.close()
    await _drain(front)
    front.reloading.stop()
    front.journal.flush()
    return 0


async def _drain(front: FrontApp) -> None:
    """Wait until everything that was asked is answered, or for as long as is fit."""
    front.draining = True
    deadline = asyncio.get_running_loop().time() + DRAIN_SECONDS
    while front.connections and asyncio.get_running_loop().time() < deadline:
        for connection in list(front.connections):
            connection.finish()
        await asyncio.sleep(0.05)
    for connection in list(front.connections):
        connection.abort()


def _run(work: Coroutine[Any, Any, int]) -> int:
    """Run on uvloop where there is one (it halves the time a request takes), else on asyncio."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return int(uvloop.run(work))


if __name__ == "__main__":
    die_with_parent()
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(_run(serve()))
