"""What a running server says of itself, and what the system says of its processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.live import LiveServer

PATIENCE = 20.0


def metric(server: LiveServer, name: str, **labels: str) -> float:
    """Return the sum of the samples of a metric that carry some labels."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    with closing(connection):
        connection.request("GET", "/metrics")
        response = connection.getresponse()
        text = response.read().decode()
    if response.status != 200:
        return float("nan")  # The server takes no connection now.
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something that the server does has come about; AssertionError when it has not."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def running(server: LiveServer) -> int:
    """Return how many queries are being evaluated."""
    return int(metric(server, "charterkb_queries_running"))


def waiting(server: LiveServer) -> int:
    """Return how many queries wait for a worker."""
    return int(metric(server, "charterkb_queries_waiting"))


def workers(server: LiveServer) -> list[int]:
    """Return the processes that the zygote of a server has forked."""
    zygote = next(
        pid
        for front in _children(server.process.pid)
        for pid in _children(front)
        if b"server.worker.zygote" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )
    return _children(zygote)


def busiest(server: LiveServer) -> int:
    """Return the worker that is using the most processor time now."""
    before = {pid: _ticks(pid) for pid in workers(server)}
    time.sleep(0.2)
    return max(before, key=lambda pid: _ticks(pid) - before[pid])


def burns(server: LiveServer, seconds: float = 0.3) -> float:
    """Return how many processors the workers of a server keep busy."""
    before = {pid: _ticks(pid) for pid in workers(server)}
    time.sleep(seconds)
    used = sum(_ticks(pid) - ticks for pid, ticks in before.items())
    return used / os.sysconf("SC_CLK_TCK") / seconds


def strike(server: LiveServer, number: signal.Signals) -> None:
    """Send a signal to the worker that is evaluating a query."""
    os.kill(busiest(server), number)


def _children(pid: int) -> list[int]:
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in told.split()]


def _ticks(pid: int) -> int:
    """Return the processor time of a process in the system's own unit; none once it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])
