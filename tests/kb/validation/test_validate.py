"""The validation as a whole: the shipped base, parts of it, files from outside, unread files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kb.dataset import describe
from kb.embedded import EmbeddedEngine
from kb.layout import Layout
from kb.problems import Severity
from kb.store import load_store
from kb.turtle import format_turtle, parse_turtle
from kb.validation import Report, validate
from kb.validation.base import Base
from kb.validation.facts import Facts
from kb.validation.result import rule
from kb.validation.run import STEPS
from kb.validation.shapes import SH, read_shapes, rules_file

MakeBase = Callable[[Mapping[str, str | bytes]], Base]


def rules(report: Report) -> list[str]:
    """Return the names of the rules broken, sorted."""
    return sorted(p.rule.rpartition("#")[2] for p in report.problems)


@pytest.mark.slow
def test_the_shipped_base_has_no_violation(shipped_layout: Layout) -> None:
    report = validate(shipped_layout)
    assert report.at_least(Severity.VIOLATION).problems == ()
    assert report.conforms
    assert report.left_out == report.skipped == ()


def test_the_report_names_the_dataset_it_is_about(
    pristine_report: Report, pristine: Layout
) -> None:
    info = describe(EmbeddedEngine(load_store(pristine)))
    assert (pristine_report.version, pristine_report.digest) == (info.version, info.digest)


def test_the_report_lists_every_file_and_times_every_step(
    pristine_report: Report, pristine: Layout
) -> None:
    files = pristine_report.files
    assert {"kb/data/dataset.ttl", "ontology/drc.ttl"} < set(files)
    assert len(files) == len(set(files)) >= len(pristine.data_files())
    assert set(STEPS) < set(pristine_report.timings)
    assert all(seconds >= 0 for seconds in pristine_report.timings.values())


def test_only_the_problems_below_the_paths_are_told(make_base: MakeBase) -> None:
    unlabelled = {name: f"{name}:a a skos:Concept ." for name in ("theme", "principle")}
    layout = make_base(
        {
            "themes/a.ttl": unlabelled["theme"],
            "principles/a.ttl": unlabelled["principle"],
            "glossary/b.ttl": 'glossary:b a skos:Concept ; skos:prefLabel "B"@en .',
        }
    ).layout
    theme, principle = layout.data / "themes" / "a.ttl", layout.data / "principles" / "a.ttl"
    cases: list[tuple[list[Path], set[str]]] = [
        ([], {"theme:a", "principle:a"}),
        ([theme], {"theme:a"}),
        ([layout.data / "principles"], {"principle:a"}),
        ([theme, principle], {"theme:a", "principle:a"}),
        ([layout.data], {"theme:a", "principle:a"}),
        ([layout.data.parents[1]], {"theme:a", "principle:a"}),
        ([layout.data / "glossary"], set()),
        ([layout.data / "them"], set()),
    ]
    for only, subjects in cases:
        report = validate(layout, only=only)
        assert {p.subject for p in report.problems} == subjects, only
        assert report.conforms is (not subjects)


def test_a_part_is_judged_in_the_context_of_the_whole(copied: Layout) -> None:
    path = copied.data / "themes" / "health.ttl"
    report = validate(copied, only=[path])
    assert report.problems == ()
    assert report.files == ("kb/data/themes/health.ttl",)
    (copied.data / "themes" / "public-services.ttl").unlink()
    assert "LinkIsDescribed" in rules(validate(copied, only=[path]))


def test_a_file_from_outside_is_judged_with_the_base(pristine: Layout, tmp_path: Path) -> None:
    shipped = (pristine.data / "themes" / "health.ttl").read_text(encoding="utf-8")
    draft = tmp_path / "drafts" / "tele-health.ttl"
    draft.parent.mkdir()
    text = shipped.replace("theme:health ", "theme:tele-health ")
    text = text.replace('"Health"', '"Tele-health"').replace('"Santé"', '"Télésanté"')
    draft.write_text(text, encoding="utf-8")
    report = validate(pristine, only=[draft])
    assert report.conforms, report.problems
    assert report.files == (str(draft),)
    draft.write_text(text.replace("theme:public-services", "theme:nowhere"), encoding="utf-8")
    report = validate(pristine, only=[draft])
    assert "LinkIsDescribed" in rules(report)
    assert {p.file for p in report.problems} == {str(draft)}


def test_a_broken_file_from_outside_is_told(pristine: Layout, tmp_path: Path) -> None:
    draft = tmp_path / "draft.ttl"
    draft.write_text("theme:x", encoding="utf-8")
    report = validate(pristine, only=[draft])
    assert rules(report) == ["Syntax"]
    assert report.left_out == (str(draft),)


@pytest.mark.parametrize(
    "file", ["actors/editors.ttl", "principles/privacy.ttl", "sources/seed-000.ttl"]
)
def test_an_unread_file_does_not_make_wrong_what_refers_to_it(
    copied: Layout, pristine_report: Report, file: str
) -> None:
    path = copied.data / file
    path.write_text("broken", encoding="utf-8")
    report = validate(copied)
    before = {(p.subject, p.rule) for p in pristine_report.problems}
    added = [p for p in report.problems if (p.subject, p.rule) not in before]
    assert [(p.file, p.rule.rpartition("#")[2]) for p in added] == [(f"kb/data/{file}", "Syntax")]


def test_without_its_ontology_a_base_is_not_held_against_shapes(copied: Layout) -> None:
    (copied.ontology / "drc.ttl").write_text("broken", encoding="utf-8")
    (copied.data / "themes" / "health.ttl").write_bytes(b"\xff")
    report = validate(copied)
    assert set(report.skipped) == {"SHACL", "SPARQL checks"}
    assert set(report.left_out) == {"ontology/drc.ttl", "kb/data/themes/health.ttl"}
    assert not report.conforms


def test_an_unread_list_does_not_make_wrong_the_values_taken_from_it(
    copied: Layout, pristine_report: Report
) -> None:
    (copied.ontology / "voc" / "epistemic-mode.ttl").write_text("broken", encoding="utf-8")
    before = rules(pristine_report).count("LinkIsDescribed")
    assert rules(validate(copied)).count("LinkIsDescribed") == before


def test_files_are_named_from_the_working_directory_or_the_package(
    make_base: MakeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = make_base({"themes/a.ttl": b"broken"}).layout
    for folder, name in (
        (Path.cwd(), "kb/data/themes/a.ttl"),
        (layout.data, "themes/a.ttl"),
        (layout.data / "themes", "a.ttl"),
        (layout.ontology, "kb/data/themes/a.ttl"),
    ):
        monkeypatch.chdir(folder)
        assert [p.file for p in validate(layout).problems] == [name]


def test_rules_in_code_are_worded_like_shapes(pristine: Layout) -> None:
    facts = Facts(parse_turtle(rules_file()))
    nodes = [node for node, _ in facts.pairs(SH + "severity")]
    assert len(nodes) >= 20
    for node in nodes:
        for name in ("name", "description", "message"):
            texts = {
                getattr(text, "language", None): text.value
                for text in facts.objects(node, SH + name)
            }
            assert set(texts) == {"fr", "en"}, (node, name)
            if name == "message":
                assert all(" — " in text for text in texts.values()), node
                fillers = [sorted(re.findall(r"\{[?$]\w+\}", text)) for text in texts.values()]
                assert fillers[0] == fillers[1], node


def test_rules_in_code_are_in_canonical_form() -> None:
    path = rules_file()
    assert format_turtle(path.read_bytes(), path) == path.read_text(encoding="utf-8")


def test_a_subject_in_three_files_is_told_in_each_but_its_own(make_base: MakeBase) -> None:
    record = 'theme:a a skos:Concept ; skos:prefLabel "A"@en , "A"@fr .'
    files = {f"themes/{name}.ttl": record for name in ("a", "b", "c")}
    report = validate(make_base(files).layout)
    assert [(Path(p.file).stem, p.rule.rpartition("#")[2]) for p in report.problems] == [
        (stem, name) for stem in ("b", "c") for name in ("RecordHasOneFile", "RecordIsInItsFile")
    ]


def test_a_name_shared_by_a_rule_and_a_shape_says_the_same(pristine: Layout) -> None:
    shapes = read_shapes(pristine)
    shared = {"RecordIsInItsFile", "RecordHasOneFile", "MappingSubjectExists"}
    in_code = {str(node) for node, _ in shapes.rules.pairs(SH + "message")}
    in_shapes = {str(node) for node, _ in shapes.shapes.pairs(SH + "message")}
    assert in_code & in_shapes == {str(rule(name)) for name in shared}
