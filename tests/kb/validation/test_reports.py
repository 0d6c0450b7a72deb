"""Reports in every form: equal content, both languages, safe whatever the records hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from xml.etree import ElementTree as Xml

import pytest
import rdflib
from rdflib.compare import isomorphic

from kb.errors import NotFound
from kb.namespaces import DATASET
from kb.problems import Severity
from kb.validation import FORMATS, Report, render, validate
from kb.validation.base import Base

MakeBase = Callable[[Mapping[str, str | bytes]], Base]

SHAPES = """
shapes:Many a sh:NodeShape ; sh:targetClass skos:Concept ; sh:property shapes:NoNote , shapes:Alt .
shapes:NoNote a sh:PropertyShape ; sh:path skos:note ; sh:maxCount 0 ; sh:severity sh:Warning ;
  sh:message "A note <b>here</b> — remove it."@en , "Une note <b>ici</b> — la retirer."@fr .
shapes:Alt a sh:PropertyShape ; sh:severity sh:Info ;
  sh:path [ sh:alternativePath ( skos:scopeNote [ sh:inversePath skos:broader ] ) ] ;
  sh:minCount 1 ; sh:message "No scope — add one."@en , "Pas de portée — en ajouter une."@fr .
"""
FILES: dict[str, str | bytes] = {
    "ontology/shapes/x.ttl": SHAPES,
    "themes/a.ttl": 'theme:a a skos:Concept ; skos:note "<script>alert(1)</script> & \\u0007"@en .',
    "themes/b.ttl": 'theme:b a skos:Concept ; skos:prefLabel "B"@en ; skos:scopeNote "s"@en .',
    "themes/c.ttl": b"broken",
}


@pytest.fixture
def report(make_base: MakeBase) -> Report:
    """A report with problems of every severity, and a file that was left out."""
    report = validate(make_base(FILES).layout)
    assert {p.severity for p in report.problems} == set(Severity)
    return report


def test_text_has_one_line_a_problem_and_a_summary(report: Report) -> None:
    for lang, word in (("en", "does not conform"), ("fr", "n’est pas conforme")):
        lines = render(report, "text", lang).splitlines()
        told = [line for line in lines if "kb/data/" in line and " — " in line]
        assert told == [p.text(lang) for p in sorted(report.problems, key=lambda p: -p.severity)]
        assert word in lines[-1]
        assert report.version in lines[-1]


def test_lines_that_would_be_the_same_are_told_apart_by_their_values(make_base: MakeBase) -> None:
    shapes = SHAPES.replace("sh:maxCount 0", 'sh:pattern "^z"')
    record = 'theme:b a skos:Concept ; skos:prefLabel "B"@en ; skos:scopeNote "s" ; skos:note {} .'
    base = make_base({"ontology/shapes/x.ttl": shapes, "themes/b.ttl": record.format('"x" , "y"')})
    told = [line for line in render(validate(base.layout)).splitlines() if "A note" in line]
    assert [line.rpartition(" ")[2] for line in told] == ["[x]", "[y]"]


def test_text_of_a_clean_base_is_its_summary(make_base: MakeBase) -> None:
    report = validate(make_base({}).layout)
    assert report.conforms
    assert render(report, "text", "en").startswith("The base conforms: 0 violations, 0 warnings")
    assert render(report, "text", "fr").startswith("La base est conforme : 0 violation, 0 aver")


def test_what_is_set_aside_is_counted(report: Report) -> None:
    aside = report.counts["warning"] + report.counts["info"]
    shown = report.at_least(Severity.VIOLATION)
    assert aside > 0
    assert f"{aside} less grave not shown" in render(shown, "text", "en")
    assert f"{aside} moins graves non montrés" in render(shown, "text", "fr")
    assert json.loads(render(shown, "json", "en"))["unshown"] == aside
    assert "not shown" not in render(report, "text", "en")


def test_json_is_flat_and_holds_both_languages(report: Report) -> None:
    whole = json.loads(render(report, "json", "fr"))
    assert whole["conforms"] is False
    assert whole["counts"] == report.counts
    assert whole["left_out"] == list(report.left_out) and len(whole["left_out"]) == 1
    assert len(whole["problems"]) == len(report.problems)
    for entry, problem in zip(whole["problems"], report.problems, strict=True):
        assert entry["message"] == entry["message_fr"] == problem.message["fr"]
        assert entry["message_en"] == problem.message["en"]
        assert (entry["file"], entry["line"], entry["rule"]) == (
            problem.file,
            problem.line,
            problem.rule,
        )
        assert not any(isinstance(value, dict | list) for value in entry.values())


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_turtle_and_jsonld_hold_the_same_validation_report(report: Report) -> None:
    turtle = rdflib.Graph().parse(data=render(report, "ttl"), format="turtle")
    jsonld = rdflib.Graph().parse(data=render(report, "jsonld"), format="json-ld")
    assert isomorphic(turtle, jsonld)
    sh = rdflib.SH
    (node,) = turtle.subjects(rdflib.RDF.type, sh.ValidationReport)
    assert isinstance(node, rdflib.URIRef)
    assert turtle.value(node, sh.conforms) == rdflib.Literal(False)
    results = list(turtle.objects(node, sh.result))
    assert len(results) == len(report.problems)
    for result in results:
        assert isinstance(result, rdflib.URIRef)
        for name in ("focusNode", "resultSeverity", "sourceShape", "sourceConstraintComponent"):
            assert len(list(turtle.objects(result, sh[name]))) == 1, name
        messages = list(turtle.objects(result, sh.resultMessage))
        assert {m.language for m in messages if isinstance(m, rdflib.Literal)} == {"fr", "en"}
    assert turtle.value(node, rdflib.DCTERMS.subject) == rdflib.URIRef(DATASET)


def test_compound_paths_are_whole_in_the_report(report: Report) -> None:
    turtle = rdflib.Graph().parse(data=render(report, "ttl"), format="turtle")
    sh = rdflib.SH
    heads = list(turtle.objects(None, sh.alternativePath))
    assert heads
    for head in heads:
        steps = list(turtle.items(head))
        assert steps[0] == rdflib.SKOS.scopeNote
        assert turtle.value(steps[1], sh.inversePath) == rdflib.SKOS.broader


def test_a_clean_report_conforms_in_rdf(make_base: MakeBase) -> None:
    report = validate(make_base({}).layout)
    turtle = rdflib.Graph().parse(data=render(report, "ttl"), format="turtle")
    assert turtle.value(None, rdflib.SH.conforms) is None
    assert list(turtle.objects(None, rdflib.SH.conforms)) == [rdflib.Literal(True)]
    assert list(turtle.objects(None, rdflib.SH.result)) == []


def test_junit_counts_every_case_and_fails_on_violations_only(report: Report) -> None:
    root = Xml.fromstring(render(report, "junit", "en"))
    assert root.tag == "testsuites"
    (suite,) = root
    assert suite.tag == "testsuite"
    cases = list(suite)
    assert {case.tag for case in cases} == {"testcase"}
    failed = [case for case in cases if case.find("failure") is not None]
    told = [case for case in cases if case.find("system-out") is not None]
    for element in (root, suite):
        assert int(element.attrib["tests"]) == len(cases)
        assert int(element.attrib["failures"]) == len(failed) == report.counts["violation"]
        assert element.attrib["errors"] == "0"
    assert len(told) == report.counts["warning"] + report.counts["info"]
    assert all(case.attrib["name"] and case.attrib["classname"] for case in cases)
    assert all(len(case) <= 1 for case in cases)
    for case in failed:
        failure = case.find("failure")
        assert failure is not None
        assert set(failure.attrib) == {"message", "type"}
        assert failure.text and " — " in failure.text
    clean = {case.attrib["classname"] for case in cases if len(case) == 0}
    assert clean == set(report.files) - {p.file for p in report.problems}


def test_markup_in_records_stays_text_in_xml(make_base: MakeBase) -> None:
    shapes = SHAPES.replace("<b>here</b>", "{?value} here").replace(
        "sh:maxCount 0", 'sh:pattern "^z"'
    )
    report = validate(make_base({**FILES, "ontology/shapes/x.ttl": shapes}).layout)
    xml = render(report, "junit", "en")
    assert "<script>" not in xml
    assert any("<script>alert(1)</script>" in (e.text or "") for e in Xml.fromstring(xml).iter())


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_every_form_is_the_same_twice_and_ends_in_one_line_end(
    make_base: MakeBase, form: str
) -> None:
    layout = make_base(FILES).layout
    first, second = (render(validate(layout), form, "fr") for _ in range(2))
    assert first == second
    assert first.endswith("\n") and not first.endswith("\n\n")


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_french_and_english_reports_tell_the_same_problems(report: Report, form: str) -> None:
    french, english = (render(report, form, lang) for lang in ("fr", "en"))
    assert french != english
    assert len(french.splitlines()) == len(english.splitlines())


def test_unknown_forms_and_languages_are_refused(report: Report) -> None:
    with pytest.raises(NotFound, match="choose one of"):
        render(report, "pdf")
    with pytest.raises(NotFound, match="choose one of"):
        render(report, "text", "de")
