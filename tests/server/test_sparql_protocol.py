"""SPARQL 1.1 Protocol §2.1, restated: what a client may send, and what comes back."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

JSON = "application/sparql-results+json"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
ONE = "SELECT (1 AS ?one) WHERE {}"
BASE = "https://w3id.org/digital-rights-charter/"
PROPOSAL_GRAPH = f"{BASE}graph/proposals/charter-of-fundamental-digital-rights"
ACTOR_GRAPH = f"{BASE}graph/actors/benoit-thieulin"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"


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


def test_a_graph_named_twice_counts_once(client: FlaskClient) -> None:
    pair = ("default-graph-uri", PROPOSAL_GRAPH)
    assert count(get(client, COUNT, pair, pair)) == count(get(client, COUNT, pair))


@pytest.mark.parametrize("clause", ["FROM<@>", "FROM g:charter-of-fundamental-digital-rights "])
@pytest.mark.parametrize("form", ["PREFIX g:<#>SELECT (COUNT(*) AS ?n)@{?s ?p ?o}"])
def test_clauses_glued_to_their_neighbours_count(
    client: FlaskClient, form: str, clause: str
) -> None:
    query = form.replace("@", clause).replace("#", f"{BASE}graph/proposals/")
    expected = count(get(client, COUNT, ("default-graph-uri", PROPOSAL_GRAPH)))
    for text in (query, query.replace("FROM g:", "FROMg:")):
        assert count(get(client, text.replace("@", PROPOSAL_GRAPH))) == expected
    nothing = query.replace("FROM g:", "FROMNAMEDg:").replace("FROM<", "FROMNAMED<")
    assert count(get(client, nothing.replace("@", PROPOSAL_GRAPH))) == 0


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
    assert headers["Access-Control-Expose-Headers"] == "Link, ETag, Retry-After, Rows-Shown"
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


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()", "struuid()"])
def test_what_is_new_each_time_is_not_kept(client: FlaskClient, function: str) -> None:
    response = get(client, f"SELECT ({function} AS ?x) WHERE {{}}")
    assert response.status_code == 200
    assert "ETag" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"


def test_the_endpoint_works_under_any_host(client: FlaskClient) -> None:
    response = client.get(
        "/sparql?" + urlencode({"query": "SELECT ?s {?s a ?c} LIMIT 1"}),
        headers={"Host": "example.net:8443"},
    )
    row = json.loads(response.data)["results"]["bindings"][0]
    assert row["s"]["value"].startswith(BASE)
