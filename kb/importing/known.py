"""What the base says already: its records by IRI, where each stands, its closed lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from kb.importing.wording import LANGUAGES, Texts
from kb.layout import Layout
from kb.namespaces import PREFIXES, VOC
from kb.problems import BrokenBase
from kb.sources import read_base

_LABELS = (PREFIXES["rdfs"] + "label", PREFIXES["skos"] + "prefLabel")
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Facts = set[tuple[str, Term]]
"""What is said of one record: predicates (IRIs) and objects."""


class Known:
    """A base opened to be added to; BrokenBase when a file of it cannot be read."""

    def __init__(self, layout: Layout) -> None:
        reading = read_base(layout)
        if reading.problems:
            raise BrokenBase(reading.problems)
        self.layout = layout
        self.quads = reading.quads
        self.facts: dict[str, Facts] = defaultdict(set)
        self.files: dict[str, Path] = {}
        self._slugs: dict[str, list[str]] = {}
        for path, quads in reading.quads.items():
            for quad in quads:
                if isinstance(quad.subject, ox.NamedNode):
                    self.facts[quad.subject.value].add((quad.predicate.value, quad.object))
                    self.files.setdefault(quad.subject.value, path)

    def __contains__(self, iri: str) -> bool:
        return iri in self.files

    def label(self, iri: str) -> Texts:
        """Return the names of a record, its slug where it has none in a language."""
        names = dict.fromkeys(LANGUAGES, iri.rsplit("/", 1)[-1])
        for predicate, term in self.facts.get(iri, ()):
            if predicate in _LABELS and isinstance(term, ox.Literal) and term.language in names:
                names[term.language] = term.value
        return names

    def values(self, iri: str, predicate: str) -> list[str]:
        """Return the values, as texts, that a record has for a predicate, sorted."""
        found = (term for each, term in self.facts.get(iri, ()) if each == predicate)
        return sorted(term.value for term in found if isinstance(term, ox.NamedNode | ox.Literal))

    def slugs(self, record_type: str) -> list[str]:
        """Return the slugs of all records of a type, sorted."""
        return self._below(PREFIXES[record_type])

    def codes(self, list_name: str) -> Sequence[str]:
        """Return the codes of a closed list, sorted."""
        return self._below(f"{VOC}{list_name}/")

    def _below(self, start: str) -> list[str]:
        """Return what follows the beginning of an IRI, for all records that have it, sorted."""
        if start not in self._slugs:
            found = sorted(iri.removeprefix(start) for iri in self.files if iri.startswith(start))
            self._slugs[start] = found
        return self._slugs[start]
