"""The derivation rules give what OWL 2 RL gives: neither less nor more.

The oracle is owlrl's closure of the ontology with the invented graph `rules-data.ttl`. Compared are
the triples whose predicate is one of our object properties or one of their super-properties, and
the `rdf:type` triples whose class is one of ours or one of their super-classes, between IRIs.

Left out, because the rules do not aim at them: triples on the terms themselves
(`rdfs:subClassOf`, `owl:equivalentClass` …), those that owlrl adds to every node (`owl:sameAs`
itself, `owl:Thing`, `rdfs:Resource`), and literals, which no rule touches.

Types that OWL draws from a domain or a range are compared, although no rule draws them: in
well-typed data they are there already. In ill-typed data such a rule would hide what SHACL reports.
"""

from __future__ import annotations

from pathlib import Path

import owlrl
import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS, Graph, URIRef

from kb.derive import derive
from kb.layout import DERIVED_GRAPH, Layout, shipped_layout
from kb.namespaces import DRC
from kb.query import read_query

INVENTED = Path(__file__).parent / "rules-data.ttl"
LAYOUT = shipped_layout()
RULES = LAYOUT.rule_files()
TYPE = str(RDF.type)

Triple = tuple[str, str, str]
Terms = tuple[set[str], set[str]]


def _ontology() -> Graph:
    graph = Graph()
    for path in LAYOUT.ontology_files():
        graph.parse(path)
    return graph


def _with_supers(graph: Graph, kind: URIRef, relation: URIRef) -> set[str]:
    ours = [term for term in graph.subjects(RDF.type, kind) if str(term).startswith(DRC)]
    return {str(above) for term in ours for above in graph.transitive_objects(term, relation)}


@pytest.fixture(scope="module")
def compared() -> Terms:
    """The predicates and the classes that take part in the comparison."""
    graph = _ontology()
    return (
        _with_supers(graph, OWL.ObjectProperty, RDFS.subPropertyOf),
        _with_supers(graph, OWL.Class, RDFS.subClassOf),
    )


def _kept(triples: set[Triple], compared: Terms) -> set[Triple]:
    predicates, classes = compared
    return {t for t in triples if t[1] in predicates or (t[1] == TYPE and t[2] in classes)}


def _loaded() -> ox.Store:
    store = ox.Store()
    for path in [*LAYOUT.ontology_files(), INVENTED]:
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    return store


def _triples(store: ox.Store) -> set[Triple]:
    return {
        (q.subject.value, q.predicate.value, q.object.value)
        for q in store
        if isinstance(q.subject, ox.NamedNode) and isinstance(q.object, ox.NamedNode)
    }


@pytest.fixture(scope="module")
def by_owlrl(compared: Terms) -> set[Triple]:
    graph = _ontology().parse(INVENTED)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    between_iris = {
        (str(s), str(p), str(o))
        for s, p, o in graph
        if isinstance(s, URIRef) and isinstance(o, URIRef)
    }
    return _kept(between_iris, compared)


@pytest.fixture(scope="module")
def by_rules(compared: Terms) -> set[Triple]:
    store = _loaded()
    derive(store, LAYOUT)
    return _kept(_triples(store), compared)


def test_the_rules_derive_nothing_that_owl_does_not(
    by_rules: set[Triple], by_owlrl: set[Triple]
) -> None:
    assert sorted(by_rules - by_owlrl) == []


def test_owl_derives_nothing_that_the_rules_miss(
    by_rules: set[Triple], by_owlrl: set[Triple]
) -> None:
    assert sorted(by_owlrl - by_rules) == []


def test_there_is_something_to_compare(by_rules: set[Triple], compared: Terms) -> None:
    assert len(by_rules - _kept(_triples(_loaded()), compared)) > 150


@pytest.mark.parametrize("left_out", RULES, ids=lambda path: path.stem)
def test_no_rule_can_be_left_out(
    left_out: Path, by_rules: set[Triple], compared: Terms, tmp_path: Path
) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    for path in RULES:
        if path != left_out:
            (folder / path.name).write_bytes(path.read_bytes())
    store = _loaded()
    derive(store, Layout(LAYOUT.data, tmp_path))
    assert _kept(_triples(store), compared) < by_rules


def test_a_second_run_adds_nothing() -> None:
    store = _loaded()
    assert derive(store, LAYOUT) > 0
    assert derive(store, LAYOUT) == 0


def test_what_is_derived_stands_in_its_own_graph() -> None:
    store = _loaded()
    before = len(list(store.quads_for_pattern(None, None, None, ox.DefaultGraph())))
    derive(store, LAYOUT)
    assert len(list(store.quads_for_pattern(None, None, None, ox.DefaultGraph()))) == before
    assert store.contains_named_graph(ox.NamedNode(DERIVED_GRAPH))


def test_a_point_within_a_paragraph_within_an_article_is_within_the_charter(
    by_rules: set[Triple],
) -> None:
    base = "https://w3id.org/digital-rights-charter/id/"
    point = base + "provision/charter-of-knots-art-1-par-2-point-a"
    charter = base + "instrument/charter-of-knots"
    assert (point, DRC + "isWithin", charter) in by_rules
    assert (charter, DRC + "contains", point) in by_rules
    assert (charter, DRC + "recognisesPrinciple", base + "principle/knots") in by_rules


@pytest.mark.parametrize("rule", RULES, ids=lambda path: path.stem)
def test_each_rule_says_what_it_derives_in_both_languages(rule: Path) -> None:
    assert set(read_query(rule).summary) == {"en", "fr"}


def test_there_are_rules() -> None:
    assert len(RULES) == 6
