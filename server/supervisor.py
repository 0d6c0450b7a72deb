"""`charterkb serve`: the one process that stays. It holds the listening socket and starts the front
again should it die, so that nobody who connects meanwhile is turned away."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping

from server.front import CANNOT_START, RUN_FILE, SIGNALS, SUPERVISOR
from server.log import log
from server.run_file import forget_server, note_server
from server.settings import SettingError, read_settings

_STACK = 256 * 1024 * 1024
"""The engine's parser calls itself for every link of a chain of operators: this holds the longest
chain that the longest query can be. Only what is used takes memory."""
_DESCRIPTORS = 8192
"""Room for as many connections as the front takes, and for the answers it puts aside in files."""
_BACKLOG = 1024
_SOON_SECONDS = 2.0
_PAUSE_SECONDS = 1.0


def serve(environ: Mapping[str, str], *, host: str, port: int) -> int:
    """Serve a base until stopped; return the exit status. `environ` holds the settings.

    SettingError when one is wrong, or when the address is taken or not ours.
    """
    read_settings(environ)
    listening = _listen(host, port)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    with listening:
        shown = f"[{host}]" if ":" in host else host
        port = listening.getsockname()[1]
        _raise_limit(resource.RLIMIT_STACK, _STACK)
        _raise_limit(resource.RLIMIT_NOFILE, _DESCRIPTORS)
        note = note_server(host, port, os.getpid())
        told = {**environ, RUN_FILE: str(note.path) if note else ""}
        try:
            return _supervise(listening, told, f"http://{shown}:{port}/")
        finally:
            forget_server(note)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _supervise(listening: socket.socket, environ: dict[str, str], address: str) -> int:
    """Keep a front running until a signal says otherwise; return the exit status.

    Signals are blocked, and taken one at a time: none comes in between two steps. The front starts
    with them blocked too, and takes them once it can heed them.
    """
    environ["CHARTERKB_LISTEN_FD"] = str(listening.fileno())
    environ["CHARTERKB_ANNOUNCE"] = f"Serving on {address} — stop with Ctrl-C"
    environ[SUPERVISOR] = str(os.getpid())
    # Without a handler, some systems drop the signal even while it is blocked.
    signal.signal(signal.SIGCHLD, lambda *_: None)
    ending = False
    front, begun = _start(listening, environ), time.monotonic()
    while True:
        number = signal.sigwait(SIGNALS)
        if number == signal.SIGHUP:
            front.send_signal(number)
        elif number != signal.SIGCHLD:
            # Asked twice from the keyboard, it ends at once.
            front.send_signal(
                signal.SIGKILL if ending and number == signal.SIGINT else signal.SIGTERM
            )
            ending = True
            # While the front holds it too, this turns nobody away; once it does not, everybody.
            listening.close()
        elif (status := _reap(front)) is not None:
            if ending:
                return 0
            if status == CANNOT_START and "CHARTERKB_ANNOUNCE" in environ:
                return status
            log("front-lost", status=status)
            environ.pop("CHARTERKB_ANNOUNCE", None)
            if time.monotonic() - begun < _SOON_SECONDS:
                time.sleep(_PAUSE_SECONDS)
            front, begun = _start(listening, environ), time.monotonic()


def _start(listening: socket.socket, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a front."""
    command = [sys.executable, "-m", "server.front"]
    return subprocess.Popen(command, env=environ, pass_fds=[listening.fileno()])


def _reap(front: subprocess.Popen[bytes]) -> int | None:
    """Bury every process that has ended; return the status of the front if it is among them.

    Where this is the first process of a container, the orphans of all others come to it.
    """
    status = None
    while True:
        try:
            pid, ended = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if pid == 0:
            return status
        if pid == front.pid:
            status = front.returncode = os.waitstatus_to_exitcode(ended)


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that waits at an address; SettingError when it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"cannot listen on {host}:{port} ({reason}) — choose another --host or --port"
        raise SettingError(message) from error


def _raise_limit(kind: int, wanted: int) -> None:
    """Have the processes started from here get more of something, as far as the system allows."""
    soft, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(kind, (wanted, hard))
