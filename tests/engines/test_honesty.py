"""What is no whole answer never passes for one, and every failure is told as what it is."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from kb import Dataset, QueryError
from kb.engine import BINDINGS_FORMATS, BOOLEAN_FORMATS, FORMATS, GRAPH_FORMATS, Format, Kind
from kb.errors import EngineError
from kb.login import NOBODY, Login, read_login
from kb.publish import PublishError, plan, publish
from kb.remote import RemoteEngine
from kb.remote_faults import EngineAway, EngineBusy, EngineLogin, EngineTimeout, message
from tests.engines.conftest import Graphs, quiet
from tests.engines.liar import endpoint, response
from tests.engines.running import ENGINES, Running, fuseki, oxigraph, virtuoso

JSON, XML, NT, TTL = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "application/n-triples",
    "text/turtle",
)
ROWS = b'{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"literal","value":"1"}}]}}'
TABLE = (
    b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>'
    b'<variable name="a"/></head><results><result><binding name="a"><literal>1</literal></binding>'
    b"</result></results></sparql>"
)
OPENING = TABLE[: TABLE.index(b"<head>")]
TRIPLES = b'<urn:a> <urn:b> "1" .\n<urn:a> <urn:b> "2" .\n'
ASKED = {
    "bindings": "SELECT ?a WHERE { ?a ?b ?c }",
    "boolean": "ASK { ?a ?b ?c }",
    "graph": "CONSTRUCT WHERE { ?a ?b ?c }",
}


def first(kind: Kind) -> Format:
    """Choose the first format of a kind."""
    return FORMATS[kind][0]


def always(chosen: Format, _: Kind) -> Format:
    """Choose one format, whatever the kind."""
    return chosen


def asked(url: str, kind: Kind = "bindings", timeout_s: float = 5) -> bytes:
    """Return what an endpoint answers to a question of some kind."""
    engine = RemoteEngine(url, timeout_s=timeout_s, login=NOBODY)
    return engine.answer(ASKED[kind], Dataset(), first).body()


@pytest.mark.parametrize(
    ("kind", "media_type", "body", "chosen"),
    [
        ("bindings", JSON, ROWS, BINDINGS_FORMATS[2]),
        ("bindings", JSON + "; charset=utf-8", ROWS + b"\n", BINDINGS_FORMATS[1]),
        ("bindings", XML, TABLE, BINDINGS_FORMATS[0]),
        ("boolean", XML, OPENING + b"<head/><boolean>true</boolean></sparql>", BOOLEAN_FORMATS[0]),
        ("graph", TTL, TRIPLES, GRAPH_FORMATS[1]),
        ("graph", NT, TRIPLES, GRAPH_FORMATS[2]),
    ],
)
def test_an_answer_in_another_format_is_put_into_the_one_asked_for(
    kind: Kind, media_type: str, body: bytes, chosen: Format
) -> None:
    with endpoint(response("200 OK", media_type, body)) as url:
        engine = RemoteEngine(url, login=NOBODY)
        answer = engine.answer(ASKED[kind], Dataset(), partial(always, chosen))
        written = answer.body()
    assert answer.format is chosen
    assert b"1" in written or b"true" in written


@pytest.mark.parametrize(
    ("kind", "media_type", "body"),
    [
        *(("bindings", JSON, ROWS[:end]) for end in (1, 40, 60, -3, -2, -1)),
        ("bindings", JSON, ROWS + b"}"),
        ("bindings", JSON, ROWS + b" Error: out of memory"),
        ("bindings", JSON, b""),
        *(("bindings", XML, TABLE[:end]) for end in (-1, -9, -19, -30)),
        ("boolean", JSON, b'{"head":{},"boolean":true'),
        ("boolean", JSON, b'{"head":{},"boolean":true} Error'),
        ("boolean", XML, OPENING + b"<head/><boolean>true</boolean>"),
        ("graph", NT, TRIPLES[:-9]),
        ("graph", TTL, TRIPLES + b"Error: disk full"),
        ("graph", "application/rdf+xml", b"<rdf:RDF"),
        ("bindings", "text/html", b"<html>ok</html>"),
        ("bindings", "text/csv", b"a\r\n1\r\n"),
        ("graph", JSON, ROWS),
        ("bindings", JSON, b'{"head":{},"boolean":true}'),
    ],
)
def test_a_broken_document_is_the_fault_of_the_engine(
    kind: Kind, media_type: str, body: bytes
) -> None:
    with endpoint(response("200 OK", media_type, body)) as url, pytest.raises(EngineError):
        asked(url, kind)


@pytest.mark.parametrize("kind", ["bindings", "graph"])
def test_an_answer_that_ends_before_its_length_is_refused(kind: Kind) -> None:
    media_type, body = (JSON, ROWS) if kind == "bindings" else (NT, TRIPLES)
    lie = response("200 OK", media_type, body, length=len(body) + 1)
    with endpoint(lie) as url, pytest.raises(EngineError, match="a part of the answer only"):
        asked(url, kind)


def test_a_chunked_answer_without_its_last_chunk_is_refused() -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {NT}\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%b\r\n" % (len(TRIPLES), TRIPLES)
    with endpoint(head.encode() + chunk) as url, pytest.raises(EngineError, match="broke"):
        asked(url, "graph")
    with endpoint(head.encode() + chunk + b"0\r\n\r\n") as url:
        assert asked(url, "graph")


@pytest.mark.parametrize("header", ["X-SPARQL-MaxRows: 10", "X-SQL-State: 01004"])
def test_an_answer_that_says_it_is_partial_is_refused(header: str) -> None:
    with (
        endpoint(response("200 OK", JSON, ROWS, header)) as url,
        pytest.raises(EngineError, match="a part of the answer only"),
    ):
        asked(url)


def test_the_remark_of_fuseki_under_a_cut_graph_is_no_comment() -> None:
    remark = b"##  Query cancelled due to timeout during execution   ##\n"
    remark += b"##  ****          Incomplete results           ****   ##\n"
    with endpoint(response("200 OK", NT, TRIPLES + remark)) as url, pytest.raises(EngineTimeout):
        asked(url, "graph")
    kept = b'<urn:a> <urn:b> "## Query cancelled ##" .\n'
    with endpoint(response("200 OK", NT, kept)) as url:
        assert b"cancelled" in asked(url, "graph")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        ("400 Bad Request", b"<html><p>Line 3: &lt;b&gt; expected", QueryError),
        ("401 Unauthorized", b"", EngineLogin),
        ("403 Forbidden", b"", EngineLogin),
        ("404 Not Found", b"<html>", EngineError),
        ("413 Content Too Large", b"", QueryError),
        ("414 URI Too Long", b"", QueryError),
        ("429 Too Many Requests", b"", EngineBusy),
        ("500 Internal Server Error", b"out of memory", EngineError),
        ("500 SPARQL Request Failed", b"Virtuoso S1TAT Error SR171", EngineTimeout),
        ("503 Service Unavailable", b"", EngineBusy),
        ("503 Service Unavailable", b"Query timed out", EngineTimeout),
        ("504 Gateway Timeout", b"", EngineTimeout),
    ],
)
def test_a_status_is_told_as_what_it_means(
    status: str, body: bytes, error: type[Exception]
) -> None:
    with endpoint(response(status, "text/html", body)) as url, pytest.raises(error) as told:
        asked(url)
    assert type(told.value) is error
    if status.startswith("400"):
        assert str(told.value) == "Line 3: <b> expected"


def test_a_message_is_one_line_of_plain_text() -> None:
    page = b"<!DOCTYPE html><head><title>x</title></head><body onload='x()'><h1>Error\x1b[31m 400"
    page += b"</h1><script>alert(1)</script>\r\n\r\n<p>Unknown prefix\n\nSPARQL query:\nSELECT"
    assert message(page) == "Error [31m 400 Unknown prefix"
    assert len(message(b"a " * 5000)) <= 500
    assert message(b"\xff\xfe") == "\N{REPLACEMENT CHARACTER}" * 2


def test_silence_ends_at_the_time_limit_before_and_within_an_answer() -> None:
    for sent in (b"", response("200 OK", JSON, ROWS[:50], length=500)):
        started = time.monotonic()
        with endpoint(sent, then_wait=True) as url, pytest.raises(EngineTimeout):
            asked(url, timeout_s=1)
        assert time.monotonic() - started < 8


def test_nobody_listening_is_told_with_the_address() -> None:
    with endpoint(b"") as url:
        pass
    with pytest.raises(EngineAway, match=url):
        asked(url)


def test_an_error_of_the_reader_is_left_to_the_reader() -> None:
    class Full(io.RawIOBase):
        def write(self, _: object) -> int:
            raise MemoryError("full")

    with endpoint(response("200 OK", JSON, ROWS)) as url:
        answer = RemoteEngine(url, login=NOBODY).answer(ASKED["bindings"], Dataset(), first)
        with pytest.raises(MemoryError, match="full"):
            answer.write(Full())  # type: ignore[arg-type]


def test_a_login_is_read_from_the_environment_and_never_shown() -> None:
    both = {"CHARTERKB_STORE_USER": "me", "CHARTERKB_STORE_PASSWORD": "secret"}
    assert read_login({}) == NOBODY
    assert read_login(both).headers() == {"Authorization": "Basic bWU6c2VjcmV0"}
    assert Login(token="t").headers() == {"Authorization": "Bearer t"}
    assert "secret" not in repr(read_login(both))
    for wrong in (
        {**both, "CHARTERKB_STORE_TOKEN": "t"},
        {"CHARTERKB_STORE_PASSWORD": "secret"},
        {"CHARTERKB_STORE_TOKEN": "t\r\nX-Other: 1"},
    ):
        with pytest.raises(EngineError, match="CHARTERKB_STORE"):
            read_login(wrong)


ENDLESS = {
    "rows that never end": "SELECT ?a ?b ?c WHERE { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }",
    "a count": "SELECT (COUNT(*) AS ?n) WHERE { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }",
    "some rows, then none": (
        "SELECT ?a WHERE { { ?a a <http://www.w3.org/2002/07/owl#Class> } UNION "
        '{ ?a ?p ?b . ?c ?q ?d . FILTER(CONCAT(STR(?a), STR(?d)) = "x") } }'
    ),
    "a graph": "CONSTRUCT { ?a ?p ?d } WHERE { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }",
}


@pytest.fixture(scope="module", params=ENGINES)
def limited(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    sample_graphs: Graphs,
) -> Iterator[Running]:
    """Each engine in turn; those that a request cannot limit are limited when they start."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "oxigraph":
        running = oxigraph(folder, "--timeout-s", "1").start()
    elif request.param == "virtuoso":
        running = virtuoso(folder, limit_s=1)
    else:
        running = fuseki(folder).start()
    target = running.target(folder / "journal.json")
    publish(plan(sample_graphs, target, quiet), target, quiet)
    yield running
    running.kill()


class Sink(io.RawIOBase):
    """Counts what is written and keeps nothing."""

    size = 0

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Take some bytes."""
        self.size += len(data)
        return len(data)


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_a_query_without_end_is_given_up_and_never_a_whole_answer(
    limited: Running, text: str
) -> None:
    started = time.monotonic()
    with pytest.raises(EngineTimeout):
        limited.engine(timeout_s=1.5).answer(text, Dataset(), first).write(Sink())  # type: ignore[arg-type]
    assert time.monotonic() - started < 6


def test_what_virtuoso_leaves_out_is_missed(tmp_path: Path, tiny_graphs: Graphs) -> None:
    running = virtuoso(tmp_path, max_rows=50)
    try:
        target = running.target(tmp_path / "journal.json")
        graph, lines = max(tiny_graphs.items(), key=lambda item: len(item[1]))
        target.store.put(graph, lines)
        with pytest.raises(EngineError, match=r"a part of the answer only .*MaxRows"):
            running.engine().answer(ASKED["bindings"], Dataset(), first)
        with pytest.raises(EngineError, match=r"a part of the answer only .*MaxRows"):
            running.engine().answer(ASKED["graph"], Dataset(), first).body()
        target.store.put("urn:fifty", frozenset(sorted(lines)[:50]))
        fifty = "CONSTRUCT { ?a ?b ?c } WHERE { GRAPH <urn:fifty> { ?a ?b ?c } }"
        assert running.engine().answer(fifty, Dataset(), first).body()
        # A graph read from its graph store is cut without a word: only the count shows it.
        with pytest.raises(PublishError, match=r"gives 51 triples, the query endpoint counts"):
            plan(tiny_graphs, target, quiet)
    finally:
        running.kill()
