"""What the endpoint refuses, with which status, and how it says why (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from server.site import Site
from tests.live import serving

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
ONE = "SELECT (1 AS ?one) WHERE {}"
BASE = "https://w3id.org/digital-rights-charter/"


def problem(response: TestResponse, status: int, kind: str) -> dict[str, object]:
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    document = json.loads(response.data)
    assert document["status"] == status
    assert document["type"] == f"{BASE}problem/{kind}"
    assert document["title"] and document["detail"] and document["instance"] == "/sparql"
    assert isinstance(document, dict)
    return document


def get(client: FlaskClient, query: str, *pairs: tuple[str, str]) -> TestResponse:
    return client.get("/sparql?" + urlencode([("query", query), *pairs]))


@pytest.mark.parametrize(
    ("url", "content_type", "body"),
    [
        ("/sparql?" + urlencode([("query", ONE), ("query", ONE)]), None, None),
        ("/sparql", FORM, urlencode([("query", ONE), ("query", ONE)])),
        ("/sparql?" + urlencode({"query": ONE}), FORM, urlencode({"query": ONE})),
        ("/sparql?" + urlencode({"query": ONE}), QUERY, ONE),
    ],
)
def test_two_queries_are_refused(
    client: FlaskClient, url: str, content_type: str | None, body: str | None
) -> None:
    method = "GET" if body is None else "POST"
    response = client.open(url, method=method, data=body, content_type=content_type)
    assert problem(response, 400, "several-queries")["count"] == 2


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(client: FlaskClient, method: str) -> None:
    response = client.open("/sparql?" + urlencode({"query": ONE}), method=method)
    problem(response, 405, "method-not-allowed")
    allowed = {name.strip() for name in response.headers["Allow"].split(",")}
    assert allowed == {"GET", "HEAD", "POST", "QUERY", "OPTIONS"}


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override"])
def test_no_header_changes_the_method(client: FlaskClient, header: str) -> None:
    response = client.get("/sparql?" + urlencode({"query": ONE}), headers={header: "DELETE"})
    assert response.status_code == 200
    assert client.put("/sparql", headers={header: "GET"}).status_code == 405


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/json", "multipart/form-data", f"{QUERY}; charset=latin-1"],
)
def test_other_content_types_are_not_supported(
    client: FlaskClient, content_type: str | None
) -> None:
    response = client.post("/sparql", data=ONE.encode(), content_type=content_type)
    document = problem(response, 415, "unsupported-media-type")
    assert document["supported"] == [FORM, QUERY]


@pytest.mark.parametrize(
    ("url", "content_type", "body"),
    [
        ("/sparql?query=ASK%7B%7D%20%23%FF", None, None),
        ("/sparql", FORM, b"query=ASK%7B%7D%20%23%E9"),
        ("/sparql", FORM, "query=ASK{} #é".encode("latin-1")),
        ("/sparql", QUERY, "ASK {} # é".encode("latin-1")),
        ("/sparql", QUERY, ONE.encode("utf-16")),
    ],
)
def test_what_is_not_utf_8_is_refused(
    client: FlaskClient, url: str, content_type: str | None, body: bytes | None
) -> None:
    method = "GET" if body is None else "POST"
    response = client.open(url, method=method, data=body, content_type=content_type)
    problem(response, 400, "not-utf-8")


def test_a_post_without_query_is_refused(client: FlaskClient) -> None:
    problem(client.post("/sparql", data="format=json", content_type=FORM), 400, "missing-query")


@pytest.mark.parametrize("query", ["", "   ", "\n\t"])
def test_an_empty_query_is_refused(client: FlaskClient, query: str) -> None:
    problem(get(client, query), 400, "empty-query")
    problem(client.post("/sparql", data=query, content_type=QUERY), 400, "empty-query")


@pytest.mark.parametrize("query", ["SELECT * WHERE {\n  ?s ?p }", "nonsense", "SELECT ?x", "ASK {"])
def test_a_malformed_query_is_told_where_it_breaks(client: FlaskClient, query: str) -> None:
    document = problem(get(client, query), 400, "query-syntax")
    assert document["line"] == query.count("\n") + 1
    assert isinstance(document["column"], int) and document["column"] > 0
    assert "\\u{" not in str(document["detail"])


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <a:a> <a:a> <a:a> }",
        "delete where { ?s ?p ?o }",
        "LOAD <http://127.0.0.1:9/x>",
        "PREFIX insert: <http://example.org/> # SELECT\n CLEAR ALL",
        "BASE <http://example.org/> DROP GRAPH <x>",
        "CREATE GRAPH <a:a>",
        "WITH <a:a> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "\\u0049NSERT DATA { <a:a> <a:a> <a:a> }",
    ],
)
def test_an_update_sent_as_a_query_is_forbidden(client: FlaskClient, update: str) -> None:
    problem(get(client, update), 403, "update-refused")
    problem(client.post("/sparql", data=update, content_type=QUERY), 403, "update-refused")


def test_every_way_of_sending_an_update_is_forbidden(client: FlaskClient) -> None:
    update = urlencode({"update": "CLEAR ALL"})
    sent_as_update = client.post(
        "/sparql", data="CLEAR ALL", content_type="application/sparql-update"
    )
    for response in (
        client.get(f"/sparql?{update}"),
        client.post("/sparql", data=update, content_type=FORM),
        sent_as_update,
    ):
        problem(response, 403, "update-refused")


@pytest.mark.parametrize(
    "graph",
    [
        "http://example.org/remote.ttl",
        "https://example.org/remote.ttl",
        "file:///etc/passwd",
        "http://127.0.0.1:9/",
        f"{BASE}graph/texts",
        f"{BASE}graph/unknown",
        "relative",
    ],
)
def test_graphs_that_are_not_ours_are_forbidden(client: FlaskClient, graph: str) -> None:
    texts = [
        f"SELECT * FROM <{graph}> WHERE {{ ?s ?p ?o }} LIMIT 1",
        f"SELECT * from named <{graph}> WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }} LIMIT 1",
        f"PREFIX p: <{graph}> ASK FROM p: {{ ?s ?p ?o }}",
    ]
    for text in texts:
        document = problem(get(client, text), 403, "graph-refused")
        # A relative name is read against the base of all our names.
        assert document["graph"] == (f"{BASE}{graph}" if graph == "relative" else graph)
    for name in ("default-graph-uri", "named-graph-uri"):
        problem(get(client, "ASK {}", (name, graph)), 403, "graph-refused")


def test_the_refusal_of_a_graph_says_where_graphs_are_listed(
    client: FlaskClient, site: Site
) -> None:
    document = problem(get(client, "ASK FROM <http://example.org/> {}"), 403, "graph-refused")
    listed = json.loads(client.get(str(document["graphs"])).data)["results"]["bindings"]
    assert {row["g"]["value"] for row in listed} == set(site.dataset.graphs)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a server with low limits."""
    log = tmp_path_factory.mktemp("narrow") / "log"
    with serving(log, "--max-query", "200", CHARTERKB_MAX_BODY="1000") as server:
        yield server.client()


@pytest.mark.parametrize("method", ["GET", "FORM", "QUERY"])
def test_a_query_over_the_limit_is_too_large(narrow: Client, method: str) -> None:
    def send(query: str) -> TestResponse:
        if method == "GET":
            return get(narrow, query)
        if method == "FORM":
            return narrow.post("/sparql", data=urlencode({"query": query}), content_type=FORM)
        return narrow.post("/sparql", data=query, content_type=QUERY)

    exact = ONE + " " * (200 - len(ONE))
    assert send(exact).status_code == 200
    document = problem(send(exact + " "), 413, "query-too-large")
    assert (document["size"], document["limit"]) == (201, 200)
    # A limit counts bytes, not characters.
    problem(send(ONE + "#" + "é" * 90), 413, "query-too-large")


@pytest.mark.parametrize("content_type", [FORM, QUERY])
def test_a_body_over_the_limit_is_too_large(narrow: Client, content_type: str) -> None:
    response = narrow.post("/sparql", data="query=" + "x" * 1000, content_type=content_type)
    assert problem(response, 413, "body-too-large")["limit"] == 1000


def test_too_many_parameters_are_refused(client: FlaskClient) -> None:
    problem(client.get("/sparql?" + "a=1&" * 2000), 400, "wrong-value")


def test_an_unknown_function_is_the_fault_of_the_query(client: FlaskClient) -> None:
    for query in ("SELECT (<http://e/f>(1) AS ?x) {}", "ASK { FILTER(<http://e/f>(1)) }"):
        document = problem(get(client, query), 400, "query-syntax")
        assert "http://e/f" in str(document["detail"])


def test_a_compressed_body_is_refused(client: FlaskClient) -> None:
    response = client.post(
        "/sparql", data=ONE, content_type=QUERY, headers={"Content-Encoding": "gzip"}
    )
    assert problem(response, 415, "unsupported-media-type")["sent"] == f"{QUERY} (gzip)"
