"""Canonical form: Turtle as the formatter writes it, alignment tables sorted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kb.alignments import REQUIRED
from kb.errors import SourceError
from kb.turtle_writer import write_turtle
from kb.validation.base import Base, graph_of
from kb.validation.result import Result, Texts, rule

_HEADER = ("mapping_set_id", "license")
_KEY = ("subject_id", "predicate_id", "object_id")


def find_untidy_files(base: Base) -> Iterator[Result]:
    """Yield a result for each file that is readable but not in canonical form."""
    tables = set(base.layout.alignment_files())
    for path, quads in [*base.quads.items(), *base.shapes.quads.items()]:
        if not base.wants(path):
            continue
        if path in tables:
            yield from _untidy_table(base, path)
        elif path.suffix == ".ttl":
            yield from _untidy_turtle(base, path, quads)


def _untidy_turtle(base: Base, path: Path, quads: list[ox.Quad]) -> Iterator[Result]:
    """Yield a result when a Turtle file differs from what the formatter would write."""
    node = graph_of(base.layout, path)
    try:
        wanted = write_turtle(quads, path)
    except SourceError as error:
        texts = Texts(
            {"en": error.message, "fr": f"pas de forme canonique possible ({error.message})"},
            {"en": error.fix, "fr": f"corriger le fichier ({error.fix})"},
        )
        yield Result(rule("CanonicalForm"), node, file=path, texts=texts)
        return
    content = path.read_bytes()
    if wanted.encode() != content:
        line = _first_difference(wanted, content.decode("utf-8"))
        yield Result(rule("CanonicalForm"), node, file=path, line=line)


def _first_difference(wanted: str, found: str) -> int:
    """Return the first line at which two texts differ."""
    lines = found.split("\n")
    for number, (left, right) in enumerate(zip(wanted.split("\n"), lines, strict=False), start=1):
        if left != right:
            return number
    return len(lines)


def _untidy_table(base: Base, path: Path) -> Iterator[Result]:
    """Yield a result when an alignment table lacks its header or its rows are out of order."""
    node = graph_of(base.layout, path)
    text = path.read_bytes().decode("utf-8")
    lines = text.split("\n")
    header = [line for line in lines if line.startswith("#")]
    missing = [key for key in _HEADER if not any(f"{key}:" in line for line in header)]
    if missing:
        values = {"missing": ", ".join(missing)}
        yield Result(rule("AlignmentHeader"), node, file=path, line=1, values=values)
    columns = lines[len(header)].split("\t")
    assert set(REQUIRED) <= set(columns), "a table without these columns is not read at all"
    places = [columns.index(name) for name in _KEY]
    rows = [line.split("\t") for line in lines[len(header) + 1 : -1]]
    keys = [tuple(row[place] for place in places if place < len(row)) for row in rows]
    wrong = next((i for i in range(1, len(keys)) if keys[i - 1] >= keys[i]), None)
    if wrong is not None or "\r" in text or lines[-1] or not all(keys):
        line = len(header) + 2 + (wrong or 0)
        yield Result(rule("AlignmentOrder"), node, file=path, line=line)
