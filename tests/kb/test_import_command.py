"""The command `charterkb import`, its templates, and the worked example of the documents."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from kb import shipped_layout
from kb.cli import main
from kb.importing.complaints import Complaints
from kb.importing.known import Known
from kb.importing.mapping_reader import read_mapping
from tests.kb.coding_table import MAPPING, Bench, with_cell

EXAMPLE = Path(__file__).parents[2] / "examples" / "coding"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """The invented base, the small coding beside it."""
    return Bench(tmp_path)


def run(bench: Bench, *options: str) -> int:
    arguments: Sequence[str] = (
        *("--data", str(bench.data), "import", "coding", str(bench.table)),
        *("--mapping", str(bench.mapping), *options),
    )
    return main(arguments)


def test_an_import_tells_its_counts(bench: Bench, capsys: Capture) -> None:
    assert run(bench) == 0
    told = capsys.readouterr().out
    assert "Coding of lids (2003): 4 findings in 3 documents" in told
    assert "      2  Opening" in told
    assert "files written: 5" in told
    assert run(bench, "--lang", "fr") == 0
    assert "rien à écrire" in capsys.readouterr().out


def test_a_dry_run_tells_what_would_come_and_writes_nothing(bench: Bench, capsys: Capture) -> None:
    before = bench.files()
    assert run(bench, "--dry-run") == 0
    told = capsys.readouterr().out
    assert "instruments/box-act.ttl" in told
    assert "  + provision:lid-charter-art-15-b  Lid Charter, Article 15(b)" in told
    assert "  ~ instrument:box-act  Box Act" in told
    assert "      + drc:hasTextVersion text:box-act-draft-1999" in told
    assert "without --dry-run: 5" in told
    assert bench.files() == before


def test_a_dry_run_of_another_table_tells_the_difference(bench: Bench, capsys: Capture) -> None:
    assert run(bench) == 0
    bench.write(with_cell(4, 3, "15a"))
    capsys.readouterr()
    assert run(bench, "--dry-run", "--replace", "--lang", "fr") == 0
    told = capsys.readouterr().out
    assert "  ~ articulation:lid-coding-lid-charter-keeping-secret  Charte des couvercles" in told
    assert '      - drc:locus "15b"' in told
    assert '      + drc:locus "15a"' in told


def test_problems_are_told_and_nothing_is_written(bench: Bench, capsys: Capture) -> None:
    before = bench.files()
    bench.write(with_cell(1, 3, "13/11/2015"))
    assert run(bench) == 1
    captured = capsys.readouterr()
    assert "table.csv:2: D2: column “where” says “13/11/2015”, a date" in captured.err
    assert "nothing was written; problems to solve first: 1" in captured.out
    assert run(bench, "--lang", "fr") == 1
    assert "un tableur l’a tirée d’une liste de numéros" in capsys.readouterr().err
    assert bench.files() == before


def test_a_file_that_is_not_there_is_wrong_use(bench: Bench, capsys: Capture) -> None:
    bench.table.unlink()
    assert run(bench) == 2
    assert "table.csv" in capsys.readouterr().err


def test_a_broken_base_is_told_before_anything_is_added(bench: Bench, capsys: Capture) -> None:
    (bench.data / "instruments" / "box-act.ttl").write_text("@prefix", encoding="utf-8")
    assert run(bench) == 2
    assert "box-act.ttl" in capsys.readouterr().err


def test_a_blank_table_has_the_headings(tmp_path: Path, capsys: Capture) -> None:
    assert main(["import", "template"]) == 0
    headings = capsys.readouterr().out.strip().split(",")
    assert headings == ["document", "title", "right", "pinpoint"]
    path = tmp_path / "t.csv"
    assert main(["import", "template", str(path)]) == 0
    assert path.read_text(encoding="utf-8-sig").strip().split(",") == headings


def test_a_blank_workbook_keeps_spreadsheets_from_making_dates(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    assert main(["import", "template", "--xlsx", str(path)]) == 0
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["document", "title", "right", "pinpoint"]
    assert sheet["D100"].number_format == "@"


def test_a_template_spoils_no_file(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "t.csv"
    path.write_text("mine", encoding="utf-8")
    assert main(["import", "template", str(path)]) == 2
    assert path.read_text(encoding="utf-8") == "mine"
    assert main(["import", "template", "--xlsx"]) == 2
    assert main(["import", "template", "--xlsx", str(tmp_path / "t.csv.txt")]) == 2
    assert "name one in .xlsx" in capsys.readouterr().err


def test_a_blank_mapping_can_be_filled_in(bench: Bench, capsys: Capture) -> None:
    assert main(["import", "template", "--mapping", str(bench.folder / "blank.toml")]) == 0
    text = (bench.folder / "blank.toml").read_text(encoding="utf-8")
    # Every key that this coding uses is explained there.
    keys = {line.split(" =", 1)[0] for line in MAPPING.splitlines() if " = " in line}
    missing = [key for key in keys if key.isidentifier() and f"{key} = " not in text]
    assert missing == []
    complaints = Complaints()
    read_mapping(bench.folder / "blank.toml", Known(shipped_layout()), complaints)
    assert complaints.problems == []


def test_the_worked_example_comes_out_as_shown(tmp_path: Path, capsys: Capture) -> None:
    """When a principle is renamed, import the example into a copy of the base and keep the rest."""
    data = Path(shutil.copytree(shipped_layout().data, tmp_path / "data"))
    table, mapping = str(EXAMPLE / "table.csv"), str(EXAMPLE / "mapping.toml")
    assert main(["--data", str(data), "import", "coding", table, "--mapping", mapping]) == 0
    assert "7 findings in 3 documents" in capsys.readouterr().out
    shown = sorted((EXAMPLE / "out").rglob("*.ttl"))
    assert len(shown) == 6
    for path in shown:
        assert (data / path.relative_to(EXAMPLE / "out")).read_bytes() == path.read_bytes()


def test_the_shipped_mapping_is_sound() -> None:
    path = shipped_layout().data / "codings" / "gill-2015.toml"
    complaints = Complaints()
    mapping = read_mapping(path, Known(shipped_layout()), complaints)
    assert complaints.problems == []
    assert (len(mapping.documents), len(mapping.rights)) == (30, 42)
    assert len({document.instrument for document in mapping.documents.values()}) == 30
    assert len(set(mapping.rights.values())) == 42
    assert tomllib.loads(path.read_text(encoding="utf-8"))["coding"]["complete"]
