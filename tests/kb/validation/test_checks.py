"""SPARQL checks: zero rows have passed, a row is a problem, a broken check is a failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kb.namespaces import SHAPES
from kb.problems import Severity
from kb.validation import CannotValidate, validate
from kb.validation.base import Base
from kb.validation.checks import find_failed_checks

Files = Mapping[str, str | bytes]
MakeBase = Callable[[Files], Base]

HEADER = """#+ summary:
#+   en: Note on a concept.
#+   fr: Note portée par un concept.
#+ remedy:
#+   en: Remove the note.
#+   fr: Retirer la note.
#+ severity: info
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
QUERY = "SELECT ?subject ?detail WHERE { ?subject skos:note ?detail } ORDER BY ?subject\n"
RECORD = 'theme:a a skos:Concept ; skos:prefLabel "A"@en , "A"@fr'


def test_a_row_is_a_problem_in_the_words_of_the_header(make_base: MakeBase) -> None:
    check = (HEADER + QUERY).encode()
    files: Files = {
        "ontology/checks/no-note.rq": check,
        "themes/a.ttl": RECORD + ' ; skos:note "x" .',
    }
    (problem,) = validate(make_base(files).layout).problems
    assert problem.rule == SHAPES + "no-note"
    assert problem.severity is Severity.INFO
    assert problem.subject == "theme:a"
    assert problem.value == "x"
    assert problem.message == {"en": "Note on a concept: x", "fr": "Note portée par un concept : x"}
    assert problem.remedy == {"en": "Remove the note.", "fr": "Retirer la note."}


def test_a_detail_that_is_a_record_is_told_by_its_label(make_base: MakeBase) -> None:
    check = (HEADER + QUERY.replace("skos:note", "skos:related")).encode()
    other = 'theme:b a skos:Concept ; skos:prefLabel "Bee"@en , "Abeille"@fr .'
    files: Files = {
        "ontology/checks/x.rq": check,
        "themes/a.ttl": RECORD + " ; skos:related theme:b .",
        "themes/b.ttl": other,
    }
    (problem,) = validate(make_base(files).layout).problems
    assert problem.message["fr"].endswith(" : Abeille")
    assert problem.message["en"].endswith(": Bee")


def test_a_check_without_rows_has_passed(make_base: MakeBase) -> None:
    files: Files = {
        "ontology/checks/no-note.rq": (HEADER + QUERY).encode(),
        "themes/a.ttl": RECORD + " .",
    }
    assert list(find_failed_checks(make_base(files))) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (HEADER + "SELECT ?subject WHERE { ?subject skos:note ?x }", "detail"),
        (HEADER + "SELECT ?subject ?detail WHERE { ?subject nope:note ?detail }", "evaluated"),
        (HEADER + "CONSTRUCT WHERE { ?s ?p ?o }", "SELECT"),
        (HEADER.replace("severity: info", "severity: grave") + QUERY, "severity"),
        (HEADER.replace("#+   fr: Retirer la note.\n", "") + QUERY, "remedy"),
        (HEADER.replace("#+   fr: Note portée par un concept.\n", "") + QUERY, "summary"),
        ("SELECT", "header"),
    ],
)
def test_a_check_that_cannot_be_run_is_a_failure(
    make_base: MakeBase, content: str, reason: str
) -> None:
    base = make_base({"ontology/checks/bad.rq": content.encode()})
    with pytest.raises(CannotValidate, match=reason):
        list(find_failed_checks(base))
