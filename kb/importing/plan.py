"""What an import would write: records added to files, which keep all else they hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kb.importing.complaints import Complaints, Place
from kb.importing.known import Facts, Known, Term
from kb.importing.records import Record
from kb.importing.wording import LANGUAGES, Texts
from kb.namespaces import expand, shorten
from kb.turtle_writer import natural_key, write_turtle

_LABEL = expand("rdfs:label")
_NUMBER = expand("eli:number")


@dataclass(frozen=True, slots=True)
class Change:
    """A record that comes (+), changes (~) or goes (-), with its name and the facts that do."""

    sign: str
    record: str
    label: Texts = field(hash=False)
    details: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """The files to write, and what changes in each; `counts` by type and sign (= for kept)."""

    contents: dict[Path, bytes] = field(default_factory=dict)
    changes: dict[Path, list[Change]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)


class Planner:
    """Compares the records of an import with the base, and gathers what is to be written."""

    def __init__(self, known: Known, complaints: Complaints, *, replace: bool) -> None:
        self.known = known
        self.complaints = complaints
        self.replace = replace
        self.plan = Plan()
        self.added: dict[Path, set[tuple[str, str, Term]]] = defaultdict(set)
        self.dropped: set[str] = set()
        self.seen: set[str] = set()
        self.fresh: dict[str, Path] = {}

    def put(self, record: Record, place: Place | None = None, locus: str = "") -> None:
        """Plan a record; `place` and `locus` say where a provision is cited."""
        if record.iri in self.seen:
            return
        self.seen.add(record.iri)
        path = self._path(record)
        if record.iri not in self.known:
            self.fresh[record.iri] = path
            self._add(record.iri, record.facts, path)
            self._note(path, "+", record.iri, record.facts)
            return
        there = self.known.facts[record.iri]
        if record.own and not record.facts <= there:
            self._differ(record, path, there)
            return
        self._count(record.iri, "=")
        if place:
            self._check_number(record, place, locus)

    def add_facts(self, iri: str, facts: Facts) -> None:
        """Plan facts to be added to a record that is there, or planned already."""
        there = self.known.facts.get(iri, set())
        new = facts - there
        if iri in self.fresh:
            self._add(iri, facts, self.fresh[iri])
        elif new and iri in self.known:
            path = self.known.files[iri]
            self._add(iri, new, path)
            self._note(path, "~", iri, there, _details(set(), new))

    def leave(self, iris: Iterable[str], path: Path) -> None:
        """Plan the end of records of this coding that its table no longer yields."""
        for iri in sorted(set(iris) - self.seen, key=natural_key):
            if self.replace:
                self.dropped.add(iri)
                self._note(path, "-", iri, self.known.facts[iri])
            else:
                self.complaints.add("record-left", Place(str(path)), record=shorten(iri))

    def finish(self) -> Plan:
        """Return the plan with the files as they will be."""
        for path in self.plan.changes:
            quads = [
                quad
                for quad in self.known.quads.get(path, [])
                if not isinstance(quad.subject, ox.NamedNode)
                or quad.subject.value not in self.dropped
            ]
            for subject, predicate, term in self.added[path]:
                quads.append(ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), term))
            self.plan.contents[path] = write_turtle(quads, path).encode()
        return self.plan

    def _path(self, record: Record) -> Path:
        """Return the file of a record: where it stands, or where it belongs."""
        home = self.known.layout.data / record.folder / f"{record.stem}.ttl"
        return self.known.files.get(record.iri, home)

    def _add(self, iri: str, facts: Iterable[tuple[str, Term]], path: Path) -> None:
        """Plan facts for a file."""
        self.added[path] |= {(iri, predicate, term) for predicate, term in facts}

    def _differ(self, record: Record, path: Path, there: Facts) -> None:
        """Plan a record of the coding in place of one that says otherwise, or complain."""
        details = _details(there - record.facts, set(record.facts) - there)
        if not self.replace:
            values = {"record": shorten(record.iri), "difference": "; ".join(details)}
            self.complaints.add("record-differs", Place(str(path)), **values)
            return
        self.dropped.add(record.iri)
        self._add(record.iri, record.facts, path)
        self._note(path, "~", record.iri, record.facts, details)

    def _check_number(self, record: Record, place: Place, locus: str) -> None:
        """Complain when a provision that is there is not the one that is meant."""
        there = self.known.values(record.iri, _NUMBER)
        meant = [t.value for p, t in record.facts if p == _NUMBER and isinstance(t, ox.Literal)]
        if there != meant:
            self.complaints.add(
                "provision-differs",
                place,
                locus=locus,
                record=shorten(record.iri),
                number=", ".join(there) or "—",
            )

    def _note(
        self,
        path: Path,
        sign: str,
        iri: str,
        facts: Iterable[tuple[str, Term]],
        details: tuple[str, ...] = (),
    ) -> None:
        """Note a change of a file, for the report."""
        names = dict.fromkeys(LANGUAGES, "")
        for predicate, term in facts:
            if predicate == _LABEL and isinstance(term, ox.Literal) and term.language in names:
                names[term.language] = term.value
        self.plan.changes[path].append(Change(sign, shorten(iri), names, details))
        self._count(iri, sign)

    def _count(self, iri: str, sign: str) -> None:
        """Count a record by its type."""
        self.plan.counts[shorten(iri).split(":", 1)[0], sign] += 1


def _details(old: Facts, new: Facts) -> tuple[str, ...]:
    """Return the facts that go and come, one a line."""
    lines = [
        (predicate, sign, term)
        for sign, facts in (("-", old), ("+", new))
        for predicate, term in facts
    ]
    return tuple(
        f"{sign} {shorten(predicate)} {_shown(term)}"
        for predicate, sign, term in sorted(
            lines, key=lambda line: (line[0], line[1] == "+", str(line[2]))
        )
    )


def _shown(term: Term) -> str:
    """Return a term as users read it."""
    return shorten(term.value) if isinstance(term, ox.NamedNode) else str(term)
