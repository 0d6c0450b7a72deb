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

from server.front import CANNOT_START, SIGNALS, SUPERVISOR
from server.front.app import FrontApp
from server.front.facts import StartError
from server.front.http import Connection
from server.log import log, log_as_json
from server.settings import read_settings
from server.worker.sandbox import die_with_parent

DRAIN_SECONDS = 20.0
"""How long clients may take to fetch their answers, once no query can run any more."""


async def serve() -> int:
    """Serve until told to end; return the exit status."""
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    listening = socket.socket(fileno=int(os.environ["CHARTERKB_LISTEN_FD"]))
    # Else the processes started from here would hold it too, and could accept connections.
    listening.set_inheritable(False)
    host, port = listening.getsockname()[:2]
    front = FrontApp(read_settings(os.environ), (str(host), int(port)))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    loop.add_signal_handler(signal.SIGHUP, front.reloading.reload)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    begun = front.reloading.begin()
    ended = loop.create_task(ending.wait())
    server = await loop.create_server(lambda: Connection(front, loop), sock=listening, backlog=1024)
    front.tick()
    front.sweep()
    await asyncio.wait([begun, ended], return_when=asyncio.FIRST_COMPLETED)
    if begun.done():
        try:
            begun.result()
        except StartError as error:
            _tell_failure(error)
            return CANNOT_START
        if announcement := os.environ.get("CHARTERKB_ANNOUNCE"):
            print(announcement, file=sys.stderr, flush=True)
        await ended
    server.close()
    await _drain(front)
    front.reloading.stop()
    front.journal.flush()
    return 0


def _tell_failure(error: StartError) -> None:
    """Say why the data cannot be opened: to whoever starts the server, later to its log."""
    if "CHARTERKB_ANNOUNCE" in os.environ:
        print(f"charterkb: {error}", file=sys.stderr, flush=True)
    else:
        log("start-failed", reason=str(error))


async def _drain(front: FrontApp) -> None:
    """Wait until everything that was asked is answered, or for as long as is fit."""
    front.draining = True
    patience = front.settings.time_limit + DRAIN_SECONDS
    deadline = asyncio.get_running_loop().time() + patience
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
    log_as_json()
    # A supervisor that ended before this process asked to die with it.
    if os.environ.get(SUPERVISOR, str(os.getppid())) != str(os.getppid()):
        sys.exit(1)
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(_run(serve()))
