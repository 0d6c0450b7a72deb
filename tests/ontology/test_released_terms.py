"""No IRI that was released ever disappears."""

from __future__ import annotations

from rdflib import OWL, RDF, Graph, URIRef

from kb.layout import shipped_layout
from kb.namespaces import DRC, VOC

LAYOUT = shipped_layout()
KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, URIRef(DRC + "ControlledValue"))


def _shipped() -> set[str]:
    graph = Graph()
    for path in [*LAYOUT.ontology_files(), *LAYOUT.voc_files()]:
        graph.parse(path, format="turtle")
    return {
        str(term)
        for kind in KINDS
        for term in graph.subjects(RDF.type, kind)
        if str(term).startswith((DRC, VOC))
    }


def _released() -> list[str]:
    text = (LAYOUT.ontology / "released-terms.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_no_released_term_has_disappeared() -> None:
    assert sorted(set(_released()) - _shipped()) == []


def test_every_term_is_in_the_list_of_released_terms() -> None:
    assert sorted(_shipped() - set(_released())) == []


def test_the_list_of_released_terms_is_sorted_and_has_no_double() -> None:
    assert _released() == sorted(set(_released()))
    assert len(_released()) > 250
