"""What a stranger's query may not ask: told from its text, before any engine sees it.

Engines of the kind of pyoxigraph read SPARQL without a tokeniser: `SERVICEex:x{}`, `trueSERVICE<…>`
and `ex:.SERVICE<…>` are calls to them, and `<` is an operator wherever an IRI would not fit. So
SERVICE is looked for by the shape of its clause anywhere in the text, and only excused where it
certainly stands in a comment, a string, an IRI or a name. This is the first fence, not the only
one: the engine's process is to have no way out either.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from operator import itemgetter

from kb.engine import Dataset
from kb.sparql_text import graphs_named, tokens
from server.refusal import Refusal

MAX_DEPTH = 64
"""Brackets nested deeper than this stall or kill the engine's parser long before its own limit."""

MAX_KEYWORDS = 200
"""The search for SERVICE clauses takes time in proportion to how often the word occurs."""

UPDATES = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
)
_PROLOGUE = frozenset(("BASE", "PREFIX", "VERSION"))

GRAPHS_LISTED = "/sparql?query=SELECT%20DISTINCT%20%3Fg%20WHERE%20%7BGRAPH%20%3Fg%20%7B%7D%7D"
"""Where the graphs that may be named are listed."""

_GAP = r"(?:\s|\#[^\n\r]*(?:[\n\r]|\Z))*"
_SERVICE = re.compile(
    rf"SERVICE{_GAP}(?:SILENT{_GAP})?"
    rf"(?:<[^>]*>|[?$]\w+|[\w.-]*:(?:[\w:.%-]|\\.)*){_GAP}\{{",
    re.IGNORECASE | re.DOTALL,
)
"""A SERVICE clause (SPARQL 1.1 Query §19.8 rule 59), with any blanks and comments in between."""

_KEYWORD = re.compile("SERVICE", re.IGNORECASE)
_BEFORE_GRAPH = frozenset(("GRAPH", "FROM", "NAMED"))
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_HIERARCHICAL = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")
_Token = tuple[str, str, int]


def check_query(text: str, dataset: Dataset, graphs: Collection[str]) -> None:
    """Raise Refusal for a text that updates, calls out, or reads a graph not among `graphs`."""
    readings = dict.fromkeys((text, decode_escapes(text)))
    for reading in readings:
        found = list(tokens(reading))
        _refuse_update(found)
        _refuse_depth(found)
        _refuse_service(reading, found, certain=len(readings) == 1 and not _is_doubtful(found))
        _refuse_graphs([*graphs_named(reading), *dataset.default, *dataset.named], graphs)


def decode_escapes(text: str) -> str:
    """Return a text with its codepoint escapes decoded (SPARQL 1.1 Query §19.2)."""

    def decoded(match: re.Match[str]) -> str:
        code = int(match.group(1) or match.group(2), 16)
        # Surrogates and numbers beyond Unicode are no characters: left as written.
        return match.group() if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)

    return _ESCAPE.sub(decoded, text)


def _refuse_service(text: str, found: Sequence[_Token], *, certain: bool) -> None:
    """Raise Refusal for a SERVICE clause; in an uncertain text, for whatever looks like one."""
    if len(_KEYWORD.findall(text)) > MAX_KEYWORDS:
        raise Refusal("service-refused")
    for match in _SERVICE.finditer(text):
        if not (certain and _excused(found, match.start())):
            raise Refusal("service-refused")


def _refuse_update(found: Sequence[_Token]) -> None:
    """Raise Refusal when the first keyword after the prologue starts an update."""
    for kind, value, _ in found:
        if kind == "word" and value.upper() not in _PROLOGUE:
            if value.upper() in UPDATES:
                raise Refusal("update-refused", keyword=value.upper())
            return


def _refuse_depth(found: Sequence[_Token]) -> None:
    """Raise Refusal when brackets are nested too deeply."""
    depth = 0
    for kind, value, _ in found:
        if kind == "mark":
            depth += (value in "({[") - (value in ")}]")
            if depth > MAX_DEPTH:
                raise Refusal("too-deep", limit=MAX_DEPTH)


def _refuse_graphs(asked: Sequence[str], graphs: Collection[str]) -> None:
    """Raise Refusal for a graph that is not ours: nothing is ever fetched."""
    for graph in asked:
        if graph not in graphs:
            raise Refusal("graph-refused", graph=graph, graphs=GRAPHS_LISTED)


def _is_doubtful(found: Sequence[_Token]) -> bool:
    """Tell whether `<` may be an operator where it was read as an IRI that hides a comment.

    `FILTER(?a<?b)SERVICE#>` holds no IRI. What starts like `<http://` cannot be read otherwise.
    """
    return any(
        kind == "iri" and "#" in value and not _HIERARCHICAL.match(value)
        for kind, value, _ in found
    )


def _excused(found: Sequence[_Token], offset: int) -> bool:
    """Tell whether the word at `offset` certainly is no keyword."""
    index = bisect_right(found, offset, key=itemgetter(2)) - 1
    kind, value, start = found[index] if index >= 0 else ("", "", 0)
    if offset >= start + len(value):
        # In no token at all: in a comment.
        return True
    if kind == "name" and offset == start:
        return index > 0 and found[index - 1][1].upper() in _BEFORE_GRAPH
    if kind == "name":
        # A local name may not begin with a dot: `ex:.SERVICE` ends a triple and calls.
        return value[offset - start - 1] != "."
    return kind in ("string", "iri", "variable", "language")
