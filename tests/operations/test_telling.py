"""What a server tells of itself: health, readiness, metrics, log."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.live import LiveServer
from tests.operations.conftest import Serve
from tests.operations.load import COUNT, LONG, ask, get, processes, settled

DEEP = "SELECT * WHERE " + "{" * 80 + "}" * 80
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(scope="module")
def short(serve: Serve) -> Iterator[LiveServer]:
    """A server that grants a query little time."""
    with serve("--time-limit", "0.5", "--log-clients") as server:
        yield server


def samples(server: LiveServer) -> dict[tuple[str, frozenset[str]], float]:
    """Return the metrics, as Prometheus' own parser reads them."""
    answer = get(server.port, "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


def lines(server: LiveServer) -> list[dict[str, Any]]:
    """Return the log, once what waits has been written."""
    time.sleep(1.3)
    _, *rest = server.log.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in rest]


def test_health_names_the_version_the_data_and_the_fences(small: LiveServer) -> None:
    answer = get(small.port, "/health")
    told = json.loads(answer.body)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert told["status"] == "ok"
    assert told["dataset"]["triples"] == told["triples"] > 1000
    assert len(told["dataset"]["digest"]) == 64
    assert told["reloads"] == {"done": 0, "refused": 0, "last": ""}
    assert all(told["fences"].values())


def test_readiness_is_told_apart_from_health_while_the_data_are_being_opened(
    small: LiveServer,
) -> None:
    assert get(small.port, "/ready").body == b'{"status": "ready"}\n'
    os.kill(processes(small.process.pid).zygotes[0], signal.SIGKILL)
    deadline = time.monotonic() + 10
    while (answer := get(small.port, "/ready")).status == 200:
        assert time.monotonic() < deadline
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"
    assert json.loads(answer.body) == {"status": "starting"}
    assert get(small.port, "/health").status == 200
    settled(small.process.pid)
    assert get(small.port, "/ready").status == 200


def test_metrics_count_queries_by_outcome_and_lane(short: LiveServer) -> None:
    before = samples(short)
    assert ask(short.port, COUNT).status == 200
    assert ask(short.port, COUNT).status == 200
    etag = {"If-None-Match": ask(short.port, COUNT).headers["ETag"]}
    assert ask(short.port, COUNT, headers=etag).status == 304
    assert ask(short.port, DEEP).status == 413
    assert ask(short.port, "SELEKT").status == 400
    assert ask(short.port, LONG, source="127.0.0.2").status == 504
    after = samples(short)

    def added(name: str, *labels: str) -> float:
        key = (name, frozenset(labels))
        return after.get(key, 0) - before.get(key, 0)

    queries = "charterkb_queries_total"
    assert added(queries, "answered", "fast") == 1
    assert added(queries, "kept", "none") == 2
    assert added(queries, "not-modified", "none") == 1
    assert added(queries, "too-deep", "fast") == 1
    assert added(queries, "query-syntax", "fast") == 1
    assert added(queries, "time-limit", "fast") + added(queries, "time-limit", "slow") == 1
    assert added("charterkb_workers_stopped_total", "query", "time-limit") == 1
    assert added("charterkb_responses_total", "504") == 1
    assert added("charterkb_query_seconds_count", "fast") >= 3
    state = {name: value for (name, labels), value in after.items() if not labels}
    assert state["charterkb_cache_entries"] >= 1
    assert state["charterkb_cache_bytes"] > 0
    assert state["charterkb_queries_waiting"] == 0
    assert state["charterkb_triples"] > 1000
    assert state["process_resident_memory_bytes"] > 0


def test_metrics_tell_why_a_worker_was_stopped(short: LiveServer) -> None:
    settled(short.process.pid)
    os.kill(processes(short.process.pid).query_workers[0], signal.SIGKILL)
    lost = frozenset({"query", "worker-lost"})
    deadline = time.monotonic() + 10
    while not samples(short).get(("charterkb_workers_stopped_total", lost)):
        assert time.monotonic() < deadline


def test_the_log_has_a_json_object_a_line_and_a_line_a_query(small: LiveServer) -> None:
    before = len([line for line in lines(small) if line["event"] == "query"])
    marked = COUNT + " # Confidential"
    for query in (marked, marked, DEEP, "SELEKT"):
        ask(small.port, query, source="127.0.0.9")
    told = lines(small)
    new = [line for line in told if line["event"] == "query"][before:]
    assert [line["outcome"] for line in new] == ["answered", "kept", "too-deep", "query-syntax"]
    assert new[0]["query"] == new[1]["query"] != new[2]["query"]
    assert {*new[0]} == {"time", "event", "outcome", "lane", "ms", "bytes", "query"}
    assert all(TIME.fullmatch(line["time"]) for line in told)
    whole = small.log.read_text(encoding="utf-8")
    assert "127.0.0.9" not in whole, "an address, though nobody asked for it"
    assert "Confidential" not in whole


def test_the_log_names_clients_when_told_to(short: LiveServer) -> None:
    ask(short.port, COUNT, source="127.0.0.9")
    assert "127.0.0.9" in [line.get("client") for line in lines(short)]


def test_the_log_stays_json_when_processes_die(small: LiveServer) -> None:
    for pid in (settled(small.process.pid).zygotes[0], settled(small.process.pid).fronts[0]):
        os.kill(pid, signal.SIGKILL)
        assert ask(small.port, COUNT).status in (0, 200, 503)
        settled(small.process.pid)
    events = [line["event"] for line in lines(small)]
    assert "zygote-lost" in events
    assert "front-lost" in events
