"""What isolation adds: the same query in this process, and through the socket of a worker.

The worker is one of the server's own, confined as there; the front and HTTP are left out. A worker
also reads the text for what it may not ask, which is given apart.
"""

from __future__ import annotations

import os
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from kb.embedded import EmbeddedEngine
from kb.engine import FORMATS, Dataset, Format, Kind
from kb.store import load_dump
from server.frames import ANSWER, PIECE, QUERY, receive, send
from server.guard import check_query
from server.worker.arena import work_in_own_arena
from server.worker.query_worker import QueryLimits, serve_queries
from server.worker.sandbox import confine
from tests.bench.classes import Load, loads
from tests.bench.generate import Dump
from tests.bench.processes import stop_tree

_GIGABYTE = 1 << 30
_TURNS = 5
_HEAD = {"formats": {kind: forms[0].suffix for kind, forms in FORMATS.items()}}


def measure(dump: Dump) -> dict[str, Any]:
    """Return, for each class, the milliseconds in process and what a worker adds (medians)."""
    engine = EmbeddedEngine(load_dump(dump.path))
    found = {}
    with _worker(engine) as connection:
        for one in loads(dump):
            found[one.name] = row = _compare(engine, connection, one)
            print(
                f"  {one.name}: {row['inside_ms']:.2f} ms, {row['added_ms']:+.2f} ms, "
                f"of which {row['guard_ms']:.2f} ms reading the text",
                flush=True,
            )
    middle = statistics.median(row["added_ms"] for row in found.values())
    return {"triples": dump.triples, "classes": found, "median_added_ms": middle}


def _compare(engine: EmbeddedEngine, connection: socket.socket, one: Load) -> dict[str, float]:
    """Return medians over a class; the two ways take turns to be the first with a text."""
    inside: list[float] = []
    added: list[float] = []
    guard: list[float] = []
    for turn, text in enumerate(one.texts * _TURNS):
        ways: list[Callable[[], object]] = [
            partial(_answer, engine, text),
            partial(_ask, connection, text),
        ]
        times = {way: _timed(ways[way]) for way in ((0, 1) if turn % 2 else (1, 0))}
        inside.append(times[0])
        added.append(times[1] - times[0])
        guard.append(_timed(partial(check_query, text, Dataset(), ())))
    return {
        "inside_ms": statistics.median(inside),
        "added_ms": statistics.median(added),
        "guard_ms": statistics.median(guard),
    }


def _answer(engine: EmbeddedEngine, text: str) -> bytes:
    return engine.answer(text, Dataset(), _first).body()


@contextmanager
def _worker(engine: EmbeddedEngine) -> Iterator[socket.socket]:
    """Fork a worker over the store of this process; give its socket; kill it at the end."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            ours.close()
            fence = partial(confine, memory=_GIGABYTE, seconds=600, descriptors=[theirs.fileno()])
            limits = QueryLimits(depth=64, result=_GIGABYTE, time=600, seconds=600)
            work_in_own_arena(fence, partial(serve_queries, theirs, engine, (), limits))
        finally:
            os._exit(0)
    theirs.close()
    try:
        with ours:
            yield ours
    finally:
        stop_tree(pid)
        os.waitpid(pid, 0)


def _first(kind: Kind) -> Format:
    return FORMATS[kind][0]


def _ask(connection: socket.socket, text: str) -> bytes:
    """Return the answer of the worker; AssertionError when it refuses."""
    send(connection, QUERY, _HEAD, text.encode())
    pieces = []
    while (frame := receive(connection)) is not None:
        kind, head, body = frame
        assert kind in (PIECE, ANSWER), head
        pieces.append(body)
        if kind == ANSWER:
            break
    return b"".join(pieces)


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begin)
