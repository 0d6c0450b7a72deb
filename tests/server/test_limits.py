"""Every limit of a running server: which, how much, what to do instead, and who else is served."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest
from werkzeug.test import Client, TestResponse

from server.problem_details import problem_types
from tests.live import LiveServer, serving
from tests.server.metrics import burns, metric, running, strike, until, waiting
from tests.server.wire import Answer, Wire

ODD = Path(__file__).with_name("odd")
GIANTS = {
    path.stem: path.read_text(encoding="utf-8") for path in ODD.with_name("sandbox").glob("giant-*")
}
SECONDS, MEMORY, RESULT, DEPTH = 5, 64 * 1024**2, 1024**2, 20
CLIENT, ALL, SLOW_WAITING = 2, 6, 4
QUERY = "application/sparql-query"
PATHS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
LISTS = "ASK { " + ("?s ?p " + "(" * 19 + "1" + ")" * 19 + " . ") * 1200 + "}"
STALLS = {
    "sum": "ASK { FILTER(" + "1+" * 30_000 + "1) }",
    "path": "ASK { ?s " + "<a:>/" * 12_000 + "<a:> ?o }",
    "patterns": "ASK { " + "?s ?p ?o ." * 5000 + " }",
}
_numbers = count()


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with low limits, which takes clients to be whom a proxy names."""
    options = {
        "--time-limit": SECONDS,
        "--memory-limit": MEMORY // 1024**2,
        "--max-result": RESULT // 1024**2,
        "--max-query": 65000,
        "--max-depth": DEPTH,
        "--max-queries": ALL,
        "--max-client-queries": CLIENT,
        "--workers": 2,
        "--slow-workers": 1,
        "--cache": 0,
    }
    words = [str(word) for option in options.items() for word in option]
    log = tmp_path_factory.mktemp("tight") / "log"
    with serving(log, "--data", str(ODD), *words, CHARTERKB_PROXIES="1") as server:
        yield server


@pytest.fixture
def idle(tight: LiveServer) -> LiveServer:
    """The same server, nothing running."""
    until(lambda: running(tight) + waiting(tight) == 0, "queries of another test still run")
    return tight


def somebody() -> str:
    """Return the address of a client that has not been here before."""
    number = next(_numbers)
    return f"198.51.{number // 250}.{number % 250}"


def ask(server: LiveServer, query: str, url: str = "/sparql", **headers: str) -> TestResponse:
    named = {"X-Forwarded-For": somebody()} | {k.replace("_", "-"): v for k, v in headers.items()}
    client: Client = server.client()
    return client.post(url, data=query.encode(), content_type=QUERY, headers=named)


def problem(response: TestResponse | Answer, kind: str) -> dict[str, object]:
    """Check a problem document and return it."""
    is_live = isinstance(response, TestResponse)
    status = response.status_code if is_live else response.status  # type: ignore[union-attr]
    document = json.loads(response.data if is_live else response.body)  # type: ignore[union-attr]
    assert document["type"].rsplit("/", 1)[1] == kind, document
    assert status == document["status"] == problem_types()[kind].status
    assert document["instance"] == "/sparql" and document["title"] and document["detail"]
    assert isinstance(document, dict)
    return document


def endless(server: LiveServer, client: str = "") -> Wire:
    """Send a query that takes longer than any limit, unlike those before, and do not wait."""
    wire = Wire(server.port)
    query = quote(f"{PATHS} # {next(_numbers)}")
    wire.send(f"GET /sparql?query={query} HTTP/1.1\r\nHost: localhost\r\n")
    wire.send(f"X-Forwarded-For: {client or somebody()}\r\n\r\n")
    return wire


def is_quick(server: LiveServer) -> bool:
    """Tell whether a new client is answered at once."""
    begun = time.monotonic()
    assert ask(server, f"ASK {{}} # {next(_numbers)}").json == {"head": {}, "boolean": True}
    return time.monotonic() - begun < 1.0


@pytest.mark.slow
def test_a_query_is_stopped_at_the_time_limit(idle: LiveServer) -> None:
    begun = time.monotonic()
    document = problem(ask(idle, PATHS), "time-limit")
    assert SECONDS <= time.monotonic() - begun < SECONDS + 2
    assert document["seconds"] == str(SECONDS)
    until(lambda: burns(idle) < 0.2, "a query that was stopped goes on")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_request_may_ask_for_less_time_and_is_told_in_its_language(
    idle: LiveServer, lang: str
) -> None:
    begun = time.monotonic()
    response = ask(idle, PATHS, "/sparql?timeout=0.5", Accept_Language=lang)
    assert time.monotonic() - begun < SECONDS
    document = problem(response, "time-limit")
    assert document["seconds"] == "0.5"
    assert document["title"] == problem_types()["time-limit"].title[lang]
    assert "0.5 second" in str(document["detail"]) and "LIMIT" in str(document["detail"])
    assert response.headers["Content-Language"] == lang
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.slow
def test_a_request_may_not_ask_for_more_time(idle: LiveServer) -> None:
    document = problem(ask(idle, PATHS, "/sparql?timeout=60"), "time-limit")
    assert document["seconds"] == str(SECONDS)


@pytest.mark.parametrize(
    "seconds", ["0", "0.0", "-1", "abc", "1e3", "NaN", "inf", "0.5s", "1.5.1", "%D9%A3", "1" * 9]
)
def test_a_time_that_is_none_is_refused(tight: LiveServer, seconds: str) -> None:
    document = problem(ask(tight, "ASK {}", f"/sparql?timeout={seconds}"), "wrong-value")
    assert "timeout" in str(document["detail"])


@pytest.mark.parametrize("giant", ["giant-set", "giant-sort", "giant-text"])
def test_a_query_that_eats_memory_is_ended(idle: LiveServer, giant: str) -> None:
    document = problem(ask(idle, GIANTS[giant]), "memory-limit")
    assert document["limit"] == MEMORY
    assert is_quick(idle)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_an_answer_that_is_too_large_is_refused_whole(idle: LiveServer, lang: str) -> None:
    document = problem(ask(idle, GIANTS["giant-answer"], Accept_Language=lang), "result-too-large")
    assert document["limit"] == RESULT and "LIMIT" in str(document["detail"])
    assert is_quick(idle)


@pytest.mark.parametrize(
    ("query", "kind", "limit"),
    [
        ("ASK {} #" + "x" * 65000, "query-too-large", 65000),
        ("ASK " + "{" * (DEPTH + 1) + "}" * (DEPTH + 1), "too-deep", DEPTH),
        ("ASK { ?s ?p " + "(" * DEPTH + ")" * DEPTH + " }", "too-deep", DEPTH),
    ],
)
def test_what_a_query_may_be_is_limited(
    tight: LiveServer, query: str, kind: str, limit: int
) -> None:
    assert problem(ask(tight, query), kind)["limit"] == limit


@pytest.mark.parametrize("case", STALLS)
def test_a_text_that_stalls_the_engine_is_stopped_and_nobody_else_waits(
    idle: LiveServer, case: str
) -> None:
    with Wire(idle.port) as wire:
        wire.send(f"POST /sparql?timeout=2 HTTP/1.1\r\nHost: a\r\nContent-Type: {QUERY}\r\n")
        wire.send(f"X-Forwarded-For: {somebody()}\r\n")
        wire.send(f"Content-Length: {len(STALLS[case])}\r\n\r\n{STALLS[case]}")
        until(lambda: running(idle) == 1, "the query does not run")
        assert all(is_quick(idle) for _ in range(3))
        problem(wire.answer(), "time-limit")


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (signal.SIGSEGV, "query-too-complex"),
        (signal.SIGABRT, "memory-limit"),
        (signal.SIGXCPU, "time-limit"),
        (signal.SIGKILL, "worker-lost"),
    ],
)
def test_a_query_that_kills_its_worker_costs_that_worker_only(
    idle: LiveServer, number: signal.Signals, kind: str
) -> None:
    before = metric(idle, "charterkb_workers_stopped_total", role="query", reason=kind)
    with endless(idle) as wire:
        until(lambda: running(idle) == 1 and burns(idle, 0.1) > 0, "the query does not run")
        strike(idle, number)
        answer = wire.answer()
        problem(answer, kind)
        assert ("retry-after" in answer.headers) == (kind == "worker-lost")
    after = metric(idle, "charterkb_workers_stopped_total", role="query", reason=kind)
    assert after == before + 1
    assert is_quick(idle)


def test_lists_in_lists_end_in_a_refusal(idle: LiveServer) -> None:
    document = json.loads(ask(idle, LISTS).data)
    kind = document["type"].rsplit("/", 1)[1]
    assert kind in ("query-too-complex", "memory-limit", "time-limit")
    assert is_quick(idle)


def test_a_client_may_have_so_many_queries_at_a_time(idle: LiveServer) -> None:
    client = somebody()
    with endless(idle, client), Wire(idle.port) as second:
        until(lambda: running(idle) == 1, "the first query does not run")
        # Several questions at once: all are in before the first of them can have been answered.
        text = quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }")
        others = [Wire(idle.port) for _ in range(3)]
        for wire in others:
            wire.send(f"GET /sparql?query={text} HTTP/1.1\r\nHost: a\r\n")
            wire.send(f"X-Forwarded-For: {client}\r\n\r\n")
        answers = [wire.answer() for wire in others]
        refused = [answer for answer in answers if answer.status == 429]
        assert refused
        for answer in refused:
            kind = json.loads(answer.body)["type"].rsplit("/", 1)[1]
            assert problem(answer, kind)["limit"] == {"too-many-queries": CLIENT}.get(kind, 1)
            assert int(answer.headers["retry-after"]) >= 1
        assert second.ask("/sparql?query=ASK%7B%7D", X_Forwarded_For=somebody()).status == 200
        for wire in others:
            wire.close()


@pytest.mark.slow
def test_one_client_does_not_fill_the_slow_lane(idle: LiveServer) -> None:
    client = somebody()
    with endless(idle, client) as first, endless(idle, client) as second:
        # The one that has first used up its time in the fast lane goes on.
        answers = sorted((first.answer(), second.answer()), key=lambda answer: answer.status)
    document = problem(answers[0], "one-long-query")
    assert document["limit"] == 1 and document["retry_after"] == SECONDS
    problem(answers[1], "time-limit")


@pytest.mark.slow
def test_a_flood_of_long_queries_is_turned_away_and_short_ones_are_answered(
    idle: LiveServer,
) -> None:
    with ExitStack() as stack:
        flood = [stack.enter_context(endless(idle)) for _ in range(1 + SLOW_WAITING)]
        until(lambda: (running(idle), waiting(idle)) == (1, SLOW_WAITING), "the lanes do not fill")
        assert is_quick(idle)
        late = stack.enter_context(endless(idle)).answer()
        document = problem(late, "slow-lane-full")
        assert document["limit"] == SLOW_WAITING
        assert late.headers["retry-after"] == str(document["retry_after"])
        assert is_quick(idle)
        for wire in flood:
            wire.close()
    until(lambda: running(idle) + waiting(idle) == 0, "queries of clients who left go on")
    until(lambda: burns(idle) < 0.2, "processors are kept busy for nobody")


@pytest.mark.slow
def test_all_together_have_so_many_queries_at_a_time(idle: LiveServer) -> None:
    with ExitStack() as stack:
        for _ in range(1 + SLOW_WAITING):
            stack.enter_context(endless(idle))
        until(lambda: (running(idle), waiting(idle)) == (1, SLOW_WAITING), "the lanes do not fill")
        # Both are in before the first of them can have run for long.
        pair = [stack.enter_context(endless(idle)) for _ in range(2)]
        answers = [wire.answer() for wire in pair]
        assert problem(answers[1], "server-busy")["limit"] == ALL
        assert answers[1].headers["retry-after"] == "2"


def test_the_query_of_a_client_who_leaves_is_killed(idle: LiveServer) -> None:
    def killed() -> float:
        return metric(
            idle, "charterkb_workers_stopped_total", role="query", reason="client-gone"
        ) + metric(idle, "charterkb_queries_total", outcome="client-gone")

    before = killed()
    with endless(idle):
        until(lambda: running(idle) == 1 and burns(idle, 0.1) > 0.2, "the query does not run")
    begun = time.monotonic()
    until(lambda: running(idle) == 0, "the query goes on")
    assert time.monotonic() - begun < SECONDS / 2
    assert killed() == before + 2
    until(lambda: burns(idle) < 0.2, "its worker goes on")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_reader_is_told_of_limits_on_the_page(idle: LiveServer, lang: str) -> None:
    response = ask(idle, PATHS, f"/sparql?lang={lang}&timeout=0.3", Accept="text/html")
    assert (response.status_code, response.mimetype) == (504, "text/html")
    title = problem_types()["time-limit"].title[lang]
    assert 'role="alert"' in response.text and title in response.text
    assert "0.3 second" in response.text and "?j ?k ?l" in response.text
