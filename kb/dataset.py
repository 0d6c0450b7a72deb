"""What a base is, in figures: version, digest, counts. Nothing here depends on the clock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox

from kb.embedded import EmbeddedEngine
from kb.engine import Engine, Row
from kb.query import find_query


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """Version and digest of a base, and how many triples and records it holds.

    `digest` is the SHA-256 of its sorted N-Quads for a store in this process; for a remote engine
    it stands for version, date and counts only. `graphs`: triples by named graph; `classes`:
    records by class, super-classes included.
    """

    version: str
    digest: str
    triples: int
    graphs: Mapping[str, int]
    classes: Mapping[str, int]


def describe(engine: Engine) -> DatasetInfo:
    """Return the figures of the base behind an engine."""
    about = engine.select(find_query("dataset/version"))
    counted = _count(engine, digest="")
    if isinstance(engine, EmbeddedEngine):
        lines = sorted(nquads_line(quad) for quad in engine.store)
    else:
        lines = [f"{row}\n" for row in (about, sorted(counted.graphs.items()))]
    return replace(counted, digest=_digest(lines))


def describe_dump(engine: Engine, dump: Path) -> DatasetInfo:
    """Return the figures of the base behind an engine that holds the quads of an N-Quads file.

    The digest is that of the file: for one that `charterkb build` wrote, the same as of the base.
    """
    with dump.open("rb") as stream:
        return _count(engine, digest=hashlib.file_digest(stream, "sha256").hexdigest())


def _count(engine: Engine, *, digest: str) -> DatasetInfo:
    """Return version and counts of the base behind an engine, with the digest given."""
    about = engine.select(find_query("dataset/version"))
    graphs = _counts(engine.select(find_query("dataset/graphs")), "graph", "triples")
    classes = _counts(engine.select(find_query("dataset/classes")), "class", "records")
    version = about[0]["version"].value if about else "0"
    return DatasetInfo(version, digest, sum(graphs.values()), graphs, classes)


def nquads_line(quad: ox.Quad) -> str:
    """Return a quad as one line of N-Quads."""
    graph = "" if isinstance(quad.graph_name, ox.DefaultGraph) else f" {quad.graph_name}"
    return f"{quad.subject} {quad.predicate} {quad.object}{graph} .\n"


def _counts(rows: Iterable[Row], key: str, count: str) -> dict[str, int]:
    """Return two columns of a result as IRI → number."""
    return {row[key].value: int(row[count].value) for row in rows}


def _digest(lines: Iterable[str]) -> str:
    """Return the SHA-256 of some lines, in hexadecimal."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode())
    return digest.hexdigest()
