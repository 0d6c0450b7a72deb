"""What changed between two states of the base: which records and facts came, went, changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kb.errors import NotFound, SourceError
from kb.layout import DERIVED_GRAPH, Layout, shipped_layout
from kb.namespaces import shorten
from kb.store import load_store
from kb.turtle_writer import natural_key

_DUMPS = {
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
}
Facts = dict[str, set[tuple[str, str]]]
"""Subject → its facts, each a predicate and an object as users read them."""


@dataclass(frozen=True, slots=True)
class Change:
    """The facts that one record gained and lost."""

    record: str
    added: tuple[tuple[str, str], ...]
    removed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes, sorted: records that came, went, or changed."""

    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    changed: tuple[Change, ...]

    def as_json(self) -> dict[str, list[dict[str, object]]]:
        """Return the difference as plain values for JSON."""
        return {
            name: [
                {
                    "record": change.record,
                    "added": [list(fact) for fact in change.added],
                    "removed": [list(fact) for fact in change.removed],
                }
                for change in changes
            ]
            for name, changes in (
                ("added", self.added),
                ("removed", self.removed),
                ("changed", self.changed),
            )
        }

    def as_text(self) -> str:
        """Return the difference as lines: + and - for records, indented for their facts."""
        lines = []
        for sign, changes in (("+", self.added), ("-", self.removed), ("~", self.changed)):
            for change in changes:
                lines.append(f"{sign} {change.record}")
                lines += [f"    + {predicate} {value}" for predicate, value in change.added]
                lines += [f"    - {predicate} {value}" for predicate, value in change.removed]
        counts = (
            f"{len(self.added)} added, {len(self.removed)} removed, {len(self.changed)} changed"
        )
        return "\n".join([*lines, counts])


def compare(old: Path, new: Path) -> Difference:
    """Return what changed from `old` to `new`; derived links are left out of the comparison.

    Each is a dump (.nq, .trig, .ttl, .nt, .jsonld, .rdf), a folder made by `build`, or a data
    folder. NotFound or SourceError when it cannot be read, BrokenBase when a data folder is broken.
    """
    before, after = _facts(_read(old)), _facts(_read(new))
    added: list[Change] = []
    removed: list[Change] = []
    changed: list[Change] = []
    for record in sorted({*before, *after}, key=natural_key):
        gained = _sorted(after.get(record, set()) - before.get(record, set()))
        lost = _sorted(before.get(record, set()) - after.get(record, set()))
        if gained or lost:
            place = added if record not in before else removed if record not in after else changed
            place.append(Change(record, gained, lost))
    return Difference(tuple(added), tuple(removed), tuple(changed))


def _sorted(facts: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(facts, key=lambda fact: (fact[0], natural_key(fact[1]))))


def _facts(quads: Iterable[ox.Quad]) -> Facts:
    """Return quads as facts by subject, graphs left aside."""
    facts: Facts = defaultdict(set)
    for quad in quads:
        target = quad.object
        value = shorten(target.value) if isinstance(target, ox.NamedNode) else str(target)
        subject = quad.subject.value if isinstance(quad.subject, ox.NamedNode) else "_"
        facts[shorten(subject)].add((shorten(quad.predicate.value), value))
    return facts


def _read(path: Path) -> list[ox.Quad]:
    """Return the quads of a dump, of a built folder, or of a data folder; not the derived ones."""
    if path.is_dir():
        dump = path / "charterkb.nq"
        if not dump.is_file():
            layout = Layout(path.resolve(), shipped_layout().ontology)
            if not layout.data_files():
                raise NotFound(f"{path} holds no dump and no Turtle files")
            return list(load_store(layout, derived=False))
        path = dump
    if not path.is_file():
        raise NotFound(f"there is no file or folder {path}")
    form = next((form for suffix, form in _DUMPS.items() if path.name.endswith(suffix)), None)
    if form is None:
        raise SourceError(path, "no dump has that suffix", f"give one in {', '.join(_DUMPS)}")
    try:
        return [q for q in ox.parse(path=str(path), format=form) if not _is_derived(q)]
    except (SyntaxError, ValueError, MemoryError, OSError) as error:
        raise SourceError(path, str(error), "give a dump made by `charterkb export`") from error


def _is_derived(quad: ox.Quad) -> bool:
    """Tell whether a quad stands in the graph of derived links."""
    graph = quad.graph_name
    return isinstance(graph, ox.NamedNode) and graph.value == DERIVED_GRAPH
