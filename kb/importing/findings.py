"""What a table finds, row by row: a document, a right, and the places where it is found there."""

from __future__ import annotations

from dataclasses import dataclass

from kb.importing.complaints import Complaints, Place
from kb.importing.known import Known
from kb.importing.mapping import Correction, Document, Mapping
from kb.importing.pinpoints import PinpointError, parse_pinpoint
from kb.importing.rows import Row, read_rows
from kb.importing.tables import Sheet
from kb.importing.wording import both, nearest


@dataclass(frozen=True, slots=True)
class Finding:
    """One filled cell: what its authors found, where, as they wrote it and as it is read."""

    document: Document
    right: str
    pinpoint: str
    loci: tuple[str, ...]
    place: Place
    correction: Correction | None = None
    confidence: str = ""
    strength: str = ""


def read_findings(
    sheet: Sheet, mapping: Mapping, known: Known, complaints: Complaints
) -> list[Finding]:
    """Return the findings of a table that could be read; the others are complained about."""
    rows = read_rows(sheet, mapping, complaints)
    findings: list[Finding] = []
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        if not _is_known(row, mapping, complaints):
            continue
        cell = (row.document.text, row.right.text)
        if cell in first:
            place, where = row.pinpoint_place, first[cell]
            complaints.add("cell-twice", place, document=cell[0], right=cell[1], row=where)
            continue
        first[cell] = row.pinpoint_place.row or 0
        findings += _read(row, mapping, known, complaints)
    _check_corrections(rows, mapping, complaints)
    _check_coverage(rows, mapping, complaints)
    return findings


def _is_known(row: Row, mapping: Mapping, complaints: Complaints) -> bool:
    """Tell whether document and right of a row are in the mapping; complain when one is not."""
    is_known = True
    for cell, place, names, name in (
        (row.document, row.document_place, list(mapping.documents), "document"),
        (row.right, row.right_place, list(mapping.rights), "right"),
    ):
        if not cell.text:
            complaints.add(f"{name}-empty", place)
            is_known = False
        elif cell.text not in names:
            near = nearest(cell.text, names)
            complaints.add(f"{name}-unknown", place, value=cell.text, nearest=near)
            is_known = False
    return is_known


def _read(row: Row, mapping: Mapping, known: Known, complaints: Complaints) -> list[Finding]:
    """Return the finding of a row, or none when its cells cannot be read."""
    document = mapping.documents[row.document.text]
    correction = _correction(row, mapping)
    if row.pinpoint.fault and not correction:
        complaints.add(row.pinpoint.fault, row.pinpoint_place, value=row.pinpoint.text)
        return []
    try:
        loci = (
            correction.loci
            if correction
            else parse_pinpoint(row.pinpoint.text, document.conventions)
        )
    except PinpointError as error:
        values = {"value": row.pinpoint.text, "part": error.part}
        complaints.add(error.reason, row.pinpoint_place, **values)
        return []
    codes = {}
    for name, (cell, place) in row.codes.items():
        if cell.text and cell.text not in known.codes(name):
            values = {"value": cell.text, "list": name, "codes": ", ".join(known.codes(name))}
            complaints.add("value-not-in-list", place, **values)
        codes[name] = cell.text
    pinpoint, place = row.pinpoint.text, row.pinpoint_place
    return [Finding(document, row.right.text, pinpoint, loci, place, correction, **codes)]


def _correction(row: Row, mapping: Mapping) -> Correction | None:
    """Return the correction that the mapping has for a row."""
    for each in mapping.corrections:
        if (each.document, each.right) == (row.document.text, row.right.text):
            return each if each.value == row.pinpoint.text else None
    return None


def _check_corrections(rows: list[Row], mapping: Mapping, complaints: Complaints) -> None:
    """Complain about corrections that meet no cell: they would be thought to have been made."""
    for each in mapping.corrections:
        cells = [
            row.pinpoint.text
            for row in rows
            if (row.document.text, row.right.text) == (each.document, each.right)
        ]
        if each.value not in cells:
            found = " | ".join(f"“{cell}”" for cell in cells) or both("nothing")
            complaints.add(
                "correction-unused",
                Place(mapping.file, each.name),
                document=each.document,
                right=each.right,
                found=found,
            )


def _check_coverage(rows: list[Row], mapping: Mapping, complaints: Complaints) -> None:
    """Complain about documents and rights of the mapping that the table never names."""
    documents = {row.document.text for row in rows}
    rights = {row.right.text for row in rows}
    for document in mapping.documents:
        if document not in documents:
            place = Place(mapping.file, f"documents.{document}")
            complaints.add("document-without-row", place, value=document)
    for right in mapping.rights:
        if right not in rights:
            complaints.add("right-without-row", Place(mapping.file, "rights"), value=right)
