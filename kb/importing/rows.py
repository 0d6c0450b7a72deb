"""The rows of a table, long (one row a cell) or wide (documents × rights), in one shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from kb.importing.complaints import Complaints, Place
from kb.importing.mapping import Mapping
from kb.importing.tables import Cell, Sheet

_NOTHING = Cell("")


@dataclass(frozen=True, slots=True)
class Row:
    """A document, a right and a pinpoint, each with its place; `codes` are values of lists."""

    document: Cell
    document_place: Place
    right: Cell
    right_place: Place
    pinpoint: Cell
    pinpoint_place: Place
    codes: dict[str, tuple[Cell, Place]] = field(default_factory=dict, hash=False)


def read_rows(sheet: Sheet, mapping: Mapping, complaints: Complaints) -> list[Row]:
    """Return the rows of a table, blank ones left out; complain about the table as a whole."""
    for area in sheet.merged:
        complaints.add("cells-merged", Place(sheet.file, area), value=area)
    if len(sheet.rows) < 2:
        complaints.add("table-empty", Place(sheet.file, sheet.name))
        return []
    if not _has_columns(sheet, mapping, complaints):
        return []
    _check_titles(sheet, mapping, complaints)
    read = _long_rows if mapping.columns.form == "long" else _wide_rows
    return list(read(sheet, mapping))


def _has_columns(sheet: Sheet, mapping: Mapping, complaints: Complaints) -> bool:
    """Tell whether the table has the columns it should; complain where it does not."""
    columns = mapping.columns
    wanted = [columns.document, columns.title]
    if columns.form == "long":
        wanted += [columns.right, columns.pinpoint, columns.confidence, columns.strength]
    shown = ", ".join(f"“{heading}”" for heading in sheet.headings if heading)
    missing = [name for name in wanted if name and name not in sheet.headings]
    for name in missing:
        complaints.add(
            "column-missing", Place(sheet.file, sheet.name, 1), column=name, columns=shown
        )
    seen: list[str] = []
    for i, heading in enumerate(sheet.headings):
        if heading and heading in seen:
            complaints.add("column-twice", sheet.place(0, i), value=heading)
            missing.append(heading)
        seen.append(heading)
    return not missing


def _check_titles(sheet: Sheet, mapping: Mapping, complaints: Complaints) -> None:
    """Complain about a document with two titles, and two with one that were not told apart."""
    if not mapping.columns.title:
        return
    column = sheet.headings.index(mapping.columns.title)
    key = sheet.headings.index(mapping.columns.document)
    titles: dict[str, tuple[str, int]] = {}
    for i, row in enumerate(sheet.rows[1:], start=1):
        document, title = _at(row, key).text, _at(row, column).text
        if not document or not title:
            continue
        known, where = titles.setdefault(document, (title, i))
        if known != title:
            place = sheet.place(i, column)
            complaints.add(
                "document-two-titles",
                place,
                document=document,
                value=title,
                title=known,
                row=where + 1,
            )
    for (one, (title, _)), (other, (same, where)) in combinations(titles.items(), 2):
        pair = [mapping.documents.get(each) for each in (one, other)]
        if title.casefold() == same.casefold() and not all(d and d.homonym for d in pair):
            place = sheet.place(where, column)
            complaints.add("document-homonym", place, document=one, other=other, value=title)


def _long_rows(sheet: Sheet, mapping: Mapping) -> Iterator[Row]:
    """Yield the rows of a long table."""
    columns = mapping.columns
    main = [
        sheet.headings.index(heading)
        for heading in (columns.document, columns.right, columns.pinpoint)
    ]
    codes = {
        name: sheet.headings.index(heading)
        for name, heading in (("confidence", columns.confidence), ("strength", columns.strength))
        if heading
    }
    for i, row in enumerate(sheet.rows[1:], start=1):
        if not any(_at(row, column).text for column in (*main, *codes.values())):
            continue
        document, right, pinpoint = ((_at(row, at), sheet.place(i, at)) for at in main)
        values = {name: (_at(row, at), sheet.place(i, at)) for name, at in codes.items()}
        yield Row(*document, *right, *pinpoint, codes=values)


def _wide_rows(sheet: Sheet, mapping: Mapping) -> Iterator[Row]:
    """Yield a row for each filled cell of a wide table."""
    columns = mapping.columns
    apart = {columns.document, columns.title, *columns.ignore, ""}
    key = sheet.headings.index(columns.document)
    for i, row in enumerate(sheet.rows[1:], start=1):
        document, place = _at(row, key), sheet.place(i, key)
        for column, heading in enumerate(sheet.headings):
            if heading not in apart and _at(row, column).text:
                right, right_place = sheet.rows[0][column], sheet.place(0, column)
                pinpoint, where = _at(row, column), sheet.place(i, column)
                yield Row(document, place, right, right_place, pinpoint, where)


def _at(row: tuple[Cell, ...], column: int) -> Cell:
    """Return a cell of a row; rows may end before the last column."""
    return row[column] if column < len(row) else _NOTHING
