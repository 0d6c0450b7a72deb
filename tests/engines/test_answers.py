"""Every question and every query of the pages gets the same rows from each engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb import Dataset, EmbeddedEngine, Engine, Query, QueryError, Row, page_queries, questions
from kb.engine import BINDINGS_FORMATS, BOOLEAN_FORMATS, GRAPH_FORMATS, Format, Kind
from kb.errors import EngineError
from kb.login import NOBODY
from kb.namespaces import GRAPH
from kb.query import find_query
from kb.remote import open_remote
from tests.engines.running import Running, fuseki

ELSEWHERE = ("shapes/", "dataset/quads")
"""The shapes are no part of what is published: their query is asked of their own store. All quads
are asked for in the tests of publishing, of smaller bases."""

QUERIES = [*questions(), *(q for q in page_queries() if not q.name.startswith(ELSEWHERE))]

LITERALS_ORDERED = {
    "ontology/header",
    "ontology/notes",
    "principle/articulations",
    "reading/places",
    "record/facts",
    "site/labels",
    "site/starter",
}
"""They order by texts with language tags, whose order SPARQL 1.1 §15.1 leaves open."""


def in_one_order(rows: Sequence[Row]) -> list[str]:
    """Return rows sorted by what is in them."""
    return sorted(repr(sorted((name, str(term)) for name, term in row.items())) for row in rows)


def expected_rows(query: Query, rows: list[Row], name: str) -> list[Row]:
    """Return the rows that an engine is to give where the embedded one gives `rows`."""
    if name == "virtuoso" and query.name.startswith("cq12-"):
        # To Virtuoso, EXISTS is a number.
        one = ox.Literal("1", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
        assert {row["publicBody"].value for row in rows} == {"true"}
        return [{**row, "publicBody": one} for row in rows]
    return rows


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_gets_the_same_answer(
    published: Running, base: EmbeddedEngine, query: Query
) -> None:
    engine, values = published.engine(), query.examples()
    if query.form == "ASK":
        assert engine.ask(query, **values) == base.ask(query, **values)
    elif query.form == "CONSTRUCT":
        built = {str(triple) for triple in engine.construct(query, **values)}
        assert built == {str(triple) for triple in base.construct(query, **values)}
    else:
        rows = engine.select(query, **values)
        expected = expected_rows(query, base.select(query, **values), published.name)
        if query.name in LITERALS_ORDERED and published.name != "oxigraph":
            assert in_one_order(rows) == in_one_order(expected)
        else:
            assert rows == expected


def always(chosen: Format, _: Kind) -> Format:
    """Choose one format, whatever the kind."""
    return chosen


def body(engine: Engine, text: str, chosen: Format, dataset: Dataset | None = None) -> bytes:
    """Return the answer to a text in a format."""
    return engine.answer(text, dataset or Dataset(), partial(always, chosen)).body()


@pytest.mark.parametrize("chosen", BINDINGS_FORMATS, ids=lambda chosen: chosen.suffix)
def test_rows_come_in_the_format_asked_for_and_as_the_embedded_engine_writes_it(
    published: Running, base: EmbeddedEngine, chosen: Format
) -> None:
    text = (
        "SELECT ?p ?o ?none WHERE { <https://w3id.org/digital-rights-charter/id/principle/privacy>"
        ' ?p ?o FILTER(!ISLITERAL(?o) || LANG(?o) != "") OPTIONAL { ?o <urn:x> ?none } }'
        " ORDER BY ?p STR(?o) LANG(?o)"
    )
    assert body(published.engine(), text, chosen) == body(base, text, chosen)


@pytest.mark.parametrize("chosen", BOOLEAN_FORMATS, ids=lambda chosen: chosen.suffix)
@pytest.mark.parametrize("text", ["ASK { ?s ?p ?o }", "ASK { <urn:x> <urn:x> ?o }"])
def test_a_boolean_comes_in_the_format_asked_for(
    published: Running, base: EmbeddedEngine, text: str, chosen: Format
) -> None:
    assert body(published.engine(), text, chosen) == body(base, text, chosen)


@pytest.mark.parametrize("chosen", GRAPH_FORMATS, ids=lambda chosen: chosen.suffix)
def test_a_graph_comes_in_the_format_asked_for(
    published: Running, base: EmbeddedEngine, chosen: Format
) -> None:
    text = (
        "CONSTRUCT { ?s ?p ?o } WHERE { VALUES ?s "
        "{ <https://w3id.org/digital-rights-charter/id/principle/privacy> } ?s ?p ?o }"
    )
    there, here = (
        {str(quad) for quad in ox.parse(input=body(engine, text, chosen), format=chosen.rdf)}
        for engine in (published.engine(), base)
    )
    assert there == here != set()


def test_blank_nodes_keep_their_identity(published: Running) -> None:
    store = published.target(published.folder / "journal.json").store
    graph = "http://example.org/blank"
    store.put(graph, frozenset({"_:a <urn:p> _:b .\n", '_:b <urn:q> "nodeID://x" .\n'}))
    text = f"SELECT ?a ?b ?c WHERE {{ GRAPH <{graph}> {{ ?a <urn:p> ?b . ?b <urn:q> ?c }} }}"
    found = body(published.engine(), text, BINDINGS_FORMATS[0])
    store.delete(graph)
    solutions = ox.parse_query_results(input=found, format=ox.QueryResultsFormat.JSON)
    assert isinstance(solutions, ox.QuerySolutions)
    [row] = solutions
    assert isinstance(row["a"], ox.BlankNode)
    assert isinstance(row["b"], ox.BlankNode)
    assert row["a"] != row["b"]
    assert row["c"] == ox.Literal("nodeID://x")


def test_a_dataset_narrows_what_is_read(
    published: Running, shipped_graphs: dict[str, object]
) -> None:
    graph, csv = GRAPH + "principles/privacy", BINDINGS_FORMATS[2]
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    count = len(shipped_graphs[graph])  # type: ignore[arg-type]
    engine = published.engine()
    asked = (
        body(engine, text, csv, Dataset(default=(graph,))),
        body(engine, text.replace("WHERE", f"FROM <{graph}> WHERE"), csv),
    )
    assert [int(answer.split()[1]) for answer in asked] == [count, count]


@pytest.mark.parametrize(
    "text", ["SELECT * WHERE {", "SELECT ?s WHERE { ?s nope:x 1 }", "ASK { <b>&</b> }"]
)
def test_a_malformed_query_is_the_fault_of_the_query_and_told_without_markup(
    published: Running, text: str
) -> None:
    with pytest.raises(QueryError) as told:
        body(published.engine(), text, BINDINGS_FORMATS[0])
    message = str(told.value)
    assert 10 < len(message) <= 500
    assert "\n" not in message
    assert "SPARQL query:" not in message


def test_it_opens_where_named_graphs_are_seen_without_being_named(published: Running) -> None:
    assert open_remote(published.query, login=NOBODY).dialect == published.name


def test_it_does_not_open_where_named_graphs_must_be_named(
    tmp_path: Path, tiny_graphs: dict[str, frozenset[str]]
) -> None:
    engine = fuseki(tmp_path, union=False).start()
    try:
        with pytest.raises(EngineError, match="charterkb publish"):
            open_remote(engine.query, login=NOBODY)
        target = engine.target(tmp_path / "journal.json")
        for graph in (GRAPH + "dataset", GRAPH + "ontology"):
            target.store.put(graph, tiny_graphs[graph])
        with pytest.raises(EngineError, match="does not show its named graphs"):
            open_remote(engine.query, login=NOBODY)
    finally:
        engine.kill()


def test_a_value_with_accents_is_found(published: Running) -> None:
    rows = published.engine().select(find_query("cq30"), word="télémédecine")
    assert {row["word"].value for row in rows} == {"télémédecine"}
