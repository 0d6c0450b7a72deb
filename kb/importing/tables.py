"""Tables as researchers keep them, CSV or XLSX, and what spreadsheets do to their cells."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import Cell as XlsxCell
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from kb.errors import SourceError
from kb.importing.complaints import Place
from kb.turtle import read_bytes

_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as text; `fault` names what makes it unfit to be read: cell-formula, cell-number."""

    text: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a table, row by row; the first row holds the headings."""

    file: str
    name: str
    rows: tuple[tuple[Cell, ...], ...]
    merged: tuple[str, ...] = ()

    @property
    def headings(self) -> list[str]:
        """The headings of the columns."""
        return [cell.text for cell in self.rows[0]] if self.rows else []

    def place(self, row: int, column: int) -> Place:
        """Return the place of a cell; rows and columns are counted from 0, the headings in."""
        sheet = f"{self.name}!" if self.name else ""
        heading = self.headings[column] if column < len(self.headings) else ""
        cell = f"{sheet}{get_column_letter(column + 1)}{row + 1}"
        return Place(self.file, cell, row + 1, heading or get_column_letter(column + 1))


def read_sheet(path: Path, sheet: str = "") -> Sheet:
    """Return a table; the sheet is the first one unless named. SourceError if it cannot be read."""
    if path.suffix.lower() == ".xlsx":
        return _read_xlsx(path, sheet)
    if path.suffix.lower() == ".csv":
        return _read_csv(path)
    raise SourceError(path, "it is neither CSV nor XLSX", "save it as .csv (UTF-8) or .xlsx")


def _read_csv(path: Path) -> Sheet:
    """Return a table in CSV (RFC 4180); commas, semicolons or tabs, as its headings have them."""
    content = read_bytes_without_mark(path)
    head = content.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=head.count)
    try:
        reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
        rows = tuple(tuple(Cell(text.strip()) for text in row) for row in reader)
    except csv.Error as error:
        raise SourceError(path, f"it is no CSV: {error}", "save the table as CSV again") from error
    return Sheet(str(path), "", rows)


def read_bytes_without_mark(path: Path) -> str:
    """Return the text of a file in UTF-8; spreadsheets begin it with a byte order mark."""
    if path.is_file() and path.stat().st_size and path.read_bytes().startswith(b"\xef\xbb\xbf"):
        try:
            return path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise SourceError(path, "it is not UTF-8", "save the file as UTF-8") from error
    return read_bytes(path).decode()


def _read_xlsx(path: Path, name: str) -> Sheet:
    """Return one sheet of a workbook (ECMA-376)."""
    try:
        with warnings.catch_warnings():
            # It warns of extensions it does not know, none of which touches a cell.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, data_only=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise SourceError(path, f"it is no XLSX: {error}", "save it as .xlsx again") from error
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if name and name not in sheets:
        raise SourceError(path, f"it has no sheet “{name}”", f"name one of {', '.join(sheets)}")
    sheet: Worksheet = sheets[name] if name else book.worksheets[0]
    rows = tuple(tuple(_xlsx_cell(cell) for cell in row) for row in sheet.iter_rows())
    merged = tuple(sorted(str(area) for area in sheet.merged_cells.ranges))
    return Sheet(str(path), sheet.title, _trim(rows), merged)


def _trim(rows: tuple[tuple[Cell, ...], ...]) -> tuple[tuple[Cell, ...], ...]:
    """Return rows without the empty ones below the last, which a workbook may have by thousands."""
    last = max((i for i, row in enumerate(rows) if any(cell.text for cell in row)), default=-1)
    return rows[: last + 1]


def _xlsx_cell(cell: XlsxCell | MergedCell) -> Cell:
    """Return a cell of a workbook as the text its author sees, or nearly."""
    value = cell.value
    if value is None:
        return Cell("")
    if cell.data_type == "f":
        return Cell(str(getattr(value, "text", value)), "cell-formula")
    if isinstance(value, datetime):
        return Cell(value.date().isoformat())
    if isinstance(value, date | time):
        return Cell(value.isoformat())
    if isinstance(value, float) and not value.is_integer():
        return Cell(repr(value), "cell-number")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Cell(str(int(value)))
    return Cell(str(value).strip())
