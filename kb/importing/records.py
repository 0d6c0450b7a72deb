"""The records an import makes, as triples: who says what of which provision of which instrument."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kb.importing.dates import bounds
from kb.importing.known import Facts, Known, Term
from kb.importing.mapping import Actor, Coding, Mapping, Reference, Version
from kb.importing.wording import LANGUAGES, Texts
from kb.namespaces import expand

_EDTF = ox.NamedNode("http://id.loc.gov/datatypes/edtf/EDTF")
_CLASSES = {"group": "drc:Group", "organisation": "drc:Organisation"}


@dataclass(frozen=True, slots=True)
class Record:
    """A record and the file it belongs in, `folder/stem.ttl`; `own` ones are the coding's alone."""

    iri: str
    folder: str
    stem: str
    facts: frozenset[tuple[str, Term]]
    own: bool = False


def record(name: str, home: str, facts: Iterator[tuple[str, Term]], *, own: bool = False) -> Record:
    """Return a record by its CURIE and its home, folder/stem."""
    folder, stem = home.split("/")
    return Record(expand(name), folder, stem, frozenset(facts), own)


def link(predicate: str, *names: str) -> Iterator[tuple[str, Term]]:
    """Yield one fact for each IRI or CURIE named; none for empty ones."""
    for name in names:
        if name:
            yield expand(predicate), ox.NamedNode(expand(name))


def text(predicate: str, value: str) -> Iterator[tuple[str, Term]]:
    """Yield a plain text, unless it is empty."""
    if value:
        yield expand(predicate), ox.Literal(value)


def both_texts(predicate: str, texts: Texts) -> Iterator[tuple[str, Term]]:
    """Yield a text in each language, unless there is none."""
    for lang in LANGUAGES:
        if texts.get(lang):
            yield expand(predicate), ox.Literal(texts[lang], language=lang)


def period(since: str, until: str = "") -> Iterator[tuple[str, Term]]:
    """Yield the dates of what holds since a day, or since some day of a month or year."""
    outer = bounds(since) if since else None
    if outer:
        yield expand("drc:edtfDate"), ox.Literal(since, datatype=_EDTF)
        yield from _day("drc:notBefore", outer[0])
        yield from _day("drc:notAfter", outer[1])
    elif since:
        yield from _day("drc:validFrom", since)
    if until:
        yield from _day("drc:validUntil", (bounds(until) or ("", until))[1])


def _day(predicate: str, day: str) -> Iterator[tuple[str, Term]]:
    """Yield one day."""
    yield expand(predicate), ox.Literal(day, datatype=ox.NamedNode(expand("xsd:date")))


def actor_record(actor: Actor) -> Record:
    """Return the record of an actor that the mapping describes."""
    segment, slug = actor.path.split("/", 1)

    def facts() -> Iterator[tuple[str, Term]]:
        yield from link("rdf:type", _CLASSES[segment])
        yield from both_texts("rdfs:label", actor.label)
        yield from link("drc:actorKind", actor.kind and f"actor-kind:{actor.kind}")

    return record(f"{segment}:{slug}", f"actors/{slug}", facts())


def reference_record(reference: Reference, home: str) -> Record:
    """Return the record of a text cited."""

    def facts() -> Iterator[tuple[str, Term]]:
        yield from link("rdf:type", "drc:SourceReference")
        yield from both_texts("rdfs:label", reference.label)
        yield from both_texts("dcterms:bibliographicCitation", reference.citation)
        yield (
            expand("drc:sourceUrl"),
            ox.Literal(reference.url, datatype=ox.NamedNode(expand("xsd:anyURI"))),
        )
        yield from text("drc:locus", reference.locus)
        yield from _day("drc:accessed", reference.accessed)
        yield from link("drc:verification", f"verification:{reference.verification}")
        yield from both_texts("skos:editorialNote", reference.note)

    return record(f"reference:{reference.slug}", home, facts())


def coding_record(coding: Coding, citation: Texts) -> Record:
    """Return the record of a coding that the base does not have yet."""

    def facts() -> Iterator[tuple[str, Term]]:
        yield from link("rdf:type", "drc:Coding")
        yield from both_texts("rdfs:label", coding.label)
        yield from both_texts("skos:definition", coding.definition)
        yield from both_texts("dcterms:bibliographicCitation", citation)
        yield from link("drc:reference", f"reference:{coding.reference.slug}")

    return record(f"coding:{coding.slug}", f"codings/{coding.slug}", facts())


def shared_records(mapping: Mapping, known: Known) -> Iterator[Record]:
    """Yield the records of the coding itself, its authors and its reference, as described."""
    coding = mapping.coding
    yield from (actor_record(actor) for actor in mapping.actors)
    home = f"codings/{coding.slug}"
    if coding.reference.url:
        yield reference_record(coding.reference, home)
    if expand(f"coding:{coding.slug}") not in known:
        yield coding_record(coding, coding.reference.citation)


def version_iri(instrument: str, version: Version) -> str:
    """Return the IRI of a version of an instrument."""
    return expand(f"text:{instrument}-{version.slug}")


def notes_of(coding: Coding) -> Facts:
    """Return what is added to the record of a coding: its notes, and its reference."""
    facts = {fact for note in coding.notes for fact in both_texts("skos:editorialNote", note)}
    return facts | set(link("drc:reference", f"reference:{coding.reference.slug}"))
