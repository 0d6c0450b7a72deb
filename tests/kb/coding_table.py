"""A small coding of the invented base, to be imported as it is or spoilt first."""

from __future__ import annotations

import csv
import io
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from kb.importing.run import Outcome, import_coding
from kb.importing.writing import write_all
from kb.layout import Layout, shipped_layout

TINY = Path(__file__).parents[1] / "tiny" / "data"
Table = list[list[str]]

ROWS: Table = [
    ["doc", "title", "right", "where"],
    ["A", "Box Act", "Moving", "2(1), 10"],
    ["A", "Box Act", "Opening", "preamble, 4-6"],
    ["R", "Box Recommendation", "Opening", "p2, rec. 7"],
    ["N", "Lid Charter", "Keeping secret", "15b"],
]
MAPPING = """
[coding]
slug = "lid-coding"
authors = "group/lid-coders"
complete = true
label = { en = "Coding of lids (2003)", fr = "Codage des couvercles (2003)" }
definition = { en = "Published coding of lids.", fr = "Codage publié des couvercles." }

[coding.reference]
slug = "lid-coding-table"
label = { en = "Table of lids", fr = "Tableau des couvercles" }
citation = { en = "Lid coders, Table, 2003", fr = "Codeurs de couvercles, Tableau, 2003" }
url = "https://example.org/lids"
accessed = 2001-02-03
verification = "coded-by-others"

[[coding.note]]
en = "Lids only."
fr = "Seulement les couvercles."

[actors."group/lid-coders"]
en = "Lid coders"
fr = "Codeurs de couvercles"

[table]
document = "doc"
title = "title"
right = "right"
pinpoint = "where"

[documents.A]
instrument = "box-act"
unit = "article"

[documents.A.version]
slug = "draft-1999"
language = "en"
since = "1999-05"
label = { en = "draft of 1999", fr = "projet de 1999" }

[documents.R]
instrument = "box-recommendation"
unit = "point"
prefixes = { p = "principle", rec = "recommendation" }

[documents.N]
instrument = "lid-charter"
unit = "article"

[documents.N.new]
title = { en = "Lid Charter", fr = "Charte des couvercles" }
charter = true
type = "charter"
force = "political"
region = "europe"
jurisdictions = ["state/exemplaria"]
adopted_by = ["organisation/box-council"]
number = "EX-9"
status = [
  { code = "adopted", since = 2002-03-04 },
  { code = "amended", since = "2003", until = "2004-02" },
]

[documents.N.new.reference]
slug = "lid-charter-page"
label = { en = "Lid Charter, page", fr = "Charte des couvercles, page" }
citation = { en = "Lid Charter, 4 March 2002", fr = "Charte des couvercles, 4 mars 2002" }
url = "https://example.org/lid-charter"
accessed = 2001-02-03
verification = "unverified"

[rights]
"Moving" = "box-transfer"
"Opening" = "box-openness"
"Keeping secret" = "box-secrecy"
"""


class Bench:
    """A copy of the invented base, with a table and a mapping beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = Path(shutil.copytree(TINY, folder / "data"))
        self.layout = Layout(self.data, shipped_layout().ontology)
        self.table = folder / "table.csv"
        self.mapping = folder / "mapping.toml"
        self.write(ROWS, MAPPING)

    def write(self, rows: Sequence[Sequence[str]] = ROWS, mapping: str = MAPPING) -> None:
        """Put down a table and a mapping."""
        self.table.write_text(as_csv(rows), encoding="utf-8")
        self.mapping.write_text(mapping, encoding="utf-8")

    def run(self, table: Path | None = None, *, replace: bool = False) -> Outcome:
        """Return what the import comes to, without writing."""
        return import_coding(table or self.table, self.mapping, self.layout, replace=replace)

    def carry_out(self, table: Path | None = None, *, replace: bool = False) -> Outcome:
        """Import and write; the problems are told when there is no plan."""
        outcome = self.run(table, replace=replace)
        assert outcome.plan, [problem.text("en") for problem in outcome.problems]
        write_all(outcome.plan.contents)
        return outcome

    def rules(self) -> Counter[str]:
        """Return the problems of an import by the name of their texts."""
        return Counter(problem.rule.removeprefix("import/") for problem in self.run().problems)

    def files(self) -> dict[str, bytes]:
        """Return every file of the base with its bytes."""
        return {
            path.relative_to(self.data).as_posix(): path.read_bytes()
            for path in sorted(self.data.rglob("*"))
            if path.is_file()
        }


def as_csv(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as CSV."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def as_xlsx(rows: Sequence[Sequence[object]], path: Path, sheet: str = "Coding") -> Path:
    """Write rows to a workbook."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path


def with_cell(row: int, column: int, value: str) -> Table:
    """Return the table with another value in one cell; row 0 holds the headings."""
    rows = [list(each) for each in ROWS]
    rows[row][column] = value
    return rows


def changed(old: str, new: str) -> str:
    """Return the mapping with another text in one place."""
    assert MAPPING.count(old) == 1, old
    return MAPPING.replace(old, new)
