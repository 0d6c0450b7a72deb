"""HTTP/1.1 as the front speaks it (RFC 9110, RFC 9112), byte by byte over real sockets."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from server.front.http import _PIECE
from server.front.parsing import MAX_HEAD, MAX_HEADERS, BadRequest, Request, RequestReader
from server.front.replies import Reply
from tests.server.listening import PLAIN, Listening, listening
from tests.server.wire import Answer, Wire

HEAD = "Host: localhost\r\n"


@pytest.fixture(scope="module", params=[uvloop.new_event_loop, asyncio.new_event_loop])
def here(request: pytest.FixtureRequest) -> Iterator[Listening]:
    with listening(request.param) as running:
        yield running


@pytest.fixture
def wire(here: Listening) -> Iterator[Wire]:
    here.answers.handled.clear()
    with here.wire() as opened:
        yield opened


def told(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer
    facts = json.loads(answer.body)
    assert isinstance(facts, dict)
    return facts


def problem(answer: Answer) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    document = json.loads(answer.body)
    assert document["status"] == answer.status
    return answer.status, document["type"].rsplit("/", 1)[1]


def test_a_connection_is_kept_for_further_requests(wire: Wire) -> None:
    for path in ("/one", "/two", "/three"):
        answer = wire.ask(path)
        assert told(answer)["path"] == path
        assert "connection" not in answer.headers


def test_a_client_may_end_the_connection(wire: Wire) -> None:
    answer = wire.ask("/one", Connection="close")
    assert answer.headers["connection"] == "close"
    assert wire.rest() == b""


@pytest.mark.parametrize("extra", ["", "Connection: keep-alive\r\n", HEAD])
def test_http_1_0_gets_one_answer_and_an_end(wire: Wire, extra: str) -> None:
    wire.send(f"GET /old HTTP/1.0\r\n{extra}\r\n")
    assert told(wire.answer())["version"] == "1.0"
    assert wire.rest() == b""


def test_pipelined_requests_are_answered_in_their_order(here: Listening, wire: Wire) -> None:
    paths = [f"/{number}" for number in range(300)]
    wire.send(f"GET /wait HTTP/1.1\r\n{HEAD}\r\n")
    wire.send("".join(f"GET {path} HTTP/1.1\r\n{HEAD}\r\n" for path in paths))
    assert here.answers.arrived.acquire(timeout=20)
    assert here.answers.handled == ["/wait"], "none is taken up before its turn"
    here.release(Reply(200, PLAIN, b"first"))
    assert wire.answer().body == b"first"
    assert [told(wire.answer())["path"] for _ in paths] == paths


def test_few_requests_wait_in_a_parsed_state(here: Listening, wire: Wire) -> None:
    wire.send(f"GET /wait HTTP/1.1\r\n{HEAD}\r\n" + "GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 5000)
    assert here.answers.arrived.acquire(timeout=20)
    (connection,) = here.answers.connections
    assert here.do(lambda: len(connection._pending)) <= _PIECE // 25
    here.release(Reply(200, PLAIN, b"first"))
    assert [wire.answer().status for _ in range(5001)] == [200] * 5001


def test_a_broken_request_is_told_after_the_answers_before_it(here: Listening, wire: Wire) -> None:
    wire.send(f"GET /wait HTTP/1.1\r\n{HEAD}\r\nGET /next HTTP/1.1\r\n{HEAD}\r\nnonsense\r\n\r\n")
    assert here.answers.arrived.acquire(timeout=20)
    here.release(Reply(200, PLAIN, b"first"))
    assert wire.answer().body == b"first"
    assert told(wire.answer())["path"] == "/next"
    assert problem(wire.answer()) == (501, "unknown-method")
    assert wire.rest() == b""


@pytest.mark.parametrize("size", [0, 1, 999, 1000])
def test_a_body_comes_whole_however_it_is_sent(wire: Wire, size: int) -> None:
    body = "x" * size
    wire.send(f"POST /echo HTTP/1.1\r\n{HEAD}Content-Length: {size}\r\n\r\n{body}")
    assert told(wire.answer())["body"] == body
    pieces = [body[start : start + 7] for start in range(0, size, 7)]
    chunks = "".join(f"{len(piece):x};a=b\r\n{piece}\r\n" for piece in pieces)
    wire.send(f"POST /echo HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")
    assert told(wire.answer())["body"] == body


def test_headers_that_trail_a_body_are_none(wire: Wire) -> None:
    wire.send(f"POST /echo HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n")
    wire.send("1\r\nx\r\n0\r\nX-Forwarded-For: 192.0.2.1\r\nHost: evil\r\n\r\n")
    assert told(wire.answer())["headers"] == [
        ["host", "localhost"],
        ["transfer-encoding", "chunked"],
    ]


def test_a_client_is_asked_to_send_its_body(wire: Wire) -> None:
    wire.send(f"POST /echo HTTP/1.1\r\n{HEAD}Content-Length: 4\r\nExpect: 100-continue\r\n\r\n")
    assert wire.answer().status == 100
    wire.send("body")
    assert told(wire.answer())["body"] == "body"


def test_a_client_is_not_asked_for_a_body_that_will_be_refused(wire: Wire) -> None:
    wire.send(f"POST /echo HTTP/1.1\r\n{HEAD}Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
    assert problem(wire.answer()) == (413, "body-too-large")


def test_a_body_is_asked_for_when_its_turn_has_come(here: Listening, wire: Wire) -> None:
    wire.send(f"GET /wait HTTP/1.1\r\n{HEAD}\r\n")
    wire.send(f"POST /echo HTTP/1.1\r\n{HEAD}Content-Length: 4\r\nExpect: 100-continue\r\n\r\n")
    assert here.answers.arrived.acquire(timeout=20)
    here.release(Reply(200, PLAIN, b"first"))
    assert wire.answer().body == b"first", "not in the midst of another answer"
    assert wire.answer().status == 100
    wire.send("body")
    assert told(wire.answer())["body"] == "body"


def test_http_1_0_is_never_sent_an_interim_answer(wire: Wire) -> None:
    wire.send("POST /echo HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody")
    assert told(wire.answer())["body"] == "body"


@pytest.mark.parametrize("protocol", ["h2c", "websocket", "TLS/1.2"])
def test_an_offer_of_another_protocol_is_passed_over(wire: Wire, protocol: str) -> None:
    offer = f"{HEAD}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: {protocol}\r\n"
    wire.send(f"POST /one HTTP/1.1\r\n{offer}Content-Length: 4\r\n\r\nbody")
    wire.send(f"GET /two HTTP/1.1\r\n{offer}\r\nGET /three HTTP/1.1\r\n{HEAD}\r\n")
    first, second, third = (told(wire.answer()) for _ in range(3))
    assert (first["path"], first["body"]) == ("/one", "body")
    assert (second["path"], third["path"]) == ("/two", "/three")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_may_offer_http_2(here: Listening) -> None:
    command = ["curl", "-sS", "--http2", "--data", "query=ASK{}", f"http://127.0.0.1:{here.port}/"]
    done = subprocess.run(command, capture_output=True, timeout=20, check=True)
    assert json.loads(done.stdout)["body"] == "query=ASK{}"


def test_head_gives_the_length_and_no_body(here: Listening, wire: Wire) -> None:
    for path in ("/body?500", "/body?100000", "/file?5000000"):
        answer = wire.ask(path, "HEAD")
        assert answer.headers["content-length"] == path.split("?")[1]
    assert told(wire.ask("/echo"))["path"] == "/echo"


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 3_000_000])
@pytest.mark.parametrize("kind", ["body", "file"])
def test_answers_come_whole(wire: Wire, kind: str, size: int) -> None:
    assert len(wire.ask(f"/{kind}?{size}").body) == size
    assert told(wire.ask("/echo"))["path"] == "/echo"


def test_an_absolute_target_names_the_host_that_counts(wire: Wire) -> None:
    found = told(wire.ask("http://example.net:81/sparql?a=b"))
    assert (found["path"], found["query"]) == ("/sparql", "a=b")
    assert ["host", "example.net:81"] in found["headers"]
    assert told(wire.ask("http://[::1]/"))["headers"][0] == ["host", "[::1]"]
    assert told(wire.ask("HTTP://example.net"))["path"] == "/"


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/sparql", "/sparql", ""),
        ("/%73parql?a=%00%0d%0a", "/sparql", "a=%00%0d%0a"),
        ("//sparql", "/sparql", ""),
        ("/%2e%2e/etc%2fpasswd", "/%2e%2e/etc%2fpasswd", ""),
        ("/%", "/%", ""),
        ("/%zz%C3", "/%zz%C3", ""),
        ("/a?b?c#d", "/a", "b?c"),
        ("/" + "x" * 70_000 + "?" + "y" * 100_000, "/" + "x" * 70_000, "y" * 100_000),
        ("*", "/*", ""),
    ],
)
def test_targets_are_taken_as_they_are(wire: Wire, target: str, path: str, query: str) -> None:
    found = told(wire.ask(target, "OPTIONS"))
    assert (found["path"], found["query"]) == (path, query)


BROKEN = {
    "no version": "GET /\r\n\r\n",
    "version of long ago": f"GET / HTTP/0.9\r\n{HEAD}\r\n",
    "version to come": f"GET / HTTP/3.0\r\n{HEAD}\r\n",
    "blank in the target": f"GET /a b HTTP/1.1\r\n{HEAD}\r\n",
    "control character in the target": f"GET /a\x00b HTTP/1.1\r\n{HEAD}\r\n",
    "bytes in the target": f"GET /\xe9 HTTP/1.1\r\n{HEAD}\r\n",
    "no slash": f"GET a HTTP/1.1\r\n{HEAD}\r\n",
    "foreign scheme": f"GET ftp://a/ HTTP/1.1\r\n{HEAD}\r\n",
    "login in the target": f"GET http://a:b@c/ HTTP/1.1\r\n{HEAD}\r\n",
    "bare line feeds": "GET / HTTP/1.1\nHost: a\n\n",
    "blank before the colon": "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    "folded header": f"GET / HTTP/1.1\r\n{HEAD}X: a\r\n b\r\n\r\n",
    "NUL in a header": f"GET / HTTP/1.1\r\n{HEAD}X: a\x00b\r\n\r\n",
    "two lengths": f"POST / HTTP/1.1\r\n{HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "signed length": f"POST / HTTP/1.1\r\n{HEAD}Content-Length: +1\r\n\r\na",
    "list of lengths": f"POST / HTTP/1.1\r\n{HEAD}Content-Length: 1, 1\r\n\r\na",
    "chunked and length": (
        f"POST / HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"
        "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    ),
    "length and chunked": (
        f"POST / HTTP/1.1\r\n{HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    ),
    "coding of another kind": f"POST / HTTP/1.1\r\n{HEAD}Transfer-Encoding: gzip\r\n\r\nabc",
    "chunked not at the end": (
        f"POST / HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"
    ),
    "chunk of no length": f"POST / HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "chunk too long to count": (
        f"POST / HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n{'F' * 20}\r\n"
    ),
    "no host": "GET / HTTP/1.1\r\n\r\n",
    "two hosts": "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "host with markup": "GET / HTTP/1.1\r\nHost: <script>\r\n\r\n",
    "HTTP/2 unasked": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "invented method": f"MAKE / HTTP/1.1\r\n{HEAD}\r\n",
    "method in small letters": f"get / HTTP/1.1\r\n{HEAD}\r\n",
    "tunnel": f"CONNECT example.org:80 HTTP/1.1\r\n{HEAD}\r\n",
}
NOT_MALFORMED = {
    "no host": (400, "wrong-host"),
    "two hosts": (400, "wrong-host"),
    "host with markup": (400, "wrong-host"),
    "TLS": (501, "unknown-method"),
    "invented method": (501, "unknown-method"),
    "method in small letters": (501, "unknown-method"),
    "tunnel": (501, "unknown-method"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_breaks_http_is_told_and_ends_the_connection(
    here: Listening, wire: Wire, case: str
) -> None:
    wire.send(BROKEN[case])
    assert problem(wire.answer()) == NOT_MALFORMED.get(case, (400, "malformed-request"))
    assert wire.rest() == b""
    assert here.answers.handled == []


def test_too_many_headers_are_refused(wire: Wire) -> None:
    most = "".join(f"X-{number}: a\r\n" for number in range(MAX_HEADERS - 1))
    wire.send(f"GET / HTTP/1.1\r\n{HEAD}{most}\r\n")
    assert wire.answer().status == 200
    wire.send(f"GET / HTTP/1.1\r\n{HEAD}{most}X-More: a\r\n\r\n")
    assert problem(wire.answer()) == (431, "headers-too-large")


@pytest.mark.parametrize("place", ["target", "header", "name"])
def test_headers_that_are_too_long_are_refused_while_they_come(wire: Wire, place: str) -> None:
    long = "x" * (MAX_HEAD + 1)
    start = {
        "target": f"GET /{long}",
        "header": f"GET / HTTP/1.1\r\n{HEAD}X: {long}",
        "name": f"GET / HTTP/1.1\r\n{HEAD}{long}",
    }
    wire.send(start[place] + ("" if place != "name" else ": a\r\n"))
    if place == "header":
        wire.send("\r\n")
    assert problem(wire.answer()) == (431, "headers-too-large")


@pytest.mark.parametrize("size", [1001, 3_000_000])
def test_a_body_that_is_too_long_is_refused_and_the_refusal_can_be_read(
    wire: Wire, size: int
) -> None:
    """Who sends all of it before it reads must not find the connection reset."""
    wire.send(f"POST /echo HTTP/1.1\r\n{HEAD}Content-Length: {size}\r\n\r\n" + "x" * size)
    answer = wire.answer()
    assert problem(answer) == (413, "body-too-large")
    assert json.loads(answer.body)["limit"] == 1000
    assert json.loads(answer.body)["instance"] == "/echo"


def test_a_chunked_body_that_is_too_long_is_refused(wire: Wire) -> None:
    wire.send(f"POST /echo HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n")
    wire.send("3e9\r\n" + "x" * 1001)
    assert problem(wire.answer()) == (413, "body-too-large")


def test_a_fault_of_ours_is_answered_and_the_connection_goes_on(wire: Wire) -> None:
    answer = wire.ask("/fault")
    assert answer.status == 500
    assert b"a fault of ours" not in answer.body
    assert told(wire.ask("/echo"))["path"] == "/echo"


REQUESTS = (
    f"POST /a?b HTTP/1.1\r\n{HEAD}Content-Length: 3\r\n\r\nabc"
    f"GET /up HTTP/1.1\r\n{HEAD}Connection: upgrade\r\nUpgrade: h2c\r\n\r\n"
    f"POST /c HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
    f"QUERY /d HTTP/1.1\r\n{HEAD}Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 1\r\n\r\nf"
    "\r\nGET /bad HTTP/1.1\r\nHost : b\r\n\r\nGET /never HTTP/1.1\r\nHost: a\r\n\r\n"
).encode()


@given(st.lists(st.integers(0, len(REQUESTS)), max_size=12))
@settings(max_examples=300, deadline=None)
def test_requests_are_the_same_however_their_bytes_are_cut(cuts: list[int]) -> None:
    reader = RequestReader("192.0.2.1", 1000)
    found: list[Request | BadRequest] = []
    edges = [0, *sorted(cuts), len(REQUESTS)]
    for start, end in pairwise(edges):
        found += reader.feed(REQUESTS[start:end])
    *good, bad = found
    assert isinstance(bad, BadRequest)
    read = [(r.method, r.path, r.body) for r in good if isinstance(r, Request)]
    assert read == [
        ("POST", "/a", b"abc"),
        ("GET", "/up", b""),
        ("POST", "/c", b"de"),
        ("QUERY", "/d", b"f"),
    ]
