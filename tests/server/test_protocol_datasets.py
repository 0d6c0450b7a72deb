"""SPARQL 1.1 Protocol, the cases of its datasets and operations, over a base of three graphs.

Each graph describes one thing, named like it, so that what a query finds tells what it read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from kb import EmbeddedEngine
from kb.engine import FORMATS, Dataset
from server.guard import check_query
from tests.live import serving

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
PLACE = "http://example.org/graph/"
RED, GREEN, BLUE = (f"{PLACE}{name}" for name in ("red", "green", "blue"))
IN_DEFAULT = "SELECT ?x WHERE { ?x a ?type }"
IN_NAMED = "SELECT ?x WHERE { GRAPH ?g { ?x a ?type } }"
WAYS = ("GET", "form", "direct", "QUERY")
Pairs = list[tuple[str, str]]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a server over the three graphs."""
    folder = tmp_path_factory.mktemp("three")
    rdf_type = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    lines = [f"<{g}> {rdf_type} <http://example.org/Thing> <{g}> ." for g in (RED, GREEN, BLUE)]
    file = folder / "three.nq"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with serving(folder / "log", "--store", str(file)) as server:
        yield server.client()


def send(client: Client, way: str, query: str, dataset: Pairs) -> TestResponse:
    """Send a query in one of the ways that the protocol has for it."""
    if way == "GET":
        return client.get("/sparql?" + urlencode([("query", query), *dataset]))
    if way == "form":
        body = urlencode([("query", query), *dataset])
        return client.post("/sparql", data=body, content_type=FORM)
    method = "QUERY" if way == "QUERY" else "POST"
    url = f"/sparql?{urlencode(dataset)}"
    return client.open(url, method=method, data=query.encode(), content_type=QUERY)


def found(response: TestResponse) -> set[str]:
    """Return the colours that an answer holds, each of which it may hold but once."""
    assert response.status_code == 200, response.text
    rows = json.loads(response.data)["results"]["bindings"]
    values = [row["x"]["value"].removeprefix(PLACE) for row in rows]
    assert len(values) == len(set(values))
    return set(values)


DATASETS: list[tuple[Pairs, set[str], set[str]]] = [
    ([], {"red", "green", "blue"}, {"red", "green", "blue"}),
    ([("default-graph-uri", RED)], {"red"}, set()),
    ([("default-graph-uri", RED), ("default-graph-uri", GREEN)], {"red", "green"}, set()),
    ([("default-graph-uri", RED), ("default-graph-uri", RED)], {"red"}, set()),
    ([("named-graph-uri", RED), ("named-graph-uri", GREEN)], set(), {"red", "green"}),
    ([("named-graph-uri", RED), ("named-graph-uri", RED)], set(), {"red"}),
    (
        [("default-graph-uri", BLUE), ("named-graph-uri", RED), ("named-graph-uri", GREEN)],
        {"blue"},
        {"red", "green"},
    ),
    ([("default-graph-uri", RED), ("named-graph-uri", RED)], {"red"}, {"red"}),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("dataset", "default", "named"), DATASETS)
def test_parameters_choose_the_dataset_in_every_way_of_sending(
    three: Client, way: str, dataset: Pairs, default: set[str], named: set[str]
) -> None:
    assert found(send(three, way, IN_DEFAULT, dataset)) == default
    assert found(send(three, way, IN_NAMED, dataset)) == named


@pytest.mark.parametrize("way", WAYS)
def test_parameters_take_the_place_of_clauses_of_either_kind(three: Client, way: str) -> None:
    clauses = f"SELECT ?x FROM <{RED}> FROM NAMED <{GREEN}> WHERE "
    either = clauses + "{ { ?x a ?t } UNION { GRAPH ?g { ?x a ?t } } }"
    assert found(send(three, way, either, [])) == {"red", "green"}
    assert found(send(three, way, either, [("default-graph-uri", BLUE)])) == {"blue"}
    assert found(send(three, way, either, [("named-graph-uri", BLUE)])) == {"blue"}


@pytest.mark.parametrize(
    ("clauses", "default", "named"),
    [
        (f"FROM <{RED}> FROM <{RED}>", {"red"}, set()),
        (f"FROM <{RED}>\n\tFROM # again\n <{RED}> FROM <{GREEN}>", {"red", "green"}, set()),
        (f"from named <{RED}> FROM NAMED <{RED}>", set(), {"red"}),
        (f"FROM <{RED}> FROM NAMED <{RED}>", {"red"}, {"red"}),
        (f"FROM <{RED}> FROM c:red FROM <http://example.org/\\u0067raph/red>", {"red"}, set()),
    ],
)
def test_a_graph_named_twice_by_clauses_is_read_once(
    three: Client, clauses: str, default: set[str], named: set[str]
) -> None:
    query = f"PREFIX c: <{PLACE}> SELECT ?x {clauses} WHERE "
    assert found(send(three, "direct", query + "{ ?x a ?type }", [])) == default
    assert found(send(three, "direct", query + "{ GRAPH ?g { ?x a ?type } }", [])) == named


SPELLINGS = ("<{place}{name}>", "c:{name}", "\t<{place}{name}>#c\n", "<gr\\u0061ph/{name}>")
CLAUSES = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["red", "green"]), st.sampled_from(SPELLINGS))
)


@given(CLAUSES)
@settings(deadline=None)
def test_however_graphs_are_named_each_counts_once(
    clauses: list[tuple[bool, str, str]],
) -> None:
    store = ox.Store()
    for graph in (RED, GREEN):
        node = ox.NamedNode(graph)
        store.add(ox.Quad(node, node, node, node))
    written = " ".join(
        f"FROM {'NAMED ' * named}{spelling.format(place=PLACE, name=name)}"
        for named, name, spelling in clauses
    )
    query = f"BASE <http://example.org/> PREFIX c: <{PLACE}> SELECT ?x {written} WHERE "
    both = query + "{ { ?x ?p ?o } UNION { GRAPH ?g { ?x ?p ?o } } }"
    checked = check_query(both, Dataset(), {RED, GREEN})
    assert len(checked) == len(both)
    answer = EmbeddedEngine(store).answer(checked, Dataset(), lambda kind: FORMATS[kind][0])
    rows = json.loads(answer.body())["results"]["bindings"]
    expected = len({clause[:2] for clause in clauses}) if clauses else 4
    assert len(rows) == expected


def test_what_is_wrong_is_told_at_its_own_place_also_after_a_repeated_clause(
    three: Client,
) -> None:
    query = f"SELECT ?x FROM <{RED}>\nFROM <{RED}> WHERE {{ ?x }}"
    response = send(three, "direct", query, [])
    document = json.loads(response.data)
    assert (response.status_code, document["line"]) == (400, 2)
    assert query.splitlines()[1][: document["column"] - 1].endswith("?x }")


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
def test_a_graph_without_a_name_is_refused(three: Client, name: str) -> None:
    response = send(three, "GET", IN_DEFAULT, [(name, "")])
    document = json.loads(response.data)
    assert (response.status_code, document["type"].rsplit("/", 1)[1]) == (400, "wrong-value")
    assert name in document["detail"]


def test_relative_names_are_read_from_the_name_of_the_base(three: Client) -> None:
    query = "CONSTRUCT { <s> <#p> 1 } WHERE {}"
    response = send(three, "direct", query, [])
    assert response.status_code == 200
    base = "https://w3id.org/digital-rights-charter/"
    text = client_text(three, query)
    assert f"<{base}s> <{base}#p>" in text
    own = "BASE <http://example.org/> CONSTRUCT { <s> <#p> 1 } WHERE {}"
    assert "<http://example.org/s>" in client_text(three, own)
    refused = send(three, "direct", "ASK FROM <graph/none> {}", [])
    assert json.loads(refused.data)["graph"] == f"{base}graph/none"


def client_text(client: Client, query: str) -> str:
    """Return the answer to a query as N-Triples."""
    return client.get("/sparql?" + urlencode({"query": query, "format": "nt"})).text


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("query", "accept", "content_type"),
    [
        ("SELECT (1 AS ?x) {}", "*/*", "application/sparql-results+json"),
        ("ASK {}", "*/*", "application/sparql-results+json"),
        (f"DESCRIBE <{RED}>", "*/*", "text/turtle; charset=utf-8"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "*/*", "text/turtle; charset=utf-8"),
        ("ASK {}", "application/sparql-results+xml", "application/sparql-results+xml"),
        (f"DESCRIBE <{RED}>", "application/rdf+xml", "application/rdf+xml"),
    ],
)
def test_each_form_of_query_is_answered_in_a_format_of_its_kind(
    three: Client, way: str, query: str, accept: str, content_type: str
) -> None:
    body = urlencode({"query": query}) if way == "form" else query
    if way == "GET":
        url = "/sparql?" + urlencode({"query": query})
        response = three.get(url, headers={"Accept": accept})
    else:
        response = three.open(
            "/sparql",
            method="QUERY" if way == "QUERY" else "POST",
            data=body.encode(),
            content_type=FORM if way == "form" else QUERY,
            headers={"Accept": accept},
        )
    assert (response.status_code, response.content_type) == (200, content_type)


UPDATES = [
    "CLEAR ALL",
    f"DROP GRAPH <{RED}>",
    f"INSERT DATA {{ GRAPH <{RED}> {{ <a:a> <a:a> <a:a> }} }}",
    f"DELETE WHERE {{ GRAPH <{RED}> {{ ?s ?p ?o }} }}",
    "CLEAR XYZ",
    f"WITH <{RED}> DELETE {{ ?s ?p ?o }} USING <{GREEN}> WHERE {{ ?s ?p ?o }}",
]


@pytest.mark.parametrize("update", UPDATES)
def test_updates_are_refused_however_they_are_sent_and_change_nothing(
    three: Client, update: str
) -> None:
    graphs = urlencode([("using-graph-uri", RED), ("using-named-graph-uri", GREEN)])
    form = urlencode({"update": update})
    responses = [
        three.post("/sparql", data=form, content_type=FORM),
        three.post("/sparql", data=f"{form}&{form}", content_type=FORM),
        three.post(f"/sparql?{graphs}", data=f"{form}&{graphs}", content_type=FORM),
        three.post("/sparql", data=update, content_type=UPDATE),
        three.post(f"/sparql?{graphs}", data=update, content_type=f"{UPDATE}; charset=UTF-16"),
        three.get(f"/sparql?{form}"),
        three.open("/sparql", method="QUERY", data=update, content_type=QUERY),
    ]
    for response in responses:
        assert response.status_code == 403
        assert json.loads(response.data)["type"].endswith("/problem/update-refused")
    for content_type in (None, "text/plain"):
        response = three.post("/sparql", data=update.encode(), content_type=content_type)
        assert response.status_code == 415
    assert found(send(three, "GET", IN_NAMED, [])) == {"red", "green", "blue"}
