"""The coverage report: what the base holds, for whom, how it was read, and what is still lacking.

Each section is a query of `kb/queries/report/`; its title and heads are those of the query.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from kb.engine import Engine, Row
from kb.labels import Labels
from kb.query import Query, find_query

COVERAGE = (
    "instruments-by-region",
    "instruments-by-type",
    "instruments-by-force",
    "instruments-by-adopter",
    "instruments-by-decade",
    "instruments-by-reading",
    "articulations-by-principle",
    "articulations-by-verification",
    "articulations-by-review",
    "agreement",
    "unverified",
    "untranslated",
)
_NOTHING = {"en": ": none", "fr": " : néant"}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report: its name, its title, the heads of its columns and its rows as text."""

    name: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def coverage(engine: Engine, lang: str) -> list[Section]:
    """Return the sections of the coverage report in a language, fr or en."""
    labels = Labels(engine)
    return [_section(engine, labels, name, lang) for name in COVERAGE]


def as_text(sections: list[Section], lang: str) -> str:
    """Return a report as plain text: a title and a table for each section."""
    return "\n".join(_table(section, lang) for section in sections)


def _section(engine: Engine, labels: Labels, name: str, lang: str) -> Section:
    """Return one section, with names for identifiers."""
    query = find_query(f"report/{name}")
    columns = tuple(query.columns)
    rows = tuple(
        tuple(_text(row, column, labels, lang) for column in columns)
        for row in engine.select(query)
    )
    return Section(name, query.summary[lang], _heads(query, lang), rows)


def _heads(query: Query, lang: str) -> tuple[str, ...]:
    """Return the heads of the columns of a query."""
    return tuple(label[lang] for label in query.columns.values())


def _text(row: Row, column: str, labels: Labels, lang: str) -> str:
    """Return a cell as text: the name of an identifier, the text of anything else."""
    term = row.get(column)
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        return labels.label(term.value, lang).text
    return term.value if isinstance(term, ox.Literal) else str(term)


def _table(section: Section, lang: str) -> str:
    """Return a section as text; numbers stand to the right."""
    if not section.rows:
        return f"{section.title}{_NOTHING[lang]}\n"
    table = [section.heads, *section.rows]
    widths = [max(len(line[at]) for line in table) for at in range(len(section.heads))]
    numeric = [all(line[at].isdigit() for line in section.rows) for at in range(len(widths))]
    lines = [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in table
    ]
    return "\n".join([section.title, *(f"  {line}" for line in lines), ""])
