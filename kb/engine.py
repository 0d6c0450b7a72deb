"""The one interface through which pages, exports and the endpoint ask queries.

Two engines implement it: `kb.embedded` (a store in this process) and `kb.remote` (any SPARQL 1.1
endpoint). Terms are pyoxigraph's `NamedNode`, `Literal` and `BlankNode` on both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Literal, Protocol

import pyoxigraph as ox

from kb.query import Query, Term

Row = dict[str, Term]
"""One solution: variable name → term; an unbound variable is absent."""

Kind = Literal["bindings", "boolean", "graph"]
"""What an answer holds: SELECT gives bindings, ASK a boolean, CONSTRUCT and DESCRIBE a graph."""


@dataclass(frozen=True, slots=True)
class Format:
    """A result format: its media type, the suffix of its files, and its IRI in the W3C registry
    https://www.w3.org/ns/formats/."""

    media_type: str
    suffix: str
    iri: str
    results: ox.QueryResultsFormat | None = None
    rdf: ox.RdfFormat | None = None


_W3C = "http://www.w3.org/ns/formats/"

BINDINGS_FORMATS = (
    Format(
        "application/sparql-results+json",
        "srj",
        _W3C + "SPARQL_Results_JSON",
        ox.QueryResultsFormat.JSON,
    ),
    Format(
        "application/sparql-results+xml",
        "srx",
        _W3C + "SPARQL_Results_XML",
        ox.QueryResultsFormat.XML,
    ),
    Format("text/csv", "csv", _W3C + "SPARQL_Results_CSV", ox.QueryResultsFormat.CSV),
    Format(
        "text/tab-separated-values", "tsv", _W3C + "SPARQL_Results_TSV", ox.QueryResultsFormat.TSV
    ),
)
BOOLEAN_FORMATS = BINDINGS_FORMATS[:2]
GRAPH_FORMATS = (
    Format("text/turtle", "ttl", _W3C + "Turtle", rdf=ox.RdfFormat.TURTLE),
    Format("application/n-triples", "nt", _W3C + "N-Triples", rdf=ox.RdfFormat.N_TRIPLES),
    Format("application/rdf+xml", "rdf", _W3C + "RDF_XML", rdf=ox.RdfFormat.RDF_XML),
    Format("application/ld+json", "jsonld", _W3C + "JSON-LD", rdf=ox.RdfFormat.JSON_LD),
)
FORMATS: dict[Kind, tuple[Format, ...]] = {
    "bindings": BINDINGS_FORMATS,
    "boolean": BOOLEAN_FORMATS,
    "graph": GRAPH_FORMATS,
}


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs a query reads (SPARQL 1.1 Protocol §2.1.4); nothing named: the whole base."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer about to be serialised: its kind, its format, and what writes its bytes, once.

    `write` raises EngineError when the engine fails midway: what was written is then no answer.
    """

    kind: Kind
    format: Format
    write: Callable[[IO[bytes]], None]

    def body(self) -> bytes:
        """Return the whole answer."""
        output = BytesIO()
        self.write(output)
        return output.getvalue()


ChooseFormat = Callable[[Kind], Format]
"""Picks the format once the kind of answer is known; may raise to refuse (not acceptable)."""


class Engine(Protocol):
    """Answers queries. QueryError: the query is wrong; EngineError: the engine is at fault."""

    def select(self, query: Query, **values: str) -> list[Row]:
        """Return the rows of a SELECT query, its declared parameters bound to `values`."""
        ...

    def ask(self, query: Query, **values: str) -> bool:
        """Return the answer of an ASK query, its declared parameters bound to `values`."""
        ...

    def construct(self, query: Query, **values: str) -> list[ox.Triple]:
        """Return the triples of a CONSTRUCT query, its declared parameters bound to `values`."""
        ...

    def answer(self, text: str, dataset: Dataset, choose: ChooseFormat) -> Answer:
        """Return the answer to any query text, in the format that `choose` picks."""
        ...
