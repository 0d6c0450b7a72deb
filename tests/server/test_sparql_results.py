"""What clients read back: every kind of term, in every format, by rdflib and by SPARQLWrapper."""

from __future__ import annotations

import io
from urllib.parse import urlencode

import pytest
import rdflib
from flask.testing import FlaskClient
from rdflib.compare import isomorphic
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.query import Result
from rdflib.term import Node
from SPARQLWrapper import CSV, JSON, N3, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

from kb import EmbeddedEngine, Query, page_queries, questions
from kb.remote import RemoteEngine

TERMS = """
SELECT ?name ?term WHERE {
  VALUES (?name ?term) {
    ("1 iri" <http://example.org/é?a=1&b=2>)
    ("2 plain" "a \\"quoted\\", <b>bold</b> & text")
    ("3 french" "l’été à Œuvres"@fr)
    ("4 english" "summer"@en-GB)
    ("5 integer" 42)
    ("6 decimal" 1.5)
    ("7 boolean" true)
    ("8 date" "2026-11-23"^^<http://www.w3.org/2001/XMLSchema#date>)
    ("9 own type" "x"^^<http://example.org/type>)
    ("A unbound" UNDEF)
    ("B lines" "two\\nlines\\tand a tab")
    ("C astral" "😀 中文 عربى")
    ("D empty" "")
    ("E returns" "a\\r\\nb\\rc")
    ("F blanks" " before and after ")
    ("G markup" "]]>&amp;<!--")
    ("K looks like one" "42")
    ("M script" "中"@zh-hant-tw)
    ("P quotes" "'\\"'\\\\n")
  }
} ORDER BY ?name
"""
BLANK = "SELECT ?node WHERE { BIND(BNODE() AS ?node) }"
GRAPH = """
CONSTRUCT {
  <http://example.org/s> <http://example.org/p> "été"@fr, 42, "<&>", "a\\nb", [ ] , true .
} WHERE {}
"""
XSD = rdflib.XSD


def expected() -> list[Node | None]:
    literal = rdflib.Literal
    return [
        rdflib.URIRef("http://example.org/é?a=1&b=2"),
        literal('a "quoted", <b>bold</b> & text'),
        literal("l’été à Œuvres", lang="fr"),
        literal("summer", lang="en-gb"),
        literal("42", datatype=XSD.integer),
        literal("1.5", datatype=XSD.decimal),
        literal("true", datatype=XSD.boolean),
        literal("2026-11-23", datatype=XSD.date),
        literal("x", datatype=rdflib.URIRef("http://example.org/type")),
        None,
        literal("two\nlines\tand a tab"),
        literal("😀 中文 عربى"),
        literal(""),
        literal("a\r\nb\rc"),
        literal(" before and after "),
        literal("]]>&amp;<!--"),
        literal("42"),
        literal("中", lang="zh-hant-tw"),
        literal("'\"'\\n"),
    ]


def fetch(client: FlaskClient, query: str, name: str) -> bytes:
    response = client.get("/sparql?" + urlencode({"query": query, "format": name}))
    assert response.status_code == 200, response.text
    return response.data


def same(found: Node | None, wanted: Node | None) -> bool:
    """Compare terms; language tags without regard to case (RFC 5646 §2.1.1)."""
    if isinstance(found, rdflib.Literal) and isinstance(wanted, rdflib.Literal):
        tags = [(literal.language or "").lower() for literal in (found, wanted)]
        same_type = found.datatype == wanted.datatype or {found.datatype, wanted.datatype} == {
            None,
            XSD.string,
        }
        return str(found) == str(wanted) and tags[0] == tags[1] and same_type
    return found == wanted


@pytest.mark.parametrize("name", ["json", "xml", "tsv"])
def test_rdflib_reads_back_every_term(client: FlaskClient, name: str) -> None:
    result = Result.parse(io.BytesIO(fetch(client, TERMS, name)), format=name)
    found = [binding.get(rdflib.Variable("term")) for binding in result.bindings]
    assert len(found) == len(expected())
    for term, wanted in zip(found, expected(), strict=True):
        assert same(term, wanted), (term, wanted)


def test_csv_keeps_the_text_of_every_term(client: FlaskClient) -> None:
    body = fetch(client, TERMS, "csv")
    assert body.startswith(b"name,term\r\n")
    result = Result.parse(io.BytesIO(body), format="csv")
    found = [str(row.get(rdflib.Variable("term"), "")) for row in result.bindings]
    assert found == ["" if term is None else str(term) for term in expected()]


@pytest.mark.parametrize("name", ["json", "xml"])
def test_a_blank_node_is_read_as_one(client: FlaskClient, name: str) -> None:
    result = Result.parse(io.BytesIO(fetch(client, BLANK, name)), format=name)
    assert isinstance(result.bindings[0][rdflib.Variable("node")], rdflib.BNode)


@pytest.mark.parametrize("name", ["json", "xml"])
@pytest.mark.parametrize(("query", "answer"), [("ASK {}", True), ("ASK { <a:a> <a:a> 1 }", False)])
def test_a_yes_or_no_is_read_back(client: FlaskClient, name: str, query: str, answer: bool) -> None:
    assert Result.parse(io.BytesIO(fetch(client, query, name)), format=name).askAnswer is answer


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    ("name", "parser"), [("ttl", "turtle"), ("nt", "nt"), ("rdf", "xml"), ("jsonld", "json-ld")]
)
def test_a_graph_is_read_back_in_every_format(client: FlaskClient, name: str, parser: str) -> None:
    wanted = rdflib.Graph().parse(
        data='<http://example.org/s> <http://example.org/p> "été"@fr,42,"<&>","a\\nb",[],true .',
        format="turtle",
    )
    found = rdflib.Graph().parse(data=fetch(client, GRAPH, name), format=parser)
    assert isomorphic(found, wanted)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("return_format", [JSON, XML, CSV, TSV])
def test_sparqlwrapper_reads_bindings(live_server: str, method: str, return_format: str) -> None:
    wrapper = SPARQLWrapper(f"{live_server}sparql", returnFormat=return_format)
    wrapper.setMethod(method)
    wrapper.setQuery(TERMS)
    answer = wrapper.query()
    if return_format == JSON:
        rows = answer.convert()["results"]["bindings"]
        assert rows[2]["term"] == {
            "type": "literal",
            "value": "l’été à Œuvres",
            "xml:lang": "fr",
        }
        assert rows[4]["term"]["datatype"] == str(XSD.integer)
        assert "term" not in rows[9]
    elif return_format == XML:
        assert len(answer.convert().getElementsByTagName("result")) == len(expected())
    else:
        assert "l’été à Œuvres" in answer.convert().decode()


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("return_format", [TURTLE, RDFXML, N3, XML])
def test_sparqlwrapper_reads_graphs(live_server: str, return_format: str) -> None:
    wrapper = SPARQLWrapper(f"{live_server}sparql", returnFormat=return_format)
    wrapper.setQuery(GRAPH)
    answer = wrapper.query()
    converted = answer.convert()
    if isinstance(converted, bytes):
        converted = rdflib.Graph().parse(data=converted, format="turtle")
    assert len(converted) == 6


def test_rdflib_uses_the_endpoint_as_a_store(live_server: str) -> None:
    graph = rdflib.Graph(store=SPARQLStore(f"{live_server}sparql", returnFormat="json"))
    result = graph.query(
        """PREFIX drc: <https://w3id.org/digital-rights-charter/ontology#>
        SELECT ?p WHERE { ?p a drc:Proposal }"""
    )
    assert len(list(result)) >= 10


def _cases() -> list[Query]:
    cases = [*page_queries(), *questions()]
    assert cases
    return cases


@pytest.mark.parametrize("query", _cases(), ids=lambda query: query.name)
def test_the_remote_engine_answers_like_the_embedded_one(
    base: EmbeddedEngine, live_server: str, query: Query
) -> None:
    remote, values = RemoteEngine(f"{live_server}sparql"), query.examples()
    if query.form == "SELECT":
        ours, theirs = base.select(query, **values), remote.select(query, **values)
        assert sorted(map(str, ours)) == sorted(map(str, theirs))
    elif query.form == "ASK":
        assert base.ask(query, **values) == remote.ask(query, **values)
    else:
        here, there = base.construct(query, **values), remote.construct(query, **values)
        assert {str(triple) for triple in here} == {str(triple) for triple in there}
