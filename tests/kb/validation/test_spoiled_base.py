"""A part of the base spoiled in many ways at once: each way gives exactly the rules it should.

All mutations go into one copy, each in a file of its own, so that one validation shows both that
every problem is told together and that none brings another along.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass

import pyoxigraph as ox
import pytest
import rdflib

from kb.layout import Layout
from kb.namespaces import PREFIXES, expand
from kb.turtle import format_turtle
from kb.validation import Report, render, validate
from kb.validation.base import Base, open_base
from kb.validation.rdflib_terms import quiet_rdflib, to_graph, to_rdflib
from kb.validation.result import Finding, Result
from kb.validation.shacl import find_shacl_results
from kb.validation.shacl_core import run_pyshacl

VOC = "https://w3id.org/digital-rights-charter/voc/"


@dataclass(frozen=True, slots=True)
class Mutation:
    """One way to spoil a record: what to replace (a pattern), and the rules this must break."""

    name: str
    file: str
    old: str
    new: str
    rules: tuple[str, ...]


MUTATIONS = (
    Mutation(
        "evidence dropped",
        "statements/access-to-knowledge-changes-care.ttl",
        r"drc:evidence [^;]*?( [;.]\n)",
        r'skos:note "x"@en\1',
        ("StatementEvidence",),
    ),
    Mutation(
        "privacy put in Thieulin’s mouth",
        "statements/privacy-among-essential-principles.ttl",
        r"drc:speechForm \S+ ;\n    drc:statedBy \S+",
        f"drc:speechForm <{VOC}speech-form/direct-quotation> ;\n"
        "    drc:statedBy <https://w3id.org/digital-rights-charter/id/person/benoit-thieulin>",
        ("DirectSpeechInsideQuotation",),
    ),
    Mutation(
        "dates reversed",
        "memberships/thieulin-president-cnnum.ttl",
        'drc:validFrom "2013-01-17"',
        'drc:validUntil "2013-01-16"^^<http://www.w3.org/2001/XMLSchema#date> ; '
        'drc:validFrom "2013-01-17"',
        ("DateValidFrom",),
    ),
    Mutation(
        "status periods overlap",
        "instruments/proposed-charter-on-fundamental-digital-rights.ttl",
        "drc:status instrument-status:proposed ;",
        "drc:status instrument-status:proposed ; drc:validFrom "
        '"2013-01-01"^^<http://www.w3.org/2001/XMLSchema#date> .\n'
        "instrument:proposed-charter-on-fundamental-digital-rights drc:hasStatusPeriod"
        " status:proposed-charter-on-fundamental-digital-rights-drafted .\n"
        "status:proposed-charter-on-fundamental-digital-rights-drafted a drc:StatusPeriod ;"
        ' rdfs:label "Drafted"@en , "Rédigée"@fr ; drc:status instrument-status:drafted ;'
        ' drc:validFrom "2014-01-01"^^<http://www.w3.org/2001/XMLSchema#date> ;',
        ("StatusPeriodsDoNotOverlap",),
    ),
    Mutation(
        "impossible date",
        "inferences/nsa-revelations-date.ttl",
        "drc:inferenceAbout ",
        'drc:notAfter "2013-02-30"^^<http://www.w3.org/2001/XMLSchema#date> ; drc:inferenceAbout ',
        ("DateNotAfter", "DateNotBefore"),
    ),
    Mutation(
        "link to nothing",
        "statements/access-to-knowledge-changes-teaching.ttl",
        "drc:hasTheme ",
        "drc:hasTheme theme:nowhere-to-be-found , ",
        ("LinkIsDescribed",),
    ),
    Mutation(
        "label in one language",
        "themes/health.ttl",
        '"Health"@en',
        '"Santé publique"@fr',
        ("ConceptLabel",),
    ),
    Mutation(
        "unknown property",
        "proposals/promote-interoperability.ttl",
        "drc:isNonExhaustive true",
        "drc:isNonExhaustive true ; drc:isExhaustive true",
        ("PropertyIsKnown",),
    ),
    Mutation(
        "unknown class",
        "principles/device-rights.ttl",
        "a drc:Principle",
        "a drc:Principle , drc:Idea",
        ("ClassIsKnown",),
    ),
    Mutation(
        "script for an address",
        "principles/open-data.ttl",
        "a drc:Principle ;",
        "a drc:Principle ; <http://www.w3.org/2000/01/rdf-schema#seeAlso> <javascript:alert(1)> ;",
        ("AddressIsSafe",),
    ),
    Mutation(
        "apostrophe typed in a French text",
        "principles/net-neutrality.ttl",
        "a drc:Principle ;",
        'a drc:Principle ; skos:historyNote "Née de l\'usage."@fr ;',
        ("FrenchApostrophe",),
    ),
    Mutation(
        "control character in a text",
        "principles/data-sharing.ttl",
        "a drc:Principle ;",
        'a drc:Principle ; skos:historyNote "A\u0007 note."@en ;',
        ("TextHasNoControlCharacter",),
    ),
    Mutation(
        "text in another normal form",
        "principles/digital-inclusion.ttl",
        "a drc:Principle ;",
        'a drc:Principle ; skos:historyNote "Cafe\u0301."@en ;',
        ("TextIsNormalised",),
    ),
    Mutation(
        "blank node",
        "principles/cloud-switching.ttl",
        "a drc:Principle ;",
        'a drc:Principle ; skos:note [ skos:note "x"@en ] ;',
        ("NoBlankNode",),
    ),
    Mutation(
        "external identifier without a table",
        "principles/digital-identity.ttl",
        "a drc:Principle ;",
        "a drc:Principle ; <http://purl.org/dc/terms/relation>"
        " <http://www.wikidata.org/entity/Q1> ;",
        ("ExternalIriIsAligned",),
    ),
    Mutation(
        "external match outside every table",
        "principles/neurorights.ttl",
        "a drc:Principle ;",
        "a drc:Principle ; skos:relatedMatch <http://www.wikidata.org/entity/Q1> ;",
        ("MappingComesFromTable",),
    ),
    Mutation(
        "subject described in another file too",
        "themes/education.ttl",
        "theme:education a drc:Theme",
        'theme:innovation skos:note "x"@en .\ntheme:education a drc:Theme',
        ("RecordHasOneFile", "RecordIsInItsFile"),
    ),
    Mutation(
        "wrong word in a quote",
        "sources/seed-000.ttl",
        'oa:exact "Benoît Thieulin, président du Conseil national du numérique"',
        'oa:exact "Benoît Thieulin, directeur du Conseil national du numérique"',
        ("QuoteOccursInSource",),
    ),
    Mutation(
        "digest of another text",
        "sources/seed-000.ttl",
        'drc:sha256 "2e0afdd4',
        'drc:sha256 "00000000',
        ("TextMatchesDigest",),
    ),
)
NEW_FILES: dict[str, tuple[bytes, tuple[str, ...], int | None]] = {
    "themes/broken.ttl": (b"@prefix a: <urn:a> .\n\na:b a:c ;;\n  a:d", ("Syntax",), 3),
    "themes/latin.ttl": ("# fiche\n# éducation\n".encode("latin-1"), ("Syntax",), 2),
    "themes/wide.ttl": ("<urn:a> a <urn:b> .".encode("utf-16"), ("Syntax",), 1),
    "themes/unknown-prefix.ttl": (b"\n\nnobody:a a nobody:b .\n", ("Syntax",), 3),
    "themes/empty.ttl": (b"", ("CanonicalForm", "FileDescribesSomething"), 1),
    "themes/huge.ttl": (b"# x\n" * 13_200_000, ("Syntax",), None),
}


XSD_DATE = "<http://www.w3.org/2001/XMLSchema#date>"
EXTRA_PREFIXES = "".join(
    f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in ("skos", "theme", "instrument-status")
)
MOVED = ("themes/vocational-training.ttl", "principles/vocational-training.ttl")
UNTIDY = "principles/privacy.ttl"
MARKED = "principles/innovation.ttl"


@pytest.fixture(scope="module")
def spoiled(pristine: Layout, tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """The sample of the shipped base with all mutations in it."""
    folder = tmp_path_factory.mktemp("spoiled")
    layout = Layout(folder / "kb" / "data", folder / "ontology")
    shutil.copytree(pristine.data, layout.data)
    shutil.copytree(pristine.ontology, layout.ontology)
    for mutation in MUTATIONS:
        path = layout.data / mutation.file
        text = path.read_text(encoding="utf-8")
        changed, count = re.subn(mutation.old, mutation.new, text, count=1)
        assert count, mutation.name
        changed = EXTRA_PREFIXES + changed
        path.write_text(format_turtle(changed.encode(), path), encoding="utf-8")
    for name, (content, _, _) in NEW_FILES.items():
        (layout.data / name).write_bytes(content)
    for name, before in ((UNTIDY, b"\n"), (MARKED, b"\xef\xbb\xbf")):
        path = layout.data / name
        path.write_bytes(before + path.read_bytes())
    (layout.data / MOVED[0]).rename(layout.data / MOVED[1])
    return layout


@pytest.fixture(scope="module")
def report(spoiled: Layout) -> Report:
    """What the validation says of the spoiled base."""
    return validate(spoiled)


@pytest.fixture(scope="module")
def added(report: Report, pristine_report: Report) -> list[Finding]:
    """The problems that the mutations brought."""
    before = {(p.file, p.subject, p.rule, p.path) for p in pristine_report.problems}
    return [p for p in report.problems if (p.file, p.subject, p.rule, p.path) not in before]


def names(problems: list[Finding], file: str) -> list[str]:
    """Return the names of the rules broken in one file."""
    return sorted(p.rule.rpartition("#")[2] for p in problems if p.file == f"kb/data/{file}")


EXPECTED: dict[str, list[str]] = {}
for _mutation in MUTATIONS:
    EXPECTED.setdefault(_mutation.file, []).extend(_mutation.rules)
for _name, (_content, _rules, _line) in NEW_FILES.items():
    EXPECTED.setdefault(_name, []).extend(_rules)
EXPECTED[UNTIDY] = ["CanonicalForm"]
EXPECTED[MARKED] = ["Syntax"]
EXPECTED[MOVED[1]] = ["RecordIsInItsFile"]


@pytest.mark.parametrize("file", sorted(EXPECTED))
def test_a_spoiled_file_breaks_exactly_the_rules_it_should(added: list[Finding], file: str) -> None:
    assert names(added, file) == sorted(EXPECTED[file])


def test_no_mutation_brings_another_problem_along(added: list[Finding]) -> None:
    files = {problem.file.removeprefix("kb/data/") for problem in added}
    assert files == set(EXPECTED)
    assert len(added) == sum(len(rules) for rules in EXPECTED.values()) > 25


@pytest.mark.parametrize("name", sorted(NEW_FILES))
def test_an_unreadable_file_is_told_with_its_line(added: list[Finding], name: str) -> None:
    _, _, line = NEW_FILES[name]
    assert {p.line for p in added if p.file == f"kb/data/{name}"} == {line}


def test_the_report_says_which_files_were_left_out(report: Report) -> None:
    unread = {f"kb/data/{name}" for name, (_, rules, _) in NEW_FILES.items() if "Syntax" in rules}
    assert set(report.left_out) == unread | {f"kb/data/{MARKED}"}
    for lang, words in (("en", "left out"), ("fr", "laissé de côté")):
        assert words in render(report, "text", lang)
        assert "kb/data/themes/latin.ttl" in render(report, "text", lang)


def test_every_problem_has_its_place(added: list[Finding], spoiled: Layout) -> None:
    for problem in added:
        path = spoiled.data.parents[1] / problem.file
        assert path.is_file(), problem
        if problem.subject:
            assert problem.line, problem
            line = path.read_text(encoding="utf-8").splitlines()[problem.line - 1]
            assert line.split()[0] in (problem.subject, f"<{expand(problem.subject)}>"), problem


def test_messages_are_filled_in_both_languages_and_end_in_a_remedy(added: list[Finding]) -> None:
    for problem in added:
        assert set(problem.message) == set(problem.remedy) == {"fr", "en"}
        for lang in ("fr", "en"):
            text = problem.text(lang)
            assert not re.search(r"\{[?$]|https://w3id.org/digital-rights-charter/id/", text), text
            assert problem.message[lang].strip() and problem.remedy[lang].strip()
            assert text.endswith(f" — {problem.remedy[lang]}")
        assert problem.message["fr"] != problem.message["en"]


def test_placeholders_are_filled_with_labels_not_identifiers(added: list[Finding]) -> None:
    (digest,) = [p for p in added if p.rule.endswith("#TextMatchesDigest")]
    assert "Compte rendu des ateliers" in digest.message["fr"]
    assert "Report on the" in digest.message["en"]
    (direct,) = [p for p in added if p.rule.endswith("#DirectSpeechInsideQuotation")]
    assert "La vie privée parmi les principes essentiels" in direct.message["fr"]
    (dangling,) = [p for p in added if p.rule.endswith("#LinkIsDescribed")]
    assert "a pour thème" in dangling.message["fr"]
    assert "has theme" in dangling.message["en"]
    assert "theme:nowhere-to-be-found" in dangling.value


def test_problems_are_sorted_and_told_once(report: Report) -> None:
    keys = [p.sort_key() for p in report.problems]
    assert keys == sorted(keys)
    assert len(set(report.problems)) == len(report.problems)


def test_the_same_base_gives_the_same_report_but_another_digest_than_the_clean_one(
    report: Report, pristine_report: Report, spoiled: Layout
) -> None:
    assert report.digest != pristine_report.digest
    assert len(report.digest) == 64
    again = validate(spoiled)
    assert again == report
    assert render(again, "jsonld") == render(report, "jsonld")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_spoiled_files_are_told_the_same_without_the_others_and_alone(
    report: Report, spoiled: Layout, part: int
) -> None:
    some = sorted(EXPECTED)[part::4]
    for files in (some, some[:1]):
        asked = validate(spoiled, only=[spoiled.data / file for file in files])
        shown = {f"kb/data/{file}" for file in files}
        assert asked.problems == tuple(p for p in report.problems if p.file in shown)
        assert asked.left_out == report.left_out


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_fast_path_and_pyshacl_give_the_same_results(spoiled: Layout) -> None:
    base = open_base(spoiled)
    mine = {identity(result) for result in find_shacl_results(base)}
    theirs = {identity(result) for result in plain_pyshacl(base)}
    assert len({shape for shape, *_ in theirs}) >= 8
    assert mine == theirs


def identity(result: Result) -> tuple[str, ...]:
    """Return everything that SHACL says of a result."""
    terms = (result.shape, result.focus, result.value, result.path, result.constraint)
    return (*(str(term) for term in terms), result.component)


def plain_pyshacl(base: Base) -> list[Result]:
    """Return what pySHACL finds by itself: all shapes as written, one named graph for each file."""
    data = rdflib.Dataset(default_union=True)
    with quiet_rdflib():
        for quad in base.all_quads():
            assert isinstance(quad.graph_name, ox.NamedNode)
            graph = data.graph(rdflib.URIRef(quad.graph_name.value))
            assert not isinstance(quad.subject, ox.Triple) and not isinstance(
                quad.object, ox.Triple
            )
            graph.add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))
    return run_pyshacl(data, to_graph(q for quads in base.shapes.quads.values() for q in quads))
