"""What is counted (Prometheus) and logged (a JSON object a line) of queries and workers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector

from server.log import log, log_time

_BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
METRICS_TYPE = CONTENT_TYPE_LATEST
_FLUSH_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class QueryEvent:
    """What came of one query: `outcome` is `answered`, `kept` (from the cache), `not-modified`,
    `client-gone`, or the name of a problem type; `query` is a digest of its text."""

    outcome: str
    lane: str
    seconds: float
    size: int
    query: bytes
    client: str


class Metrics:
    """The counters of one front."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._queries = Counter(
            "charterkb_queries",
            "Queries by outcome and lane",
            ("outcome", "lane"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "charterkb_query_seconds",
            "Time from arrival to answer of queries that reached a worker",
            ("lane",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._responses = Counter(
            "charterkb_responses", "Responses by status", ("status",), registry=self.registry
        )
        self._stopped = Counter(
            "charterkb_workers_stopped",
            "Workers that were stopped or died, by role and reason",
            ("role", "reason"),
            registry=self.registry,
        )
        # Finding a child by its labels takes longer than counting.
        self._counting: dict[tuple[str, str], Counter] = {}
        self._timing = {lane: self._seconds.labels(lane) for lane in ("fast", "slow")}
        self._answering: dict[int, Counter] = {}

    def query(self, event: QueryEvent) -> None:
        """Count a query."""
        key = (event.outcome, event.lane)
        if key not in self._counting:
            self._counting[key] = self._queries.labels(*key)
        self._counting[key].inc()
        if event.lane in self._timing:
            self._timing[event.lane].observe(event.seconds)

    def response(self, status: int) -> None:
        """Count a response."""
        if status not in self._answering:
            self._answering[status] = self._responses.labels(status)
        self._answering[status].inc()

    def stopped(self, role: str, reason: str) -> None:
        """Count a worker that was stopped or died."""
        self._stopped.labels(role, reason).inc()

    def gauge(self, name: str, help_text: str, value: Callable[[], float]) -> None:
        """Have a value read whenever metrics are asked for."""
        Gauge(name, help_text, registry=self.registry).set_function(value)

    def text(self) -> bytes:
        """Return all metrics as Prometheus reads them."""
        return generate_latest(self.registry)


class Journal:
    """The log on standard error: a JSON object a line, written in batches."""

    def __init__(self, *, clients: bool) -> None:
        self.clients = clients
        self._lines: list[str] = []
        self._size = 0

    def query(self, event: QueryEvent) -> None:
        """Log a query."""
        client = f',"client":{json.dumps(event.client)}' if self.clients else ""
        self._add(
            f'{{"time":"{log_time()}","event":"query","outcome":"{event.outcome}",'
            f'"lane":"{event.lane}","ms":{event.seconds * 1000:.2f},"bytes":{event.size},'
            f'"query":"{event.query.hex()}"{client}}}\n'
        )

    def event(self, name: str, **told: str | int | float) -> None:
        """Log anything else, at once."""
        self.flush()
        log(name, **told)

    def flush(self) -> None:
        """Write what waits."""
        if self._lines:
            sys.stderr.write("".join(self._lines))
            sys.stderr.flush()
            self._lines.clear()
            self._size = 0

    def _add(self, line: str) -> None:
        self._lines.append(line)
        self._size += len(line)
        if self._size > _FLUSH_BYTES:
            self.flush()
