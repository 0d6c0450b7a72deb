"""A validation of some files says of them exactly what the validation of everything says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kb.layout import Layout
from kb.validation import Report, render, scope, validate
from kb.validation.base import Base, Scope, open_base
from kb.validation.narrowing import narrow
from kb.validation.places import Places
from kb.validation.reach import reach_of
from kb.validation.result import Finding
from kb.validation.scope import scope_of
from kb.validation.shacl import find_shacl_results
from kb.validation.shacl_sparql import dataset_constraints
from kb.validation.shapes import SH, read_shapes

MakeBase = Callable[[Mapping[str, str | bytes]], Base]

BAD_RECORDS = sorted((Path(__file__).parents[2] / "shapes").glob("*/*.ttl"))
FOLDERS = ("sources", "statements", "themes", "principles", "instruments", "codings")
PARTS = 6
TOGETHER = 7


@pytest.fixture
def bad(pristine: Layout, tmp_path: Path, request: pytest.FixtureRequest) -> Layout:
    """A base of a part of the bad records that trip the shapes, each in a file of its own."""
    layout = Layout(tmp_path / "kb" / "data", pristine.ontology)
    for number, path in enumerate(BAD_RECORDS[request.param :: PARTS]):
        target = layout.data / FOLDERS[number % len(FOLDERS)] / f"{path.parent.name}-{path.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    shutil.copy(BAD_RECORDS[0].parents[1] / "base.ttl", layout.data / "base.ttl")
    return layout


def told_of(report: Report, layout: Layout, files: list[Path]) -> tuple[Finding, ...]:
    """Return the problems of some files in a report."""
    names = {path.relative_to(layout.data.parents[1]).as_posix() for path in files}
    return tuple(problem for problem in report.problems if problem.file in names)


def assert_same(layout: Layout, whole: Report, files: list[Path]) -> None:
    """Assert that a validation of some files says of them what the whole says."""
    report = validate(layout, only=files)
    assert report.problems == told_of(whole, layout, files), [path.name for path in files]


@pytest.mark.slow
@pytest.mark.parametrize("bad", range(PARTS), indirect=True)
def test_every_bad_file_is_told_the_same_with_others_and_alone(
    bad: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope, "_MOST", 1)
    whole = validate(bad)
    assert len({problem.rule for problem in whole.problems}) > 40
    assert len({problem.file for problem in whole.problems}) > 40
    files = bad.data_files()
    for number in range(0, len(files), TOGETHER):
        assert_same(bad, whole, files[number : number + TOGETHER])
    for path in files[:: TOGETHER + 2]:
        assert_same(bad, whole, [path])


def test_the_file_of_the_dataset_is_told_what_is_of_no_other_file(make_base: MakeBase) -> None:
    rule = """
<https://w3id.org/digital-rights-charter/shapes> a owl:Ontology .
shapes:All a sh:NodeShape ; sh:targetNode <https://w3id.org/digital-rights-charter/dataset> ;
  sh:sparql shapes:NoNote , shapes:NoScope .
shapes:NoNote sh:message "m — r"@en ; sh:select
  "SELECT $this ?value WHERE { ?any <http://www.w3.org/2004/02/skos/core#note> ?value }" .
shapes:NoScope sh:message "m — r"@en ; sh:select
  "SELECT $this WHERE { ?any <http://www.w3.org/2004/02/skos/core#scopeNote> ?text }" .
"""
    dataset = "<https://w3id.org/digital-rights-charter/dataset> a dcat:Dataset ."
    record = 'theme:a skos:note "x" , theme:b , theme:c ; skos:scopeNote "y" .'
    layout = make_base(
        {
            "ontology/shapes/x.ttl": rule,
            "dataset.ttl": dataset,
            "themes/a.ttl": record,
            "themes/b.ttl": 'theme:b skos:definition "b" .',
            **{f"themes/x{n}.ttl": f'theme:x{n} skos:definition "x" .' for n in range(9)},
        }
    ).layout
    whole = validate(layout)
    told = {(Path(p.file).stem, p.rule.rpartition("#")[2], p.value) for p in whole.problems}
    assert told == {
        ("dataset", "NoScope", ""),
        ("dataset", "NoNote", "x"),
        ("dataset", "NoNote", ""),
        ("b", "NoNote", ""),
    }
    for path in layout.data_files():
        assert_same(layout, whole, [path])


def test_everything_hangs_on_the_ontology(pristine: Layout) -> None:
    base = open_base(pristine)
    places = Places(base)
    record = pristine.data / "themes" / "health.ttl"
    narrow_scope = scope_of(base, places, frozenset([record]))
    assert narrow_scope is not None and len(narrow_scope.facts) == 1
    for path in (pristine.ontology / "drc.ttl", *pristine.voc_files(), *pristine.shape_files()):
        assert scope_of(base, places, frozenset([record, path])) is None
    assert scope_of(base, places, frozenset(pristine.data_files())) is None


def test_only_what_the_shapes_of_the_base_see_is_given_to_pyshacl(pristine: Layout) -> None:
    shapes = read_shapes(pristine)
    quads = [quad for part in shapes.quads.values() for quad in part]
    reach = reach_of(quad for quad in quads if quad.predicate.value != SH + "sparql")
    assert reach is not None, "a shape goes further than kb/validation/reach.py can tell"
    assert reach.steps <= 2


def test_nearly_every_constraint_of_the_base_can_be_narrowed(pristine: Layout) -> None:
    constraints = dataset_constraints(read_shapes(pristine).shapes)
    nobody = Scope(frozenset(), {}, {})
    kept = [c.query for c in constraints if narrow(c.query, "value", nobody)]
    assert len(kept) <= 2, kept


ONE_STEP = """
shapes:Back a sh:NodeShape ; sh:targetClass skos:Concept ; sh:property shapes:Related .
shapes:Related a sh:PropertyShape ; sh:path [ sh:inversePath skos:related ] ; sh:minCount 1 ;
  sh:message "m — r"@en .
shapes:Kind a sh:PropertyShape ; sh:targetSubjectsOf skos:related ; sh:path skos:related ;
  sh:class drc:Wide ; sh:message "m — r"@en .
"""
TWO_STEPS = """
shapes:Held a sh:PropertyShape ; sh:targetObjectsOf skos:broader ; sh:path skos:related ;
  sh:node shapes:Shut ; sh:message "m — r"@en .
shapes:Shut a sh:NodeShape ; sh:closed true ; sh:ignoredProperties ( rdf:type skos:note ) .
"""
THREE_STEPS = """
shapes:Above a sh:PropertyShape ; sh:targetClass skos:Concept ; sh:message "m — r"@en ;
  sh:path ( skos:broader [ sh:inversePath skos:related ] [ sh:zeroOrOnePath skos:related ] ) ;
  sh:minCount 2 .
"""
FAR = {
    "any number of steps": "sh:path [ sh:zeroOrMorePath skos:broader ] ; sh:maxCount 2",
    "a property of the values": "sh:path skos:broader ; sh:property shapes:Related",
    "SPARQL": """sh:sparql [ sh:message "m — r"@en ; sh:select
    "SELECT $this WHERE { ?any <http://www.w3.org/2004/02/skos/core#related> $this }" ]""",
}
RECORDS = {
    "themes/a.ttl": "theme:a a skos:Concept ; skos:broader theme:b .",
    "themes/b.ttl": "theme:b a skos:Concept ; skos:related theme:c ; skos:broader theme:d .",
    "themes/c.ttl": 'theme:c a drc:Narrow ; skos:related theme:b ; skos:scopeNote "c" .',
    "themes/d.ttl": 'theme:d a skos:Concept ; skos:note "d" ; skos:related theme:e .',
    "themes/e.ttl": 'theme:e a drc:Slim ; skos:note "e" . drc:Slim rdfs:subClassOf drc:Narrow .',
    "themes/f.ttl": "drc:Narrow rdfs:subClassOf drc:Wide . theme:f skos:related theme:d .",
    **{f"themes/x{n}.ttl": f'theme:x{n} skos:definition "x" .' for n in range(9)},
}


def assert_every_record_is_told_the_same(make_base: MakeBase, shapes: str) -> int | None:
    """Return how far some shapes look on the records above, told alone as they are together."""
    base = make_base({"ontology/shapes/x.ttl": shapes, **RECORDS})
    whole = validate(base.layout)
    assert {Path(p.file).stem for p in whole.problems} >= {"b", "d"}
    for path in base.layout.data_files():
        assert_same(base.layout, whole, [path])
    reach = reach_of(quad for quads in base.shapes.quads.values() for quad in quads)
    return reach.steps if reach else None


def test_shapes_are_followed_as_far_as_they_look(make_base: MakeBase) -> None:
    assert assert_every_record_is_told_the_same(make_base, ONE_STEP) == 1
    assert assert_every_record_is_told_the_same(make_base, ONE_STEP + TWO_STEPS) == 2
    assert assert_every_record_is_told_the_same(make_base, ONE_STEP + THREE_STEPS) == 3


@pytest.mark.parametrize("far", FAR.values(), ids=FAR.keys())
def test_shapes_that_look_nobody_knows_how_far_see_everything(
    make_base: MakeBase, far: str
) -> None:
    shape = f"shapes:Far sh:targetClass skos:Concept ; sh:message 'm — r'@en ; {far} ."
    assert assert_every_record_is_told_the_same(make_base, ONE_STEP + shape) is None


def test_a_report_on_some_files_gives_no_digest(make_base: MakeBase) -> None:
    base = make_base({"themes/a.ttl": "theme:a a skos:Concept ."})
    assert find_shacl_results(base)
    report = validate(base.layout, only=[base.layout.data / "themes" / "a.ttl"])
    assert (report.digest, report.version) == ("", "0")
    assert "SHA-256" not in render(report, "text", "en")
    assert render(report, "text", "fr").splitlines()[-1].endswith("dans 1 fichier (0).")
    assert json.loads(render(report, "json", "en"))["digest"] is None
    assert "sha256:" not in render(report, "ttl")
