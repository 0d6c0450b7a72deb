"""Fixtures of the library's tests: the invented base, and rdflib as a second opinion."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from kb import EmbeddedEngine, Layout, load_store, shipped_layout
from kb.derive import derive
from kb.layout import DERIVED_GRAPH
from kb.namespaces import GRAPH
from tests.sample import in_sample

TINY = Path(__file__).parents[1] / "tiny" / "data"


@pytest.fixture(scope="session")
def tiny_layout() -> Layout:
    """Where the files of the invented base are; it uses the shipped ontology."""
    return Layout(TINY, shipped_layout().ontology)


@pytest.fixture(scope="session")
def tiny(tiny_layout: Layout) -> EmbeddedEngine:
    """The invented base, with its derived links."""
    return EmbeddedEngine(load_store(tiny_layout))


@pytest.fixture(scope="session")
def tiny_rdflib(tiny: EmbeddedEngine) -> rdflib.Dataset:
    """The invented base in rdflib, graph by graph."""
    return as_rdflib(tiny.store)


@pytest.fixture(scope="session")
def part(base: EmbeddedEngine) -> EmbeddedEngine:
    """The sample of the shipped base: the whole of it keeps rdflib busy for hours."""
    store = ox.Store()
    store.bulk_extend(quad for quad in base.store if _is_sampled(quad.graph_name))
    derive(store, shipped_layout())
    return EmbeddedEngine(store)


def _is_sampled(graph: object) -> bool:
    """Tell whether a graph is of the sample; derived links are derived anew."""
    if not isinstance(graph, ox.NamedNode) or graph.value == DERIVED_GRAPH:
        return False
    return in_sample(graph.value.removeprefix(GRAPH))


@pytest.fixture(scope="session")
def part_rdflib(part: EmbeddedEngine) -> rdflib.Dataset:
    """The sample of the shipped base in rdflib, graph by graph."""
    return as_rdflib(part.store)


def as_rdflib(store: ox.Store) -> rdflib.Dataset:
    """Return the same quads in rdflib; its default graph is the union, as in our engine."""
    dataset = rdflib.Dataset(default_union=True)
    for quad in store:
        graph = dataset.graph(as_node(quad.graph_name))
        graph.add((as_node(quad.subject), as_node(quad.predicate), as_node(quad.object)))
    return dataset


def as_node(term: object) -> rdflib.URIRef | rdflib.BNode | rdflib.Literal:
    """Return one of our terms as rdflib has it."""
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        # rdflib tells a plain literal from an xsd:string; parsers give the plain one.
        plain = term.datatype.value == str(rdflib.XSD.string)
        return rdflib.Literal(
            term.value, datatype=None if plain else rdflib.URIRef(term.datatype.value)
        )
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, ox.NamedNode)
    return rdflib.URIRef(term.value)
