"""What a mapping says: how the table of a coding is to be read into the base."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass, field

from kb.importing.pinpoints import Conventions
from kb.importing.wording import Texts


@dataclass(frozen=True, slots=True)
class Reference:
    """A text that is cited: of the slug alone if the base has it, else described."""

    slug: str
    label: Texts = field(default_factory=dict, hash=False)
    citation: Texts = field(default_factory=dict, hash=False)
    url: str = ""
    locus: str = ""
    accessed: str = ""
    verification: str = ""
    note: Texts = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody the base may not know yet; `path` is group/slug or organisation/slug."""

    path: str
    label: Texts = field(hash=False)
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Coding:
    """The published coding: its authors (the path of an actor), and whether blanks mean no.

    `version` is the slug of the version that its authors read, for each text that has one so named.
    """

    slug: str
    authors: str
    reference: Reference
    label: Texts = field(default_factory=dict, hash=False)
    definition: Texts = field(default_factory=dict, hash=False)
    complete: bool = False
    confidence: str = "medium"
    version: str = ""
    notes: tuple[Texts, ...] = field(default=(), hash=False)


@dataclass(frozen=True, slots=True)
class Columns:
    """The headings of the table; `right` and `pinpoint` of a long one only."""

    form: str = "long"
    sheet: str = ""
    document: str = "document"
    title: str = ""
    right: str = "right"
    pinpoint: str = "pinpoint"
    confidence: str = ""
    strength: str = ""
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """The version of a text that its coders read: the slug alone if the base has it."""

    slug: str
    label: Texts = field(default_factory=dict, hash=False)
    language: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """One period in the life of a new instrument; dates as precise as known."""

    code: str
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class NewInstrument:
    """What is known of an instrument that the base does not have yet."""

    title: Texts = field(hash=False)
    is_charter: bool
    type: str
    force: str
    region: str
    jurisdictions: tuple[str, ...]
    adopted_by: tuple[str, ...]
    proposed_by: tuple[str, ...]
    number: str
    statuses: tuple[Status, ...]
    reference: Reference


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the table: its instrument in the base, and how its pinpoints are read."""

    key: str
    instrument: str
    conventions: Conventions
    version: Version | None = None
    homonym: bool = False
    new: NewInstrument | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What is read in place of one cell, and why; `name` is its place in the mapping."""

    name: str
    document: str
    right: str
    value: str
    loci: tuple[str, ...]
    reason: Texts = field(hash=False)
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """The whole of a mapping; `rights` give the principle (its slug) of each right."""

    file: str
    coding: Coding
    columns: Columns
    documents: Table[str, Document] = field(hash=False)
    rights: Table[str, str] = field(hash=False)
    corrections: tuple[Correction, ...]
    actors: tuple[Actor, ...]
