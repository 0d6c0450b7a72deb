"""The protocol as HTTP: bodies and their types, parameters, methods, who may read, what is kept."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client, TestResponse

from server.problem_details import problem_types
from tests.live import LiveServer

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
ONE = "SELECT (1 AS ?one) WHERE {}"
METHODS = "GET, HEAD, POST, QUERY, OPTIONS"
MARK = "\ufeff"


def kind(response: TestResponse) -> tuple[int, str]:
    """Return the status of a refusal and the name of its type."""
    assert response.content_type == "application/problem+json", response.text
    return response.status_code, json.loads(response.data)["type"].rsplit("/", 1)[1]


def values(response: TestResponse) -> list[str]:
    """Return the values of ?x in an answer."""
    assert response.status_code == 200, response.text
    return [row["x"]["value"] for row in json.loads(response.data)["results"]["bindings"]]


@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_a_byte_order_mark_before_a_query_is_no_part_of_it(client: Client, method: str) -> None:
    response = client.open("/sparql", method=method, data=(MARK + ONE).encode(), content_type=QUERY)
    assert response.status_code == 200
    form = urlencode({"query": MARK + ONE})
    assert client.open("/sparql", method=method, data=form, content_type=FORM).status_code == 200
    assert client.get(f"/sparql?{form}").status_code == 200


def test_a_byte_order_mark_elsewhere_is_what_it_is(client: Client) -> None:
    query = f'SELECT ("{MARK}" AS ?x) {{}}'
    assert values(client.post("/sparql", data=query.encode(), content_type=QUERY)) == [MARK]
    for text in (f"{MARK}{MARK}{ONE}", f"SELECT{MARK} (1 AS ?x) {{}}"):
        response = client.post("/sparql", data=text.encode(), content_type=QUERY)
        assert kind(response) == (400, "query-syntax")
    assert kind(client.post("/sparql", data=MARK.encode(), content_type=QUERY)) == (
        400,
        "empty-query",
    )


@pytest.mark.parametrize(
    ("encoded", "text"),
    [
        ("%2B", "+"),
        ("+", " "),
        ("%20", " "),
        ("%2520", "%20"),
        ("%252B", "%2B"),
        ("%C3%A9", "é"),
        ("é", "é"),
        ("%zz%4", "%zz%4"),
        ("%26query%3D", "&query="),
        (";", ";"),
        ("%F0%9F%8F%B3", "🏳"),
    ],
)
def test_percent_encoding_is_decoded_once(
    running: LiveServer, client: Client, encoded: str, text: str
) -> None:
    pairs = f"query=SELECT(%22{encoded}%22AS%3Fx)%7B%7D".encode()
    assert values(client.post("/sparql", data=pairs, content_type=FORM)) == [text]
    if encoded.isascii():
        connection = HTTPConnection("127.0.0.1", running.port, timeout=10)
        connection.request("GET", f"/sparql?{pairs.decode()}")
        document = json.loads(connection.getresponse().read())
        connection.close()
        assert document["results"]["bindings"][0]["x"]["value"] == text


@pytest.mark.parametrize("base", [FORM, QUERY])
@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ("", 200),
        ("; charset=utf-8", 200),
        (';charset="UTF-8"', 200),
        ("; Charset=Utf-8", 200),
        ("; charset=utf8; foo=bar", 200),
        ("; charset=utf-16", 415),
        ("; charset=iso-8859-1", 415),
        ("; charset=utf-8-sig", 415),
    ],
)
def test_bodies_are_read_as_utf_8_only(
    client: Client, base: str, parameters: str, status: int
) -> None:
    body = urlencode({"query": ONE}) if base == FORM else ONE
    for name in (base, base.title()):
        response = client.post("/sparql", data=body, content_type=name + parameters)
        assert response.status_code == status


@pytest.mark.parametrize("method", ["POST", "QUERY"])
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json", "*/*"])
def test_other_bodies_are_refused_with_those_that_are_taken(
    client: Client, method: str, content_type: str | None
) -> None:
    response = client.open("/sparql", method=method, data=ONE.encode(), content_type=content_type)
    assert kind(response) == (415, "unsupported-media-type")
    assert response.headers["Accept-Query"] == f"{QUERY}, {FORM}"
    assert response.headers["Accept-Post"] == f"{FORM}, {QUERY}"
    assert "Accept-Encoding" not in response.headers


@pytest.mark.parametrize("coding", ["gzip", "br", "gzip, identity", "GZIP"])
def test_a_coded_body_is_refused_with_the_coding_that_is_taken(client: Client, coding: str) -> None:
    headers = {"Content-Encoding": coding}
    response = client.post("/sparql", data=ONE, content_type=QUERY, headers=headers)
    assert kind(response) == (415, "unsupported-media-type")
    assert response.headers["Accept-Encoding"] == "identity"
    assert coding in json.loads(response.data)["sent"]
    plain = {"Content-Encoding": "Identity"}
    assert client.post("/sparql", data=ONE, content_type=QUERY, headers=plain).status_code == 200


@pytest.mark.parametrize(
    ("name", "one", "other"), [("timeout", "1", "2"), ("version", "1.1", "1.2")]
)
def test_a_parameter_with_two_values_is_refused(
    client: Client, name: str, one: str, other: str
) -> None:
    pairs = [("query", ONE), (name, one)]
    twice = client.get("/sparql?" + urlencode([*pairs, (name, other)]))
    apart = client.post(
        "/sparql?" + urlencode({name: other}), data=urlencode(pairs), content_type=FORM
    )
    for response in (twice, apart):
        assert kind(response) == (400, "wrong-value")
        assert name in json.loads(response.data)["detail"]
    assert client.get("/sparql?" + urlencode([*pairs, (name, one)])).status_code == 200


def test_of_two_names_for_a_format_the_first_counts(client: Client) -> None:
    """SPARQLWrapper sends the short name, then the media type."""
    pairs = [("query", ONE), ("format", "tsv"), ("format", "text/tab-separated-values")]
    pairs += [("output", "tsv"), ("results", "tsv")]
    response = client.get("/sparql?" + urlencode(pairs))
    assert (response.status_code, response.mimetype) == (200, "text/tab-separated-values")


def test_parameters_that_nobody_knows_are_passed_over(client: Client) -> None:
    pairs = {"query": ONE, "should-sponge": "", "output": "x", "Query": "y", "default-graph": "z"}
    assert client.get("/sparql?" + urlencode(pairs)).status_code == 200


@pytest.mark.parametrize("content_type", [FORM, QUERY])
def test_a_request_by_query_is_read_like_a_post(client: Client, content_type: str) -> None:
    body = urlencode({"query": ONE}) if content_type == FORM else ONE
    answers = [
        client.open("/sparql", method=method, data=body, content_type=content_type)
        for method in ("POST", "QUERY")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].data == answers[1].data
    assert kind(client.open("/sparql", method="QUERY", data="", content_type=QUERY)) == (
        400,
        "empty-query",
    )


def test_what_a_request_by_query_may_hold_is_told_where_one_would_look(client: Client) -> None:
    for accept in ("text/turtle", "text/html"):
        response = client.get("/sparql", headers={"Accept": accept})
        assert response.headers["Accept-Query"] == f"{QUERY}, {FORM}"


@pytest.mark.parametrize("method", ["GET", "POST", "QUERY"])
def test_a_browser_may_send_any_of_them_from_anywhere(client: Client, method: str) -> None:
    headers = {
        "Origin": "https://example.org",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type, accept",
    }
    response = client.options("/sparql", headers=headers)
    assert (response.status_code, response.data) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Methods"] == METHODS
    assert response.headers["Access-Control-Allow-Headers"] == "Accept, Content-Type"
    assert response.headers["Access-Control-Max-Age"] == "86400"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert response.headers["Allow"] == METHODS
    assert QUERY in response.headers["Accept-Query"]


def test_head_tells_of_the_description_and_of_refusals_too(client: Client) -> None:
    for url in ("/sparql", "/sparql?query=ASK", "/sparql?update=x"):
        got, head = client.get(url), client.head(url)
        assert (head.status_code, head.data) == (got.status_code, b"")
        for name in ("Content-Type", "Content-Length"):
            assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "QUERY"])
def test_a_slash_at_the_end_leads_to_the_endpoint_with_all_that_was_sent(
    client: Client, method: str
) -> None:
    pairs = "query=ASK%20%7B%7D%20%23%2B%C3%A9"
    response = client.open(f"/sparql/?{pairs}", method=method, content_type=QUERY)
    assert (response.status_code, response.headers["Location"]) == (308, f"/sparql?{pairs}")
    assert client.get("/sparql/").headers["Location"] == "/sparql"


EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.mark.parametrize("accept", ["*/*", "text/plain", "text/html"])
def test_no_refusal_repeats_markup(client: Client, accept: str) -> None:
    requests = [
        {"query": EVIL},
        {"query": f"SELECT * FROM <http://example.org/{'x' * 9}'\"&> {{}} {EVIL}"},
        {"query": ONE, "format": EVIL},
        {"query": ONE, "version": EVIL},
        {"query": ONE, "timeout": EVIL},
        {"query": ONE, "default-graph-uri": EVIL},
        {"query": ONE, EVIL: "x", "default-graph-uri": ""},
    ]
    for pairs in requests:
        response = client.get("/sparql?" + urlencode(pairs), headers={"Accept": accept})
        assert 400 <= response.status_code < 500
        if response.mimetype != "text/plain":
            assert "<script" not in response.text and "<img src=x" not in response.text
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    response = client.post("/sparql", data=b"x", content_type=f'a/b;c="{EVIL}"')
    assert "<script" not in response.text


def test_every_problem_is_told_in_two_languages_with_the_same_places() -> None:
    for problem in problem_types().values():
        assert set(problem.title) == set(problem.detail) == {"en", "fr"}
        assert problem.detail["en"].count("{") == problem.detail["fr"].count("{")
