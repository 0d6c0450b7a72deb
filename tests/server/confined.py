"""A small zygote for the tests: forks a child for each order, confines it, and reports its end.

An order is one line of JSON on standard input, a report one on standard output. A process of its
own, because a fork is only safe without threads, and the tests' own process may have some.
"""

from __future__ import annotations

import ctypes
import errno
import io
import json
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from server.worker import seccomp
from server.worker.sandbox import confine, rearm

Order = dict[str, Any]
Say = Callable[[object], None]
PATIENCE_S = 30
ROWS = 3000
_X32_GETPID = 0x40000000 + 39
_PR_GET_DUMPABLE = 3


def main() -> None:
    """Carry out orders until there are no more."""
    store = ox.Store()
    store.bulk_load(triples(range(ROWS)), format=ox.RdfFormat.N_QUADS)
    for line in sys.stdin:
        print(json.dumps(carry_out(store, json.loads(line))), flush=True)


def triples(rows: range) -> bytes:
    """Return some N-Quads."""
    place = "http://example.org"
    lines = (
        f"<{place}/s/{i // 3}> <{place}/p/{i % 7}> <{place}/o/{i % 90}> <{place}/g/{i % 5}> .\n"
        for i in rows
    )
    return "".join(lines).encode()


def carry_out(store: ox.Store, order: Order) -> dict[str, Any]:
    """Run an order in a child; return its exit code, what it said, and what stood on its stderr."""
    ours, theirs = socket.socketpair()
    errors, its_errors = os.pipe()
    begin = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.dup2(its_errors, 2)
        ours.close()
        _be_child(store, order, theirs)
    theirs.close()
    os.close(its_errors)
    ours.settimeout(PATIENCE_S)
    said = b""
    try:
        while piece := ours.recv(1 << 16):
            said += piece
            if order["do"] == "outlive" and b'"here"' in said:
                os.kill(pid, signal.SIGKILL)
    finally:
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    ours.close()
    with os.fdopen(errors, "rb") as stream:
        return {
            "code": os.waitstatus_to_exitcode(status),
            "said": [json.loads(line) for line in said.splitlines()],
            "stderr": stream.read().decode(),
            "seconds": time.monotonic() - begin,
        }


def _be_child(store: ox.Store, order: Order, connection: socket.socket) -> None:
    """Confine this process as ordered and do what is asked; never return."""

    def say(what: object) -> None:
        connection.sendall(json.dumps(what).encode() + b"\n")

    try:
        if folder := order.get("files"):
            store = ox.Store.read_only(folder)
        inherited = socket.socket()
        if order.get("strange_machine"):
            seccomp._ARCHITECTURES.clear()
        if order["do"] == "outlive" and os.fork() > 0:
            signal.pause()
        if order.get("confined", True):
            fences = confine(
                memory=order.get("memory", 200 << 20),
                seconds=order.get("seconds", 10),
                descriptors=[connection.fileno(), inherited.fileno()],
                network=order.get("network", False),
                files=Path(folder) if folder else None,
            )
            names = (*type(fences).__dataclass_fields__, "no_network", "no_files")
            say({name: getattr(fences, name) for name in names})
        _DEEDS[order["do"]](store, order, inherited, say)
    except Exception as error:
        say({"error": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(0)


def _ask(store: ox.Store, order: Order, _: socket.socket, say: Say) -> None:
    """Answer each query."""
    for text in order["queries"]:
        try:
            output = io.BytesIO()
            result = store.query(text, use_default_graph_as_union=True)
            assert not isinstance(result, ox.QueryTriples)
            result.serialize(output, format=ox.QueryResultsFormat.JSON)
            say(json.loads(output.getvalue()))
        except (OSError, RuntimeError, MemoryError) as error:
            say({"error": f"{type(error).__name__}: {error}"})


def _burn(_: ox.Store, order: Order, __: socket.socket, say: Say) -> None:
    """Use the processor, some tenths of a second at a time."""
    for tenths in order["tenths"]:
        if order["rearm"]:
            rearm(order["seconds"])
        end = time.process_time() + tenths / 10
        while time.process_time() < end:
            pass
        say("burnt")


def _try(_: ox.Store, order: Order, inherited: socket.socket, say: Say) -> None:
    """Try what is forbidden; say with which error it fails, if it does."""
    for name in order["deeds"]:
        try:
            _ATTEMPTS[name](order, inherited)
            say({name: "done"})
        except (OSError, ValueError, RuntimeError) as error:
            number = getattr(error, "errno", None)
            say({name: errno.errorcode[number] if number else type(error).__name__})


def _stay(_: ox.Store, __: Order, ___: socket.socket, say: Say) -> None:
    """Stay until killed; the end is seen as the end of the connection."""
    say("here")
    time.sleep(2 * PATIENCE_S)


def _allocate(_: ox.Store, order: Order, __: socket.socket, say: Say) -> None:
    """Allocate so many bytes."""
    say(len(bytearray(order["bytes"])))


_DEEDS = {"ask": _ask, "burn": _burn, "try": _try, "outlive": _stay, "allocate": _allocate}


def _call(number: int, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(ctypes.c_long(number), *(ctypes.c_long(each) for each in arguments)) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def _start_thread(*_: object) -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


_ATTEMPTS: dict[str, Callable[[Order, socket.socket], object]] = {
    "open a file": lambda *_: Path("/etc/hostname").read_text(),
    "open a file of the store": lambda order, _: Path(order["files"], "CURRENT").read_text(),
    "write a file of the store": lambda order, _: Path(order["files"], "new").write_text("x"),
    "list a folder": lambda *_: list(Path("/").iterdir()),
    "open a socket": lambda *_: socket.socket(),
    "open a pipe": lambda *_: os.pipe(),
    "copy a descriptor": lambda _, inherited: os.dup(inherited.fileno()),
    "connect an inherited socket": lambda order, inherited: inherited.connect(
        ("127.0.0.1", order["port"])
    ),
    "send to an address": lambda order, inherited: inherited.sendto(
        b"x", ("127.0.0.1", order["port"])
    ),
    "become a program": lambda *_: os.execv(sys.executable, [sys.executable, "-c", ""]),
    "run a program": lambda *_: subprocess.run([sys.executable, "-c", ""], check=True),
    "fork": lambda *_: os.fork() or os._exit(0),
    "start a thread": _start_thread,
    "signal its parent": lambda *_: os.kill(os.getppid(), 0),
    "lift the limit of descriptors": lambda *_: resource.setrlimit(
        resource.RLIMIT_NOFILE, (64, 64)
    ),
    "lift the limit of memory": lambda *_: resource.setrlimit(
        resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    ),
    "map executable pages": lambda *_: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC),
    "call by an x32 number": lambda *_: _call(_X32_GETPID),
    "ask about an attribute": lambda *_: _call(157, _PR_GET_DUMPABLE, 0, 0, 0),
}


if __name__ == "__main__":
    main()
