"""The header passes the offline tests of the FOOPS! ontology scanner (benchmark PRE)."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from rdflib import DCTERMS, FOAF, OWL, RDF, RDFS, SKOS, VANN, XSD, Graph, Literal, URIRef

from kb.layout import shipped_layout
from kb.namespaces import BASE, DRC, ID, ONTOLOGY, PREFIXES

LAYOUT = shipped_layout()
HEADER = Graph().parse(LAYOUT.ontology / "drc.ttl", format="turtle")
ALIGNMENTS = Graph().parse(LAYOUT.ontology / "alignments.ttl", format="turtle")
IRI = URIRef(ONTOLOGY)
BIBO_STATUS = URIRef(PREFIXES["bibo"] + "status")
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def _one(prop: URIRef) -> str:
    values = list(HEADER.objects(IRI, prop))
    assert len(values) == 1, f"{prop}: {values}"
    return str(values[0])


def _in_both_languages(prop: URIRef) -> bool:
    texts = [text for text in HEADER.objects(IRI, prop) if isinstance(text, Literal)]
    return sorted(text.language or "" for text in texts) == ["en", "fr"]


def test_rdf1_and_p38_the_file_parses_and_declares_the_ontology() -> None:
    assert (IRI, RDF.type, OWL.Ontology) in HEADER


def test_find1_the_prefix_is_declared() -> None:
    assert _one(VANN.preferredNamespacePrefix) == "drc"


def test_om1_minimum_metadata_are_there() -> None:
    assert _in_both_languages(DCTERMS.title)
    assert _in_both_languages(DCTERMS.description)
    assert _one(VANN.preferredNamespaceUri) == DRC
    assert _one(DCTERMS.creator) == ID + "agent/editors"


def test_om2_recommended_metadata_are_there() -> None:
    assert _one(OWL.versionInfo)
    assert _in_both_languages(DCTERMS.bibliographicCitation)
    assert _in_both_languages(DCTERMS.abstract)


def test_om3_detailed_metadata_are_there() -> None:
    assert _one(DCTERMS.publisher) == ID + "agent/editors"
    assert _one(FOAF.logo) == BASE + "static/logo.svg"
    assert _one(BIBO_STATUS) == PREFIXES["bibo"] + "status/draft"
    assert _one(DCTERMS.source) == ID + "document/seed-000"


def test_om3_the_identifier_is_the_iri_and_the_lack_of_a_doi_is_explained() -> None:
    assert _one(DCTERMS.identifier) == ONTOLOGY
    assert all("DOI" in note for note in HEADER.objects(IRI, SKOS.editorialNote))
    assert _in_both_languages(SKOS.editorialNote)


def test_om4_the_licence_is_named_by_its_address() -> None:
    assert _one(DCTERMS.license) == "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize("prop", [DCTERMS.created, DCTERMS.issued, DCTERMS.modified])
def test_om5_provenance_dates_are_dates(prop: URIRef) -> None:
    value = HEADER.value(IRI, prop)
    assert isinstance(value, Literal)
    assert value.datatype == XSD.date
    assert date.fromisoformat(str(value)) >= date(2026, 11, 23)


def test_purl1_the_iri_is_under_a_persistent_scheme() -> None:
    assert ONTOLOGY.startswith("https://w3id.org/")


@pytest.mark.parametrize(
    ("graph", "iri"), [(HEADER, ONTOLOGY), (ALIGNMENTS, ONTOLOGY + "/alignments")]
)
def test_ver1_the_version_iri_is_the_iri_with_the_version(graph: Graph, iri: str) -> None:
    version = graph.value(URIRef(iri), OWL.versionInfo)
    assert str(graph.value(URIRef(iri), OWL.versionIRI)) == f"{iri}/{version}"


def test_the_first_version_has_no_prior_version() -> None:
    if _one(OWL.versionInfo) == "0.1.0":
        assert HEADER.value(IRI, OWL.priorVersion) is None
    else:
        assert HEADER.value(IRI, OWL.priorVersion) is not None


@pytest.mark.parametrize(
    ("graph", "iri"), [(HEADER, ONTOLOGY), (ALIGNMENTS, ONTOLOGY + "/alignments")]
)
def test_the_version_is_that_of_the_distribution(graph: Graph, iri: str) -> None:
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    assert str(graph.value(URIRef(iri), OWL.versionInfo)) == project["version"]


def test_voc1_the_header_uses_known_metadata_vocabularies_only() -> None:
    known = [PREFIXES[p] for p in ("dcterms", "vann", "bibo", "foaf", "owl", "rdf", "rdfs", "skos")]
    for prop in HEADER.predicates(IRI):
        assert any(str(prop).startswith(namespace) for namespace in known), prop


def test_voc2_other_vocabularies_are_reused() -> None:
    above = {str(o) for o in HEADER.objects(None, RDFS.subClassOf) if not str(o).startswith(DRC)}
    reused = {p for p, n in PREFIXES.items() if any(o.startswith(n) for o in above)}
    assert {"eli", "foaf", "oa", "org", "prov", "skos"} <= reused


def test_the_ontology_imports_nothing() -> None:
    assert list(HEADER.objects(IRI, OWL.imports)) == []
