"""Read a mapping, a TOML file: everything wrong with it is collected, not only the first thing."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

from kb.errors import SourceError
from kb.importing.complaints import Complaints
from kb.importing.instrument_reader import read_new_instrument, read_reference
from kb.importing.known import Known
from kb.importing.locus import KINDS, LocusError, parse_locus
from kb.importing.mapping import Actor, Coding, Columns, Correction, Document, Mapping, Version
from kb.importing.pinpoints import Conventions
from kb.importing.toml_section import Section
from kb.namespaces import expand
from kb.turtle import read_bytes

_VERSIONS = expand("drc:hasTextVersion")
_ACTOR = re.compile(r"(?:group|organisation)/[a-z0-9]+(?:-[a-z0-9]+)*")


def read_mapping(path: Path, known: Known, complaints: Complaints) -> Mapping:
    """Return what a mapping says; SourceError when the file is no TOML."""
    try:
        values = tomllib.loads(read_bytes(path).decode())
    except tomllib.TOMLDecodeError as error:
        raise SourceError(path, f"it is no TOML: {error}", "mend it there") from error
    top = Section(values, "", str(path), complaints)
    coding = _coding(top.table("coding"), known)
    columns = _columns(top.table("table"))
    shared = top.pairs("readings", 'x = "whole-document"')
    _check_loci(top, "readings", tuple(shared.values()))
    documents = _documents(top.table("documents"), known, shared, coding.version)
    rights = top.pairs("rights", '"Open data" = "open-data"')
    if not rights:
        complaints.add("mapping-missing", top.place("rights"), expected="[rights]")
    actors = top.table("actors")
    mapping = Mapping(
        file=str(path),
        coding=coding,
        columns=columns,
        documents=documents,
        rights=rights,
        corrections=tuple(_correction(each, known) for each in top.tables("correction")),
        actors=tuple(_actor(path, actors.table(path), known) for path in actors.names()),
    )
    top.close()
    return mapping


def _coding(section: Section, known: Known) -> Coding:
    """Return the table [coding]."""
    coding = Coding(
        slug=section.slug("slug", "gill-2015"),
        authors=section.text("authors", "group/gill-redeker-gasser"),
        reference=read_reference(section.table("reference"), known),
        label=section.texts("label", optional=True),
        definition=section.texts("definition", optional=True),
        complete=section.flag("complete"),
        confidence=section.code("confidence", known.codes("confidence"), "medium"),
        version=section.slug("version", "coded", ""),
        notes=tuple(_note(each) for each in section.tables("note")),
    )
    section.close()
    return coding


def _note(section: Section) -> dict[str, str]:
    """Return one [[coding.note]]."""
    note = {"en": section.text("en", "…"), "fr": section.text("fr", "…")}
    section.close()
    return note


def _columns(section: Section) -> Columns:
    """Return the table [table]."""
    columns = Columns(
        form=section.code("form", ("long", "wide"), "long"),
        sheet=section.text("sheet", "Sheet1", ""),
        document=section.text("document", "document", "document"),
        title=section.text("title", "title", ""),
        right=section.text("right", "right", "right"),
        pinpoint=section.text("pinpoint", "pinpoint", "pinpoint"),
        confidence=section.text("confidence", "confidence", ""),
        strength=section.text("strength", "strength", ""),
        ignore=section.strings("ignore", "comment"),
    )
    section.close()
    return columns


def _documents(
    section: Section, known: Known, shared: dict[str, str], version: str
) -> dict[str, Document]:
    """Return the tables [documents.KEY]; their texts have that version where the base has it."""
    documents = {}
    for key in section.names():
        document = _document(key, section.table(key), known, shared)
        texts = known.values(expand(f"instrument:{document.instrument}"), _VERSIONS)
        if version and not document.version and _text(document, version) in texts:
            document = replace(document, version=Version(version))
        documents[key] = document
    return documents


def _text(document: Document, version: str) -> str:
    """Return the IRI of a version of the text of a document."""
    return expand(f"text:{document.instrument}-{version}")


def _document(key: str, section: Section, known: Known, shared: dict[str, str]) -> Document:
    """Return one table [documents.KEY]."""
    prefixes = section.pairs("prefixes", 'p = "principle"')
    for prefix, kind in prefixes.items():
        if kind not in KINDS:
            values = {"value": f"{prefix} = {kind}", "expected": ", ".join(KINDS)}
            section.complaints.add("mapping-wrong", section.place("prefixes"), **values)
    readings = section.pairs("readings", '"scope" = "section 1"')
    _check_loci(section, "readings", tuple(readings.values()))
    unit = section.code("unit", KINDS)
    version, new = section.optional_table("version"), section.optional_table("new")
    document = Document(
        key=key,
        instrument=section.slug("instrument", "netmundial-statement"),
        conventions=Conventions(unit, prefixes, {**shared, **readings}),
        version=_version(version) if version else None,
        homonym=section.flag("homonym"),
        new=read_new_instrument(new, known) if new else None,
    )
    section.close()
    return document


def _version(section: Section) -> Version:
    """Return one table [documents.KEY.version]."""
    is_described = "language" in section
    version = Version(
        slug=section.slug("slug", "draft-2014"),
        label=section.texts("label", optional=not is_described),
        language=section.text("language", "en", ""),
        since=section.period("since"),
    )
    section.close()
    return version


def _correction(section: Section, known: Known) -> Correction:
    """Return one [[correction]]."""
    correction = Correction(
        name=section.name,
        document=section.text("document", "G23"),
        right=section.text("right", "Open standards"),
        value=section.text("value", "13/11/2015", ""),
        loci=section.strings("reading", "section 13"),
        reason=section.texts("reason"),
        confidence=section.code("confidence", known.codes("confidence"), ""),
    )
    if not correction.loci:
        section.complaints.add(
            "mapping-missing", section.place("reading"), expected='reading = ["section 13"]'
        )
    _check_loci(section, "reading", correction.loci)
    section.close()
    return correction


def _actor(path: str, section: Section, known: Known) -> Actor:
    """Return one table [actors."group/slug"]."""
    if not _ACTOR.fullmatch(path):
        values = {"value": path, "expected": '[actors."group/slug"], [actors."organisation/slug"]'}
        section.complaints.add("mapping-wrong", section.place(), **values)
    actor = Actor(
        path=path,
        label={"en": section.text("en", "…"), "fr": section.text("fr", "…")},
        kind=section.code("kind", known.codes("actor-kind"), ""),
    )
    section.close()
    return actor


def _check_loci(section: Section, key: str, loci: tuple[str, ...]) -> None:
    """Complain about loci that are not written in the normalised way."""
    for locus in loci:
        try:
            parse_locus(locus)
        except LocusError as error:
            _, _, remedy = str(error).partition(" — ")
            values = {"value": locus, "expected": remedy.removeprefix("write ")}
            section.complaints.add("mapping-wrong", section.place(key), **values)
