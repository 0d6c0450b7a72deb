"""Ontology, records and the axioms of the vocabularies they build on contradict each other nowhere.

HermiT stops at datatypes outside the OWL 2 map, so literals of dates and of EDTF are left out of
what it reads; SHACL checks those. `external-axioms.ttl` holds the axioms of PROV-O, ORG, FOAF, SKOS
and ELI that bear on the terms we reuse, since none of these ontologies is imported.
"""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import owlready2
import owlrl
import pytest
from rdflib import OWL, RDF, XSD, Graph, Literal, URIRef

from kb.layout import shipped_layout
from kb.namespaces import DRC

HERE = Path(__file__).parent
LAYOUT = shipped_layout()
LEFT_OUT = {XSD.date, XSD.gYear, XSD.gYearMonth, URIRef("http://id.loc.gov/datatypes/edtf/EDTF")}
OWLRL_ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")

SEEDED = sorted((HERE / "contradictions").glob("*.ttl"))


def _graph(*paths: Path) -> Graph:
    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


def _ontology() -> Graph:
    axioms = HERE / "external-axioms.ttl"
    return _graph(*LAYOUT.ontology_files(), *LAYOUT.voc_files(), axioms)


def _contradictions(graph: Graph) -> list[str]:
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return sorted(str(message) for message in graph.objects(None, OWLRL_ERROR))


@pytest.fixture
def hermit() -> None:
    """Skip where Java is missing, unless in CI, where it must be there."""
    if shutil.which("java") is None and not os.environ.get("CI"):
        pytest.skip("no Java runtime found: HermiT cannot run")


def _is_consistent(graph: Graph) -> bool:
    for triple in list(graph):
        obj = triple[2]
        left_out = isinstance(obj, Literal) and obj.datatype in LEFT_OUT
        if left_out or triple[1] == OWL.imports:
            graph.remove(triple)
    world = owlready2.World()
    triples = io.BytesIO(graph.serialize(format="ntriples", encoding="utf-8"))
    world.get_ontology("https://w3id.org/digital-rights-charter/ontology").load(fileobj=triples)
    try:
        owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError:
        return False
    finally:
        unsatisfiable = list(world.inconsistent_classes())
        world.close()
    return unsatisfiable == []


@pytest.mark.java
@pytest.mark.usefixtures("hermit")
def test_hermit_finds_the_ontology_consistent_and_every_class_satisfiable() -> None:
    assert _is_consistent(_ontology())


@pytest.mark.java
@pytest.mark.slow
@pytest.mark.usefixtures("hermit")
def test_hermit_finds_the_ontology_and_the_records_consistent() -> None:
    graph = _ontology()
    for path in LAYOUT.data_files():
        graph.parse(path, format="turtle")
    assert len(list(graph.subjects(RDF.type, URIRef(DRC + "Passage")))) > 100
    assert _is_consistent(graph)


@pytest.mark.java
@pytest.mark.usefixtures("hermit")
@pytest.mark.parametrize("contradiction", SEEDED, ids=lambda path: path.stem)
def test_hermit_detects_a(contradiction: Path) -> None:
    assert not _is_consistent(_ontology().parse(contradiction, format="turtle"))


def test_owlrl_finds_no_contradiction_in_the_ontology_and_an_invented_base() -> None:
    graph = _ontology().parse(HERE / "rules-data.ttl", format="turtle")
    assert _contradictions(graph) == []


def test_owlrl_detects_a_proposal_that_is_a_concern() -> None:
    seeded = HERE / "contradictions" / "proposal-that-is-a-concern.ttl"
    assert _contradictions(_ontology().parse(seeded, format="turtle"))


def test_there_are_seeded_contradictions() -> None:
    assert len(SEEDED) >= 8
