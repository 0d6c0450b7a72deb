"""Everything that can be wrong with a table or a mapping is told: where, what, and the remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import openpyxl
import pytest

from kb.errors import SourceError
from kb.problems import Severity
from tests.kb.coding_table import MAPPING, ROWS, Bench, as_xlsx, changed, with_cell

Spoil = Callable[[Bench], None]
_CORRECTION = """
[[correction]]
document = "N"
right = "Keeping secret"
value = "17"
reading = ["article 17"]
reason = { en = "Why.", fr = "Pourquoi." }
"""


def table(*args: object) -> Spoil:
    """Spoil one cell of the table."""
    return lambda bench: bench.write(with_cell(*args))  # type: ignore[arg-type]


def mapping(old: str, new: str) -> Spoil:
    """Spoil one place of the mapping."""
    return lambda bench: bench.write(mapping=changed(old, new))


def rows(*extra: list[str]) -> Spoil:
    """Add rows to the table."""
    return lambda bench: bench.write([*ROWS, *extra])


def version(text: str) -> Spoil:
    """Put another version in the mapping of the Box Act."""
    start, end = MAPPING.index("[documents.A.version]"), MAPPING.index("[documents.R]")
    return lambda bench: bench.write(mapping=MAPPING[:start] + text + "\n" + MAPPING[end:])


def two_versions(bench: Bench) -> None:
    """Leave out the version of an instrument that has two."""
    bench.carry_out()
    start, end = MAPPING.index("[documents.A.version]"), MAPPING.index("[documents.R]")
    bench.write(mapping=MAPPING[:start] + MAPPING[end:])
    path = bench.data / "instruments" / "box-act.ttl"
    path.write_text(
        path.read_text(encoding="utf-8")
        + "instrument:box-act drc:hasTextVersion text:box-act-other .\n"
        + "text:box-act-other a drc:TextVersion .\n",
        encoding="utf-8",
    )


def another_provision(bench: Bench) -> None:
    """Have the identifier of article 2(1) stand for article 2-1."""
    bench.write(mapping=MAPPING.replace('since = "1999-05"\n', ""))
    path = bench.data / "instruments" / "box-act.ttl"
    text = path.read_text(encoding="utf-8")
    start = text.index("provision:box-act-art-2-1 a")
    end = text.index(".\n\n", start)
    spoilt = text[start:end].replace('eli:number "1"', 'eli:number "2-1"')
    path.write_text(text[:start] + spoilt + text[end:], encoding="utf-8")


def unmatched(bench: Bench) -> None:
    """Give the coding a category that no principle is mapped to, and one of another name."""
    path = bench.data / "codings" / "lid-coding.ttl"
    path.write_text(
        "@prefix code: <https://w3id.org/digital-rights-charter/id/code/> .\n"
        "@prefix drc: <https://w3id.org/digital-rights-charter/ontology#> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        'code:lid-coding-moving a drc:CodingCategory ; skos:prefLabel "Moving"@en .\n'
        'code:lid-coding-openings a drc:CodingCategory ; skos:prefLabel "Openings"@en .\n',
        encoding="utf-8",
    )


def imported(row: int, column: int, value: str) -> Spoil:
    """Import once, then change a cell."""

    def spoil(bench: Bench) -> None:
        bench.carry_out()
        bench.write(with_cell(row, column, value))

    return spoil


def without_row(bench: Bench) -> None:
    """Import once, then leave out a row."""
    bench.carry_out()
    bench.write([*ROWS[:2], *ROWS[3:]])


CASES: list[tuple[str, Spoil, str, str]] = [
    ("column-missing", table(0, 3, "place"), "table.csv", "“doc”, “title”, “right”, “place”"),
    ("column-twice", table(0, 1, "doc"), "B1", "“doc”"),
    ("table-empty", lambda bench: bench.write(ROWS[:1]), "table.csv", "no rows"),
    ("document-empty", table(1, 0, ""), "A2", "“doc”"),
    ("document-unknown", table(1, 0, "B"), "A2", "“B”"),
    ("document-without-row", lambda b: b.write(ROWS[:4]), "documents.N", "“N”"),
    ("document-two-titles", table(2, 1, "Box Bill"), "B3", "row 2"),
    ("document-homonym", table(3, 1, "box act"), "B4", "“A” and “R”"),
    ("right-empty", table(1, 2, ""), "C2", "“right”"),
    ("right-unknown", table(1, 2, "Movng"), "C2", "the nearest: Moving"),
    ("right-without-row", lambda b: b.write([ROWS[0], *ROWS[2:]]), "rights", "“Moving”"),
    ("cell-twice", rows(["A", "Box Act", "Moving", "3"]), "D6", "row 2"),
    ("pinpoint-empty", table(1, 3, ""), "D2", "“where” is empty"),
    ("pinpoint-date", table(1, 3, "13/11/2015"), "D2", "“13/11/2015”, a date"),
    ("pinpoint-unreadable", table(1, 3, "2, passim"), "D2", "“passim”"),
    ("pinpoint-prefix", table(1, 3, "z4"), "D2", 'z = "principle"'),
    ("pinpoint-ambiguous", table(1, 3, "para. 4, 5"), "D2", "“5”"),
    ("pinpoint-range", table(1, 3, "5-4"), "D2", "“5-4”"),
    ("pinpoint-twice", table(1, 3, "5, 4-6"), "D2", "“article 5”"),
    (
        "correction-unused",
        lambda bench: bench.write(mapping=MAPPING + _CORRECTION),
        "correction[1]",
        "“15b”",
    ),
    ("mapping-missing", mapping('slug = "lid-coding"\n', ""), "coding.slug", "slug = "),
    ("mapping-wrong", mapping('"lid-coding"', '"Lid coding"'), "coding.slug", "“Lid coding”"),
    ("mapping-unknown", mapping("complete =", "complet ="), "coding.complet", "complete, "),
    ("instrument-twice", mapping('"box-recommendation"', '"box-act"'), "documents.R", "“A”"),
    (
        "instrument-unknown",
        mapping('"box-recommendation"', '"box-recom"'),
        "documents.R",
        "box-rec",
    ),
    ("record-unknown", mapping('"box-secrecy"', '"box-secrets"'), "rights", "box-secrecy"),
    ("version-unknown", version('version = { slug = "x" }'), "documents.A.version", "“x”"),
    ("version-missing", two_versions, "documents.A.version", "draft-1999"),
    ("category-unknown", unmatched, 'rights."Opening"', "Openings"),
    ("category-unmatched", unmatched, 'rights."Moving"', "“box-transfer”"),
    ("provision-differs", another_provision, "D2", "number 2-1"),
    ("record-differs", imported(4, 3, "16"), "lid-coding.ttl", "--replace"),
    ("record-left", without_row, "lid-coding.ttl", "--replace"),
    (
        "right-like-another",
        mapping('"Opening" =', '"moving!" = "box-transfer"\n"Opening" ='),
        'rights."moving!"',
        "“Moving”",
    ),
    (
        "coding-undescribed",
        mapping(
            'label = { en = "Coding of lids (2003)", fr = "Codage des couvercles (2003)" }', ""
        ),
        "coding",
        "label, definition",
    ),
    (
        "value-not-in-list",
        lambda bench: bench.write(
            [[*ROWS[0], "sure"], *([*row, "certain"] for row in ROWS[1:])],
            changed("[table]\n", '[table]\nconfidence = "sure"\n'),
        ),
        "E2",
        "high, low, medium",
    ),
]
_IN_WORKBOOKS = ("cells-merged", "cell-formula", "cell-number")


@pytest.mark.parametrize(("name", "spoil", "place", "told"), CASES, ids=[case[0] for case in CASES])
def test_a_problem_is_told_with_its_place_and_remedy(
    tmp_path: Path, name: str, spoil: Spoil, place: str, told: str
) -> None:
    bench = Bench(tmp_path)
    spoil(bench)
    before = bench.files()
    outcome = bench.run()
    found = [problem for problem in outcome.problems if problem.rule == f"import/{name}"]
    assert found, outcome.problems
    text = found[0].text("en")
    assert place in text
    assert told in text
    assert " — " in text
    assert found[0].text("fr") != text
    grave = any(problem.severity is Severity.VIOLATION for problem in outcome.problems)
    assert (outcome.plan is None) == grave
    assert bench.files() == before


def test_every_problem_is_tried() -> None:
    texts = tomllib.loads((files("kb.importing") / "problems.toml").read_text("utf-8"))
    assert {case[0] for case in CASES} | set(_IN_WORKBOOKS) == set(texts)


def test_every_problem_is_written_in_both_languages() -> None:
    texts = tomllib.loads((files("kb.importing") / "problems.toml").read_text("utf-8"))
    for name, text in texts.items():
        for part in ("message", "remedy"):
            blanks = [set(re.findall(r"\{(\w+)\}", text[part][lang])) for lang in ("en", "fr")]
            assert blanks[0] == blanks[1], name
            assert "'" not in text[part]["fr"], name
            assert not text[part]["fr"].endswith("."), name


def test_cells_that_a_workbook_spoils_are_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    path = as_xlsx([*ROWS[:1], ["A", "Box Act", "Moving", "=2+1"], *ROWS[2:]], tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["Coding"]
    sheet["D3"] = 1.1
    sheet.merge_cells("A4:A5")
    book.save(path)
    outcome = bench.run(path)
    told = {problem.rule: problem.subject for problem in outcome.problems}
    assert told["import/cell-formula"] == "Coding!D2"
    assert told["import/cell-number"] == "Coding!D3"
    assert told["import/cells-merged"] == "A4:A5"
    assert told["import/document-empty"] == "Coding!A5"


def test_a_number_that_is_whole_is_a_pinpoint(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    path = as_xlsx([*ROWS[:1], ["A", "Box Act", "Moving", 9], *ROWS[2:]], tmp_path / "t.xlsx")
    assert bench.run(path).problems == []


def test_all_problems_of_a_table_are_told_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    spoilt = with_cell(1, 3, "13/11/2015")
    spoilt[2][2], spoilt[3][0] = "Nothing", "Z"
    bench.write(spoilt)
    assert bench.rules() == {
        "pinpoint-date": 1,
        "right-unknown": 1,
        "document-unknown": 1,
        "document-without-row": 1,
    }


def test_homonyms_that_were_told_apart_are_no_problem(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    twice = MAPPING
    for key in ("A", "R"):
        twice = twice.replace(f"[documents.{key}]\n", f"[documents.{key}]\nhomonym = true\n")
    bench.write(with_cell(3, 1, "Box Act"), twice)
    assert bench.rules() == {}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('unit = "point"', 'unit = "pont"', "documents.R.unit"),
        ('p = "principle"', 'p = "princip"', "documents.R.prefixes"),
        ('prefixes = {', 'readings = { x = "art. 9" }\nprefixes = {', "documents.R.readings"),
        ("complete = true", 'complete = "yes"', "coding.complete"),
        ('lids"\naccessed = 2001-02-03', 'lids"\naccessed = "x"', "coding.reference.accessed"),
        ('since = "1999-05"', 'since = "May 1999"', "documents.A.version.since"),
        ('"https://example.org/lids"', '"lids"', "coding.reference.url"),
        ('type = "charter"', 'type = "chart"', "documents.N.new.type"),
        ('en = "Lids only."', 'en = 3', "coding.note[1].en"),
        ('["state/exemplaria"]', '"state/exemplaria"', "jurisdictions"),
        ('["state/exemplaria"]', '["state/nowhere"]', "documents.N.new"),
        ('{ en = "Table of lids"', '{ de = "Tafel"', "coding.reference.label"),
        ('[actors."group/lid-coders"]', '[actors."person/lid-coders"]', "actors"),
        ('[actors."group/lid-coders"]', '[actors."group/Lid coders"]', "actors"),
        ('"Moving" = "box', '"!" = "box-transfer"\n"Moving" = "box', 'rights."!"'),
        ('"Moving" = "box-transfer"', '"Moving" = 3', "rights"),
        ('jurisdictions = ["state/exemplaria"]', 'status = 3', "documents.N.new.status"),
        ("[documents.A]\n", "[documents]\nA = 3\n[documents.X]\n", "documents.A"),
        ('[rights]\n', '[right]\n', "rights"),
        ("[[coding.note]]", "[coding.note]", "coding.note"),
    ],
)  # fmt: skip
def test_a_mapping_is_held_to_its_form(tmp_path: Path, old: str, new: str, place: str) -> None:
    bench = Bench(tmp_path)
    spoilt = changed(old, new)
    if new == "status = 3":
        start, end = spoilt.index("status = ["), spoilt.index("[documents.N.new.reference]")
        spoilt = spoilt[:start] + spoilt[end:]
    if "A = 3" in new:
        spoilt = spoilt.replace("[documents.A.version]", "[documents.X.version]")
    bench.write(mapping=spoilt)
    problems = bench.run().problems
    assert any(place in problem.subject for problem in problems), problems


def test_a_mapping_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(mapping="[coding\n")
    with pytest.raises(SourceError, match="no TOML"):
        bench.run()


def test_what_the_base_has_need_not_be_described(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.carry_out()
    start, end = MAPPING.index("[coding.reference]"), MAPPING.index("[table]")
    short = MAPPING[:start] + '[coding.reference]\nslug = "lid-coding-table"\n' + MAPPING[end:]
    start, end = short.index("[documents.N.new]"), short.index("[rights]")
    short = short[:start] + short[end:]
    start, end = short.index("[documents.A.version]"), short.index("[documents.R]")
    kept = '[documents.A.version]\nslug = "draft-1999"\nsince = "1999-05"\n'
    bench.write(mapping=short[:start] + kept + short[end:])
    outcome = bench.run()
    assert outcome.problems == []
    assert outcome.plan
    assert outcome.plan.contents == {}
