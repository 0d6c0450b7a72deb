"""A coding enters the base: as its authors' assertions, once, and without harm to what is there."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kb import EmbeddedEngine, load_store
from kb.cli import main
from kb.errors import SourceError
from kb.importing.writing import write_all
from kb.namespaces import expand
from kb.query import find_query
from kb.turtle import format_turtle, parse_turtle
from tests.kb.coding_table import MAPPING, ROWS, Bench, as_xlsx, changed, with_cell


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """The invented base, the small coding beside it."""
    return Bench(tmp_path)


def facts(bench: Bench, file: str, name: str) -> dict[str, set[str]]:
    """Return what a file of the base says of a record, by the local name of the predicate."""
    found: dict[str, set[str]] = {}
    for quad in parse_turtle(bench.data / file):
        if quad.subject == ox.NamedNode(expand(name)):
            key, value = _local(quad.predicate), _local(quad.object)
            found.setdefault(key, set()).add(value)
    return found


def _local(term: object) -> str:
    """Return a literal as its text, an IRI without what stands before its last name."""
    if isinstance(term, ox.NamedNode):
        return term.value.replace("#", "/").rsplit("/", 1)[1]
    assert isinstance(term, ox.Literal)
    return term.value


CODING = "codings/lid-coding.ttl"


def test_a_cell_is_one_articulation_whatever_number_of_places_it_names(bench: Bench) -> None:
    outcome = bench.carry_out()
    assert (outcome.findings, outcome.documents) == (4, 3)
    assert outcome.rights == {"Moving": 1, "Opening": 2, "Keeping secret": 1}
    name = "articulation:lid-coding-box-act-opening"
    assert facts(bench, CODING, name) == {
        "type": {"Articulation"},
        "label": {
            "Box Act, preamble, 4–6: openness of boxes (Lid coders)",
            "Loi sur les boîtes, préambule, 4–6 : ouverture des boîtes (Codeurs de couvercles)",
        },
        "articulatedIn": {"box-act-preamble@1999-05"},
        "alsoArticulatedIn": {
            "box-act-art-4@1999-05",
            "box-act-art-5@1999-05",
            "box-act-art-6@1999-05",
        },
        "articulates": {"box-openness"},
        "fromCoding": {"lid-coding"},
        "inVersion": {"box-act-draft-1999"},
        "locus": {"preamble, 4-6"},
        "modality": {"unspecified"},
        "strength": {"unspecified"},
        "confidence": {"medium"},
        "reviewStatus": {"as-published"},
        "assertedBy": {"lid-coders"},
        "reference": {"lid-coding-table"},
        "rationale": {
            "Coded by its authors under “Opening”.",
            "Relevé par ses auteurs sous « Opening ».",
        },
    }


def test_blanks_of_a_complete_coding_are_absences(bench: Bench) -> None:
    outcome = bench.carry_out()
    assert outcome.plan
    assert outcome.plan.counts["absence", "+"] == 3 * 3 - 4
    absence = facts(bench, CODING, "absence:lid-coding-box-act-keeping-secret")
    assert absence["absentFrom"] == {"box-act"}
    assert absence["absentPrinciple"] == {"box-secrecy"}
    assert any(
        "they read this version: Box Act, draft of 1999" in text for text in absence["rationale"]
    )


def test_blanks_of_another_coding_say_nothing(bench: Bench) -> None:
    bench.write(mapping=changed("complete = true", "complete = false"))
    plan = bench.run().plan
    assert plan
    assert plan.counts["absence", "+"] == 0


def test_a_principle_found_under_one_right_is_not_absent_under_another(bench: Bench) -> None:
    bench.write(mapping=changed('"Moving" = "box-transfer"', '"Moving" = "box-openness"'))
    plan = bench.run().plan
    assert plan
    # Box Act and Recommendation lack one right each; the charter lacks both, and says so twice.
    names = [
        c.record for changes in plan.changes.values() for c in changes if "absence:" in c.record
    ]
    assert "absence:lid-coding-box-recommendation-moving" not in names
    assert "absence:lid-coding-lid-charter-moving" in names


def test_provisions_are_added_with_all_they_are_part_of(bench: Bench) -> None:
    bench.carry_out()
    outer = facts(bench, "instruments/lid-charter.ttl", "provision:lid-charter-art-15")
    assert outer == {
        "type": {"Provision"},
        "label": {"Lid Charter, Article 15", "Charte des couvercles, article 15"},
        "provisionOf": {"lid-charter"},
        "locusKind": {"article"},
        "number": {"15"},
    }
    inner = facts(bench, "instruments/lid-charter.ttl", "provision:lid-charter-art-15-b")
    assert inner["partOfProvision"] == {"lid-charter-art-15"}
    assert inner["number"] == {"b"}


def test_a_version_keeps_its_provisions_apart(bench: Bench) -> None:
    before = bench.files()["instruments/box-act.ttl"]
    bench.carry_out()
    file = "instruments/box-act.ttl"
    draft = facts(bench, file, expand("provision:box-act-art-10@1999-05"))
    assert draft["label"] == {
        "Box Act, Article 10 (draft of 1999)",
        "Loi sur les boîtes, article 10 (projet de 1999)",
    }
    assert draft["edtfDate"] == {"1999-05"}
    assert (draft["notBefore"], draft["notAfter"]) == ({"1999-05-01"}, {"1999-05-31"})
    assert facts(bench, file, "text:box-act-draft-1999")["language"] == {"en"}
    assert "box-act-draft-1999" in facts(bench, file, "instrument:box-act")["hasTextVersion"]
    # What was there is there still.
    kept = {q.triple for q in parse_turtle(bench.data / file)}
    assert {q.triple for q in ox.parse(input=before, format=ox.RdfFormat.TURTLE)} <= kept


def test_a_version_named_for_the_coding_is_that_of_each_text_that_has_it(bench: Bench) -> None:
    bench.carry_out()
    start, end = MAPPING.index("[documents.A.version]"), MAPPING.index("[documents.R]")
    named = MAPPING[:start] + MAPPING[end:]
    named = named.replace('authors = "group', 'version = "draft-1999"\nauthors = "group')
    bench.write(mapping=named)
    bench.carry_out(replace=True)
    version = facts(bench, CODING, "articulation:lid-coding-box-act-moving")["inVersion"]
    assert version == {"box-act-draft-1999"}
    other = facts(bench, CODING, "articulation:lid-coding-lid-charter-keeping-secret")
    assert "inVersion" not in other


def test_an_instrument_that_is_not_there_is_made(bench: Bench) -> None:
    bench.carry_out()
    file = "instruments/lid-charter.ttl"
    made = facts(bench, file, "instrument:lid-charter")
    assert made["type"] == {"Charter"}
    assert made["adoptedBy"] == {"box-council"}
    assert made["inJurisdiction"] == {"exemplaria"}
    assert made["id_local"] == {"EX-9"}
    assert made["hasStatusPeriod"] == {"lid-charter-adopted", "lid-charter-amended"}
    adopted = facts(bench, file, "status:lid-charter-adopted")
    assert adopted["label"] == {"Lid Charter: adopted", "Charte des couvercles : adopté"}
    assert adopted["validFrom"] == {"2002-03-04"}
    amended = facts(bench, file, "status:lid-charter-amended")
    assert (amended["edtfDate"], amended["validUntil"]) == ({"2003"}, {"2004-02-29"})


def test_what_is_imported_is_valid_and_can_be_asked_for(bench: Bench) -> None:
    bench.carry_out()
    assert main(["--data", str(bench.data), "validate", "--severity", "violation"]) == 0
    assert main(["--data", str(bench.data), "fmt", "--check"]) == 0
    engine = EmbeddedEngine(load_store(bench.layout))
    rows = engine.select(find_query("cq13"), principle="principle:box-secrecy")
    assert any(row["instrument"].value.endswith("/lid-charter") for row in rows)  # type: ignore[union-attr]


def test_a_second_import_changes_nothing(bench: Bench) -> None:
    bench.carry_out()
    before = bench.files()
    outcome = bench.carry_out()
    assert outcome.plan
    assert outcome.plan.contents == {}
    assert not any(sign != "=" for _, sign in outcome.plan.counts)
    assert bench.files() == before


def test_a_note_written_by_hand_stays(bench: Bench) -> None:
    bench.carry_out()
    path = bench.data / CODING
    note = '\narticulation:lid-coding-box-act-moving skos:editorialNote "Seen."@en , "Vu."@fr .\n'
    path.write_text(format_turtle((path.read_text() + note).encode(), path), encoding="utf-8")
    before = bench.files()
    bench.carry_out()
    assert bench.files() == before


def test_a_workbook_comes_to_the_same_as_csv(bench: Bench, tmp_path: Path) -> None:
    from_csv = bench.run()
    from_xlsx = bench.run(as_xlsx(ROWS, tmp_path / "t.xlsx"))
    assert from_csv.plan and from_xlsx.plan
    assert from_csv.plan.contents == from_xlsx.plan.contents


def test_a_wide_table_comes_to_the_same_as_a_long_one(bench: Bench) -> None:
    long = bench.run()
    rights = ["Moving", "Opening", "Keeping secret"]
    cells = {(row[0], row[2]): row[3] for row in ROWS[1:]}
    wide = [["doc", "title", *rights, "comment"]]
    for key, title in (("A", "Box Act"), ("R", "Box Recommendation"), ("N", "Lid Charter")):
        wide.append([key, title, *(cells.get((key, right), "") for right in rights), "…"])
    form = '[table]\nform = "wide"\nignore = ["comment"]\n'
    bench.write(wide, changed("[table]\n", form))
    assert long.plan
    outcome = bench.run()
    assert outcome.problems == []
    assert outcome.plan
    assert outcome.plan.contents == long.plan.contents


def test_a_correction_is_read_in_place_of_the_cell_and_noted(bench: Bench) -> None:
    correction = """
[[correction]]
document = "N"
right = "Keeping secret"
value = "13/11/2015"
reading = ["article 13", "article 11"]
confidence = "low"
reason = { en = "A date.", fr = "Une date." }
"""
    bench.write(with_cell(4, 3, "13/11/2015"), MAPPING + correction)
    bench.carry_out()
    said = facts(bench, CODING, "articulation:lid-coding-lid-charter-keeping-secret")
    assert said["articulatedIn"] == {"lid-charter-art-13"}
    assert said["alsoArticulatedIn"] == {"lid-charter-art-11"}
    assert said["locus"] == {"13/11/2015"}
    assert said["confidence"] == {"low"}
    assert said["editorialNote"] == {
        "The table has “13/11/2015” here. A date.",
        "Le tableau porte ici « 13/11/2015 ». Une date.",
    }


def test_columns_of_the_table_may_give_confidence_and_strength(bench: Bench) -> None:
    rows = [[*ROWS[0], "sure", "how"], *([*row, "high", "partial"] for row in ROWS[1:])]
    bench.write(rows, changed("[table]\n", '[table]\nconfidence = "sure"\nstrength = "how"\n'))
    bench.carry_out()
    said = facts(bench, CODING, "articulation:lid-coding-lid-charter-keeping-secret")
    assert (said["confidence"], said["strength"]) == ({"high"}, {"partial"})


def test_what_differs_is_replaced_only_when_asked(bench: Bench) -> None:
    bench.carry_out()
    bench.write(with_cell(4, 3, "16"))
    refused = bench.run()
    assert refused.plan is None
    assert [problem.rule for problem in refused.problems] == ["import/record-differs"]
    assert "articulatedIn provision:lid-charter-art-15-b" in refused.problems[0].message["en"]
    bench.carry_out(replace=True)
    said = facts(bench, CODING, "articulation:lid-coding-lid-charter-keeping-secret")
    assert said["articulatedIn"] == {"lid-charter-art-16"}
    assert said["locus"] == {"16"}


def test_what_the_table_no_longer_yields_goes_only_when_asked(bench: Bench) -> None:
    bench.carry_out()
    bench.write([*ROWS[:2], *ROWS[3:]])
    refused = bench.run()
    assert [problem.rule for problem in refused.problems] == ["import/record-left"]
    outcome = bench.carry_out(replace=True)
    assert outcome.plan
    assert outcome.plan.counts["articulation", "-"] == 1
    assert outcome.plan.counts["absence", "+"] == 1
    assert facts(bench, CODING, "articulation:lid-coding-box-act-opening") == {}


def test_a_failure_while_writing_leaves_every_file_as_it_was(bench: Bench) -> None:
    plan = bench.run().plan
    assert plan
    assert len(plan.contents) > 3
    # A folder where the last file should go: the others are written before it.
    obstacle = bench.data / "instruments" / "obstacle.ttl"
    obstacle.mkdir()
    before = bench.files()
    with pytest.raises(SourceError):
        write_all({**plan.contents, obstacle: b"x"})
    assert bench.files() == before
