"""What the IRIs of the knowledge base name here: the page about a thing, and the data about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kb.descriptions import Facts
from kb.errors import NotFound
from kb.namespaces import BASE, DATASET, GRAPH, LISTS, ONTOLOGY, RECORD_TYPES
from kb.query import find_query
from server.links import href
from server.refusal import Refusal
from server.site import Site

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.~-]*\Z")
_RECORD = re.compile(rf"({'|'.join(RECORD_TYPES)})/([^/]+)\Z")
_VALUE = re.compile(rf"voc/({'|'.join(LISTS)})(/[^/]+)?\Z")


@dataclass(frozen=True, slots=True)
class Document:
    """A description of one thing: the thing's IRI, and the name of its data below /data/."""

    iri: str
    name: str

    def page(self, lang: str) -> str:
        """Return the address of the page about the thing, as a path."""
        if self.iri.startswith(GRAPH):
            return f"/{lang}/data"
        if self.iri.startswith(ONTOLOGY):
            return f"/{lang}/ontology"
        return href(self.iri, lang) or f"/{lang}/"


def document_of_iri(path: str) -> Document:
    """Return the description of the thing whose IRI is the base IRI and `path`; NotFound."""
    return document_named(path.removeprefix("id/")) if path.startswith("id/") else _other(path)


def document_named(name: str) -> Document:
    """Return the description whose data go by `name` below /data/; NotFound."""
    record = _RECORD.match(name)
    if record and _NAME.match(record[2]):
        return Document(f"{BASE}id/{name}", name)
    return _other(name)


def _other(name: str) -> Document:
    """Return the description of a thing that is no record: list, value, ontology, graph, …"""
    parts = name.split("/")
    known = _VALUE.match(name) or parts[0] in ("ontology", "shapes", "dataset", "graph")
    if not known or not all(_NAME.match(part) for part in parts):
        raise NotFound(f"nothing is named {BASE}{name}")
    return Document(BASE + name, name)


def check_present(site: Site, document: Document) -> None:
    """Raise NotFound for what the base does not know, Refusal for a record it has withdrawn."""
    iri = document.iri
    if iri.startswith(GRAPH):
        known = iri in site.dataset.graphs
    elif document.name in ("ontology", "shapes", f"ontology/{_ontology_version(site)}"):
        known = True
    else:
        rows = site.engine.select(find_query("linked-data/status"), resource=iri)
        known = bool(rows)
        if any("deprecated" in row and row["deprecated"].value == "true" for row in rows):
            _refuse_withdrawn(
                iri, [row["replacement"].value for row in rows if "replacement" in row]
            )
    if not known:
        raise NotFound(f"nothing is named {iri}")


def _refuse_withdrawn(iri: str, replacements: list[str]) -> None:
    """Raise the refusal that stands for a tombstone; closed lists only mark what is outdated."""
    if not iri.startswith(f"{BASE}id/"):
        return
    links = {"Link": ", ".join(f'<{new}>; rel="successor-version"' for new in replacements)}
    members = {"replacedBy": replacements} if replacements else {}
    raise Refusal("withdrawn", headers=links if replacements else {}, record=iri, **members)


def contents(site: Site, document: Document) -> Iterator[ox.Triple]:
    """Yield the triples that describe a thing; for a tombstone, what is left of it."""
    if document.name == "shapes":
        yield from site.shapes
    elif document.iri.startswith(GRAPH):
        yield from _graph(site, document.iri)
    elif document.iri in (ONTOLOGY, f"{ONTOLOGY}/{_ontology_version(site)}"):
        for path in site.layout.ontology_files():
            graph = site.layout.graph_iri(path)
            if graph != GRAPH + "alignments":
                yield from _graph(site, graph)
    elif document.iri == ONTOLOGY + "/alignments":
        yield from _graph(site, GRAPH + "alignments")
    else:
        for name in ("description", "companions", "neighbour-labels"):
            query = find_query(f"linked-data/{name}")
            yield from site.engine.construct(query, resource=document.iri)


def about_document(site: Site, document: Document) -> list[ox.Triple]:
    """Return what the description says of itself: its topic, its dataset, its licence."""
    facts = Facts()
    own = f"{BASE}data/{document.name}"
    facts.link(own, "foaf:primaryTopic", document.iri)
    facts.link(own, "void:inDataset", DATASET)
    if site.licence:
        facts.link(own, "dcterms:license", site.licence)
    return facts.triples


def _graph(site: Site, iri: str) -> list[ox.Triple]:
    """Return the triples of a named graph."""
    return site.engine.construct(find_query("linked-data/graph"), graph=iri)


def _ontology_version(site: Site) -> str:
    """Return what the version IRI of the ontology ends in; empty when it has none."""
    query = find_query("linked-data/description")
    for triple in site.engine.construct(query, resource=ONTOLOGY):
        version = triple.object
        if triple.predicate.value.endswith("#versionIRI") and isinstance(version, ox.NamedNode):
            return version.value.rsplit("/", 1)[-1]
    return ""
