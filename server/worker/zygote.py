"""The zygote: one single-threaded process that holds the store and forks workers from it.

A fork takes milliseconds and shares the memory of the store, so that a worker may be killed at any
time and another stand in its place. Being the parent, the zygote alone signals workers: a number is
never that of somebody else's process.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server.frames import FENCES, send
from server.log import log, log_as_json
from server.settings import Settings, read_settings
from server.worker.arena import work_in_own_arena
from server.worker.opening import Opened, open_store
from server.worker.page_worker import serve_pages
from server.worker.query_worker import QueryLimits, serve_queries
from server.worker.sandbox import confine, die_with_parent

SLOW_NICENESS = 15
_MESSAGE_BYTES = 4096
_SPARE_SECONDS = 5
"""The processor's own limit on a worker is only a last resort, above the front's."""


class Zygote:
    """The process that forks; `control` is its socket to the front."""

    def __init__(self, control: socket.socket, opened: Opened, settings: Settings) -> None:
        self.control = control
        self.opened = opened
        self.settings = settings
        self.children: set[int] = set()

    def run(self) -> None:
        """Do what the front asks until it is gone."""
        with selectors.DefaultSelector() as selector:
            woken, wakes = socket.socketpair()
            woken.setblocking(False)
            wakes.setblocking(False)
            signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
            signal.signal(signal.SIGCHLD, lambda *_: None)
            selector.register(self.control, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is woken:
                        with contextlib.suppress(BlockingIOError):
                            woken.recv(4096)
                        self._reap()
                    elif not self._obey():
                        return

    def _obey(self) -> bool:
        """Carry out one request of the front; tell whether it is still there."""
        try:
            message = self.control.recv(_MESSAGE_BYTES)
        except OSError:
            return False
        if not message:
            return False
        asked = json.loads(message)
        if asked["do"] == "fork":
            self._fork(asked["role"])
        elif asked["pid"] in self.children:
            if asked["do"] == "kill":
                os.kill(asked["pid"], signal.SIGKILL)
            elif asked["do"] == "slow":
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, asked["pid"], SLOW_NICENESS)
        return True

    def _fork(self, role: str) -> None:
        """Fork a worker and hand the front its socket."""
        try:
            ours, theirs = socket.socketpair()
            with ours, theirs:
                pid = os.fork()
                if pid == 0:
                    # Else it would hold its own other end, and never see the front close it.
                    ours.close()
                    self._become(role, theirs)
                self.children.add(pid)
                message = json.dumps({"is": "worker", "role": role, "pid": pid}).encode()
                socket.send_fds(self.control, [message], [ours.fileno()])
        except OSError as error:
            log("fork-failed", role=role, reason=str(error))
            with contextlib.suppress(OSError):
                self.control.send(json.dumps({"is": "unborn", "role": role}).encode())

    def _become(self, role: str, connection: socket.socket) -> None:
        """Be a worker, in the process just forked; never return."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            work = self._query_worker if role == "query" else self._page_worker
            work(connection)
            status = 0
        except BaseException as error:
            log("worker-failed", role=role, reason=repr(error))
        finally:
            os._exit(status)

    def _query_worker(self, connection: socket.socket) -> None:
        settings = self.settings
        engine = self.opened.engine_of_worker()
        seconds = int(settings.time_limit) + _SPARE_SECONDS
        limits = QueryLimits(
            depth=settings.max_depth,
            result=settings.max_result,
            time=settings.time_limit,
            seconds=seconds,
            memory=settings.memory_limit,
        )
        _offer_to_the_oom_killer()

        def fence() -> None:
            fences = confine(
                memory=settings.memory_limit,
                seconds=seconds,
                descriptors=[connection.fileno()],
                network=settings.is_remote,
                files=self.opened.folder,
            )
            told = {"no_network": fences.no_network, "no_files": fences.no_files}
            told |= {"memory": fences.memory, "seccomp": fences.seccomp}
            send(connection, FENCES, told, b"")

        def work() -> None:
            serve_queries(connection, engine, self.opened.graphs, limits)

        work_in_own_arena(fence, work)

    def _page_worker(self, connection: socket.socket) -> None:
        die_with_parent()
        self.control.close()
        serve_pages(connection, self.opened.app_of_worker)

    def _reap(self) -> None:
        """Tell the front of every worker that has ended, and how."""
        while self.children:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self.children:
                self.children.remove(pid)
                code = os.waitstatus_to_exitcode(status)
                message = json.dumps({"is": "dead", "pid": pid, "code": code}).encode()
                with contextlib.suppress(OSError):
                    self.control.send(message)


def _offer_to_the_oom_killer() -> None:
    """Have the system, should its memory run out, end this process before any other."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")


def main(open_it: Callable[[Settings], Opened] = open_store) -> int:
    """Load the base that the environment names, and fork for the front until that is gone."""
    die_with_parent()
    log_as_json()
    # These reach the whole group of processes, from a terminal or a service manager; the front,
    # which first has every request answered, says when to end.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=int(os.environ["CHARTERKB_CONTROL_FD"]))
    settings = read_settings(os.environ)
    told: dict[str, Any]
    try:
        opened = open_it(settings)
        told = {"is": "ready", "version": opened.version, "digest": opened.digest}
        told |= {"triples": opened.triples, "graphs": len(opened.graphs)}
    except Exception as error:
        told = {"is": "failed", "message": str(error)[:2000]}
        with contextlib.suppress(OSError):
            control.send(json.dumps(told).encode())
        return 1
    # What lives now lives for good: the collector need not touch, and so copy, its pages.
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError):
        control.send(json.dumps(told).encode())
        Zygote(control, opened, settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
