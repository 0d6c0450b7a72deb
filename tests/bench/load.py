"""Closed-loop load, in a process of its own: each client sends again once its answer is whole.

`python -m tests.bench.load` reads a job (JSON) on standard input and prints what it saw (JSON).
An answer is a response with the status 200 and, where the job gives one, the right length of body.
"""

from __future__ import annotations

import hashlib
import json
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.bench.reader import BrokenResponse, Reader

JSON_RESULTS = "application/sparql-results+json"
_PIECE = 1 << 18
_GRACE = 15.0
"""How long after the end a loop waits for the last answers, so that slow queries count too."""


@dataclass(slots=True)
class Seen:
    """What the clients of a job saw."""

    latencies: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    samples: dict[str, dict[str, Any]] = field(default_factory=dict)


def request_bytes(host: str, port: int, path: str, query: str) -> bytes:
    """Return the bytes of a GET of a query, results as JSON."""
    target = f"{path}?{urlencode({'query': query})}"
    return (
        f"GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: {JSON_RESULTS}\r\n\r\n"
    ).encode("ascii")


class Client:
    """One connection: sends its requests in turn, from its place in them, until the end."""

    def __init__(self, job: Mapping[str, Any], place: int, seen: Seen) -> None:
        """Prepare the client of a place; its source address is the job's for that place."""
        texts = job["queries"]
        self._job = job
        self._source = (job.get("sources") or [""])[place % max(len(job.get("sources") or []), 1)]
        self._requests = [
            request_bytes(job["host"], job["port"], job["path"], text) for text in texts
        ]
        self._lengths = job.get("lengths") or [None] * len(texts)
        self._turn = place * len(texts) // max(job["clients"], 1)
        self._seen = seen
        self._reader = Reader(job.get("keep", 0))
        self._begin = 0.0
        self.due = 0.0
        self.busy = False
        self._reused = False
        self.socket: socket.socket | None = None

    def send(self) -> None:
        """Send the next request, on a new connection if the last one ended."""
        self._turn = (self._turn + 1) % len(self._requests)
        self._begin = time.perf_counter()
        self.busy = True
        self._reused = self.socket is not None
        if self.socket is None:
            self.socket = socket.create_connection(
                (self._job["host"], self._job["port"]),
                timeout=5,
                source_address=(self._source, 0) if self._source else None,
            )
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(self._requests[self._turn])

    def receive(self) -> bool:
        """Take what came; return whether the response is over, well or badly."""
        assert self.socket is not None
        try:
            data = self.socket.recv(_PIECE)
            if not data and self._reused and self._reader.fresh:
                self._renew()
                return True
            whole = self._reader.feed(data) if data else self._ended()
        except (OSError, BrokenResponse) as fault:
            self.fail(f"broken: {fault}")
            return True
        if whole:
            self._count()
        return whole

    def _renew(self) -> None:
        """Leave a kept connection that the server closed: no request was lost (RFC 9112 §9.3.1)."""
        self._seen.outcomes["connections renewed"] += 1
        self._turn -= 1
        self._over(leave=True)
        self.due = self._begin

    def fail(self, why: str) -> None:
        """Count the request as not answered, and leave the connection."""
        name = why if not self._reader.status else f"{self._reader.status} {why}"
        self._seen.outcomes[name] += 1
        self._over(leave=True)

    def _ended(self) -> bool:
        self._reader.end()
        self._reader.closes = True
        return True

    def _count(self) -> None:
        reader, seen = self._reader, self._seen
        expected = self._lengths[self._turn]
        if reader.status != 200:
            seen.outcomes[str(reader.status)] += 1
        elif expected is not None and reader.length != expected:
            seen.outcomes["200 with another length"] += 1
        else:
            seen.outcomes["200"] += 1
            seen.latencies.append(time.perf_counter() - self._begin)
        if self._job.get("keep"):
            self._sample()
        self._over(leave=reader.closes)

    def _sample(self) -> None:
        """Keep one response of each kind, to be looked at after the run."""
        body = bytes(self._reader.body)
        digest = hashlib.sha256(body + self._reader.tail).hexdigest()[:16]
        name = f"{self._reader.status} {digest}"
        sample = self._seen.samples.setdefault(
            name,
            {
                "status": self._reader.status,
                "count": 0,
                "length": self._reader.length,
                "query": self._job["queries"][self._turn],
                "body": body.decode("utf-8", "replace") if len(self._seen.samples) < 500 else "",
                "tail": self._reader.tail.decode("utf-8", "replace"),
                "headers": self._reader.headers.decode("latin-1"),
            },
        )
        sample["count"] += 1

    def _over(self, leave: bool) -> None:
        self.busy = False
        self.due = time.perf_counter() + self._job.get("think", 0.0)
        self._reader.restart()
        if leave and self.socket is not None:
            self.socket.close()
            self.socket = None


def run(job: Mapping[str, Any]) -> dict[str, Any]:
    """Run a job for its seconds, then wait for the last answers, unless it says `cut`."""
    seen = Seen()
    clients = [Client(job, place, seen) for place in range(job["clients"])]
    begin = time.perf_counter()
    end = begin + job["seconds"]
    with selectors.DefaultSelector() as selector:
        while (now := time.perf_counter()) < end:
            _turn(clients, selector, end - now)
        if not job.get("cut"):
            _drain(clients, selector, end + _GRACE)
        elapsed = time.perf_counter() - begin
    for client in clients:
        if client.busy:
            client.fail("cut off at the end" if job.get("cut") else "no answer")
        if client.socket is not None:
            client.socket.close()
    return _report(seen, elapsed)


def _report(seen: Seen, elapsed: float) -> dict[str, Any]:
    latencies = sorted(seen.latencies)
    return {
        "answers": len(latencies),
        "rate": len(latencies) / elapsed,
        "p50": _quantile(latencies, 0.5),
        "p95": _quantile(latencies, 0.95),
        "slowest": _quantile(latencies, 1.0),
        "outcomes": dict(seen.outcomes),
        "samples": list(seen.samples.values()),
        "processor": time.process_time() / elapsed,
    }


def _quantile(ordered: list[float], share: float) -> float | None:
    """Return a quantile in milliseconds, the nearest rank."""
    if not ordered:
        return None
    return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _turn(clients: list[Client], selector: selectors.BaseSelector, seconds: float) -> None:
    """Take what came; send for all clients that have nothing under way and have thought enough."""
    now = time.perf_counter()
    due = min((client.due - now for client in clients if not client.busy), default=seconds)
    if due > 0:
        for key, _ in selector.select(min(due, seconds)):
            if _received(key.data, selector) and key.data.due <= time.perf_counter():
                _send(key.data, selector)
        return
    for client in clients:
        if not client.busy and client.due <= now:
            _send(client, selector)
    for key, _ in selector.select(0):
        _received(key.data, selector)


def _drain(clients: list[Client], selector: selectors.BaseSelector, end: float) -> None:
    """Wait for the answers that are still due; nothing more is sent."""
    while any(client.busy for client in clients) and (now := time.perf_counter()) < end:
        for key, _ in selector.select(min(end - now, 0.5)):
            _received(key.data, selector)


def _send(client: Client, selector: selectors.BaseSelector) -> None:
    fresh = client.socket is None
    try:
        client.send()
    except OSError as fault:
        if not fresh and client.socket is not None:
            selector.unregister(client.socket)
        client.fail(f"no connection: {type(fault).__name__}")
        client.due = time.perf_counter() + 0.01
        return
    if fresh and client.socket is not None:
        selector.register(client.socket, selectors.EVENT_READ, client)


def _received(client: Client, selector: selectors.BaseSelector) -> bool:
    before = client.socket
    over = client.receive()
    if over and client.socket is None and before is not None:
        selector.unregister(before)
    return over


def main() -> None:
    """Read a job, run it, print the report."""
    print(json.dumps(run(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
