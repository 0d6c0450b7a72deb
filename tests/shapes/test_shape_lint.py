"""The lint of the shapes: silent faults are found, and the shipped shapes have none."""

from __future__ import annotations

from types import ModuleType

import pyoxigraph as ox
import pytest
from rdflib import Graph

from kb.namespaces import PREFIXES
from kb.shape_lint import lint_shapes, unreached_shapes

HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
GOOD = """
shapes:Thing a sh:NodeShape ; sh:targetClass drc:Theme ; sh:severity sh:Violation ;
  skos:notation "1" ; sh:property shapes:ThingLabel ; sh:sparql shapes:ThingQuery ;
  sh:name "Chose"@fr , "Thing"@en ; sh:description "Une chose."@fr , "A thing."@en ;
  sh:message "C’est faux — corriger."@fr , "It is wrong — mend it."@en .
shapes:ThingLabel a sh:PropertyShape ; sh:path skos:prefLabel ; sh:severity sh:Violation ;
  skos:notation "1" ; sh:minCount 1 ; sh:pattern "^[a-z]+$" ;
  sh:name "Libellé"@fr , "Label"@en ; sh:description "Un libellé."@fr , "A label."@en ;
  sh:message "Il manque — l’ajouter."@fr , "It is missing — add it."@en .
shapes:ThingQuery a sh:SPARQLConstraint ; sh:prefixes shapes:prefixes ; skos:notation "1" ;
  sh:name "Requête"@fr , "Query"@en ; sh:description "Une requête."@fr , "A query."@en ;
  sh:message "C’est faux — corriger."@fr , "It is wrong — mend it."@en ;
  sh:select "SELECT $this WHERE { $this a drc:Theme }" .
"""
FAULTS = {
    "a misspelt term of SHACL": (
        "sh:minCount 1", "sh:minCont 1", "sh:minCont is not a term of SHACL",
    ),
    "a target class nobody declares": (
        "sh:targetClass drc:Theme", "sh:targetClass drc:Theem",
        "shapes:Thing: sh:targetClass drc:Theem is declared nowhere",
    ),
    "a path nobody declares": (
        "sh:path skos:prefLabel", "sh:path skos:prefLabl",
        "shapes:ThingLabel: the property skos:prefLabl is declared nowhere",
    ),
    "a nested path nobody declares": (
        "sh:path skos:prefLabel", "sh:path [ sh:alternativePath ( skos:prefLabel drc:nam ) ]",
        "shapes:ThingLabel: the property drc:nam is declared nowhere",
    ),
    "a closed list with an unknown property": (
        "sh:targetClass drc:Theme", "sh:targetClass drc:Theme ; sh:ignoredProperties ( oa:exat )",
        "shapes:Thing: the property oa:exat is declared nowhere",
    ),
    "a shape without IRI": (
        "sh:property shapes:ThingLabel", "sh:property shapes:ThingLabel , [ sh:path rdfs:label ]",
        "a shape or constraint with sh:path has no IRI",
    ),
    "a message in one language": (
        '"Il manque — l’ajouter."@fr , ', "",
        "shapes:ThingLabel: the message is not given once in fr and once in en",
    ),
    "a name missing": (
        'sh:name "Requête"@fr , "Query"@en ;', "",
        "shapes:ThingQuery: the name is not given once in fr and once in en",
    ),
    "a message without remedy": (
        '"It is missing — add it."@en', '"It is missing."@en',
        "shapes:ThingLabel: a message has no remedy after “ — ”",
    ),
    "a shape without severity": (
        "sh:path skos:prefLabel ; sh:severity sh:Violation", "sh:path skos:prefLabel",
        "shapes:ThingLabel: a shape has exactly one sh:severity",
    ),
    "a severity on a constraint": (
        "sh:prefixes shapes:prefixes", "sh:prefixes shapes:prefixes ; sh:severity sh:Info",
        "shapes:ThingQuery: severity is read from the shape, not from the constraint",
    ),
    "a rule without number": (
        'skos:notation "1" ; sh:minCount 1', "sh:minCount 1",
        "shapes:ThingLabel: skos:notation does not say which rule this is",
    ),
    "a query without prefixes": (
        "sh:prefixes shapes:prefixes ; ", "",
        "shapes:ThingQuery: the constraint has no sh:prefixes",
    ),
    "a constraint without query": (
        "sh:select", "sh:ask", "shapes:ThingQuery: the constraint has no sh:select",
    ),
    "a query with a word that is not allowed": (
        "$this a drc:Theme }", "$this a drc:Theme MINUS { $this a drc:Aim } }",
        "shapes:ThingQuery: MINUS is not allowed in a SPARQL constraint",
    ),
    "a pattern of another dialect": (
        "^[a-z]+$", r"^\\p{L}+$",
        "shapes:ThingLabel: the pattern is not a regular expression of Python "
        "(bad escape \\p at position 1)",
    ),
    "a shape that nothing applies": (
        "sh:property shapes:ThingLabel ; ", "",
        "shapes:ThingLabel: nothing applies this shape or constraint",
    ),
}  # fmt: skip


def parse(turtle: str) -> Graph:
    return Graph().parse(data=HEAD + turtle, format="turtle")


def test_shapes_without_fault_pass(ontology: Graph) -> None:
    assert lint_shapes(parse(GOOD), ontology) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_silent_fault_is_told(ontology: Graph, fault: str) -> None:
    old, new, told = FAULTS[fault]
    assert old in GOOD
    assert told in lint_shapes(parse(GOOD.replace(old, new, 1)), ontology)


def test_the_shipped_shapes_have_no_fault(shapes: Graph, ontology: Graph) -> None:
    assert lint_shapes(shapes, ontology) == []


def test_every_shipped_shape_is_reached_by_the_tiny_base(
    shapes: Graph, ontology: Graph, tools: ModuleType, tiny: list[ox.Quad]
) -> None:
    assert unreached_shapes(shapes, ontology, tools.to_graph(tiny) + ontology) == []


def test_a_shape_that_no_record_reaches_is_told(ontology: Graph) -> None:
    told = unreached_shapes(parse(GOOD), ontology, parse("event:e a drc:Workshop ."))
    assert told == ["shapes:Thing: no record of the test data is a drc:Theme"]


def test_a_record_of_a_narrower_class_reaches_a_shape(ontology: Graph) -> None:
    shape = parse("shapes:Any a sh:NodeShape ; sh:targetClass drc:Event .")
    assert unreached_shapes(shape, ontology, parse("event:e a drc:Workshop .")) == []


def test_a_shape_on_the_subjects_of_an_unused_property_is_told(ontology: Graph) -> None:
    shape = parse("shapes:Dated a sh:NodeShape ; sh:targetSubjectsOf drc:notBefore .")
    told = unreached_shapes(shape, ontology, parse("event:e a drc:Event ."))
    assert told == ["shapes:Dated: no record of the test data has drc:notBefore"]
