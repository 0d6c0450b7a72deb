"""What templates ask of whole answers: rows grouped, filtered and ordered for the page at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyoxigraph as ox

from kb import Labels, Query, Row
from kb.namespaces import BASE, DRC, expand, shorten
from kb.query import Term
from kb.turtle_writer import natural_key
from server import i18n
from server.panels import Facts, Group, group_rows
from server.quotes import Quote, arrange_quotes
from server.view import View

_NUMBERS = frozenset(expand(name) for name in ("xsd:integer", "xsd:decimal"))
_EXACT = frozenset(("exact", "words", "prefix", "suffix"))
"""Columns that hold words of a source, by the names that all queries give them."""


class PageView(View):
    """A view that knows rows, queries and facts besides single terms."""

    def __init__(
        self,
        lang: str,
        labels: Labels,
        languages: Mapping[str, str],
        outside: Mapping[str, Mapping[str, str]],
    ) -> None:
        """Take also the language of each source document."""
        super().__init__(lang, labels, outside)
        self.languages = languages

    def language_of(self, row: Row) -> str:
        """Return the language of the source a row quotes; empty when it cannot be told."""
        if "language" in row:
            return row["language"].value
        if "document" in row:
            return self.languages.get(row["document"].value, "")
        known = set(self.languages.values())
        return known.pop() if len(known) == 1 else ""

    def is_exact(self, column: str, value: Term) -> bool:
        """Tell whether a column holds the exact words of a source."""
        return column in _EXACT and isinstance(value, ox.Literal) and not value.language

    def is_number(self, value: Term | None) -> bool:
        """Tell whether a value is a number, which stands to the right of its column."""
        return isinstance(value, ox.Literal) and value.datatype.value in _NUMBERS

    def own(self, text: str) -> str:
        """Return a text of ours in the page’s language with the spaces its typography wants."""
        return i18n.typographic(text, self.lang)

    def summary(self, query: Query) -> str:
        """Return what a query answers, in the page’s language."""
        return self.own(query.summary[self.lang])

    def column(self, query: Query, name: str) -> str:
        """Return the heading of a column."""
        return self.own(query.columns.get(name, {}).get(self.lang, name))

    def short(self, value: str) -> str:
        """Return a value for a form field: our own IRIs in their short form."""
        return shorten(value) if value.startswith(BASE) else value

    def iri(self, curie: str) -> str:
        """Return the IRI of a CURIE."""
        return expand(curie)

    def node(self, curie: str) -> ox.NamedNode:
        """Return the resource that a CURIE or IRI names."""
        return ox.NamedNode(expand(curie))

    def groups(self, rows: Iterable[Row], column: str) -> list[Group]:
        """Return rows grouped by one column, rows without a value there left out."""
        return group_rows((row for row in rows if column in row), column)

    def related(self, rows: Iterable[Row], relation: str, direction: str) -> list[Row]:
        """Return the rows of one relation in one direction, each related thing once."""
        iri = expand(relation)
        found = [
            row
            for row in rows
            if row["relation"].value == iri and row["direction"].value == direction
        ]
        return list({row["other"]: row for row in found}.values())

    def quotes(self, rows: Iterable[Row]) -> list[Quote]:
        """Return the passages of some rows, nested ones marked in the widest."""
        return arrange_quotes(rows)

    def naturally(self, groups: Sequence[Group], column: str) -> list[Group]:
        """Return groups ordered by a number such as 2.10, 2.9 before it."""

        def key(group: Group) -> object:
            number = group.one(column)
            return natural_key(number.value if number else "")

        return sorted(groups, key=key)  # type: ignore[arg-type]

    def rows_naturally(self, rows: Iterable[Row], column: str) -> list[Row]:
        """Return rows in the order of the identifiers in a column, art-2 before art-10."""
        return sorted(rows, key=lambda row: natural_key(row[column].value if column in row else ""))

    def kind(self, facts: Facts) -> Term:
        """Return the class of a record: the stated one of our ontology, else any."""
        types = facts.get("rdf:type")
        ours = [term for term in types if term.value.startswith(DRC)]
        return next(iter([*ours, *types]), self.node("rdfs:Resource"))

    def by_property(self, rows: Iterable[Row], key: str = "") -> dict[object, list[Term]]:
        """Return values by property, or by (subject, property) when `key` names its column."""
        found: dict[object, list[Term]] = {}
        for row in rows:
            name = row["property"].value
            found.setdefault((row[key].value, name) if key else name, []).append(row["value"])
        return found
