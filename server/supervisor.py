"""`charterkb serve`: the one process that stays. It holds the listening socket and starts the front
again should it die, so that nobody who connects meanwhile is turned away."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping

from server.front import CANNOT_START
from server.run_file import forget_server, note_server
from server.settings import SettingError, read_settings

_STACK = 256 * 1024 * 1024
"""The engine's parser calls itself for every link of a chain of operators: this holds the longest
chain that the longest query can be. Only what is used takes memory."""
_BACKLOG = 1024
_SOON_SECONDS = 2.0
_PAUSE_SECONDS = 1.0


def serve(environ: Mapping[str, str], *, host: str, port: int) -> int:
    """Serve a base until stopped; return the exit status. `environ` holds the settings.

    SettingError when one is wrong, or when the address is taken or not ours.
    """
    read_settings(environ)
    listening = _listen(host, port)
    with listening:
        shown = f"[{host}]" if ":" in host else host
        port = listening.getsockname()[1]
        _deepen_stack()
        run_file = note_server(host, port, os.getpid())
        try:
            return _supervise(listening, {**environ}, f"http://{shown}:{port}/")
        finally:
            forget_server(run_file)


def _supervise(listening: socket.socket, environ: dict[str, str], address: str) -> int:
    """Keep a front running until a signal says otherwise; return its last exit status."""
    environ["CHARTERKB_LISTEN_FD"] = str(listening.fileno())
    environ["CHARTERKB_ANNOUNCE"] = f"Serving on {address} — stop with Ctrl-C"
    command = [sys.executable, "-m", "server.front"]
    ending = False
    front: subprocess.Popen[bytes] | None = None

    def forward(number: int, _: object) -> None:
        nonlocal ending
        ending = ending or number != signal.SIGHUP
        if front is not None and front.poll() is None:
            front.send_signal(signal.SIGTERM if number == signal.SIGINT else number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, forward)
    while True:
        begun = time.monotonic()
        front = subprocess.Popen(command, env=environ, pass_fds=[listening.fileno()])
        status = front.wait()
        if ending or status == CANNOT_START:
            return 0 if ending else status
        _log("front-lost", status=status)
        environ.pop("CHARTERKB_ANNOUNCE", None)
        if time.monotonic() - begun < _SOON_SECONDS:
            time.sleep(_PAUSE_SECONDS)


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that waits at an address; SettingError when it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"cannot listen on {host}:{port} ({reason}) — choose another --host or --port"
        raise SettingError(message) from error


def _deepen_stack() -> None:
    """Have the processes started from here get a deep stack, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = _STACK if hard == resource.RLIM_INFINITY else min(_STACK, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))


def _log(event: str, **told: int) -> None:
    print(json.dumps({"event": event, **told}), file=sys.stderr, flush=True)
