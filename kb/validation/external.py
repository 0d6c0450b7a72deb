"""Links to other datasets: only through a table that says where identifier and label were read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kb.alignments import Mapping, read_mappings
from kb.namespaces import BASE, DATASET, EXTERNAL, PREFIXES
from kb.validation.base import Base
from kb.validation.result import Result, rule
from kb.validation.shapes import SH

_TYPE = PREFIXES["rdf"] + "type"
_TERMS = set(EXTERNAL) - {"eurovoc"}
"""Prefixes of the vocabularies we reuse: their terms are no identifiers of another dataset."""
_ADDRESSES = {
    PREFIXES["dcterms"] + "license",
    PREFIXES["dcterms"] + "conformsTo",
    PREFIXES["dcterms"] + "source",
    PREFIXES["rdfs"] + "seeAlso",
    PREFIXES["cc"] + "license",
    PREFIXES["foaf"] + "homepage",
    PREFIXES["foaf"] + "page",
    PREFIXES["dcat"] + "landingPage",
    PREFIXES["dcat"] + "downloadURL",
    PREFIXES["dcat"] + "accessURL",
}
"""Properties whose value is a page or a licence to go and read, not a thing of another dataset."""
_MATCHES = {
    PREFIXES["skos"] + f"{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")
}
"""Mappings outside a table are the business of a shape."""


def find_unaligned(base: Base) -> Iterator[Result]:
    """Yield a result for each external identifier in no table, and each row about no record."""
    rows = [(path, row) for path in _tables(base) for row in read_mappings(path)]
    aligned = {row.object for _, row in rows}
    vocabularies = tuple(namespace for prefix, namespace in EXTERNAL.items() if prefix in _TERMS)
    for path, quad in base.record_quads():
        target, subject = quad.object, quad.subject
        if not isinstance(target, ox.NamedNode) or not isinstance(subject, ox.NamedNode):
            continue
        if quad.predicate.value in {_TYPE, *_ADDRESSES, *_MATCHES}:
            continue
        if target.value.startswith((BASE, *vocabularies)) or target.value in aligned:
            continue
        if target.value.startswith(("http:", "https:")):
            yield Result(rule("ExternalIriIsAligned"), subject, target, quad.predicate, file=path)
    for path, row in rows:
        if not _is_described(base, row):
            yield Result(
                shape=rule("Mappings"),
                focus=ox.NamedNode(DATASET),
                value=ox.NamedNode(row.subject),
                constraint=rule("MappingSubjectExists"),
                component=SH + "SPARQLConstraintComponent",
                file=path,
                line=row.line,
            )


def _tables(base: Base) -> list[Path]:
    """Return the alignment tables that could be read."""
    return [path for path in base.layout.alignment_files() if path in base.quads]


def _is_described(base: Base, row: Mapping) -> bool:
    """Tell whether the subject of a row is a record."""
    quads = base.store.quads_for_pattern(ox.NamedNode(row.subject), ox.NamedNode(_TYPE), None)
    return next(quads, None) is not None
