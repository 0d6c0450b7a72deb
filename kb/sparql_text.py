"""What can be told of a SPARQL text without parsing it: its tokens, its form, its bare words.

Strings, IRIs and comments are passed over, so that a word inside them is never taken for a keyword
(SPARQL 1.1 Query §19). Syntax proper is the engine's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal
from urllib.parse import urljoin

from kb.errors import QueryError

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
FORMS: tuple[Form, ...] = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n\r]*)
  | (?P<string>\"{3}(?:[^"\\]|\\.|\"(?!\"\"))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
      | \"(?:[^"\\\n\r]|\\.)*\" | '(?:[^'\\\n\r]|\\.)*')
  | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)
  | (?P<variable>[?$][\w\x80-\U0010FFFF]+)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<name>(?:[A-Za-z\x80-\U0010FFFF][\w.\x80-\U0010FFFF-]*)?
      :(?:[\w:.\x80-\U0010FFFF-]|%[0-9A-Fa-f]{2}|\\.)* | _:[\w.\x80-\U0010FFFF-]+)
  | (?P<word>[A-Za-z\x80-\U0010FFFF][\w\x80-\U0010FFFF]*)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<space>\s+)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
"""Beyond ASCII, all characters count as letters: outside quotes, IRIs and comments, the grammar
has a place for them in names only, and which of them it takes there is for the engine to say."""

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_LOCAL_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_MAYBE_FROM = re.compile(r"FROM(?!(?:\s|\#[^\n\r]*(?:[\n\r]|\Z))*+[?$).;,}\"'])", re.IGNORECASE)
"""No clause goes on with these marks: an IRI, a prefixed name or NAMED follows, however written."""

_GLUED = re.compile(r"(?:\w*FROM(?:NAMED)?|(?P<named>NAMED)|(?P<prefix>PREFIX))(.*)", re.I | re.S)
"""Keywords at the head of a name: engines without a tokeniser read `FROMex:g` as `FROM ex:g`."""


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


def decode_escapes(text: str) -> str:
    """Return a text with its codepoint escapes decoded (SPARQL 1.1 Query §19.2)."""

    def decoded(match: re.Match[str]) -> str:
        code = int(match.group(1) or match.group(2), 16)
        # Surrogates and numbers beyond Unicode are no characters: left as written.
        return match.group() if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)

    return _ESCAPE.sub(decoded, text)


def may_name_graphs(text: str) -> bool:
    """Tell, quickly, whether a text may hold a FROM clause: `x:validFrom ?day` does not."""
    return _MAYBE_FROM.search(text) is not None


def graphs_named(text: str, base: str = "") -> list[str]:
    """Return the IRIs of the FROM and FROM NAMED clauses, expanded and resolved against `base`.

    Keywords count as engines read them, also where no blank parts them from what follows.
    """
    if not may_name_graphs(text):
        return []
    found = []
    prefixes: dict[str, str] = {}
    after = ""
    for kind, value, _ in tokens(text):
        if kind == "word":
            after = _awaits(value.upper(), after)
            continue
        if kind == "name":
            after, value = _unglued(value, after, prefixes)
        if kind == "iri" and after == "BASE":
            base = _resolved(value, base)
        elif kind == "iri" and after.endswith(":"):
            prefixes[after] = _resolved(value, base)
        elif after == "FROM":
            found.append(_resolved(value, base) if kind == "iri" else _expanded(value, prefixes))
        elif kind == "name" and after == "PREFIX":
            after = value
            continue
        after = ""
    return found


def _awaits(word: str, after: str) -> str:
    """Return the keyword whose IRI is awaited once `word` follows the keyword `after`."""
    if word.endswith(("FROM", "FROMNAMED")) or (word == "NAMED" and after == "FROM"):
        return "FROM"
    return word if word in ("BASE", "PREFIX") else ""


def _unglued(name: str, after: str, prefixes: Mapping[str, str]) -> tuple[str, str]:
    """Return the keyword that awaits a name and the name itself, parted if they were glued."""
    glued = _GLUED.match(name)
    if glued is None or after == "PREFIX" or name.partition(":")[0] + ":" in prefixes:
        return after, name
    if glued["named"] and after != "FROM":
        return after, name
    return ("PREFIX" if glued["prefix"] else "FROM"), glued[3]


def _resolved(iri: str, base: str) -> str:
    """Return the IRI that `<…>` stands for (RFC 3986 §5.2)."""
    plain = decode_escapes(iri[1:-1])
    return plain if _ABSOLUTE.match(plain) else urljoin(base, plain)


def _expanded(name: str, prefixes: Mapping[str, str]) -> str:
    """Return the IRI that a prefixed name stands for."""
    prefix, _, local = name.partition(":")
    return prefixes.get(prefix + ":", prefix + ":") + _LOCAL_ESCAPE.sub(r"\1", local)


def insert_after_where(text: str, block: str) -> str:
    """Return the text with `block` right after the brace that opens its outermost WHERE."""
    previous = ""
    for kind, value, offset in tokens(text):
        if value == "{" and kind == "mark" and previous == "WHERE":
            return f"{text[: offset + 1]}\n  {block}{text[offset + 1 :]}"
        previous = value.upper() if kind == "word" else ""
    raise QueryError("the query has no “WHERE {”: write the keyword out")
