"""Tables in CSV and XLSX: the same cells, and what spreadsheets do to them is noticed."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from kb.errors import SourceError
from kb.importing.tables import Cell, read_sheet
from tests.kb.coding_table import as_xlsx


def texts(path: Path) -> list[list[str]]:
    return [[cell.text for cell in row] for row in read_sheet(path).rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_headings_tell_how_columns_are_set_apart(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f'a{delimiter}b\n"1, 2; 3"{delimiter}é\n', encoding="utf-8")
    assert texts(path) == [["a", "b"], ["1, 2; 3", "é"]]


def test_a_byte_order_mark_and_crlf_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbfa,b\r\n1, 2 \r\n")
    assert texts(path) == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.csv", b"a,b\n\xe9,1\n", "not UTF-8"),
        ("t.csv", b"\xef\xbb\xbfa\n\xe9\n", "not UTF-8"),
        ("t.csv", b'a,b\n"1"x,2\n', "no CSV"),
        ("t.xlsx", b"a,b\n", "no XLSX"),
        ("t.ods", b"", "neither CSV nor XLSX"),
    ],
)
def test_a_file_that_is_no_table_is_refused(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=told):
        read_sheet(path)


@pytest.mark.parametrize("name", ["none.csv", "none.xlsx"])
def test_a_table_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError):
        read_sheet(tmp_path / name)


def test_cells_of_a_workbook_are_read_as_their_author_sees_them(tmp_path: Path) -> None:
    row = [9, 24.0, " 1.10 ", True, None, datetime(2015, 11, 13), date(2015, 1, 2), time(1, 2)]
    path = as_xlsx([["h"], row], tmp_path / "t.xlsx")
    assert texts(path)[1] == ["9", "24", "1.10", "True", "", "2015-11-13", "2015-01-02", "01:02:00"]


def test_formulas_and_decimal_numbers_are_faults(tmp_path: Path) -> None:
    path = as_xlsx([["h", "i"], ["=A1", 1.1]], tmp_path / "t.xlsx")
    assert read_sheet(path).rows[1] == (Cell("=A1", "cell-formula"), Cell("1.1", "cell-number"))


def test_the_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "First"
    book.create_sheet("Second").append(["x"])
    book.save(path)
    assert read_sheet(path).name == "First"
    assert read_sheet(path, "Second").rows == ((Cell("x"),),)
    with pytest.raises(SourceError, match="no sheet “Third” — name one of First, Second"):
        read_sheet(path, "Third")


def test_a_place_is_named_as_the_spreadsheet_names_it(tmp_path: Path) -> None:
    sheet = read_sheet(as_xlsx([["doc", "where"], ["A", "9"]], tmp_path / "t.xlsx", "Coding"))
    place = sheet.place(1, 1)
    assert (place.cell, place.row, place.heading) == ("Coding!B2", 2, "where")
    plain = tmp_path / "t.csv"
    plain.write_text("doc,where\nA,9\n", encoding="utf-8")
    assert read_sheet(plain).place(1, 1).cell == "B2"


def test_empty_rows_below_the_last_are_left_out(tmp_path: Path) -> None:
    assert len(read_sheet(as_xlsx([["h"], ["1"], [" "], [""]], tmp_path / "t.xlsx")).rows) == 2
