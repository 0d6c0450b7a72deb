"""Passages held against the text they are taken from: context, signs, length.

That the words and the offsets are right is the business of the shapes; what needs string work that
SPARQL lacks is done here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kb.namespaces import DRC, PREFIXES
from kb.validation.base import Base
from kb.validation.result import Result, rule

_OA, _DCTERMS = PREFIXES["oa"], PREFIXES["dcterms"]
_GROUNDS = (_DCTERMS + "rights", _DCTERMS + "license")
_MOST = 0.10
"""Share of a third party's text that may be quoted without saying on what ground."""
_ALIKE = str.maketrans(
    {
        "'": "’",
        "‘": "’",
        "ʼ": "’",
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "–": "-",
        "‑": "-",
    }
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage as recorded: its document, its quote with context, its span."""

    node: ox.NamedNode
    document: str
    exact: str
    prefix: str
    suffix: str
    start: int
    end: int


def find_doubtful_quotations(base: Base) -> Iterator[Result]:
    """Yield a result for each quote not found once in context, typed anew, or too long in sum."""
    texts = _texts(base)
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for passage in _passages(base):
        text = texts.get(passage.document)
        if text is None:
            continue
        yield from _doubts(passage, text)
        spans[passage.document].append((passage.start, passage.end))
    for document, ranges in sorted(spans.items()):
        share = _covered(ranges) / max(len(texts[document]), 1)
        node = ox.NamedNode(document)
        if share > _MOST and not any(_has(base, node, ground) for ground in _GROUNDS):
            values = {"share": f"{share * 100:.0f}"}
            yield Result(rule("QuotationsAreShort"), node, values=values)


def _doubts(passage: Passage, text: str) -> Iterator[Result]:
    """Yield what is doubtful about one passage."""
    if passage.exact in text:
        count = _occurrences(text, passage.prefix + passage.exact + passage.suffix)
        if count != 1:
            values = {"count": str(count)}
            yield Result(rule("QuoteContextOccursOnce"), passage.node, values=values)
        return
    folded = passage.exact.translate(_ALIKE)
    # Folding keeps the number of signs, so that a place in the one is a place in the other.
    place = text.translate(_ALIKE).find(folded)
    if place >= 0:
        values = {"original": text[place : place + len(folded)]}
        yield Result(rule("QuoteMatchesAfterFolding"), passage.node, values=values)


def _occurrences(text: str, words: str) -> int:
    """Return how often some words occur, overlapping ones included."""
    return len(re.findall(f"(?={re.escape(words)})", text))


def _covered(ranges: list[tuple[int, int]]) -> int:
    """Return how many characters some spans cover together, each counted once."""
    total, reached = 0, 0
    for start, end in sorted(ranges):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total


def _texts(base: Base) -> dict[str, str]:
    """Return the text held for each document."""
    quads = base.store.quads_for_pattern(None, ox.NamedNode(DRC + "plainText"), None, None)
    return {str(q.subject)[1:-1]: q.object.value for q in quads if isinstance(q.object, ox.Literal)}


def _passages(base: Base) -> list[Passage]:
    """Return the passages that are whole enough to be held against a text, sorted."""
    found = []
    quads = base.store.quads_for_pattern(None, ox.NamedNode(DRC + "fromDocument"), None, None)
    for quad in quads:
        node, document = quad.subject, quad.object
        if not isinstance(node, ox.NamedNode) or not isinstance(document, ox.NamedNode):
            continue
        said: dict[str, str] = {}
        for link in base.store.quads_for_pattern(node, ox.NamedNode(_OA + "hasSelector"), None):
            if isinstance(link.object, ox.NamedNode | ox.BlankNode):
                for fact in base.store.quads_for_pattern(link.object, None, None):
                    if isinstance(fact.object, ox.Literal):
                        said[fact.predicate.value.removeprefix(_OA)] = fact.object.value
        if "exact" in said and all(said.get(key, "").isdecimal() for key in ("start", "end")):
            found.append(_passage(node, document.value, said))
    return sorted(found, key=lambda p: p.node.value)


def _passage(node: ox.NamedNode, document: str, said: dict[str, str]) -> Passage:
    """Return a passage from what its selectors say."""
    return Passage(
        node=node,
        document=document,
        exact=said["exact"],
        prefix=said.get("prefix", ""),
        suffix=said.get("suffix", ""),
        start=int(said["start"]),
        end=int(said["end"]),
    )


def _has(base: Base, node: ox.NamedNode, predicate: str) -> bool:
    """Tell whether a node has any value under a predicate."""
    found = base.store.quads_for_pattern(node, ox.NamedNode(predicate), None, None)
    return next(found, None) is not None
