"""Blank tables and mappings to fill in."""

from __future__ import annotations

import io
from importlib.resources import files
from pathlib import Path

from openpyxl import Workbook

from kb.errors import SourceError
from kb.files import write_file

_FILES = {"csv": "template.csv", "mapping": "template.toml"}
_ROWS = 500
"""Rows made ready for text, so that no spreadsheet makes dates of pinpoints."""


def write_template(kind: str, path: Path | None) -> str:
    """Write a blank csv, xlsx or mapping to a new file; without one, return its text.

    SourceError when the file is there already, or when a workbook has no file to go to.
    """
    if path is not None and path.exists():
        raise SourceError(path, "it is there already", "name a new file")
    if kind == "xlsx":
        if path is None or path.suffix.lower() != ".xlsx":
            raise SourceError(path or Path("-"), "a workbook needs a file", "name one in .xlsx")
        write_file(path, _workbook())
        return ""
    text = (files("kb.importing") / _FILES[kind]).read_text("utf-8")
    if path is None:
        return text
    # Spreadsheets know UTF-8 by the mark at its beginning.
    write_file(path, text.encode("utf-8-sig" if kind == "csv" else "utf-8"))
    return ""


def _workbook() -> bytes:
    """Return a workbook with the headings, whose columns are formatted as text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Coding"
    headings = (files("kb.importing") / _FILES["csv"]).read_text("utf-8").strip().split(",")
    sheet.append(headings)
    sheet.freeze_panes = "A2"
    for row in sheet.iter_rows(min_row=1, max_row=_ROWS, max_col=len(headings)):
        for cell in row:
            cell.number_format = "@"
    for column in "ABCD":
        sheet.column_dimensions[column].width = 30
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
