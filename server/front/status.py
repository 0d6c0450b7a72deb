"""What the front tells of itself: `/health` (it lives), `/ready` (it answers), `/metrics`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Protocol

from server.front.cache import Cache
from server.front.events import METRICS_TYPE, Metrics
from server.front.generation import Generation
from server.front.http import Connection
from server.front.parsing import Request
from server.front.reload import Reloading
from server.front.replies import Reply


class Front(Protocol):
    """What is told of the front."""

    version: str
    started: float
    draining: bool
    generation: Generation | None
    reloading: Reloading
    cache: Cache
    metrics: Metrics
    connections: set[Connection]


class Status:
    """Answers the requests that ask how the server is."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._answers = {
            "/health": self._health,
            "/ready": self._ready,
            "/metrics": self._metrics,
        }
        self._measure()

    def answer(self, request: Request) -> Reply | None:
        """Return the answer to a request; nothing when it is for somebody else."""
        if request.path not in self._answers or request.method not in ("GET", "HEAD"):
            return None
        return self._answers[request.path]()

    def _health(self) -> Reply:
        """Return versions, size and uptime as JSON: the server is alive, whatever it can do."""
        facts = self._front.generation.facts if self._front.generation else None
        told: dict[str, Any] = {"status": "ok", "version": self._front.version}
        if facts:
            told["dataset"] = {
                "version": facts.version,
                "digest": facts.digest,
                "triples": facts.triples,
                "graphs": facts.graphs,
            }
            told["triples"] = facts.triples
        told["uptime_s"] = round(time.monotonic() - self._front.started, 3)
        told["reloads"] = self._front.reloading.told()
        told["fences"] = self._front.generation.fences if self._front.generation else {}
        return _json(200, told)

    def _ready(self) -> Reply:
        """Tell whether queries are answered now."""
        if (
            self._front.draining
            or self._front.generation is None
            or not self._front.generation.is_ready
        ):
            why = "draining" if self._front.draining else "starting"
            return _json(503, {"status": why}, ("Retry-After", "1"))
        return _json(200, {"status": "ready"})

    def _metrics(self) -> Reply:
        """Return the metrics."""
        headers = (("Content-Type", METRICS_TYPE), ("Cache-Control", "no-store"))
        return Reply(200, headers, self._front.metrics.text())

    def _measure(self) -> None:
        """Have the state of the front among the metrics."""

        def of_lanes(value: Callable[[Generation], float]) -> Callable[[], float]:
            return lambda: value(self._front.generation) if self._front.generation else 0.0

        gauge = self._front.metrics.gauge
        gauge("charterkb_connections", "Open connections", lambda: len(self._front.connections))
        gauge("charterkb_cache_bytes", "Bytes of kept answers", lambda: self._front.cache.size)
        gauge("charterkb_cache_entries", "Kept answers", lambda: len(self._front.cache))
        gauge(
            "charterkb_queries_running",
            "Queries being evaluated",
            of_lanes(lambda g: len(g.lanes.running)),
        )
        gauge(
            "charterkb_queries_waiting",
            "Queries waiting for a worker",
            of_lanes(lambda g: g.lanes.waiting),
        )
        gauge(
            "charterkb_triples",
            "Triples of the dataset",
            of_lanes(lambda g: g.facts.triples if g.facts else 0),
        )


def _json(status: int, told: dict[str, Any], *headers: tuple[str, str]) -> Reply:
    """Return a JSON answer that is not kept."""
    common = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))
    return Reply(status, (*common, *headers), json.dumps(told).encode() + b"\n")
