"""SPARQL 1.1 Protocol §2.1, restated: what a client may send, and what it is told when it errs."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server import create_app
from server.settings import Settings
from server.site import Site, make_site

JSON = "application/sparql-results+json"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
ONE = "SELECT (1 AS ?one) WHERE {}"
BASE = "https://w3id.org/digital-rights-charter/"
PROPOSAL_GRAPH = f"{BASE}graph/proposals/charter-of-fundamental-digital-rights"
ACTOR_GRAPH = f"{BASE}graph/actors/benoit-thieulin"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"


def problem(response: TestResponse, status: int, kind: str) -> dict[str, object]:
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    document = json.loads(response.data)
    assert document["status"] == status
    assert document["type"] == f"{BASE}problem/{kind}"
    assert document["title"] and document["detail"] and document["instance"] == "/sparql"
    assert isinstance(document, dict)
    return document


def count(response: TestResponse) -> int:
    assert response.status_code == 200, response.text
    return int(json.loads(response.data)["results"]["bindings"][0]["n"]["value"])


def get(client: FlaskClient, query: str, *pairs: tuple[str, str]) -> TestResponse:
    return client.get("/sparql?" + urlencode([("query", query), *pairs]))


@pytest.mark.parametrize(
    ("method", "url", "content_type", "body"),
    [
        ("GET", "/sparql?" + urlencode({"query": ONE}), None, b""),
        ("POST", "/sparql", FORM, urlencode({"query": ONE}).encode()),
        ("POST", "/sparql", f"{FORM}; charset=UTF-8", urlencode({"query": ONE}).encode()),
        ("POST", "/sparql?" + urlencode({"query": ONE}), FORM, b""),
        ("POST", "/sparql", QUERY, ONE.encode()),
        ("POST", "/sparql", f"{QUERY};charset=utf-8", ONE.encode()),
        ("QUERY", "/sparql", QUERY, ONE.encode()),
    ],
)
def test_each_way_of_sending_a_query_is_answered(
    client: FlaskClient, method: str, url: str, content_type: str | None, body: bytes
) -> None:
    response = client.open(url, method=method, content_type=content_type, data=body)
    assert response.status_code == 200, response.text
    assert response.content_type == JSON
    assert json.loads(response.data)["results"]["bindings"][0]["one"]["value"] == "1"


@pytest.mark.parametrize("form", ["SELECT * {?s ?p ?o} LIMIT 1", "ASK {?s ?p ?o}"])
def test_select_and_ask_answer_with_results(client: FlaskClient, form: str) -> None:
    document = json.loads(get(client, form).data)
    assert document.get("boolean") is True or len(document["results"]["bindings"]) == 1


@pytest.mark.parametrize(
    "form",
    ["CONSTRUCT {?s ?p ?o} WHERE {?s ?p ?o} LIMIT 3", f"DESCRIBE <{BASE}id/state/france>"],
)
def test_construct_and_describe_answer_with_a_graph(client: FlaskClient, form: str) -> None:
    response = get(client, form)
    assert response.status_code == 200
    assert response.content_type == "text/turtle; charset=utf-8"
    assert response.data.strip()


def test_percent_encoding_is_decoded_once_by_get_and_by_post(client: FlaskClient) -> None:
    query = 'SELECT ?x WHERE { VALUES ?x { <http://example.org/a%20b+c> "1%2B1" } }'
    encoded = urlencode({"query": query})
    bodies = [
        client.get(f"/sparql?{encoded}"),
        client.post("/sparql", data=encoded, content_type=FORM),
        client.post("/sparql", data=query, content_type=QUERY),
    ]
    for response in bodies:
        found = [row["x"]["value"] for row in json.loads(response.data)["results"]["bindings"]]
        assert sorted(found) == ["1%2B1", "http://example.org/a%20b+c"]


def test_a_default_graph_parameter_restricts_the_query(client: FlaskClient) -> None:
    whole = count(get(client, COUNT))
    one = count(get(client, COUNT, ("default-graph-uri", PROPOSAL_GRAPH)))
    other = count(get(client, COUNT, ("default-graph-uri", ACTOR_GRAPH)))
    assert 0 < one < whole and 0 < other < whole
    both = [("default-graph-uri", PROPOSAL_GRAPH), ("default-graph-uri", ACTOR_GRAPH)]
    assert count(get(client, COUNT, *both)) == one + other
    # With default graphs only, no named graph is in the dataset (Protocol §2.1.4).
    assert count(get(client, COUNT_NAMED, *both)) == 0


def test_named_graph_parameters_leave_an_empty_default_graph(client: FlaskClient) -> None:
    both = [("named-graph-uri", PROPOSAL_GRAPH), ("named-graph-uri", ACTOR_GRAPH)]
    assert count(get(client, COUNT, *both)) == 0
    one = count(get(client, COUNT_NAMED, both[0]))
    assert 0 < one < count(get(client, COUNT_NAMED, *both))


def test_protocol_parameters_override_from_clauses(client: FlaskClient) -> None:
    query = f"SELECT (COUNT(*) AS ?n) FROM <{ACTOR_GRAPH}> WHERE {{ ?s ?p ?o }}"
    by_clause = count(get(client, query))
    overridden = count(get(client, query, ("default-graph-uri", PROPOSAL_GRAPH)))
    assert by_clause == count(get(client, COUNT, ("default-graph-uri", ACTOR_GRAPH)))
    assert overridden == count(get(client, COUNT, ("default-graph-uri", PROPOSAL_GRAPH)))
    assert by_clause != overridden


@pytest.mark.parametrize("content_type", [FORM, QUERY])
def test_dataset_parameters_count_in_both_post_forms(
    client: FlaskClient, content_type: str
) -> None:
    url = "/sparql?" + urlencode({"default-graph-uri": PROPOSAL_GRAPH})
    body = urlencode({"query": COUNT}) if content_type == FORM else COUNT
    expected = count(get(client, COUNT, ("default-graph-uri", PROPOSAL_GRAPH)))
    assert count(client.post(url, data=body, content_type=content_type)) == expected
    in_form = urlencode({"query": COUNT, "default-graph-uri": PROPOSAL_GRAPH})
    assert count(client.post("/sparql", data=in_form, content_type=FORM)) == expected


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
        assert document["graph"] == graph
    for name in ("default-graph-uri", "named-graph-uri"):
        problem(get(client, "ASK {}", (name, graph)), 403, "graph-refused")


def test_the_refusal_of_a_graph_says_where_graphs_are_listed(
    client: FlaskClient, site: Site
) -> None:
    document = problem(get(client, "ASK FROM <http://example.org/> {}"), 403, "graph-refused")
    listed = json.loads(client.get(str(document["graphs"])).data)["results"]["bindings"]
    assert {row["g"]["value"] for row in listed} == set(site.dataset.graphs)


@pytest.fixture(scope="module")
def narrow(site: Site) -> FlaskClient:
    """A client of a site with low limits."""
    settings = Settings(max_query=200, max_body=1000)
    return create_app(make_site(site.engine, site.layout, settings)).test_client()


@pytest.mark.parametrize("method", ["GET", "FORM", "QUERY"])
def test_a_query_over_the_limit_is_too_large(narrow: FlaskClient, method: str) -> None:
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
def test_a_body_over_the_limit_is_too_large(narrow: FlaskClient, content_type: str) -> None:
    response = narrow.post("/sparql", data="query=" + "x" * 1000, content_type=content_type)
    assert problem(response, 413, "body-too-large")["limit"] == 1000


def test_too_many_parameters_are_refused(client: FlaskClient) -> None:
    problem(client.get("/sparql?" + "a=1&" * 2000), 400, "wrong-value")


def test_head_answers_like_get_without_a_body(client: FlaskClient) -> None:
    url = "/sparql?" + urlencode({"query": COUNT})
    got, head = client.get(url), client.head(url)
    assert head.data == b""
    assert got.data
    for name in ("Content-Type", "Content-Length", "ETag", "Vary", "Cache-Control"):
        assert head.headers[name] == got.headers[name]


def test_options_tells_methods_and_lets_every_origin_ask(client: FlaskClient) -> None:
    response = client.options(
        "/sparql",
        headers={"Origin": "https://example.org", "Access-Control-Request-Method": "POST"},
    )
    assert response.status_code == 204
    methods = "GET, HEAD, POST, QUERY, OPTIONS"
    assert response.headers["Allow"] == methods
    assert response.headers["Access-Control-Allow-Methods"] == methods
    assert response.headers["Access-Control-Allow-Headers"] == "Accept, Content-Type"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("query", [ONE, "SELECT", "ASK { SERVICE <http://127.0.0.1:9/> {} }"])
def test_answers_and_refusals_may_be_read_by_every_origin(client: FlaskClient, query: str) -> None:
    headers = get(client, query).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Expose-Headers"] == "Link, ETag, Retry-After"
    assert "Access-Control-Allow-Credentials" not in headers


def test_an_etag_spares_a_second_answer(client: FlaskClient) -> None:
    url = "/sparql?" + urlencode({"query": COUNT})
    first = client.get(url)
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    again = client.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
    other_format = client.get(url, headers={"Accept": "text/csv"})
    other_graph = get(client, COUNT, ("default-graph-uri", PROPOSAL_GRAPH))
    assert len({tag, other_format.headers["ETag"], other_graph.headers["ETag"]}) == 3


def test_the_endpoint_works_under_any_host(app: Flask) -> None:
    client = app.test_client()
    response = client.get(
        "/sparql?" + urlencode({"query": "SELECT ?s {?s a ?c} LIMIT 1"}),
        base_url="https://example.net:8443",
    )
    row = json.loads(response.data)["results"]["bindings"][0]
    assert row["s"]["value"].startswith(BASE)
