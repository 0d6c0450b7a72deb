"""Terms carried between pyoxigraph, which holds the base, and rdflib, which pySHACL works on."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache

import pyoxigraph as ox
import rdflib

from kb.namespaces import PREFIXES
from kb.validation.result import Term

_STRING = PREFIXES["xsd"] + "string"


class ComparableLiteral(rdflib.Literal):
    """A literal that is neither below nor equal to one it cannot be compared with.

    SHACL §4.5.3 wants a result there; rdflib has no answer, on which pySHACL fails: one impossible
    date would stop the whole validation.
    """

    __slots__ = ()

    def __lt__(self, other: object) -> bool:
        return super().__lt__(other) is True

    def __le__(self, other: object) -> bool:
        return super().__le__(other) is True


def to_graph(quads: Iterable[ox.Quad]) -> rdflib.Graph:
    """Return an rdflib graph of the triples of some quads, graph names left out."""
    graph = rdflib.Graph(bind_namespaces="none")
    with quiet_rdflib():
        for quad in quads:
            if isinstance(quad.subject, ox.Triple) or isinstance(quad.object, ox.Triple):
                continue
            graph.add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))
    return graph


@lru_cache(maxsize=100_000)
def to_rdflib(term: Term) -> rdflib.term.Node:
    """Return a term of pyoxigraph as one of rdflib, its lexical form untouched."""
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return ComparableLiteral(term.value, lang=term.language)
    if term.datatype.value == _STRING:
        return ComparableLiteral(term.value)
    datatype = rdflib.URIRef(term.datatype.value)
    return ComparableLiteral(term.value, datatype=datatype, normalize=False)


def from_rdflib(node: rdflib.term.Node) -> Term:
    """Return a term of rdflib as one of pyoxigraph."""
    if isinstance(node, rdflib.URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return ox.BlankNode(str(node))
    assert isinstance(node, rdflib.Literal)
    if node.language:
        return ox.Literal(str(node), language=node.language)
    return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype or _STRING)))


@contextmanager
def quiet_rdflib() -> Iterator[None]:
    """Keep rdflib from logging ill-typed literals, which the shapes report in their own words."""
    logger = logging.getLogger("rdflib.term")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before
