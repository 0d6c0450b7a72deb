"""What can be told of a SPARQL text without parsing it: its tokens, its form, its bare words.

Strings, IRIs and comments are passed over, so that a word inside them is never taken for a keyword
(SPARQL 1.1 Query §19). Syntax proper is the engine's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from kb.errors import QueryError

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
FORMS: tuple[Form, ...] = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n\r]*)
  | (?P<string>\"{3}(?:[^"\\]|\\.|\"(?!\"\"))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
      | \"(?:[^"\\\n\r]|\\.)*\" | '(?:[^'\\\n\r]|\\.)*')
  | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)
  | (?P<variable>[?$]\w+)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<name>(?:[^\W\d_][\w.-]*)?:(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\.)* | _:[\w.-]+)
  | (?P<word>[^\W\d_]\w*)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<space>\s+)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield kind, text and offset of each token, comments and blanks left out."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "mark"
        if kind not in ("comment", "space"):
            yield kind, match.group(), match.start()


def bare_words(text: str) -> set[str]:
    """Return the bare words of a text in capitals: keywords and function names, nothing quoted."""
    return {value.upper() for kind, value, _ in tokens(text) if kind == "word"}


def query_form(text: str) -> Form:
    """Return the form of a query; QueryError when the text holds no query keyword."""
    for kind, value, _ in tokens(text):
        for form in FORMS:
            if kind == "word" and value.upper() == form:
                return form
    raise QueryError("this is no SPARQL query: it has none of " + ", ".join(FORMS))


def graphs_named(text: str) -> list[str]:
    """Return the IRIs of the FROM and FROM NAMED clauses; prefixed names are expanded."""
    prefixes: dict[str, str] = {}
    found: list[str] = []
    listed = [(kind, value) for kind, value, _ in tokens(text)]
    for i, (kind, value) in enumerate(listed):
        if kind != "word":
            continue
        rest = listed[i + 1 : i + 3]
        if value.upper() == "PREFIX" and len(rest) == 2:
            prefixes[rest[0][1].removesuffix(":")] = rest[1][1][1:-1]
        if value.upper() == "FROM" and rest:
            named = rest[0][0] == "word" and rest[0][1].upper() == "NAMED"
            graph_kind, graph = rest[-1] if named else rest[0]
            found.append(_graph_iri(graph_kind, graph, prefixes))
    return found


def _graph_iri(kind: str, value: str, prefixes: Mapping[str, str]) -> str:
    """Return the IRI that a FROM clause names."""
    if kind == "iri":
        return value[1:-1]
    prefix, _, local = value.partition(":")
    return prefixes.get(prefix, prefix + ":") + local


def insert_after_where(text: str, block: str) -> str:
    """Return the text with `block` right after the brace that opens its outermost WHERE."""
    previous = ""
    for kind, value, offset in tokens(text):
        if value == "{" and kind == "mark" and previous == "WHERE":
            return f"{text[: offset + 1]}\n  {block}{text[offset + 1 :]}"
        previous = value.upper() if kind == "word" else ""
    raise QueryError("the query has no “WHERE {”: write the keyword out")
