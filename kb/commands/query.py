"""Ask a query: a .rq file, a competency question (cq14), a query of the pages, or - for stdin.

Values are given as name=value and bound by the engine, never pasted into the text. IRIs may be
written short, as principle:privacy. A question asked without values uses its example values.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from kb.embedded import EmbeddedEngine
from kb.engine import FORMATS, Answer, Dataset, Format, Kind
from kb.errors import NotFound, QueryError
from kb.layout import Layout
from kb.namespaces import shorten
from kb.query import Query, find_query, read_query
from kb.store import load_store
from kb.turtle import read_bytes

_SHORT = {"json": "srj", "xml": "srx", "rdfxml": "rdf"}
_LONG = {suffix: name for name, suffix in _SHORT.items()}
_NAMES = ("table", "csv", "tsv", "json", "xml", "ttl", "nt", "rdfxml", "jsonld")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("query", metavar="FILE|-|QUESTION", help="for example cq01 or my-query.rq")
    parser.add_argument("values", nargs="*", metavar="name=value", help="values of parameters")
    parser.add_argument("--format", "-f", choices=_NAMES, default="table", help="(default table)")


def run(options: argparse.Namespace, layout: Layout) -> int:
    """Print the answer."""
    text = _text(options.query, _values(options.values))
    engine = EmbeddedEngine(load_store(layout))
    wanted = _SHORT.get(options.format, options.format)
    answer = engine.answer(text, Dataset(), lambda kind: _choose(kind, wanted))
    if options.format == "table":
        print(_table(answer))
    else:
        sys.stdout.buffer.write(answer.body())
    return 0


def _values(pairs: Sequence[str]) -> dict[str, str]:
    """Return name=value arguments as a mapping; QueryError for anything else."""
    if wrong := [pair for pair in pairs if "=" not in pair]:
        raise QueryError(f"“{wrong[0]}” is no value — write name=value")
    return dict(pair.split("=", 1) for pair in pairs)


def _text(name: str, values: dict[str, str]) -> str:
    """Return the query text with its values in place; a text without header takes no values."""
    if name == "-":
        text = _standard_input()
    elif name.endswith(".rq") and Path(name).is_file():
        text = read_bytes(Path(name)).decode()
        if text.startswith("#+"):
            return _bound(read_query(Path(name)), values)
    elif name.endswith(".rq"):
        raise NotFound(f"there is no file {name}")
    else:
        return _bound(find_query(name), values)
    if not text.strip():
        raise QueryError("the query is empty — write a SELECT, ASK, CONSTRUCT or DESCRIBE query")
    if values:
        raise QueryError("this query declares no parameters — add a #+ params: header")
    return text


def _standard_input() -> str:
    """Return what standard input holds; QueryError when that is not UTF-8."""
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise QueryError("standard input is not UTF-8 — save the query in that encoding") from error


def _bound(query: Query, values: dict[str, str]) -> str:
    """Return a query file with the values given, or its examples when none is given."""
    return query.with_values(query.bind(values or query.examples()))


def _choose(kind: Kind, wanted: str) -> Format:
    """Return the format wanted; for a table, the first format of that kind of answer."""
    formats = FORMATS[kind]
    if wanted == "table":
        return formats[0]
    for form in formats:
        if form.suffix == wanted:
            return form
    names = ", ".join(_LONG.get(form.suffix, form.suffix) for form in formats)
    shown = _LONG.get(wanted, wanted)
    raise QueryError(f"a {kind} answer has no format {shown} — choose among {names}")


def _table(answer: Answer) -> str:
    """Return an answer as aligned text."""
    if answer.kind == "graph":
        return answer.body().decode()
    results = ox.parse_query_results(input=answer.body(), format=answer.format.results)
    if isinstance(results, ox.QueryBoolean):
        return str(bool(results)).lower()
    head = [f"?{variable.value}" for variable in results.variables]
    rows = [[_cell(value) for value in solution] for solution in results]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = (
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in [head, *rows]
    )
    return "\n".join([*(line.rstrip() for line in lines), f"{len(rows)} row(s)"])


def _cell(value: object) -> str:
    """Return a term as a reader wants it: short IRIs, bare texts on one line."""
    if isinstance(value, ox.NamedNode):
        return shorten(value.value)
    if isinstance(value, ox.Literal):
        text = " ".join(value.value.split())
        # A terminal would obey what else a text may hold, such as escape sequences.
        return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return "" if value is None else str(value)
