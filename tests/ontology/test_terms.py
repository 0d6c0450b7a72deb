"""The ontology holds every term and list value of the design, each said in two languages."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef

from kb.layout import shipped_layout
from kb.namespaces import DRC, LISTS, ONTOLOGY, VOC

HERE = Path(__file__).parent
LAYOUT = shipped_layout()
KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)


def _read() -> Graph:
    graph = Graph()
    for path in [*LAYOUT.ontology_files(), *LAYOUT.voc_files()]:
        graph.parse(path, format="turtle")
    return graph


GRAPH = _read()
TERMS = sorted(
    {t for kind in KINDS for t in GRAPH.subjects(RDF.type, kind) if str(t).startswith(DRC)}
)
VALUES = sorted(set(GRAPH.subjects(RDF.type, URIRef(DRC + "ControlledValue"))))


def _lines(name: str) -> list[str]:
    text = (HERE / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def _languages(subject: object, *properties: URIRef) -> list[str | None]:
    texts = [o for p in properties for o in GRAPH.objects(URIRef(str(subject)), p)]
    assert all(isinstance(text, Literal) and len(text) > 1 for text in texts)
    assert all(unicodedata.is_normalized("NFC", str(text)) for text in texts)
    return sorted(text.language or "" for text in texts if isinstance(text, Literal))


def test_the_terms_are_those_of_the_design() -> None:
    expected = {word for line in _lines("expected-terms.txt") for word in line.split()}
    assert {str(term).removeprefix(DRC) for term in TERMS} == expected


@pytest.mark.parametrize("line", _lines("expected-values.txt"))
def test_the_list_holds_every_value_of_the_design(line: str) -> None:
    name, _, codes = line.partition(":")
    scheme = URIRef(VOC + name)
    expected = {URIRef(f"{scheme}/{code}") for code in codes.split()}
    assert expected
    assert set(GRAPH.subjects(SKOS.inScheme, scheme)) == expected


def test_there_is_one_file_for_each_list() -> None:
    assert sorted(path.stem for path in LAYOUT.voc_files()) == sorted(LISTS)
    assert len(_lines("expected-values.txt")) == len(LISTS)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: str(term).removeprefix(DRC))
def test_the_term_is_labelled_and_defined_in_both_languages(term: URIRef) -> None:
    assert _languages(term, RDFS.label) == ["en", "fr"]
    assert _languages(term, SKOS.definition) == ["en", "fr"]
    assert (term, RDFS.isDefinedBy, URIRef(ONTOLOGY)) in GRAPH


@pytest.mark.parametrize("value", VALUES, ids=lambda value: str(value).removeprefix(VOC))
def test_the_value_is_labelled_and_defined_in_both_languages(value: URIRef) -> None:
    assert _languages(value, SKOS.prefLabel) == ["en", "fr"]
    assert _languages(value, SKOS.definition) == ["en", "fr"]
    assert [str(code) for code in GRAPH.objects(value, SKOS.notation)] == [value.split("/")[-1]]


def test_every_derived_property_is_an_inverse_or_a_chain() -> None:
    derived = {
        str(s).removeprefix(DRC)
        for p in (OWL.inverseOf, OWL.propertyChainAxiom)
        for s in GRAPH.subjects(p)
    }
    inverses = {"contains", "hasArticulation", "hasRealisation"}
    chains = {"expressesPrinciple", "recognisesPrinciple", "realisedThrough"}
    assert derived == inverses | chains


@pytest.mark.parametrize("name", ["alignments", "drc"])
def test_an_ontology_file_begins_with_its_header(name: str) -> None:
    graph = Graph().parse(LAYOUT.ontology / f"{name}.ttl", format="turtle")
    assert len(list(graph.subjects(RDF.type, OWL.Ontology))) == 1


def test_only_the_entry_point_and_the_alignments_have_a_header() -> None:
    assert len(list(GRAPH.subjects(RDF.type, OWL.Ontology))) == 2


@pytest.mark.parametrize("path", LAYOUT.ontology_files(), ids=lambda path: path.stem)
def test_an_ontology_file_stays_readable_in_length(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= 800
