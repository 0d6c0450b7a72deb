"""What the descriptions of the dataset for other machines are made of.

`kb.void` says what is in it, `kb.dcat` how to get it. Everything comes from the data, their counts
and the addresses of the service; nothing from a clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyoxigraph as ox

from kb.engine import Engine
from kb.namespaces import DATASET, PREFIXES, expand
from kb.query import Term, find_query


@dataclass(frozen=True, slots=True)
class Dump:
    """A file that holds the whole dataset: address, media type, bytes, SHA-256, compression."""

    url: str
    media_type: str
    size: int
    sha256: str
    compression: str = ""

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.url.rsplit("/", 1)[-1]


@dataclass(slots=True)
class Facts:
    """Triples being collected about named resources."""

    triples: list[ox.Triple] = field(default_factory=list)

    def link(self, subject: str, name: str, target: str) -> None:
        """Add a relation to a resource; the property is given by prefixed name or IRI."""
        self.value(subject, name, ox.NamedNode(target))

    def value(self, subject: str, name: str, term: Term) -> None:
        """Add a property with any value."""
        node = ox.NamedNode
        self.triples.append(ox.Triple(node(subject), node(expand(name)), term))

    def typed(self, subject: str, name: str, text: str, datatype: str) -> None:
        """Add a value of one of the datatypes of XML Schema."""
        iri = ox.NamedNode(PREFIXES["xsd"] + datatype)
        self.value(subject, name, ox.Literal(text, datatype=iri))

    def values(self, name: str) -> list[Term]:
        """Return the values that the dataset itself has for a property."""
        wanted = (DATASET, expand(name))
        return [
            triple.object
            for triple in self.triples
            if isinstance(triple.subject, ox.NamedNode)
            and (triple.subject.value, triple.predicate.value) == wanted
            and not isinstance(triple.object, ox.Triple)
        ]


def recorded_facts(engine: Engine) -> Facts:
    """Return what the base records about the dataset, and what its relations are called."""
    facts = engine.construct(find_query("linked-data/description"), resource=DATASET)
    names = engine.construct(find_query("linked-data/neighbour-labels"), resource=DATASET)
    return Facts([*facts, *names])
