"""The records of the texts that were coded: instruments, their versions, their provisions."""

from __future__ import annotations

from collections.abc import Iterator

from kb.importing.known import Known, Term
from kb.importing.locus import Unit, parse_locus, provision_iri
from kb.importing.mapping import Document, NewInstrument, Status
from kb.importing.records import (
    Record,
    both_texts,
    link,
    period,
    record,
    reference_record,
    text,
    version_iri,
)
from kb.importing.wording import Texts, both
from kb.namespaces import expand


def instrument_records(document: Document, known: Known) -> Iterator[Record]:
    """Yield the records of an instrument that the base does not have, as the mapping tells it."""
    new, slug = document.new, document.instrument
    if new is None or expand(f"instrument:{slug}") in known:
        return
    home = f"instruments/{slug}"
    names = [_status_name(slug, new, i) for i in range(len(new.statuses))]

    def facts() -> Iterator[tuple[str, Term]]:
        yield from link("rdf:type", "drc:Charter" if new.is_charter else "drc:Instrument")
        yield from both_texts("rdfs:label", new.title)
        yield from link("drc:instrumentType", f"instrument-type:{new.type}")
        yield from link("drc:normativeForce", f"normative-force:{new.force}")
        yield from link("drc:region", f"region:{new.region}")
        yield from link("drc:inJurisdiction", *map(_actor, new.jurisdictions))
        yield from link("drc:adoptedBy", *map(_actor, new.adopted_by))
        yield from link("drc:proposedBy", *map(_actor, new.proposed_by))
        yield from text("eli:id_local", new.number)
        yield from link("drc:hasStatusPeriod", *names)
        yield from link("drc:reference", f"reference:{new.reference.slug}")

    yield record(f"instrument:{slug}", home, facts())
    for name, status in zip(names, new.statuses, strict=True):
        yield _status_record(
            name, home, new, status, known.label(expand(f"instrument-status:{status.code}"))
        )
    if new.reference.url:
        yield reference_record(new.reference, home)


def version_record(document: Document, title: Texts) -> Iterator[Record]:
    """Yield the record of the version that was coded, if the mapping describes it."""
    version, slug = document.version, document.instrument
    if version is None or not version.language:
        return

    def facts() -> Iterator[tuple[str, Term]]:
        label = both("text", instrument=title, version=version.label)
        yield from link("rdf:type", "drc:TextVersion")
        yield from both_texts("rdfs:label", label)
        yield from text("dcterms:language", version.language)
        yield from period(version.since)

    yield record(version_iri(slug, version), f"instruments/{slug}", facts())


def provision_records(document: Document, locus: str, title: Texts) -> Iterator[Record]:
    """Yield the provision a locus names, and those it is part of, outermost first."""
    parent = ""
    for unit in parse_locus(locus):
        iri = provision(document, unit)
        yield record(
            iri, f"instruments/{document.instrument}", _provision(document, unit, title, parent)
        )
        parent = iri


def provision(document: Document, unit: Unit) -> str:
    """Return the IRI of a unit of a document, in the version coded."""
    since = document.version.since if document.version else ""
    return provision_iri(document.instrument, unit, since or None)


def _provision(
    document: Document, unit: Unit, title: Texts, parent: str
) -> Iterator[tuple[str, Term]]:
    """Yield the facts of one provision."""
    version = document.version
    if version and version.since:
        named = version.label if version.label.get("en") else version.since
        label = both("provision-in-version", instrument=title, place=unit.labels, version=named)
    else:
        label = both("provision", instrument=title, place=unit.labels)
    yield from link("rdf:type", "drc:Provision")
    yield from both_texts("rdfs:label", label)
    yield from link("drc:provisionOf", f"instrument:{document.instrument}")
    yield from link("drc:partOfProvision", parent)
    yield from link("drc:locusKind", f"locus-kind:{unit.kind}")
    yield from text("eli:number", unit.number)
    yield from period(version.since if version else "")


def _status_name(slug: str, new: NewInstrument, i: int) -> str:
    """Return the name of a status period; a second one of the same kind is numbered."""
    code = new.statuses[i].code
    before = sum(each.code == code for each in new.statuses[:i])
    return f"status:{slug}-{code}" + (f"-{before + 1}" if before else "")


def _status_record(
    name: str, home: str, new: NewInstrument, status: Status, label: Texts
) -> Record:
    """Return the record of one period in the life of an instrument."""

    def facts() -> Iterator[tuple[str, Term]]:
        name_of_it = both("status", instrument=new.title, status=label)
        yield from link("rdf:type", "drc:StatusPeriod")
        yield from both_texts("rdfs:label", name_of_it)
        yield from link("drc:status", f"instrument-status:{status.code}")
        yield from period(status.since, status.until)
        yield from link("drc:reference", f"reference:{new.reference.slug}")

    return record(name, home, facts())


def _actor(path: str) -> str:
    """Return the CURIE of an actor given as type/slug."""
    return path.replace("/", ":", 1)
