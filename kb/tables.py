"""CSV tables of a base, one for each class: for readers who work in a spreadsheet.

A row is a record; a column is a property, one for each language where texts have languages.
Several values stand in one cell, apart by ` | `. Cells that a spreadsheet would run as a formula
are made harmless by a leading apostrophe (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import Sequence

import pyoxigraph as ox

from kb.namespaces import DRC, PREFIXES, shorten

_TYPE = PREFIXES["rdf"] + "type"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The oldest date a ZIP archive can carry: the bytes must not depend on the clock."""


def write_tables(quads: Sequence[ox.Quad]) -> bytes:
    """Return a ZIP archive with `{Class}.csv` for every class of the ontology that has records."""
    records: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    classes: dict[str, set[str]] = defaultdict(set)
    for quad in quads:
        if not isinstance(quad.subject, ox.NamedNode):
            continue
        subject, predicate, target = quad.subject.value, quad.predicate.value, quad.object
        if predicate == _TYPE and isinstance(target, ox.NamedNode):
            if target.value.startswith(DRC):
                classes[target.value.removeprefix(DRC)].add(subject)
        elif not isinstance(target, ox.Triple):
            records[subject][_column(predicate, target)].add(_cell(target))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in sorted(classes):
            entry = zipfile.ZipInfo(f"{name}.csv", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            bundle.writestr(entry, _table(sorted(classes[name]), records))
    return archive.getvalue()


def _table(subjects: Sequence[str], records: dict[str, dict[str, set[str]]]) -> bytes:
    """Return the CSV of some records (RFC 4180, UTF-8 with the mark that spreadsheets look for)."""
    columns = sorted({column for subject in subjects for column in records[subject]})
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["iri", *columns])
    for subject in subjects:
        cells = (" | ".join(sorted(records[subject][column])) for column in columns)
        writer.writerow([subject, *(_harmless(cell) for cell in cells)])
    return text.getvalue().encode("utf-8-sig")


def _column(predicate: str, value: ox.NamedNode | ox.BlankNode | ox.Literal) -> str:
    """Return the head of the column for a value: the property, and the language if it has one."""
    language = value.language if isinstance(value, ox.Literal) else None
    return shorten(predicate) + (f"@{language}" if language else "")


def _cell(value: ox.NamedNode | ox.BlankNode | ox.Literal) -> str:
    """Return a value as text."""
    return value.value


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
