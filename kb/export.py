"""Exports of a base: the same bytes for the same data, no blank nodes, no clock.

One function a format; `FORMATS` is the list of what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kb.dataset import nquads_line
from kb.errors import NotFound
from kb.layout import DERIVED_GRAPH
from kb.namespaces import PREFIXES
from kb.tables import write_tables
from kb.turtle_writer import write_trig, write_turtle

Quads = Sequence[ox.Quad]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format of whole exports: file suffix, media type, whether it keeps the named graphs."""

    suffix: str
    media_type: str
    keeps_graphs: bool
    write: Callable[[Quads], bytes]


def export(
    store: ox.Store,
    name: str,
    *,
    graphs: Collection[str] = (),
    derived: bool = True,
) -> bytes:
    """Return a base in one format (a key of `FORMATS`), or only some of its named graphs.

    `derived=False` leaves the derived links out. NotFound for an unknown format or graph.
    """
    if name not in FORMATS:
        raise NotFound(f"no export format “{name}” — choose one of {', '.join(FORMATS)}")
    known = {graph.value for graph in store.named_graphs() if isinstance(graph, ox.NamedNode)}
    if unknown := sorted(set(graphs) - known):
        raise NotFound(f"no graph {', '.join(unknown)} — `charterkb info` lists the graphs")
    wanted = set(graphs) or (known if derived else known - {DERIVED_GRAPH})
    quads = (
        quad
        for graph in sorted(wanted)
        for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
    )
    return FORMATS[name].write(sorted(quads, key=_sort_key))


def _sort_key(quad: ox.Quad) -> tuple[str, str, str, str]:
    """Return the order of quads in every export: by graph, subject, predicate, object."""
    return (str(quad.graph_name), str(quad.subject), str(quad.predicate), str(quad.object))


def _triples(quads: Quads) -> list[ox.Triple]:
    """Return the triples of some quads, each once, sorted."""
    unique = {(str(q.subject), str(q.predicate), str(q.object)): q.triple for q in quads}
    return [unique[key] for key in sorted(unique)]


def _nquads(quads: Quads) -> bytes:
    return "".join(nquads_line(quad) for quad in quads).encode()


def _ntriples(quads: Quads) -> bytes:
    return "".join(f"{triple} .\n" for triple in _triples(quads)).encode()


def _turtle(quads: Quads) -> bytes:
    return write_turtle(quads, Path("export.ttl")).encode()


def _trig(quads: Quads) -> bytes:
    return write_trig(quads, Path("export.trig")).encode()


def _rdfxml(quads: Quads) -> bytes:
    body = ox.serialize(_triples(quads), format=ox.RdfFormat.RDF_XML, prefixes=PREFIXES)
    return body or b""


def _jsonld(quads: Quads) -> bytes:
    return ox.serialize(quads, format=ox.RdfFormat.JSON_LD, prefixes=PREFIXES) or b""


FORMATS: dict[str, ExportFormat] = {
    "nq": ExportFormat("nq", "application/n-quads", True, _nquads),
    "trig": ExportFormat("trig", "application/trig", True, _trig),
    "ttl": ExportFormat("ttl", "text/turtle", False, _turtle),
    "nt": ExportFormat("nt", "application/n-triples", False, _ntriples),
    "jsonld": ExportFormat("jsonld", "application/ld+json", True, _jsonld),
    "rdfxml": ExportFormat("rdf", "application/rdf+xml", False, _rdfxml),
    "csv": ExportFormat("csv.zip", "application/zip", False, write_tables),
}
"""Name of a format → what it is; `csv` is a ZIP archive with one table for each class."""
