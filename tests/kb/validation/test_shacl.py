"""Shapes on small bases: words, paths, severities, failures, and agreement with pySHACL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kb.layout import Layout
from kb.namespaces import SHAPES
from kb.problems import Severity
from kb.validation import CannotValidate, Report, validate
from kb.validation.base import Base
from kb.validation.hoisting import hoist_targets
from kb.validation.rdflib_terms import to_graph
from kb.validation.result import Result
from kb.validation.shacl import find_shacl_results
from kb.validation.shacl_core import run_pyshacl
from kb.validation.shacl_sparql import dataset_constraints
from kb.validation.shapes import read_shapes

MakeBase = Callable[[Mapping[str, str | bytes]], Base]

SHAPES_FILE = "ontology/shapes/x.ttl"
LABELLED = 'theme:a a skos:Concept ; skos:prefLabel "A"@en , "A"@fr .'
DATASET_RULE = """
<https://w3id.org/digital-rights-charter/shapes> a owl:Ontology ;
  sh:declare [ sh:prefix "skos" ; sh:namespace "http://www.w3.org/2004/02/skos/core#" ] .
shapes:All a sh:NodeShape ; sh:targetNode <https://w3id.org/digital-rights-charter/dataset> ;
  sh:severity sh:Warning ; sh:sparql shapes:NoNote .
shapes:NoNote a sh:SPARQLConstraint ; sh:prefixes <https://w3id.org/digital-rights-charter/shapes> ;
  sh:message "{?value} has the note {?text} ({?path}) — remove it."@en ,
    "{?value} porte la note {?text} ({?path}) — la retirer."@fr ;
  sh:select \"\"\"SELECT $this ?value ?path ?text WHERE {
    ?value skos:note ?text . BIND(skos:note AS ?path) }\"\"\" .
"""


def identities(results: list[Result]) -> set[tuple[str, ...]]:
    """Return everything that SHACL says of some results."""
    return {
        (str(r.shape), str(r.focus), str(r.value), str(r.path), str(r.constraint), r.component)
        for r in results
    }


def by_pyshacl(base: Base) -> set[tuple[str, ...]]:
    """Return what pySHACL finds with the shapes as they are written."""
    shapes = to_graph(q for quads in base.shapes.quads.values() for q in quads)
    return identities(run_pyshacl(to_graph(base.all_quads()), shapes))


def only_finding(base: Base) -> Report:
    """Return the report of a base, which must hold one problem."""
    report = validate(base.layout)
    assert len(report.problems) == 1, report.problems
    return report


def test_placeholders_of_core_constraints_are_filled(make_base: MakeBase) -> None:
    (problem,) = only_finding(make_base({"themes/a.ttl": "theme:a a skos:Concept ."})).problems
    assert problem.message == {"en": "Fewer than 1 label", "fr": "Moins de 1 libellé"}
    assert problem.remedy == {"en": "add one.", "fr": "en ajouter un."}
    assert problem.rule == SHAPES + "Label"
    assert problem.subject == "theme:a"
    assert problem.path == "skos:prefLabel"
    assert problem.file.endswith("kb/data/themes/a.ttl")
    assert problem.line == 4


def test_a_constraint_on_the_dataset_is_told_of_the_offender(make_base: MakeBase) -> None:
    record = 'theme:a a skos:Concept ; skos:prefLabel "Labour"@en , "Travail"@fr ; skos:note "x" .'
    base = make_base({SHAPES_FILE: DATASET_RULE, "themes/a.ttl": record})
    report = only_finding(base)
    (problem,) = report.problems
    assert problem.rule == SHAPES + "NoNote"
    assert problem.subject == "theme:a"
    assert problem.message["fr"] == "Travail porte la note x (skos:note)"
    assert problem.message["en"] == "Labour has the note x (skos:note)"
    assert problem.severity is Severity.WARNING
    assert problem.value == "x"
    assert report.conforms
    assert report.counts == {"violation": 0, "warning": 1, "info": 0}
    assert report.at_least(Severity.VIOLATION).problems == ()


def test_dataset_constraints_are_those_with_target_nodes_only(make_base: MakeBase) -> None:
    by_class = DATASET_RULE.replace("sh:targetNode", "sh:targetClass skos:Concept ; sh:targetNode")
    for shapes, taken in ((DATASET_RULE, 1), (by_class, 0)):
        base = make_base({SHAPES_FILE: shapes})
        assert len(dataset_constraints(base.shapes.shapes)) == taken


@pytest.mark.parametrize("off", ["shapes:All", "shapes:NoNote"])
def test_what_is_deactivated_finds_nothing(make_base: MakeBase, off: str) -> None:
    rule = f"{DATASET_RULE}{off} sh:deactivated true ."
    base = make_base({SHAPES_FILE: rule, "themes/a.ttl": LABELLED + ' theme:a skos:note "x" .'})
    assert find_shacl_results(base) == []
    assert by_pyshacl(base) == set()


MANY_SHAPES = (
    DATASET_RULE
    + """
shapes:PerNode a sh:NodeShape ; sh:targetClass skos:Concept ; sh:sparql shapes:NoScope .
shapes:NoScope sh:prefixes <https://w3id.org/digital-rights-charter/shapes> ;
  sh:message "m — r"@en ;
  sh:select "SELECT $this ?value WHERE { $this skos:scopeNote ?value }" .
shapes:Path a sh:NodeShape ; sh:targetSubjectsOf skos:prefLabel ; sh:property [
    sh:path [ sh:alternativePath ( skos:note skos:scopeNote ) ] ; sh:maxCount 0 ;
    sh:message "m — r"@en ] .
shapes:Either a sh:NodeShape ; sh:targetClass skos:Concept ; sh:message "m — r"@en ;
  sh:or ( shapes:HasNote shapes:HasScope ) ; sh:node shapes:Nested .
shapes:HasNote a sh:NodeShape ; sh:property [ sh:path skos:note ; sh:minCount 1 ] .
shapes:HasScope a sh:PropertyShape ; sh:path skos:scopeNote ; sh:minCount 1 .
shapes:Nested a sh:NodeShape ; sh:targetObjectsOf skos:related ; sh:message "m — r"@en ;
  sh:property shapes:NestedProperty .
shapes:NestedProperty a sh:PropertyShape ; sh:path skos:notation ; sh:minCount 1 ;
  sh:severity sh:Info ; sh:message "m — r"@en .
shapes:Order a sh:PropertyShape ; sh:targetSubjectsOf drc:validFrom ; sh:path drc:validFrom ;
  sh:lessThanOrEquals drc:validUntil ; sh:datatype xsd:date ; sh:message "m — r"@en .
"""
)
MANY_RECORDS = {
    "themes/a.ttl": LABELLED + ' theme:a skos:note "x" ; skos:related theme:b .',
    "themes/b.ttl": 'theme:b a skos:Concept ; skos:scopeNote "y" ; skos:related theme:c .',
    "themes/c.ttl": 'theme:c a skos:Concept ; skos:prefLabel "C"@en ; skos:notation "c" .',
    **{
        f"themes/{name}.ttl": f"theme:{name} drc:validFrom {start} ; drc:validUntil {end} ."
        for name, start, end in (
            ("d", '"2013-02-30"^^xsd:date', '"2014-01-01"^^xsd:date'),
            ("e", '"2015-01-01"^^xsd:date', '"2014-01-01"^^xsd:date'),
            ("f", '"2015-01-01"^^xsd:date', '"soon"@en'),
            ("g", '"2013-01-01"^^xsd:date', '"2014"^^xsd:gYear'),
        )
    },
}


def test_the_fast_path_and_pyshacl_agree_on_every_kind_of_shape(make_base: MakeBase) -> None:
    base = make_base({SHAPES_FILE: MANY_SHAPES, **MANY_RECORDS})
    mine = identities(find_shacl_results(base))
    assert mine == by_pyshacl(base)
    shapes = {shape.rpartition("#")[2].rstrip(">") for shape, *_ in mine}
    assert {"All", "PerNode", "Either", "NestedProperty", "Order", "Label"} <= shapes


def test_a_date_that_cannot_be_compared_is_a_result_not_a_failure(make_base: MakeBase) -> None:
    base = make_base({SHAPES_FILE: MANY_SHAPES, **MANY_RECORDS})
    order = {
        str(r.focus).rpartition("/")[2].rstrip(">")
        for r in find_shacl_results(base)
        if r.component.endswith("LessThanOrEqualsConstraintComponent")
    }
    assert order == {"d", "e", "f"}


def test_hoisting_leaves_shapes_alone_that_others_refer_to(make_base: MakeBase) -> None:
    base = make_base({SHAPES_FILE: MANY_SHAPES})
    quads = [q for part in base.shapes.quads.values() for q in part]
    held = {str(q.subject) for q in hoist_targets(quads) if q.predicate.value.endswith("#property")}
    assert f"<{SHAPES}Nested>" in held
    assert f"<{SHAPES}Path>" not in held


def test_shapes_without_names_are_told_by_the_rule_that_holds_them(make_base: MakeBase) -> None:
    base = make_base({SHAPES_FILE: MANY_SHAPES, **MANY_RECORDS})
    report = validate(base.layout)
    paths = {p.path for p in report.problems if p.rule == SHAPES + "Path"}
    assert paths == {"skos:note|skos:scopeNote"}
    assert all(p.rule.startswith(SHAPES) for p in report.problems)


def test_a_rule_without_message_still_says_something(make_base: MakeBase) -> None:
    silent = (
        "shapes:Mute a sh:NodeShape ; sh:targetClass skos:Concept ; sh:property"
        " [ sh:path skos:note ; sh:minCount 1 ] ."
    )
    (problem,) = only_finding(make_base({SHAPES_FILE: silent, "themes/a.ttl": LABELLED})).problems
    for lang in ("fr", "en"):
        assert "A" in problem.message[lang]
        assert "{" not in problem.text(lang)


BAD_SHAPES = {
    "no Turtle": b"shapes:A a sh:NodeShape",
    "a pattern that is none": (
        b"@prefix sh: <http://www.w3.org/ns/shacl#> .\n<urn:s> a sh:NodeShape ; sh:targetClass"
        b' <http://www.w3.org/2004/02/skos/core#Concept> ; sh:pattern "\\\\p{L}(" .'
    ),
}


@pytest.mark.parametrize("content", BAD_SHAPES.values(), ids=BAD_SHAPES.keys())
def test_shapes_that_cannot_be_read_are_a_failure(tmp_path: Path, content: bytes) -> None:
    layout = write(tmp_path, {"ontology/shapes/bad.ttl": content})
    with pytest.raises(CannotValidate):
        validate(layout)


@pytest.mark.parametrize(
    "select",
    [
        "SELECT $this WHERE { MINUS",
        "ASK { ?s ?p ?o }",
        "SELECT ?value WHERE { ?value a ?class }",
        "SELECT $this ?failure WHERE { BIND(true AS ?failure) }",
    ],
)
def test_a_constraint_that_cannot_be_evaluated_is_a_failure(
    make_base: MakeBase, select: str
) -> None:
    rule = DATASET_RULE.split("sh:select")[0] + f'sh:select "{select}" .'
    base = make_base({SHAPES_FILE: rule, "themes/a.ttl": LABELLED})
    with pytest.raises(CannotValidate, match="NoNote"):
        validate(base.layout)


def test_a_failure_that_pyshacl_returns_is_no_conformance(make_base: MakeBase) -> None:
    rule = (
        "shapes:Bad a sh:NodeShape ; sh:targetClass skos:Concept ; sh:sparql shapes:BadToo ."
        'shapes:BadToo sh:message "m — r"@en ; sh:select'
        ' "SELECT $this WHERE { VALUES ?x { 1 } $this a ?c }" .'
    )
    base = make_base({SHAPES_FILE: rule, "themes/a.ttl": LABELLED})
    with pytest.raises(CannotValidate, match="VALUES"):
        validate(base.layout)


def test_a_base_without_shapes_cannot_be_validated(tmp_path: Path) -> None:
    with pytest.raises(CannotValidate, match="no shape file"):
        validate(write(tmp_path, {}))


def test_every_shape_file_is_read_and_the_fast_path_takes_its_share(pristine: Layout) -> None:
    shapes = read_shapes(pristine)
    assert len(shapes.quads) == len(pristine.shape_files())
    assert len(dataset_constraints(shapes.shapes)) >= 50


def write(folder: Path, files: Mapping[str, bytes]) -> Layout:
    """Write the files of a base as they are given."""
    layout = Layout(folder / "kb" / "data", folder / "ontology")
    layout.data.mkdir(parents=True)
    (layout.data / "themes").mkdir()
    record = b"<urn:a> a <http://www.w3.org/2004/02/skos/core#Concept> .\n"
    (layout.data / "themes" / "a.ttl").write_bytes(record)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return layout
