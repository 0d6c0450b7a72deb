"""A narrowed query has the rows about the nodes asked for, as the query itself has them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb.validation.base import Scope
from kb.validation.narrowing import narrow
from kb.validation.patterns import read_pattern
from kb.validation.result import Node

DATA = """
@prefix : <https://example.org/> .
:a a :Thing ; :to :b , :c ; :name "a" ; :size 1 .
:b a :Thing ; :to :c ; :name "b"@en , "bee"@en ; :size 2 .
:c a :Place ; :to :a , :d ; :name "c" ; :part [ :name "c1" ] .
:d :to :d ; :size 4 ; :name "d\\"{" .
:value :only 1 .
:e a :Thing ; :part [ :to :a ] ; :text "SELECT }" .
"""
PREFIX = "PREFIX : <https://example.org/>\n"
NARROWED = (
    "SELECT ?value WHERE { ?value :to ?x }",
    "SELECT DISTINCT ?value ?x WHERE { ?value :to ?x ; :name ?n , ?m . FILTER(?n != ?m) }",
    "SELECT ?value ?x { ?value :to ?x OPTIONAL { ?x :size ?value } }",
    "SELECT ?value ?s WHERE { ?value :to ?x . OPTIONAL { ?x :size ?s } FILTER(!BOUND(?s)) }",
    "SELECT ?value WHERE { ?x :to ?value MINUS { ?value a :Thing } }",
    "SELECT ?value WHERE { { ?value :size ?s } UNION { ?x :part ?y . ?y :to ?value } }",
    "SELECT ?value ?p WHERE { ?value ?p ?value . BIND(:to AS ?q) FILTER(?p = ?q) }",
    "SELECT ?value ?n WHERE { ?value :to/:to ?x . ?x :name ?n FILTER(REGEX(?n, '^[a}]')) }",
    "SELECT ?value WHERE { ?value :to* :a FILTER NOT EXISTS { ?value a :Place } }",
    "SELECT ?value WHERE { GRAPH ?g { ?value :name ?n } FILTER(STRLEN(?n) < 2) }",
    "SELECT ?value WHERE { ?value :to ?x } GROUP BY ?value HAVING(COUNT(?x) > 1)",
    "SELECT ?value WHERE { VALUES ?x { :a :b } VALUES (?y ?z) { (:c UNDEF) } ?value :to ?x , ?y }",
    "SELECT ?value ?n WHERE { ?value :name ?n } ORDER BY DESC(?n) ?value",
    "SELECT ?value WHERE { ?value :to :c . ?other :to ?value . }",
    "SELECT ?value WHERE { ?value a :Thing. ?value :to ?x }",
    "SELECT ?value WHERE { $value :to ?x . :a :name ?n . :value0 :none ?m }",
    "SELECT ?value ?n WHERE { ?value :to ?x . :value :only ?n }",
    "SELECT ?value WHERE { ?value :to [ :size ?s ] FILTER(?s > 1) } # WHERE {",
    # Sub-queries limited to what is said of the nodes, as far as VALUES can say it.
    "SELECT ?value ?p WHERE { { { SELECT DISTINCT ?x WHERE { ?any ?way ?x } } FILTER(isIRI(?x))"
    " FILTER NOT EXISTS { ?x a ?c } } ?value ?p ?x }",
    "SELECT ?value WHERE { { SELECT ?p WHERE { ?any ?p ?x } GROUP BY ?p HAVING(COUNT(*) > 3) }"
    " ?value ?p ?y }",
    "SELECT ?value WHERE { { SELECT ?x WHERE { OPTIONAL { ?any :none ?x } } } ?value :to ?x }",
    "SELECT ?value WHERE { { SELECT ?value WHERE { ?value ?p ?x FILTER(isBlank(?x)) } } }",
    "SELECT ?value WHERE { ?value :name ?x OPTIONAL { { SELECT ?x WHERE { ?x :to ?y } } } }",
)
KEPT = (
    "SELECT * WHERE { ?value :to ?x }",
    "SELECT ?x WHERE { ?value :to ?x }",
    "SELECT (MAX(?x) AS ?value) WHERE { ?x :to ?y } GROUP BY ?y",
    "SELECT ?value WHERE { ?value :to ?x } LIMIT 2",
    "SELECT ?value WHERE { ?value :to ?x } ORDER BY ?x OFFSET 1",
    "SELECT ?value WHERE { ?value :to ?x } GROUP BY ?x ?value VALUES ?x { :a }",
    "SELECT (SAMPLE(?value) AS ?v) ?value WHERE { ?value :to ?x }",
    "SELECT ?value ?x WHERE { ?x :size ?s OPTIONAL { ?x :to ?value } }",
    "SELECT ?value WHERE { { ?value :size ?s } UNION { ?x :part ?y } }",
    "SELECT ?value WHERE { ?x :to ?y BIND(?x AS ?value) }",
    "SELECT ?value WHERE { OPTIONAL { ?x :none ?value } ?value :to ?y }",
    "SELECT ?value WHERE { ?x a :Thing MINUS { ?value a :Place } ?value :to ?x }",
    "SELECT ?value WHERE { ?x :to ?y FILTER EXISTS { ?value :to ?x } }",
    "SELECT ?value ?failure WHERE { ?value :to ?failure }",
    "SELECT ?value WHERE { { SELECT ?x (COUNT(?any) AS ?n) WHERE { ?any ?p ?x } GROUP BY ?x }"
    " ?value :to ?x FILTER(?n > 1) }",
    "SELECT ?value WHERE { { SELECT ?x WHERE { ?any :name ?x } ORDER BY ?x LIMIT 1 }"
    " ?value :name ?x }",
    "SELECT ?value FROM :g WHERE { ?value :to ?x }",
    "SELECT ?value WHERE { ?value :to ?x",
    "ASK { ?value :to ?x }",
    "",
)
GRAPH = ox.NamedNode("https://example.org/g")


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """Some quads in one graph."""
    store = ox.Store()
    store.load(input=DATA.encode(), format=ox.RdfFormat.TURTLE, to_graph=GRAPH)
    return store


def scope_on(store: ox.Store, nodes: Iterable[ox.NamedNode]) -> Scope:
    """Return the scope of a file that describes some nodes."""
    facts: dict[Node, tuple[ox.Quad, ...]] = {
        node: tuple(store.quads_for_pattern(node, None, None)) for node in nodes
    }
    predicates = {n: frozenset(q.predicate.value for q in facts[n]) for n in facts}
    return Scope(frozenset([Path("x.ttl")]), facts, predicates)


def rows(store: ox.Store, text: str) -> list[dict[str, str]]:
    """Return the rows of a query, sorted, each variable that is bound with its term."""
    found = store.query(text, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    bound = [{n: str(row[n]) for n in names if row[n] is not None} for row in found]
    return sorted(bound, key=lambda row: sorted(row.items()))


def nodes(letters: str) -> list[ox.NamedNode]:
    """Return the nodes that go by some letters."""
    return [ox.NamedNode(f"https://example.org/{letter}") for letter in letters]


@pytest.mark.parametrize("query", NARROWED)
@pytest.mark.parametrize("letters", ["a", "b", "c", "d", "e", "abcde", "x", ""])
def test_a_narrowed_query_has_the_rows_about_its_nodes(
    store: ox.Store, query: str, letters: str
) -> None:
    text = PREFIX + query
    wanted = nodes(letters)
    queries = narrow(text, "value", scope_on(store, wanted))
    assert queries != [text]
    found = [row for each in queries for row in rows(store, each)]
    named = {str(node) for node in wanted}
    assert found == [row for row in rows(store, text) if row.get("value") in named]


@pytest.mark.parametrize("query", KEPT)
def test_what_cannot_be_narrowed_stays_as_it_is(store: ox.Store, query: str) -> None:
    text = PREFIX + query
    assert narrow(text, "value", scope_on(store, nodes("abc"))) == [text]


def test_nodes_that_lack_a_predicate_required_are_not_asked_about(store: ox.Store) -> None:
    scope = scope_on(store, nodes("abcd"))
    (text,) = narrow(PREFIX + "SELECT ?value { ?value :part ?x ; a ?y }", "value", scope)
    assert "/c>" in text and "/a>" not in text
    assert narrow(PREFIX + "SELECT ?value { ?value <https://e.g/p> ?x }", "value", scope) == []
    for unknown in ("x:part", ":p\\-art", "<part>", "!:part", "?way"):
        (text,) = narrow(PREFIX + f"SELECT ?value {{ ?value {unknown} ?x }}", "value", scope)
        assert "/a>" in text


def test_many_nodes_are_asked_about_in_several_queries(store: ox.Store) -> None:
    many = [ox.NamedNode(f"https://example.org/n{number}") for number in range(1200)]
    scope = scope_on(store, [*many, *nodes("b")])
    queries = narrow(PREFIX + "SELECT ?value { ?x :to ?value }", "value", scope)
    assert len(queries) == 3
    assert sum(len(rows(store, text)) for text in queries) == 1


def test_a_sub_query_is_limited_to_what_is_said_of_the_nodes(store: ox.Store) -> None:
    query = "SELECT ?value WHERE { { SELECT ?x ?p WHERE { ?any ?p ?x } } ?value ?p ?x }"
    (text,) = narrow(PREFIX + query, "value", scope_on(store, nodes("b")))
    assert text.count("VALUES") == 3
    (text,) = narrow(PREFIX + query, "value", scope_on(store, nodes("c")))
    assert text.count("VALUES") == 2, "VALUES cannot name the blank node"


def test_a_group_knows_what_each_of_its_solutions_binds() -> None:
    read = read_pattern(PREFIX + "SELECT ?a ?b ?c { ?a :p ?b OPTIONAL { ?a :q ?d } ?b :r ?c }")
    assert read is not None
    assert read[0].bound == {"a", "b", "c"}
    assert read[0].open == {"a", "b"}
    assert read[0].triples == (("?a", ":p", "?b"),)
    assert read[1] == {":": "https://example.org/"}
