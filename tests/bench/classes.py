"""The query classes, each with the values that vary the load."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from kb.query import Query, read_query
from kb.sparql_text import tokens
from tests.bench.generate import Dump
from tests.bench.shape import (
    STATES,
    STATUSES,
    THEMES,
    TYPES,
    instrument_iri,
    iri,
    principle_of_rank,
    words,
)

FOLDER = Path(__file__).parent
VARIANTS = 24
"""How many different texts each class sends, at most."""

_CODES = {"type": TYPES, "status": STATUSES}


@dataclass(frozen=True, slots=True)
class Load:
    """A query class: its name, what it asks, and its texts over one dump."""

    name: str
    summary: str
    texts: tuple[str, ...]


def loads(dump: Dump, folder: str = "queries", variants: int = VARIANTS) -> list[Load]:
    """Return the query classes of a folder, bound to so many values of a dump."""
    paths = sorted((FOLDER / folder).glob("*.rq"))
    return [_load(read_query(path), dump, variants) for path in paths]


def bound(query: Query, values: Mapping[str, str]) -> str:
    """Return the text with its parameters replaced by terms, so that every engine plans for them.

    Whole tokens are replaced, by terms that the parameter's kind has checked.
    """
    terms = {f"?{name}": term for name, term in query.bind(values).items()}
    pieces, end, body = [], 0, query.body()
    for _, token, start in tokens(body):
        if token in terms:
            pieces += [body[end:start], str(terms[token])]
            end = start + len(token)
    return "".join(pieces) + body[end:]


def _load(query: Query, dump: Dump, variants: int) -> Load:
    pools = query.header.get("pools") or {}
    assert isinstance(pools, dict)
    draws = random.Random(f"{dump.shape.seed} {query.name}")
    values = _values(query, pools, dump, draws)
    texts = dict.fromkeys(bound(query, one) for one in islice(values, variants))
    return Load(query.name, query.summary["en"], tuple(texts))


def _values(
    query: Query, pools: Mapping[str, str], dump: Dump, draws: random.Random
) -> Iterator[dict[str, str]]:
    while True:
        yield {
            one.name: draws.choice(_pool(one.name, pools[one.name], dump))
            for one in query.parameters
        }


def _pool(name: str, which: str, dump: Dump) -> list[str]:
    """Return the values that a parameter may take: `which` narrows them."""
    if name == "principle":
        count = dump.shape.principles
        ranks = range(2, 30) if which == "common" else range(count // 3, count * 2 // 3)
        return [principle_of_rank(dump.shape, rank)[1:-1] for rank in ranks]
    if name == "instrument":
        numbers = range(max(dump.instruments // 30, 3) if which == "early" else dump.instruments)
        return [instrument_iri(number)[1:-1] for number in numbers]
    if name == "word":
        return [english for english, _ in words()]
    if name == "mark":
        return [str(number) for number in range(1, VARIANTS * 100)]
    if name in ("type", "status"):
        return [iri(f"instrument-{name}", code)[1:-1] for code in _CODES[name]]
    counts = {"state": STATES, "theme": THEMES, "organisation": dump.shape.actors}
    return [iri(name, str(number))[1:-1] for number in range(counts[name])]
