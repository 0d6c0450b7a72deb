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
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from operator import itemgetter

from kb.engine import Dataset
from kb.namespaces import BASE
from kb.sparql_text import decode_escapes, graphs_named, may_name_graphs, tokens
from server.refusal import Refusal
from server.sparql_request import check_version

MAX_DEPTH = 64
"""Brackets nested deeper than this stall or kill the engine's parser long before its own limit."""

MAX_KEYWORDS = 200
"""The search for SERVICE clauses takes time in proportion to how often the word occurs."""

UPDATES = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
)
_BEGINS_AS_QUERY = re.compile(
    r"(?:\s++|\#[^\n\r]*+|(?:PREFIX\s++[A-Za-z0-9.-]*+:|BASE)\s*+<[^<>]*+>)*+"
    r"(?:SELECT|ASK|CONSTRUCT|DESCRIBE)\b",
    re.IGNORECASE,
)
"""How nearly every query begins; what begins otherwise is looked at more closely. Possessive, so
that a long prologue is gone through once and a keyword in a comment is none."""
_PROLOGUE = frozenset(("BASE", "PREFIX", "VERSION"))

GRAPHS_LISTED = "/sparql?query=SELECT%20DISTINCT%20%3Fg%20WHERE%20%7BGRAPH%20%3Fg%20%7B%7D%7D"
"""Where the graphs that may be named are listed."""

_LETTER = r"[A-Za-z0-9_\x80-\U0010FFFF]"
_GAP = r"(?:\s|\#[^\n\r]*(?:[\n\r]|\Z))*"
_SERVICE = re.compile(
    rf"SERVICE(?={_GAP}(?:SILENT{_GAP})?"
    rf"(?:<[^>]*>|[?$]{_LETTER}+|(?:{_LETTER}|[.-])*:(?:{_LETTER}|[:.%-]|\\.)*){_GAP}\{{)",
    re.IGNORECASE | re.DOTALL,
)
"""The head of a SERVICE clause (SPARQL 1.1 Query §19.8 rule 59), blanks and comments in between.

Only the word itself is matched, so that no quoted one swallows the call that follows it."""

_KEYWORD = re.compile("SERVICE", re.IGNORECASE)
_BEFORE_GRAPH = frozenset(("GRAPH", "FROM", "NAMED"))
_HIERARCHICAL = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")
_NAMES = frozenset(("name", "variable", "language"))
_Token = tuple[str, str, int]


def check_query(
    text: str, dataset: Dataset, graphs: Collection[str], *, max_depth: int = MAX_DEPTH
) -> str:
    """Return the text that the engine may be given, which means the same as the text sent.

    Raise Refusal for one that updates, calls out, or reads a graph not among `graphs`.
    """
    if _is_plain(text, max_depth):
        if not _BEGINS_AS_QUERY.match(text):
            _refuse_update(tokens(text))
        _refuse_graphs([*dataset.default, *dataset.named], graphs)
        return text
    readings = dict.fromkeys((text, decode_escapes(text)))
    for reading in readings:
        found = list(tokens(reading))
        _refuse_update(found)
        _check_versions(found)
        _refuse_depth(found, max_depth)
        _refuse_service(reading, found, certain=len(readings) == 1 and not _is_doubtful(found))
        _refuse_graphs([*graphs_named(reading, BASE), *dataset.default, *dataset.named], graphs)
    return _disarmed(_once_each(text))


def _is_plain(text: str, max_depth: int) -> bool:
    """Tell, quickly, whether a text holds nothing that needs a closer look; most do not."""
    capitals = text.upper()
    brackets = text.count("{") + text.count("(") + text.count("[")
    is_flat = brackets <= max_depth and not may_name_graphs(text)
    return is_flat and not any(word in capitals for word in ("\\", "SERVICE", "VERSION"))


def _refuse_service(text: str, found: Sequence[_Token], *, certain: bool) -> None:
    """Raise Refusal for a SERVICE clause; in an uncertain text, for whatever looks like one."""
    if len(_KEYWORD.findall(text)) > MAX_KEYWORDS:
        raise Refusal("service-refused")
    for match in _SERVICE.finditer(text):
        if not (certain and _excused(found, match.start())):
            raise Refusal("service-refused")


def _disarmed(text: str) -> str:
    """Return a text in which a call quoted in a comment, string or IRI is written with an escape.

    There it reads the same; were the engine to take the place for anything else, it calls nobody.
    """
    found = list(tokens(text))

    def escaped(match: re.Match[str]) -> str:
        kind, _ = _token_at(found, match.start())
        word = match.group()
        return word if kind in _NAMES else f"{word[0]}\\u{ord(word[1]):04x}{word[2:]}"

    return _SERVICE.sub(escaped, text)


def _refuse_update(found: Iterable[_Token]) -> None:
    """Raise Refusal when the first keyword after the prologue starts an update."""
    for kind, value, _ in found:
        if kind == "word" and value.upper() not in _PROLOGUE:
            if value.upper() in UPDATES:
                raise Refusal("update-refused", keyword=value.upper())
            return


def _check_versions(found: Sequence[_Token]) -> None:
    """Raise Refusal when the prologue announces a version of SPARQL that is not known here.

    Known ones may stand beside each other: each takes in those before (SPARQL 1.2 Query, “Version
    Labels”).
    """
    for (kind, value, _), (following, text, _) in pairwise(found):
        if kind == "word" and value.upper() not in _PROLOGUE:
            return
        if value.upper() == "VERSION" and following == "string":
            check_version(text.strip("\"'"))


def _once_each(text: str) -> str:
    """Return a text in which each graph is named once by FROM and once by FROM NAMED.

    A dataset is made of sets (SPARQL 1.1 Query §13.2), but engines count the triples of a graph
    that is named twice as two. What is repeated is blanked out, so that all else keeps its place.
    """
    found = list(tokens(text))
    clauses: list[tuple[bool, int, int]] = []
    for position, (kind, value, start) in enumerate(found):
        if kind == "word" and value.upper() == "FROM":
            is_named = [v.upper() for _, v, _ in found[position + 1 : position + 2]] == ["NAMED"]
            last = position + 1 + is_named
            clauses += [(is_named, start, at + len(name)) for _, name, at in found[last : last + 1]]
    graphs = graphs_named(text, BASE)
    if len(graphs) != len(clauses) or _is_doubtful(found):
        return text
    seen = set()
    for graph, (is_named, start, end) in zip(graphs, clauses, strict=True):
        if (graph, is_named) in seen:
            text = text[:start] + re.sub(r"\S", " ", text[start:end]) + text[end:]
        seen.add((graph, is_named))
    return text


def _refuse_depth(found: Sequence[_Token], limit: int) -> None:
    """Raise Refusal when brackets are nested too deeply."""
    depth = 0
    for kind, value, _ in found:
        if kind == "mark":
            depth += (value in "({[") - (value in ")}]")
            if depth > limit:
                raise Refusal("too-deep", limit=limit)


def _refuse_graphs(asked: Sequence[str], graphs: Collection[str]) -> None:
    """Raise Refusal for a graph that is not ours: nothing is ever fetched."""
    for graph in asked:
        if graph not in graphs:
            raise Refusal("graph-refused", graph=graph, graphs=GRAPHS_LISTED)


def _is_doubtful(found: Sequence[_Token]) -> bool:
    """Tell whether `<` may be an operator where it was read as an IRI that hides comment or quote.

    `FILTER(?a<?b)SERVICE#>` and `FILTER(?a<'>')` hold no IRI. What starts like `<http://` cannot be
    read otherwise.
    """
    return any(
        kind == "iri" and ("#" in value or "'" in value) and not _HIERARCHICAL.match(value)
        for kind, value, _ in found
    )


def _excused(found: Sequence[_Token], offset: int) -> bool:
    """Tell whether the word at `offset` certainly is no keyword."""
    kind, before = _token_at(found, offset)
    if kind != "name":
        return kind in ("", "string", "iri", "variable", "language")
    if ":" in before:
        # A dot may end a name: `ex:.SERVICE` ends a triple and calls.
        return "." not in before
    # As a prefix it may be glued to a literal: `trueSERVICEex:x` and `1.e0SERVICEex:x` call.
    index = bisect_right(found, offset, key=itemgetter(2)) - 1
    return index > 0 and found[index - 1][1].upper() in _BEFORE_GRAPH


def _token_at(found: Sequence[_Token], offset: int) -> tuple[str, str]:
    """Return the kind of the token at `offset`, none in a comment, and what it holds before it."""
    index = bisect_right(found, offset, key=itemgetter(2)) - 1
    kind, value, start = found[index] if index >= 0 else ("", "", 0)
    return (kind, value[: offset - start]) if offset < start + len(value) else ("", "")
