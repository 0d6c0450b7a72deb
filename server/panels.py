"""Panels: a query file, the values it was asked with, its rows — and where to ask it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from kb import Engine, Query, Row, find_query
from kb.layout import DERIVED_GRAPH
from kb.namespaces import expand, shorten
from kb.query import Term
from kb.sparql_text import Form

_SHOWN_APART = frozenset(
    (
        "rdf:type",
        "rdfs:label",
        "skos:prefLabel",
        "skos:altLabel",
        "skos:definition",
        "skos:scopeNote",
        "skos:example",
        "skos:editorialNote",
        "skos:historyNote",
        "dcterms:description",
        "drc:evidence",
        "drc:reference",
        "oa:hasSelector",
    )
)


_FILES: dict[Form, tuple[str, str, str]] = {
    "SELECT": ("CSV", "csv", "text/csv"),
    "ASK": ("JSON", "srj", "application/sparql-results+json"),
    "CONSTRUCT": ("Turtle", "ttl", "text/turtle"),
    "DESCRIBE": ("Turtle", "ttl", "text/turtle"),
}
"""The file format in which each form of query is best kept."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The answer to one query, with all that is needed to show and to repeat it."""

    query: Query
    values: Mapping[str, str]
    rows: tuple[Row, ...]

    @property
    def sparql(self) -> str:
        """The query as one would run it elsewhere: values filled in, header left out."""
        text = self.query.with_values(self.query.bind(self.values))
        return "".join(x for x in text.splitlines(keepends=True) if not x.startswith("#+"))

    @property
    def form_url(self) -> str:
        """The address of the SPARQL form with this query in it."""
        return "/sparql?" + urlencode({"query": self.sparql})

    @property
    def file(self) -> tuple[str, str, str]:
        """This answer as a file: the name of the format, its media type, the address."""
        name, short, media_type = _FILES[self.query.form]
        address = "/sparql?" + urlencode({"query": self.sparql, "format": short})
        return name, media_type, address

    def columns(self) -> list[str]:
        """Return the names of the columns, the parameters left out: they hold one value only."""
        return [name for name in self.query.columns if name not in self.values]


class Group:
    """The rows that are about one thing, such as a statement resting on several passages."""

    __slots__ = ("rows",)

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = tuple(rows)

    def one(self, name: str) -> Term | None:
        """Return the first value of a column, if any row has one."""
        return next((row[name] for row in self.rows if name in row), None)

    def all(self, name: str) -> list[Term]:
        """Return the distinct values of a column, in the order of the rows."""
        return list(dict.fromkeys(row[name] for row in self.rows if name in row))

    def distinct(self, *names: str) -> list[Row]:
        """Return one row for each distinct combination of columns; rows lacking one drop out."""
        found: dict[tuple[Term, ...], Row] = {}
        for row in self.rows:
            if all(name in row for name in names):
                found.setdefault(tuple(row[name] for name in names), row)
        return list(found.values())


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of a property of a record, and whether a rule derived it."""

    property: str
    value: Term
    derived: bool


class Facts:
    """Everything known of one record, asked for by property (a CURIE such as `skos:definition`)."""

    def __init__(self, rows: Iterable[Row], value: str = "value") -> None:
        found: dict[tuple[str, Term], bool] = {}
        for row in rows:
            derived = "graph" in row and row["graph"].value == DERIVED_GRAPH
            key = (row["property"].value, row[value])
            found[key] = found.get(key, True) and derived
        self._facts = [Fact(name, term, derived) for (name, term), derived in found.items()]

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def get(self, name: str) -> list[Term]:
        """Return the stated values of a property, derived ones too when nothing else is stated."""
        iri = expand(name)
        facts = [fact for fact in self._facts if fact.property == iri]
        return [fact.value for fact in facts if not fact.derived] or [f.value for f in facts]

    def one(self, name: str) -> Term | None:
        """Return one value of a property, if there is any."""
        return next(iter(self.get(name)), None)

    def stated(self) -> list[str]:
        """Return the properties that a generic page lists: stated, and not shown apart anyway."""
        names = dict.fromkeys(fact.property for fact in self._facts if not fact.derived)
        return [name for name in names if shorten(name) not in _SHOWN_APART]


def group_rows(rows: Iterable[Row], *names: str) -> list[Group]:
    """Return the rows grouped by the values of some columns, in the order of first appearance."""
    groups: dict[tuple[Term | None, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.get(name) for name in names), []).append(row)
    return [Group(members) for members in groups.values()]


@cache
def page_query(name: str) -> Query:
    """Return a query file, read once for the life of the process."""
    return find_query(name)


def run_panel(engine: Engine, name: str, subject: str | None = None) -> Panel:
    """Return the answer to a page query; its one parameter, if any, is the subject of the page."""
    query = page_query(name)
    values = {parameter.name: subject or parameter.example for parameter in query.parameters}
    return Panel(query, values, tuple(engine.select(query, **values)))
