"""Every term of another vocabulary that we use exists there: it stands in a list that was read.

`ontology/terms/<prefix>.txt` holds, one to a line, the local names of the terms in use; its header
says in which document they were read and when. Compared are all IRIs of those namespaces in the
ontology and the lists, and in the records every predicate and every class.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rdflib import OWL, RDF, Graph, URIRef

from kb.layout import shipped_layout
from kb.namespaces import BASE, PREFIXES

LAYOUT = shipped_layout()
LISTS = sorted((LAYOUT.ontology / "terms").glob("*.txt"))


def _read(path: Path) -> tuple[dict[str, str], list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    header = dict(
        match.groups()
        for line in lines
        if (match := re.fullmatch(r"# (namespace|read in|read on): (.+)", line))
    )
    return header, [line for line in lines if not line.startswith("#")]


KNOWN = {header["namespace"] + name for header, names in map(_read, LISTS) for name in names}
NAMESPACES = tuple(_read(path)[0]["namespace"] for path in LISTS)
BUILT_IN = tuple(PREFIXES[prefix] for prefix in ("owl", "rdf", "rdfs", "xsd"))


def _parsed(paths: list[Path]) -> Graph:
    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


ONTOLOGY = _parsed([*LAYOUT.ontology_files(), *LAYOUT.voc_files()])
RECORDS = _parsed(LAYOUT.data_files())


def _vocabulary_of_the_records() -> set[str]:
    classes = {str(o) for o in RECORDS.objects(None, RDF.type)}
    return {str(p) for p in RECORDS.predicates()} | classes


def test_the_ontology_uses_no_external_term_that_was_not_read() -> None:
    used = {str(term) for triple in ONTOLOGY for term in triple if isinstance(term, URIRef)}
    assert sorted(t for t in used - KNOWN if t.startswith(NAMESPACES)) == []


def test_the_ontology_takes_predicates_and_classes_from_listed_vocabularies_only() -> None:
    used = {str(p) for p in ONTOLOGY.predicates()}
    used |= {str(o) for o in ONTOLOGY.objects(None, RDF.type)}
    assert sorted(t for t in used - KNOWN if not t.startswith(BASE)) == []


def test_the_records_use_no_external_term_that_was_not_read() -> None:
    used = _vocabulary_of_the_records()
    assert used
    assert sorted(t for t in used - KNOWN if not t.startswith(BASE)) == []


def test_every_external_term_of_the_records_is_declared_in_the_ontology() -> None:
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    declared = {str(s) for kind in kinds for s in ONTOLOGY.subjects(RDF.type, kind)}
    used = {t for t in _vocabulary_of_the_records() if not t.startswith((BASE, *BUILT_IN))}
    assert sorted(used - declared) == []


@pytest.mark.parametrize("trap", ["implements", "passed_by", "legal_value"])
def test_an_eli_term_that_misleads_is_in_no_list(trap: str) -> None:
    assert PREFIXES["eli"] + trap not in KNOWN


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_list_says_where_and_when_it_was_read_and_is_sorted(path: Path) -> None:
    header, names = _read(path)
    assert set(header) == {"namespace", "read in", "read on"}
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", header["read on"])
    assert PREFIXES[path.stem] == header["namespace"]
    assert names == sorted(set(names))
    assert names
